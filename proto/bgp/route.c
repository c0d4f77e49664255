/* The value of a route as octets, the NLRI of a draft, and routes as text. The words of a route are in
 * route_scan.c. */
#include "proto/bgp/route.h"
#include <string.h>
#include "proto/bgp/attrs.h"

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

void
route_draft_fini(struct route_draft *d)
{
	octets_fini(&d->nlri);
	octets_fini(&d->attributes);
	octets_fini(&d->raw);
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

void
route_draft_finish(struct route_draft *d)
{
	sort_block(&d->attributes);
	sort_block(&d->raw);
}

/* How many bits of its address `split` numbers; 0: the prefix stays whole. */
static unsigned
split_bits(const struct route_draft *d, struct reader nlri)
{
	uint8_t bits = reader_peek(&nlri);

	if (d->split <= bits || d->split > (family_table[d->family].afi == AFI_IPV4 ? 32 : 128))
		return 0;
	return d->split - bits <= SPLIT_BITS_MAX ? d->split - bits : 0;
}

static int
check_split(const struct route_draft *d, struct reason *why)
{
	struct reader bin = octets_read(&d->nlri);
	struct nlri n;

	while (nlri_next(d->family, false, &bin, &n))
		if (d->split > reader_peek(&n.octets) && split_bits(d, n.octets) == 0)
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
	if (check_split(d, why) < 0)
		return -1;
	if (d->next_hop_len > 0 || d->next_hop_self ||
	    attrs_find(octets_read(&d->raw), ATTR_NEXT_HOP, &typed))
		return 0;
	ops->print(octets_read(&d->nlri), &prefix);
	reason_set(why, 0, 0, "announce requires nexthop: %s", text_str(&prefix));
	text_fini(&prefix);
	return -1;
}

/* Piece number `piece` of a prefix that is cut into prefixes of `split` bits. */
static void
cut_piece(struct reader whole, uint8_t split, uint64_t piece, uint8_t nlri[32], struct nlri *n)
{
	size_t len = 1 + (split + 7u) / 8;

	memset(nlri, 0, 32);
	memcpy(nlri, whole.at, whole.left);
	nlri[0] = split;
	for (unsigned bit = split; piece > 0; piece >>= 1) {
		bit--;
		if (piece & 1)
			nlri[1 + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	n->octets = reader_of(nlri, len);
}

/* *state: the offset into the NLRI in the low half, the number of the next piece in the high half. */
bool
route_draft_next(const struct route_draft *d, uint64_t *state, uint8_t nlri[32], struct nlri *n)
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
		cut_piece(n->octets, d->split, piece, nlri, n);
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
	attrs_print(v->attributes, t);
	attrs_print_opaque(v->raw, t);
}
