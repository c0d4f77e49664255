#!/usr/bin/python3
"""Peers that restart: what they said outlives their session for as long as they asked, is told from what they say
now, and goes when they do not say it again (RFC 4724, 8538, 9494). A peer that connects anew while its session
stands is F13 of the table of malformed messages."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import time

from tests.integration.harness import *
from tests.integration import scene
from tests.fake import bgp

LOCAL, AS, PEER_AS, PEER, HOP = "127.0.0.1", 65000, 65001, "127.0.1.1", "10.0.0.9"
MANY = bgp.prefixes(400, "20.0.0.0")
CAP_LONG_LIVED = 71


def config(capability="graceful-restart 120;", extra="", more=""):
    return more + scene.neighbor(PEER, PEER_AS, local_as=AS, extra="""passive;
	listen 179;
	capability { route-refresh; %s }
%s""" % (capability, extra))


def long_lived(seconds, forwarding=True):
    return CAP_LONG_LIVED, bytes((0, 1, 1, 0x80 if forwarding else 0)) + seconds.to_bytes(3, "big")


def come(t, *, restart=60, notify=False, forwarding=True, capabilities=(), graceful=True, eor=False):
    """The peer, once: it does not come back by itself"""
    caps = [bgp.cap_graceful(restart, [bgp.IPV4], forwarding=forwarding, notify=notify)] if graceful else []
    peer = t.peer(connect=LOCAL + ":179", local=PEER, asn=PEER_AS, eor=eor, once=True,
                  extra_capabilities=caps + list(capabilities))
    peer.wait_established()
    return peer


def rows(client):
    """{prefix: (MED, is it stale)}"""
    return {p: (r["attribute"].get("med"), r.get("stale", False)) for p, r in scene.received(client, PEER).items()}


def wait_rows(client, want, what=""):
    try:
        wait_until(lambda: rows(client) == want, 10, interval=0.05)
    except TimeoutError:
        equal(rows(client), want, what)


def state(client):
    return scene.state(client, PEER)


def events(client, subscription, quiet=0.5):
    """What is told until nothing is for a while: ("up",), ("down", [stale families]), ("announce", prefix) ..."""
    out = []
    while True:
        e = client.peek(subscription, quiet)
        if e is None:
            return out
        if e["type"] == "state" and e["state"] in ("up", "down"):
            out.append((e["state"], e.get("stale", [])))
        elif e["type"] == "update" and "eor" in e["message"]:
            out.append(("eor",))
        elif e["type"] == "update":
            u = e["message"]["update"]
            out += [("announce", r["nlri"]) for hops in u.get("announce", {}).values() for rows in hops.values() for r in rows]
            out += [("withdraw", r["nlri"]) for rows in u.get("withdraw", {}).values() for r in rows]


def test_what_a_peer_said_is_kept_for_it_and_what_it_does_not_say_again_goes(t):
    ambo = t.ambo().run(config())
    client = ambo.client()
    subscription = client.subscribe(updates=True, states=True)
    follower = scene.Follower(client, PEER)
    peer = come(t)
    peer.announce(MANY, HOP, med=1)
    peer.end_of_rib()
    wait_rows(client, {p: (1, False) for p in MANY})
    wait_until(lambda: follower.read(0.05) is not None and len(follower.table) == len(MANY), 10)
    events(client, subscription)
    peer.close()
    scene.wait_fsm(client, PEER, "ACTIVE", "IDLE")
    equal(events(client, subscription), [("down", ["ipv4 unicast"])], "nothing is withdrawn")
    equal(rows(client), {p: (1, True) for p in MANY})
    shown = state(client)
    equal((shown["restart"]["stale"], shown["restart"]["stale-long-lived"]), (["ipv4 unicast"], []))
    check(50 < shown["restart"]["stale-left"] <= 60, shown["restart"])
    equal(shown["prefixes"]["received"], len(MANY))
    check("kept: ipv4 unicast, for" in shown["why"], shown["why"])
    check(MANY[0] + " " in ambo.command("show routes received") and "# stale" in ambo.command("show routes received"))
    follower.read(0.2)
    equal(len(follower.table), len(MANY), "a subscriber's table")
    peer = come(t)
    equal(state(client)["restart"]["stale"], ["ipv4 unicast"])
    equal(rows(client), {p: (1, True) for p in MANY})
    peer.announce(MANY[:100], HOP, med=1)
    peer.announce(MANY[100:200], HOP, med=2)
    peer.announce(["10.9.9.0/24"], HOP, med=3)
    now = {p: (1, False) for p in MANY[:100]}
    now.update({p: (2, False) for p in MANY[100:200]})
    now["10.9.9.0/24"] = (3, False)
    wait_rows(client, {**{p: (1, True) for p in MANY}, **now})
    peer.end_of_rib()
    wait_rows(client, now)
    equal(state(client)["restart"]["stale"], [])
    wait_until(lambda: follower.read(0.05) is not None and len(follower.table) == 201, 10, "a subscriber's table")
    told = events(client, subscription)
    equal([e for e in told if e[0] in ("up", "down")], [("up", ["ipv4 unicast"])])
    equal(sorted(e[1] for e in told if e[0] == "withdraw"), sorted(MANY[200:]))


def test_when_it_does_not_come_back_its_routes_go(t):
    ambo = t.ambo().run(config())
    client = ambo.client()
    peer = come(t, restart=4)
    peer.announce(MANY, HOP, med=1)
    wait_rows(client, {p: (1, False) for p in MANY})
    subscription = client.subscribe(updates=True, states=True)
    follower = scene.Follower(client, PEER)
    wait_until(lambda: follower.read(0.05) is not None and len(follower.table) == len(MANY), 10)
    begin = time.monotonic()
    peer.close()
    scene.wait_fsm(client, PEER, "ACTIVE", "IDLE")
    equal(len(rows(client)), len(MANY))
    wait_until(lambda: not rows(client), 10, "they are gone", 0.05)
    check(3.8 < time.monotonic() - begin < patient(6), time.monotonic() - begin)
    wait_until(lambda: follower.read(0.05) is not None and not follower.table, 10, "a subscriber's table")
    check("restart" not in state(client), state(client))
    told = events(client, subscription)
    equal(told[0], ("down", ["ipv4 unicast"]))
    equal(sorted(p for what, p in told[1:] if what == "withdraw"), sorted(MANY))


def test_what_its_next_open_does_not_vouch_for_goes_at_once(t):
    ambo = t.ambo().run(config())
    client = ambo.client()
    for how in (dict(forwarding=False), dict(graceful=False), dict(notify=True)):
        peer = come(t)
        peer.announce(MANY[:10], HOP, med=1)
        wait_rows(client, {p: (1, False) for p in MANY[:10]})
        peer.close()
        wait_rows(client, {p: (1, True) for p in MANY[:10]})
        peer = come(t, **how)
        left = {p: (1, True) for p in MANY[:10]} if "notify" in how else {}
        wait_rows(client, left, how)
        peer.notify(6, 2)
        wait_rows(client, {}, "a NOTIFICATION costs what is stale, too")
        peer.wait_down()


def test_a_notification_costs_the_routes_unless_both_sides_want_it_otherwise(t):
    ambo = t.ambo().run(config("graceful-restart 120; graceful-restart-notification;"))
    client = ambo.client()
    hard = bytes((6, 2, 0))
    for notify, subcode, data, left in ((False, 2, b"", False), (True, 2, b"", True), (True, 4, b"", True),
                                        (True, 9, hard, False)):
        peer = come(t, notify=notify)
        peer.announce(MANY[:10], HOP, med=1)
        wait_rows(client, {p: (1, False) for p in MANY[:10]})
        equal(state(client)["restart"]["notification"], notify)
        peer.notify(6, subcode, data)
        wait_rows(client, {p: (1, True) for p in MANY[:10]} if left else {}, (notify, subcode))
        peer.wait_down()
        peer = come(t, notify=notify)
        peer.end_of_rib()
        wait_rows(client, {})
        peer.close()
        scene.wait_fsm(client, PEER, "ACTIVE", "IDLE")


def test_an_operator_s_reset_is_graceful_and_a_shutdown_is_hard(t):
    ambo = t.ambo().run(config("graceful-restart 120; graceful-restart-notification;"))
    client = ambo.client()
    for subcode, octets, left in ((4, (6, 4), True), (2, (6, 9, 6, 2), False), (9, (6, 9, 6, 4), False)):
        peer = come(t, notify=True)
        peer.announce(MANY[:10], HOP, med=1)
        peer.end_of_rib()
        wait_rows(client, {p: (1, False) for p in MANY[:10]})
        ambo.command("neighbor %s teardown %d" % (PEER, subcode))
        peer.wait_down()
        code, sub, data = peer.notifications[-1]
        equal(((code, sub) + tuple(data))[:len(octets)], octets)
        wait_rows(client, {p: (1, True) for p in MANY[:10]} if left else {}, subcode)


def test_an_operator_s_reset_costs_a_peer_no_routes_that_takes_notifications_for_an_end(t):
    ambo = t.ambo().run(config())
    client = ambo.client()
    for how, notification in (("4", False), ("2", False), ('4 "so long"', True), ("9", True)):
        peer = come(t)
        peer.announce(MANY[:10], HOP, med=1)
        peer.end_of_rib()
        wait_rows(client, {p: (1, False) for p in MANY[:10]})
        ambo.command("neighbor %s teardown %s" % (PEER, how))
        peer.wait_down()
        equal([n[:2] for n in peer.notifications], [(6, int(how[0]))] if notification else [], how)
        wait_rows(client, {} if notification else {p: (1, True) for p in MANY[:10]}, how)


def test_f13_a_peer_that_connects_anew_has_restarted(t):
    ambo = t.ambo().run(config())
    client = ambo.client()
    peer = come(t)
    peer.announce(MANY[:10], HOP, med=1)
    peer.end_of_rib()
    wait_rows(client, {p: (1, False) for p in MANY[:10]})
    subscription = client.subscribe(updates=True, states=True)
    events(client, subscription)
    time.sleep(1)  # a second connection right behind the first is a collision
    again = come(t)
    peer.wait_down()
    equal(peer.notifications, [], "it is closed without a word")
    wait_rows(client, {p: (1, True) for p in MANY[:10]}, "routes are stale")
    told = events(client, subscription)
    equal([e for e in told if e[0] in ("down", "up")], [("down", ["ipv4 unicast"]), ("up", ["ipv4 unicast"])])
    check(not any(e[0] == "withdraw" for e in told), told)
    again.announce(MANY[:5], HOP, med=1)
    again.end_of_rib()
    wait_rows(client, {p: (1, False) for p in MANY[:5]})
    equal(again.session.state, "established")


def test_long_lived_routes_are_a_last_resort_after_the_restart_time(t):
    ambo = t.ambo().run(config("graceful-restart 120; long-lived-graceful-restart 86400;"))
    client = ambo.client()
    peer = come(t, restart=1, capabilities=[long_lived(10)])
    caps = dict(peer.session.their_open["capabilities"])
    equal(caps[CAP_LONG_LIVED].hex(), "00010180" "015180", "what we offer")
    scene.wait_up(client, PEER)
    equal(state(client)["restart"]["long-lived"], ["ipv4 unicast"])
    check(state(client)["capabilities"]["long-lived-graceful-restart"], state(client)["capabilities"])
    peer.announce(["10.1.0.0/24"], HOP)
    peer.announce(["10.2.0.0/24"], HOP, communities=["1:2"])
    peer.announce(["10.3.0.0/24"], HOP, communities=["65535:7", "1:2"])  # NO_LLGR
    wait_until(lambda: len(rows(client)) == 3, 10)
    follower = scene.Follower(client, PEER)
    wait_until(lambda: follower.read(0.05) is not None and len(follower.table) == 3, 10)
    peer.close()
    communities = lambda: {p: [list(c) for c in r["attribute"].get("community", [])]
                           for p, r in scene.received(client, PEER).items()}
    wait_until(lambda: communities() == {"10.1.0.0/24": [[65535, 6]], "10.2.0.0/24": [[1, 2], [65535, 6]]}, 10,
               "LLGR_STALE on what is kept", 0.05)
    equal(state(client)["restart"]["stale-long-lived"], ["ipv4 unicast"])
    check("(long-lived)" in state(client)["why"], state(client)["why"])
    wait_until(lambda: follower.read(0.05) is not None and len(follower.table) == 2, 10, "a subscriber's table")
    peer = come(t, restart=1, capabilities=[long_lived(10)])
    peer.announce(["10.1.0.0/24"], HOP)
    peer.end_of_rib()
    wait_until(lambda: communities() == {"10.1.0.0/24": []}, 10, "said again, it is none", 0.05)
    begin = time.monotonic()
    peer.close()
    wait_until(lambda: not rows(client), 25, "they go", 0.05)
    check(10.5 < time.monotonic() - begin < patient(13), time.monotonic() - begin)


# -- routes that travel: peers 2 and 3 say them, 4 and 5 are told ----------------------------------

OTHERS = {n: "127.0.0.%d" % n for n in (2, 3, 4, 5, 6)}
INSIDE = 6  # of our AS, without capability


def travelling(t, capability, **how):
    """Ambo, a client and the peers by number: 2 comes once, the others are dialled; only 4 has the capability"""
    asn = {n: 65001 if n == INSIDE else 65000 + n for n in OTHERS}
    peers = {n: t.peer(listen=OTHERS[n] + ":179", asn=asn[n], router_id="10.9.0.%d" % n,
                       graceful=60 if n == 4 else None,
                       extra_capabilities=[long_lived(60)] if n == 4 else []) for n in (3, 4, 5, 6)}
    text = "".join(scene.neighbor(a, asn[n], extra="propagate router;\n\timport accept;\n\texport accept;\n\t%s%s" % (
        "passive;\n\tlisten 179;\n\t" if n == 2 else "",
        "capability { %s }" % capability if n in (2, 4) else "")) for n, a in OTHERS.items())
    ambo = t.ambo().run(text)
    client = ambo.client()
    scene.wait_up(client, *(a for n, a in OTHERS.items() if n != 2))

    def second(**more):
        peers[2] = t.peer(connect=LOCAL + ":179", local=OTHERS[2], asn=65002, router_id="10.9.0.2", eor=False, once=True,
                          extra_capabilities=[bgp.cap_graceful(how["restart"], [bgp.IPV4], forwarding=True),
                                              long_lived(60)], **more)
        scene.wait_up(client, OTHERS[2])
        return peers[2]
    second()
    return client, peers, second


def path(peer, prefix):
    with peer.lock:
        return next((a["as_path"] for k, a in peer.table.items() if k[1] == prefix), None)


def communities_at(peer, prefix):
    with peer.lock:
        return next((a.get("communities") for k, a in peer.table.items() if k[1] == prefix), None)


def preference(peer, prefix):
    with peer.lock:
        return next((a.get("local_pref") for k, a in peer.table.items() if k[1] == prefix), None)


def test_nobody_is_told_that_a_neighbor_restarts(t):
    client, peers, second = travelling(t, "graceful-restart 120;", restart=60)
    peers[2].announce(MANY, OTHERS[2], as_path="65002")
    peers[2].end_of_rib()
    for n in (3, 4, 5):
        peers[n].wait_routes(len(MANY))
        peers[n].wait_quiet(0.3)
    before = {n: (peers[n].announced, peers[n].withdrawn, peers[n].mark()["update"]) for n in (3, 4, 5)}
    peers[2].close()
    scene.wait_fsm(client, OTHERS[2], "ACTIVE", "IDLE")
    time.sleep(0.5)
    again = second()
    again.announce(MANY[:-1], OTHERS[2], as_path="65002")
    time.sleep(0.5)
    equal({n: (peers[n].announced, peers[n].withdrawn, peers[n].mark()["update"]) for n in (3, 4, 5)}, before)
    again.end_of_rib()
    for n in (3, 4, 5):
        peers[n].wait_routes(len(MANY) - 1)
        equal((peers[n].announced, peers[n].withdrawn), (before[n][0], before[n][1] + 1))


def test_a_last_resort_is_the_last_and_is_told_to_who_knows_of_such(t):
    client, peers, second = travelling(t, "graceful-restart 120; long-lived-graceful-restart 60;", restart=1)
    both, alone = "10.1.0.0/24", "10.2.0.0/24"
    peers[2].announce([both, alone], OTHERS[2], as_path="65002")
    peers[2].end_of_rib()
    peers[3].announce([both], OTHERS[3], as_path="65003 65100 65101")
    for n in (4, 5):
        peers[n].wait_prefixes({both, alone})
        wait_until(lambda: path(peers[n], both) == [65001, 65002], 10, "the shorter path")
    peers[2].close()
    for n in (4, 5):
        wait_until(lambda: path(peers[n], both) == [65001, 65003, 65100, 65101], 10, "another way is better than a stale one")
    wait_until(lambda: communities_at(peers[4], alone) == ["65535:6"], 10, "it is told as what it is")
    wait_until(lambda: path(peers[5], alone) is None, 10, "and to nobody else")
    # but inside the AS, as nobody's first choice (RFC 9494 section 4.6)
    wait_until(lambda: communities_at(peers[INSIDE], alone) == ["65535:6", "65535:65281"], 10, "with NO_EXPORT")
    equal(preference(peers[INSIDE], alone), 0)
    wait_until(lambda: path(peers[INSIDE], both) == [65003, 65100, 65101] and preference(peers[INSIDE], both) == 100, 10)
    again = second()
    again.announce([both, alone], OTHERS[2], as_path="65002")
    again.end_of_rib()
    for n in (4, 5):
        wait_until(lambda: path(peers[n], both) == path(peers[n], alone) == [65001, 65002], 10, "as before")
    equal(communities_at(peers[4], alone), None)
    wait_until(lambda: path(peers[INSIDE], alone) == [65002] and preference(peers[INSIDE], alone) == 100, 10)
    equal(communities_at(peers[INSIDE], alone), None)


def test_a_controller_that_comes_while_the_peer_is_away_knows_what_is_kept(t):
    ambo = t.ambo().split(config())
    client = ambo.client()
    scene.wait_fsm(client, PEER, "ACTIVE")
    peer = come(t)
    peer.announce(MANY, HOP, med=1)
    peer.end_of_rib()
    wait_rows(client, {p: (1, False) for p in MANY})
    peer.close()
    wait_rows(client, {p: (1, True) for p in MANY})
    ambo.controller.kill9()
    ambo.start_controller()
    client = ambo.client()
    wait_until(lambda: state(client).get("restart", {}).get("stale") == ["ipv4 unicast"], 10)
    equal(rows(client), {p: (1, True) for p in MANY})
    peer = come(t)
    peer.announce(MANY[:10], HOP, med=1)
    wait_rows(client, {p: (1, i >= 10) for i, p in enumerate(MANY)})
    # and one that comes in the middle of it
    ambo.controller.kill9()
    ambo.start_controller()
    client = ambo.client()
    scene.wait_up(client, PEER)
    wait_rows(client, {p: (1, i >= 10) for i, p in enumerate(MANY)})
    peer.end_of_rib()
    wait_rows(client, {p: (1, False) for p in MANY[:10]})


if __name__ == "__main__":
    main()
