"""An Ambo among peers that are played, between which routes go: the town of tests about policy and the RIB. Our AS is 65001."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

US = 65001
# who plays where: the last octet of its address → its AS
OUT1, OUT2, OUT3, IN1, IN2, IN3 = range(2, 8)
AS = {OUT1: 65002, OUT2: 65003, OUT3: 65004, IN1: US, IN2: US, IN3: US}


def address(i):
    return "127.0.0.%d" % i


class Town:
    """An Ambo among peers, each with the words of its section."""

    def __init__(self, t, policies="", **words):
        self.peers = {}
        text = ""
        for name, extra in words.items():
            i = globals()[name]
            self.peers[i] = t.peer(listen=address(i) + ":179", asn=AS[i], router_id="10.9.0.%d" % i)
            text += self.section(i, extra)
        self.policies = policies
        self.ambo = t.ambo().run(policies + text)
        self.client = self.ambo.client()
        wait_up(self.client, *map(address, self.peers))

    @staticmethod
    def section(i, extra):
        return neighbor(address(i), AS[i], extra="".join(w.strip() + ";\n\t" for w in extra.split(";") if w.strip()))

    def table(self, i):
        """{prefix: attributes} of what a peer was told"""
        peer = self.peers[i]
        with peer.lock:
            return {k[1]: a for k, a in peer.table.items()}

    def told(self, i, prefix, timeout=10):
        """→ attributes, once it was told"""
        wait_until(lambda: prefix in self.table(i), timeout, "%s at %s" % (prefix, address(i)))
        return self.table(i)[prefix]

    def gone(self, i, prefix, timeout=10):
        wait_until(lambda: prefix not in self.table(i), timeout, "%s gone from %s" % (prefix, address(i)))

    def quiet(self, *peers):
        """Whoever was to be told has been: a route that goes to everybody came."""
        self.client.command("announce route 203.0.113.0/24 next-hop self")
        for i in peers or self.peers:
            self.told(i, "203.0.113.0/24")
        self.client.command("withdraw route 203.0.113.0/24")
        for i in peers or self.peers:
            self.gone(i, "203.0.113.0/24")


OPEN = "propagate router; import accept; export accept"
