#!/usr/bin/python3
"""Follows two neighbors by their JSON: what the customer is heard to announce is told to the other one, with a
community that says where it comes from, and is taken back when the customer takes it back or is lost."""
import json
import os
import sys

STEPS = os.environ["STEPS"]
CUSTOMER, OTHER = "127.0.0.2", "127.0.0.3"
heard = {}


def say(command):
    sys.stdout.write(command + "\n")
    sys.stdout.flush()


def note(*words):
    with open(STEPS + "/" + words[0], "a") as f:
        f.write(" ".join(map(str, words)) + "\n")


def state(neighbor, peer):
    note(peer, neighbor["state"])
    if neighbor["state"] == "up":
        say("neighbor %s announce route 192.0.2.%s/32 next-hop self" % (peer, peer.split(".")[-1]))
    if neighbor["state"] == "down" and peer == CUSTOMER:
        for prefix in sorted(heard):
            say("neighbor %s withdraw route %s" % (OTHER, prefix))
        heard.clear()


def update(neighbor, peer):
    message = neighbor["message"]
    if "eor" in message:
        note(peer, "eor", message["eor"]["afi"], message["eor"]["safi"])
        return
    update = message.get("update", {})
    for family, routes in update.get("withdraw", {}).items():
        for route in routes:
            note(peer, "withdraw", family, route["nlri"])
            if heard.pop(route["nlri"], None):
                say("neighbor %s withdraw route %s" % (OTHER, route["nlri"]))
    attributes = update.get("attribute", {})
    for family, hops in update.get("announce", {}).items():
        for hop, routes in hops.items():
            for route in routes:
                path, communities = attributes.get("as-path", []), attributes.get("community", [])
                note(peer, "announce", family, route["nlri"], hop, attributes["origin"], "as-path", path,
                     "set", attributes.get("as-set", []), "med", attributes.get("med"), "community", communities)
                if peer == CUSTOMER:
                    heard[route["nlri"]] = True
                    say("neighbor %s announce route %s next-hop %s as-path [ %s ] community [ 65001:1 %s ]" % (
                        OTHER, route["nlri"], hop if ":" in hop else "self", " ".join(map(str, path)),
                        " ".join("%d:%d" % tuple(c) for c in communities)))


while True:
    line = sys.stdin.readline()
    if not line:
        break
    if not line.startswith("{"):
        continue  # done
    event = json.loads(line)
    neighbor = event.get("neighbor", {})
    peer = neighbor["address"]["peer"] if neighbor else None
    if event["type"] == "state":
        state(neighbor, peer)
    elif event["type"] == "update":
        update(neighbor, peer)
    elif event["type"] == "notification" and not peer:
        break
