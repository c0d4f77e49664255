#!/usr/bin/python3
"""What a malformed UPDATE does beside its reaction: what the log says of it, what clients are told, and what many
of them cost (RFC 7606 sections 2 and 8). And refreshes, of which a peer can ask for as many as it likes (RFC 2918,
RFC 7313). Letters are those of the table of malformed messages."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import re
import socket
import struct
import time

from tests.integration.harness import *
from tests.integration.scene import neighbor
from tests.fake import bgp

LOCAL, AS, PEER_AS, PEER = "127.0.0.1", 65000, 65001, "127.0.1.1"
GOOD = bytes.fromhex("40010100" "4002060201" "0000fde9" "4003040a000001")
BAD = bytes.fromhex("40010109" "4002060201" "0000fde9" "4003040a000001")  # ORIGIN 9


def config(extra="", more=""):
    return neighbor(PEER, PEER_AS, local_as=AS, extra="""passive;
	listen 179;
	capability { route-refresh; }
""" + extra) + more


def peer_of(t, **how):
    how.setdefault("eor", False)
    return t.peer(connect=LOCAL + ":179", local=PEER, asn=PEER_AS, **how)


def said(attrs, prefix):
    return bgp.update(attrs=attrs, raw_nlri=bgp.prefix_octets(prefix))


def received(ambo):
    return ambo.command("show routes received")


def marker(ambo, peer, prefix="192.0.2.0/24"):
    """All that was sent before is done"""
    peer.send(said(GOOD, prefix))
    wait_until(lambda: prefix in received(ambo), 10, prefix)


def updates(client, subscription, count=1, quiet=0.7):
    """Prefixes of the events that come: of so many at least, then until there is none for a while"""
    out = []
    while True:
        event = client.event(subscription) if len(out) < count else client.peek(subscription, quiet)
        if event is None:
            return out
        out += re.findall(r"(announce|withdraw)\W.*?'nlri': '([0-9./]+)'", str(event))


def test_what_is_treated_as_withdraw_is_withdrawn_where_it_was_and_else_no_news(t):
    ambo = t.ambo().run(config())
    client = ambo.client()
    subscription = client.subscribe(updates=True)
    peer = peer_of(t)  # after it: what comes before the speaker knows who listens is no event
    peer.wait_established()
    marker(ambo, peer, "10.9.8.0/24")
    equal(updates(client, subscription), [("announce", "10.9.8.0/24")])
    peer.send(said(BAD, "10.9.8.0/24"))         # U49
    equal(updates(client, subscription), [("withdraw", "10.9.8.0/24")])
    check("10.9.8.0/24" not in received(ambo), "it is gone")
    peer.send(said(BAD, "10.9.7.0/24"))         # U50: nobody has heard of it
    peer.send(bgp.update(raw_withdraw=bgp.prefix_octets("10.9.6.0/24")))  # M27: nor of this one; what a peer says is told
    marker(ambo, peer)
    equal(updates(client, subscription, 2), [("withdraw", "10.9.6.0/24"), ("announce", "192.0.2.0/24")])
    equal(len(peer.connections), 1, "connections")
    equal(peer.notifications, [])


def test_the_log_has_the_routes_and_the_whole_of_a_malformed_update(t):
    ambo = t.ambo().run(config(), env={"exabgp_log_level": "INFO"})
    peer = peer_of(t, extended_message=True)
    peer.wait_established()
    small = said(BAD, "10.9.8.0/24")            # U51
    peer.send(small)
    ambo.process.wait_log("withdraws ipv4 unicast 10.9.8.0/24")
    ambo.process.wait_log(small.hex())
    check("attribute 1 malformed; treated as withdraw" in ambo.process.log(), "why")
    time.sleep(1.1)                             # the next second has room for one of these
    nlri = b"".join(bgp.prefix_octets("10.%d.%d.0/24" % (i >> 8, i & 255)) for i in range(5000))
    large = bgp.update(attrs=BAD, raw_nlri=nlri)
    peer.send(large)
    ambo.process.wait_log("the update, 20 of 20")
    parts = re.findall(r"the update, \d+ of 20: ([0-9a-f]+)", ambo.process.log())
    equal("".join(parts), large.hex(), "its octets in several lines")
    check(re.search(r"10\.0\.0\.0/24 10\.0\.1\.0/24 .* and \d+ more", ambo.process.log()), "its routes, as far as there is room")
    marker(ambo, peer)


def test_twenty_thousand_malformed_updates_leave_a_few_lines_and_the_session(t):
    ambo = t.ambo().run(config())
    peer = peer_of(t)
    peer.wait_established()
    pids = [ambo.half(half) for half in ("ambo-speaker", "ambo-controller")]
    before = [rss(p) for p in pids]
    start = time.monotonic()
    for i in range(0, 20000, 500):              # U53
        peer.send(b"".join(said(BAD, "10.%d.%d.0/24" % (n >> 8, n & 255)) for n in range(i, i + 500)))
    marker(ambo, peer)
    time.sleep(1.1)                             # the next second's first says how many there were
    peer.send(said(BAD, "10.9.8.0/24"))
    def dropped():
        return sum(int(n) for n in re.findall(r"\((\d+) like this were not shown", ambo.process.log()))
    wait_until(lambda: dropped() > 19900, 5, "how many were not shown")
    took = time.monotonic() - start
    lines = ambo.process.log().count("malformed update")
    check(lines <= 3 * (took + 3), "%d lines in %.1f s" % (lines, took))
    equal(len(peer.connections), 1, "connections")
    for pid, was in zip(pids, before):
        check(rss(pid) < was + (32 << 20), "%s grew from %d to %d octets" % (program_of(pid), was, rss(pid)))


# -- refreshes ------------------------------------------------------------------------------------

ROUTES = 300
STATICS = "    static {\n%s    }\n" % "".join("        route 172.16.%d.%d/32 next-hop 192.0.2.1;\n" % (i >> 8, i & 255) for i in range(ROUTES))


def test_a_thousand_refreshes_in_a_second_are_a_few(t):
    ambo = t.ambo().run(config(STATICS))
    for enhanced in (False, True):
        peer = peer_of(t, enhanced_refresh=enhanced)
        peer.wait_established()
        peer.wait_for(lambda p: len(p.table) == ROUTES, 10, "the routes")
        pid, before, heard = ambo.half("ambo-speaker"), peer.announced, peer.count[bgp.UPDATE]
        grown = rss(pid)
        peer.send(bgp.route_refresh() * 1000)   # R12
        marker(ambo, peer)
        wait_until(lambda: peer.announced > before, 10, "what it asked for")
        wait_until(lambda: (peer.announced - before) % ROUTES == 0, 10, "each time whole")
        peer.wait_quiet(0.5)
        rounds = (peer.announced - before) // ROUTES
        check(1 <= rounds <= 50, "all of it was said %d times" % rounds)
        equal((peer.announced - before) % ROUTES, 0, "each time whole")
        check(rss(pid) < grown + (8 << 20), "%d octets became %d" % (grown, rss(pid)))
        equal(len(peer.connections), 1, "connections")
        equal(len(peer.table), ROUTES, "routes of the peer")
        peer.stop()


def test_a_refresh_that_begins_and_never_ends(t):
    for extra, left in (("", True), ("    stale-time 6;\n", False)):
        ambo = t.ambo().run(config(extra))
        peer = peer_of(t, enhanced_refresh=True)
        peer.wait_established()
        marker(ambo, peer, "10.9.8.0/24")
        peer.send(bgp.route_refresh(subtype=1))  # R08
        marker(ambo, peer, "10.9.7.0/24")
        time.sleep(1)
        check("10.9.8.0/24" in received(ambo), "nothing is lost at once")
        if left:
            time.sleep(6.5)
            check("10.9.8.0/24" in received(ambo), "without a bound it stays")
        else:
            wait_until(lambda: "10.9.8.0/24" not in received(ambo), 5, "the bound")
        check("10.9.7.0/24" in received(ambo), "what was said again")
        equal(len(peer.connections), 1, "connections")
        peer.stop()
        ambo.close()


def test_a_refresh_that_begins_before_the_first_end_of_rib(t):
    ambo = t.ambo().run(config())
    peer = peer_of(t, enhanced_refresh=True)
    peer.wait_established()
    peer.send(said(GOOD, "10.9.8.0/24"))
    peer.send(bgp.route_refresh(subtype=1))     # R09
    peer.send(said(GOOD, "10.9.7.0/24"))
    peer.send(bgp.end_of_rib())
    peer.send(said(GOOD, "10.9.6.0/24"))
    marker(ambo, peer)
    check("10.9.8.0/24" in received(ambo), "an End-of-RIB does not end a refresh")
    peer.send(bgp.route_refresh(subtype=2))
    wait_until(lambda: "10.9.8.0/24" not in received(ambo), 5, "the end")
    check(all(p in received(ambo) for p in ("10.9.7.0/24", "10.9.6.0/24")), "what was said between")
    equal(len(peer.connections), 1, "connections")


def test_a_family_without_a_name_is_carried_as_octets(t):
    octets = bytes.fromhex("600000fde80002fde8000000")
    ambo = t.ambo().run(config("    family { raw 1 81; }\n    static { raw 1 81 0x0a0b next-hop 192.0.2.9; }\n"))
    client = ambo.client()
    subscription = client.subscribe(updates=True)
    peer = peer_of(t, families=["ipv4", (1, 81)], parse=False)
    peer.wait_established()
    wait_until(lambda: any(m.type == bgp.UPDATE and bytes.fromhex("00015104c000020900" "0a0b") in m.body for m in peer.messages), 5,
               "the route of the configuration")
    peer.send(bgp.update(attrs=GOOD[:13] + bgp.attribute(0x80, 14, bytes.fromhex("00015104c000020100") + octets)))
    event = client.event(subscription)
    equal(event["message"]["update"]["announce"], {"ipv4 81": {"192.0.2.1": [{"parsed": False, "raw": octets.hex().upper()}]}})
    check("0x" + octets.hex() in ambo.command("show routes received"), "it is kept")
    ambo.command("announce raw 1 81 0x0c0d next-hop 192.0.2.9")
    wait_until(lambda: any(m.type == bgp.UPDATE and m.body.endswith(b"\0\x0c\x0d") for m in peer.messages), 5, "a route of the API")
    peer.send(bgp.update(attrs=bgp.attribute(0x80, 15, bytes.fromhex("000151") + octets)))
    event = client.event(subscription)
    equal(event["message"]["update"]["withdraw"], {"ipv4 81": [{"parsed": False, "raw": octets.hex().upper()}]})
    equal(len(peer.connections), 1, "connections")


OTC = lambda asn: bgp.attribute(0xc0, 35, struct.pack("!I", asn))
ROLE = """    static { route 198.51.100.0/24 next-hop 192.0.2.9; route 203.0.113.0/24 next-hop 192.0.2.9 otc 65099; }
    capability { role %s; }
"""


def sent_routes(peer):
    return {prefix: a for (_, prefix, _), a in peer.table.items()}


def test_a_provider_marks_what_it_says_and_refuses_what_is_marked(t):
    ambo = t.ambo().run(config(ROLE % "provider"))
    client = ambo.client()
    subscription = client.subscribe(updates=True)
    peer = peer_of(t)
    peer.wait_established()
    wait_until(lambda: len(sent_routes(peer)) == 2, 5, "both routes")
    bodies = b"".join(m.body for m in peer.messages if m.type == bgp.UPDATE)
    check(OTC(AS) + bytes.fromhex("18c63364") in bodies, "marked by us", bodies.hex())
    check(OTC(65099) + bytes.fromhex("18cb0071") in bodies, "marked before", bodies.hex())
    peer.send(said(GOOD, "10.9.8.0/24"))
    equal(updates(client, subscription), [("announce", "10.9.8.0/24")])
    peer.send(said(GOOD + OTC(PEER_AS), "10.9.8.0/24"))     # A114
    equal(updates(client, subscription), [("withdraw", "10.9.8.0/24")])
    check("10.9.8.0/24" not in received(ambo), "a leak")
    ambo.process.wait_log("says that this is a route leak")
    equal(len(peer.connections), 1, "connections")


def test_a_customer_says_nothing_that_is_marked_and_marks_what_it_hears(t):
    ambo = t.ambo().run(config(ROLE % "customer"))
    client = ambo.client()
    subscription = client.subscribe(updates=True)
    peer = peer_of(t)
    peer.wait_established()
    wait_until(lambda: "198.51.100.0/24" in sent_routes(peer), 5, "the route")
    peer.send(said(GOOD, "10.9.8.0/24"))
    event = client.event(subscription)
    equal(event["message"]["update"]["attribute"]["otc"], PEER_AS)
    ambo.command("announce route 203.0.113.128/25 next-hop 192.0.2.9")
    wait_until(lambda: "203.0.113.128/25" in sent_routes(peer), 5, "a later route")
    check("203.0.113.0/24" not in sent_routes(peer), "marked")
    check(OTC(AS) not in b"".join(m.body for m in peer.messages if m.type == bgp.UPDATE), "to a provider nothing is marked")
    ambo.process.wait_log("for customers only")


main()
