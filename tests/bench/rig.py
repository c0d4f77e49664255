"""What the jobs stand on: two namespaces with a wire between them (daemon, peers), the C programs of this directory,
the daemons that are measured, and what a run has cost."""
import os
import re
import select
import signal
import statistics
import subprocess
import time

from tests.fake import netns
from tests.integration import harness
from tests.integration.harness import BUILD, ROOT, TICKS, check, descendants, wait_until

HERE = ROOT / "tests" / "bench"
US, THEM, OTHERS = 65000, 65001, 65002
DAEMON = "10.0.0.1"
SENDERS, RECEIVERS = "10.0.1.%d", "10.0.32.1"  # and the 8,190 behind it
PROGRAMS = {"load": [], "child": [], "client": ["-lzmq"]}
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O2"]


def address(first, number):
    """the number-th address from this one on"""
    a, b, c, d = map(int, first.split("."))
    n = c * 256 + d + number
    return "%d.%d.%d.%d" % (a, b, n >> 8, n & 255)


def wire():
    """Namespaces "daemon" and "peers" in a network of our own; every address of 10.0.0.0/16 behind the second."""
    netns.private()
    for name in "daemon", "peers":
        netns.Namespace(name)
    netns.pair("daemon", "peers", DAEMON + "/16", "10.0.0.2/16")
    for net in "10.0.1.0/24", "10.0.32.0/19":
        netns.run("ip", "route", "add", "local", net, "dev", "lo", ns="peers")
        netns.run("ip", "route", "add", net, "via", "10.0.0.2", ns="daemon")
    for ns in "daemon", "peers":
        with netns.inside(ns):
            for name, value in (("somaxconn", "4096"), ):
                with open("/proc/sys/net/core/" + name, "w") as f:
                    f.write(value)


def build(directory):
    for name, libraries in PROGRAMS.items():
        subprocess.run(["cc", *FLAGS, "-I", HERE, "-o", directory / name, HERE / (name + ".c"), HERE / "table.c",
                        *libraries], check=True)


class Talker:
    """A program of ours that takes orders and says what happens, a line each: WORD TIME NUMBER, or a sum."""

    def __init__(self, t, args, ns=None, stdin=None, stdout=None):
        self.said, self.buffer, self.ns = {}, b"", ns
        if stdin is None:
            with netns.inside(ns):
                self.process = subprocess.Popen([str(a) for a in args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                preexec_fn=harness._die_with_parent)
            stdin, stdout = self.process.stdin.fileno(), self.process.stdout.fileno()
        else:
            self.process = None
        self.stdin, self.stdout, self.lines = stdin, stdout, []
        t.add(self)

    def order(self, text):
        os.write(self.stdin, text.encode() + b"\n")

    def _read(self, timeout):
        if not select.select([self.stdout], [], [], timeout)[0]:
            return
        data = os.read(self.stdout, 65536)
        check(data, "a program of the bench has ended: %s" % (self.process and self.process.args))
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            words = line.decode().split()
            self.lines.append(words)
            if words:
                self.said.setdefault(words[0], []).append(words[1:])

    def wait(self, word, timeout=120, count=1):
        """→ when it said so (for the count-th time)"""
        end = time.monotonic() + timeout
        while len(self.said.get(word, ())) < count:
            check(time.monotonic() < end, "no %r within %g s; said: %s" % (word, timeout, sorted(self.said)))
            self._read(0.5)
        return float(self.said[word][count - 1][0])

    def sums(self):
        """→ [(count, sum of prefixes, sum of routes, UPDATEs)], one a session"""
        self.said.pop("sum", None), self.said.pop("end", None)
        self.order("sums")
        end = time.monotonic() + 20
        while "end" not in self.said:
            check(time.monotonic() < end, "no sums")
            self._read(0.5)
        return [(int(a), b, c, int(d)) for a, b, c, d in self.said.get("sum", ())]

    def table(self):
        while "table" not in self.said:
            self._read(30)
        count, prefixes, routes, octets = self.said["table"][0]
        return int(count), prefixes, routes

    def close(self):
        if self.process:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()


class Peers(Talker):
    """load.c"""

    def __init__(self, t, local, asn, daemon=DAEMON, **words):
        super().__init__(t, [PROGRAM_DIR / "load", daemon, local, asn, *("%s=%s" % w for w in words.items())],
                         ns="peers")


class Client(Talker):
    """client.c"""

    def __init__(self, t, api, *args):
        super().__init__(t, [PROGRAM_DIR / "client", api, *args])


PROGRAM_DIR = None


def sender(t, count, number=1, **words):
    return Peers(t, SENDERS % number, THEM, count=count, **words)


def receiver(t, expect, sessions=1, **words):
    return Peers(t, RECEIVERS, OTHERS, expect=expect, sessions=sessions, **words)


def mix(x):
    """as table.h's, which the sums stand on"""
    x = (x ^ x >> 31) * 0x9e3779b97f4a7c15 % 2**64
    x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9 % 2**64
    return x ^ x >> 32


def with_one(table, address, length):
    """The count and sums of a table and one route more, of ours and without communities"""
    prefix = mix(length << 32 | int.from_bytes(map(int, address.split(".")), "big"))
    return (table[0] + 1, *("%016x" % ((int(old, 16) + more) % 2**64) for old, more in
                            zip(table[1:], (prefix, mix(prefix)))))


def same(table, sums):
    """What arrived is what was sent, at each of them."""
    check(sums)
    for got in sums:
        check(tuple(got[:3]) == tuple(table), "arrived %s, sent %s" % (got, table))


# -- what is measured ---------------------------------------------------------------------------

def ticks(pid):
    try:
        return harness.cpu_ticks(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def busy():
    """(all processors' busy ticks, the ticks of us and of all that we started)"""
    with open("/proc/stat") as f:
        v = [int(n) for n in f.readline().split()[1:]]
    mine = [os.getpid()] + descendants(os.getpid())
    return v[0] + v[1] + v[2] + v[5] + v[6], sum(map(ticks, mine))


class Profile:
    """perf on the whole machine, for who is looked at may not have begun; stop(pids) → {name: its most expensive
    functions, [name, per cent of its own samples]}"""

    def __init__(self):
        self.path = PROGRAM_DIR / "perf.data"
        self.perf = subprocess.Popen(["perf", "record", "-q", "-a", "-F", "4000", "-o", self.path],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.path.exists() and self.path.stat().st_size, 10, "perf looks")
        time.sleep(0.5)

    def stop(self, pids):
        self.perf.send_signal(signal.SIGINT)
        self.perf.wait()
        hot = {name: self.hottest(pid) for name, pid in pids.items()}
        self.path.unlink(missing_ok=True)
        return hot

    def hottest(self, pid, count=4, enough=40):
        text = subprocess.run(["perf", "report", "-i", self.path, "--stdio", "--no-children", "-g", "none", "-n", "-s",
                               "dso,sym", "--pid", str(pid), "--percentage", "relative"], capture_output=True, text=True)
        found = re.findall(r"^\s*([\d.]+)%\s+(\d+)\s+(\S+)\s+\[(.)\] (\S+)", text.stdout, re.M)
        if sum(int(samples) for _, samples, *_ in found) < enough:
            return []
        shares = {}
        for share, _, file, where, name in found:
            # a library without symbols is one function
            name = file.split(".so")[0] if name.startswith("0x") else name + (" (kernel)" if where == "k" else "")
            shares[name] = round(shares.get(name, 0) + float(share), 1)
        return sorted(map(list, shares.items()), key=lambda one: -one[1])[:count]


PROFILE = False  # the figures of such a run are of no use: perf costs, too


def profile():
    return Profile() if PROFILE else None


class Cost:
    """From its making to stop(): CPU seconds, peak RSS in MiB of each process, and `others`: cores that all else
    on the machine used meanwhile."""

    def __init__(self, pids, profiled=None):
        self.pids = pids
        self.profile = profiled or profile()
        self.before = {name: ticks(pid) for name, pid in pids.items()}
        self.busy, self.start = busy(), time.monotonic()

    def stop(self):
        passed = max(time.monotonic() - self.start, 0.01)
        all_, mine = busy()
        cpu = {n: (ticks(p) - self.before[n]) / TICKS for n, p in self.pids.items()}
        out = {"cpu": cpu, "rss": {n: round(harness.peak_rss(p) / 2**20, 1) for n, p in self.pids.items()},
               "others": round(max(0, (all_ - self.busy[0]) - (mine - self.busy[1])) / TICKS / passed, 2)}
        return dict(out, hot=self.profile.stop(self.pids)) if self.profile else out


class Daemon:
    def settle(self, seconds=10):
        """Until it does nothing for a tenth of a second."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = sum(map(ticks, self.pids().values()))
            time.sleep(0.1)
            if sum(map(ticks, self.pids().values())) - before <= 0:
                return

    def quiet_since(self, timeout=120):
        """Looks every 5 ms until it has used no CPU for a fifth of a second. → when it last did"""
        pids = list(self.pids().values())
        last, at, end = sum(map(ticks, pids)), time.monotonic(), time.monotonic() + timeout
        while time.monotonic() - at < 0.2:
            check(time.monotonic() < end, "it is never quiet")
            time.sleep(0.005)
            used = sum(map(ticks, pids))
            if used != last:
                last, at = used, time.monotonic()
        return at


class Ambo(Daemon):
    name = "ambo"
    GLOBAL = ""

    def __init__(self, t, peers, *, words="", head="", propagate=False, hold=90, env=None, listen=True, asked=()):
        if propagate:
            words += "\tpropagate router;\n\timport accept;\n\texport accept;\n"
        config = head + "".join(self.section(a, asn, hold, words) for a, asn in peers)
        self.ambo = t.ambo()
        options = ("--listen", DAEMON) if listen else ()
        self.ambo.run(config, ns="daemon", options=options, env=dict({"exabgp_log_level": "ERR"}, **(env or {})))
        self.speaker, self.controller = self.ambo.half("ambo-speaker"), self.ambo.half("ambo-controller")

    @staticmethod
    def section(address, asn, hold, words):
        return ("neighbor %s {\n\trouter-id 10.0.0.1;\n\tlocal-address %s;\n\tlocal-as %d;\n\tpeer-as %d;\n"
                "\thold-time %d;\n\tpassive true;\n\tfamily {\n\t\tipv4 unicast;\n\t}\n%s}\n" % (
                    address, DAEMON, US, asn, hold, words))

    def pids(self):
        return {"speaker": self.speaker, "controller": self.controller}

    def count(self):
        """how many prefixes the controller says that its neighbors have said"""
        return sum(r["prefixes"]["received"] for r in self.ambo.client().show("show neighbors"))

    @property
    def api(self):
        return self.ambo.api


class Bird(Daemon):
    name = "bird"

    def __init__(self, t, peers, *, propagate=False, hold=90, more="", asked=(), **_):
        """asked: peers that stay away until they are enabled, and are told all"""
        text = ("router id 10.0.0.1;\nprotocol device { scan time 3600; }\n%s\ntemplate bgp peer {\n\tlocal %s as %d;\n"
                "\tpassive on;\n\thold time %d;\n\tipv4 { import all; export %s; };\n}\n" % (
                    more, DAEMON, US, hold, "all" if propagate or more else "none"))
        for n, (address, asn) in enumerate((*peers, *asked)):
            how = "disabled; ipv4 { import none; export all; };" if n >= len(peers) else ""
            text += "protocol bgp p%d from peer { neighbor %s as %d; %s }\n" % (n, address, asn, how)
        self.daemon = t.daemon("bird", text, ns="daemon", patience=30)

    def pids(self):
        return {"daemon": self.daemon.pid}

    def ask(self, *words):
        return self.daemon.birdc(*words)

    def count(self):
        return int(re.search(r"for (\d+) networks", self.daemon.birdc("show", "route", "count")).group(1))


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None
