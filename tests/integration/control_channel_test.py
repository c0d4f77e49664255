#!/usr/bin/python3
"""The pipes and the socket by which ExaBGP's command lines find the daemon; Debian's exabgpcli as cron jobs run it."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
import socket
import stat
import subprocess
from tests.integration.harness import *

CONFIG = """neighbor 127.0.0.2 { router-id 10.0.0.1; local-address 127.0.0.1; local-as 65001; peer-as 65002;
	family { ipv4 unicast; ipv6 unicast; } }
neighbor 127.0.0.3 { router-id 10.0.0.1; local-address 127.0.0.1; local-as 65001; peer-as 65003; }
"""
EXABGPCLI = "/usr/sbin/exabgpcli"


def run_directory():
    """/run is our own: nothing of the machine's daemons"""
    if not getattr(run_directory, "mounted", False):
        netns.run("mount", "-t", "tmpfs", "tmpfs", "/run")
        run_directory.mounted = True
    shutil.rmtree("/run/exabgp", ignore_errors=True)
    os.makedirs("/run/exabgp")


def pipes(where="/run/exabgp", name="exabgp"):
    run_directory()
    os.makedirs(where, exist_ok=True)
    for end in ("in", "out"):
        os.mkfifo("%s/%s.%s" % (where, name, end))


def exabgpcli(*words):
    done = subprocess.run([EXABGPCLI, *words], capture_output=True, text=True, timeout=20)
    return done.stdout, done.stderr


class Pipe:
    """as exabgpcli does: NAME.out is opened, what is left in it dropped, then NAME.in is written"""

    def __init__(self, where="/run/exabgp/exabgp"):
        self.where = where

    def ask(self, command, reads=True):
        out = os.open(self.where + ".out", os.O_RDONLY | os.O_NONBLOCK) if reads else None
        into = os.open(self.where + ".in", os.O_WRONLY)
        os.write(into, command.encode() + b"\n")
        os.close(into)
        if not reads:
            return None
        got = b""

        def more():
            nonlocal got
            try:
                got += os.read(out, 65536)
            except BlockingIOError:
                pass
            return got.endswith((b"done\n", b"error\n"))
        wait_until(more, 10, "an answer to " + command)
        os.close(out)
        return got.decode().splitlines()


class Socket:
    def __init__(self, path="/run/exabgp/exabgp.sock"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.settimeout(10)
        self.file = self.socket.makefile("r")

    def ask(self, command):
        self.socket.sendall(command.encode() + b"\n")
        lines = []
        while not lines or lines[-1] not in ("done", "error"):
            lines.append(self.file.readline().rstrip("\n"))
            check(lines[-1] or len(lines) < 1000, "the connection ended", lines)
        return lines


def started(t, env=None):
    peers = [t.peer(listen=a + ":179", asn=n, families=("ipv4", "ipv6")) for a, n in (("127.0.0.2", 65002), ("127.0.0.3", 65003))]
    ambo = t.ambo().run(CONFIG, env=env)
    for p in peers:
        p.wait_established()
    return ambo, peers


def test_the_command_line_of_debian_works(t):
    if not os.path.exists(EXABGPCLI):
        skip("exabgp is not installed")
    pipes()
    ambo, (one, two) = started(t)
    equal(exabgpcli("announce", "route", "10.0.0.0/24", "next-hop", "192.0.2.1", "med", "5"), ("", ""))
    one.wait_prefixes(["10.0.0.0/24"])
    two.wait_prefixes(["10.0.0.0/24"])
    equal(exabgpcli("neighbor 127.0.0.3 announce route 10.0.1.0/24 next-hop self"), ("", ""))
    two.wait_prefixes(["10.0.0.0/24", "10.0.1.0/24"])
    out, err = exabgpcli("show", "adj-rib", "out", "extensive")
    equal(len(out.splitlines()), 3, out)
    check("neighbor 127.0.0.3 " in out and "10.0.1.0/24" in out, out)
    out, err = exabgpcli("show", "neighbor", "summary")
    check(out.startswith("Peer            AS") and out.count("established") == 2, out)
    out, err = exabgpcli("show", "neighbor", "127.0.0.2", "extensive")
    check("127.0.0.2" in out and "Message Statistic" in out, out)
    out, err = exabgpcli("version")
    check(out.startswith("exabgp "), out)
    out, err = exabgpcli("help")
    check("shutdown" in out and "teardown" in out and "version" in out and err == "", out, err)
    out, err = exabgpcli("nonsense")
    check(out == "" and "error" in err, out, err)
    equal(exabgpcli("withdraw", "route", "10.0.0.0/24", "next-hop", "192.0.2.1"), ("", ""))
    one.wait_prefixes([])
    two.wait_prefixes(["10.0.1.0/24"])
    exabgpcli("neighbor", "127.0.0.3", "teardown", "2")
    wait_until(lambda: "down" in exabgpcli("show", "neighbor", "summary")[0], 10)
    equal(exabgpcli("reload"), ("reload in progress\n", ""))


def test_commands_of_who_reads_no_answers_are_done(t):
    pipes()
    ambo, (one, _) = started(t)
    want = ["10.%d.%d.0/24" % (i >> 8, i & 255) for i in range(3000)]
    with open("/run/exabgp/exabgp.in", "w") as pipe:
        for p in want:
            pipe.write("neighbor 127.0.0.2 announce route %s next-hop 192.0.2.1\n" % p)
    one.wait_prefixes(want)
    wait_until(lambda: Pipe().ask("neighbor 127.0.0.2 withdraw route 10.0.0.0/24") == ["done"], 10, "no answer of before is left")
    for _ in range(3):
        lines = Pipe().ask("show adj-rib out extensive")
        equal((len(lines), lines[-1]), (3000, "done"), "a long answer")
    # one goes away in the middle of its answer
    out = os.open("/run/exabgp/exabgp.out", os.O_RDONLY | os.O_NONBLOCK)
    with open("/run/exabgp/exabgp.in", "w") as pipe:
        pipe.write("show adj-rib out extensive\n")
    wait_until(lambda: _readable(out), 10)
    os.close(out)
    wait_until(lambda: Pipe().ask("version")[-1] == "done", 10)
    equal(Pipe().ask("version")[-1], "done")


def _readable(fd):
    import select
    return select.select([fd], [], [], 0)[0]


def test_pipes_of_another_name_in_another_place(t):
    where = t.dir / "pipes"
    pipes(where, "bgp")
    ambo, _ = started(t, {"exabgp_cli_pipe": str(where), "exabgp_api_pipename": "bgp", "exabgp_cli_socket": ""})
    check(Pipe(str(where / "bgp")).ask("version")[0].startswith("exabgp "))
    check(not os.path.exists("/run/exabgp/exabgp.sock"), "no socket was wanted")


def test_the_socket_has_a_client_a_connection(t):
    run_directory()
    ambo, (one, two) = started(t)
    path = "/run/exabgp/exabgp.sock"
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "who may")
    a, b = Socket(), Socket()
    equal(a.ask("session ack enable"), ["done"])
    equal(a.ask("announce route 10.0.0.0/24 next-hop 192.0.2.1"), ["done"])
    one.wait_prefixes(["10.0.0.0/24"])
    check(b.ask("ping some-id 1")[0].startswith("pong "), "ping")
    equal(b.ask("disable-ack"), ["done"])
    b.socket.sendall(b"announce route 10.0.1.0/24 next-hop 192.0.2.1\nshow adj-rib out\n")
    equal(sorted(b.file.readline().split()[-3] for _ in range(4)), ["10.0.0.0/24"] * 2 + ["10.0.1.0/24"] * 2, "no done for this one")
    equal(a.ask("withdraw route 10.0.1.0/24"), ["done"], "but for the other")
    equal(a.ask("peer 127.0.0.2 teardown 2")[-1], "done", "words of version 6")
    # what it asked for is answered though it has closed its side
    c = Socket()
    c.socket.sendall(b"version\nshow neighbor summary\n")
    c.socket.shutdown(socket.SHUT_WR)
    lines = c.file.read().splitlines()
    equal((lines[1], lines[-1], len(lines)), ("done", "done", 6), lines)
    names = lambda: [line.split()[0] for line in ambo.cli("show", "clients")[1].splitlines()]
    equal(names().count("cli"), 2, "the third is gone")
    for s in (a, b):
        s.file.close()
        s.socket.close()
    wait_until(lambda: "cli" not in names(), 10, "they are forgotten: %s" % names())
    check(ambo.cli("show", "routes", "sent")[1].count("10.0.0.0/24") == 2, "their routes stay")
    os.kill(ambo.process.pid, 15)
    ambo.process.wait()
    check(not os.path.exists(path), "its file goes")


def test_a_socket_of_somebody_else_is_left_alone(t):
    run_directory()
    path = t.dir / "some.sock"
    other = socket.socket(socket.AF_UNIX)
    other.bind(str(path))
    other.listen(5)
    ambo, _ = started(t, {"exabgp_api_socketpath": str(path)})
    other.settimeout(0.2)
    while True:  # it asked whether somebody is there
        try:
            other.accept()[0].close()
        except TimeoutError:
            break
    s = socket.socket(socket.AF_UNIX)
    s.connect(str(path))
    other.settimeout(5)
    other.accept()[0].close()
    other.close()
    ambo.process.signal(15)
    ambo.process.wait()
    check(path.exists(), "nor is it removed")
    one = t.ambo().run(CONFIG, env={"exabgp_api_socketpath": str(path)})
    check(Socket(str(path)).ask("version")[-1] == "done", "one that nobody answers is replaced")


def test_there_are_none_when_they_are_off(t):
    pipes()
    ambo, _ = started(t, {"exabgp_api_cli": "false"})
    check(not os.path.exists("/run/exabgp/exabgp.sock"))
    try:
        os.close(os.open("/run/exabgp/exabgp.in", os.O_WRONLY | os.O_NONBLOCK))
        check(False, "somebody reads the pipe")
    except OSError:
        pass


if __name__ == "__main__":
    main()
