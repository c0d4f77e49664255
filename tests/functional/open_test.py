#!/usr/bin/python3
"""What the configuration says of a peer's OPEN: capabilities that are required (RFC 5492), and
roles (RFC 9234). Letters are those of the table of malformed messages. A peer that is in order looks on and keeps its session and its route."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import neighbor
from tests.fake import bgp

LOCAL, AS, PEER_AS, BYSTANDER = "127.0.0.1", 65000, 65001, "127.0.9.9"
GOOD = bytes.fromhex("40010100" "4002060201" "0000fde9" "4003040a000001")
PLAIN = [bgp.cap_mp(bgp.IPV4), bgp.cap_as4(PEER_AS)]


def config(address, capability="", extra=""):
    return neighbor(address, PEER_AS, local_as=AS, extra="""passive;
	listen 179;
	capability { %s }
""" % capability + extra)


def peer_of(t, address, capabilities, **how):
    return t.peer(connect=LOCAL + ":179", local=address, asn=PEER_AS, capabilities=capabilities, eor=False, **how)


def takes(ambo, peer, prefix="10.9.8.0/24"):
    peer.wait_established()
    peer.send(bgp.update(attrs=GOOD, raw_nlri=bgp.prefix_octets(prefix)))
    wait_until(lambda: prefix in ambo.command("show routes received"), 10, prefix)


def refused(t, address, capabilities, code, subcode, data):
    peer = peer_of(t, address, capabilities, once=True)
    peer.wait_for(lambda p: p.notifications, 8, "a NOTIFICATION")
    peer.stop()
    equal(peer.notifications[0][:2], (code, subcode), "NOTIFICATION")
    equal(peer.notifications[0][2].hex(), data, "its data")


def played(t, rows, good):
    """rows: (name, what the configuration says, the peer's capabilities, NOTIFICATION or None). After each one the peer
    says what is good, and its session stands"""
    address = ["127.0.1.%d" % (1 + i) for i in range(len(rows))]
    ambo = t.ambo().run("".join(config(a, row[1]) for a, row in zip(address, rows)) + config(BYSTANDER))
    looking = peer_of(t, BYSTANDER, PLAIN)
    takes(ambo, looking, "192.0.2.0/24")
    halves = [ambo.half(half) for half in ("ambo-speaker", "ambo-controller")]
    for i, (name, says, capabilities, want) in enumerate(rows):
        print(name)
        if want:
            refused(t, address[i], capabilities, *want)
            capabilities = good[says]
        takes(ambo, peer_of(t, address[i], capabilities), "10.9.%d.0/24" % i)
    equal([ambo.half(half) for half in ("ambo-speaker", "ambo-controller")], halves, "the programs")
    check(looking.established and len(looking.connections) == 1, "the bystander's session was touched")
    check("192.0.2.0/24" in ambo.command("show routes received"), "the bystander's route")


def test_a_peer_without_what_we_require_is_refused_and_told_what(t):
    refresh, big = "route-refresh require;", "extended-message require;"
    both = "route-refresh require; extended-message require;"
    every = PLAIN + [bgp.cap_refresh(), bgp.cap_extended_message()]
    played(t, [("O63 no route refresh", refresh, PLAIN, (2, 7, "0200")),
               ("O63 no extended messages", big, PLAIN, (2, 7, "0600")),
               ("O63 two that lack", both, PLAIN, (2, 7, "06000200")),
               ("O63 one of two", both, PLAIN + [bgp.cap_refresh()], (2, 7, "0600")),
               ("O63 no four-octet AS", "asn4 require;", PLAIN[:1], (2, 7, "4104%08x" % AS)),
               ("all is there", both, every, None),
               ("nothing is required", "route-refresh;", PLAIN, None)],
           {refresh: every, big: every, both: every, "asn4 require;": PLAIN})


def role(*values):
    return PLAIN + [(9, bytes(v) if isinstance(v, tuple) else bytes((v,))) for v in values]


PROVIDER, RS, RS_CLIENT, CUSTOMER, PEER = range(5)


def test_a_role_that_does_not_match_ours_is_refused(t):
    provider, strict, peer = "role provider;", "role provider; role-strict;", "role peer;"
    no = (2, 11, "")
    played(t, [("O44 a role of no octet", provider, role(()), no),
               ("O44 a role of two octets", provider, role((CUSTOMER, CUSTOMER)), no),
               ("O45 a role that nobody has assigned", provider, role(5), no),
               ("O46 provider and provider", provider, role(PROVIDER), no),
               ("a peer and a customer", peer, role(CUSTOMER), no),
               ("O47 two roles", provider, role(CUSTOMER, PROVIDER), no),
               ("O48 no role, and strict", strict, PLAIN, no),
               ("no role", provider, PLAIN, None),
               ("one role, twice", strict, role(CUSTOMER, CUSTOMER), None),
               ("a peer and a peer", peer, role(PEER), None),
               ("a server and its client", "role rs;", role(RS_CLIENT), None),
               ("a client and its server", "role rs-client;", role(RS), None),
               ("a customer and its provider", "role customer;", role(PROVIDER), None),
               ("a role, where we have none", "", role(5), None)],
           {provider: role(CUSTOMER), strict: role(CUSTOMER), peer: role(PEER)})


def test_our_role_is_said_to_a_peer_of_another_as_alone(t):
    other = config("127.0.1.1", "role rs-client;")
    ambo = t.ambo().run(other + config("127.0.1.2", "role rs-client; role-strict;").replace("peer-as %d" % PEER_AS, "peer-as %d" % AS))
    for address, asn, said in (("127.0.1.1", PEER_AS, ["02"]), ("127.0.1.2", AS, [])):
        peer = t.peer(connect=LOCAL + ":179", local=address, asn=asn, eor=False)
        peer.wait_established()
        equal([v.hex() for code, v in peer.session.their_open["capabilities"] if code == 9], said, "roles")


def test_a_peer_without_a_family_of_ours_has_a_session_and_no_route(t):
    """O61"""
    ambo = t.ambo().run(config("127.0.1.1") + config(BYSTANDER))
    looking = peer_of(t, BYSTANDER, PLAIN)
    takes(ambo, looking, "192.0.2.0/24")
    peer = peer_of(t, "127.0.1.1", [bgp.cap_mp(bgp.IPV6), bgp.cap_as4(PEER_AS)])
    peer.wait_established()
    peer.send(bgp.update(attrs=GOOD, raw_nlri=bgp.prefix_octets("10.9.7.0/24")))
    takes(ambo, looking, "192.0.3.0/24")
    wait_until(lambda: "192.0.3.0/24" in ambo.command("show routes received"), 5, "a route of the other")
    check("10.9.7.0/24" not in ambo.command("show routes received"), "a route of no family")
    check(peer.established and len(peer.connections) == 1, "it stands")
    peer.stop()
    takes(ambo, peer_of(t, "127.0.1.1", PLAIN))
    check(looking.established and len(looking.connections) == 1, "the bystander's session was touched")


main()
