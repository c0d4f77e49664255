#!/usr/bin/python3
"""A neighbor that is a prefix: each address that connects has a session of its own."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

RANGE = "127.9.0.0/24"
HOSTS = ["127.9.0.%d" % i for i in (1, 2, 3)]


def section(extra="", asn="auto", prefix=RANGE, **how):
    return neighbor(prefix, 0, extra="passive;\n" + extra, **how).replace("peer-as 0;", "peer-as %s;" % asn)


def connect(t, host, asn=65002, **how):
    return t.peer(connect="127.0.0.1:179", local=host, asn=asn, **how)


def addresses(client):
    return sorted(n["neighbor"] for n in client.show("show neighbors"))


def start(t, config):
    ambo = t.ambo().run(config, options=("--listen", "127.0.0.1"))
    return ambo, ambo.client()


def test_each_address_is_a_neighbor_while_it_is_connected(t):
    ambo, client = start(t, section("static { route 10.0.0.0/24 next-hop self; }"))
    equal(addresses(client), [RANGE])
    peers = [connect(t, h, 65002 + i, router_id="10.0.1.%d" % i) for i, h in enumerate(HOSTS)]
    for p in peers:
        p.wait_established(10)
        p.wait_prefixes(["10.0.0.0/24"], 5)
    equal(addresses(client), [RANGE] + HOSTS)
    # each by its own address
    equal(client.command("neighbor %s announce route 10.1.0.0/24 next-hop self" % HOSTS[0]).status, "accepted")
    equal(client.command("announce route 10.2.0.0/24 next-hop self").status, "accepted")
    peers[0].wait_prefixes(["10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24"], 5, exactly=True)
    peers[1].wait_prefixes(["10.0.0.0/24", "10.2.0.0/24"], 5, exactly=True)
    peers[2].announce(["192.0.2.0/24"])
    wait_until(lambda: list(received(client, HOSTS[2])) == ["192.0.2.0/24"], 5)
    peers[1].stop()
    wait_until(lambda: addresses(client) == [RANGE, HOSTS[0], HOSTS[2]], 5, "it goes with its connection")
    again = connect(t, HOSTS[1], 65003)
    again.wait_established(10)
    again.wait_prefixes(["10.0.0.0/24"], 5)


def test_others_are_not_let_in_and_an_exact_neighbor_comes_first(t):
    ambo, client = start(t, section(asn="65002") + neighbor(HOSTS[0], 65099, extra="passive;"))
    other = connect(t, "127.9.1.1")
    exact = connect(t, HOSTS[0], 65099)
    exact.wait_established(10)
    time.sleep(1)
    check(not other.established)
    equal(addresses(client), [RANGE, HOSTS[0]])


def test_a_wrong_as_is_refused_and_leaves_nothing(t):
    ambo, client = start(t, section(asn="65002"))
    peer = connect(t, HOSTS[0], 65003)
    peer.wait_event("notification", 10)
    equal(peer.notifications[0][:2], (2, 2))
    peer.stop()
    wait_until(lambda: addresses(client) == [RANGE], 5)


def test_a_reload_keeps_those_that_are_connected(t):
    ambo, client = start(t, section("static { route 10.0.0.0/24 next-hop self; }"))
    peer = connect(t, HOSTS[0], record="control")
    peer.wait_established(10)
    peer.wait_prefixes(["10.0.0.0/24"], 5)
    ambo.reload(section("static { route 10.0.1.0/24 next-hop self; }"))
    peer.wait_prefixes(["10.0.1.0/24"], 5, exactly=True)
    equal(len(peer.connections), 1)
    # without the range they go
    ambo.reload(neighbor("127.0.0.9", 65009, extra="passive;"))
    wait_until(lambda: peer.notifications and peer.notifications[-1][:2] == (6, 3), 5)
    equal(addresses(client), ["127.0.0.9"])


def test_a_controller_that_comes_back_finds_them(t):
    ambo = t.ambo().split(section("static { route 10.0.0.0/24 next-hop self; }", speaker="edge"),
                          listen=("127.0.0.1",))
    client = ambo.client()
    wait_until(lambda: addresses(client) == [RANGE], 5)
    wait_until(lambda: client.show("show neighbors")[0]["fsm"] == "ACTIVE", 10)
    peer = connect(t, HOSTS[0], record=True)
    peer.wait_established(10)
    peer.wait_prefixes(["10.0.0.0/24"], 5)
    ambo.controller.kill9()
    ambo.start_controller()
    client = ambo.client()
    wait_until(lambda: addresses(client) == [RANGE, HOSTS[0]], 10)
    wait_up(client, HOSTS[0])
    equal(client.command("announce route 10.3.0.0/24 next-hop self").status, "accepted")
    peer.wait_prefixes(["10.0.0.0/24", "10.3.0.0/24"], 5, exactly=True)
    equal(len(peer.connections), 1)


def test_md5_holds_for_the_whole_range(t):
    ambo, client = start(t, section('md5-password "secret";'))
    peer = connect(t, HOSTS[1], md5="secret")
    peer.wait_established(10)
    wrong = connect(t, HOSTS[0])
    time.sleep(1)
    check(not wrong.established)


def test_many_come_at_once(t):
    ambo, client = start(t, section("static { route 10.0.0.0/24 next-hop self; }"))
    peers = [connect(t, "127.9.0.%d" % i, 65002, router_id="10.0.2.%d" % i) for i in range(1, 101)]
    for p in peers:
        p.wait_established(30)
        p.wait_prefixes(["10.0.0.0/24"], 10)
    equal(len(addresses(client)), 101)
    for p in peers:
        p.stop()
    wait_until(lambda: addresses(client) == [RANGE], 15)


if __name__ == "__main__":
    main()
