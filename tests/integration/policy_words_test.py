#!/usr/bin/python3
"""What policies say of routes beside their attributes: whose they are, what import tagged them with, how old they are; and
how often our own AS may stand in a path."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.town import *


def test_a_tag_goes_from_import_to_export(t):
    policies = """
policy in { rule a { match { community 65002:1; } then { community remove 65002:*; tag 7; accept; } } rule b { then { community set [ ]; accept; } } }
policy out { rule a { match { tag 7; } then { med 77; accept; } } rule b { then { accept; } } }
""".replace(" community set [ ];", " community remove *:*;")
    town = Town(t, policies, OUT1="propagate router; import in; export out", OUT2="propagate router; import accept; export out")
    # what import makes of them is the same but for the tag
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002], communities=["65002:1"])
    town.peers[OUT1].announce(["10.2.0.0/16"], next_hop=address(OUT1), as_path=[65002], communities=["65002:2"])
    town.peers[OUT1].announce(["10.3.0.0/16"], next_hop=address(OUT1), as_path=[65002], communities=["65002:1"])
    town.told(OUT2, "10.3.0.0/16")
    equal({p: a.get("med") for p, a in town.table(OUT2).items()}, {"10.1.0.0/16": 77, "10.2.0.0/16": None, "10.3.0.0/16": 77})


def test_a_group_is_a_template(t):
    policies = """
template { neighbor customers { propagate router; import accept; export out; } }
template { neighbor others { propagate router; import accept; export out; } }
policy out { rule a { match { group customers; } then { accept; } } }
"""
    town = Town(t, policies, OUT1="inherit customers", OUT2="inherit others", OUT3="inherit [ others ]")
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002])
    town.peers[OUT2].announce(["10.2.0.0/16"], next_hop=address(OUT2), as_path=[65003])
    town.told(OUT3, "10.1.0.0/16")
    town.told(OUT2, "10.1.0.0/16")
    town.quiet()
    equal((sorted(town.table(OUT3)), sorted(town.table(OUT1))), (["10.1.0.0/16"], []))


def test_a_route_comes_of_age(t):
    policies = "policy old { rule a { match { age 3; } then { accept; } } }\n"
    town = Town(t, policies, OUT1="propagate router; import old; export accept", OUT2=OPEN)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002])
    wait_until(lambda: town.client.show("show rib"), 10, "it is there")
    equal([r["accepted"] for r in town.client.show("show rib")], [False])
    town.told(OUT2, "10.1.0.0/16", 30)  # it is looked at again every ten seconds


def test_our_own_as_may_be_allowed(t):
    town = Town(t, OUT1=OPEN + "; allow-own-as 1", OUT2=OPEN, OUT3=OPEN)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002, US])
    town.peers[OUT1].announce(["10.2.0.0/16"], next_hop=address(OUT1), as_path=[65002, US, US])
    town.peers[OUT2].announce(["10.3.0.0/16"], next_hop=address(OUT2), as_path=[65003, US])
    town.told(OUT3, "10.1.0.0/16")
    town.quiet()
    equal(sorted(town.table(OUT3)), ["10.1.0.0/16"])


main()
