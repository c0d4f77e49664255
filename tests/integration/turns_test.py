#!/usr/bin/python3
# ctest: RUN_SERIAL ON
# ctest: COST 60
"""What one client asks for may be long; another is answered meanwhile, and what both said comes out in order."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

PEER, COUNT = "127.0.0.2", 200000
MOST = 300  # ms: as long as one of these was one turn, it was more on any machine


def config(med, words=""):
    return neighbor(PEER, 65002, routes=["%s next-hop 192.0.2.1 med %d%s" % (p, med, words) for p in
                                         bgp.prefixes(COUNT)] if med is not None else ())


def start(t, text):
    peer = t.peer(listen=PEER + ":179", asn=65002, record=False)
    ambo = t.ambo().run(text)
    client, other = ambo.client(timeout=60), ambo.client(timeout=60)
    wait_up(client, PEER)
    return ambo, client, other, peer


def answered_meanwhile(ambo, client, other, text, name):
    """→ the answer to text, and how many pings of other were answered until then"""
    pings, controller = Times("ping, %s" % name), ambo.half("ambo-controller")
    number = client.send("command", {"text": text})
    while not client.replies[number]:
        pings.time(other.ping, controller)
        client.receive(0)
    pings.report(MOST, part=1)
    return client.reply(number), len(pings.values)


def test_a_reload_stops_nobody(t):
    ambo, client, other, peer = start(t, config(None))
    for med in (1, 2):
        ambo.write_config(config(med))
        answer, _ = answered_meanwhile(ambo, client, other, "reload", "%d routes, med %d" % (COUNT, med))
        equal((answer.status, answer.text), ("accepted", "neighbors: 1 with other routes"))
        wait_until(lambda: len(peer.prefixes()) == COUNT, 60, "all routes are there")
    # one with a mistake at its end changes nothing
    ambo.write_config(config(3).replace("med 3;\n\t}", "med 3;\n\t\tmistake;\n\t}"))
    answer, _ = answered_meanwhile(ambo, client, other, "reload", "a mistake at the end")
    check(answer.status == "error" and "mistake" in answer.text, answer)
    ambo.write_config(config(None))
    equal(answered_meanwhile(ambo, client, other, "reload", "none")[0].status, "accepted")
    wait_until(lambda: not peer.prefixes(), 60, "no route is there")


def test_two_reloads_and_a_watchdog_come_out_in_order(t):
    ambo, client, other, peer = start(t, config(1, " watchdog dog"))
    wait_until(lambda: len(peer.prefixes()) == COUNT, 60, "all routes are there")
    ambo.write_config(config(2, " watchdog dog"))
    first = client.send("command", {"text": "reload"})
    behind = client.send("command", {"text": "withdraw watchdog dog"})
    time.sleep(0.1)  # what two clients send has no order else
    second = other.send("command", {"text": "reload"})
    last = other.send("command", {"text": "announce watchdog dog"})
    equal(client.reply(first, 60).status, "accepted")
    equal(client.reply(behind, 60).text, "watchdog dog: %d routes withdrawn" % COUNT)
    equal(other.reply(second, 60).status, "accepted")
    equal(other.reply(last, 60).text, "watchdog dog: %d routes announced" % COUNT)
    wait_until(lambda: len(peer.prefixes()) == COUNT, 60, "all routes are there again")


def test_who_speaks_beside_a_reload_has_the_last_word(t):
    ambo, client, other, peer = start(t, config(1))
    wait_until(lambda: len(peer.prefixes()) == COUNT, 60, "all routes are there")
    gone, changed = bgp.prefixes(COUNT)[-2:]
    for med in (2, 3):
        ambo.write_config(config(med))
        number, said = client.send("command", {"text": "reload"}), []
        while not client.replies[number]:
            text = "announce route %s next-hop self med %d" % (changed, 1000 + len(said))
            said += [other.send("command", {"text": text}), other.send("command", {"text": "withdraw route " + gone})]
            time.sleep(0.01)
            client.receive(0)
        equal(client.reply(number).status, "accepted")
        equal({other.reply(n, 60).status for n in said}, {"accepted"})
        wait_until(lambda: peer.route(bgp.prefixes(COUNT)[0])["med"] == med, 60, "the others are told")
        wait_until(lambda: peer.route(changed)["med"] == 1000 + len(said) - 2, 60, "the last announce holds")
        check(gone not in peer.prefixes())


def test_a_watchdog_stops_nobody(t):
    ambo, client, other, peer = start(t, config(1, " watchdog dog"))
    wait_until(lambda: len(peer.prefixes()) == COUNT, 60, "all routes are there")
    for verb, text, there in (("withdraw", "withdrawn", 0), ("announce", "announced", COUNT)):
        answer, pings = answered_meanwhile(ambo, client, other, verb + " watchdog dog", verb)
        check(pings > 5, pings)  # in one turn: one, or two
        equal(answer.text, "watchdog dog: %d routes %s" % (COUNT, text))
        wait_until(lambda: len(peer.prefixes()) == there, 60, "%d routes are there" % there)


if __name__ == "__main__":
    main()
