"""Configuration files made by chance, and what their routes mean to the peers, as tests.fake.view shows it.

    world = World(random.Random(1), {"127.0.0.2": 65002, ...})
    text = world.text()
    world.routes("127.0.0.2")    {Key: Route}, None: there is no such neighbor
    world.session("127.0.0.2")   what must not change if its session is to stay
    world = world.next()         another file: a few changes, or all new

What a route means is worked out here from what it says, not from any codec under test."""
import collections
import copy
import ipaddress
import struct

from tests.fake import bgp
from tests.fake.view import FLOW, FLOW_VPN, LABELLED, VPN, Key, Route, split_nlri

LOCAL, OWN_AS = "127.0.0.1", 65001
NAMES = {(1, 1): "ipv4 unicast", (2, 1): "ipv6 unicast", (1, LABELLED): "ipv4 nlri-mpls", (2, LABELLED): "ipv6 nlri-mpls",
         (1, VPN): "ipv4 mpls-vpn", (2, VPN): "ipv6 mpls-vpn", (1, FLOW): "ipv4 flow", (2, FLOW): "ipv6 flow",
         (1, FLOW_VPN): "ipv4 flow-vpn", (2, FLOW_VPN): "ipv6 flow-vpn"}
FLOWS = FLOW, FLOW_VPN
WATCHDOGS = "dog", "cat"
PROGRAMS = "first", "second", "third"

# what may be said of a neighbor: a session goes on when these change, and begins anew when those do
LIVE = {"description": ("one", '"two words"', '"{ ; }"'), "group-updates": ("true", "false", "all"),
        "rate-limit": ("0", "1000"), "adj-rib-out": ("true", "false"),
        "auto-flush": ("true", "false"), "manual-eor": ("true", "false"), "send-hold-time": ("0", "600"),
        "stale-time": ("0", "60"), "maximum-prefix": ("0", "1000"), "controller-loss": ("0", "3600")}
RESET = {"hold-time": ("90", "180", "30"), "router-id": ("10.0.0.1", "10.0.0.7"), "host-name": ("here", "there"),
         "domain-name": ("example.net", "example.org")}
CAPABILITY = {"asn4": ("true", "false"), "route-refresh": ("true", "false"), "extended-message": ("true", "false"),
              "graceful-restart": ("disable", "0", "120"), "add-path": ("disable", "send/receive", "send"),
              "operational": ("true", "false"), "software-version": ("true", "false"), "aigp": ("true", "false")}
DEFAULT = {"hold-time": "180", "asn4": "true", "extended-message": "true"}


def words(values):
    values = [str(v) for v in values]
    return "[ %s ]" % " ".join(values)


class Attributes:
    """Some attributes of a route, in both forms"""

    def __init__(self, r):
        ip = lambda: "192.0.2.%d" % r.randrange(1, 255)
        asn = lambda: r.choice((r.randrange(64500, 64600), 4200000000 + r.randrange(9)))
        several = lambda make: [make() for _ in range(r.randrange(1, 4))]
        pair = lambda: "%d:%d" % (r.randrange(1, 5), r.randrange(9))
        every = {
            "origin": lambda: r.choice(bgp.ORIGINS), "med": lambda: r.randrange(1 << 32),
            "local-preference": lambda: r.randrange(1 << 32), "as-path": lambda: several(asn),
            "community": lambda: several(pair), "large-community": lambda: several(lambda: "%d:%s" % (asn(), pair())),
            "extended-community": lambda: several(lambda: "target:" + pair()), "atomic-aggregate": lambda: True,
            "aggregator": lambda: (asn(), ip()), "originator-id": ip, "cluster-list": lambda: several(ip),
            "aigp": lambda: r.randrange(1 << 40)}
        chosen = r.sample(sorted(every), r.choice((0, 0, 1, 2, 3, 6, 12)))
        self.value = {name: every[name]() for name in chosen}

    def texts(self):
        """"med 5" for each"""
        out = []
        for name, v in self.value.items():
            if name == "aggregator":
                v = "( %d:%s )" % v
            out.append(name if v is True else "%s %s" % (name, words(v) if isinstance(v, list) else v))
        return out

    def wire(self, internal, asn4, aigp, extra=()):
        """{code: (flags, hexadecimal)} without NEXT_HOP; extra: extended communities"""
        v, octets = self.value, []
        path = v.get("as-path", [] if internal else [OWN_AS])
        if not asn4 and any(a > 65535 for a in path):
            octets.append((0xc0, bgp.AS4_PATH, bgp.as_path_octets(path)))
        aggregator = v.get("aggregator")
        if aggregator and not asn4 and aggregator[0] > 65535:
            octets.append((0xc0, bgp.AS4_AGGREGATOR, struct.pack("!I", aggregator[0]) + bgp.address_octets(aggregator[1])))
            aggregator = bgp.AS_TRANS, aggregator[1]
        if "aigp" in v and (internal or aigp):
            octets.append((0x80, 26, struct.pack("!BHQ", 1, 11, v["aigp"])))
        extended = [bytes.fromhex("0002") + struct.pack("!HI", *map(int, c.split(":")[1:]))
                    for c in v.get("extended-community", ())]
        block = bgp.attributes(
            origin=v.get("origin", "igp"), as_path=path, med=v.get("med"), asn4=asn4, aggregator=aggregator,
            local_pref=v.get("local-preference", 100) if internal else None, atomic="atomic-aggregate" in v,
            communities=sorted(v["community"], key=bgp.community) if "community" in v else None,
            large=sorted(set(v["large-community"]), key=lambda c: [int(n) for n in c.split(":")])
            if "large-community" in v else None, originator_id=v.get("originator-id"),
            cluster_list=v.get("cluster-list"), ext_communities=sorted(extended + list(extra)) or None, raw=octets)
        return {c: (f & ~0x10, o.hex()) for f, c, o in bgp.split_attributes(block)}


def _prefix(r, afi, few):
    """few: from so small a set that the same come again"""
    if afi == 1:
        length = r.choice((8, 16, 24, 24, 32))
        address = 0x0a000000 + (r.randrange(few) << (32 - max(length, 16)))
    else:
        length = r.choice((32, 48, 64, 128))
        address = (0x20010db8 << 96) + (r.randrange(few) << (128 - max(length, 48)))
    bits = 32 if afi == 1 else 128
    address = address >> (bits - length) << (bits - length)
    return str((ipaddress.IPv4Network if afi == 1 else ipaddress.IPv6Network)((address, length)))


class Declared:
    """One route as it is declared. `form` is how it is written and changes nothing."""

    def __init__(self, r, family):
        self.family = afi, safi = family
        self.prefix, self.attributes = _prefix(r, afi, 30), Attributes(r)
        self.labels = [r.randrange(16, 1 << 20) for _ in range(r.choice((1, 1, 2)))] if safi in (LABELLED, VPN) else []
        self.rd = (r.randrange(1, 4), r.randrange(3)) if safi in (VPN, FLOW_VPN) else None
        self.path_id = r.choice((None, None, 1, 2)) if safi in (bgp.UNICAST, LABELLED, VPN) else None
        self.hop = "192.0.2.%d" % r.randrange(1, 5) if afi == 1 else "2001:db8:ffff::%x" % r.randrange(1, 5)
        if family == bgp.IPV4 and r.random() < 0.3:
            self.hop = "self"
        self.split = r.choice((None,) * 9 + (2,)) if safi == bgp.UNICAST else None
        self.watchdog = None
        self.match = r.choice((None, 6, 17)), [r.randrange(1, 70000) & 0xffff for _ in range(r.randrange(3))]
        self.then = r.choice((("discard", "8006000000000000"), ("rate-limit 9600", "8006000046160000"),
                              ("redirect 1:2", "8008000100000002"), ("mark 12", "800900000000000c")))
        if r.random() < 0.1 and safi not in FLOWS:
            # a prefix of its own: what two say of one is another matter
            self.watchdog, n = (r.choice(WATCHDOGS), r.random() < 0.5), r.randrange(1, 65536)
            self.prefix = "11.%d.%d.0/24" % (n >> 8, n & 255) if afi == 1 else "2001:db7:%x::/48" % n
        self.form = r.random()

    # -- as it is written

    def length(self):
        """of its split"""
        length = int(self.prefix.partition("/")[2])
        most = 32 if self.family[0] == 1 else 128
        return min(length + self.split, most) if self.split else None

    def texts(self, path_ids, rd="rd"):
        out = ["next-hop " + self.hop]
        out += ["path-information %d" % self.path_id] if path_ids and self.path_id is not None else []
        out += ["%s %d:%d" % (rd, *self.rd)] if self.rd else []
        out += ["label " + words(self.labels)] if self.labels else []
        out += self.attributes.texts()
        out += ["split /%d" % self.length()] if self.split else []
        if self.watchdog:
            out += ["watchdog " + self.watchdog[0]] + (["withdraw"] if self.watchdog[1] else [])
        return out

    def flow_texts(self):
        protocol, ports = self.match
        match = ["destination " + self.prefix]
        match += ["%s %d" % ("protocol" if self.family[0] == 1 else "next-header", protocol)] if protocol else []
        match += ["destination-port " + words("=%d" % p for p in ports)] if ports else []
        then = [t for t in self.attributes.texts() if "community" in t.split()[0]]
        return (["rd %d:%d" % self.rd] if self.rd else []), match, [self.then[0], *then]

    def text(self, path_ids):
        afi, safi = self.family
        if safi in FLOWS:
            head, match, then = self.flow_texts()
            if self.form < 0.5:
                return "flow { route { %s match { %s } then { %s } } }" % (
                    " ".join(t + ";" for t in head), " ".join(t + ";" for t in match), " ".join(t + ";" for t in then))
            return "flow { route %s; }" % " ".join(head + match + then)
        if self.form < 0.4:
            return "static { route %s %s; }" % (self.prefix, " ".join(self.texts(path_ids, "route-distinguisher")))
        if self.form < 0.6:
            return "static { route %s { %s } }" % (self.prefix, " ".join(t + ";" for t in self.texts(path_ids)))
        if self.form < 0.7 and safi == bgp.UNICAST and self.hop != "self":
            return "static { attributes %s nlri %s; }" % (" ".join(self.texts(path_ids)), self.prefix)
        afi_name, safi_name = NAMES[self.family].split()
        return "announce { %s { %s %s %s; } }" % (afi_name, safi_name, self.prefix, " ".join(self.texts(path_ids)))

    # -- as it is meant

    def nlri(self):
        """octets, without path ids"""
        afi, safi = self.family
        rd = struct.pack("!HHI", 0, *self.rd) if self.rd else b""
        if safi in FLOWS:
            protocol, ports = self.match
            out = rd + b"\1" + self._component()
            out += bytes((3, 0x81, protocol)) if protocol else b""
            operators = [bytes((1, p)) if p < 256 else struct.pack("!BH", 0x11, p) for p in ports]
            if operators:
                operators[-1] = bytes((operators[-1][0] | 0x80,)) + operators[-1][1:]
                out += b"\5" + b"".join(operators)
            return [bytes((len(out),)) + out]
        labels = b"".join((l << 4 | (n + 1 == len(self.labels))).to_bytes(3, "big") for n, l in enumerate(self.labels))
        out = []
        for prefix in self._prefixes():
            octets = bgp.prefix_octets(str(prefix))
            out.append(bytes((octets[0] + 8 * len(labels + rd),)) + labels + rd + octets[1:])
        return out

    def _component(self):
        octets = bgp.prefix_octets(self.prefix)
        return octets if self.family[0] == 1 else octets[:1] + b"\0" + octets[1:]

    def _prefixes(self):
        network = ipaddress.ip_network(self.prefix)
        return network.subnets(new_prefix=self.length()) if self.split else [network]

    def meaning(self, internal, asn4, aigp, add_path, path_ids):
        """{Key: Route}. add_path: path ids are told; path_ids: this one's was written"""
        afi, safi = self.family
        flow = safi in FLOWS
        attributes = copy.copy(self.attributes)
        if flow:
            attributes.value = {n: v for n, v in attributes.value.items() if "community" in n}
        wire = attributes.wire(internal, asn4, aigp, [bytes.fromhex(self.then[1])] if flow else ())
        hop = "" if flow else bgp.address_octets(LOCAL if self.hop == "self" else self.hop).hex()
        if safi == VPN:
            hop = "0" * 16 + hop
        out = {}
        for octets in self.nlri():
            (key, labels), = split_nlri(octets, afi, safi)
            if add_path and not flow:
                key = key._replace(path_id=path_ids and self.path_id or 0)
            out[key] = Route(labels, hop, wire)
        return out


class Section:
    """A neighbor or a template"""

    def __init__(self, r):
        self.options, self.capability, self.declared, self.apis = {}, {}, [], []

    def body(self, path_ids=False):
        """path_ids: whether to write them. Where they are not told, what two say of one prefix means little."""
        lines = ["%s %s;" % o for o in self.options.items()]
        if self.capability:
            lines.append("capability { %s }" % " ".join("%s %s;" % c for c in self.capability.items()))
        for n, names in enumerate(self.apis):
            lines.append("api %s { processes %s; neighbor-changes; receive { parsed; update; } }" % (
                "part%d" % n, words(names)))
        return lines + [d.text(path_ids) for d in self.declared]


class Neighbor(Section):
    def __init__(self, r):
        super().__init__(r)
        self.families = set(r.sample(sorted(NAMES), r.randrange(3, len(NAMES) + 1))) | {bgp.IPV4}
        self.inherit, self.there = [], True


class World:
    def __init__(self, r, peers):
        """peers: {address: AS}"""
        self.r, self.peers = r, peers
        self.neighbors = {a: Neighbor(r) for a in peers}
        self.templates = {"common": Section(r), "other": Section(r)}
        self.programs = {}
        for _ in range(40):
            self.change()

    # -- one change after another

    def next(self):
        r = self.r
        if r.random() < 0.02:
            return World(r, self.peers)
        world = copy.copy(self)
        world.neighbors, world.templates, world.programs = copy.deepcopy((self.neighbors, self.templates, self.programs))
        for _ in range(r.choice((0, 1, 1, 2, 3, 5, 10))):
            world.change()
        return world

    def change(self):
        r = self.r
        how, weights = zip((self.add, 30), (self.remove, 14), (self.alter, 12), (self.rewrite, 8), (self.shuffle, 4),
                           (self.move, 5), (self.set_live, 8), (self.set_reset, 2), (self.set_inherit, 2),
                           (self.come_or_go, 1), (self.set_programs, 4), (self.set_families, 0.5))
        r.choices(how, weights)[0]()

    def section(self):
        """mostly a neighbor"""
        some = list(self.neighbors.values()) * 2 + list(self.templates.values())
        return self.r.choice(some)

    def new(self, section):
        # what a template has must be of a family of all who inherit it
        families = [bgp.IPV4] if section not in self.neighbors.values() else sorted(section.families)
        return Declared(self.r, self.r.choice(families))

    def add(self):
        section = self.section()
        section.declared.append(self.new(section))

    def remove(self):
        declared = self.section().declared
        if declared:
            declared.pop(self.r.randrange(len(declared)))

    def alter(self):
        """the same route with other attributes"""
        section = self.section()
        if section.declared:
            one = self.r.choice(section.declared)
            another = Declared(self.r, one.family)
            one.attributes, one.hop, one.labels, one.then = another.attributes, another.hop, another.labels, another.then

    def rewrite(self):
        """the same route in other words"""
        for one in self.section().declared:
            one.form = self.r.random()

    def shuffle(self):
        self.r.shuffle(self.section().declared)

    def move(self):
        """from a neighbor to a template, or back, or to another neighbor"""
        a, b = self.section(), self.section()
        if not a.declared:
            return
        one = a.declared[-1]
        allowed = b.families if b in self.neighbors.values() else {bgp.IPV4}
        if one.family in allowed:
            b.declared.append(a.declared.pop())

    def set_live(self):
        self._set(self.section().options, LIVE)

    def set_reset(self):
        section = self.section()
        if self.r.random() < 0.6:
            self._set(section.options, RESET)
        else:
            self._set(section.capability, CAPABILITY)

    def _set(self, options, choices):
        name = self.r.choice(sorted(choices))
        if name in options and self.r.random() < 0.4:
            del options[name]
        else:
            options[name] = self.r.choice(choices[name])

    def set_inherit(self):
        n = self.r.choice(list(self.neighbors.values()))
        n.inherit = self.r.choice(([], ["common"], ["other"], ["common", "other"], ["other", "common"]))

    def set_families(self):
        n = self.r.choice(list(self.neighbors.values()))
        family = self.r.choice(sorted(NAMES))
        if family != bgp.IPV4 and not any(d.family == family for d in n.declared):
            n.families ^= {family}

    def come_or_go(self):
        n = self.r.choice(list(self.neighbors.values()))
        n.there = not n.there

    def set_programs(self):
        r, name = self.r, self.r.choice(PROGRAMS)
        if self.programs.pop(name, None) is None:
            # a reload starts no program anew, so the same name is the same program
            self.programs[name] = PROGRAMS.index(name)
        for n in self.neighbors.values():
            n.apis = [[p for p in names if p in self.programs] for names in n.apis]
            n.apis = [names for names in n.apis if names]
        one = r.choice(list(self.neighbors.values()))
        if self.programs and r.random() < 0.7:
            one.apis = [r.sample(sorted(self.programs), r.randrange(1, len(self.programs) + 1))
                        for _ in range(r.randrange(1, 3))]

    # -- what it comes to

    def text(self):
        out = ["process %s {\n\trun /bin/sleep 100000%d;\n\tencoder json;\n}" % p for p in self.programs.items()]
        for name, t in self.templates.items():
            out.append("template {\n\tneighbor %s {\n\t\t%s\n\t}\n}" % (name, "\n\t\t".join(t.body())))
        for address, n in self.neighbors.items():
            if not n.there:
                continue
            lines = ["local-address %s;" % LOCAL, "local-as %d;" % OWN_AS, "peer-as %d;" % self.peers[address],
                     "family { %s }" % " ".join(NAMES[f] + ";" for f in sorted(n.families))]
            if n.inherit:
                lines.append("inherit %s;" % (n.inherit[0] if len(n.inherit) == 1 else words(n.inherit)))
            out.append("neighbor %s {\n\t%s\n}" % (address, "\n\t".join(lines + n.body(self._sends_path_ids(address)))))
        return "\n".join(out) + "\n"

    def _all(self, address):
        """what holds for a neighbor: its own, then its templates'"""
        n = self.neighbors[address]
        return [n, *(self.templates[t] for t in n.inherit)]

    def _capability(self, address):
        out = dict(DEFAULT)
        for s in self._all(address):
            out.update(s.capability)
        return out

    def _sends_path_ids(self, address):
        return "send" in self._capability(address).get("add-path", "")

    def session(self, address):
        n = self.neighbors[address]
        if not n.there:
            return None
        options = dict(DEFAULT)
        for s in self._all(address):
            options.update(s.options)
        off = ("false", "disable")
        return (sorted(n.families), {o: v for o, v in options.items() if o in RESET},
                {c: v for c, v in self._capability(address).items() if v not in off})

    def routes(self, address, said=None):
        """said: {watchdog: whether its routes are announced}, where it was said"""
        n, said = self.neighbors[address], said or {}
        if not n.there:
            return None
        capability, path_ids, out = self._capability(address), self._sends_path_ids(address), {}
        for s in self._all(address):
            for d in s.declared:
                if d.watchdog and not said.get(d.watchdog[0], not d.watchdog[1]):
                    continue
                meaning = d.meaning(self.peers[address] == OWN_AS, capability["asn4"] == "true",
                                    capability.get("aigp") == "true", path_ids, path_ids and s is n)
                for key, route in meaning.items():
                    # said twice, what is said last holds
                    out.pop(key, None)
                    out[key] = route
        return out

    def running(self):
        """the arguments of the programs that are to run"""
        return sorted("100000%d" % n for n in self.programs.values())
