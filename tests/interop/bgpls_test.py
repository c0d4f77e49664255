#!/usr/bin/python3
"""BGP-LS through GoBGP: what we tell it comes out of its own reading and writing octet for octet the same."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *
from tests.interop.encounter import rows_of, wait_received
import json

TELLS, GOBGP, HEARS = "192.0.2.1", "192.0.2.2", "192.0.2.3"

ROUTES = [
    "node protocol isis-l2 identifier 700 local [ autonomous-system 15924 bgp-ls-identifier 0 router-id 0101.3400.0041 ]",
    "link protocol ospfv2 identifier 0 local [ autonomous-system 1 bgp-ls-identifier 7 ospf-area-id 0.0.0.0 router-id 10.1.1.1 ]"
    " remote [ autonomous-system 1 bgp-ls-identifier 7 ospf-area-id 0.0.0.0 router-id 10.1.4.1:10.1.1.2 ]"
    " interface-address 10.1.1.1 neighbor-address 10.1.1.2",
    "prefix 10.134.2.88/30 protocol isis-l2 identifier 700 local [ autonomous-system 15924 bgp-ls-identifier 0 router-id 0101.3400.0041 ]",
    "prefix 2001:db8:8::/48 protocol isis-l1 identifier 1 local [ autonomous-system 15924 bgp-ls-identifier 0 router-id 0101.3400.0041.03 ]",
]
# a node's name, area and router id; a link's bandwidth and metric; a prefix's flags, its SID. What GoBGP does not know
# it leaves out.
SAID = ["04020006726f7574657204030003490090040400040a860029", "044100044cee6b280447000300000a", "0480000180",
        "04860008c0000000000003e9"]


def neighbor(local, asn, routes=()):
    return """neighbor %s {
    router-id %s;
    local-address %s;
    local-as %d;
    peer-as 65002;
    family { bgp-ls bgp-ls; }
    announce { bgp-ls { %s } }
}
""" % (GOBGP, local, local, asn, " ".join(routes))


def test_what_gobgp_tells_on_is_what_it_was_told(t):
    addresses(TELLS, GOBGP, HEARS)
    config = gobgp_config(asn=65002, address=GOBGP, neighbors={TELLS: 65001, HEARS: 65003})
    gobgp = t.daemon("gobgp", config.replace('"ipv4-unicast"', '"ls"'))
    t.ambo().run(neighbor(TELLS, 65001, ["bgp-ls %s next-hop %s attribute [ 0x1d 0x80 0x%s ];" % (r, TELLS, a)
                                         for r, a in zip(ROUTES, SAID)]))
    hears = t.ambo().run(neighbor(HEARS, 65003))
    gobgp.wait_established(TELLS)
    gobgp.wait_established(HEARS)
    seen = json.loads(gobgp.gobgp("global", "rib", "-a", "ls", "-j"))
    equal(len(seen), len(ROUTES))
    wait_received(hears, GOBGP, len(ROUTES))
    status, out, err = hears.cli("show", "routes", "received", "neighbor", GOBGP)
    check(status == 0, err)
    for r, a in zip(ROUTES, SAID):
        line = [l for l in out.splitlines() if r + " " in l]
        equal(len(line), 1, out)
        check("0x" + a in line[0], line[0])
    status, out, err = hears.cli("-j", "show", "routes", "received", "neighbor", GOBGP)
    rows = {r["ls-nlri-type"]: r for r in rows_of(out)}
    equal(rows["bgpls-node"]["attribute"]["bgp-ls"],
          {"node-name": "router", "area-ids": ["4784272"], "local-router-ids": ["10.134.0.41"]})
    equal(rows["bgpls-link"]["attribute"]["bgp-ls"], {"maximum-link-bandwidth": 125000000.0, "igp-metric": 10})
    equal(rows["bgpls-prefix-v4"]["attribute"]["bgp-ls"], {"igp-flags": {"D": 1, "N": 0, "L": 0, "P": 0, "RSV": 0}})
    equal(rows["bgpls-prefix-v6"]["attribute"]["bgp-ls"]["sids"], [1001])
    equal(rows["bgpls-prefix-v6"]["ip-reach-prefix"], "2001:db8:8::/48")


main()
