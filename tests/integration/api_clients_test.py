#!/usr/bin/python3
"""Clients of the API, good and bad: nothing one of them does or fails to do stops another."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import stat
from tests.integration.harness import *
from tests.integration.scene import Times

CONFIG = """
neighbor 127.0.0.2 {
	local-address 127.0.0.1; local-as 65000; peer-as 65001; router-id 10.0.0.1;
	family { ipv4 unicast; }
}
"""


def start(t, config=CONFIG):
    ambo = t.ambo().run(config)
    return ambo, ambo.client()


def silent(client, seconds=0.5):
    return not client.receive(seconds)


def test_fifty_clients_with_the_same_ids_get_their_own_answers(t):
    ambo, c = start(t)
    clients = [ambo.client() for _ in range(50)]
    sent = [[k.send("command", {"text": "announce route 10.%d.%d.0/24 next-hop 192.0.2.9 med %d" % (n, i, n)})
             for i in range(20)] for n, k in enumerate(clients)]
    for k, numbers in zip(clients, sent):
        equal(numbers, list(range(1, 21)))
        for n in numbers:
            answer = k.reply(n)
            equal((answer.status, answer.text), ("accepted", "1 route for 1 neighbor, 1 new"))
        equal(sum(map(len, k.replies.values())), 0)
    equal(len(c.show("show adj-rib out")), 1000)


def test_a_routing_id_that_is_taken_stays_with_who_has_it(t):
    ambo, c = start(t)
    first = ambo.client(identity=b"me", name="first")
    second = ambo.client(identity=b"me")
    number = second.send("ping")
    check(silent(second))
    equal(first.ping().status, "pong")
    check(number not in first.replies or not first.replies[number])


def test_a_client_that_sends_garbage_is_answered_then_cut_and_the_others_are_not(t):
    ambo, c = start(t)
    bad = ambo.client()
    equal(bad.ping().status, "pong")
    for octets in (b"garbage", b"\xdd\xff\xff\xff\xff", b"", msgpack.packb([1, "nonsense", 5, {}]),
                   msgpack.packb([7, "ping", 6, {}]), msgpack.packb({"a": 1}), b"\xc1" * 100000):
        bad.send_raw(octets)
    equal(bad.reply(5).status, "error")
    equal(bad.reply(6).status, "error")
    for _ in range(5):
        equal(bad.reply(0).status, "error")
    equal(bad.ping().status, "pong")
    for _ in range(93):
        bad.send_raw(b"garbage")
    for _ in range(93):
        equal(bad.reply(0).status, "error")
    bad.send("ping")
    check(silent(bad))
    equal(c.ping().status, "pong")
    equal([k["cut"] for k in c.show("show clients") if k["malformed"]], [True])
    check(ambo.client().ping().ok)


def test_a_message_of_many_parts_is_refused(t):
    ambo, c = start(t)
    c.socket.send_multipart([b"one", b"two", b"three"])
    equal(c.reply(0).text, "a request is one frame")
    equal(c.ping().status, "pong")


def test_a_req_socket_is_a_client(t):
    ambo, c = start(t)
    req = ambo.client(kind="req")
    for _ in range(3):
        equal(req.command("version").status, "done")
    check("accepted" == req.command("announce route 10.0.0.0/24 next-hop self").status)
    check("127.0.0.2" in req.command("show neighbors").text)


def test_a_client_that_reads_nothing_is_cut_and_costs_little(t):
    ambo, c = start(t)
    controller = ambo.half("ambo-controller")
    before = rss(controller)
    deaf = t.add(zmq.Context.instance().socket(zmq.DEALER), lambda: deaf.close(0))
    deaf.rcvhwm, deaf.sndhwm = 1, 0
    deaf.connect(ambo.api)
    pings = Times("ping")
    for n in range(4000):
        deaf.send(request_frame("command", n, {"text": "help"}))
        if n % 100 == 0:
            pings.time(c.ping, controller)
    wait_until(lambda: any(k["cut"] for k in c.show("show clients")), 10, "the client is cut")
    pings.report(500, part=1)
    check(rss(controller) - before < 64 << 20, "%d octets more" % (rss(controller) - before))


def test_a_client_that_reads_late_has_all_its_answers(t):
    """they wait for it, and so does what is known of it, however long it says nothing"""
    ambo, c = start(t)
    late = ambo.client(hwm=1)
    numbers = [late.send("command", {"text": "help"}) for _ in range(500)]
    wait_until(lambda: any(k["queued"] for k in c.show("show clients")), 10, "answers wait")
    time.sleep(13)  # one that has nothing here is forgotten after ten
    equal({late.reply(n).status for n in numbers}, {"done"})


def test_a_client_that_is_gone_is_forgotten(t):
    ambo, c = start(t)
    for n in range(5):
        k = ambo.client(name="gone%d" % n)
        k.subscribe(snapshot=True)
    equal(sum(k["name"].startswith("gone") for k in c.show("show clients")), 5)
    for k in ambo._clients[1:]:
        k.close()
    del ambo._clients[1:]
    wait_until(lambda: not any(k["name"].startswith("gone") for k in c.show("show clients")), 15, "they are forgotten")


def test_idle_clients_are_asked_with_empty_events_and_stay(t):
    ambo, c = start(t)
    k = ambo.client(name="idle")
    wait_until(lambda: k.receive(1.0) and k.event_octets[0], 12, "a frame without events")
    k.command("announce route 10.0.0.0/24 next-hop self")
    check("# idle" in c.command("show routes sent").text)


def test_the_socket_is_for_its_owner_alone(t):
    ambo, c = start(t)
    equal(stat.S_IMODE(os.stat(ambo.api[len("ipc://"):]).st_mode), 0o600)


def test_a_request_past_the_bound_is_not_taken(t):
    ambo, c = start(t)
    k = ambo.client()
    k.send("command", {"text": "x" * (5 << 20)})
    check(silent(k, 1.0))
    equal(c.ping().status, "pong")
    text = "announce attributes next-hop self nlri " + " ".join(bgp.prefixes(10000))
    equal(c.command(text).text, "10000 routes for 1 neighbor, 10000 new")


def test_keys_and_their_roles(t):
    ambo = t.ambo()
    keys = {n: Keys(ambo.directory, n) for n in ("controller", "looker", "speaker", "boss", "stranger")}
    ambo.api = "tcp://127.0.0.1:7180"
    config = "".join('client %s { key "%s"; role %s; }\n' % (n, keys[n].public, role) for n, role in
                     (("looker", "read"), ("speaker", "announce"), ("boss", "admin")))
    ambo.write_config(config + "speaker edge { }\n" + CONFIG.replace("{", "{ speaker edge;", 1))
    t.process("controller", [program("ambo-controller"), "--api", ambo.api, "--bind", "ipc://%s/lane" % ambo.directory,
                             "--key", keys["controller"].file, ambo.config_path])

    def client(name):
        return ambo.client(curve=(keys["controller"].public, keys[name].public, keys[name].secret))
    looker, speaker, boss = client("looker"), client("speaker"), client("boss")
    looker.wait_ready()
    equal(looker.command("announce route 10.0.0.0/24 next-hop self").status, "error")
    equal(looker.command("show neighbors").status, "done")
    equal(speaker.command("announce route 10.0.0.0/24 next-hop self").status, "accepted")
    equal(speaker.command("reload").text, 'speaker may not say "reload": its role is announce')
    equal(boss.command("reload").status, "accepted")
    stranger = client("stranger")
    stranger.send("ping")
    check(silent(stranger, 1.0))


if __name__ == "__main__":
    import msgpack
    import zmq
    from tests.fake import bgp
    from tests.fake.api import request_frame
    main()
