#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""Clients that ask for more than they read: what is kept for them has a bound, and nobody else notices."""
from collections import Counter
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

# what a sanitizer keeps of freed memory is not ours
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=1")
ROUTES = 50000
MIB = 1 << 20


def start(t, **how):
    peer = t.peer(listen="127.0.0.2:179", asn=65002, record=False, **how)
    ambo = t.ambo().run(neighbor("127.0.0.2"))
    client = ambo.client()
    wait_up(client, "127.0.0.2")
    return ambo, client, peer


def answered(ambo, client, times=10):
    """commands are answered at once: their median, and none stalls"""
    answers, controller = Times("answers"), ambo.half("ambo-controller")
    for _ in range(times):
        check(answers.time(lambda: client.command("version"), controller).ok)
        time.sleep(0.01)
    answers.report()
    answers.report(1000, part=1)


def test_shows_that_are_not_read(t):
    ambo, client, peer = start(t)
    prefixes = bgp.prefixes(ROUTES)
    check(all(a.ok for a in client.commands(["announce attributes next-hop 10.0.0.1 med %d nlri %s" % (
        n, " ".join(prefixes[n::500])) for n in range(500)])))
    controller, reader = ambo.half("ambo-controller"), ambo.client(hwm=1)
    check(len(reader.show("show routes sent")) == ROUTES)
    before = rss(controller)
    # each of them some 15 MB
    numbers = [reader.send("command", {"text": "show routes sent", "format": "json"}) for _ in range(20)]
    time.sleep(1)
    client.ping()
    grown = rss(controller) - before
    print("    grown by %.1f MiB" % (grown / MIB))
    check(grown < 12 * MIB, grown)
    check(cpu_share(controller, 1) < 0.03)
    answered(ambo, client)
    check(len(reader.whole(numbers[0]).data) == ROUTES)


def test_requests_that_nobody_finishes_are_refused(t):
    ambo, client, peer = start(t)
    prefixes = bgp.prefixes(ROUTES)
    check(all(a.ok for a in client.commands(["announce attributes next-hop 10.0.0.1 nlri " + " ".join(
        prefixes[n::50]) for n in range(50)])))
    controller, reader = ambo.half("ambo-controller"), ambo.client(hwm=1)
    before = rss(controller)
    # the first is not read, and so the others have to wait
    numbers = [reader.send("command", {"text": "show routes sent", "format": "json"}) for _ in range(200)]
    for _ in range(40000):
        numbers.append(reader.send("command", {"text": "show adj-rib out 10.0.0.0/24"}))
        if len(numbers) % 64 == 0:
            time.sleep(0.001)
    time.sleep(1)
    print("    grown by %.1f MiB" % ((rss(controller) - before) / MIB))
    check(rss(controller) - before < 30 * MIB, rss(controller) - before)
    answered(ambo, client)


def test_receipts_of_a_peer_that_reads_nothing(t):
    ambo, client, peer = start(t, rcvbuf=4096)
    peer.mode = "stop-reading"
    controller, count = ambo.half("ambo-controller"), 120000
    before = rss(controller)
    numbers = []
    for n in range(count):
        numbers.append(client.send("command", {"wait": "sent", "text":
            "announce route 10.%d.%d.%d/32 next-hop 10.0.0.1 med %d" % (n >> 16, n >> 8 & 255, n & 255, n)}))
        if n % 256 == 255:
            client.receive()
    equal({client.reply(number).status for number in numbers}, {"accepted"})
    grown = rss(controller) - before
    early = Counter(client.replies[n][0].status for n in numbers if client.replies[n])
    waiting = count - sum(early.values())
    print("    %d are waited for, %s; grown by %.1f MiB" % (waiting, dict(early), grown / MIB))
    check(early["pending"] > 0 and waiting > 10000, early)
    check(grown < count * 300 + 24 * MIB, grown)
    # as far as the bound, give or take one of them; it shows in the table
    row = next(r for r in client.show("show clients") if r["requests"] > count)
    check(16 * MIB <= row["waiting"] < 16 * MIB + 4096 and row["queued"] < MIB, row)
    check(str(row["waiting"]) in client.command("show clients").text)
    answered(ambo, client)
    # the peer reads again: all that were waited for come
    begin = time.monotonic()
    peer.mode = "normal"
    equal(Counter(client.reply(n, 30).status for n in numbers), Counter(early) + Counter(sent=waiting))
    print("    all came in %.1f s" % (time.monotonic() - begin))
    peer.wait_routes(count)
    equal(client.command("announce route 10.9.9.9/32 next-hop 10.0.0.1", wait="sent").status, "sent")
    equal({r["waiting"] for r in client.show("show clients")}, {0})


def test_receipts_that_are_asked_for_at_once(t):
    """another does not notice that tens of thousands are waited for"""
    ambo, client, peer = start(t, rcvbuf=4096)
    peer.mode = "stop-reading"
    asker, others, controller = ambo.client(), Times("the other"), ambo.half("ambo-controller")
    for n in range(120000):
        asker.send("command", {"wait": "sent", "text":
            "announce route 10.%d.%d.%d/32 next-hop 10.0.0.1 med %d" % (n >> 16, n >> 8 & 255, n & 255, n)})
        if n % 4000 == 3999:
            check(others.time(lambda: client.command("version"), controller).ok)
    others.report(1000, part=1)
    while [r for r in client.show("show clients") if r["requests"] == 120000] == []:
        answered(ambo, client, 2)
    answered(ambo, client, 50)
    watch = Stopwatch(*ambo.pids())
    ambo.process.signal(signal.SIGTERM)
    wait_until(lambda: not ambo.process.running, 10)
    print("    stopped in %.0f ms" % ((time.monotonic() - watch.start) * 1000))
    check(watch.own() < 3)
    check("silent" not in ambo.process.log(), "a half lost the other")


if __name__ == "__main__":
    main()
