#!/usr/bin/python3
# ctest: COST 300
"""The same topology with Ambo in the middle and with BIRD or GoBGP: routes that go from peer to peer, compared at every peer,
route by route and attribute by attribute. All around are played, so that both hear the same octets.

BIRD's choices are ours (by default, and with what `decision` has) with `deterministic med on` (RFC 4271 9.1.2.2 c over all routes, not pair by pair) and `igp
metric off` (step e: nobody in Ambo knows an interior cost); its defaults do the rest. Not around the reflector: there
BIRD 2.0.12 with deterministic MED keeps, after changes, a route of LOCAL_PREF 100 while one of 200 stands (RFC 4271
9.1.1; 3 of 600 prefixes); without it all are the same."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import random
from tests.integration.harness import *
from tests.interop.daemons import *

US, MIDDLE = 65000, "192.0.2.1"
PEERS = ["192.0.2.%d" % i for i in range(11, 16)]
OUTSIDE = [64601, 64602, 64603, 64604, 64605]
FAR = [70001, 70002, 70003, 64602, 4200000001]

# a topology: for each peer its AS, BIRD's words and ours
ROUTER = [(asn, "", "propagate router; import accept; export accept;") for asn in OUTSIDE]
SERVER = [(asn, "rs client;", "propagate route-server-client; import accept; export accept;") for asn in OUTSIDE]
REFLECTOR = [(64601, "", "propagate router; import accept; export accept;"), (US, "rr client;", "propagate reflector-client;"),
             (US, "rr client;", "propagate reflector-client;"), (US, "", "propagate router;"), (US, "", "propagate router;")]
# a confederation 65000 in which we are 65001 (RFC 5065)
INSIDE = "confederation { identifier %d; members [ 65002 65003 ]; } propagate router; " % US
MEMBERS = 65002, 65003
CONFEDERATION = [(64601, "", INSIDE + "import accept; export accept;"), (64602, "", INSIDE + "import accept; export accept;"),
                 (65002, "confederation member on;", INSIDE), (65003, "confederation member on;", INSIDE), (65001, "", INSIDE)]


def own(topology):
    """our AS"""
    return 65001 if topology is CONFEDERATION else US


def bird(t, topology, options=""):
    deterministic = "off" if topology in (REFLECTOR, CONFEDERATION) else "on"
    text = "log stderr all;\nrouter id %s;\nprotocol device {}\n" % MIDDLE
    for i, (asn, words, _) in enumerate(topology):
        text += ("protocol bgp p%d { local %s as %d; neighbor %s as %d; strict bind; multihop; connect delay time 0;\n"
                 "connect retry time 1; error wait time 1, 3; deterministic med %s; igp metric off; %s %s\n"
                 "ipv4 { import all; export all; }; }\n" % (i, MIDDLE, own(topology), PEERS[i], asn, deterministic, words, options))
    return t.daemon("bird", text)


def gobgp(t, topology, options=""):
    """options: of route selection, by name"""
    text = gobgp_config(asn=own(topology), address=MIDDLE, neighbors={PEERS[i]: asn for i, (asn, _, _) in enumerate(topology)})
    return t.daemon("gobgp", text + "[global.route-selection-options.config]\nexternal-compare-router-id = true\n" + options)


def ambo(t, topology, options=""):
    return t.ambo().run(options + "".join(
        "neighbor %s {\n\trouter-id %s;\n\tlocal-address %s;\n\tlocal-as %d;\n\tpeer-as %d;\n\thold-time 90;\n"
        "\tfamily { ipv4 unicast; }\n\t%s\n}\n" % (PEERS[i], MIDDLE, MIDDLE, own(topology), asn, words)
        for i, (asn, _, words) in enumerate(topology)), wait=False)


class Crowd:
    """The peers, and what each says: {prefix: index of its attributes}"""

    def __init__(self, t, topology, pool, chance, plain):
        self.far, self.plain = [a for a in FAR if not plain or a not in OUTSIDE], plain
        self.chance, self.us, self.confederation = chance, own(topology), topology is CONFEDERATION
        self.peers = [t.peer(listen=PEERS[i] + ":179", asn=asn, router_id=PEERS[i]) for i, (asn, _, _) in enumerate(topology)]
        self.pool = [[self.attributes(asn) for _ in range(pool)] for asn, _, _ in topology]

    def attributes(self, asn):
        r = self.chance
        path = ([] if asn == self.us else [(3, [asn, *r.sample((65002, 65003, 65001, 65009), r.choice((0, 0, 0, 1)))])]
                if asn in MEMBERS else [asn])
        if self.confederation and asn == self.us and r.random() < 0.5:
            path = [(r.choice((3, 3, 4)), [r.choice(MEMBERS)])]
        path += [r.choice(self.far) for _ in range(r.choice((0, 1, 1, 2, 3)))]
        a = dict(as_path=path, origin=r.choice(("igp", "igp", "egp", "incomplete")))
        if r.random() < 0.5:
            a["med"] = r.choice((0, 10, 20))
        if asn == self.us or asn in MEMBERS:
            a["local_pref"] = r.choice((100, 100, 200))
        if r.random() < 0.4:
            known = ["65000:1", "65000:2", "65535:65281", "65535:65282", "64999:7"] + ["65535:65283"] * self.confederation
            known = known[:2] + known[4:] if self.plain else known
            a["communities"] = r.sample(known, r.choice((1, 2)))
        if r.random() < 0.2:
            a["large"] = ["65000:1:%d" % r.choice((1, 2))]
        return a

    def say(self, i, changes):
        """changes: {prefix: index, or None for a withdraw}"""
        peer, by = self.peers[i], {}
        for prefix, n in changes.items():
            by.setdefault(n, []).append(prefix)
        for n, prefixes in sorted(by.items(), key=lambda x: -1 if x[0] is None else x[0]):
            if n is None:
                peer.withdraw(prefixes)
            else:
                peer.announce(prefixes, next_hop=PEERS[i], **self.pool[i][n])

    def settle(self, quiet):
        """→ the tables, once nobody has been told anything for a while"""
        last, looks = None, 0  # they are counted: while the machine stands still nobody says anything
        while looks * 0.05 < quiet:
            now = sum(p.count["update"] if "update" in p.count else p.announced + p.withdrawn for p in self.peers)
            looks = looks + 1 if now == last else 0
            last = now
            time.sleep(0.05)
        return [routes_of(p) for p in self.peers]


def script(topology, prefixes, pool, rounds, seed):
    """What is said in each round: [{peer: {prefix: index or None}}]"""
    r = random.Random(seed)
    said = [{} for _ in topology]
    out = []
    for k in range(rounds):
        turn = {}
        for i in range(len(topology)):
            changes = {}
            for p in prefixes:
                if k == 0 and r.random() < 0.6 or k > 0 and r.random() < 0.1:
                    changes[p] = None if p in said[i] and r.random() < 0.4 else r.randrange(pool)
            said[i] = {p: n for p, n in {**said[i], **changes}.items() if n is not None}
            turn[i] = changes
        out.append(turn)
    return out


def played(t, middle, topology, rounds, pool, seed, options="", plain=False):
    """→ the tables of all peers after each round"""
    crowd = Crowd(t, topology, pool, random.Random(seed), plain)
    daemon = middle(t, topology, options)
    for p in crowd.peers:
        p.wait_established(40)
    tables = []
    for turn in rounds:
        for i, changes in turn.items():
            crowd.say(i, changes)
        tables.append(crowd.settle(6 if middle is gobgp else 1.5))
    for p in crowd.peers:
        p.stop()
    (daemon.process.stop if middle is ambo else daemon.close)()
    return tables


def both(t, topology, prefixes, pool=40, rounds=3, seed=1, options=("", ""), other=bird, plain=False):
    """options: the other one's (BIRD's of each session), and our `decision`. plain: no well-known communities, and no
    peer's AS in what others say: who is told is not asked then, but what is chosen"""
    addresses(MIDDLE, *PEERS)
    plan = script(topology, prefixes, pool, rounds, seed)
    theirs = played(t, other, topology, plan, pool, seed, options[0], plain)
    ours = played(t, ambo, topology, plan, pool, seed, options[1], plain)
    count = 0
    for k in range(rounds):
        for i, peer in enumerate(PEERS):
            wrong = compare(ours[k][i], theirs[k][i], SHARED)
            check(not wrong, "round %d, peer %s: ours against that of %s:\n%s" % (k, peer, other.__name__, "\n".join(wrong)))
            count += len(theirs[k][i])
    print("    %d routes are the same" % count)
    check(count > len(prefixes), "something was told")


SHARED = [a for a in ATTRIBUTES if a not in ("aggregator", "atomic")]


def test_five_peers_of_other_ases(t):
    both(t, ROUTER, bgp.prefixes(600))


def test_two_clients_of_a_reflector_two_others_and_one_from_outside(t):
    both(t, REFLECTOR, bgp.prefixes(600), seed=2)


def test_five_clients_of_a_route_server(t):
    both(t, SERVER, bgp.prefixes(600), seed=3)


def test_ten_thousand_choices(t):
    both(t, ROUTER, bgp.prefixes(10000), pool=60, rounds=1, seed=4)


def test_med_among_all_of_them(t):
    both(t, ROUTER, bgp.prefixes(600), seed=5, options=("med metric on;", "decision { med-compare always; }\n"))


def test_a_missing_med_is_the_worst(t):
    both(t, ROUTER, bgp.prefixes(600), seed=6, options=("med metric on; default bgp_med 4294967295;",
                                                        "decision { med-compare always; missing-med worst; }\n"))


def test_whatever_the_length_of_the_path(t):
    both(t, ROUTER, bgp.prefixes(600), seed=7, options=("path metric off;", "decision { as-path-length ignore; }\n"))


def test_a_confederation(t):
    both(t, CONFEDERATION, bgp.prefixes(600), seed=8, options=("confederation %d; med metric on;" % US,
                                                               "decision { med-compare always; }\n"))


def test_ten_thousand_choices_beside_gobgp(t):
    both(t, ROUTER, bgp.prefixes(10000), pool=60, rounds=1, seed=9, other=gobgp, plain=True)


def test_med_among_all_of_them_beside_gobgp(t):
    both(t, ROUTER, bgp.prefixes(600), rounds=2, seed=10, other=gobgp, plain=True,
         options=("always-compare-med = true\n", "decision { med-compare always; }\n"))


def test_whatever_the_length_of_the_path_beside_gobgp(t):
    both(t, ROUTER, bgp.prefixes(600), rounds=2, seed=11, other=gobgp, plain=True,
         options=("ignore-as-path-length = true\n", "decision { as-path-length ignore; }\n"))


def test_where_it_differs(t):
    """Three routes of which two are of one neighboring AS: A is better than B by its router id, B is better than C by its, C
    is better than A by MED. RFC 4271 9.1.2.2 c removes A while all three are there, and B is better than what is left.
    BIRD with `deterministic med` says so too; GoBGP 3.10 compares each new route with those it has, one after the
    other, so what it chooses depends on the order in which they come."""
    addresses(MIDDLE, *PEERS)
    topology = [(asn, words, ours) for (_, words, ours), asn in zip(ROUTER[:4], (64601, 64602, 64601, 64605))]
    said = {0: dict(as_path=[64601, 7], med=10), 1: dict(as_path=[64602, 7]), 2: dict(as_path=[64601, 7], med=0)}
    chosen = {}
    for middle in bird, gobgp, ambo:
        peers = [t.peer(listen=PEERS[i] + ":179", asn=asn, router_id=PEERS[i]) for i, (asn, _, _) in enumerate(topology)]
        daemon = middle(t, topology)
        for p in peers:
            p.wait_established(40)
        for order in (0, 1, 2), (2, 1, 0), (1, 2, 0):
            for i in order:
                peers[i].announce(["10.1.0.0/16"], next_hop=PEERS[i], **said[i])
                time.sleep(1)
            peers[3].wait_routes(1, 20)
            peers[3].wait_quiet(1)
            chosen.setdefault(middle.__name__, []).append(routes_of(peers[3])[0]["as_path"][1])
            if middle is ambo:
                rows = {r["neighbor"]: r["why"] for r in daemon.client().show("show rib 10.1.0.0/16")}
                equal(rows, {PEERS[0]: "med", PEERS[1]: "router id", PEERS[2]: "router id"})
            for i in order:
                peers[i].withdraw(["10.1.0.0/16"])
            peers[3].wait_routes(0, 20)
        for p in peers:
            p.stop()
        (daemon.process.stop if middle is ambo else daemon.close)()
    print("    chosen, by order of arrival:", chosen)
    equal((chosen["ambo"], chosen["bird"]), ([64602] * 3, [64602] * 3))
    check(64601 in chosen["gobgp"], "GoBGP's is another: %s" % chosen["gobgp"])


main()
