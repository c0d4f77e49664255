#!/usr/bin/python3
"""OPERATIONAL messages: from the configuration and by command to the peer; from the peer to helpers."""
import json
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.puppet import Puppet
from tests.integration.scene import *

PEER = "127.0.0.2"
OPERATIONAL = 6
CAPABILITY = (185, b"")
SECTION = """capability { operational; }
operational {
	asm afi ipv4 safi unicast advisory "static";
	adm afi ipv4 safi unicast advisory "on demand";
	rpcq afi ipv4 safi unicast sequence 10;
	apcp afi ipv4 safi unicast sequence 11 counter 4 router-id 5.6.7.8;
	adm afi ipv6 safi unicast advisory "of a family that is not there";
}"""
ASM = bytes.fromhex("0002 0009 0001 01") + b"static"
SAID = [ASM, bytes.fromhex("0001 000c 0001 01") + b"on demand",
        bytes.fromhex("0003 000b 0001 01 0a000001 0000000a"),
        bytes.fromhex("0006 000f 0001 01 05060708 0000000b 00000004")]


def start(t, extra="capability { operational; }", *, capable=True, head=""):
    peer = t.peer(listen=PEER + ":179", asn=65002, record=True, extra_capabilities=[CAPABILITY] if capable else [])
    ambo = t.ambo().run(head + neighbor(PEER, 65002, extra=extra))
    client = ambo.client()
    wait_up(client, PEER)
    return ambo, client, peer


def bodies(peer):
    return [m.body for m in peer.messages if m.type == OPERATIONAL]


def said(peer, count):
    wait_until(lambda: len(bodies(peer)) >= count, 5, "%d messages" % count)
    return bodies(peer)


def test_the_configuration_is_said_and_static_advisories_at_each_session(t):
    ambo, client, peer = start(t, SECTION)
    equal(said(peer, 4), SAID)
    client.command("neighbor %s teardown 4" % PEER)
    equal(said(peer, 5), SAID + [ASM])
    wait_up(client, PEER)
    peer.wait_quiet(0.5)
    equal(bodies(peer), SAID + [ASM])


def test_commands(t):
    ambo, client, peer = start(t)
    for words in ('adm afi ipv4 safi unicast advisory "a b"', "rpcq afi ipv4 safi unicast sequence 5",
                  "rpcp afi ipv4 safi unicast sequence 5 counter 7 router-id 9.9.9.9"):
        answer = client.command("announce operational " + words)
        equal(answer.status, "accepted", answer.text)
    equal(said(peer, 3), [bytes.fromhex("0001 0006 0001 01") + b"a b",
                          bytes.fromhex("0003 000b 0001 01 0a000001 00000005"),
                          bytes.fromhex("0004 000f 0001 01 09090909 00000005 00000007")])
    for words, why in (("foo", "asm, adm"), ("asm afi ipv4 safi unicast", "advisory"),
                       ("rpcq afi ipv4 safi unicast sequence 1 more", "end of the line"),
                       ("adm afi ipv6 safi unicast advisory x", "not negotiated")):
        answer = client.command("announce operational " + words)
        equal(answer.status, "error")
        check(why in answer.text, answer.text)


def test_a_static_advisory_that_was_announced_is_said_again(t):
    ambo, client, peer = start(t, SECTION)
    said(peer, 4)
    equal(client.command('announce operational asm afi ipv4 safi unicast advisory "newer"').status, "accepted")
    newer = bytes.fromhex("0002 0008 0001 01") + b"newer"
    equal(said(peer, 5)[4:], [newer])
    client.command("neighbor %s teardown 4" % PEER)
    equal(said(peer, 6)[5:], [newer])


def test_a_peer_that_takes_none_is_sent_none(t):
    ambo, client, peer = start(t, SECTION, capable=False)
    peer.wait_quiet(0.5)
    equal(bodies(peer), [])
    answer = client.command("announce operational adm afi ipv4 safi unicast advisory x")
    equal(answer.status, "error")
    check("takes no OPERATIONAL" in answer.text, answer.text)


def test_a_controller_that_comes_back_says_nothing_again(t):
    peer = t.peer(listen=PEER + ":179", asn=65002, record=True, extra_capabilities=[CAPABILITY])
    ambo = t.ambo().split(neighbor(PEER, 65002, speaker="edge", extra=SECTION))
    wait_up(ambo.client(), PEER)
    equal(said(peer, 4), SAID)
    ambo.controller.kill9()
    ambo.start_controller()
    wait_up(ambo.client(), PEER)
    peer.wait_quiet(0.5)
    equal(bodies(peer), SAID)


def test_helpers_are_told(t):
    text, tree = Puppet(t.dir, "text"), Puppet(t.dir, "tree")
    ambo, client, peer = start(t, "capability { operational; }\n" +
                               text.api("receive { parsed; operational; } send { parsed; operational; }") +
                               tree.api("receive { parsed; packets; consolidate; operational; }"),
                               head=text.process() + tree.process("json"))
    text.say("announce operational adm afi ipv4 safi unicast advisory hello")
    text.wait(lambda l: 'neighbor 127.0.0.2 send operational ADM afi ipv4 safi unicast advisory "hello"' in l)
    check("done" in text.lines(), text.lines())
    text.clear()
    for body in (bytes.fromhex("0002 0009 0001 01") + b'say "x', bytes.fromhex("0003 000b 0001 01 01020304 00000007"),
                 bytes.fromhex("0008 000f 0001 01 01020304 00000007 00000009"), bytes.fromhex("00ff 0002 abcd"),
                 bytes.fromhex("0001 0001 00")):
        peer.send(bgp.message(OPERATIONAL, body))
    lines = text.wait(lambda l: any("data 0xABCD" in x for x in l))
    equal([l for l in lines if l][:4], [
        'neighbor 127.0.0.2 receive operational ASM afi ipv4 safi unicast advisory "say \\"x"',
        "neighbor 127.0.0.2 receive operational RPCQ afi ipv4 safi unicast router-id 1.2.3.4 sequence 7",
        "neighbor 127.0.0.2 receive operational LPCP afi ipv4 safi unicast router-id 1.2.3.4 sequence 7 counter 9",
        "neighbor 127.0.0.2 receive operational unknown type 255 data 0xABCD"])
    tree.wait(lambda l: any("ABCD" in x for x in l))
    events = [json.loads(l) for l in tree.lines() if l.startswith("{")]
    equal([e["type"] for e in events][:4], ["operational"] * 4)
    equal([e["neighbor"]["operational"] for e in events][:4], [
        {"name": "ASM", "afi": "ipv4", "safi": "unicast", "advisory": 'say "x'},
        {"name": "RPCQ", "afi": "ipv4", "safi": "unicast", "router-id": "1.2.3.4", "sequence": 7},
        {"name": "LPCP", "afi": "ipv4", "safi": "unicast", "router-id": "1.2.3.4", "sequence": 7, "counter": 9},
        {"name": "unknown", "type": 255, "data": "0xABCD"}])
    equal(events[0]["body"], "0x0002000900010173617920" + "2278")
    # what is malformed costs nothing
    equal(state(client, PEER)["fsm"], "ESTABLISHED")
    equal(len(peer.connections), 1)


if __name__ == "__main__":
    main()
