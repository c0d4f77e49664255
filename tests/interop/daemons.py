"""BGP daemons that other people wrote, as peers: BIRD, GoBGP, FRR's bgpd, OpenBGPD, ExaBGP. Each runs in
the foreground from a configuration text, in a directory of its own, without privileges where it can, and
is no system service. Their routes are read back through their own command line into one form:

    {"prefix", "path_id", "next_hop", "as_path", "origin", "med", "local_pref", "communities", "large",
     "aggregator", "atomic", "peer", ...}        (absent attributes are None; next_hop of two addresses: a list)

as tests.fake.bgp writes them: as_path is a list of ASNs and frozensets, communities are "1:2", "aggregator"
is (asn, address). "peer" is the address of the neighbour the daemon has it from, None for its own.
What a daemon does not show is left out: BIRD 2.0 shows no path ids, GoBGP's JSON none either.

Loopback next hops are refused by some of them: give lo addresses with `addresses("192.0.2.1", ...)`.
"""
import ipaddress
import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.fake import bgp, netns
from tests.integration.harness import Process, skip, wait_until
from tests.fake.patience import deadline

ATTRIBUTES = ("next_hop", "as_path", "origin", "med", "local_pref", "communities", "large", "aggregator", "atomic")


def addresses(*texts, ns=None):
    """Addresses on lo: routable ones, unlike 127/8"""
    for text in texts:
        netns.run("ip", "address", "replace", text + ("/128" if ":" in text else "/32"), "dev", "lo",
                  *(("nodad",) if ":" in text else ()), ns=ns)


def route(prefix, path_id=None, peer=None, **attributes):
    out = dict.fromkeys(ATTRIBUTES)
    out["atomic"] = False
    out.update(attributes, prefix=prefix, path_id=path_id, peer=peer)
    return out


def routes_of(fake_peer):
    """What a FakePeer was told, in the same form"""
    with fake_peer.lock:
        return [route(prefix, path_id, **{k: v for k, v in a.items() if k in ATTRIBUTES})
                for (_, prefix, path_id), a in fake_peer.table.items()]


def compare(got, want, attributes=ATTRIBUTES, path_ids=False, limit=10):
    """Differences of two lists of routes as texts, none when they are alike. Several paths of a prefix
    are compared as a set. attributes: those that must agree."""
    def by_key(routes):
        out = {}
        for r in routes:
            key = (r["prefix"], r["path_id"] if path_ids else None)
            out.setdefault(key, []).append({a: _plain(r.get(a)) for a in attributes})
        return {k: sorted(v, key=repr) for k, v in out.items()}
    got, want = by_key(got), by_key(want)
    faults = ["missing %s" % (k,) for k in sorted(want.keys() - got.keys(), key=str)[:limit]]
    faults += ["too much %s" % (k,) for k in sorted(got.keys() - want.keys(), key=str)[:limit]]
    for key in sorted(want.keys() & got.keys(), key=str):
        if got[key] != want[key]:
            for g, w in zip(got[key], want[key]):
                faults += ["%s: %s is %r, not %r" % (key[0], a, g[a], w[a]) for a in attributes if g[a] != w[a]]
            if len(got[key]) != len(want[key]):
                faults.append("%s: %d paths, not %d" % (key[0], len(got[key]), len(want[key])))
        if len(faults) >= limit:
            break
    return faults


def _plain(value):
    """Order of communities means nothing"""
    if isinstance(value, list) and value and isinstance(value[0], str) and ":" in value[0] and "." not in value[0]:
        return sorted(value) if "::" not in value[0] else value
    return value


def _no_privileges_needed(ns):
    """Ports below 1024 for everybody, in this network"""
    try:
        with netns.inside(ns), open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w") as f:
            f.write("0")
    except OSError:
        pass


class Daemon:
    """A running one. start() is called by the constructor; close() ends it."""
    kind = program = user = None

    def __init__(self, config, directory, *, ns=None, wait=True, env=None, patience=10):
        self.directory, self.ns = Path(directory), ns
        if not shutil.which(self.program):
            skip("%s is not installed" % self.program)
        self.directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and self.user:
            _no_privileges_needed(ns)
            shutil.chown(self.directory, self.user)
            for parent in self.directory.parents:
                mode = parent.stat().st_mode & 0o777
                if mode & 0o011 != 0o011:
                    parent.chmod(mode | 0o011)
        self.config_path = self.directory / ("%s.conf" % self.kind)
        self.write_config(config)
        self._env = env
        self.process = None
        self.start()
        if wait:
            self.wait_ready(patience)

    def write_config(self, config):
        self.config_path.write_text(config)
        if os.geteuid() == 0 and self.user:
            shutil.chown(self.config_path, self.user)

    def start(self):
        privileges = {"user": self.user} if os.geteuid() == 0 and self.user else {}
        self.process = Process(self.kind, self.command(), self.directory, ns=self.ns, env=self._env, **privileges)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.process.log()

    def wait_ready(self, timeout=10):
        def ready():
            if not self.process.running:
                raise AssertionError("%s ended with %s:\n%s" % (self.kind, self.process.status, self.log()))
            return self.answers()
        wait_until(ready, timeout, self.kind + " answers")

    def run(self, *command, check=True, timeout=120):
        """A command of its own command line; standard output"""
        with netns.inside(self.ns):
            done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise RuntimeError("%s: %s%s" % (" ".join(map(str, command)), done.stdout, done.stderr))
        return done.stdout

    def answers(self):
        try:
            self.ask()
            return True
        except (RuntimeError, ValueError):
            return False

    # -- what each of them answers

    def command(self):
        raise NotImplementedError

    def ask(self):
        """something that fails until it is ready"""
        raise NotImplementedError

    def neighbors(self):
        """{address: state as the RFC spells it}"""
        raise NotImplementedError

    def routes(self, neighbor=None):
        """all routes it has, or those that it has from this neighbour"""
        raise NotImplementedError

    def count(self):
        """how many routes, cheaply if it can"""
        return len(self.routes())

    def count_of(self, neighbor):
        """how many it has from this neighbour, likewise"""
        return len(self.routes(neighbor))

    # -- what is common

    def state(self, address):
        return self.neighbors().get(address)

    def wait_established(self, address, timeout=30):
        self.wait_state(address, "Established", timeout)

    def wait_state(self, address, state, timeout=30):
        end = deadline(timeout)
        while True:
            now = self.neighbors()
            if now.get(address) == state:
                return
            if time.monotonic() >= end:
                raise TimeoutError("%s: %s is not %s in %gs: %s" % (self.kind, address, state, timeout, now))
            time.sleep(0.1)

    def wait_routes(self, count, timeout=30, neighbor=None):
        end = deadline(timeout)
        while True:
            have = self.count() if neighbor is None else len(self.routes(neighbor))
            if have == count:
                return
            if time.monotonic() >= end:
                raise TimeoutError("%s: %d routes after %gs, not %d" % (self.kind, have, timeout, count))
            time.sleep(0.1)

    def close(self):
        if self.process:
            self.process.terminate()


# -- BIRD -------------------------------------------------------------------------------------

class Bird(Daemon):
    kind, program, user = "bird", "bird", "nobody"
    _head = re.compile(r"^(\S+)?\s+(\w+) \[(\S+) [\d:.-]+(?: [\d:.]+)?(?: from ([^\]\s]+))?\]( \*)?")

    @property
    def socket(self):
        return self.directory / "ctl"

    def command(self):
        return ["bird", "-f", "-c", self.config_path, "-s", self.socket, "-P", self.directory / "pid"]

    def birdc(self, *words, check=True):
        text = self.run("birdc", "-s", self.socket, *words, check=check)
        return text.split("\n", 1)[1] if text.startswith("BIRD") else text

    def ask(self):
        return self.birdc("show", "status")

    def reload(self, config):
        self.write_config(config)
        return self.birdc("configure")

    def protocols(self):
        """{name: (neighbour's address, state)} of the BGP ones"""
        out, name = {}, None
        for line in self.birdc("show", "protocols", "all").splitlines():
            words = line.split()
            if line and not line[0].isspace():
                name = words[0] if words[1:2] == ["BGP"] else None
                address, state = None, None
            elif name and line.startswith("  BGP state:"):
                state = words[2]
            elif name and line.startswith("    Neighbor address:"):
                out[name] = (words[2].split("%")[0], state)
        return out

    def neighbors(self):
        return {address: state for address, state in self.protocols().values()}

    def count(self):
        return sum(int(n) for n in re.findall(r"(\d+) of \d+ routes for \d+ networks in table",
                                              self.birdc("show", "route", "count", "table", "all")))

    def routes(self, neighbor=None, *words):
        """words: more of the command, as "table", "t4" """
        protocols = self.protocols()
        if neighbor:
            name = next(n for n, (a, _) in protocols.items() if a == neighbor)
            words += ("protocol", name)
        return self.parse(self.birdc("show", "route", *words, *(() if words else ("table", "all")), "all"), protocols)

    @classmethod
    def parse(cls, text, protocols=None):
        """`show route all` as it comes"""
        out, prefix, now, last = [], None, None, None
        for line in text.splitlines():
            if line.startswith("\t"):
                if line.startswith("\t\t") and now and last:
                    cls._attribute(now, last, line.strip(), more=True)
                elif now and line.startswith("\tBGP."):
                    last, _, value = line[5:].partition(":")
                    cls._attribute(now, last, value.strip())
                else:
                    last = None
                continue
            found = cls._head.match(line)
            if found:
                prefix = found.group(1) or prefix
                address = (protocols or {}).get(found.group(3), (None,))[0]
                now = route(prefix, peer=address, protocol=found.group(3), type=found.group(2),
                            best=bool(found.group(5)))
                out.append(now)
                last = None
        return out

    @staticmethod
    def _attribute(now, name, value, more=False):
        def groups():
            return [":".join(g.replace(" ", "").split(",")) for g in re.findall(r"\(([^)]*)\)", value)]
        if name == "origin":
            now["origin"] = value.lower()
        elif name == "as_path":
            now["as_path"] = (now["as_path"] or []) + bgp._path_of_text(value)
        elif name == "next_hop":
            hops = value.split()
            now["next_hop"] = hops[0] if len(hops) == 1 else hops
        elif name in ("med", "local_pref"):
            now[name] = int(value)
        elif name in ("community", "large_community", "ext_community"):
            key = {"community": "communities", "large_community": "large"}.get(name, "ext_communities")
            now[key] = (now.get(key) or []) + groups()
        elif name == "aggregator":
            address, asn = value.split()
            now["aggregator"] = (int(asn[2:]), address)
        elif name == "atomic_aggr":
            now["atomic"] = True
        elif name == "originator_id":
            now["originator_id"] = value
        elif name == "cluster_list":
            now["cluster_list"] = value.split()
        elif not more:
            code = name.split()[0]
            if re.fullmatch(r"[0-9a-f]{2}", code):
                now.setdefault("unknown", {})[int(code, 16)] = value.replace(" ", "")


def bird_config(*, asn, address, neighbors, routes="", router_id=None, families=("ipv4",), options="",
                channel="", head=""):
    """A configuration: neighbors {address: asn}; routes: statements for a static protocol of IPv4 and
    IPv6 ("route 10.0.0.0/24 blackhole;"); options for each BGP protocol, channel for each of its channels.
    Protocols are named p0, p1, ..."""
    lines = ["log stderr all;", "router id %s;" % (router_id or (address if ":" not in address else "10.0.0.99")),
             head, "protocol device {}"]
    four = [r for r in routes.splitlines() if r.strip() and ":" not in r.split()[1]]
    six = [r for r in routes.splitlines() if r.strip() and ":" in r.split()[1]]
    for name, statements in (("ipv4", four), ("ipv6", six)):
        if statements:
            lines += ["protocol static static_%s { %s;" % (name, name), *statements, "}"]
    for n, (other, other_as) in enumerate(neighbors.items()):
        lines.append("protocol bgp p%d { local %s as %d; neighbor %s as %d;" % (n, address, asn, other, other_as))
        lines.append("\tstrict bind; multihop; connect delay time 0; connect retry time 1; error wait time 1, 3; %s" % options)
        lines += ["\t%s { import all; export where source = RTS_STATIC; %s };" % (f, channel) for f in families]
        lines.append("}")
    return "\n".join(lines) + "\n"


# -- GoBGP ------------------------------------------------------------------------------------

class GoBGP(Daemon):
    kind, program, user = "gobgp", "gobgpd", "nobody"
    _states = {1: "Idle", 2: "Connect", 3: "Active", 4: "OpenSent", 5: "OpenConfirm", 6: "Established"}
    FAMILIES = ("ipv4", "ipv6")

    @property
    def target(self):
        return "unix://%s/api" % self.directory

    def command(self):
        return ["gobgpd", "-f", self.config_path, "--api-hosts", self.target, "--pprof-disable"]

    def gobgp(self, *words, check=True):
        return self.run("gobgp", "--target", self.target, *words, check=check)

    def ask(self):
        text = self.gobgp("global", "-j")
        if not text.strip().startswith("{"):
            raise ValueError(text)
        return text

    def neighbors(self):
        return {n["conf"]["neighbor_address"]: self._states.get(n["state"].get("session_state"), "Idle")
                for n in json.loads(self.gobgp("neighbor", "-j") or "[]") or []}

    def add(self, prefix, *words, next_hop=None):
        """One route of its own: words as of `gobgp global rib add`"""
        self.gobgp("global", "rib", "add", prefix, "-a", "ipv6" if ":" in prefix else "ipv4",
                   *(("nexthop", next_hop) if next_hop else ()), *words)

    def remove(self, prefix):
        self.gobgp("global", "rib", "del", prefix, "-a", "ipv6" if ":" in prefix else "ipv4")

    def inject(self, messages):
        """Many routes of its own: UPDATEs (of tests.fake.bgp), as an MRT file.
        `gobgp mrt inject` may end before the last of what it read has gone, so it is said until all are
        there, from either end."""
        from tests.fake import mrt
        path, parser = self.directory / "inject.mrt", bgp.UpdateParser()
        want = {p for m in messages for _, p, _ in parser.parse(m[19:])["announced"]}
        for attempt in range(20):
            path.write_bytes(mrt.table_dump(messages[::-1] if attempt % 2 else messages))
            self.gobgp("mrt", "inject", "global", path)
            have = {r["prefix"] for r in self.routes() if r["peer"] is None}
            if want <= have:
                return
        raise RuntimeError("gobgp mrt inject: %d routes are missing" % len(want - have))

    def count(self):
        total = 0
        for family in self.FAMILIES:
            found = re.search(r"Destination: \d+, Path: (\d+)", self.gobgp("global", "rib", "summary", "-a", family))
            total += int(found.group(1)) if found else 0
        return total

    def routes(self, neighbor=None):
        out = []
        for family in self.FAMILIES:
            if neighbor:
                text = self.gobgp("neighbor", neighbor, "adj-in", "-a", family, "-j", check=False)
            else:
                text = self.gobgp("global", "rib", "-a", family, "-j")
            out += self.parse(text)
        return out

    def path_ids(self, neighbor, family="ipv4"):
        """[(prefix, path id)] of what a neighbour said; only its text table has them"""
        out = []
        for line in self.gobgp("neighbor", neighbor, "adj-in", "-a", family).splitlines()[1:]:
            words = line.split()
            if len(words) > 2 and words[0].isdigit() and "/" in words[1]:
                out.append((words[1], int(words[0])))
        return out

    @classmethod
    def parse(cls, text):
        """`gobgp global rib -j` or `adj-in -j`"""
        if not text.strip().startswith("{"):
            return []
        out = []
        for prefix, paths in json.loads(text).items():
            for p in paths:
                r = route(prefix, peer=None if p.get("neighbor-ip") in (None, "", "<nil>", "invalid IP") else p["neighbor-ip"],
                          best=p.get("best", False))
                for a in p["attrs"]:
                    cls._attribute(r, a)
                out.append(r)
        return out

    @staticmethod
    def _attribute(r, a):
        kind = a["type"]
        if kind == bgp.ORIGIN:
            r["origin"] = bgp.ORIGINS[a["value"]]
        elif kind == bgp.AS_PATH:
            path = []
            for s in a.get("as_paths") or []:
                path += s["asns"] if s["segment_type"] == bgp.AS_SEQUENCE else [frozenset(s["asns"])]
            r["as_path"] = path
        elif kind in (bgp.NEXT_HOP, bgp.MP_REACH):
            r["next_hop"] = a["nexthop"]
        elif kind == bgp.MED:
            r["med"] = a["metric"]
        elif kind == bgp.LOCAL_PREF:
            r["local_pref"] = a["value"]
        elif kind == bgp.ATOMIC:
            r["atomic"] = True
        elif kind == bgp.AGGREGATOR:
            r["aggregator"] = (a["as"], a["address"])
        elif kind == bgp.COMMUNITIES:
            r["communities"] = ["%d:%d" % (c >> 16, c & 0xFFFF) for c in a["communities"]]
        elif kind == bgp.LARGE_COMMUNITIES:
            r["large"] = ["%d:%d:%d" % (c["ASN"], c["LocalData1"], c["LocalData2"]) for c in a["value"]]
        elif kind == bgp.EXT_COMMUNITIES:
            r["ext_communities"] = a["value"]
        else:
            r.setdefault("unknown", {})[kind] = a.get("value")


def gobgp_config(*, asn, address, neighbors, router_id=None, families=("ipv4",), add_path=None, options="",
                 passive=False, port=179):
    """neighbors {address: asn}; add_path: (receive, send_max); options: more lines for each neighbour"""
    lines = ["[global.config]", "as = %d" % asn, 'router-id = "%s"' % (router_id or address), "port = %d" % port,
             'local-address-list = ["%s"]' % address]
    for other, other_as in neighbors.items():
        lines += ["[[neighbors]]", options, "[neighbors.config]", 'neighbor-address = "%s"' % other, "peer-as = %d" % other_as,
                  "[neighbors.transport.config]", 'local-address = "%s"' % address,
                  "passive-mode = %s" % str(passive).lower(),
                  "[neighbors.timers.config]", "connect-retry = 1", "idle-hold-time-after-reset = 1",
                  "[neighbors.ebgp-multihop.config]", "enabled = true", "multihop-ttl = 64"]
        for f in families:
            lines += ["[[neighbors.afi-safis]]", "[neighbors.afi-safis.config]", 'afi-safi-name = "%s-unicast"' % f]
            if add_path:
                lines += ["[neighbors.afi-safis.add-paths.config]", "receive = %s" % str(bool(add_path[0])).lower(),
                          "send-max = %d" % add_path[1]]
    return "\n".join(lines) + "\n"


# -- FRR --------------------------------------------------------------------------------------

class Frr(Daemon):
    """It listens on the addresses that it dials from, and leaves others theirs."""
    kind, program, user = "frr", "/usr/lib/frr/bgpd", "frr"

    def command(self):
        sources = sorted(set(re.findall(r"update-source (\S+)", self.config_path.read_text())))
        return [self.program, "-f", self.config_path, "-n", "-Z", "-S", "-i", self.directory / "pid", "-z",
                self.directory / "zserv", "--vty_socket", self.directory, "-P", "0", "--log", "stdout",
                *(a for s in sources for a in ("-l", s))]

    def vtysh(self, *commands):
        args = [a for c in commands for a in ("-c", c)]
        return self.run("vtysh", "--vty_socket", self.directory, "-d", "bgpd", *args)

    def ask(self):
        return self.json("show bgp summary json")

    def json(self, command):
        return json.loads(self.vtysh(command) or "{}")

    def neighbors(self):
        out = {}
        for address, n in self.json("show bgp neighbors json").items():
            if isinstance(n, dict) and "bgpState" in n:
                out[address] = n["bgpState"]
        return out

    def count_of(self, neighbor):
        families = self.json("show bgp summary json").values()
        return sum(f["peers"].get(neighbor, {}).get("pfxRcd", 0) for f in families if isinstance(f, dict) and "peers" in f)

    def routes(self, neighbor=None):
        out = []
        for v in (4, 6):
            table = self.json("show bgp ipv%d unicast json detail" % v)
            for prefix, paths in table.get("routes", {}).items():
                paths = paths.get("paths", []) if isinstance(paths, dict) else paths
                out += [self._route(prefix, p) for p in paths]
        return [r for r in out if neighbor is None or r["peer"] == neighbor]

    @staticmethod
    def _route(prefix, p):
        path = []
        for s in p.get("aspath", {}).get("segments", []):
            path += s["list"] if s["type"] == "as-sequence" else [frozenset(s["list"])]
        peer = p.get("peer", {}).get("peerId")
        hops = [h["ip"] for h in p.get("nexthops", []) if h.get("ip")]
        r = route(prefix, p.get("addpathRxId", p.get("rxPathId")) or None, None if peer in (None, "0.0.0.0", "::") else peer,
                  origin={"IGP": "igp", "EGP": "egp"}.get(p.get("origin"), "incomplete"), as_path=path,
                  med=p.get("metric", p.get("med")), local_pref=p.get("locPrf", p.get("localPref")),
                  next_hop=(hops[0] if len(hops) == 1 else hops) if hops else None,
                  best=bool(p.get("bestpath", {}).get("overall")))
        if "community" in p:
            r["communities"] = ["%d:%d" % (bgp.community(c) >> 16, bgp.community(c) & 0xFFFF) for c in (
                {"noExport": "no-export", "noAdvertise": "no-advertise", "localAs": "no-export-subconfed",
                 "gracefulShutdown": "graceful-shutdown"}.get(c, c) for c in p["community"]["list"])]
        if "largeCommunity" in p:
            r["large"] = p["largeCommunity"]["list"]
        if "aggregatorAs" in p:
            r["aggregator"] = (p["aggregatorAs"], p.get("aggregatorId"))
        r["atomic"] = bool(p.get("atomicAggregate"))
        return r


def frr_config(*, asn, address, neighbors, networks=(), router_id=None, families=("ipv4",), options=(), channel=()):
    """neighbors {address: asn}; options: "ebgp-multihop 9", for each; channel: likewise in each family"""
    lines = ["router bgp %d" % asn, " bgp router-id %s" % (router_id or address), " no bgp ebgp-requires-policy",
             " no bgp network import-check", " no bgp default ipv4-unicast"]
    for other, other_as in neighbors.items():
        lines.append(" neighbor %s remote-as %d" % (other, other_as))
        lines.append(" neighbor %s update-source %s" % (other, address))
        lines.append(" neighbor %s timers connect 1" % other)
        if other_as != asn:
            lines.append(" neighbor %s ebgp-multihop 64" % other)
            lines.append(" neighbor %s disable-connected-check" % other)
        lines += [" neighbor %s %s" % (other, o) for o in options]
    for f in families:
        lines.append(" address-family %s unicast" % f)
        lines += ["  network %s" % n for n in networks if (":" in n) == (f == "ipv6")]
        for other in neighbors:
            lines += ["  neighbor %s %s" % (other, o) for o in ("activate", "soft-reconfiguration inbound", *channel)]
        lines.append(" exit-address-family")
    return "\n".join(lines) + "\n"


# -- OpenBGPD ---------------------------------------------------------------------------------

class OpenBGPD(Daemon):
    """It wants to be root and drops to its own user itself; the configuration may hold no secret others
    can read, so the file is 0600. `socket` is added to the configuration."""
    kind, program = "openbgpd", "/usr/sbin/bgpd"

    def write_config(self, config):
        self.config_path.write_text('socket "%s"\n%s' % (self.directory / "ctl", config))
        self.config_path.chmod(0o600)
        os.makedirs("/run/openbgpd", exist_ok=True)  # its chroot

    def command(self):
        return [self.program, "-d", "-f", self.config_path]

    def bgpctl(self, *words):
        return self.run("bgpctl", "-s", self.directory / "ctl", *words)

    def json(self, *words):
        return json.loads(self.bgpctl("-j", *words) or "{}")

    def ask(self):
        return self.json("show", "neighbor")

    def neighbors(self):
        return {n["remote_addr"]: n["state"] for n in self.json("show", "neighbor").get("neighbors", [])
                if "remote_addr" in n}

    def count_of(self, neighbor):
        return sum(n["stats"]["prefixes"]["received"] for n in self.json("show", "neighbor").get("neighbors", [])
                   if n.get("remote_addr") == neighbor)

    def routes(self, neighbor=None):
        words = ("show", "rib", "in", "detail", "neighbor", neighbor) if neighbor else ("show", "rib", "detail")
        return [self._route(r) for r in self.json(*words).get("rib", [])]

    @staticmethod
    def _route(x):
        peer = x.get("neighbor", {}).get("remote_addr")
        r = route(x["prefix"], x.get("path_id"), None if peer in (None, "???") else peer,
                  origin=x["origin"].lower(), as_path=bgp._path_of_text(x["aspath"]), med=x.get("metric") or None,
                  local_pref=x.get("localpref"), next_hop=x.get("exit_nexthop"), best=x.get("best", False))
        if "communities" in x:
            r["communities"] = ["%d:%d" % (c >> 16, c & 0xFFFF) for c in (
                bgp.community(c.lower().replace("_", "-") if not c[0].isdigit() else c) for c in x["communities"])]
        r["large"] = x.get("large_communities")
        r["ext_communities"] = x.get("extended_communities")
        for a in x.get("attributes", []):
            if a["type"] == "Aggregator":
                r["aggregator"] = (int(a["AS"]), a["router_id"])
            elif a["type"] == "Atomic Aggregate":
                r["atomic"] = True
            elif a["type"].startswith("Unknown Attribute #"):
                r.setdefault("unknown", {})[int(a["type"].rpartition("#")[2])] = a.get("data", "")
        return r


def openbgpd_config(*, asn, address, neighbors, networks=(), router_id=None, families=("ipv4",), options=()):
    lines = ["AS %d" % asn, "router-id %s" % (router_id or address), "listen on %s" % address, "fib-update no"]
    lines += ["network %s" % n for n in networks]
    for other, other_as in neighbors.items():
        lines += ["neighbor %s {" % other, " remote-as %d" % other_as, " local-address %s" % address]
        lines += [" multihop 64"] if other_as != asn else []
        lines += [" announce %s unicast" % f.replace("ip", "IP") for f in ("ipv4", "ipv6") if f in families]
        lines += [" announce IPv4 none"] if "ipv4" not in families else []
        lines += [" " + o for o in options] + ["}"]
    return "\n".join(lines + ["allow from any", "allow to any"]) + "\n"


# -- ExaBGP -----------------------------------------------------------------------------------

_EXABGP_PROCESS = """#!/usr/bin/python3
import os, select
commands, events = os.open(%r, os.O_RDWR), os.open(%r, os.O_WRONLY | os.O_APPEND)
ways = {0: events, commands: 1}
while True:
    for fd in select.select(list(ways), [], [])[0]:
        data = os.read(fd, 65536)
        if not data:
            raise SystemExit
        os.write(ways[fd], data)
"""


class ExaBGP(Daemon):
    """Routes and states are those that it tells a process of its own; write `process events;` where the
    neighbour's `api { ... }` goes, as exabgp_config does. say() is a command from such a process."""
    kind, program, user = "exabgp", "exabgp", "nobody"

    def write_config(self, config):
        self.events, self.commands = self.directory / "events", self.directory / "commands"
        script = self.directory / "process"
        script.write_text(_EXABGP_PROCESS % (str(self.commands), str(self.events)))
        script.chmod(0o755)
        if not self.commands.exists():
            os.mkfifo(self.commands)
        self.forget()
        for p in (script, self.commands, self.events):
            shutil.chown(p, self.user) if os.geteuid() == 0 else None
        super().write_config("process events {\n\trun %s;\n\tencoder json;\n}\n%s" % (script, config))

    def start(self):
        self._env = dict(self._env or {}, **{"exabgp.daemon.user": "nobody", "exabgp.daemon.drop": "false",
                                             "exabgp.log.destination": "stdout", "exabgp.api.cli": "false",
                                             "exabgp.tcp.bind": "", "exabgp.log.level": "INFO",
                                             "exabgp.bgp.openwait": "60", "HOME": str(self.directory)})
        super().start()

    def command(self):
        return ["exabgp", self.config_path]

    def ask(self):
        if "loaded new configuration" not in self.log() and not self.events.stat().st_size:
            raise ValueError("not yet")

    def say(self, command):
        with open(self.commands, "w") as f:
            f.write(command + "\n")

    def forget(self):
        """what was said so far"""
        self.events.write_text("")
        self._read, self._states, self._table = 0, {}, {}

    def _follow(self):
        """Apply what was said since the last look: whole lines"""
        with open(self.events, "rb") as f:
            f.seek(self._read)
            lines, _, _ = f.read().rpartition(b"\n")
        self._read += len(lines) + 1 if lines else 0
        for line in lines.splitlines():
            try:
                self._apply(json.loads(line))
            except ValueError:
                pass

    def _apply(self, m):
        peer = m.get("neighbor", {}).get("address", {}).get("peer")
        if m.get("type") == "state":
            self._states[peer] = "Established" if m["neighbor"]["state"] == "up" else "Idle"
            if m["neighbor"]["state"] == "down":
                self._table = {k: r for k, r in self._table.items() if k[0] != peer}
        update = m.get("neighbor", {}).get("message", {}).get("update") if m.get("type") == "update" else None
        for routes in (update or {}).get("withdraw", {}).values():
            for n in routes:
                self._table.pop((peer, n["nlri"], self._path_id(n)), None)
        for hops in (update or {}).get("announce", {}).values():
            for hop, routes in hops.items():
                for n in routes if hop != "null" else ():
                    self._table[(peer, n["nlri"], self._path_id(n))] = self._route(n, hop, update["attribute"], peer)

    def neighbors(self):
        self._follow()
        return dict(self._states)

    def routes(self, neighbor=None):
        self._follow()
        return [r for r in self._table.values() if neighbor is None or r["peer"] == neighbor]

    @staticmethod
    def _path_id(n):
        text = n.get("path-information")
        return int(ipaddress.ip_address(text)) if text else None

    @classmethod
    def _route(cls, n, hop, a, peer):
        r = route(n["nlri"], cls._path_id(n), peer, next_hop=hop, origin=a.get("origin"),
                  as_path=list(a.get("as-path", [])) + ([frozenset(a["as-set"])] if a.get("as-set") else []),
                  med=a.get("med"), local_pref=a.get("local-preference"), atomic=bool(a.get("atomic-aggregate")))
        if "community" in a:
            r["communities"] = ["%d:%d" % tuple(c) for c in a["community"]]
        if "large-community" in a:
            r["large"] = ["%d:%d:%d" % tuple(c) for c in a["large-community"]]
        if "aggregator" in a:
            asn, _, address = a["aggregator"].partition(":")
            r["aggregator"] = (int(asn), address)
        return r


def exabgp_config(*, asn, address, neighbors, static="", router_id=None, families=("ipv4",), options=""):
    """static: lines for a static section; options: lines for each neighbour"""
    out = ""
    for other, other_as in neighbors.items():
        out += "neighbor %s {\n\trouter-id %s;\n\tlocal-address %s;\n\tlocal-as %d;\n\tpeer-as %d;\n" % (
            other, router_id or address, address, asn, other_as)
        out += "\tfamily {\n%s\t}\n" % "".join("\t\t%s unicast;\n" % f for f in families)
        out += "\tapi {\n\t\tprocesses [ events ];\n\t\tneighbor-changes;\n\t\treceive { parsed; update; }\n\t}\n"
        out += ("\tstatic {\n%s\n\t}\n" % static if static else "") + options + "}\n"
    return out


KINDS = {"bird": Bird, "gobgp": GoBGP, "frr": Frr, "openbgpd": OpenBGPD, "exabgp": ExaBGP}


def start(kind, config, directory, **how):
    """A running daemon. how: ns (network namespace), wait (until its command line answers), env"""
    return KINDS[kind](config, directory, **how)
