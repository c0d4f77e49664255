#!/usr/bin/python3
"""The fake peer against itself: what the other tests measure with must be right."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *

A, B = "127.0.0.1:179", "127.0.0.2"


def two(t, a=None, b=None, up=True):
    left = t.peer(listen=A, asn=65001, **(a or {}))
    right = t.peer(connect=A, local=B, asn=65002, **(b or {}))
    if up:
        left.wait_established()
        right.wait_established()
    return left, right


def test_a_table_of_100000_routes_arrives_whole(t):
    a, b = two(t, b={"initial": bgp.table(100000, next_hop=B)})
    a.wait_routes(100000, 30)
    a.wait_eor()
    equal(a.route("10.0.0.0/24")["as_path"], [65001, 100000, 1])
    b.withdraw(bgp.prefixes(50000))
    a.wait_routes(50000, 30)


def test_every_attribute_arrives_as_it_was_said(t):
    a, b = two(t, {"families": ("ipv4", "ipv6")}, {"families": ("ipv4", "ipv6")})
    b.announce(["2001:db8::/32"], next_hop=["2001:db8::1", "fe80::1"], med=5, communities=["1:2", "no-export"],
               large=["1:2:3"], aggregator="65002:192.0.2.1", as_path=[65002, 4200000000, {1, 2}], atomic=True,
               originator_id="192.0.2.9", cluster_list=["192.0.2.8"], ext_communities=["0002000100000002"],
               raw=[(0xC0, 99, b"hi")])
    a.wait_prefixes(["2001:db8::/32"])
    r = a.route("2001:db8::/32")
    equal(r["next_hop"], ["2001:db8::1", "fe80::1"])
    equal(r["as_path"], [65002, 4200000000, frozenset((1, 2))])
    equal((r["med"], r["communities"], r["large"]), (5, ["1:2", "65535:65281"], ["1:2:3"]))
    equal((r["aggregator"], r["atomic"], r["unknown"]), ((65002, "192.0.2.1"), True, {99: (0xC0, "6869")}))
    equal((r["originator_id"], r["cluster_list"], r["ext_communities"]),
          ("192.0.2.9", ["192.0.2.8"], ["0002000100000002"]))


def test_paths_of_one_prefix_are_told_apart(t):
    a, b = two(t, {"add_path": {"ipv4": 1}}, {"add_path": {"ipv4": 2}})
    equal(b.session.add_path_send, frozenset([bgp.IPV4]))
    b.send(bgp.update([("10.0.0.0/8", 1), ("10.0.0.0/8", 7)], attrs=bgp.attributes(
        origin=0, as_path=[65002], next_hop=B)))
    a.wait_for(lambda p: set(p.table) == {(1, "10.0.0.0/8", 1), (1, "10.0.0.0/8", 7)})
    b.withdraw(["10.0.0.0/8"], path_id=1)
    a.wait_routes(1)


def test_two_octet_as_numbers(t):
    a, b = two(t, {"as4": False})
    b.announce(["10.0.0.0/8"], as_path=[65002, 4200000000])
    a.wait_routes(1)
    equal(a.route("10.0.0.0/8")["as_path"], [65002, 23456])


def test_modes_do_what_their_names_say(t):
    a, b = two(t, {"mode": "mute"}, up=False)
    b.wait_for(lambda p: p.session and p.session.state == "opensent")
    time.sleep(0.2)
    equal(a.session.state, "connected")
    a.mode = "no-keepalive"
    b.reset()
    b.wait_for(lambda p: p.session.number == 1 and p.session.state == "openconfirm")
    time.sleep(0.2)
    check(not a.established and not b.established)
    a.mode = "refused"
    b.close()
    b.wait_for(lambda p: any(e.detail["why"] == "Connection refused" for e in p.named("closed")))
    a.mode = "normal"
    b.wait_established()


def test_silence_is_noticed_by_the_hold_timer(t):
    a, b = two(t, {"hold_time": 3}, {"hold_time": 3, "enforce_hold": True})
    time.sleep(2.5)
    gaps = a.keepalive_gaps()
    check(gaps and max(gaps[1:] or gaps) < 2.5, gaps)
    check(a.on_time(1), a.session.silences)
    a.mode = "silent"
    closed = b.wait_down(5)
    equal(closed.why, "we sent NOTIFICATION 4/0")
    a.wait_for(lambda p: p.notifications[:1] == [(4, 0, b"")])  # it comes again, and is left again


def test_stop_reading_closes_the_window(t):
    a, b = two(t, {"rcvbuf": 8192}, {"sndbuf": 65536})
    a.mode = "stop-reading"
    flood = b.flood(bgp.table(5000, next_hop=B, blocks=5000), cycles=0)

    def sent_in_half_a_second():
        before = flood.sent
        time.sleep(0.5)
        return flood.sent - before
    wait_until(lambda: sent_in_half_a_second() == 0, 10, "it stops")
    check(b.session.unsent() > 0)
    flood.stop()
    a.mode = "normal"
    a.wait_for(lambda p: len(p.table) > 100)


def test_a_flood_keeps_its_rate(t):
    a, b = two(t)
    flood = b.flood(bgp.table(1000, next_hop=B, blocks=1000), rate=500)
    a.wait_for(lambda p: flood.ended)
    check(1.8 < flood.ended - flood.started < patient(2), flood.ended - flood.started)
    equal(flood.sent, 1000)
    a.wait_for(lambda p: p.received(bgp.UPDATE)[0] == 1001)


def test_md5_passwords_must_agree(t):
    a, b = two(t, {"md5": "one", "md5_peer": B}, {"md5": "one"})
    b.stop()
    a.wait_down()
    c = t.peer(connect=A, local=B, asn=65003, md5="two")
    time.sleep(0.5)
    check(not c.established)


def test_shaping_and_packet_loss(t):
    ns = t.namespace()
    dev, _ = netns.pair(None, ns, "192.0.2.1", "192.0.2.2")
    a = t.peer(listen="192.0.2.1:179", asn=65001)
    b = t.peer(connect="192.0.2.1:179", asn=65002, ns=ns)
    b.wait_established()
    ns.shape(netns.run("ip", "-n", str(ns), "-o", "link", "show", "type", "veth").split(": ")[1].split("@")[0])
    b.flood(bgp.table(50000, next_hop="192.0.2.2", blocks=50000))
    begin, before = time.monotonic(), a.octets[bgp.UPDATE]
    time.sleep(2)
    came = a.octets[bgp.UPDATE] - before
    check(came < 250000 * (time.monotonic() - begin), "1 Mbit/s is 250 kB in 2 s: %d" % came)
    heal = ns.drop("-p", "tcp", "--sport", "179")

    def arrived_in_a_second():
        before = a.octets[bgp.UPDATE]
        time.sleep(1)
        return a.octets[bgp.UPDATE] - before
    # what was on its way still arrives, then nothing more: acknowledgements are lost
    wait_until(lambda: arrived_in_a_second() < 10000, 15)
    check(len(a.table) < 50000, "all of it came, without acknowledgements")
    stopped = a.octets[bgp.UPDATE]
    heal()
    wait_until(lambda: a.octets[bgp.UPDATE] > stopped + 100000, 60)


def test_what_is_left_running_is_a_failure(t):
    inner = Test("inner")
    inner.process("sleep", ["sh", "-c", "sleep 50 & exec sleep 60"])
    wait_until(lambda: [program_of(p) for p in descendants(os.getpid())] == ["sleep"] * 2)
    problems = inner.close()
    shutil.rmtree(inner.dir)
    check(len(problems) == 1 and "sleep" in problems[0], problems)


if __name__ == "__main__":
    main()
