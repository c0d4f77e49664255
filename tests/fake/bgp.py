"""BGP messages for tests, independent of the codec under test.

Building: open_message, update, notification, route_refresh, KEEPALIVE; each returns whole messages
(marker, length, type, body). Reading: Splitter cuts a stream into messages, parse_open and
parse_update turn bodies into dicts. What is not unicast IPv4 or IPv6 stays octets in hexadecimal.

Nothing here refuses to build nonsense: lengths, flags and values go out as the test says.
"""
import functools
import itertools
import socket
import struct

MARKER = b"\xff" * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE_TYPE, ROUTE_REFRESH = 1, 2, 3, 4, 5
TYPE_NAMES = {1: "open", 2: "update", 3: "notification", 4: "keepalive", 5: "route-refresh"}

AFI4, AFI6 = 1, 2
UNICAST = 1
IPV4, IPV6 = (AFI4, UNICAST), (AFI6, UNICAST)
FAMILIES = {"ipv4": IPV4, "ipv6": IPV6}

# attribute codes
(ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF, ATOMIC, AGGREGATOR, COMMUNITIES, ORIGINATOR_ID,
 CLUSTER_LIST) = range(1, 11)
MP_REACH, MP_UNREACH, EXT_COMMUNITIES, AS4_PATH, AS4_AGGREGATOR = 14, 15, 16, 17, 18
LARGE_COMMUNITIES = 32
ORIGINS = ("igp", "egp", "incomplete")
AS_TRANS = 23456
AS_SET, AS_SEQUENCE, CONFED_SEQUENCE, CONFED_SET = 1, 2, 3, 4
WELL_KNOWN = {"no-export": 0xFFFFFF01, "no-advertise": 0xFFFFFF02, "no-export-subconfed": 0xFFFFFF03,
              "blackhole": 0xFFFF029A, "graceful-shutdown": 0xFFFF0000}


# -- messages ---------------------------------------------------------------------------------

def message(kind, body=b"", marker=MARKER, length=None):
    return marker + struct.pack("!HB", 19 + len(body) if length is None else length, kind) + body


KEEPALIVE = message(KEEPALIVE_TYPE)


def notification(code, subcode=0, data=b""):
    return message(NOTIFICATION, bytes((code, subcode)) + data)


def route_refresh(family=IPV4, subtype=0, extra=b""):
    return message(ROUTE_REFRESH, struct.pack("!HBB", family[0], subtype, family[1]) + extra)


# -- OPEN -------------------------------------------------------------------------------------

CAP_MP, CAP_REFRESH, CAP_NEXTHOP, CAP_EXTENDED_MESSAGE, CAP_GRACEFUL = 1, 2, 5, 6, 64
CAP_AS4, CAP_ADD_PATH, CAP_ENHANCED_REFRESH = 65, 69, 70
ADD_PATH_RECEIVE, ADD_PATH_SEND, ADD_PATH_BOTH = 1, 2, 3


def cap_mp(family):
    return CAP_MP, struct.pack("!HBB", family[0], 0, family[1])


def cap_refresh():
    return CAP_REFRESH, b""


def cap_enhanced_refresh():
    return CAP_ENHANCED_REFRESH, b""


def cap_extended_message():
    return CAP_EXTENDED_MESSAGE, b""


def cap_as4(asn):
    return CAP_AS4, struct.pack("!I", asn)


def cap_add_path(modes):
    """modes: {family: mode}"""
    return CAP_ADD_PATH, b"".join(struct.pack("!HBB", f[0], f[1], m) for f, m in modes.items())


def cap_nexthop(triples):
    """RFC 8950: [(family, next hop afi)]"""
    return CAP_NEXTHOP, b"".join(struct.pack("!HHH", f[0], f[1], afi) for f, afi in triples)


def cap_graceful(seconds, families=(), restarting=False, forwarding=False, notify=False):
    head = (0x8000 if restarting else 0) | (0x4000 if notify else 0) | (seconds & 0xFFF)
    return CAP_GRACEFUL, struct.pack("!H", head) + b"".join(
        struct.pack("!HBB", f[0], f[1], 0x80 if forwarding else 0) for f in families)


def parameter(kind, value):
    return bytes((kind, len(value))) + value


def open_message(asn, hold_time=90, router_id="10.0.0.1", capabilities=(), *, version=4, my_as=None,
                 parameters=None, extended=False, one_parameter=True):
    """capabilities: (code, value) pairs or raw octets. parameters replaces them all, as octets.
    extended: RFC 9072. one_parameter: all capabilities in one optional parameter."""
    caps = [c if isinstance(c, bytes) else bytes((c[0], len(c[1]))) + c[1] for c in capabilities]
    if parameters is None:
        groups = [b"".join(caps)] if one_parameter and caps else caps
        if extended:
            parameters = b"".join(b"\x02" + struct.pack("!H", len(g)) + g for g in groups)
        else:
            parameters = b"".join(parameter(2, g) for g in groups)
    if my_as is None:
        my_as = asn if asn < 65536 else AS_TRANS
    head = struct.pack("!BHH4s", version, my_as, hold_time, socket.inet_aton(router_id))
    if extended:
        return message(OPEN, head + b"\xff\xff" + struct.pack("!H", len(parameters)) + parameters)
    return message(OPEN, head + bytes((len(parameters),)) + parameters)


def _open_parameters(body):
    if len(body) >= 13 and body[9] == 255 and body[10] == 255:
        rest, wide = body[13:13 + struct.unpack_from("!H", body, 11)[0]], True
    else:
        rest, wide = body[10:10 + body[9]], False
    while rest:
        kind = rest[0]
        size, head = (struct.unpack_from("!H", rest, 1)[0], 3) if wide else (rest[1], 2)
        yield kind, rest[head:head + size]
        rest = rest[head + size:]


def parse_open(body):
    """dict: version, my_as, asn (of capability 65 where given), hold_time, router_id, capabilities
    (list of (code, octets) in order), families (set), add_path ({family: mode}), as4, refresh,
    extended_message, graceful (seconds or None), nexthop (list of (afi, safi, next hop afi))"""
    version, my_as, hold_time, router_id = struct.unpack_from("!BHH4s", body)
    caps = []
    for kind, value in _open_parameters(body):
        while kind == 2 and value:
            caps.append((value[0], bytes(value[2:2 + value[1]])))
            value = value[2 + value[1]:]
    codes = {c for c, _ in caps}
    out = {"version": version, "my_as": my_as, "asn": my_as, "hold_time": hold_time,
           "router_id": socket.inet_ntoa(router_id), "capabilities": caps, "families": set(),
           "add_path": {}, "as4": CAP_AS4 in codes, "refresh": CAP_REFRESH in codes,
           "enhanced_refresh": CAP_ENHANCED_REFRESH in codes, "graceful": None, "nexthop": [],
           "extended_message": CAP_EXTENDED_MESSAGE in codes}
    for code, value in caps:
        if code == CAP_MP and len(value) == 4:
            afi, _, safi = struct.unpack("!HBB", value)
            out["families"].add((afi, safi))
        elif code == CAP_AS4 and len(value) == 4:
            out["asn"] = struct.unpack("!I", value)[0]
        elif code == CAP_ADD_PATH:
            for afi, safi, mode in struct.iter_unpack("!HBB", value[:len(value) // 4 * 4]):
                out["add_path"][(afi, safi)] = mode
        elif code == CAP_GRACEFUL and len(value) >= 2:
            out["graceful"] = struct.unpack_from("!H", value)[0] & 0xFFF
            out["restarting"] = bool(value[0] & 0x80)
            out["graceful_families"] = {(a, s): f for a, s, f in
                                        struct.iter_unpack("!HBB", value[2:2 + (len(value) - 2) // 4 * 4])}
        elif code == CAP_NEXTHOP:
            out["nexthop"] += list(struct.iter_unpack("!HHH", value[:len(value) // 6 * 6]))
    if not any(c == CAP_MP for c in codes):
        out["families"].add(IPV4)
    return out


# -- prefixes ---------------------------------------------------------------------------------

@functools.lru_cache(maxsize=65536)
def prefix_octets(text):
    """"10.0.0.0/8" → length octet and as many octets as it needs"""
    address, _, length = text.partition("/")
    six = ":" in address
    packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, address)
    bits = int(length) if length else len(packed) * 8
    return bytes((bits,)) + packed[:(bits + 7) // 8]


def nlri(prefixes, path_id=None):
    """prefixes: texts, or (text, path id). path_id: for those that name none."""
    parts = []
    for p in prefixes:
        text, pid = (p, path_id) if isinstance(p, str) else p
        if pid is not None:
            parts.append(struct.pack("!I", pid))
        parts.append(prefix_octets(text))
    return b"".join(parts)


_OCTET = [str(i) for i in range(256)]
_INET6 = socket.inet_ntop
_ZERO16 = bytes(16)


def parse_nlri(data, afi, add_path=False):
    """[(prefix, path id or None)]; ValueError when it is no NLRI"""
    out, at, end, o = [], 0, len(data), _OCTET
    pid = None
    while at < end:
        if add_path:
            if at + 5 > end:
                raise ValueError("path id cut short")
            pid = int.from_bytes(data[at:at + 4], "big")
            at += 4
        bits = data[at]
        size = (bits + 7) >> 3
        at += 1
        if at + size > end or bits > (32 if afi == AFI4 else 128):
            raise ValueError("prefix of %d bits in %d octets" % (bits, end - at))
        b = data[at:at + size]
        at += size
        if afi == AFI4:
            if size == 3:
                text = f"{o[b[0]]}.{o[b[1]]}.{o[b[2]]}.0/{bits}"
            elif size == 4:
                text = f"{o[b[0]]}.{o[b[1]]}.{o[b[2]]}.{o[b[3]]}/{bits}"
            else:
                b += _ZERO16[:4 - size]
                text = f"{b[0]}.{b[1]}.{b[2]}.{b[3]}/{bits}"
        else:
            text = _INET6(socket.AF_INET6, b + _ZERO16[size:]) + "/" + str(bits)
        out.append((text, pid))
    return out


# -- attributes -------------------------------------------------------------------------------

def attribute(flags, code, value):
    """flags as given; the extended length bit is set where the length needs it"""
    if len(value) > 255 or flags & 0x10:
        return struct.pack("!BBH", flags | 0x10, code, len(value)) + value
    return bytes((flags, code, len(value))) + value


def as_path_octets(path, asn4=True):
    """path: "65001 65002 {3 4}", or ASNs and sets/tuples of them, or raw segments [(type, [asn..])]"""
    if isinstance(path, str):
        path = _path_of_text(path)
    segments = []
    for item in path:
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], (list, tuple)):
            segments.append((item[0], list(item[1])))
        elif isinstance(item, (set, frozenset)):
            segments.append((AS_SET, sorted(item)))
        elif segments and segments[-1][0] == AS_SEQUENCE and len(segments[-1][1]) < 255:
            segments[-1][1].append(item)
        else:
            segments.append((AS_SEQUENCE, [item]))
    out = b""
    for kind, asns in segments:
        if not asn4:
            asns = [a if a < 65536 else AS_TRANS for a in asns]
        out += bytes((kind, len(asns))) + struct.pack("!%d%s" % (len(asns), "I" if asn4 else "H"), *asns)
    return out


def _path_of_text(text):
    path, group = [], None
    for word in text.replace("{", " { ").replace("}", " } ").replace(",", " ").split():
        if word == "{":
            group = set()
        elif word == "}":
            path.append(group)
            group = None
        elif group is not None:
            group.add(int(word))
        else:
            path.append(int(word))
    return path


def community(text):
    if isinstance(text, int):
        return text
    if text in WELL_KNOWN:
        return WELL_KNOWN[text]
    high, low = text.split(":")
    return int(high) << 16 | int(low)


def address_octets(text):
    if isinstance(text, bytes):
        return text
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def mp_reach(family, next_hop, prefixes=(), path_id=None, raw=b"", flags=0x80):
    """next_hop: text, a list of texts (global and link-local) or octets"""
    if isinstance(next_hop, (list, tuple)):
        hop = b"".join(address_octets(h) for h in next_hop)
    else:
        hop = address_octets(next_hop)
    return attribute(flags, MP_REACH, struct.pack("!HBB", family[0], family[1], len(hop)) + hop + b"\0" +
                     nlri(prefixes, path_id) + raw)


def mp_unreach(family, prefixes=(), path_id=None, raw=b"", flags=0x80):
    return attribute(flags, MP_UNREACH, struct.pack("!HB", *family) + nlri(prefixes, path_id) + raw)


def attributes(*, origin=None, as_path=None, next_hop=None, med=None, local_pref=None, atomic=False,
               aggregator=None, communities=None, originator_id=None, cluster_list=None,
               ext_communities=None, as4_path=None, large=None, asn4=True, raw=()):
    """Octets of the attributes named, in order of their code. raw: whole attributes as octets, or
    (flags, code, value); each at the place of its code."""
    items = []

    def add(flags, code, value):
        items.append((code, attribute(flags, code, value)))
    if origin is not None:
        add(0x40, ORIGIN, bytes((ORIGINS.index(origin) if isinstance(origin, str) else origin,)))
    if as_path is not None:
        add(0x40, AS_PATH, as_path_octets(as_path, asn4))
    if next_hop is not None:
        add(0x40, NEXT_HOP, address_octets(next_hop))
    if med is not None:
        add(0x80, MED, struct.pack("!I", med))
    if local_pref is not None:
        add(0x40, LOCAL_PREF, struct.pack("!I", local_pref))
    if atomic:
        add(0x40, ATOMIC, b"")
    if aggregator is not None:
        asn, address = aggregator if not isinstance(aggregator, str) else aggregator.split(":")
        add(0xC0, AGGREGATOR, struct.pack("!I" if asn4 else "!H", int(asn)) + address_octets(address))
    if communities is not None:
        add(0xC0, COMMUNITIES, b"".join(struct.pack("!I", community(c)) for c in communities))
    if originator_id is not None:
        add(0x80, ORIGINATOR_ID, address_octets(originator_id))
    if cluster_list is not None:
        add(0x80, CLUSTER_LIST, b"".join(address_octets(c) for c in cluster_list))
    if ext_communities is not None:
        add(0xC0, EXT_COMMUNITIES, b"".join(c if isinstance(c, bytes) else bytes.fromhex(c) for c in ext_communities))
    if as4_path is not None:
        add(0xC0, AS4_PATH, as_path_octets(as4_path))
    if large is not None:
        add(0xC0, LARGE_COMMUNITIES, b"".join(struct.pack("!III", *(int(n) for n in c.split(":"))) for c in large))
    for r in raw:
        if isinstance(r, bytes):
            items.append((r[1] if len(r) > 1 else 255, r))
        else:
            items.append((r[1], attribute(*r)))
    return b"".join(octets for _, octets in sorted(items, key=lambda i: i[0]))


def update(prefixes=(), withdraw=(), attrs=b"", path_id=None, raw_withdraw=b"", raw_nlri=b""):
    """The IPv4 fields of an UPDATE and attribute octets: MP attributes are among attrs."""
    gone = nlri(withdraw, path_id) + raw_withdraw
    return message(UPDATE, struct.pack("!H", len(gone)) + gone + struct.pack("!H", len(attrs)) + attrs +
                   nlri(prefixes, path_id) + raw_nlri)


def end_of_rib(family=IPV4):
    return update() if family == IPV4 else update(attrs=mp_unreach(family))


def announce(prefixes, next_hop, *, path_id=None, size=4096, asn4=True, **attrs):
    """As many UPDATEs as the prefixes need: IPv4 in the classic fields when the next hop is IPv4,
    else in MP_REACH. attrs as for attributes(); origin defaults to igp and as_path to empty."""
    attrs.setdefault("origin", "igp")
    attrs.setdefault("as_path", [])
    four = [p for p in prefixes if ":" not in (p if isinstance(p, str) else p[0])]
    six = [p for p in prefixes if ":" in (p if isinstance(p, str) else p[0])]
    out = []
    hops = next_hop if isinstance(next_hop, (list, tuple)) else [next_hop]
    if four and ":" not in hops[0]:
        block = attributes(next_hop=next_hop, asn4=asn4, **attrs)
        out += [update(raw_nlri=c, attrs=block) for c in _chunks(four, path_id, size - 23 - len(block))]
    elif four:
        out += _mp_updates(IPV4, four, hops, path_id, size, asn4, attrs)
    if six:
        out += _mp_updates(IPV6, six, hops, path_id, size, asn4, attrs)
    return out


def _mp_updates(family, prefixes, hops, path_id, size, asn4, attrs):
    base = attributes(asn4=asn4, **attrs)
    extra = list(attrs.get("raw", ()))
    rest = {k: v for k, v in attrs.items() if k != "raw"}
    return [update(attrs=attributes(asn4=asn4, raw=extra + [mp_reach(family, hops, raw=c)], **rest))
            for c in _chunks(prefixes, path_id, size - 23 - len(base) - 9 - 32)]


def withdraw(prefixes, *, path_id=None, size=4096):
    four = [p for p in prefixes if ":" not in (p if isinstance(p, str) else p[0])]
    six = [p for p in prefixes if ":" in (p if isinstance(p, str) else p[0])]
    out = [update(raw_withdraw=c) for c in _chunks(four, path_id, size - 23)]
    return out + [update(attrs=mp_unreach(IPV6, raw=c)) for c in _chunks(six, path_id, size - 30)]


def _chunks(prefixes, path_id, room):
    part, used = [], 0
    for p in prefixes:
        octets = nlri((p,), path_id)
        if part and used + len(octets) > room:
            yield b"".join(part)
            part, used = [], 0
        part.append(octets)
        used += len(octets)
    if part:
        yield b"".join(part)


# -- reading ----------------------------------------------------------------------------------

def split_attributes(block):
    """[(flags, code, value)]; ValueError when lengths do not fit"""
    out, at, end = [], 0, len(block)
    while at < end:
        if at + 3 > end:
            raise ValueError("attribute header cut short")
        flags, code, size = block[at], block[at + 1], block[at + 2]
        at += 3
        if flags & 0x10:
            if at + 1 > end:
                raise ValueError("attribute length cut short")
            size = size << 8 | block[at]
            at += 1
        if at + size > end:
            raise ValueError("attribute %d overruns by %d" % (code, at + size - end))
        out.append((flags, code, block[at:at + size]))
        at += size
    return out


def parse_as_path(value, asn4=True):
    """[asn, asn, {asn..}]: sequences flat, sets as frozensets, confederation segments as tuples"""
    out, width, fmt = [], 4 if asn4 else 2, "I" if asn4 else "H"
    while value:
        kind, count = value[0], value[1]
        if len(value) < 2 + count * width:
            raise ValueError("AS_PATH segment cut short")
        asns = struct.unpack_from("!%d%s" % (count, fmt), value, 2)
        if kind == AS_SEQUENCE:
            out.extend(asns)
        elif kind == AS_SET:
            out.append(frozenset(asns))
        else:
            out.append((kind, list(asns)))
        value = value[2 + count * width:]
    return out


def _address(value):
    return socket.inet_ntop(socket.AF_INET if len(value) == 4 else socket.AF_INET6, value)


def _addresses(value):
    return [_address(value[i:i + 4]) for i in range(0, len(value), 4)]


def _next_hops(value, afi):
    if len(value) in (4, 16):
        return _address(value)
    if len(value) == 32:
        return [_address(value[:16]), _address(value[16:])]
    return value.hex()


def _community_text(value):
    return "%d:%d" % (value >> 16, value & 0xFFFF)


_NAMES = {
    ORIGIN: ("origin", lambda v, w: ORIGINS[v[0]] if v[0] < 3 else v[0]),
    AS_PATH: ("as_path", parse_as_path),
    NEXT_HOP: ("next_hop", lambda v, w: _address(v)),
    MED: ("med", lambda v, w: int.from_bytes(v, "big")),
    LOCAL_PREF: ("local_pref", lambda v, w: int.from_bytes(v, "big")),
    ATOMIC: ("atomic", lambda v, w: True),
    AGGREGATOR: ("aggregator", lambda v, w: (int.from_bytes(v[:-4], "big"), _address(v[-4:]))),
    COMMUNITIES: ("communities", lambda v, w: [_community_text(c) for c, in struct.iter_unpack("!I", v)]),
    ORIGINATOR_ID: ("originator_id", lambda v, w: _address(v)),
    CLUSTER_LIST: ("cluster_list", lambda v, w: _addresses(v)),
    EXT_COMMUNITIES: ("ext_communities", lambda v, w: [v[i:i + 8].hex() for i in range(0, len(v), 8)]),
    AS4_PATH: ("as4_path", lambda v, w: parse_as_path(v)),
    AS4_AGGREGATOR: ("as4_aggregator", lambda v, w: (int.from_bytes(v[:4], "big"), _address(v[4:]))),
    LARGE_COMMUNITIES: ("large", lambda v, w: ["%d:%d:%d" % t for t in struct.iter_unpack("!III", v)]),
}


def parse_attributes(block, asn4=True, add_path=frozenset()):
    """dict by name; unknown ones under "unknown": {code: (flags, hex)}; MP under "mp_reach" and
    "mp_unreach": (family, next hop, [(prefix, path id)] or hex). "order": the codes as they came,
    "flags": {code: flags}, "malformed": {code: why}."""
    out = {"order": [], "flags": {}}
    for flags, code, value in split_attributes(block):
        out["order"].append(code)
        out["flags"][code] = flags
        try:
            if code == MP_REACH:
                afi, safi, size = struct.unpack_from("!HBB", value)
                rest = value[5 + size:]
                out["mp_reach"] = ((afi, safi), _next_hops(value[4:4 + size], afi),
                                   _mp_nlri(rest, (afi, safi), add_path))
            elif code == MP_UNREACH:
                afi, safi = struct.unpack_from("!HB", value)
                out["mp_unreach"] = ((afi, safi), _mp_nlri(value[3:], (afi, safi), add_path))
            elif code in _NAMES:
                name, read = _NAMES[code]
                out[name] = read(value, asn4)
            else:
                out.setdefault("unknown", {})[code] = (flags, value.hex())
        except (ValueError, IndexError, struct.error, OSError) as e:
            out.setdefault("malformed", {})[code] = "%s: %s" % (e, value.hex())
    return out


def _mp_nlri(data, family, add_path):
    if family in (IPV4, IPV6):
        return parse_nlri(data, family[0], family in add_path)
    return data.hex()


class UpdateParser:
    """parse(body) → {"withdrawn": [(afi, prefix, path id)], "announced": [...] likewise, "attributes":
    dict of those of the message, "mp": dict with "mp_reach" and "mp_unreach", "routes":
    [((afi, prefix, path id), attributes with this route's "next_hop")], "eor": family or None,
    "other": [(verb, family, hex)] for what is not unicast}.

    Equal attribute blocks are parsed once: the dicts are shared, do not change them."""

    def __init__(self, asn4=True, add_path=frozenset()):
        self.asn4, self.add_path = asn4, frozenset(add_path)
        self._cache, self._hops = {}, {}

    def _attributes(self, block):
        # MP attributes carry the prefixes, so only the rest repeats
        mp, same, at = [], block, 0
        if b"\x0e" in block or b"\x0f" in block:
            parts = split_attributes(block)
            mp = [p for p in parts if p[1] in (MP_REACH, MP_UNREACH)]
            if mp:
                same = b"".join(attribute(f, c, v) for f, c, v in parts if c not in (MP_REACH, MP_UNREACH))
        key = bytes(same)
        found = self._cache.get(key)
        if found is None:
            if len(self._cache) > 200000:
                self._cache.clear()
                self._hops.clear()
            found = self._cache[key] = parse_attributes(key, self.asn4, self.add_path)
        if mp:
            whole = parse_attributes(b"".join(attribute(*m) for m in mp), self.asn4, self.add_path)
            return found, whole
        return found, {}

    def parse(self, body):
        gone = int.from_bytes(body[:2], "big")
        size = int.from_bytes(body[2 + gone:4 + gone], "big")
        if len(body) < 4 or 4 + gone + size > len(body):
            raise ValueError("UPDATE lengths %d and %d in %d octets" % (gone, size, len(body)))
        block, rest = body[4 + gone:4 + gone + size], body[4 + gone + size:]
        four = IPV4 in self.add_path
        withdrawn = [(1, p, i) for p, i in parse_nlri(body[2:2 + gone], AFI4, four)] if gone else []
        announced = [(1, p, i) for p, i in parse_nlri(rest, AFI4, four)] if rest else []
        attrs, mp = self._attributes(block) if size else ({}, {})
        out = {"withdrawn": withdrawn, "announced": announced, "attributes": attrs, "mp": mp,
               "routes": [(r, attrs) for r in announced], "eor": None, "other": []}
        if not (gone or size or rest):
            out["eor"] = IPV4
        if mp:
            self._mp(out, mp, attrs)
        return out

    def _with_hop(self, attrs, hop):
        key = id(attrs), str(hop)
        found = self._hops.get(key)
        if found is None:
            found = self._hops[key] = dict(attrs, next_hop=hop)
        return found

    def _mp(self, out, mp, attrs):
        if "mp_reach" in mp:
            family, hop, routes = mp["mp_reach"]
            if isinstance(routes, str):
                out["other"].append(("announce", family, routes))
            else:
                named, those = self._with_hop(attrs, hop), [(family[0], p, i) for p, i in routes]
                out["announced"] += those
                out["routes"] += [(r, named) for r in those]
        if "mp_unreach" in mp:
            family, routes = mp["mp_unreach"]
            if not routes and not attrs.get("order") and "mp_reach" not in mp:
                out["eor"] = family
            elif isinstance(routes, str):
                out["other"].append(("withdraw", family, routes))
            else:
                out["withdrawn"] += [(family[0], p, i) for p, i in routes]


def parse_update(body, asn4=True, add_path=frozenset()):
    return UpdateParser(asn4, add_path).parse(body)


class Splitter:
    """Cuts a byte stream into (type, body, whole message)."""

    def __init__(self):
        self.pending = bytearray()

    def feed(self, data):
        buf = self.pending
        buf += data
        at, end, out = 0, len(buf), []
        while end - at >= 19:
            size = buf[at + 16] << 8 | buf[at + 17]
            if size < 19:
                raise ValueError("message length %d" % size)
            if buf[at:at + 16] != MARKER:
                raise ValueError("marker %s" % buf[at:at + 16].hex())
            if end - at < size:
                break
            whole = bytes(buf[at:at + size])
            out.append((whole[18], whole[19:], whole))
            at += size
        if at:
            del buf[:at]
        return out


# -- tables for load ------------------------------------------------------------------------

def prefixes(count, first="10.0.0.0", length=24):
    """count consecutive prefixes of this length"""
    if ":" in first:
        base, step = int.from_bytes(socket.inet_pton(socket.AF_INET6, first), "big"), 1 << (128 - length)
        return [socket.inet_ntop(socket.AF_INET6, (base + i * step).to_bytes(16, "big")) + f"/{length}"
                for i in range(count)]
    base, step = int.from_bytes(socket.inet_aton(first), "big"), 1 << (32 - length)
    return [socket.inet_ntoa((base + i * step).to_bytes(4, "big")) + f"/{length}" for i in range(count)]


def table(count, *, next_hop, asn=65001, first="10.0.0.0", length=24, blocks=None, size=4096, asn4=True,
          path_id=None, **attrs):
    """UPDATEs for a table of count prefixes spread over as many attribute blocks (default: one for
    every 5 prefixes, as in a full table), told apart by their AS_PATH."""
    blocks = blocks or max(1, count // 5)
    all_prefixes = prefixes(count, first, length)
    per = -(-count // blocks)
    out = []
    for n, start in enumerate(range(0, count, per)):
        path = [asn, 100000 + n // 1000, 1 + n % 60000] if asn4 else [asn, 1 + n % 60000, 1 + n // 60000]
        out += announce(all_prefixes[start:start + per], next_hop, size=size, asn4=asn4, path_id=path_id,
                        as_path=path, **attrs)
    return out


def buffers(messages, size=65536):
    """The messages joined into buffers of about this size, for fast sending: [(octets, messages in it)]"""
    out, part, used = [], [], 0
    for m in messages:
        part.append(m)
        used += len(m)
        if used >= size:
            out.append((b"".join(part), len(part)))
            part, used = [], 0
    if part:
        out.append((b"".join(part), len(part)))
    return out
