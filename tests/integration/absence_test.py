#!/usr/bin/python3
"""A speaker that does not come back: what its neighbors said stays for a while, stale, and is withdrawn then; what comes back
in time is as if nothing had been."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *
from tests.fake import bgp

HERE, THERE = "127.0.0.2", "127.0.0.3"
OPEN = "propagate router;\n\timport accept;\n\texport accept;"
COUNT = 500


def start(t, patience):
    here, there = (t.peer(listen=a + ":179", asn=asn, router_id=a) for a, asn in ((HERE, 1002), (THERE, 1003)))
    ambo = t.ambo()
    config = "controller {\n\tspeaker-stale-time %s;\n}\n" % patience
    config += neighbor(HERE, 1002, speaker="near", extra=OPEN) + neighbor(THERE, 1003, speaker="far", extra=OPEN)
    ambo.split(config, speakers=("near", "far"), listen=())
    client = ambo.client()
    wait_up(client, HERE, THERE)
    there.announce(bgp.prefixes(COUNT), next_hop=THERE, as_path=[1003])
    here.wait_routes(COUNT, 20)
    return ambo, client, here, there


def gone(ambo, client):
    ambo.speakers["far"].kill9()
    wait_fsm(client, THERE, "UNKNOWN")


def test_what_it_said_is_withdrawn_after_a_while(t):
    ambo, client, here, there = start(t, 8)
    gone(ambo, client)
    since = time.monotonic()
    rows = client.show("show rib best")
    equal((len(rows), {r.get("stale") for r in rows}), (COUNT, {True}), "kept, and stale")
    equal({r.get("stale") for r in client.show("show routes received neighbor " + THERE)} - {True}, set())
    equal(len(here.table), COUNT)
    here.wait_routes(0, 15)
    check(7 < time.monotonic() - since < patient(10), "after eight seconds", time.monotonic() - since)
    equal(client.show("show rib"), [])
    # it comes back, and its peer with it
    ambo.start_speaker("far")
    wait_up(client, THERE, timeout=30)
    there.announce(bgp.prefixes(COUNT), next_hop=THERE, as_path=[1003])
    here.wait_routes(COUNT, 20)


def test_it_comes_back_in_time(t):
    """Its sessions stand meanwhile: nobody is told anything."""
    ambo, client, here, there = start(t, 60)
    before = time.monotonic()
    os.kill(ambo.speakers["far"].pid, signal.SIGSTOP)
    wait_fsm(client, THERE, "UNKNOWN", timeout=20)
    equal({r.get("stale") for r in client.show("show rib")}, {True})
    os.kill(ambo.speakers["far"].pid, signal.SIGCONT)
    wait_up(client, THERE, timeout=30)
    wait_until(lambda: [r.get("stale") for r in client.show("show rib")] == [None] * COUNT, 15, "fresh")
    equal((len(here.table), len(here.updates(before))), (COUNT, 0))


def test_a_reload_says_another_time(t):
    ambo, client, here, _ = start(t, "disable")
    gone(ambo, client)
    time.sleep(2)
    equal(len(here.table), COUNT, "for ever")
    ambo.write_config(ambo.config_path.read_text().replace("speaker-stale-time disable", "speaker-stale-time 1"))
    equal(client.command("reload").status, "accepted")
    here.wait_routes(0, 15)


main()
