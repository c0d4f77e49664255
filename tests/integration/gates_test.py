#!/usr/bin/python3
"""Policies that routes of clients, helpers and the configuration pass: `import` of who says them, `export` of the neighbor
where it covers them, and `source` in both. What is rejected is kept, answered with the rule that did it, and told when a
reload lets it: exactly the difference. All peers are played."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import json
import random
from tests.integration.harness import *
from tests.integration.puppet import Puppet
from tests.integration.scene import *
from tests.integration.town import *

HOP = "192.0.2.9"
HALVES = """policy low {
	rule low { match { prefix 10.0.0.0/9 le 32; } then { med 7; accept; } }
	rule high { then { reject; } }
}
policy high {
	rule high { match { prefix 10.128.0.0/9 le 32; } then { community add 65001:8; accept; } }
}
"""


def section(i, extra="", routes=()):
    return neighbor(address(i), AS[i], routes=routes, extra=extra)


class Stage:
    """An Ambo with this configuration, and the peers that its neighbors are."""

    def __init__(self, t, text, *peers, **how):
        self.peers = {i: t.peer(listen=address(i) + ":179", asn=AS[i], router_id="10.9.0.%d" % i) for i in peers}
        self.ambo = t.ambo().run(text, **how)
        self.client = self.ambo.client()
        wait_up(self.client, *map(address, peers))

    table, told, gone, quiet = Town.table, Town.told, Town.gone, Town.quiet

    def meds(self, i):
        return {p: a.get("med") for p, a in self.table(i).items()}

    def reload(self, text):
        self.ambo.write_config(text)
        equal(self.client.command("reload", timeout=30).status, "accepted")

    def said_since(self, i, start):
        return sorted(k[1] for m in self.peers[i].updates(start) for k in list(m.update["announced"]) + list(m.update["withdrawn"]))


def route(prefix, more="", hop=HOP):
    return "announce route %s next-hop %s %s" % (prefix, hop, more)


def test_a_helper_passes_its_import(t):
    puppet = Puppet(t.dir, "feeder")

    def text(words):
        return HALVES + puppet.process(more=words) + section(OUT1, puppet.api(""))
    s = Stage(t, text("import low;"), OUT1)
    puppet.say(route("10.1.0.0/16"), route("10.200.0.0/16"), route("10.2.0.0/16"))
    equal(puppet.wait_lines(3), ["done", "error", "done"])
    s.told(OUT1, "10.2.0.0/16")
    equal(s.meds(OUT1), {"10.1.0.0/16": 7, "10.2.0.0/16": 7})
    check("the import of process feeder, policy low rule high (line 3), rejects it; it is kept" in s.ambo.process.log(), s.ambo.process.log())
    out = s.ambo.command("explain route 10.200.0.0/16 to 127.0.0.2")
    check("not told: a policy rejects it" in out, out)
    check("process feeder said it: the import of process feeder, policy low rule high (line 3), rejects it" in out, out)
    out = s.ambo.command("explain route 10.1.0.0/16 to 127.0.0.2")
    check("told, by process feeder" in out and "policy low rule low (line 2), accepts it" in out, out)
    # another policy: what was kept comes, what does not pass any more goes, and what it is called by changes
    pids = puppet.pids
    start = time.monotonic()
    s.reload(text("import high;"))
    s.told(OUT1, "10.200.0.0/16")
    s.gone(OUT1, "10.2.0.0/16")
    s.peers[OUT1].wait_quiet(0.3)
    equal(s.said_since(OUT1, start), ["10.1.0.0/16", "10.2.0.0/16", "10.200.0.0/16"])
    equal([(p, a.get("communities")) for p, a in s.table(OUT1).items()], [("10.200.0.0/16", ["65001:8"])])
    equal(puppet.pids, pids, "the helper was not started anew")
    # none: as it was said
    start = time.monotonic()
    s.reload(text(""))
    s.told(OUT1, "10.2.0.0/16")
    s.peers[OUT1].wait_quiet(0.3)
    equal(s.meds(OUT1), {"10.1.0.0/16": None, "10.2.0.0/16": None, "10.200.0.0/16": None})
    equal(s.said_since(OUT1, start), ["10.1.0.0/16", "10.2.0.0/16", "10.200.0.0/16"])
    # and a policy where there was none, which changes one, takes one, and leaves one
    start = time.monotonic()
    s.reload(text("import low;") .replace("med 7;", ""))
    s.gone(OUT1, "10.200.0.0/16")
    s.peers[OUT1].wait_quiet(0.3)
    equal(s.said_since(OUT1, start), ["10.200.0.0/16"])
    equal(sorted(s.table(OUT1)), ["10.1.0.0/16", "10.2.0.0/16"])
    # what is cleared is not kept either
    puppet.say(route("10.202.0.0/16"))
    puppet.wait_lines(4)
    equal(s.client.command("clear adj-rib out").status, "accepted")
    s.gone(OUT1, "10.2.0.0/16")
    s.reload(text(""))
    s.peers[OUT1].wait_quiet(0.3)
    equal(s.table(OUT1), {})
    s.reload(text("import low;").replace("med 7;", ""))
    puppet.say(route("10.1.0.0/16"), route("10.2.0.0/16"), route("10.200.0.0/16"))
    s.told(OUT1, "10.2.0.0/16")
    # what is kept and withdrawn is never heard of
    start = time.monotonic()
    puppet.say("withdraw route 10.200.0.0/16", route("10.201.0.0/16"), "withdraw route 10.201.0.0/16", "withdraw route 10.1.0.0/16")
    s.gone(OUT1, "10.1.0.0/16")
    s.reload(text(""))
    s.quiet()
    equal(sorted(set(s.said_since(OUT1, start)) - {"203.0.113.0/24"}), ["10.1.0.0/16"])
    equal(sorted(s.table(OUT1)), ["10.2.0.0/16"])


def test_clients_pass_their_own_import_or_that_of_all(t):
    text = HALVES + """client a { import low; }
client b { import accept; }
controller { client-import high; }
""" + section(OUT1) + section(OUT2)
    s = Stage(t, text, OUT1, OUT2)
    a, b, c = (s.ambo.client(name=n) for n in "abc")
    equal([x.command(route("10.%d.0.0/16" % n)).status for n, x in enumerate((a, b, c), 1)], ["accepted", "accepted", "error"])
    equal([x.command(route("10.%d.0.0/16" % n)).status for n, x in enumerate((a, b, c), 201)], ["error", "accepted", "accepted"])
    answer = c.command(route("10.3.0.0/16"))
    check("the import of client c, no rule decides, rejects it; it is kept, and told when that lets it" in answer.text, answer.text)
    equal(s.client.command(route("10.4.0.0/16")).status, "error")  # one that has not said hello
    for i in OUT1, OUT2:
        s.told(i, "10.203.0.0/16")
        equal(s.meds(i), {"10.1.0.0/16": 7, "10.2.0.0/16": None, "10.202.0.0/16": None, "10.203.0.0/16": None})
    # a rejected route is not in the way of another client's, and takes its place when that is withdrawn and it is said again
    answer = a.command(route("10.202.0.0/16", "med 99"))
    check(answer.status == "error" and "another client's route is told there" in answer.text, answer)
    equal(s.client.command("explain route 10.202.0.0/16").text.count("told, by b"), 2)
    # one that passes does, as ever
    equal(b.command(route("10.1.0.0/16")).status, "accepted")
    wait_until(lambda: s.meds(OUT1)["10.1.0.0/16"] is None, 5)
    # the same again, in bulk and with sent
    answer = a.request("commands", {"commands": [route("10.5.0.0/16"), route("10.205.0.0/16")]})
    check(answer.status == "error" and "1 of 2 failed" in answer.text, answer)
    answer = a.request("bulk", {"op": "announce", "groups": [["ipv4 unicast", bytes([192, 0, 2, 9]), "origin igp", bytes([16, 10, 6, 16, 10, 206]), False]]})
    check(answer.ok and "2 kept and not told, the first because the import of client a, policy low rule high (line 3), rejects it" in answer.text and
          answer.data["refused"] == 2, answer)
    equal(s.told(OUT2, "10.6.0.0/16").get("med"), 7)
    answer = a.request("bulk", {"op": "announce", "groups": [["ipv4 unicast", bytes([192, 0, 2, 9]), "origin igp", bytes([16, 10, 202, 16, 10, 206]), False]]})
    check(answer.ok and "; 2 kept and not told; 2 not kept, as another client's route is told there, the first because" in answer.text and
          (answer.data["refused"], answer.data["unkept"]) == (4, 2), answer)
    equal(b.command("neighbor 127.0.0.2 " + route("10.207.0.0/16")).status, "accepted")
    answer = a.command(route("10.207.0.0/16"))
    check(answer.status == "error" and "but not for 1 of 2, where another client's route is told" in answer.text, answer)
    equal(a.command(route("10.7.0.0/16"), wait="sent").status, "sent")
    equal(a.command(route("10.207.0.0/16"), wait="sent").status, "error")


def test_an_export_covers_whom_it_is_told_to(t):
    out = """policy out {
	rule ours { match { source configuration; } then { med 1; accept; } }
	rule theirs { match { source client feeder; } then { med 2; next-hop 192.0.2.77; local-preference 300; accept; } }
	rule clients { match { source client; } then { reject; } }
	rule peers { match { source peer 127.0.0.2; } then { med 3; accept; } }
}
"""
    part = "propagate router; import accept; "

    def text(policy=out):
        return policy + section(OUT1, part + "export reject;") + section(
            OUT2, part + "export out; export-covers [ client configuration ];", ["10.10.0.0/16 next-hop 192.0.2.9"]) + section(
            OUT3, part + "export out;", ["10.10.0.0/16 next-hop 192.0.2.9"]) + section(
            IN1, "export out; export-covers client;", ["10.10.0.0/16 next-hop 192.0.2.9"])
    s = Stage(t, text(), OUT1, OUT2, OUT3, IN1)
    feeder, other = s.ambo.client(name="feeder"), s.ambo.client(name="other")
    s.peers[OUT1].announce(["10.11.0.0/16", "10.13.0.0/16"], next_hop=address(OUT1), as_path=[65002])
    s.told(OUT2, "10.13.0.0/16")
    equal(feeder.command(route("10.12.0.0/16")).status, "accepted")
    answer = other.command(route("10.13.0.0/16"))
    check(answer.status == "accepted" and "2 kept and not told (neighbor 127.0.0.3: its export, policy out rule clients (line 4), rejects it)" in answer.text, answer.text)
    for i in OUT2, OUT3, IN1:
        s.told(i, "10.12.0.0/16")
    wait_until(lambda: s.table(OUT3)["10.13.0.0/16"]["as_path"] == [US], 5, "the client's")
    # a route that is rejected is not in the way of a peer's
    equal(s.meds(OUT2), {"10.10.0.0/16": 1, "10.11.0.0/16": 3, "10.12.0.0/16": 2, "10.13.0.0/16": 3})
    equal(s.meds(OUT3), {"10.10.0.0/16": None, "10.11.0.0/16": 3, "10.12.0.0/16": None, "10.13.0.0/16": None})
    equal(s.meds(IN1), {"10.10.0.0/16": None, "10.12.0.0/16": 2})
    equal([(s.table(i)["10.12.0.0/16"]["next_hop"], s.table(i)["10.12.0.0/16"].get("local_pref")) for i in (OUT2, OUT3, IN1)],
          [("192.0.2.77", None), (HOP, None), ("192.0.2.77", 300)])
    explained = s.ambo.command("explain route 10.13.0.0/16")
    check("to neighbor 127.0.0.3: told, by the rib" in explained and "other said it: its export, policy out rule clients (line 4), rejects it" in explained, explained)
    # the client's route comes before the peer's as soon as it may, and the other way round
    start = time.monotonic()
    s.reload(text(out.replace("{ reject; }", "{ med 4; accept; }")))
    wait_until(lambda: s.meds(OUT2)["10.13.0.0/16"] == 4 and s.meds(IN1).get("10.13.0.0/16") == 4, 5)
    s.reload(text())
    s.gone(IN1, "10.13.0.0/16")
    wait_until(lambda: s.meds(OUT2)["10.13.0.0/16"] == 3, 5)
    for p in s.peers.values():
        p.wait_quiet(0.3)
    equal([sorted(set(s.said_since(i, start))) for i in (OUT2, OUT3, IN1)], [["10.13.0.0/16"], [], ["10.13.0.0/16"]])
    check(s.table(OUT2)["10.13.0.0/16"]["as_path"] == [US, 65002])
    # routes of the configuration are kept, too
    s.reload(text(out.replace("match { source configuration; }", "match { source configuration; prefix 10.99.0.0/16; }")))
    s.gone(OUT2, "10.10.0.0/16")
    explained = s.ambo.command("explain route 10.10.0.0/16 to 127.0.0.3")
    check("configuration said it: its export, no rule decides, rejects it" in explained, explained)
    s.reload(text())
    equal(s.told(OUT2, "10.10.0.0/16")["med"], 1)


def test_a_set_decides_anew(t):
    text = """set prefixes mine { 10.1.0.0/16; }
policy in { rule a { match { prefix mine; } then { accept; } } }
controller { client-import in; }
""" + section(OUT1)
    s = Stage(t, text, OUT1)
    for n in range(1, 5):
        s.client.command(route("10.%d.0.0/16" % n))
    s.told(OUT1, "10.1.0.0/16")
    start = time.monotonic()
    s.ambo.command("set add mine 10.3.0.0/16")
    s.told(OUT1, "10.3.0.0/16")
    s.ambo.command("set remove mine 10.1.0.0/16")
    s.gone(OUT1, "10.1.0.0/16")
    equal(s.said_since(OUT1, start), ["10.1.0.0/16", "10.3.0.0/16"])


def test_what_is_wrong_is_named(t):
    for config, wrong in (("client a { import nowhere; }", "client a: import: there is no policy 'nowhere'"),
                          ("controller { client-import nowhere; }", "controller: client-import: there is no policy 'nowhere'"),
                          ("process p { run /bin/true; import ask; }", "policy 'ask' asks a client (via), which is for routes of peers"),
                          (section(OUT1, "export-covers client;"), "export-covers: there is no export"),
                          (section(OUT1, "export accept; export-covers peer;"), "expected client or configuration, found 'peer'")):
        path = t.dir / "wrong.conf"
        path.write_text("policy ask { via client x default accept; }\n" + config + "\n" + section(OUT2))
        status, out, err = cli("validate", path)
        check(status != 0 and wrong in out + err, out + err)


def test_a_key_does_not_get_past_its_policies(t):
    ambo = t.ambo()
    keys = {n: Keys(ambo.directory, n) for n in ("controller", "a", "b", "c")}
    ambo.api = "tcp://127.0.0.1:7180"

    def config(more=""):
        return HALVES + "client a { key \"%s\"; role announce; import low; }\nclient b { key \"%s\"; role admin; %s}\n" % (
            keys["a"].public, keys["b"].public, more) + "client c { key \"%s\"; role admin; }\nspeaker edge { }\n" % (
            keys["c"].public) + neighbor(address(OUT1), AS[OUT1], speaker="edge")
    ambo.write_config(config())
    controller = t.process("controller", [program("ambo-controller"), "--api", ambo.api, "--bind", "ipc://%s/lane" % ambo.directory,
                             "--key", keys["controller"].file, ambo.config_path])

    def client(name):
        return ambo.client(curve=(keys["controller"].public, keys[name].public, keys[name].secret))
    a, b = client("a"), client("b")
    a.wait_ready()
    equal(a.command(route("10.200.0.0/16")).status, "error")  # before it says hello it is who its key says
    answer = a.hello("other")
    check(answer.status == "error" and "a may not say hello as other" in answer.text, answer)
    check("b may not say hello as a" in b.hello("a").text)
    equal(b.hello("other").status, "accepted")
    equal(a.hello("a").status, "accepted")
    equal(a.command(route("10.200.0.0/16")).status, "error")
    # what it was let say is asked again by a reload
    late, ops = client("b"), client("c")
    equal(late.hello("b").status, "accepted")
    equal(b.command(route("10.200.0.0/16")).status, "accepted")
    ambo.write_config(config("import low; "))
    equal(ops.command("reload", timeout=30).status, "accepted")
    equal(late.command(route("10.201.0.0/16")).status, "error")
    check("cut: policies of its key" in controller.log(), controller.log())
    check("b may not say hello as other" in client("b").hello("other").text)
    equal(a.command(route("10.1.0.0/16")).status, "accepted")


def test_a_neighbor_without_adj_rib_out_forgets_what_is_kept(t):
    def text(words):
        return HALVES + "controller { client-import %s; }\n" % words + section(OUT1, "adj-rib-out false;")
    s = Stage(t, text("low"), OUT1)
    equal(s.client.command(route("10.200.0.0/16")).status, "error")
    equal(s.client.command(route("10.1.0.0/16")).status, "accepted")
    s.told(OUT1, "10.1.0.0/16")
    start = time.monotonic()
    equal(s.client.command(route("10.1.0.0/16")).status, "accepted")  # said again, told again
    wait_until(lambda: s.said_since(OUT1, start) == ["10.1.0.0/16"], 5)
    equal(s.client.command("neighbor 127.0.0.2 teardown 4").status, "accepted")
    wait_fsm(s.client, address(OUT1), "IDLE", "CONNECT", "ACTIVE", "OPENSENT", "OPENCONFIRM")
    wait_up(s.client, address(OUT1))
    equal(s.client.command(route("10.201.0.0/16")).status, "error")
    s.reload(text("accept"))
    s.told(OUT1, "10.201.0.0/16")
    s.peers[OUT1].wait_quiet(0.3)
    equal(sorted(s.table(OUT1)), ["10.201.0.0/16"])


def test_watchdogs_and_policies(t):
    def text(words):
        return HALVES + "controller { client-import %s; }\n" % words + section(OUT1)
    s = Stage(t, text("low"), OUT1)
    s.client.command(route("10.1.0.0/16", "watchdog dog withdraw"))
    s.client.command(route("10.200.0.0/16", "watchdog dog withdraw"))
    equal(s.client.command("announce watchdog dog").status, "accepted")
    s.told(OUT1, "10.1.0.0/16")
    equal(sorted(s.table(OUT1)), ["10.1.0.0/16"])
    s.reload(text("high"))
    s.told(OUT1, "10.200.0.0/16")
    s.gone(OUT1, "10.1.0.0/16")
    equal(s.client.command("withdraw watchdog dog").status, "accepted")
    s.gone(OUT1, "10.200.0.0/16")
    s.reload(text("low"))
    s.peers[OUT1].wait_quiet(0.5)
    equal(s.table(OUT1), {})


def test_another_controller_takes_it_over(t):
    """What was told stays until its owner has said all again; what the policy rejects by then goes."""
    peer = t.peer(listen=address(OUT1) + ":179", asn=AS[OUT1], router_id="10.9.0.2")
    ambo = t.ambo()

    def text(words):
        return HALVES + "client a { import %s; }\n" % words + neighbor(address(OUT1), AS[OUT1], speaker="edge")
    ambo.split(text("low"))
    wait_up(ambo.client(), address(OUT1))
    a = ambo.client(name="a")
    for n in (1, 2, 3, 200):
        a.command(route("10.%d.0.0/16" % n))
    peer.wait_prefixes(["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"], exactly=True)
    ambo.controller.terminate()
    # the new one's policy takes 10.200 alone of what is said again
    ambo.write_config(ambo.speaker_sections() + text("high"))
    start = time.monotonic()
    ambo.start_controller()
    a = ambo.client(name="a")
    wait_up(ambo.client(), address(OUT1))
    for n in (1, 200, 2):
        a.command(route("10.%d.0.0/16" % n))
    equal(a.end_of_sync().status, "accepted")
    peer.wait_prefixes(["10.200.0.0/16"], exactly=True)
    peer.wait_quiet(0.3)
    said = [k[1] for m in peer.updates(start) for k in list(m.update["announced"]) + list(m.update["withdrawn"])]
    equal(sorted(said), ["10.1.0.0/16", "10.2.0.0/16", "10.200.0.0/16", "10.3.0.0/16"])
    ambo.write_config(ambo.speaker_sections() + text("low"))
    equal(ambo.client().command("reload").status, "accepted")
    peer.wait_prefixes(["10.1.0.0/16", "10.2.0.0/16"], exactly=True)


class Rules:
    """A policy by chance: as it is written, and what it makes of a route (None: nothing)."""

    def __init__(self, r, name):
        self.name, self.rules = name, []
        for _ in range(r.randrange(1, 4)):
            self.rules.append((r.choice((None, None, "client", "client a", "client [ a c ]", "configuration", "peer", "[ peer configuration ]")),
                               r.choice((None, None, "65001:1", "65001:2")), r.choice((None, None, "10.0.0.0/9 le 32", "10.128.0.0/9 le 32")),
                               r.choice((None, 1, 2, 3)), r.choice(("accept", "reject", "accept", None))))
        if r.random() < 0.7:
            self.rules.append((None, None, None, None, "accept"))

    def __str__(self):
        text = ""
        for n, (source, community, prefix, med, end) in enumerate(self.rules):
            match = [w for w in (source and "source %s" % source, community and "community %s" % community, prefix and "prefix %s" % prefix) if w]
            then = [w for w in (med and "med %d" % med, end) if w]
            text += "\trule r%d { match { %s } then { %s } }\n" % (n, "".join(w + "; " for w in match), "".join(w + "; " for w in then))
        return "policy %s {\n%s}\n" % (self.name, text)

    def run(self, who, prefix, community, med):
        """who: "peer", "configuration" or the name of a client"""
        kind = who if who in ("peer", "configuration") else "client"
        for source, wanted, part, set_med, end in self.rules:
            if source and kind not in source:
                continue
            if source and kind == "client" and " " in source and "[ peer" not in source and who not in source.split():
                continue
            if wanted and wanted != community or part and (int(prefix.split(".")[1]) < 128) != part.startswith("10.0"):
                continue
            med = set_med or med
            if end:
                return med if end == "accept" else None
        return None


class World:
    """What was said, and who would be told what of it."""
    TO = (OUT2, OUT3, IN1)

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.entries = {}  # (neighbor, prefix): (who, community, med)
        self.peers = {}  # prefix: (community, med), of OUT1
        self.statics = {"10.%d.0.0/16" % n: (self.r.choice(("65001:1", "65001:2", None)), self.r.choice((0, 5))) for n in (50, 51, 180, 181)}
        self.turn()

    def turn(self):
        """other policies"""
        r = self.r
        self.import_of = {n: r.choice((None, None, Rules(r, "in-" + n))) for n in "ab"}
        self.of_all = r.choice((None, None, Rules(r, "in-all")))
        self.export = Rules(r, "out")
        self.covers = {i: r.choice(((), (), ("client",), ("configuration",), ("client", "configuration"))) for i in self.TO}

    def text(self):
        used = [p for p in (*self.import_of.values(), self.of_all, self.export) if p]
        text = "".join(map(str, used))
        text += "".join("client %s { import %s; }\n" % (n, p.name) for n, p in self.import_of.items() if p)
        if self.of_all:
            text += "controller { client-import in-all; }\n"
        statics = ["%s next-hop %s %s%s" % (p, HOP, "med %d " % m if m else "", "community %s" % c if c else "") for p, (c, m) in self.statics.items()]
        text += section(OUT1, "propagate router; import accept; export reject;")
        for i in self.TO:
            covers = "export-covers [ %s ];" % " ".join(self.covers[i]) if self.covers[i] else ""
            text += section(i, "propagate router; import accept; export out; " + covers, statics)
        return text

    def passes(self, who, i, prefix, community, med):
        """MED, or None: it does not"""
        kind = "configuration" if who == "configuration" else "client"
        own = None if kind == "configuration" else self.import_of.get(who) or self.of_all
        if own:
            med = own.run(who, prefix, community, med)
        if med is not None and kind in self.covers[i]:
            med = self.export.run(who, prefix, community, med)
        return med

    def announce(self, who, prefix, community, med):
        for i in self.TO:
            before = self.entries.get((i, prefix))
            if self.passes(who, i, prefix, community, med) is None and before and before[0] != who and self.passes(before[0], i, prefix, *before[1:]) is not None:
                continue  # another client's is told there
            self.entries[i, prefix] = (who, community, med)

    def withdraw(self, prefix):
        for i in self.TO:
            self.entries.pop((i, prefix), None)

    def table(self, i):
        """{prefix: (who, med)}; MED 0: none"""
        out = {}
        for prefix, (community, med) in self.peers.items():
            # to another AS the MED of a peer does not go, unless a rule says one
            med = self.export.run("peer", prefix, community, med if i == IN1 else 0)
            if med is not None:
                out[prefix] = ("peer", med)
        for prefix, (c, m) in self.statics.items():
            med = self.passes("configuration", i, prefix, c, m)
            if med is not None:
                out[prefix] = ("us", med)
        for (n, prefix), said in self.entries.items():
            med = self.passes(said[0], n, prefix, *said[1:]) if n == i else None
            if med is not None:
                out[prefix] = ("us", med)
        return out


def diff(s, text):
    """{(neighbor, prefix): (before, after)} of `ambo policy diff`, each (who, MED)"""
    path = s.ambo.directory / "candidate"
    path.write_text(text)
    status, out, err = s.ambo.cli("policy", "diff", str(path), "-j", "--timeout", "100", timeout=60)
    equal((status, err), (0, ""))
    rows = [r for r in json.loads(out) if "change" in r]

    def side(v):
        path = [a for k in v["attribute"].get("as-path", {}).values() for a in k["value"]] if v else []
        return v and ("peer" if 65002 in path else "us", v["attribute"].get("med") or 0)
    found = {(r["neighbor"], r["nlri"]): (side(r.get("before")), side(r.get("after"))) for r in rows}
    equal(len(found), len(rows), "each neighbor and prefix once")
    return found


def test_by_chance_sources_mix(t):
    world = World(int(os.environ.get("AMBO_SEED", 11)))
    s = Stage(t, world.text(), OUT1, *world.TO)
    clients = {n: s.ambo.client(name=n) for n in "abc"}
    r, prefixes = world.r, ["10.%d.0.0/16" % n for n in list(range(1, 7)) + list(range(200, 207))]

    def now(i):
        return {p: ("peer" if 65002 in a["as_path"] else "us", a.get("med") or 0) for p, a in s.table(i).items()}

    def agree(what):
        for i in world.TO:
            try:
                wait_until(lambda: now(i) == world.table(i), 10, what)
            except TimeoutError:
                have, want = now(i), world.table(i)
                raise AssertionError("%s, %s: %s\n%s" % (what, address(i), {p: (have.get(p), want.get(p)) for p in have.keys() | want.keys() if have.get(p) != want.get(p)}, world.text()))

    def step():
        prefix, community, med = r.choice(prefixes), r.choice((None, "65001:1", "65001:2")), r.choice((0, 0, 5, 6))
        words = "%s%s" % ("med %d " % med if med else "", "community %s" % community if community else "")
        kind = r.randrange(8)
        if kind < 5:
            who = r.choice("abc")
            answer = clients[who].command(route(prefix, words))
            passed = [world.passes(who, i, prefix, community, med) is not None for i in world.TO]
            # OUT1 has no gate but the import
            own = world.import_of.get(who) or world.of_all
            passed.append(not own or own.run(who, prefix, community, med) is not None)
            equal(answer.status, "accepted" if any(passed) else "error", answer.text)
            equal("not told" in answer.text, any(passed) and not all(passed), answer.text)
            world.announce(who, prefix, community, med)
        elif kind == 5:
            equal(clients[r.choice("abc")].command("withdraw route " + prefix).status, "accepted")
            world.withdraw(prefix)
        elif kind == 6:
            attrs = dict(communities=community and [community], med=med)
            s.peers[OUT1].announce([prefix], next_hop=address(OUT1), as_path=[65002], **{k: v for k, v in attrs.items() if v})
            world.peers[prefix] = (community, med)
        elif prefix in world.peers:
            s.peers[OUT1].withdraw([prefix])
            del world.peers[prefix]
    changes = 0
    agree("the first table")
    for round in range(25):
        for _ in range(r.randrange(12)):
            step()
        wait_until(lambda: {p: ([*map(tuple, r["attribute"].get("community", []))], r["attribute"].get("med") or 0)
                            for p, r in received(s.client, address(OUT1)).items()} ==
                   {p: ([tuple(map(int, c.split(":")))] if c else [], m) for p, (c, m) in world.peers.items()},
                   10, "what the peer said is here")
        agree("round %d" % round)
        before = {i: now(i) for i in world.TO}
        for i in world.TO:
            s.peers[i].wait_quiet(0.05)
        world.turn()
        promised = diff(s, world.text())
        start = time.monotonic()
        s.reload(world.text())
        agree("the reload of round %d" % round)
        for i in world.TO:
            s.peers[i].wait_quiet(0.1)
            after, said = now(i), s.said_since(i, start)
            equal(sorted(set(said)), sorted(p for p in before[i].keys() | after.keys() if before[i].get(p) != after.get(p)), "of the reload, to %s" % address(i))
            changes += len(said)
            equal({p: v for (n, p), v in promised.items() if n == address(i)},
                  {p: (before[i].get(p), after.get(p)) for p in set(said)}, "what policy diff promised of %s, round %d" % (address(i), round))
    print("    %d changes by reloads" % changes)
    check(changes > 100, changes)


main()
