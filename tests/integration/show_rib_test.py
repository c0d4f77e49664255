#!/usr/bin/python3
"""`show rib`: what was said, what import made of it, which is the best and by what, and who was told; or how many."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import json
from tests.integration.town import *

POLICY = """
policy in {
	rule hidden { match { prefix 10.66.0.0/16 longer; } then { reject; } }
	rule rest { then { local-preference 150; weight 7; accept; } }
}
"""


def four(t):
    """Three that take part, one that does not; three prefixes, of which one is refused."""
    words = "propagate router; import in; export accept"
    town = Town(t, POLICY, OUT1=words, OUT2=words.replace(" in;", " accept;"), OUT3="propagate router; import accept; export reject", IN1="")
    town.peers[OUT1].announce(["10.1.0.0/16", "10.66.1.0/24"], next_hop=address(OUT1), as_path=[65002, 65100], med=5)
    town.peers[OUT2].announce(["10.1.0.0/16", "10.2.0.0/16"], next_hop=address(OUT2), as_path=[65003])
    town.peers[OUT3].announce(["10.2.0.0/16"], next_hop=address(OUT3), as_path=[65004, US])
    town.told(OUT1, "10.2.0.0/16")
    wait_until(lambda: len(town.client.show("show rib")) == 5, 10, "all five")
    wait_until(lambda: town.table(OUT2).get("10.1.0.0/16", {}).get("as_path") == [US, 65002, 65100], 10, "the heavier")
    return town


def short(rows):
    return sorted((r["nlri"], r["neighbor"], r["accepted"], r["best"], r["why"]) for r in rows)


ROWS = [("10.1.0.0/16", address(OUT1), True, True, "weight"),
        ("10.1.0.0/16", address(OUT2), True, False, "weight"),
        ("10.2.0.0/16", address(OUT2), True, True, "it is the only one"),
        ("10.2.0.0/16", address(OUT3), False, False, "our AS is in its path"),
        ("10.66.1.0/24", address(OUT1), False, False, "policy in rule hidden (line 3)")]


def test_every_route_with_its_fate(t):
    town = four(t)
    show = town.client.show
    rows = show("show rib")
    equal(short(rows), ROWS)
    equal(short(show("show rib ipv4 unicast 10.1.0.0/16")), ROWS[:2])
    equal(short(show("show rib 10.0.0.0/14 longer")), ROWS[:4])
    equal(short(show("show rib 10.0.0.0/14")), [])
    equal(short(show("show rib ipv6 unicast")), [])
    equal(short(show("show rib neighbor " + address(OUT2))), ROWS[1:3])
    equal(short(show("show rib accepted")), ROWS[:3])
    equal(short(show("show rib best")), [ROWS[0], ROWS[2]])
    equal(len(show("show rib received")), 5)
    # as it was said, and as import made it
    for words, expected in (("received", (None, 7)), ("accepted", (150, 7)), ("", (150, 7))):
        row, = [r for r in show("show rib %s 10.1.0.0/16 %s" % (words, address(OUT1)))]
        equal((row["attribute"].get("local-preference"), row["weight"]), expected, words)
        equal((row["attribute"]["med"], row["next-hop"], row["family"]), (5, address(OUT1), "ipv4 unicast"))


def test_what_the_rib_tells_and_to_whom(t):
    town = four(t)
    show = town.client.show
    rows = sorted((r["nlri"], r["neighbor"], r["to"], r["attribute"]["as-path"]["0"]["value"]) for r in show("show rib advertised"))
    equal(rows, [("10.1.0.0/16", address(OUT1), [address(OUT2)], [US, 65002, 65100]),
                 ("10.2.0.0/16", address(OUT2), [address(OUT1)], [US, 65003])])
    equal([(r["nlri"], r["to"]) for r in show("show rib advertised neighbor " + address(OUT1))], [("10.2.0.0/16", [address(OUT1)])])
    equal(show("show rib advertised neighbor " + address(OUT3)), [])
    # what a client says is not the RIB's
    town.client.command("announce route 10.9.0.0/16 next-hop self")
    equal(show("show rib advertised 10.9.0.0/16"), [])


def test_how_many_there_are(t):
    town = four(t)
    rows = {r["neighbor"]: [r.get(k) for k in ("received", "accepted", "best", "advertised")] for r in town.client.show("show rib count")}
    equal(rows, {"*": [5, 3, 2, 2], address(OUT1): [2, 1, 1, 1], address(OUT2): [2, 2, 1, 1], address(OUT3): [1, 0, 0, 0]})
    rows = town.client.show("show rib best count neighbor " + address(OUT1))
    equal([(r["neighbor"], r["best"], "received" in r) for r in rows], [("*", 1, False), (address(OUT1), 1, False)])
    equal(town.client.show("show rib count 10.3.0.0/16"), [])


def test_it_is_a_table_to_read(t):
    town = four(t)
    text = town.client.command("show rib").text
    lines = text.splitlines()
    equal(lines[0], "ipv4 unicast")
    check(lines[1].split()[:4] == ["PREFIX", "NEXT", "HOP", "FROM"], lines[1])
    best = [l for l in lines if l.startswith("* 10.1.0.0/16")]
    equal([l.split() for l in best], [["*", "10.1.0.0/16", address(OUT1), address(OUT1), "150", "5", "7", "65002", "65100", "i",
                                       "#", "best:", "weight"]])
    check("- 10.66.1.0/24" in text, text)
    lines = town.client.command("show rib advertised").text.splitlines()
    check(any(l.endswith("65001 65003 i  # to " + address(OUT1)) for l in lines), lines)
    lines = [l.split() for l in town.client.command("show rib count").text.splitlines()]
    equal(lines[:3], [["ipv4", "unicast"], ["NEIGHBOR", "received", "accepted", "best", "advertised"], ["*", "5", "3", "2", "2"]])
    status, out, err = cli("show", "rib", "best", "-j", api=town.ambo.api)
    equal((status, err), (0, ""))
    equal(short(json.loads(out)), [ROWS[0], ROWS[2]])
    wrong = town.client.command("show rib accepte").text
    check("expected received, accepted" in wrong, wrong)


def test_a_long_table_comes_whole_while_it_changes(t):
    town = Town(t, OUT1=OPEN, OUT2=OPEN)
    routes = bgp.prefixes(20000)
    town.peers[OUT1].announce(routes, next_hop=address(OUT1), as_path=[65002])
    wait_until(lambda: len(town.table(OUT2)) == len(routes), 30, "all at the other")
    number = town.client.send("command", {"text": "show rib", "format": "json"})
    town.peers[OUT1].withdraw(routes[:1000])
    town.peers[OUT2].announce(routes[-1000:], next_hop=address(OUT2), as_path=[65003])
    answer = town.client.whole(number)
    check(len(answer.data) > 18000, "pieces came", len(answer.data))
    wait_until(lambda: town.client.show("show rib count")[0]["received"] == 20000, 10, "19,000 and 1,000")
    rows = town.client.show("show rib best")
    equal(len(rows), 19000)
    equal({r["nlri"] for r in rows}, set(routes[1000:]))
    equal(len(town.client.show("show rib advertised")), 19000, "the best of each")


def test_without_routes_from_peer_to_peer_it_is_empty(t):
    town = Town(t, OUT1="")
    equal(town.client.show("show rib"), [])
    check(town.client.command("show rib count").text.startswith("no neighbor says propagate"), "it says why")


main()
