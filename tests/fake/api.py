"""A client of the controller's API: ZeroMQ and msgpack, by proto/frame/FRAMES.md section 1 and nothing
else. What the frames look like is in request_frame and answer_of; all the rest of the tests goes through
ApiClient."""
import collections
import itertools
import time

import msgpack
import zmq

from tests.fake.patience import deadline

VERSION = 1


def request_frame(kind, number, body):
    return msgpack.packb([VERSION, kind, number, body], use_bin_type=True)


def answer_of(octets):
    """→ (kind, id, body): "reply" with a map, "event" with a list of maps"""
    version, kind, number, body = msgpack.unpackb(octets, raw=False, strict_map_key=False)[:4]
    if version != VERSION:
        raise ValueError("API version %r" % version)
    return kind, number, body


class Reply(collections.namedtuple("Reply", "id status final text data time")):
    """status: "accepted", "sent", "pending", "done", "pong" or "error"; text is for a person"""

    @property
    def ok(self):
        return self.status != "error"


class ApiClient:
    """Calls that wait raise TimeoutError, and wait with patience (deadline), but for peek. One thread only. kind: "dealer" or "req".

    curve: (the controller's public key, our public key, our secret key), Z85; name: says hello with it.
    replies: what came and nobody has waited for, by request id; order: the ids of all replies as they came;
    events: by subscription id."""

    def __init__(self, endpoint, *, kind="dealer", curve=None, name=None, timeout=10, identity=None, hwm=0):
        self.timeout, self.kind = timeout, kind
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.REQ if kind == "req" else zmq.DEALER)
        self.socket.linger = 0
        self.socket.sndhwm = self.socket.rcvhwm = hwm
        if identity:
            self.socket.routing_id = identity
        if curve:
            self.socket.curve_serverkey, self.socket.curve_publickey, self.socket.curve_secretkey = [
                k.encode() if isinstance(k, str) else k for k in curve]
        self.socket.connect(endpoint)
        self.replies = collections.defaultdict(collections.deque)
        self.order = []
        self.events = collections.defaultdict(collections.deque)
        self.event_octets = collections.Counter()
        self._numbers = itertools.count(1)
        if name:
            self.hello(name)

    def close(self):
        self.socket.close(0)
        self.context.term()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- the lane

    def send_raw(self, octets):
        self.socket.send(octets)

    def send(self, kind, body=None, number=None):
        """→ the id; the answer is waited for with reply(id) or not at all"""
        number = next(self._numbers) if number is None else number
        self.send_raw(request_frame(kind, number, body or {}))
        return number

    def receive(self, timeout=0.0):
        """Take what has come, waiting so long for the first. → how many messages"""
        count = 0
        while self.socket.poll(int(timeout * 1000) if not count else 0):
            octets = self.socket.recv()
            kind, number, body = answer_of(octets)
            if kind == "event":
                self.event_octets[number] += len(octets)
                self.events[number].extend(body)
            else:
                self.order.append(number)
                self.replies[number].append(Reply(number, body.get("status"), body.get("final", True),
                                                  body.get("text", ""), body.get("data"), time.monotonic()))
            count += 1
        return count

    def _until(self, ready, timeout, what):
        end = deadline(self.timeout if timeout is None else timeout)
        while True:
            value = ready()
            if value is not None:
                return value
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("API: no %s" % what)
            self.receive(min(left, 0.2))

    # -- requests

    def reply(self, number, timeout=None):
        """the next reply to this request"""
        return self._until(lambda: self.replies[number].popleft() if self.replies[number] else None, timeout,
                           "reply to request %d" % number)

    def request(self, kind, body=None, timeout=None):
        return self.reply(self.send(kind, body), timeout)

    def command(self, text, *, wait=None, format=None, timeout=None):
        """The first reply ("accepted", "done", "error"); with wait="sent" the last one"""
        body = {"text": text}
        if wait:
            body["wait"] = wait
        if format:
            body["format"] = format
        return self.whole(self.send("command", body), wait, timeout)

    def whole(self, number, wait=None, timeout=None):
        """The reply that counts: the last one of a "sent", all pieces of a long show as one"""
        answer = self.reply(number, timeout)
        while not answer.final and answer.status == "done":
            more = self.reply(number, timeout)
            answer = more._replace(text=answer.text + more.text,
                                   data=answer.data and more.data and answer.data + more.data or answer.data or more.data)
        while wait == "sent" and not answer.final:
            answer = self.reply(number, timeout)
        return answer

    def commands(self, texts, timeout=60):
        """All of them sent at once, then all answered: [Reply]"""
        numbers = []
        for n, text in enumerate(texts):
            numbers.append(self.send("command", {"text": text}))
            if n % 256 == 255:
                self.receive()
        return [self.reply(n, timeout) for n in numbers]

    def show(self, text, timeout=None):
        """A show command's data; a long one comes in pieces"""
        number, whole = self.send("command", {"text": text, "format": "json"}), None
        while True:
            answer = self.reply(number, timeout)
            if not answer.ok:
                raise RuntimeError("%s: %s" % (text, answer.text))
            whole = answer.data if whole is None else whole + (answer.data or [])
            if answer.final:
                return whole

    def hello(self, name, timeout=None):
        return self.request("hello", {"name": name}, timeout)

    def ping(self, timeout=None):
        return self.request("ping", timeout=timeout)

    def end_of_sync(self, timeout=None):
        return self.request("end-of-sync", timeout=timeout)

    # -- subscriptions

    def subscribe(self, timeout=None, **body):
        """updates, states, snapshot, neighbor, speaker, credit → the subscription's id"""
        number = self.send("subscribe", body)
        answer = self.reply(number, timeout)
        if not answer.ok:
            raise RuntimeError("subscribe: " + answer.text)
        return number

    def credit(self, subscription, octets):
        self.send("credit", {"credit": octets}, subscription)

    def unsubscribe(self, subscription, timeout=None):
        self.send("unsubscribe", number=subscription)
        return self.reply(subscription, timeout)

    def event(self, subscription, predicate=None, timeout=None):
        """the next event (that satisfies the predicate: those before it are dropped)"""
        def ready():
            queue = self.events[subscription]
            while queue:
                event = queue.popleft()
                if predicate is None or predicate(event):
                    return event
            return None
        return self._until(ready, timeout, "event of subscription %d" % subscription)

    def peek(self, subscription, seconds):
        """the next event if it comes within so many seconds, else None"""
        end = time.monotonic() + seconds
        while not self.events[subscription] and end > time.monotonic():
            self.receive(max(0, end - time.monotonic()))
        return self.events[subscription].popleft() if self.events[subscription] else None

    def wait_ready(self, timeout=15):
        """until the controller answers: DEALER only"""
        end = deadline(timeout)
        while True:
            try:
                return self.ping(timeout=0.25)
            except TimeoutError:
                if time.monotonic() >= end:
                    raise
