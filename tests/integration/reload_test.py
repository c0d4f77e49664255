#!/usr/bin/python3
# ctest: COST 60
# ctest: TIMEOUT 1800
"""A reload tells each peer the difference and nothing else: what is in both files is never withdrawn, a session
ends only where its options demand it, and then it alone. A thousand pairs of files made by chance: AMBO_PAIRS
says how many, AMBO_SEED makes others."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import random
from tests.fake.configs import WATCHDOGS, World
from tests.fake.view import View
from tests.integration.harness import *
from tests.integration.puppet import Puppet
from tests.integration.scene import numbered, numbered_peer

PAIRS = int(os.environ.get("AMBO_PAIRS", 1000))
SEED = int(os.environ.get("AMBO_SEED", 4271))
PEERS = {"127.0.0.2": 65002, "127.0.0.3": 65001, "127.0.0.4": 65004, "127.0.0.5": 65001}
FAMILIES = [(afi, safi) for afi in (1, 2) for safi in (1, 4, 128, 133, 134)]


def told(route):
    return None if route is None else "%s hop %s, %s" % (route.labels, route.hop, sorted(route.attributes.items()))


class Follower:
    """What one peer was told, message by message."""

    def __init__(self, t, address, asn):
        self.peer = t.peer(listen=address + ":179", asn=asn, router_id="192.0.2.2", families=FAMILIES, parse=False,
                           enhanced_refresh=True, extended_message=True, graceful=120,
                           add_path={f: 3 for f in FAMILIES if f[1] < 133})
        self.address, self.read, self.session, self.view = address, 0, None, None
        self.begin()

    def begin(self):
        """forget what happened"""
        self.announced, self.withdrawn, self.was = [], [], self.session

    def follow(self):
        with self.peer.lock:
            new, self.read = self.peer.messages[self.read:], len(self.peer.messages)
            for m in new:
                self.message(m)

    def message(self, m):
        if m.type == bgp.OPEN:
            self.session, self.view = m.connection, View.of(self.peer.connections[m.connection])
        elif m.type == bgp.UPDATE and m.connection == self.session:
            announced, withdrawn = self.view.apply(m.body)
            self.announced += announced.items()
            self.withdrawn += withdrawn

    def up(self):
        return self.session is not None and self.peer.connections[self.session].state == "established"

    def knows(self, routes):
        self.follow()
        if routes is None:
            return not self.up()
        return self.up() and self.view.routes == routes

    def differs(self, want):
        have = self.view.routes if self.up() else {}
        want = want or {}
        return ["%s: is told %s, not %s" % (k, told(have.get(k)), told(want.get(k)))
                for k in sorted(have.keys() | want.keys(), key=str) if have.get(k) != want.get(k)]


class Play:
    """One Ambo, its peers, and the files it was told to read."""

    def __init__(self, t, seed):
        self.world = World(random.Random(seed), PEERS)
        self.followers = [Follower(t, a, asn) for a, asn in PEERS.items()]
        self.said = {a: {} for a in PEERS}
        self.ambo = t.ambo().run(self.world.text())
        self.client = self.ambo.client()
        self.number, self.resets, self.kept = 0, 0, 0
        self.settle()

    def settle(self, old=None):
        """until all peers know what they are to know, over new sessions where the file needs these"""
        for f in self.followers:
            a = f.address
            want = self.world.routes(a, self.said[a])
            anew = old and old.session(a) != self.world.session(a)
            try:
                wait_until(lambda: f.knows(want) and not (anew and f.session == f.was and f.up()), 5, interval=0.002)
            except TimeoutError:
                raise AssertionError("file %d: %s, session %s: %s\n%s" % (
                    self.number, a, self.world.session(a), f.peer.session, "\n".join(f.differs(want)[:5]))) from None

    def reload(self):
        """Three ways to say it; a signal is not answered"""
        self.ambo.write_config(self.world.text())
        if self.number % 3 == 0:
            answer = self.client.command("reload")
            equal(answer.status, "accepted", answer.text)
        elif self.number % 3 == 1:
            before = self.ambo.process.log().count("reloaded: ")
            self.ambo.process.signal(signal.SIGUSR1)
            wait_until(lambda: self.ambo.process.log().count("reloaded: ") > before, 5, "reloaded", 0.002)
        else:
            self.ambo.command("reload")

    def watchdog(self):
        """Something is said of a watchdog."""
        verb, name, address = (self.world.r.choice(some) for some in (("announce", "withdraw"), WATCHDOGS, list(PEERS)))
        if self.world.neighbors[address].there:
            answer = self.client.command("neighbor %s %s watchdog %s" % (address, verb, name))
            equal(answer.status, "accepted", answer.text)
            self.said[address][name] = verb == "announce"
            self.settle()

    def broken(self):
        """A file with a mistake changes nothing."""
        text = self.world.next().text()
        at = self.world.r.choice([i for i, c in enumerate(text) if c == "\n"])
        self.ambo.write_config(text[:at] + " mistake;" + text[at:])
        for f in self.followers:
            f.begin()
        status, _, err = self.ambo.cli("reload")
        check(status == 1 and "mistake" in err, status, err)
        self.settle()
        for f in self.followers:
            equal((f.announced, f.withdrawn, f.session), ([], [], f.was), "after a file with a mistake")

    def programs(self):
        """those that the file names are running, and no other"""
        def running():
            out = []
            for p in descendants(self.ambo.process.pid):
                try:
                    words = Path("/proc/%d/cmdline" % p).read_text().split("\0")
                except (FileNotFoundError, ProcessLookupError):
                    continue
                out += words[1:2] if words[0] == "/bin/sleep" else []
            return sorted(out)
        want = self.world.running()
        try:
            wait_until(lambda: running() == want, 5, interval=0.005)
        except TimeoutError:
            raise AssertionError("file %d: programs %s, not %s" % (self.number, running(), want)) from None

    def step(self):
        old, self.world = self.world, self.world.next()
        self.number += 1
        for f in self.followers:
            f.begin()
        self.reload()
        for a in PEERS:
            if not self.world.neighbors[a].there:
                self.said[a] = {}
        self.settle(old)
        for f in self.followers:
            self.compare(f, old)

    def compare(self, f, old):
        a = f.address
        if old.session(a) != self.world.session(a):
            self.resets += 1
            return
        if old.session(a) is None:
            return
        self.kept += 1
        check(f.session == f.was, "file %d: the session with %s was ended: %s" % (
            self.number, a, f.peer.connections[f.was].why))
        before, now = (w.routes(a, self.said[a]) for w in (old, self.world))
        both = before.keys() & now.keys()
        gone = both & set(f.withdrawn)
        check(not gone, "file %d: %s: withdrawn, though in both: %s" % (self.number, a, sorted(gone, key=str)[:3]))
        again = {k for k, _ in f.announced if before.get(k) == now.get(k)}
        check(not again, "file %d: %s: said again, though the same: %s" % (self.number, a, sorted(again, key=str)[:3]))


def test_peers_are_told_the_difference_of_two_files(t):
    p = Play(t, SEED)
    while p.number < PAIRS:
        p.step()
        if p.number % 5 == 0:
            p.programs()
        if p.number % 10 == 0:
            p.watchdog()
        if p.number % 20 == 5:
            p.broken()
    print("    %d files; %d sessions kept, %d reset" % (p.number, p.kept, p.resets))
    check(p.kept > p.resets > 0)


def test_what_a_helper_says_behind_a_reload_is_done_with_the_new_file(t):
    puppet = Puppet(t.dir, "routes")
    lists = puppet.process() + "set prefixes many {\n%s}\n" % "".join(
        "10.%d.%d.0/24;\n" % (i // 256, i % 256) for i in range(20000))
    first, second = numbered_peer(t, 2), numbered_peer(t, 3)
    ambo = t.ambo().run(lists + numbered(2, extra=puppet.api("")))
    first.wait_established()
    ambo.write_config(lists + numbered(2, extra=puppet.api("")) + numbered(3, extra=puppet.api("")))
    puppet.say("reload", "neighbor 127.0.0.3 announce route 10.0.0.0/24 next-hop self", "reload",
               "neighbor 127.0.0.3 announce route 10.0.1.0/24 next-hop self")
    equal(puppet.wait_lines(6), ["reload in progress", "done", "done"] * 2)
    second.wait_prefixes(["10.0.0.0/24", "10.0.1.0/24"], exactly=True)


if __name__ == "__main__":
    main()
