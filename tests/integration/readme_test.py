#!/usr/bin/python3
"""README.md: what it says to type does what it says."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
import re
from tests.integration.harness import *

TEXT = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(r"```%s\n(.*?)```" % language, TEXT, re.S)


def commands():
    section = TEXT.split("## The first ten minutes")[1].split("\n## ")[0]
    return [line for block in re.findall(r"```sh\n(.*?)```", section, re.S) for line in block.splitlines()]


def test_the_first_ten_minutes(t):
    peer = t.peer(listen="127.0.0.2:11790", asn=65002)
    env = dict(os.environ, PATH="%s:%s" % (BUILD, os.environ["PATH"]), AMBO_RUN=str(t.dir / "run"))
    env.pop("AMBO_API", None)
    lines = commands()
    check(len(lines) > 10, lines)
    program("ambo")
    for line in lines:
        if line.startswith("ambo run"):
            t.process("run", line.split(), env=env, cwd=ROOT)
            peer.wait_established()
            wait_until(lambda: subprocess.run(["ambo", "ping"], env=env, capture_output=True).returncode == 0, 10, "it answers")
            continue
        if line.startswith("ambo watch"):
            watch = t.process("watch", line.split(), env=env)
            watch.wait_log("synced")
            continue
        done = subprocess.run(["bash", "-c", line], env=env, cwd=ROOT, capture_output=True, text=True, timeout=20)
        equal(done.returncode, 0, line + ": " + done.stderr)
        check(done.stdout, line, "says nothing")
    peer.wait_prefixes(["192.0.2.128/25", "203.0.113.128/25"] + ["198.51.100.%d/32" % n for n in range(1, 201)], exactly=True)


def test_the_client(t):
    peer = t.peer(listen="127.0.0.2:11790", asn=65002)
    ambo = t.ambo().run((ROOT / "deploy" / "examples" / "quickstart.conf").read_text())
    peer.wait_established()
    code = blocks("python")[0]
    check("ipc:///run/ambo/api.sock" in code)
    done = subprocess.run(["/usr/bin/python3", "-c", code.replace("ipc:///run/ambo/api.sock", ambo.api)], capture_output=True,
                          text=True, timeout=20)
    equal(done.returncode, 0, done.stderr)
    check("'accepted'" in done.stdout and "'sent'" in done.stdout, done.stdout)
    peer.wait_prefixes(["192.0.2.128/25", "203.0.113.0/24"], exactly=True)


def test_files_it_names_are_there(t):
    for name in re.findall(r"`([\w./-]+/[\w./-]*|[A-Z]+\.md)`", TEXT):
        here = [ROOT / name, ROOT / "tests" / name, ROOT / "proto/frame" / name, ROOT / "controller" / name]
        check(any(p.exists() for p in here), name)


if __name__ == "__main__":
    main()
