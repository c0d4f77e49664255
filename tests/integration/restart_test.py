#!/usr/bin/python3
# ctest: COST 150
"""kill -9 to the controller: peers see nothing of it, not one octet of an UPDATE. kill -9 to the speaker: peers
are told everything again, then End-of-RIB."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.fake.capture import Capture
from tests.integration.harness import *
from tests.integration.scene import *

PEER, SOURCE = "127.0.0.2", "127.0.0.3"
COUNT = 100000
PREFIXES = bgp.prefixes(COUNT)
CONFIG = neighbor(PEER, 65002, hold=30)


def statics():
    """So many routes with a hundred sets of attributes"""
    return ["%s next-hop 10.0.0.1 med %d" % (p, n % 100) for n, p in enumerate(PREFIXES)]


def commands(count=COUNT):
    """The same by an API client, 100 prefixes a line"""
    return ["announce attributes next-hop 10.0.0.1 med %d nlri %s" % (n % 100, " ".join(PREFIXES[n:n + 100]))
            for n in range(0, count, 100)]


def accepted(client, lines):
    wrong = [a for a in client.commands(lines, 120) if a.status != "accepted"]
    check(not wrong, wrong[:2])


def start(t, config):
    peer = t.peer(listen=PEER + ":179", asn=65002, record="control")
    ambo = t.ambo().split(config, listen=())
    client = ambo.client(timeout=60)
    wait_up(client, PEER)
    return ambo, client, peer


def stands(client, peer):
    """What the peer holds is what show routes says; → it"""
    agree(client, peer, PEER, 60)
    rows = sent(client, PEER)
    equal(len(rows), COUNT)
    return rows


class Watch:
    """From now on not one octet of an UPDATE reaches the peer."""

    def __init__(self, t, peer):
        peer.wait_quiet(0.3)
        self.peer, self.before, self.table = peer, peer.mark(), peer_meds(peer)
        self.capture = Capture(t, PEER)

    def end(self):
        self.peer.wait_for(lambda p: p.mark()["keepalive"][0] > self.before["keepalive"][0], 15, "a KEEPALIVE")
        time.sleep(0.5)
        found = self.capture.stop()
        equal(self.peer.mark()["update"], self.before["update"], "UPDATEs (messages, octets)")
        check(bgp.UPDATE not in found, "captured", found)
        check(found.get(bgp.KEEPALIVE_TYPE), "nothing was captured, not even a KEEPALIVE")
        equal(self.peer.notifications, [])
        equal(len(self.peer.connections), 1, "sessions")
        check(differences(self.table, peer_meds(self.peer)) is None)


def restarted(ambo, client):
    """The controller is killed and started; → an API client, when the speaker is adopted"""
    ambo.controller.kill9()
    time.sleep(0.5)
    begin = time.monotonic()
    ambo.start_controller()
    client = ambo.client(timeout=60)
    wait_up(client, PEER)
    print("    %.1f s until the API answers and the session is known to be up" % (time.monotonic() - begin))
    return client


def test_routes_of_the_configuration(t):
    ambo, client, peer = start(t, neighbor(PEER, 65002, hold=30, routes=statics()))
    rows = stands(client, peer)
    watch = Watch(t, peer)
    for _ in range(2):
        client = restarted(ambo, client)
        wait_until(lambda: len(sent(client, PEER)) == COUNT, 30, "all routes again", 0.5)
        check(differences(rows, sent(client, PEER)) is None, differences(rows, sent(client, PEER)))
        time.sleep(1)
    watch.end()


def test_routes_of_a_client_that_comes_back(t):
    ambo, client, peer = start(t, CONFIG)
    feeder = ambo.client(name="feeder", timeout=60)
    accepted(feeder, commands())
    peer.wait_routes(COUNT, 30)
    rows = stands(client, peer)
    equal({r["owner"] for r in rows.values()}, {"feeder"})
    watch = Watch(t, peer)
    feeder.close()
    client = restarted(ambo, client)
    # nobody has said them to this controller: it has them from the speaker
    wait_until(lambda: len(sent(client, PEER)) == COUNT, 30, "all routes again", 0.5)
    check(differences(rows, sent(client, PEER)) is None, differences(rows, sent(client, PEER)))
    time.sleep(5)
    feeder = ambo.client(name="feeder", timeout=60)
    accepted(feeder, commands())
    equal(feeder.end_of_sync().status, "accepted")
    check(differences(rows, sent(client, PEER)) is None, differences(rows, sent(client, PEER)))
    watch.end()
    # the second time it says a hundred less: those are withdrawn, when it has ended, and nothing else happens
    client = restarted(ambo, client)
    before = peer.announced
    feeder = ambo.client(name="feeder", timeout=60)
    accepted(feeder, commands(COUNT - 100))
    time.sleep(0.5)
    equal(len(peer.table), COUNT)
    equal(feeder.end_of_sync().status, "accepted")
    peer.wait_routes(COUNT - 100, 10)
    equal((peer.announced - before, peer.withdrawn), (0, 100))
    equal(len(sent(client, PEER)), COUNT - 100)


def test_a_client_that_is_faster_than_the_speaker(t):
    """It has said all and end-of-sync before the new controller knows what the speaker holds."""
    ambo, client, peer = start(t, CONFIG)
    feeder = ambo.client(name="feeder", timeout=60)
    accepted(feeder, commands(20000))
    peer.wait_routes(20000, 30)
    ambo.speaker.stop()
    ambo.controller.kill9()
    ambo.start_controller()
    feeder = ambo.client(name="feeder", timeout=60)
    accepted(feeder, commands(19000))
    equal(feeder.end_of_sync().status, "accepted")
    before = peer.announced
    ambo.speaker.cont()
    peer.wait_routes(19000, 20)
    time.sleep(0.5)
    equal((len(peer.table), peer.announced - before), (19000, 0))
    check(peer.withdrawn >= 1000, peer.withdrawn)


def test_a_withdraw_that_is_faster_than_the_speaker(t):
    """A hundred routes; the first thing that the new controller hears is the withdraw of one, by anybody."""
    ambo, client, peer = start(t, CONFIG)
    feeder = ambo.client(name="feeder", timeout=60)
    accepted(feeder, commands(100))
    peer.wait_routes(100, 10)
    peer.wait_quiet(0.3)
    before = peer.mark()["update"][0]
    for n in range(3):
        gone = PREFIXES[n]
        if n > 0:  # so that the withdraw surely is first; once as things come
            ambo.speaker.stop()
        ambo.controller.kill9()
        ambo.start_controller()
        client = ambo.client(timeout=60)
        equal(client.command("withdraw route " + gone).status, "accepted")
        if n > 0:
            ambo.speaker.cont()
        peer.wait_routes(99 - n, 20)
        wait_up(client, PEER)
        wait_until(lambda: len(sent(client, PEER)) == 99 - n, 10, "what stays is known")
        peer.wait_quiet(0.5)
        check(gone not in peer_meds(peer), gone)
        equal((peer.mark()["update"][0] - before, peer.announced, peer.withdrawn), (n + 1, 100, n + 1))
    equal(len(peer.connections), 1)


def test_a_changed_configuration_is_a_difference(t):
    routes = statics()
    ambo, client, peer = start(t, neighbor(PEER, 65002, routes=routes))
    stands(client, peer)
    ambo.controller.kill9()
    changed = [r.replace("med %d" % (n % 100), "med 1000") if n < 10 else r for n, r in enumerate(routes)][:-10]
    ambo.write_config(ambo.speaker_sections() + neighbor(PEER, 65002, routes=changed))
    announced, withdrawn = peer.announced, peer.withdrawn
    ambo.start_controller()
    peer.wait_routes(COUNT - 10, 30)
    peer.wait_for(lambda p: all(p.route(x)["med"] == 1000 for x in PREFIXES[:10]), 10, "10 changed routes")
    equal((peer.announced - announced, peer.withdrawn - withdrawn), (10, 10))
    equal(len(peer.connections), 1)


def test_controller_killed_below_ambo_run(t):
    peer = t.peer(listen=PEER + ":179", asn=65002, record="control")
    ambo = t.ambo().run(neighbor(PEER, 65002, routes=statics()[:1000]))
    peer.wait_routes(1000)
    peer.wait_eor()
    feeder = ambo.client(name="feeder")
    equal(feeder.command("announce route 192.0.2.0/24 next-hop 10.0.0.1").status, "accepted")
    peer.wait_routes(1001)
    before, pid = peer.mark(), ambo.half("ambo-controller")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: ambo.half("ambo-controller") != pid, 10, "started again")
    ambo.wait_ready()
    client = ambo.client()
    wait_up(client, PEER)
    wait_until(lambda: len(sent(client, PEER)) == 1001, 10, "all routes again")
    time.sleep(1)
    equal(peer.mark()["update"], before["update"], "UPDATEs (messages, octets)")
    equal(len(peer.connections), 1)
    # the other half
    pid = ambo.half("ambo-speaker")
    os.kill(pid, signal.SIGKILL)
    peer.wait_for(lambda p: len(p.connections) > 1 and len(p.table) == 1001, 20, "everything again")
    peer.wait_eor()


def killed_speaker(t, ambo, client, peer, routes):
    sessions = len(peer.connections)
    ambo.speaker.kill9()
    peer.wait_down(5)
    wait_fsm(client, PEER, "UNKNOWN")
    equal(state(client, PEER)["state"], "unknown")
    equal(len(sent(client, PEER)), routes)
    order = []

    def note(p, event):
        if event.name == "update" and (event.detail["announced"] or event.detail["eor"]):
            order.append((event.connection, len(event.detail["announced"]), event.detail["eor"]))
    with peer.lock:
        peer.on_event, peer.updates_as_events = note, True
    ambo.start_speaker("edge")
    peer.wait_for(lambda p: p.established and p.session.eor, 60, "End-of-RIB")
    equal(len(peer.table), routes, "routes when End-of-RIB came")
    peer.wait_quiet(0.5)
    equal(len(peer.table), routes)
    check(all(c >= sessions for c, _, _ in order))
    equal([e for _, _, e in order if e], [bgp.IPV4], "End-of-RIBs")
    equal(order[-1][2], bgp.IPV4, "what came last")
    equal(sum(n for _, n, _ in order), routes, "announcements")
    wait_up(client, PEER)


def test_speaker_killed(t):
    ambo, client, peer = start(t, CONFIG)
    feeder = ambo.client(name="feeder", timeout=60)
    accepted(feeder, commands())
    peer.wait_routes(COUNT, 30)
    for _ in range(2):
        killed_speaker(t, ambo, client, peer, COUNT)


def test_speaker_back_before_its_controller(t):
    """Both are killed: no session, thus no End-of-RIB, before the controller has said what there is to say."""
    ambo, client, peer = start(t, neighbor(PEER, 65002, hold=30, routes=statics()))
    stands(client, peer)
    ambo.speaker.kill9()
    ambo.controller.kill9()
    peer.wait_down(5)
    ambo.start_speaker("edge")
    time.sleep(1.5)
    check(not peer.established, "the speaker has no neighbors of its own")
    ambo.start_controller()
    peer.wait_for(lambda p: p.established and p.session.eor, 60, "End-of-RIB")
    equal(len(peer.table), COUNT, "routes when End-of-RIB came")


def test_speaker_killed_while_routes_come(t):
    """In the middle of announcements, received and sent: both ends agree afterwards."""
    loader = Loader(t, SOURCE, 65003)
    ambo, client, peer = start(t, CONFIG + neighbor(SOURCE, 65003))
    wait_up(client, SOURCE)
    follower = Follower(ambo.client(timeout=60), SOURCE)
    loader.run("table", 20000, 1)
    feeder = ambo.client(name="feeder", timeout=60)
    numbers = [feeder.send("command", {"text": line}) for line in commands()]
    peer.wait_for(lambda p: len(p.table) > 1000, 10)
    ambo.speaker.kill9()
    equal({feeder.reply(n, 60).status for n in numbers}, {"accepted"})
    ambo.start_speaker("edge")
    wait_up(client, PEER, SOURCE, timeout=30)
    loader.run("table", 15000, 2)
    peer.wait_routes(COUNT, 30)
    stands(client, peer)
    follower.until(dict.fromkeys(bgp.prefixes(15000), 2), 30)


if __name__ == "__main__":
    main()
