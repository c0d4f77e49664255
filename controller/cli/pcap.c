#include "controller/cli/pcap.h"
#include <string.h>
#include "common/mem.h"

enum { HEADER = 24, RECORD = 16 };
enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, SIMPLE = 3, ENHANCED = 6, RESOLUTION = 9 };
enum { ORDER_MICRO = 0xa1b2c3d4, ORDER_NANO = 0xa1b23c4d, ORDER_SECTION = 0x1a2b3c4d };

static uint32_t
turned(uint32_t n)
{
	return n >> 24 | (n >> 8 & 0xff00) | (n << 8 & 0xff0000) | n << 24;
}

/* Numbers of the file's byte order. */
static uint32_t
u32(const struct pcap *p, struct reader *r)
{
	uint32_t n = reader_u32(r);

	return p->little ? turned(n) : n;
}

static uint16_t
u16(const struct pcap *p, struct reader *r)
{
	uint16_t n = reader_u16(r);

	return p->little ? (uint16_t)(n >> 8 | n << 8) : n;
}

static bool
is_one_of(uint32_t magic)
{
	return magic == ORDER_MICRO || magic == ORDER_NANO;
}

bool
pcap_begins(struct reader front)
{
	uint32_t magic = reader_u32(&front);

	return is_one_of(magic) || is_one_of(turned(magic)) || magic == SECTION;
}

static bool
fails(struct pcap *p, uint64_t offset, const char *what)
{
	p->status = source_fail(p->source, offset, "%s", what);
	return false;
}

bool
pcap_open(struct pcap *p, struct source *s)
{
	uint8_t header[HEADER];
	struct reader r = source_peek(s);
	uint32_t magic = reader_u32(&r);

	*p = (struct pcap){ .source = s, .status = -1 };
	p->memory = mem_alloc(PCAP_PACKET_MAX);
	p->blocks = magic == SECTION;
	if (p->blocks)
		return true;
	p->little = !is_one_of(magic);
	magic = p->little ? turned(magic) : magic;
	if (!is_one_of(magic))
		return fails(p, 0, "no capture of packets");
	if (source_read(s, header, sizeof header) < sizeof header)
		return fails(p, 0, "the header of the file is cut off");
	r = reader_of(header + 20, 4);
	p->interfaces = 1;
	p->interface[0].link = (uint16_t)u32(p, &r); /* what is above says how frames end */
	p->interface[0].unit = magic == ORDER_NANO ? 1e-9 : 1e-6;
	return true;
}

void
pcap_close(struct pcap *p)
{
	mem_free(p->memory);
	p->memory = NULL;
}

/* --- pcap --- */

static int
next_record(struct pcap *p, struct pcap_packet *out)
{
	uint8_t header[RECORD] = { 0 };
	struct reader r = reader_of(header, sizeof header);
	uint32_t seconds, fraction, length;
	size_t n;

	out->offset = p->source->offset;
	n = source_read(p->source, header, sizeof header);
	if (n == 0)
		return 0;
	if (n < sizeof header)
		return fails(p, out->offset, "the header of a packet is cut off");
	seconds = u32(p, &r);
	fraction = u32(p, &r);
	length = u32(p, &r);
	if (length > PCAP_PACKET_MAX)
		return fails(p, out->offset, "a packet is too long");
	if (source_read(p->source, p->memory, length) < length)
		return fails(p, out->offset, "a packet is cut off");
	out->time = seconds + fraction * p->interface[0].unit;
	out->link = p->interface[0].link;
	out->octets = reader_of(p->memory, length);
	return 1;
}

/* --- pcapng --- */

static double
one_of_ten_to(unsigned n)
{
	double unit = 1;

	for (unsigned i = 0; i < n && i < 20; i++)
		unit /= 10;
	return unit;
}

/* if_tsresol: a power of ten, or of two. */
static double
unit_of(const struct pcap *p, struct reader options)
{
	while (options.left >= 4) {
		uint16_t code = u16(p, &options), length = u16(p, &options);
		struct reader value = reader_sub(&options, length);

		reader_take(&options, (4 - length % 4) % 4);
		if (code == RESOLUTION && length == 1) {
			uint8_t n = reader_u8(&value);

			return n & 0x80 ? 1 / (double)(UINT64_C(1) << (n & 0x3f))
					: one_of_ten_to(n);
		}
	}
	return 1e-6;
}

/* Sections follow one another, each of its own byte order. */
static bool
section(struct pcap *p, struct reader r)
{
	uint32_t order = reader_u32(&r);

	p->interfaces = 0;
	p->little = order != ORDER_SECTION;
	return order == ORDER_SECTION || turned(order) == ORDER_SECTION;
}

static bool
add_interface(struct pcap *p, struct reader r)
{
	if (p->interfaces == PCAP_INTERFACES)
		return false;
	p->interface[p->interfaces].link = u16(p, &r);
	u16(p, &r);
	u32(p, &r);
	p->interface[p->interfaces].unit = unit_of(p, r);
	p->interfaces++;
	return reader_ok(&r);
}

static bool
enhanced(const struct pcap *p, struct reader r, struct pcap_packet *out)
{
	uint32_t interface = u32(p, &r);
	uint64_t high = u32(p, &r), low = u32(p, &r);
	uint32_t length = u32(p, &r);

	u32(p, &r);
	out->octets = reader_sub(&r, length);
	if (interface >= p->interfaces || !reader_ok(&r))
		return false;
	out->time = (double)(high << 32 | low) * p->interface[interface].unit;
	out->link = p->interface[interface].link;
	return true;
}

static bool
simple(const struct pcap *p, struct reader r, struct pcap_packet *out)
{
	uint32_t length = u32(p, &r);

	out->octets = reader_sub(&r, length < r.left ? length : r.left);
	out->time = 0;
	out->link = p->interface[0].link;
	return p->interfaces > 0;
}

/* The octets of a block behind its type and length. False: there is no more; told where that is wrong. */
static bool
block(struct pcap *p, uint32_t *type, struct reader *body, uint64_t *offset)
{
	uint8_t head[12] = { 0 };
	struct reader r = reader_of(head, sizeof head);
	uint32_t length;
	size_t n;

	*offset = p->source->offset;
	n = source_read(p->source, head, sizeof head);
	if (n == 0)
		return false;
	*type = u32(p, &r);
	if (*type ==
	    SECTION) { /* reads the same both ways; its third word says what the second means */
		struct reader order = reader_of(head + 8, 4);

		if (!section(p, order))
			return fails(p, *offset, "a section has no byte order");
	}
	length = u32(p, &r);
	if (n < sizeof head || length < sizeof head || length > PCAP_PACKET_MAX || length % 4)
		return fails(p, *offset, "the length of a block makes no sense");
	memcpy(p->memory, head + 8, 4);
	if (source_read(p->source, p->memory + 4, length - 12) < length - 12)
		return fails(p, *offset, "a block is cut off");
	*body = reader_of(p->memory, length - 12); /* its length once more is its last word */
	return true;
}

static int
next_block(struct pcap *p, struct pcap_packet *out)
{
	uint32_t type;
	struct reader body;
	bool good;

	while (block(p, &type, &body, &out->offset)) {
		if (type == INTERFACE)
			good = add_interface(p, body);
		else if (type == ENHANCED)
			good = enhanced(p, body, out);
		else if (type == SIMPLE)
			good = simple(p, body, out);
		else
			continue;
		if (!good)
			fails(p, out->offset, "the block is malformed");
		else if (type != INTERFACE)
			return 1;
	}
	return 0;
}

int
pcap_next(struct pcap *p, struct pcap_packet *out)
{
	*out = (struct pcap_packet){ 0 };
	return p->blocks ? next_block(p, out) : next_record(p, out);
}
