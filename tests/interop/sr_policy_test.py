#!/usr/bin/python3
"""SR policies through GoBGP, which reads them into structures of its own and writes them out again: a peer behind it
gets what we were told, word for word."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *

US, GOBGP, FAR = "192.0.2.1", "192.0.2.2", "192.0.2.3"
AS, GOBGP_AS, FAR_AS = 65001, 65002, 65003
FAMILIES = (1, 73), (2, 73)
# the segments that GoBGP 3 knows are A and B; what it makes of names runs over their end
POLICIES = {
    "ipv4 sr-policy distinguisher 1 color 100 endpoint 10.0.0.1":
        "preference 200 priority 10 binding-sid mpls 24000 enlp 3 "
        "segment-list weight 5 segment type-a mpls 16001 segment type-a mpls 16002 s 0 ttl 255 "
        "segment-list weight 6 segment type-a mpls 16003 tc 5",
    "ipv4 sr-policy distinguisher 2 color 4294967295 endpoint 10.0.0.2":
        "preference 100 srv6-binding-sid fc00::1 endpoint-behavior 71 40 24 16 0 "
        "segment-list weight 2 segment type-b srv6 fc00::1 endpoint-behavior 65 32 16 16 0 segment type-b srv6 fc00::2",
    "ipv6 sr-policy distinguisher 0 color 100 endpoint 2001:db8::1": "binding-sid null segment-list weight 1 segment type-b srv6 fc00::3",
}


def gobgp_policies():
    """Both families instead of unicast"""
    text = gobgp_config(asn=GOBGP_AS, address=GOBGP, neighbors={US: AS, FAR: FAR_AS})
    family = "[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\nafi-safi-name = "
    return text.replace('"ipv4-unicast"', '"ipv4-srpolicy"\n' + family + '"ipv6-srpolicy"')


def heard(peer):
    """What was announced, without the attributes that are of the session"""
    found = {}
    for m in peer.messages:
        if m.type != bgp.UPDATE:
            continue
        said = cli("decode", "-m", m.raw.hex())[1].strip()
        route, _, rest = said.removeprefix("announce ").partition(" next-hop ")
        found[route] = rest.partition(" as-path [ %d %d ] " % (GOBGP_AS, AS))[2]
    return found


def test_policies_pass_through_gobgp_unchanged(t):
    addresses(US, GOBGP, FAR)
    peer = t.peer(listen=FAR + ":179", local=FAR, asn=FAR_AS, router_id=FAR, parse=False, eor=False,
                  capabilities=[bgp.cap_mp(f) for f in FAMILIES] + [bgp.cap_as4(FAR_AS)])
    gobgp = t.daemon("gobgp", gobgp_policies())
    statements = "".join("    %s next-hop %s %s;\n" % (route.partition(" ")[2], US, said) for route, said in POLICIES.items())
    t.ambo().run("neighbor %s {\n    router-id %s; local-address %s; local-as %d; peer-as %d;\n"
                 "    family { ipv4 sr-policy; ipv6 sr-policy; }\n    static {\n%s    }\n}\n"
                 % (GOBGP, US, US, AS, GOBGP_AS, statements))
    gobgp.wait_established(US)
    peer.wait_established(30)
    wait_until(lambda: len(heard(peer)) == len(POLICIES), 20, "all have passed")
    equal(heard(peer), POLICIES)


main()
