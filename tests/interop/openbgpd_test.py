#!/usr/bin/python3
"""Ambo with OpenBGPD, compared route by route with what bgpctl shows."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *
from tests.interop import encounter
from tests.interop.encounter import FEW, THEM, THEM6, Side


class OpenSide(Side):
    kind = "openbgpd"
    left = ()       # prefixes that it does not have any more

    def config(self, *, count=FEW, security=False, limit=None):
        networks = []
        for i, p in enumerate(self.prefixes(count)):
            a = self.attributes(i)
            said = "metric %d nexthop %s" % (a["med"], THEM6 if ":" in p else THEM)
            said += "".join(" community %s" % c for c in a["communities"])
            said += "".join(" large-community %s" % c for c in a["large"])
            if p not in self.left:
                networks.append("%s set { %s }" % (p, said))
        text = openbgpd_config(asn=self.asn, address=self.them, router_id=THEM, neighbors={self.us: encounter.AS},
                               families=encounter.FAMILIES, networks=networks,
                               options=["max-prefix %d" % limit] if limit else [])
        text = text.replace("allow to any", "allow to any set nexthop no-modify")
        return text.replace(" multihop 64", " ttl-security yes") if security else text

    def withdraw(self, daemon, prefix, count):
        self.left += (prefix,)
        daemon.write_config(self.config(count=count))
        daemon.bgpctl("reload")

    def again(self, daemon):
        daemon.bgpctl("neighbor", self.us, "clear")

    def refresh(self, daemon):
        daemon.bgpctl("neighbor", self.us, "refresh")

    def told(self, daemon):
        return daemon.bgpctl("show", "neighbor", self.us)


def test_routes_of_both_families_both_ways_and_withdraws(t):
    encounter.routes_both_ways_and_withdraws(t, OpenSide())


def test_a_peer_of_our_own_as_over_ipv6(t):
    encounter.routes_both_ways_and_withdraws(t, OpenSide(inner=True, six=True), FEW)


def test_a_reload_tells_only_the_difference(t):
    encounter.a_reload_tells_only_the_difference(t, OpenSide())


def test_a_refresh_is_answered_with_everything(t):
    encounter.a_refresh_is_answered_with_everything(t, OpenSide())


def test_a_killed_peer_that_returns_is_told_everything(t):
    encounter.a_killed_peer_that_returns_is_told_everything(t, OpenSide())


def test_gtsm(t):
    encounter.gtsm(t, OpenSide())


def test_our_limit_ends_the_session(t):
    encounter.our_limit_ends_the_session(t, OpenSide(), "Cease, received max-prefix exceeded")


def test_their_limit_ends_the_session(t):
    encounter.their_limit_ends_the_session(t, OpenSide())


if __name__ == "__main__":
    main()
