#!/usr/bin/python3
"""Malformed messages over real sessions. The octets and what they cost are those of tests/cases/*.case, which
the unit tests hold against the codec; here each is said by a peer to a running Ambo, and must have just the
reaction: the NOTIFICATION with its data, a withdraw and an event about it, or nothing at all. After each the
session (the same, or the next one) must take a valid route. A peer that says nothing wrong looks on: it
keeps its session and its route. The programs must be alive at the end, within their memory."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import collections
import re
import struct
import threading
import time
from pathlib import Path

from tests.integration.harness import *
from tests.fake import bgp
from tests.fake.peer import FakePeer
from tests.fake.patience import deadline

CASES = Path(__file__).resolve().parent.parent / "cases"
LOCAL, AS, PEER_AS, BYSTANDER = "127.0.0.1", 65000, 65001, "127.0.9.9"
WORKERS = 6  # sessions of one kind at a time
# what a kind of session cannot be here, and why
SKIP = {"loopback": "both ends of every session here are loopback addresses",
        "offline": "about what is only shown",
        "role-": "about leaks of routes, no fault of an UPDATE",
        "group-all": "about what is sent", "group-none": "about what is sent"}


def octets(text):
    """0a0b (ff)x16 0c"""
    text = re.sub(r"\(([0-9a-f ]*)\)\s*x(\d+)", lambda m: m.group(1) * int(m.group(2)), text)
    return bytes.fromhex(text.replace(" ", ""))


class Case(dict):
    """Lines of one case by their first word; repeated ones are lists in .all"""

    def __init__(self, name, title):
        super().__init__()
        self.name, self.title, self.all = name, title, collections.defaultdict(list)

    def __str__(self):
        return "%s: %s" % (self.name, self.title)


def read_cases(name):
    out, case = [], None
    for line in (CASES / name).read_text().splitlines():
        if not line.strip():
            case = None
        elif line.startswith("#"):
            if case is None or len(case):
                case = Case(name, line[1:].strip())
                out.append(case)
            else:
                case.title += " " + line[1:].strip()
        else:
            if case is None:
                case = Case(name, "without a title")
                out.append(case)
            word, _, rest = line.partition(" ")
            case.setdefault(word, rest.strip())
            case.all[word].append(rest.strip())
    return [c for c in out if len(c)]


# -- a session of one kind ----------------------------------------------------------------------

class Kind:
    def __init__(self, words):
        self.words = frozenset(words)
        self.ebgp, self.asn2 = "ebgp" in words, "asn2" in words
        self.asn = PEER_AS if self.ebgp else AS
        self.v4, self.v6 = "no-ipv4" not in words, "no-ipv6" not in words

    def neighbor(self, address):
        lines = ["router-id 10.0.0.1", "local-address " + LOCAL, "local-as %d" % AS, "peer-as %d" % self.asn,
                 "hold-time 90", "passive", "listen 179"]
        families = " ".join(f + ";" for f, on in (("ipv4 unicast", self.v4), ("ipv6 unicast", self.v6)) if on)
        capability = ["asn4 %s;" % ("disable" if self.asn2 else "enable"), "extended-message %s;" % ("enable" if "big" in self.words else "disable")]
        if self.words & {"refresh", "enhanced"}:
            capability.append("route-refresh;")
        if "add-path" in self.words:
            capability.append("add-path receive;")
        if "no-aigp" not in self.words:
            capability.append("aigp;")
        out = "neighbor %s {\n%s\n    family { %s }\n    capability { %s }\n" % (
            address, "\n".join("    %s;" % x for x in lines), families, " ".join(capability))
        if "nexthop6" in self.words:
            out += "    nexthop { ipv4 unicast ipv6; }\n"
        return out + "}\n"

    def peer(self, address, **how):
        caps = [bgp.cap_mp(f) for f, on in ((bgp.IPV4, self.v4), (bgp.IPV6, self.v6)) if on]
        if not self.asn2:
            caps.append(bgp.cap_as4(self.asn))
        if "big" in self.words:
            caps.append(bgp.cap_extended_message())
        if self.words & {"refresh", "enhanced"}:
            caps.append(bgp.cap_refresh())
        if "enhanced" in self.words:
            caps.append(bgp.cap_enhanced_refresh())
        if "add-path" in self.words:
            caps.append(bgp.cap_add_path({f: 3 for f in (bgp.IPV4, bgp.IPV6)}))
        if "nexthop6" in self.words:
            caps.append((5, struct.pack("!HHH", 1, 1, 2)))
        return FakePeer(connect=LOCAL + ":179", local=address, asn=self.asn, capabilities=caps, retry=0.05,
                        eor=False, parse=False, record="control", **how)

    def routes(self, prefixes):
        """Valid UPDATEs that announce them, each with the path id of the cases"""
        path = bgp.attribute(0x40, 2, b"" if not self.ebgp else
                             (struct.pack("!BBH", 2, 1, self.asn) if self.asn2 else struct.pack("!BBI", 2, 1, self.asn)))
        base = bgp.attribute(0x40, 1, b"\0") + path
        local = b"" if self.ebgp else bgp.attribute(0x40, 5, struct.pack("!I", 100))
        out = []
        for p in prefixes:
            path_id = b"\0\0\0\1" if "add-path" in self.words else b""
            nlri = path_id + bgp.prefix_octets(p)
            if ":" in p:
                hop = bytes.fromhex("20010db8000000000000000000000001")
                attrs = base + local + bgp.attribute(0x80, 14, b"\0\2\1\x10" + hop + b"\0" + nlri)
                out.append(bgp.update(attrs=attrs))
            else:
                attrs = base + bgp.attribute(0x40, 3, bytes((10, 0, 0, 1))) + local
                out.append(bgp.update(attrs=attrs, raw_nlri=nlri))
        return out


# -- what the API tells ---------------------------------------------------------------------------

class Watcher(threading.Thread):
    """Events of all neighbors, by neighbor"""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.seen, self.changed = client, collections.defaultdict(list), threading.Condition()
        self.subscription = client.subscribe(updates=True, states=True, credit=1 << 40)
        self.over = False

    def run(self):
        while not self.over:
            event = self.client.peek(self.subscription, 0.2)
            if event is None:
                continue
            with self.changed:
                self.seen[event.get("neighbor")].append(event)
                self.changed.notify_all()

    def stop(self):
        self.over = True
        self.join(5)

    def count(self, address):
        with self.changed:
            return len(self.seen[address])

    def wait(self, address, since, predicate, what, timeout=8):
        end = deadline(timeout)
        with self.changed:
            while True:
                found = next((e for e in self.seen[address][since:] if predicate(e)), None)
                if found is not None:
                    return found
                left = end - time.monotonic()
                check(left > 0, "%s: no event about %s among %s" % (address, what, self.seen[address][since:][-4:]))
                self.changed.wait(left)

    def since(self, address, since):
        with self.changed:
            return list(self.seen[address][since:])


def said(event, verb):
    """Prefixes that an update event announces or withdraws"""
    part = event.get("message", {}).get("update", {}).get(verb, {}) if event.get("type") == "update" else {}
    out = set()
    for family in part.values():
        for group in (family.values() if isinstance(family, dict) else [family]):
            out |= {n["nlri"] for n in group}
    return out


# -- playing ------------------------------------------------------------------------------------

class Player:
    def __init__(self, ambo, watcher):
        self.ambo, self.watcher = ambo, watcher
        self.number, self.lock = 0, threading.Lock()
        self.played, self.faults, self.skipped = 0, [], []

    def fresh(self, kind):
        """A prefix that nobody has used"""
        with self.lock:
            self.number += 1
            n = self.number
        return "198.18.%d.%d/32" % (n >> 8, n & 0xff) if kind.v4 else "2001:db8:ffff:%x::/64" % n

    def marker(self, peer, kind, address):
        """A valid route goes through: since when"""
        since, prefix = self.watcher.count(address), self.fresh(kind)
        for m in kind.routes([prefix]):
            peer.send(m)
        self.watcher.wait(address, since, lambda e: prefix in said(e, "announce"), prefix)
        return since

    def notified(self, peer, before, want, what):
        peer.wait_for(lambda p: len(p.notifications) > before, 8, "NOTIFICATION %s" % (want,))
        got = peer.notifications[before]
        check(got[:2] == want[:2], "%s: NOTIFICATION %d/%d, not %d/%d" % (what, got[0], got[1], want[0], want[1]))
        if len(want) > 2:
            equal(got[2].hex(), want[2].hex(), "its data")

    def again(self, peer, kind, address):
        """The next session stands and takes a route"""
        peer.wait_established(10)
        self.marker(peer, kind, address)

    def play(self, case, play, peer, kind, address):
        try:
            play(case, peer, kind, address)
        except (AssertionError, TimeoutError, ConnectionError) as e:
            with self.lock:
                self.faults.append("%s: %s" % (case, e))
        with self.lock:
            self.played += 1

    # what is an UPDATE

    def update(self, case, peer, kind, address):
        body, fault = body_of(case, kind), case.get("fault", "").split()
        peer.wait_established(10)
        gone = [p for line in case.all["withdraw"] for p in line.partition(": ")[2].split()]
        told = [p for line in case.all["announce"] for p in line.partition(": ")[2].split()]
        gone = [p for p in gone if (kind.v6 if ":" in p else kind.v4)]
        for m in kind.routes([p for p in gone if "#" not in p]):
            peer.send(m)
        since, before = self.marker(peer, kind, address), len(peer.notifications)
        since = self.watcher.count(address)
        peer.send(bgp.message(2, body))
        if fault[:1] == ["reset"]:
            # shorter than an UPDATE can be is judged by the header (RFC 4271 6.1)
            self.notified(peer, before, (3, int(fault[2])) if len(body) >= 4 else (1, 2), "it")
            self.again(peer, kind, address)
            return
        self.marker(peer, kind, address)
        check(len(peer.notifications) == before, "the session was ended: %s" % (peer.notifications[before:],))
        events = self.watcher.since(address, since)
        announced = set().union(*(said(e, "announce") for e in events))
        withdrawn = set().union(*(said(e, "withdraw") for e in events))
        for p in gone:
            check(clean(p) in withdrawn or clean(p) in told, "no withdraw of %s" % p)
        for p in told:
            check(clean(p) in announced, "no announce of %s" % p)
        if fault[:1] == ["withdraw"]:
            check(not announced - {p for p in announced if p.startswith(("198.18.", "2001:db8:ffff:"))},
                  "announced: %s" % announced)

    def refresh(self, case, peer, kind, address):
        fault = case.get("fault", "").split()
        peer.wait_established(10)
        before = len(peer.notifications)
        peer.send(bgp.message(5, octets(case["wire"])))
        if fault:
            want = (int(fault[0]), int(fault[1]), octets(" ".join(fault[2:])))
            # shorter than a ROUTE-REFRESH can be is judged by the header
            self.notified(peer, before, want if len(octets(case["wire"])) >= 4 else (1, 2), "it")
            self.again(peer, kind, address)
        else:
            self.marker(peer, kind, address)
            equal(len(peer.notifications), before, "the session stands")

    def notification(self, case, peer, kind, address):
        peer.wait_established(10)
        before = len(peer.notifications)
        connection = peer.session
        peer.send(bgp.message(3, octets(case["wire"])))
        peer.wait_for(lambda p: connection.state == "closed", 8, "the connection closed")
        equal(len(peer.notifications), before, "a NOTIFICATION is never answered")
        self.again(peer, kind, address)

    # OPENs: each from a neighbor of its own, which the configuration expects

    def open(self, case, address):
        body, fault = open_of(case), case.get("fault", "").split()
        asn = int(case.get("expected") or OPEN_AS)
        peer = FakePeer(connect=LOCAL + ":179", local=address, asn=asn, open=bgp.message(1, body), eor=False, once=True)
        try:
            if fault:
                want = (int(fault[0]), int(fault[1])) + ((octets(" ".join(fault[2:])),) if len(fault) > 2 else ())
                self.notified(peer, 0, want, "it")
            else:
                peer.wait_established(8)
        finally:
            peer.stop()
        kind = Kind(["ebgp"])
        kind.asn = asn
        peer = kind.peer(address)
        try:
            self.again(peer, kind, address)
        finally:
            peer.stop()

    # what is a message whole: its 19 octets of header too

    def header(self, case, peer, kind, address):
        fault = case["fault"].split()
        peer.wait_established(10)
        before = len(peer.notifications)
        peer.send(octets(case["wire"]))
        if fault == ["0", "0"] or fault == ["none"]:
            peer.wait_down(8)
        else:
            want = (int(fault[0]), int(fault[1])) + ((octets(" ".join(fault[2:])),) if len(fault) > 2 else ())
            self.notified(peer, before, want, "it")
        self.again(peer, kind, address)


def clean(p):
    return p.partition("#")[0]


def body_of(case, kind):
    if "wire" in case and not case.name.startswith("attr-"):
        return octets(case["wire"])
    if case.name.startswith("attr-"):
        attrs = octets(case["wire"])
        given = {code for _, code, _ in framed(attrs)}
        path = struct.pack("!BBH" if kind.asn2 else "!BBI", 2, 1, kind.asn) if kind.ebgp else b""
        for code, value in ((1, b"\0"), (2, path), (3, bytes((10, 0, 0, 1)))):
            if code not in given:
                attrs = bgp.attribute(0x40, code, value) + attrs
        gone, nlri = b"", bgp.prefix_octets("10.77.0.0/24")
    else:
        gone, attrs = octets(case.get("withdrawn", "")), octets(case.get("attrs", ""))
        nlri = octets(case.get("nlri", ""))
    return struct.pack("!H", len(gone)) + gone + struct.pack("!H", len(attrs)) + attrs + nlri


OPEN_AS = 65533


def open_of(case):
    if "params" in case:
        params = octets(case["params"])
        return octets("04fffd00b40a000002") + bytes((len(params),)) + params
    return octets(case["wire"])


def framed(attrs):
    """Attributes as far as they can be cut"""
    while len(attrs) >= 3:
        wide = attrs[0] & 0x10
        if wide and len(attrs) < 4:
            return
        size = int.from_bytes(attrs[2:4], "big") if wide else attrs[2]
        start = 4 if wide else 3
        yield attrs[0], attrs[1], attrs[start:start + size]
        attrs = attrs[start + size:]


def attribute_case(case):
    """A case of one attribute as one of an UPDATE with a route of its own"""
    fault = case.get("fault", "").split()
    if fault[:1] == ["withdraw"]:
        case.all["withdraw"] = ["ipv4 unicast: 10.77.0.0/24"]
    elif fault[:1] != ["reset"]:
        case.all["announce"] = ["ipv4 unicast via 10.0.0.1: 10.77.0.0/24"]
    elif len(fault) == 1:
        case["fault"] = "reset 3 0"
    return case


def names_another_family(case):
    """A session would take no notice of what it has not agreed on"""
    for value in re.findall(r"\b80 ?0[ef] ?[0-9a-f]{2} ([0-9a-f]{4} ?[0-9a-f]{2})", case.get("attrs", "")):
        if bytes.fromhex(value.replace(" ", "")) not in (b"\0\1\1", b"\0\2\1") and case.get("fault", "").startswith("reset"):
            return True
    return False


def plan():
    """{kind words: [(case, name of the method)]}"""
    todo, skipped = collections.defaultdict(list), []

    def add(case, how):
        words = frozenset(case.get("session", "").split())
        why = next((SKIP[s] for s in SKIP for w in words if w.startswith(s)), None)
        if why:
            skipped.append("%s (%s)" % (case, why))
            return
        if how == "update" and len(body_of(case, Kind(words))) > 4096 - 19:
            words |= {"big"}
        todo[words].append((case, how))
    for case in read_cases("update.case"):
        if names_another_family(case) or any(
                not line.startswith(("ipv4 unicast", "ipv6 unicast")) for line in case.all["announce"] + case.all["withdraw"]):
            skipped.append("%s (the family is not configured)" % case)
        else:
            add(case, "update")
    for path in sorted(CASES.glob("attr-*.case")):
        for case in read_cases(path.name):
            if not case.get("wire"):
                continue
            if {14, 15} & {code for _, code, _ in framed(octets(case["wire"]))}:
                skipped.append("%s (UPDATEs with MP_REACH are in update.case)" % case)
            else:
                add(attribute_case(case), "update")
    for case in read_cases("header.case"):
        # what needs other limits than an established session's, and what is whole and right
        if "fault" in case and not {"limits", "extended", "session"} & set(case):
            add(case, "header")
    for case in read_cases("refresh.case"):
        add(case, "refresh")
    for case in read_cases("notification.case"):
        if "wire" in case:
            add(case, "notification")
    return todo, skipped


def test_each_malformed_message_has_its_reaction_and_no_other(t):
    todo, skipped = plan()
    config, sessions, number = "", [], 0
    for words, items in todo.items():
        kind, workers = Kind(words), min(WORKERS, max(1, len(items) // 3))
        for i in range(workers):
            number += 1
            address = "127.0.%d.%d" % (1 + number // 200, 1 + number % 200)
            config += kind.neighbor(address)
            sessions.append((kind, address, items[i::workers]))
    opens = [c for c in read_cases("open.case") if ("fault" in c or "text" in c or "caps" in c) and "local" not in c
             and ("wire" in c or "params" in c)]
    for i, case in enumerate(opens):
        config += Kind(["ebgp"]).neighbor("127.0.7.%d" % (1 + i)).replace(
            "peer-as %d" % PEER_AS, "peer-as %s" % case.get("expected", "auto"))
    bystander = Kind(["ebgp"])
    config += bystander.neighbor(BYSTANDER)
    ambo = t.ambo().run(config)
    watcher = Watcher(ambo.client())
    t.add(watcher, watcher.stop)
    watcher.start()
    looking = bystander.peer(BYSTANDER)
    t.add(looking, looking.stop)
    looking.wait_established()
    player = Player(ambo, watcher)
    player.marker(looking, bystander, BYSTANDER)
    before = {half: rss(ambo.half(half)) for half in ("ambo-speaker", "ambo-controller")}
    pids = {half: ambo.half(half) for half in before}

    def work(kind, address, items):
        peer = kind.peer(address)
        try:
            for case, how in items:
                player.play(case, getattr(player, how), peer, kind, address)
        finally:
            peer.stop()
    def work_opens(part):
        for i, case in part:
            player.play(case, lambda c, *_: player.open(c, "127.0.7.%d" % (1 + i)), None, None, None)
    threads = [threading.Thread(target=work, args=s, daemon=True) for s in sessions]
    threads += [threading.Thread(target=work_opens, args=(list(enumerate(opens))[n::4],), daemon=True) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    print("%d played, %d skipped: %s" % (player.played, len(skipped), "; ".join(skipped)))
    equal(player.faults, [])
    check(player.played > 250, "only %d were played" % player.played)
    check(looking.established and len(looking.connections) == 1, "the bystander's session was touched: %s" % looking)
    for half, pid in pids.items():
        equal(ambo.half(half), pid, half + " is the one that was started")
        check(rss(pid) < before[half] + (32 << 20), "%s grew from %d to %d octets" % (half, before[half], rss(pid)))


main()
