"""Network namespaces for tests: a private one for the whole test process, named ones with veth pairs
between them, shaping and packet loss. Everything goes when the test process does, however it ends:
the mounts that hold named namespaces live in a mount namespace of our own."""
import contextlib
import ctypes
import os
import re
import subprocess

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
_MS_REC, _MS_PRIVATE = 0x4000, 1 << 18
_libc = ctypes.CDLL(None, use_errno=True)
_private = False


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))


def available():
    return os.geteuid() == 0


def private():
    """This process gets a network of its own with nothing but lo: every port of every 127/8 address
    is free, 179 too, and tests run side by side; and where there is a
    /run/exabgp, with the pipes of ExaBGP's command line, one of its own. Call before any thread is started."""
    global _private
    if _private:
        return
    _check(_libc.unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare")
    _check(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "mount --make-rprivate /")
    os.makedirs("/run/netns", exist_ok=True)
    _check(_libc.mount(b"tmpfs", b"/run/netns", b"tmpfs", 0, None), "mount /run/netns")
    if os.path.isdir("/run/exabgp"):
        _check(_libc.mount(b"tmpfs", b"/run/exabgp", b"tmpfs", 0, b"mode=777"), "mount /run/exabgp")
    run("ip", "link", "set", "lo", "up")
    _private = True


def run(*command, ns=None, check=True, input=None):
    """Run a program, in the namespace ns; its standard output. OSError with what it said if it fails."""
    if ns:
        command = ("ip", "netns", "exec", str(ns)) + command
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, input=input)
    if check and done.returncode != 0:
        raise OSError("%s: %s" % (" ".join(command), done.stdout.strip() or done.returncode))
    return done.stdout


@contextlib.contextmanager
def inside(ns):
    """This thread is in the named namespace: sockets made here stay there. None: no change."""
    if ns is None:
        yield
        return
    back = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open("/run/netns/" + str(ns), os.O_RDONLY | os.O_CLOEXEC)
        try:
            _check(_libc.setns(there, CLONE_NEWNET), "setns")
        finally:
            os.close(there)
        try:
            yield
        finally:
            _check(_libc.setns(back, CLONE_NEWNET), "setns")
    finally:
        os.close(back)


class Namespace:
    """A named network namespace with lo up. str(ns) is its name. close() removes it."""
    _count = 0

    def __init__(self, name=None):
        Namespace._count += 1
        self.name = "%s-%d" % (name or "ambo", os.getpid()) if not _private else (name or "ns%d" % Namespace._count)
        run("ip", "netns", "add", self.name)
        run("ip", "-n", self.name, "link", "set", "lo", "up")

    def __str__(self):
        return self.name

    def run(self, *command, **how):
        return run(*command, ns=self.name, **how)

    def address(self, device, *addresses):
        for a in addresses:
            if "/" not in a:
                a += "/128" if ":" in a else "/24"
            extra = ("nodad",) if ":" in a else ()
            run("ip", "-n", self.name, "address", "add", a, "dev", device, *extra)

    def shape(self, device, rate="1mbit", burst="32kbit", latency="400ms"):
        """What leaves by device goes no faster than this. There is no netem here, only tbf."""
        run("tc", "-n", self.name, "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate,
            "burst", burst, "latency", latency)

    def unshape(self, device):
        run("tc", "-n", self.name, "qdisc", "del", "dev", device, "root", check=False)

    def link(self, device, up):
        run("ip", "-n", self.name, "link", "set", device, "up" if up else "down")

    def drop(self, *match, chain="INPUT"):
        """Packets that match are lost, silently: drop("-p", "tcp", "--dport", "179"). → a function
        that takes the rule away again"""
        return firewall(self.name, chain, match, "DROP")

    def reject(self, *match, chain="INPUT"):
        return firewall(self.name, chain, match, "REJECT")

    def close(self):
        run("ip", "netns", "del", self.name, check=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def firewall(ns, chain, match, target):
    """An iptables rule (ip6tables where an address or protocol of match is IPv6) in ns, None: here."""
    six = any(":" in m or m == "ipv6-icmp" for m in match)
    tool, rule = "ip6tables" if six else "iptables", (*match, "-j", target)
    run(tool, "-w", "-I", chain, *rule, ns=ns)
    gone = []

    def remove():
        if not gone:
            gone.append(True)
            run(tool, "-w", "-D", chain, *rule, ns=ns)
    return remove


def drop(*match, chain="INPUT", ns=None):
    """As Namespace.drop, in the network of this process."""
    return firewall(ns, chain, match, "DROP")


_pairs = 0


def pair(a, b, address_a, address_b, device_a=None, device_b=None):
    """A veth between two namespaces (None: ours), each end with its address. → device names"""
    global _pairs
    _pairs += 1
    tag = _pairs if _private else "%d%d" % (os.getpid() % 100000, _pairs)
    device_a, device_b = device_a or "va%s" % tag, device_b or "vb%s" % tag
    run("ip", "link", "add", device_a, "type", "veth", "peer", "name", device_b)
    for ns, device, address in ((a, device_a, address_a), (b, device_b, address_b)):
        where = ("-n", str(ns)) if ns else ()
        if ns:
            run("ip", "link", "set", device, "netns", str(ns))
        for one in [address] if isinstance(address, str) else address:
            if "/" not in one:
                one += "/64" if ":" in one else "/24"
            run("ip", *where, "address", "add", one, "dev", device, *(("nodad",) if ":" in one else ()))
        run("ip", *where, "link", "set", device, "up")
    return device_a, device_b


def connections(port, ns=None, state="established"):
    """TCP connections with this port at either end, as `ss` lines"""
    text = run("ss", "-Htn", "state", state, "( sport = :%d or dport = :%d )" % (port, port), ns=ns)
    return [line for line in text.splitlines() if re.search(r":%d\b" % port, line)]
