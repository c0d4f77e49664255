#!/usr/bin/python3
# ctest: RUN_SERIAL ON
"""Policies that ask a client: the example's verdicts travel, and one that is killed or stopped under a full table
holds up nothing. All peers are played; our AS is 65001."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *

LOAD, OUT, PLAIN = "127.0.0.2", "127.0.0.3", "127.0.0.4"
ROUTES = 100000

POLICY = """policy checked {
	rule marked {
		match {
			community 6:6;
		}
		then {
			reject;
		}
	}
	via client checker timeout %s default %s;
}
"""

# A client that answers each frame of asks in one go.
CHECKER = """
import msgpack, sys, zmq
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(sys.argv[1])
socket.send(msgpack.packb([1, "decide", 1, {"name": "checker", "open": 1000, "tree": False}]))
print("there", flush=True)
while True:
    version, kind, number, body = msgpack.unpackb(socket.recv())
    asks = [a for a in body if a["type"] == "ask"] if kind == "event" else ()
    if asks:
        socket.send(msgpack.packb([1, "verdicts", 1, {"verdicts": [[a["number"], a["version"], "accept"] for a in asks]}]))
"""


def table(peer):
    with peer.lock:
        return {k[1]: a for k, a in peer.table.items()}


def policy(client):
    return next(d for d in client.show("show policy") if d["client"] == "checker")


def section(address, asn, more):
    return neighbor(address, asn, extra="".join(w.strip() + ";\n\t" for w in more.split(";")))


def scene(t, otherwise="accept", timeout="50ms", load=True):
    """→ ambo, its client, the peer (or loader) who is asked about, the one who is told, the one beside them"""
    source = Loader(t, LOAD, 65002) if load else t.peer(listen=LOAD + ":179", asn=65002, router_id="10.9.0.2")
    out = t.peer(listen=OUT + ":179", asn=65003, router_id="10.9.0.3")
    plain = t.peer(listen=PLAIN + ":179", asn=65004, router_id="10.9.0.4")
    ambo = t.ambo().run(POLICY % (timeout, otherwise) +
                        section(LOAD, 65002, "propagate router; import checked; export reject") +
                        section(OUT, 65003, "propagate router; import reject; export accept") +
                        section(PLAIN, 65004, "propagate router; import accept; export reject"))
    client = ambo.client()
    wait_up(client, LOAD, OUT, PLAIN)
    return ambo, client, source, out, plain


def start_checker(t, ambo, name="checker"):
    p = t.process(name, ["/usr/bin/python3", "-c", CHECKER, ambo.api])
    p.wait_log("there")
    return p


def test_the_example_decides(t):
    ambo, client, source, out, _ = scene(t, "reject", "5s", load=False)
    t.process("decider", ["/usr/bin/python3", ROOT / "deploy" / "examples" / "decider.py", "checker", ambo.api])
    wait_until(lambda: policy(client)["state"] == "there", 10, "it is there")
    source.announce(["10.1.0.0/25"], next_hop=LOAD, as_path=[65002])
    source.announce(["10.2.0.0/16"], next_hop=LOAD, as_path=[65002, 3333])
    source.announce(["10.3.0.0/16"], next_hop=LOAD, as_path=[65002, 64999], communities=["1:1"])
    source.announce(["10.4.0.0/16"], next_hop=LOAD, as_path=[65002, 3333], communities=["6:6"])
    out.wait_for(lambda p: len(p.table) == 2, 10, "two of them")
    told = table(out)
    equal(sorted(told), ["10.2.0.0/16", "10.3.0.0/16"])
    equal(told["10.3.0.0/16"]["communities"], ["65001:64512"])
    equal(told["10.2.0.0/16"].get("communities"), None)
    wait_until(lambda: policy(client)["answered"] == 3, 10, "three verdicts")
    said = {p: client.command("explain route " + p).text for p in ("10.1.0.0/25", "10.3.0.0/16", "10.4.0.0/16")}
    check("client checker rejected it" in said["10.1.0.0/25"], said)
    check("client checker accepted it" in said["10.3.0.0/16"] and "local-preference 50" in said["10.3.0.0/16"], said)
    check("policy checked rule marked" in said["10.4.0.0/16"], said)
    row = policy(client)
    equal((row["accepted"], row["rejected"], row["defaulted"], row["open"]), (2, 1, 0, 0))
    check("checker" in ambo.cli("show", "policy")[1])


def test_a_controller_that_is_killed_finds_the_client_again(t):
    ambo, client, source, out, _ = scene(t, "reject", "5s", load=False)
    t.process("decider", ["/usr/bin/python3", ROOT / "deploy" / "examples" / "decider.py", "checker", ambo.api])
    wait_until(lambda: policy(client)["state"] == "there", 10, "it is there")
    source.announce(["10.2.0.0/16"], next_hop=LOAD, as_path=[65002, 3333])
    out.wait_prefixes(["10.2.0.0/16"])
    pid = ambo.half("ambo-controller")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: ambo.half("ambo-controller") != pid, 10, "started again")
    ambo.wait_ready()
    client = ambo.client()
    wait_until(lambda: policy(client)["state"] == "there" and policy(client)["accepted"] == 1, 15, "it is there again")
    out.wait_prefixes(["10.2.0.0/16"])
    check(all(p.established for p in (source, out)), "no session went")


def test_an_export_may_ask_too(t):
    source = t.peer(listen=LOAD + ":179", asn=65002, router_id="10.9.0.2")
    out = t.peer(listen=OUT + ":179", asn=65003, router_id="10.9.0.3")
    ambo = t.ambo().run(POLICY % ("5s", "reject") +
                        section(LOAD, 65002, "propagate router; import accept; export reject") +
                        section(OUT, 65003, "propagate router; import reject; export checked"))
    client = ambo.client()
    wait_up(client, LOAD, OUT)
    decider = client.send("decide", {"name": "checker", "open": 10})
    check(client.reply(decider).ok)
    source.announce(["10.2.0.0/16"], next_hop=LOAD, as_path=[65002], med=5, communities=["1:1"])
    ask = client.event(decider)
    equal([ask[k] for k in ("type", "neighbor", "to", "family", "nlri", "next-hop")],
          ["ask", LOAD, OUT, "ipv4 unicast", {"nlri": "10.2.0.0/16"}, LOAD])
    equal((ask["attribute"]["med"], ask["wire"][:4]), (5, bytes([0x40, 1, 1, 0])))
    # all of its attributes again, another origin in front, without MED
    wire = bytes([0x40, 1, 1, 2]) + bytes([0x40, 2, 6, 2, 1]) + (65002).to_bytes(4, "big") + bytes([0xc0, 8, 4, 0, 9, 0, 9])
    client.send("verdicts", {"verdicts": [[ask["number"], ask["version"], {"wire": wire}]]}, decider)
    out.wait_prefixes(["10.2.0.0/16"])
    a = table(out)["10.2.0.0/16"]
    equal((a["as_path"], a["origin"], a["communities"], a.get("med")), ([65001, 65002], "incomplete", ["9:9"], None))
    client.send("verdicts", {"verdicts": [[1, 2, {"wire": b"\x40"}]]}, decider)
    check(not client.reply(decider).ok)
    source.withdraw(["10.2.0.0/16"])
    out.wait_for(lambda p: not p.table, 10, "it is gone")


def beside(plain, out, count=20):
    """A peer nobody is asked about says routes: how long until they are told"""
    times = Times("beside it")
    for i in range(count):
        prefix = "172.20.%d.0/24" % i
        def told():
            plain.announce([prefix], next_hop=PLAIN, as_path=[65004])
            out.wait_for(lambda p: (bgp.AFI4, prefix, None) in p.table, 10, prefix)
        times.time(told)
    plain.withdraw(["172.20.%d.0/24" % i for i in range(count)])
    return times


def routes_of(out):
    with out.lock:
        return sum(not k[1].startswith("172.") for k in out.table)


def under_load(t, end, otherwise="accept"):
    """A full table comes while the client goes; → what show policy says when all is done"""
    ambo, client, source, out, plain = scene(t, otherwise)
    checker = start_checker(t, ambo)
    wait_until(lambda: policy(client)["state"] == "there", 10, "it is there")
    began = time.monotonic()
    source.order("table", ROUTES, 5)
    wait_until(lambda: policy(client)["answered"] > 2000, 30, "it answers")
    end(checker)
    times = beside(plain, out)
    if otherwise == "accept":
        wait_until(lambda: routes_of(out) == ROUTES, 60, "all are told", 0.1)
    source.wait()
    took = time.monotonic() - began
    wait_until(lambda: policy(client)["open"] == 0, 10, "nothing waits")
    row = policy(client)
    print("    %d routes in %.1f s; asked %d, answered %d, defaulted %d, missed %d; p50 %d p99 %d us, default at most %d us late"
          % (ROUTES, took, row["asked"], row["answered"], row["defaulted"], row["missed"], row["p50"], row["p99"], row["overdue"]))
    times.report(most=500)
    check(row["overdue"] < 500000, "a default came late", row)
    check(source.sessions() == 1 and out.established and plain.established, "a session went")
    return ambo, client, source, out, row


def test_a_client_that_is_killed_holds_up_nothing(t):
    ambo, client, source, out, row = under_load(t, lambda p: p.kill9())
    # when all its places are taken nothing is sent to it: that it is gone is found by the next probe
    wait_until(lambda: policy(client)["state"] == "away", 15, "it is missed")
    equal(policy(client)["unanswered"], 0)
    equal(row["answered"] + row["defaulted"] + row["missed"] >= ROUTES, True, row)
    # the next one is asked about all that the first had not answered
    start_checker(t, ambo, "next")
    wait_until(lambda: policy(client)["accepted"] >= ROUTES, 60, "all are answered", 0.2)
    equal(routes_of(out), ROUTES)
    source.run("withdraw", ROUTES)
    wait_until(lambda: routes_of(out) == 0, 60, "all are gone", 0.1)


def test_a_client_that_stops_holds_up_nothing(t):
    ambo, client, source, out, row = under_load(t, lambda p: p.stop())
    equal(row["state"], "there")
    check(row["unanswered"] <= 1000, row)
    check(row["missed"] > 0, row)


if __name__ == "__main__":
    main()
