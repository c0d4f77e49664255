"""A helper program that a test plays: what the test writes goes to its standard output, what it is told is in a
file. Its program is one file of Python without anything of ours.

    puppet = Puppet(t.dir, "routes")
    config = puppet.process() + neighbor(... puppet.api())
    puppet.say("announce route 10.0.0.0/24 next-hop self")
    puppet.wait_lines(1)                       # ["done"]
"""
import os
import sys
import time
from pathlib import Path

from tests.fake.patience import deadline

PROGRAM = '''#!/usr/bin/python3
import os, signal, sys, threading
where = {where!r}
def speak():
    while True:
        with open(where + ".say", "rb", buffering=0) as f:
            while True:
                data = f.read(65536)
                if not data:
                    break
                while data:
                    data = data[os.write(1, data):]
threading.Thread(target=speak, daemon=True).start()
out = open(where + ".told", "ab", buffering=0)
def end(*_):
    # what it was told before is not lost
    os.set_blocking(0, False)
    try:
        while not {deaf!r} or os.path.exists(where + ".listen"):
            data = os.read(0, 65536)
            if not data:
                break
            out.write(data)
    except BlockingIOError:
        pass
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)
signal.signal(signal.SIGTERM, end)
with open(where + ".pids", "a") as f:
    f.write("%d\\n" % os.getpid())
if {deaf!r}:
    while not os.path.exists(where + ".listen"):
        threading.Event().wait(0.05)
while True:
    data = os.read(0, 65536)
    if not data:
        break
    out.write(data)
'''


class Puppet:
    def __init__(self, directory, name, *, deaf=False):
        self.name, self.where = name, Path(directory) / ("puppet-" + name)
        self.program = Path(str(self.where) + ".py")
        self.program.write_text(PROGRAM.format(where=str(self.where), deaf=deaf))
        self.program.chmod(0o755)
        os.mkfifo(str(self.where) + ".say")
        self._path("told").touch()
        self._path("pids").touch()
        self._fd = None

    def _path(self, suffix):
        return Path("%s.%s" % (self.where, suffix))

    def process(self, encoder="text", more=""):
        return "process %s {\n\trun %s;\n\tencoder %s;\n\t%s\n}\n" % (self.name, self.program, encoder, more)

    def api(self, inside="neighbor-changes;"):
        return "api { processes [ %s ]; %s }" % (self.name, inside)

    @property
    def pids(self):
        return [int(p) for p in self._path("pids").read_text().split()]

    def wait_started(self, times=1, timeout=10):
        end = deadline(timeout)
        while len(self.pids) < times:
            if time.monotonic() > end:
                raise TimeoutError("%s was started %d times" % (self.name, len(self.pids)))
            time.sleep(0.02)
        return self.pids[-1]

    def say_raw(self, octets):
        if self._fd is None:
            self._fd = os.open(str(self.where) + ".say", os.O_RDWR)
        while octets:
            octets = octets[os.write(self._fd, octets[:65536]):]

    def say(self, *lines):
        self.say_raw("".join(line + "\n" for line in lines).encode())

    def listen(self):
        """one that is deaf begins to read"""
        self._path("listen").touch()

    def told(self):
        return self._path("told").read_bytes()

    def lines(self):
        return self.told().decode(errors="replace").splitlines()

    def clear(self):
        self._path("told").write_bytes(b"")

    def wait(self, condition, timeout=10, what=""):
        """condition(lines)"""
        end = deadline(timeout)
        while not condition(self.lines()):
            if time.monotonic() > end:
                raise TimeoutError("%s: %s; it was told: %s" % (self.name, what, self.lines()[-30:]))
            time.sleep(0.02)
        return self.lines()

    def wait_lines(self, count, timeout=10):
        """the first so many; no more may come"""
        lines = self.wait(lambda l: len(l) >= count, timeout, "%d lines" % count)
        if len(lines) != count:
            raise AssertionError("%s was told more than %d lines: %s" % (self.name, count, lines[-30:]))
        return lines

    def close(self):
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None
