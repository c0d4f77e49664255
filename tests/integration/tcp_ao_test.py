#!/usr/bin/python3
# ctest: TIMEOUT 200
"""TCP-AO (RFC 5925): sessions that are signed, none that is not, and a key that changes while one stands. Where the
kernel has no TCP-AO there is no session, and the reason is told."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.scene import *
from tests.fake.peer import add_ao, ao_state, has_ao, remove_ao

PEER = "127.0.0.2"
ONE, TWO = (1, "hmac-sha-1-96", "one"), (2, "hmac-sha-256", "two")
NOT_HERE = "the kernel has no TCP-AO"


def key(k):
    return "tcp-ao { keyid %d; algorithm %s; password '%s'; }" % k


def section(k=ONE, extra="", address=PEER, **how):
    return neighbor(address, extra=(key(k) if k else "") + extra, **how)


def start(t, config):
    ambo = t.ambo().run(config, options=("--listen", "127.0.0.1"))
    return ambo, ambo.client()


def connect(t, k, local=PEER, **how):
    return t.peer(connect="127.0.0.1:179", local=local, asn=65002, ao=k, **how)


def need_ao():
    if not has_ao():
        skip(NOT_HERE)


def refused(*peers):
    time.sleep(2)
    for p in peers:
        check(not any(c.state == "established" for c in p.connections), p)
        check(not p.messages, p.messages)


# -- without it -------------------------------------------------------------------------------

def test_a_kernel_without_it_has_no_session_and_says_so(t):
    if has_ao():
        skip("the kernel has TCP-AO")
    listening = t.peer(listen=PEER + ":179", asn=65002)
    ambo, client = start(t, section() + section(address="127.0.0.3", extra="passive;") +
                         section(address="127.9.0.0/24", extra="passive;"))
    dialling = [t.peer(connect="127.0.0.1:179", local=a, asn=65002) for a in (PEER, "127.0.0.3", "127.9.0.1")]
    for address in (PEER, "127.0.0.3", "127.9.0.0/24"):
        wait_until(lambda: NOT_HERE in state(client, address)["why"], 10)
        equal(state(client, address)["fsm"], "IDLE")
    check(NOT_HERE in ambo.command("show neighbors " + PEER))
    refused(*dialling)
    equal(listening.connections, [])
    equal(sorted(n["neighbor"] for n in client.show("show neighbors")), [PEER, "127.0.0.3", "127.9.0.0/24"])
    # it is asked for no more: both ways are open
    ambo.reload(section(None))
    wait_up(client, PEER)
    # and again: the session that is not signed goes
    ambo.reload(section())
    wait_until(lambda: NOT_HERE in state(client, PEER)["why"], 10)
    equal(state(client, PEER)["fsm"], "IDLE")


def test_a_file_with_it_is_valid(t):
    ambo = t.ambo()
    ambo.write_config(section())
    status, out, err = cli("validate", ambo.config_path)
    equal(status, 0, out + err)
    check("tcp-ao" not in out + err, out, err)
    ambo.write_config(section(extra="md5-password x;"))
    status, out, err = cli("validate", ambo.config_path)
    check(status != 0)
    check("ambo.conf:1:" in out + err and "tcp-ao and md5-password" in out + err, out, err)


# -- with it ----------------------------------------------------------------------------------

def test_sessions_need_the_key_whoever_connects(t):
    need_ao()
    for k in (ONE, TWO, (255, "aes-128-cmac-96", "not sixteen"), (0, "aes-128-cmac-96", "sixteen octets!!")):
        ambo, client = start(t, section(k, extra="passive;"))
        wrong = [connect(t, None), connect(t, (k[0], k[1], "wrong")), connect(t, ((k[0] + 1) % 256, k[1], k[2]))]
        refused(*wrong)
        for p in wrong:
            p.stop()
        right = connect(t, k)
        right.wait_established(10)
        wait_up(client, PEER)
        right.stop()
        ambo.close()
    right = t.peer(listen=PEER + ":179", asn=65002, ao=ONE)
    ambo, client = start(t, section(ONE))
    right.wait_established(10)
    ambo.close()
    right.stop()
    wrong = t.peer(listen=PEER + ":179", asn=65002, ao=(1, ONE[1], "wrong"))
    ambo, client = start(t, section(ONE))
    refused(wrong)
    wrong.stop()
    wrong = t.peer(listen=PEER + ":179", asn=65002)
    refused(wrong)


def test_the_key_of_a_range_holds_for_each_of_it(t):
    need_ao()
    hosts = ["127.9.0.%d" % i for i in (1, 2, 3)]
    config = section(address="127.9.0.0/24", extra="passive;")
    ambo, client = start(t, config)
    peers = [connect(t, ONE, h) for h in hosts[:2]]
    for p in peers:
        p.wait_established(10)
    other = connect(t, None, hosts[2])
    refused(other)
    # one of them has a section of its own now; the range goes, and it stays
    ambo.reload(config + section(address=hosts[0], extra="passive;"))
    ambo.reload(section(address=hosts[0], extra="passive;"))
    wait_until(lambda: [n["neighbor"] for n in client.show("show neighbors")] == [hosts[0]], 10)
    peers[0].reset()
    peers[0].wait_established(10)
    refused(other)


def test_a_key_changes_while_the_session_stands(t):
    need_ao()
    ambo, client = start(t, section(ONE, hold=9, extra="passive;"))
    peer = connect(t, ONE, hold_time=9)
    peer.wait_established(10)
    sock = peer.session.sock
    ambo.reload(section(TWO, hold=9, extra="passive;"))
    time.sleep(4)  # the peer does not have it yet: nothing is lost
    check(peer.established)
    equal(ao_state(sock)[0], 1)
    add_ao(sock, TWO, "127.0.0.1", ask=True)
    wait_until(lambda: ao_state(sock)[0] == 2, 15, "it is asked for the new key")
    ambo_log = lambda: "both sides sign with the TCP-AO key 2" in ambo.process.log()
    wait_until(ambo_log, 15, "the old key is removed")
    remove_ao(sock, 1, "127.0.0.1")
    time.sleep(4)
    check(peer.established)
    equal(len(peer.connections), 1)
    equal(client.command("announce route 10.2.0.0/24 next-hop self").status, "accepted")
    peer.wait_prefixes(["10.2.0.0/24"], 5)
    # new connections are for the new key alone
    peer.stop()
    old = connect(t, ONE)
    refused(old)
    old.stop()
    connect(t, TWO).wait_established(10)


def test_a_key_of_the_same_number_begins_a_session(t):
    need_ao()
    ambo, client = start(t, section(ONE, extra="passive;"))
    peer = connect(t, ONE)
    peer.wait_established(10)
    ambo.reload(section((1, "hmac-sha-1-96", "another"), extra="passive;"))
    peer.wait_down(5)
    refused_since = len(peer.messages)
    time.sleep(2)
    equal(len(peer.messages), refused_since)
    peer.stop()
    connect(t, (1, "hmac-sha-1-96", "another")).wait_established(10)


if __name__ == "__main__":
    main()
