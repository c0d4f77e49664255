#!/usr/bin/python3
# ctest: COST 250
"""Configurations as they are, under Debian's exabgp and under `ambo run`: both at the same time, with peers that
mirror their OPEN, each in a network of its own. What the peers know in the end is the same, and so are the UPDATEs,
octet for octet; differential/explained says where they are not, and why. The files are those of differential/, and
with AMBO_VECTORS=FOLDER those of FOLDER/conf; words on the command line choose some: differential_test.py -f NAME."""
import os, re, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.interop.twins import OWN, Twins, judge

TOGETHER, QUIET = int(os.environ.get("JOBS", 6)), 1.0


def play(t, configs, where=""):
    """some at a time"""
    out, waiting, playing = [], list(enumerate(configs)), []
    while waiting or playing:
        while waiting and len(playing) < TOGETHER:
            number, config = waiting.pop(0)
            playing.append((Twins(t, config, number, where=where), deadline(15)))
        for twins, end in list(playing):
            if twins.settled(QUIET) or time.monotonic() > end:
                twins.compare()
                twins.stop()
                playing.remove((twins, end))
                out.append((twins.name, twins.level, twins.faults))
        time.sleep(0.05)
    return out


CHOSEN = sys.argv[sys.argv.index("-f") + 1:] if "-f" in sys.argv else None


def chosen(folder):
    return [f for f in sorted(folder.glob("*.conf")) if CHOSEN is None or any(c in f.name for c in CHOSEN)]


def test_our_configurations(t):
    judge(play(t, chosen(OWN)))


def test_the_examples_that_exabgp_comes_with(t):
    examples = Path("/usr/share/doc/exabgp/examples")
    if not examples.exists():
        skip("exabgp is not installed with its examples")
    # what helper programs say is not of this test
    judge(play(t, [f for f in chosen(examples) if not re.search(r"\brun\s", f.read_text())], "debian/"))


def test_the_configurations_of_a_folder(t):
    if "AMBO_VECTORS" not in os.environ:
        skip("AMBO_VECTORS names no folder")
    # what helper programs say is not of this test
    judge(play(t, [f for f in chosen(Path(os.environ["AMBO_VECTORS"]) / "conf") if "run ./run/" not in f.read_text()]))


if __name__ == "__main__":
    if CHOSEN is not None:
        del sys.argv[sys.argv.index("-f"):]
    main()
