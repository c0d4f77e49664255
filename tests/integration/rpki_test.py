#!/usr/bin/python3
# ctest: COST 60
"""Origins of routes by RPKI (RFC 6811, RFC 8210): caches are Debian's stayrtr with a file of ROAs each, or are played
where they misbehave; peers are played, and our AS is 65001."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import json
import shutil
import socket
import struct
import threading
from tests.integration.harness import *
from tests.integration.scene import *
from tests.integration.town import *

POLICIES = """
policy strict {
	rule wrong { match { rpki invalid; } then { reject; } }
	rule right { match { rpki [ valid ]; } then { community add 65001:1; accept; } }
	rule rest { then { accept; } }
}
"""
STRICT = "propagate router; import strict; export accept"
FAST = "refresh 1; retry 1"


def roas(*said):
    """("10.1.0.0/16", 24, 65002) ..."""
    return {"metadata": {"builddate": "2026-01-01T00:00:00Z"},
            "roas": [{"prefix": p, "maxLength": m, "asn": "AS%d" % a, "ta": "test"} for p, m, a in said]}


class Cache:
    """stayrtr, which looks at its file every second"""

    def __init__(self, t, name, port, *said):
        if not shutil.which("stayrtr"):
            skip("stayrtr is not installed")
        self.t, self.name, self.port, self.starts = t, name, port, 0
        self.file = t.dir / (name + ".json")
        self.say(*said)
        self.start()

    def say(self, *said):
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(roas(*said)))
        new.rename(self.file)

    def start(self):
        self.starts += 1
        self.process = self.t.process(
            "%s-%d" % (self.name, self.starts),
            ["stayrtr", "-bind", "127.0.0.1:%d" % self.port, "-cache", self.file, "-checktime=false", "-refresh", "1",
             "-metrics.addr", "127.0.0.1:%d" % (self.port + 1000)])

    def kill9(self):
        self.process.kill9()

    def section(self, extra=FAST):
        return cache_section(self.name, self.port, extra)


class PlayedCache:
    """A cache of RFC 8210 in a thread, for what stayrtr takes long for: all is said to whoever asks for everything, and
    what is new to whoever asks for news"""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.serial, self.all, self.news = 1, b"", b""
        threading.Thread(target=self.run, daemon=True).start()

    @staticmethod
    def pdus(prefixes, announce=True):
        """[(address as a number, length, longest, AS)]"""
        return b"".join(struct.pack("!BBHIBBBBII", 1, 4, 0, 20, announce, n, m, 0, a, asn) for a, n, m, asn in prefixes)

    def run(self):
        while True:
            self.connection, _ = self.listener.accept()
            try:
                self.serve(self.connection)
            except OSError:
                pass

    def serve(self, connection):
        while True:
            kind = connection.recv(2, socket.MSG_WAITALL)[1:]
            if not kind:
                return
            connection.recv(struct.unpack("!xxI", connection.recv(6, socket.MSG_WAITALL))[0] - 8, socket.MSG_WAITALL)
            body = self.all if kind == b"\2" else self.news
            self.news = b""
            connection.sendall(struct.pack("!BBHI", 1, 3, 7, 8) + body +
                               struct.pack("!BBHIIIII", 1, 7, 7, 24, self.serial, 3600, 600, 7200))

    def change(self, all, news):
        """What there is from now on, and the way there: the client is notified"""
        self.serial += 1
        self.all, self.news = all, news
        self.connection.sendall(struct.pack("!BBHII", 1, 0, 7, 12, self.serial))


def cache_section(name, port, extra=FAST):
    return "rpki { cache %s { address 127.0.0.1; port %d; %s; } }\n" % (name, port, extra)


def caches(client):
    return {r["cache"]: r for r in client.show("show rpki")}


def wait_cache(client, name, timeout=15, **want):
    wait_until(lambda: all(caches(client).get(name, {}).get(k) == v for k, v in want.items()), timeout,
               "%s: %s" % (name, want))
    return caches(client)[name]


def state(client, prefix, asn):
    return client.show("show rpki %s %d" % (prefix, asn))[0]["state"]


def town_of(t, *sections, **words):
    return Town(t, POLICIES + "".join(sections), **(words or {"OUT1": STRICT, "OUT2": OPEN}))


def say(town, *prefixes, path="65002"):
    town.peers[OUT1].announce(list(prefixes), next_hop=address(OUT1), as_path=path)


def test_a_roa_that_comes_takes_invalid_routes_away_and_marks_valid_ones(t):
    cache = Cache(t, "one", 8282, ("10.1.0.0/16", 16, 65002))
    town = town_of(t, cache.section())
    wait_cache(town.client, "one", state="up", heard=True, roas=1)
    events = town.client.subscribe(updates=True, states=True)
    say(town, "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.3.1.0/24")
    equal(town.told(OUT2, "10.1.0.0/16").get("communities"), ["65001:1"])
    for p in "10.2.0.0/16", "10.3.0.0/16", "10.3.1.0/24":
        equal(town.told(OUT2, p).get("communities"), None)
    cache.say(("10.1.0.0/16", 16, 65002), ("10.2.0.0/16", 16, 65099), ("10.3.0.0/16", 16, 65002))
    town.gone(OUT2, "10.2.0.0/16")
    town.gone(OUT2, "10.3.1.0/24")
    wait_until(lambda: town.table(OUT2)["10.3.0.0/16"].get("communities") == ["65001:1"], 10, "valid now")
    seen = {}
    while len(seen) < 3:
        e = town.client.event(events, lambda e: e["type"] == "rpki" and "route" in e)
        check(e["route"] not in seen, "twice", e)
        seen[e["route"]] = (e["neighbor"], e["family"], e["origin"], e["before"], e["state"])
    here = (address(OUT1), "ipv4 unicast", 65002, "not-found")
    equal(seen, {"10.2.0.0/16": here + ("invalid",), "10.3.1.0/24": here + ("invalid",), "10.3.0.0/16": here + ("valid",)})
    cache.say()
    town.told(OUT2, "10.2.0.0/16")
    town.told(OUT2, "10.3.1.0/24")
    wait_until(lambda: not town.table(OUT2)["10.1.0.0/16"].get("communities"), 10, "not found any more")


def test_show_and_explain_name_the_roas(t):
    cache = Cache(t, "one", 8282, ("10.1.0.0/16", 20, 65002), ("10.0.0.0/8", 8, 65099), ("2001:db8::/32", 48, 65002))
    town = town_of(t, cache.section())
    row = wait_cache(town.client, "one", state="up", heard=True)
    equal((row["roas"], row["port"], row["preference"], row["ups"], row["refresh"], row["retry"], row["expire"]),
          (3, 8282, 1, 1, 1, 1, 7200))
    text = town.client.command("show rpki").text
    check("one " in text and "127.0.0.1:8282" in text and " up " in text, text)
    say(town, "10.1.0.0/16")
    town.told(OUT2, "10.1.0.0/16")
    row, = town.client.show("show rpki 10.1.0.0/16 65002")
    equal((row["prefix"], row["as"], row["state"]), ("10.1.0.0/16", 65002, "valid"))
    equal(row["roas"], [{"prefix": "10.0.0.0/8", "max-length": 8, "as": 65099, "fits": "another AS", "caches": ["one"]},
                        {"prefix": "10.1.0.0/16", "max-length": 20, "as": 65002, "fits": "allows it", "caches": ["one"]}])
    for words, want in (("10.1.0.0/21 65002", "invalid"), ("10.1.0.0/20 65002", "valid"), ("10.1.0.0/16 0", "invalid"),
                        ("11.0.0.0/8 65002", "not-found"), ("2001:db8:1::/48 65002", "valid")):
        equal(state(town.client, *words.split()[:1], int(words.split()[1])), want, words)
    equal(town.client.show("show rpki 10.1.2.0/24")[0]["state"], "covered")
    text = town.client.command("show rpki 10.1.0.0/24 65002").text
    equal(text.splitlines(), ["10.1.0.0/24 from AS65002: invalid", "    10.0.0.0/8 AS65099: another AS (one)",
                              "    10.1.0.0/16-20 AS65002: too long (one)"])
    text = town.client.command("explain route 10.1.0.0/16").text
    check("rpki: valid, its origin is AS65002" in text and "10.1.0.0/16-20 AS65002: allows it (one)" in text, text)
    rows = [r for r in town.client.show("explain route 10.1.0.0/16") if "from" in r]
    equal((rows[0]["rpki"], len(rows[0]["roas"])), ("valid", 2))
    for words in "show rpki 10.1.0.0/16 AS", "show rpki x", "show rpki 10.1.0.0/16 65002 7":
        check(not town.client.command(words).ok, words)


def test_a_set_has_no_origin_and_our_own_path_is_ours(t):
    cache = Cache(t, "one", 8282, ("10.0.0.0/8", 24, US), ("10.0.0.0/8", 24, 65002))
    town = town_of(t, cache.section(), OUT1=STRICT, OUT2=OPEN, IN1=STRICT)
    wait_cache(town.client, "one", state="up", heard=True)
    town.peers[IN1].announce(["10.1.0.0/16"], next_hop="192.0.2.1", as_path="", local_pref=100)
    equal(town.told(OUT2, "10.1.0.0/16").get("communities"), ["65001:1"])
    town.peers[OUT1].announce(["10.2.0.0/16"], next_hop=address(OUT1), as_path=[65002, {65002, 65100}])
    say(town, "10.3.0.0/16")
    town.told(OUT2, "10.3.0.0/16")
    check("10.2.0.0/16" not in town.table(OUT2), town.table(OUT2))


def test_no_route_is_lost_with_a_cache_and_one_that_is_back_says_other_roas(t):
    cache = Cache(t, "one", 8282, ("10.1.0.0/16", 16, 65002), ("10.2.0.0/16", 16, 65099))
    town = town_of(t, cache.section())
    wait_cache(town.client, "one", state="up", heard=True)
    events = town.client.subscribe(states=True)
    say(town, "10.1.0.0/16", "10.2.0.0/16")
    town.told(OUT2, "10.1.0.0/16")
    for round in range(3):
        cache.kill9()
        e = town.client.event(events, lambda e: e["type"] == "rpki")
        equal((e["cache"], e["state"]), ("one", "down"))
        check(e["reason"], e)
        # what it said holds until it expires
        equal(wait_cache(town.client, "one", state="down")["heard"], True)
        equal(state(town.client, "10.2.0.0/16", 65002), "invalid")
        equal(sorted(town.table(OUT2)), ["10.1.0.0/16"] if round % 2 == 0 else ["10.2.0.0/16"])
        wait_until(lambda: "refused" in caches(town.client)["one"]["why"], 10, "the reason of the next attempt")
        if round % 2 == 0:
            cache.say(("10.1.0.0/16", 16, 65099))
        else:
            cache.say(("10.2.0.0/16", 16, 65099))
        cache.start()
        e = town.client.event(events, lambda e: e["type"] == "rpki")
        equal((e["cache"], e["state"], e["roas"]), ("one", "up", 1))
        town.gone(OUT2, "10.1.0.0/16" if round % 2 == 0 else "10.2.0.0/16")
        town.told(OUT2, "10.2.0.0/16" if round % 2 == 0 else "10.1.0.0/16")
        if round == 0:
            break
    equal(caches(town.client)["one"]["ups"], 2)


def test_a_controller_ends_while_its_cache_goes(t):
    """the thread that finds the cache gone and the one that stops it do not wait for each other"""
    cache = Cache(t, "one", 8282, ("10.1.0.0/16", 16, 65002))
    for _ in range(10):
        ambo = t.ambo().run("neighbor 127.0.0.2 { local-address 127.0.0.1; local-as 1; peer-as 2; router-id 10.0.0.1; "
                            "family { ipv4 unicast; } }\n" + cache.section())
        wait_cache(ambo.client(), "one", state="up", heard=True)
        pid = ambo.process.pid
        halves = Path("/proc/%d/task/%d/children" % (pid, pid)).read_text().split()
        equal(len(halves), 2, "halves")
        cache.kill9()
        ambo.process.terminate(8)
        check(not any(Path("/proc", half).exists() for half in halves), "a half did not end")
        cache.start()


def test_what_a_cache_said_expires(t):
    cache = Cache(t, "one", 8282, ("10.2.0.0/16", 16, 65099))
    town = town_of(t, cache.section(FAST + "; expire 5"))
    wait_cache(town.client, "one", state="up", heard=True)
    events = town.client.subscribe(states=True)
    say(town, "10.1.0.0/16", "10.2.0.0/16")
    town.told(OUT2, "10.1.0.0/16")
    time.sleep(7)  # while it is there, it does not
    check("10.2.0.0/16" not in town.table(OUT2), "fresh")
    cache.kill9()
    equal([town.client.event(events, lambda e: e["type"] == "rpki")["state"] for _ in range(2)], ["down", "expired"])
    town.told(OUT2, "10.2.0.0/16")
    equal(state(town.client, "10.2.0.0/16", 65002), "not-found")
    cache.start()
    town.gone(OUT2, "10.2.0.0/16")


def test_a_cache_whose_refresh_is_behind_its_expiry_is_asked_before(t):
    """It says to be asked every hour, and what it said is believed for five seconds: it does not come and go."""
    played = PlayedCache(7910)
    played.all = played.pdus([(0x0a020000, 16, 16, 65099)])
    town = town_of(t, cache_section("played", 7910, "expire 5"))
    wait_cache(town.client, "played", state="up", heard=True, expire=5)
    check(caches(town.client)["played"]["refresh"] < 5, "asked before")
    say(town, "10.2.0.0/16")
    for _ in range(15):
        time.sleep(0.5)
        equal(state(town.client, "10.2.0.0/16", 65002), "invalid")


def test_roas_that_differ_in_host_bits_only_are_one(t):
    played = PlayedCache(7911)
    twins = [(0x0a010000, 16, 24, 65002), (0x0a010001, 16, 24, 65002)]
    played.all = played.pdus(twins + [(0x0a020000, 16, 16, 65099)])
    town = town_of(t, cache_section("played", 7911))
    wait_cache(town.client, "played", state="up", heard=True, roas=2)
    say(town, "10.1.1.0/24")
    town.told(OUT2, "10.1.1.0/24")
    equal(state(town.client, "10.1.1.0/24", 65002), "valid")
    played.change(played.pdus(twins[1:] + [(0x0a020000, 16, 16, 65099)]), played.pdus(twins[:1], announce=False))
    wait_cache(town.client, "played", serial=2)
    equal((caches(town.client)["played"]["roas"], state(town.client, "10.1.1.0/24", 65002)), (2, "valid"))
    played.change(played.pdus([(0x0a020000, 16, 16, 65099)]), played.pdus(twins[1:], announce=False))
    wait_cache(town.client, "played", serial=3, roas=1)
    equal(state(town.client, "10.1.1.0/24", 65002), "not-found")


def test_the_cache_of_the_lowest_preference_that_is_up_is_heard(t):
    first = Cache(t, "first", 8282, ("10.1.0.0/16", 16, 65099), ("10.3.0.0/16", 16, 65099))
    second = Cache(t, "second", 8283, ("10.2.0.0/16", 16, 65099), ("10.3.0.0/16", 16, 65099))
    town = town_of(t, first.section(FAST + "; preference 10"), second.section(FAST + "; preference 20"))
    for name in "first", "second":
        wait_cache(town.client, name, state="up")
    equal({n: r["heard"] for n, r in caches(town.client).items()}, {"first": True, "second": False})
    say(town, "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16")
    town.told(OUT2, "10.2.0.0/16")
    town.quiet()
    equal(sorted(town.table(OUT2)), ["10.2.0.0/16"])
    first.kill9()
    town.told(OUT2, "10.1.0.0/16")
    town.gone(OUT2, "10.2.0.0/16")
    equal({n: r["heard"] for n, r in caches(town.client).items()}, {"first": False, "second": True})
    second.kill9()  # none is up: the first again, which has not expired
    town.told(OUT2, "10.2.0.0/16")
    first.start()
    wait_cache(town.client, "first", state="up", heard=True)
    town.quiet()
    equal(sorted(town.table(OUT2)), ["10.2.0.0/16"])


def test_caches_of_one_preference_are_heard_together(t):
    first = Cache(t, "first", 8282, ("10.1.0.0/16", 16, 65099), ("10.3.0.0/16", 16, 65099))
    second = Cache(t, "second", 8283, ("10.2.0.0/16", 16, 65099), ("10.3.0.0/16", 16, 65099))
    town = town_of(t, first.section(), second.section())
    for name in "first", "second":
        wait_cache(town.client, name, state="up", heard=True)
    say(town, "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16")
    town.told(OUT2, "10.4.0.0/16")
    town.quiet()
    equal(sorted(town.table(OUT2)), ["10.4.0.0/16"])
    equal(town.client.show("show rpki 10.3.0.0/16 65099")[0]["roas"][0]["caches"], ["first", "second"])


def test_a_reload_adds_and_removes_caches_and_touches_no_session(t):
    first = Cache(t, "first", 8282, ("10.1.0.0/16", 16, 65099))
    second = Cache(t, "second", 8283, ("10.2.0.0/16", 16, 65099))
    words = {"OUT1": STRICT, "OUT2": OPEN}
    town = town_of(t, **words)
    events = town.client.subscribe(states=True)
    equal(town.client.show("show rpki"), [])
    say(town, "10.1.0.0/16", "10.2.0.0/16")
    for p in "10.1.0.0/16", "10.2.0.0/16":
        town.told(OUT2, p)

    def load(*sections):
        text = POLICIES + "".join(sections) + "".join(town.section(globals()[n], w) for n, w in words.items())
        town.ambo.write_config(text)
        check(town.client.command("reload").ok)

    load(first.section())
    town.gone(OUT2, "10.1.0.0/16")
    load(first.section(), second.section())
    town.gone(OUT2, "10.2.0.0/16")
    load(second.section())
    town.told(OUT2, "10.1.0.0/16")
    wait_until(lambda: sorted(caches(town.client)) == ["second"], 10, "the first has left")
    load(cache_section("second", 8282))  # under its name, another: the old one leaves, one of that name comes
    town.told(OUT2, "10.2.0.0/16")
    town.gone(OUT2, "10.1.0.0/16")
    for _ in range(20):  # faster than any of them is up
        load(first.section())
        load(first.section(), second.section(FAST + "; preference 5"))
    wait_cache(town.client, "first", state="up", heard=True)
    load()
    town.told(OUT2, "10.1.0.0/16")
    town.told(OUT2, "10.2.0.0/16")
    wait_until(lambda: town.client.show("show rpki") == [], 10, "all have left")
    town.client.receive()
    equal([e for e in town.client.events[events] if e["type"] == "state"], [], "sessions")
    equal(len(town.peers[OUT1].sessions) if hasattr(town.peers[OUT1], "sessions") else 1, 1)


def test_where_nobody_listens_or_who_answers_is_no_cache_all_is_not_found(t):
    """A port without anybody, one that says nothing, and some that say what RTR does not"""
    said = [b"\xff" * 300, b"", b"\x01\x03\x00\x01\x00\x00\x00\x08" + b"\x01\x04\x00\x00\x00\x00\x00\x14" + b"\xff" * 12,
            b"\x01\x03\x00\x01\x00\x00\x00\x08\x01\x04\x00\x00\x00\x00\x00\x04", b"\x00" * 4096, b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"\x01\x0a\x00\x02\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00", os.urandom(2000), None]
    sections = [cache_section("nobody", 7999)]
    for i, octets in enumerate(said):
        listener = socket.create_server(("127.0.0.1", 8000 + i))
        threading.Thread(target=play_nonsense, args=(listener, octets), daemon=True).start()
        sections.append(cache_section("bad-%d" % i, 8000 + i))
    town = town_of(t, *sections)
    say(town, "10.1.0.0/16")
    town.told(OUT2, "10.1.0.0/16")
    wait_until(lambda: "refused" in caches(town.client)["nobody"]["why"], 10, "why")
    time.sleep(5)  # attempts enough
    for name, row in caches(town.client).items():
        equal((name, row["state"], row["heard"], row["roas"]), (name, "down", False, 0))
    equal(state(town.client, "10.1.0.0/16", 65002), "not-found")
    log = town.ambo.process.log()
    check("RTR Socket" not in log and "RTR_MGR" not in log, "librtr does not write into our log", log[-2000:])
    lines = [l for l in log.splitlines() if "cache nobody" in l]
    equal(len(lines), 1, "said once: %s" % lines)


def play_nonsense(listener, octets):
    while True:
        connection, _ = listener.accept()
        try:
            if octets is None:
                connection.close()
                continue
            connection.sendall(octets)
            if octets:
                connection.recv(4096)
                time.sleep(0.5)
                connection.close()
            else:
                threading.Thread(target=connection.recv, args=(1 << 16,), daemon=True).start()
        except OSError:
            pass


def test_hundreds_of_thousands_of_roas_at_once_decide_each_route_once(t):
    """200,000 ROAs come to 10,000 routes, of which half are another's; and go again"""
    routes, most = 10000, 200000
    cache = PlayedCache(7801)
    loader = Loader(t, address(OUT1), AS[OUT1])
    peer = t.peer(listen=address(OUT2) + ":179", asn=AS[OUT2])
    ambo = t.ambo().run(POLICIES + cache_section("one", 7801) + Town.section(OUT1, STRICT) + Town.section(OUT2, OPEN))
    client = ambo.client()
    wait_up(client, address(OUT1), address(OUT2))
    wait_cache(client, "one", state="up", roas=0)
    loader.run("table", routes, 1)
    wait_until(lambda: len(peer.table) == routes, 60, "the table")
    events = client.subscribe(updates=True, states=True, credit=1 << 40)
    said = [((10 << 24) + (i << 8), 24, 24, AS[OUT1] if i % 2 else 65099) for i in range(most)]
    come, go = PlayedCache.pdus(said), PlayedCache.pdus(said, False)
    controller = ambo.half("ambo-controller")

    def watch(done, what):
        before, size, pings, end = cpu_ticks(controller), rss(controller), Times("ping"), deadline(60)
        while not done():
            check(time.monotonic() < end, what)
            pings.time(lambda: client.ping(60), controller)
            client.receive(0.01)
        print("%s: %.2f s of CPU, %+.0f MiB" % (
            what, (cpu_ticks(controller) - before) / TICKS, (rss(controller) - size) / (1 << 20)))
        pings.report(2000, part=1)

    cache.change(come, come)
    watch(lambda: caches(client)["one"]["roas"] == most and len(peer.table) == routes // 2, "200,000 ROAs come")
    wait_until(lambda: client.receive(0.1) == 0, 30, "all is said")
    seen = [e for e in client.events[events] if e["type"] == "rpki" and "route" in e]
    states = {e["route"]: e["state"] for e in seen}
    equal((len(seen), len(states)), (routes, routes), "each route changes once")
    equal(states, {"%d.%d.%d.0/24" % (10 + (i >> 16), i >> 8 & 255, i & 255): "valid" if i % 2 else "invalid"
                   for i in range(routes)})
    cache.change(b"", go)
    watch(lambda: len(peer.table) == routes, "they go")
    equal(caches(client)["one"]["roas"], 0)


def test_who_gives_no_credit_is_told_that_something_was_missed(t):
    cache = PlayedCache(7802)
    town = Town(t, POLICIES + cache_section("one", 7802), OUT1=STRICT, OUT2=OPEN)
    wait_cache(town.client, "one", state="up")
    say(town, *("10.%d.0.0/16" % i for i in range(100)))
    town.told(OUT2, "10.99.0.0/16")
    events = town.client.subscribe(updates=True, credit=1)
    roa = PlayedCache.pdus([(10 << 24, 8, 8, 65002)])
    cache.change(roa, roa)
    town.gone(OUT2, "10.99.0.0/16")
    town.client.receive(0.1)
    told = [e for e in town.client.events[events] if e["type"] == "rpki"]
    check(len(told) < 100, len(told))
    town.client.credit(events, 1 << 30)
    e = town.client.event(events, lambda e: e["type"] == "lagged" and "neighbor" not in e)
    equal(e["skipped"] + len(told), 100)


def test_it_ends_at_once_whatever_its_caches_do(t):
    mute = socket.create_server(("127.0.0.1", 7900))
    cache = Cache(t, "one", 8282, *(("10.%d.%d.0/24" % (i // 256, i % 256), 24, 65002) for i in range(50000)))
    town = town_of(t, cache.section(), cache_section("mute", 7900), cache_section("nobody", 7901),
                   "rpki { cache hole { address 127.0.0.99; port 1; } }\n")
    wait_cache(town.client, "one", state="up", heard=True, roas=50000)
    watch = Stopwatch(*town.ambo.pids())
    equal(town.ambo.process.terminate(10), 0)
    check(watch.own() < 3, watch.own())
    mute.close()


def test_a_policy_is_tested_with_a_file_of_roas(t):
    (t.dir / "c.conf").write_text(POLICIES)
    (t.dir / "roas.json").write_text(json.dumps(roas(("10.1.0.0/16", 16, 65002)), indent=1))
    (t.dir / "bad.json").write_text('{"roas": [\n{"prefix": "10.1.0.0/99", "asn": 5}]}')

    def run(*words):
        return cli("policy", "test", t.dir / "c.conf", "strict", *words)
    route = "10.1.0.0/16 next-hop 192.0.2.1 as-path [ %d ]"
    for asn, want in (65002, "valid"), (65003, "invalid"):
        status, out, err = run("roas", t.dir / "roas.json", "route", *(route % asn).split())
        check("rpki: " + want in out and ("rejected" in out) == (want == "invalid"), out, err)
    status, out, err = run("route", *(route % 65003).split())
    check("not-found, for no file of ROAs was given" in out and "accepted" in out, out, err)
    status, out, err = run("roas", t.dir / "bad.json", "route", *(route % 65003).split())
    check(status == 1 and "line 2" in err and "10.1.0.0/99" in err, out, err)
    status, out, err = run("roas", t.dir / "none.json", "route", *(route % 65003).split())
    check(status == 1 and "none.json" in err, out, err)


if __name__ == "__main__":
    main()
