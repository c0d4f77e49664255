#!/usr/bin/python3
"""Keywords of a neighbor whose effect is on the session: rate-limit, adj-rib-in, adj-rib-out, controller-loss."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

PEER = "127.0.0.2"


def start(t, extra, **how):
    peer = t.peer(listen=PEER + ":179", asn=65002, **how)
    ambo = t.ambo().run(neighbor(PEER, 65002, extra=extra))
    client = ambo.client()
    wait_up(client, PEER)
    return ambo, client, peer


def test_rate_limit_is_a_number_of_updates_a_second(t):
    ambo, client, peer = start(t, "rate-limit 20;", record=True)
    n, turns, times = 41, [], []

    def announce():
        turns.append(len(turns))
        for i in range(n):
            equal(client.command("announce route 10.%d.%d.0/24 next-hop self med %d" % (turns[-1], i, i)).status, "accepted")

    def told():
        begin = time.monotonic()
        at_once(announce, 1.5, "commands do not wait", ambo.pids(), tries=1)
        peer.wait_prefixes(["10.%d.%d.0/24" % (turns[-1], i) for i in range(n)])
        times.append(time.monotonic() - begin)
    at_once(told, 4, "%d UPDATEs at 20 a second" % n, ambo.pids())
    check(min(times) > 1.8, "%d UPDATEs at 20 a second took %s s" % (n, times))


def test_rate_limit_disable_is_none(t):
    ambo, client, peer = start(t, "rate-limit disable;")
    turns = []

    def told():
        turns.append(len(turns))
        for i in range(100):
            client.command("announce route 10.%d.%d.0/24 next-hop self med %d" % (turns[-1], i, i))
        peer.wait_prefixes(["10.%d.%d.0/24" % (turns[-1], i) for i in range(100)])
    at_once(told, 2, "100 UPDATEs", ambo.pids())


def test_without_adj_rib_in_routes_are_told_and_not_kept(t):
    ambo, client, peer = start(t, "adj-rib-in false;")
    follower = Follower(client, PEER)
    client.event(follower.number, lambda e: e["type"] == "synced")
    peer.announce(["192.0.2.0/24", "198.51.100.0/24"], next_hop=PEER, as_path=[65002], med=7)
    wait_until(lambda: follower.read(0.05) is not None and len(follower.table) == 2, 5, "both are told")
    equal(received(client, PEER), {})
    peer.withdraw(["192.0.2.0/24"])
    wait_until(lambda: follower.read(0.05) is not None and len(follower.table) == 1, 5, "the withdraw is told")
    equal(received(client, PEER), {})


def test_with_adj_rib_in_they_are_kept(t):
    ambo, client, peer = start(t, "adj-rib-in true;")
    peer.announce(["192.0.2.0/24"], next_hop=PEER, as_path=[65002])
    wait_until(lambda: list(received(client, PEER)) == ["192.0.2.0/24"], 5)


def test_without_adj_rib_out_what_is_said_again_is_told_again_and_then_forgotten(t):
    peer = t.peer(listen=PEER + ":179", asn=65002)
    other = t.peer(listen="127.0.0.3:179", asn=65003)
    ambo = t.ambo().run(neighbor(PEER, 65002, extra="adj-rib-out false;\n\tstatic { route 10.9.0.0/24 next-hop self; }") +
                        neighbor("127.0.0.3", 65003))
    client = ambo.client()
    wait_up(client, PEER, "127.0.0.3")
    for n in range(3):
        client.command("announce route 10.0.0.0/24 next-hop self")
        wait_until(lambda: peer.announced == n + 2, 5, "told, and told again")
    equal(other.announced, 1, "what another peer was told")
    check(client.command("neighbor %s flush adj-rib out" % PEER).status == "accepted")
    check(client.command("neighbor %s clear adj-rib out" % PEER).status == "accepted")
    peer.wait_quiet(0.3)
    equal((peer.announced, peer.withdrawn), (4, 0), "there is nothing to tell again, or to withdraw")
    client.command("neighbor %s teardown 4" % PEER)
    wait_until(lambda: len(peer.connections) > 1 and peer.session.state == "established", 10, "it is back")
    peer.wait_prefixes(["10.9.0.0/24"])
    peer.wait_quiet(0.3)
    equal(peer.prefixes(), {"10.9.0.0/24"}, "the configuration's alone")
    check("10.0.0.0/24" in other.prefixes())


def test_controller_loss_shuts_the_session_down(t):
    peer = t.peer(listen=PEER + ":179", asn=65002)
    other = t.peer(listen="127.0.0.3:179", asn=65003)
    ambo = t.ambo().split(neighbor(PEER, 65002, speaker="edge", extra="controller-loss 2;") +
                          neighbor("127.0.0.3", 65003, speaker="edge"))
    client = ambo.client()
    wait_up(client, PEER, "127.0.0.3")
    events = len(peer.events)
    ambo.controller.kill9()
    notified = peer.wait_event("notification", 15, events)
    equal((notified.detail["code"], notified.detail["subcode"]), (6, 2))
    check(other.established, "a neighbor without controller-loss stays")
    ambo.start_controller()
    client = ambo.client()
    wait_up(client, PEER, "127.0.0.3")


if __name__ == "__main__":
    main()
