#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""Named sets: lists that policies call by a name, replaced while the sessions stand. All peers are played."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *
from tests.integration.town import *

WORDS = "propagate router; import in; export out"
POLICIES = """
policy in {
	rule customers { match { %s; } then { accept; } }
}
policy out {
	rule marked { match { community [ keep ]; } then { med 7; accept; } }
	rule others { then { accept; } }
}
set communities keep { 65002:1; }
"""


def by_prefix(sets=""):
    return sets + POLICIES % "prefix customers"


def sections(*who):
    return "".join(Town.section(i, WORDS) for i in who)


def row(town, name):
    return next(s for s in town.client.show("show sets") if s["name"] == name)


def command(town, text, **body):
    answer = town.client.request("command", dict(text=text, **body), timeout=30)
    equal(answer.status, "accepted", answer.text)
    return answer.text


def test_a_set_in_the_configuration_or_a_file_of_it(t):
    (t.dir / "nets").write_text("# ours\n10.1.0.0/16\n\n10.2.0.0/16 le 24   # and more\n")
    sets = "set prefixes customers { 10.9.0.0/16, 10.8.0.0/16; file %s; }\n" % (t.dir / "nets")
    town = Town(t, by_prefix(sets), OUT1=WORDS, OUT2=WORDS)
    town.peers[OUT1].announce(["10.1.0.0/16", "10.2.3.0/24", "10.2.3.128/25", "10.9.0.0/16", "10.7.0.0/16"],
                              next_hop=address(OUT1), as_path=[65002])
    town.told(OUT2, "10.9.0.0/16")
    town.quiet(OUT2)
    equal(sorted(town.table(OUT2)), ["10.1.0.0/16", "10.2.3.0/24", "10.9.0.0/16"])
    equal((row(town, "customers")["entries"], row(town, "customers")["used"], row(town, "keep")["kind"]), (4, 1, "communities"))
    equal(town.client.show("show sets customers"), ["10.1.0.0/16", "10.2.0.0/16 le 24", "10.8.0.0/16", "10.9.0.0/16"])
    # what is wrong in the file has its place there, and the old configuration stays
    (t.dir / "nets").write_text("10.1.0.0/16\n10.2.0.0/16 le 240\n")
    answer = town.client.command("reload")
    equal(answer.status, "error")
    check("%s:2:16: expected a length" % (t.dir / "nets") in answer.text, answer.text)
    equal(row(town, "customers")["entries"], 4)
    # read again by a reload
    (t.dir / "nets").write_text("10.7.0.0/16\n")
    command(town, "reload")
    town.told(OUT2, "10.7.0.0/16")
    town.gone(OUT2, "10.1.0.0/16")
    check(all(p.established for p in town.peers.values()), "no session went")


def test_a_set_is_changed_by_command_and_only_what_it_touches_is_told(t):
    town = Town(t, by_prefix("set prefixes customers { 10.1.0.0/16; }\n"), OUT1=WORDS, OUT2=WORDS)
    routes = ["10.%d.0.0/16" % i for i in range(1, 9)]
    town.peers[OUT1].announce(routes, next_hop=address(OUT1), as_path=[65002])
    town.told(OUT2, routes[0])
    since = time.monotonic()
    equal(command(town, "set add customers 10.2.0.0/16, 10.3.0.0/16"), "customers: 3 entries, 2 new, 0 gone")
    town.told(OUT2, "10.3.0.0/16")
    equal(command(town, "set remove customers 10.1.0.0/16"), "customers: 2 entries, 0 new, 1 gone")
    town.gone(OUT2, "10.1.0.0/16")
    status, out, err = town.ambo.cli("set", "replace", "customers", "--file", "-", input="10.3.0.0/16\n10.4.0.0/16\n")
    equal((status, err), (0, ""))
    check("customers: 2 entries, 1 new, 1 gone" in out, out)
    town.told(OUT2, "10.4.0.0/16")
    town.gone(OUT2, "10.2.0.0/16")
    said = [(sorted(k[1] for k in m.update["announced"]), sorted(k[1] for k in m.update["withdrawn"]))
            for m in town.peers[OUT2].updates(since)]
    equal(sorted(sum((a for a, w in said), [])), ["10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"], "announced, each once")
    equal(sorted(sum((w for a, w in said), [])), ["10.1.0.0/16", "10.2.0.0/16"], "withdrawn, each once")
    # a reload that says of it what it said before leaves it; another word of the configuration ends that
    check(row(town, "customers")["by"], "who said it")
    command(town, "reload")
    equal(row(town, "customers")["entries"], 2)
    town.ambo.write_config(by_prefix("set prefixes customers { 10.5.0.0/16; }\n") + sections(OUT1, OUT2))
    command(town, "reload")
    town.told(OUT2, "10.5.0.0/16")
    town.gone(OUT2, "10.3.0.0/16")
    equal((row(town, "customers")["entries"], row(town, "customers").get("by")), (1, None))
    command(town, "set replace customers 10.6.0.0/16 le 24")
    town.told(OUT2, "10.6.0.0/16")
    command(town, "set restore customers")
    town.told(OUT2, "10.5.0.0/16")
    town.gone(OUT2, "10.6.0.0/16")
    check(all(p.established for p in town.peers.values()), "no session went")


def test_what_is_wrong_changes_nothing(t):
    town = Town(t, by_prefix("set prefixes customers { 10.1.0.0/16; }\n"), OUT1=WORDS, OUT2=WORDS)
    for text, body, why in (
            ("set replace costumers 10.0.0.0/8", None, "there is no set 'costumers'; did you mean customers?"),
            ("set add customers 10.0.0.0/8, 10.0.0.0/33", None, "expected a prefix"),
            ("set replace customers", None, "expected an entry"),
            ("set add keep 10.0.0.0/8", None, "expected a community of any kind"),
            ("set replace customers", "10.0.0.0/8\n10.0.0.0/8 up\n", "line 2 column 12: expected the end of the line"),
            ("set replace customers 10.0.0.0/8", "10.0.0.0/9\n", None),
            ("show sets costumers", None, "did you mean customers?")):
        answer = town.client.request("command", dict(text=text, **({"body": body} if body else {})))
        if why:
            equal(answer.status, "error", text)
            check(why in answer.text, text, answer.text)
    # words in the line go before a body
    equal(town.client.show("show sets customers"), ["10.0.0.0/8"])


def test_ases_and_communities(t):
    sets = "set as customers { 65100, 65200-65209; }\n"
    town = Town(t, sets + POLICIES % "as-path origin customers", OUT1=WORDS, OUT2=WORDS)
    said = {"10.1.0.0/16": ([65002, 65100], ["65002:1"]), "10.2.0.0/16": ([65002, 65205], ["65002:2"]),
            "10.3.0.0/16": ([65002, 65100, 65300], ["65002:1", "65002:2"])}
    for prefix, (path, communities) in said.items():
        town.peers[OUT1].announce([prefix], next_hop=address(OUT1), as_path=path, communities=communities)

    def meds(want):
        wait_until(lambda: {p: a.get("med") for p, a in town.table(OUT2).items()} == want, 10, str(want))
    meds({"10.1.0.0/16": 7, "10.2.0.0/16": None})
    command(town, "set replace keep 65002:2-9")
    meds({"10.1.0.0/16": None, "10.2.0.0/16": 7})
    command(town, "set add customers 65300")
    meds({"10.1.0.0/16": None, "10.2.0.0/16": 7, "10.3.0.0/16": 7})
    command(town, "set remove customers 65100")
    meds({"10.2.0.0/16": 7, "10.3.0.0/16": 7})
    command(town, "set replace customers 0-4294967295")
    meds({"10.1.0.0/16": None, "10.2.0.0/16": 7, "10.3.0.0/16": 7})


def test_what_an_action_adds_is_asked_too(t):
    """Import marks a route; export asks for the mark: the set is about what the route has on its way."""
    policies = """set communities keep { 1:1; }
policy in { rule a { then { community add 65001:9; prepend 65077 1; accept; } } }
policy out { rule a { match { community keep; } then { accept; } } }
"""
    town = Town(t, policies, OUT1=WORDS, OUT2=WORDS)
    town.peers[OUT1].announce(["10.1.0.0/16"], next_hop=address(OUT1), as_path=[65002])
    town.quiet(OUT2)
    equal(town.table(OUT2), {})
    command(town, "set add keep 65001:*")
    town.told(OUT2, "10.1.0.0/16")
    command(town, "set remove keep 65001:*")
    town.gone(OUT2, "10.1.0.0/16")


def test_a_hundred_thousand_entries_in_under_a_second(t):
    town = Town(t, by_prefix("set prefixes customers { 10.0.0.0/10 le 32; }\n"), OUT1=WORDS, OUT2=WORDS)
    routes = bgp.prefixes(10000, "10.0.0.0") + bgp.prefixes(10000, "10.128.0.0")
    town.peers[OUT1].announce(routes, next_hop=address(OUT1), as_path=[65002])
    inside = {r for r in routes if int(r.split(".")[1]) < 64}
    wait_until(lambda: set(town.table(OUT2)) == inside, 30, "those of 10.0.0.0/10")
    entries = ["%d.%d.%d.0/24" % (20 + (i >> 16), i >> 8 & 255, i & 255) for i in range(100000 - len(routes))]
    times = Times("replaced")
    for _ in range(3):  # the best of them, where the machine is busy
        said = times.time(lambda: command(town, "set replace customers", body="\n".join(routes + entries)), *town.ambo.pids())
        equal(said, "customers: 100000 entries, 100000 new, 1 gone")
        wait_until(lambda: set(town.table(OUT2)) == set(routes), 30, "all that are listed")
        if times.own[-1] < 1000:
            break
        command(town, "set restore customers")
        wait_until(lambda: set(town.table(OUT2)) == inside, 30, "those of 10.0.0.0/10")
    times.report(1000, part=0)
    # a few of them change: those alone are told
    since = time.monotonic()
    command(town, "set remove customers " + ", ".join(routes[:3]))
    town.gone(OUT2, routes[2])
    time.sleep(0.5)
    equal(sorted(k[1] for m in town.peers[OUT2].updates(since) for k in m.update["withdrawn"]), sorted(routes[:3]))
    equal([k for m in town.peers[OUT2].updates(since) for k in m.update["announced"]], [])


main()
