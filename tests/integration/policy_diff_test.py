#!/usr/bin/python3
"""policy diff says what another configuration would tell the neighbors, and sends nothing; a reload with that
configuration then sends exactly that, and takes no session down. All peers are played."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import json
import random
from tests.integration.harness import *
from tests.integration.scene import *
from tests.integration.town import *


def policies(keep="10.0.0.0/9 le 32", mark="65001:1", med="5", refuse="65002:9"):
    return """set prefixes keep { %s; }
policy in {
	rule none { match { community %s; } then { reject; } }
	rule liked { match { community 65002:1; } then { local-preference 200; } }
	rule rest { then { accept; } }
}
policy out {
	rule kept { match { prefix keep; } then { community add %s; med %s; accept; } }
}
""" % (keep, refuse, mark, med)


WORDS = "propagate router; import in; export out"
ALL = "propagate router; import in; export accept"


def sections(**words):
    return "".join(Town.section(globals()[k], v) for k, v in words.items())


def diff(town, text, name="candidate"):
    """→ (rows by (neighbor, prefix), counts by neighbor, notes) of `ambo policy diff`"""
    path = town.path / name
    path.write_text(text)
    status, out, err = town.ambo.cli("policy", "diff", str(path), "-j", "--timeout", "100", timeout=60)
    equal((status, err), (0, ""))
    rows = json.loads(out)
    found = {(r["neighbor"], r["nlri"]): r for r in rows if "change" in r}
    equal(len(found), sum("change" in r for r in rows), "each neighbor and prefix once")
    counts = {r.get("neighbor"): (r["announced"], r["withdrawn"], r["changed"]) for r in rows if "announced" in r}
    return found, counts, [r["note"] for r in rows if "note" in r]


def attributes(a):
    return (a["as_path"], a.get("med"), a.get("local_pref"), tuple(sorted(a.get("communities") or ())), a["next_hop"])


def of_row(r, side):
    v = r.get(side)
    if v is None:
        return None
    a = v["attribute"]
    path = [x for i in sorted(a.get("as-path", {}), key=int) for x in a["as-path"][i]["value"]]
    return (path, a.get("med"), a.get("local-preference"), tuple(sorted("%d:%d" % tuple(c) for c in a.get("community", []))),
            v["next-hop"])


def now(town, i):
    return {p: attributes(a) for p, a in town.table(i).items()}


class Model:
    """What the neighbors are told of one another's routes, worked out anew from what was said."""

    def __init__(self, said):
        self.said = said  # {prefix: (path, communities, med)}

    def told(self, keep, mark="65001:1", med=5, refuse="65002:9"):
        out = {}
        for prefix, (path, communities, _) in self.said.items():
            if refuse in communities or not keep(prefix):
                continue
            out[prefix] = ([65001] + path, med, None, tuple(sorted(communities + [mark])), LOCAL)
        return out


def heard(town, counts):
    """Ambo has heard of so many prefixes"""
    for i, count in counts.items():
        wait_until(lambda: state(town.client, address(i))["prefixes"]["received"] == count, 10, "what %s says" % address(i))


def said_by_chance(count, seed):
    r = random.Random(seed)
    out = {}
    for prefix in bgp.prefixes(count // 2, "10.64.0.0") + bgp.prefixes(count - count // 2, "10.192.0.0"):
        path = [65002] + [r.randrange(64512, 65000) for _ in range(r.randrange(4))]
        communities = r.sample(["65002:1", "65002:2", "65002:9", "65002:10"], r.randrange(3))
        out[prefix] = (path, communities, r.choice((None, 7)))
    return out


def tell(peer, said, hop):
    groups = {}
    for prefix, (path, communities, med) in said.items():
        groups.setdefault((tuple(path), tuple(communities), med), []).append(prefix)
    for (path, communities, med), prefixes in groups.items():
        attrs = dict(as_path=list(path), communities=list(communities), med=med)
        peer.announce(prefixes, next_hop=hop, **{k: v for k, v in attrs.items() if v})


def test_a_reload_of_a_large_table_sends_what_the_diff_said_and_nothing_else(t):
    said = said_by_chance(24000, 1)
    model = Model(said)
    town = Town(t, policies(), OUT1=WORDS, OUT2=WORDS, OUT3=ALL)
    town.path = t.dir
    tell(town.peers[OUT1], said, address(OUT1))
    lower, upper = lambda p: int(p.split(".")[1]) < 128, lambda p: int(p.split(".")[1]) >= 96
    first = model.told(lower)
    wait_until(lambda: now(town, OUT2) == first, 60, "the first table")
    town.quiet() # the others have theirs
    before = {i: now(town, i) for i in (OUT2, OUT3)}
    check(len(before[OUT3]) > 15000, len(before[OUT3]))
    # other prefixes, another mark and another refusal
    sessions = [p.session for p in town.peers.values()]
    since = time.monotonic()
    text = policies(keep="10.96.0.0/11 le 32; 10.128.0.0/9 le 32", mark="65001:2", med="6", refuse="65002:10") + \
        sections(OUT1=WORDS, OUT2=WORDS, OUT3=ALL)
    pid = town.ambo.half("ambo-controller")
    cpu = cpu_ticks(pid)
    rows, counts, notes = diff(town, text)
    took, cpu = time.monotonic() - since, (cpu_ticks(pid) - cpu) / TICKS
    equal([len(town.peers[i].updates(since)) for i in (OUT1, OUT2, OUT3)], [0, 0, 0], "nothing is sent")
    want = model.told(upper, "65001:2", 6, "65002:10")
    for prefix in first.keys() | want.keys():
        r = rows.get((address(OUT2), prefix))
        if first.get(prefix) == want.get(prefix):
            equal(r, None, prefix)
        else:
            equal((of_row(r, "before"), of_row(r, "after")), (first.get(prefix), want.get(prefix)), prefix)
            equal(r["change"], "change" if "before" in r and "after" in r else "announce" if "after" in r else "withdraw")
    equal(counts[address(OUT2)], (len(want.keys() - first.keys()), len(first.keys() - want.keys()),
                                  sum(first[p] != want[p] for p in first.keys() & want.keys())))
    equal(counts[None], tuple(map(sum, zip(*(c for n, c in counts.items() if n)))))
    check(notes and "neighbors: 3 unchanged" in notes[0], notes)
    print("    %d rows in %.2f s, %.2f s CPU of the controller; %s" % (len(rows), took, cpu, counts[None]))
    # the reload does it: each prefix of the rows once, and no other
    town.ambo.write_config(text)
    start = time.monotonic()
    equal(town.client.command("reload", timeout=30).status, "accepted")
    wait_until(lambda: now(town, OUT2) == want, 60, "the table of the reload")
    for peer in (town.peers[OUT2], town.peers[OUT3]):
        peer.wait_quiet(0.5)
    print("    reloaded and told after %.2f s" % (time.monotonic() - start))
    for i in (OUT2, OUT3):
        sent = [k[1] for m in town.peers[i].updates(start) for k in list(m.update["announced"]) + list(m.update["withdrawn"])]
        equal(sorted(sent), sorted(p for n, p in rows if n == address(i)), "what was said to %s" % address(i))
        after = now(town, i)
        for (n, prefix), r in rows.items():
            if n == address(i):
                equal(after.get(prefix), of_row(r, "after"), prefix)
                equal(before[i].get(prefix), of_row(r, "before"), prefix)
    check(all(p.established for p in town.peers.values()), "no session went")
    equal([p.session for p in town.peers.values()], sessions)
    # and now there is nothing to be told
    rows, counts, _ = diff(town, text)
    equal((rows, counts), ({}, {None: (0, 0, 0)}))


def test_by_chance_diff_and_reload_agree(t):
    """Roles, policies and neighbors of many kinds: what was promised is what comes, round after round."""
    r = random.Random(5)
    choices = [OPEN, WORDS, ALL, "", "propagate router; import accept", "propagate route-server-client; import in; export out",
               "propagate router; import [ in accept ]; export [ out accept ]", "propagate router; import reject; export accept"]
    inside = ["propagate router", "propagate reflector-client", "", "propagate router; export out", "propagate reflector-client; import in"]
    names = ("OUT1", "OUT2", "OUT3", "IN1", "IN2")

    def text():
        words = {n: r.choice(inside if n.startswith("IN") else choices) for n in names}
        return policies(keep=r.choice(("10.64.0.0/10 le 32", "10.0.0.0/8 le 32", "10.192.0.0/16 le 32")), med=r.choice("567"),
                        mark=r.choice(("65001:1", "65001:2")), refuse=r.choice(("65002:9", "65002:*"))) + sections(**words)
    town = Town(t, policies(), **{n: OPEN if n.startswith("OUT") else inside[1] for n in names})
    town.path = t.dir
    said = {}
    for n, seed in zip(names, range(10)):
        i = globals()[n]
        said[i] = {p: (([AS[i]] + path[1:] if AS[i] != US else path[1:]), c, med)
                for p, (path, c, med) in said_by_chance(60, seed).items() if r.random() < 0.7}
        tell(town.peers[i], said[i], address(i))
    heard(town, {i: len(s) for i, s in said.items()})
    town.takers = [globals()[n] for n in names]
    changes = new = 0
    for round in range(12):
        town.quiet()
        before = {i: now(town, i) for i in town.takers}
        candidate = text()
        rows, counts, notes = diff(town, candidate)
        new += sum("takes part then" in note for note in notes)
        town.ambo.write_config(candidate)
        equal(town.client.command("reload").status, "accepted")
        time.sleep(0.3)
        town.quiet()
        for i in town.takers:
            want = dict(before[i])
            for (n, prefix), row in rows.items():
                if n == address(i):
                    equal(of_row(row, "before"), want.get(prefix), (round, n, prefix))
                    want[prefix] = of_row(row, "after")
            want = {p: a for p, a in want.items() if a}
            try:
                wait_until(lambda: now(town, i) == want, 30)
            except TimeoutError:
                equal(now(town, i), want, (round, address(i)))
        changes += len(rows)
        # all that takes part is known now
        equal(diff(town, candidate)[0], {})
    print("    %d changes were promised, %d neighbors took part anew" % (changes, new))
    check(changes > 100 and new > 3, changes, new)


def test_the_first_that_take_part_are_heard(t):
    """Nobody does now: what they would be told of one another is read for the diff, and forgotten."""
    town = Town(t, OUT1="", OUT2="", OUT3="")
    town.path = t.dir
    for i, prefix in ((OUT1, "10.1.0.0/16"), (OUT2, "10.2.0.0/16")):
        town.peers[i].announce([prefix], next_hop=address(i), as_path=[AS[i]])
    heard(town, {OUT1: 1, OUT2: 1})
    town.quiet()
    text = sections(OUT1=OPEN, OUT2=OPEN, OUT3="")
    for _ in range(2):
        rows, counts, notes = diff(town, text)
        equal(sorted((n, p, r["change"]) for (n, p), r in rows.items()),
              [(address(OUT1), "10.2.0.0/16", "announce"), (address(OUT2), "10.1.0.0/16", "announce")])
        equal(counts, {address(OUT1): (1, 0, 0), address(OUT2): (1, 0, 0), None: (2, 0, 0)})
        equal(sum("takes part then" in n for n in notes), 2)
        equal((town.table(OUT1), town.client.show("show rib")), ({}, []))
    town.ambo.write_config(text)
    equal(town.client.command("reload").status, "accepted")
    town.told(OUT1, "10.2.0.0/16")
    town.told(OUT2, "10.1.0.0/16")


def test_one_whose_routes_still_leave_is_heard_again(t):
    """It took part until now; what it said then is not taken for what it says."""
    many = bgp.prefixes(100000, "10.0.0.0")
    town = Town(t, OUT1=OPEN, OUT2=OPEN, OUT3="")
    town.path = t.dir
    town.peers[OUT1].announce(many, next_hop=address(OUT1), as_path=[AS[OUT1]])
    wait_until(lambda: len(town.table(OUT2)) == len(many), 30, "OUT2 is told")
    text, without = sections(OUT1=OPEN, OUT2=OPEN, OUT3=""), sections(OUT1="", OUT2=OPEN, OUT3="")
    town.ambo.write_config(without)
    equal(town.client.command("reload").status, "accepted")
    equal(diff(town, text)[1][None], (len(many), 0, 0))


def test_a_client_that_uses_the_path_id_of_another_does_not_count_its_path_twice(t):
    """Paths of peers have numbers (RFC 7911), clients say what they like; the diff looks at each path once."""
    def takes(i, words):
        return Town.section(i, words).replace("family {", "capability { add-path send; }\n\tfamily {")
    AS.update({8: 65008, 9: 65009})
    source = t.peer(listen=address(OUT1) + ":179", asn=AS[OUT1], router_id="10.9.0.2")
    all, other = (t.peer(listen=address(i) + ":179", asn=AS[i], router_id="10.9.0.%d" % i, add_path={"ipv4": 3}) for i in (8, 9))
    head = "policy none { rule a { then { reject; } } }\n" + Town.section(OUT1, OPEN)
    text = head + takes(8, OPEN + "; propagate-paths all") + takes(9, "export accept; export-covers client")
    town = Town.__new__(Town)
    town.path, town.ambo = t.dir, t.ambo().run(text)
    client = town.ambo.client()
    wait_up(client, *map(address, (OUT1, 8, 9)))
    source.announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002])
    wait_until(lambda: list(all.table), 10, "the path of the peer")
    number = next(iter(all.table))[2]
    client.command("neighbor %s announce route 10.1.0.0/16 path-information %d next-hop self" % (address(9), number))
    wait_until(lambda: list(other.table), 10, "the route of the client")
    equal(next(iter(other.table))[2], number)
    equal(diff(town, text)[0], {})
    text = head + takes(8, "propagate router; import accept; export none; propagate-paths all") + takes(9, "export accept; export-covers client")
    rows, counts, _ = diff(town, text)
    equal((sorted((n, r["change"]) for (n, p), r in rows.items()), counts[None]), ([(address(8), "withdraw")], (0, 1, 0)))
    since = time.monotonic()
    town.ambo.write_config(text)
    equal(client.command("reload").status, "accepted")
    wait_until(lambda: not all.table, 10, "withdrawn")
    all.wait_quiet(0.5)
    equal([len(m.update["withdrawn"]) for m in all.updates(since)], [1], "once")
    equal(len(other.table), 1)


def test_what_does_not_go_through_changes_nothing(t):
    town = Town(t, policies(), OUT1=WORDS, OUT2=WORDS)
    town.path = t.dir
    path = t.dir / "candidate"
    path.write_text("policy in {\n\trule a { match { prefix nowhere; } then { accept; } }\n}\n")
    status, out, err = town.ambo.cli("policy", "diff", str(path))
    equal((status, out), (1, ""))
    check("%s:2:26: there is no set of prefixes 'nowhere'" % path in err, err)
    status, out, err = town.ambo.cli("policy", "diff", str(t.dir / "none"))
    equal(status, 1)
    check("No such file" in err, err)
    equal(town.client.command("policy diff x").status, "error")
    # as text, and of a neighbor that goes
    town.peers[OUT1].announce(["10.1.0.0/16", "10.200.0.0/16"], next_hop=address(OUT1), as_path=[65002], communities=["65002:1"])
    town.told(OUT2, "10.1.0.0/16")
    path.write_text(policies(keep="10.200.0.0/16", med="9") + sections(OUT1=WORDS, OUT2=WORDS))
    out = town.ambo.cli("policy", "diff", str(path))[1]
    equal([line for line in out.splitlines() if not line.startswith("# neighbors")], [
        "- 127.0.0.3 10.1.0.0/16 next-hop 127.0.0.1 origin igp as-path [ 65001 65002 ] med 5 community [ 65002:1 65001:1 ]",
        "+ 127.0.0.3 10.200.0.0/16 next-hop 127.0.0.1 origin igp as-path [ 65001 65002 ] med 9 community [ 65002:1 65001:1 ]",
        "# 127.0.0.3: 1 announced, 1 withdrawn, 0 changed", "# in all: 1 announced, 1 withdrawn, 0 changed"], out)
    path.write_text(policies(med="9") + sections(OUT1=WORDS, OUT2=WORDS))
    out = town.ambo.cli("policy", "diff", str(path))[1]
    check("~ 127.0.0.3 10.1.0.0/16 next-hop 127.0.0.1 origin igp as-path [ 65001 65002 ] med 5" in out and
          "\n  => 10.1.0.0/16 next-hop 127.0.0.1 origin igp as-path [ 65001 65002 ] med 9" in out, out)
    # of a client that would be asked the default stands, by import and by export
    for which in "import ask; export accept", "import accept; export ask":
        path.write_text("policy ask { rule a { then { via client nobody timeout 1s default reject; } } }\n" +
                        sections(OUT1="propagate router; " + which, OUT2="propagate router; " + which))
        out = town.ambo.cli("policy", "diff", str(path))[1]
        check("- 127.0.0.3 10.1.0.0/16" in out and "# in all: 0 announced, 1 withdrawn, 0 changed" in out, out)
        equal(out.count("policy ask rule a (line 1) asks client nobody, who is not asked now: its default, reject, is taken"), 2)
        check("# neighbor 127.0.0.2, %s: policy ask" % which.split("; ")["ask" not in which.split("; ")[0]].split()[0] in out, out)
    path.write_text(policies() + sections(OUT2=WORDS))
    out = town.ambo.cli("policy", "diff", str(path))[1]
    check("# neighbor 127.0.0.2 goes" in out and "- 127.0.0.3 10.1.0.0/16" in out, out)


main()
