#!/usr/bin/python3
"""BIRD, FRR, GoBGP and OpenBGPD around Ambo, and the same four around BIRD: each has routes of its own, and what each
has from the middle is compared route by route and attribute by attribute, as its own command line shows it."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *

MIDDLE, AS, N = "192.0.2.1", 65000, 50
KINDS = ("bird", "frr", "gobgp", "openbgpd")
ADDRESS = {k: "192.0.2.%d" % (11 + i) for i, k in enumerate(KINDS)}
OUTSIDE = {k: 64601 + i for i, k in enumerate(KINDS)}
INSIDE = dict.fromkeys(KINDS, AS)
# what the middle is to all of them: BIRD's words and ours
ROLES = {"router": ("", "propagate router; import accept; export accept;"),
         "server": ("rs client;", "propagate route-server-client; import accept; export accept;"),
         "reflector": ("rr client;", "propagate reflector-client;")}


def prefixes(kind):
    return bgp.prefixes(N, "10.%d.0.0" % (100 + KINDS.index(kind)))


def around(t, kind, asn):
    how = dict(asn=asn, address=ADDRESS[kind], neighbors={MIDDLE: AS})
    if kind == "bird":
        return t.daemon(kind, bird_config(routes="\n".join("route %s blackhole;" % p for p in prefixes(kind)), **how))
    if kind == "gobgp":
        daemon = t.daemon(kind, gobgp_config(**how))
        for p in prefixes(kind):
            daemon.add(p, next_hop=ADDRESS[kind])
        return daemon
    if kind == "frr":
        return t.daemon(kind, frr_config(networks=prefixes(kind), options=["advertisement-interval 0"], **how))
    return t.daemon(kind, openbgpd_config(networks=prefixes(kind), options=["enforce neighbor-as no"], **how))


def bird_between(t, asns, words):
    text = "log stderr all;\nrouter id %s;\nprotocol device {}\n" % MIDDLE
    for i, k in enumerate(KINDS):
        text += ("protocol bgp p%d { local %s as %d; neighbor %s as %d; strict bind; multihop; connect delay time 0;\n"
                 "connect retry time 1; error wait time 1, 3; igp metric off; %s\nipv4 { import all; export all; }; }\n"
                 % (i, MIDDLE, AS, ADDRESS[k], asns[k], words))
    return t.daemon("bird", text)


def ambo_between(t, asns, words):
    # behind those ports that others listen on; all of them may connect too
    return t.ambo().run("".join(
        "neighbor %s {\n\trouter-id %s;\n\tlocal-address %s;\n\tlocal-as %d;\n\tpeer-as %d;\n\thold-time 90;\n\tlisten 179;\n"
        "\tfamily { ipv4 unicast; }\n\t%s\n}\n" % (ADDRESS[k], MIDDLE, MIDDLE, AS, asns[k], words) for k in KINDS), wait=False)


def tables(t, middle, asns, words):
    """{kind: its routes from the middle}, when each has all that the others have"""
    between = middle(t, asns, words)
    daemons = {k: around(t, k, asns[k]) for k in KINDS}
    others = {k: {p for o in KINDS if o != k for p in prefixes(o)} for k in KINDS}
    out = {}
    for k, daemon in daemons.items():
        daemon.wait_established(MIDDLE, 40)

        def complete():
            out[k] = [r for r in daemon.routes(MIDDLE) if r["prefix"] in others[k]]
            return len(out[k]) == len(others[k])
        try:
            wait_until(complete, 30, interval=0.2)
        except TimeoutError:
            raise TimeoutError("%s has %d routes of %d" % (k, len(out[k]), len(others[k]))) from None
    for daemon in daemons.values():
        daemon.close()
    (between.process.stop if middle is ambo_between else between.close)()
    return out


def both(t, role, asns):
    addresses(MIDDLE, *ADDRESS.values())
    theirs = tables(t, bird_between, asns, ROLES[role][0])
    ours = tables(t, ambo_between, asns, ROLES[role][1])
    for k in KINDS:
        wrong = compare(ours[k], theirs[k], [a for a in ATTRIBUTES if a not in ("aggregator", "atomic")])
        check(not wrong, "%s: through Ambo against through BIRD:\n%s" % (k, "\n".join(wrong)))
    print("    %d routes are the same" % sum(map(len, ours.values())))


def test_a_router_between_ases(t):
    both(t, "router", OUTSIDE)


def test_a_route_server(t):
    both(t, "server", OUTSIDE)


def test_a_reflector(t):
    both(t, "reflector", INSIDE)


main()
