#!/usr/bin/python3
"""`ambo encode` and `ambo decode`: messages without a session."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
import json
import socket
import struct
from tests.integration.harness import *

MARKER = "FF" * 16
ROUTE = MARKER + "0030020000001540010100400200400304C000020140050400000064180A0000"
CONFIG = """neighbor 127.0.0.2 {
	local-address 192.0.2.7;
	local-as 65001;
	peer-as 65002;
	router-id 10.0.0.1;
	%s
}
"""


def encode(*words, options=()):
    status, out, err = cli("encode", *options, *words)
    equal((status, err), (0, ""), words)
    return out.split()


def decode(*words, input=None, env=None):
    status, out, err = cli("decode", *words, input=input, env=env)
    equal((status, err), (0, ""), words)
    return [json.loads(line) for line in out.splitlines()]


def update(*words):
    return decode(*words)[0]["neighbor"]["message"]["update"]


def conf(t, inside="family { ipv4 unicast; }"):
    path = t.dir / "some.conf"
    path.write_text(CONFIG % inside)
    return path


def refused(command, *words, status=1, of=""):
    got, out, err = cli(command, *words)
    equal((got, out), (status, ""), words)
    check(of in err and err.startswith("ambo: "), words, err)


# -- encode

def test_a_route_becomes_a_message(t):
    for words in (["route", "10.0.0.0/24", "next-hop", "192.0.2.1"], ["announce route 10.0.0.0/24 next-hop 192.0.2.1"],
                  ["neighbor 192.0.2.9 announce ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.1"]):
        equal(encode(*words), [ROUTE], words)
    equal(encode("withdraw route 10.0.0.0/24"), [MARKER + "001B020004180A00000000"], "withdraw")
    equal(encode("withdraw route 10.0.0.0/24 med 5"), [MARKER + "001B020004180A00000000"], "withdraw, and an attribute for nothing")
    equal(encode("withdraw route 2001:db8::/32 next-hop 2001:db8::1"), [MARKER + "00220200 00000B800F080002012020010DB8".replace(" ", "")], "withdraw of IPv6")
    equal(encode("withdraw route 2001:db8::/32 next-hop 2001:db8::1 med 5"),
          [MARKER + "002902000000 12800F080002012020010DB880040400000005".replace(" ", "")], "withdraw of IPv6 with what was given")
    equal(encode("announce eor"), [MARKER + "00170200000000"], "End-of-RIB")
    for line in ("announce route 10.0.0.0/24 next-hop 192.0.2.1;", "announce route 10.0.0.0/24 next-hop 192.0.2.1 sync json ;",
                 "neighbor 127.0.0.1 local-ip 127.0.0.1 , neighbor 127.0.0.2 announce route 10.0.0.0/24 next-hop 192.0.2.1",
                 "peer [127.0.0.1 peer-as 5, 127.0.0.2] announce route 10.0.0.0/24 next-hop 192.0.2.1"):
        equal(encode(line), [ROUTE], line)


def test_what_is_encoded_can_be_decoded_by_the_same_configuration(t):
    config = str(conf(t, inside="family { all; }"))
    for line in ("ipv4 unicast 10.0.0.0/24 next-hop 2001:db8::1", "ipv4 nlri-mpls 10.0.0.0/24 label 5 next-hop 2001:db8::1",
                 "ipv4 mpls-vpn 10.0.0.0/24 label 5 rd 1:1 next-hop 2001:db8::1"):
        told = update(encode("-c", config, "announce " + line)[0], "-c", config)
        equal(list(list(told["announce"].values())[0]), ["2001:db8::1"], line)
    equal(encode("announce eor ipv6 unicast"), [MARKER + "001E0200000007900F0003000201"], "End-of-RIB")


def test_the_configuration_says_for_whom(t):
    path = conf(t)
    got = encode("route 10.0.0.0/24 next-hop self", options=["-c", path])
    equal(got, [MARKER + "002F020000001440010100400206020100 00FDE9400304C0000207180A0000".replace(" ", "")], "eBGP")
    as4 = encode("route 10.0.0.0/24 next-hop 192.0.2.1", options=["-a", "70000", "-z", "1"])[0]
    check("4002060201" + "00011170" in as4, as4)
    refused("encode", "-c", path, "ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1", of="ipv6 unicast")
    path = conf(t, "family { ipv4 unicast; } capability { add-path send/receive; }")
    got = encode("route 10.0.0.0/24 next-hop 192.0.2.1 path-information 0.0.0.7", options=["-c", path])[0]
    check(got.endswith("00000007180A0000"), got)


def test_pieces_and_groups_go_out_in_batches(t):
    got = encode("route 10.0.0.0/8 next-hop 192.0.2.1 split /22")
    check(1 < len(got) < 70, len(got))
    nlri = sum(len(update(m)["announce"]["ipv4 unicast"]["192.0.2.1"]) for m in got)
    equal(nlri, 1 << 14, "routes in all messages")
    got = encode("group attributes med 9 next-hop 192.0.2.1 ; announce route 10.0.0.0/24 ; announce route 10.0.1.0/24")
    equal([(update(m)["attribute"]["med"], len(update(m)["announce"]["ipv4 unicast"]["192.0.2.1"])) for m in got],
          [(9, 2)], "shared attributes share a message")
    got = encode("group announce route 10.0.0.0/24 next-hop 192.0.2.1 ; announce route 10.0.1.0/24 next-hop 192.0.2.2 ; "
                 "announce route 10.0.2.0/24 next-hop 192.0.2.1 ; withdraw route 10.0.3.0/24 ; announce route 10.0.4.0/24 next-hop 192.0.2.1")
    equal([len(bytes.fromhex(m)) for m in got], [52, 48, 27, 48], "each where its kind began, a withdraw in its place")
    equal(encode("-n", "attributes next-hop 192.0.2.1 nlri 10.0.0.0/24 10.0.1.0/24"), ["180A0000", "180A0001"], "NLRI only")
    equal(encode("--no-header", "announce eor"), ["00000000"], "no header")


def test_encode_refuses(t):
    refused("encode", "route 10.0.0.0/24", of="next")
    refused("encode", "rout 10.0.0.0/24", of="rout")
    refused("encode", "route 10.0.0.0/24 next-hop 192.0.2.1 medd 5", of="medd")
    refused("encode", "announce eor ipv4 nothing")
    refused("encode", status=2)
    refused("encode", "-q", "route", status=2, of="-q")
    refused("encode", "-a", "x", "route 10.0.0.0/24 next-hop 192.0.2.1", status=2, of="x")
    refused("encode", "-f", "ipv4 nothing", "announce eor", status=2, of="ipv4 nothing")
    equal(cli("encode", "-c", t.dir / "none.conf", "announce eor")[0], 1, "a file that is not there")


# -- decode

def test_a_message_becomes_an_event(t):
    event = decode(ROUTE)[0]
    equal(event["type"], "update", "type")
    equal(event["neighbor"]["direction"], "in", "direction")
    equal(event["neighbor"]["asn"], {"local": 65533, "peer": 65533}, "AS numbers")
    equal(event["neighbor"]["message"]["update"], {"attribute": {"origin": "igp", "local-preference": 100},
          "announce": {"ipv4 unicast": {"192.0.2.1": [{"nlri": "10.0.0.0/24"}]}}}, "what it says")


def test_octets_come_in_any_form(t):
    body = ROUTE[38:]
    pairs = [ROUTE[i:i + 2] for i in range(0, len(ROUTE), 2)]
    for words in ([ROUTE.lower()], ["0x" + ROUTE], [":".join(pairs)], pairs, [body], ["--update", body], ["-u", body]):
        check("announce" in update(*words), words)
    equal(len(decode(ROUTE + ROUTE)), 2, "two messages")
    equal(len(decode(input=ROUTE + "\n\n" + body + "\n")), 2, "lines of standard input")
    equal(decode("-n", "180A0000200A000001"), [{"nlri": "10.0.0.0/24"}, {"nlri": "10.0.0.1/32"}], "NLRI")


def test_the_version_is_that_of_the_environment(t):
    equal(decode(ROUTE)[0]["exabgp"], "6.0.0", "by default")
    equal(decode(ROUTE, env={"exabgp_api_version": "4"})[0]["exabgp"], "4.0.1", "version 4")


def test_other_messages_are_told_by_their_type(t):
    equal(decode(MARKER + "001304")[0]["type"], "keepalive", "KEEPALIVE")
    told = decode("--open", "04FDE900B40A00000100")[0]["neighbor"]["open"]
    equal((told["asn"], told["router_id"]), (65001, "10.0.0.1"), "OPEN")
    equal(decode(MARKER + "0015030602")[0]["neighbor"]["notification"]["code"], 6, "NOTIFICATION")


def test_a_line_for_each_neighbor(t):
    path = t.dir / "two.conf"
    path.write_text(CONFIG % "family { ipv4 unicast; }" + (CONFIG % "family { ipv4 unicast; }").replace("127.0.0.2", "127.0.0.3"))
    equal([e["neighbor"]["address"]["peer"] for e in decode("-c", path, ROUTE)], ["127.0.0.2", "127.0.0.3"], "peers")


def test_what_decode_says_as_commands_encode_takes(t):
    for line in ("route 10.0.0.0/24 next-hop 192.0.2.1 med 5 as-path [ 65001 65002 ] community [ 65001:1 ]",
                 "ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1 large-community [ 1:2:3 ]",
                 "ipv4 mpls-vpn 10.0.0.0/24 rd 65001:1 label 5 next-hop 192.0.2.1", "announce eor ipv6 unicast",
                 "sr-policy distinguisher 1 color 100 endpoint 2001:db8::1 next-hop 192.0.2.1 preference 5 segment-list weight 1 "
                 "segment type-k local fc00::1 remote fc00::2 algorithm 1 sid fc00:1:: endpoint-behavior 57 40 24 16 0 policy-name p",
                 "withdraw ipv6 sr-policy distinguisher 1 color 100 endpoint 2001:db8::1",
                 "withdraw ipv6 unicast 2001:db8::/32", "withdraw route 10.0.0.0/24"):
        first = encode(line)
        status, out, err = cli("decode", "-m", *first)
        equal((status, err), (0, ""), line)
        equal(encode(out.strip()), first, out)


def test_attributes_may_be_told_as_octets(t):
    for line in ("ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.1 med 5 community [ 1:2 no-export ]",
                 "ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1 large-community [ 1:2:3 ]"):
        first = encode(line)
        status, out, err = cli("decode", "-m", "-g", *first)
        equal((status, err), (0, ""), line)
        check("attribute [ 0x01 0x40 0x00 ]" in out and "community" not in out, out)
        equal(encode(out.strip()), first, out)
    equal(update("-g", *first), update(*first), "JSON")


def test_as_octets_as_numbers_are_as_wide_as_in_the_session(t):
    path = t.dir / "narrow.conf"
    path.write_text(CONFIG % "family { ipv4 unicast; } capability { asn4 disable; }")
    first = encode("route 10.0.0.0/24 next-hop 192.0.2.1 as-path [ 65001 65002 ] aggregator ( 65003:192.0.2.9 )",
                   options=["-c", path])
    status, out, err = cli("decode", "-m", "-g", "-c", path, *first)
    equal((status, err), (0, ""), first)
    check("attribute [ 0x02 0x40 0x0202fde9fdea ]" in out and "attribute [ 0x07 0xC0 0xfdebc0000209 ]" in out, out)
    equal(encode(out.strip(), options=["-c", path]), first, out)
    # what does not fit into two octets stands beside them (RFC 6793)
    wide = encode("route 10.0.0.0/24 next-hop 192.0.2.1 as-path [ 70000 ]", options=["-c", path])
    _, out, _ = cli("decode", "-m", "-g", "-c", path, *wide)
    check("attribute [ 0x02 0x40 0x02015ba0 ]" in out and "attribute [ 0x11 0xC0 0x020100011170 ]" in out, out)


def test_a_family_without_a_name_goes_by_its_numbers(t):
    for line in ("raw 1 81 0x180A0000 next-hop 192.0.2.1 med 5", "withdraw raw 1 81 0x180A0000", "raw 7 250 0x01 next-hop 2001:db8::1"):
        afi, safi = line.split("raw ")[-1].split()[:2]
        first = encode(line, options=["-f", "%s %s" % (afi, safi)])
        told = update(*first)
        family = told.get("announce") or told["withdraw"]
        equal(list(family), [{"1": "ipv4 ", "7": "7 "}[afi] + safi], line)
        status, out, err = cli("decode", "-m", *first)
        equal((status, err), (0, ""), line)
        equal(encode(out.strip(), options=["-f", "%s %s" % (afi, safi)]), first, out)
    equal(decode("-n", "-f", "1 81", "180A0000"), [{"parsed": False, "raw": "180A0000"}], "NLRI")
    refused("encode", "-f", "ipv4 0", "announce eor", status=2, of="ipv4 0")
    refused("encode", "raw 1 81 0x00 next-hop 192.0.2.1", of="neighbor has")


def test_attributes_beside_withdraws_are_shown(t):
    told = update(encode("withdraw ipv4 mpls-vpn 10.0.0.0/24 rd 65001:1 label 5 med 7")[0])
    equal((told["attribute"]["med"], sorted(told)), (7, ["attribute", "withdraw"]), "attributes")
    told = update(encode("withdraw ipv4 mpls-vpn 10.0.0.0/24 rd 65001:1 label 5 next-hop 192.0.2.1")[0])
    equal(list(told["attribute"].items()), [("origin", "igp"), ("next-hop", "192.0.2.1"), ("local-preference", 100)], "next hop")
    equal(update(MARKER + "001E0200000007" + "400304C0000201"), {"attribute": {"next-hop": "192.0.2.1"}}, "alone")


def test_a_next_hop_that_no_session_takes_is_shown(t):
    # 255.255.255.255
    told = update("0000" "000E" "40010100" "400200" "400304FFFFFFFF" "180A0000")
    equal(list(told["announce"]["ipv4 unicast"]), ["255.255.255.255"], "next hop")


def test_an_attribute_that_would_end_a_session_is_shown(t):
    # RFC 4271 section 6.3: well-known, and nobody knows it
    told = update(encode("announce route 10.0.0.0/24 next-hop 192.0.2.1 attribute [ 0x99 0x60 0x00000064 ]")[0])
    equal(told["attribute"]["attribute-0x99-0x60"], "0x00000064", "transitive")


def test_decode_refuses(t):
    refused("decode", "zz", of="zz")
    refused("decode", "123", of="3")
    refused("decode", ROUTE[:-2], of="shorter")
    refused("decode", "0000", of="")
    refused("decode", MARKER + "0014" + "04" + "00")
    refused("decode", "-n", "2a0a00", of="ipv4 unicast")
    refused("decode", "-x", status=2, of="-x")
    path = conf(t)
    refused("decode", "-c", path, encode("ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1")[0], of="families")


def test_what_was_malformed_is_told_beside_what_became_of_it(t):
    bad = ROUTE.replace("40010100", "40010107")
    status, out, err = cli("decode", bad)
    equal(status, 0, err)
    check("attribute 1" in err, err)
    equal(json.loads(out)["neighbor"]["message"]["update"], {"withdraw": {"ipv4 unicast": [{"nlri": "10.0.0.0/24"}]}}, "RFC 7606")


def mrt(message, subtype=4, kind=16, afi=1, peer="192.0.2.1", local="192.0.2.2"):
    family = socket.AF_INET if afi == 1 else socket.AF_INET6
    body = struct.pack(">IIHH", 65001, 65002, 0, afi) + socket.inet_pton(family, peer) + socket.inet_pton(family, local) + message
    return struct.pack(">IHHI", 1000, kind, subtype, len(body)) + body


def test_the_messages_of_an_mrt_file(t):
    path, message = t.dir / "some.mrt", bytes.fromhex(ROUTE)
    path.write_bytes(mrt(message) + mrt(message, subtype=7, afi=2, peer="2001:db8::1", local="2001:db8::2"))
    first, second = decode("--mrt", path)
    equal(first["neighbor"]["address"], {"local": "192.0.2.2", "peer": "192.0.2.1"}, "addresses")
    equal(first["neighbor"]["asn"], {"local": 65002, "peer": 65001}, "AS numbers")
    equal((first["time"], first["neighbor"]["direction"]), (1000, "in"), "time and direction")
    equal((second["neighbor"]["address"]["peer"], second["neighbor"]["direction"]), ("2001:db8::1", "out"), "IPv6, sent")


def test_what_is_wrong_in_an_mrt_file_is_told_and_the_rest_decoded(t):
    path, message = t.dir / "some.mrt", bytes.fromhex(ROUTE)
    path.write_bytes(mrt(message[:-1]) + mrt(b"", afi=1, subtype=5) + mrt(message) + mrt(message)[:-1])
    status, out, err = cli("decode", "--mrt", path)
    equal((status, len(out.splitlines())), (1, 1), err)
    at = 3 * 12 + 20 + 20 + 20 + 2 * len(message) - 1  # of the fourth record
    check("offset 0: the message is shorter" in err and "left out: 1" in err and "offset %d: the record is cut off" % at in err, err)
    refused("decode", "--mrt", t.dir / "none.mrt", of="none.mrt")
    refused("decode", "--mrt", path, ROUTE, status=2, of="alone")


def test_a_policy_is_asked_before_it_is_used(t):
    path = t.dir / "policies.conf"
    path.write_text("policy in {\n\trule small {\n\t\tmatch {\n\t\t\tprefix 0.0.0.0/0 ge 25;\n\t\t}\n\t\tthen {\n\t\t\treject;\n\t\t}\n\t}\n"
                    "\trule known {\n\t\tmatch {\n\t\t\tpeer-as 65002;\n\t\t\tneighbor 192.0.2.0/24;\n\t\t}\n\t\tthen {\n\t\t\tweight 7;\n"
                    "\t\t\tmed 5;\n\t\t\tnext-hop self;\n\t\t}\n\t}\n}\n")
    route = "route 10.1.0.0/16 next-hop 192.0.2.1 as-path [ 65002 ]"
    equal(cli("policy", "test", path, "in", "route 10.1.1.128/25 next-hop 192.0.2.1"),
          (0, "rejected: policy in rule small (line 2)\n", ""))
    equal(cli("policy", "test", path, "in", route), (0, "rejected: no rule decides\n", ""))
    equal(cli("policy", "test", path, "in,accept", "from 192.0.2.9 as 65002 " + route),
          (0, "accepted: accept\n10.1.0.0/16 next-hop self as-path [ 65002 ] med 5 (weight 7)\n", ""))
    refused("policy", "test", path, "other", route, of="there is no policy 'other'")
    refused("policy", "test", path, "in", "route 10.1.0.0/33", of="")
    refused("policy", "try", path, "in", route, status=2, of="test FILE POLICY")


if __name__ == "__main__":
    main()
