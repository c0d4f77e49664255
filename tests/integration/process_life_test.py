#!/usr/bin/python3
"""Helper programs: started, dying, started again, changed by a reload, adopted by the next controller."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.fake.capture import Capture
from tests.integration.harness import *
from tests.integration.puppet import Puppet
from tests.integration.process_commands_test import start
from tests.integration.scene import numbered



def program(t, name, text):
    path = t.dir / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def process(name, run, more=""):
    return "process %s {\n\trun %s;\n\tencoder text;\n\t%s\n}\n" % (name, run, more)


def row(c, name):
    return next((p for p in c.show("show processes") if p["process"] == name), None)


def test_one_that_dies_at_once_is_started_five_times_and_the_peer_comes_up(t):
    dies = program(t, "dies", "#!/bin/sh\necho started >> %s/dies.log\nexit 3\n" % t.dir)
    ambo, c, (peer,) = start(t, process("dies", dies) + numbered(2, extra="api { processes [ dies ]; }"))
    wait_until(lambda: row(c, "dies")["state"] == "broken", 10)
    time.sleep(0.5)
    # 10 when the window of 64 seconds changed in the middle
    check((t.dir / "dies.log").read_text().count("started") in (5, 6, 7, 8, 9, 10))
    check("process dies is broken" in c.command("show neighbors").text)
    check("is broken: it ended 5 times within 64 seconds" in ambo.process.log())
    check(cpu_share(ambo.half("ambo-controller"), 2) < 0.03)
    equal(len(peer.named("established")), 1)


def test_one_that_cannot_be_started_is_broken_and_the_peer_comes_up(t):
    bad = program(t, "bad", "#!/nowhere/at/all\n")
    ambo, c, (peer,) = start(t, process("bad", bad) + numbered(2, extra="api { processes [ bad ]; }"))
    equal(row(c, "bad")["state"], "broken")
    check("No such file" in row(c, "bad")["why"], row(c, "bad"))
    check("process bad is broken" in c.command("show neighbors").text)


def test_one_with_lines_that_end_in_cr_lf_is_said_to_be_so(t):
    bad = program(t, "bad", "#!/bin/sh\r\ncat\r\n")
    ambo, c, (peer,) = start(t, process("bad", bad) + numbered(2, extra="api { processes [ bad ]; }"))
    check("CR LF" in row(c, "bad")["why"], row(c, "bad"))
    check("process bad will not start: %s: its lines end in CR LF" % bad in ambo.process.log())


def test_without_respawn_it_stays_dead_and_its_routes_stay(t):
    puppet = Puppet(t.dir, "once")
    ambo, c, (peer,) = start(t, puppet.process(more="respawn false;") + numbered(2, extra=puppet.api("")))
    puppet.say("announce route 10.0.0.0/24 next-hop self")
    puppet.wait_lines(1)
    peer.wait_prefixes(["10.0.0.0/24"])
    os.kill(puppet.wait_started(), signal.SIGKILL)
    wait_until(lambda: row(c, "once")["state"] == "ended", 10)
    time.sleep(0.3)
    equal(len(puppet.pids), 1)
    equal(row(c, "once")["why"], "killed by signal 9")
    check("10.0.0.0/24" in peer.prefixes())
    equal(c.command("restart process once").ok, True)
    puppet.wait_started(2)
    equal(c.command("restart process other").status, "error")


def test_one_that_is_killed_often_is_started_by_hand_and_no_session_flaps(t):
    times = 100
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    fds = open_fds(ambo.half("ambo-controller"))
    for n in range(1, times + 1):
        os.kill(puppet.wait_started(n), signal.SIGKILL)
        wait_until(lambda: row(c, "routes")["state"] == "broken" or row(c, "routes")["starts"] > n, 10)
        if row(c, "routes")["state"] == "broken":
            equal(c.command("restart process routes").ok, True)
    puppet.wait_started(times + 1)
    puppet.say("announce route 10.0.0.0/24 next-hop self")
    peer.wait_prefixes(["10.0.0.0/24"])
    equal(len(peer.named("established")), 1)
    wait_until(lambda: open_fds(ambo.half("ambo-controller")) <= fds + 2, 5)


def test_what_it_said_before_it_died_counts(t):
    last = program(t, "last", "#!/bin/sh\n" + "".join(
        "echo announce route 10.0.%d.0/24 next-hop self\n" % i for i in range(50)))
    ambo, c, (peer,) = start(t, process("last", last, "respawn false;") + numbered(2, extra="api { processes [ last ]; }"))
    peer.wait_prefixes(["10.0.%d.0/24" % i for i in range(50)])


def test_a_reload_starts_new_ones_stops_others_and_leaves_the_rest(t):
    stays, goes, new = (Puppet(t.dir, n) for n in ("stays", "goes", "new"))
    config = stays.process() + goes.process() + numbered(2, extra="api { processes [ stays goes ]; }")
    ambo, c, (peer,) = start(t, config)
    goes.say("announce route 10.0.0.0/24 next-hop self")
    peer.wait_prefixes(["10.0.0.0/24"])
    pid = goes.wait_started()
    ambo.reload(stays.process() + new.process() + numbered(2, extra="api { processes [ stays new ]; neighbor-changes; }"))
    new.wait_started()
    wait_until(lambda: not alive(pid), 10)
    wait_until(lambda: row(c, "goes") is None, 10)
    check(any(l.startswith("shutdown ") for l in goes.lines()), goes.lines())
    equal((len(stays.pids), len(goes.pids), len(new.pids)), (1, 1, 1))
    new.say("announce route 10.1.0.0/24 next-hop self")
    peer.wait_prefixes(["10.0.0.0/24", "10.1.0.0/24"])
    equal(len(peer.named("established")), 1)
    c.command("neighbor 127.0.0.2 teardown 4")
    stays.wait(lambda l: any("down - " in x for x in l))


def test_usr2_starts_anew_what_has_changed(t):
    a, b = Puppet(t.dir, "a"), Puppet(t.dir, "b")
    listed = numbered(2, extra="api { processes [ a b ]; }")
    ambo, c, (peer,) = start(t, a.process() + b.process() + listed)
    a.wait_started(), b.wait_started()
    changed = a.process() + b.process("json") + listed
    ambo.reload(changed)
    time.sleep(0.5)
    equal((len(a.pids), len(b.pids)), (1, 1))
    ambo.process.signal(signal.SIGUSR2)
    b.wait_started(2)
    time.sleep(0.3)
    equal((len(a.pids), len(b.pids)), (1, 2))
    equal(len(peer.named("established")), 1)


def test_one_that_does_not_want_to_end_is_killed(t):
    stubborn = program(t, "stubborn", "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n")
    ambo, c, (peer,) = start(t, process("stubborn", stubborn) + numbered(2, extra="api { processes [ stubborn ]; }"))
    watch = Stopwatch(*ambo.pids())
    ambo.process.signal(signal.SIGTERM)
    ambo.process.wait(10)
    check(watch.own() < 4.5, "`ambo run` kills it after five seconds", watch.own())


def test_what_is_not_said_again_after_a_controllers_death_goes_after_adopt_time(t):
    count, adopt = 100000, 12
    puppet = Puppet(t.dir, "routes")
    config = "controller { adopt-time %d; }\n" % adopt + puppet.process() + numbered(2, extra=puppet.api(""))
    ambo, c, (peer,) = start(t, config)
    prefixes = bgp.prefixes(count)
    puppet.say(*["announce route %s next-hop 192.0.2.9 med %d" % (p, n % 100) for n, p in enumerate(prefixes)])
    peer.wait_routes(count, 60)
    peer.wait_quiet(0.5)
    before, captured = peer.mark()["update"], Capture(t, "127.0.0.2")
    begun = time.monotonic()
    os.kill(ambo.half("ambo-controller"), signal.SIGKILL)
    puppet.wait_started(2, 15)
    # then half of it again, in other words
    time.sleep(2)
    again = prefixes[:count // 2]
    puppet.say(*["announce attributes med %d next-hop 192.0.2.9 nlri %s" % (m, " ".join(again[m::100]))
                 for m in range(100)])
    puppet.wait_lines(count + 100)
    time.sleep(max(0, begun + adopt * 0.9 - time.monotonic()))
    equal(peer.mark()["update"], before, "UPDATEs (messages, octets)")
    check(bgp.UPDATE not in captured.stop())
    announced = peer.announced
    peer.wait_routes(count // 2, 30)
    check(time.monotonic() - begun > adopt)
    equal((peer.announced - announced, peer.withdrawn), (0, count // 2))
    equal(peer.prefixes(), set(again))
    equal(len(peer.named("established")), 1)


if __name__ == "__main__":
    main()
