"""What the tests with one other daemon share: ten thousand routes of each family each way, compared route by
route with what either side shows, and what happens to a session: a reload, a refresh, a peer that is killed,
limits, GTSM. A Side says it in a daemon's own words."""
import ipaddress
import json
import os
import signal

from tests.fake import bgp
from tests.fake.capture import Capture
from tests.integration import scene
from tests.integration.harness import check, equal, wait_until
from tests.interop.daemons import ATTRIBUTES, addresses, compare, route

US, THEM, HOP = "192.0.2.1", "192.0.2.2", "192.0.2.99"
US6, THEM6, HOP6 = "2001:db8::1", "2001:db8::2", "2001:db8::99"
AS, THEIR_AS = 4200000001, 4200000002
N, FEW = 10000, 300     # routes of a family, where they are many and where they are not the point
MARKS = ("172.31.255.0/24", "2001:db8:ffff::/48")
FAMILIES = ("ipv4", "ipv6")
SHARED = [a for a in ATTRIBUTES if a not in ("local_pref", "atomic", "aggregator")]


def shown(ambo, peer):
    """What Ambo has from a peer, in the form that is compared"""
    status, out, err = ambo.cli("-j", "show", "routes", "received", "neighbor", peer, timeout=60)
    check(status == 0, err)
    return [shown_route(r) for r in rows_of(out)]


def rows_of(out):
    """JSON: a list, or several lists or maps one after the other"""
    rows, decoder, at = [], json.JSONDecoder(), 0
    while out[at:].strip():
        value, at = decoder.raw_decode(out, at + len(out[at:]) - len(out[at:].lstrip()))
        rows += value if isinstance(value, list) else [value]
    return rows


def shown_route(r):
    a = r["attribute"]
    path = []
    for i in sorted(a.get("as-path", {}), key=int):
        part = a["as-path"][i]
        path += part["value"] if part["element"] == "as-sequence" else [frozenset(part["value"])]
    joined = lambda name: [":".join(map(str, c)) for c in a[name]] if name in a else None
    aggregator = a.get("aggregator")
    if isinstance(aggregator, str):
        asn, _, address = aggregator.partition(":")
        aggregator = (int(asn), address)
    path_id = r.get("path-information")
    return route(r["nlri"], int(ipaddress.ip_address(path_id)) if path_id else None, next_hop=r["next-hop"],
                 origin=a.get("origin"), as_path=path, med=a.get("med"), communities=joined("community"),
                 large=joined("large-community"), local_pref=a.get("local-preference"), aggregator=aggregator,
                 atomic=bool(a.get("atomic-aggregate")))


def wait_received(ambo, peer, count, timeout=40):
    with ambo.client() as client:
        wait_until(lambda: scene.state(client, peer).get("prefixes", {}).get("received", 0) >= count, timeout,
                   "%d routes of %s" % (count, peer), 0.1)


def kernel(name):
    """A counter of TCP in this network: only what it dropped says that it has tried"""
    names, values = [line.split() for line in open("/proc/net/netstat") if line.startswith("TcpExt:")]
    return int(values[names.index(name)])


# -- what each tells the other ------------------------------------------------------------------

def six(base, i):
    return str(ipaddress.ip_network("2001:db8:%x:%x::/64" % (base + (i >> 8), i & 0xff)))


def ours(i, *, inner=False, med=None):
    """The i-th route that we announce (from N on of IPv6), as text and as the form that is compared; inner: to
    our own AS"""
    v6 = i >= N
    prefix = six(0x1000, i - N) if v6 else "10.%d.%d.0/24" % (i >> 8, i & 0xff)
    a = dict(med=1 + i % 1000 if med is None else med, communities=["65000:%d" % (i % 60), "65535:65281"][:1 + i % 2],
             large=["%d:%d:%d" % (AS, i % 7, i % 11)], next_hop=HOP6 if v6 else HOP,
             as_path=([] if inner else [AS]) + [4200000100 + i % 50, 64512 + i % 9])
    text = "route %s next-hop %s med %d community [ %s ] large-community [ %s ] as-path [ %s ]%s;" % (
        prefix, a["next_hop"], a["med"], " ".join(a["communities"]), " ".join(a["large"]),
        " ".join(str(x) for x in a["as_path"]), " local-preference %d" % (200 + i % 5) if inner else "")
    return text, route(prefix, origin="igp", local_pref=200 + i % 5 if inner else None, **a)


def all_ours(count, **how):
    """count routes of each family"""
    return [ours(first + i, **how) for first in (0, N) for i in range(count)]


def our_config(side, routes, *, extra=""):
    return """neighbor %s {
    router-id 192.0.2.1;
    local-address %s;
    local-as %d;
    peer-as %d;
    hold-time 30;
    group-updates all;
    listen 179;
%s
    family { ipv4 unicast; ipv6 unicast; }
    capability { route-refresh enable; }
    static {
%s
    }
}
""" % (side.them, side.us, AS, side.asn, extra, "\n".join("        " + r for r in routes))


class Side:
    """The other daemon: its configuration, and its words for what is asked of it."""
    kind = None
    path = []       # what follows its own AS in the AS_PATH of its routes

    def __init__(self, *, inner=False, six=False):
        """inner: of our own AS; six: the session is over IPv6"""
        self.inner, self.asn = inner, AS if inner else THEIR_AS
        self.us, self.them = (US6, THEM6) if six else (US, THEM)

    def config(self, *, count=FEW, security=False, limit=None):
        """count routes of each family; security: GTSM; limit: of prefixes that it takes"""
        raise NotImplementedError

    def prefixes(self, count=FEW):
        return bgp.prefixes(count, "20.0.0.0") + [six(0x2000, i) for i in range(count)]

    @staticmethod
    def attributes(i):
        """of its i-th route: one of five"""
        return dict(med=10 + i % 5, communities=["64999:%d" % (i % 5), "65000:7"], large=["%d:1:%d" % (THEIR_AS, i % 5)])

    def theirs(self, count=FEW):
        path = ([] if self.inner else [self.asn]) + self.path
        return [route(p, origin="igp", as_path=path, next_hop=THEM6 if ":" in p else THEM,
                      local_pref=100 if self.inner else None, **self.attributes(i))
                for i, p in enumerate(self.prefixes(count))]

    def start(self, t, **how):
        addresses(US, THEM, HOP, US6, THEM6, HOP6)
        return t.daemon(self.kind, self.config(**how), patience=30)

    def withdraw(self, daemon, prefix, count):
        """of its count routes of each family"""
        raise NotImplementedError

    def refresh(self, daemon):
        """ROUTE-REFRESH to us, both families"""
        raise NotImplementedError

    def again(self, daemon):
        """no pause before the next session"""

    def kill(self, daemon):
        """without a word, with what it started"""
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.process.wait()

    def told(self, daemon):
        """why its session ended, as it says"""
        raise NotImplementedError


# -- comparing ----------------------------------------------------------------------------------

def met(t, side, *, count=FEW, theirs=None, extra=""):
    """A session that stands, and all of both sides there: daemon, ambo, routes that we have told. theirs: how
    many of each family, unless as many as ours"""
    theirs = count if theirs is None else theirs
    daemon = side.start(t, count=theirs)
    routes = all_ours(count, inner=side.inner)
    ambo = t.ambo().run(our_config(side, [text for text, _ in routes], extra=extra))
    daemon.wait_established(side.us)
    has(daemon, side, [r for _, r in routes])
    have(ambo, side, side.theirs(theirs))
    return daemon, ambo, routes


def compared(side):
    return SHARED + (["local_pref"] if side.inner else [])


def has(daemon, side, want, timeout=40):
    """The daemon shows these of us, and no other"""
    _agree(lambda: daemon.count_of(side.us), lambda: daemon.routes(side.us), want, side, timeout,
           side.kind + " has of us")


def have(ambo, side, want, timeout=40):
    """We show these of the daemon, and no other"""
    with ambo.client() as client:
        _agree(lambda: scene.state(client, side.them).get("prefixes", {}).get("received", 0),
               lambda: shown(ambo, side.them), want, side, timeout, "we have of " + side.kind)


def _agree(count, rows, want, side, timeout, what):
    """What is shown may be late: waits for the number, which costs little, then compares"""
    faults = []

    def alike():
        if count() != len(want):
            return False
        got = rows()
        faults[:] = compare(got, want, compared(side))
        return not faults and len(got) == len(want)
    try:
        wait_until(alike, timeout, interval=0.2)
    except TimeoutError:
        equal((count(), compare(rows(), want, compared(side))), (len(want), []), what)


class Said:
    """What went to the peer since it was made"""

    def __init__(self, capture):
        self.capture = capture
        self.before = {key: len(said) for key, said in capture.messages().items()}

    def messages(self):
        return [m for key, said in self.capture.messages().items() for m in said[self.before.get(key, 0):]]

    def updates(self):
        parser = bgp.UpdateParser()
        return [parser.parse(raw[19:]) for kind, raw in self.messages() if kind == bgp.UPDATE]

    def prefixes(self):
        """([announced], [withdrawn]), but for the marks"""
        updates = self.updates()
        return tuple([p for u in updates for _, p, _ in u[key] if p not in MARKS] for key in ("announced", "withdrawn"))

    def marked(self, ambo, side):
        """Until a route of each family that is announced now has gone: with it, all that was to go before"""
        for mark, hop in zip(MARKS, (HOP, HOP6)):
            ambo.command("neighbor %s announce route %s next-hop %s" % (side.them, mark, hop))
        wait_until(lambda: set(MARKS) <= {p for u in self.updates() for _, p, _ in u["announced"]}, 20,
                   "the marks are on the wire", 0.1)

    def before_end(self):
        """how many prefixes of each family went before its End-of-RIB, for each that was said"""
        told, counts = set(), []
        for u in self.updates():
            told |= {p for _, p, _ in u["announced"]}
            if u["eor"]:
                counts.append(len([p for p in told if (":" in p) == (u["eor"] == bgp.IPV6)]))
        return counts


# -- what is tested -----------------------------------------------------------------------------

def routes_both_ways_and_withdraws(t, side, count=N):
    daemon, ambo, routes = met(t, side, count=count)
    theirs = side.theirs(count)
    for i in (7, count + 7):
        ambo.command("withdraw route " + routes[i][1]["prefix"])
        side.withdraw(daemon, theirs[i]["prefix"], count)
    gone = lambda rows: [r for i, r in enumerate(rows) if i not in (7, count + 7)]
    has(daemon, side, gone([r for _, r in routes]))
    have(ambo, side, gone(theirs))


def a_reload_tells_only_the_difference(t, side):
    capture = Capture(t, side.them, both=True)
    daemon, ambo, routes = met(t, side, theirs=1)
    said = Said(capture)
    routes[5], routes[FEW + 5] = ours(5, med=5555), ours(N + 5, med=6666)
    gone = routes.pop()
    ambo.write_config(our_config(side, [text for text, _ in routes]))
    ambo.command("reload")
    has(daemon, side, [r for _, r in routes])
    said.marked(ambo, side)
    announced, withdrawn = said.prefixes()
    equal(sorted(announced), sorted([routes[5][1]["prefix"], routes[FEW + 5][1]["prefix"]]), "announced")
    equal(withdrawn, [gone[1]["prefix"]], "withdrawn")
    equal(daemon.state(side.us), "Established")
    check(not any(kind in (bgp.OPEN, bgp.NOTIFICATION) for kind, _ in said.messages()), "the session stands")


def a_refresh_is_answered_with_everything(t, side):
    capture = Capture(t, side.them, both=True)
    daemon, ambo, routes = met(t, side, theirs=1)
    said = Said(capture)
    said.marked(ambo, side)
    equal(said.prefixes(), ([], []), "before it asks")
    said = Said(capture)
    side.refresh(daemon)
    want = sorted(r["prefix"] for _, r in routes)
    wait_until(lambda: len(said.prefixes()[0]) >= len(want), 20, "everything is told again", 0.2)
    ambo.command("neighbor %s announce route 172.31.254.0/24 next-hop %s" % (side.them, HOP))
    wait_until(lambda: "172.31.254.0/24" in said.prefixes()[0], 20, "what comes after it", 0.1)
    announced, withdrawn = said.prefixes()
    equal((sorted(announced), withdrawn), (sorted(want + ["172.31.254.0/24"]), []))
    equal(daemon.state(side.us), "Established")


def a_killed_peer_that_returns_is_told_everything(t, side):
    capture = Capture(t, side.them, both=True)
    daemon, ambo, routes = met(t, side)
    client = ambo.client()
    said = Said(capture)
    side.kill(daemon)
    scene.wait_fsm(client, side.them, "IDLE", "CONNECT", "ACTIVE")
    equal(shown(ambo, side.them), [], "routes of a peer that is gone")
    daemon.start()
    daemon.wait_ready(30)
    daemon.wait_established(side.us)
    has(daemon, side, [r for _, r in routes])
    have(ambo, side, side.theirs())
    wait_until(lambda: said.before_end()[-2:] == [FEW, FEW], 20,
               "everything is told, and then the End-of-RIB of both families", 0.2)


def gtsm(t, side):
    """RFC 5082: both sides, then a peer that is too far away"""
    daemon = side.start(t, count=1, security=True)
    ambo = t.ambo().run(our_config(side, [ours(0)[0]], extra="    outgoing-ttl 255; incoming-ttl 255;"))
    daemon.wait_established(side.us)
    has(daemon, side, [ours(0)[1]])
    daemon.close()
    before = kernel("TCPMinTTLDrop")
    daemon = side.start(t, count=1)
    wait_until(lambda: kernel("TCPMinTTLDrop") >= before + 3, 20, "what comes with a smaller TTL is dropped")
    check(scene.state(ambo.client(), side.them)["fsm"] != "ESTABLISHED", "a peer that sends a smaller TTL is not heard")
    equal(daemon.count_of(side.us), 0, "routes to a peer that is not heard")
    ambo.write_config(our_config(side, [ours(0)[0]]))
    ambo.command("reload")
    side.again(daemon)
    has(daemon, side, [ours(0)[1]])
    have(ambo, side, side.theirs(1))


def our_limit_ends_the_session(t, side, said):
    """said: what the daemon makes of 6/1"""
    daemon = side.start(t)
    ambo = t.ambo().run(our_config(side, [], extra="    maximum-prefix 100;"))
    wait_until(lambda: said in side.told(daemon), 20, "the peer says %r" % said, 0.2)
    state = scene.state(ambo.client(), side.them)
    equal((state["fsm"] != "ESTABLISHED", state["session"]), (True, 1), "it is not back at once")
    ambo.write_config(our_config(side, [ours(0)[0]], extra="    maximum-prefix %d;" % (2 * FEW)))
    ambo.command("reload")
    side.again(daemon)
    have(ambo, side, side.theirs())
    has(daemon, side, [ours(0)[1]])


def their_limit_ends_the_session(t, side):
    daemon = side.start(t, count=1, limit=100)
    ambo = t.ambo().run(our_config(side, [text for text, _ in all_ours(FEW)]))
    client = ambo.client()
    wait_until(lambda: "6/1" in scene.state(client, side.them)["why"], 20, "we say why: 6/1", 0.1)
    check(daemon.state(side.us) != "Established")
