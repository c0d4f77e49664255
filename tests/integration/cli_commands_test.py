#!/usr/bin/python3
"""`ambo` as a client: what it prints, and its exit status."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
import json
import pty
import stat
from tests.integration.harness import *
from tests.integration.scene import speaker_has_heard

CONFIG = """neighbor 127.0.0.2 {
	local-address 127.0.0.1;
	local-as 65001;
	peer-as 65002;
	router-id 10.0.0.1;
	family { ipv4 unicast; }
}
"""


def up(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    ambo = t.ambo().run(CONFIG)
    peer.wait_established()
    return ambo, peer


def watch(t, ambo, *options, name="watch"):
    process = t.process(name, [program("ambo"), "watch", *options], env={"AMBO_API": ambo.api})
    return process


def subscribed(ambo):
    """the watch is on, down to the speaker"""
    client = ambo.client()
    wait_until(lambda: any(k["subscriptions"] for k in client.show("show clients")), 10, "it subscribes")
    speaker_has_heard(client, "127.0.0.2")


# -- one command

def test_announce_says_to_whom_it_was_sent(t):
    ambo, peer = up(t)
    status, out, err = ambo.cli("announce", "route", "10.0.0.0/24", "next-hop", "self", "community", "[65001:1 65001:2]")
    equal((status, err), (0, ""), "announce")
    check(out.startswith("sent") and "127.0.0.2" in out, out)
    peer.wait_prefixes(["10.0.0.0/24"])
    equal(peer.route("10.0.0.0/24")["communities"], ["65001:1", "65001:2"], "communities")
    status, out, err = ambo.cli("withdraw", "route", "10.0.0.0/24")
    equal(status, 0, err)
    check(out.startswith("sent"), out)
    equal(peer.prefixes(), set(), "prefixes")


def test_what_the_shell_gave_in_one_piece_is_a_command(t):
    ambo, peer = up(t)
    equal(ambo.cli("announce route 10.0.0.0/24 next-hop self")[0], 0, "exit status")
    equal(ambo.cli("announce", "route 10.0.1.0/24 next-hop self")[0], 0, "exit status")
    peer.wait_prefixes(["10.0.0.0/24", "10.0.1.0/24"], exactly=True)


def test_wait_says_how_long(t):
    ambo, peer = up(t)
    status, out, _ = ambo.cli("announce", "route", "10.0.0.0/24", "next-hop", "self", "--wait", "accepted")
    check(status == 0 and out.startswith("accepted"), status, out)
    equal(ambo.cli("--wait", "none", "announce", "route", "10.0.1.0/24", "next-hop", "self"), (0, "", ""), "none")
    equal(ambo.cli("announce", "--wait", "none", "route", "10.0.1.0/24")[0], 1, "a refused one")
    equal(ambo.cli("announce", "--wait", "never", "route", "10.0.1.0/24")[0], 2, "another word")
    os.kill(ambo.half("ambo-speaker"), signal.SIGSTOP)
    start = time.monotonic()
    status, out, err = at_once(lambda: ambo.cli("announce", "route", "10.0.2.0/24", "next-hop", "self", "--timeout", "0.7"), 2)
    equal(status, 4, "exit status when it is not sent in time: %s" % err)
    check(0.6 < time.monotonic() - start, "it took %g s" % (time.monotonic() - start))
    check("accepted" in err, err)
    os.kill(ambo.half("ambo-speaker"), signal.SIGCONT)
    peer.wait_prefixes(["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"])


def test_a_peer_that_is_down_is_named(t):
    ambo = t.ambo().run(CONFIG)
    status, out, err = ambo.cli("announce", "route", "10.0.0.0/24", "next-hop", "self")
    equal(status, 0, err)
    check(out.startswith("pending: 127.0.0.2 (down: "), out)


def test_the_text_of_an_answer_stands_alone(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    ambo = t.ambo().run(CONFIG + CONFIG.replace("127.0.0.2", "127.0.0.3"))
    peer.wait_established()
    status, out, err = ambo.cli("announce", "route", "10.0.0.0/24", "next-hop", "self")
    check(status == 0 and out.startswith("sent to 127.0.0.2; pending: 127.0.0.3 (down: "), out, err)
    status, out, err = ambo.cli("announce", "route", "2001:db8::/32", "next-hop", "2001:db8::1")
    equal((status, out, err), (0, "sent to nobody: no neighbor has this family\n", ""))


def test_a_neighbor_without_the_family_is_named(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002)
    other = CONFIG.replace("127.0.0.2", "127.0.0.3").replace("ipv4", "ipv6")
    ambo = t.ambo().run(CONFIG + other)
    peer.wait_established()
    equal(ambo.cli("announce", "route", "10.0.0.0/24", "next-hop", "self"),
          (0, "sent to 127.0.0.2; without this family: 127.0.0.3\n", ""))
    status, out, err = ambo.cli("-j", "announce", "route", "10.0.1.0/24", "next-hop", "self")
    last = json.loads(out.splitlines()[-1])
    equal([(n["neighbor"], n["status"]) for n in last["neighbors"]], [("127.0.0.2", "written"), ("127.0.0.3", "no-family")], err)
    # of many the first
    ambo.reload(CONFIG + "".join(other.replace("127.0.0.3", "127.0.0.%d" % n) for n in range(3, 23)))
    equal(ambo.cli("announce", "route", "10.0.2.0/24", "next-hop", "self"), (0, "sent to 127.0.0.2; without this family: %s and 4 more\n" % (
        ", ".join("127.0.0.%d" % n for n in range(3, 19))), ""))


def test_json_may_be_asked_for_by_the_command_itself(t):
    ambo, peer = up(t)
    ambo.cli("announce", "route", "10.0.0.0/24", "next-hop", "self")
    for words in (["show", "neighbors"], ["show", "routes", "sent"], ["show", "adj-rib", "out"], ["show", "owners"],
                  ["show", "routes", "10.0.0.0/24"]):
        status, out, err = ambo.cli(*words, "json")
        equal((status, err), (0, ""), words)
        equal(len(json.loads(out)), 1 + (words[1] == "owners"), words)
    status, out, err = ambo.cli("-", input="show owners json\nping\n")
    equal((status, err), (0, ""))
    lines = out.splitlines()
    equal(([o["owner"] for o in json.loads(lines[0])], lines[1]), (["configuration", "client"], "done"), out)


def test_an_answer_in_pieces_is_one_document(t):
    ambo, peer = up(t)
    count = 3000
    status, out, err = ambo.cli("announce", "--file", "-", "--wait", "accepted", input="".join(
        "announce route 10.%d.%d.0/24 next-hop self\n" % (i >> 8, i & 255) for i in range(count)))
    equal(status, 0, err)
    status, out, err = ambo.cli("-", input="show routes sent json\nping\nshow adj-rib out\n")
    lines = out.splitlines()
    equal((status, len(json.loads(lines[0])), lines[1]), (0, count, "done"), err)
    equal((len(lines), lines[-1]), (2 + 2 + count + 1, "done"), "lines")
    status, out, err = ambo.cli("-j", "-", input="show routes sent\nping\n")
    first, second = [json.loads(line) for line in out.splitlines()]
    equal((status, first["status"], first["final"], len(first["data"]), second["final"]), (0, "done", True, count, True), err)


def test_without_routes_from_peer_to_peer_show_rib_says_so(t):
    ambo, peer = up(t)
    status, out, err = ambo.cli("show", "rib")
    check(status == 0 and out.startswith("no neighbor says propagate"), out, err)
    equal(ambo.cli("-j", "show", "rib"), (0, "[ ]\n", ""))


def test_refused_is_one_and_says_where(t):
    ambo = t.ambo().run(CONFIG)
    status, out, err = ambo.cli("announce", "rout", "10.0.0.0/24")
    equal((status, out), (1, ""), err)
    check("rout" in err and err.startswith("ambo: ") and "route" in err, err)
    status, out, err = ambo.cli("announce", "rout", "10.0.0.0/24", "-j")
    equal((status, json.loads(out)["status"]), (1, "error"), err)
    equal(ambo.cli("neighbor", "192.0.2.9", "announce", "route", "10.0.0.0/24", "next-hop", "self")[0], 1, "no such neighbor")


def test_wrong_usage_is_two(t):
    for words in (("shwo", "neighbors"), ("show", "--no-such-option"), ("--timeout", "x", "show"), ("-c", "nonsense", "show", "neighbors"),
                  (), ("keys",), ("watch", "something"), ("-", "word"), ("validate",), ("-c",)):
        status, out, err = cli(*words, api="ipc:///nonexistent")
        equal(status, 2, "%s: %s" % (words, err))
        check(out == "" and err, words, out)
    check('did you mean "show"' in cli("shwo", api="ipc:///nonexistent")[2])


def test_nobody_there_is_three(t):
    equal(at_once(lambda: cli("show", "neighbors", api="ipc:///nonexistent/api")[0], 1), 3, "no socket")
    # a socket that nobody listens on
    import socket
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(t.dir / "dead"))
    equal(cli("show", "neighbors", api="ipc://%s" % (t.dir / "dead"))[0], 3, "a dead socket")
    equal(at_once(lambda: cli("show", "neighbors", "--insecure", "--timeout", "0.5", api="tcp://127.0.0.1:9")[0], 4), 3, "no port")
    status, _, err = cli("show", "neighbors", env={"AMBO_API": "", "AMBO_RUN": str(t.dir / "none")})
    equal(status, 3, err)
    check("ambo run" in err, err)


def test_tcp_wants_keys(t):
    equal(cli("show", "neighbors", api="tcp://127.0.0.1:9")[0], 2, "no keys")


def test_json_is_json(t):
    ambo, peer = up(t)
    ambo.command("announce route 10.0.0.0/24 next-hop self")
    for words in ("show neighbors", "show routes", "show speakers", "status", "ping", "announce route 10.0.1.0/24 next-hop self"):
        status, out, err = ambo.cli(*words.split(), "-j")
        equal(status, 0, words + ": " + err)
        json.loads(out)
    equal(json.loads(ambo.command("show neighbors -j"))[0]["state"], "up", "state")


def test_a_long_list_is_one_list(t):
    ambo, peer = up(t)
    count = 5000
    lines = "".join("announce route 10.%d.%d.0/24 next-hop self\n" % (i >> 8, i & 255) for i in range(count))
    equal(ambo.cli("-", input=lines)[0], 0, "exit status")
    status, out, err = ambo.cli("show", "routes", "sent", "-j")
    equal(status, 0, err)
    equal(len(json.loads(out)), count, "routes")
    equal(len(ambo.command("show adj-rib out").splitlines()), count, "lines")


def test_help_and_version_need_nobody(t):
    for words in (("help",), ("--help",), ("show", "--help"), ("help", "announce"), ("help", "run"), ("version",), ("--version",),
                  ("help", "neighbor")):
        status, out, err = cli(*words, api="ipc:///nonexistent")
        equal((status, err), (0, ""), words)
        check(len(out) > 5, words)
    for words, word in ((("decode", "--help"), "--pcap"), (("announce", "route", "--help"), "announce watchdog"),
                        (("validate", "-h"), "--route")):
        status, out, err = cli(*words, api="ipc:///nonexistent")
        equal((status, err), (0, ""), words)
        check(word in out and "shutdown" not in out, out)
    equal(cli("help", "anounce")[0], 2, "a word that is none")


# -- many commands

def test_a_pipe_of_commands_gets_a_line_each(t):
    ambo, peer = up(t)
    commands = ("announce route 10.0.0.0/24 next-hop self\n"
                "# a comment\n\n"
                "announce rout 10.0.1.0/24\n"
                "  show adj-rib out\n"
                "withdraw route 10.0.9.0/24\n"
                "ping")
    status, out, err = ambo.cli("-", input=commands)
    lines = out.splitlines()
    equal(status, 1, "one was refused: %s" % err)
    check(lines[0].startswith("accepted"), out)
    check(lines[1].startswith("error: ") and "rout" in lines[1], out)
    check("10.0.0.0/24" in lines[2], out)
    equal(lines[3], "done", out)
    check(lines[4].startswith("accepted") and lines[5].startswith("pong") and lines[6] == "done", out)
    equal(len(lines), 7, out)


def test_a_pipe_may_wait_until_sent(t):
    ambo, peer = up(t)
    status, out, err = ambo.cli("--wait", "sent", "-", input="".join(
        "announce route 10.0.%d.0/24 next-hop self\n" % i for i in range(100)))
    equal(status, 0, err)
    equal([line.split()[0] for line in out.splitlines()], ["sent"] * 100, "answers")
    wait_until(lambda: len(peer.prefixes()) == 100, 10, "the peer has read them")


def test_a_pipe_answers_before_the_next_line(t):
    ambo, _ = up(t)
    process = subprocess.Popen([program("ambo"), "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                               env=dict(os.environ, AMBO_API=ambo.api))
    t.add(process, process.kill)
    for i in range(20):
        process.stdin.write("announce route 10.0.%d.0/24 next-hop self\n" % i)
        check(process.stdout.readline().startswith("accepted"))
    process.stdin.close()
    equal(process.wait(patient(5)), 0, "exit status")


def test_a_file_of_commands(t):
    ambo, peer = up(t)
    path = t.dir / "commands"
    count = 20000
    path.write_text("".join("announce route 10.%d.%d.0/24 next-hop self\n" % (i >> 8, i & 255) for i in range(count)))
    start = time.monotonic()
    with open(path) as f:
        done = subprocess.run([program("ambo"), "-"], stdin=f, capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, AMBO_API=ambo.api))
    took = time.monotonic() - start
    equal(done.returncode, 0, done.stderr)
    equal(done.stdout.count("accepted"), count, "answers")
    peer.wait_routes(count)
    print("     %d commands in %.2f s" % (count, took))
    equal(ambo.cli("-", input="")[0], 0, "no commands")


# -- events

def test_a_file_is_announced(t):
    ambo, peer = up(t)
    file = t.dir / "routes"
    lines = ["# a table", ""] + ["announce route %s next-hop self med 5" % p for p in bgp.prefixes(9000)]
    file.write_text("\n".join(lines + ["  neighbor 127.0.0.2 withdraw route 10.0.0.0/24  "]))
    status, out, err = ambo.cli("announce", "--file", str(file))
    equal((status, err), (0, ""), "exit status")
    equal(out, "9001 routes, 9001 news; sent to 127.0.0.2\n")
    peer.wait_prefixes(bgp.prefixes(9000)[1:], exactly=True)
    # by standard input, with lines that are refused
    lines[5000] = "announce route 10.0.0.0/24 nxt-hop self"
    lines[8000] = "show neighbors"
    status, out, err = ambo.cli("announce", "--file", "-", "--wait", "accepted", input="\n".join(lines) + "\n")
    equal((status, out), (1, "8998 routes, 1 news; 2 of 9000 lines refused\n"))
    first, second = err.splitlines()
    check(first.startswith("ambo: standard input:5001: column 28: ") and "next-hop" in first, first)
    check(second.startswith("ambo: standard input:8001: ") and "announce or withdraw" in second, second)
    status, out, err = ambo.cli("announce", "--file", str(file), "-j")
    equal(json.loads(out), {"routes": 9001, "news": 1, "lines": 9001, "refused": 0, "sent": "sent to 127.0.0.2"})
    equal(ambo.cli("announce", "--file", str(file), "--wait", "none"), (0, "", ""))
    file.write_text("")
    equal(ambo.cli("announce", "--file", str(file)), (0, "0 routes, 0 news\n", ""))
    for wrong in (["show", "--file", str(file)], ["announce", "route", "--file", str(file)],
                  ["announce", "--file", str(t.dir / "none")]):
        equal(ambo.cli(*wrong)[0], 2, wrong)
    file.write_text("x" * 1100000)
    equal(ambo.cli("announce", "--file", str(file))[0], 2)


def test_watch_shows_what_happens(t):
    ambo, peer = up(t)
    process = watch(t, ambo, "--snapshot")
    process.wait_log("synced")
    peer.announce(["10.5.0.0/24"], communities=["65002:7"])
    process.wait_log("announce ipv4 unicast 10.5.0.0/24 next-hop 127.0.0.2 origin igp as-path [65002] community [65002:7]")
    peer.withdraw(["10.5.0.0/24"])
    process.wait_log("withdraw ipv4 unicast 10.5.0.0/24")
    peer.notify(6, 2)
    process.wait_log("127.0.0.2 down")
    process.wait_log("127.0.0.2 up", 15)
    check("\033" not in process.log(), "colours in a file")
    process.signal(signal.SIGINT)
    equal(process.wait(3), 0, "exit status")


def test_watch_as_json(t):
    ambo, peer = up(t)
    peer.announce(["10.5.0.0/24"])
    wait_until(lambda: "10.5.0.0/24" in ambo.command("show routes received"), 5, "received")
    process = watch(t, ambo, "-j", "--snapshot", "neighbor", "127.0.0.2")
    process.wait_log("synced")
    peer.announce(["10.6.0.0/24"])
    process.wait_log("10.6.0.0/24")
    process.signal(signal.SIGTERM)
    equal(process.wait(3), 0, "exit status")
    events = [json.loads(line) for line in process.log().splitlines()]
    check(any(e["type"] == "update" and not e["live"] and "10.5.0.0/24" in json.dumps(e) for e in events), events)
    check(any(e["type"] == "update" and e["live"] and "10.6.0.0/24" in json.dumps(e) for e in events), events)


def test_watch_ends_when_nobody_reads(t):
    ambo, peer = up(t)
    for busy in (True, False):
        process = subprocess.Popen([program("ambo"), "watch", "--snapshot"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=dict(os.environ, AMBO_API=ambo.api))
        t.add(process, process.kill)
        process.stdout.readline()
        process.stdout.close()
        if busy:
            peer.announce(["10.7.0.0/24"])
        equal(process.wait(patient(3)), 0, "exit status")
        equal(process.stderr.read(), b"", "what it said")


def test_watch_gives_credit_as_it_goes(t):
    ambo, peer = up(t)
    process = watch(t, ambo, "-j")
    subscribed(ambo)
    count = 20000
    start = time.monotonic()
    prefixes = ["10.%d.%d.0/24" % (i >> 8, i & 255) for i in range(count)]
    for i in range(0, count, 100):
        peer.announce(prefixes[i:i + 100], med=i)
    def seen():
        out = set()
        for line in process.log().splitlines():
            e = json.loads(line) if line.endswith("}") else {}
            for hops in e.get("message", {}).get("update", {}).get("announce", {}).values():
                out.update(n["nlri"] for nlri in hops.values() for n in nlri)
        return len(out) == count
    wait_until(seen, 30, "all routes seen", interval=0.3)
    size = process.log_path.stat().st_size
    print("     %d octets of events in %.2f s" % (size, time.monotonic() - start))


def test_watch_waits_for_a_controller_that_went(t):
    ambo, peer = up(t)
    process = watch(t, ambo)
    subscribed(ambo)
    os.kill(ambo.half("ambo-controller"), signal.SIGKILL)
    process.wait_log("connection lost")
    process.wait_log("connected again")
    def told():
        peer.announce(["10.8.0.0/24"], med=int(time.monotonic() * 10) & 0xffff)
        return "announce ipv4 unicast 10.8.0.0/24" in process.log()
    wait_until(told, 10, "an event from the new controller", interval=0.2)


def test_watch_is_coloured_for_people(t):
    ambo, peer = up(t)
    def first_line(env):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([program("ambo"), "watch", "--snapshot"], stdout=theirs, stderr=subprocess.DEVNULL,
                                   env=dict(os.environ, AMBO_API=ambo.api, **env))
        os.close(theirs)
        t.add(process, process.kill)
        out = os.read(ours, 4096)
        process.terminate()
        process.wait(patient(3))
        os.close(ours)
        return out
    env = dict(os.environ)
    os.environ.pop("NO_COLOR", None)
    check(b"\033[" in first_line({}), "no colour on a terminal")
    check(b"\033[" not in first_line({"NO_COLOR": "1"}), "colour in spite of NO_COLOR")
    os.environ.update(env)


def test_watch_of_a_neighbor_that_is_not_there(t):
    ambo = t.ambo().run(CONFIG)
    status, out, err = ambo.cli("watch", "neighbor", "nonsense")
    equal(status, 1, err)
    # it may come later, and is said to be missing
    process = watch(t, ambo, "neighbor", "192.0.2.99")
    process.wait_log("so far there is no such neighbor")


# -- without a controller

def test_keys_are_made_once(t):
    path = t.dir / "edge.key"
    status, out, err = cli("keys", path)
    equal((status, err), (0, ""), "keys")
    equal(len(out.strip()), 40, "the public key")
    equal(stat.S_IMODE(path.stat().st_mode), 0o600, "mode")
    check(out.strip() in (t.dir / "edge.key.pub").read_text(), "FILE.pub has another key")
    check("secret" not in (t.dir / "edge.key.pub").read_text(), "FILE.pub has the secret")
    before = path.read_bytes()
    status, out, err = cli("keys", path)
    equal((status, out), (1, ""), err)
    equal(path.read_bytes(), before, "the key")
    equal(cli("keys", "/nonexistent/key")[0], 1, "no directory")


def test_validate_says_what_is_wrong(t):
    good, bad = t.dir / "good.conf", t.dir / "bad.conf"
    good.write_text(CONFIG)
    bad.write_text(CONFIG.replace("peer-as 65002", "peer-as lots"))
    status, out, err = cli("validate", good)
    equal((status, err), (0, ""), "validate")
    check(out.splitlines()[-1].startswith("valid: 1 neighbor,"), out)
    status, out, err = cli("validate", bad)
    equal((status, out), (1, ""), "validate")
    check("bad.conf:4:" in err and "lots" in err, err)
    equal(cli("validate", "-", input=CONFIG)[0], 0, "standard input")
    equal(cli("validate", good, t.dir / "none.conf")[0], 1, "a file that is not there")
    equal(cli("validate", "-x", good)[0], 2, "an option that is not there")
    equal(cli("validate")[0], 2, "no file")


def test_validate_misses_the_script_of_an_interpreter(t):
    script = t.dir / "there.py"
    script.touch()
    for words, wrong in (("python3 /missing.py", True), ("python3 -u /missing.py x", True), ("python3 %s" % script, False),
                         ("sh -c /missing", False), ("env python3 /missing.py", True), ("cat /missing", False)):
        file = t.dir / "run.conf"
        file.write_text("process a { run %s; }\n" % words + CONFIG)
        status, out, err = cli("validate", file)
        equal((status, err, "/missing.py: No such file" in out), (0, "", wrong), words)


def test_validate_tells_each_route_and_reads_it_again(t):
    routes = t.dir / "routes.conf"
    routes.write_text(CONFIG.rstrip().rstrip("}") + """static { route 10.0.0.0/23 next-hop self med 5 split /24;
        route 10.1.0.0/24 next-hop 192.0.2.1 community [ 1:2 no-export ] as-path [ 70000 ( 1 2 ) ] attribute [ 0x63 0xc0 0x0102 ]; } }
""")
    for options in (["-r"], ["-nrv"], ["--route", "--verbose", "--neighbor", "--pdb"]):
        status, out, err = cli("validate", *options, routes)
        equal((status, err), (0, ""), options)
        lines = out.splitlines()
        equal(lines[-2], "told and read again: 2 routes", options)
        check(lines[-1].startswith("valid: 1 neighbor, 2 routes"), out)
    check(any(l.startswith("neighbor 127.0.0.2: 2 routes, ipv4 unicast") for l in lines), out)
    if os.environ.get("AMBO_VECTORS"):
        for conf in sorted(Path(os.environ["AMBO_VECTORS"]).glob("*.conf")):
            status, out, err = cli("validate", "-r", conf)
            check(status == 0 or "can not locate" in err, conf.name, err)


# -- over tcp

def test_remote_with_keys(t):
    ambo = t.ambo()
    keys = Keys(t.dir, "operator")
    stranger = Keys(t.dir, "stranger")
    ambo.api = "tcp://127.0.0.1:7180"
    config = CONFIG + 'client operator {\n\tkey "%s";\n\trole admin;\n}\n' % keys.public
    ambo.split(config, wait=False)
    public = ambo.keys["controller"].public_file
    wait_until(lambda: ambo.cli("ping", "--key", keys.file, "--controller-key", public)[0] == 0, 10, "it answers")
    text = ambo.keys["controller"].public
    equal(ambo.cli("show", "neighbors", env={"AMBO_KEY": str(keys.file), "AMBO_CONTROLLER_KEY": text})[0], 0, "key as text")
    status, _, err = at_once(lambda: ambo.cli("ping", "--key", stranger.file, "--controller-key", public), 3)
    equal(status, 3, "a key that is not allowed: %s" % err)
    check("key" in err, err)
    equal(ambo.cli("ping", "--key", keys.file, "--controller-key", stranger.public)[0], 3, "another controller's key")
    os.chmod(keys.file, 0o644)
    status, _, err = ambo.cli("ping", "--key", keys.file, "--controller-key", public)
    equal(status, 2, "a key that others can read")
    check("chmod" in err, err)


if __name__ == "__main__":
    main()
