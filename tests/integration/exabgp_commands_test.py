#!/usr/bin/python3
"""cases/exabgp/commands.case: every command of ExaBGP's API is typed by a helper, in each version of the API."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import re
from tests.integration.harness import *
from tests.integration.puppet import Puppet

CONFIG = """neighbor 127.0.0.2 { local-address 127.0.0.1; local-as 65000; peer-as 65002; router-id 10.0.0.1;
	family { ipv4 unicast; ipv6 unicast; } capability { route-refresh; } %s }
"""


def steps(version):
    """[(place, command, expressions, prefixes or None, octets or None)]"""
    found = None
    for number, line in enumerate((CASES / "exabgp/commands.case").read_text().splitlines(), 1):
        head = re.match(r"([046]+)> (.*)", line)
        if head:
            if found:
                yield found
            found = ["line %d" % number, head[2], [], None, None] if version in head[1] else None
        elif not line or line.startswith("#"):
            continue
        elif found and (line == "=" or line[:2] == "= "):
            found[3] = line[1:].split()
        elif found and line[:2] == "! ":
            found[4] = line[2:]
        elif found:
            found[2].append(line)
    if found:
        yield found


def fits(lines, expressions):
    if not expressions:
        return not lines
    if expressions[0] == "...":
        return any(fits(lines[i:], expressions[1:]) for i in range(len(lines) + 1))
    return bool(lines) and bool(re.fullmatch(expressions[0], lines[0])) and fits(lines[1:], expressions[1:])


def is_up(puppet):
    puppet.clear()
    puppet.say("peer list")
    wait_until(lambda: puppet.lines()[-1:] == ["done"], 5, "an answer")
    return "ESTABLISHED" in puppet.lines()[0]


def play(t, version):
    puppet = Puppet(t.dir, "helper")
    peer = t.peer(listen="127.0.0.2:179", asn=65002, families=("ipv4", "ipv6"), record=True, refresh=True)
    env = {} if version == "0" else {"exabgp_api_version": version}
    ambo = t.ambo().run(puppet.process() + CONFIG % puppet.api(""), env=env)
    peer.wait_established()
    puppet.wait_started()
    failed, ended = [], None
    for place, command, expressions, prefixes, octets in steps(version):
        if "teardown" not in command and (ended or not peer.established):
            # the peer may not have heard of the end yet
            peer.wait_for(lambda p: p.established and p.session is not ended, 15, "another session")
            ended = None
            wait_until(lambda: is_up(puppet), 10, "the controller to know of it")
        mark, session = len(peer.messages), peer.session
        puppet.clear()
        puppet.say(command)
        end = deadline(3) if expressions else time.monotonic() + 0.15
        while time.monotonic() < end:
            lines = puppet.lines()
            if expressions and fits(lines, expressions):
                time.sleep(0.01)
                if puppet.lines() == lines:
                    break
            time.sleep(0.005)
        lines = puppet.lines()
        if "teardown" in command and lines[-1:] == ["done"]:
            ended = session
        if not fits(lines, expressions):
            failed.append("%s: %s: answered %r, not %r" % (place, command, lines, expressions))
        try:
            if prefixes is not None:
                peer.wait_prefixes(prefixes, exactly=True)
            if octets is not None:
                wait_until(lambda: any(octets in m.raw.hex() for m in peer.messages[mark:]), 5, octets)
        except Exception as e:
            failed.append("%s: %s: %s; %s" % (place, command, e, [m.raw.hex()[32:] for m in peer.messages[mark:]]))
    check(not failed, "\n".join(failed))


def test_a_helper_of_exabgp_4_2(t):
    play(t, "0")


def test_a_helper_of_version_4(t):
    play(t, "4")


def test_a_helper_of_version_6(t):
    play(t, "6")


if __name__ == "__main__":
    main()
