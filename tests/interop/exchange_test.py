#!/usr/bin/python3
# ctest: COST 60
"""Ambo with BIRD and GoBGP: what each tells the other is compared route by route with the peer's own command
line, both ways."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *
from tests.interop.encounter import shown, wait_received
import ipaddress

US, BIRD, GOBGP, HOP = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.99"
US6, BIRD6, GOBGP6, HOP6 = "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::99"
FEEDER, FEEDER6 = "192.0.2.4", "2001:db8::4"
AS, BIRD_AS, GOBGP_AS, FEEDER_AS = 4200000001, 4200000002, 4200000003, 4200000004
N = 10000
SHARED = [a for a in ATTRIBUTES if a not in ("local_pref", "atomic", "aggregator")]


def neighbor(address, peer_as, *, families="ipv4 unicast; ipv6 unicast;", extra="", routes=()):
    return """neighbor %s {
    router-id 192.0.2.1;
    local-address %s;
    local-as %d;
    peer-as %d;
    hold-time 30;
    group-updates all;
%s
    family { %s }
    static {
%s
    }
}
""" % (address, US6 if ":" in address else US, AS, peer_as, extra, families, "\n".join("        " + r for r in routes))


def six(base, i):
    return str(ipaddress.ip_network("2001:db8:%x:%x::/64" % (base + (i >> 8), i & 0xff)))


def ours(i):
    """The i-th route that we announce, as text and as the form that is compared"""
    v6 = i >= N
    prefix = six(0x1000, i - N) if v6 else "10.%d.%d.0/24" % (i >> 8, i & 0xff)
    a = dict(med=i % 1000, communities=["%d:%d" % (65000, i % 60), "65535:65281"][:1 + i % 2],
             large=["%d:%d:%d" % (AS, i % 7, i % 11)], as_path=[AS, 4200000100 + i % 50, 64512 + i % 9])
    text = "route %s next-hop %s med %d community [ %s ] large-community [ %s ] as-path [ %s ];" % (
        prefix, HOP6 if v6 else HOP, a["med"], " ".join(a["communities"]), " ".join(a["large"]),
        " ".join(str(x) for x in a["as_path"]))
    return text, route(prefix, next_hop=HOP6 if v6 else HOP, origin="igp", **a)


BIRD_RICH = """
    bgp_med = 77;
    bgp_community.add((64999, 1)); bgp_community.add((65535, 65281));
    bgp_large_community.add((4200000002, 1, 2));
    bgp_path.prepend(4200000555);
"""


def test_bird_and_gobgp_with_ten_thousand_routes_of_each_family_each_way(t):
    addresses(US, BIRD, GOBGP, FEEDER, HOP, US6, BIRD6, GOBGP6, FEEDER6, HOP6)
    routes = [ours(i) for i in range(2 * N)]
    config = "template { neighbor all {\n    static {\n%s\n    } }\n}\n" % "\n".join(
        "        " + text for text, _ in routes)
    for address, asn in ((BIRD, BIRD_AS), (GOBGP, GOBGP_AS)):
        config += neighbor(address, asn, extra="    inherit all;")
    theirs = ["%s" % p for p in bgp.prefixes(N, "20.0.0.0")]
    theirs6 = [six(0x2000, i) for i in range(N)]
    bird = t.daemon("bird", bird_config(
        asn=BIRD_AS, address=BIRD, neighbors={US: AS}, families=("ipv4", "ipv6"),
        routes="\n".join("route %s blackhole;" % p for p in theirs + theirs6),
        channel="next hop address %s; export filter { if source != RTS_STATIC then reject; %s accept; };" % ("CHANNEL", BIRD_RICH)
    ).replace("export where source = RTS_STATIC; ", "").replace("ipv4 { import all; next hop address CHANNEL", "ipv4 { import all; next hop address " + BIRD)
     .replace("ipv6 { import all; next hop address CHANNEL", "ipv6 { import all; next hop address " + BIRD6))
    # GoBGP has its routes from a peer of its own: it takes no 10,000 by its command line in one go
    feeder = t.peer(listen=FEEDER + ":179", asn=FEEDER_AS, families=("ipv4", "ipv6"), router_id=FEEDER)
    gobgp = t.daemon("gobgp", gobgp_config(asn=GOBGP_AS, address=GOBGP, neighbors={US: AS, FEEDER: FEEDER_AS},
                                           families=("ipv4", "ipv6")))
    feeder.wait_established(30)
    for i in range(50):
        told = dict(as_path=[FEEDER_AS, 4200000666], communities=["64998:%d" % i], large=["4200000003:2:%d" % (i % 5)])
        feeder.announce(theirs[i::50], FEEDER, **told)
        feeder.announce(theirs6[i::50], FEEDER6, **told)
    ambo = t.ambo().run(config)
    bird.wait_established(US)
    gobgp.wait_established(US)
    want = [r for _, r in routes]
    bird.wait_routes(4 * N, 60)
    equal(compare(bird.routes(US), want, SHARED), [], "BIRD has of us")
    wait_until(lambda: len(gobgp.routes(US)) >= 2 * N, 60, "GoBGP has our routes", 1)
    equal(compare(gobgp.routes(US), want, SHARED), [], "GoBGP has of us")
    wait_received(ambo, BIRD, 2 * N)
    want = [route(p, next_hop=BIRD6 if ":" in p else BIRD, as_path=[BIRD_AS, 4200000555], origin="igp", med=77,
                  communities=["64999:1", "65535:65281"], large=["4200000002:1:2"]) for p in theirs + theirs6]
    equal(compare(shown(ambo, BIRD), want, SHARED), [], "we have of BIRD")
    wait_received(ambo, GOBGP, 2 * N)
    want = [route(p, as_path=[GOBGP_AS, FEEDER_AS, 4200000666], origin="igp",
                  communities=["64998:%d" % (i % N % 50)], large=["4200000003:2:%d" % (i % N % 50 % 5)])
            for i, p in enumerate(theirs + theirs6)]
    equal(compare(shown(ambo, GOBGP), want, [a for a in SHARED if a not in ("next_hop", "med")]), [], "we have of GoBGP")


def test_a_two_octet_bird_both_ways(t):
    addresses(US, BIRD, HOP)
    bird = t.daemon("bird", bird_config(
        asn=65002, address=BIRD, neighbors={US: 65001}, options="enable as4 off;", routes="route 20.0.0.0/24 blackhole;",
        channel="next hop self;"))
    path = [4200000001, 65010, 4200000777]
    config = neighbor(BIRD, 65002, families="ipv4 unicast;", routes=[
        "route 10.0.0.0/24 next-hop %s as-path [ %s ] aggregator ( 4200000777:192.0.2.77 ) atomic-aggregate;"
        % (HOP, " ".join(map(str, path))),
        "route 10.0.1.0/24 next-hop %s as-path [ 64512 64513 ] aggregator ( 64513:192.0.2.78 );" % HOP])
    ambo = t.ambo().run(config.replace("local-as %d" % AS, "local-as 65001"))
    bird.wait_established(US)
    bird.wait_routes(3)
    got = {r["prefix"]: r for r in bird.routes(US)}
    # BIRD puts the AS4_PATH together again
    equal(got["10.0.0.0/24"]["as_path"], path)
    equal(got["10.0.0.0/24"]["aggregator"], (4200000777, "192.0.2.77"))
    equal(got["10.0.1.0/24"]["as_path"], [64512, 64513])
    equal(got["10.0.1.0/24"]["aggregator"], (64513, "192.0.2.78"))
    wait_received(ambo, BIRD, 1)
    equal(shown(ambo, BIRD)[0]["as_path"], [65002])


def test_a_fake_two_octet_peer_sends_as4_path(t):
    peer = t.peer(listen="127.0.0.2:179", asn=65002, as4=False)
    ambo = t.ambo().run("""neighbor 127.0.0.2 { router-id 10.0.0.1; local-address 127.0.0.1; local-as 65001; peer-as 65002;
    family { ipv4 unicast; } }""".replace("{ ", "{\n").replace("; ", ";\n"))
    peer.wait_established(20)
    peer.announce(["10.0.0.0/24"], as_path=[65002, 23456, 23456], as4_path=[4200000001, 4200000002],
                  aggregator="23456:192.0.2.9",
                  raw=[bgp.attribute(0xc0, 18, (4200000002).to_bytes(4, "big") + bytes((192, 0, 2, 9)))])
    wait_received(ambo, "127.0.0.2", 1)
    got = shown(ambo, "127.0.0.2")[0]
    equal(got["as_path"], [65002, 4200000001, 4200000002])
    equal(got["aggregator"], (4200000002, "192.0.2.9"))


def test_tcp_md5_with_bird(t):
    addresses(US, BIRD, HOP)
    bird = t.daemon("bird", bird_config(asn=65002, address=BIRD, neighbors={US: AS}, options='password "quite secret";'))
    t.ambo().run(neighbor(BIRD, 65002, families="ipv4 unicast;", extra='    md5-password "quite secret";',
                          routes=["route 10.0.0.0/24 next-hop %s;" % HOP]))
    bird.wait_established(US)
    bird.wait_routes(1)


def test_add_path_both_ways_with_bird(t):
    addresses(US, BIRD, HOP, "192.0.2.98")
    bird = t.daemon("bird", bird_config(asn=65002, address=BIRD, neighbors={US: AS}, routes="route 20.0.0.0/24 blackhole;",
                                        channel="add paths on; next hop self;"))
    ambo = t.ambo().run(neighbor(BIRD, 65002, families="ipv4 unicast;", extra="    capability { add-path send/receive; }", routes=[
        "route 10.0.0.0/24 path-information 1 next-hop %s med 1;" % HOP,
        "route 10.0.0.0/24 path-information 2 next-hop 192.0.2.98 med 2;"]))
    bird.wait_established(US)
    bird.wait_routes(3)
    got = sorted((r["next_hop"], r["med"]) for r in bird.routes(US) if r["prefix"] == "10.0.0.0/24")
    equal(got, [("192.0.2.98", 2), (HOP, 1)])
    wait_received(ambo, BIRD, 1)
    check(shown(ambo, BIRD)[0]["path_id"] is not None, "BIRD's route has a path id")
    ambo.command("withdraw route 10.0.0.0/24 path-information 1")
    wait_until(lambda: len(bird.routes(US)) == 1, 10, "one path is left")
    equal(bird.routes(US)[0]["med"], 2)


def test_extended_next_hop_both_ways_with_bird(t):
    addresses(US6, BIRD6, HOP6)
    bird = t.daemon("bird", bird_config(asn=65002, address=BIRD6, neighbors={US6: AS}, families=("ipv4",),
                                        routes="route 20.0.0.0/24 blackhole;", channel="extended next hop on; next hop self;"))
    ambo = t.ambo().run(neighbor(BIRD6, 65002, families="ipv4 unicast; ipv6 unicast;",
                                 extra="    nexthop { ipv4 unicast ipv6; }",
                                 routes=["route 10.0.0.0/24 next-hop %s;" % HOP6]))
    bird.wait_established(US6)
    bird.wait_routes(2)
    equal([r["next_hop"] for r in bird.routes(US6)], [HOP6])
    wait_received(ambo, BIRD6, 1)
    equal(shown(ambo, BIRD6)[0]["next_hop"], BIRD6)


main()
