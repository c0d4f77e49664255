#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""One peer in each of the states that starve an engine which waits for one party; beside it a healthy one.
Announce, show and teardown are answered at once and done at once in each."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

GOOD, BAD = "127.0.0.2", "127.0.0.3"


def start(t, mode, *, hold=90, bad_hold=90):
    good = t.peer(listen=GOOD + ":179", asn=65002, hold_time=hold)
    bad = t.peer(listen=BAD + ":179", asn=65003, mode=mode, hold_time=bad_hold, enforce_hold=False)
    ambo = t.ambo().run(neighbor(GOOD, 65002, hold=hold) + neighbor(BAD, 65003, hold=bad_hold))
    client = ambo.client()
    wait_up(client, GOOD)
    return ambo, client, good, bad


def teardown(ambo, client, good, name):
    """Done and answered at once; afterwards the peer is told all again. Of three times the best: one may be late."""
    told = set(good.prefixes())
    done, answers = (Times("%s, teardown %s" % (name, what)) for what in ("at the peer", "answered"))
    for _ in range(3):
        watch, events = Stopwatch(*ambo.pids()), len(good.events)
        answer = client.command("neighbor %s teardown 4" % GOOD)
        equal(answer.status, "accepted", answer.text)
        notified = good.wait_event("notification", 5, events)
        equal((notified.detail["code"], notified.detail["subcode"]), (6, 4))
        done.add(notified.time - watch.start, watch.own(notified.time))
        answers.add(answer.time - watch.start)
        good.wait_established()
        good.wait_prefixes(told, exactly=True)
        wait_up(client, GOOD)
        if done.own[-1] < 50:
            break
    done.report(part=0)
    answers.report(1000, part=0)


def all_at_once(ambo, client, good, name):
    r = Reactions(ambo, client, good, GOOD, name)
    told = r.announce(20)
    r.show(10)
    r.report()
    answer = client.command("announce route 10.9.0.0/16 next-hop self")
    equal(answer.status, "accepted", answer.text)
    good.wait_prefixes([*told, "10.9.0.0/16"])
    teardown(ambo, client, good, name)
    answer = client.command("neighbor %s withdraw route %s" % (GOOD, told[0]))
    equal(answer.status, "accepted", answer.text)
    good.wait_gone([told[0]])


def bad_teardown(client, bad):
    """A session that is not up has nothing to tear down: said at once."""
    begin = time.monotonic()
    answer = client.command("neighbor %s teardown 4" % BAD)
    check(answer.time - begin < 5, answer)
    return answer.status


def test_refused(t):
    ambo, client, good, bad = start(t, "refused")
    row = wait_fsm(client, BAD, "IDLE", "ACTIVE", "CONNECT")
    wait_until(lambda: "refused" in state(client, BAD)["why"].lower(), 10, "why: connection refused")
    all_at_once(ambo, client, good, "refused")
    equal(bad_teardown(client, bad), "error")


def test_syn_black_holed(t):
    heal = t.drop("-p", "tcp", "-d", BAD, "--dport", "179")
    ambo, client, good, bad = start(t, "normal")
    wait_fsm(client, BAD, "CONNECT", "ACTIVE")
    all_at_once(ambo, client, good, "black-holed")
    equal(bad_teardown(client, bad), "error")
    check(not bad.connections, "nothing got through")
    heal()
    wait_up(client, BAD, timeout=30)


def test_connected_but_no_open(t):
    ambo, client, good, bad = start(t, "mute")
    wait_fsm(client, BAD, "OPENSENT")
    all_at_once(ambo, client, good, "mute")
    bad_teardown(client, bad)


def test_open_but_no_keepalive(t):
    ambo, client, good, bad = start(t, "no-keepalive")
    wait_fsm(client, BAD, "OPENCONFIRM")
    all_at_once(ambo, client, good, "no KEEPALIVE")
    bad_teardown(client, bad)


def test_established_and_silent(t):
    ambo, client, good, bad = start(t, "silent")
    wait_up(client, BAD)
    all_at_once(ambo, client, good, "silent")
    bad.wait_prefixes(["10.9.0.0/16"])  # it still reads
    equal(bad_teardown(client, bad), "accepted")
    wait_until(lambda: (6, 4) in [n[:2] for n in bad.notifications], 5, "the silent peer is told of the teardown")


def test_established_and_not_reading(t):
    ambo, client, good, bad = start(t, "frozen")
    wait_up(client, BAD)
    all_at_once(ambo, client, good, "frozen")
    # more than its socket buffers take
    lines = ["announce route %s next-hop self as-path [ %s ]" % (p, " ".join(str(n + i) for i in range(1, 30)))
             for n, p in enumerate(bgp.prefixes(20000))]
    answers = client.commands(lines)
    check(all(a.status == "accepted" for a in answers))
    good.wait_prefixes(bgp.prefixes(20000), 30)
    r = Reactions(ambo, client, good, GOOD, "a peer whose window is closed")
    r.announce(20)
    r.report()


def test_silence_ends_its_own_session_only(t):
    ambo, client, good, bad = start(t, "normal", hold=3, bad_hold=3)
    wait_up(client, BAD)
    bad.mode = "silent"
    bad.wait_event("notification", 10)
    equal(bad.notifications[0][0], 4)
    check(good.on_time(1), "silent for %s s; our own timers were %.3f s late" % (good.session.silences, good.late))
    equal(len(good.connections), 1)
    bad.mode = "no-keepalive"
    bad.wait_for(lambda p: len(p.notifications) > 1, 15, "the hold timer ends OpenConfirm")
    equal(bad.notifications[1][0], 4)
    equal(len(good.connections), 1)
    bad.mode = "normal"
    wait_up(client, BAD, timeout=20)


def test_all_of_them_together(t):
    modes = ["refused", "mute", "no-keepalive", "silent", "normal"]
    addresses = ["127.0.0.%d" % (3 + n) for n in range(len(modes))]
    for n, (mode, address) in enumerate(zip(modes, addresses)):
        t.peer(listen=address + ":179", asn=65003 + n, mode=mode)
    t.drop("-p", "tcp", "-d", addresses[-1], "--dport", "179")
    good = t.peer(listen=GOOD + ":179", asn=65002)
    ambo = t.ambo().run(neighbor(GOOD, 65002) + "".join(neighbor(a, 65003 + n) for n, a in enumerate(addresses)))
    client = ambo.client()
    wait_up(client, GOOD)
    wait_fsm(client, addresses[1], "OPENSENT")
    wait_fsm(client, addresses[2], "OPENCONFIRM")
    wait_fsm(client, addresses[3], "ESTABLISHED")
    all_at_once(ambo, client, good, "all")


if __name__ == "__main__":
    main()
