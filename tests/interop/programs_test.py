#!/usr/bin/python3
"""Helper programs as people write them, with one configuration file, under Debian's exabgp and under `ambo run`:
both run at the same time, each with peers of its own in a network of its own, and at each step of the program
their peers know the same routes. A step is a file that the program makes before it waits for NAME.go, or what
the test does to the peers."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *

PROGRAMS = ROOT / "tests/interop/programs"
EXABGP = "/usr/sbin/exabgp"
CUSTOMER, OWN, CUSTOMER6 = "127.0.0.2", "127.0.0.3", "2001:db8:ffff::2"
ASNS = {CUSTOMER: 65002, OWN: 65001, CUSTOMER6: 65002}
QUIET = 0.4


def plain(attributes):
    """What a route says, without how it was written; the order of communities means nothing."""
    out = {k: v for k, v in attributes.items() if k not in ("order", "flags") and v not in (None, [], False)}
    return {k: sorted(v) if k in ("communities", "large", "ext_communities") else v for k, v in out.items()}


def command_of(pid):
    return Path("/proc/%d/cmdline" % pid).read_text().split("\0")


class Side:
    """One daemon, its peers, and what its program wrote."""

    def __init__(self, t, kind, program, addresses):
        self.kind, self.directory, self.ns = kind, t.dir / kind, t.namespace(kind)
        self.directory.mkdir()
        self.ns.address("lo", CUSTOMER6, "2001:db8:ffff::1")
        self.peers = {a: t.peer(listen="[%s]:179" % a, asn=ASNS[a], router_id="192.0.2.2", families=("ipv4", "ipv6"),
                                ns=self.ns) for a in addresses}
        config = PROGRAMS / (program + ".conf")
        if kind == "ambo":
            command = run_command(config, "ipc://%s/api" % self.directory)
            env = {"AMBO_RUN": str(self.directory / "run")}
        else:
            command = [EXABGP, config]
            env = {"exabgp_daemon_drop": "false", "exabgp_daemon_user": "root", "exabgp_api_cli": "false",
                   "exabgp_tcp_bind": "", "exabgp_log_destination": "stderr"}
        self.process = t.process(kind, command, ns=self.ns, env=dict(env, STEPS=str(self.directory)))

    def peer(self, address):
        return self.peers[address]

    def lines(self, name):
        """What the program noted there. exabgp says that it is connected before a connection is refused."""
        path = self.directory / name
        lines = [l for l in path.read_text().splitlines() if not l.endswith("connected")] if path.exists() else []
        return [l for i, l in enumerate(lines) if not l.endswith("down") or l not in lines[i - 1:i]]

    def table(self, address):
        peer = self.peers[address]
        with peer.lock:
            return {prefix: plain(a) for (_, prefix, _), a in peer.table.items()}

    def updates(self):
        return [p.count[bgp.UPDATE] for p in self.peers.values()]

    def announced(self):
        """how many routes were told so far, of each peer"""
        return [p.announced for p in self.peers.values()]

    def history(self, address):
        """the tables of a peer, one after each change"""
        table, out = {}, []
        for m in self.peers[address].updates():
            for _, prefix, _ in m.update["withdrawn"]:
                table.pop(prefix, None)
            for (_, prefix, _), attributes in m.update["routes"]:
                table[prefix] = plain(attributes)
            if not out or out[-1] != table:
                out.append(dict(table))
        return out


class Both:
    def __init__(self, t, program, addresses=(CUSTOMER, OWN)):
        if not os.path.exists(EXABGP):
            skip("exabgp is not installed")
        self.sides = self.exabgp, self.ambo = [Side(t, kind, program, addresses) for kind in ("exabgp", "ambo")]
        self.addresses, self.faults = addresses, []
        for s in self.sides:
            for p in s.peers.values():
                p.wait_established()

    def each(self, act):
        return [act(s) for s in self.sides]

    def wait(self, condition, what):
        self.each(lambda s: wait_until(lambda: condition(s), 20, "%s: %s" % (s.kind, what)))

    def quiet(self):
        """until neither has told anything for a while"""
        last, since, end = None, time.monotonic(), deadline(30)
        while time.monotonic() - since < QUIET:
            now = self.each(Side.updates)
            if now != last:
                last, since = now, time.monotonic()
            check(time.monotonic() < end, "UPDATEs never stop:", now)
            time.sleep(0.02)

    def compare(self, where, theirs, ours):
        """two dicts; differences are gathered, so that a run shows all"""
        for key in sorted(theirs.keys() | ours.keys(), key=str):
            if theirs.get(key) != ours.get(key):
                self.faults.append("%s: %s: exabgp %s, ambo %s" % (where, key, theirs.get(key), ours.get(key)))

    def agree(self, where):
        """The peers of both know the same, if need be after a while. → what each knows"""
        end = deadline(5)
        self.quiet()
        while time.monotonic() < end and any(self.exabgp.table(a) != self.ambo.table(a) for a in self.addresses):
            self.quiet()
        for a in self.addresses:
            self.compare("%s: %s" % (where, a), self.exabgp.table(a), self.ambo.table(a))
        return [self.exabgp.table(a) for a in self.addresses]

    def step(self, name):
        """Both programs came to this step; what the peers know then. Both go on."""
        self.wait(lambda s: (s.directory / name).exists(), "step " + name)
        tables = self.agree(name)
        self.each(lambda s: (s.directory / (name + ".go")).touch())
        return tables

    def same_lines(self, name, count):
        """Both programs noted the same in this file. → that"""
        self.wait(lambda s: len(s.lines(name)) >= count, "%d lines in %s" % (count, name))
        end = deadline(10)
        while True:
            theirs, ours = self.each(lambda s: dict(enumerate(s.lines(name), 1)))
            if theirs == ours or time.monotonic() > end:
                break
            time.sleep(0.1)  # one is told its last a little later
        self.compare(name, theirs, ours)
        return list(theirs.values())

    def over(self):
        check(not self.faults, "\n" + "\n".join(self.faults[:40]))


def test_one_that_waits_for_each_answer(t):
    b = Both(t, "blocking")
    counts = {}
    for name in ("started", "announced", "selected", "changed", "several", "withdrawn", "refused"):
        customer, own = b.step(name)
        counts[name] = len(customer), len(own)
    equal(counts, {"started": (0, 0), "announced": (5, 5), "selected": (8, 7), "changed": (8, 7), "several": (16, 15),
                   "withdrawn": (10, 10), "refused": (11, 11)})
    equal((customer["10.0.1.0/24"]["communities"], own["10.1.2.0/24"]["med"]), (["65001:3"], 9))
    before = b.each(Side.announced)
    b.step("flushed")
    told = [[n - m for m, n in zip(x, s.announced())] for x, s in zip(before, b.sides)]
    equal(told, [[11, 11], [11, 11]], "routes told by a flush")
    equal(b.step("cleared"), [{}, {}])
    equal([list(table) for table in b.step("again")], [["10.5.0.0/24"]] * 2)
    answers = b.same_lines("answers", 31)
    equal([line.split()[0] for line in answers].count("error"), 4)
    b.over()


def test_a_shell_script_that_sleeps(t):
    b = Both(t, "sleeping")
    b.each(lambda s: (s.directory / "go").touch())
    b.wait(lambda s: (s.directory / "over").exists(), "the end")
    b.agree("over")
    for address, changes in ((CUSTOMER, 9), (OWN, 10)):
        theirs, ours = b.each(lambda s: dict(enumerate(s.history(address), 1)))
        b.compare(address, theirs, ours)
        equal(len([t for t in theirs.values() if t]), changes, address)
    b.over()


def test_one_that_never_reads(t):
    b = Both(t, "deaf", [CUSTOMER])
    equal(b.step("started"), [{}])
    equal([len(t) for t in b.step("blocked")], [1500])
    equal([len(t) for t in b.step("half")], [304])
    equal([len(t) for t in b.step("more")], [306])
    # more events than its pipe holds: exabgp 4.2 goes no further
    peer = b.ambo.peer(CUSTOMER)
    for n in range(500):
        peer.announce(["10.1.0.0/24"], med=n)
    (b.ambo.directory / "told.go").touch()
    peer.wait_prefixes(["10.68.0.0/24"])
    b.over()


def play(b):
    """What happens to the programs that react"""
    customer = lambda act: b.each(lambda s: act(s.peer(CUSTOMER)))
    own = lambda act: b.each(lambda s: act(s.peer(OWN)))
    yield "up", b.agree("up")
    customer(lambda p: p.announce(["10.1.0.0/24", "10.2.0.0/24"], communities=["65002:5"], med=4,
                                  as_path=[65002, 65007, {65008, 65009}]))
    customer(lambda p: p.announce(["10.4.0.0/22"], origin="incomplete"))
    customer(lambda p: p.announce(["2001:db8:1::/48"], next_hop="2001:db8::2"))
    yield "heard", b.agree("heard")
    customer(lambda p: p.announce(["10.2.0.0/24"], communities=["65002:6", "65002:7"]))
    own(lambda p: p.announce(["10.3.0.0/24"]))
    yield "changed", b.agree("changed")
    customer(lambda p: p.withdraw(["10.1.0.0/24"]))
    yield "withdrawn", b.agree("withdrawn")
    # as long as they are down only what the programs do then is there
    customer(lambda p: p.unlisten())
    customer(lambda p: p.notify(6, 2))
    yield "lost", b.agree("lost")
    customer(lambda p: p.listen())
    customer(lambda p: p.wait_established(20))
    yield "back", b.agree("back")


def test_one_that_reads_json_and_reacts(t):
    b = Both(t, "reacting")
    known = {name: sorted(own) for name, (customer, own) in play(b)}
    first = ["10.1.0.0/24", "10.2.0.0/24", "10.4.0.0/22", "192.0.2.3/32", "2001:db8:1::/48"]
    equal(known, {"up": first[3:4], "heard": first, "changed": first, "withdrawn": first[1:], "lost": first[3:4],
                  "back": first[3:4]})
    noted = b.same_lines(CUSTOMER, 12)
    check(any("as-path [65002, 65007] set [65008, 65009] med 4" in line for line in noted), noted)
    b.same_lines(OWN, 4)
    b.over()


def test_one_that_says_who_it_is_first(t):
    b = Both(t, "banner")
    known = {name: (len(customer), own["10.20.0.0/16"].get("as_path", []), len(own))
             for name, (customer, own) in play(b)}
    spare = [65001] * 3
    equal(known, {"up": (1, spare, 1), "heard": (1, spare, 5), "changed": (1, spare, 5), "withdrawn": (1, spare, 4),
                  "lost": (0, [], 4), "back": (1, spare, 4)})
    b.same_lines(CUSTOMER, 30)
    b.same_lines(OWN, 10)
    for s in b.sides:
        answers = s.lines("answers")
        equal((answers[:3], set(answers[3:])), (["error", "error", "done"], {"done"}), s.kind)
    b.over()


def test_the_healthcheck_of_anycast_addresses(t):
    b = Both(t, "healthcheck", (CUSTOMER, OWN, CUSTOMER6))
    resolver = "198.51.100.53/32"

    def meds(first, second):
        """The addresses of the service come with these MEDs, each where its family is. → what is there"""
        want = {CUSTOMER: {"198.51.100.10/32": first}, OWN: {"198.51.100.10/32": first},
                CUSTOMER6: {"2001:db8:10::1/128": second}}
        b.wait(lambda s: all(s.table(a).get(p, {}).get("med") == med for a in want for p, med in want[a].items()),
               "MEDs %d and %d" % (first, second))
        tables = b.agree("MED %d" % first)
        equal([{p: r["med"] for p, r in table.items() if p != resolver} for table in tables], list(want.values()))
        return tables
    meds(1000, 1005)
    for s in b.sides:
        shown = s.ns.run("ip", "address", "show", "lo")
        check("198.51.100.10/32" in shown and "2001:db8:10::1/128" in shown, s.kind, shown)
    b.each(lambda s: (s.directory / "healthy").touch())
    customer, own, customer6 = meds(100, 105)
    equal((own[resolver]["local_pref"], own[resolver]["next_hop"]), (300, "192.0.2.53"))
    equal(customer6["2001:db8:10::1/128"]["next_hop"], "2001:db8:ffff::1")
    b.each(lambda s: (s.directory / "healthy").unlink())
    customer, own, _ = meds(1000, 1005)
    check(resolver not in own, own)
    # it takes its addresses back when it is ended, and is started again
    before = b.each(lambda s: s.peer(CUSTOMER).withdrawn)
    for s in b.sides:
        os.kill(next(p for p in descendants(s.process.pid) if "--label" in command_of(p)), signal.SIGTERM)
    for s, withdrawn in zip(b.sides, before):
        wait_until(lambda: s.peer(CUSTOMER).withdrawn > withdrawn, 10, s.kind + ": the address is withdrawn")
    meds(1000, 1005)
    b.over()


if __name__ == "__main__":
    main()
