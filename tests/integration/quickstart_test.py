#!/usr/bin/python3
# ctest: TIMEOUT 1800
# ctest: RUN_SERIAL ON
"""deploy/quickstart: from the tree to a route in BIRD's table; and the examples."""
import os, re, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
from tests.integration.harness import *

QUICKSTART = ROOT / "deploy" / "quickstart"


def start(t, *options, name="quickstart"):
    if not shutil.which("birdc", path="/usr/sbin:" + os.environ["PATH"]):
        skip("BIRD is not installed")
    return t.process(name, [QUICKSTART, *options], env={"AMBO_RUN": t.dir / "run"}, cwd=t.dir)


def test_once_ends_with_the_route_arrived(t):
    process = start(t, "--once")
    equal(process.wait(400), 0, process.log())
    log = process.log()
    check("203.0.113.0/24" in log and "[ambo" in log and "(65001,666)" in log, log)
    check("127.0.0.2 received ipv4 unicast 198.51.100.0/24" in log, log)
    check("The route arrived" in log, log)
    equal(list((t.dir / "run").iterdir()), [], "instances")


def test_it_runs_until_it_is_told_to_stop(t):
    process = start(t)
    process.wait_log("It runs until Ctrl-C", 400)
    status, out, err = cli("announce", "route", "192.0.2.0/25", "next-hop", "self",
                           env={"AMBO_API": "", "AMBO_RUN": str(t.dir / "run")})
    check(status == 0 and out.startswith("sent"), out, err)
    below = descendants(process.pid)
    check(len(below) == 4, "ambo, its halves and bird", below)
    bird = next(p for p in below if program_of(p) == "bird")
    directory = next(w for w in Path("/proc/%d/cmdline" % bird).read_text().split("\0") if "ambo-quickstart." in w)
    directory = Path(directory).parent
    check(directory.is_dir(), directory)
    process.signal(signal.SIGTERM)
    equal(process.wait(10), 0, "exit status")
    check(not any(alive(p) for p in below), "something was left")
    check(not directory.exists(), "its directory was left")


def test_ctrl_c_stops_it(t):
    process = start(t)
    process.wait_log("It runs until Ctrl-C", 400)
    below = descendants(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    equal(process.wait(10), 0, "exit status")
    check(not any(alive(p) for p in below), "something was left")


def test_with_a_file_it_runs_that(t):
    (t.dir / "mine.conf").write_text("neighbor 127.0.0.9 {\n\tlocal-address 127.0.0.1;\n\tlocal-as 65001;\n\tpeer-as 65001;\n}\n")
    process = start(t, "mine.conf")
    process.wait_log("clients at", 400)
    wait_until(lambda: cli("ping", env={"AMBO_API": "", "AMBO_RUN": str(t.dir / "run")})[0] == 0, 10, "it answers")
    equal(program_of(process.pid), "ambo", "the program")
    equal(process.terminate(), 0, "exit status")
    process = start(t, "--twice", name="usage")
    equal(process.wait(5), 2, "exit status of a wrong call")


def test_examples_are_valid(t):
    examples = sorted((ROOT / "deploy" / "examples").glob("*.conf"))
    check(len(examples) >= 5, examples)
    for example in examples:
        status, out, err = cli("validate", example)
        equal(status, 0, "%s: %s" % (example.name, err))
        # what the environment file of a machine says is not the example's
        notes = [line for line in out.splitlines()
                 if line.startswith("note:") and not re.match(r"note: (environment|\S*/exabgp\.env:\d+):", line)]
        equal(notes, [], example.name)


if __name__ == "__main__":
    main()
