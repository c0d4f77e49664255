"""What was on the wire, by tcpdump: BGP messages that left for an address, independent of the peer there."""
import signal
import struct

from tests.fake import bgp


class Capture:
    """tcpdump on lo in the network of the test, of what goes to port 179 of `address`, or all that goes to it
    on sessions that either side opened (both)."""

    def __init__(self, t, address, name="capture", both=False):
        self.address, self.path = address, t.dir / (name + ".pcap")
        self.process = t.process(name, ["tcpdump", "-i", "lo", "-U", "-n", "--immediate-mode", "-B", "65536", "-Z", "root", "-w", self.path,
                                        "tcp and dst host %s and %s port 179" % (address, "" if both else "dst")])
        self.process.wait_log("listening on")

    def stop(self):
        """→ {message type: (messages, octets)} of all connections; a stream that begins in its middle is
        taken from its first marker on"""
        self.process.signal(signal.SIGINT)
        self.process.wait()
        found = {}
        for stream in self._streams().values():
            for kind, _, raw in bgp.Splitter().feed(stream):
                count, octets = found.get(kind, (0, 0))
                found[kind] = count + 1, octets + len(raw)
        return found

    def messages(self):
        """{connection: [(type, whole message)]} so far, while it goes on"""
        return {key: [(kind, raw) for kind, _, raw in bgp.Splitter().feed(stream)]
                for key, stream in self._streams().items()}

    def _packets(self):
        """whole ones: the last may be half written"""
        data = self.path.read_bytes()
        at, size = 24, len(data)
        while at + 16 <= size:
            length = struct.unpack_from("=I", data, at + 8)[0]
            if at + 16 + length > size:
                return
            yield data[at + 16:at + 16 + length]
            at += 16 + length

    def _streams(self):
        parts = {}
        for packet in self._packets():
            ip = packet[14:]
            head = (ip[0] & 15) * 4
            total, tcp = struct.unpack_from("!H", ip, 2)[0], ip[head:]
            sequence, offset = struct.unpack_from("!I", tcp, 4)[0], (tcp[12] >> 4) * 4
            payload = tcp[offset:total - head] if total else tcp[offset:]
            if payload:
                key = ip[12:20], tcp[:4]
                parts.setdefault(key, []).append((sequence, payload))
        return {key: _join(found) for key, found in parts.items()}


def _join(parts):
    base = parts[0][0]
    whole = bytearray()
    for sequence, payload in sorted(((s - base) & 0xFFFFFFFF, p) for s, p in parts):
        if sequence > 0x80000000 or sequence > len(whole):
            raise ValueError("octets are missing in the capture")
        whole[sequence:sequence + len(payload)] = payload
    begin = whole.find(bgp.MARKER)
    return bytes(whole[begin:]) if begin >= 0 else b""
