#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""What a helper program says, command by command, to Debian's exabgp and to `ambo run`: after each step of a scenario the
peers of both know the same, and in it they were told the same UPDATEs, octet for octet; the answers are the same, too.
scenarios/NAME.steps is said to NAME.conf; differential/explained says where both differ, and why."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.twins import OCTETS, ROUTES, Twins, judge

SCENARIOS, QUIET = ROOT / "tests/interop/scenarios", 0.6


def steps(name):
    return ["up"] + [line[3:].strip() for line in open(SCENARIOS / (name + ".steps")) if line.startswith("== ")]


def answers(side):
    path = side.directory / "answers"
    return path.read_text().splitlines() if path.exists() else []


def settle(twins, step):
    """until both came to the end of this step, and nothing more is told"""
    wait_until(lambda: all((s.directory / step).exists() for s in twins.sides) and twins.settled(QUIET), 15,
               "%s: %s of %s" % (twins.name, step, [s.kind for s in twins.sides if not (s.directory / step).exists()]))


def play(t, name):
    twins = Twins(t, SCENARIOS / (name + ".conf"), 0, singly=True)
    out, said = [], [0, 0]
    for step in steps(name):
        twins.next("%s:%s" % (name, step))
        settle(twins, step)
        lines = [answers(s)[n:] for s, n in zip(twins.sides, said)]
        said = [n + len(l) for n, l in zip(said, lines)]
        for theirs, ours in zip(*lines):
            if theirs != ours:
                twins.differs(OCTETS, "exabgp answers %s, ambo %s" % (theirs, ours))
        out.append((twins.name, twins.level, twins.faults))
        for s in twins.sides:
            (s.directory / (step + ".go")).touch()
    twins.stop()
    judge(out)


def test_unicast_routes(t):
    play(t, "unicast")


def test_routes_with_labels(t):
    play(t, "vpn")


def test_flows(t):
    play(t, "flow")


def test_vpls(t):
    play(t, "vpls")


def test_watchdogs(t):
    play(t, "watchdog")


def test_flush_and_clear(t):
    play(t, "flush")


def test_refreshes(t):
    play(t, "refresh")


def test_sessions_that_are_torn_down(t):
    play(t, "teardown")


def test_a_neighbor_without_adj_rib_out(t):
    play(t, "forget")


def test_words_of_later_versions(t):
    play(t, "words")


if __name__ == "__main__":
    main()
