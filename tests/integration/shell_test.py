#!/usr/bin/python3
"""`ambo shell` and `ambo complete`: what may come next is what the tables have, and the neighbors that there are."""
import os, sys; sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import pty
import select
import subprocess
from tests.integration.harness import *

CONFIG = """neighbor 127.0.0.2 { router-id 10.0.0.1; local-address 127.0.0.1; local-as 65001; peer-as 65002; }
neighbor 192.0.2.77 { router-id 10.0.0.1; local-address 127.0.0.1; local-as 65001; peer-as 65003; }
"""


def next_of(line, api=None):
    status, out, err = cli("complete", line, api=api or "ipc:///nowhere")
    equal((status, err), (0, ""), line)
    return out.split()


def test_the_tables_say_what_comes_next(t):
    for line, want in (("sho", ["show"]), ("show ne", ["neighbors"]), ("show adj-rib ", ["in", "out"]), ("nothing ", []),
                       ("show adj-rib out ext", ["extensive"]), ("announce ipv6 mu", ["multicast", "mup"]), ("val", ["validate"]),
                       ("announce ipv4 unicast 10.0.0.0/24 next-hop ", ["self"]), ("announce route 10.0.0.0/24 wat", ["watchdog"]),
                       ("announce flow route destination-p", ["destination-port"]), ("announce eor ipv4 fl", ["flow", "flow-vpn"]),
                       ("neighbor 192.0.2.1 announce rou", ["route-refresh", "route"]), ("peer li", ["list"]),
                       ("neighbor 192.0.2.1 peer-", ["peer-as"]), ("neighbor 192.0.2.1 peer-as ", []), ("help tear", ["teardown"])):
        equal(next_of(line), want, line)
    words = next_of("announce route 10.0.0.0/24 ")
    check({"next-hop", "med", "community", "as-path", "label", "rd", "split"} <= set(words), words)
    words = next_of("neighbor 192.0.2.1 ")
    check({"announce", "withdraw", "teardown", "show", "local-ip"} <= set(words) and "shutdown" not in words, words)
    words = next_of("")
    check({"run", "decode", "announce", "neighbor", "shutdown"} <= set(words) and len(words) == len(set(words)), words)


def test_the_neighbors_that_there_are(t):
    ambo = t.ambo().run(CONFIG)
    equal(next_of("neighbor ", ambo.api), ["*", "127.0.0.2", "192.0.2.77"])
    equal(next_of("show neighbors 19", ambo.api), ["192.0.2.77"])
    equal(next_of("peer 12", ambo.api), ["127.0.0.2"])


def test_lines_that_are_no_terminals(t):
    ambo = t.ambo().run(CONFIG)
    status, out, err = cli("shell", api=ambo.api, input="# nothing\n\nversion\nshow ne\t\nneighbor 19?\nannounce route 10.0.0.0/24 "
                           "next-hop 192.0.2.1 --wait accepted\nshow routes sent -j\nannounce route 10.0.1.0/24 next-hop 192.0.2.1 "
                           "community [65000:1 65000:2] ;\nnonsense\nquit\nversion\n")
    lines = out.splitlines()
    equal(lines[1:3], ["neighbors", "192.0.2.77"], out)
    check("ambo" in lines[0] and '"nlri": "10.0.0.0/24"' in out and out.count("ambo ") <= 2, out)
    check('unknown command "nonsense"' in err and status == 2, err)


def test_a_terminal_completes(t):
    ambo = t.ambo().run(CONFIG)
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(AMBO_API=ambo.api, TERM="vt100")
        os.execv(program("ambo"), ["ambo", "shell"])
    said = b""

    def until(text):
        nonlocal said
        end = deadline(10)
        while text not in said:
            check(time.monotonic() < end, text, said)
            if select.select([fd], [], [], 0.1)[0]:
                said += os.read(fd, 4096)
    until(b"ambo> ")
    os.write(fd, b"sta\t")
    until(b"tus ")
    os.write(fd, b"\r")
    until(b"speakers")
    said = b""
    os.write(fd, b"neighbor 192\t")
    until(b".0.2.77")
    os.write(fd, b"\x15quit\r")
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
    os.close(fd)


if __name__ == "__main__":
    main()
