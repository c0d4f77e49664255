"""MRT files (RFC 6396) for tests: a TABLE_DUMP_V2 of UPDATEs, and BGP4MP messages."""
import socket
import struct
import time

from tests.fake import bgp


def record(kind, subtype, body, when=None):
    return struct.pack("!IHHI", int(time.time() if when is None else when), kind, subtype, len(body)) + body


def peer_table(asn=65001, address="192.0.2.1", router_id="192.0.2.1"):
    six = ":" in address
    peer = bytes((2 | (1 if six else 0),)) + socket.inet_aton(router_id) + bgp.address_octets(address) + struct.pack("!I", asn)
    return record(13, 1, socket.inet_aton(router_id) + struct.pack("!HH", 0, 1) + peer)


def table_dump(messages, asn=65001, address="192.0.2.1"):
    """A RIB of one peer that said these UPDATEs (four-octet ASNs, no path ids)"""
    out, number, parser = [peer_table(asn, address)], 0, bgp.UpdateParser()
    now = int(time.time())
    for m in messages:
        u = parser.parse(m[19:])
        if not u["announced"]:
            continue
        block = _rib_attributes(m[19:])
        for _, prefix, _ in u["announced"]:
            entry = struct.pack("!HIH", 0, now, len(block)) + block
            out.append(record(13, 4 if ":" in prefix else 2, struct.pack("!I", number) + bgp.prefix_octets(prefix) +
                              struct.pack("!H", 1) + entry, now))
            number += 1
    return b"".join(out)


def _rib_attributes(body):
    """RFC 6396 4.3.4: MP_REACH_NLRI shrinks to its next hop"""
    gone = int.from_bytes(body[:2], "big")
    size = int.from_bytes(body[2 + gone:4 + gone], "big")
    out = b""
    for flags, code, value in bgp.split_attributes(body[4 + gone:4 + gone + size]):
        if code == bgp.MP_REACH:
            value = value[3:4 + value[3]]
        if code != bgp.MP_UNREACH:
            out += bgp.attribute(flags & ~0x10, code, value)
    return out


def bgp4mp(messages, asn=65001, address="192.0.2.1", local_as=65000, local="192.0.2.2", when=None):
    """MESSAGE_AS4 records"""
    six = ":" in address
    head = struct.pack("!IIHH", asn, local_as, 0, 2 if six else 1) + bgp.address_octets(address) + bgp.address_octets(local)
    return b"".join(record(16, 4, head + m, when) for m in messages)
