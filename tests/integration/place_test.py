#!/usr/bin/python3
"""`ambo` where `exabgp` stood: its arguments, its environment, its exit status."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
from tests.integration.harness import *
from tests.integration.scene import neighbor

CONFIG = neighbor("127.0.0.2", routes=["10.1.0.0/24 next-hop 10.0.0.9"])


def start(t, words, config=CONFIG, env=None, name="run", program_path=None):
    """words, with FILE for the configuration → Process"""
    path = t.dir / "a.conf"
    path.write_text(config)
    words = [path if w == "FILE" else w for w in words]
    return t.process(name, [program_path or program("ambo"), *words],
                     env=dict({"AMBO_RUN": t.dir / "run", "EXABGP_ROOT": "/nonexistent"}, **(env or {})))


def up(peer):
    return peer.session is not None and peer.session.state == "established"


def exabgp(t):
    """Ambo under the other name"""
    path = t.dir / "exabgp"
    path.symlink_to(program("ambo"))
    return path


def ask(*words, env=None):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=20,
                          env=dict(os.environ, EXABGP_ROOT="/nonexistent", **(env or {})))
    return done.returncode, done.stdout, done.stderr


def test_every_way_to_call_it(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    other = exabgp(t)
    ways = [(None, ["FILE"]), (None, ["server", "FILE"]), (None, ["-d", "-p", "FILE"]), (None, ["--debug", "FILE"]),
            (other, ["FILE"]), (other, ["-v", "-p", "-m", "FILE"]), (other, ["server", "-d", "FILE"])]
    for i, (path, words) in enumerate(ways):
        process = start(t, words, name="run%d" % i, program_path=path)
        peer.wait_established()
        peer.wait_prefixes(["10.1.0.0/24"])
        if "-p" in words:
            process.wait_log("-p has no effect")
        equal('"level":"debug"' in process.log(), "-d" in words or "--debug" in words, "debug lines of %s" % words)
        equal(process.terminate(8), 0, "exit status of %s" % words)
        wait_until(lambda: not up(peer), 5, "down")


def test_a_typing_error_is_no_file(t):
    status, _, err = cli("shwo", api="ipc:///nonexistent")
    equal(status, 2, "exit status")
    check("did you mean" in err, err)
    status, _, err = cli(t.dir / "none.conf")
    equal(status, 2, "exit status of a file that is not there")


def test_exit_statuses_under_the_other_name(t):
    other, good, bad = exabgp(t), t.dir / "good.conf", t.dir / "bad.conf"
    good.write_text(CONFIG)
    bad.write_text(CONFIG.replace("peer-as 65002", "peer-as x"))
    for words in (["--test", good], ["-t", good], ["validate", good], ["configuration", "validate", good], ["version"],
                  ["--version"], ["-v"], ["--run", "healthcheck", "--help"]):
        status, out, err = ask(other, *words)
        equal(status, 0, "%s: %s" % (words, err))
    for words in ([], ["--test", bad], [bad], [t.dir / "none.conf"], ["--nonsense", good], ["--run", "nothing"], ["-e", t.dir / "none", good]):
        status, out, err = ask(other, *words)
        equal(status, 1, "%s: %s" % (words, out))
        check(err != "", words)
    check("bad.conf:" in ask(other, bad)[2], "the place of the error")


def test_one_attempt_then_all_ends(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    for i, (words, env) in enumerate([(["FILE"], {"exabgp_tcp_attempts": "1"}), (["FILE"], {"exabgp.tcp.once": "true"}),
                                      (["run", "FILE"], {"exabgp_tcp_connections": "1"}), (["-1", "FILE"], {})]):
        process = start(t, words, env=env, name="run%d" % i)
        peer.wait_established()
        peer.wait_prefixes(["10.1.0.0/24"])
        check(process.running, "it ended with the session up")
        peer.session.notify(6, 4)
        equal(process.wait(5), 0, "exit status")
        check("attempts exhausted" in process.log() or "no neighbor has an attempt left" in process.log(), "the log")
        wait_until(lambda: not up(peer), 5, "down")


def test_attempts_that_fail_count(t):
    began = time.monotonic()
    process = start(t, ["FILE"], env={"exabgp_tcp_attempts": "3"})
    equal(process.wait(15), 0, "exit status")
    check(time.monotonic() - began > 1.5, "no wait between the attempts")


def test_as_long_as_one_neighbor_can_come_up_it_runs(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    process = start(t, ["FILE"], CONFIG + CONFIG.replace("127.0.0.2", "127.0.0.3"), env={"exabgp_tcp_attempts": "1"})
    peer.wait_established()
    process.wait_log('"peer 127.0.0.3","message":"no attempt is left of 1"')
    time.sleep(0.5)
    check(process.running, "it ended with a session up")
    # nor does a reload begin them anew, or end it
    process.signal(signal.SIGUSR1)
    process.wait_log("reloaded")
    time.sleep(0.5)
    check(process.running and up(peer), "after the reload")
    peer.session.notify(6, 4)
    equal(process.wait(5), 0, "exit status")


def test_a_reload_that_leaves_only_exhausted_neighbors_ends_it(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    process = start(t, ["FILE"], CONFIG + CONFIG.replace("127.0.0.2", "127.0.0.3"), env={"exabgp_tcp_attempts": "1"})
    peer.wait_established()
    process.wait_log('"peer 127.0.0.3","message":"no attempt is left of 1"')
    (t.dir / "a.conf").write_text(CONFIG.replace("127.0.0.2", "127.0.0.3"))
    process.signal(signal.SIGUSR1)
    equal(process.wait(5), 0, "exit status")


def test_without_a_log_nothing_is_said(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    process = start(t, ["FILE"], env={"exabgp_log_enable": "false"})
    peer.wait_prefixes(["10.1.0.0/24"])
    equal(process.terminate(8), 0, "exit status")
    equal(process.log(), "", "log")


def test_the_log_goes_to_a_file(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    process = start(t, ["FILE"], env={"exabgp_log_destination": t.dir / "ambo.txt", "exabgp_log_level": "WARNING"})
    wait_until(lambda: (t.dir / "ambo.txt").exists(), 5, "the file")
    peer.wait_prefixes(["10.1.0.0/24"])
    equal(process.terminate(8), 0, "exit status")
    equal(process.log(), "", "standard error")
    check('"level":"info"' not in (t.dir / "ambo.txt").read_text(), "below the level")


def test_an_environment_file(t):
    peer = t.peer(listen="127.0.0.2:1792", asn=65002)
    (t.dir / "my.env").write_text("[exabgp.tcp]\nport = 1792\nattempts = 1\n[exabgp.log]\nlevel = ERROR\n")
    process = start(t, ["--env", t.dir / "my.env", "FILE"])
    peer.wait_prefixes(["10.1.0.0/24"])
    peer.session.notify(6, 4)
    equal(process.wait(5), 0, "exit status")
    check('"level":"info"' not in process.log(), "below the level")
    (t.dir / "etc/exabgp").mkdir(parents=True)
    (t.dir / "my.env").rename(t.dir / "etc/exabgp/exabgp.env")
    process = start(t, ["FILE"], env={"EXABGP_ROOT": t.dir}, name="again")
    peer.wait_established()
    peer.session.notify(6, 4)
    equal(process.wait(5), 0, "exit status")


def test_what_has_no_effect_is_said_once(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    (t.dir / "my.env").write_text("[exabgp.reactor]\nspeed = 2\n")
    process = start(t, ["--env", t.dir / "my.env", "FILE"])
    peer.wait_prefixes(["10.1.0.0/24"])
    for turn, (speed, said) in enumerate((("2", 1), ("2", 1), ("3", 2))):
        (t.dir / "my.env").write_text("[exabgp.reactor]\nspeed = %s\n" % speed)
        process.signal(signal.SIGUSR1)
        wait_until(lambda: process.log().count('"message":"reloaded') == turn + 1, 5, "the reload")
        equal(process.log().count("exabgp.reactor.speed"), said, "how often, with " + speed)


def test_peers_are_told_the_version(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    start(t, ["FILE"], CONFIG.replace("family", "capability { software-version enable; }\n\tfamily"),
          env={"exabgp_version": "5.0.0-0+test"})
    peer.wait_established()
    said = b"".join(v for _, v in peer.session.their_open["capabilities"])
    check(b"ExaBGP/5.0.0-0+test" in said, said)


def test_reload_after_seconds(t):
    process = start(t, ["-s", "1", "FILE"])
    process.wait_log("reloaded", 5)


if __name__ == "__main__":
    main()
