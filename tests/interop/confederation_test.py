#!/usr/bin/python3
"""A confederation of three programs (RFC 5065): Ambo is 65001, FRR 65002, BIRD 65003; all are 65100 to a peer outside that
is played. Ambo is in the middle, so what FRR and BIRD have of each other went through it. How BIRD in Ambo's place tells
five played peers the same is in middle_test."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *
from tests.integration.scene import wait_up

US, FRR, BIRD, OUT = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"
WHOLE, FAR = 65100, 64900


def ambo(t):
    return t.ambo().run("".join(
        "neighbor %s {\n\trouter-id %s;\n\tlocal-address %s;\n\tlocal-as 65001;\n\tpeer-as %d;\n\thold-time 90;\n\tfamily { ipv4 unicast; }\n"
        "\tconfederation { identifier %d; members [ 65002 65003 ]; }\n\tpropagate router;\n\timport accept;\n\texport accept;\n}\n"
        % (address, US, US, asn, WHOLE) for address, asn in ((FRR, 65002), (BIRD, 65003), (OUT, FAR))), wait=False)


def frr(t):
    text = frr_config(asn=65002, address=FRR, neighbors={US: 65001}, networks=["10.2.0.0/16 route-map GIVE"])
    text = text.replace("router bgp 65002\n", "router bgp 65002\n bgp confederation identifier %d\n bgp confederation peers 65001 65003\n" % WHOLE)
    return t.daemon("frr", text + "route-map GIVE permit 10\n set metric 22\n set local-preference 202\n set ip next-hop %s\nexit\n" % FRR)


def bird(t):
    return t.daemon("bird", "log stderr all;\nrouter id %s;\nprotocol device {}\nprotocol static { ipv4; route 10.3.0.0/16 blackhole; }\n"
                    "protocol bgp ambo { local %s as 65003; neighbor %s as 65001; strict bind; multihop; confederation %d; confederation member on;\n"
                    "connect delay time 0; connect retry time 1; error wait time 1, 3; ipv4 { import all; export filter {\n"
                    "if source ~ [ RTS_STATIC ] then { bgp_local_pref = 303; bgp_med = 33; } accept; }; next hop self ebgp; }; }\n"
                    % (BIRD, BIRD, US, WHOLE))


def frr_has(daemon, prefix):
    """(path as it is printed, LOCAL_PREF, MED, next hop); None: it has it not"""
    paths = daemon.json("show bgp ipv4 unicast %s json" % prefix).get("paths", [])
    return paths and (paths[0]["aspath"]["string"], paths[0].get("locPrf"), paths[0].get("metric"), paths[0]["nexthops"][0]["ip"])


def bird_has(daemon, prefix):
    text = daemon.birdc("show", "route", "for", prefix, "all", check=False)
    values = dict(re.findall(r"^\s+BGP\.(\w+): (.*)$", text, re.M))
    return values and (values.get("as_path", "").strip(), *(int(values[k]) if k in values else None for k in ("local_pref", "med")),
                       values.get("next_hop"))


def test_three_members_and_the_world(t):
    addresses(US, FRR, BIRD, OUT)
    outside = t.peer(listen=OUT + ":179", asn=FAR, router_id=OUT)
    a, f, b = ambo(t), frr(t), bird(t)
    wait_up(a.client(), FRR, BIRD, OUT, timeout=40)
    equal(outside.session.their_open["asn"], WHOLE)
    outside.announce(["10.4.0.0/16"], next_hop=OUT, as_path=[FAR, 7], med=44)
    # from outside: the path begins with our member AS; LOCAL_PREF, MED and the next hop go through
    for has, daemon in ((frr_has, f), (bird_has, b)):
        wait_until(lambda: has(daemon, "10.4.0.0/16"), 15, "from outside")
        equal(has(daemon, "10.4.0.0/16"), ("(65001) %d 7" % FAR, 100, 44, OUT))
    # from one member to the other
    wait_until(lambda: bird_has(b, "10.2.0.0/16"), 15, "FRR's at BIRD")
    equal(bird_has(b, "10.2.0.0/16"), ("(65001 65002)", 202, 22, FRR))
    wait_until(lambda: frr_has(f, "10.3.0.0/16"), 15, "BIRD's at FRR")
    equal(frr_has(f, "10.3.0.0/16"), ("(65001 65003)", 303, 33, BIRD))
    # and out
    wait_until(lambda: len(routes_of(outside)) == 2, 15, "both outside")
    equal([(r["prefix"], r["as_path"], r["next_hop"], r["local_pref"], r["med"]) for r in sorted(routes_of(outside), key=lambda r: r["prefix"])],
          [("10.2.0.0/16", [WHOLE], US, None, None), ("10.3.0.0/16", [WHOLE], US, None, None)])
    # a client's, to each in its way
    a.client().command("announce route 10.1.0.0/16 next-hop self")
    wait_until(lambda: frr_has(f, "10.1.0.0/16") and bird_has(b, "10.1.0.0/16"), 15, "a client's")
    equal(frr_has(f, "10.1.0.0/16")[0], "(65001)")
    equal(bird_has(b, "10.1.0.0/16")[0], "(65001)")
    check(all(d.state(US) == "Established" for d in (f, b)), "all sessions stand")


main()
