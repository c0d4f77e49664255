#!/usr/bin/python3
"""Who may be a speaker: names, keys, and what the log says of those that are refused. Speaker and controller in
two networks over tcp with CURVE."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration import harness
from tests.integration.harness import *
from tests.integration.scene import *

PEER = "127.0.0.2"
CENTRE, EDGE = "192.0.2.1", "192.0.2.2"
BIND = "tcp://127.0.0.1:7179"


def start(t, speakers=("edge",)):
    peer = t.peer(listen=PEER + ":179", asn=65002, hold_time=9)
    ambo = t.ambo().split(neighbor(PEER, 65002, hold=9, speaker="edge"), speakers, listen=())
    client = ambo.client()
    wait_up(client, PEER)
    equal(client.command("announce route 10.0.0.0/24 next-hop self").status, "accepted")
    peer.wait_prefixes(["10.0.0.0/24"])
    return ambo, client, peer


def untouched(ambo, client, peer):
    """The speaker that runs and its session have noticed nothing."""
    check("lost:" not in ambo.speaker.log(), "the lane was lost")
    check("speaker lost" not in ambo.controller.log(), "the lane was lost")
    equal(len(peer.connections), 1, "sessions")
    def told():
        told.number += 1
        prefix = "10.0.%d.0/24" % told.number
        equal(client.command("announce route %s next-hop self" % prefix).status, "accepted")
        peer.wait_prefixes([prefix])
    told.number = 0
    at_once(told, 1, "a route to the peer", ambo.pids())


def second(t, name, keys, controller_key, *, bind=BIND):
    return t.process("second", harness.speaker_command(name, bind, keys, controller_key, (), None))


def test_a_second_speaker_with_the_same_name_and_key(t):
    ambo, client, peer = start(t)
    twin = second(t, "edge", ambo.keys["edge"], ambo.keys["controller"].public_file)
    twin.wait_log("refused us: speaker edge is running already, with the same key", 10)
    ambo.controller.wait_log("a speaker was refused: speaker edge is running already")
    time.sleep(6)  # it asks again
    untouched(ambo, client, peer)
    check("welcomed" not in twin.log())
    equal(len(client.show("show speakers")), 1)
    # the first one dies: now it is welcome
    ambo.speaker.kill9()
    twin.wait_log("welcomed us", 20)
    peer.wait_for(lambda p: len(p.connections) > 1 and p.established, 20, "the session is up again")
    peer.wait_prefixes(["10.0.0.0/24", "10.0.1.0/24"])


def test_a_second_speaker_with_the_key_of_another(t):
    ambo, client, peer = start(t, ("edge", "other"))
    thief = second(t, "edge", ambo.keys["other"], ambo.keys["controller"].public_file)
    thief.wait_log("refused us: speaker edge has another key", 10)
    ambo.controller.wait_log("a speaker was refused: speaker edge has another key")
    untouched(ambo, client, peer)


def test_a_speaker_of_a_name_that_is_not_configured(t):
    ambo, client, peer = start(t)
    odd = second(t, "nobody", ambo.keys["edge"], ambo.keys["controller"].public_file)
    odd.wait_log("refused us: no speaker nobody in the configuration", 10)
    untouched(ambo, client, peer)


def nothing_delivered(ambo, client, peer, process):
    time.sleep(2)
    check("welcomed" not in process.log() and "connected\"" not in process.log().replace("disconnected", ""),
          process.log())
    rows = client.show("show speakers")
    equal([r["refused"] for r in rows], [0] * len(rows), "it was never asked about: no frame came through")
    untouched(ambo, client, peer)


def test_a_key_that_is_not_configured(t):
    ambo, client, peer = start(t)
    stranger = Keys(t.dir, "stranger")
    process = second(t, "edge", stranger, ambo.keys["controller"].public_file)
    ambo.controller.wait_log("no speaker of the configuration has the key " + stranger.public)
    wait_until(lambda: "handshake" in process.log() or "refused" in process.log(), 10, "the speaker's log says why")
    nothing_delivered(ambo, client, peer, process)


def test_a_wrong_key_of_the_controller(t):
    ambo, client, peer = start(t)
    process = second(t, "edge", ambo.keys["edge"], Keys(t.dir, "impostor").public)
    wait_until(lambda: "handshake" in process.log(), 10, "the speaker's log says why")
    wait_until(lambda: "handshake" in ambo.controller.log(), 10, "the controller's log says why")
    nothing_delivered(ambo, client, peer, process)


def test_no_key(t):
    ambo, client, peer = start(t)
    bare = [harness.program("ambo-speaker"), "--name", "edge", "--controller", BIND]
    process = t.process("bare", bare)
    check(process.wait(5) != 0)
    check("without keys" in process.log(), process.log())
    process = t.process("insecure", bare + ["--insecure"])
    wait_until(lambda: "handshake" in ambo.controller.log(), 10, "the controller's log says why")
    nothing_delivered(ambo, client, peer, process)


def test_a_controller_without_keys(t):
    config = t.dir / "bare.conf"
    config.write_text(neighbor(PEER, 65002))
    bare = [harness.program("ambo-controller"), "--api", "ipc://%s/api" % t.dir, "--bind", BIND, config]
    process = t.process("bare", bare)
    check(process.wait(5) != 0)
    check("without keys" in process.log(), process.log())
    # and one that takes everybody: a speaker that wants keys gives it nothing
    keys, theirs = Keys(t.dir, "edge"), Keys(t.dir, "controller")
    process = t.process("insecure", [*bare[:-1], "--insecure", config])
    process.wait_log("speakers connect to")
    speaker = second(t, "edge", keys, theirs.public)
    time.sleep(3)
    check("welcomed" not in speaker.log(), speaker.log())
    check("speaker connected" not in process.log(), process.log())
    check("handshake" in speaker.log() or "handshake" in process.log(), speaker.log(), process.log())


def test_a_key_file_that_others_can_read(t):
    keys = Keys(t.dir, "edge")
    keys.file.chmod(0o644)
    process = second(t, "edge", keys, Keys(t.dir, "controller").public)
    check(process.wait(5) != 0)
    check(str(keys.file) in process.log(), process.log())


def test_two_networks_over_tcp_with_keys(t):
    edge = t.namespace("edge")
    netns.pair(None, edge, CENTRE, EDGE)
    peer = t.peer(listen=PEER + ":179", asn=65002, ns=edge,
                  initial=bgp.table(1000, next_hop=PEER, asn=65002))
    ambo = t.ambo().split(neighbor(PEER, 65002), bind_address=CENTRE, speaker_ns=edge, listen=())
    client = ambo.client()
    wait_up(client, PEER)
    follower = Follower(client, PEER)
    follower.until(dict.fromkeys(bgp.prefixes(1000)))
    equal(client.command("announce route 192.168.0.0/24 next-hop 10.0.0.1 med 5").status, "accepted")
    peer.wait_prefixes(["192.168.0.0/24"])
    equal(len(received(client, PEER)), 1000)
    check(len(netns.connections(7179)) >= 1, "by tcp")


if __name__ == "__main__":
    main()
