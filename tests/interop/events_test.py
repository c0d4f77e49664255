#!/usr/bin/python3
"""What a helper is told of routes of every family that Debian's exabgp knows, by it and by `ambo run`: both hear the
same UPDATEs, each with a program that takes JSON and one that takes text, and every line of the one is that of the
other. KNOWN says where they are not, and why."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import json
import re

from tests.integration.harness import *
from tests.fake import bgp

EXABGP, PEER = "/usr/sbin/exabgp", "127.0.0.2"
FAMILIES = [(1, 1), (1, 2), (1, 4), (1, 128), (1, 133), (1, 134), (2, 1), (2, 128), (2, 133), (25, 65), (25, 70), (16388, 71)]
BASE, RD = "40010100 400200 40050400000064 ", "0001c0a801010001"

CONFIG = """process told-json {
	run %(dir)s/json.sh;
	encoder json;
}
process told-text {
	run %(dir)s/text.sh;
	encoder text;
}
neighbor 127.0.0.2 {
	router-id 192.0.2.1;
	local-address 127.0.0.1;
	local-as 65001;
	peer-as 65001;
	hold-time 180;
	api {
		processes [ told-json told-text ];
		receive {
			parsed;
			update;
		}
	}
}
"""


def octets(text):
    return bytes.fromhex(text.replace(" ", ""))


def reach(family, hop, nlri, more=""):
    hop, nlri = octets(hop), octets(nlri)
    value = bytes((family[0] >> 8, family[0] & 255, family[1], len(hop))) + hop + b"\0" + nlri
    return bgp.update(attrs=octets(BASE + more) + bgp.attribute(0x80, 14, value))


def unreach(family, nlri):
    return bgp.update(attrs=bgp.attribute(0x80, 15, bytes((family[0] >> 8, family[0] & 255, family[1])) + octets(nlri)))


def plain(attrs):
    return bgp.update(attrs=octets(BASE + "40030401020304" + attrs), raw_nlri=octets("180a0000"))


def sized(nlri):
    return "%02x" % len(octets(nlri)) + nlri


def long(nlri):
    return "%04x" % len(octets(nlri)) + nlri


VPN, EVPN, FLOW, FLOW_VPN, LINKS = (1, 128), (25, 70), (1, 133), (1, 134), (16388, 71)
LS_HEAD, LS_NODE = "02 0000000000000000", "0100 001a 0200 0004 0000fde8 0201 0004 00000000 0203 0006 000000000013"
SAID = {
    "vpn": reach(VPN, "0000000000000000 01020304", "70 000641 0000fde800000001 0a0102"),
    "vpn of an address": reach(VPN, "0000000000000000 01020304", "70 000641 0001c0a801010001 0a0102"),
    "vpn of a wide AS": reach(VPN, "0000000000000000 01020304", "70 000641 0002fa56ea000001 0a0102"),
    "vpn, two labels": reach(VPN, "0000000000000000 01020304", "88 000640 000c81 0000fde800000001 0a0102"),
    "vpn, withdrawn": unreach(VPN, "70 800000 0000fde800000001 0a0102"),
    "vpn of IPv6": reach((2, 128), "0000000000000000 20010db8000000000000000000000001", "78 000641 0000fde800000001 20010db8"),
    "labelled": reach((1, 4), "01020304", "48 000640 000c81 0a0102"),
    "labelled, withdrawn": unreach((1, 4), "30 800000 0a0102"),
    "multicast": reach((1, 2), "01020304", "18 e00001"),
    "IPv6": reach((2, 1), "20010db8000000000000000000000001", "20 20010db8"),
    "ethernet-ad": reach(EVPN, "0a000001", "0119" + RD + "00112233445566778899 00000005 000641"),
    "mac": reach(EVPN, "0a000001", "0221" + RD + "00112233445566778899 00000005 30 aabbccddeeff 00 000641"),
    "mac and address": reach(EVPN, "0a000001", "0225" + RD + "00000000000000000000 00000000 30 aabbccddeeff 20 0a000002 000641"),
    "mac and IPv6 address": reach(EVPN, "0a000001", "0231" + RD + "00000000000000000000 00000000 30 aabbccddeeff 80"
                                  "20010db8000000000000000000000001 000641"),
    "mac, two labels": reach(EVPN, "0a000001", "0228" + RD + "00000000000000000000 00000000 30 aabbccddeeff 20 0a000002 000641 000c81"),
    "mac, withdrawn": unreach(EVPN, "0221" + RD + "00112233445566778899 00000005 30 aabbccddeeff 00 000000"),
    "multicast of EVPN": reach(EVPN, "0a000001", "0311" + RD + "00000005 20 0a000002", "c016 09 00 06 000641 0a000001"),
    "segment": reach(EVPN, "0a000001", "0417" + RD + "00112233445566778899 20 0a000002"),
    "prefix": reach(EVPN, "0a000001", "0522" + RD + "00000000000000000000 00000005 18 0a010200 00000000 000641"),
    "prefix, gateway": reach(EVPN, "0a000001", "0522" + RD + "00000000000000000000 00000000 18 0a010200 0a000001 000641"),
    "prefix of IPv6": reach(EVPN, "0a000001", "053a" + RD + "00000000000000000000 00000005 20 20010db8000000000000000000000000"
                            "00000000000000000000000000000000 000641"),
    "flow": reach(FLOW, "", sized("01180a0001 02200a000001 03 0106 8111 04 0150 121f90 d41f98"), "c010 08 8006000000000000"),
    "flow, more kinds": reach(FLOW, "", sized("01180a0001 05941f98 06911f90 078108 088100 0b810a 0c8102"), "c010 08 8008000100000002"),
    "flow, flags and lengths": reach(FLOW, "", sized("01180a0001 098102 0a1200c8d5012c"), "c010 08 800900000000000a"),
    "flow, withdrawn": unreach(FLOW, sized("01180a0001")),
    "flow to a next hop": reach(FLOW, "01020304", sized("01180a0001"), "c010 08 0800000000000000"),
    "flow of a VPN": reach(FLOW_VPN, "", sized("0000fde800000001 01180a0001 038106"), "c010 08 8007000000000003"),
    "flow of IPv6": reach((2, 133), "", sized("01200020010db8 038106"), "c010 08 8006000000000000"),
    "vpls": reach((25, 65), "01020304", "0011 0000000100000002 0005 0001 0008 029cc1"),
    "vpls, withdrawn": unreach((25, 65), "0011 0000000100000002 0005 0001 0008 029cc1"),
    "link-state node": reach(LINKS, "c0a8fc8b", "0001" + long(LS_HEAD + LS_NODE)),
    "link-state link": reach(LINKS, "c0a8fc8b", "0002" + long(LS_HEAD + LS_NODE + LS_NODE.replace("0100", "0101", 1) + "0102 0008 00000010 00000011"
                             "0103 0004 0a000001 0104 0004 0a000002")),
    "link-state prefix": reach(LINKS, "c0a8fc8b", "0003" + long(LS_HEAD + LS_NODE + "0109 0005 20 0a000001")),
    "link-state prefix of IPv6": reach(LINKS, "c0a8fc8b", "0004" + long(LS_HEAD + LS_NODE + "0109 0005 20 20010db8")),
    "communities": plain("c008 0c fde80001 ffffff01 ffffff04"),
    "large communities": plain("c020 18 00000001 00000002 00000003 0000fde8 00000000 ffffffff"),
    "targets": plain("c010 20 0002fde800000001 0102c000020101f4 0202fa56ea000001 0003fde800000001"),
    "other extended communities": plain("c010 18 030c000000000008 0600010000000005 060101000000000a"),
    "where flows go": plain("c010 28 0702000004d24005 4702000000078008 010c010203040000 010c010203040001 8006fde846160000"),
    "where flows go, of IPv6": plain("c019 14 000c 20010db8000000000000000000000001 0000"),
    "MED, originator, clusters": plain("800404 00000005 800904 01020304 800a08 0101010102020202"),
    "aggregator": plain("4006 00 c007 08 0000fde8 01020304"),
    "aigp": plain("801a0b 01 000b 000000000000000a"),
    "an SRGB": plain("c028 15 01 0007 00 0000 0000012c 03 0008 0000 0c3500 000064"),
    "a tunnel": plain("c016 0d 01 03 000641 0a000001 ef000001"),
    "unknown": plain("c0fa 02 abcd"),
    "unknown, not transitive": plain("80fa 02 abcd"),
    "sets": bgp.update(attrs=octets("40010100 400210 0202 00000001 00000002 0101 00000003 400304 01020304 40050400000064"),
                       raw_nlri=octets("180a0000")),
    "withdrawn": bgp.update(raw_withdraw=octets("180a0000")),
    "end": bgp.update(attrs=octets(BASE + "40030401020304"), raw_nlri=octets("20c6336401")),
}

# name: (where, why)
EVPN_TEXT = ("text", "exabgp says the family and nothing of the route")
LS = ("json text", "ours are ExaBGP 6's: a list of descriptors, which may be there twice; its text says nothing of the route")
KNOWN = {
    **{name: EVPN_TEXT for name in SAID if name.split(",")[0].split(" ")[0] in ("ethernet-ad", "mac", "segment", "prefix", "multicast")
       and name != "multicast"},
    **{name: LS for name in SAID if name.startswith("link-state")},
    "mac, two labels": ("json text", "exabgp shows the first"),
    "flow to a next hop": ("json", "its string says the next hop again"),
    "targets": ("text", "exabgp writes the number of an origin as an address; ours says which of the kinds of target it is"),
    "where flows go": ("text", "ours is what is typed"),
    "where flows go, of IPv6": ("text", "ours is what is typed"),
    "other extended communities": ("json text", "exabgp shows nothing where there is no name; its octets in capitals"),
    "aigp": ("json text", "exabgp takes it only where the capability is configured, of its own AS too"),
    "a tunnel": ("text", "our text has all bits of the label"),
    "unknown, not transitive": ("json text", "exabgp drops it"),
}


class Side:
    def __init__(self, t, kind):
        self.kind, self.directory, self.ns = kind, t.dir / kind, t.namespace(kind)
        self.directory.mkdir()
        for form in ("json", "text"):
            program = self.directory / (form + ".sh")
            program.write_text("#!/bin/sh\ncat >> %s/%s\n" % (self.directory, form))
            program.chmod(0o755)
        config = self.directory / "told.conf"
        config.write_text(CONFIG % {"dir": self.directory})
        self.peer = t.peer(listen=PEER + ":179", asn=65001, families=FAMILIES, ns=self.ns, eor=False, parse=False)
        if kind == "ambo":
            command, env = run_command(config, "ipc://%s/api" % self.directory), {"AMBO_RUN": str(self.directory / "run")}
        else:
            command = [EXABGP, config]
            env = {"exabgp_daemon_drop": "false", "exabgp_daemon_user": "root", "exabgp_api_cli": "false", "exabgp_tcp_bind": "",
                   "exabgp_log_destination": "stderr"}
        self.process = t.process(kind, command, ns=self.ns, env=env)

    def lines(self, form):
        path = self.directory / form
        return [l for l in path.read_text().split("\n") if l] if path.exists() else []

    def settled(self):
        return all(any("198.51.100.1/32" in l for l in self.lines(form)) for form in ("json", "text"))

    def events(self):
        """What there is of each kind: maps, and lines without the start and the end of an UPDATE"""
        out = {"json": [], "text": []}
        for line in self.lines("json"):
            event = json.loads(line)
            if event["type"] == "update":
                out["json"].append(event["neighbor"]["message"])
        for line in self.lines("text"):
            if re.search(" update (announced|withdrawn) ", line):
                out["text"].append(line.split(" update ", 1)[1].strip())
        return out


def test_a_program_is_told_the_same(t):
    sides = [Side(t, "exabgp"), Side(t, "ambo")]
    for s in sides:
        s.peer.wait_established(15)
    for s in sides:
        for message in SAID.values():
            s.peer.send(message)
    for s in sides:
        wait_until(s.settled, 15, "%s is told the last route" % s.kind)
    theirs, ours = [s.events() for s in sides]
    faults = []
    for form in ("json", "text"):
        equal((len(theirs[form]), len(ours[form])), (len(SAID), len(SAID)), "events in " + form)
        for name, x, y in zip(SAID, theirs[form], ours[form]):
            where, why = KNOWN.get(name, ("", ""))
            if x != y and form not in where:
                faults.append("%s in %s:\n  exabgp %s\n  ambo   %s" % (name, form, x, y))
            elif x == y and form in where:
                faults.append("%s in %s is the same, though %s" % (name, form, why))
    check(not faults, "\n".join(faults))


if __name__ == "__main__":
    main()
