#!/usr/bin/python3
"""Helper programs: their commands, and how they are answered."""
import json
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import numbered, numbered_peer, start_numbered
from tests.integration.puppet import Puppet


def start(t, config, up=(2,), env=None):
    return start_numbered(t, config, up, env)


def test_a_command_reaches_the_peer_and_is_answered(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.say("announce route 10.0.0.0/24 next-hop self med 5", "", "# a comment", "debug nobody answers this",
               "announce route 10.0.0.1 next-hop", "withdraw route 10.9.0.0/24", "version")
    lines = puppet.wait_lines(7)
    equal([l for l in lines if not l.startswith("exabgp ")], ["done", "done", "done", "error", "done", "done"])
    peer.wait_prefixes(["10.0.0.0/24"])
    equal(peer.route("10.0.0.0/24")["med"], 5)
    check("process routes" in c.command("show owners").text)
    check("nobody answers this" in ambo.process.log())
    refused, = [l for l in ambo.process.log().splitlines() if "a command was refused" in l]
    check("announce route 10.0.0.1 next-hop" in refused, refused)


def test_what_nobody_can_be_told_is_in_the_log(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, families="ipv4 unicast;", extra=puppet.api("")))
    puppet.say("announce route 2001:db8::/32 next-hop 2001:db8::1 med 5", "announce route 10.0.0.0/24 next-hop self")
    equal(puppet.wait_lines(2), ["done", "done"])
    peer.wait_prefixes(["10.0.0.0/24"])
    check("told to nobody, no neighbor has the family ipv6 unicast: announce route 2001:db8::/32 next-hop 2001:db8::1 med 5"
          in ambo.process.log(), ambo.process.log())


def test_a_neighbor_that_is_not_known_yet_has_the_family(t):
    """its AS comes with its session; until then it is skipped"""
    puppet = Puppet(t.dir, "routes")
    config = numbered(2, families="ipv4 unicast;", extra=puppet.api("")).replace("peer-as 65002", "peer-as auto")
    ambo, c, _ = start(t, puppet.process() + config, up=())
    puppet.say("announce route 10.0.0.0/24 next-hop 192.0.2.1", "announce route 2001:db8::/32 next-hop 2001:db8::1")
    equal(puppet.wait_lines(2), ["done", "done"])
    wait_until(lambda: "has the family ipv6 unicast" in ambo.process.log())
    check("has the family ipv4 unicast" not in ambo.process.log(), ambo.process.log())


def test_several_commands_of_one_read_are_one_change(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.wait_started()
    peer.wait_quiet(0.3)
    before = peer.received(2)[0]
    puppet.say(*["announce route 10.0.%d.0/24 next-hop 192.0.2.9" % i for i in range(20)])
    peer.wait_prefixes(["10.0.%d.0/24" % i for i in range(20)])
    equal(peer.received(2)[0] - before, 1)


def test_one_who_never_stops_is_told_all_the_same(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.wait_started()
    begin, end, n, messages = time.monotonic(), deadline(5), 0, set()
    while time.monotonic() < begin + 1 or len(messages) <= 10:
        puppet.say("announce route 10.%d.%d.%d/32 next-hop 192.0.2.9" % (n >> 16, n >> 8 & 255, n & 255))
        n += 1
        messages.add(peer.received(2)[0])
        check(time.monotonic() < end, "told while it speaks: %s" % messages)
    peer.wait_routes(n, 60)


def test_what_cancels_itself_is_not_told_and_a_withdraw_of_what_was_never_told_is(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.wait_started()
    peer.wait_quiet(0.3)
    # two writes: the second comes within the first one's burst, or on a busy machine behind it
    for turn in range(10):
        before = peer.received(2)[0]
        puppet.clear()
        puppet.say("announce route 10.0.0.0/24 next-hop self", "withdraw route 10.0.3.0/24")
        puppet.say("clear adj-rib out")
        puppet.wait_lines(3)
        peer.wait_quiet(0.3)
        if peer.received(2)[0] == before:
            break
    equal(peer.received(2)[0] - before, 0)
    puppet.clear()
    puppet.say("announce route 10.0.1.0/24 next-hop self", "announce route 10.0.2.0/24 next-hop self",
               "withdraw route 10.0.1.0/24", "announce route 10.0.2.0/24 next-hop self")
    peer.wait_prefixes(["10.0.2.0/24"], exactly=True)
    before = peer.received(2)[0]
    puppet.say("announce route 10.0.4.0/24 next-hop self", "withdraw route 10.0.4.0/24", "announce eor")
    puppet.wait_lines(7)
    wait_until(lambda: peer.received(2)[0] - before == 2)
    peer.wait_prefixes(["10.0.2.0/24"], exactly=True)


def test_with_a_withdraw_goes_what_exabgp_sends_with_it(t):
    puppet = Puppet(t.dir, "routes")
    config = puppet.process() + numbered(2, families="ipv4 unicast; ipv6 unicast; ipv4 flow;", extra=puppet.api(""))
    ambo, c, (peer,) = start_numbered(t, config, (2,), families=("ipv4", "ipv6", (1, 133)))
    puppet.wait_started()
    peer.wait_quiet(0.3)
    begin = len(peer.updates())
    puppet.say("announce route 2001:db8::/32 next-hop 2001:db8::1 med 7", "announce route 10.0.0.0/24 next-hop self med 7",
               "announce flow route source 10.0.0.0/8 discard")
    wait_until(lambda: len(peer.updates()) == begin + 3)
    puppet.say("withdraw route 2001:db8::/32 next-hop 2001:db8::1 med 7", "withdraw route 10.0.0.0/24 med 7")
    wait_until(lambda: len(peer.updates()) == begin + 5)
    puppet.say("clear adj-rib out")
    wait_until(lambda: len(peer.updates()) == begin + 6)
    equal(sorted(m.body.hex() for m in peer.updates()[begin + 3:]),
          ["0000" "0012" "800f080002012020010db8" "80040400000007",
           "0000" "0022" "800f0700018503" "02080a" "40010100" "4002060201" "0000fde8" "c010088006000000000000",
           "0004" "180a0000" "0000"])


def test_half_a_line_waits_for_its_end_and_binary_is_answered_with_error(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.say_raw(b"announce route 10.0.0.0/24 nex")
    time.sleep(0.3)
    equal(puppet.lines(), [])
    puppet.say_raw(b"t-hop self\n\x00\xff\xfe\n\x80\x81 announce\nbanner of a program\n")
    equal(puppet.wait_lines(4), ["done", "error", "error", "error"])
    peer.wait_prefixes(["10.0.0.0/24"])


def test_a_helper_says_how_it_wants_to_be_answered(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.say("disable-ack", "announce route 10.0.0.0/24 next-hop self", "nonsense", "version")
    puppet.wait(lambda l: len(l) == 2)
    equal(puppet.lines()[0], "done")
    puppet.say("enable-ack")
    equal(puppet.wait_lines(3)[2], "done")
    puppet.say("session ack silence", "nonsense", "announce route 10.1.0.0/24 next-hop self", "session ack enable")
    equal(puppet.wait_lines(4)[3], "done")
    peer.wait_prefixes(["10.0.0.0/24", "10.1.0.0/24"])


def test_an_error_says_why_to_those_who_speak_version_6(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")), env={"exabgp_api_version": "6"})
    puppet.say("announce route 10.1.0.0 next-hop", "version")
    lines = puppet.wait_lines(4)
    check(lines[0].startswith("error: "), lines)
    equal((lines[1], lines[3]), ("error", "done"))


def test_sync_is_answered_when_the_peer_was_written_to_and_answers_keep_their_order(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.say("announce route 10.0.0.0/24 next-hop self sync", "nonsense", "enable-sync",
               "announce route 10.0.1.0/24 next-hop self", "nonsense")
    equal(puppet.wait_lines(5), ["done", "error", "done", "done", "error"])
    peer.wait_prefixes(["10.0.0.0/24", "10.0.1.0/24"])


def test_a_group_of_lines_is_answered_once(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.say("group end", "group start", "announce route 10.7.0.0/24 next-hop self", "session reset")
    equal(puppet.wait_lines(5), ["error", 'group started', "done",
                                 '{"status": "asynchronous queue cleared"}', "done"])
    puppet.clear()
    puppet.say("session ack enable", "group start", "attributes med 7", *["announce route 10.0.%d.0/24 next-hop 192.0.2.9" % i
               for i in range(200)], "neighbor 9.9.9.9 announce route 10.1.0.0/24 next-hop self", "withdraw route 10.0.0.0/24",
               "version", "group end", "announce route 10.0.1.0/24 next-hop 192.0.2.9")
    lines = puppet.wait_lines(8)
    equal(lines[1], 'group started')
    equal([l for l in lines if not l.startswith("{")], ["done", "group started", "done", "exabgp 4.2.21", "done", "done", "done"])
    answer = json.loads(lines[5])
    equal((answer["announced"], answer["withdrawn"], len(answer["errors"])), (200, 1, 1))
    peer.wait_prefixes(["10.0.%d.0/24" % i for i in range(1, 200)], exactly=True)
    equal(peer.route("10.0.199.0/24")["med"], 7)
    # what stands behind the group was done behind it
    check("med" not in peer.route("10.0.1.0/24") or peer.route("10.0.1.0/24")["med"] is None)
    # all of it is done although the helper ends
    puppet.say("group start", *["withdraw route 10.0.%d.0/24" % i for i in range(1, 200)], "group end")
    os.kill(puppet.pids[-1], signal.SIGKILL)
    puppet.wait_started(2)


def test_a_group_that_is_too_long_leaves_out_the_rest_and_says_so(t):
    puppet = Puppet(t.dir, "routes")
    ambo, c, (peer,) = start(t, puppet.process() + numbered(2, extra=puppet.api("")))
    puppet.say("group start", *["announce route 10.9.0.0/24 next-hop self"] * 100000,
               *["announce route 10.9.%d.0/24 next-hop self" % i for i in range(1, 4)], "group end")
    lines = puppet.wait_lines(4, 30)
    answer = json.loads(lines[2])
    equal((answer["announced"], len(answer["errors"])), (100000, 1))
    check("more than 100000 lines" in answer["errors"][0], answer)
    peer.wait_prefixes(["10.9.0.0/24"], exactly=True)


def test_helpers_are_answered_in_exabgps_words(t):
    puppet = Puppet(t.dir, "routes")
    config = puppet.process() + numbered(2, extra=puppet.api(""))
    ambo, c, (peer,) = start(t, config)

    def ask(line, count):
        puppet.clear()
        puppet.say(line)
        lines = puppet.wait_lines(count)
        equal(lines[-1], "done")
        return lines[:-1]

    uuid = ask("ping", 2)[0].split()[1]
    status = ask("status", 9)
    equal(status[0], "ExaBGP Daemon Status")
    equal([l for l in status if l.startswith(("UUID", "Peers"))], ["UUID: " + uuid, "Peers: 1"])
    check(status[-1].endswith("family-allowed in-open: ESTABLISHED"), status)
    equal(ask("version", 2), ["exabgp 4.2.21"])
    equal(json.loads(ask("system version", 2)[0]), {"version": "6.0.0", "application": "exabgp"})
    equal(ask("reset", 2), ["asynchronous queue cleared"])
    equal(json.loads(ask("session ping", 2)[0]), {"pong": uuid, "active": True})
    state = json.loads(ask("daemon status", 2)[0])
    equal((state["uuid"], list(state["peers"].values())), (uuid, ["ESTABLISHED"]))
    equal(ask("bye", 1), [])
    equal(json.loads(ask("peer list", 2)[0]), [{"peer-address": "127.0.0.2", "peer-as": 65002, "state": "ESTABLISHED"}])
    row, = json.loads(ask("peer 127.0.0.2 show", 2)[0])
    equal((row["state"], row["fsm"], row["local"]["as"], row["peer"]["as"]), ("up", "ESTABLISHED", 65000, 65002))
    equal((row["local"]["families"], row["messages"]["sent"]["open"], row["messages"]["received"]["open"]),
          ({"ipv4 unicast": True, "ipv6 unicast": True}, 1, 1))
    equal(json.loads(ask("show neighbor 127.0.0.2 json", 2)[0])[0]["peer"]["address"], "127.0.0.2")
    equal(ask("show neighbor", 3)[0], "please specify summary, extensive or configuration")
    check(ask("show neighbor summary", 3)[1].startswith("127.0.0.2       65002"), puppet.lines())
    check(ask("show neighbor configuration 127.0.0.2", 30)[0] == "neighbor 127.0.0.2 {", puppet.lines())
    equal(ask("announce route 10.50.0.0/24 next-hop 10.0.0.9 med 7", 1), [])
    equal(ask("show adj-rib out", 2), ["neighbor 127.0.0.2 ipv4 unicast 10.50.0.0/24 next-hop 10.0.0.9"])
    equal(ask("show adj-rib out extensive", 2), ["neighbor 127.0.0.2 local-ip 127.0.0.1 local-as 65000 peer-as 65002 "
          "router-id 10.0.0.1 family-allowed in-open ipv4 unicast 10.50.0.0/24 next-hop 10.0.0.9 med 7"])
    equal(json.loads(ask("show adj-rib out json", 2)[0]),
          {"127.0.0.2": {"routes": [{"family": "ipv4 unicast", "prefix": "10.50.0.0/24"}]}})
    equal(ask("rib show in", 1), [])
    equal(ask("withdraw route 10.50.0.0/24", 1), [])
    equal(ask("reload", 2), ["reload in progress"])
    check("commands" in json.loads(ask("system help", 2)[0]))
    equal(json.loads(ask("system api version 6", 2)[0]), {"api_version": 6})
    puppet.clear()
    puppet.say("peer * routes add 10.8.0.0/24 next-hop 10.0.0.1")
    answer, = puppet.wait_lines(1)
    equal((json.loads(answer)["route"], json.loads(answer)["success"]), ("10.8.0.0/24 next-hop 10.0.0.1", True))
    peer.wait_prefixes(["10.8.0.0/24"])
    puppet.clear()
    puppet.say("peer * routes list")
    listed, = json.loads(puppet.wait_lines(1)[0])
    equal((listed["index"], listed["neighbor"]), (json.loads(answer)["index"], "127.0.0.2"))
    # a restart begins sessions and helpers anew; this one said which API it wants then
    puppet.clear()
    puppet.say("restart")
    puppet.wait_started(2)
    equal(puppet.lines()[:2], ["restart in progress", "done"])
    wait_until(lambda: len(peer.named("established")) == 2, 15)
    peer.wait_prefixes(["10.8.0.0/24"])
    puppet.clear()
    puppet.say("nonsense", "version")
    lines = puppet.wait_lines(4)
    check(lines[0].startswith("error: ") and lines[1] == "error" and json.loads(lines[2])["version"] == "6.0.0", lines)


def test_a_helper_makes_its_neighbor_and_removes_it(t):
    puppet = Puppet(t.dir, "maker")
    peer = t.peer(listen="127.0.0.2:179", asn=65002, families=("ipv4", "ipv6"))
    ambo = t.ambo().run(puppet.process())
    puppet.say("create neighbor 127.0.0.2 local-address 127.0.0.1 local-as 65000 peer-as 65002 router-id 10.0.0.1 "
               "family-allowed ipv4-unicast/ipv6-unicast api maker", "announce route 10.0.0.0/24 next-hop self")
    equal(puppet.wait_lines(2), ["done", "done"])
    peer.wait_established()
    peer.wait_prefixes(["10.0.0.0/24"])
    puppet.say("create neighbor 127.0.0.2 local-address 127.0.0.1 local-as 65000 peer-as 65002 router-id 10.0.0.1",
               "delete neighbor 127.0.0.2", "announce route 10.0.0.0/24 next-hop self")
    equal(puppet.wait_lines(5)[2:], ["error", "done", "error"])
    wait_until(lambda: not peer.established)


def test_a_helper_acts_on_the_neighbors_that_list_it(t):
    one, two, none = (Puppet(t.dir, n) for n in ("one", "two", "none"))
    config = one.process() + two.process() + none.process() + numbered(2, extra=one.api("")) + numbered(
        3, extra="api { processes-match [ \"t.*\" ]; }")
    ambo, c, (a, b) = start(t, config, (2, 3))
    one.say("announce route 10.1.0.0/24 next-hop self", "neighbor 127.0.0.3 announce route 10.1.1.0/24 next-hop self")
    equal(one.wait_lines(2), ["done", "error"])
    two.say("neighbor * announce route 10.2.0.0/24 next-hop self")
    equal(two.wait_lines(1), ["done"])
    none.say("announce route 10.3.0.0/24 next-hop self")
    equal(none.wait_lines(1), ["error"])
    a.wait_prefixes(["10.1.0.0/24"], exactly=True)
    b.wait_prefixes(["10.2.0.0/24"], exactly=True)


def test_what_was_received_is_forgotten_and_asked_for_again(t):
    puppet = Puppet(t.dir, "routes")
    peers = [numbered_peer(t, n, refresh=n == 2, answer_refresh=False) for n in (2, 3)]
    ambo = t.ambo().run(puppet.process() + numbered(2, 3, extra="capability { route-refresh; } " + puppet.api("")))
    for p in peers:
        p.wait_established()
        p.announce(["10.%d.%d.0/24" % (p.asn & 255, i) for i in range(200)], "127.0.0.%d" % (p.asn - 65000))

    def shown():
        puppet.clear()
        puppet.say("show adj-rib in")
        puppet.wait(lambda l: l and l[-1] == "done")
        return len(puppet.lines()) - 1
    wait_until(lambda: shown() == 400, 10, "all are there")
    puppet.say("neighbor 127.0.0.2 clear adj-rib in")
    wait_until(lambda: shown() == 200, 10, "one neighbor's are gone")
    equal(peers[0].received(5)[0], 2, "asked again, for each family")
    puppet.say("clear adj-rib in")
    wait_until(lambda: shown() == 0, 10, "and the other's")
    equal(peers[1].received(5)[0], 0, "who cannot be asked is not")
    peers[1].announce(["10.9.9.0/24"], "127.0.0.3")
    wait_until(lambda: shown() == 1, 10, "what is said from then on is there")


if __name__ == "__main__":
    main()
