#!/usr/bin/python3
# ctest: COST 60
"""Ambo with Debian's ExaBGP, compared route by route with what it tells a process of its own."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *
from tests.interop import encounter
from tests.interop.encounter import FEW, THEM, THEM6, Side


class ExaSide(Side):
    kind, path = "exabgp", [4200000555]

    def config(self, *, count=FEW, security=False, limit=None):
        lines = []
        for r in self.theirs(count):
            lines.append("\t\troute %s next-hop %s med %d community [ %s ] large-community [ %s ] as-path [ %s ];" % (
                r["prefix"], r["next_hop"], r["med"], " ".join(r["communities"]), " ".join(r["large"]),
                " ".join(map(str, r["as_path"]))))
        options = "\tcapability {\n\t\troute-refresh enable;\n\t}\n"
        options += "\toutgoing-ttl 255;\n\tincoming-ttl 255;\n" if security else ""
        return exabgp_config(asn=self.asn, address=self.them, router_id=THEM, neighbors={self.us: encounter.AS},
                             families=encounter.FAMILIES, static="\n".join(lines), options=options)

    def withdraw(self, daemon, prefix, count):
        daemon.say("withdraw route %s next-hop %s" % (prefix, THEM6 if ":" in prefix else THEM))

    def refresh(self, daemon):
        for family in encounter.FAMILIES:
            daemon.say("announce route-refresh %s unicast" % family)

    def kill(self, daemon):
        super().kill(daemon)
        daemon.forget()

    def told(self, daemon):
        return daemon.log() + daemon.events.read_text()


def test_routes_of_both_families_both_ways_and_withdraws(t):
    encounter.routes_both_ways_and_withdraws(t, ExaSide())


def test_a_peer_of_our_own_as_over_ipv6(t):
    encounter.routes_both_ways_and_withdraws(t, ExaSide(inner=True, six=True), FEW)


def test_a_reload_tells_only_the_difference(t):
    encounter.a_reload_tells_only_the_difference(t, ExaSide())


def test_a_refresh_is_answered_with_everything(t):
    encounter.a_refresh_is_answered_with_everything(t, ExaSide())


def test_a_killed_peer_that_returns_is_told_everything(t):
    encounter.a_killed_peer_that_returns_is_told_everything(t, ExaSide())


def test_gtsm(t):
    encounter.gtsm(t, ExaSide())


def test_our_limit_ends_the_session(t):
    encounter.our_limit_ends_the_session(t, ExaSide(), "(6,1)")


if __name__ == "__main__":
    main()
