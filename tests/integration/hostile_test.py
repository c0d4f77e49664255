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


def busy(ambo, what, most, do):
    """the controller needs so many seconds of a processor for it"""
    pid = ambo.half("ambo-controller")
    before = cpu_ticks(pid)
    value = do()
    used = (cpu_ticks(pid) - before) / TICKS
    print("    %s: %.2f s of a processor" % (what, used))
    check(used < most, what, "took", used)
    return value


def reload(ambo, client, config):
    ambo.write_config(config)
    check(client.command("reload").ok)
    check(client.command("version").ok)


def prefix(n):
    return "10.%d.%d.%d/32" % (n >> 16, n >> 8 & 255, n & 255)


def test_receipts_of_others_when_neighbors_go(t):
    ambo, client, peer = start(t, rcvbuf=4096)
    peer.mode = "stop-reading"
    asker, count = ambo.client(timeout=60), 100000 # half of them the kernel takes
    for n in range(count):
        asker.send("command", {"wait": "sent", "text": "neighbor %s announce route %s next-hop 10.0.0.1 med %d" % (
            GOOD, prefix(n), n)})
        if n % 256 == 255:
            asker.receive()
    wait_until(lambda: any(row["requests"] >= count for row in client.show("show clients")), 60, "they wait", 0.2)
    busy(ambo, "%d neighbors go, %d receipts wait" % (COUNT, count), 0.35, lambda: reload(ambo, client, ONE))
    equal([n["neighbor"] for n in client.show("show neighbors")], [GOOD])
    # and then the one that they wait for: as many as are waited for say so
    busy(ambo, "it goes", 3, lambda: reload(ambo, client, neighbor("127.1.0.1", 65100)))
    gone = "not sent: %s (removed)" % GOOD
    wait_until(lambda: asker.receive() < 0 or sum(r[-1].text == gone for r in asker.replies.values() if r) > 5000, 60,
               "they are answered", 0.2)


def test_receipts_about_all(t):
    ambo, client, peer = start(t)
    peer.mode = "stop-reading"
    numbers = [client.send("command", {"wait": "sent", "text": "announce route %s next-hop 10.0.0.1" % prefix(n)})
               for n in range(50)]
    answers = busy(ambo, "%d receipts about %d" % (len(numbers), COUNT), 1.5, lambda: [client.reply(n, 60) for n in numbers])
    equal({a.status for a in answers}, {"accepted"})
    peer.mode = "normal"
    equal({client.whole(n, wait="sent", timeout=60).status for n in numbers if not answers[0].final}, {"pending"})


def test_watched_routes_when_neighbors_go(t):
    ambo, client, peer = start(t)
    said = ["neighbor %s announce route %s next-hop 10.0.0.1 watchdog dog" % (GOOD, prefix(n)) for n in range(20000)]
    busy(ambo, "%d routes under a watchdog" % len(said), 4, lambda: check(all(
        a.ok for k in range(0, len(said), 2000) for a in client.commands(said[k:k + 2000]))))
    others = ["withdraw route 11.0.0.%d/32 next-hop 10.0.0.1" % n for n in range(200)]
    busy(ambo, "%d others withdrawn" % len(others), 0.5, lambda: client.commands(others))
    busy(ambo, "%d neighbors go" % COUNT, 0.6, lambda: reload(ambo, client, ONE))
    equal(client.command("withdraw watchdog dog").text, "watchdog dog: %d routes withdrawn" % len(said))


def test_shows_that_wait_when_neighbors_go(t):
    ambo, client, peer = start(t)
    for k in range(0, 20000, 500):
        check(client.command("neighbor %s announce attributes next-hop 10.0.0.1 med %d nlri %s" % (
            GOOD, k, " ".join(prefix(n) for n in range(k, k + 500)))).ok)
    # the first is not read, and so the others have to wait, as many as may
    reader = ambo.client(hwm=1)
    for _ in range(1000):
        reader.send("command", {"text": "show routes sent", "format": "json"})
    wait_until(lambda: any(row["requests"] >= 900 for row in client.show("show clients")), 60, "they wait", 0.2)
    busy(ambo, "%d neighbors go" % COUNT, 0.6, lambda: reload(ambo, client, ONE))


def test_subscriptions_over_all(t):
    ambo, client, peer = start(t)
    askers = [ambo.client(timeout=60) for _ in range(4)]
    numbers = [(a, a.send("subscribe", {"updates": True, "states": True})) for a in askers for _ in range(64)]
    busy(ambo, "%d subscriptions over %d" % (len(numbers), COUNT), 3, lambda: check(all(
        a.reply(n, 60).ok for a, n in numbers)))
    check("silent" not in ambo.process.log(), "a half lost the other")


def test_names(t):
    """a client says hello under name after name, and ends the sync of none"""
    good = t.peer(listen=GOOD + ":179", asn=65002)
    ambo = t.ambo().run(neighbor(GOOD))
    client, count = ambo.client(timeout=60), 40000
    wait_up(client, GOOD)

    def hello(n):
        return client.send("hello", {"name": "name-%d" % n})
    for k in range(0, count, 2000):
        numbers = [hello(n) for n in range(k, k + 2000)]
        check(all(client.reply(n).ok for n in numbers))
    # by then one more is found among all of them
    busy(ambo, "2000 names more", 0.4, lambda: check(all([
        client.reply(n).ok for n in [hello(n) for n in range(count, count + 2000)]])))
    check(client.command("announce route 10.0.0.0/24 next-hop self").ok)
    good.wait_prefixes(["10.0.0.0/24"])
    check(client.hello("name-%d" % (count + 1999)).ok and client.end_of_sync().ok)
    good.wait_prefixes([])


if __name__ == "__main__":
    main()
