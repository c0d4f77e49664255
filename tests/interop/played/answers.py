#!/usr/bin/python3
"""Says how many sessions it has seen, and again what the neighbor announces, with a host route for each."""
import json
import sys

sessions = 0


def say(command):
    sys.stdout.write(command + "\n")
    sys.stdout.flush()


for line in sys.stdin:
    if not line.startswith("{"):
        continue
    event = json.loads(line)
    neighbor = event.get("neighbor", {})
    if event["type"] == "state" and neighbor["state"] == "up":
        sessions += 1
        say("announce route 192.0.2.%d/32 next-hop self" % sessions)
    for family, hops in neighbor.get("message", {}).get("update", {}).get("announce", {}).items():
        for hop, routes in hops.items():
            for route in routes:
                say("announce route %s/32 next-hop %s med %d" % (route["nlri"].split("/")[0], hop, len(family)))
