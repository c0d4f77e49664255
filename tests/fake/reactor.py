"""A select loop in a thread of its own, with timers. Whoever calls from outside holds the lock: the
loop lets go of it only while it waits."""
import heapq
import itertools
import os
import selectors
import sys
import threading
import time
import traceback

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Reactor:
    def __init__(self):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, READ, self._woken)
        self._timers, self._serial = [], itertools.count()
        self.late = 0.0  # by how much the latest of all timers was: what this machine makes of a program that is on time
        self._running = True
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    # -- for those who hold the lock

    def watch(self, sock, events, handler):
        """events 0: not watched at all. handler(events)"""
        try:
            key = self._selector.get_key(sock)
        except KeyError:
            if events:
                self._selector.register(sock, events, handler)
            return
        if not events:
            self._selector.unregister(sock)
        elif key.events != events or key.data != handler:
            self._selector.modify(sock, events, handler)

    def after(self, seconds, action):
        """→ a timer; cancel it with timer[2] = None"""
        timer = [time.monotonic() + seconds, next(self._serial), action]
        heapq.heappush(self._timers, timer)
        if threading.current_thread() is not self._thread:
            self.wake()
        return timer

    def wake(self):
        try:
            os.write(self._wake_write, b"x")
        except BlockingIOError:
            pass

    def stop(self):
        with self.lock:
            if not self._running:
                return
            self._running = False
            self.wake()
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    # -- the thread

    def _woken(self, _):
        os.read(self._wake_read, 4096)

    def _loop(self):
        timeout = 0
        while self._running:
            ready = self._selector.select(timeout)
            with self.lock:
                for key, events in ready:
                    # a handler before it may have closed this one
                    if self._selector.get_map() and self._selector.get_map().get(key.fd) is key:
                        self._guard(key.data, events)
                self._expire()
                timeout = max(0, self._timers[0][0] - time.monotonic()) if self._timers else None
                self.changed.notify_all()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _expire(self):
        now = time.monotonic()
        while self._timers and (self._timers[0][0] <= now or self._timers[0][2] is None):
            due, _, action = heapq.heappop(self._timers)
            if action:
                self.late = max(self.late, now - due)
                self._guard(action)

    def _guard(self, action, *args):
        try:
            action(*args)
        except Exception:
            traceback.print_exc(file=sys.stderr)
