#!/usr/bin/python3
"""Who is told what happens without a table being kept for it: clients and helpers that read, that stop reading, and
that come back, while routes come and go. In the end all of them hold what the peer says, whichever way they got it."""
import json
import random
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.puppet import Puppet
from tests.integration.scene import *

PEER, OTHER = "127.0.0.2", "127.0.0.3"
FULL = os.environ.get("AMBO_FULL") == "1"
STEPS = 400 if FULL else 60
KEYS = ["10.%d.%d.0/24" % (i >> 8, i & 255) for i in range(6000)]
TOLD = "neighbor-changes; receive { parsed; update; }"


class Model:
    """What the peer says, and the peer that says it."""

    def __init__(self, peer, seed):
        self.peer, self.table, self.random, self.med = peer, {}, random.Random(seed), 0

    def announce(self, prefixes):
        self.med += 1
        self.table.update(dict.fromkeys(prefixes, self.med))
        self.peer.announce(prefixes, med=self.med)

    def withdraw(self, prefixes):
        for p in prefixes:
            self.table.pop(p, None)
        self.peer.withdraw(prefixes)

    def some(self, of):
        start = self.random.randrange(len(of))
        return of[start:start + self.random.choice((1, 10, 400))]

    def step(self):
        if self.table and self.random.random() < 0.45:
            self.withdraw(self.some(sorted(self.table)))
        else:
            self.announce(self.some(KEYS))

    def forget(self):
        self.table.clear()


class Listener(Puppet):
    """A helper; its table, made of the JSON that it was told"""

    @property
    def table(self):
        table = {}
        for line in self.told().decode().split("\n")[:-1]:
            event = json.loads(line)["neighbor"] if line.startswith("{") else {}
            if event.get("address", {}).get("peer") != PEER:
                continue
            if event.get("state") == "down":
                table.clear()
            update = event.get("message", {}).get("update", {})
            for rows in update.get("withdraw", {}).values():
                for r in rows:
                    table.pop(r["nlri"], None)
            for hops in update.get("announce", {}).values():
                for rows in hops.values():
                    for r in rows:
                        table[r["nlri"]] = update["attribute"].get("med")
        return table

    def until(self, want, timeout=60):
        end = deadline(timeout)
        while True:
            wrong = differences(want, self.table)
            if wrong is None:
                return
            check(time.monotonic() < end, "helper %s: %s" % (self.name, wrong))
            time.sleep(0.2)


def scene(t, seed, split=False):
    """→ ambo, a client, the model, the followers that read, helpers"""
    peer = t.peer(listen=PEER + ":179", asn=65002)
    other = t.peer(listen=OTHER + ":179", asn=65003)
    helpers = Listener(t.dir, "reads"), Listener(t.dir, "stops", deaf=True)
    edge = "edge" if split else None
    api = " ".join(h.api(TOLD) for h in helpers)
    config = "".join(h.process("json") for h in helpers) + neighbor(PEER, 65002, extra=api, speaker=edge) + neighbor(OTHER, 65003, speaker=edge)
    ambo = t.ambo()
    if split:
        ambo.split(config, listen=("127.0.0.1",))
    else:
        ambo.run(config)
    client = ambo.client()
    wait_up(client, PEER, OTHER)
    return ambo, client, Model(peer, seed), helpers


def follow(ambo, **how):
    return Follower(ambo.client(), PEER, **how)


def agree_all(model, followers, helpers):
    for follower in followers:
        follower.until(model.table)
    for helper in helpers:
        helper.until(model.table)


def test_whoever_stops_reading_has_the_same_in_the_end(t):
    ambo, client, model, helpers = scene(t, 1)
    alive, table = follow(ambo, snapshot=False), follow(ambo)
    stuck = follow(ambo, snapshot=False, credit=65536)
    model.announce(KEYS[:3000])
    for step in range(STEPS):
        model.step()
        if step % 7 == 0:  # a table is needed for a moment
            received(client, PEER)
        if step % 20 == 10:
            stuck.read()
        alive.read()
        table.read()
    helpers[1].listen()
    agree_all(model, (alive, table, stuck), helpers)
    equal(meds(received(client, PEER)), model.table)
    # live again: what comes is told as it comes
    model.withdraw(KEYS)
    model.announce(KEYS[:10])
    agree_all(model, (alive, table, stuck), helpers)
    check(stuck.lagged > 0)


def test_a_table_that_goes_while_nobody_reads_is_withdrawn_from_all(t):
    ambo, client, model, helpers = scene(t, 2)
    alive, stuck = follow(ambo, snapshot=False), follow(ambo, snapshot=False, credit=4096)
    many = ["10.%d.%d.%d/32" % (i >> 16, i >> 8 & 255, i & 255) for i in range(200000)]
    model.announce(many)
    alive.until(model.table)
    controller = ambo.half("ambo-controller")
    before = rss(controller)
    model.withdraw(many)
    model.announce(KEYS[:5])
    alive.until(model.table)
    check(rss(controller) - before < 60 << 20, "grown by %d" % (rss(controller) - before))
    helpers[1].listen()
    agree_all(model, (alive, stuck), helpers)
    check("its routes are told anew" not in helpers[1].told().decode(), "it was told that the session is down")


def test_a_session_that_ends_and_comes_back_while_nobody_reads(t):
    ambo, client, model, helpers = scene(t, 3)
    alive, stuck = follow(ambo, snapshot=False), follow(ambo, snapshot=False, credit=4096)
    for turn in range(4):
        model.announce(KEYS[:4000])
        for _ in range(5):
            model.step()
        if turn < 2:
            alive.until(model.table)
        model.peer.notify(6, 4)
        model.forget()
        wait_until(lambda: not model.peer.established, 10)
        model.peer.wait_established(20)
        wait_up(client, PEER)
    model.announce(KEYS[100:200])
    helpers[1].listen()
    agree_all(model, (alive, stuck), helpers)


def test_a_lane_that_is_lost_hides_nothing(t):
    ambo, client, model, helpers = scene(t, 4, split=True)
    alive, table = follow(ambo, snapshot=False), follow(ambo)
    stuck = follow(ambo, snapshot=False, credit=4096)
    model.announce(KEYS)
    agree_all(model, (alive, table), helpers[:1])
    ambo.speaker.signal(signal.SIGSTOP)
    wait_until(lambda: "unknown" in str(client.show("show neighbors")) or None, 15)
    for _ in range(10):
        model.step()
    ambo.speaker.signal(signal.SIGCONT)
    wait_up(client, PEER)
    model.step()
    helpers[1].listen()
    agree_all(model, (alive, table, stuck), helpers)
    equal((table.resets, alive.resets > 0), (0, True))


def test_a_helper_that_is_started_again_beside_live_ones(t):
    ambo, client, model, helpers = scene(t, 5)
    alive = follow(ambo, snapshot=False)
    model.announce(KEYS)
    agree_all(model, (alive,), helpers[:1])
    for turn in range(3):
        pid = helpers[0].wait_started(turn + 1)
        helpers[0].clear()
        os.kill(pid, signal.SIGKILL)
        for _ in range(10):
            model.step()
        helpers[0].wait_started(turn + 2)
        agree_all(model, (alive,), helpers[:1])
    helpers[1].listen()
    agree_all(model, (alive,), helpers)


if __name__ == "__main__":
    main()
