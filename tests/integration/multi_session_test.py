#!/usr/bin/python3
"""multi-session: a session for each family, with one peer."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

PEER = "127.0.0.2"
FAMILIES = ("ipv4 unicast", "ipv6 unicast")
CAPABILITY = [(68, b"\x00"), (68, b"\x01")]
ROUTES = """capability { multi-session; }
announce {
	ipv4 { unicast 10.0.0.0/24 next-hop 192.0.2.1; }
	ipv6 { unicast 2001:db8::/32 next-hop 2001:db8::1; }
}"""


def section(extra="", **how):
    return neighbor(PEER, 65002, families=FAMILIES, extra=ROUTES + extra, **how)


def their_families(connection):
    return sorted(connection.their_open["families"])


def states(client):
    return [n["fsm"] for n in client.show("show neighbors")]


def same_families(connection):
    """The OPEN of the other side with our router-id: what a peer says that answers for the same session"""
    return bgp.open_message(65002, 90, "10.0.0.2", [bgp.cap_mp(f) for f in connection.their_open["families"]] +
                            [bgp.cap_as4(65002)] + CAPABILITY)


def test_each_family_is_dialled_for_itself(t):
    peer = t.peer(listen=PEER + ":179", asn=65002, wait_open=True, open=same_families, record=True)
    client = t.ambo().run(section()).client()
    wait_until(lambda: states(client) == ["ESTABLISHED"] * 2, 15)
    opened = [c for c in peer.connections if c.state == "established"]
    equal(sorted(their_families(c) for c in opened), [[(1, 1)], [(2, 1)]])
    for c in opened:
        equal([v for k, v in c.their_open["capabilities"] if k == 68], [b"\x00", b"\x01"])
    peer.wait_prefixes(["10.0.0.0/24", "2001:db8::/32"], 5)
    # a command is for the session that has its family
    equal(client.command("announce route 10.1.0.0/24 next-hop 192.0.2.1").status, "accepted")
    equal(client.command("neighbor %s announce route 2001:db9::/32 next-hop 2001:db8::1" % PEER).status, "accepted")
    peer.wait_prefixes(["10.0.0.0/24", "10.1.0.0/24", "2001:db8::/32", "2001:db9::/32"], 5, exactly=True)
    # selected by what ExaBGP has in its name
    answer = client.command("neighbor %s family-allowed ipv6-unicast teardown 4" % PEER)
    equal(answer.status, "accepted", answer.text)
    wait_until(lambda: [n[:2] for n in peer.notifications] == [(6, 4)], 5)
    wait_until(lambda: states(client) == ["ESTABLISHED"] * 2, 15)


def test_who_comes_says_which_session_it_is_for(t):
    ambo = t.ambo().run(section("passive;"), options=("--listen", "127.0.0.1"))
    client = ambo.client()
    equal(states(client), ["ACTIVE"] * 2)
    how = dict(connect="127.0.0.1:179", local=PEER, asn=65002, router_id="10.0.0.2", extra_capabilities=CAPABILITY)
    six = t.peer(families=("ipv6",), **how)
    six.wait_established(10)
    six.wait_prefixes(["2001:db8::/32"], 5, exactly=True)
    four = t.peer(families=("ipv4",), **how)
    four.wait_established(10)
    four.wait_prefixes(["10.0.0.0/24"], 5, exactly=True)
    equal(states(client), ["ESTABLISHED"] * 2)
    six.stop()
    wait_until(lambda: sorted(states(client)) == ["ACTIVE", "ESTABLISHED"], 5)
    check(four.established)
    again = t.peer(families=("ipv6",), **how)
    again.wait_established(10)


def test_who_has_no_such_session_is_refused(t):
    t.ambo().run(section("passive;"), options=("--listen", "127.0.0.1"))
    how = dict(connect="127.0.0.1:179", local=PEER, asn=65002, router_id="10.0.0.2")
    without = t.peer(**how)
    without.wait_event("notification", 10)
    equal(without.notifications[0][:2], (2, 9))
    without.stop()
    other = t.peer(families=((1, 2),), extra_capabilities=CAPABILITY, **how)
    other.wait_event("notification", 10)
    equal(other.notifications[0][:2], (2, 8))


def test_two_of_ours_meet(t):
    a = t.ambo("a").run(neighbor("127.0.0.3", 65001, local="127.0.0.2", families=FAMILIES, extra=ROUTES + "passive;"),
                        options=("--listen", "127.0.0.2"))
    b = t.ambo("b").run(neighbor("127.0.0.2", 65001, local="127.0.0.3", families=FAMILIES,
                                 extra="capability { multi-session; }").replace("router-id 10.0.0.1", "router-id 10.0.0.2"))
    for ambo in (a, b):
        client = ambo.client()
        wait_until(lambda: states(client) == ["ESTABLISHED"] * 2, 15)
    wait_until(lambda: set(received(client, "127.0.0.2")) == {"10.0.0.0/24", "2001:db8::/32"}, 5)


if __name__ == "__main__":
    main()
