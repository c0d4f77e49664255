#!/usr/bin/python3
"""The harness and the API client, with a stand-in for the programs that only answers pings."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration import harness
from tests.integration.harness import *

STAND_IN = """#!/usr/bin/python3
import os, signal, subprocess, sys, msgpack, zmq
name, args = os.path.basename(sys.argv[0]), sys.argv[1:]
value = lambda option: args[args.index(option) + 1]
if name == "ambo" and args[0] != "run":
    print(os.environ["AMBO_API"], *args)
    sys.exit(3)
if name == "ambo-speaker":
    print(value("--name"), value("--controller"), open(value("--controller-key")).read(), flush=True)
    signal.pause()
signal.signal(signal.SIGUSR1, lambda *_: print("reloaded:", open(args[-1]).read(), flush=True))
router = zmq.Context().socket(zmq.ROUTER)
router.bind(value("--api"))
while True:
    *route, octets = router.recv_multipart()
    version, kind, number, body = msgpack.unpackb(octets)
    say = lambda kind, body: router.send_multipart([*route, msgpack.packb([1, kind, number, body])])
    if kind == "ping":
        say("reply", {"status": "pong", "final": True, "text": ""})
    elif kind == "command":
        wait = body.get("wait") == "sent"
        say("reply", {"status": "accepted", "final": not wait, "text": body["text"]})
        if wait:
            say("reply", {"status": "sent", "final": True, "text": ""})
    elif kind == "subscribe":
        say("reply", {"status": "accepted", "final": False, "text": ""})
        say("event", [{"type": "state", "state": "up"}, {"type": "synced"}])
"""


def stand_in(t, text=STAND_IN):
    harness.BUILD = t.dir / "build"
    harness.BUILD.mkdir()
    for name in ("ambo", "ambo-controller", "ambo-speaker"):
        path = harness.BUILD / name
        path.write_text(text)
        path.chmod(0o755)


def test_embedded_with_the_command_line_and_a_reload(t):
    stand_in(t)
    ambo = t.ambo().run("one")
    equal(ambo.cli("show", "neighbors"), (3, ambo.api + " show neighbors\n", ""))
    ambo.reload("two")
    ambo.process.wait_log("reloaded: two")
    ambo.process.kill9()
    check(not ambo.process.running)


def test_split_with_keys(t):
    stand_in(t)
    ambo = t.ambo().split("neighbor ...", speakers=("edge-01", "edge-02"))
    for name, process in ambo.speakers.items():
        process.wait_log("%s tcp://127.0.0.1:7179" % name)
        check(ambo.keys["controller"].public in process.log())
        check(ambo.keys["controller"].secret not in process.log())
    equal(ambo.keys["edge-01"].file.stat().st_mode & 0o777, 0o600)
    check('key "%s"' % ambo.keys["edge-02"].public in ambo.config_path.read_text())
    ambo.controller.kill9()
    ambo.start_controller()


def test_api_client(t):
    stand_in(t)
    ambo = t.ambo().run("")
    client = ambo.client()
    equal([r.text for r in client.commands(["a", "b", "c"])], ["a", "b", "c"])
    equal(client.command("announce", wait="sent").status, "sent")
    number = client.subscribe(states=True)
    equal(client.event(number, lambda e: e["type"] == "synced"), {"type": "synced"})
    equal(ambo.client(kind="req").command("x").status, "accepted")


def test_a_program_that_ends_is_named(t):
    stand_in(t, "#!/bin/sh\necho no such file; exit 2\n")
    try:
        t.ambo().run("")
    except AssertionError as e:
        check("ended with 2" in str(e) and "no such file" in str(e), e)
    else:
        check(False, "it came up?")


def test_measurements(t):
    idle = t.process("idle", ["sleep", "30"])
    busy = t.process("busy", ["sh", "-c", "while :; do :; done"])
    check(cpu_share(idle.pid, 1) < 0.02)
    check(cpu_share(busy.pid, 1) > 0.03, "a core is shared with whoever else wants it")
    busy.stop()
    check(cpu_share(busy.pid, 1) < 0.02)
    # and how long something takes but for others
    watch = Stopwatch(idle.pid)
    time.sleep(0.2)
    took = time.monotonic() - watch.start
    check(0 < watch.own() <= took + 0.1 and took >= 0.2, watch.own())
    try:
        at_once(lambda: time.sleep(0.1), 0.01)
    except AssertionError:
        pass
    else:
        check(False, "at once?")
    check(100000 < rss(idle.pid) <= peak_rss(idle.pid) < 50000000)


if __name__ == "__main__":
    main()
