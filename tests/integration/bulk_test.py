#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""Requests that say much: routes in wire form in groups, and lists of commands; what of them is wrong, and what else is
asked meanwhile."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import random
import re
import threading

from tests.integration.harness import *
from tests.integration.scene import Times, numbered, numbered_peer, start_numbered, wait_up

CONFIG = numbered(2, 3)
HOP = bgp.address_octets("192.0.2.9")
BLOCK = bgp.attributes(origin="igp", as_path="65000 65010", med=5, communities=["65000:1"])


def start(t, up=(2, 3), config=CONFIG, **how):
    return start_numbered(t, config, up, **how)


def group(prefixes, hop="self", attributes=BLOCK, family="ipv4 unicast", **how):
    return [family, hop, attributes, bgp.nlri(prefixes, **how)] + ([True] if how else [])


def bulk(c, groups, op="announce", wait=None, **body):
    body.update(op=op, groups=groups)
    if wait:
        body["wait"] = wait
    return c.whole(c.send("bulk", body), wait)


def test_groups_in_wire_form_are_told(t):
    ambo, c, (a, b) = start(t)
    answer = bulk(c, [
        group(["10.0.0.0/24", "10.0.1.0/25"]),
        group(["10.1.0.0/16"], HOP, "med 7 as-path [ 65000 1 ] local-preference 3"),
        group(["10.2.0.0/16"], None, bgp.attributes(origin="egp", next_hop="192.0.2.8")),
        group(["2001:db8::/32"], bgp.address_octets("2001:db8::9"), None, "ipv6 unicast"),
        group(["10.3.0.0/16"], HOP, b"", 1 << 8 | 1),
    ])
    equal((answer.status, answer.data["failed"]), ("accepted", []))
    equal((answer.data["routes"], answer.data["news"]), (6, 12))
    for p in (a, b):
        p.wait_prefixes(["10.0.0.0/24", "10.0.1.0/25", "10.1.0.0/16", "10.2.0.0/16", "2001:db8::/32", "10.3.0.0/16"],
                        exactly=True)
        equal((p.route("10.0.1.0/25")["med"], p.route("10.0.1.0/25")["next_hop"]), (5, "127.0.0.1"))
        equal((p.route("10.1.0.0/16")["med"], p.route("10.1.0.0/16")["next_hop"]), (7, "192.0.2.9"))
        equal(p.route("10.2.0.0/16")["next_hop"], "192.0.2.8")
    # what was said so is as what is typed
    equal(c.command("announce route 10.0.0.0/24 next-hop self med 5 as-path [ 65000 65010 ] community [ 65000:1 ]").text,
          "1 route for 2 neighbors, 0 new")
    answer = bulk(c, [["ipv4 unicast", None, None, bgp.nlri(["10.0.0.0/24", "10.1.0.0/16"])]], "withdraw",
                  neighbor="127.0.0.2")
    equal((answer.status, answer.data["routes"], answer.data["news"]), ("accepted", 2, 2))
    a.wait_gone(["10.0.0.0/24", "10.1.0.0/16"])
    check({"10.0.0.0/24", "10.1.0.0/16"} <= b.prefixes())


def test_a_withdraw_with_a_next_hop_that_is_none_is_refused(t):
    """and never gets to a speaker, which would turn the whole frame down"""
    ambo, c, (a,) = start(t, up=(2,))
    label = b"\x70\x00\x00\x31\x00\x00\x00\x01\x00\x00\x00\x02\x0a\x00\x00"
    answer = bulk(c, [["ipv4 mpls-vpn", b"\1\2\3", None, label]], "withdraw")
    equal((answer.status, answer.data["failures"]), ("error", 1))
    check("a next hop of 3 octets" in answer.text or "a next hop of 3 octets" in answer.data["failed"][0][1], answer)


def test_a_body_stands_while_its_command_waits_behind_a_bulk(t):
    ambo, c, (a,) = start(t, up=(2,), config=CONFIG + "set prefixes those { 10.0.0.0/8; }\n")
    groups = [group(["10.%d.%d.0/24" % (n // 250, n % 250)]) for n in range(5000)]
    first = c.send("bulk", {"op": "announce", "groups": groups})
    body = "\n".join("10.%d.0.0/16" % n for n in range(200))
    second = c.send("command", {"text": "set replace those", "body": body})
    equal(c.whole(first).data["failures"], 0)
    equal(c.whole(second).status, "accepted")
    shown = c.command("show sets those").text
    check("10.199.0.0/16" in shown and "10.0.0.0/8" not in shown, shown[:300])
    equal(c.command("set restore those").status, "accepted")
    check("10.0.0.0/8" in c.command("show sets those").text)


def test_a_group_that_is_wrong_costs_itself_alone(t):
    ambo, c, (a,) = start(t, up=(2,))
    good, reasons = [], {}
    bad = [
        ("expected [family", 7), ("expected [family", ["ipv4 unicast", "self"]),
        ("expected [family", ["ipv4 unicast", "192.0.2.1", BLOCK, b"\x18\x0a\x00\x00"]),
        ("expected [family", ["ipv4 unicast", "self", 5, b"\x18\x0a\x00\x00"]),
        ("expected [family", ["ipv4 unicast", "self", BLOCK, "10.0.0.0/24"]),
        ("no such family", group(["10.9.0.0/24"], family="ipv4 unicst")),
        ("no such family", group(["10.9.0.0/24"], family=1 << 30)),
        ("no NLRI", group([])),
        ("NLRI 1: malformed", ["ipv4 unicast", "self", BLOCK, bgp.nlri(["10.9.0.0/24"]) + b"\x21\x0a\x00\x00\x00\x00"]),
        ("NLRI 1: malformed", ["ipv4 unicast", "self", BLOCK, bgp.nlri(["10.9.0.0/24"]) + b"\x20\x0a\x00"]),
        ("NLRI 0: malformed", ["ipv4 unicast", "self", BLOCK, b"\x00\x00\x00", True]),
        ("NLRI 1: none of its family", group(["10.9.0.0/24", "224.0.0.0/4"])),
        ("an attribute runs past the end", group(["10.9.0.0/24"], attributes=BLOCK[:-1])),
        ("attribute 4 malformed", group(["10.9.0.0/24"], attributes=bgp.attribute(0x80, 4, b"\0\0\5"))),
        ("attribute 4 wrong flags", group(["10.9.0.0/24"], attributes=bgp.attribute(0x40, 4, b"\0\0\0\5"))),
        ("attribute 1 given twice", group(["10.9.0.0/24"], attributes=BLOCK + BLOCK[:4])),
        ("MP_REACH", group(["10.9.0.0/24"], attributes=bgp.mp_reach((1, 1), "192.0.2.1", ["10.8.0.0/24"]))),
        ("no next hop", group(["10.9.0.0/24"], hop=None)),
        ("a next hop of 5 octets", group(["10.9.0.0/24"], hop=b"\1\2\3\4\5")),
        ("a next hop of 300 octets", group(["10.9.0.0/24"], hop=bytes(300))),
        ("column 1: ", group(["10.9.0.0/24"], attributes="mde 5")),
        ("do not stand among attributes", group(["10.9.0.0/24"], attributes="med 5 watchdog dog")),
        ("do not stand among attributes", group(["10.9.0.0/24"], attributes="med 5 nlri 10.8.0.0/24")),
        ("next-hop self: neighbor 127.0.0.2 has no local address", group(["2001:db8::/32"], family="ipv6 unicast")),
    ]
    groups = []
    for n, (why, one) in enumerate(bad):
        reasons[len(groups)] = why
        good.append("10.0.%d.0/24" % n)
        groups += [one, group(good[-1:])]
    answer = bulk(c, groups)
    equal((answer.status, answer.data["routes"], answer.data["failures"]), ("error", len(good), len(bad)))
    equal(answer.text, "%d routes, %d news; %d of %d failed" % (len(good), 2 * len(good), len(bad), len(groups)))
    equal([i for i, _ in answer.data["failed"]], sorted(reasons))
    for index, why in answer.data["failed"]:
        check(reasons[index] in why, (index, why, reasons[index]))
    a.wait_prefixes(good, exactly=True)
    # of a thousand so many are told
    answer = bulk(c, [group([])] * 1000)
    equal((answer.data["failures"], len(answer.data["failed"])), (1000, 500))


def test_a_request_that_is_none_is_refused_whole(t):
    ambo, c, _ = start(t, up=())
    for why, kind, body in (
            ("op", "bulk", {"groups": []}), ("op", "bulk", {"op": "say", "groups": []}),
            ("groups", "bulk", {"op": "announce"}), ("groups", "bulk", {"op": "announce", "groups": {}}),
            ("wait", "bulk", {"op": "announce", "groups": [], "wait": "ever"}),
            ("no neighbor matches", "bulk", {"op": "announce", "groups": [], "neighbor": "127.0.0.9"}),
            ("expected the address", "bulk", {"op": "announce", "groups": [], "neighbor": "nobody"}),
            ("end of the line", "bulk", {"op": "announce", "groups": [], "neighbor": "127.0.0.2 announce route"}),
            ("more than", "bulk", {"op": "announce", "groups": [0] * 20000}),
            ("commands", "commands", {}), ("commands", "commands", {"commands": "announce"}),
            ("more than", "commands", {"commands": [""] * 20000})):
        answer = c.request(kind, body)
        equal(answer.status, "error", (kind, body))
        check(why in answer.text, answer.text)
    equal(c.request("bulk", {"op": "announce", "groups": []}).status, "accepted")
    equal(c.request("commands", {"commands": []}).status, "accepted")


def test_a_list_of_commands_tells_what_failed(t):
    ambo, c, (a, b) = start(t)
    texts = ["announce route 10.0.%d.0/24 next-hop self med 5" % n for n in range(100)]
    texts[7] = "announce route 10.0.7.0/24 next-hop nowhere"
    texts[20] = "neighbor 127.0.0.2 announce route 10.0.20.0/24 next-hop self med 6"
    texts[21] = "# nothing"
    texts[22] = "show neighbors"
    texts[30] = "neighbor 127.0.0.9 announce route 10.0.30.0/24 next-hop self"
    texts[40] = "announce attributes next-hop self med 9 nlri 10.0.40.0/24 10.1.40.0/24"
    texts[50] = 5
    texts[60] = "withdraw route 10.0.0.0/24"
    texts[61] = "announce route 10.0.61.1/24 next-hop self med 5"
    answer = c.request("commands", {"commands": texts})
    equal((answer.status, [i for i, _ in answer.data["failed"]]), ("error", [7, 22, 30, 50, 61]))
    why = dict(answer.data["failed"])
    check(why[7].startswith("column 37: ") and "next hop" in why[7], why[7])
    check("no neighbor matches" in why[30] and "announce or withdraw" in why[22], why)
    check("not a valid network" in why[61], why[61])
    equal(answer.data["routes"], 95)
    want = ({"10.0.%d.0/24" % n for n in range(100)} | {"10.1.40.0/24"}) - \
        {"10.0.%d.0/24" % n for n in (0, 7, 21, 22, 30, 50, 60, 61)}
    a.wait_prefixes(want, exactly=True)
    b.wait_prefixes(want - {"10.0.20.0/24"}, exactly=True)
    equal(a.route("10.0.40.0/24")["med"], 9)


def test_lines_that_differ_in_their_prefix_alone_are_told_alike(t):
    """Of every route of the cases: said for a first, a second and a third prefix, and for a fourth in a list; the later
    ones are not scanned again."""
    ambo = t.ambo().run(CONFIG.replace("ipv4 unicast; ipv6 unicast;", "all;"))
    c, texts, alike = ambo.client(), set(), 0
    for path in (ROOT / "tests" / "cases").glob("*.case"):
        texts.update(re.findall(r"^text\s+(\S.*?)\s*$", path.read_text(), re.M))
    for n, text in enumerate(sorted(texts)):
        prefix = re.match(r"(\S+/\d+)( .*)?$", text)
        words = prefix.group(2) or "" if prefix else " next-hop 10.0.0.1 " + text
        told = []
        for k in range(1, 5):
            p = "2001:db8:%x:%x::/64" % (k, n) if ":" in text.split(" ")[0] else "%d.%d.%d.0/24" % (60 + k, n >> 8, n & 255)
            line = "announce route " + p + words
            answer = c.command(line) if k < 4 else c.request("commands", {"commands": [line]})
            shown = c.command("show routes sent " + p).text if answer.ok else ""
            told.append((answer.ok, shown.replace(p, "PREFIX")))
        equal(told[1:], told[:1] * 3, text)
        alike += told[0][0]
    print("    %d of %d can be said of a prefix" % (alike, len(texts)))
    check(alike > 80, alike)


def test_sent_says_who_was_written_to(t):
    ambo, c, (a,) = start(t, up=(2,))
    number = c.send("bulk", {"op": "announce", "wait": "sent", "neighbor": "127.0.0.2",
                             "groups": [group(bgp.prefixes(2000)), group([])]})
    first, last = c.reply(number), c.reply(number)
    equal((first.status, first.final, first.data["routes"]), ("error", False, 2000))
    equal((last.status, last.text, last.final), ("sent", "sent to 127.0.0.2", True))
    a.wait_prefixes(bgp.prefixes(2000))
    answer = c.whole(c.send("commands", {"wait": "sent", "commands": ["announce route 10.200.0.0/24 next-hop self"]}), "sent")
    equal(answer.status, "pending")
    check(answer.text.startswith("sent to 127.0.0.2; pending: 127.0.0.3 (down: "), answer.text)
    # of those alone that were meant
    equal(c.whole(c.send("commands", {"wait": "sent", "commands": [
        "neighbor 127.0.0.2 announce route 10.201.0.0/24 next-hop self"]}), "sent").text, "sent to 127.0.0.2")
    answer = bulk(c, [group([])], wait="sent")
    equal((answer.status, answer.final), ("error", True))
    # what no message has room for is not written
    large = bgp.attributes(origin="igp", as_path="65000 65010", communities=["65000:%d" % i for i in range(1500)])
    answer = bulk(c, [group(["10.210.0.0/24"]), group(["10.211.0.0/24"], attributes=large)], wait="sent", neighbor="127.0.0.2")
    check(answer.status == "error" and answer.text.startswith("not sent: 127.0.0.2 (attributes of 60"), answer.text)
    a.wait_prefixes(["10.210.0.0/24"])


def test_neighbors_that_have_no_family_of_a_bulk_are_named(t):
    a = numbered_peer(t, 2)
    ambo = t.ambo().run(numbered(2) + numbered(3, families="ipv6 flow;") + numbered(4, families="ipv6 flow;"))
    a.wait_established()
    c = ambo.client()
    wait_up(c, "127.0.0.2")
    answer = bulk(c, [group(["10.220.0.0/24"]), group(["10.221.0.0/24"])], wait="sent")
    equal((answer.status, answer.text), ("sent", "sent to 127.0.0.2; without this family: 127.0.0.3, 127.0.0.4"))
    equal([(n["neighbor"], n["status"]) for n in answer.data["neighbors"]],
          [("127.0.0.2", "written"), ("127.0.0.3", "no-family"), ("127.0.0.4", "no-family")])
    # but not who has another family of it
    answer = c.whole(c.send("commands", {"wait": "sent", "commands": [
        "announce route 10.222.0.0/24 next-hop self", "neighbor 127.0.0.3 announce flow route { match { source 2001:db8::/32; } then { discard; } }"]}),
        "sent")
    check("without this family: 127.0.0.4" in answer.text and "pending: 127.0.0.3 (down" in answer.text, answer.text)


def test_what_is_asked_behind_a_bulk_is_done_behind_it(t):
    ambo, c, (a, b) = start(t, record=False)
    prefixes = bgp.prefixes(60000)
    numbers = [c.send("bulk", {"op": "announce", "groups": [group(prefixes)]}),
               c.send("command", {"text": "withdraw route %s" % prefixes[-1]}),
               c.send("ping"),
               c.send("bulk", {"op": "withdraw", "groups": [group(prefixes[:30000])]}),
               c.send("commands", {"commands": ["announce route %s next-hop self" % p for p in prefixes[:1000]]}),
               c.send("nonsense"),
               c.send("command", {"text": "show routes sent %s" % prefixes[-1]}),
               c.send("command", {"text": "withdraw route %s" % prefixes[0]})]
    answers = [c.reply(n) for n in numbers]
    equal([n for n in c.order if n >= numbers[0]], numbers)
    equal([r.status for r in answers],
          ["accepted", "accepted", "pong", "accepted", "accepted", "error", "done", "accepted"])
    equal(answers[6].text, "")
    want = set(prefixes[1:1000]) | set(prefixes[30000:-1])
    for p in (a, b):
        p.wait_prefixes(want, 30, exactly=True)


def test_owners_say_their_routes_again_in_bulk(t):
    ambo, c, (a, b) = start(t)
    first = ambo.client(name="anycast")
    equal(bulk(first, [group(["10.0.0.0/24", "10.0.1.0/24"])]).data["news"], 4)
    a.wait_prefixes(["10.0.0.0/24", "10.0.1.0/24"])
    check("# anycast" in c.command("show routes sent 10.0.0.0/24").text)
    again = ambo.client(name="anycast")
    number = again.send("bulk", {"op": "announce", "groups": [group(["10.0.1.0/24", "10.0.2.0/24"])]})
    equal(again.end_of_sync().status, "accepted")
    equal(again.reply(number).data["news"], 2)
    a.wait_gone(["10.0.0.0/24"])
    a.wait_prefixes(["10.0.1.0/24", "10.0.2.0/24"], exactly=True)


def test_a_new_controller_is_told_again_in_bulk(t):
    ambo, c, (a, b) = start(t)
    prefixes = bgp.prefixes(3000)
    equal(bulk(ambo.client(name="anycast"), [group(prefixes)], wait="sent").status, "sent")
    a.wait_prefixes(prefixes)
    before, old = a.received(2)[0], ambo.half("ambo-controller")
    os.kill(old, 9)
    wait_until(lambda: ambo.half("ambo-controller") not in (None, old), 15, "another controller")
    again = ambo.client()
    again.wait_ready()
    again.hello("anycast")
    equal(bulk(again, [group(prefixes[1:])]).data["failures"], 0)
    again.end_of_sync()
    a.wait_gone(prefixes[:1])
    a.wait_quiet()
    a.wait_prefixes(prefixes[1:], exactly=True)
    equal(a.received(2)[0] - before, 1, "UPDATEs: the one withdraw")


def test_fifty_in_bulk_and_one_who_is_not_held_up(t):
    ambo, c, (a,) = start(t, up=(2,), record=False)
    clients = [ambo.client() for _ in range(50)]
    numbers, want, stop, controller = [], set(), threading.Event(), ambo.half("ambo-controller")
    pings = Times("ping")
    load = group(bgp.prefixes(20000, "11.0.0.0", 30))

    def ping():
        while not stop.is_set():
            pings.time(c.ping, controller)
    pinger = threading.Thread(target=ping)
    pinger.start()
    try:
        for n, k in enumerate(clients):
            mine = bgp.prefixes(200, "10.%d.0.0" % n, 28)
            want.update(mine)
            # much for the neighbor that is down, a little for the other
            for _ in range(4):
                body = {"op": "announce", "neighbor": "127.0.0.3", "groups": [load, group([])]}
                numbers.append((k, k.send("bulk", body), 20000))
            numbers.append((k, k.send("bulk", {"op": "announce", "neighbor": "127.0.0.2", "groups": [
                group(mine[:100]), group([]), group(mine[100:])]}), 200))
        answers = [k.reply(number) for k, number, _ in numbers]
    finally:
        stop.set()
        pinger.join()
    for (_, _, routes), answer in zip(numbers, answers):
        equal((answer.data["routes"], [i for i, _ in answer.data["failed"]]), (routes, [1]))
    a.wait_prefixes(want, 20, exactly=True)
    pings.report(300, part=1)
    check(len(pings.values) > 10, pings)


def test_who_leaves_in_the_middle_leaves_nothing(t):
    ambo, c, (a,) = start(t, up=(2,), record=False)
    for n in range(20):
        with ambo.client() as k:
            for _ in range(5):
                k.send("bulk", {"op": "announce", "groups": [group(bgp.prefixes(20000, "10.%d.0.0" % n, 30))]})
            k.send("command", {"text": "show routes sent"})
    wait_until(lambda: len(c.show("show clients")) < 5, 30, "the others are forgotten")
    equal(bulk(c, [group(["11.0.0.0/24"])]).status, "accepted")
    a.wait_prefixes(["11.0.0.0/24"], 20)


def test_octets_by_chance_harm_nobody(t):
    """What a careless client sends; the controller stays, and so do the others."""
    from tests.fake.api import request_frame
    ambo, c, (a,) = start(t, up=(2,), record=False)
    chance = random.Random(7)
    whole = request_frame("bulk", 1, {"op": "announce", "groups": [
        group(["10.0.0.0/24", "10.0.1.0/24"]), group(["2001:db8::/32"], bytes(16), family="ipv6 unicast"),
        group(["10.7.0.0/24"], HOP, "med 7 community [ 65000:1 ]")]})
    for n in range(3000):
        octets = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 5))):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        k = ambo.client() if n % 60 == 0 else k  # who says too much that is none is cut
        k.send_raw(bytes(octets[:chance.randrange(len(octets))] if n % 7 == 0 else octets))
    equal(bulk(c, [group(["11.0.0.0/24"])]).status, "accepted")
    a.wait_prefixes(["11.0.0.0/24"], 10)


if __name__ == "__main__":
    main()
