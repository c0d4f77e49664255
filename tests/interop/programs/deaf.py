#!/usr/bin/python3
"""Drops what a blocklist names: many commands, and neither answers nor events are ever read."""
import os
import sys
import time

STEPS = os.environ["STEPS"]


def step(name):
    open("%s/%s" % (STEPS, name), "w").close()
    while not os.path.exists("%s/%s.go" % (STEPS, name)):
        time.sleep(0.05)


def blocked():
    for n in range(1500):
        yield "10.66.%d.%d/32" % (n >> 8, n & 255)


step("started")
for address in blocked():
    print("announce route %s next-hop 192.0.2.66 community [ 65535:666 ]" % address, flush=True)
step("blocked")
for address in blocked():
    if not address.endswith(("0/32", "5/32")):
        print("withdraw route %s next-hop 192.0.2.66 community [ 65535:666 ]" % address)
sys.stdout.flush()
step("half")
print("announce attributes next-hop 192.0.2.66 community [ 65535:666 65001:66 ] nlri 10.67.0.0/24 10.67.1.0/24", flush=True)
step("more")
step("told")
print("announce route 10.68.0.0/24 next-hop 192.0.2.66", flush=True)
while True:
    time.sleep(3600)
