#!/usr/bin/python3
"""Several sessions with one peer, each from an address of ours."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

PEER, OURS = "127.0.0.2", ("127.0.0.3", "127.0.0.4", "127.0.0.5")


def section(local):
    return neighbor(PEER, 65002, local=local, hold=9, routes=["10.0.%s.0/24 next-hop self" % local[-1]])


def states(client):
    return [n["fsm"] for n in client.show("show neighbors")]


def wait_all(client, count):
    wait_until(lambda: states(client) == ["ESTABLISHED"] * count, 15)


def standing(peer):
    """{from where: connection}"""
    return {c.remote[0]: c for c in peer.connections if c.state == "established"}


def start(t, split=False):
    peer = t.peer(listen=PEER + ":179", asn=65002, record=True)
    ambo, config = t.ambo(), "".join(map(section, OURS))
    ambo = ambo.split(config, listen=()) if split else ambo.run(config)
    client = ambo.client()
    wait_all(client, len(OURS))
    return peer, ambo, client


def test_each_is_a_session_of_its_own(t):
    peer, ambo, client = start(t)
    equal(sorted(standing(peer)), sorted(OURS))
    peer.wait_prefixes(["10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24"], 5)
    # the address of the peer stands for all of them, what else ExaBGP has in their names for one
    equal(client.command("neighbor %s local-ip %s teardown 4" % (PEER, OURS[1])).status, "accepted")
    wait_until(lambda: [n[:2] for n in peer.notifications] == [(6, 4)], 5)
    wait_until(lambda: 'peer %s from %s","message":"Established -> Idle' % (PEER, OURS[1]) in ambo.process.log(), 5)
    wait_all(client, len(OURS))
    equal(client.command("neighbor %s teardown 4" % PEER).status, "accepted")
    wait_until(lambda: len(peer.notifications) == 1 + len(OURS), 5)
    wait_all(client, len(OURS))


def test_one_of_them_may_go_and_come(t):
    peer, ambo, client = start(t)
    before = standing(peer)
    ambo.reload(section(OURS[0]) + section(OURS[2]))
    wait_all(client, 2)
    wait_until(lambda: sorted(standing(peer)) == [OURS[0], OURS[2]], 5)
    ambo.reload("".join(map(section, OURS)))
    wait_all(client, 3)
    after = standing(peer)
    equal(sorted(after), sorted(OURS))
    check(after[OURS[0]] is before[OURS[0]] and after[OURS[2]] is before[OURS[2]], "those that stay are not touched")


def test_the_first_of_them_may_go_and_the_others_change_places(t):
    peer, ambo, client = start(t)
    numbers = standing(peer)
    equal(client.command("neighbor %s local-ip %s announce route 10.1.3.0/24 next-hop 10.0.0.9" % (PEER, OURS[0])).status, "accepted")
    equal(client.command("neighbor %s local-ip %s announce route 10.1.4.0/24 next-hop 10.0.0.9" % (PEER, OURS[1])).status, "accepted")
    peer.wait_prefixes(["10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24", "10.1.3.0/24", "10.1.4.0/24"], 5)
    ambo.reload("".join(map(section, (OURS[2], OURS[1], OURS[0]))))
    time.sleep(0.5)
    equal(standing(peer), numbers, "sessions")
    ambo.reload("".join(map(section, OURS[1:])))
    wait_until(lambda: sorted(standing(peer)) == list(OURS[1:]), 5)
    wait_all(client, 2)
    time.sleep(0.5)
    check(all(standing(peer)[ours] is numbers[ours] for ours in OURS[1:]), "those that stay are not touched")
    told = [row[PEER]["routes"][0]["prefix"] for row in client.show("show adj-rib out")]
    equal(sorted(told), ["10.0.4.0/24", "10.0.5.0/24", "10.1.4.0/24"])


def test_a_new_controller_finds_them_all_again(t):
    peer, ambo, client = start(t, split=True)
    before = standing(peer)
    ambo.controller.kill9()
    ambo.start_controller()
    client = ambo.client()
    wait_all(client, len(OURS))
    time.sleep(0.5)
    equal(standing(peer), before, "sessions")
    equal(peer.notifications, [])


def test_a_new_controller_may_have_another_for_the_first(t):
    peer, ambo, client = start(t, split=True)
    before = standing(peer)
    ambo.reload(ambo.speaker_sections() + "".join(map(section, OURS[1:])))
    wait_until(lambda: sorted(standing(peer)) == list(OURS[1:]), 5)
    for order in (OURS[1:], OURS[:0:-1]):
        ambo.reload(ambo.speaker_sections() + "".join(map(section, order)))
        time.sleep(0.5)
        ambo.controller.kill9()
        ambo.start_controller()
        client = ambo.client()
        wait_all(client, 2)
        time.sleep(0.5)
        check(all(standing(peer)[ours] is before[ours] for ours in order), "the sessions of those that stay")


if __name__ == "__main__":
    main()
