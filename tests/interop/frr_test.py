#!/usr/bin/python3
# ctest: COST 60
"""Ambo with FRR's bgpd, compared route by route with what vtysh shows; TCP-MD5 with it too."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.daemons import *
from tests.interop import encounter
from tests.interop.encounter import FEW, THEM, THEM6, US, Side, kernel, our_config, ours
from tests.integration import scene


class FrrSide(Side):
    kind, path = "frr", [4200000555]

    def config(self, *, count=FEW, security=False, limit=None, options=()):
        networks = ["%s route-map GIVE%d" % (p, i % 5) for i, p in enumerate(self.prefixes(count))]
        limits = ["maximum-prefix %d" % limit] if limit else []
        text = frr_config(asn=self.asn, address=self.them, router_id=THEM, neighbors={self.us: encounter.AS},
                          networks=networks, families=encounter.FAMILIES, options=options,
                          channel=["route-map OUT out", *limits])
        # without it `clear ... soft in` asks us
        text = re.sub(r"  neighbor \S+ soft-reconfiguration inbound\n", "", text)
        text = text.replace("timers connect 1", "timers connect 1\n neighbor %s advertisement-interval 0" % self.us)
        if security:
            text = text.replace("ebgp-multihop 64", "ttl-security hops 1")
        for i in range(5):
            a = self.attributes(i)
            text += "route-map GIVE%d permit 10\n set metric %d\n set community %s\n set large-community %s\n" % (
                i, a["med"], " ".join(a["communities"]), " ".join(a["large"]))
            text += " set as-path prepend %d\nexit\n" % self.path[0]
        # else it gives us back what it has of us
        text += "bgp as-path access-list OWN seq 1 permit ^%d$\n" % self.path[0]
        text += "route-map OUT permit 10\n match as-path OWN\n"
        text += " set ip next-hop %s\n set ipv6 next-hop global %s\nexit\n" % (THEM, THEM6)
        return "bgp route-map delay-timer 1\n" + text  # else its routes come after five

    def withdraw(self, daemon, prefix, count):
        daemon.vtysh("configure terminal", "router bgp", "address-family ipv%d unicast" % (6 if ":" in prefix else 4),
                     "no network " + prefix)

    def refresh(self, daemon):
        for family in encounter.FAMILIES:
            daemon.vtysh("clear bgp %s %s soft in" % (family, self.us))

    def told(self, daemon):
        return daemon.json("show bgp neighbors %s json" % self.us)[self.us].get("lastNotificationReason", "")


def test_routes_of_both_families_both_ways_and_withdraws(t):
    encounter.routes_both_ways_and_withdraws(t, FrrSide())


def test_a_peer_of_our_own_as_over_ipv6(t):
    encounter.routes_both_ways_and_withdraws(t, FrrSide(inner=True, six=True), FEW)


def test_a_reload_tells_only_the_difference(t):
    encounter.a_reload_tells_only_the_difference(t, FrrSide())


def test_a_soft_clear_is_answered_with_everything(t):
    encounter.a_refresh_is_answered_with_everything(t, FrrSide())


def test_a_killed_peer_that_returns_is_told_everything(t):
    encounter.a_killed_peer_that_returns_is_told_everything(t, FrrSide())


def test_gtsm(t):
    encounter.gtsm(t, FrrSide())


def test_our_limit_ends_the_session(t):
    encounter.our_limit_ends_the_session(t, FrrSide(), "Maximum Number of Prefixes Reached")


def test_their_limit_ends_the_session(t):
    encounter.their_limit_ends_the_session(t, FrrSide())


def a_key_of_both(t, they_dial):
    """With another key than ours FRR gets no session, with ours it does, and loses it with the key. Only one
    side dials: either is heard with its key alone."""
    side = FrrSide()
    frr = side.start(t, count=1, options=["password another"] + ([] if they_dial else ["passive"]))
    before = kernel("TCPMD5Failure")
    ambo = t.ambo().run(our_config(side, [ours(0)[0]], extra='    md5-password "quite-secret";' +
                                   ("\n    passive;" if they_dial else "")))
    wait_until(lambda: kernel("TCPMD5Failure") >= before + 3, 20, "what is signed with another key is dropped")
    check(frr.state(US) != "Established", "a session with another key")
    check(scene.state(ambo.client(), THEM)["fsm"] != "ESTABLISHED", "a session with another key")
    password(frr, "password quite-secret")
    frr.wait_established(US)
    encounter.has(frr, side, [ours(0)[1]])
    encounter.have(ambo, side, side.theirs(1))
    before = kernel("TCPMD5NotFound")
    password(frr, "password")
    wait_until(lambda: frr.state(US) != "Established", 20, "FRR ends its session with the key")
    if they_dial:
        wait_until(lambda: kernel("TCPMD5NotFound") >= before + 2, 20, "what is not signed is dropped")
        check(frr.state(US) != "Established", "a session without a key")


def password(frr, words):
    frr.vtysh("configure terminal", "router bgp", "%sneighbor %s %s" % ("no " if words == "password" else "", US, words))


def test_tcp_md5_when_frr_dials(t):
    a_key_of_both(t, True)


def test_tcp_md5_when_we_dial(t):
    a_key_of_both(t, False)


if __name__ == "__main__":
    main()
