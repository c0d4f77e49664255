#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""Helper programs that do it wrong, or a great deal: nobody else is worse off for it."""
from collections import Counter
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.process_commands_test import start
from tests.integration.scene import numbered
from tests.integration.puppet import Puppet
from tests.integration.scene import Times, sent

# what a sanitizer keeps of freed memory is not ours
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=1")
COUNT = 1000000
MIB = 1 << 20

# Says a file, and reads nothing before it may. Its standard output stays open: without one it would be ended.
LOUD = """#!/bin/sh
cat {0}/commands
while ! [ -e {0}/listen ]; do sleep 0.1; done
cat > {0}/told
"""


def row(c, name):
    return next(p for p in c.show("show processes") if p["process"] == name)


class Asker:
    """tests/fake/asker.py"""

    def __init__(self, t, ambo, *command):
        self.process = subprocess.Popen(["/usr/bin/python3", "-m", "tests.fake.asker", ambo.api, *command], cwd=ROOT,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        t.add(self, self.close)

    def ask(self, name, count, pause=5):
        times = Times(name)
        print(count, pause, file=self.process.stdin, flush=True)
        for x in self.process.stdout.readline().split():
            times.add(float(x) / 1000)
        equal(len(times.values), count)
        print("    " + str(times))
        return times

    def close(self):
        self.process.stdin.close()
        self.process.wait(patient(5))


def test_a_million_routes_of_a_helper_that_never_reads(t):
    with open(t.dir / "commands", "w") as f:
        f.writelines("neighbor 127.0.0.2 announce route 10.%d.%d.%d/32 next-hop 192.0.2.9\n" % (
            k >> 16, k >> 8 & 255, k & 255) for k in range(COUNT))
    loud = t.dir / "loud"
    loud.write_text(LOUD.format(t.dir))
    loud.chmod(0o755)
    ambo, c, (peer, other) = start(t, numbered(2) + numbered(3), (2, 3))
    controller = ambo.half("ambo-controller")
    asker = Asker(t, ambo, "neighbor 127.0.0.3 announce route 172.16.0.0/16 next-hop 192.0.2.1 med %d")
    asker.ask("before", 50)
    idle = asker.ask("idle", 300)
    before = rss(controller)
    ambo.reload("process loud {\n\trun %s;\n\tencoder text;\n}\n" % loud + numbered(
        2, extra="api { processes [ loud ]; neighbor-changes; receive { parsed; update; } }") + numbered(3))
    peer.wait_for(lambda p: p.table, 10)
    busy = asker.ask("while the helper talks", 300)
    peer.wait_routes(COUNT, 90)
    check(busy.at(0.5) < 50 and busy.at(0.95) < max(50, 2 * idle.at(0.95)), busy)
    owed = row(c, "loud")
    # but for what its pipe holds
    check(owed["owed"] > COUNT - MIB // 5 - 30000 and owed["queued"] < MIB, owed)
    (t.dir / "listen").touch()
    wait_until(lambda: row(c, "loud")["owed"] == 0, 30)
    wait_until(lambda: (t.dir / "told").read_bytes().count(b"done\n") == COUNT, 30)
    check(b"error" not in (t.dir / "told").read_bytes())
    now, peak = rss(controller) - before, peak_rss(controller) - before
    print("    the controller: %d MiB for the routes, %d at most" % (now // MIB, peak // MIB))
    # a route of a helper is some 50 octets of a ledger
    check(peak < 64 * MIB + COUNT * 50 and peak - now < 64 * MIB, (peak, now))
    equal((len(peer.connections), len(other.connections), row(c, "loud")["starts"]), (1, 1, 1))


def test_what_is_wrong_with_one_helper_is_told_to_that_one(t):
    half, long, binary, full, good = all = [Puppet(t.dir, n, deaf=n == "full")
                                            for n in ("half", "long", "binary", "full", "good")]
    ambo, c, (peer,) = start(t, "".join(p.process() for p in all) + numbered(
        2, extra="api { processes [ half long binary full good ]; }"))
    controller = ambo.half("ambo-controller")
    half.say_raw(b"announce route 10.0.0.0/24 nex")
    binary.say_raw(b"\x00\xff\xfe\n\x80\x81 announce\n" + bytes(range(11, 256)) * 10 + b"\n")
    # answers that are content are never dropped: with too many of them the helper is not read any more
    full.say_raw(b"help\n" * 8192)
    long.say_raw(b"announce " + b"x" * (10 << 20))
    good.say("announce route 10.1.0.0/24 next-hop self")
    equal(good.wait_lines(1), ["done"])
    equal(long.wait_lines(1), ["error"])
    equal(binary.wait_lines(3), ["error"] * 3)
    wait_until(lambda: row(c, "full")["queued"] >= 4 * MIB, 30)
    check(row(c, "full")["queued"] < 5 * MIB, row(c, "full"))
    share = cpu_share(controller, 2)
    print("    the controller uses %.2f %% of a core" % (share * 100))
    check(share < 0.03, "cpu", share)
    check(rss(controller) < 64 * MIB, rss(controller))
    half.say_raw(b"t-hop self\n")
    long.say_raw(b"\nannounce route 10.2.0.0/24 next-hop self\n")
    equal(half.wait_lines(1), ["done"])
    equal(long.wait_lines(2), ["error", "done"])
    peer.wait_prefixes(["10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24"], exactly=True)
    os.kill(full.wait_started(), signal.SIGKILL)
    full.wait_started(2)
    good.say("announce route 10.3.0.0/24 next-hop self")
    equal(good.wait_lines(2), ["done"] * 2)
    wait_until(lambda: row(c, "full")["queued"] < 5 * MIB, 10)
    equal([row(c, p.name)["starts"] for p in all], [1, 1, 1, 2, 1])
    equal(len(peer.connections), 1)


# -- many at once ------------------------------------------------------------------------------

EACH, HELPERS, CLIENTS = 1000, 5, 20


def wrong(who, n):
    """each has errors of its own, so that answers in another's place show"""
    return n % (3 + who) == 0


def line(who, n):
    return "announce route 10.%d.%d.%d/32 next-hop %s" % (who, n >> 8, n & 255, "nowhere" if wrong(who, n) else "self")


def test_helpers_and_clients_at_once_have_their_own_answers_in_order(t):
    helpers = [Puppet(t.dir, "h%d" % i) for i in range(HELPERS)]
    ambo, c, (peer,) = start(t, "".join(p.process() for p in helpers) + numbered(
        2, extra="api { processes [ %s ]; }" % " ".join(p.name for p in helpers)))
    clients = [ambo.client(name="c%d" % i) for i in range(CLIENTS)]
    asked = [[] for _ in clients]
    begun = time.monotonic()
    for n in range(EACH):
        for who, p in enumerate(helpers):
            p.say(line(who, n))
        for who, client in enumerate(clients):
            asked[who].append(client.send("command", {"text": line(HELPERS + who, n)}))
    for who, p in enumerate(helpers):
        equal(p.wait_lines(EACH, 30), ["error" if wrong(who, n) else "done" for n in range(EACH)], p.name)
    for who, client in enumerate(clients):
        want = ["error" if wrong(HELPERS + who, n) else "accepted" for n in range(EACH)]
        equal([client.reply(number).status for number in asked[who]], want, "client %d" % who)
        # as they came, not only as they are numbered
        check(client.order[-EACH:] == asked[who], "client %d: answers out of order" % who)
    good = {"10.%d.%d.%d/32" % (who, n >> 8, n & 255) for who in range(HELPERS + CLIENTS) for n in range(EACH)
            if not wrong(who, n)}
    peer.wait_routes(len(good), 30)
    print("    %d commands in %.1f s" % (EACH * (HELPERS + CLIENTS), time.monotonic() - begun))
    equal(peer.prefixes(), good)
    owned = Counter(r["owner"] for r in sent(c, "127.0.0.2").values())
    for who in range(HELPERS + CLIENTS):
        name = "process h%d" % who if who < HELPERS else "c%d" % (who - HELPERS)
        equal(owned[name], sum(not wrong(who, n) for n in range(EACH)), name)
    equal(len(peer.connections), 1)


if __name__ == "__main__":
    main()
