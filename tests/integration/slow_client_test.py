#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""A client that subscribes and stops reading, while updates arrive and while many distinct prefixes come and
go: others are unaffected, the controller does not grow, and what the client is told afterwards is the table."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

# what a sanitizer keeps of freed memory, 256 MiB if it may, is not ours
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=1")
GOOD, SOURCE = "127.0.0.2", "127.0.0.3"
KEYS = 50000
UPDATES = 1000000
LIVE, DISTINCT = 20000, 2000000
GROWTH = 16 << 20


def start(t):
    good = t.peer(listen=GOOD + ":179", asn=65002)
    loader = Loader(t, SOURCE, 65003)
    ambo = t.ambo().run(neighbor(GOOD, 65002) + neighbor(SOURCE, 65003))
    client = ambo.client()
    wait_up(client, GOOD, SOURCE)
    loader.run("table", KEYS, 1)
    # the mirror stands: what it takes is in what memory is measured against
    stuck = Follower(ambo.client(hwm=64), SOURCE, credit=65536)
    alive = Follower(ambo.client(), SOURCE)
    for follower in (stuck, alive):
        follower.until(dict.fromkeys(bgp.prefixes(KEYS), 1), 60)
    return ambo, client, good, loader, stuck, alive


def meanwhile(ambo, client, good, loader, order, alive, name):
    """Until the order is done a client works and another one reads."""
    reactions = Reactions(ambo, client, good, GOOD, name)
    while loader.done(order) is None:
        reactions.one(0.02)
        reactions.show(1)
        end = time.monotonic() + 0.1
        while time.monotonic() < end and alive.read():
            pass
    reactions.report()


def grown(ambo, before, name):
    pid = ambo.half("ambo-controller")
    now, peak = rss(pid) - before, peak_rss(pid) - before
    print("    %s: the controller has grown by %.1f MiB, %.1f at most" % (name, now / 2**20, peak / 2**20))
    check(peak < GROWTH, "%s: grown by %d octets" % (name, peak))


def test_updates_while_a_client_reads_nothing(t):
    ambo, client, good, loader, stuck, alive = start(t)
    # every key once more, so that both generations of attributes have been there
    loader.run("flood", KEYS, KEYS, 0)
    alive.until(dict.fromkeys(bgp.prefixes(KEYS), 1), 60)
    before = rss(ambo.half("ambo-controller"))
    order = loader.order("flood", KEYS, UPDATES, 0)
    meanwhile(ambo, client, good, loader, order, alive, "%d updates" % UPDATES)
    loader.run("table", KEYS, 9)
    want = dict.fromkeys(bgp.prefixes(KEYS), 9)
    alive.until(want)
    grown(ambo, before, "%d updates" % UPDATES)
    equal(meds(received(client, SOURCE)), want)
    stuck.until(want)
    check(stuck.lagged > 0, "it was never told that it lagged")
    print("    the client that stopped: %d events for %s updates, %d lagged, %d resets; the other: %d events, %d lagged"
          % (stuck.count, loader.done(order)[0], stuck.lagged, stuck.resets, alive.count, alive.lagged))
    check(stuck.count < UPDATES // 2, "it was told everything: %d events" % stuck.count)
    # and it is live again
    loader.run("table", 10, 10)
    want.update(dict.fromkeys(bgp.prefixes(10), 10))
    stuck.until(want, 10)


def test_distinct_prefixes_come_and_go_while_a_client_reads_nothing(t):
    ambo, client, good, loader, stuck, alive = start(t)
    # one wave before the measurement: entries that are live at once are the ledger's own
    loader.run("waves", LIVE, LIVE)
    before = rss(ambo.half("ambo-controller"))
    order = loader.order("waves", LIVE, DISTINCT)
    meanwhile(ambo, client, good, loader, order, alive, "%d prefixes" % DISTINCT)
    loader.run("table", KEYS, 9)
    want = dict.fromkeys(bgp.prefixes(KEYS), 9)
    alive.until(want)
    grown(ambo, before, "%d prefixes" % DISTINCT)
    equal(meds(received(client, SOURCE)), want)
    stuck.until(want)
    print("    the client that stopped: %d events, %d lagged, %d resets; the other: %d events, %d lagged" % (
        stuck.count, stuck.lagged, stuck.resets, alive.count, alive.lagged))
    check(stuck.lagged > 0 or stuck.resets > 0, "it was never told that it lagged")


if __name__ == "__main__":
    main()
