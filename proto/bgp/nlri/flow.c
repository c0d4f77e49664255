/* Flow specifications (RFC 8955, 8956): a length, an RD (of VPNs), and components in the order of their types,
 * each a prefix or a list of operators and values. All octets are the identity. What is malformed behind an
 * intact length is left out (RFC 8955 section 10, RFC 7606): nothing else can have announced it. */
#include <string.h>
#include <strings.h>
#include "common/addr.h"
#include "proto/bgp/nlri/flow.h"
#include "proto/bgp/rd.h"

enum { LONG = 0xf0, BODY_MAX = 0xfff, OCTETS_IPV6 = 16 };

/* How an IPv6 prefix with an offset is written: from its first bit (ExaBGP), or from the offset (RFC 8956). */
enum pattern { FROM_START, FROM_OFFSET };

void
flow_operator(struct writer *w, unsigned op, uint32_t value)
{
	if (value <= UINT8_MAX) {
		writer_u8(w, op);
		writer_u8(w, value);
	} else if (value <= UINT16_MAX) {
		writer_u8(w, op | 0x10);
		writer_u16(w, value);
	} else {
		writer_u8(w, op | 0x20);
		writer_u32(w, value);
	}
}

uint64_t
flow_value(struct reader *r, unsigned op)
{
	switch (op >> 4 & 3) {
	case 0:
		return reader_u8(r);
	case 1:
		return reader_u16(r);
	case 2:
		return reader_u32(r);
	default:
		return reader_u64(r);
	}
}

int
flow_put(struct reader body, struct writer *w)
{
	if (body.left > BODY_MAX || body.left + 2 > NLRI_MAX)
		return -1;
	if (body.left < LONG)
		writer_u8(w, body.left);
	else
		writer_u16(w, (uint64_t)LONG << 8 | body.left);
	writer_copy(w, body);
	return writer_ok(w) ? 0 : -1;
}

struct reader
flow_body(struct reader *r)
{
	size_t len = reader_u8(r);

	if (len >= LONG)
		len = (len & ~(size_t)LONG) << 8 | reader_u8(r);
	return reader_sub(r, reader_ok(r) ? len : SIZE_MAX);
}

static int
prefix_parse(struct reader *r, bool ipv6, enum pattern pattern, struct writer *w)
{
	unsigned bits = reader_u8(r), offset = ipv6 ? reader_u8(r) : 0, first, size;
	uint8_t octets[OCTETS_IPV6] = { 0 };
	struct reader from;

	if (bits > (ipv6 ? 128 : 32) || (bits > 0 && offset >= bits) || (bits == 0 && offset > 0))
		return -1;
	first = pattern == FROM_OFFSET ? offset : 0;
	size = (bits + 7) / 8;
	from = reader_sub(r, (bits - first + 7) / 8);
	for (unsigned bit = first; bit < bits; bit++) {
		unsigned at = bit - first;

		if (reader_ok(&from) && from.at[at / 8] >> (7 - at % 8) & 1)
			octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	writer_u8(w, bits);
	if (ipv6)
		writer_u8(w, offset);
	writer_bytes(w, octets, size);
	return reader_ok(r) ? 0 : -1;
}

static int
values_parse(struct reader *r, unsigned type, const struct flow_kind *k, struct writer *w)
{
	unsigned meant = k->form == FLOW_BITS ? FLOW_BITMASK : FLOW_NUMERIC, and = 0, op;

	do {
		uint64_t value;

		op = reader_u8(r);
		value = flow_value(r, op);
		if (type == FLOW_DSCP && k->max < UINT8_MAX)
			value &= k->max; /* RFC 8955 section 4.2.2.11: other bits are taken for 0 */
		if (!reader_ok(r) || value > k->max)
			return -1;
		flow_operator(w, op & (FLOW_END | and | meant), (uint32_t)value);
		and = FLOW_AND; /* on the first it says nothing */
	} while (!(op & FLOW_END));
	return 0;
}

static int
body_parse(struct reader r, bool ipv6, bool vpn, enum pattern pattern, struct writer *w)
{
	unsigned last = 0;

	if (vpn)
		writer_copy(w, reader_sub(&r, RD_SIZE));
	while (r.left > 0) {
		unsigned type = reader_u8(&r);
		const struct flow_kind *k = flow_kind(type, ipv6);

		if (!k || type <= last)
			return -1;
		last = type;
		writer_u8(w, type);
		if (k->form == FLOW_PREFIX && prefix_parse(&r, ipv6, pattern, w) < 0)
			return -1;
		if (k->form != FLOW_PREFIX && values_parse(&r, type, k, w) < 0)
			return -1;
	}
	return last > 0 && reader_ok(&r) && writer_ok(w) ? 0 : -1;
}

static int
parse(struct reader *r, struct writer *w, bool ipv6, bool vpn)
{
	uint8_t memory[NLRI_MAX];
	struct reader body = flow_body(r);

	if (!reader_ok(r))
		return -1;
	for (unsigned pattern = FROM_START; pattern <= (ipv6 ? FROM_OFFSET : FROM_START);
	     pattern++) {
		struct writer own = writer_of(memory, sizeof memory);

		if (body_parse(body, ipv6, vpn, pattern, &own) == 0 && own.len + 2 <= NLRI_MAX)
			return flow_put(writer_read(&own), w);
	}
	return NLRI_LEFT_OUT;
}

static struct reader
take(struct reader *r)
{
	struct reader ahead = *r, body = flow_body(&ahead);

	return reader_sub(r, reader_ok(&body) ? r->left - ahead.left : SIZE_MAX);
}

static bool
hop_length(size_t len)
{
	return len == 0 || nlri_hop_any(len);
}

/* --- text --- */

static void
print_bits(const struct flow_kind *k, uint32_t value, struct text *t)
{
	uint32_t left = value;
	size_t mark = t->len;

	for (const struct flow_name *n = k->names; n->name; n++)
		if (left & n->value || (value == 0 && n->value == 0)) {
			text_printf(t, "%s%s", t->len > mark ? "+" : "", n->name);
			left &= ~n->value;
		}
	if (left == 0 && t->len > mark)
		return;
	text_cut(t, mark);
	text_printf(t, "0x%x", value);
}

static void
print_number(const struct flow_kind *k, uint32_t value, struct text *t)
{
	for (const struct flow_name *n = k->names; k->shown && n->name; n++)
		if (n->value == value) {
			text_add(t, n->name);
			return;
		}
	text_uint(t, value);
}

static void
print_value(const struct flow_kind *k, unsigned op, uint32_t value, struct text *t)
{
	static const char *const numeric[] = { "false", "=", ">", ">=", "<", "<=", "!=", "true" };
	static const char *const bitmask[] = { "", "=", "!", "!=" };

	if (k->form == FLOW_BITS) {
		text_add(t, bitmask[op & FLOW_BITMASK]);
		print_bits(k, value, t);
		return;
	}
	text_add(t, numeric[op & FLOW_NUMERIC]);
	if (value != 0 || ((op & FLOW_NUMERIC) != 0 && (op & FLOW_NUMERIC) != FLOW_NUMERIC))
		print_number(k, value, t);
}

/* One word: a value, and those that must be true with it. False when it was the last one. */
static bool
print_word(const struct flow_kind *k, struct reader *r, struct text *t)
{
	unsigned op;

	for (;;) {
		op = reader_u8(r);
		print_value(k, op, (uint32_t)flow_value(r, op), t);
		if ((op & FLOW_END) || r->left == 0)
			return false;
		if (!(reader_peek(r) & FLOW_AND))
			return true;
		text_char(t, '&');
	}
}

static void
print_prefix(struct reader *r, bool ipv6, struct text *t)
{
	unsigned bits = reader_u8(r), offset = ipv6 ? reader_u8(r) : 0;
	struct reader from = reader_sub(r, (bits + 7) / 8);
	uint8_t octets[OCTETS_IPV6] = { 0 };
	char text[ADDR_TEXT];
	struct addr addr;

	if (from.left > 0 && from.left <= sizeof octets)
		memcpy(octets, from.at, from.left);
	addr = addr_of(octets, ipv6 ? 16 : 4);
	text_printf(t, "%s/%u", addr_print(&addr, text), bits);
	if (ipv6)
		text_printf(t, "/%u", offset);
}

/* The words of one component: a tree gets them as a list, a text with brackets when there are
 * several operators. */
static void
show_component(
    struct reader *r, const struct flow_kind *k, bool ipv6, struct tree *tree, struct text *t)
{
	struct text word = { 0 }, all = { 0 };
	unsigned count = 0;
	bool again = false, several;

	if (tree) {
		tree_key(tree, k->word[ipv6]);
		tree_list(tree);
	}
	do {
		text_clear(&word);
		if (k->form == FLOW_PREFIX)
			print_prefix(r, ipv6, &word);
		else
			again = print_word(k, r, &word);
		if (tree)
			tree_text(tree, text_str(&word));
		text_printf(&all, "%s%s", count++ ? " " : "", text_str(&word));
	} while (again);
	if (tree)
		tree_list_end(tree);
	several = count > 1 || strchr(text_str(&all), '&');
	text_printf(t, several ? "%s [ %s ]" : "%s %s", k->word[ipv6], text_str(&all));
	text_fini(&word);
	text_fini(&all);
}

/* All of it; the text has "flow " in front where there is a tree. */
static void
show(struct reader nlri, bool ipv6, bool vpn, struct tree *tree, struct text *t)
{
	struct reader body = flow_body(&nlri);
	struct reader rd = reader_sub(&body, vpn ? RD_SIZE : 0);
	const struct flow_kind *k;
	char text[RD_TEXT];
	size_t mark = t->len;

	while (body.left > 0 && (k = flow_kind(reader_u8(&body), ipv6))) {
		if (t->len > mark)
			text_char(t, ' ');
		show_component(&body, k, ipv6, tree, t);
	}
	if (!vpn)
		return;
	text_add(t, " rd ");
	if (tree) {
		text_add(t, rd_text(rd, text));
		tree_put_text(tree, "rd", text);
	} else {
		rd_print(rd, t);
	}
}

static void
to_tree(struct reader nlri, bool ipv6, bool vpn, struct tree *tree)
{
	struct text text = { 0 };

	text_add(&text, "flow ");
	show(nlri, ipv6, vpn, tree, &text);
	tree_put_text(tree, "string", text_str(&text));
	text_fini(&text);
}

/* One family: its functions and its row. */
#define FAMILY(name, ipv6, vpn)                                                                    \
	static int name##_parse(struct reader *r, struct writer *w)                                \
	{                                                                                          \
		return parse(r, w, ipv6, vpn);                                                     \
	}                                                                                          \
	static void name##_print(struct reader nlri, struct text *t)                               \
	{                                                                                          \
		show(nlri, ipv6, vpn, NULL, t);                                                    \
	}                                                                                          \
	static void name##_tree(struct reader nlri, struct tree *tree)                             \
	{                                                                                          \
		to_tree(nlri, ipv6, vpn, tree);                                                    \
	}                                                                                          \
	const struct nlri_ops nlri_##name = {                                                      \
		.parse = name##_parse,                                                             \
		.take = take,                                                                      \
		.next_hop_length = hop_length,                                                     \
		.words = flow_words,                                                               \
		.build = flow_build,                                                               \
		.blocks = flow_blocks,                                                             \
		.print = name##_print,                                                             \
		.tree = name##_tree,                                                               \
	}

FAMILY(ipv4_flow, false, false);
FAMILY(ipv4_flow_vpn, false, true);
FAMILY(ipv6_flow, true, false);
FAMILY(ipv6_flow_vpn, true, true);
