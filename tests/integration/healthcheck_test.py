#!/usr/bin/python3
"""`ambo healthcheck` as a helper: what a service's state is to a peer. Each test has a network of its own, so
addresses may come and go on its loopback."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.integration.harness import *
from tests.integration.process_commands_test import start
from tests.integration.scene import numbered


def checked(t, more, routes="10.9.0.1/32"):
    """ambo run with a health checker that looks for the file `well`"""
    run = ("%s healthcheck --no-syslog --interval 0.1 --fast-interval 0.05 --rise 2 --fall 2 --cmd 'test -e %s/well'"
           " --disable %s/disabled --ip %s %s" % (BUILD / "ambo", t.dir, t.dir, routes, more))
    (t.dir / "well").touch()
    config = "process health {\n\trun %s;\n\tencoder text;\n}\n" % run
    return start(t, config + numbered(2, extra="api { processes [ health ]; }"))


def med(peer, prefix="10.9.0.1/32"):
    with peer.lock:
        return next((a.get("med") for (afi, p, path), a in peer.table.items() if p == prefix), None)


def addresses():
    return subprocess.run(["ip", "address", "show", "dev", "lo"], capture_output=True, text=True, check=True).stdout


def test_the_state_is_a_metric(t):
    ambo, c, (peer,) = checked(t, "--no-ip-setup")
    peer.wait_for(lambda p: med(p) == 100, 10, "up")
    (t.dir / "well").unlink()
    peer.wait_for(lambda p: med(p) == 1000, 10, "down")
    (t.dir / "disabled").touch()
    peer.wait_for(lambda p: med(p) == 500, 10, "disabled")
    (t.dir / "well").touch()
    (t.dir / "disabled").unlink()
    peer.wait_for(lambda p: med(p) == 100, 10, "up again")


def test_or_a_withdraw_and_its_end_withdraws(t):
    ambo, c, (peer,) = checked(t, "--no-ip-setup --withdraw-on-down --debounce")
    peer.wait_prefixes(["10.9.0.1/32"])
    updates = peer.mark()["update"]
    time.sleep(0.5)
    equal(peer.mark()["update"], updates, "UPDATEs of a debounced one")
    (t.dir / "well").unlink()
    peer.wait_gone(["10.9.0.1/32"])
    (t.dir / "well").touch()
    peer.wait_prefixes(["10.9.0.1/32"])
    # its end withdraws
    pid = next(p["pid"] for p in c.show("show processes"))
    os.kill(pid, signal.SIGTERM)
    peer.wait_gone(["10.9.0.1/32"])


def test_a_check_that_hangs_has_failed(t):
    ambo, c, (peer,) = checked(t, "--no-ip-setup --withdraw-on-down --timeout 1 --cmd 'test -e %s/well || sleep 100'"
                               % t.dir)
    peer.wait_prefixes(["10.9.0.1/32"])
    (t.dir / "well").unlink()
    peer.wait_gone(["10.9.0.1/32"])


def test_its_end_is_told_while_commands_run(t):
    # one that runs when the signal comes, and one that takes longer than we are waited for
    ambo, c, (peer,) = checked(t, "--no-ip-setup --timeout 60 --down-execute 'touch %s/hook; sleep 50'"
                               " --execute 'test $STATE != EXIT || sleep 50'" % t.dir)
    peer.wait_for(lambda p: med(p) == 100, 10, "up")
    pid = next(p["pid"] for p in c.show("show processes"))
    (t.dir / "well").unlink()
    wait_until(lambda: (t.dir / "hook").exists())
    os.kill(pid, signal.SIGTERM)
    peer.wait_gone(["10.9.0.1/32"])


def test_addresses_are_set_up_and_commands_told_the_state(t):
    said = t.dir / "said"
    ambo, c, (peer,) = checked(t, "--dynamic-ip-setup --label health --execute 'echo $STATE >> %s'" % said)
    peer.wait_for(lambda p: med(p) == 100, 10, "up")
    wait_until(lambda: "10.9.0.1/32 scope global lo:health" in addresses())
    (t.dir / "well").unlink()
    peer.wait_for(lambda p: med(p) == 1000, 10, "down")
    wait_until(lambda: "10.9.0.1/32" not in addresses())
    wait_until(lambda: said.read_text().split() == ["RISING", "UP", "FALLING", "DOWN"], 10, "all that it was told")


def test_without_ip_the_addresses_of_the_loopback_are_announced(t):
    for a, label in ("10.9.1.1/32", "lo:any1"), ("10.9.1.2/32", "lo:any2"), ("10.9.1.3/32", "lo:other"):
        subprocess.run(["ip", "address", "add", a, "dev", "lo", "label", label], check=True)
    run = "%s healthcheck --no-syslog --interval 0.1 --rise 1 --no-ip-setup --label any" % (BUILD / "ambo")
    config = "process health {\n\trun %s;\n\tencoder text;\n}\n" % run
    ambo, c, (peer,) = start(t, config + numbered(2, extra="api { processes [ health ]; }"))
    peer.wait_prefixes(["10.9.1.1/32", "10.9.1.2/32"], exactly=True)
    equal([med(peer, "10.9.1.1/32"), med(peer, "10.9.1.2/32")], [100, 101])


if __name__ == "__main__":
    main()
