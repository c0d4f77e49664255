#!/usr/bin/python3
"""Routes from peer to peer: who is told what one says, and what it comes to on the way (RFC 4271, 4456, 7947,
8212). All peers are played; our AS is 65001."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *
from tests.integration.town import *


def test_between_ases_the_path_grows_and_what_is_inside_stays_inside(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN, OUT3="")
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path="65002 65100", med=7,
                              communities=["65002:1"])
    a = town.told(OUT2, "10.1.0.0/16")
    equal(a["as_path"], [65001, 65002, 65100])
    equal(a["next_hop"], LOCAL)
    equal(a.get("med"), None)
    equal(a.get("local_pref"), None)
    equal(a["communities"], ["65002:1"])
    town.quiet()
    equal(town.table(OUT1), {}, "a route does not go back")
    equal(town.table(OUT3), {}, "one who takes no part is told nothing")
    town.peers[OUT1].withdraw(["10.1.0.0/16"])
    town.gone(OUT2, "10.1.0.0/16")


def test_nothing_goes_between_ases_that_nobody_let_through(t):
    town = Town(t, OUT1="propagate router; export accept", OUT2=OPEN, OUT3="propagate router; import accept")
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path="65002")
    town.peers[OUT2].announce(["10.2.0.0/16"], next_hop=address(OUT2), as_path="65003")
    town.told(OUT1, "10.2.0.0/16")
    town.quiet()
    equal(town.table(OUT2), {})
    equal(town.table(OUT3), {})


def test_inside_an_as_only_a_reflector_passes_on(t):
    town = Town(t, OUT1=OPEN, IN1="propagate router", IN2="propagate router", IN3="propagate reflector-client")
    town.peers[IN1].announce(["10.1.0.0/16"], next_hop="192.0.2.1", as_path="", local_pref=200)
    a = town.told(IN3, "10.1.0.0/16")
    equal((a["next_hop"], a["local_pref"], a["originator_id"], a["cluster_list"]),
          ("192.0.2.1", 200, "10.9.0.%d" % IN1, ["10.0.0.1"]))
    a = town.told(OUT1, "10.1.0.0/16")
    equal((a["next_hop"], a["as_path"], a.get("local_pref"), a.get("originator_id")), (LOCAL, [65001], None, None))
    town.quiet()
    equal(town.table(IN2), {}, "of one that is no client to one that is none")
    town.peers[IN3].announce(["10.3.0.0/16"], next_hop="192.0.2.3", as_path="", local_pref=100)
    for i in IN1, IN2:
        equal(town.told(i, "10.3.0.0/16")["cluster_list"], ["10.0.0.1"])
    town.peers[OUT1].announce(["10.4.0.0/16"], next_hop=address(OUT1), as_path="65002", med=5)
    for i in IN1, IN2, IN3:
        a = town.told(i, "10.4.0.0/16")
        equal((a["as_path"], a["local_pref"], a["med"], a["next_hop"], a.get("originator_id")),
              ([65002], 100, 5, address(OUT1), None))


def test_a_route_server_says_what_it_was_told(t):
    server = "propagate route-server-client; import accept; export accept"
    town = Town(t, OUT1=server, OUT2=server)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path="65002 65100", med=7)
    a = town.told(OUT2, "10.1.0.0/16")
    equal((a["as_path"], a["next_hop"], a["med"]), ([65002, 65100], address(OUT1), 7))


def test_the_best_goes_and_the_next_when_it_does(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN, OUT3=OPEN)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path="65002 65100")
    equal(town.told(OUT2, "10.1.0.0/16")["as_path"], [65001, 65002, 65100])
    town.peers[OUT2].announce(["10.1.0.0/16"], next_hop=address(OUT2), as_path="65003")
    wait_until(lambda: town.table(OUT3).get("10.1.0.0/16", {}).get("as_path") == [65001, 65003], 10, "the shorter path")
    equal(town.told(OUT1, "10.1.0.0/16")["as_path"], [65001, 65003])
    town.gone(OUT2, "10.1.0.0/16")
    town.peers[OUT2].stop()
    wait_until(lambda: town.table(OUT3).get("10.1.0.0/16", {}).get("as_path") == [65001, 65002, 65100], 10, "the other one")
    town.gone(OUT1, "10.1.0.0/16")


def test_a_stale_route_is_the_last_resort(t):
    """LLGR_STALE, 65535:6 (RFC 9494 section 4.3)"""
    town = Town(t, OUT1=OPEN, OUT2=OPEN, OUT3=OPEN)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002], communities=["65535:6"])
    equal(town.told(OUT3, "10.1.0.0/16")["as_path"], [65001, 65002])
    town.peers[OUT2].announce(["10.1.0.0/16"], next_hop=address(OUT2), as_path=[65003, 65100, 65101])
    wait_until(lambda: town.table(OUT3)["10.1.0.0/16"]["as_path"] == [65001, 65003, 65100, 65101], 10, "the fresh one")


def test_loops_and_well_known_communities(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN, IN1="propagate router")
    say = town.peers[OUT1].announce
    say(["10.1.0.0/16"], next_hop=address(OUT1), as_path="65002 65001")
    say(["10.2.0.0/16"], next_hop=address(OUT1), as_path="65002", communities=["65535:65282"])
    say(["10.3.0.0/16"], next_hop=address(OUT1), as_path="65002", communities=["65535:65281"])
    say(["10.4.0.0/16"], next_hop=address(OUT1), as_path="65002")
    town.told(IN1, "10.4.0.0/16")
    town.told(OUT2, "10.4.0.0/16")
    equal(sorted(town.table(IN1)), ["10.3.0.0/16", "10.4.0.0/16"])
    equal(sorted(town.table(OUT2)), ["10.4.0.0/16"])


def test_a_clients_route_goes_before_a_peers(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path="65002")
    town.told(OUT2, "10.1.0.0/16")
    town.client.command("neighbor %s announce route 10.1.0.0/16 next-hop 192.0.2.9 med 9" % address(OUT2))
    wait_until(lambda: town.table(OUT2)["10.1.0.0/16"].get("med") == 9, 10, "the client's")
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path="65002 65100")
    town.quiet()
    equal(town.table(OUT2)["10.1.0.0/16"]["med"], 9)
    town.client.command("neighbor %s withdraw route 10.1.0.0/16" % address(OUT2))
    wait_until(lambda: town.table(OUT2).get("10.1.0.0/16", {}).get("as_path") == [65001, 65002, 65100], 10, "the peer's again")


def test_explain_says_who_was_chosen_and_who_is_not_told(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN, OUT3="propagate router; import accept", IN1="")
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002, 65100])
    town.peers[OUT2].announce(["10.1.0.0/16"], next_hop=address(OUT2), as_path=[65003])
    town.peers[OUT3].announce(["10.1.0.0/16"], next_hop=address(OUT3), as_path=[65004, US])
    town.told(OUT1, "10.1.0.0/16")
    wait_until(lambda: len(town.client.show("explain route 10.1.0.0/16")) == 7, 10, "three routes, four neighbors")
    rows = town.client.show("explain route 10.1.0.0/16")
    said = {r["from"].split()[1]: (r["best"], r.get("why")) for r in rows if "from" in r}
    equal(said, {address(OUT1): (False, "as path length"), address(OUT2): (True, None),
                 address(OUT3): (False, "our AS is in its path")})
    told = {r["to"].split()[1]: (r["told"], r.get("by") or r.get("why")) for r in rows if "to" in r}
    equal(told, {address(OUT1): (True, "the rib"), address(OUT2): (False, "the best route is its own"),
                 address(OUT3): (False, "no export policy (RFC 8212): say export accept, or the name of one"),
                 address(IN1): (False, "no client says it, and what peers say does not go to it: its section says no propagate "
                                       "(\"propagate router;\")")})
    town.peers[IN1].announce(["10.9.0.0/16"], next_hop=address(IN1), as_path=[])
    wait_until(lambda: town.client.show("show routes received 10.9.0.0/16"), 10, "it came")
    equal([r["why"] for r in town.client.show("explain route 10.9.0.0/16 to " + address(OUT1))],
          ["nobody says it whose routes go to others: a peer's do where its section says propagate (\"propagate router;\")"])
    town.client.command("neighbor %s announce route 10.1.0.0/16 next-hop self" % address(IN1))
    rows = town.client.show("explain route 10.1.0.0/16 to " + address(IN1))
    equal([(r["told"], r["by"][:6]) for r in rows if "to" in r], [(True, "client")])
    text = town.client.command("explain route 10.1.0.0/16").text
    check("* from neighbor %s: best" % address(OUT2) in text, text)


POLICIES = """
policy in {
	rule ours {
		match {
			prefix [ 10.99.0.0/16 longer ];
		}
		then {
			reject;
		}
	}
	rule liked {
		match {
			as-path [ 65002 * ];
			community 65002:*;
		}
		then {
			weight 10;
			community remove 65002:*;
			accept;
		}
	}
}
policy out {
	rule small {
		match {
			prefix 0.0.0.0/0 ge 25;
		}
		then {
			reject;
		}
	}
	rule marked {
		then {
			med 77;
			prepend 65001 2;
			next-hop unchanged;
			community add 65001:1;
		}
	}
}
"""


def test_policies_decide_what_travels_and_what_it_becomes(t):
    words = "propagate router; import [ in accept ]; export [ out accept ]"
    town = Town(t, POLICIES, OUT1=words, OUT2=words, OUT3=words)
    town.peers[OUT1].announce(["10.1.0.0/16", "10.99.1.0/24", "10.1.1.128/25"], next_hop=address(OUT1),
                              as_path=[65002, 65100, 65101], communities=["65002:5", "7:7"])
    town.peers[OUT2].announce(["10.1.0.0/16", "10.2.0.0/16"], next_hop=address(OUT2), as_path=[65003])
    a = town.told(OUT3, "10.1.0.0/16")
    wait_until(lambda: town.table(OUT3)["10.1.0.0/16"]["as_path"][-1] == 65101, 10, "the heavier")
    a = town.table(OUT3)["10.1.0.0/16"]
    equal((a["as_path"], a["med"], a["next_hop"], sorted(a["communities"])),
          ([65001, 65001, 65001, 65002, 65100, 65101], 77, address(OUT1), ["65001:1", "7:7"]))
    town.told(OUT3, "10.2.0.0/16")
    town.quiet()
    equal(sorted(town.table(OUT3)), ["10.1.0.0/16", "10.2.0.0/16"])

    def why(prefix, key):
        return [r.get("why") for r in town.client.show("explain route %s to %s" % (prefix, address(OUT3))) if key in r]
    equal(why("10.99.1.0/24", "from"), ["policy in rule ours (line 3)"])
    equal(why("10.1.1.128/25", "to"), ["policy out rule small (line 24)"])
    equal(why("10.1.0.0/16", "from"), [None, "weight"])
    # other rules, the same sessions: only what differs is said
    before = time.monotonic()
    town.ambo.write_config(POLICIES.replace("ge 25", "ge 26") + "".join(Town.section(i, words) for i in (OUT1, OUT2, OUT3)))
    equal(town.client.command("reload").status, "accepted")
    town.told(OUT3, "10.1.1.128/25")
    equal([len(m.update["announced"]) for m in town.peers[OUT3].updates(before)], [1])
    check(all(p.established for p in town.peers.values()), "no session went")


def test_a_reload_makes_one_take_part_or_no_more(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN, OUT3="")
    town.peers[OUT1].announce(["10.1.0.0/16", "10.2.0.0/16"], next_hop=address(OUT1), as_path="65002")
    town.told(OUT2, "10.2.0.0/16")

    def reload(**words):
        town.ambo.write_config("".join(Town.section(globals()[name], extra) for name, extra in words.items()))
        equal(town.client.command("reload").status, "accepted")
    reload(OUT1=OPEN, OUT2=OPEN, OUT3=OPEN)
    town.told(OUT3, "10.1.0.0/16")
    town.told(OUT3, "10.2.0.0/16")
    reload(OUT1=OPEN, OUT2="propagate router; import accept; export reject", OUT3=OPEN)
    town.gone(OUT2, "10.1.0.0/16")
    town.gone(OUT2, "10.2.0.0/16")
    reload(OUT1="", OUT2="", OUT3=OPEN)
    town.gone(OUT3, "10.1.0.0/16")
    town.gone(OUT3, "10.2.0.0/16")
    check(all(p.established for p in town.peers.values()), "no session went")


def test_a_controller_that_is_killed_takes_no_route_along(t):
    """kill -9; the new one reads what its peers said and were told: not one UPDATE is sent again."""
    town = Town(t, OUT1=OPEN, OUT2=OPEN, IN1="propagate router")
    routes = bgp.prefixes(5000)
    town.peers[OUT1].announce(routes, next_hop=address(OUT1), as_path=[65002])
    for i in OUT2, IN1:
        wait_until(lambda: len(town.table(i)) == 5000, 30, "all at %s" % address(i))
    before = time.monotonic()
    pid = town.ambo.half("ambo-controller")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: town.ambo.half("ambo-controller") != pid, 10, "started again")
    town.ambo.wait_ready()
    client = town.ambo.client()
    wait_up(client, *map(address, town.peers))
    client.command("neighbor %s announce route 203.0.113.0/24 next-hop self" % address(OUT2))
    town.told(OUT2, "203.0.113.0/24")
    time.sleep(1)
    equal([len(town.peers[i].updates(before)) for i in (OUT1, OUT2, IN1)], [0, 1, 0])
    town.peers[OUT1].withdraw(routes[:1])
    for i in OUT2, IN1:
        town.gone(i, routes[0])


def test_what_went_from_peer_to_peer_goes_where_a_new_controller_lets_nothing(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002])
    town.told(OUT2, "10.1.0.0/16")
    town.ambo.write_config(Town.section(OUT1, "") + Town.section(OUT2, ""))
    os.kill(town.ambo.half("ambo-controller"), signal.SIGKILL)
    town.gone(OUT2, "10.1.0.0/16", 20)
    check(all(p.established for p in town.peers.values()), "no session went")


def test_several_paths_to_who_takes_them(t):
    """ADD-PATH (RFC 7911): one takes all, one the best two, one has not agreed."""
    def section(i, paths, take=True):
        return Town.section(i, OPEN + ("; propagate-paths %s" % paths if paths else "")).replace(
            "family {", "capability { add-path send; }\n\tfamily {" if paths else "family {")
    OTHERS = 8, 9, 10
    AS.update({8: 65008, 9: 65009, 10: 65010})
    sources = {i: t.peer(listen=address(i) + ":179", asn=AS[i], router_id="10.9.0.%d" % i) for i in (OUT1, OUT2, OUT3)}
    every, two, plain = (t.peer(listen=address(i) + ":179", asn=AS[i], router_id="10.9.0.%d" % i,
                                add_path={"ipv4": 3} if i != 10 else None) for i in OTHERS)
    ambo = t.ambo().run("".join(Town.section(i, OPEN) for i in sources) + section(8, "all") + section(9, "2") + section(10, "all"))
    client = ambo.client()
    wait_up(client, *map(address, (*sources, *OTHERS)))

    def at(peer, prefix="10.1.0.0/16"):
        with peer.lock:
            return sorted(tuple(a["as_path"][1:]) for k, a in peer.table.items() if k[1] == prefix)
    paths = {OUT1: (65002, 65100, 65101), OUT2: (65003, 65100), OUT3: (65004,)}
    for i, path in paths.items():
        sources[i].announce(["10.1.0.0/16"], next_hop=address(i), as_path=list(path))
    wait_until(lambda: at(every) == sorted(paths.values()), 10, "all three: %r" % at(every))
    wait_until(lambda: at(two) == [paths[OUT2], paths[OUT3]], 10, "the best two: %r" % at(two))
    wait_until(lambda: at(plain) == [paths[OUT3]], 10, "the best: %r" % at(plain))
    sources[OUT3].withdraw(["10.1.0.0/16"])
    wait_until(lambda: (at(every), at(two), at(plain)) == ([paths[OUT1], paths[OUT2]], [paths[OUT1], paths[OUT2]],
                                                           [paths[OUT2]]), 10, "without the best")
    sources[OUT3].announce(["10.1.0.0/16"], next_hop=address(OUT3), as_path=[65004, 7, 7, 7, 7])
    wait_until(lambda: (len(at(every)), at(two)) == (3, [paths[OUT1], paths[OUT2]]), 10, "as the worst")
    sources[OUT1].stop()
    wait_until(lambda: (len(at(every)), len(at(two)), at(plain)) == (2, 2, [paths[OUT2]]), 10, "a source goes")
    for i in OUT2, OUT3:
        sources[i].withdraw(["10.1.0.0/16"])
    wait_until(lambda: (at(every), at(two), at(plain)) == ([], [], []), 10, "none is left")


main()
