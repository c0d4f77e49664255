#!/usr/bin/python3
"""Helper programs: what they are told, as text and as JSON."""
import json
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import re
from tests.fake import bgp
from tests.integration.harness import *
from tests.integration.puppet import Puppet
from tests.integration.process_commands_test import start
from tests.integration.scene import numbered

FULL = os.environ.get("AMBO_FULL") == "1"


def events(puppet, kind=None):
    """JSON events, whole lines only"""
    lines = [json.loads(l) for l in puppet.told().decode().split("\n")[:-1] if l.startswith("{")]
    return [e for e in lines if kind is None or e["type"] == kind]


def test_text_tells_states_and_updates(t):
    puppet = Puppet(t.dir, "watch")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api(
        "neighbor-changes; receive { parsed; update; }")))
    puppet.wait(lambda l: "neighbor 127.0.0.2 up" in l)
    check(puppet.lines().index("neighbor 127.0.0.2 connected") < puppet.lines().index("neighbor 127.0.0.2 up"))
    puppet.clear()
    peer.announce(["10.1.0.0/24"], communities=["65002:1"])
    lines = puppet.wait(lambda l: "neighbor 127.0.0.2 receive update end" in l)
    announced, = [l for l in lines if "10.1.0.0/24" in l]
    check(announced.startswith("neighbor 127.0.0.2 receive update announced 10.1.0.0/24 next-hop "), announced)
    check("as-path [ 65002 ]" in announced and "community 65002:1" in announced, announced)
    equal(lines[-1], "")
    puppet.clear()
    peer.withdraw(["10.1.0.0/24"])
    puppet.wait(lambda l: "neighbor 127.0.0.2 receive update withdrawn 10.1.0.0/24" in l)
    puppet.clear()
    c.command("neighbor 127.0.0.2 teardown 4")
    puppet.wait(lambda l: "neighbor 127.0.0.2 down - peer reset, message [notification sent (6,4)] "
                          "error[Cease / Administrative Reset / Administrative Reset]" in l)
    puppet.wait(lambda l: "neighbor 127.0.0.2 up" in l, 20)


def test_at_the_end_sessions_are_down_before_the_shutdown_line(t):
    text, js = Puppet(t.dir, "text"), Puppet(t.dir, "js")
    listed = "api { processes [ text js ]; neighbor-changes; }"
    ambo, c, (peer,) = start(t, text.process() + js.process("json") + numbered(2, extra=listed) + numbered(3, extra=listed))
    text.wait(lambda l: "neighbor 127.0.0.2 up" in l)
    js.wait(lambda _: any(e["neighbor"]["state"] == "up" for e in events(js, "state")))
    text.clear()
    ambo.process.terminate()
    lines = [l for l in text.lines() if l]
    equal(lines[0], "neighbor 127.0.0.2 down - stop, message [shutting down]")
    check(len(lines) == 2 and lines[1].startswith("shutdown "), lines)
    *_, down, shutdown = events(js)
    equal((down["neighbor"]["address"]["peer"], down["neighbor"]["state"]), ("127.0.0.2", "down"))
    equal((down["neighbor"]["reason"], shutdown["notification"]), ("stop, message (shutting down)", "shutdown"))


def test_the_connection_is_told_before_what_is_sent_on_it(t):
    puppet = Puppet(t.dir, "watch")
    start(t, puppet.process("json") + numbered(2, extra=puppet.api(
        "neighbor-changes; negotiated; fsm; send { parsed; open; keepalive; } receive { parsed; open; keepalive; }")),
        env={"exabgp_api_version": "6"})
    puppet.wait(lambda _: any(e["neighbor"].get("state") == "up" for e in events(puppet, "state")))
    steps = [e["neighbor"].get("state") or e["neighbor"].get("direction") or e["type"] for e in events(puppet)]
    start_of_last = len(steps) - steps[::-1].index("ACTIVE") - 1
    equal(steps[start_of_last:], ["ACTIVE", "connected", "CONNECT", "send", "OPENSENT", "receive", "negotiated", "OPENCONFIRM",
                                  "send", "receive", "ESTABLISHED", "up"])
    block = events(puppet, "negotiated")[-1]["neighbor"]["negotiated"]
    equal((block["hold_time"], block["families"]), (90, ["ipv4 unicast", "ipv6 unicast"]))


def test_json_tells_all_that_is_asked_for(t):
    puppet = Puppet(t.dir, "watch")
    ambo, c, (peer,) = start(t, puppet.process("json") + numbered(2, extra=puppet.api(
        "neighbor-changes; fsm; negotiated; receive { parsed; packets; consolidate; update; }")),
        env={"exabgp_api_version": "6"})
    puppet.wait(lambda _: any(e["neighbor"].get("state") == "up" for e in events(puppet, "state")))
    equal([e["neighbor"]["state"] for e in events(puppet, "state")], ["connected", "up"])
    check("ESTABLISHED" in [e["neighbor"]["state"] for e in events(puppet, "fsm")], events(puppet, "fsm"))
    block = events(puppet, "negotiated")[-1]["neighbor"]["negotiated"]
    equal((block["asn4"], block["families"]), (True, ["ipv4 unicast", "ipv6 unicast"]))
    peer.announce(["10.1.0.0/24"])
    peer.end_of_rib("ipv4")
    puppet.wait(lambda _: any("eor" in e["neighbor"]["message"] for e in events(puppet, "update")))
    puppet.wait(lambda _: any("update" in e["neighbor"]["message"] for e in events(puppet, "update")))
    update = next(e for e in events(puppet, "update") if "update" in e["neighbor"]["message"])
    equal(update["exabgp"], "6.0.0")
    check(update["header"].endswith("02") and update["body"].startswith("0x0000"), update)
    message = update["neighbor"]["message"]["update"]
    equal(list(message["announce"]["ipv4 unicast"].values()), [[{"nlri": "10.1.0.0/24"}]])
    equal(message["attribute"]["as-path"], {"0": {"element": "as-sequence", "value": [65002]}})
    counters = [e["counter"] for e in events(puppet)]
    equal(counters, list(range(1, len(counters) + 1)))


def test_octets_alone_and_octets_apart(t):
    raw, both = Puppet(t.dir, "raw"), Puppet(t.dir, "both")
    ambo, c, (peer,) = start(t, raw.process("json") + both.process() + numbered(2, extra=raw.api(
        "receive { packets; update; }") + both.api("receive { packets; parsed; update; }")))
    peer.announce(["10.1.0.0/24"])

    def told():
        return [e["neighbor"]["message"] for e in events(raw) if e["neighbor"]["message"]["body"].endswith("180A0100")]
    raw.wait(lambda l: told())
    message, = told()
    equal(message["category"], 2)
    lines = both.wait(lambda l: any("announced 10.1.0.0/24" in x for x in l))
    # octets stand apart, in front
    at = next(i for i, l in enumerate(lines) if "announced 10.1.0.0/24" in l)
    packet = [l for l in lines[:at] if l.startswith("neighbor 127.0.0.2 receive 2 header 0xFFFF")]
    check(packet and packet[-1].endswith("180A0100"), lines)
    check(not any(l.startswith(" header") for l in lines), lines)


def test_one_that_does_not_read_is_told_the_newest_state_and_costs_a_bound(t):
    cycles, routes = (100, 20000) if FULL else (10, 20000)
    puppet = Puppet(t.dir, "watch", deaf=True)
    ambo, c, (peer,) = start(t, puppet.process("json") + numbered(2, extra=puppet.api("receive { parsed; update; }")))
    prefixes = ["10.%d.%d.0/24" % (i >> 8, i & 255) for i in range(routes)]
    for med in range(1, cycles + 1):
        peer.announce(prefixes, med=med)
    peer.announce(["172.16.0.0/24"])
    c.subscribe(snapshot=True)
    wait_until(lambda: "172.16.0.0/24" in c.command("show adj-rib in").text or None, 60)

    def row():
        return next(p for p in c.show("show processes") if p["process"] == "watch")
    wait_until(lambda: row()["queued"] >= 1 << 20, 10, "its bound is reached")
    check(row()["queued"] < 2 << 20, row())
    # its commands are still taken
    puppet.say("announce route 10.200.0.0/24 next-hop self")
    peer.wait_prefixes(["10.200.0.0/24"])
    puppet.listen()
    puppet.wait(lambda _: "172.16.0.0/24" in puppet.told().decode(), 60)
    wait_until(lambda: row()["queued"] == 0, 30)
    newest = {}
    for e in events(puppet, "update"):
        message = e["neighbor"]["message"].get("update", {})
        for hop in message.get("announce", {}).get("ipv4 unicast", {}).values():
            for n in hop:
                newest[n["nlri"]] = message["attribute"].get("med")
    equal({newest.get(p) for p in prefixes}, {cycles})


def test_one_that_is_started_again_is_told_what_there_is(t):
    puppet = Puppet(t.dir, "watch")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api(
        "neighbor-changes; receive { parsed; update; }")))
    pid = puppet.wait_started()
    peer.announce(["10.1.0.0/24"])
    puppet.wait(lambda l: any("10.1.0.0/24" in x for x in l))
    puppet.clear()
    os.kill(pid, signal.SIGKILL)
    puppet.wait_started(2)
    lines = puppet.wait(lambda l: any("announced 10.1.0.0/24" in x for x in l))
    check("neighbor 127.0.0.2 up" in lines, lines)


def test_withdraws_are_told_before_announces_and_with_what_stands_beside_them(t):
    text, js = Puppet(t.dir, "text"), Puppet(t.dir, "js")
    api = "api { processes [ text js ]; neighbor-changes; receive { parsed; update; } }"
    ambo, c, (peer,) = start(t, text.process() + js.process("json") + numbered(2, extra=api))
    text.wait(lambda l: "neighbor 127.0.0.2 up" in l)
    attrs = bgp.attributes(origin=0, as_path=[65002], next_hop="127.0.0.2", med=7)
    peer.announce(["10.1.0.0/24"])
    text.wait(lambda l: any("announced 10.1.0.0/24" in x for x in l))
    text.clear()
    peer.send(bgp.update(["10.1.0.0/24"], withdraw=["10.1.0.0/24"], attrs=attrs))
    peer.send(bgp.update(withdraw=["10.1.0.0/24"], attrs=attrs))
    text.wait(lambda l: sum("withdrawn 10.1.0.0/24" in x for x in l) == 2)
    said = [re.search("(announced|withdrawn) 10.1", l) for l in text.lines()]
    equal([m[1] for m in said if m], ["withdrawn", "announced", "withdrawn"])
    js.wait(lambda l: any('"withdraw"' in x and '"announce"' not in x for x in l))
    last = events(js, "update")[-1]["neighbor"]["message"]["update"]
    equal(last, {"attribute": {"origin": "igp", "as-path": [65002], "confederation-path": [], "med": 7},
                 "withdraw": {"ipv4 unicast": [{"nlri": "10.1.0.0/24"}]}})


def test_other_messages_and_what_is_sent_are_told(t):
    puppet, text = Puppet(t.dir, "watch"), Puppet(t.dir, "text")
    ambo, c, (peer,) = start(t, puppet.process("json") + text.process() + numbered(2, extra=puppet.api(
        "signal; send { parsed; open; update; notification; keepalive; } "
        "receive { parsed; packets; consolidate; open; notification; keepalive; refresh; }") + text.api(
        "receive { parsed; notification; refresh; } send { parsed; update; }") +
        "capability { route-refresh; }"))
    opens = [(e["neighbor"]["direction"], e["neighbor"]["open"]["asn"]) for e in puppet.wait(
        lambda _: len(events(puppet, "open")) == 2 or None) and events(puppet, "open")]
    equal(sorted(opens), [("receive", 65002), ("send", 65000)])
    received = next(e for e in events(puppet, "open") if e["neighbor"]["direction"] == "receive")
    check("header" in received and "65" in received["neighbor"]["open"]["capabilities"], received)
    sent = next(e for e in events(puppet, "open") if e["neighbor"]["direction"] == "send")
    check("header" not in sent and "asn4" in sent["neighbor"]["open"]["capabilities"], sent)
    puppet.wait(lambda _: {e["neighbor"]["direction"] for e in events(puppet, "keepalive")} == {"send", "receive"})
    puppet.say("announce route 10.0.0.0/24 next-hop 192.0.2.9 med 7")
    puppet.wait(lambda _: any("update" in e["neighbor"]["message"] for e in events(puppet, "update")))
    update = next(e for e in events(puppet, "update") if "update" in e["neighbor"]["message"])
    equal(update["neighbor"]["direction"], "send")
    equal(update["neighbor"]["message"]["update"]["announce"], {"ipv4 unicast": {"192.0.2.9": [{"nlri": "10.0.0.0/24"}]}})
    equal(update["neighbor"]["message"]["update"]["attribute"]["med"], 7)
    text.wait(lambda l: any(x.startswith("neighbor 127.0.0.2 send update announced 10.0.0.0/24 next-hop 192.0.2.9")
                            for x in l))
    # the next hop of the other protocol, though RFC 8950 was not agreed on
    puppet.say("announce route 10.5.0.0/24 next-hop 2001:db8::1")
    text.wait(lambda l: any(x.startswith("neighbor 127.0.0.2 send update announced 10.5.0.0/24 next-hop 2001:db8::1")
                            for x in l))
    puppet.say("announce route 2001:db8:5::/48 next-hop 192.0.2.9")
    text.wait(lambda l: any(x.startswith("neighbor 127.0.0.2 send update announced 2001:db8:5::/48 next-hop 192.0.2.9")
                            for x in l))
    peer.ask_refresh("ipv4")
    puppet.wait(lambda _: events(puppet, "refresh"))
    equal(events(puppet, "refresh")[0]["neighbor"]["route-refresh"], {"afi": "ipv4", "safi": "unicast", "subtype": "query"})
    text.wait(lambda l: "neighbor 127.0.0.2 receive route-refresh afi ipv4 safi unicast query" in l)
    os.kill(ambo.half("ambo-controller"), signal.SIGUSR1)
    puppet.wait(lambda _: events(puppet, "signal"))
    equal((events(puppet, "signal")[0]["neighbor"]["code"], events(puppet, "signal")[0]["neighbor"]["name"]),
          (str(int(signal.SIGUSR1)), "SIGUSR1"))
    peer.notify(6, 4, b"\x03bye")
    puppet.wait(lambda _: events(puppet, "notification"))
    equal(events(puppet, "notification")[0]["neighbor"]["notification"],
          {"code": 6, "subcode": 4, "data": "0x03627965", "message": "bye"})
    text.wait(lambda l: "neighbor 127.0.0.2 receive notification code 6 subcode 4 data 0x03627965" in l)
    # a helper that wants none of it is told none of it
    check(not any("keepalive" in l or " open " in l for l in text.lines()), text.lines())


def test_compact_json_and_a_helper_whose_end_is_ours(t):
    puppet = Puppet(t.dir, "watch")
    ambo, c, (peer,) = start(t, puppet.process("json") + numbered(2, extra=puppet.api("receive { parsed; update; }")),
                             env={"exabgp_api_compact": "true", "exabgp_api_terminate": "true"})
    peer.announce(["10.1.0.0/24"])
    puppet.wait(lambda _: any("update" in e["neighbor"]["message"] for e in events(puppet, "update")))
    update = next(e for e in events(puppet, "update") if "update" in e["neighbor"]["message"])
    equal(list(update["neighbor"]["message"]["update"]["announce"]["ipv4 unicast"].values()), [["10.1.0.0/24"]])
    os.kill(puppet.wait_started(), signal.SIGKILL)
    ambo.process.wait(10)
    equal(ambo.process.popen.returncode, 0)


if __name__ == "__main__":
    main()
