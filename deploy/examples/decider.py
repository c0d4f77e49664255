#!/usr/bin/python3
"""Decides on routes that a policy asks about: deploy/examples/decider.conf has such a policy.

    decider.py NAME [ENDPOINT]

A prefix longer than /24 is rejected, one of a private AS is marked with a community, the rest is accepted."""
import sys
import time

import msgpack
import zmq

PRIVATE = range(64512, 65535)


def decide(ask):
    """→ "accept", "reject", or {"set": words of a route that are laid over it}, or {"wire": all attributes}"""
    prefix = ask["nlri"].get("nlri", "")
    if ":" not in prefix and "/" in prefix and int(prefix.split("/")[1]) > 24:
        return "reject"
    path = ask.get("attribute", {}).get("as-path", {})
    origin = [part["value"][-1] for part in path.values() if part.get("value")]
    if origin and origin[-1] in PRIVATE:
        return {"set": "community [ 65001:64512 ] local-preference 50"}
    return "accept"


def main():
    name, endpoint = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "ipc:///run/ambo/api.sock"
    socket = zmq.Context().socket(zmq.DEALER)
    socket.connect(endpoint)

    def send(kind, number, body):
        socket.send(msgpack.packb([1, kind, number, body]))

    said = 0.0
    while True:
        # Said again it changes nothing, but a controller that was started anew learns of us.
        if time.monotonic() - said > 1:
            send("decide", 1, {"name": name, "open": 1000})
            said = time.monotonic()
        if not socket.poll(1000):
            continue
        _, kind, _, body = msgpack.unpackb(socket.recv())
        if kind == "event":
            asks = [e for e in body if e["type"] == "ask"]
            if asks:
                send("verdicts", 1, {"verdicts": [[a["number"], a["version"], decide(a)] for a in asks]})
            if any(e["type"] == "replaced" for e in body):
                sys.exit("another %s decides now" % name)
        elif body["status"] == "error":
            print(body["text"], file=sys.stderr)


if __name__ == "__main__":
    main()
