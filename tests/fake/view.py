"""What a peer is told over one connection, of every family.

    view = View.of(connection)        a connection of a FakePeer, once OPENs were exchanged
    announced, withdrawn = view.apply(body)
    view.routes                       {Key: Route}

A Key says which route it is (labels are not part of it), a Route what is said of it: labels, next hop and
the attributes, as {code: (flags, hexadecimal)}. NEXT_HOP beside MP_REACH means nothing and is left out."""
import collections
import struct

from tests.fake import bgp

Key = collections.namedtuple("Key", "afi safi path_id nlri")
Route = collections.namedtuple("Route", "labels hop attributes")

MULTICAST, LABELLED, MCAST_VPN, VPLS, EVPN, SR_POLICY, MUP, VPN, RTC, FLOW, FLOW_VPN = (
    2, 4, 5, 65, 70, 73, 85, 128, 132, 133, 134)
EXTENDED_LENGTH = 0x10


def _of_bits(data):
    return 1 + (data[0] + 7) // 8


def _of_type(data):
    return 2 + data[1]


def _flow(data):
    return 1 + data[0] if data[0] < 240 else 2 + (struct.unpack_from("!H", data)[0] & 0xfff)


# how long the NLRI is that these octets begin with
LENGTHS = {bgp.UNICAST: _of_bits, MULTICAST: _of_bits, LABELLED: _of_bits, VPN: _of_bits, SR_POLICY: _of_bits,
           RTC: _of_bits, MCAST_VPN: _of_type, EVPN: _of_type, MUP: lambda d: 4 + d[3],
           VPLS: lambda d: 2 + struct.unpack_from("!H", d)[0], FLOW: _flow, FLOW_VPN: _flow}


def _without_labels(nlri):
    """→ (the prefix with its true length, labels): the last has the bottom bit, or is that of a withdraw"""
    end = 1
    while True:
        label, end = nlri[end:end + 3], end + 3
        if end >= len(nlri) or label[2] & 1 or label in (b"\x80\0\0", b"\0\0\0"):
            return bytes((nlri[0] - 8 * (end - 1),)) + nlri[end:], nlri[1:end].hex()


def split_nlri(data, afi, safi, add_path=False):
    """[(Key, labels)]; a family that is not known is one NLRI"""
    out, path_id = [], None
    while data:
        if add_path:
            path_id, data = struct.unpack_from("!I", data)[0], data[4:]
        size = LENGTHS.get(safi, len)(data)
        if size > len(data):
            raise ValueError("NLRI of %d octets in %d" % (size, len(data)))
        nlri, data, labels = bytes(data[:size]), data[size:], ""
        if safi in (LABELLED, VPN):
            nlri, labels = _without_labels(nlri)
        out.append((Key(afi, safi, path_id, nlri.hex()), labels))
    return out


class View:
    def __init__(self, add_path=frozenset()):
        self.add_path, self.routes = frozenset(add_path), {}

    @classmethod
    def of(cls, connection):
        return cls(connection.add_path_receive)

    def apply(self, body):
        """an UPDATE → ({Key: Route} announced, [Key] withdrawn)"""
        gone, = struct.unpack_from("!H", body)
        size, = struct.unpack_from("!H", body, 2 + gone)
        attributes, mp = {}, {}
        for flags, code, value in bgp.split_attributes(body[4 + gone:4 + gone + size]):
            if code in (bgp.MP_REACH, bgp.MP_UNREACH):
                mp[code] = value
            else:
                attributes[code] = flags & ~EXTENDED_LENGTH, value.hex()
        withdrawn = [k for k, _ in self._split(body[2:2 + gone], *bgp.IPV4)]
        hop = attributes.get(bgp.NEXT_HOP, (0, ""))[1]
        rest = {c: v for c, v in attributes.items() if c != bgp.NEXT_HOP}
        announced = {k: Route(l, hop, rest) for k, l in self._split(body[4 + gone + size:], *bgp.IPV4)}
        if bgp.MP_UNREACH in mp:
            value = mp[bgp.MP_UNREACH]
            withdrawn += [k for k, _ in self._split(value[3:], *struct.unpack_from("!HB", value))]
        if bgp.MP_REACH in mp:
            value = mp[bgp.MP_REACH]
            afi, safi, length = struct.unpack_from("!HBB", value)
            hop = value[4:4 + length].hex()
            announced.update((k, Route(l, hop, rest)) for k, l in self._split(value[5 + length:], afi, safi))
        for key in withdrawn:
            self.routes.pop(key, None)
        self.routes.update(announced)
        return announced, withdrawn

    def _split(self, data, afi, safi):
        return split_nlri(data, afi, safi, (afi, safi) in self.add_path)
