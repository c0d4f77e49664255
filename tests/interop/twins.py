"""Debian's exabgp and `ambo run`, with the same file at the same time, each with peers of its own that mirror its OPEN,
in a network of its own: what the peers are told, compared octet for octet.

differential/explained says where both differ, and why: `judge` fails on what it does not say, and on what it says
and is not so."""
import collections
import functools
import os
import re
import struct
import time

from tests.fake import bgp
from tests.fake.patience import patient
from tests.fake.view import View
from tests.integration.harness import ROOT, check, run_command, skip

OWN = ROOT / "tests/interop/differential"
EXABGP = "/usr/sbin/exabgp"
PORT = 179


# -- what differs and may ----------------------------------------------------------------------

# How far both agree, from nothing to all: the file is refused by one; the peers know other routes; know the same
# but were told in other octets; were told the same in another order; no difference. In which order the families come is
# nothing that anybody promises.
REFUSED, ROUTES, OCTETS, ORDER, SAME = LEVELS = "refused", "routes", "octets", "order", "same"


@functools.cache
def explanations():
    """{name: level}; lines "NAME LEVEL why" """
    out = {}
    for line in (OWN / "explained").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, level, why = line.split(None, 2)
            check(name not in out and level in LEVELS, line)
            out[name] = level
    return out


def explained(name):
    return explanations().get(name, SAME)


# -- a configuration ---------------------------------------------------------------------------

class Neighbor:
    """What the peer has to know of a neighbor that a file describes"""

    def __init__(self, address, body):
        self.address = address

        def value(keyword):
            found = re.search(r"(?:^|[{;\s])%s\s+([^\s;]+)" % keyword, body)
            return found.group(1) if found else None
        self.local, self.asn = value("local-address"), value("peer-as")
        self.md5 = value("md5-password")


def neighbors(text):
    """those of a file; what is inherited is not looked for"""
    text = re.sub(r"#[^\n]*", "", text)
    out = []
    for found in re.finditer(r"(?:^|[}\s])neighbor\s+([0-9a-fA-F.:]+)\s*{", text):
        depth, at = 1, found.end()
        while depth and at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        out.append(Neighbor(found.group(1), text[found.end():at]))
    return out


# -- one daemon --------------------------------------------------------------------------------

def mirrored(asn):
    """The OPEN that answers theirs: the same capabilities, of this AS; → a function of the connection"""
    def make(connection):
        theirs = connection.their_open
        capabilities = []
        for code, value in theirs["capabilities"]:
            if code == bgp.CAP_AS4 and asn:
                value = struct.pack("!I", asn)
            elif code == bgp.CAP_ADD_PATH:
                value = b"".join(f[:3] + bytes(({1: 2, 2: 1}.get(f[3], f[3]),))
                                 for f in (value[i:i + 4] for i in range(0, len(value), 4)))
            capabilities.append((code, value))
        return bgp.open_message(asn or theirs["asn"], theirs["hold_time"], "192.0.2.254", capabilities,
                                one_parameter=False, extended=sum(4 + len(v) for _, v in capabilities) > 255)
    return make


class Side:
    """One daemon with one file, its peers"""

    def __init__(self, t, kind, config, number, more={}):
        self.kind = kind
        self.directory = t.dir / ("%s%d" % (kind, number)) # short: sockets are in it
        self.directory.mkdir()
        self.ns = t.namespace("%s%d" % (kind, number))
        self.peers, there = {}, set()
        for n in neighbors(config.read_text()):
            for address in filter(None, (n.address, n.local)):
                if address not in there and address not in ("auto", "127.0.0.1", "::1"):
                    self.ns.address("lo", address + ("/128" if ":" in address else "/32"))
                there.add(address)
            asn = int(n.asn) if n.asn and n.asn.isdigit() else None
            if n.address not in self.peers:
                self.peers[n.address] = t.peer(
                    listen="[%s]:%d" % (n.address, PORT), asn=asn or 1, wait_open=True, open=mirrored(asn), parse=False,
                    eor=False, ns=self.ns, md5=n.md5 and n.md5.strip("'\""), md5_peer=n.md5 and n.local)
        # from where on they are compared
        self.marks, self.others_marks = dict.fromkeys(self.peers, 0), dict.fromkeys(self.peers, 0)
        env = {"exabgp_tcp_bind": "", "exabgp_log_destination": "stderr", "exabgp_api_cli": "false",
               "exabgp_daemon_drop": "false", "exabgp_daemon_user": "root", "AMBO_RUN": str(self.directory / "run"),
               "STEPS": str(self.directory), **more}
        command = run_command(config, "ipc://%s/api" % self.directory) if kind == "ambo" else [EXABGP, config]
        self.process = t.process("%s-%s" % (kind, config.stem), command, ns=self.ns, env=env, cwd=config.parent)

    def ended(self):
        return not self.process.running

    def up(self):
        return all(p.established for p in self.peers.values())

    def updates(self):
        return sum(p.count[bgp.UPDATE] for p in self.peers.values())

    def told(self, address):
        """[(connection, UPDATE)] without those that say nothing"""
        out = []
        peer = self.peers[address]
        with peer.lock:
            for m in peer.messages:
                if m.type == bgp.UPDATE and not is_eor(m.body):
                    out.append((m.connection, m.body))
        return out

    def others(self, address):
        """"5 00010001" of what is neither OPEN nor KEEPALIVE, and End-of-RIBs"""
        peer = self.peers[address]
        with peer.lock:
            return ["%d %s" % (m.type, m.body.hex()) for m in peer.messages
                    if m.type not in (bgp.OPEN, bgp.KEEPALIVE_TYPE, bgp.UPDATE) or (m.type == bgp.UPDATE and is_eor(m.body))]

    def routes(self, address):
        """what the peer knows in the end"""
        peer, view, last = self.peers[address], None, None
        for connection, body in self.told(address):
            if connection != last:
                view, last = View.of(peer.connections[connection]), connection
            view.apply(body)
        return view.routes if view else {}


UNORDERED = {bgp.COMMUNITIES: 8, bgp.EXT_COMMUNITIES: 16, bgp.LARGE_COMMUNITIES: 24}


def plain(route):
    """The order of communities means nothing"""
    def value(code, text):
        size = UNORDERED.get(code)
        return "".join(sorted(text[i:i + size] for i in range(0, len(text), size))) if size else text
    return route and route._replace(attributes={c: (f, value(c, v)) for c, (f, v) in route.attributes.items()})


def family(body):
    """of a message in hexadecimal: AFI and SAFI of the first MP attribute, none for IPv4 unicast"""
    if " " in body:
        return b""
    octets = bytes.fromhex(body)
    gone, = struct.unpack_from("!H", octets)
    size, = struct.unpack_from("!H", octets, 2 + gone)
    at = 4 + gone
    mp = [v[:3] for _, c, v in bgp.split_attributes(octets[at:at + size]) if c in (bgp.MP_REACH, bgp.MP_UNREACH)]
    return mp[0] if mp else b""


def singles(body):
    """The same with each IPv4 prefix of its own fields in a message of its own: what is packed together depends on
    when it was said."""
    gone, = struct.unpack_from("!H", body)
    size, = struct.unpack_from("!H", body, 2 + gone)
    out = [struct.pack("!H", len(one)) + one + b"\0\0" for one in prefixes_in(body[2:2 + gone])]
    block, rest = body[2 + gone:4 + gone + size], body[4 + gone + size:]
    out += [b"\0\0" + block + one for one in prefixes_in(rest)]
    return out if rest else out + [b"\0\0" + block] if size else out


def prefixes_in(octets):
    while octets:
        size = 1 + (octets[0] + 7) // 8
        yield octets[:size]
        octets = octets[size:]


def is_eor(body):
    if body == b"\0\0\0\0":
        return True
    return body[:2] == b"\0\0" and len(body) in (10, 11) and body[5] == bgp.MP_UNREACH and len(body) == 4 + body[3]


# -- both --------------------------------------------------------------------------------------

class Twins:
    """Both with one file. What differs is gathered, `level` is how far they agree."""

    def __init__(self, t, config, number, singly=False, env={}, where=""):
        """singly: not what is packed together is compared, but all messages are; env: more for both; where: before its
        name"""
        if not os.path.exists(EXABGP):
            skip("exabgp is not installed")
        self.name, self.config, self.faults = where + config.name, config, []
        self.level, self.singly = SAME, singly
        self.sides = self.exabgp, self.ambo = [Side(t, kind, config, number, env) for kind in ("exabgp", "ambo")]
        self.seen, self.since = None, time.monotonic()

    def quiet(self):
        """for how long has neither told anything, with all sessions up"""
        now = [s.updates() for s in self.sides]
        if now != self.seen or not all(s.up() or s.ended() for s in self.sides):
            self.seen, self.since = now, time.monotonic()
        return time.monotonic() - self.since

    def differs(self, level, text):
        if LEVELS.index(level) < LEVELS.index(self.level):
            self.level = level
        self.faults.append("%s: %s: %s" % (self.name, level, text))

    def settled(self, quiet):
        """Nothing was told for a while; if they do not agree as explained, for long."""
        if all(s.ended() for s in self.sides):
            return True
        if self.quiet() < quiet:
            return False
        self.compare()
        return self.level == explained(self.name) or self.quiet() > patient(10 * quiet)

    def compare(self):
        self.level, self.faults = SAME, []
        ended = [s.kind for s in self.sides if s.ended()]
        if ended:
            self.differs(REFUSED, "%s ended" % " and ".join(ended))
            return
        down = [s.kind for s in self.sides if not s.up()]
        if down:
            self.differs(ROUTES, "no session with %s" % " and ".join(down))
        for address in self.exabgp.peers:
            self.compare_peer(address)

    def compare_peer(self, address):
        theirs, ours = (s.routes(address) for s in self.sides)
        for key in sorted(theirs.keys() | ours.keys(), key=str):
            if plain(theirs.get(key)) != plain(ours.get(key)):
                self.differs(ROUTES, "%s: %s: exabgp %s, ambo %s" % (address, key, theirs.get(key), ours.get(key)))
        theirs, ours = ([one.hex() for _, body in s.told(address)[s.marks[address]:]
                         for one in (singles(body) if self.singly else [body])] for s in self.sides)
        self.compare_messages(address, theirs, ours)
        if self.singly:
            self.compare_messages(address, *(s.others(address)[s.others_marks[address]:] for s in self.sides))

    def compare_messages(self, address, theirs, ours):
        """in hexadecimal"""
        for who, one, other in (("exabgp", theirs, ours), ("ambo", ours, theirs)):
            for body in (collections.Counter(one) - collections.Counter(other)).elements():
                self.differs(OCTETS, "%s: only %s: %s" % (address, who, body))
        if sorted(theirs) == sorted(ours) and sorted(theirs, key=family) != sorted(ours, key=family):
            self.differs(ORDER, "%s: exabgp %s, ambo %s" % (address, theirs, ours))

    def next(self, name):
        """What was told up to now is another thing's matter"""
        for s in self.sides:
            s.marks = {a: len(s.told(a)) for a in s.peers}
            s.others_marks = {a: len(s.others(a)) for a in s.peers}
        self.name, self.since = name, time.monotonic()

    def stop(self):
        for s in self.sides:
            s.process.terminate()
            for p in s.peers.values():
                p.stop()
            s.ns.close()


def judge(played):
    """[(name, level, faults)]: each as far as it is explained, no further and no less"""
    faults = []
    for name, level, differences in sorted(played):
        if level != explained(name):
            faults += ["%s: %s, explained is %s" % (name, level, explained(name))] + differences[:10]
    counts = collections.Counter(level for _, level, _ in played)
    print("    %d: %s" % (len(played), ", ".join("%d %s" % (counts[l], l) for l in reversed(LEVELS) if counts[l])))
    check(not faults, "\n" + "\n".join(faults))
