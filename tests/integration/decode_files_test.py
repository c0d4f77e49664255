#!/usr/bin/python3
"""`ambo decode FILE`: captures of packets and files of MRT records. AMBO_MRT names a folder of real ones, to be compared
with what bgpdump reads in them."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
import gzip
import json
import random
import socket
import struct
import subprocess
from tests.fake import mrt
from tests.fake.capture import Capture
from tests.integration.harness import *

A, B = ("192.0.2.1", 179), ("192.0.2.2", 40001)
A6, B6 = ("2001:db8::1", 40002), ("2001:db8::2", 179)
ETHERNET, COOKED, COOKED_2, RAW, LOOPBACK = 1, 113, 276, 101, 0
SYN, ACK = 2, 16


# -- packets

def tcp(source, to, sequence, flags, payload):
    return struct.pack("!HHIIHHHH", source[1], to[1], sequence & 0xFFFFFFFF, 0, 5 << 12 | flags, 65535, 0, 0) + payload


def ip(source, to, segment, fragment=0):
    if ":" in source[0]:
        hop_by_hop = bytes((6, 0, 1, 4, 0, 0, 0, 0))
        return struct.pack("!IHBB", 6 << 28, len(segment) + 8, 0, 64) + socket.inet_pton(socket.AF_INET6, source[0]) + \
            socket.inet_pton(socket.AF_INET6, to[0]) + hop_by_hop + segment
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, fragment, 64, 6, 0) + socket.inet_aton(source[0]) + \
        socket.inet_aton(to[0]) + segment


def frame(link, packet):
    kind = struct.pack("!H", 0x86dd if packet[0] >> 4 == 6 else 0x0800)
    return {ETHERNET: bytes(12) + b"\x81\x00\x00\x07" + kind, COOKED: bytes(14) + kind, COOKED_2: kind + bytes(18),
            RAW: b"", LOOPBACK: b"\x02\0\0\0"}[link] + packet + (bytes(10) if link == ETHERNET else b"")


class Wire:
    """the two ends of a connection, and what was captured of it"""

    def __init__(self, a=A, b=B, link=ETHERNET, first=0xFFFFFF00):
        self.ends, self.link, self.frames = (a, b), link, []
        self.sequence = {a: first, b: first + 77}

    def put(self, source, payload=b"", flags=ACK, at=None, kept=None):
        to = self.ends[self.ends[0] == source]
        sequence = self.sequence[source] if at is None else at
        whole = frame(self.link, ip(source, to, tcp(source, to, sequence, flags, payload)))
        self.frames.append((whole, len(whole) if kept is None else kept))
        if at is None:
            self.sequence[source] += len(payload) + bool(flags & SYN)

    def shake(self, source=None):
        source = source or self.ends[0]
        self.put(source, flags=SYN)
        self.put(self.ends[self.ends[0] == source], flags=SYN | ACK)

    def opens(self, capabilities, other=None):
        for end, asn, caps in ((self.ends[0], 65001, capabilities), (self.ends[1], 65002, capabilities if other is None else other)):
            self.put(end, bgp.open_message(asn, capabilities=caps + [bgp.cap_as4(asn)]))

    def pcap(self, order="<", nano=False, link=None):
        out = struct.pack(order + "IHHiIII", 0xa1b23c4d if nano else 0xa1b2c3d4, 2, 4, 0, 0, 65535, self.link if link is None else link)
        for i, (whole, kept) in enumerate(self.frames):
            out += struct.pack(order + "IIII", 1000 + i, 500, kept, len(whole)) + whole[:kept]
        return out

    def pcapng(self, order="<"):
        def block(kind, body):
            body += bytes(-len(body) % 4)
            return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))
        out = block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))
        out += block(1, struct.pack(order + "HHI", self.link, 0, 0) + struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0))
        out += block(0xbad, b"whatever")
        for i, (whole, kept) in enumerate(self.frames):
            when = (1000 + i) * 10**9
            out += block(6, struct.pack(order + "IIIII", 0, when >> 32, when & 0xFFFFFFFF, kept, len(whole)) + whole[:kept])
        return out


CAPS = [bgp.cap_mp(bgp.IPV4), bgp.cap_mp(bgp.IPV6)]


def announce(prefix, path_id=None, hop="192.0.2.1"):
    attributes = bgp.attribute(0x40, 1, b"\0") + bgp.attribute(0x40, 2, b"\x02\x01" + struct.pack("!I", 65001)) + \
        bgp.attribute(0x40, 3, socket.inet_aton(hop))
    return bgp.message(2, b"\0\0" + struct.pack("!H", len(attributes)) + attributes + bgp.nlri([prefix], path_id))


def withdraw(prefix):
    body = bgp.nlri([prefix])
    return bgp.message(2, struct.pack("!H", len(body)) + body + b"\0\0")


def decode(t, octets, *options, name="capture", status=0):
    path = t.dir / name
    path.write_bytes(octets)
    got, out, err = cli("decode", *options, path)
    equal(got, status, err)
    return [json.loads(line) for line in out.splitlines()], err


def prefixes(events):
    """what was announced and withdrawn, in order"""
    found = []
    for event in events:
        said = event["neighbor"].get("message", {}).get("update", {})
        for family in said.get("announce", {}).values():
            for hop in family.values():
                found += ["+" + n["nlri"] + ("@" + n["path-information"] if "path-information" in n else "") for n in hop]
        for family in said.get("withdraw", {}).values():
            found += ["-" + n["nlri"] for n in family]
    return found


def kinds(events):
    return [e["type"] for e in events]


# -- captures

def test_every_link_and_both_kinds_of_file(t):
    for link in (ETHERNET, COOKED, COOKED_2, RAW, LOOPBACK):
        wire = Wire(link=link)
        wire.shake()
        wire.opens(CAPS)
        wire.put(A, bgp.KEEPALIVE + announce("10.0.0.0/24"))
        wire.put(B, withdraw("10.1.0.0/16"))
        for octets in (wire.pcap(), wire.pcap(">"), wire.pcap(nano=True), gzip.compress(wire.pcap())) + \
                (() if link == LOOPBACK else (wire.pcapng(), wire.pcapng(">"))):
            events, err = decode(t, octets)
            equal((kinds(events), err), (["open", "open", "keepalive", "update", "update"], ""), link)
            equal(prefixes(events), ["+10.0.0.0/24", "-10.1.0.0/16"], link)
            equal(int(events[3]["time"]), 1004, "time")
    equal(events[0]["neighbor"]["address"], {"local": "192.0.2.2", "peer": "192.0.2.1"}, "as the receiver sees it")
    equal(events[3]["neighbor"]["asn"], {"local": 65002, "peer": 65001}, "by the OPENs")
    equal(events[4]["neighbor"]["asn"], {"local": 65001, "peer": 65002}, "by the OPENs, the other way")


def test_ipv6_with_extension_headers(t):
    wire = Wire(A6, B6, RAW)
    wire.shake()
    wire.opens(CAPS)
    wire.put(A6, announce("10.0.0.0/24"))
    events, err = decode(t, wire.pcap())
    equal((prefixes(events), err), (["+10.0.0.0/24"], ""))
    equal(events[2]["neighbor"]["address"], {"local": "2001:db8::2", "peer": "2001:db8::1"})


def test_what_the_opens_agreed_on_is_how_messages_are_read(t):
    both = CAPS + [bgp.cap_add_path({bgp.IPV4: 3})]
    wire = Wire()
    wire.shake()
    wire.opens(both)
    wire.put(A, announce("10.0.0.0/24", 7))
    equal(prefixes(decode(t, wire.pcap())[0]), ["+10.0.0.0/24@0.0.0.7"], "both have it")
    wire = Wire()
    wire.shake()
    wire.opens(both, CAPS)
    wire.put(A, announce("10.0.0.0/24"))
    equal(prefixes(decode(t, wire.pcap())[0]), ["+10.0.0.0/24"], "one has it not")
    one = CAPS + [bgp.cap_add_path({bgp.IPV4: 2})]
    wire = Wire()
    wire.shake()
    wire.put(A, bgp.open_message(65001, capabilities=one + [bgp.cap_as4(65001)]))
    wire.put(A, announce("10.0.0.0/24", 7))
    equal(prefixes(decode(t, wire.pcap())[0]), ["+10.0.0.0/24@0.0.0.7"], "the other was not seen: thought to agree")


def test_segments_in_any_order_and_twice(t):
    rng = random.Random(4)
    want = ["10.%d.%d.0/24" % (i >> 8, i & 255) for i in range(3000)]
    stream = b"".join(map(announce, want))
    for _ in range(3):
        wire = Wire()
        wire.shake()
        wire.opens(CAPS)
        start, pieces, at = wire.sequence[A], [], 0
        while at < len(stream):
            size = rng.randrange(1, 1460)
            pieces.append((start + at, stream[at:at + size]))
            at += size
        pieces += rng.sample(pieces, 20)
        order = sorted(range(len(pieces)), key=lambda i: i + rng.randrange(40))
        for i in order:
            wire.put(A, pieces[i][1], at=pieces[i][0])
        wire.put(A, b"\0", at=start - 1)  # as a keepalive of TCP is
        events, err = decode(t, wire.pcap())
        equal((prefixes(events), err), (["+" + p for p in want], ""))


def test_a_hole_is_told_and_the_next_message_found(t):
    wire = Wire()
    wire.shake()
    wire.opens(CAPS)
    wire.put(A, announce("10.0.0.0/24"))
    lost = announce("10.1.0.0/24") + announce("10.2.0.0/24")[:30]
    wire.sequence[A] += len(lost)
    wire.put(A, announce("10.2.0.0/24")[30:] + announce("10.3.0.0/24"))
    events, err = decode(t, wire.pcap(), status=1)
    equal(prefixes(events), ["+10.0.0.0/24", "+10.3.0.0/24"])
    check("capture: offset " in err and "192.0.2.1 port 179 to 192.0.2.2 port 40001: %d octets are missing" % len(lost) in err, err)
    # cut short by the one who captured
    wire = Wire()
    wire.shake()
    wire.opens(CAPS)
    wire.put(A, announce("10.0.0.0/24"), kept=80)
    wire.put(A, announce("10.3.0.0/24"))
    events, err = decode(t, wire.pcap(), status=1)
    equal(prefixes(events), ["+10.3.0.0/24"])
    check("are missing" in err, err)


def test_much_that_waits_for_a_hole_is_bounded(t):
    wire = Wire()
    wire.shake()
    wire.opens(CAPS)
    wire.sequence[A] += 100
    for i in range(60):
        wire.put(A, b"".join(announce("10.%d.%d.0/24" % (i, j)) for j in range(256)) * 2)
    events, err = decode(t, wire.pcap(), status=1)
    equal(len(prefixes(events)), 60 * 512)
    check("are missing" in err, err)


def test_a_capture_that_begins_in_the_middle(t):
    wire = Wire()
    wire.put(A, announce("10.0.0.0/24")[40:] + announce("10.1.0.0/24"))
    equal(prefixes(decode(t, wire.pcap())[0]), ["+10.1.0.0/24"], "port 179")
    wire = Wire((A[0], 4000), (B[0], 4001))
    wire.put(wire.ends[0], b"GET / HTTP/1.0")
    wire.put(wire.ends[0], announce("10.1.0.0/24"))
    equal(prefixes(decode(t, wire.pcap())[0]), ["+10.1.0.0/24"], "any port")


def test_a_new_connection_of_the_same_ports_begins_anew(t):
    wire = Wire()
    wire.shake()
    wire.opens(CAPS + [bgp.cap_add_path({bgp.IPV4: 3})])
    wire.put(A, announce("10.0.0.0/24", 7))
    wire.sequence = {A: 5, B: 0x70000000}
    wire.shake(B)
    wire.put(B, flags=SYN, at=0x70000000)  # once more
    wire.opens(CAPS)
    wire.put(A, announce("10.1.0.0/24"))
    events, err = decode(t, wire.pcap())
    equal((prefixes(events), err), (["+10.0.0.0/24@0.0.0.7", "+10.1.0.0/24"], ""))


def test_other_traffic_is_counted(t):
    wire = Wire()
    wire.shake()
    wire.put(A, announce("10.0.0.0/24"))
    wire.frames.append((bytes(12) + b"\x08\x06" + bytes(28), 42))
    wire.frames.append((frame(ETHERNET, ip(A, B, tcp(A, B, 0, ACK, b""), fragment=0x2000)), 60))
    wire.frames.append((bytes(12) + b"\x08\x00\x45", 15))
    events, err = decode(t, wire.pcap())
    equal(prefixes(events), ["+10.0.0.0/24"])
    for part in ("other traffic, left out: 1", "fragments of IP packets, left out: 1", "malformed packets, left out: 1"):
        check(part in err, err)


def test_what_is_wrong_has_its_place(t):
    wire = Wire()
    wire.shake()
    wire.opens(CAPS)
    at = len(wire.pcap())
    wire.put(A, bgp.message(2, b"\0\0\0\x04\x40\x01\x01\0\x21\0"))
    wire.put(A, bgp.message(9, b"") + announce("10.1.0.0/24"))
    octets = wire.pcap()
    events, err = decode(t, octets, status=1)
    check("%s: offset %d: " % (t.dir / "capture", at) in err and "message type 9" in err, err)
    equal(prefixes(events), ["+10.1.0.0/24"])
    events, err = decode(t, octets[:-1], status=1)
    check("a packet is cut off" in err, err)
    for octets, why in ((octets[:10], "the header of the file is cut off"), (b"\xa1\xb2", "a record is cut off")):
        check("offset 0: " + ("the header of " + why if "record" in why else why) in decode(t, octets, status=1)[1], why)
    events, err = decode(t, wire.pcapng()[:-2], status=1)
    check("a block is cut off" in err, err)
    status, out, err = cli("decode", "--pcap", t.dir / "none")
    equal((status, out), (1, ""))
    check("none: No such file" in err, err)


def test_no_octets_make_it_fall(t):
    rng = random.Random(5)
    wire = Wire()
    wire.shake()
    wire.opens(CAPS)
    for i in range(6):
        wire.put(A, announce("10.%d.0.0/24" % i))
    for whole in (wire.pcap(), wire.pcapng(), mrt.table_dump([announce("10.0.0.0/24"), announce("10.1.0.0/24")])):
        for _ in range(30):
            octets = bytearray(whole)
            for _ in range(rng.randrange(1, 6)):
                octets[rng.randrange(len(octets))] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
            path = t.dir / "broken"
            path.write_bytes(octets[:rng.randrange(len(octets))] if rng.random() < 0.3 else octets)
            status, out, err = cli("decode", path)
            check(status in (0, 1) and "runtime error" not in err and "Sanitizer" not in err, octets.hex(), err)


def test_what_tcpdump_kept_of_a_session(t):
    if not shutil.which("tcpdump"):
        skip("tcpdump is not installed")
    kept = Capture(t, "127.0.0.2", both=True)
    peer = t.peer(listen="127.0.0.2:179", asn=65002, families=("ipv4", "ipv6"), add_path={"ipv4": 3})
    ambo = t.ambo().run("""neighbor 127.0.0.2 { router-id 10.0.0.1; local-address 127.0.0.1; local-as 65001; peer-as 65002;
        capability { add-path send/receive; } family { ipv4 unicast; ipv6 unicast; }
        static { route 10.0.0.0/16 next-hop 192.0.2.1 split /24 path-information 0.0.0.7; } }""")
    want = ["10.0.%d.0/24" % i for i in range(256)]
    wait_until(lambda: len(peer.table) == 256, 10)
    kept.stop()
    status, out, err = cli("decode", kept.path)
    equal((status, err), (0, ""))
    events = [json.loads(line) for line in out.splitlines()]
    equal(sorted(prefixes(events)), sorted("+%s@0.0.0.7" % p for p in want))
    equal({e["neighbor"]["asn"]["peer"] for e in events}, {65001}, "one direction was kept")


# -- MRT

def mp(prefix, hop="2001:db8::1"):
    value = struct.pack("!HBB", 2, 1, 16) + socket.inet_pton(socket.AF_INET6, hop) + b"\0" + bgp.prefix_octets(prefix)
    attributes = bgp.attribute(0x40, 1, b"\0") + bgp.attribute(0x40, 2, b"") + bgp.attribute(0x80, 14, value)
    return bgp.message(2, b"\0\0" + struct.pack("!H", len(attributes)) + attributes)


def test_a_table_is_what_its_peers_would_say(t):
    table = mrt.table_dump([announce("10.0.0.0/24"), mp("2001:db8:1::/48")], asn=70000, address="2001:db8::9")
    for octets in (table, gzip.compress(table)):
        events, err = decode(t, octets)
        equal((prefixes(events), err), (["+10.0.0.0/24", "+2001:db8:1::/48"], ""))
        equal(events[0]["neighbor"]["asn"]["peer"], 70000)
        equal(events[0]["neighbor"]["address"]["peer"], "2001:db8::9")
        equal(list(events[1]["neighbor"]["message"]["update"]["announce"]["ipv6 unicast"]), ["2001:db8::1"], "next hop")
    status, out, err = cli("decode", "-m", t.dir / "capture")
    check(status == 0 and "announce ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.1" in out, out, err)


def entry(attributes, path_id=None, peer=0):
    return struct.pack("!HI", peer, 1000) + (b"" if path_id is None else struct.pack("!I", path_id)) + \
        struct.pack("!H", len(attributes)) + attributes


def table(subtype, nlri, *entries, head=b""):
    return mrt.record(13, subtype, struct.pack("!I", 1) + head + nlri + struct.pack("!H", len(entries)) + b"".join(entries), 1000)


ATTRIBUTES = bgp.attribute(0x40, 1, b"\0") + bgp.attribute(0x40, 2, b"") + bgp.attribute(0x40, 3, socket.inet_aton("192.0.2.7"))


def test_tables_with_path_ids_and_of_any_family(t):
    vpn = bytes((88 + 24, 0, 0, 0x11)) + bytes.fromhex("0000fde900000001") + bytes((10, 0, 9))
    octets = mrt.peer_table() + table(8, bgp.prefix_octets("10.0.0.0/24"), entry(ATTRIBUTES, 5), entry(ATTRIBUTES, 6)) + \
        table(6, vpn, entry(ATTRIBUTES), head=struct.pack("!HB", 1, 128)) + \
        table(12, vpn, entry(ATTRIBUTES, 9), head=struct.pack("!HB", 1, 128)) + \
        table(3, bgp.prefix_octets("10.2.0.0/24"), entry(ATTRIBUTES))
    events, err = decode(t, octets)
    equal((prefixes(events), err), (["+10.0.0.0/24@0.0.0.5", "+10.0.0.0/24@0.0.0.6", "+10.0.9.0/24", "+10.0.9.0/24@0.0.0.9",
                                     "+10.2.0.0/24"], ""))
    check("65001:1" in json.dumps(events[2]), events[2])


def test_the_old_table(t):
    body = struct.pack("!HH4sBBI4sHH", 0, 1, socket.inet_aton("10.0.0.0"), 24, 1, 1000, socket.inet_aton("192.0.2.9"), 65009,
                       len(ATTRIBUTES)) + ATTRIBUTES
    events, err = decode(t, mrt.record(12, 1, body, 1000))
    equal((prefixes(events), err, events[0]["neighbor"]["asn"]["peer"]), (["+10.0.0.0/24"], "", 65009))


def test_what_is_wrong_in_a_table(t):
    head = mrt.peer_table()
    good = table(2, bgp.prefix_octets("10.0.0.0/24"), entry(ATTRIBUTES))
    for bad, why in ((table(2, bgp.prefix_octets("10.0.0.0/24"), entry(ATTRIBUTES, peer=1)), "not in the index"),
                     (table(2, bgp.prefix_octets("10.0.0.0/24"), entry(ATTRIBUTES[:-1])), "attributes of a route are cut off"),
                     (table(2, bgp.prefix_octets("10.0.0.0/24"), entry(ATTRIBUTES)[:-1]), "routes of a record are cut off"),
                     (table(6, b"", head=struct.pack("!HB", 999, 9)), "family that is not known")):
        events, err = decode(t, head + bad + good, status=1)
        equal(prefixes(events), ["+10.0.0.0/24"], why)
        check("offset %d: " % len(head) in err and why in err, err)


def test_real_files_have_the_routes_that_bgpdump_finds(t):
    folder = os.environ.get("AMBO_MRT") or skip("AMBO_MRT names no folder of MRT files")
    if not shutil.which("bgpdump"):
        skip("bgpdump is not installed")
    for path in sorted(Path(folder).glob("*.gz")):
        if "expect" in path.name:
            continue
        status, out, err = cli("decode", path, timeout=60)
        got = {}
        for p in prefixes(map(json.loads, out.splitlines())):
            p = p.partition("@")[0]
            got[p] = got.get(p, 0) + 1
        want = {}
        for line in subprocess.run(["bgpdump", "-m", path], capture_output=True, text=True).stdout.splitlines():
            part = line.split("|")
            if part[2] in ("A", "B", "W"):
                key = ("-" if part[2] == "W" else "+") + part[5]
                want[key] = want.get(key, 0) + 1
        print(path.name, sum(got.values()), sum(want.values()), status)
        differ = {k for k in set(got) | set(want) if got.get(k) != want.get(k)}
        check(len(differ) == 0, path.name, len(differ), sorted(differ)[:5], err[:500])


if __name__ == "__main__":
    main()
