#!/usr/bin/python3
"""`decision`: the options of choosing the best route, each with routes that differ in it; and that a reload decides anew."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.town import *

PREFIX = "10.1.0.0/16"


class Choice:
    """Three peers of other ASes and one inside; who is the best is asked for."""

    def __init__(self, t, decision=""):
        self.words = dict(OUT1=OPEN, OUT2=OPEN, OUT3=OPEN, IN1="propagate router; import accept; export accept")
        self.town = Town(t, decision, **self.words)

    def say(self, i, path, **attributes):
        self.town.peers[i].announce([PREFIX], next_hop=address(i), as_path=path, **attributes)
        wait_until(lambda: [r for r in self.rows() if r["neighbor"] == address(i) and
                            r["attribute"].get("med") == attributes.get("med")], 10, "heard of %s" % address(i))

    def rows(self):
        return self.town.client.show("show rib " + PREFIX)

    def best(self):
        """→ (who, by what step)"""
        row, = [r for r in self.rows() if r["best"]]
        return row["neighbor"], row["why"]

    def decide(self, decision):
        town = self.town
        town.ambo.write_config(decision + "".join(town.section(globals()[n], w) for n, w in self.words.items()))
        equal(town.client.command("reload").status, "accepted")


def test_med_within_an_as_or_among_all(t):
    c = Choice(t)
    c.say(OUT1, [65002, 7], med=20)
    c.say(OUT2, [65003, 7], med=10)
    equal(c.best(), (address(OUT1), "router id"))
    c.decide("decision { med-compare always; }\n")
    wait_until(lambda: c.best() == (address(OUT2), "med"), 10, "MED of another AS")
    # those who are told are told anew
    wait_until(lambda: c.town.told(OUT3, PREFIX)["as_path"] == [US, 65003, 7], 10, "the other one")
    c.decide("decision { med-compare deterministic; }\n")
    wait_until(lambda: c.best() == (address(OUT1), "router id"), 10, "as before")


def test_a_route_without_med_is_the_best_or_the_worst(t):
    c = Choice(t, "decision { med-compare always; }\n")
    c.say(OUT1, [65002, 7], med=20)
    c.say(OUT2, [65003, 7])
    equal(c.best(), (address(OUT2), "med"))
    c.decide("decision { med-compare always; missing-med worst; }\n")
    wait_until(lambda: c.best() == (address(OUT1), "med"), 10, "it is the worst")


def test_the_length_of_the_path_may_be_nothing(t):
    c = Choice(t)
    c.say(OUT1, [65002, 7, 8, 9])
    c.say(OUT2, [65003])
    equal(c.best(), (address(OUT2), "as path length"))
    c.decide("decision { as-path-length ignore; }\n")
    wait_until(lambda: c.best() == (address(OUT1), "router id"), 10, "the smaller router id")
    c.decide("decision { as-path-length ignore; router-id ignore; }\n")
    wait_until(lambda: c.best() == (address(OUT1), "peer address"), 10, "the smaller address")


def test_the_older_of_external_routes_stays(t):
    c = Choice(t, "decision { route-age compare; }\n")
    c.say(OUT2, [65003])
    time.sleep(0.2)
    c.say(OUT1, [65002])
    equal(c.best(), (address(OUT2), "age"))
    # the same again is as old as it was; something else is new
    time.sleep(0.2)
    c.say(OUT2, [65003])
    equal(c.best(), (address(OUT2), "age"))
    c.say(OUT2, [65003], med=1)
    equal(c.best(), (address(OUT1), "age"))
    ages = {r["neighbor"]: r["age"] for r in c.rows()}
    check(all(a < 60 for a in ages.values()), ages)
    c.decide("")
    wait_until(lambda: c.best() == (address(OUT1), "router id"), 10, "by router id")


def test_an_aigp_that_is_not_looked_at(t):
    c = Choice(t)
    aigp = bgp.attribute(0x80, 26, bytes([1, 0, 11]) + (5).to_bytes(8, "big"))
    c.say(OUT1, [65002, 7])
    c.town.peers[IN1].announce([PREFIX], next_hop=address(IN1), as_path=[65009, 7], local_pref=100, raw=[aigp])
    wait_until(lambda: len(c.rows()) == 2, 10, "both")
    equal(c.best(), (address(IN1), "aigp"))
    c.decide("decision { aigp ignore; }\n")
    wait_until(lambda: c.best() == (address(OUT1), "external over internal"), 10, "the external one")


main()
