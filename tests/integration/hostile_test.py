#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""What one client leaves open, by tens of thousands, is not gone through for each of thousands of neighbors: what
they cost together is what they cost one by one. Measured is the time of the processor, so that others may use it too."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

GOOD, COUNT, HOLD = "127.0.0.2", 5000, 3600
ONE = neighbor(GOOD, hold=HOLD)
SILENT = "".join(neighbor("127.1.%d.%d" % (n >> 8, n & 255), 65100) for n in range(1, COUNT + 1))


def start(t, **how):
    t.drop("-p", "tcp", "-d", "127.1.0.0/16", "--dport", "179")
    peer = t.peer(listen=GOOD + ":179", asn=65002, hold_time=HOLD, record=False, **how)
    ambo = t.ambo().run(ONE + SILENT)
    client = ambo.client(timeout=60)
    wait_up(client, GOOD)
    return ambo, client, peer


def busy(ambo, what, do):
    """seconds of a processor that the controller needs for it"""
    pid = ambo.half("ambo-controller")
    before = cpu_ticks(pid)
    do()
    used = (cpu_ticks(pid) - before) / TICKS
    print("    %s: %.2f s of a processor" % (what, used))
    return used


def no_more(used, alone, times=1):
    """It costs so many times what it costs alone, by the same processor a moment ago; gone through, it were hundreds of times."""
    check(used < 2.5 * times * alone + 0.25, "it took %.2f, %d alone take %.2f" % (used, times, times * alone))


def reload(ambo, client, config):
    ambo.write_config(config)
    check(client.command("reload").ok)
    check(client.command("version").ok)


def go(ambo, client, what):
    return busy(ambo, "%d neighbors go, %s" % (COUNT, what), lambda: reload(ambo, client, ONE))


def go_and_come(ambo, client):
    """what it costs that they go when nothing waits; they are there again"""
    used = go(ambo, client, "nothing waits")
    reload(ambo, client, ONE + SILENT)
    return used


def prefix(n):
    return "10.%d.%d.%d/32" % (n >> 16, n >> 8 & 255, n & 255)


def test_receipts_of_others_when_neighbors_go(t):
    ambo, client, peer = start(t, rcvbuf=4096)
    peer.mode = "stop-reading"
    alone = go_and_come(ambo, client)
    asker, count = ambo.client(timeout=60), 100000 # half of them the kernel takes
    for n in range(count):
        asker.send("command", {"wait": "sent", "text": "neighbor %s announce route %s next-hop 10.0.0.1 med %d" % (
            GOOD, prefix(n), n)})
        if n % 256 == 255:
            asker.receive()
    wait_until(lambda: asker.receive() + any(row["requests"] >= count for row in client.show("show clients")) == 1, 60,
               "they wait", 0.2)
    no_more(go(ambo, client, "%d receipts wait" % count), alone)
    equal([n["neighbor"] for n in client.show("show neighbors")], [GOOD])
    # and then the one that they wait for: as many as are waited for say so
    busy(ambo, "it goes", lambda: reload(ambo, client, neighbor("127.1.0.1", 65100)))
    gone = "not sent: %s (removed)" % GOOD
    wait_until(lambda: asker.receive() < 0 or sum(r[-1].text == gone for r in asker.replies.values() if r) > 5000, 60,
               "they are answered", 0.2)


def test_receipts_about_all(t):
    ambo, client, peer = start(t)
    peer.mode = "stop-reading"
    numbers, answers = [], []

    def ask(count):
        asked = [client.send("command", {"wait": "sent", "text": "announce route %s next-hop 10.0.0.1" % prefix(
            len(numbers) + n)}) for n in range(count)]
        numbers.extend(asked)
        answers.extend(client.reply(n, 60) for n in asked)
    alone = busy(ambo, "5 receipts about %d" % COUNT, lambda: ask(5))
    no_more(busy(ambo, "50 receipts more", lambda: ask(50)), alone, 10)
    equal({a.status for a in answers}, {"accepted"})
    peer.mode = "normal"
    equal({client.whole(n, wait="sent", timeout=60).status for n in numbers if not answers[0].final}, {"pending"})


def test_watched_routes_when_neighbors_go(t):
    ambo, client, peer = start(t)
    said = ["neighbor %s announce route %s next-hop 10.0.0.1 watchdog dog" % (GOOD, prefix(n)) for n in range(20000)]
    others = ["withdraw route 11.0.0.%d/32 next-hop 10.0.0.1" % n for n in range(200)]
    gone = go_and_come(ambo, client)
    withdrawn = busy(ambo, "%d routes withdrawn" % len(others), lambda: client.commands(others))
    thousand = busy(ambo, "2000 routes under a watchdog", lambda: check(all(a.ok for a in client.commands(said[:2000]))))
    no_more(busy(ambo, "%d more" % (len(said) - 2000), lambda: check(all(
        a.ok for k in range(2000, len(said), 2000) for a in client.commands(said[k:k + 2000])))), thousand, 9)
    no_more(busy(ambo, "%d others withdrawn" % len(others), lambda: client.commands(others)), withdrawn)
    no_more(go(ambo, client, "%d routes under a watchdog" % len(said)), gone)
    equal(client.command("withdraw watchdog dog").text, "watchdog dog: %d routes withdrawn" % len(said))


def test_shows_that_wait_when_neighbors_go(t):
    ambo, client, peer = start(t)
    alone = go_and_come(ambo, client)
    for k in range(0, 20000, 500):
        check(client.command("neighbor %s announce attributes next-hop 10.0.0.1 med %d nlri %s" % (
            GOOD, k, " ".join(prefix(n) for n in range(k, k + 500)))).ok)
    # the first is not read, and so the others have to wait, as many as may
    reader = ambo.client(hwm=1)
    for _ in range(1000):
        reader.send("command", {"text": "show routes sent", "format": "json"})
    wait_until(lambda: any(row["requests"] >= 900 for row in client.show("show clients")), 60, "they wait", 0.2)
    no_more(go(ambo, client, "900 shows wait"), alone)


def test_subscriptions_over_all(t):
    ambo, client, peer = start(t)
    askers = [ambo.client(timeout=60) for _ in range(4)]

    def ask(count):
        numbers = [(a, a.send("subscribe", {"updates": True, "states": True})) for a in askers for _ in range(count)]
        check(all(a.reply(n, 60).ok for a, n in numbers))
    alone = busy(ambo, "16 subscriptions over %d" % COUNT, lambda: ask(4))
    no_more(busy(ambo, "240 more", lambda: ask(60)), alone, 15)
    check("silent" not in ambo.process.log(), "a half lost the other")


def test_names(t):
    """a client says hello under name after name, and ends the sync of none"""
    good = t.peer(listen=GOOD + ":179", asn=65002)
    ambo = t.ambo().run(neighbor(GOOD))
    client, count = ambo.client(timeout=60), 40000
    wait_up(client, GOOD)

    def hello(n):
        return client.send("hello", {"name": "name-%d" % n})
    def names(k):
        numbers = [hello(n) for n in range(k, k + 2000)]
        check(all(client.reply(n).ok for n in numbers))
    alone = busy(ambo, "2000 names", lambda: names(0))
    for k in range(2000, count, 2000):
        names(k)
    # by then one more is found among all of them
    no_more(busy(ambo, "2000 names more", lambda: names(count)), alone)
    check(client.command("announce route 10.0.0.0/24 next-hop self").ok)
    good.wait_prefixes(["10.0.0.0/24"])
    check(client.hello("name-%d" % (count + 1999)).ok and client.end_of_sync().ok)
    good.wait_prefixes([])


if __name__ == "__main__":
    main()
