"""The jobs. Each is a function of a test (harness.Test), a kind of daemon (rig.Ambo, rig.Bird) and N, does the job
once, checks what arrived, and gives a dict: `seconds` or another figure, and what it cost."""
import math
import os
import shutil
import signal
import time

from tests.bench import rig
from tests.integration import harness
from tests.integration.harness import check, wait_until

RECEIVE = ((rig.RECEIVERS, rig.OTHERS),)
SEND = ((rig.SENDERS % 1, rig.THEM),)


def each_up(*peers):
    for p in peers:
        p.wait("up", 60)


def finished(cost, start, end, **more):
    return dict(cost.stop(), seconds=round(end - start, 4), **more)


def watching(t, ambo, expect, *form):
    """A client that has subscribed to all updates and counts them; "snapshot": and to what stands"""
    client = rig.Client(t, ambo.api, "watch", expect, *form)
    client.wait("ready", 20)
    return client


def holds(t, daemon, table):
    """What stands with who is measured is that table: asked when the time has been taken."""
    if daemon.name == "bird":
        daemon.ask("enable", "p1")
        other = rig.receiver(t, table[0])
    else:
        other = watching(t, daemon, table[0], "snapshot")
    other.wait("done", 60)
    rig.same(table, other.sums())
    other.close()


# -- in -------------------------------------------------------------------------------------------

def ingest(t, kind, n, sharing="real", watched=True, mirror=False):
    """One peer's table. Ours: until an API client has counted all; where it wants a snapshot, the controller keeps the
    table too (mirror). BIRD's: until it has all and is quiet."""
    daemon = kind(t, SEND, asked=RECEIVE)
    source = rig.sender(t, n, sharing=sharing)
    table = source.table()
    each_up(source)
    form = ("snapshot",) if mirror else ()
    client = watching(t, daemon, n, *form) if kind is rig.Ambo and watched else None
    daemon.settle()
    cost = rig.Cost(daemon.pids())
    source.order("go")
    start = source.wait("sending")
    if client:
        end = client.wait("done")
        result = finished(cost, start, end)
        rig.same(table, client.sums())
    else:
        source.wait("sent")
        end = daemon.quiet_since()
        result = finished(cost, start, end)
        wait_until(lambda: daemon.count() == n, 5, "%s has %d routes" % (daemon.name, n))
        holds(t, daemon, table)
    return result


def ingest_json(t, kind, n):
    """Every route as ExaBGP's JSON to a helper program that only reads."""
    helper = Helper(t, "read", n)
    daemon = kind(t, SEND, head=helper.config(), words="\tapi {\n\t\tprocesses [ bench ];\n\t\treceive {\n\t\t\tparsed;\n"
                  "\t\t\tupdate;\n\t\t}\n\t}\n")
    helper.open()
    source = rig.sender(t, n)
    table = source.table()
    each_up(source)
    daemon.settle()
    cost = rig.Cost(daemon.pids())
    source.order("go")
    start = source.wait("sending")
    end = helper.wait("done")
    result = finished(cost, start, end)
    rig.same(table, helper.sums())
    return result


class Helper(rig.Talker):
    """child.c, started by who is measured"""

    def __init__(self, t, *args):
        self.paths = t.dir / "orders", t.dir / "answers"
        for path in self.paths:
            os.mkfifo(path)
        self.command = " ".join(map(str, (rig.PROGRAM_DIR / "child", *self.paths, *args)))
        # ours open both ways, so that none waits for the other
        super().__init__(t, None, stdin=os.open(self.paths[0], os.O_RDWR), stdout=os.open(self.paths[1], os.O_RDWR))

    def config(self):
        return "process bench {\n\trun %s;\n\tencoder json;\n}\n" % self.command

    def open(self):
        self.wait("ready", 20)

    def close(self):
        os.close(self.stdin)
        os.close(self.stdout)


# -- through --------------------------------------------------------------------------------------

def transit(t, kind, n, receivers=1, sharing="real"):
    """One peer in, RIB and policy, so many peers out."""
    out = tuple((rig.address(rig.RECEIVERS, i), rig.OTHERS) for i in range(receivers))
    daemon = kind(t, SEND + out, propagate=True)
    sink, source = rig.receiver(t, n, receivers), rig.sender(t, n, sharing=sharing)
    table = source.table()
    each_up(sink, source)
    daemon.settle()
    cost = rig.Cost(daemon.pids())
    source.order("go")
    start = source.wait("sending")
    end = sink.wait("done", 300)
    result = finished(cost, start, end)
    sums = sink.sums()
    check(len(sums) == receivers)
    rig.same(table, sums)
    result["updates"] = sums[0][3]
    return result


def flap(t, kind, n):
    """A peer that was told all goes, comes back, and is told all again."""
    daemon = kind(t, SEND + RECEIVE, propagate=True)
    sink, source = rig.receiver(t, n), rig.sender(t, n)
    table = source.table()
    each_up(sink, source)
    source.order("go")
    sink.wait("done", 120)
    sink.close()
    daemon.settle()
    cost = rig.Cost(daemon.pids())
    again = rig.receiver(t, n)
    start = again.wait("up", 60)
    end = again.wait("done", 60)
    result = finished(cost, start, end)
    rig.same(table, again.sums())
    return result


# -- what we say ----------------------------------------------------------------------------------

def originate(t, kind, n, sharing, form=None):
    """An API client says n routes, a command each, or in another form (client.c); until all are at a peer."""
    daemon = kind(t, RECEIVE)
    sink = rig.receiver(t, n)
    each_up(sink)
    client = rig.Client(t, daemon.api, "announce", n, sharing, *([form] if form else []))
    table = client.table()
    client.wait("ready")
    daemon.settle()
    cost = rig.Cost(daemon.pids())
    client.order("go")
    start = client.wait("sending")
    end = sink.wait("done", 120)
    result = finished(cost, start, end)
    client.wait("accepted", 30)
    check("refused" not in client.said, "some were refused")
    rig.same(table, sink.sums())
    return result


def originate_text(t, kind, n, sharing):
    """The same by a helper program that writes ExaBGP's lines and reads "done" for each."""
    helper = Helper(t, "write", n, sharing)
    daemon = kind(t, RECEIVE, head=helper.config(), words="\tapi {\n\t\tprocesses [ bench ];\n\t}\n")
    helper.open()
    table = helper.table()
    sink = rig.receiver(t, n)
    each_up(sink)
    daemon.settle()
    cost = rig.Cost(daemon.pids())
    helper.order("go")
    start = helper.wait("sending")
    end = sink.wait("done", 120)
    result = finished(cost, start, end)
    helper.wait("acked", 30)
    rig.same(table, sink.sums())
    return result


# -- sessions -------------------------------------------------------------------------------------

def sessions(t, kind, n, idle=10):
    """n sessions with hold time 9, dialled at once: until all are up; then what they cost when nothing happens."""
    peers = [(rig.address(rig.RECEIVERS, i), rig.OTHERS) for i in range(n)]
    daemon = kind(t, peers, hold=9)
    daemon.settle()
    before = sum(harness.rss(p) for p in daemon.pids().values())
    cost = rig.Cost(daemon.pids())
    start = time.monotonic()
    many = rig.Peers(t, rig.RECEIVERS, rig.OTHERS, sessions=n, hold=9)
    end = many.wait("up", 120)
    result = finished(cost, start, end)
    time.sleep(3)
    result["idle_cpu_percent"] = round(100 * harness.cpu_share(list(daemon.pids().values()), idle), 2)
    after = sum(harness.rss(p) for p in daemon.pids().values())
    result["kib_a_session"] = round((after - before) / 1024 / n, 1)
    many._read(0)
    check("down" not in many.said, "sessions went down")
    return result


def restart(t, kind, n):
    """kill -9 to the controller while n routes of a peer stand and are told another; until the new one has them all
    and has had a route written, and not an UPDATE more."""
    daemon = kind(t, SEND + RECEIVE, propagate=True)
    sink, source = rig.receiver(t, n), rig.sender(t, n)
    table = source.table()
    each_up(sink, source)
    source.order("go")
    sink.wait("done", 120)
    daemon.settle()
    told = sink.sums()
    rig.same(table, told)
    old, profiled = daemon.controller, rig.profile()
    start = time.monotonic()
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: daemon.ambo.half("ambo-controller") != old, 20, "started again", 0.005)
    daemon.controller = daemon.ambo.half("ambo-controller")
    cost = rig.Cost(daemon.pids(), profiled)
    daemon.ambo.wait_ready(30)
    client = daemon.ambo.client(timeout=60)

    def agreed():
        rows = {r["neighbor"]: r for r in client.show("show neighbors")}
        return (rows[SEND[0][0]]["prefixes"]["received"], rows[RECEIVE[0][0]]["prefixes"]["sent"]) == (n, n)
    wait_until(agreed, 60, "all is there again", 0.01)
    command = "neighbor %s announce route 203.0.113.0/24 next-hop self" % RECEIVE[0][0]
    wait_until(lambda: client.command(command, wait="sent", timeout=60).status == "sent", 60, "a route is written", 0.01)
    end = time.monotonic()
    daemon.settle()
    result = finished(cost, start, end)
    now = sink.sums()
    result["updates_more"] = now[0][3] - told[0][3] - 1
    check(result["updates_more"] == 0, "the peer was told again: %s, %s" % (told, now))
    rig.same(rig.with_one(table, "203.0.113.0", 24), now)
    holds(t, daemon, table)
    return result


# -- memory and size ------------------------------------------------------------------------------

def memory(t, kind, n, mirror=False):
    """Peak RSS, all processes of it together, of an ingest with a client that is told each route as it comes; the same
    where the client wants what stands too, for which the controller keeps the table; and of a transit."""
    one = ingest(t, kind, n, mirror=mirror)
    return dict(one, mib=round(sum(one["rss"].values()), 1))


def memory_transit(t, kind, n):
    one = transit(t, kind, n)
    return dict(one, mib=round(sum(one["rss"].values()), 1))


def churn(t, kind, n, keys=1000):
    """n flaps of a thousand prefixes toward a peer and a client that are stopped."""
    daemon = kind(t, SEND + RECEIVE, propagate=True)
    sink, source = rig.receiver(t, keys), rig.sender(t, keys)
    each_up(sink, source)
    client = watching(t, daemon, keys)
    source.order("go")
    sink.wait("done", 20)
    daemon.settle()
    for stopped in sink, client:
        os.kill(stopped.process.pid, signal.SIGSTOP)
    try:
        cost = rig.Cost(daemon.pids())
        # what buffers there are, are full after a tenth of it
        source.order("churn %d" % (n // 10))
        source.wait("sent", 200, 2)
        daemon.settle(30)
        before = sum(harness.rss(p) for p in daemon.pids().values())
        start = time.monotonic()
        source.order("churn %d" % (n - n // 10))
        end = source.wait("sent", 300, 3)
        daemon.settle(60)
        after = sum(harness.rss(p) for p in daemon.pids().values())
    finally:
        for stopped in sink, client:
            os.kill(stopped.process.pid, signal.SIGCONT)
    daemon.settle(30)
    sink.close()  # its sums are of what only grows
    again = rig.receiver(t, keys)
    again.wait("done", 20)
    rig.same(source.table(), again.sums())
    holds(t, daemon, source.table())
    return finished(cost, start, end, growth_mib=round((after - before) / 2**20, 2))


def sizes(t, kind, n):
    """What a route costs (microseconds of CPU, both halves) in ingests of a hundredth to four times n, and by how much
    it grows with ten times as many, from a tenth of n on: clock ticks are too coarse for less."""
    each = {}
    for m in n // 100, n // 10, n, 4 * n:
        inner = harness.Test("size")
        try:
            result = ingest(inner, kind, m)
        finally:
            inner.close()
            shutil.rmtree(inner.dir, ignore_errors=True)
        each[m] = max(sum(result["cpu"].values()), 1 / rig.TICKS) / m * 1e6
    growth = (each[4 * n] / each[n // 10]) ** (1 / math.log10(40))
    return dict(result, growth=round(growth, 3), **{"us_at_%d" % m: round(v, 3) for m, v in each.items()})


SPEAKERS = "10.0.0.%d"  # and numbers from 101 on


def apart(t, peers, words=""):
    """Controller and speakers s1, s2 ... over tcp with CURVE; peers: (number of the speaker, address, AS).
    → Ambo, pids"""
    ambo, count = t.ambo(), 1 + max(number for number, _, _ in peers)
    at = {"s%d" % (i + 1): SPEAKERS % (101 + i) for i in range(count)}
    text = "".join(rig.Ambo.section(address, asn, 90, words + "\tspeaker s%d;\n" % (number + 1))
                   .replace(rig.DAEMON, SPEAKERS % (101 + number)) for number, address, asn in peers)
    for address in at.values():
        rig.netns.run("ip", "address", "replace", address + "/16", "dev", "va1", ns="daemon", check=False)
    ambo.split(text, list(at), bind_address="127.0.0.1", controller_ns="daemon", speaker_ns="daemon",
               listen={name: [address] for name, address in at.items()}, bgp_port=179, wait=True,
               env={"exabgp_log_level": "ERR"})
    return ambo, dict({name: ambo.speakers[name].pid for name in at}, controller=ambo.controller.pid)


def scaling(t, kind, n, speakers=2):
    """The ingest job with so many speakers, a peer each, over tcp with CURVE; n routes from each."""
    ambo, pids = apart(t, [(i, rig.SENDERS % (i + 1), rig.THEM) for i in range(speakers)])
    sources = [rig.Peers(t, rig.SENDERS % (i + 1), rig.THEM, SPEAKERS % (101 + i), count=n, first=i * n)
               for i in range(speakers)]
    for s in sources:
        s.table()
    each_up(*sources)
    client = rig.Client(t, ambo.api, "watch", n * speakers)
    client.wait("ready", 20)
    time.sleep(1)
    cost = rig.Cost(pids)
    for s in sources:
        s.order("go")
    start = min(s.wait("sending") for s in sources)
    end = client.wait("done")
    result = finished(cost, start, end)
    got = client.sums()[0]
    want = [sum(int(v, 16) for v in vs) % 2**64 for vs in zip(*(s.table()[1:] for s in sources))]
    check((got[0], int(got[1], 16), int(got[2], 16)) == (n * speakers, *want), "arrived %s" % (got,))
    result["routes_a_second"] = int(n * speakers / result["seconds"])
    return result


def telling(t, kind, n, speakers=4):
    """The transit job where the peers that are told are one at each of so many speakers, over tcp with CURVE."""
    told = [rig.address(rig.RECEIVERS, i) for i in range(speakers)]
    ambo, pids = apart(t, [(0, SEND[0][0], rig.THEM), *((i, address, rig.OTHERS) for i, address in enumerate(told))],
                       "\tpropagate router;\n\timport accept;\n\texport accept;\n")
    sinks = [rig.Peers(t, address, rig.OTHERS, SPEAKERS % (101 + i), expect=n) for i, address in enumerate(told)]
    source = rig.Peers(t, SEND[0][0], rig.THEM, SPEAKERS % 101, count=n)
    table = source.table()
    each_up(source, *sinks)
    time.sleep(1)
    cost = rig.Cost(pids)
    source.order("go")
    start = source.wait("sending")
    end = max(s.wait("done") for s in sinks)
    result = finished(cost, start, end)
    for s in sinks:
        rig.same(table, s.sums())
    return dict(result, controller_us=round(result["cpu"]["controller"] / n / speakers * 1e6, 3))
