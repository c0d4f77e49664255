#!/usr/bin/python3
"""Subscriptions: snapshot, live, behind, and what comes in between."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import numbered, speaker_has_heard, start_numbered
from tests.fake.patience import deadline

CONFIG = numbered(2, 3, families="ipv4 unicast;")


def start(t, up=(2, 3), **how):
    return start_numbered(t, CONFIG, up, families=("ipv4",), **how)


class Table:
    """What a client holds by its events."""

    def __init__(self):
        self.routes, self.synced, self.lagged, self.resets, self.messages, self.live = {}, 0, 0, 0, 0, 0
        self.states, self.eors = [], 0

    def take(self, events):
        for e in events:
            kind = e["type"]
            if kind == "state":
                self.states.append((e["neighbor"], e["state"]))
            elif kind == "synced":
                self.synced += 1
            elif kind == "lagged":
                self.lagged += e["skipped"]
            elif kind == "reset":
                self.resets += 1
                self.routes = {k: v for k, v in self.routes.items() if k[0] != e["neighbor"]}
            else:
                self._update(e)

    def _update(self, e):
        self.messages += 1
        self.live += e["live"]
        if "eor" in e["message"]:
            self.eors += 1
            return
        u = e["message"]["update"]
        for family, gone in u.get("withdraw", {}).items():
            for n in gone:
                self.routes.pop((e["neighbor"], n["nlri"]), None)
        for family, hops in u.get("announce", {}).items():
            for hop, said in hops.items():
                for n in said:
                    self.routes[(e["neighbor"], n["nlri"])] = (hop, u.get("attribute", {}).get("med"))

    def follow(self, client, subscription, until, timeout=30, credit=0, what="events"):
        end = deadline(timeout)
        while not until(self):
            check(time.monotonic() < end, "no %s in %g s: %d routes, %d messages, %d live" % (
                what, timeout, len(self.routes), self.messages, self.live))
            octets = client.event_octets[subscription]
            client.receive(0.2)
            self.take(client.events[subscription])
            client.events[subscription].clear()
            if credit and client.event_octets[subscription] > octets:
                client.credit(subscription, client.event_octets[subscription] - octets)
        return self


def test_a_snapshot_of_100000_routes_then_what_happens(t):
    ambo, c, (a, b) = start(t)
    a.flood(bgp.table(100000, next_hop="127.0.0.2", asn=65002))
    wait_until(lambda: sum(n["prefixes"]["received"] for n in c.show("show neighbors")) == 100000, 60, "the table")
    s, table = c.subscribe(snapshot=True), Table()
    table.follow(c, s, lambda x: x.synced and len(x.routes) == 100000, 60, credit=True, what="snapshot")
    a.withdraw(bgp.prefixes(10))
    b.announce(["192.0.2.0/24"], med=7)
    table.follow(c, s, lambda x: len(x.routes) == 99991, credit=True)
    equal(table.routes[("127.0.0.3", "192.0.2.0/24")], ("127.0.0.3", 7))
    equal(sorted(table.states), [("127.0.0.2", "up"), ("127.0.0.3", "up")])
    equal((table.lagged, table.resets, table.synced), (0, 0, 1))


def test_every_message_of_two_peers_reaches_five_collectors(t):
    ambo, c, (a, b) = start(t)
    clients = [ambo.client() for _ in range(5)]
    followed = [(k, k.subscribe(updates=True, credit=1 << 30), Table()) for k in clients]
    for address in ("127.0.0.2", "127.0.0.3"):
        speaker_has_heard(c, address)  # who is interested
    for n in range(500):
        a.announce(["10.0.0.0/24"], med=n)
        b.announce(["10.%d.%d.0/24" % (1 + n // 250, n % 250)], med=n)
    for k, s, table in followed:
        table.follow(k, s, lambda x: x.messages >= 1000)
        equal((table.messages, table.live, table.lagged), (1000, 1000, 0))
        equal(table.routes[("127.0.0.2", "10.0.0.0/24")], ("127.0.0.2", 499))
        equal(len(table.routes), 501)


def test_without_credit_it_falls_behind_and_is_told_the_newest_state(t):
    ambo, c, (a, b) = start(t)
    s, table = c.subscribe(updates=True, credit=20000), Table()
    speaker_has_heard(c, "127.0.0.2")
    for n in range(1000):
        a.announce(["10.0.0.0/24"], med=n)
        a.announce(["10.1.%d.0/24" % (n % 100)], med=n)
    # all is there, and told as far as credit goes
    wait_until(lambda: next(n for n in c.show("show neighbors") if n["neighbor"] == "127.0.0.2")["updates"]["received"] >= 2000)
    time.sleep(1)
    table.follow(c, s, lambda x: x.messages, credit=0)
    check(c.event_octets[s] < 20000 + 70000, c.event_octets[s])
    live = table.live
    check(0 < live < 2000, live)
    c.credit(s, 1 << 30)
    table.follow(c, s, lambda x: x.routes.get(("127.0.0.2", "10.0.0.0/24")) == ("127.0.0.2", 999))
    equal(table.lagged + live, 2000)
    check(table.messages < 1500, table.messages)
    b.announce(["10.2.0.0/24"])
    table.follow(c, s, lambda x: ("127.0.0.3", "10.2.0.0/24") in x.routes)
    equal(table.live, live + 1)
    equal({v[1] for k, v in table.routes.items() if k[1].startswith("10.1.")}, set(range(900, 1000)))


def test_a_subscriber_that_does_not_read_delays_no_other(t):
    ambo, c, (a, b) = start(t)
    deaf = ambo.client(hwm=1)
    deaf.subscribe(updates=True, credit=1 << 40)
    speaker_has_heard(c, "127.0.0.2")
    s, table, other = c.subscribe(updates=True, credit=1 << 40), Table(), ambo.client()
    controller = ambo.half("ambo-controller")
    before = rss(controller)
    a.flood(bgp.table(50000, next_hop="127.0.0.2", asn=65002), cycles=4)
    table.follow(c, s, lambda x: len(x.routes) == 50000, 60)
    equal(at_once(other.ping, 0.2, "a ping", [controller]).status, "pong")
    b.announce(["192.0.2.0/24"])
    table.follow(c, s, lambda x: ("127.0.0.3", "192.0.2.0/24") in x.routes)
    check(not any(k["cut"] for k in c.show("show clients")))
    check(rss(controller) - before < 200 << 20, rss(controller) - before)


def test_the_end_of_a_session_is_told_and_its_routes_go(t):
    ambo, c, (a, b) = start(t)
    a.announce(["10.0.0.0/24", "10.0.1.0/24"])
    s, table = c.subscribe(snapshot=True), Table()
    table.follow(c, s, lambda x: x.synced and len(x.routes) == 2)
    a.notify(6, 4)
    table.follow(c, s, lambda x: ("127.0.0.2", "down") in x.states and not x.routes)
    a.wait_established()
    a.announce(["10.0.9.0/24"])
    table.follow(c, s, lambda x: ("127.0.0.2", "10.0.9.0/24") in x.routes)
    equal([state for n, state in table.states if n == "127.0.0.2"], ["up", "down", "connected", "up"])


def test_a_speaker_that_is_lost_is_told_and_nothing_is_told_twice_when_it_is_back(t):
    a = t.peer(listen="127.0.0.2:179", asn=65002)
    ambo = t.ambo().split(CONFIG.split("neighbor 127.0.0.3")[0].replace("{", "{ speaker edge;", 1), listen=("127.0.0.1",))
    a.wait_established()
    a.announce(["10.0.0.0/24", "10.0.1.0/24"])
    c = ambo.client()
    s, table = c.subscribe(snapshot=True, credit=1 << 30), Table()
    table.follow(c, s, lambda x: x.synced and len(x.routes) == 2)
    ambo.speaker.signal(signal.SIGSTOP)
    table.follow(c, s, lambda x: ("127.0.0.2", "unknown") in x.states, 15)
    equal(len(table.routes), 2)
    messages = table.messages
    a.withdraw(["10.0.1.0/24"])
    ambo.speaker.signal(signal.SIGCONT)
    table.follow(c, s, lambda x: x.states[-1] == ("127.0.0.2", "up") and len(x.routes) == 1, 20)
    check(a.established and a.session.number == 0)
    check(table.messages - messages <= 2, table.messages - messages)


def test_a_neighbor_that_a_reload_brings_is_covered(t):
    ambo, c, (a, b) = start(t)
    s, table = c.subscribe(snapshot=True), Table()
    table.follow(c, s, lambda x: x.synced)
    d = t.peer(listen="127.0.0.4:179", asn=65004, initial=bgp.table(10, next_hop="127.0.0.4", asn=65004))
    ambo.write_config(CONFIG + CONFIG.split("neighbor 127.0.0.3")[0].replace("127.0.0.2", "127.0.0.4").replace("65002", "65004"))
    equal(c.command("reload").status, "accepted")
    table.follow(c, s, lambda x: sum(k[0] == "127.0.0.4" for k in x.routes) == 10)
    ambo.write_config(CONFIG)
    c.command("reload")
    table.follow(c, s, lambda x: ("127.0.0.4", "removed") in x.states and not any(k[0] == "127.0.0.4" for k in x.routes))
    equal(table.resets, 1)


def test_subscriptions_of_one_client_are_apart(t):
    ambo, c, (a, b) = start(t)
    one, two = c.subscribe(neighbor="127.0.0.2", updates=True), c.subscribe(neighbor="127.0.0.3", updates=True)
    for address in ("127.0.0.2", "127.0.0.3"):
        speaker_has_heard(c, address)
    a.announce(["10.0.0.0/24"])
    b.announce(["10.1.0.0/24"])
    x, y = Table().follow(c, one, lambda x: x.messages), Table().follow(c, two, lambda x: x.messages)
    equal((list(x.routes), list(y.routes)), ([("127.0.0.2", "10.0.0.0/24")], [("127.0.0.3", "10.1.0.0/24")]))
    equal(c.unsubscribe(one).status, "done")
    a.announce(["10.0.1.0/24"])
    b.announce(["10.1.1.0/24"])
    y.follow(c, two, lambda y: len(y.routes) == 2)
    check(not c.events[one])


if __name__ == "__main__":
    from tests.fake import bgp
    main()
