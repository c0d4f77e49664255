#!/usr/bin/python3
"""A confederation (RFC 5065): 65100, of which we are 65001. One peer is of another member, one of our own, one outside."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.town import *

SEQUENCE, SET = 3, 4  # segments of a confederation
CONFEDERATION, MEMBER, FAR = 65100, 65002, 64900
LOOK = ("as_path", "next_hop", "local_pref", "med")


def section(i, asn, extra="propagate router; import accept; export accept;"):
    return neighbor(address(i), asn, extra="confederation {\n\t\tidentifier %d;\n\t\tmembers [ %d 65003 ];\n\t}\n\t%s" % (
        CONFEDERATION, MEMBER, extra))


class Village:
    def __init__(self, t, extra=""):
        def peer(i, asn):
            return t.peer(listen=address(i) + ":179", asn=asn, router_id="10.9.0.%d" % i)
        self.member, self.own, self.outside, self.second = peer(2, MEMBER), peer(3, 65001), peer(4, FAR), peer(5, 64901)
        self.ambo = t.ambo().run(section(2, MEMBER) + section(3, 65001) + section(4, FAR) + section(5, 64901))
        self.client = self.ambo.client()
        wait_up(self.client, *map(address, range(2, 6)))

    def told(self, peer, prefix):
        def there():
            with peer.lock:
                return next((a for k, a in peer.table.items() if k[1] == prefix), None)
        wait_until(there, 10, prefix)
        return tuple(there().get(k) for k in LOOK)

    def why(self, prefix):
        """{who: why it is not the best, or that it is}"""
        return {r["neighbor"]: r["why"] for r in self.client.show("show rib " + prefix)}

    def refused(self, peer, prefix, **attributes):
        """An UPDATE after which a route is gone that was there, and the session is not"""
        before = dict(attributes, as_path=[(SEQUENCE, [peer.asn])] if peer is self.member else [peer.asn])
        peer.announce([prefix], **before)
        wait_until(lambda: self.why(prefix), 10, "it is there")
        peer.announce([prefix], **attributes)
        wait_until(lambda: not self.why(prefix), 10, "taken as a withdraw")
        check(peer.established, "the session stands")


def test_inside_we_are_the_member_and_outside_the_whole(t):
    v = Village(t)
    equal([p.session.their_open["asn"] for p in (v.member, v.own, v.outside)], [65001, 65001, CONFEDERATION])


def test_a_route_from_outside_goes_through_the_confederation(t):
    v = Village(t)
    v.outside.announce(["10.1.0.0/16"], next_hop="192.0.2.4", as_path=[FAR, 7], med=5)
    equal(v.told(v.own, "10.1.0.0/16"), ([FAR, 7], "192.0.2.4", 100, 5))
    equal(v.told(v.member, "10.1.0.0/16"), ([(SEQUENCE, [65001]), FAR, 7], "192.0.2.4", 100, 5))
    equal(v.told(v.second, "10.1.0.0/16"), ([CONFEDERATION, FAR, 7], LOCAL, None, None))


def test_a_route_of_a_member_goes_on_and_out(t):
    v = Village(t)
    v.member.announce(["10.2.0.0/16"], next_hop="192.0.2.2", as_path=[(SEQUENCE, [MEMBER]), 7, {8, 9}], med=6, local_pref=300)
    equal(v.told(v.own, "10.2.0.0/16"), ([(SEQUENCE, [MEMBER]), 7, frozenset((8, 9))], "192.0.2.2", 300, 6))
    equal(v.told(v.outside, "10.2.0.0/16"), ([CONFEDERATION, 7, frozenset((8, 9))], LOCAL, None, None))
    v.own.announce(["10.3.0.0/16"], next_hop="192.0.2.3", as_path=[(SEQUENCE, [65003]), 7], local_pref=50)
    equal(v.told(v.member, "10.3.0.0/16"), ([(SEQUENCE, [65001, 65003]), 7], "192.0.2.3", 50, None))
    v.own.announce(["10.4.0.0/16"], next_hop="192.0.2.3", as_path=[(SET, [65003, 65004])])
    equal(v.told(v.member, "10.4.0.0/16"), ([(SEQUENCE, [65001]), (SET, [65003, 65004])], "192.0.2.3", 100, None))
    equal(v.told(v.outside, "10.4.0.0/16"), ([CONFEDERATION], LOCAL, None, None))


def test_members_do_not_lengthen_a_path_and_are_inside(t):
    v = Village(t)
    v.member.announce(["10.5.0.0/16"], as_path=[(SEQUENCE, [MEMBER, 65003, 65004]), 7], local_pref=100)
    v.outside.announce(["10.5.0.0/16"], as_path=[FAR, 8])
    wait_until(lambda: len(v.why("10.5.0.0/16")) == 2, 10, "both")
    equal(v.why("10.5.0.0/16"), {address(2): "as path length", address(4): "as path length"})
    v.outside.announce(["10.5.0.0/16"], as_path=[FAR])
    wait_until(lambda: v.why("10.5.0.0/16")[address(2)] == "external over internal", 10, "as long as that")
    # MED: the neighboring AS is the first that is not of the confederation (section 5.3)
    v.member.announce(["10.6.0.0/16"], as_path=[(SEQUENCE, [MEMBER]), FAR], local_pref=100, med=3)
    v.outside.announce(["10.6.0.0/16"], as_path=[FAR], med=5)
    wait_until(lambda: v.why("10.6.0.0/16") == {address(2): "med", address(4): "med"}, 10, "by MED: %r" % v.why("10.6.0.0/16"))


def test_loops_are_the_members_and_the_wholes(t):
    v = Village(t)
    ours = "our AS is in its path"
    for n, (peer, path, why) in enumerate((
            (v.member, [(SEQUENCE, [MEMBER, 65001]), 7], ours), (v.member, [(SEQUENCE, [MEMBER]), CONFEDERATION], ours),
            (v.member, [(SEQUENCE, [MEMBER]), 65001], "it is the only one"), (v.outside, [FAR, CONFEDERATION], ours),
            (v.outside, [FAR, 65001], "it is the only one"), (v.own, [(SET, [65001])], ours))):
        prefix = "10.7.%d.0/24" % n
        peer.announce([prefix], as_path=path)
        wait_until(lambda: v.why(prefix), 10, "it is there")
        equal(list(v.why(prefix).values()), [why], path)


def test_how_far_the_well_known_communities_go(t):
    v = Village(t)
    for n, community in enumerate(("65535:65281", "65535:65282", "65535:65283")):
        v.second.announce(["10.8.%d.0/24" % n], as_path=[64901], communities=[community])
    v.second.announce(["10.8.9.0/24"], as_path=[64901])
    for peer in v.own, v.member, v.outside:
        v.told(peer, "10.8.9.0/24")
    told = [sorted(k[1] for k in p.table) for p in (v.own, v.member, v.outside)]
    equal(told, [["10.8.0.0/24", "10.8.2.0/24", "10.8.9.0/24"], ["10.8.0.0/24", "10.8.9.0/24"], ["10.8.9.0/24"]])


def test_paths_that_are_none(t):
    """Section 5; what it costs is RFC 7606's."""
    v = Village(t)
    v.refused(v.outside, "10.9.1.0/24", as_path=[(SEQUENCE, [MEMBER]), FAR])
    v.refused(v.outside, "10.9.2.0/24", as_path=[FAR, (SET, [MEMBER])])
    v.refused(v.member, "10.9.3.0/24", as_path=[MEMBER])
    v.refused(v.member, "10.9.4.0/24", as_path=[])
    v.refused(v.member, "10.9.5.0/24", as_path=[(SET, [MEMBER])])


def test_what_a_client_announces(t):
    v = Village(t)
    v.client.command("announce route 10.10.0.0/16 next-hop self")
    equal(v.told(v.own, "10.10.0.0/16"), ([], LOCAL, 100, None))
    equal(v.told(v.member, "10.10.0.0/16"), ([(SEQUENCE, [65001])], LOCAL, 100, None))
    equal(v.told(v.outside, "10.10.0.0/16"), ([CONFEDERATION], LOCAL, None, None))
    v.client.command("announce route 10.11.0.0/16 next-hop self as-path [ 7 8 ] local-preference 70")
    equal(v.told(v.member, "10.11.0.0/16"), ([(SEQUENCE, [65001]), 7, 8], LOCAL, 70, None))
    equal(v.told(v.outside, "10.11.0.0/16"), ([7, 8], LOCAL, None, None))


def test_without_policies_it_is_open_inside_alone(t):
    """RFC 8212 is about other ASes."""
    member, own, outside = (t.peer(listen=address(i) + ":179", asn=a, router_id="10.9.0.%d" % i)
                            for i, a in ((2, MEMBER), (3, 65001), (4, FAR)))
    ambo = t.ambo().run("".join(section(i, a, "propagate router;") for i, a in ((2, MEMBER), (3, 65001), (4, FAR))))
    client = ambo.client()
    wait_up(client, *map(address, (2, 3, 4)))
    member.announce(["10.1.0.0/16"], as_path=[(SEQUENCE, [MEMBER])], local_pref=100)
    wait_until(lambda: own.table, 10, "inside")
    outside.announce(["10.2.0.0/16"], as_path=[FAR])
    wait_until(lambda: len(client.show("show rib")) == 2, 10, "both")
    equal([r["accepted"] for r in client.show("show rib 10.2.0.0/16")], [False])
    equal((outside.table, len(own.table), len(member.table)), ({}, 1, 0))


def test_what_makes_no_confederation(t):
    def wrong(text, local=65001, peer=MEMBER):
        return ("neighbor 192.0.2.1 {\n\trouter-id 1.1.1.1;\n\tlocal-address 192.0.2.2;\n\tlocal-as %s;\n\tpeer-as %s;\n\tconfederation { %s }\n}\n"
                % (local, peer, text))
    for words, expected in (((("members [ 65002 ];"), ), "confederation needs 'identifier'"),
                            (("identifier 65100; members [ x ];",), "'x' is no AS"),
                            (("identifier 65002; members [ 65003 ];",), "peer-as is the identifier"),
                            (("identifier 65100;", "auto"), "cannot be auto"),
                            (("identifier;",), "expected")):
        path = t.dir / "wrong.conf"
        path.write_text(wrong(*words))
        status, out, err = cli("validate", path)
        check(status != 0 and expected in out + err, words, out, err)
    path.write_text("template {\n\tneighbor inside {\n\t\tconfederation { identifier 65100; members [ 65002 ]; }\n\t}\n}\n" +
                    wrong("").replace("confederation {  }", "inherit inside;"))
    equal(cli("validate", path)[0], 0)


main()
