#!/usr/bin/python3
"""What a container asks of its program, without a container: it is the first process of a process namespace, takes
SIGTERM, reaps what others leave to it, and has one right at most."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import socket
from tests.integration.harness import *
from tests.integration.scene import *

PEER = "127.0.0.2"
USER = 10179  # as in the images
# The child of its child outlives the one in between; it goes on when it was given to the first process.
HELPER = """#!/usr/bin/python3
# a line in one piece, for two write to one pipe
import os, sys, time
if os.fork() == 0:
    if os.fork() == 0:
        while os.getppid() != 1:
            time.sleep(0.01)
        os.write(1, b"announce route 10.1.0.0/24 next-hop self\\n")
    os._exit(0)
os.wait()
os.write(1, b"announce route 10.0.0.0/24 next-hop self\\n")
for line in sys.stdin:
    pass
"""


class First:
    """A program as the first process of a namespace; pid: as seen from here."""

    def __init__(self, t, name, args, env=None):
        self.box = t.process(name, ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL", *args], env=env)
        wait_until(lambda: children(self.box.pid), 5, name + " started")
        self.pid = children(self.box.pid)[0]
        wait_until(lambda: program_of(self.pid) == Path(args[0]).name[:15], 5, name + " runs")

    def run_beside(self, *words):
        """as `docker exec` does"""
        return subprocess.run(["nsenter", "--target", str(self.pid), "--pid", "--mount", *words], timeout=20,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def ends(self):
        """its exit status, which comes within two seconds"""
        watch = Stopwatch(self.pid)
        os.kill(self.pid, signal.SIGTERM)
        status = self.box.wait(5)
        check(watch.own() < 2, "it took %.1f s" % watch.own())
        return status


def dead_children(pid):
    return [c for c in children(pid) if not alive(c)]


def helper_config(t, speaker=None):
    path = t.dir / "helper"
    path.write_text(HELPER)
    path.chmod(0o755)
    config = neighbor(PEER, speaker=speaker)
    return "process helper { run %s; encoder text; }\n" % path + config.replace(
        "router-id", "api { processes [ helper ]; }\n\trouter-id", 1)


def told(peer):
    """the peer was told, and the connection closed behind it"""
    wait_until(lambda: peer.notifications, 5, "a NOTIFICATION")
    equal([n[:2] for n in peer.notifications], [(6, 2)], "NOTIFICATION")


def test_ambo_run_as_the_first_process(t):
    peer = t.peer(listen=PEER + ":179", asn=65002)
    (t.dir / "ambo.conf").write_text(helper_config(t))
    first = First(t, "run", [program("ambo"), "run", t.dir / "ambo.conf"], env={"AMBO_RUN": t.dir / "run"})
    peer.wait_prefixes(["10.0.0.0/24", "10.1.0.0/24"], 15)
    wait_until(lambda: len(children(first.pid)) == 2 and not any(map(dead_children, [first.pid, *children(first.pid)])),
               5, "nobody but the two halves is its child")
    equal(first.ends(), 0, "exit status")
    told(peer)


def test_each_half_as_the_first_process(t):
    """the helper's orphan belongs to the controller; the speaker ends last, and only that ends the session"""
    peer = t.peer(listen=PEER + ":179", asn=65002)
    config, lane = t.dir / "ambo.conf", "ipc://%s/lane" % t.dir
    config.write_text("speaker edge { }\n" + helper_config(t, "edge"))
    controller = First(t, "controller", [program("ambo-controller"), "--api", "ipc://%s/api" % t.dir, "--bind", lane, config])
    speaker = First(t, "speaker", [program("ambo-speaker"), "--name", "edge", "--controller", lane])
    peer.wait_prefixes(["10.0.0.0/24", "10.1.0.0/24"], 15)
    wait_until(lambda: len(children(controller.pid)) == 1 and not dead_children(controller.pid), 5,
               "nobody but the helper is the controller's child")
    for first, has in ((controller, 1), (speaker, 0)):
        stay = t.dir / "stay"
        stay.touch()
        script = "for i in 1 2; do while [ -e %s ]; do sleep 0.05; done & done; exit 7" % stay
        equal(first.run_beside("sh", "-c", script), 7, "a program beside it")
        equal(len(children(first.pid)), has + 2, "children, with the orphans")
        stay.unlink()
        wait_until(lambda: len(children(first.pid)) == has, 5, "they are reaped")
    equal(controller.ends(), 0, "exit status of the controller")
    check(peer.established and not peer.notifications, "the session went with the controller")
    equal(speaker.ends(), 0, "exit status of the speaker")
    told(peer)


def test_a_signal_from_inside_is_taken_too(t):
    speaker = First(t, "speaker", [program("ambo-speaker"), "--controller", "ipc://%s/none" % t.dir])
    speaker.box.wait_log("controller at")
    speaker.run_beside("sh", "-c", "kill -TERM 1")  # it may be gone with all the others before it ends
    equal(speaker.box.wait(5), 0, "exit status")


def test_its_health_is_asked_beside_it(t):
    t.dir.chmod(0o755)
    (t.dir / "ambo.conf").write_text(neighbor(PEER))
    first = First(t, "controller", [program("ambo-controller"), "--api", "ipc://%s/api" % t.dir, "--bind", "ipc://%s/lane" % t.dir,
                                 t.dir / "ambo.conf"])
    ask = ["env", "AMBO_API=ipc://%s/api" % t.dir, program("ambo"), "health", "--timeout", "1"]
    wait_until(lambda: first.run_beside(*ask) == 0, 10, "it is well")
    os.kill(first.pid, signal.SIGSTOP)
    equal(first.run_beside(*ask), 1, "while it stands still")
    os.kill(first.pid, signal.SIGCONT)
    wait_until(lambda: first.run_beside(*ask) == 0, 10, "when it goes on")
    equal(first.ends(), 0, "exit status")
    equal(subprocess.run(list(map(str, ask)), timeout=20, capture_output=True).returncode, 1, "when it is gone")


def listens(port, address="127.0.0.1"):
    try:
        socket.create_connection((address, port), 1).close()
        return True
    except OSError:
        return False


def test_one_right_is_enough_and_without_it_only_the_port_is_missing(t):
    t.dir.chmod(0o755)
    equal(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text().strip(), "1024")
    drop = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--no-new-privs"]
    command = [program("ambo-speaker"), "--controller", "ipc://%s/none" % t.dir, "--listen", "127.0.0.1"]
    if subprocess.run([str(w) for w in [*drop, command[0], "--version"]], capture_output=True).returncode:
        skip("the programs are where only their owner may run them")
    right = ["--inh-caps", "-all,+net_bind_service", "--ambient-caps", "-all,+net_bind_service",
             "--bounding-set", "-all,+net_bind_service"]
    speaker = t.process("speaker", [*drop, *right, *command])
    wait_until(lambda: listens(179), 5, "port 179")
    status = Path("/proc/%d/status" % speaker.pid).read_text()
    for line in ("Uid:\t10179\t10179\t10179\t10179", "CapEff:\t0000000000000400", "CapBnd:\t0000000000000400"):
        check(line in status, line, "in", status)
    equal(speaker.terminate(2), 0, "exit status")
    without = t.process("without", [*drop, "--bounding-set", "-all", *command])
    without.wait_log("Permission denied")
    check(not listens(179), "it listens")


if __name__ == "__main__":
    main()
