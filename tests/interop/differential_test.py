#!/usr/bin/python3
# ctest: TIMEOUT 600
"""Configurations as they are, under Debian's exabgp and under `ambo run`: both at the same time, with peers that
mirror their OPEN, each in a network of its own. What the peers know in the end is the same, and so are the UPDATEs,
octet for octet; differential/explained says where they are not, and why. The files are those of differential/, and
with AMBO_VECTORS=FOLDER those of FOLDER/conf; words on the command line choose some: differential_test.py -f NAME."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import collections
import re
import struct
from tests.fake.view import View
from tests.integration.harness import *

OWN = ROOT / "tests/interop/differential"
EXABGP = "/usr/sbin/exabgp"
TOGETHER, QUIET = int(os.environ.get("JOBS", 6)), 1.0
PORT = 179


# -- what differs and may ----------------------------------------------------------------------

# How far both agree, from nothing to all: the file is refused by one; the peers know other routes; know the same
# but were told in other octets; were told the same in another order; no difference. In which order the families come is
# nothing that anybody promises.
REFUSED, ROUTES, OCTETS, ORDER, SAME = LEVELS = "refused", "routes", "octets", "order", "same"


def explanations():
    """{file: (level, why)}; lines "FILE LEVEL why" """
    out = {}
    for line in (OWN / "explained").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, level, why = line.split(None, 2)
            check(name not in out and level in LEVELS, line)
            out[name] = level, why
    return out


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

    def __init__(self, t, kind, config, number):
        self.kind, self.name = kind, config.stem
        self.directory = t.dir / ("%s%d" % (kind, number)) # short: sockets are in it
        self.directory.mkdir()
        self.ns = t.namespace("%s%d" % (kind, number))
        self.peers = {}
        there = set()
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
        env = {"exabgp_tcp_bind": "", "exabgp_log_destination": "stderr", "exabgp_api_cli": "false",
               "exabgp_daemon_drop": "false", "exabgp_daemon_user": "root", "AMBO_RUN": str(self.directory / "run")}
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
    """of an UPDATE in hexadecimal: AFI and SAFI of the first MP attribute, none for IPv4 unicast"""
    octets = bytes.fromhex(body)
    gone, = struct.unpack_from("!H", octets)
    size, = struct.unpack_from("!H", octets, 2 + gone)
    at = 4 + gone
    mp = [v[:3] for _, c, v in bgp.split_attributes(octets[at:at + size]) if c in (bgp.MP_REACH, bgp.MP_UNREACH)]
    return mp[0] if mp else b""


def is_eor(body):
    if body == b"\0\0\0\0":
        return True
    return body[:2] == b"\0\0" and len(body) in (10, 11) and body[5] == bgp.MP_UNREACH and len(body) == 4 + body[3]


# -- both --------------------------------------------------------------------------------------

class Both:
    def __init__(self, t, config, number):
        self.name, self.config, self.faults = config.name, config, []
        self.level = SAME
        self.sides = self.exabgp, self.ambo = [Side(t, kind, config, number) for kind in ("exabgp", "ambo")]
        self.last, self.since = None, time.monotonic()

    def over(self):
        """nothing more is to come"""
        if all(s.ended() for s in self.sides):
            return True
        now = [s.updates() for s in self.sides]
        if now != self.last or not all(s.up() or s.ended() for s in self.sides):
            self.last, self.since = now, time.monotonic()
        return time.monotonic() - self.since > QUIET

    def differs(self, level, text):
        if LEVELS.index(level) < LEVELS.index(self.level):
            self.level = level
        self.faults.append("%s: %s: %s" % (self.name, level, text))

    def compare(self):
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
        theirs, ours = ([body.hex() for _, body in s.told(address)] for s in self.sides)
        for who, one, other in (("exabgp", theirs, ours), ("ambo", ours, theirs)):
            for body in (collections.Counter(one) - collections.Counter(other)).elements():
                self.differs(OCTETS, "%s: only %s: %s" % (address, who, body))
        if sorted(theirs) == sorted(ours) and sorted(theirs, key=family) != sorted(ours, key=family):
            self.differs(ORDER, "%s: exabgp %s, ambo %s" % (address, theirs, ours))

    def stop(self):
        for s in self.sides:
            s.process.terminate()
            for p in s.peers.values():
                p.stop()
            s.ns.close()


def play(t, configs):
    """→ [Both], stopped; some at a time"""
    if not os.path.exists(EXABGP):
        skip("exabgp is not installed")
    out, waiting, playing = [], list(enumerate(configs)), []
    while waiting or playing:
        while waiting and len(playing) < TOGETHER:
            number, config = waiting.pop(0)
            playing.append((Both(t, config, number), deadline(15)))
        for both, end in list(playing):
            if both.over() or time.monotonic() > end:
                both.compare()
                both.stop()
                playing.remove((both, end))
                out.append(both)
        time.sleep(0.05)
    return out


def judge(played):
    """Each as far as it is explained, no further and no less"""
    explained, faults = explanations(), []
    for both in sorted(played, key=lambda b: b.name):
        level, why = explained.get(both.name, (SAME, ""))
        if both.level != level:
            faults += ["%s: %s, explained is %s" % (both.name, both.level, level)] + both.faults[:10]
    counts = collections.Counter(b.level for b in played)
    print("    %d files: %s" % (len(played), ", ".join("%d %s" % (counts[l], l) for l in reversed(LEVELS) if counts[l])))
    check(not faults, "\n" + "\n".join(faults))


CHOSEN = sys.argv[sys.argv.index("-f") + 1:] if "-f" in sys.argv else None


def chosen(folder):
    return [f for f in sorted(folder.glob("*.conf")) if CHOSEN is None or any(c in f.name for c in CHOSEN)]


def test_our_configurations(t):
    judge(play(t, chosen(OWN)))


def test_the_configurations_of_a_folder(t):
    if "AMBO_VECTORS" not in os.environ:
        skip("AMBO_VECTORS names no folder")
    # what helper programs say is not of this test
    judge(play(t, [f for f in chosen(Path(os.environ["AMBO_VECTORS"]) / "conf") if "run ./run/" not in f.read_text()]))


if __name__ == "__main__":
    if CHOSEN is not None:
        del sys.argv[sys.argv.index("-f"):]
    main()
