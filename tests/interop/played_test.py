#!/usr/bin/python3
# ctest: TIMEOUT 1800
# ctest: RUN_SERIAL ON
"""Helper programs that know of no test, under Debian's exabgp and under `ambo run`: between each and its daemon stands
played/relay, which holds back what the program says next until the peers of both know what it said before. Then they know
the same routes, and were told the same of it, and the program has the same answers; differential/explained says where not, and why ("NAME.conf:PROGRAM.N" is
what was known when PROGRAM had said N things).

The files are played/*.conf, in remarks of which it stands what the peers do, and with AMBO_VECTORS=FOLDER those that FOLDER/api/*.ci name in FOLDER/conf, whose options for
the peer are heeded, too. `played_test.py -f NAME...` plays some."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import re
import shlex
from tests.integration.harness import *
from tests.interop.twins import OCTETS, ORDER, SAME, Twins, is_eor, judge

PLAYED = ROOT / "tests/interop/played"
TOGETHER, QUIET, OVER = int(os.environ.get("JOBS", 4)), 0.6, 3
LONGEST = 90  # some programs go on for ever

# What 4.2 has no word for is said to neither.
WITHOUT = {
    r"^(announce|withdraw) ipv[46] ": "4.2 knows no families behind announce and withdraw",
    r"^(ping|status)\b": "4.2 has no ping and no status",
}
# What is not played.
LEFT_OUT = {
    "api-ack-control": "4.2 answers always",
    "api-healthcheck-module": "our health checker speaks as those of later versions",
    "api-peer-lifecycle": "4.2 makes no neighbors by command",
}


class Story:
    """What a configuration is played with: its files, and what its peers do"""

    def __init__(self, files, ci=""):
        self.files, self.name = files, files[0].name
        self.default_route = "option:update:send-default-route" in ci
        self.reload = ":signal:SIGUSR1" in ci
        self.notify = next((line.split(":", 2)[2] for line in ci.splitlines() if re.match(r"(# )?\w+:notification:", line)), None)

    def write(self, directory):
        """The configuration with a relay before each program"""
        text = self.files[0].read_text()

        def relayed(found):
            words = shlex.split(found.group(2))
            here = self.files[0].parent
            path = next(p for p in (here / words[0], here.parent / words[0]) if p.exists()).resolve()
            return "%s%s %s %s %s;" % (found.group(1), PLAYED / "relay", path.stem, path, " ".join(words[1:]))
        text = re.sub(r"(\brun\s+)([^;]+);", relayed, text)
        path = directory / self.name
        path.write_text(text)
        return path


class Played:
    """One story told to both"""

    def __init__(self, t, story, number):
        directory = t.dir / ("story%d" % number)
        directory.mkdir()
        (directory / "without").write_text("".join(p + "\n" for p in WITHOUT))
        self.story, self.directory = story, directory
        self.config = story.write(directory)
        # what ends is started again, and would play it all again
        self.ends_matter = re.search(r"\brespawn\s+(false|disable|no\b|0)", self.config.read_text())
        self.twins = Twins(t, self.config, number, singly=True, env={
            "WITHOUT": str(directory / "without"), "HEALTHCHECK": "%s healthcheck" % program("ambo")})
        self.step, self.out, self.said, self.left_out = "begin", [], None, 0
        self.since, self.refreshes, self.over = time.monotonic(), {}, False
        self.settled_by, self.over_by = deadline(10), deadline(OVER)
        self.end = deadline(LONGEST)
        self.answered = {}
        self.twins.next("%s:begin" % self.twins.name)

    def held(self, side):
        """[what waits for leave, "PROGRAM.N"]"""
        names = {p.name for p in side.directory.iterdir() if re.fullmatch(r".+\.\d+(\.go)?", p.name)}
        return sorted(n for n in names if not n.endswith(".go") and n + ".go" not in names)

    def due(self):
        """What both programs want to say next, or None"""
        both = [self.held(s) for s in self.twins.sides]
        return next((n for n in both[0] if n in both[1] and (self.ends_matter or self.says(n))), None)

    def says(self, due):
        return any((s.directory / due).stat().st_size for s in self.twins.sides)

    def turn(self):
        """False when it is over"""
        self.peers()
        twins = self.twins
        if all(s.ended() for s in twins.sides) or any(s.ended() for s in twins.sides) and time.monotonic() - self.since > 3:
            self.close()
            return False
        due = self.due()
        now = time.monotonic()
        if now - self.since < QUIET or not twins.settled(QUIET):
            if now > self.settled_by:
                self.close()
                return False
            return True
        if due is None and now < self.over_by:
            return True
        self.close()
        if time.monotonic() > self.end:
            return False
        if self.twins.name.endswith(":begin") and self.story.notify is not None:
            self.notify()
        elif due is not None:
            self.go(due)
        else:
            return self.act()
        return True

    def answers(self, side):
        """{program: "done" and "error" in turn}, up to now"""
        return {p.name: p.read_text().split() for p in sorted(side.directory.glob("*-answers"))}

    def close(self):
        """the end of a step"""
        self.twins.compare()
        theirs, ours = (self.answers(s) for s in self.twins.sides)
        for name in sorted(theirs.keys() | ours.keys()):
            news = [a.get(name, [])[self.answered.get(name, 0):] for a in (theirs, ours)]
            if news[0] != news[1]:
                self.twins.differs(OCTETS, "%s: exabgp answers %s, ambo %s" % (name, *news))
        self.answered = {name: len(a) for name, a in ours.items()}
        # 4.2 says what came in one write in one turn of its loop, or in two: withdraws before announces, or not
        level = SAME if self.twins.level == ORDER else self.twins.level
        text = "after %s" % (self.said or self.step).strip()
        self.out.append((self.twins.name, level, self.twins.faults and [text] + self.twins.faults))

    def begin(self, step, said):
        self.step, self.said, self.since = step, said, time.monotonic()
        self.settled_by, self.over_by = deadline(10), deadline(OVER)
        self.twins.next("%s:%s" % (self.twins.name.split(":")[0], step))

    def go(self, due):
        said = [(s.directory / due).read_text() for s in self.twins.sides]
        self.left_out += sum(1 for line in said[0].splitlines() if any(re.search(p, line) for p in WITHOUT))
        self.begin(due, said[0] if said[0] == said[1] else "exabgp's: %sambo's: %s" % tuple(said))
        for s in self.twins.sides:
            (s.directory / (due + ".go")).touch()

    def notify(self):
        """The peers end their sessions, once"""
        self.begin("notified", "a NOTIFICATION")
        for s in self.twins.sides:
            for peer in s.peers.values():
                peer.session.notify(6, 2, bytes((len(self.story.notify),)) + self.story.notify.encode())

    def act(self):
        """What is done when the programs are through; False: nothing is left"""
        if self.story.reload and not self.over:
            self.begin("reload", "the second file")
            self.over = True
            text = Story(self.story.files[1:]).write(self.directory)
            self.config.write_text(text.read_text())
            for s in self.twins.sides:
                s.process.signal(signal.SIGUSR1)
            return True
        return False

    def peers(self):
        """What the peers do by themselves: what they were told they say when they are asked for it"""
        for s in self.twins.sides:
            for peer in s.peers.values():
                self.first(peer)
                with peer.lock:
                    asked = peer.count[bgp.ROUTE_REFRESH]
                    told = [m.raw for m in peer.messages if m.type == bgp.UPDATE and not is_eor(m.body)]
                if asked > self.refreshes.get(peer, 0) and peer.session:
                    self.refreshes[peer] = asked
                    for raw in told:
                        peer.session.send(raw)

    def first(self, peer):
        if peer in self.refreshes or not peer.established:
            return
        self.refreshes[peer] = 0
        if self.story.default_route:
            peer.session.send(bgp.update(["0.0.0.0/32"], attrs=bgp.attributes(as_path="", next_hop="127.0.0.1", local_pref=100)))


def play(t, stories):
    """some at a time"""
    out, waiting, playing, left_out = [], list(enumerate(stories)), [], 0
    while waiting or playing:
        while waiting and len(playing) < TOGETHER:
            number, story = waiting.pop(0)
            playing.append(Played(t, story, number))
        for one in list(playing):
            if not one.turn():
                one.twins.stop()
                playing.remove(one)
                out += one.out
                left_out += one.left_out
        time.sleep(0.02)
    if left_out:
        print("    %d commands were said to neither: %s" % (left_out, "; ".join(WITHOUT.values())))
    judge(out)


def story(config, text):
    """of a text that says what the peers do, and which other files there are"""
    files = re.findall(r"(?m)^(?:# )?option:file:(\S+)", text)
    return Story([config.parent / f for f in files] or [config], text)


CHOSEN = sys.argv[sys.argv.index("-f") + 1:] if "-f" in sys.argv else None


def chosen(paths):
    return [p for p in sorted(paths) if CHOSEN is None or any(c in p.name for c in CHOSEN)]


def test_our_programs(t):
    play(t, [story(f, f.read_text()) for f in chosen(PLAYED.glob("*.conf"))])


def test_the_programs_of_a_folder(t):
    if "AMBO_VECTORS" not in os.environ:
        skip("AMBO_VECTORS names no folder")
    stories = []
    for ci in chosen((Path(os.environ["AMBO_VECTORS"]) / "api").glob("*.ci")):
        if ci.stem in LEFT_OUT:
            print("    %s is left out: %s" % (ci.stem, LEFT_OUT[ci.stem]))
            continue
        stories.append(story(ci.parent.parent / "conf" / ci.with_suffix(".conf").name, ci.read_text()))
    play(t, stories)


if __name__ == "__main__":
    if CHOSEN is not None:
        del sys.argv[sys.argv.index("-f"):]
    main()
