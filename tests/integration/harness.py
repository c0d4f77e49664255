"""What integration and interop tests stand on: programs started and ended by pid, Ambo in one piece or
two, the command line, the API, measurements, and a runner.

A test is a file NAME_test.py, executable, one ctest test:

    #!/usr/bin/python3
    # ctest: RUN_SERIAL ON                     properties for ctest, one a line: it measures; COST 300: it is long, so it begins first
    import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
    from tests.integration.harness import *

    def test_a_route_reaches_the_peer(t):
        peer = t.peer(listen="127.0.0.2:179", asn=65002)
        ambo = t.ambo().run(CONFIG)
        peer.wait_established()
        status, out, err = ambo.cli("announce", "route", "10.0.0.0/24", "next-hop", "self")
        check(status == 0, err)
        peer.wait_prefixes(["10.0.0.0/24"])

    if __name__ == "__main__":
        main()

`t` (a Test) hands out what it ends again: processes, peers, clients, namespaces, a directory t.dir. Each
run has a network of its own (netns.private), so every port is free. Exit status: 0, 1 when a test failed,
77 when all were skipped. AMBO_KEEP=1 keeps the directory.
"""
import ctypes
import inspect
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.fake import bgp, netns  # noqa: E402
from tests.fake.peer import FakePeer  # noqa: E402
from tests.fake.patience import deadline, patient  # noqa: E402

BUILD = Path(os.environ.get("AMBO_BUILD", ROOT / "build")).resolve()
CASES = ROOT / "tests" / "cases"
TICKS = os.sysconf("SC_CLK_TCK")
_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Skip(Exception):
    pass


def skip(why):
    raise Skip(why)


def check(condition, *why):
    """AssertionError with the whole of why"""
    if not condition:
        raise AssertionError(" ".join(str(w) for w in why) or "check failed")


def equal(got, want, what=""):
    if got != want:
        raise AssertionError("%s: got %r, want %r" % (what or "not equal", got, want))


def wait_until(condition, timeout=10, what="", interval=0.02):
    """condition() until it is true; its value"""
    end = deadline(timeout)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise TimeoutError("not within %gs: %s" % (timeout, what or inspect.getsource(condition).strip()))
        time.sleep(interval)


# -- processes --------------------------------------------------------------------------------

def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Process:
    """A program in the foreground, its output in FILE.log of its directory. Start it from the main thread:
    it is killed when the thread that started it ends."""

    def __init__(self, name, args, directory, *, env=None, ns=None, cwd=None, stdin=subprocess.DEVNULL, limits=None,
                 user=None):
        self.name, self.args = name, [str(a) for a in args]
        self.directory = Path(directory)
        self.log_path = self.directory / (name + ".log")
        self._log = open(self.log_path, "ab", buffering=0)
        with netns.inside(ns):
            self.popen = subprocess.Popen(
                self.args, stdin=stdin, stdout=self._log, stderr=self._log, cwd=cwd or directory, close_fds=True,
                env=dict(os.environ, **(env or {})), preexec_fn=limits or _die_with_parent, process_group=0,
                user=user, group=pwd.getpwnam(user).pw_gid if user else None, extra_groups=[] if user else None)
        self.pid = self.popen.pid

    def __repr__(self):
        return "<%s pid %d %s>" % (self.name, self.pid, "running" if self.running else self.popen.returncode)

    @property
    def running(self):
        return self.popen.poll() is None

    @property
    def status(self):
        """exit status, negative for a signal, None while it runs"""
        return self.popen.poll()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_log(self, text, timeout=10):
        def there():
            if text in self.log():
                return True
            if not self.running:
                raise AssertionError("%s ended with %s before it said %r" % (self.name, self.status, text))
            return False
        wait_until(there, timeout, "%s says %r" % (self.name, text))

    def signal(self, number):
        if self.running:
            os.kill(self.pid, number)

    def stop(self):
        self.signal(signal.SIGSTOP)

    def cont(self):
        self.signal(signal.SIGCONT)

    def kill9(self):
        self.signal(signal.SIGKILL)
        return self.popen.wait()

    def wait(self, timeout=10):
        """its exit status"""
        try:
            return self.popen.wait(patient(timeout))
        except subprocess.TimeoutExpired:
            raise TimeoutError("%s did not end in %gs" % (self.name, timeout)) from None

    def terminate(self, timeout=5):
        """SIGTERM, then SIGKILL; its exit status"""
        if self.running:
            self.signal(signal.SIGTERM)
            self.signal(signal.SIGCONT)
            try:
                self.popen.wait(patient(timeout))
            except subprocess.TimeoutExpired:
                self.kill9()
        self._log.close()
        return self.popen.returncode


def _stat(pid):
    with open("/proc/%d/stat" % pid) as f:
        return f.read().rpartition(")")[2].split()


def alive(pid):
    try:
        return _stat(pid)[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def rss(pid):
    """resident octets"""
    with open("/proc/%d/statm" % pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_rss(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM"))


def cpu_ticks(pid):
    """user and system time used so far, in 1/TICKS s; all threads"""
    stat = _stat(pid)
    return int(stat[11]) + int(stat[12])


def cpu_share(pids, seconds=5.0):
    """part of one core that these used over a window: 0.01 is one per cent"""
    pids = [pids] if isinstance(pids, int) else list(pids)
    before, start = sum(map(cpu_ticks, pids)), time.monotonic()
    time.sleep(seconds)
    return (sum(map(cpu_ticks, pids)) - before) / TICKS / (time.monotonic() - start)


def queued(*pids):
    """{thread: seconds that it has been ready to run while others ran}, of this program and these; empty where the kernel
    does not say"""
    out = {}
    for pid in (os.getpid(), *pids):
        for task in Path("/proc/%d/task" % pid).glob("*/schedstat"):
            try:
                out[task] = int(task.read_text().split()[1]) / 1e9
            except (OSError, IndexError):
                pass
    return out


class Stopwatch:
    """How long something takes, and how long without what a busy machine adds: the time for which one thread, whichever
    this was worst for, had to wait for a processor. On an idle machine both are the same. pids: of the programs that do
    it."""

    def __init__(self, *pids):
        self.pids, self.before, self.start = pids, queued(*pids), time.monotonic()

    def own(self, until=None):
        """until: of time.monotonic(), now if None"""
        took = (until or time.monotonic()) - self.start
        waits = [now - self.before.get(task, 0) for task, now in queued(*self.pids).items()]
        return max(0, took - max(waits, default=0))


def at_once(do, most, what="", pids=(), tries=3):
    """The best of three takes less than `most` seconds: what else the machine does delays one, what we do wrong delays
    each. → what do() gave"""
    best = None
    for _ in range(tries):
        watch = Stopwatch(*pids)
        value = do()
        took = watch.own()
        if took < most:
            return value
        best = min(took, best or took)
    raise AssertionError("%s took %.3f s, at best of %d" % (what or inspect.getsource(do).strip(), best, tries))


def children(pid):
    out = []
    try:
        for task in Path("/proc/%d/task" % pid).glob("*/children"):
            out += [int(p) for p in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return out


def descendants(pid):
    out = []
    for child in children(pid):
        out += [child] + descendants(child)
    return out


def program_of(pid):
    try:
        return Path("/proc/%d/comm" % pid).read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def open_fds(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


# -- Ambo -------------------------------------------------------------------------------------

def program(name):
    path = BUILD / name
    if not os.access(path, os.X_OK):
        skip("%s is not built (AMBO_BUILD=%s)" % (name, BUILD))
    return path


class Keys:
    """A CURVE key pair and its files as `ambo keys FILE` makes them: FILE and FILE.pub."""

    def __init__(self, directory, name):
        import zmq
        public, secret = zmq.curve_keypair()
        self.name, self.public, self.secret = name, public.decode(), secret.decode()
        self.file = Path(directory) / (name + ".key")
        self.public_file = Path(directory) / (name + ".key.pub")
        head = 'metadata\n    name = "%s"\ncurve\n    public-key = "%s"\n' % (name, self.public)
        self.public_file.write_text(head)
        with open(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(head + '    secret-key = "%s"\n' % self.secret)


# How the programs are called. Nothing else in the tests knows it.

def run_command(config, api, options=()):
    return [program("ambo"), "run", "--api", api, *options, config]


def controller_command(config, api, bind, keys):
    return [program("ambo-controller"), "--api", api, "--bind", bind, "--key", keys.file, config]


def speaker_command(name, controller, keys, controller_key, listen, port):
    args = [program("ambo-speaker"), "--name", name, "--controller", controller, "--key", keys.file,
            "--controller-key", controller_key]
    for address in listen:
        args += ["--listen", address]
    return args + (["--port", port] if port else [])


class Ambo:
    """One Ambo: embedded (run) or split. ambo.controller and ambo.speakers[name] are Processes; embedded
    there is ambo.process, whose children are the two halves."""

    def __init__(self, directory, name="ambo"):
        self.directory, self.name = Path(directory) / name, name
        self.directory.mkdir(parents=True, exist_ok=True)
        self.api = "ipc://%s/api" % self.directory
        self.config_path = self.directory / (name + ".conf")
        self.process = self.controller = None
        self.speakers, self.keys, self._clients = {}, {}, []
        self._bind = None

    def write_config(self, text):
        """Written anew as an editor does it: another file, renamed"""
        new = self.config_path.with_suffix(".new")
        new.write_text(text)
        new.rename(self.config_path)
        return self.config_path

    # -- embedded

    def run(self, config, *, env=None, ns=None, wait=True, options=()):
        self.write_config(config)
        # all of a test are side by side
        env = dict({"AMBO_RUN": self.directory.parent / "run"}, **(env or {}))
        self.process = Process(self.name, run_command(self.config_path, self.api, options), self.directory, env=env, ns=ns)
        if wait:
            self.wait_ready()
        return self

    def half(self, name):
        """pid of "ambo-speaker" or "ambo-controller" below `ambo run`"""
        return wait_until(lambda: next((p for p in descendants(self.process.pid)
                                        if program_of(p) == name[:15]), None), 10, name + " started")

    # -- split

    def split(self, config, speakers=("edge",), *, port=7179, bind_address="127.0.0.1", listen=("127.0.0.1",),
              bgp_port=None, controller_ns=None, speaker_ns=None, wait=True, env=None):
        """Controller and speakers over tcp with CURVE. The configuration gets a section for each speaker
        with its key. speaker_ns, listen: for all, or a dict by speaker name."""
        self.keys["controller"] = Keys(self.directory, "controller")
        for s in speakers:
            self.keys[s] = Keys(self.directory, s)
        self._bind = "tcp://%s:%d" % (bind_address, port)
        self._split = dict(controller_ns=controller_ns, speaker_ns=speaker_ns, listen=listen, bgp_port=bgp_port, env=env)
        self.write_config(self.speaker_sections() + config)
        self.start_controller(wait=False)
        for s in speakers:
            self.start_speaker(s)
        if wait:
            self.wait_ready()
        return self

    def speaker_sections(self):
        return "".join('speaker %s {\n\tkey "%s";\n}\n' % (n, k.public)
                       for n, k in self.keys.items() if n != "controller")

    def start_controller(self, wait=True):
        self.controller = Process("controller", controller_command(
            self.config_path, self.api, self._bind, self.keys["controller"]), self.directory,
            ns=self._split["controller_ns"], env=self._split["env"])
        if wait:
            self.wait_ready()
        return self.controller

    def start_speaker(self, name):
        def mine(value):
            return value.get(name) if isinstance(value, dict) else value
        self.speakers[name] = Process(name, speaker_command(
            name, self._bind, self.keys[name], self.keys["controller"].public_file, mine(self._split["listen"]) or (),
            self._split["bgp_port"]), self.directory, ns=mine(self._split["speaker_ns"]), env=self._split["env"])
        return self.speakers[name]

    @property
    def speaker(self):
        return next(iter(self.speakers.values()))

    # -- both

    def pids(self):
        """of both halves, for a Stopwatch"""
        if self.process:
            return [self.half("ambo-controller"), self.half("ambo-speaker")]
        return [p.pid for p in self.processes()]

    def processes(self):
        return [p for p in (self.process, self.controller, *self.speakers.values()) if p]

    def wait_ready(self, timeout=15):
        """until the API answers"""
        from tests.fake.api import ApiClient
        main = self.process or self.controller
        end = deadline(timeout)
        with ApiClient(self.api) as client:
            while True:
                try:
                    client.wait_ready(0.3)
                    return
                except TimeoutError:
                    if not main.running:
                        raise AssertionError("%s ended with %s:\n%s" % (main.name, main.status, main.log())) from None
                    if time.monotonic() >= end:
                        raise

    def client(self, **how):
        """An ApiClient, closed at the end of the test"""
        from tests.fake.api import ApiClient
        client = ApiClient(self.api, **how)
        self._clients.append(client)
        return client

    def cli(self, *args, timeout=30, input=None, env=None):
        """`ambo ...` → (status, standard output, standard error)"""
        return cli(*args, api=self.api, timeout=timeout, input=input, env=env)

    def command(self, text):
        """`ambo TEXT`, which must succeed; its output"""
        status, out, err = self.cli(*text.split())
        check(status == 0, "ambo %s: status %d: %s%s" % (text, status, out, err))
        return out

    def reload(self, config, timeout=30):
        """The file is this one now, and it has been read, or refused."""
        main = self.process or self.controller
        before = main.log().count("reloaded")
        self.write_config(config)
        main.signal(signal.SIGUSR1)
        wait_until(lambda: main.log().count("reloaded") > before, timeout, "%s has read it" % main.name)

    def close(self):
        for c in self._clients:
            c.close()
        self._clients = []
        for p in [*self.speakers.values(), self.controller, self.process]:
            if p:
                p.terminate()


def cli(*args, api=None, timeout=30, input=None, env=None):
    environment = dict(os.environ, **(env or {}))
    if api:
        environment["AMBO_API"] = api
    try:
        done = subprocess.run([program("ambo"), *map(str, args)], env=environment, timeout=patient(timeout), input=input,
                              stdin=subprocess.DEVNULL if input is None else None, capture_output=True, text=True,
                              preexec_fn=_die_with_parent)
    except subprocess.TimeoutExpired:
        raise TimeoutError("ambo %s: no end in %gs" % (" ".join(map(str, args)), timeout)) from None
    return done.returncode, done.stdout, done.stderr


# -- a test -----------------------------------------------------------------------------------

class Test:
    """What one test function gets: everything made through it is ended after it, last made first."""

    def __init__(self, name):
        self.name = name
        self.dir = Path(tempfile.mkdtemp(prefix="ambo-%s-" % name[:24]))
        self._closers = []
        self._made = {}

    def add(self, thing, close=None):
        """thing.close() (or close()) is called at the end"""
        self._closers.append(close or thing.close)
        return thing

    def _number(self, kind):
        self._made[kind] = self._made.get(kind, 0) + 1
        return kind if self._made[kind] == 1 else "%s%d" % (kind, self._made[kind])

    def ambo(self, name=None):
        return self.add(Ambo(self.dir, name or self._number("ambo")))

    def peer(self, **how):
        peer = FakePeer(**how)
        return self.add(peer, peer.stop)

    def process(self, name, args, **how):
        process = Process(name, args, self.dir, **how)
        return self.add(process, process.terminate)

    def namespace(self, name=None):
        return self.add(netns.Namespace(name))

    def daemon(self, kind, config, **how):
        """"bird", "gobgp", "frr", "openbgpd", "exabgp": see tests/interop/daemons.py"""
        from tests.interop import daemons
        return self.add(daemons.start(kind, config, self.dir / self._number(kind), **how))

    def drop(self, *match, **how):
        """packets that match are lost until what this gives is called"""
        heal = netns.drop(*match, **how)
        return self.add(heal, heal)

    def close(self):
        problems = []
        for close in reversed(self._closers):
            try:
                close()
            except Exception:
                problems.append(traceback.format_exc())
        # orphans come to us (subreaper): what outlived its parent is ended, and is a fault
        for _ in range(50):
            left = [p for p in descendants(os.getpid()) if alive(p)]
            if not left:
                break
            time.sleep(0.02)
        for pid in left:
            problems.append("%s (pid %d) was left running" % (program_of(pid), pid))
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        _reap()
        return problems

    def print_logs(self, lines=40):
        for log in sorted(self.dir.rglob("*.log")):
            text = log.read_text(errors="replace").splitlines()
            print("--- %s (%d lines)" % (log.relative_to(self.dir), len(text)))
            print("\n".join(text[-lines:]))

    def sanitizer(self):
        """what a sanitizer said in any log"""
        for log in self.dir.rglob("*.log"):
            for line in log.read_text(errors="replace").splitlines():
                if "ERROR: AddressSanitizer" in line or "runtime error:" in line or "ERROR: LeakSanitizer" in line:
                    return "%s: %s" % (log.name, line)
        return None


def _reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _reason(error):
    """what and where in the test file"""
    where = traceback.extract_tb(error.__traceback__)
    line = next((f for f in reversed(where) if f.filename.endswith("_test.py")), where[-1])
    return "%s%s (%s:%d)" % ("" if isinstance(error, (AssertionError, TimeoutError)) else type(error).__name__ + ": ",
                             error, Path(line.filename).name, line.lineno)


def run_test(name, function):
    """→ "ok", "skip" or "fail"; prints the line"""
    test, start = Test(name), time.monotonic()
    result, why = "ok", ""
    try:
        function(test) if inspect.signature(function).parameters else function()
    except Skip as e:
        result, why = "skip", str(e)
    except Exception as e:
        result, why = "fail", _reason(e)
        if not isinstance(e, (AssertionError, TimeoutError)):
            traceback.print_exc(file=sys.stdout)
    except BaseException:
        # we are told to end: so does all that we made
        test.close()
        shutil.rmtree(test.dir, ignore_errors=True)
        raise
    problems = test.close()
    said = test.sanitizer()
    if said:
        problems.append(said)
    if problems and result != "fail":
        result, why = "fail", problems.pop(0).strip()
    for p in problems:
        print(p)
    print("%-4s %s (%.1f s)%s" % (result, name, time.monotonic() - start, ": " + why if why else ""))
    if result == "fail":
        test.print_logs()
    if not os.environ.get("AMBO_KEEP"):
        shutil.rmtree(test.dir, ignore_errors=True)
    else:
        print("     kept %s" % test.dir)
    sys.stdout.flush()
    return result


def main(private=True):
    """Runs every test_* function of the calling file, or those whose names contain an argument."""
    module = sys.modules["__main__"]
    tests = [(n, f) for n, f in vars(module).items() if n.startswith("test_") and callable(f)]
    words = sys.argv[1:]
    if words:
        tests = [(n, f) for n, f in tests if any(w in n for w in words)]
    sys.stdout.reconfigure(line_buffering=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if private:
        if not netns.available():
            print("skip: needs root for a network of its own")
            sys.exit(77)
        netns.private()
    results = [run_test(n, f) for n, f in tests]
    counts = {r: results.count(r) for r in ("ok", "fail", "skip")}
    print("%(ok)d ok, %(fail)d failed, %(skip)d skipped" % counts)
    if counts["fail"] or not results:
        sys.exit(1)
    sys.exit(77 if counts["skip"] == len(results) else 0)
