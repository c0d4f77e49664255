#!/usr/bin/python3
"""controller/COMPATIBILITY.md has a row for every word of ExaBGP (cases/exabgp/words.case) and for every word of our own
tables (`ambo schema`), and says of each what is so."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import re
from tests.integration.harness import *

PAGE = ROOT / "controller" / "COMPATIBILITY.md"


def theirs():
    """{kind: [word]}"""
    found = {}
    for line in (CASES / "exabgp/words.case").read_text().splitlines():
        if line and not line.startswith("#"):
            kind, words = line.split(": ", 1)
            found.setdefault(kind, []).extend(w.replace("+", " ") for w in words.split())
    return found


def ours():
    """{kind: {word: why it has no effect, or None}}"""
    status, out, err = cli("schema")
    equal((status, err), (0, ""))
    found = {}
    for line in out.splitlines():
        kind, word, *idle = line.split("\t")
        check(word not in found.get(kind, {}), "twice", line)
        found.setdefault(kind, {})[word] = idle[0] if idle else None
    return found


def rows():
    """[(kind, their words, our words, verdict, why)]"""
    kind, found = None, []
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            kind = line[3:]
        elif line.startswith("| ") and line != "| ExaBGP | Ambo | | |" and line.count("|") == 5:
            cells = [c.strip() for c in line.strip("|").split("|")]
            found.append((kind, re.findall("`([^`]*)`", cells[0]), re.findall("`([^`]*)`", cells[1]), cells[2], cells[3]))
    return found


def missing(words, listed):
    return sorted("%s: %s" % (k, w) for k in words for w in words[k] if w not in listed.get(k, []))


def columns():
    left, right = {}, {}
    for kind, e, o, _, _ in rows():
        left.setdefault(kind, []).extend(e)
        right.setdefault(kind, []).extend(o)
    return left, right


def test_every_word_has_a_row_and_every_row_a_word(t):
    left, right = columns()
    equal(missing(theirs(), left), [], "words of ExaBGP without a row")
    equal(missing(ours(), right), [], "words of ours without a row")
    equal(missing(left, theirs()), [], "rows about words that ExaBGP has not")
    equal(missing(right, ours()), [], "rows about words that we have not")
    for kind, words in left.items():
        equal(sorted(words), sorted(set(words)), kind + ": each word once")


def test_a_row_says_what_is_so(t):
    schema, types = ours(), "\n".join(p.read_text() for p in CASES.glob("*.case"))
    for kind, e, o, verdict, why in rows():
        check(verdict in ("same", "better", "differs", "ours"), kind, e, verdict)
        equal(verdict == "ours", not e, (kind, o))
        check(why or verdict in ("same", "ours"), kind, e, "why?")
        for word in o:
            idle = schema[kind][word]
            check(not idle or (verdict == "differs" and why == idle), kind, word, "has no effect:", idle)
        if not o and kind == "route type":
            for word in e:
                check(word in types, word, "is in no case")
        elif not o:
            equal(verdict, "differs", (kind, e, "we have nothing"))


def test_every_command_is_typed_in_some_case(t):
    typed = re.findall(r"^[046]+> (.*)", (CASES / "exabgp/commands.case").read_text(), re.M)
    for word in theirs()["command"]:
        check(any(line == word or line.startswith(word + " ") or " %s " % word in line or line.endswith(" " + word) for line in typed)
              or word in ("shutdown", "restart", "daemon shutdown", "daemon restart"), word, "is in no case")


def test_the_page_can_be_found(t):
    check("controller/COMPATIBILITY.md" in (ROOT / "README.md").read_text())


if __name__ == "__main__":
    main()
