#!/usr/bin/python3
"""The routes of a service, from a script that reads the answer of each command before it writes the next."""
import os
import sys
import time

STEPS = os.environ["STEPS"]


def say(command):
    sys.stdout.write(command + "\n")
    sys.stdout.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.exit(0)
    with open(STEPS + "/answers", "a") as f:
        f.write("%-5s %s\n" % (answer.strip(), command))


def step(name):
    """That we are here, until somebody lets us go on"""
    open("%s/%s" % (STEPS, name), "w").close()
    while not os.path.exists("%s/%s.go" % (STEPS, name)):
        time.sleep(0.05)


step("started")
say("announce route 10.0.1.0/24 next-hop self")
say("announce route 10.0.2.0/24 next-hop 192.0.2.9 med 100 community [ 65001:1 65001:2 no-export ]")
say("announce route 10.0.3.0/24 next-hop 192.0.2.9 local-preference 200 as-path [ 65010 65011 ] origin incomplete")
say("announce route 10.0.4.0/24 next-hop 192.0.2.9 large-community [ 65001:1:2 ] extended-community [ target:65001:7 ]")
say("announce route 2001:db8:1::/48 next-hop 2001:db8::9 med 3")
say("# a comment")
step("announced")
say("neighbor 127.0.0.2 announce route 10.1.0.0/24 next-hop self med 2")
say("neighbor 127.0.0.3 announce route 10.1.0.0/24 next-hop self med 3")
say("neighbor 127.0.0.2 local-as 65001 peer-as 65002 announce route 10.1.1.0/24 next-hop self")
say("neighbor 127.0.0.2, neighbor 127.0.0.3 announce route 10.1.2.0/24 next-hop self")
say("neighbor 127.0.0.9 announce route 10.1.9.0/24 next-hop self")
step("selected")
say("announce route 10.0.2.0/24 next-hop 192.0.2.10 med 50")
say("announce route 10.0.1.0/24 next-hop self community 65001:3")
say("neighbor 127.0.0.3 announce route 10.1.2.0/24 next-hop self med 9")
step("changed")
say("announce attributes next-hop self med 5 community [ 65001:9 ] nlri 10.2.0.0/24 10.2.1.0/24 10.2.2.0/24")
say("announce attribute next-hop 192.0.2.9 nlri 10.3.0.0/24")
say("announce route 10.4.0.0/22 next-hop self split /24")
step("several")
say("withdraw route 10.0.2.0/24 next-hop 192.0.2.10")
say("withdraw route 10.0.3.0/24")
say("withdraw route 10.7.7.0/24 next-hop self")
say("neighbor 127.0.0.2 withdraw route 10.0.4.0/24 next-hop 192.0.2.9")
say("withdraw attributes next-hop self med 5 community [ 65001:9 ] nlri 10.2.0.0/24 10.2.2.0/24")
say("withdraw route 2001:db8:1::/48 next-hop 2001:db8::9")
step("withdrawn")
say("announce route 10.9.0.0/33 next-hop self")
say("announce route 10.9.1.0/24 next-hop nowhere")
say("announce rout 10.9.2.0/24 next-hop self")
say("announce route 10.9.3.0/24 next-hop self med 7")
step("refused")
say("announce route 10.0.1.0/24 next-hop self community 65001:3")
say("flush adj-rib out")
step("flushed")
say("clear adj-rib out")
step("cleared")
say("announce route 10.5.0.0/24 next-hop self")
step("again")
while True:
    time.sleep(1)
