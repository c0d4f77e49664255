#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""The lane between speaker and controller: narrow and full both ways, its controller stopped, its link cut.
Sessions stay, nothing stalls, and afterwards both sides hold the same tables."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

PEER, SOURCE = "127.0.0.2", "127.0.0.3"
CENTRE, EDGE = "192.0.2.1", "192.0.2.2"
KEYS = 20000
CONFIG = neighbor(PEER, 65002, hold=9, extra="capability { route-refresh enable; }") + neighbor(SOURCE, 65003, hold=9)


def watched(t, ambo, ns=None, hold=9):
    """A peer that is told, one that tells, both up; and a subscriber's table of what the second tells."""
    peer = t.peer(listen=PEER + ":179", asn=65002, hold_time=hold, ns=ns)
    loader = Loader(t, SOURCE, 65003, hold=hold, ns=ns)
    client = ambo.client(timeout=30)
    wait_up(client, PEER, SOURCE, timeout=30)
    return peer, loader, client


def lanes_lost(ambo):
    return ambo.controller.log().count("speaker lost"), ambo.speaker.log().count("lost:")


def final_tables_agree(client, follower, peer, loader, med):
    loader.run("table", KEYS, med)
    want = dict.fromkeys(bgp.prefixes(KEYS), med)
    follower.until(want, 90)
    wrong = differences(want, meds(received(client, SOURCE)))
    check(wrong is None, "show routes received:", wrong)
    n = agree(client, peer, PEER, 90)
    print("    %d routes received, %d sent: both sides agree" % (len(want), n))


def announcements(first, count, med):
    """Commands that all differ in their attributes: nothing is packed together."""
    return ["neighbor %s announce route %s next-hop self med %d as-path [ 65001 %d %d ]" % (
        PEER, p, med, 1000 + n % 50000, n + 1) for n, p in enumerate(bgp.prefixes(count, first, 32))]


def accepted(client, lines):
    wrong = [a for a in client.commands(lines, 120) if a.status != "accepted"]
    check(not wrong, wrong[:2])


def test_both_directions_full_at_1_mbit(t):
    edge = t.namespace("edge")
    here, there = netns.pair(None, edge, CENTRE, EDGE)
    ambo = t.ambo().split(CONFIG, ("edge",),
                          bind_address=CENTRE, speaker_ns=edge, listen=())
    peer, loader, client = watched(t, ambo, edge)
    reader = ambo.client(timeout=30)
    follower = Follower(reader, SOURCE)
    follower.until({})
    edge.shape(there)
    netns.run("tc", "qdisc", "replace", "dev", here, "root", "tbf", "rate", "1mbit", "burst", "32kbit", "latency",
              "400ms")
    # up: every prefix its own UPDATE, without end; down: more than the link takes in this time
    order = loader.order("flood", KEYS, 0, 2000)
    asked, answers, pings, lines = Times("ROUTE-REFRESH at the peer"), Times("its answer"), Times("ping"), 0
    begin = time.monotonic()
    while time.monotonic() - begin < 20:
        accepted(client, announcements("20.%d.0.0" % (lines // 500 % 256), 500, lines))
        lines += 500
        watch, events = Stopwatch(*ambo.pids()), len(peer.events)
        number = client.send("command", {"text": "neighbor %s announce route-refresh ipv4 unicast" % PEER})
        at = peer.wait_event("refresh", 10, events).time
        asked.add(at - watch.start, watch.own(at))
        answer = client.reply(number, 10)
        equal(answer.status, "accepted", answer.text)
        answers.add(answer.time - watch.start, watch.own(answer.time))
        pings.time(client.ping, *ambo.pids())
        follower.read()
    loader.stop()
    loader.wait(order)
    print("    %d commands; %d events; the peer holds %d routes" % (lines, follower.count, len(peer.table)))
    for times, most in ((asked, 1000), (answers, 2000), (pings, 1000)):
        times.report(most, part=1)
    equal(lanes_lost(ambo), (0, 0), "lanes lost")
    edge.unshape(there)
    netns.run("tc", "qdisc", "del", "dev", here, "root")
    final_tables_agree(client, follower, peer, loader, 700)
    sessions_stayed(peer, loader)


def churning(t):
    ambo = t.ambo().split(CONFIG, listen=())
    peer, loader, client = watched(t, ambo)
    loader.run("table", KEYS, 1)
    follower = Follower(ambo.client(timeout=30), SOURCE)
    follower.until(dict.fromkeys(bgp.prefixes(KEYS), 1))
    accepted(client, announcements("20.0.0.0", 2000, 1))
    peer.wait_routes(2000)
    return ambo, peer, loader, client, follower


def sessions_stayed(peer, loader):
    """with KEEPALIVEs on time"""
    equal((len(peer.connections), loader.sessions()), (1, 1), "sessions")
    check(peer.on_time(3), "silent for %s s; our own timers were %.3f s late" % (peer.session.silences, peer.late))


def test_controller_stopped_under_churn(t):
    ambo, peer, loader, client, follower = churning(t)
    order = loader.order("churn", KEYS, 11)
    time.sleep(0.5)
    ambo.controller.stop()
    # what is asked now is done later
    numbers = [client.send("command", {"text": line}) for line in announcements("20.0.4.0", 2000, 2)]
    time.sleep(9.5)
    sessions_stayed(peer, loader)
    ambo.controller.cont()
    equal({client.reply(n, 30).status for n in numbers}, {"accepted"})
    loader.wait(order)
    # the lane was silent for longer than its patience
    wait_until(lambda: ambo.speaker.log().count("lost:") == 1, 15, "the speaker gave the lane up once")
    wait_up(client, PEER, SOURCE)
    final_tables_agree(client, follower, peer, loader, 3)
    equal(len(peer.table), 3024)
    sessions_stayed(peer, loader)


def test_controller_stopped_for_a_moment(t):
    ambo, peer, loader, client, follower = churning(t)
    order = loader.order("churn", KEYS, 4)
    time.sleep(0.5)
    ambo.controller.stop()
    time.sleep(2)
    ambo.controller.cont()
    loader.wait(order)
    equal(lanes_lost(ambo), (0, 0), "lanes lost")
    final_tables_agree(client, follower, peer, loader, 3)
    sessions_stayed(peer, loader)


def test_speaker_stopped_for_a_moment(t):
    ambo, peer, loader, client, follower = churning(t)
    ambo.speaker.stop()
    accepted(client, announcements("20.0.4.0", 2000, 2))
    time.sleep(2)
    ambo.speaker.cont()
    equal(lanes_lost(ambo), (0, 0), "lanes lost")
    final_tables_agree(client, follower, peer, loader, 3)
    equal(len(peer.table), 3024)


def cut(t, seconds, *rules):
    ambo, peer, loader, client, follower = churning(t)
    order = loader.order("churn", KEYS, seconds + 1)
    time.sleep(0.3)
    heals = [t.drop("-p", "tcp", *rule) for rule in rules]
    accepted(client, announcements("20.0.4.0", 2000, 2))
    accepted(client, ["neighbor %s withdraw route %s" % (PEER, p) for p in bgp.prefixes(500, "20.0.0.0", 32)])
    time.sleep(seconds)
    sessions_stayed(peer, loader)
    states = {n["state"] for n in client.show("show neighbors")}
    for heal in heals:
        heal()
    loader.wait(order)
    wait_up(client, PEER, SOURCE, timeout=30)
    final_tables_agree(client, follower, peer, loader, 3)
    equal(len(peer.table), 2524)
    sessions_stayed(peer, loader)
    return ambo, states


def test_link_cut_under_churn(t):
    ambo, states = cut(t, 8, ("--dport", "7179"), ("--sport", "7179"))
    equal(states, {"unknown"}, "what clients are told of neighbors meanwhile")


def test_link_cut_one_way(t):
    ambo, states = cut(t, 8, ("--sport", "7179"))


def test_link_cut_for_a_moment(t):
    ambo, states = cut(t, 1, ("--dport", "7179"), ("--sport", "7179"))
    equal(states, {"up"})


if __name__ == "__main__":
    main()
