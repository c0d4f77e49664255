#!/usr/bin/python3
"""cases/exabgp/events.case: every event of ExaBGP's API happens, and is told in each encoder and version."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import json
import re
import signal
import struct
from tests.integration.harness import *
from tests.integration.puppet import Puppet

CONFIG = """neighbor 127.0.0.2 { local-address 127.0.0.1; local-as 65000; peer-as 65002; router-id 10.0.0.1;
	family { ipv4 unicast; ipv6 unicast; } capability { route-refresh; operational; } %s }
"""
TYPES = "parsed; packets; consolidate; open; update; notification; keepalive; refresh; operational; "
WISHES = "neighbor-changes; negotiated; fsm; signal; receive { %s } send { %s }" % (TYPES, TYPES.replace("packets; consolidate; ", ""))
VERSIONS = {"0": "4.0.1", "4": "4.0.1", "6": "6.0.0"}
WHO = (r'"neighbor": \{ "address": \{ "local": "127.0.0.1", "peer": "127.0.0.2" \}, '
       r'"asn": \{ "local": 65000, "peer": 65002 \}%s')


def expected(version, encoder):
    head = (r'\{ "exabgp": "%s", "time": [0-9.]+, "host" : "[^"]+", "pid" : \d+, "ppid" : \d+, "counter": \d+, '
            % re.escape(VERSIONS[version]))
    who = WHO % (" " if version == "0" else r', "router-id": "10.0.0.1" ?')
    for line in (CASES / "exabgp/events.case").read_text().splitlines():
        found = re.match(r"([046]*)([tj])> (.*)", line)
        if found and (not found[1] or version in found[1]) and found[2] == encoder:
            yield found[3].replace("{head}", head).replace("{who}", who)


def play(t, version, encoder):
    puppet = Puppet(t.dir, "helper")
    peer = t.peer(listen="127.0.0.2:179", asn=65002, families=("ipv4", "ipv6"), extra_capabilities=[(185, b"")])
    env = {} if version == "0" else {"exabgp_api_version": version}
    ambo = t.ambo().run(puppet.process("json" if encoder == "j" else "text") + CONFIG % puppet.api(WISHES), env=env)
    peer.wait_established()
    puppet.wait_started()
    puppet.wait(lambda l: len(l) > 3)
    peer.announce(["10.1.0.0/24"], "127.0.0.2", med=100, communities=["1:2"])
    peer.withdraw(["10.1.0.0/24"])
    peer.end_of_rib("ipv4")
    puppet.say("announce route 10.9.0.0/24 next-hop 192.0.2.9")
    peer.wait_prefixes(["10.9.0.0/24"])
    peer.ask_refresh("ipv4")
    peer.send(bgp.message(6, struct.pack("!HHHB", 2, 8, 1, 1) + b"hello"))
    os.kill(ambo.half("ambo-controller"), signal.SIGUSR1)
    kind = "j" if version == "6" else encoder
    early = [e for e in expected(version, kind) if not re.search("notification| down |\"down\"|shutdown", e)]
    wait_until(lambda: all(any(re.fullmatch(e, l) for l in puppet.lines()) for e in early), 10, "what is told before the end")
    peer.notify(6, 2, b"\x03bye")
    puppet.wait(lambda l: any("down" in x for x in l))
    ambo.process.signal(signal.SIGTERM)
    ambo.process.wait()
    lines = puppet.told().decode().split("\n")
    for line in lines:
        check(not line.startswith("{") or json.loads(line), line)
    failed = [e for e in expected(version, kind) if not any(re.fullmatch(e, line) for line in lines)]
    check(not failed, "not told: " + "\nnot told: ".join(failed), "\n" + "\n".join(l[:400] for l in lines if l))


def test_text_as_exabgp_4_2(t):
    play(t, "0", "t")


def test_json_as_exabgp_4_2(t):
    play(t, "0", "j")


def test_text_of_version_4(t):
    play(t, "4", "t")


def test_json_of_version_4(t):
    play(t, "4", "j")


def test_json_of_version_6(t):
    play(t, "6", "j")


def test_version_6_speaks_json_whatever_the_encoder(t):
    play(t, "6", "t")


if __name__ == "__main__":
    main()
