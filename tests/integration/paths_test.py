#!/usr/bin/python3
"""Several paths of a prefix to a peer that has ADD-PATH and to one that has not."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *

CONFIG = """neighbor %s {
    router-id 10.0.0.1;
    local-address 127.0.0.1;
    local-as 65000;
    peer-as 65001;
    family { ipv4 unicast; }
    capability { add-path send; }
}
"""
ONE = "route 10.0.0.0/24 path-information 1 next-hop 192.0.2.1 med 1"
TWO = "route 10.0.0.0/24 path-information 2 next-hop 192.0.2.2 med 2"


def hops(peer):
    with peer.lock:
        return sorted(a["next_hop"] for a in peer.table.values())


def test_a_peer_without_add_path_knows_the_last_path_then_the_next(t):
    plain = t.peer(listen="127.0.0.2:179", asn=65001)
    able = t.peer(listen="127.0.0.3:179", asn=65001, add_path={"ipv4": 3})
    ambo = t.ambo().run(CONFIG % "127.0.0.2" + CONFIG % "127.0.0.3")
    plain.wait_established(20)
    able.wait_established(20)

    def both(of_plain, of_able, what):
        wait_until(lambda: hops(plain) == of_plain and hops(able) == of_able, 10,
                   "%s: %r %r" % (what, of_plain, of_able))
    ambo.command("announce " + ONE)
    both(["192.0.2.1"], ["192.0.2.1"], "the first path")
    ambo.command("announce " + TWO)
    both(["192.0.2.2"], ["192.0.2.1", "192.0.2.2"], "the second path")
    ambo.command("withdraw " + TWO)
    both(["192.0.2.1"], ["192.0.2.1"], "the second goes")
    ambo.command("announce " + TWO)
    ambo.command("withdraw " + ONE)
    both(["192.0.2.2"], ["192.0.2.2"], "the first goes")
    ambo.command("withdraw " + TWO)
    both([], [], "none is left")


main()
