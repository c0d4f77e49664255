#include "controller/cli/segment.h"

enum link {
	LOOPBACK_HOST = 0,
	ETHERNET = 1,
	RAW_BSD = 12,
	RAW_OPENBSD = 14,
	RAW = 101,
	LOOPBACK = 108,
	COOKED = 113,
	BARE_IPV4 = 228,
	BARE_IPV6 = 229,
	COOKED_2 = 276
};
enum ether {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	VLAN = 0x8100,
	VLAN_SERVICE = 0x88a8,
	VLAN_OLD = 0x9100
};
enum next_header {
	HOP_BY_HOP = 0,
	TCP = 6,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	OPTIONS = 60
};
enum { TAGS = 4, EXTENSIONS = 8 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static enum segment_kind
tcp(struct segment *s, struct reader r, size_t length)
{
	size_t all = r.left, header;
	uint16_t flags;

	s->from_port = reader_u16(&r);
	s->to_port = reader_u16(&r);
	s->sequence = reader_u32(&r);
	reader_u32(&r); /* what is acknowledged */
	flags = reader_u16(&r);
	header = (flags >> 12) * 4u;
	s->syn = flags & SYN;
	s->ack = flags & ACK;
	s->fin = flags & FIN;
	s->rst = flags & RST;
	if (header < 20 || header > length)
		return SEGMENT_MALFORMED;
	reader_take(&r, header - (all - r.left));
	if (!reader_ok(&r))
		return SEGMENT_MALFORMED;
	length -= header;
	s->payload = reader_sub(&r, length < r.left ? length : r.left); /* frames may be padded */
	s->missing = (uint32_t)(length - s->payload.left);
	return SEGMENT_TCP;
}

static struct addr
address(struct reader *r, size_t size)
{
	struct reader octets = reader_sub(r, size);

	return addr_of(octets.at, octets.left);
}

static enum segment_kind
ipv4(struct segment *s, struct reader r)
{
	size_t all = r.left, header = (reader_u8(&r) & 15) * 4u, length;
	uint16_t fragment;
	uint8_t protocol;

	reader_u8(&r);
	length = reader_u16(&r);
	reader_u16(&r);
	fragment = reader_u16(&r) & 0x3fff; /* the offset, and whether more follow */
	reader_u8(&r);
	protocol = reader_u8(&r);
	reader_u16(&r);
	s->from = address(&r, 4);
	s->to = address(&r, 4);
	if (header < 20 || !reader_ok(&r))
		return SEGMENT_MALFORMED;
	reader_take(&r, header - 20);
	if (length == 0) /* who kept it left the segmenting to the card */
		length = all;
	if (!reader_ok(&r) || length < header)
		return SEGMENT_MALFORMED;
	if (protocol != TCP)
		return SEGMENT_OTHER;
	return fragment ? SEGMENT_FRAGMENT : tcp(s, r, length - header);
}

/* The octets of an extension header behind its first two; -1: it is none. */
static int
extension(uint8_t kind, uint8_t length)
{
	switch (kind) {
	case HOP_BY_HOP:
	case ROUTING:
	case OPTIONS:
		return length * 8 + 6;
	case AUTHENTICATION:
		return length * 4 + 6;
	default:
		return -1;
	}
}

static enum segment_kind
ipv6(struct segment *s, struct reader r)
{
	size_t length;
	uint8_t kind;

	reader_u32(&r);
	length = reader_u16(&r);
	kind = reader_u8(&r);
	reader_u8(&r);
	s->from = address(&r, 16);
	s->to = address(&r, 16);
	if (length == 0) /* likewise */
		length = r.left;
	for (int i = 0; i < EXTENSIONS && kind != TCP; i++) {
		size_t left = r.left;
		uint8_t next = reader_u8(&r), octets = reader_u8(&r);
		int more = extension(kind, octets);

		if (kind == FRAGMENT) {
			if (reader_u16(&r) & 0xfff9)
				return SEGMENT_FRAGMENT;
			more = 4;
		}
		if (more < 0)
			return SEGMENT_OTHER;
		reader_take(&r, (size_t)more);
		if (!reader_ok(&r) || left - r.left > length)
			return SEGMENT_MALFORMED;
		length -= left - r.left;
		kind = next;
	}
	if (!reader_ok(&r))
		return SEGMENT_MALFORMED;
	return kind == TCP ? tcp(s, r, length) : SEGMENT_OTHER;
}

static enum segment_kind
bare(struct segment *s, struct reader r)
{
	switch (reader_peek(&r) >> 4) {
	case 4:
		return ipv4(s, r);
	case 6:
		return ipv6(s, r);
	default:
		return SEGMENT_OTHER;
	}
}

static enum segment_kind
by_type(struct segment *s, uint16_t type, struct reader r)
{
	for (int i = 0; i < TAGS && (type == VLAN || type == VLAN_SERVICE || type == VLAN_OLD);
	     i++) {
		reader_u16(&r);
		type = reader_u16(&r);
	}
	return type == TYPE_IPV4 || type == TYPE_IPV6 ? bare(s, r) : SEGMENT_OTHER;
}

enum segment_kind
segment_of(struct segment *s, uint16_t link, struct reader r)
{
	uint16_t type;

	*s = (struct segment){ 0 };
	switch (link) {
	case ETHERNET:
		reader_take(&r, 12);
		return by_type(s, reader_u16(&r), r);
	case COOKED:
		reader_take(&r, 14);
		return by_type(s, reader_u16(&r), r);
	case COOKED_2:
		type = reader_u16(&r);
		reader_take(&r, 18);
		return by_type(s, type, r);
	case LOOPBACK_HOST:
	case LOOPBACK:
		reader_u32(&r);
		return bare(s, r);
	case RAW_BSD:
	case RAW_OPENBSD:
	case RAW:
	case BARE_IPV4:
	case BARE_IPV6:
		return bare(s, r);
	default:
		return SEGMENT_OTHER;
	}
}
