#!/usr/bin/python3
# ctest: TIMEOUT 1200
"""What deploy/ has for containers and systemd. The images are built, and tried, under AMBO_FULL=1 only."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
import re
from tests.integration.harness import *

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def run(*words, timeout=60):
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=timeout, cwd=ROOT)
    return done.returncode, done.stdout


def test_units_are_what_systemd_takes(t):
    if not shutil.which("systemd-analyze"):
        skip("no systemd-analyze here")
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        text = unit.read_text()
        # the programs are not installed here
        text = re.sub(r"/usr/bin/(ambo[a-z-]*)", lambda m: str(program(m.group(1))), text)
        (t.dir / unit.name).write_text(text)
    status, out = run("systemd-analyze", "verify", *sorted(t.dir.glob("*.service")))
    check(status == 0 and not out.strip(), out)
    text = (t.dir / "ambo-speaker.service").read_text()
    (t.dir / "ambo-speaker.service").write_text(text.replace("RestrictNamespaces", "RestrictNamespace"))
    check("RestrictNamespace" in run("systemd-analyze", "verify", t.dir / "ambo-speaker.service")[1],
          "a wrong word goes unnoticed: this test cannot fail")


def test_units_give_one_right_at_most():
    units = sorted((DEPLOY / "systemd").glob("*.service"))
    equal([u.name for u in units], ["ambo-controller.service", "ambo-speaker.service", "ambo@.service"], "units")
    for unit in units:
        text = unit.read_text()
        for word in ("User=ambo", "NoNewPrivileges=yes", "ProtectSystem=strict", "Restart="):
            check(word in text, "%s has no %s" % (unit.name, word))
        rights = re.search(r"^CapabilityBoundingSet=(.*)$", text, re.M).group(1)
        equal(rights, "" if "controller" in unit.name else "CAP_NET_BIND_SERVICE", unit.name)


def test_scripts_are_bash():
    for script in ("images", "trial", "quickstart", "compose/setup"):
        status, out = run("bash", "-n", DEPLOY / script)
        equal(status, 0, out)


def test_what_the_images_call_is_there():
    for command in re.findall(r'^(?:ENTRYPOINT|\s*CMD|HEALTHCHECK .*CMD) \["/usr/bin/(.*)\]$',
                              (DEPLOY / "Containerfile").read_text(), re.M):
        words = command.replace('"', "").split(", ")
        options = run(program(words[0]), "--help")[1] if words[0] != "ambo" else run(program("ambo"), "help")[1]
        for word in words[1:]:
            check(word.startswith("/") or word == "stdout" or word in options, "%s: %s" % (words[0], word))


def test_the_composition_is_set_up(t):
    """its set-up makes keys and a configuration that the controller takes, once"""
    text = (DEPLOY / "compose/setup").read_text()
    config = t.dir / "ambo"
    config.mkdir()
    script = text.replace("/etc/ambo", str(config)).replace("10179:10179", "0:0").replace("ambo keys", "%s keys" % program("ambo"))
    (t.dir / "setup").write_text(script)
    for _ in range(2):
        status, out = run("bash", t.dir / "setup")
        equal(status, 0, out)
        names = {p.name: p.read_text() for p in config.iterdir()}
        before = names if _ == 0 else before
        equal(names, before, "what it made")
    equal(len(names), 7, "files")
    status, out = run(program("ambo"), "validate", config / "ambo.conf")
    check(status == 0 and "6 neighbors" in out, out)
    for name in ("172.31.79.2", "172.31.79.3", "172.31.79.4", "172.31.79.9", "172.31.79.11", "172.31.79.14"):
        check(name in (DEPLOY / "compose.yaml").read_text(), name)


def test_a_speaker_gives_a_sign_of_life(t):
    alive = t.dir / "alive"
    def health():
        return run(program("ambo-speaker"), "--health", alive)
    equal(health()[0], 1, "before it runs")
    process = t.process("speaker", [program("ambo-speaker"), "--controller", "ipc://%s/none.sock" % t.dir, "--alive", alive,
                                    "--log-to", "stdout"])
    wait_until(lambda: health()[0] == 0, 10, "a sign of life")
    check("0 of 0 peers up, controller away" in health()[1], health()[1])
    process.stop()
    old = time.time() - 60
    os.utime(alive, (old, old))
    status, out = health()
    equal(status, 1, "while it stands still")
    check("no sign of life" in out, out)
    process.cont()
    wait_until(lambda: health()[0] == 0, 10, "a sign of life again")
    equal(process.terminate(), 0, "exit status")
    check(not alive.exists(), "the file stays")


def test_a_controller_is_asked_for_its_health(t):
    ambo = t.ambo().run("neighbor 127.0.0.2 {\n\tlocal-address 127.0.0.1;\n\tlocal-as 1;\n\tpeer-as 2;\n"
                        "\trouter-id 10.0.0.1;\n\tfamily { ipv4 unicast; }\n}\n")
    equal(ambo.cli("health")[0], 0, "while its peer is away")
    ambo.process.terminate(8)
    equal(ambo.cli("health", "--timeout", "1")[0], 1, "when it is gone")


def test_the_images_are_built_and_do_what_they_are_for(t):
    if os.environ.get("AMBO_FULL") != "1":
        skip("AMBO_FULL=1 builds images")
    status, out = run("deploy/images", "--run", timeout=1000)
    if status == 77:
        skip(out.strip().splitlines()[-1])
    equal(status, 0, out)


if __name__ == "__main__":
    main()
