"""What the tests of situations and failures share: a configuration in a few words, tables of both sides to
compare, and how fast a command is done at a peer."""
import time

from tests.fake import bgp
from tests.integration.harness import ROOT, Stopwatch, check, equal, subprocess, wait_until
from tests.fake.patience import deadline

LOCAL = "127.0.0.1"

NEIGHBOR = """neighbor %(address)s {
	%(speaker)srouter-id 10.0.0.1;
	local-address %(local)s;
	local-as %(local_as)d;
	peer-as %(asn)d;
	hold-time %(hold)d;
	family {
		%(families)s
	}
	%(extra)s
}
"""


def neighbor(address, asn=65002, *, local=LOCAL, local_as=65001, hold=90, families=("ipv4 unicast",), speaker=None, routes=(),
             extra=""):
    """A section. routes: the words behind `route` of static routes."""
    if routes:
        extra += "static {\n%s\n\t}" % "\n".join("\t\troute %s;" % r for r in routes)
    return NEIGHBOR % dict(address=address, asn=asn, local=local, local_as=local_as, hold=hold, extra=extra,
                           families="\n\t\t".join(f + ";" for f in families),
                           speaker="speaker %s;\n\t" % speaker if speaker else "")


# -- peers by number: N is 127.0.0.N of AS 65000 + N, and we are AS 65000 ---------------------------

def numbered(*numbers, families="ipv4 unicast; ipv6 unicast;", extra=""):
    """Sections."""
    return "".join("""
neighbor 127.0.0.%d {
	local-address 127.0.0.1; local-as 65000; peer-as %d; router-id 10.0.0.1;
	family { %s }
	%s
}
""" % (n, 65000 + n, families, extra) for n in numbers)


def numbered_peer(t, n, families=("ipv4", "ipv6"), **how):
    return t.peer(listen="127.0.0.%d:179" % n, asn=65000 + n, families=families, **how)


def start_numbered(t, config, up=(2, 3), env=None, **how):
    """Those peers and Ambo, with their sessions up → (ambo, client, peers)"""
    peers = [numbered_peer(t, n, **how) for n in up]
    ambo = t.ambo().run(config, env=env)
    for p in peers:
        p.wait_established()
    client = ambo.client()
    wait_up(client, *("127.0.0.%d" % n for n in up))
    return ambo, client, peers


# -- what the controller says ------------------------------------------------------------------

def state(client, address):
    """the row of show neighbors"""
    return next(n for n in client.show("show neighbors") if n["neighbor"] == address)


def wait_fsm(client, address, *names, timeout=15):
    last = []

    def reached():
        last[:] = [state(client, address)]
        return last[0]["fsm"] in names
    try:
        wait_until(reached, timeout, interval=0.05)
    except TimeoutError:
        raise TimeoutError("%s is %s (%s), not %s" % (address, last[0]["fsm"], last[0]["why"],
                                                      " or ".join(names))) from None
    return last[0]


def wait_up(client, *addresses, timeout=15):
    for a in addresses:
        wait_fsm(client, a, "ESTABLISHED", timeout=timeout)


def sent(client, address, timeout=60):
    """{prefix: row} of what the neighbor is to be told"""
    return {r["nlri"]: r for r in client.show("show routes sent neighbor " + address, timeout)}


def received(client, address, timeout=60):
    """{prefix: row} of what the neighbor sent"""
    return {r["nlri"]: r for r in client.show("show routes received neighbor " + address, timeout)}


def speaker_has_heard(client, address):
    """What the controller has told the speaker of this neighbor up to now, who is interested for one, is done there: so is
    what comes behind it."""
    for line in "announce route 203.0.113.0/24 next-hop self", "withdraw route 203.0.113.0/24":
        answer = client.command("neighbor %s %s" % (address, line), wait="sent")
        equal(answer.status, "sent", answer.text)


def differences(a, b):
    """None when two dicts are equal, else a few of what differs"""
    if a == b:
        return None
    missing, more = a.keys() - b.keys(), b.keys() - a.keys()
    other = [k for k in a.keys() & b.keys() if a[k] != b[k]]
    return "%d against %d: missing %d %s, too many %d %s, different %d %s" % (
        len(a), len(b), len(missing), sorted(missing)[:3], len(more), sorted(more)[:3], len(other),
        ["%s: %s / %s" % (k, a[k], b[k]) for k in sorted(other)[:3]])


def meds(rows):
    """{prefix: MED} of rows of show routes"""
    return {p: r["attribute"].get("med") for p, r in rows.items()}


def peer_meds(peer):
    """likewise, of what a fake peer was told"""
    with peer.lock:
        return {k[1]: a.get("med") for k, a in peer.table.items()}


def agree(client, peer, address, timeout=30):
    """What the controller means to tell, the peer was told: waits until it is so. → how many routes"""
    end = deadline(timeout)
    while True:
        wrong = differences(meds(sent(client, address)), peer_meds(peer))
        if wrong is None:
            return len(peer.table)
        check(time.monotonic() < end, "controller and peer %s: %s" % (address, wrong))
        time.sleep(0.2)


# -- a subscriber's table ----------------------------------------------------------------------

class Follower:
    """A table made of events alone, one neighbor's: {prefix: MED}."""

    def __init__(self, client, address, *, credit=0, kept=True, snapshot=True):
        self.client, self.table, self.kept = client, {}, kept
        self.count, self.lagged, self.resets, self.synced = 0, 0, 0, 0
        self.credit = credit or 1 << 20
        self.number = client.subscribe(updates=True, snapshot=snapshot, neighbor=address, credit=credit)
        self.given = self.credit

    def read(self, timeout=0.0, give=True):
        """Take what has come, give credit for it. → how many events"""
        self.client.receive(timeout)
        events = self.client.events[self.number]
        n = len(events)
        while events:
            self.apply(events.popleft())
        used = self.client.event_octets[self.number]
        # so that at least half the window is always open
        if give and self.given - used < self.credit // 2:
            self.client.credit(self.number, used + self.credit - self.given)
            self.given = used + self.credit
        self.count += n
        return n

    def apply(self, event):
        kind = event["type"]
        if kind == "reset":
            self.table.clear()
            self.resets += 1
        elif kind == "lagged":
            self.lagged += event["skipped"]
        elif kind == "synced":
            self.synced += 1
        elif kind == "update" and self.kept:
            self.update(event["message"].get("update", {}))

    def update(self, update):
        for rows in update.get("withdraw", {}).values():
            for r in rows:
                self.table.pop(r["nlri"], None)
        med = update.get("attribute", {}).get("med")
        for hops in update.get("announce", {}).values():
            for rows in hops.values():
                for r in rows:
                    self.table[r["nlri"]] = med

    def until(self, want, timeout=60):
        """Read on until the table is this."""
        end = deadline(timeout)
        while self.table != want:
            wrong = time.monotonic() >= end and differences(want, self.table)
            check(not wrong, "subscriber after %d events, %d lagged, %d resets: %s" % (
                self.count, self.lagged, self.resets, wrong))
            self.read(0.2)


# -- a peer that sends a great deal, in a process of its own -----------------------------------

class Loader:
    """tests/fake/loader.py: orders go in, `done` comes back."""

    def __init__(self, t, address, asn, *, hold=90, port=179, ns=None, name="loader"):
        self.process = t.process(name, ["/usr/bin/python3", "-m", "tests.fake.loader", "--listen",
                                        "%s:%d" % (address, port), "--as", asn, "--hold", hold],
                                 cwd=ROOT, stdin=subprocess.PIPE, ns=ns)
        self.address, self.orders = address, 0
        self.process.wait_log("listening")

    def order(self, *words):
        self.orders += 1
        self.process.popen.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.process.popen.stdin.flush()
        return self.orders

    def done(self, order=None):
        """the answers so far to an order (default the last): words behind its number"""
        number = self.orders if order is None else order
        return next((line.split()[2:] for line in self.process.log().splitlines()
                     if line.startswith("done %d " % number)), None)

    def wait(self, order=None, timeout=120):
        def answered():
            check(self.process.running, "the loader ended:", self.process.log()[-1000:])
            return self.done(order) is not None
        wait_until(answered, timeout, "the loader's order %s is done" % (order or self.orders), 0.05)
        return self.done(order)

    def run(self, *words, timeout=120):
        return self.wait(self.order(*words), timeout)

    def sessions(self):
        return self.process.log().count("established")

    def stop(self):
        """End the flood that is on."""
        self.order("stop")


# -- how fast ----------------------------------------------------------------------------------

class Times:
    """Milliseconds; str() is a line for the log. own: without what the machine added (Stopwatch)."""

    def __init__(self, name):
        self.name, self.values, self.own = name, [], []

    def add(self, seconds, own=None):
        self.values.append(seconds * 1000)
        self.own.append((seconds if own is None else own) * 1000)

    def time(self, do, *pids):
        """→ what do() gives"""
        watch = Stopwatch(*pids)
        value = do()
        end = time.monotonic()
        self.add(end - watch.start, watch.own(end))
        return value

    def at(self, part, values=None):
        v = sorted(values or self.values)
        return v[min(len(v) - 1, int(len(v) * part))]

    def __str__(self):
        return "%s: %d samples, p50 %.2f, p99 %.2f, max %.2f ms, on an idle machine %.2f, %.2f, %.2f" % (
            self.name, len(self.values), *(self.at(p, v) for v in (self.values, self.own) for p in (0.5, 0.99, 1)))

    def report(self, most=50, part=0.5):
        """Print; the median, or another part of them, must be below `most` ms but for what the machine added"""
        print("    " + str(self))
        check(self.at(part, self.own) < most, str(self))


class Reactions:
    """Commands one by one, each timed until its answer and until the peer was told."""
    made = 0

    def __init__(self, ambo, client, peer, address, name):
        self.client, self.peer, self.address, self.pids = client, peer, address, ambo.pids()
        self.answered, self.told = Times(name + ", answered"), Times(name + ", at the peer")
        self.shown = Times(name + ", show")

    def announce(self, count=20, pause=0.01, timeout=10):
        """→ the prefixes"""
        return [self.one(pause, timeout) for _ in range(count)]

    def one(self, pause=0.01, timeout=10):
        Reactions.made += 1
        n = Reactions.made
        prefix = "172.%d.%d.%d/32" % (16 + (n >> 16 & 15), n >> 8 & 255, n & 255)
        watch = Stopwatch(*self.pids)
        start = watch.start
        answer = self.client.command("neighbor %s announce route %s next-hop self" % (self.address, prefix),
                                     timeout=timeout)
        equal(answer.status, "accepted", answer.text)
        self.answered.add(answer.time - start, watch.own(answer.time))
        key = bgp.AFI4, prefix, None
        self.peer.wait_for(lambda p: key in p.table, timeout, prefix)
        at = next(m.time for m in reversed(self.peer.updates(start))
                  if m.update and key in m.update["announced"])
        self.told.add(at - start, watch.own(at))
        time.sleep(pause)
        return prefix

    def show(self, count=10):
        for _ in range(count):
            row = self.shown.time(lambda: state(self.client, self.address), *self.pids)
            check(row["state"] == "up")

    def report(self, most=50):
        for times in (self.answered, self.told, self.shown):
            if times.values:
                times.report(most)
