#!/usr/bin/python3
"""Messages at the wrong moment, silence, collisions, and the ways a session is ended, with a peer that is
nothing but a socket (RFC 4271 8.2.2, 6608, 9003, 4486). Letters are those of the table of malformed messages."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import socket
import struct
import time

from tests.integration.harness import *
from tests.fake import bgp
from tests.fake.patience import deadline, patient

LOCAL, AS, PEER_AS = "127.0.0.1", 65000, 65001
KEEPALIVE = bgp.message(4, b"")
UPDATE = bgp.update(attrs=bytes.fromhex("40010100" "400206" "0201" "0000fde9" "4003040a000001"), raw_nlri=bytes((24, 10, 9, 8)))
REFRESH = bgp.message(5, bytes((0, 1, 0, 1)))


def config(*addresses, hold=90, extra=""):
    return "".join("""neighbor %s {
    router-id 10.0.0.1;
    local-address 127.0.0.1;
    local-as %d;
    peer-as %d;
    hold-time %d;
    passive;
    listen 179;
    family { ipv4 unicast; }
    capability { route-refresh; }
%s
}
""" % (a, AS, PEER_AS, hold, extra) for a in addresses)


class Wire:
    """A TCP connection to the speaker: whole messages, one after the other"""

    def __init__(self, address, hold=90, id=None, sock=None, rcvbuf=None):
        self.hold, self.address, self.id = hold, address, id or address
        if sock:
            self.sock = sock
            self.first = self.read(2)
            return
        end = deadline(10)
        while True:
            self.sock = socket.socket()
            if rcvbuf:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
            self.sock.bind((address, 0))
            try:
                self.sock.connect((LOCAL, 179))
                self.first = self.read(2)
                break
            except (ConnectionError, EOFError, TimeoutError):
                # not listening yet, or the neighbor is not configured yet
                self.sock.close()
                check(time.monotonic() < end, "nobody answers at %s:179" % LOCAL)
                time.sleep(0.05)

    def read(self, timeout=patient(8)):
        """(type, body); EOFError at the end"""
        self.sock.settimeout(timeout)
        head = self._octets(19)
        return head[18], self._octets(int.from_bytes(head[16:18], "big") - 19)

    def _octets(self, n):
        out = b""
        while len(out) < n:
            got = self.sock.recv(n - len(out))
            if not got:
                raise EOFError
            out += got
        return out

    def send(self, *messages):
        self.sock.sendall(b"".join(messages))

    def open(self):
        self.send(bgp.open_message(PEER_AS, self.hold, self.id, [bgp.cap_mp(bgp.IPV4), bgp.cap_as4(PEER_AS), bgp.cap_refresh()]))

    def confirmed(self):
        """OpenConfirm: they have answered our OPEN"""
        self.open()
        while self.read()[0] != 4:
            pass
        return self

    def established(self):
        self.confirmed()
        self.send(KEEPALIVE)
        while self.read() != (2, bytes(4)):  # End-of-RIB: they have seen it
            pass
        return self

    def ends(self, code, subcode, data=None, timeout=10):
        """They send this NOTIFICATION, then close"""
        end = deadline(timeout)
        while time.monotonic() < end:
            kind, body = self.read(max(0.1, end - time.monotonic()))
            if kind == 3:
                equal(tuple(body[:2]), (code, subcode), "NOTIFICATION")
                if data is not None:
                    equal(body[2:].hex(), data.hex(), "its data")
                return body[2:]
        raise AssertionError("no NOTIFICATION")

    def stands(self, seconds=0.5):
        """Nothing ends it"""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                kind, body = self.read(max(0.05, end - time.monotonic()))
                check(kind != 3, "NOTIFICATION %s" % body.hex())
            except TimeoutError:
                return
            except EOFError:
                raise AssertionError("it was closed")

    def close(self):
        self.sock.close()


def test_messages_at_the_wrong_moment(t):
    ambo = t.ambo().run(config(*("127.0.1.%d" % i for i in range(1, 10))))
    Wire("127.0.1.1")
    rows = [("F01 KEEPALIVE in OpenSent", "127.0.1.1", None, KEEPALIVE, (5, 1)),
            ("F02 UPDATE in OpenSent", "127.0.1.2", None, UPDATE, (5, 1)),
            ("F03 UPDATE in OpenConfirm", "127.0.1.3", "confirmed", UPDATE, (5, 2)),
            ("F04 ROUTE-REFRESH in OpenConfirm", "127.0.1.4", "confirmed", REFRESH, (5, 2)),
            ("F05 OPEN in Established", "127.0.1.5", "established", None, (5, 3)),
            ("F06 OPEN in OpenConfirm", "127.0.1.6", "confirmed", None, (5, 2)),
            ("T14 NOTIFICATION in OpenSent", "127.0.1.7", None, bgp.message(3, bytes((6, 2))), None)]
    for name, address, state, message, want in rows:
        w = Wire(address)
        if state:
            getattr(w, state)()
        if message:
            w.send(message)
        else:
            w.open()
        if want:
            w.ends(*want)
        else:
            try:
                while True:
                    kind, body = w.read()
                    check(kind != 3, name + ": answered with a NOTIFICATION")
            except EOFError:
                pass
        w.close()
        w = Wire(address).established()
        w.send(UPDATE)
        wait_until(lambda: "10.9.8.0/24" in ambo.command("show routes received neighbor %s" % address), 8, name)
        w.close()


def test_silence_is_ended_by_the_hold_timer(t):
    t.ambo().run(config("127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4", hold=3), env={"exabgp_bgp_openwait": "2"})
    mute = Wire("127.0.1.1", 3)
    halfway = Wire("127.0.1.2", 3).confirmed()
    silent = Wire("127.0.1.3", 3).established()
    trickle = Wire("127.0.1.4", 3).established()
    trickle.send(b"\xff" * 16 + struct.pack("!HB", 4096, 2))  # H23: a header, and a body that never comes
    start = time.monotonic()
    mute.ends(4, 0)          # F07
    silent.ends(4, 0)        # F09
    halfway.ends(4, 0)       # F08
    trickle.ends(4, 0)
    check(time.monotonic() - start < patient(4), "it took %.1f s" % (time.monotonic() - start))


class Door:
    """Where the speaker dials the peer"""

    def __init__(self, address):
        self.address, self.sock = address, socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, 179))
        self.sock.listen(8)
        self.sock.settimeout(patient(15))

    def dialled(self, id):
        return Wire(self.address, id=id, sock=self.sock.accept()[0])

    def close(self):
        self.sock.close()


def test_of_two_connections_the_one_stays_that_the_higher_identifier_opened(t):
    """F11; our identifier is 10.0.0.1"""
    for id, first in (("10.0.0.2", "in"), ("10.0.0.2", "out"), ("9.9.9.9", "in"), ("9.9.9.9", "out")):
        door = t.add(Door("127.0.1.1"))
        ambo = t.ambo().run(config("127.0.1.1").replace("    passive;\n", ""))
        out = door.dialled(id)
        both = {"out": out, "in": Wire("127.0.1.1", id=id)}
        stays = "in" if id == "10.0.0.2" else "out"
        goes = "out" if stays == "in" else "in"
        both[first].confirmed()
        both["out" if first == "in" else "in"].open()
        both[goes].ends(6, 7)
        if first != stays:
            while both[stays].read()[0] != 4:
                pass
        both[stays].send(KEEPALIVE, UPDATE)
        wait_until(lambda: "10.9.8.0/24" in ambo.command("show routes received"), 8, "the route, by the one that stays")
        both[stays].stands()
        ambo.close()
        both[stays].close()
        door.close()


STATICS = "    static {\n%s    }\n" % "".join(
    "        route 10.%d.%d.0/24 next-hop 192.0.2.1 med %d;\n" % (i >> 8, i & 255, i) for i in range(2000))


def test_a_peer_that_reads_nothing_is_left_after_the_send_hold_time(t):
    """F10: it goes on saying KEEPALIVE"""
    ambo = t.ambo().run(config("127.0.1.1", hold=3, extra="    send-hold-time 5;\n" + STATICS))
    w = Wire("127.0.1.1", 3, rcvbuf=2048).confirmed()
    w.send(KEEPALIVE)
    # the kernel takes a good deal before its window closes: until then the timer begins anew
    start = time.monotonic()
    try:
        for _ in range(100):
            w.send(KEEPALIVE, REFRESH)
            time.sleep(0.03)
        while time.monotonic() < start + patient(15):
            w.send(KEEPALIVE)
            time.sleep(0.8)
    except ConnectionError:
        pass
    check(time.monotonic() - start < patient(12), "it is still there")
    check(time.monotonic() - start > 5, "not so soon")
    wait_until(lambda: "send hold" in ambo.command("show neighbors").lower(), 3, "why")
    w.close()
    w = Wire("127.0.1.1", 3).confirmed()
    w.send(KEEPALIVE, UPDATE)
    wait_until(lambda: "10.9.8.0/24" in ambo.command("show routes received"), 8, "the next session stands")
    w.close()


def test_what_a_peer_says_behind_its_notification_is_not_heard(t):
    ambo = t.ambo().run(config("127.0.1.1"))
    w = Wire("127.0.1.1").established()
    w.send(UPDATE)
    wait_until(lambda: "10.9.8.0/24" in ambo.command("show routes received"), 8, "the route")
    w.send(bgp.message(3, bytes((6, 4))), UPDATE.replace(bytes((24, 10, 9, 8)), bytes((24, 10, 9, 7))), bgp.message(9, b""))  # T15
    try:
        while True:
            kind, body = w.read()
            check(kind != 3, "answered with NOTIFICATION %s" % body.hex())
    except EOFError:
        pass
    wait_until(lambda: "10.9." not in ambo.command("show routes received"), 5, "all of it is gone")  # T11
    w = Wire("127.0.1.1").established()
    w.send(UPDATE)
    wait_until(lambda: "10.9.8.0/24" in ambo.command("show routes received"), 8, "the next session")


def test_routes_past_the_cap_of_the_speaker_end_the_newest_session(t):
    """F21: what stands for memory"""
    ambo = t.ambo().run(config("127.0.1.1", "127.0.1.2"), options=["--max-routes", "3"])
    old = Wire("127.0.1.1").established()
    old.send(UPDATE)
    wait_until(lambda: "10.9.8.0/24" in ambo.command("show routes received"), 8, "the route")
    new = Wire("127.0.1.2").established()
    for i in range(3):
        new.send(UPDATE.replace(bytes((24, 10, 9, 8)), bytes((24, 10, 1, i))))
    new.ends(6, 8)
    old.stands()
    check("10.9.8.0/24" in ambo.command("show routes received"), "the other one's route stays")


def test_whoever_watches_the_path_can_end_the_session_for_it(t):
    """F22: BFD is another program's, and the API takes its word"""
    ambo = t.ambo().run(config("127.0.1.1"))
    w = Wire("127.0.1.1").established()
    ambo.command("neighbor 127.0.1.1 teardown 10")
    w.ends(6, 10)
    Wire("127.0.1.1").established()


def test_a_second_connection_is_refused_and_the_first_stays(t):
    ambo = t.ambo().run(config("127.0.1.1"))
    first = Wire("127.0.1.1").established()
    first.send(UPDATE)
    second = Wire("127.0.1.1")
    second.ends(6, 7)        # F12
    first.stands()
    check("10.9.8.0/24" in ambo.command("show routes received"), "its route stays")


def test_a_stranger_is_not_let_in(t):
    t.ambo().run(config("127.0.1.1"))
    Wire("127.0.1.1").established()
    s = socket.socket()
    s.bind(("127.0.2.2", 0))
    s.connect((LOCAL, 179))
    s.settimeout(patient(5))
    got = s.recv(100)        # F14: closed, or 6/5
    check(not got or got[18] == 3, "a stranger was answered with %s" % got.hex())


def test_a_connection_that_breaks_in_the_middle_of_an_update_applies_nothing_of_it(t):
    ambo = t.ambo().run(config("127.0.1.1"))
    w = Wire("127.0.1.1").established()
    w.send(UPDATE)
    wait_until(lambda: "10.9.8.0/24" in ambo.command("show routes received"), 5, "the route")
    w.send(UPDATE.replace(bytes((24, 10, 9, 8)), bytes((24, 10, 9, 7)))[:-1])
    w.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    w.close()                # F15: RST
    wait_until(lambda: "Established" not in ambo.command("show neighbors"), 5, "down")
    check("10.9." not in ambo.command("show routes received"), "nothing is left")


def test_too_many_prefixes(t):
    ambo = t.ambo().run(config("127.0.1.1", extra="    maximum-prefix 2;"))
    w = Wire("127.0.1.1").established()
    for i in range(3):
        w.send(UPDATE.replace(bytes((24, 10, 9, 8)), bytes((24, 10, 9, i))))
    w.ends(6, 1, bytes((0, 1, 1, 0, 0, 0, 2)))  # F16: AFI, SAFI, limit
    wait_until(lambda: "prefixes" in ambo.command("show neighbors"), 5, "why it is down")


def test_how_an_operator_ends_a_session(t):
    ambo = t.ambo().run(config("127.0.1.1", "127.0.1.2", "127.0.1.3"))
    w = Wire("127.0.1.1").established()
    ambo.command("neighbor 127.0.1.1 teardown 2")
    equal(w.ends(6, 2)[1:], b"Administrative Shutdown")     # F17, RFC 9003: its length octet first
    w = Wire("127.0.1.1").established()
    ambo.command("neighbor 127.0.1.1 teardown 4")
    w.ends(6, 4)                                            # F19
    kept, gone, changed = (Wire("127.0.1.%d" % i).established() for i in (1, 2, 3))
    ambo.reload(config("127.0.1.1") + config("127.0.1.3", hold=60))
    gone.ends(6, 3)                                         # F18
    changed.ends(6, 6)                                      # F20
    kept.stands()


main()
