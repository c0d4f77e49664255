#!/usr/bin/python3
"""What ExaBGP's environment says of the process: exabgp.daemon.pid, exabgp.daemon.daemonize, exabgp.tcp.delay."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

CONFIG = neighbor("127.0.0.2", 65002)


def run(t, **env):
    conf = os.path.join(t.dir, "ambo.conf")
    with open(conf, "w") as f:
        f.write(CONFIG)
    return [program("ambo"), "run", conf], dict(os.environ, AMBO_RUN=os.path.join(t.dir, "run"), **env)


def pid_in(path):
    try:
        with open(path) as f:
            return int(f.read() or 0)
    except FileNotFoundError:
        return 0


def test_the_pid_is_in_the_file_while_it_runs(t):
    path = os.path.join(t.dir, "pid")
    with open(path, "w") as f:
        f.write("999999\n")  # of one that has ended
    args, env = run(t, exabgp_daemon_pid=path)
    p = subprocess.Popen(args, env=env, stderr=subprocess.DEVNULL)
    wait_until(lambda: pid_in(path) == p.pid, 10)
    second = subprocess.run(args, env=env, capture_output=True, text=True, timeout=20)
    equal(second.returncode, 1)
    check("process %d runs already" % p.pid in second.stderr, second.stderr)
    p.terminate()
    equal(p.wait(20), 0)
    check(not os.path.exists(path))


def test_it_goes_to_the_background(t):
    path = os.path.join(t.dir, "pid")
    args, env = run(t, exabgp_daemon_pid=path, exabgp_daemon_daemonize="true")
    equal(subprocess.run(args, env=env, stderr=subprocess.DEVNULL, timeout=20).returncode, 0)
    wait_until(lambda: pid_in(path), 10)
    pid = pid_in(path)
    try:
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")")[1].split()
        check(int(fields[3]) != os.getsid(0), "a session of its own")
        equal(os.readlink("/proc/%d/fd/0" % pid), "/dev/null")
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not os.path.exists(path), 15)


def test_tcp_delay_is_waited_for(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    # a minute that is a multiple of this begins an hour: it is another one now, and stays that for a while
    while any(time.localtime(time.time() + s).tm_min % 31 == 0 for s in (0, 20)):
        time.sleep(1)
    args, env = run(t, exabgp_tcp_delay="31")
    p = subprocess.Popen(args, env=env, stderr=subprocess.DEVNULL)
    time.sleep(2)
    check(not peer.connections)
    p.terminate()
    equal(p.wait(20), 0)


if __name__ == "__main__":
    main()
