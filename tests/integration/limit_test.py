#!/usr/bin/python3
"""`limit N/s` of an export policy: changes that one rule lets through go to each neighbor at that rate, what waits is told as
it is by then, and nothing else waits for it."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.town import *

FLAPS = "65002:1"
PREFIXES = ["10.%d.0.0/16" % i for i in range(100)]
LIMITED = "propagate router; import accept; export out"


def policy(limit):
    return """
policy out {
	rule flaps {
		match {
			community %s;
		}
		then {
			%s
			accept;
		}
	}
	rule rest {
		then {
			accept;
		}
	}
}
""" % (FLAPS, "limit %s;" % limit if limit else "")


REFRESH = "template { neighbor refresh { capability { route-refresh enable; } } }\n"


def town(t, limit):
    # OUT2 is told by the limit, OUT3 what the same comes to without one
    made = Town(t, REFRESH + policy(limit), OUT1=OPEN, OUT2="inherit refresh; " + LIMITED, OUT3=OPEN)
    for i in (OUT2, OUT3):
        made.peers[i].wait_eor()
    return made


def say(town, prefixes, *path, communities=(FLAPS,)):
    town.peers[OUT1].announce(prefixes, next_hop=address(OUT1), as_path=[65002, *path], communities=list(communities))


def changes(peer, since):
    """[(when, how many)] of the UPDATEs since then"""
    return [(m.time, len(m.update["routes"]) + len(m.update["withdrawn"])) for m in peer.updates(since)]


def may_have_come(rate, began, until=None):
    """What a limit lets through since then: a twentieth of a second at once, and one. Who reads late sees no more."""
    return 1 + rate / 20 + rate * ((until or time.monotonic()) - began)


def keeps_to(got, rate, began, besides=0):
    """At no time more than that; besides: changes under no limit"""
    total = 0
    for when, n in got:
        total += n
        check(total <= may_have_come(rate, began, when) + besides, "%d in %.2f s" % (total, when - began))


def heard(town, since, i=OUT2):
    return sum(n for _, n in changes(town.peers[i], since))


def agree(town, timeout=20):
    """The two come to be told the same."""
    wait_until(lambda: town.table(OUT2) == town.table(OUT3) and not waiting(town), timeout, "both have the same")


def row(town, i=OUT2):
    return state(town.client, address(i))


def waiting(town):
    return row(town).get("waiting")


def test_a_storm_becomes_so_many_changes_a_second(t):
    at = town(t, "10/s")
    began = time.monotonic()
    for n in range(20):
        last = time.monotonic()
        say(at, PREFIXES, 65100 + n)
        time.sleep(0.05)
    at.peers[OUT1].withdraw(PREFIXES[:10])
    # who has no limit hears it all; what is under no limit goes by
    wait_until(lambda: len(at.table(OUT3)) == 90, 20, "OUT3 is told")
    over = time.monotonic()
    say(at, ["172.16.0.0/16"], communities=["65002:2"])
    at.told(OUT2, "172.16.0.0/16")
    check(heard(at, began) <= may_have_come(10, began) + 1, "it was told", heard(at, began))
    held = wait_until(lambda: waiting(at), 3, "show neighbors says so")
    equal((held["by"], held["limit"], held["limits"]), ("the rib, policy out rule flaps", 10, 1))
    # a bound: no more than the speaker has to tell, to OUT3 too
    check(min(30, 99 - may_have_come(10, last)) < held["changes"] <= 2 * len(PREFIXES) + 2, held)
    check("changes wait for" in row(at)["why"] and "10/s" in row(at)["why"], row(at))
    equal([(r["by"], r["limit"]) for r in at.client.show("explain route 10.50.0.0/16 to " + address(OUT2)) if "to" in r],
          [("the rib, policy out rule flaps", 10)])
    text = at.client.command("explain route 10.50.0.0/16 to " + address(OUT2)).text
    check("told, by the rib, policy out rule flaps, limit 10/s" in text, text)
    check(waiting(at) is not None, "and it goes on")
    agree(at)
    got = changes(at.peers[OUT2], began)
    print("OUT2: %d changes in %.1f s; OUT3: %d" % (
        sum(n for _, n in got), got[-1][0] - began, heard(at, began, OUT3)))
    equal(set(at.table(OUT2)), set(PREFIXES[10:]) | {"172.16.0.0/16"})
    keeps_to(got, 10, began, besides=1)
    # each route once as it was when the storm was over, and what went before that
    check(90 <= sum(n for _, n in got) <= 101 + may_have_come(10, began, over), got)
    check(heard(at, began, OUT3) > 500, "OUT3 was told of the storm")
    # a single change does not wait
    say(at, ["10.20.0.0/16"], 65555)
    wait_until(lambda: at.table(OUT2)["10.20.0.0/16"]["as_path"][-1] == 65555, 10, "it is told")


def test_a_session_begins_with_everything(t):
    at = town(t, "5/s")
    began = time.monotonic()
    say(at, PREFIXES, 65100)
    wait_until(lambda: len(at.table(OUT3)) == 100, 20, "OUT3 is told")
    check(heard(at, began) <= may_have_come(5, began), "most waits")
    at.peers[OUT2].reset()
    at.peers[OUT2].wait_down()
    at.peers[OUT2].wait_established()
    again = time.monotonic()
    at.peers[OUT2].wait_eor()
    check(len(at.table(OUT2)) == 100 > may_have_come(5, again), "End-of-RIB waits for no limit")
    # what the peer asks for again it is told
    at.peers[OUT1].withdraw(PREFIXES[:50])
    wait_until(lambda: len(at.table(OUT3)) == 50, 20, "OUT3 is told")
    check(len(at.table(OUT2)) > 60)
    mark = time.monotonic()
    at.peers[OUT2].ask_refresh()
    agree(at)
    check(heard(at, mark) >= 80 > may_have_come(5, mark), heard(at, mark))


def test_a_reload_changes_the_rate_and_takes_it_away(t):
    at = town(t, "1/s")
    began = time.monotonic()
    say(at, PREFIXES, 65100)
    wait_until(lambda: len(at.table(OUT3)) == 100, 20, "OUT3 is told")
    time.sleep(2)
    check(heard(at, began) <= may_have_come(1, began), heard(at, began))
    sections = open(at.ambo.config_path).read().replace("limit 1/s", "limit 25/s")
    faster = time.monotonic()
    at.ambo.reload(sections)
    agree(at, 60)
    keeps_to(changes(at.peers[OUT2], faster), 25, faster, besides=1)
    check(heard(at, began) > may_have_come(1, began), "no more at the rate before")
    equal(heard(at, began), 100, "each route once")
    at.ambo.reload(sections.replace("limit 25/s", "limit 1/s"))
    again = time.monotonic()
    say(at, PREFIXES, 65200)
    wait_until(lambda: at.table(OUT3)["10.99.0.0/16"]["as_path"][-1] == 65200, 20, "OUT3 is told")
    check(heard(at, again) <= may_have_come(1, again), "most waits")
    at.ambo.reload(sections.replace("limit 25/s;", ""))
    agree(at, 60)
    check(heard(at, again) >= 100 > may_have_come(1, again), "without it nothing waits", heard(at, again))
    # with and without, nothing is told again where nothing waits
    mark = {i: at.peers[i].mark()["update"] for i in (OUT2, OUT3)}
    for text in (sections, sections.replace("rule flaps", "rule others"), sections.replace("limit 25/s;", "")):
        at.ambo.reload(text)
        time.sleep(0.5)
    at.client.command("show neighbors")
    equal({i: at.peers[i].mark()["update"] for i in (OUT2, OUT3)}, mark)


def test_a_rule_by_another_name_loses_nothing_that_waits(t):
    at = town(t, "5/s")
    say(at, PREFIXES, 65100)
    wait_until(lambda: len(at.table(OUT3)) == 100, 20, "OUT3 is told")
    text = open(at.ambo.config_path).read()
    at.ambo.reload(text.replace("rule flaps", "rule others").replace("limit 5/s", "limit 30/s"))
    agree(at)
    equal(len(at.table(OUT2)), 100)
    equal(waiting(at), None)


def test_a_new_controller_finds_it_and_it_waits_on(t):
    at = town(t, "10/s")
    began = time.monotonic()
    say(at, PREFIXES, 65100)
    wait_until(lambda: len(at.table(OUT3)) == 100, 20, "OUT3 is told")
    at.peers[OUT1].withdraw(PREFIXES[90:])
    wait_until(lambda: len(at.table(OUT3)) == 90, 20, "OUT3 is told")
    os.kill(at.ambo.half("ambo-controller"), signal.SIGKILL)
    time.sleep(2)
    alone = heard(at, began)
    check(10 < alone <= may_have_come(10, began), "the speaker goes on by itself", alone)
    at.client = at.ambo.client()
    at.ambo.wait_ready()
    wait_up(at.client, address(OUT1), address(OUT2), address(OUT3))
    agree(at)
    got = changes(at.peers[OUT2], began)
    keeps_to(got, 10, began)
    check(sum(n for _, n in got) <= 101, "nothing twice", sum(n for _, n in got))
    equal(heard(at, began, OUT3), 110)


def test_it_is_refused_where_it_means_nothing(t):
    path = os.path.join(str(t.dir), "wrong.conf")
    with open(path, "w") as f:
        f.write(policy("5/s") + Town.section(OUT1, "propagate router; import out; export accept"))
    status, out, err = cli("validate", path)
    check(status != 0 and "wrong.conf" in out + err and "policy out rule flaps (line 3) has a limit" in out + err, out, err)
    with open(path, "w") as f:
        f.write(policy("5/s") + Town.section(OUT1, "propagate router; import accept; export out"))
    status, out, err = cli("policy", "test", path, "out", "route", "10.0.0.0/8", "next-hop", "10.0.0.1", "community", FLAPS)
    equal(status, 0)
    check("(limit 5/s of policy out rule flaps (line 3))" in out, out, err)


main()
