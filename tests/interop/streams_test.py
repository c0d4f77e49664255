#!/usr/bin/python3
"""Recorded and generated streams of UPDATEs, each on a session of its own: every event of ours is what the
stream says, in its order for each prefix, and the table at the end is the model's.

AMBO_STREAMS names a folder of recorded ones (INDEX.tsv, *.bgp.xz: messages back to back), AMBO_MRT the folder
of the dumps that they were cut from: then our events are compared with `bgpdump -m` too. The generated one
always runs. With AMBO_FULL=1 the tables of full size there (synth_*, from AS 65001) go through too."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import collections
import csv
import ipaddress
import lzma
import random
import shutil
import struct
import subprocess
import time
from pathlib import Path

from tests.integration.harness import *
from tests.integration.scene import speaker_has_heard, wait_up
from tests.fake import bgp

LOCAL, AS = "127.0.0.1", 65000
SIX = ("ris2007_195.66.226.35_as6067.bgp.xz", "ris2007_2001-7f8-4--d1c-1_as3356.bgp.xz", "ris2016_37.49.236.1_as8218.bgp.xz",
       "ris2016_2001-7f8-54--74_as50620.bgp.xz", "rrc15_2010_200.219.130.4_as1916.bgp.xz",
       "ris2016_2001-7f8-54--188_as59689.bgp.xz")
DUMPS = {"ris2007": "test_data_updates.20070211.0141.gz", "ris2016": "test_data_updates.20160811.1600.gz",
         "rrc15": "rrc15_2010.02_updates.20100227.1600.gz"}
MARK = "198.18.255.255/32"


def neighbor(address, asn, as4):
    return """neighbor %s {
    router-id 10.0.0.1;
    local-address %s;
    local-as %d;
    peer-as %d;
    hold-time 180;
    family { ipv4 unicast; ipv6 unicast; }
    capability { asn4 %s; aigp; }
}
""" % (address, LOCAL, AS, asn, "enable" if as4 else "disable")


# -- one row a route, as bgpdump -m writes it, of ours and of the model --------------------------

def path_text(path):
    return " ".join("{%s}" % ",".join(map(str, sorted(p))) if isinstance(p, (set, frozenset)) else str(p) for p in path)


def row(prefix, a, hop):
    """a: origin, path (list), med, communities (texts), atomic, aggregator (text)"""
    return ("A", str(ipaddress.ip_network(prefix)), path_text(a["path"]), a["origin"].upper(), hop, int(a["med"] or 0),
            " ".join(sorted(a["communities"])), bool(a["atomic"]), a["aggregator"] or "")


def rows_of_event(event):
    m = event["message"].get("update", {})
    out = [("W", str(ipaddress.ip_network(n["nlri"]))) for group in m.get("withdraw", {}).values() for n in group]
    a = m.get("attribute", {})
    path = []
    for i in sorted(a.get("as-path", {}), key=int):
        part = a["as-path"][i]
        path += [frozenset(part["value"])] if "set" in part["element"] else part["value"]
    attrs = dict(path=path, origin=a.get("origin", ""), med=a.get("med"), atomic=a.get("atomic-aggregate"),
                 communities=["%d:%d" % tuple(c) for c in a.get("community", [])],
                 aggregator=(a.get("aggregator") or "").replace(":", " "))
    for family in m.get("announce", {}).values():
        for hop, group in family.items():
            out += [row(n["nlri"], attrs, hop) for n in group]
    return out


def rows_of_model(messages, as4):
    out, parser = [], bgp.UpdateParser(asn4=as4)
    for m in messages:
        u = parser.parse(m[19:])
        out.append([("W", str(ipaddress.ip_network(p))) for _, p, _ in u["withdrawn"]] +
                   [row(p, model_attributes(a), first(a["next_hop"])) for (_, p, _), a in u["routes"]])
    return out


def first(hop):
    return hop[0] if isinstance(hop, (list, tuple)) else hop


def model_attributes(a):
    path, aggregator = list(a.get("as_path") or []), a.get("aggregator")
    if a.get("as4_path"):
        # RFC 6793 4.2.3: as many as both have, from the end
        newer = list(a["as4_path"])
        if len(newer) <= len(path):
            path = path[:len(path) - len(newer)] + newer
    return dict(path=path, origin=a.get("origin", ""), med=a.get("med"), communities=a.get("communities") or [],
                atomic=a.get("atomic"), aggregator="%d %s" % tuple(aggregator) if aggregator else "")


WORDS = {"IGP": "IGP", "EGP": "EGP", "INCOMPLETE": "INCOMPLETE"}


def rows_of_bgpdump(dump, peer):
    text = subprocess.run(["bgpdump", "-m", str(dump)], capture_output=True, text=True, errors="replace").stdout
    out = []
    for line in text.splitlines():
        f = line.split("|")
        if len(f) < 6 or f[3] != peer or f[2] not in "AW":
            continue
        if f[2] == "W":
            out.append(("W", str(ipaddress.ip_network(f[5]))))
        else:
            path = " ".join("{%s}" % ",".join(sorted(w.strip("{}").split(","), key=int)) if w[0] == "{" else w
                            for w in f[6].split())
            out.append(("A", str(ipaddress.ip_network(f[5])), path, f[7], f[8], int(f[10] or 0),
                        " ".join(sorted(f[11].split())), f[12] == "AG", f[13]))
    return out


def by_prefix(rows):
    out = collections.defaultdict(list)
    for r in rows:
        out[r[1]].append(r)
    return out


def same_rows(got, want, what, known=lambda r: r):
    """The rows of each prefix are the same, in order"""
    got, want = by_prefix(got), by_prefix(want)
    equal(sorted(got.keys() ^ want.keys())[:5], [], what + ": prefixes that only one has")
    for prefix in want:
        g, w = [known(r) for r in got[prefix]], [known(r) for r in want[prefix]]
        check(g == w, "%s: %s\n  ours   %s\n  theirs %s" % (what, prefix, g[:4], w[:4]))


# -- playing -------------------------------------------------------------------------------------

def play(t, messages, asn, as4, address):
    """Every event about them, and the table at the end"""
    peer = t.peer(listen=address + ":179", asn=asn, as4=as4, families=("ipv4", "ipv6"), eor=False, parse=False)
    ambo = t.ambo("ambo-" + address).run(neighbor(address, asn, as4))
    client = ambo.client()
    subscription = client.subscribe(updates=True, credit=1 << 40)
    peer.wait_established(20)
    wait_up(client, address)
    speaker_has_heard(client, address)
    events = []

    def until(prefix):
        while True:
            e = client.event(subscription, timeout=30)
            if e["type"] != "update" or "update" not in e["message"]:
                check(e["type"] not in ("lagged", "reset"), "the subscription fell behind: %s" % e)
                continue
            if any(n["nlri"] == prefix for f in e["message"]["update"].get("announce", {}).values()
                   for g in f.values() for n in g):
                return
            check(e["live"], "an event was not told as it happened")
            events.append(e)
    # in portions that a lane takes as they come
    for i in range(0, len(messages), 200):
        peer.send(b"".join(messages[i:i + 200]))
        mark = "198.18.%d.%d/32" % (i // 200 >> 8, i // 200 & 0xff)
        for m in bgp.announce([mark], "10.0.0.1", as_path=[asn], asn4=as4):
            peer.send(m)
        until(mark)
    text = ambo.command("show routes received")
    table = {str(ipaddress.ip_network(line.split()[4])) for line in text.splitlines()}
    return events, {p for p in table if not p.startswith("198.18.")}


def final(rows):
    table = {}
    for r in rows:
        if r[0] == "W":
            table.pop(r[1], None)
        else:
            table[r[1]] = r
    return table


def compare_with_model(messages, events, table, as4):
    model = rows_of_model(messages, as4)
    flat = [r for m in model for r in m]
    same_rows([r for e in events for r in rows_of_event(e)], flat, "events and stream")
    want = set(final(flat))
    equal((len(table), sorted(table ^ want)[:5]), (len(want), []), "the table at the end")
    # one UPDATE is one event
    equal(len(events), sum(1 for m in model if m), "events")
    return flat


def generated(seed, as4):
    """Announces, changes, withdraws of both families, a two-octet speaker's AS4_PATH among them"""
    rnd, out = random.Random(seed), []
    four = ["10.%d.%d.0/24" % (i >> 8, i & 0xff) for i in range(400)]
    six = ["2001:db8:%x::/48" % (i + 1) for i in range(200)]
    for _ in range(1500):
        some = rnd.sample(rnd.choice((four, six)), rnd.randint(1, 12))
        if rnd.random() < 0.25:
            out += bgp.withdraw(some)
            continue
        path = [65001] + [rnd.choice((64512, 65010, 4200000000 + rnd.randint(1, 9))) for _ in range(rnd.randint(0, 5))]
        told = dict(origin=rnd.choice(("igp", "egp", "incomplete")), as_path=path, med=rnd.choice((None, 5, 4294967295)),
                    communities=rnd.choice((None, ["65000:%d" % rnd.randint(0, 5), "65535:65281"])))
        if not as4 and any(a > 65535 for a in path):
            told["as4_path"] = path
            told["as_path"] = [a if a < 65536 else 23456 for a in path]
        told = {k: v for k, v in told.items() if v is not None}
        out += bgp.announce(some, "2001:db8::1" if ":" in some[0] else "10.0.0.2", asn4=as4, **told)
    return out


def test_a_generated_stream(t):
    messages = generated(1, True)
    events, table = play(t, messages, 65001, True, "127.0.0.2")
    compare_with_model(messages, events, table, True)


def test_a_generated_stream_of_a_two_octet_speaker(t):
    messages = generated(2, False)
    events, table = play(t, messages, 65001, False, "127.0.0.2")
    compare_with_model(messages, events, table, False)


def split(data):
    at = 0
    while at < len(data):
        size = struct.unpack_from("!H", data, at + 16)[0]
        yield data[at:at + size]
        at += size


POLICY = """policy mark {
    rule all {
        then {
            community add 65000:1;
            accept;
        }
    }
}
"""
SINK = "127.0.0.99"


def through(t, name, messages, asn, as4, patience=60):
    """The stream goes in at one peer, through a policy, and out to another: what that one holds at the end is what the
    model says, each attribute. → how many routes. IPv4: over IPv4 we are no next hop of IPv6"""
    source = t.peer(listen="127.0.0.98:179", asn=asn, as4=as4, families=("ipv4", "ipv6"), eor=False, parse=False)
    sink = t.peer(listen=SINK + ":179", asn=64999, families=("ipv4", "ipv6"))
    words = "    propagate router; import mark; export accept;\n}\n"
    ambo = t.ambo(name).run(POLICY + neighbor("127.0.0.98", asn, as4).replace("\n}\n", "\n" + words) +
                            neighbor(SINK, 64999, True).replace("\n}\n", "\n" + words))
    source.wait_established(20)
    sink.wait_established(20)
    source.send(b"".join(messages))
    for m in bgp.announce([MARK], "127.0.0.98", as_path=[asn], asn4=as4):
        source.send(m)
    sink.wait_prefixes([MARK], patience)
    sink.wait_quiet(1)
    want = {}
    for r in final([r for m in rows_of_model(messages, as4) for r in m]).values():
        prefix, path, origin, communities, atomic, aggregator = r[1], r[2], r[3], r[6].split(), r[7], r[8]
        # AS 0 in a path takes the route with it, in AGGREGATOR the attribute (RFC 7607); ours is a loop
        if ":" in prefix or {"65535:65281", "65535:65282"} & set(communities) or {"0", "65000"} & set(path.split()):
            continue
        want[prefix] = ("65000 " + path, origin, LOCAL, 0, " ".join(sorted(communities + ["65000:1"])), atomic,
                        "" if aggregator.startswith("0 ") else aggregator)
    with sink.lock:
        got = {k[1]: row(k[1], model_attributes(a), first(a["next_hop"]))[2:] for k, a in sink.table.items()}
    del got[MARK]
    equal(sorted(got.keys() ^ want.keys())[:5], [], name + ": prefixes that only one has")
    for prefix in want:
        equal(got[prefix], want[prefix], name + ": " + prefix)
    source.stop()
    sink.stop()
    ambo.process.stop()
    return len(want)


def test_a_generated_stream_through_a_policy_to_another_peer(t):
    check(through(t, "four", generated(3, True), 65001, True) > 100)
    check(through(t, "two", generated(4, False), 65001, False) > 50)


def by_chance(rnd):
    path = [65001] + [rnd.randrange(65100, 65500) for _ in range(rnd.randrange(5))]
    a = dict(origin=rnd.choice(("igp", "egp", "incomplete")), as_path=path,
             communities=rnd.sample(["65001:%d" % i for i in range(9)], rnd.randrange(4)), med=rnd.choice((None, 7)))
    return {k: v for k, v in a.items() if v}


def changes_of(prefixes, count, rnd):
    """So many of them announced, replaced and withdrawn by chance, some of one prefix together"""
    out = []
    while count > 0:
        some = rnd.sample(prefixes, min(count, rnd.randint(1, 16)))
        count -= len(some)
        out += bgp.withdraw(some) if rnd.random() < 0.3 else bgp.announce(some, "10.0.0.2", **by_chance(rnd))
    return out


def table_and_changes(seed, routes, changes):
    rnd = random.Random(seed)
    prefixes = bgp.prefixes(routes, "10.0.0.0")
    out = []
    for i in range(0, routes, 20):
        out += bgp.announce(prefixes[i:i + 20], "10.0.0.2", **by_chance(rnd))
    return out + changes_of(prefixes, changes, rnd)


def test_a_table_and_a_hundred_thousand_changes_through_a_policy(t):
    """What the other one has at the end is what is worked out from scratch."""
    count = through(t, "changes", table_and_changes(6, 20000, 100000), 65001, True)
    check(10000 < count < 20000, count)


def test_recorded_streams_through_a_policy_to_another_peer(t):
    folder = os.environ.get("AMBO_STREAMS") or skip("AMBO_STREAMS names no folder of recorded streams")
    index = {r["file"]: r for r in csv.DictReader(open(Path(folder) / "INDEX.tsv"), delimiter="\t")}
    for name in SIX:
        messages = [m for m in split(lzma.open(Path(folder) / name).read()) if m[18] == 2]
        print("%s: %d routes" % (name, through(t, name, messages, int(index[name]["peer_as"]), index[name]["as_width"] == "4")))


def test_a_full_table_and_a_hundred_thousand_changes_through_a_policy(t):
    """A million routes: minutes, for both ends are Python."""
    folder = os.environ.get("AMBO_FULL") and os.environ.get("AMBO_STREAMS") or skip(
        "AMBO_FULL is not set, or AMBO_STREAMS names no folder")
    for name in sorted(Path(folder).glob("synth_*.bgp.xz")):
        messages = [m for m in split(lzma.open(name).read()) if m[18] == 2]
        prefixes = sorted({r[1] for m in rows_of_model(messages, True) for r in m if r[0] == "A" and ":" not in r[1]})
        changes = changes_of(prefixes, 100000, random.Random(7))
        print("%s: %d routes" % (name.name, through(t, "full", messages + changes, 65001, True, 900)))


def test_recorded_streams(t):
    folder = os.environ.get("AMBO_STREAMS") or skip("AMBO_STREAMS names no folder of recorded streams")
    mrt = os.environ.get("AMBO_MRT")
    index = {r["file"]: r for r in csv.DictReader(open(Path(folder) / "INDEX.tsv"), delimiter="\t")}
    for i, name in enumerate(SIX):
        entry, as4 = index[name], index[name]["as_width"] == "4"
        messages = [m for m in split(lzma.open(Path(folder) / name).read()) if m[18] == 2]
        equal(len(messages), int(entry["updates"]), name)
        events, table = play(t, messages, int(entry["peer_as"]), as4, "127.0.0.%d" % (2 + i))
        flat = compare_with_model(messages, events, table, as4)
        equal(sum(":" not in p for p in table), int(entry["final_v4"]), name + ": final_v4")
        equal(sum(":" in p for p in table), int(entry["final_v6"]), name + ": final_v6")
        dump = DUMPS[name.split("_")[0]]
        if mrt and shutil.which("bgpdump") and (Path(mrt) / dump).exists():
            theirs = rows_of_bgpdump(Path(mrt) / dump, entry["peer"])
            same_rows([r for e in events for r in rows_of_event(e)], theirs, name + " and bgpdump")
        print("%s: %d messages, %d rows, %d routes at the end%s" % (name, len(messages), len(flat), len(table),
                                                                    ", as bgpdump has it" if mrt else ""))


main()
