#!/usr/bin/python3
# ctest: TIMEOUT 120
"""What the configuration says of a peer's OPEN: capabilities that are required (RFC 5492). Letters are those of
the table of malformed messages. A peer that is in order looks on and keeps its session and its route."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.fake import bgp

LOCAL, AS, PEER_AS, BYSTANDER = "127.0.0.1", 65000, 65001, "127.0.9.9"
GOOD = bytes.fromhex("40010100" "4002060201" "0000fde9" "4003040a000001")
PLAIN = [bgp.cap_mp(bgp.IPV4), bgp.cap_as4(PEER_AS)]


def config(address, capability="", extra=""):
    return """neighbor %s {
    router-id 10.0.0.1;
    local-address 127.0.0.1;
    local-as %d;
    peer-as %d;
    hold-time 90;
    passive;
    listen 179;
    family { ipv4 unicast; }
    capability { %s }
%s
}
""" % (address, AS, PEER_AS, capability, extra)


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
