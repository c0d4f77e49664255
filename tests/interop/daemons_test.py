#!/usr/bin/python3
"""The other daemons among themselves and against the fake peer: what interop tests compare with."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *

US, THEM = "192.0.2.1", "192.0.2.2"
RICH = dict(med=5, communities=["1:2", "no-export"], large=["1:2:3", "4200000000:1:2"], aggregator="65002:192.0.2.9",
            as_path=[65001, 4200000000, {4, 5}], atomic=True)


def test_bird_and_gobgp_exchange_1000_routes_each_way(t):
    a, b = t.namespace("bird"), t.namespace("gobgp")
    netns.pair(a, b, "198.51.100.1", "198.51.100.2")
    statements = "\n".join("route %s blackhole { bgp_community.add((65001,%d)); };" % (p, i % 50)
                           for i, p in enumerate(bgp.prefixes(1000, "10.0.0.0")))
    gobgp = t.daemon("gobgp", gobgp_config(asn=65002, address="198.51.100.2", neighbors={"198.51.100.1": 65001}), ns=b)
    bird = t.daemon("bird", bird_config(asn=65001, address="198.51.100.1", neighbors={"198.51.100.2": 65002},
                                        routes=statements, channel="export filter { bgp_med = 7; accept; };"), ns=a)
    theirs = [m for i, p in enumerate(bgp.prefixes(1000, "20.0.0.0"))
              for m in bgp.announce([p], "198.51.100.2", as_path=[], med=i, communities=["65002:%d" % (i % 50)])]
    gobgp.inject(theirs)
    bird.wait_established("198.51.100.2")
    gobgp.wait_established("198.51.100.1")
    bird.wait_routes(2000)
    gobgp.wait_routes(2000)
    want = [route(p, next_hop="198.51.100.2", as_path=[65002], origin="igp", communities=["65002:%d" % (i % 50)],
                  med=i, local_pref=100) for i, p in enumerate(bgp.prefixes(1000, "20.0.0.0"))]
    equal(compare(bird.routes("198.51.100.2"), want), [])
    want = [route(p, next_hop="198.51.100.1", as_path=[65001], origin="igp", communities=["65001:%d" % (i % 50)],
                  med=7) for i, p in enumerate(bgp.prefixes(1000, "10.0.0.0"))]
    equal(compare(gobgp.routes("198.51.100.1"), want), [])


def both_families(t, kind, config):
    """A FakePeer tells rich routes; the daemon shows them; the fake peer hears what the daemon has"""
    addresses(US, THEM, "2001:db8::1", "2001:db8::2")
    peer = t.peer(listen=US + ":179", local=US, asn=65001, families=("ipv4", "ipv6"), router_id=US)
    daemon = t.daemon(kind, config)
    peer.wait_established(30)
    daemon.wait_established(US)
    said = []

    def complete():
        """FRR resets a first session: all is said to each"""
        if peer.established and said[-1:] != [peer.session]:
            said.append(peer.session)
            peer.announce(["10.0.0.0/24", "10.0.1.0/25"], **RICH)
            peer.announce(["10.0.2.0/24"])
            peer.announce(["2001:db8:1::/48"], next_hop="2001:db8::1", **RICH)
        return len(daemon.routes(US)) == 4
    time.sleep(0.5)
    wait_until(complete, 30, interval=0.1)
    want = [route(p, **dict(RICH, communities=["1:2", "65535:65281"], aggregator=(65002, "192.0.2.9"),
                            as_path=[65001, 4200000000, frozenset((4, 5))],
                            next_hop="2001:db8::1" if ":" in p else US, origin="igp"))
            for p in ("10.0.0.0/24", "10.0.1.0/25", "2001:db8:1::/48")]
    want.append(route("10.0.2.0/24", as_path=[65001], next_hop=US, origin="igp"))
    equal(compare(daemon.routes(US), want, [a for a in ATTRIBUTES if a != "local_pref"]), [])
    peer.withdraw(["10.0.2.0/24"])
    daemon.wait_routes(3, neighbor=US)
    return daemon, peer


def test_bird_shows_what_it_was_told(t):
    bird, peer = both_families(t, "bird", bird_config(
        asn=65002, address=THEM, neighbors={US: 65001}, families=("ipv4", "ipv6"),
        routes="route 20.0.0.0/24 blackhole;\nroute 2001:db8:20::/48 blackhole;"))
    peer.wait_prefixes(["20.0.0.0/24", "2001:db8:20::/48"])
    bird.reload(bird_config(asn=65002, address=THEM, neighbors={US: 65001}, families=("ipv4", "ipv6"),
                            routes="route 20.0.1.0/24 blackhole;"))
    peer.wait_prefixes(["20.0.1.0/24"], exactly=True)
    equal(peer.route("20.0.1.0/24")["as_path"], [65002])
    check(peer.established)


def test_bird_checks_md5_and_its_hold_timer_sees_silence(t):
    addresses(US, THEM)
    config = bird_config(asn=65002, address=THEM, neighbors={US: 65001}, options='password "secret"; hold time 3;')
    peer = t.peer(listen=US + ":179", asn=65001, md5="secret", router_id=US)
    bird = t.daemon("bird", config)
    peer.wait_established()
    time.sleep(3.5)
    check(max(peer.keepalive_gaps()) < 2.5, peer.keepalive_gaps())
    peer.mode = "silent"
    equal(peer.wait_for(lambda p: p.notifications, 6)[0][:2], (4, 0))


def test_gobgp_shows_what_it_was_told(t):
    gobgp, peer = both_families(t, "gobgp", gobgp_config(
        asn=65002, address=THEM, neighbors={US: 65001}, families=("ipv4", "ipv6")))
    gobgp.add("20.0.0.0/24", "community", "1:2", next_hop=THEM)
    gobgp.add("2001:db8:20::/48", next_hop="2001:db8::2")
    peer.wait_prefixes(["20.0.0.0/24", "2001:db8:20::/48"])
    equal(peer.route("20.0.0.0/24")["communities"], ["1:2"])
    gobgp.remove("20.0.0.0/24")
    peer.wait_gone(["20.0.0.0/24"])


def test_gobgp_shows_path_ids(t):
    addresses(US, THEM)
    gobgp = t.daemon("gobgp", gobgp_config(asn=65002, address=THEM, neighbors={US: 65001}, add_path=(True, 4)))
    peer = t.peer(connect=THEM + ":179", local=US, asn=65001, add_path={"ipv4": 3})
    peer.wait_established()
    peer.announce([("10.0.0.0/24", 3), ("10.0.0.0/24", 4)])
    gobgp.wait_routes(2)
    equal(sorted(gobgp.path_ids(US)), [("10.0.0.0/24", 3), ("10.0.0.0/24", 4)])


def test_frr_shows_what_it_was_told(t):
    _, peer = both_families(t, "frr", frr_config(
        asn=65002, address=THEM, neighbors={US: 65001}, families=("ipv4", "ipv6"), networks=["20.0.0.0/24"]))
    peer.wait_prefixes(["20.0.0.0/24"])


def test_openbgpd_shows_what_it_was_told(t):
    _, peer = both_families(t, "openbgpd", openbgpd_config(
        asn=65002, address=THEM, neighbors={US: 65001}, families=("ipv4", "ipv6"), networks=["20.0.0.0/24"]))
    peer.wait_prefixes(["20.0.0.0/24"])


def test_exabgp_shows_what_it_was_told(t):
    exabgp, peer = both_families(t, "exabgp", exabgp_config(
        asn=65002, address=THEM, neighbors={US: 65001}, families=("ipv4", "ipv6"),
        static="\t\troute 20.0.0.0/24 next-hop %s;" % THEM))
    peer.wait_prefixes(["20.0.0.0/24"])
    exabgp.say("announce route 20.0.1.0/24 next-hop " + THEM)
    peer.wait_prefixes(["20.0.1.0/24"])


if __name__ == "__main__":
    main()
