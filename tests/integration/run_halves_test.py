#!/usr/bin/python3
"""`ambo run`: two halves, kept running, stopped together."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
import json
import re
from tests.integration.harness import *
from tests.integration.scene import neighbor

CONFIG = neighbor("127.0.0.2", routes=["10.1.0.0/24 next-hop 10.0.0.9"])
MORE = CONFIG + CONFIG.replace("127.0.0.2", "127.0.0.3")
HALVES = ("ambo-controller", "ambo-speaker")


def halves(ambo):
    return {name: ambo.half(name) for name in HALVES}




def count(ambo):
    """how many neighbors; None while nobody answers"""
    status, out, _ = ambo.cli("show", "neighbors", "-j", "--timeout", "5")
    return len(json.loads(out)) if status == 0 else None


def run(t, config, *options, env=None, name="run"):
    """`ambo run` started by hand → Process"""
    path = t.dir / (name + ".conf")
    path.write_text(config)
    return t.process(name, [program("ambo"), "run", *options, path], env=dict({"AMBO_RUN": t.dir / "run"}, **(env or {})))


def ask(t, *words, env=None):
    """`ambo WORDS` that finds its `ambo run` by itself"""
    return cli(*words, env=dict({"AMBO_RUN": str(t.dir / "run"), "AMBO_API": ""}, **(env or {})))


def test_a_route_reaches_the_peer(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    ambo = t.ambo().run(CONFIG)
    peer.wait_established()
    peer.wait_prefixes(["10.1.0.0/24"])
    status, out, err = ambo.cli("announce", "route", "10.2.0.0/24", "next-hop", "self")
    check(status == 0, err)
    check(out.startswith("sent") and "127.0.0.2" in out, out)
    peer.wait_prefixes(["10.1.0.0/24", "10.2.0.0/24"])


def test_a_killed_speaker_comes_back(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    ambo = t.ambo().run(CONFIG)
    peer.wait_prefixes(["10.1.0.0/24"])
    before = halves(ambo)
    start = time.monotonic()
    os.kill(before["ambo-speaker"], signal.SIGKILL)
    peer.wait_down(5)
    peer.wait_established()
    peer.wait_prefixes(["10.1.0.0/24"])
    after = halves(ambo)
    print("     routes were back %.2f s after the kill" % (time.monotonic() - start))
    check(after["ambo-speaker"] != before["ambo-speaker"], "the same process")
    equal(after["ambo-controller"], before["ambo-controller"], "controller")
    ambo.process.wait_log("killed by signal 9")


def test_a_killed_controller_comes_back_and_the_session_stays(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    ambo = t.ambo().run(CONFIG)
    peer.wait_prefixes(["10.1.0.0/24"])
    before = halves(ambo)
    start = time.monotonic()
    os.kill(before["ambo-controller"], signal.SIGKILL)
    wait_until(lambda: ambo.half("ambo-controller") != before["ambo-controller"], 5, "another controller")
    ambo.wait_ready()
    wait_until(lambda: "welcomed us" in ambo.process.log().split("killed by signal 9")[-1], 10, "adopted")
    print("     the controller had its speaker %.2f s after the kill" % (time.monotonic() - start))
    ambo.command("announce route 10.2.0.0/24 next-hop 10.0.0.9")
    peer.wait_prefixes(["10.1.0.0/24", "10.2.0.0/24"])
    equal(len(peer.connections), 1, "connections of the peer")
    equal(halves(ambo)["ambo-speaker"], before["ambo-speaker"], "speaker")


def test_a_half_ended_by_sigterm_comes_back_too(t):
    ambo = t.ambo().run(CONFIG)
    for name in HALVES:
        before = ambo.half(name)
        os.kill(before, signal.SIGTERM)
        wait_until(lambda: ambo.half(name) != before, 5, "another " + name)
    ambo.wait_ready()
    check(ambo.process.running, "ambo run ended")


def test_restarts_back_off(t):
    ambo = t.ambo().run(CONFIG)
    for _ in range(4):
        pid = ambo.half("ambo-speaker")
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: ambo.half("ambo-speaker") != pid, 5, "another speaker")
    waits = re.findall(r"speaker.*killed by signal 9; again in ([\d.]+) s", ambo.process.log())
    equal(waits, ["0.1", "0.2", "0.4", "0.8"], "waits")


def test_signals_that_stop(t):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        ambo = t.ambo().run(CONFIG)
        pids = halves(ambo).values()
        watch = Stopwatch(*ambo.pids())
        ambo.process.signal(number)
        equal(ambo.process.wait(8), 0, "exit status after %s" % number.name)
        check(watch.own() < 3, "it took %g s" % watch.own())
        check(not any(alive(p) for p in pids), "a half was left")
        equal(list((t.dir / "run").iterdir()), [], "the runtime directory")


def test_the_controller_ends_before_the_speaker(t):
    ambo = t.ambo().run(CONFIG)
    halves(ambo)
    equal(ambo.process.terminate(8), 0, "exit status")
    said = [line for line in ambo.process.log().splitlines() if "stopped by signal" in line]
    check("ambo-controller" in said[1] and "ambo-speaker" in said[2], said)


def with_speaker(t, script):
    """`ambo run` beside a speaker that is this Python program → Process"""
    where = t.dir / "bin"
    where.mkdir()
    shutil.copy(program("ambo"), where / "ambo")
    (where / "ambo-controller").symlink_to(program("ambo-controller"))
    (where / "ambo-speaker").write_text("#!/usr/bin/python3\n" + script)
    (where / "ambo-speaker").chmod(0o755)
    (t.dir / "a.conf").write_text(CONFIG)
    return t.process("run", [where / "ambo", "run", t.dir / "a.conf"], env={"AMBO_RUN": t.dir / "run"})


def test_a_half_that_hangs_is_killed(t):
    process = with_speaker(t, "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                              "print('deaf', flush=True)\ntime.sleep(60)\n")
    process.wait_log("deaf")
    start = time.monotonic()
    process.signal(signal.SIGTERM)
    equal(process.wait(8), 0, "exit status")
    check(4.5 < time.monotonic() - start < 9, "it took %g s" % (time.monotonic() - start))


def test_the_second_signal_kills_at_once(t):
    process = with_speaker(t, "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                              "print('deaf', flush=True)\ntime.sleep(60)\n")
    process.wait_log("deaf")
    process.signal(signal.SIGINT)
    process.wait_log("stopped by signal 2")
    start = time.monotonic()
    process.signal(signal.SIGINT)
    equal(process.wait(8), 0, "exit status")
    check(time.monotonic() - start < 4, "it took %g s" % (time.monotonic() - start))


def test_a_half_that_is_gone_from_the_disk_is_told(t):
    process = with_speaker(t, "")
    process.wait_log("again in")
    equal(process.terminate(8), 0, "exit status")
    (t.dir / "bin" / "ambo-speaker").unlink()
    (t.dir / "bin" / "ambo-controller").unlink()
    process = t.process("again", [t.dir / "bin" / "ambo", "run", t.dir / "a.conf"],
                        env={"AMBO_RUN": t.dir / "run", "PATH": "/usr/bin:/bin"})
    equal(process.wait(5), 1, "exit status")
    check("ambo-controller: No such file" in process.log(), process.log())


def test_no_half_outlives_a_killed_ambo(t):
    ambo = t.ambo().run(CONFIG)
    pids = halves(ambo).values()
    ambo.process.kill9()
    wait_until(lambda: not any(alive(p) for p in pids), 5, "both halves ended")
    # what it left is cleared away by whoever looks
    status, _, err = ask(t, "status")
    equal(status, 3, "status: %s" % err)
    equal(list((t.dir / "run").iterdir()), [], "the runtime directory")


def test_signals_that_reload(t):
    ambo = t.ambo().run(CONFIG)
    wanted = 1
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM):
        wanted = 3 - wanted
        ambo.write_config(MORE if wanted == 2 else CONFIG)
        ambo.process.signal(number)
        wait_until(lambda: count(ambo) == wanted, 5, "%d neighbors after %s" % (wanted, number.name))


def test_a_reload_of_a_bad_configuration_changes_nothing(t):
    ambo = t.ambo().run(CONFIG)
    pids = halves(ambo)
    ambo.reload(CONFIG.replace("peer-as", "per-as"))
    ambo.process.wait_log("not reloaded")
    wait_until(lambda: count(ambo), 10)
    equal(count(ambo), 1, "neighbors")
    equal(halves(ambo), pids, "halves")


def test_a_bad_configuration_starts_nothing(t):
    process = run(t, CONFIG.replace("peer-as", "per-as"))
    equal(process.wait(5), 1, "exit status")
    check(re.search(r"run\.conf:5:2: .*peer-as", process.log()), process.log())
    check(not (t.dir / "run").exists() or not list((t.dir / "run").iterdir()), "an instance was made")
    process = run(t, CONFIG, "--lisen", "127.0.0.1", name="option")
    equal(process.wait(5), 2, "exit status")
    equal(cli("run", "/nonexistent/ambo.conf")[0], 1, "exit status")
    equal(cli("run")[0], 2, "exit status")


def test_a_half_that_cannot_start_ends_all(t):
    process = run(t, CONFIG, "--listen", "192.0.2.77")
    equal(process.wait(10), 1, "exit status")
    check("could not start" in process.log(), process.log())
    equal(process.log().count("192.0.2.77"), 1, "lines about the address: %s" % process.log())
    process = run(t, CONFIG, "--api", "ipc:///nonexistent/api", name="api")
    equal(process.wait(10), 1, "exit status")


def test_a_client_may_shut_it_down(t):
    process = run(t, CONFIG)
    wait_until(lambda: ask(t, "ping")[0] == 0, 10, "it answers")
    equal(ask(t, "shutdown")[0], 0, "exit status of shutdown")
    equal(process.wait(5), 0, "exit status of run")


def test_two_side_by_side(t):
    first = run(t, CONFIG, "--name", "east", "--port", "1790", name="first")
    wait_until(lambda: ask(t, "ping")[0] == 0, 10, "the only one is found")
    second = run(t, MORE, "--port", "1791", name="second")
    wait_until(lambda: ask(t, "-i", str(second.pid), "ping")[0] == 0, 10, "the second answers")
    status, out, err = ask(t, "show", "neighbors")
    equal(status, 2, "exit status when there are two")
    check("east" in err and str(second.pid) in err and "second.conf" in err, err)
    for which, wanted in (("east", 1), (str(first.pid), 1), (str(second.pid), 2)):
        status, out, err = ask(t, "show", "neighbors", "-j", "-i", which)
        equal(status, 0, err)
        equal(len(json.loads(out)), wanted, "neighbors of " + which)
    equal(ask(t, "-i", "west", "ping")[0], 3, "exit status for a name that is not there")
    first.kill9()
    wait_until(lambda: ask(t, "show", "neighbors")[0] == 0, 5, "the other is found")
    equal(len(list((t.dir / "run").iterdir())), 1, "directories")


def test_exabgp_environment_says_where(t):
    peer = t.peer(connect="127.0.0.1:1790", local="127.0.0.2", asn=65002)
    run(t, CONFIG.replace("router-id", "passive; router-id"), env={"exabgp_tcp_bind": "127.0.0.1", "exabgp.tcp.port": "1790"})
    peer.wait_prefixes(["10.1.0.0/24"])


if __name__ == "__main__":
    main()
