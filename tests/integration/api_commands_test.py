#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""Commands of the API, down to what a peer is told."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import Times, numbered, start_numbered

CONFIG = numbered(2, 3, extra="capability { route-refresh; }")


def start(t, up=(2, 3), **how):
    return start_numbered(t, CONFIG, up, **how)


def test_what_was_accepted_is_sent(t):
    ambo, c, (a, b) = start(t)
    answer = c.command("announce route 10.0.0.0/24 next-hop 192.0.2.9 med 5 community [ 65000:1 ]", wait="sent")
    equal((answer.status, answer.text), ("sent", "sent to 127.0.0.2, 127.0.0.3"))
    for p in (a, b):
        p.wait_prefixes(["10.0.0.0/24"])
        equal(p.route("10.0.0.0/24")["med"], 5)
    equal(c.command("neighbor 127.0.0.2 withdraw route 10.0.0.0/24", wait="sent").text, "sent to 127.0.0.2")
    a.wait_gone(["10.0.0.0/24"])
    check("10.0.0.0/24" in b.prefixes())
    equal(c.command("peer 127.0.0.3 announce route 10.1.0.0/24 next-hop self sync").ok, True)
    b.wait_prefixes(["10.1.0.0/24"])
    check("10.1.0.0/24" not in a.prefixes())


def test_pending_says_who_is_down_and_why(t):
    ambo, c, (a,) = start(t, up=(2,))
    wait_until(lambda: "refused" in c.command("show neighbors").text, 10, "why it is not up")
    answer = c.command("announce route 10.0.0.0/24 next-hop self", wait="sent")
    equal(answer.status, "pending")
    check(answer.text.startswith("sent to 127.0.0.2; pending: 127.0.0.3 (down: "), answer.text)
    equal([(n["neighbor"], n["status"]) for n in answer.data["neighbors"]], [("127.0.0.2", "written"), ("127.0.0.3", "down")])
    b = t.peer(listen="127.0.0.3:179", asn=65003, families=("ipv4", "ipv6"))
    b.wait_prefixes(["10.0.0.0/24"], 15)


def test_what_does_not_fit_a_message_is_said_to(t):
    ambo, c, (a, b) = start(t)
    long = " community [ %s ]" % " ".join("65000:%d" % i for i in range(1500))
    check(c.command("announce route 10.0.0.0/24 next-hop 192.0.2.9" + long).ok)
    # ORIGIN, AS_PATH, NEXT_HOP and 1500 communities
    why = "attributes of %d octets do not fit a message of 4096" % (4 + 9 + 7 + 4 + 6000)
    for p in ("127.0.0.2", "127.0.0.3"):
        ambo.process.wait_log(p + '","message":"1 route is not sent: ' + why)
    rows = [r for r in c.show("explain route 10.0.0.0/24") if "to" in r]
    equal([(r["told"], r["by"], r["why"]) for r in rows], [(False, "client", why)] * 2)
    check("not told: %s; said by client" % why in c.command("explain route 10.0.0.0/24").text)
    # who waits is told so, also when it was said already, in whatever way
    line = "announce route 10.0.%d.0/24 next-hop 192.0.2.9" + long
    want = [("127.0.0.%d" % i, "left-out", why) for i in (2, 3)]
    for n in 1, 2, 2, 2:
        answer = c.command(line % n, wait="sent")
        equal((answer.status, answer.text), ("error", "not sent: 127.0.0.2 (%s), 127.0.0.3 (%s)" % (why, why)))
        equal([(x["neighbor"], x["status"], x["why"]) for x in answer.data["neighbors"]], want)
    answer = c.command("announce route 10.8.0.0/22 next-hop 192.0.2.9 split /23" + long, wait="sent")
    equal(answer.status, "error", answer.text)
    for _ in range(2):
        answer = c.whole(c.send("commands", {"wait": "sent", "commands": [
            "announce route 10.2.0.0/24 next-hop self", "neighbor 127.0.0.2 " + line % 3]}), "sent")
        equal((answer.status, answer.text), ("error", "sent to 127.0.0.3; not sent: 127.0.0.2 (%s)" % why))
    status, out, err = ambo.cli(*("neighbor 127.0.0.3 " + line % 4).split())
    check(status == 1 and why in out + err, status, out, err)
    check(c.command("announce route 10.0.0.0/24 next-hop 192.0.2.9", wait="sent").status == "sent")
    a.wait_prefixes(["10.0.0.0/24"])
    check("  to neighbor 127.0.0.2: told, by client" in c.command("explain route 10.0.0.0/24").text)


def test_what_a_role_keeps_back_is_said_to(t):
    config = numbered(2, extra="capability { role customer; }") + numbered(3)
    ambo, c, (a, b) = start_numbered(t, config, (2, 3))
    why = "it is for customers only (RFC 9234)"
    line = "announce route 10.0.%d.0/24 next-hop 192.0.2.9 otc 65099"
    want = ("error", "sent to 127.0.0.3; not sent: 127.0.0.2 (%s)" % why)
    answer = c.command(line % 0, wait="sent")
    equal((answer.status, answer.text), want)
    # a line that was said a moment ago is not run again, and yet looked at; a bulk of lines, and one of groups
    for n in range(1, 5):
        answer = c.whole(c.send("commands", {"wait": "sent", "commands": [line % n]}), "sent")
        equal((answer.status, answer.text), want, n)
    answer = c.whole(c.send("commands", {"wait": "sent", "commands": [line.replace(" otc 65099", "") % 9]}), "sent")
    equal((answer.status, answer.text), ("sent", "sent to 127.0.0.2, 127.0.0.3"))
    otc = bgp.attribute(0xc0, 35, (65099).to_bytes(4, "big"))
    for attributes in (bgp.attributes(origin="igp") + otc, "otc 65099"):
        groups = [["ipv4 unicast", bgp.address_octets("192.0.2.9"), attributes, bgp.nlri(["10.1.0.0/24", "10.1.1.0/24"])]]
        answer = c.whole(c.send("bulk", {"wait": "sent", "op": "announce", "groups": groups}), "sent")
        equal((answer.status, answer.text), want, attributes)
    b.wait_prefixes(["10.0.%d.0/24" % n for n in (0, 1, 2, 3, 4, 9)] + ["10.1.0.0/24", "10.1.1.0/24"])
    equal(a.prefixes(), {"10.0.9.0/24"})


def test_a_watchdogs_many_routes_are_withdrawn_at_once(t):
    ambo, c, peers = start(t, record=False)
    said = bgp.prefixes(100000)
    for k in range(0, len(said), 10000):
        answer = c.whole(c.send("commands", {"commands": [
            "announce route %s next-hop 192.0.2.9 watchdog dog" % p for p in said[k:k + 10000]]}))
        equal((answer.status, answer.data["failures"]), ("accepted", 0))
    for p in peers:
        p.wait_for(lambda p: len(p.prefixes()) == len(said), 60)
    first = c.send("command", {"text": "withdraw watchdog dog"})
    second = c.send("command", {"text": "announce route %s next-hop self" % said[-1]})
    equal(c.reply(first, 60).text, "watchdog dog: 100000 routes withdrawn")
    equal(c.reply(second, 60).status, "accepted")
    for p in peers:
        p.wait_prefixes([said[-1]], 60, exactly=True)
    check("too slowly" not in ambo.process.log(), "all was said anew")


def test_a_teardown_ends_the_session_with_what_was_said(t):
    ambo, c, (a, b) = start(t)
    equal(c.command('neighbor 127.0.0.2 teardown 2 "until tomorrow"').text, "teardown: 1 neighbor")
    a.wait_event("notification")
    detail = a.named("notification")[0].detail
    equal((detail["code"], detail["subcode"]), (6, 2))
    check(b"until tomorrow".hex() in str(detail) or "until tomorrow" in str(detail), detail)
    check(b.established)
    a.wait_established()


def test_eor_refresh_and_flush_reach_the_peer(t):
    ambo, c, (a, b) = start(t)
    c.command("announce route 10.0.0.0/24 next-hop self", wait="sent")
    a.wait_prefixes(["10.0.0.0/24"])
    before = a.received(2)[0]
    equal(c.command("neighbor 127.0.0.2 announce eor ipv6 unicast").status, "accepted")
    a.wait_for(lambda p: p.received(2)[0] > before)
    equal(c.command("neighbor 127.0.0.2 announce route-refresh ipv4 unicast").status, "accepted")
    a.wait_for(lambda p: p.received(5)[0])
    before = a.received(2)[0]
    equal(c.command("neighbor 127.0.0.2 flush adj-rib out").status, "accepted")
    a.wait_for(lambda p: p.received(2)[0] > before)
    check(b.received(5)[0] == 0)


def test_received_routes_are_shown(t):
    ambo, c, (a, b) = start(t)
    a.announce(["10.5.0.0/24"], communities=["65002:1"])
    b.announce(["2001:db8::/32"], next_hop="2001:db8::1")
    wait_until(lambda: sum(n["prefixes"]["received"] for n in c.show("show neighbors")) == 2, 10, "two routes")
    text = c.command("show routes received").text
    check("127.0.0.2 received ipv4 unicast 10.5.0.0/24 next-hop 127.0.0.2 " in text, text)
    check("127.0.0.3 received ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1 " in text, text)
    equal(c.command("show adj-rib in 127.0.0.2").text, "127.0.0.2 ipv4 unicast 10.5.0.0/24\n")
    rows = c.show("show routes received ipv4 unicast")
    equal([(r["neighbor"], r["nlri"], r["next-hop"]) for r in rows], [("127.0.0.2", "10.5.0.0/24", "127.0.0.2")])
    equal(rows[0]["attribute"]["community"], [[65002, 1]])


def test_a_table_is_shown_in_pieces_and_stops_nobody(t):
    ambo, c, (a, b) = start(t)
    a.flood(bgp.table(100000, next_hop="127.0.0.2", asn=65002))
    wait_until(lambda: sum(n["prefixes"]["received"] for n in c.show("show neighbors")) == 100000, 60, "the table")
    k, pings, controller = ambo.client(), Times("ping"), ambo.half("ambo-controller")
    number, rows, pieces = k.send("command", {"text": "show adj-rib in"}), 0, 0
    final = False
    while not final:
        pings.time(c.ping, controller)
        k.receive(0.05)
        while k.replies[number]:
            r = k.replies[number].popleft()
            rows, pieces, final = rows + r.text.count("\n"), pieces + 1, r.final
    equal(rows, 100000)
    check(pieces > 30, pieces)
    pings.report(200, part=1)


def test_a_broken_line_is_told_where(t):
    ambo, c, _ = start(t)
    answer = c.command("announce route 10.0.0.0/24 next-hop 1.2.3.4 comunity [ 1:2 ]")
    equal((answer.status, answer.data["column"]), ("error", 45))
    check("community" in answer.text, answer.text)
    answer = c.command("neighbour 127.0.0.2 announce route 10.0.0.0/24 next-hop self")
    equal(answer.status, "error")


def test_a_thousand_commands_are_answered_in_order(t):
    ambo, c, (a, b) = start(t)
    order = []
    numbers = [c.send("command", {"text": "announce route 10.%d.%d.0/24 next-hop self" % (n >> 8, n & 255)} if n % 10 else
                      {"text": "show neighbors"}) for n in range(1000)]
    while len(order) < 1000:
        kind, number, body = answer_of(c.socket.recv())
        check(body["status"] in ("accepted", "done") and body["final"], body)
        order.append(number)
    equal(order, numbers)
    a.wait_routes(900)


def test_shutdown_answers_first(t):
    ambo, c, _ = start(t)
    equal(c.command("shutdown").text, "shutdown in progress")
    wait_until(lambda: not ambo.process.running, 10, "it ends")


if __name__ == "__main__":
    from tests.fake import bgp
    from tests.fake.api import answer_of
    main()
