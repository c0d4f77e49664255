#!/usr/bin/python3
"""Capabilities: the OPEN to the octet for each keyword, and what the peer offers in show neighbors and to helpers."""
import json
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.puppet import Puppet
from tests.integration.scene import *

PEER = "127.0.0.2"
# version, AS 65001, hold time 90, router-id; then each capability in a parameter of its own, in this order
HEAD = "04 fde9 005a 0a000001"
MP = "0206 0104 0001 00 01  0206 0104 0002 00 01"
AS4 = "0206 4104 0000fde9"
MESSAGE = "0202 0600"
ALL = """host-name h; domain-name d;
capability {
	asn4; extended-message; route-refresh; graceful-restart 120; operational; add-path send/receive;
	nexthop; software-version true; link-local-nexthop true;
}
add-path { ipv4 unicast limit 9; ipv6 unicast; }
nexthop { ipv4 unicast ipv6; }"""
WORDS = [
    ("", MP + AS4 + MESSAGE),
    ("capability { asn4 disable; extended-message disable; }", MP),
    ("capability { route-refresh; }", MP + AS4 + "0202 0200  0202 4600" + MESSAGE),
    ("capability { graceful-restart 120; }", MP + AS4 + "020c 400a 8078 000101 80 000201 80" + MESSAGE),
    ("capability { graceful-restart; }", MP + AS4 + "020c 400a 805a 000101 80 000201 80" + MESSAGE),
    ("capability { operational; }", MP + AS4 + "0202 b900" + MESSAGE),
    ("capability { add-path receive; }", MP + AS4 + "020a 4508 000101 01 000201 01" + MESSAGE),
    ("capability { add-path send; }", MP + AS4 + "020a 4508 000101 02 000201 02" + MESSAGE),
    ("capability { add-path send/receive; } add-path { ipv6 unicast limit 300; }",
     MP + AS4 + "0206 4504 000201 03  0207 4c05 000201 012c" + MESSAGE),
    ("capability { add-path send; } add-path { ipv4 unicast limit 9; }", MP + AS4 + "0206 4504 000101 02" + MESSAGE),
    ("capability { nexthop; }", MP + AS4 + "0202 0500" + MESSAGE),
    ("nexthop { ipv4 unicast ipv6; }", MP + AS4 + "0208 0506 0001 0001 0002" + MESSAGE),
    ("host-name host; domain-name example.org;",
     MP + AS4 + MESSAGE + "0213 4911 04 686f7374 0b 6578616d706c652e6f7267"),
    ("host-name host;", MP + AS4 + MESSAGE + "0208 4906 04 686f7374 00"),
    ("domain-name example.org;", MP + AS4 + MESSAGE),
    ("capability { link-local-nexthop true; }", MP + AS4 + MESSAGE + "0202 4d00"),
    ("capability { aigp; link-local-prefer true; }", MP + AS4 + MESSAGE),
]


def octets(text):
    return bytes.fromhex(text.replace(" ", ""))


def body(parameters):
    p = octets(parameters)
    return octets(HEAD) + bytes([len(p)]) + p


def opens(t, words, env=None):
    """The OPEN that each of these neighbors is sent"""
    config = ""
    peers = []
    for i, extra in enumerate(words):
        address = "127.0.1.%d" % (i + 1)
        peers.append(t.peer(listen=address + ":179", asn=65002, families=("ipv4", "ipv6"), record=True))
        config += neighbor(address, 65002, families=("ipv4 unicast", "ipv6 unicast"), extra=extra)
    t.ambo().run(config, env=env)
    for p in peers:
        wait_until(lambda: [m for m in p.messages if m.type == bgp.OPEN], 10)
    return [next(m.body for m in p.messages if m.type == bgp.OPEN) for p in peers]


def test_the_open_of_each_keyword(t):
    for (words, want), got in zip(WORDS, opens(t, [w for w, _ in WORDS])):
        equal(got.hex(), body(want).hex(), words)


def test_the_open_of_all_of_them_and_of_several_sessions(t):
    version = b"ExaBGP/5.0.0"
    software = "02%02x 4b%02x %02x %s" % (len(version) + 3, len(version) + 1, len(version), version.hex())
    got = opens(t, [ALL, "capability { multi-session; }"], env={"exabgp_version": "5.0.0"})
    equal(got[0].hex(), body(
        MP + AS4 + "0208 0506 0001 0001 0002  020a 4508 000101 03 000201 03  0207 4c05 000101 0009"
        "020c 400a 8078 000101 80 000201 80  0202 0200 0202 4600 0202 b900" + MESSAGE +
        "0206 4904 0168 0164" + software + "0202 4d00").hex())
    # either of the two may be there first
    check(got[1] in [body("0206 0104 000%d 00 01" % afi + AS4 + MESSAGE + "0203 440100 0203 440101") for afi in (1, 2)],
          got[1].hex())


def test_what_the_peer_offers_is_shown(t):
    puppet = Puppet(t.dir, "watch")
    extra = [(73, b"\x03foo\x03bar"), (75, b"\x05gizmo"), (185, b""), (200, b"\x01\x02"), (6, b"")]
    peer = t.peer(listen=PEER + ":179", asn=65002, extra_capabilities=extra)
    ambo = t.ambo().run(puppet.process("json") + neighbor(PEER, 65002, extra=ALL + puppet.api("receive { parsed; open; }")))
    client = ambo.client()
    wait_up(client, PEER)
    row = state(client, PEER)
    equal((row["host-name"], row["domain-name"], row["software"]), ("foo", "bar", "gizmo"))
    equal(row["offered"], ["multiprotocol", "route-refresh", "extended-message", "asn4", "hostname",
                           "software-version", "operational", "200"])
    equal(row["capabilities"]["operational"], True)
    text = client.command("show neighbors extensive").text
    for words in ("multiprotocol, route-refresh, extended-message, asn4", "operational, 200", "foo.bar", "gizmo"):
        check(words in text, text)
    puppet.wait(lambda l: any('"type": "open"' in x for x in l))
    event = json.loads(next(l for l in puppet.lines() if '"type": "open"' in l))
    told = event["neighbor"]["open"]["capabilities"]
    equal(sorted(told, key=int), ["1", "2", "6", "65", "73", "75", "185", "200"])
    equal(told["73"]["host-name"], "foo")
    equal(told["75"]["software"], "gizmo")


if __name__ == "__main__":
    main()
