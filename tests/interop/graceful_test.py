#!/usr/bin/python3
"""Graceful restart with BIRD and FRR's bgpd. The speaker is killed and started again while routes change: the
peer keeps every prefix at every moment, and is told no withdraw."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import threading

from tests.fake.capture import Capture
from tests.integration import scene
from tests.integration.harness import *
from tests.interop.daemons import *
from tests.interop.encounter import AS, HOP, HOP6, THEIR_AS, THEM, THEM6, US, US6, Said, six

COUNT, SIX, LIVE = 10000, 2000, 2000   # of the configuration, of them IPv6; of a client that goes on
PREFIXES = bgp.prefixes(COUNT, "20.0.0.0")


def config(extra=""):
    routes = ["route %s next-hop %s med %d;" % (p, HOP, i % 50) for i, p in enumerate(PREFIXES)]
    routes += ["route %s next-hop %s med %d;" % (six(0x1000, i), HOP6, i % 50) for i in range(SIX)]
    return """neighbor %s {
    router-id 192.0.2.1;
    local-address %s;
    local-as %d;
    peer-as %d;
    hold-time 30;
    group-updates all;
    listen 179;
    family { ipv4 unicast; ipv6 unicast; }
    capability { route-refresh; graceful-restart 120; %s }
    static {
        %s
    }
}
""" % (THEM, US, AS, THEIR_AS, extra, "\n        ".join(routes))


def bird(t, routes=(), more=""):
    text = bird_config(asn=THEIR_AS, address=THEM, neighbors={US: AS}, families=("ipv4", "ipv6"),
                       routes="".join("route %s blackhole;\n" % p for p in routes),
                       options="graceful restart on; graceful restart time 120; " + more)
    return t.daemon("bird", text, patience=30)


def frr(t, routes=()):
    text = frr_config(asn=THEIR_AS, address=THEM, neighbors={US: AS}, families=("ipv4", "ipv6"), networks=routes,
                      channel=["prefix-list OWN out"])
    text += "ip prefix-list OWN seq 1 permit 30.0.0.0/8 le 32\nipv6 prefix-list OWN seq 1 deny any\n"
    text = text.replace(" no bgp ebgp-requires-policy", " no bgp ebgp-requires-policy\n bgp graceful-restart"
                        "\n bgp graceful-restart preserve-fw-state", 1)
    return t.daemon("frr", text, patience=30)


def count_bird(daemon):
    return sum(int(n) for n in re.findall(r"(\d+) of \d+ routes for \d+ networks in table", daemon.birdc(
        "show", "route", "count", "protocol", "p0", "table", "all")))


def count_frr(daemon):
    """paths of both tables: what is stale is among them"""
    return sum(daemon.json("show bgp ipv%d unicast statistics json" % v)["ipv%dUnicast" % v][0]["totalAdvertisements"]
               for v in (4, 6))


class Watch(threading.Thread):
    """Counts at the peer all the time"""

    def __init__(self, count, daemon):
        super().__init__(daemon=True)
        self.ask, self.daemon_, self.least, self.looks, self.stop, self.error = count, daemon, None, 0, False, None
        self.start()

    def run(self):
        try:
            while not self.stop:
                n = self.ask(self.daemon_)
                self.least = n if self.least is None else min(n, self.least)
                self.looks += 1
                time.sleep(0.05)
        except Exception as e:  # told where it is waited for
            self.error = e

    def end(self):
        self.stop = True
        self.join(30)
        check(self.error is None, self.error)
        return self.least


class Load(threading.Thread):
    """A client that goes on changing its routes: no prefix of it ever goes"""

    def __init__(self, ambo):
        super().__init__(daemon=True)
        self.client, self.stop, self.turn, self.error = ambo.client(name="feeder", timeout=60), False, 0, None
        self.lines(0)
        self.start()

    def lines(self, med):
        prefixes = bgp.prefixes(LIVE, "40.0.0.0")
        answers = self.client.commands(["announce attributes next-hop %s med %d nlri %s" % (
            HOP, med, " ".join(prefixes[n:n + 100])) for n in range(0, LIVE, 100)], 60)
        check(all(a.status == "accepted" for a in answers), answers[:2])

    def run(self):
        try:
            while not self.stop:
                self.turn += 1
                self.lines(self.turn)
                time.sleep(0.1)
        except Exception as e:
            self.error = e

    def end(self):
        self.stop = True
        self.join(30)
        check(self.error is None, self.error)


def restarted_under_load(t, start, count):
    addresses(US, THEM, HOP, US6, THEM6, HOP6)
    total = COUNT + SIX + LIVE
    capture = Capture(t, THEM, both=True)
    daemon = start(t)
    ambo = t.ambo().split(config(), listen=())
    load = Load(ambo)
    client = ambo.client(timeout=60)
    daemon.wait_established(US)
    wait_until(lambda: count(daemon) == total, 60, "all routes", 0.2)
    said = Said(capture)
    watch = Watch(count, daemon)
    for n in range(3):
        before = scene.state(client, THEM)["session"]
        told = len(said.before_end())
        ambo.speaker.kill9()
        time.sleep(0.3 * n)
        ambo.start_speaker("edge")
        wait_until(lambda: len(said.before_end()) >= told + 2, 60, "End-of-RIB of both families", 0.3)
        scene.wait_up(client, THEM)
        equal(said.before_end()[told:told + 2], [COUNT + LIVE, SIX], "told before it")
        equal(scene.state(client, THEM)["session"], 1, "of a speaker that is new, before it was %d" % before)
        time.sleep(1)
    load.end()
    least = watch.end()
    check(watch.looks > 5, "it was looked at", watch.looks)
    equal((least, count(daemon)), (total, total), "prefixes at the peer, at least and at last")
    announced, withdrawn = said.prefixes()
    equal(withdrawn, [])
    check(load.turn > 5, "routes changed", load.turn)
    opens = [m for kind, m in said.messages() if kind == bgp.OPEN]
    check(opens, "no OPEN was seen")
    for m in opens:
        flags = [v[0] >> 4 for c, v in bgp.parse_open(m[19:])["capabilities"] if c == bgp.CAP_GRACEFUL]
        equal(flags, [8], "it says that it has restarted")
    print("    least %d of %d in %d looks, %d rounds of changes, %d prefixes told" % (
        least, total, watch.looks, load.turn, len(announced)))


def test_bird_keeps_every_prefix(t):
    restarted_under_load(t, bird, count_bird)


def test_frr_keeps_every_prefix(t):
    restarted_under_load(t, frr, count_frr)


def test_bird_keeps_every_prefix_while_both_halves_are_killed(t):
    addresses(US, THEM, HOP, US6, THEM6, HOP6)
    capture = Capture(t, THEM, both=True)
    daemon = bird(t)
    ambo = t.ambo().run(config())
    daemon.wait_established(US)
    wait_until(lambda: count_bird(daemon) == COUNT + SIX, 60, "all routes", 0.2)
    said = Said(capture)
    watch = Watch(count_bird, daemon)
    # before `ambo run` sees that one of them is gone
    ambo.process.stop()
    for half in ("ambo-speaker", "ambo-controller"):
        os.kill(ambo.half(half), signal.SIGKILL)
    ambo.process.cont()
    wait_until(lambda: len(said.before_end()) >= 2, 60, "End-of-RIB of both families", 0.3)
    equal(said.before_end(), [COUNT, SIX])
    time.sleep(1)
    equal(watch.end(), COUNT + SIX)
    equal(said.prefixes()[1], [])


# -- the other way round: they restart ---------------------------------------------------------------

THEIRS = bgp.prefixes(2000, "30.0.0.0")


def stale(client):
    """how many of theirs we have; how many of them are stale"""
    rows = client.show("show routes received neighbor " + THEM)
    return len(rows), sum(r.get("stale", False) for r in rows)


def they_restart(t, start, again=None):
    addresses(US, THEM, HOP, US6, THEM6, HOP6)
    daemon = start(t, THEIRS)
    ambo = t.ambo().run(config("long-lived-graceful-restart 3600;"))
    client = ambo.client(timeout=60)
    scene.wait_up(client, THEM, timeout=40)
    wait_until(lambda: stale(client) == (len(THEIRS), 0), 60, "theirs are here", 0.2)
    least = []
    os.killpg(daemon.pid, signal.SIGKILL)
    daemon.process.wait()
    scene.wait_fsm(client, THEM, "IDLE", "CONNECT", "ACTIVE")
    equal(stale(client), (len(THEIRS), len(THEIRS)), "they are kept")
    if again:
        daemon.command = again(daemon.command)
    daemon.start()
    daemon.wait_ready(30)

    def settled():
        least.append(stale(client))
        return scene.state(client, THEM)["fsm"] == "ESTABLISHED" and least[-1] == (len(THEIRS), 0)
    wait_until(settled, 60, "and said again", 0.1)
    equal(min(n for n, _ in least), len(THEIRS), "none was missing at any moment")
    wait_until(lambda: scene.state(client, THEM)["restart"]["stale"] == [], 20, "their End-of-RIB")
    print("    %d looks, %d of %d stale at first" % (len(least), least[0][1], len(THEIRS)))


def test_a_bird_that_recovers_loses_nothing_here(t):
    they_restart(t, bird, lambda command: lambda: command() + ["-R"])


def test_an_frr_that_recovers_loses_nothing_here(t):
    they_restart(t, frr)


def test_a_bird_that_comes_without_its_state_is_believed(t):
    """It does not say that its forwarding state was preserved: what it said before goes at once, and comes again. Who has
    the table is told what does not, and so is who has none while somebody else has it; alone, that one is to forget all"""
    addresses(US, THEM, HOP, US6, THEM6, HOP6)
    daemon = bird(t, THEIRS)
    ambo = t.ambo().run(config())
    client = ambo.client(timeout=60)
    live = client.subscribe(updates=True, neighbor=THEM)
    scene.wait_up(client, THEM, timeout=40)

    def comes_anew(without, having, subscriptions):
        wait_until(lambda: stale(client) == (len(THEIRS), 0), 60, "theirs are here", 0.2)
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.process.wait()
        wait_until(lambda: stale(client) == (len(THEIRS), len(THEIRS)), 10, "they are kept", 0.1)
        client.receive()
        for s in subscriptions:
            client.events[s].clear()
        daemon.write_config(daemon.config_path.read_text().replace(without, having))
        daemon.start()
        wait_until(lambda: stale(client) == (len(THEIRS), 0), 60, "and said again", 0.2)

    def withdrawn(prefix, s):
        return any(prefix in str(e.get("message", {}).get("update", {}).get("withdraw")) for e in client.events[s])

    comes_anew(THEIRS[0], "172.16.0.0/24", [live])
    wait_until(lambda: client.receive() or any(e["type"] == "reset" for e in client.events[live]), 20, "to forget")
    table = client.subscribe(updates=True, neighbor=THEM, snapshot=True)
    comes_anew("172.16.0.0/24", THEIRS[0], [live, table])
    for s in (table, live):
        wait_until(lambda: client.receive() or withdrawn("172.16.0.0/24", s), 20, "what it does not say any more")


if __name__ == "__main__":
    main()
