"""A BGP peer that does what a test tells it, over real TCP, and remembers all it was told.

    with FakePeer(listen="127.0.0.2:1790", asn=65002, families=("ipv4", "ipv6")) as peer:
        peer.wait_established()
        peer.announce(["10.0.0.0/24"], communities=["65002:1"])
        peer.wait_for(lambda p: ("10.1.0.0/16" in p.prefixes()), 10)

mode, which may be set at any time:
    "normal"        a session as the RFC has it
    "refused"       the port is bound and closed: connections are refused
    "blackhole"     as refused; the test drops the packets (netns.drop)
    "mute"          accepts, and never says anything
    "no-keepalive"  OPEN, and never a KEEPALIVE: the other side stays in OpenConfirm
    "silent"        established, then nothing more is said, KEEPALIVE neither; it still reads
    "stop-reading"  established, then nothing more is read: the window closes; KEEPALIVEs still go out
    "frozen"        silent and stop-reading

A FakePeer may listen, connect or both; each connection it ever had is in .connections, the newest
established one (else the newest) is .session. It resolves no collisions and enforces no hold time
unless told to. It runs in a thread of its own; every method may be called from the test's thread.
"""
import argparse
import collections
import ctypes
import errno
import fcntl
import ipaddress
import json
import os
import signal
import socket
import struct
import sys
import termios
import threading
import time

from tests.fake import bgp, netns
from tests.fake.reactor import READ, WRITE, Reactor
from tests.fake.patience import deadline

MODES = ("normal", "refused", "blackhole", "mute", "no-keepalive", "silent", "stop-reading", "frozen")
TCP_MD5SIG, TCP_MD5SIG_EXT = 14, 32
TCP_AO_ADD_KEY, TCP_AO_DEL_KEY, TCP_AO_INFO = 38, 39, 40
AO_ALGORITHMS = {"hmac-sha-1-96": b"hmac(sha1)", "aes-128-cmac-96": b"cmac(aes128)", "hmac-sha-256": b"hmac(sha256)"}

Message = collections.namedtuple("Message", "time type body raw connection update")
Event = collections.namedtuple("Event", "time name connection detail")


def endpoint(text):
    """"127.0.0.1:179", "[::1]:179" → (address, port); a pair stays as it is"""
    if not isinstance(text, str):
        return tuple(text)
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def family_of(name):
    return bgp.FAMILIES.get(name, name)


def set_md5(sock, password, address=None):
    """TCP MD5 (RFC 2385) towards address (text, with a /length if it is a prefix; None: everybody)."""
    key = password.encode() if isinstance(password, str) else password
    six = sock.family == socket.AF_INET6
    text = address or ("::/0" if six else "0.0.0.0/0")
    where, _, length = text.partition("/")
    packed = socket.inet_pton(sock.family, where)
    if six:
        sockaddr = struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, packed, 0)
    else:
        sockaddr = struct.pack("=HH4s", socket.AF_INET, 0, packed)
    value = struct.pack("=128sBBHi80s", sockaddr, 1 if length else 0, int(length or 0), len(key), 0, key)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG_EXT if length else TCP_MD5SIG, value)


def _peer_sockaddr(address):
    """→ (octets of a sockaddr, length of the prefix) of "192.0.2.0/24" or an address"""
    net = ipaddress.ip_network(address)
    if net.version == 6:
        return struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, net.network_address.packed, 0), net.prefixlen
    return struct.pack("=HH4s", socket.AF_INET, 0, net.network_address.packed), net.prefixlen


def add_ao(sock, key, address, ask=False):
    """A TCP-AO key (RFC 5925), (number, algorithm, password), towards address; ask: the peer is asked to sign with it."""
    number, algorithm, password = key
    secret = password.encode() if isinstance(password, str) else password
    sockaddr, length = _peer_sockaddr(address)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_AO_ADD_KEY, struct.pack(
        "=128s64siIHBBBBBB80s", sockaddr, AO_ALGORITHMS[algorithm], 0, 2 if ask else 0, 0, length, number, number, 0, 0,
        len(secret), secret))


def remove_ao(sock, number, address):
    sockaddr, length = _peer_sockaddr(address)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_AO_DEL_KEY, struct.pack(
        "=128siIHBBBBBB", sockaddr, 0, 0, 0, length, number, number, 0, 0, 0))


def ao_state(sock):
    """→ (the number that it signs with, the number that it asks for, segments that were signed well, badly)"""
    value = ctypes.create_string_buffer(48)  # the kernel looks at what it is given
    size = ctypes.c_uint(len(value))
    if ctypes.CDLL(None, use_errno=True).getsockopt(sock.fileno(), socket.IPPROTO_TCP, TCP_AO_INFO, value, ctypes.byref(size)):
        raise OSError(ctypes.get_errno(), "TCP_AO_INFO")
    _, _, current, asked, good, bad = struct.unpack_from("=IHBBQQ", value)
    return current, asked, good, bad


def has_ao():
    """Does the kernel have TCP-AO?"""
    with socket.socket() as sock:
        try:
            add_ao(sock, (1, "hmac-sha-1-96", "x"), "192.0.2.1")
        except OSError as e:
            if e.errno in (errno.ENOPROTOOPT, errno.EINVAL):
                return False
            raise
    return True


class Flood:
    """A stream of messages being sent: sent counts those that the kernel took."""

    def __init__(self, messages, rate=None, cycles=1):
        self.rate, self.cycles = rate, cycles
        self.parts = [(m, 1) for m in messages] if rate else bgp.buffers(messages)
        self.sent, self.octets, self.at = 0, 0, 0
        self.done = not self.parts
        self.started, self.ended = time.monotonic(), None

    def next(self, now):
        """→ (octets, messages), None when it is not time yet"""
        if self.done:
            return None
        part = self.parts[self.at]
        if self.rate:
            due = int((now - self.started) * self.rate) - self.sent
            if due < 1:
                return None
            group = self.parts[self.at:self.at + min(due, 500)]
            self.at += len(group)
            part = b"".join(p for p, _ in group), len(group)
        else:
            self.at += 1
        if self.at >= len(self.parts):
            self.cycles -= 1
            self.at = 0
            if self.cycles == 0:
                self.done = True
        return part

    def stop(self):
        self.done = True


class _Farewell:
    """Sends the last octets of a closed connection, then waits for the other side's end, 2 s at most."""

    def __init__(self, reactor, sock, octets, pending):
        self.reactor, self.sock, self.octets, self.pending = reactor, sock, memoryview(octets), pending
        pending.add(self)
        sock.setblocking(False)
        self.timer = reactor.after(2, self.close)
        self.go(WRITE)

    def go(self, events):
        try:
            while self.octets:
                self.octets = self.octets[self.sock.send(self.octets):]
            self.octets = b""
            if events & WRITE:
                self.sock.shutdown(socket.SHUT_WR)
                self.reactor.watch(self.sock, READ, self.go)
            if not self.sock.recv(262144):
                self.close()
        except BlockingIOError:
            if self.octets:
                self.reactor.watch(self.sock, READ | WRITE, self.go)
        except OSError:
            self.close()

    def close(self):
        self.timer[2] = None
        self.pending.discard(self)
        if self.sock.fileno() >= 0:
            self.reactor.watch(self.sock, 0, None)
            self.sock.close()


class Connection:
    """One TCP connection and the BGP session on it."""

    def __init__(self, peer, sock, incoming):
        self.peer, self.sock, self.incoming = peer, sock, incoming
        self.number = len(peer.connections)
        self.state = "connecting"   # connecting, connected, opensent, openconfirm, established, closed
        self.local = self.remote = None
        self.times = {}             # state → when it was entered
        self.sent_open = self.their_open = None
        self.why = None             # why it closed
        self.notification = None    # (code, subcode, data) received
        self.octets, self.count = collections.Counter(), collections.Counter()  # received, by type
        self.sent_octets = 0
        self.keepalives = []        # when each arrived
        self.last_heard, self.silences = None, []  # of any message, while established; those of half a second or more
        self.eor = {}               # family → when its End-of-RIB came
        self.hold_time = None
        self.add_path_send = self.add_path_receive = frozenset()
        self.as4, self.size, self.families = True, 4096, {bgp.IPV4}
        self.flood = None
        self._out, self._inflight = collections.deque(), 0
        self._splitter, self._parser = bgp.Splitter(), None
        self._keepalive_timer = self._hold_timer = self._flood_timer = None

    def __repr__(self):
        return "<connection %d %s %s%s>" % (self.number, self.remote, self.state,
                                            ": " + self.why if self.why else "")

    # -- life

    def _enter(self, state, **detail):
        self.state = state
        self.times[state] = time.monotonic()
        self.peer._event(state, self, detail)

    def _connected(self):
        try:
            self.local, self.remote = self.sock.getsockname()[:2], self.sock.getpeername()[:2]
        except OSError as e:
            self._closed(e.strerror)
            return
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._enter("connected", local="%s:%d" % self.local, remote="%s:%d" % self.remote)
        if self.peer.mode != "mute" and not self.peer.wait_open:
            self._send_open()
        self._interest()

    def _send_open(self):
        self.sent_open = self.peer._open(self)
        self._enter("opensent")
        self.send(self.sent_open)

    def _interest(self):
        if self.state == "closed":
            return
        events = 0
        if self._reading():
            events |= READ
        if self.state == "connecting" or self._out or (
                self.flood and not self.flood.done and not self._flood_timer and self._talking()):
            events |= WRITE
        self.peer.reactor.watch(self.sock, events, self._ready)

    def _reading(self):
        return self.state != "connecting" and not (
            self.peer.mode in ("stop-reading", "frozen") and self.state == "established")

    def _talking(self):
        return not (self.peer.mode in ("silent", "frozen") and self.state == "established")

    def _ready(self, events):
        if self.state == "connecting":
            error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                self._closed(os.strerror(error))
            else:
                self._connected()
            return
        if events & WRITE:
            self._write()
        if events & READ and self.state != "closed":
            self._read()

    def _closed(self, why):
        if self.state == "closed":
            return
        self.why = why
        was = self.state
        self.peer.reactor.watch(self.sock, 0, None)
        for timer in (self._keepalive_timer, self._hold_timer, self._flood_timer):
            if timer:
                timer[2] = None
        self.sock.close()
        self._enter("closed", why=why, was=was)
        self.peer._lost(self, was)

    def close(self, why="closed by us"):
        with self.peer.lock:
            self._closed(why)

    def reset(self):
        """RST instead of FIN"""
        with self.peer.lock:
            if self.state != "closed":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._closed("reset by us")

    def notify(self, code, subcode=0, data=b""):
        """NOTIFICATION instead of what waits to be sent, then close, without an RST that would overtake it"""
        with self.peer.lock:
            if self.state in ("closed", "connecting"):
                return
            self.flood = None
            half = self._out[0][0] if self._out and isinstance(self._out[0][0], memoryview) else b""
            last = bytes(half) + bgp.notification(code, subcode, data)
            reactor, sock = self.peer.reactor, socket.socket(fileno=os.dup(self.sock.fileno()))
            self._closed("we sent NOTIFICATION %d/%d" % (code, subcode))
            _Farewell(reactor, sock, last, self.peer._farewells)

    # -- out

    def send(self, octets, messages=1):
        with self.peer.lock:
            if self.state != "closed":
                self._out.append((octets, messages))
                self._write()

    def unsent(self):
        """octets that the kernel has of ours and the other side has not taken"""
        with self.peer.lock:
            if self.state == "closed":
                return 0
            return struct.unpack("i", fcntl.ioctl(self.sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0]

    def _write(self):
        if self.state in ("closed", "connecting"):
            return
        try:
            for _ in range(64):
                if not self._out and not self._from_flood():
                    break
                octets, messages = self._out[0]
                n = self.sock.send(octets)
                self.sent_octets += n
                if n < len(octets):
                    self._out[0] = (memoryview(octets)[n:], messages)
                    break
                self._out.popleft()
                self._flood_sent(messages)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as e:
            # what they last said may still be in the socket: a NOTIFICATION
            self._drain()
            self._closed(e.strerror)
            return
        self._interest()

    def _from_flood(self):
        f = self.flood
        if not f or f.done or self._flood_timer or not self._talking() or self.state != "established":
            return False
        part = f.next(time.monotonic())
        if part is None:
            if not f.done:
                self._flood_timer = self.peer.reactor.after(0.005, self._flood_again)
            return False
        self._inflight = part[1]
        self._out.append((part[0], -part[1]))
        return True

    def _flood_sent(self, messages):
        if messages < 0 and self.flood:
            self.flood.sent -= messages
            if self.flood.done:
                self.flood.ended = time.monotonic()

    def _flood_again(self):
        self._flood_timer = None
        self._write()

    # -- in

    def _read(self):
        # a thousand UPDATEs at most, then timers: our KEEPALIVEs wait for no more
        try:
            data = self.sock.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as e:
            self._closed(e.strerror)
            return
        if not data:
            self._closed("closed by the other side")
            return
        self._feed(data)

    def _drain(self):
        try:
            while self._reading():
                data = self.sock.recv(262144)
                if not data:
                    return
                self._feed(data)
        except OSError:
            pass

    def _feed(self, data):
        now = time.monotonic()
        if self.peer.record_chunks:
            self.peer.chunks.append((now, self.number, data))
        try:
            for kind, body, raw in self._splitter.feed(data):
                self._message(now, kind, body, raw)
                if self.state == "closed":
                    return
        except ValueError as e:
            self.peer._event("garbage", self, {"why": str(e)})
            self._closed("garbage: %s" % e)

    def _message(self, now, kind, body, raw):
        peer = self.peer
        for counts in (self, peer):
            counts.count[kind] += 1
            counts.octets[kind] += len(raw)
        if self.state == "established":
            if self.last_heard is not None and now - self.last_heard >= 0.5:
                self.silences.append(now - self.last_heard)
            self.last_heard = now
        parsed = None
        if kind == bgp.UPDATE and peer.parse:
            parsed = self._update(now, body)
        if peer.record is True or (peer.record and kind != bgp.UPDATE):
            peer.messages.append(Message(now, kind, body, raw, self.number, parsed))
        if kind == bgp.OPEN:
            self._opened(body)
        elif kind == bgp.KEEPALIVE_TYPE:
            self._kept(now)
        elif kind == bgp.NOTIFICATION:
            self._notified(body)
        elif kind == bgp.ROUTE_REFRESH:
            self._refresh(body)
        if self._hold_timer:
            self._hold()

    def _opened(self, body):
        try:
            theirs = self.their_open = bgp.parse_open(body)
        except (IndexError, struct.error) as e:
            self.peer._event("garbage", self, {"why": "OPEN: %s" % e})
            return
        self.peer._event("open", self, {"asn": theirs["asn"], "hold_time": theirs["hold_time"],
                                        "router_id": theirs["router_id"],
                                        "capabilities": [(c, v.hex()) for c, v in theirs["capabilities"]]})
        if self.peer.mode == "mute":
            return
        if self.sent_open is None:
            self._send_open()
        if self.state == "closed":
            return
        self._negotiate(self._ours(), theirs)
        self._enter("openconfirm")
        if self.peer.mode != "no-keepalive":
            self.send(bgp.KEEPALIVE)
            self._keep()

    def _ours(self):
        """What we said; an OPEN that we made malformed on purpose has no capabilities"""
        try:
            return bgp.parse_open(self.sent_open[19:])
        except (IndexError, ValueError, struct.error):
            return bgp.parse_open(bgp.open_message(self.peer.asn & 0xffff, 90, self.peer.router_id, [])[19:])

    def _negotiate(self, ours, theirs):
        self.hold_time = min(ours["hold_time"], theirs["hold_time"])
        self.as4 = ours["as4"] and theirs["as4"]
        self.families = ours["families"] & theirs["families"]
        if ours["extended_message"] and theirs["extended_message"]:
            self.size = 65535
        mine, other = ours["add_path"], theirs["add_path"]
        self.add_path_send = frozenset(f for f in mine if mine[f] & 2 and other.get(f, 0) & 1)
        self.add_path_receive = frozenset(f for f in mine if mine[f] & 1 and other.get(f, 0) & 2)
        self._parser = bgp.UpdateParser(self.as4, self.add_path_receive)

    def _keep(self):
        if self.hold_time:
            self._keepalive_timer = self.peer.reactor.after(self.hold_time / 3, self._keepalive)
            if self.peer.enforce_hold:
                self._hold()

    def _keepalive(self):
        if self.state in ("openconfirm", "established") and self._talking() and self.peer.mode != "no-keepalive":
            # before what is left of a flood, behind what is half written
            self._out.insert(1 if self._out else 0, (bgp.KEEPALIVE, 0))
            self._write()
        if self.state != "closed":
            self._keepalive_timer = self.peer.reactor.after(self.hold_time / 3, self._keepalive)

    def _hold(self):
        if self._hold_timer:
            self._hold_timer[2] = None
        self._hold_timer = self.peer.reactor.after(self.hold_time, lambda: self.notify(4))

    def _kept(self, now):
        self.keepalives.append(now)
        if self.state == "openconfirm" and self.peer.mode != "no-keepalive":
            self.last_heard = now
            self._enter("established", hold_time=self.hold_time)
            self.peer._up(self)
            if self.state != "closed":
                self._interest()

    def _notified(self, body):
        code, subcode = (body[0], body[1]) if len(body) > 1 else (0, 0)
        self.notification = (code, subcode, body[2:])
        self.peer.notifications.append(self.notification)
        self.peer._event("notification", self, {"code": code, "subcode": subcode, "data": body[2:].hex()})
        self._closed("they sent NOTIFICATION %d/%d" % (code, subcode))

    def _update(self, now, body):
        peer = self.peer
        try:
            u = (self._parser or bgp.UpdateParser()).parse(body)
        except (ValueError, IndexError) as e:
            peer._event("garbage", self, {"why": "UPDATE: %s" % e, "octets": body.hex()})
            return None
        for key in u["withdrawn"]:
            peer.table.pop(key, None)
            peer.withdrawn += 1
        for key, attrs in u["routes"]:
            peer.table[key] = attrs
        peer.announced += len(u["routes"])
        for verb, family, octets in u["other"]:
            peer.other.append((now, verb, family, octets, u["attributes"]))
        if u["eor"]:
            self.eor[u["eor"]] = now
        if peer.on_event and peer.updates_as_events:
            peer._event("update", self, {"announced": [list(r) for r in u["announced"]],
                                         "withdrawn": [list(r) for r in u["withdrawn"]], "eor": u["eor"],
                                         "attributes": u["routes"][0][1] if u["routes"] else u["attributes"]})
        return u

    def _refresh(self, body):
        afi, subtype, safi = struct.unpack("!HBB", body[:4])
        self.peer._event("refresh", self, {"family": (afi, safi), "subtype": subtype})
        if subtype == 0 and self.peer.answer_refresh and self._talking():
            for octets in self.peer._initial_messages(self):
                self.send(octets)

    # -- what the test asks

    def keepalive_gaps(self):
        """seconds between one KEEPALIVE and the next"""
        k = self.keepalives
        return [b - a for a, b in zip(k, k[1:])]

    def silence(self, but=0):
        """the longest time without any message since the session is up, up to now or its end; the next longest but so many"""
        gaps = self.silences[:]
        if self.last_heard is not None and self._reading() and self.state != "closed":
            gaps.append(time.monotonic() - self.last_heard)
        gaps.sort(reverse=True)
        return gaps[but] if len(gaps) > but else 0.0


class FakePeer:
    """See the head of the file.

    listen, connect   "address:port"; connect is retried every `retry` seconds unless once is True
    local             address (or address:port) that connect is made from
    families          names or (afi, safi) pairs; add_path: {family name or pair: mode}
    capabilities      replaces what is built from families, as4, refresh, extended_message, graceful, add_path;
                      extra_capabilities: added to it. (code, octets) pairs or raw octets
    open              whole OPEN message to send, instead of all of it; or a function of the connection
    initial           messages (octets) to send whenever a session comes up, or a function of the
                      connection that gives them; eor: End-of-RIB of each family after them
    wait_open         send OPEN only after theirs
    ao                TCP-AO key: (number, algorithm, password) as in a configuration; ao_peer: as md5_peer
    md5               password; md5_peer: whose (default: connect's address, else everybody's)
    record            True: all messages; "control": all but UPDATEs; False: none. parse: keep .table
    rcvbuf, sndbuf    socket buffer sizes;  ttl: IP_TTL;  ns: network namespace of the sockets
    second            what to do with a connection while another lives: "keep", "refuse" or "replace"
    """

    def __init__(self, *, listen=None, connect=None, local=None, asn=65001, router_id=None, hold_time=90,
                 families=("ipv4",), add_path=None, as4=True, refresh=True, extended_message=False,
                 enhanced_refresh=False, graceful=None, capabilities=None, extra_capabilities=(), open=None, initial=(),
                 eor=True, mode="normal", wait_open=False, md5=None, md5_peer=None, ao=None, ao_peer=None, ttl=None,
                 ns=None, record=True,
                 record_chunks=False, parse=True, rcvbuf=None, sndbuf=None, retry=0.2, once=False, second="keep",
                 enforce_hold=False, answer_refresh=True, on_event=None, updates_as_events=False,
                 reactor=None, name=None, start=True):
        self.listen_at = endpoint(listen) if listen else None
        self.connect_to = endpoint(connect) if connect else None
        self.local = endpoint(local) if local and local.rpartition(":")[2].isdigit() and "." in local else (
            (local, 0) if local else None)
        self.asn, self.hold_time, self.as4 = asn, hold_time, as4
        where = (self.listen_at or self.local or ("127.0.0.1",))[0]
        self.router_id = router_id or (where if ":" not in where and where != "0.0.0.0" else "10.255.0.1")
        self.families = [family_of(f) for f in families]
        self.add_path = {family_of(f): m for f, m in (add_path or {}).items()}
        self.refresh, self.extended_message, self.graceful = refresh, extended_message, graceful
        self.enhanced_refresh, self.capabilities = enhanced_refresh, capabilities
        self.extra_capabilities, self.open = list(extra_capabilities), open
        self.initial, self.send_eor, self.wait_open = initial, eor, wait_open
        self.md5, self.md5_peer, self.ttl, self.ns = md5, md5_peer, ttl, ns
        self.ao, self.ao_peer = ao, ao_peer
        self.record, self.record_chunks, self.parse = record, record_chunks, parse
        self.rcvbuf, self.sndbuf, self.retry, self.once, self.second = rcvbuf, sndbuf, retry, once, second
        self.enforce_hold, self.answer_refresh = enforce_hold, answer_refresh
        self.on_event, self.updates_as_events = on_event, updates_as_events
        self.name = name or "AS%d" % asn
        self._own_reactor = reactor is None
        self.reactor = reactor or Reactor()
        self.lock, self.changed = self.reactor.lock, self.reactor.changed

        self.connections, self.events, self.messages, self.chunks = [], [], [], []
        self.notifications, self.other = [], []
        self._farewells = set()
        self.octets, self.count = collections.Counter(), collections.Counter()
        self.table = {}     # (afi, prefix, path id) → attributes, of the session that is up
        self.announced = self.withdrawn = 0  # routes heard, ever
        self._mode, self._listener, self._retry_timer, self._started = mode, None, None, False
        if start:
            self.start()

    # -- life

    def start(self):
        with self.lock:
            self._started = True
            if self.listen_at:
                self._listen()
            if self.connect_to:
                self._connect()
        return self

    def stop(self, cease=True):
        """All connections end, with Cease/shutdown where a session is up."""
        with self.lock:
            self._started = False
            self._unlisten()
            if self._retry_timer:
                self._retry_timer[2] = None
            for c in self.connections:
                if cease and c.state == "established" and self._mode == "normal":
                    c.notify(6, 2)
                c._closed("stopped")
            self.changed.wait_for(lambda: not self._farewells, 0.5)
        if self._own_reactor:
            self.reactor.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __str__(self):
        return "%s mode %s: %s; %d routes, %s received" % (
            self.name, self._mode, self.session or "no connection yet", len(self.table),
            {bgp.TYPE_NAMES.get(k, k): n for k, n in self.count.items()})

    @property
    def port(self):
        return self.listen_at[1]

    def unlisten(self):
        """From now on the port is closed; what is connected stays."""
        with self.lock:
            self._unlisten()

    def listen(self):
        with self.lock:
            if not self._listener:
                self._listen()

    def _unlisten(self):
        if self._listener:
            self.reactor.watch(self._listener, 0, None)
            self._listener.close()
            self._listener = None

    def _socket(self, address):
        with netns.inside(self.ns):
            sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                                 socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for size, option in ((self.rcvbuf, socket.SO_RCVBUF), (self.sndbuf, socket.SO_SNDBUF)):
            if size:
                sock.setsockopt(socket.SOL_SOCKET, option, size)
        if self.ttl:
            if sock.family == socket.AF_INET:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, self.ttl)
            else:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, self.ttl)
        return sock

    def _listen(self):
        sock = self._socket(self.listen_at[0])
        sock.bind(self.listen_at)
        self._listener = sock
        self.listen_at = self.listen_at[0], sock.getsockname()[1]
        if self.md5:
            set_md5(sock, self.md5, self.md5_peer)
        if self.ao:
            add_ao(sock, self.ao, self.ao_peer or ("::/0" if sock.family == socket.AF_INET6 else "0.0.0.0/0"))
        if self._mode not in ("refused", "blackhole"):
            sock.listen(128)
            self.reactor.watch(sock, READ, self._accept)

    def _accept(self, _):
        try:
            sock, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        sock.setblocking(False)
        living = [c for c in self.connections if c.state != "closed"]
        if living and self.second == "refuse":
            sock.close()
            return
        if self.second == "replace":
            for c in living:
                c.close("replaced")
        c = Connection(self, sock, True)
        self.connections.append(c)
        c._connected()

    def _connect(self):
        self._retry_timer = None
        if not self._started or self._mode in ("refused", "blackhole"):
            return
        sock = self._socket(self.connect_to[0])
        c = Connection(self, sock, False)
        try:
            if self.local:
                sock.bind(self.local)
            if self.md5:
                set_md5(sock, self.md5, self.md5_peer or self.connect_to[0])
            if self.ao:
                add_ao(sock, self.ao, self.ao_peer or self.connect_to[0])
            result = sock.connect_ex(self.connect_to)
        except OSError as e:
            result = e.errno
        if result not in (0, errno.EINPROGRESS):
            sock.close()
            self._event("failed", None, {"why": os.strerror(result)})
            self._again()
            return
        self.connections.append(c)
        c._interest()

    def _again(self):
        if self.connect_to and self._started and not self.once and not self._retry_timer:
            self._retry_timer = self.reactor.after(self.retry, self._connect)

    def _lost(self, connection, was):
        if not any(c.state == "established" for c in self.connections):
            self.table.clear()
        if not connection.incoming:
            # a connection that never was is no event worth keeping
            if was == "connecting":
                self.connections.remove(connection)
            self._again()

    def connect_now(self):
        """One more connection to `connect`, at once."""
        with self.lock:
            self._connect()

    @property
    def mode(self):
        return self._mode

    @mode.setter
    def mode(self, mode):
        assert mode in MODES, mode
        with self.lock:
            was, self._mode = self._mode, mode
            closed = ("refused", "blackhole")
            if self._started and self.listen_at and (mode in closed) != (was in closed):
                self._unlisten()
                self._listen()
            if self._started and was in closed:
                self._again()
            for c in self.connections:
                if c.state == "established":
                    c._write()

    # -- what goes out

    def _open(self, connection):
        if callable(self.open):
            return self.open(connection)
        if self.open:
            return self.open
        caps = self.capabilities
        if caps is None:
            caps = [bgp.cap_mp(f) for f in self.families]
            caps += [bgp.cap_refresh()] if self.refresh else []
            caps += [bgp.cap_enhanced_refresh()] if self.enhanced_refresh else []
            caps += [bgp.cap_as4(self.asn)] if self.as4 else []
            caps += [bgp.cap_extended_message()] if self.extended_message else []
            caps += [bgp.cap_add_path(self.add_path)] if self.add_path else []
            if self.graceful is not None:
                caps.append(bgp.cap_graceful(self.graceful, self.families, forwarding=True))
        return bgp.open_message(self.asn, self.hold_time, self.router_id, list(caps) + self.extra_capabilities)

    def _initial_messages(self, connection):
        yield from self.initial(connection) if callable(self.initial) else self.initial
        if self.send_eor:
            for f in sorted(connection.families):
                yield bgp.end_of_rib(f)

    def _up(self, connection):
        if connection._talking():
            for octets, n in bgp.buffers(list(self._initial_messages(connection))):
                connection.send(octets, n)

    @property
    def session(self):
        for c in reversed(self.connections):
            if c.state == "established":
                return c
        return self.connections[-1] if self.connections else None

    @property
    def established(self):
        return any(c.state == "established" for c in self.connections)

    @property
    def internal(self):
        s = self.session
        return bool(s and s.their_open and s.their_open["asn"] == self.asn)

    def _session(self):
        s = self.session
        if not s or s.state == "closed":
            raise ConnectionError("no session: %s" % self)
        return s

    def send(self, octets):
        with self.lock:
            self._session().send(octets)

    def announce(self, prefixes, next_hop=None, **attrs):
        """UPDATEs as this session wants them: AS_PATH of our AS (empty and LOCAL_PREF 100 when the
        session is internal), next hop our address. prefixes: texts or (text, path id)."""
        with self.lock:
            s = self._session()
            if self.internal:
                attrs.setdefault("local_pref", 100)
                attrs.setdefault("as_path", [])
            attrs.setdefault("as_path", [self.asn])
            for m in bgp.announce(prefixes, next_hop or s.local[0], size=s.size, asn4=s.as4, **attrs):
                s.send(m)

    def withdraw(self, prefixes, path_id=None):
        with self.lock:
            s = self._session()
            for m in bgp.withdraw(prefixes, path_id=path_id, size=s.size):
                s.send(m)

    def end_of_rib(self, family="ipv4"):
        self.send(bgp.end_of_rib(family_of(family)))

    def ask_refresh(self, family="ipv4", subtype=0):
        self.send(bgp.route_refresh(family_of(family), subtype))

    def notify(self, code, subcode=0, data=b""):
        with self.lock:
            self._session().notify(code, subcode, data)

    def close(self):
        with self.lock:
            self._session().close()

    def reset(self):
        with self.lock:
            self._session().reset()

    def flood(self, messages, rate=None, cycles=1):
        """Send them, so many a second or as fast as TCP takes them, cycles times (0: without end).
        → a Flood with .sent, .done, .stop()"""
        with self.lock:
            s = self._session()
            s.flood = Flood(messages, rate, cycles)
            s._write()
            return s.flood

    # -- what came in

    def prefixes(self, afi=None):
        with self.lock:
            return {p for a, p, _ in self.table if afi is None or a == afi}

    def route(self, prefix, path_id=None):
        """Its attributes, or None. path_id: None is any."""
        afi = bgp.AFI6 if ":" in prefix else bgp.AFI4
        with self.lock:
            found = self.table.get((afi, prefix, path_id))
            if found is None and path_id is None:
                found = next((a for k, a in self.table.items() if k[:2] == (afi, prefix)), None)
            return found

    def updates(self, since=0.0):
        """The UPDATE messages recorded (those that came after a moment of time.monotonic())."""
        with self.lock:
            return [m for m in self.messages if m.type == bgp.UPDATE and m.time >= since]

    def received(self, kind):
        """(messages, octets) of a type, ever"""
        return self.count[kind], self.octets[kind]

    def mark(self):
        """The counters now: compare with another mark for "not one UPDATE octet"."""
        with self.lock:
            return {name: (self.count[k], self.octets[k]) for k, name in bgp.TYPE_NAMES.items()}

    def on_time(self, interval):
        """Something was heard every so many seconds, 50 ms late at most: later by no more than our own timers were. One may
        be, by what else the machine does, but not by much."""
        s, late = self.session, 0.05 + self.late
        return s.silence(1) <= interval + late and s.silence() <= interval + max(1, 2 * late)

    @property
    def late(self):
        return self.reactor.late

    def keepalive_gaps(self):
        s = self.session
        return s.keepalive_gaps() if s else []

    def named(self, name):
        """Events of this name"""
        with self.lock:
            return [e for e in self.events if e.name == name]

    def _event(self, name, connection, detail):
        event = Event(time.monotonic(), name, connection.number if connection else None, detail)
        if name != "update":
            self.events.append(event)
        if self.on_event:
            self.on_event(self, event)

    # -- waiting

    def wait_for(self, predicate, timeout=10, what=None):
        """predicate(peer) until it is true; its value. TimeoutError says what the peer saw. A string
        or function `what` describes it."""
        end = deadline(timeout)
        with self.lock:
            while True:
                value = predicate(self)
                if value:
                    return value
                left = end - time.monotonic()
                if left <= 0:
                    said = what() if callable(what) else what
                    raise TimeoutError("%s: not within %gs: %s; last: %s" % (
                        self, timeout, said or "what the test waited for",
                        ", ".join(e.name for e in self.events[-5:])))
                self.changed.wait(min(left, 0.5))

    def wait_established(self, timeout=15):
        return self.wait_for(lambda p: p.established and p.session, timeout, "established")

    def wait_down(self, timeout=15):
        """until no session is up; its last connection"""
        return self.wait_for(lambda p: not p.established and p.connections and p.connections[-1], timeout, "down")

    def wait_event(self, name, timeout=10, after=0):
        """the first event of this name among events[after:]"""
        return self.wait_for(lambda p: next((e for e in p.events[after:] if e.name == name), None), timeout, name)

    def wait_routes(self, count, timeout=30):
        self.wait_for(lambda p: len(p.table) == count, timeout, lambda: "%d routes (%d)" % (count, len(self.table)))

    def wait_prefixes(self, prefixes, timeout=10, exactly=False):
        want = set(prefixes)

        def enough(p):
            have = {k[1] for k in p.table}
            return have == want if exactly else want <= have

        def missing():
            have = self.prefixes()
            return "missing %s, too many %s" % (sorted(want - have)[:5], sorted(have - want)[:5])
        self.wait_for(enough, timeout, missing)

    def wait_gone(self, prefixes, timeout=10):
        gone = set(prefixes)
        self.wait_for(lambda p: not gone & {k[1] for k in p.table}, timeout, "withdrawal of %s" % sorted(gone)[:5])

    def wait_eor(self, family="ipv4", timeout=10):
        return self.wait_for(lambda p: p.session and p.session.eor.get(family_of(family)), timeout, "End-of-RIB")

    def wait_quiet(self, seconds=1.0, timeout=60):
        """until no UPDATE came for so long; looks are counted, for while the machine stands still nobody says anything"""
        end, last, looks = deadline(timeout), None, 0
        while time.monotonic() < end:
            now = self.count[bgp.UPDATE]
            looks = looks + 1 if now == last else 0
            if looks * 0.05 >= seconds:
                return
            last = now
            time.sleep(0.05)
        raise TimeoutError("%s: UPDATEs never stopped" % self)


# -- the command ------------------------------------------------------------------------------

def _plain(value):
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def main(argv=None):
    a = argparse.ArgumentParser(prog="python3 -m tests.fake.peer", description="A BGP peer for shell "
                                "scripts: one JSON line an event on standard output.")
    a.add_argument("--listen", metavar="ADDRESS:PORT")
    a.add_argument("--connect", metavar="ADDRESS:PORT")
    a.add_argument("--local", metavar="ADDRESS", help="connect from here")
    a.add_argument("--as", dest="asn", type=int, default=65001)
    a.add_argument("--router-id")
    a.add_argument("--hold", type=int, default=90)
    a.add_argument("--family", action="append", choices=sorted(bgp.FAMILIES))
    a.add_argument("--add-path", action="store_true", help="send and receive, every family")
    a.add_argument("--no-as4", action="store_true")
    a.add_argument("--extended-message", action="store_true")
    a.add_argument("--graceful", type=int, metavar="SECONDS")
    a.add_argument("--mode", choices=MODES, default="normal")
    a.add_argument("--md5", metavar="PASSWORD")
    a.add_argument("--announce", action="append", default=[], metavar="PREFIX")
    a.add_argument("--next-hop", help="default: our address")
    a.add_argument("--routes", type=int, default=0, metavar="N", help="announce N /24 from 10.0.0.0 on")
    a.add_argument("--raw", action="append", default=[], metavar="HEX", help="a message to send when up")
    a.add_argument("--updates", action="store_true", help="an event for every UPDATE")
    a.add_argument("--duration", type=float, help="end after so many seconds")
    a.add_argument("--until", choices=("established", "closed", "routes", "eor"), help="end with 0 when "
                   "that has come; with --duration: 1 if it has not")
    a.add_argument("--count", type=int, default=1, help="for --until routes: how many")
    a.add_argument("--table", action="store_true", help="at the end print the routes heard")
    a.add_argument("--once", action="store_true", help="do not connect again")
    o = a.parse_args(argv)
    if not o.listen and not o.connect:
        a.error("--listen or --connect")

    def line(name, **detail):
        print(json.dumps(dict(detail, event=name, time=round(time.monotonic(), 6)), default=_plain), flush=True)

    def initial(connection):
        hop = o.next_hop or connection.local[0]
        internal = connection.their_open["asn"] == o.asn
        attrs = {"as_path": [], "local_pref": 100} if internal else {"as_path": [o.asn]}
        out = [bytes.fromhex(r) for r in o.raw]
        if o.announce:
            out += bgp.announce(o.announce, hop, asn4=connection.as4, size=connection.size, **attrs)
        if o.routes:
            out += bgp.announce(bgp.prefixes(o.routes), hop, asn4=connection.as4, size=connection.size, **attrs)
        return out

    families = o.family or ["ipv4"]
    peer = FakePeer(listen=o.listen, connect=o.connect, local=o.local, asn=o.asn, router_id=o.router_id,
                    hold_time=o.hold, families=families, as4=not o.no_as4, mode=o.mode, md5=o.md5,
                    add_path={f: 3 for f in families} if o.add_path else None, graceful=o.graceful,
                    extended_message=o.extended_message, initial=initial, once=o.once, record="control",
                    updates_as_events=o.updates,
                    on_event=lambda p, e: line(e.name, connection=e.connection, **e.detail))
    if peer.listen_at:
        line("listening", address=peer.listen_at[0], port=peer.listen_at[1])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    reached = {"established": lambda: peer.established,
               "closed": lambda: bool(peer.named("closed")),
               "routes": lambda: len(peer.table) >= o.count,
               "eor": lambda: bool(peer.session and peer.session.eor), None: lambda: False}[o.until]
    end = time.monotonic() + o.duration if o.duration else None
    status = 1 if o.until else 0
    while not stop.wait(0.02):
        if reached():
            status = 0
            break
        if end and time.monotonic() >= end:
            break
    if o.table:
        for (afi, prefix, path_id), attrs in sorted(peer.table.items(), key=str):
            line("route", prefix=prefix, path_id=path_id,
                 **{k: v for k, v in attrs.items() if k not in ("order", "flags")})
    line("end", routes=len(peer.table), received={bgp.TYPE_NAMES.get(k, k): [n, peer.octets[k]]
                                                  for k, n in peer.count.items()})
    peer.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
