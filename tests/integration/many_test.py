#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""A thousand configured neighbors that never answer cost nothing, and starve nobody."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

GOOD, COUNT = "127.0.0.2", 1000
SILENT = ["127.1.%d.%d" % (n >> 8, n & 255) for n in range(1, COUNT + 1)]


def start(t):
    good = t.peer(listen=GOOD + ":179", asn=65002)
    ambo = t.ambo().run(neighbor(GOOD, 65002) + "".join(neighbor(a, 65100) for a in SILENT))
    client = ambo.client(timeout=30)
    wait_up(client, GOOD)
    return ambo, client, good


def idle(ambo, name, most=0.02):
    for half in ("ambo-controller", "ambo-speaker"):
        share = cpu_share(ambo.half(half), 5)
        print("    %s, %s: %.2f %% of a core" % (name, half, share * 100))
        check(share < most, "%s uses %.2f %% of a core for nothing" % (half, share * 100))


def commands(ambo, client, good, name):
    r = Reactions(ambo, client, good, GOOD, name)
    r.announce(50)
    r.show(20)
    r.report()
    # to all of them at once
    begin = time.monotonic()
    equal(client.command("announce route 10.9.0.0/16 next-hop self").status, "accepted")
    good.wait_prefixes(["10.9.0.0/16"])
    print("    %s, to all: %.1f ms" % (name, (time.monotonic() - begin) * 1000))
    equal(len(client.show("show neighbors")), COUNT + 1)


def test_black_holed(t):
    t.drop("-p", "tcp", "-d", "127.1.0.0/16", "--dport", "179")
    ambo, client, good = start(t)
    wait_until(lambda: sum(n["fsm"] in ("CONNECT", "ACTIVE") for n in client.show("show neighbors")) == COUNT, 20,
               "all of them try")
    time.sleep(2)
    idle(ambo, "1,000 black-holed")
    commands(ambo, client, good, "1,000 black-holed")


def test_refused(t):
    ambo, client, good = start(t)
    # the back-off has left the first seconds behind
    wait_until(lambda: all("refused" in n["why"].lower() for n in client.show("show neighbors") if
                           n["neighbor"] != GOOD), 20, "all of them were refused", 0.5)
    time.sleep(10)
    idle(ambo, "1,000 refused", 0.05)
    commands(ambo, client, good, "1,000 refused")


if __name__ == "__main__":
    main()
