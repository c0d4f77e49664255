"""A BGP peer that sends a great deal, for tests that must not share a processor's turn with it: a
process of its own which takes orders on standard input, one a line, and answers each with "done N ...".

    table KEYS MED [PER]        announce KEYS prefixes, PER an UPDATE (default 200), with this MED
    flood KEYS COUNT RATE       COUNT (0: until "stop") UPDATEs of one prefix each, round and round over KEYS
                                prefixes with a MED that changes each round; RATE a second, 0: flat out
    waves LIVE TOTAL            announce LIVE prefixes never seen before and withdraw them, until TOTAL were
    churn KEYS SECONDS          announce and withdraw parts of KEYS prefixes for so long
    withdraw KEYS
    stop                        the flood ends after what is half sent (is not answered)

Prefixes are /24s from 10.0.0.0 on; those of waves are /32s from 100.0.0.0 on."""
import argparse
import queue
import random
import sys
import threading
import time

from tests.fake import bgp
from tests.fake.peer import FakePeer, Flood


class Rounds(Flood):
    """A Flood whose messages are made round by round: the same prefixes, another MED."""

    def __init__(self, make, count, rate):
        self.make, self.left, self.round = make, count or 1 << 62, 0
        super().__init__(make(0), rate, 0)

    def next(self, now):
        if self.left <= 0:
            self.done = True
        if self.done:
            return None
        part = super().next(now)
        if part is None:
            return None
        self.left -= part[1]
        if self.left <= 0:
            self.done = True
        if self.at == 0:
            self.round += 1
            messages = self.make(self.round)
            self.parts = [(m, 1) for m in messages] if self.rate else bgp.buffers(messages)
        return part


class Loader:
    def __init__(self, peer):
        self.peer = peer
        self.prefixes = bgp.prefixes(65536 * 4)
        self.rounds = {}

    def say(self, octets):
        """Send, and wait while much of it is still to go."""
        self.peer.send(octets)
        while True:
            with self.peer.lock:
                if len(self.peer.session._out) < 64:
                    return
            time.sleep(0.001)

    def attributes(self, med):
        return dict(as_path=[self.peer.asn], med=med)

    def announce(self, prefixes, med, per=200):
        hop = self.peer.session.local[0]
        block = bgp.attributes(origin=0, next_hop=hop, **self.attributes(med))
        for at in range(0, len(prefixes), per):
            self.say(bgp.update(prefixes[at:at + per], attrs=block))

    def withdraw(self, prefixes):
        for m in bgp.withdraw(prefixes):
            self.say(m)

    def single(self, keys, number):
        """A round: every prefix in an UPDATE of its own; of four MEDs one. Made once."""
        made = self.rounds.get((keys, number % 4))
        if made is None:
            block = bgp.attributes(origin=0, next_hop=self.peer.session.local[0],
                                   **self.attributes(1 + number % 4))
            made = self.rounds[keys, number % 4] = [bgp.update((p,), attrs=block) for p in self.prefixes[:keys]]
        return made

    def flood(self, keys, count, rate):
        for n in range(4):
            self.single(keys, n)
        session = self.peer.session
        start = time.monotonic()
        with self.peer.lock:
            flood = session.flood = Rounds(lambda n: self.single(keys, n), count, rate or None)
            session._write()
        while not flood.ended and session.state == "established":
            time.sleep(0.01)
            if flood.done and not session._out:
                break
        passed = time.monotonic() - start
        return "%d %.0f" % (flood.sent, flood.sent / passed)

    def waves(self, live, total):
        made = 0
        while made < total:
            prefixes = bgp.prefixes(live, bgp._address((0x64000000 + made).to_bytes(4, "big")), 32)
            self.announce(prefixes, 5)
            self.withdraw(prefixes)
            made += live
        return made

    def churn(self, keys, seconds):
        end, seed, changes = time.monotonic() + seconds, random.Random(7), 0
        while time.monotonic() < end and self.peer.established:
            at = seed.randrange(keys - 50)
            part = self.prefixes[at:at + 50]
            if seed.random() < 0.3:
                self.withdraw(part)
            else:
                self.announce(part, seed.randrange(1000), 10)
            changes += 1
            time.sleep(0.002)
        return changes

    def run(self, words):
        verb, numbers = words[0], [int(w) for w in words[1:]]
        if verb == "table":
            self.announce(self.prefixes[:numbers[0]], *numbers[1:])
        elif verb == "withdraw":
            self.withdraw(self.prefixes[:numbers[0]])
        else:
            return getattr(self, verb)(*numbers)
        return ""


def main():
    a = argparse.ArgumentParser(prog="python3 -m tests.fake.loader", description=__doc__.splitlines()[0])
    a.add_argument("--listen", required=True)
    a.add_argument("--as", dest="asn", type=int, required=True)
    a.add_argument("--hold", type=int, default=90)
    o = a.parse_args()
    peer = FakePeer(listen=o.listen, asn=o.asn, hold_time=o.hold, record=False, parse=False, eor=False,
                    on_event=lambda p, e: print(e.name, e.detail, flush=True)
                    if e.name in ("established", "closed", "notification") else None)
    print("listening", flush=True)
    orders, loader, number = queue.Queue(), Loader(peer), 0

    def read():
        for line in sys.stdin:
            if line.strip() == "stop":
                session = peer.session
                if session and session.flood:
                    session.flood.stop()
            orders.put(line.split())
        orders.put(None)
    threading.Thread(target=read, daemon=True).start()
    for words in iter(orders.get, None):
        number += 1
        if not words or words[0] == "stop":
            continue
        peer.wait_established(30)
        print("done %d %s" % (number, loader.run(words)), flush=True)
    peer.stop()


if __name__ == "__main__":
    main()
