#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""One peer floods. Commands are answered and done, and another session's KEEPALIVEs leave on time."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

GOOD, QUIET, FLOODER = "127.0.0.2", "127.0.0.3", "127.0.0.4"
KEYS, HOLD = 20000, 9


def under_flood(t, rate, name, subscribed):
    good = t.peer(listen=GOOD + ":179", asn=65002)
    quiet = t.peer(listen=QUIET + ":179", asn=65003, hold_time=HOLD)
    loader = Loader(t, FLOODER, 65004)
    ambo = t.ambo().run(neighbor(GOOD, 65002) + neighbor(QUIET, 65003, hold=HOLD) + neighbor(FLOODER, 65004))
    client = ambo.client()
    wait_up(client, GOOD, QUIET, FLOODER)
    # with it the controller takes the whole flood in as well; without, the speaker alone
    follower = Follower(ambo.client(hwm=1000), FLOODER, credit=65536) if subscribed else None
    order = loader.order("flood", KEYS, 0, rate)
    wait_until(lambda: state(client, FLOODER)["updates"]["received"] > 1000, 20, "the flood is on")
    begin, reactions = time.monotonic(), Reactions(ambo, client, good, GOOD, name)
    while time.monotonic() - begin < 10:
        reactions.one()
        reactions.show(1)
        if follower:
            follower.client.receive()
            follower.client.events.clear()
    loader.stop()
    sent, per_second = loader.wait(order)
    print("    %s: %s UPDATEs sent, %s a second" % (name, sent, per_second))
    reactions.report()
    check(int(per_second) > 2000, "this was no flood")
    gap, silence = max(quiet.keepalive_gaps()[1:], default=0), quiet.session.silence()
    print("    %s: longest time between KEEPALIVEs %.3f s, of silence %.3f s" % (name, gap, silence))
    check(len(quiet.keepalive_gaps()) >= 3, "too few KEEPALIVEs")
    check(quiet.on_time(HOLD / 3), "silent for %s s; our own timers were %.3f s late" % (quiet.session.silences, quiet.late))
    equal([len(p.connections) for p in (good, quiet)], [1, 1], "sessions")
    equal(loader.sessions(), 1)
    loader.run("table", KEYS, 77)
    want = dict.fromkeys(bgp.prefixes(KEYS), 77)
    wait_until(lambda: state(client, FLOODER)["prefixes"]["received"] == KEYS, 20, "all prefixes counted")
    wait_until(lambda: meds(received(client, FLOODER)) == want, 30, "the table is what was said last", 0.5)


def test_100000_updates_a_second(t):
    under_flood(t, 100000, "100,000 UPDATE/s", False)


def test_100000_updates_a_second_and_a_subscriber(t):
    under_flood(t, 100000, "100,000 UPDATE/s, subscribed", True)


def test_flat_out(t):
    under_flood(t, 0, "flat out", False)


def test_flat_out_and_a_subscriber(t):
    under_flood(t, 0, "flat out, subscribed", True)


if __name__ == "__main__":
    main()
