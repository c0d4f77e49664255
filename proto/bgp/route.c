/* The value of a route as octets, the NLRI of a draft, and routes as text. The words of a route are in
 * route_scan.c. */
#include "proto/bgp/route.h"
#include <string.h>
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri/part.h"

enum {
	KEPT_MAX = 4096 /* octets of memory that a cleared draft keeps for each of its runs */
};

enum { SPLIT_BITS_MAX = 20 }; /* a million routes from one line, and no more */

struct route_value
route_value_of(struct reader octets)
{
	struct route_value v;

	v.next_hop = reader_sub(&octets, reader_u8(&octets));
	v.raw = reader_sub(&octets, reader_u16(&octets));
	v.attributes = reader_rest(&octets);
	if (!reader_ok(&octets))
		memset(&v, 0, sizeof v);
	return v;
}

void
route_value_write(const struct route_value *v, struct writer *w)
{
	writer_u8(w, v->next_hop.left);
	writer_copy(w, v->next_hop);
	writer_u16(w, v->raw.left);
	writer_copy(w, v->raw);
	writer_copy(w, v->attributes);
}

struct blob *
route_value_intern(const struct route_value *v, struct blobs *blobs)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	route_value_write(v, &w);
	return writer_ok(&w) ? blob_intern(blobs, memory, w.len) : NULL;
}

void
route_draft_fini(struct route_draft *d)
{
	octets_fini(&d->nlri);
	octets_fini(&d->parts);
	octets_fini(&d->attributes);
	octets_fini(&d->raw);
}

static struct octets
emptied(struct octets o)
{
	if (o.cap > KEPT_MAX)
		octets_fini(&o);
	octets_clear(&o);
	return o;
}

void
route_draft_clear(struct route_draft *d)
{
	struct octets nlri = emptied(d->nlri), attributes = emptied(d->attributes);

	octets_fini(&d->parts);
	octets_fini(&d->raw);
	*d = (struct route_draft){ .nlri = nlri, .attributes = attributes };
}

static bool
sorted(struct reader block)
{
	struct attr a;
	int code = -1;

	for (; attrs_next(&block, &a); code = a.code)
		if (a.code <= code)
			return false;
	return true;
}

/* In ascending code; of the same code the first one stays. */
static void
sort_block(struct octets *block)
{
	struct piece {
		uint8_t code;
		struct reader octets;
	} at[256];
	struct reader rest = octets_read(block), octets = rest;
	struct octets out = { 0 };
	struct attr a;
	size_t count = 0;

	if (sorted(rest))
		return;
	for (; attrs_next(&rest, &a); octets = rest) {
		size_t i = count;

		while (i > 0 && at[i - 1].code > a.code)
			i--;
		if (i > 0 && at[i - 1].code == a.code)
			continue;
		memmove(at + i + 1, at + i, (count++ - i) * sizeof *at);
		at[i] = (struct piece){ a.code, reader_sub(&octets, octets.left - rest.left) };
	}
	for (size_t i = 0; i < count; i++)
		octets_add(&out, at[i].octets.at, at[i].octets.left);
	octets_fini(block);
	*block = out;
}

/* A label or an RD makes a route of no family that was said one of theirs. */
static void
settle_family(struct route_draft *d)
{
	bool ipv6 = family_table[d->family].afi == AFI_IPV6;
	struct reader value;

	if (!d->guessed)
		return;
	if (part_find(d, PART_RD, &value))
		d->family = ipv6 ? IPV6_MPLS_VPN : IPV4_MPLS_VPN;
	else if (part_find(d, PART_LABELS, &value))
		d->family = ipv6 ? IPV6_NLRI_MPLS : IPV4_NLRI_MPLS;
}

/* What was typed first: prefixes, of which several may share all words, or one of another kind. */
static struct reader
next_typed(const struct route_draft *d, struct reader *typed)
{
	bool ipv6 = family_table[d->family].afi == AFI_IPV6;

	if (!nlri_ops(d->family)->prefix)
		return reader_rest(typed);
	return nlri_ops(ipv6 ? IPV6_UNICAST : IPV4_UNICAST)->take(typed);
}

static int
build(struct route_draft *d, struct reason *why)
{
	const struct nlri_ops *ops = nlri_ops(d->family);
	struct reader typed = octets_read(&d->nlri);
	struct octets built = { 0 };
	int ok = 0;

	do {
		uint8_t memory[NLRI_MAX];
		struct writer w = writer_of(memory, sizeof memory);

		ok = ops->build(d, next_typed(d, &typed), &w, why);
		octets_add(&built, memory, ok == 0 ? w.len : 0);
	} while (ok == 0 && typed.left > 0);
	octets_fini(&d->nlri);
	d->nlri = built;
	return ok;
}

int
route_draft_finish(struct route_draft *d, struct reason *why)
{
	int ok = 0;

	if (d->has_family)
		settle_family(d);
	if (d->has_family && nlri_ops(d->family)->build)
		ok = build(d, why);
	octets_fini(&d->parts);
	d->parts = (struct octets){ 0 };
	sort_block(&d->raw); /* the others were put where they belong */
	return ok;
}

/* The bits of an NLRI's prefix, and those in front of them (labels, RD). */
static unsigned
prefix_bits(enum family family, struct reader nlri, unsigned *front)
{
	const struct nlri_ops *ops = nlri_ops(family);
	uint8_t room[NLRI_PREFIX_MAX];
	struct reader prefix;

	if (!ops || !ops->prefix)
		return UINT8_MAX;
	prefix = ops->prefix(nlri, room);
	*front = (unsigned)reader_peek(&nlri) - reader_peek(&prefix);
	return reader_peek(&prefix);
}

/* How many bits of its address `split` numbers; 0: the prefix stays whole. */
static unsigned
split_bits(const struct route_draft *d, struct reader nlri)
{
	unsigned front = 0, bits = prefix_bits(d->family, nlri, &front);

	if (d->split <= bits || d->split > (family_table[d->family].afi == AFI_IPV4 ? 32 : 128))
		return 0;
	if (front + d->split > UINT8_MAX)
		return 0;
	return d->split - bits <= SPLIT_BITS_MAX ? d->split - bits : 0;
}

static int
check_split(const struct route_draft *d, struct reason *why)
{
	struct reader bin = octets_read(&d->nlri);
	struct nlri n;
	unsigned front;

	while (d->split > 0 && nlri_next(d->family, false, &bin, &n))
		if (d->split > prefix_bits(d->family, n.octets, &front) &&
		    split_bits(d, n.octets) == 0)
			return reason_set(why, 0, 0,
			    "split /%u: too long for the family, or more than %u pieces", d->split,
			    1u << SPLIT_BITS_MAX);
	return 0;
}

int
route_check(const struct route_draft *d, struct reason *why)
{
	const struct nlri_ops *ops = nlri_ops(d->family);
	struct text prefix = { 0 };
	struct attr typed;

	if (d->nlri.len == 0 || !ops)
		return 0;
	if (check_split(d, why) < 0 || (ops->check && ops->check(octets_read(&d->nlri), why) < 0))
		return -1;
	if (d->next_hop_len > 0 || d->next_hop_self || family_table[d->family].no_hop ||
	    attrs_find(octets_read(&d->raw), ATTR_NEXT_HOP, &typed))
		return 0;
	ops->print(octets_read(&d->nlri), &prefix);
	reason_set(why, 0, 0, "announce requires nexthop: %s", text_str(&prefix));
	text_fini(&prefix);
	return -1;
}

int
route_check_nlri(const struct route_draft *d, struct reason *why)
{
	if (d->has_family)
		return 0;
	return reason_set(
	    why, 0, 0, "expected nlri behind the attributes, and prefixes behind that");
}

/* Piece number `piece` of a prefix that is cut into prefixes of `split` bits. */
static void
cut_piece(const struct route_draft *d, struct reader whole, uint64_t piece,
    uint8_t nlri[ROUTE_PIECE_MAX], struct nlri *n)
{
	unsigned front = 0;

	prefix_bits(d->family, whole, &front);
	memset(nlri, 0, ROUTE_PIECE_MAX);
	memcpy(nlri, whole.at, whole.left);
	nlri[0] = (uint8_t)(front + d->split);
	for (unsigned bit = front + d->split; piece > 0; piece >>= 1) {
		bit--;
		if (piece & 1)
			nlri[1 + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	n->octets = reader_of(nlri, 1 + (front + d->split + 7) / 8);
}

/* *state: the offset into the NLRI in the low half, the number of the next piece in the high half. */
bool
route_draft_next(
    const struct route_draft *d, uint64_t *state, uint8_t nlri[ROUTE_PIECE_MAX], struct nlri *n)
{
	uint32_t offset = (uint32_t)*state, piece = (uint32_t)(*state >> 32);
	struct reader bin = octets_read(&d->nlri);
	unsigned bits;

	reader_take(&bin, offset);
	if (!nlri_next(d->family, false, &bin, n))
		return false;
	n->path_id = d->path_id;
	bits = split_bits(d, n->octets);
	if (bits > 0) {
		cut_piece(d, n->octets, piece, nlri, n);
		if (++piece < 1u << bits) {
			*state = (uint64_t)piece << 32 | offset;
			return true;
		}
	}
	*state = d->nlri.len - bin.left;
	return true;
}

static void
print_next_hop(struct reader hop, struct text *t)
{
	struct addr addr;
	char text[ADDR_TEXT];

	if (hop.left == 0)
		return;
	addr = addr_of(hop.at, hop.left == 4 ? 4 : 16);
	text_add(t, " next-hop ");
	text_add(t, addr_print(&addr, text));
}

void
route_print_attributes(enum family family, struct reader block, struct text *t)
{
	const struct nlri_ops *ops = nlri_ops(family);

	for (;;) {
		struct reader rest = block;
		struct attr a;

		if (!attrs_next(&block, &a))
			return;
		if (!ops || !ops->print_attribute || !ops->print_attribute(&a, t))
			attrs_print(reader_of(rest.at, rest.left - block.left), t);
	}
}

void
route_print(enum family family, bool path_id, const struct nlri *n, const struct route_value *v,
    struct text *t)
{
	const struct nlri_ops *ops = nlri_ops(family);

	if (!ops)
		return;
	ops->print(n->octets, t);
	print_next_hop(v->next_hop, t);
	if (path_id) {
		text_add(t, " path-information ");
		path_id_print(n->path_id, t);
	}
	route_print_attributes(family, v->attributes, t);
	attrs_print_opaque(v->raw, t);
}
