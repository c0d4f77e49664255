/* Sub-TLVs of tunnels by their tables, and the table of those that any tunnel may have (RFC 9012 section 3). */
#include "proto/bgp/attr/tunnel.h"
#include <string.h>
#include "common/addr.h"

enum {
	WIDE = 128,
	SHOWN_NUMBER = 4,
	COLOR = 0x030b,
	COLOR_SIZE = 8,
	ENDPOINT_HEAD = 6,
	OCTETS_MAX = UINT16_MAX
};

bool
tunnel_next(struct reader *r, uint8_t *type, struct reader *value)
{
	if (r->left == 0)
		return false;
	*type = reader_u8(r);
	*value = reader_sub(r, *type < WIDE ? reader_u8(r) : reader_u16(r));
	return reader_ok(r);
}

bool
tunnel_framed(struct reader subs)
{
	struct reader value;
	uint8_t type;

	while (tunnel_next(&subs, &type, &value))
		;
	return reader_done(&subs);
}

size_t
tunnel_begin(struct writer *w, uint8_t type)
{
	writer_u8(w, type);
	return type < WIDE ? writer_begin_u8(w) : writer_begin_u16(w);
}

void
tunnel_end(struct writer *w, uint8_t type, size_t mark)
{
	if (type < WIDE)
		writer_end_u8(w, mark);
	else
		writer_end_u16(w, mark);
}

const struct tunnel_sub *
tunnel_sub_of(const struct tunnel_sub *table, uint8_t type)
{
	for (; table->word; table++)
		if (table->type == type)
			return table;
	return NULL;
}

bool
tunnel_sub_fits(const struct tunnel_sub *sub, struct reader value)
{
	if (sub->fits)
		return sub->fits(value);
	return value.left == (size_t)sub->before + sub->size + sub->after;
}

/* --- text --- */

static void
put_number(struct writer *w, unsigned size, uint64_t number)
{
	while (size-- > 0)
		writer_u8(w, number >> 8 * size & 0xff);
}

static uint32_t
take_number(struct reader *r, unsigned size)
{
	uint32_t number = 0;

	while (size-- > 0)
		number = number << 8 | reader_u8(r);
	return number;
}

static int
scan_number(const struct tunnel_sub *sub, struct words *words, struct writer *w, struct reason *why)
{
	uint64_t number;

	if (words_uint(words, 0, UINT32_MAX >> 8 * (SHOWN_NUMBER - sub->size), sub->word, &number,
		why) < 0)
		return -1;
	put_number(w, sub->before, 0);
	put_number(w, sub->size, number);
	put_number(w, sub->after, 0);
	return 0;
}

int
tunnel_sub_scan(
    const struct tunnel_sub *sub, struct words *words, struct writer *w, struct reason *why)
{
	size_t mark = tunnel_begin(w, sub->type);
	int ok = sub->scan ? sub->scan(words, w, why) : scan_number(sub, words, w, why);

	tunnel_end(w, sub->type, mark);
	return ok;
}

int
tunnel_octets_scan(struct words *words, struct writer *w, struct reason *why)
{
	static const char what[] = "its value in hexadecimal (0x0102)";
	uint8_t octets[OCTETS_MAX];
	uint64_t type;
	const char *word;
	size_t len, mark;

	if (words_uint(words, 0, UINT8_MAX, "the type of a sub-TLV", &type, why) < 0)
		return -1;
	word = words_peek(words);
	len = words_left(words) ? words->at->len : 0;
	if (len < 2 || len % 2 || len / 2 - 1 > OCTETS_MAX || strncmp(word, "0x", 2) != 0 ||
	    word_octets(word + 2, octets, len / 2 - 1) < 0)
		return words_wrong(words, why, what);
	if (type < WIDE && len / 2 - 1 > UINT8_MAX)
		return words_wrong(words, why, "at most 255 octets");
	words_next(words);
	mark = tunnel_begin(w, (uint8_t)type);
	writer_bytes(w, octets, len / 2 - 1);
	tunnel_end(w, (uint8_t)type, mark);
	return 0;
}

static const struct tunnel_sub *
take_keyword(const struct tunnel_sub *table, struct words *words)
{
	for (; table->word; table++)
		if (words_take(words, table->word))
			return table;
	return NULL;
}

/* A keyword that is given again changes nothing, but where there may be many. */
int
tunnel_scan(
    const struct tunnel_sub *table, struct words *words, struct writer *w, struct reason *why)
{
	bool given[UINT8_MAX + 1] = { false };
	const struct tunnel_sub *sub;

	while (words_left(words)) {
		size_t mark = w->len;

		if (words_take(words, "sub-tlv")) {
			if (tunnel_octets_scan(words, w, why) < 0)
				return -1;
			continue;
		}
		if (!(sub = take_keyword(table, words)))
			return 0;
		if (tunnel_sub_scan(sub, words, w, why) < 0)
			return -1;
		if (given[sub->type] && !sub->many && writer_ok(w))
			w->len = mark;
		given[sub->type] = true;
	}
	return 0;
}

/* Is all but the number zero? */
static bool
print_number(const struct tunnel_sub *sub, struct reader value, struct text *t)
{
	uint32_t before = take_number(&value, sub->before), number = take_number(&value, sub->size);

	if (before != 0 || take_number(&value, sub->after) != 0)
		return false;
	text_printf(t, " %s %u", sub->word, number);
	return true;
}

static bool
print_words(const struct tunnel_sub *sub, struct reader value, struct text *t)
{
	size_t start = t->len;

	if (!sub || !tunnel_sub_fits(sub, value))
		return false;
	if (!sub->print)
		return print_number(sub, value, t);
	text_printf(t, " %s", sub->word);
	if (sub->print(value, t))
		return true;
	text_cut(t, start);
	return false;
}

void
tunnel_print(const struct tunnel_sub *table, struct reader subs, struct text *t)
{
	struct reader value;
	uint8_t type;

	while (tunnel_next(&subs, &type, &value)) {
		if (print_words(tunnel_sub_of(table, type), value, t))
			continue;
		text_printf(t, " sub-tlv %u 0x", type);
		text_hex(t, value.at, value.left);
	}
}

static void
tree_value(const struct tunnel_sub *sub, struct reader value, struct tree *tree)
{
	if (sub->tree) {
		sub->tree(value, tree);
		return;
	}
	take_number(&value, sub->before);
	tree_uint(tree, take_number(&value, sub->size));
}

/* Those of a type whose values are a list. */
static void
tree_values(const struct tunnel_sub *sub, struct reader subs, struct tree *tree)
{
	struct reader value;
	uint8_t type;

	tree_key(tree, sub->key);
	tree_list(tree);
	while (tunnel_next(&subs, &type, &value))
		if (type == sub->type && tunnel_sub_fits(sub, value))
			tree_value(sub, value, tree);
	tree_list_end(tree);
}

static void
tree_octets(uint8_t type, struct reader value, bool *opened, struct tree *tree)
{
	if (!*opened) {
		tree_key(tree, "sub-tlvs");
		tree_list(tree);
	}
	*opened = true;
	tree_map(tree);
	tree_put_uint(tree, "type", type);
	tree_key(tree, "value");
	tree_hex(tree, value.at, value.left);
	tree_map_end(tree);
}

/* The first one of a type is a member by its name; what is no member comes as octets. */
void
tunnel_tree(const struct tunnel_sub *table, struct reader subs, struct tree *tree)
{
	bool seen[UINT8_MAX + 1] = { false }, opened = false;
	struct reader all = subs, value;
	const struct tunnel_sub *sub;
	uint8_t type;

	while (tunnel_next(&subs, &type, &value)) {
		sub = tunnel_sub_of(table, type);
		if (!sub || seen[type] || !tunnel_sub_fits(sub, value))
			continue;
		seen[type] = true;
		if (sub->key) {
			tree_values(sub, all, tree);
		} else {
			tree_key(tree, sub->word);
			tree_value(sub, value, tree);
		}
	}
	memset(seen, 0, sizeof seen);
	while (tunnel_next(&all, &type, &value)) {
		sub = tunnel_sub_of(table, type);
		if (!sub || !tunnel_sub_fits(sub, value) || (seen[type] && !sub->key))
			tree_octets(type, value, &opened, tree);
		else
			seen[type] = true;
	}
	if (opened)
		tree_list_end(tree);
}

/* --- of any tunnel --- */

/* A color extended community (RFC 9012 section 4.3). */
static bool
color_fits(struct reader value)
{
	return value.left == COLOR_SIZE;
}

static int
color_scan(struct words *words, struct writer *w, struct reason *why)
{
	uint64_t color;

	if (words_uint(words, 0, UINT32_MAX, "a color", &color, why) < 0)
		return -1;
	writer_u16(w, COLOR);
	writer_u16(w, 0);
	writer_u32(w, color);
	return 0;
}

static bool
color_print(struct reader value, struct text *t)
{
	if (reader_u16(&value) != COLOR || reader_u16(&value) != 0)
		return false;
	text_printf(t, " %u", reader_u32(&value));
	return true;
}

static void
color_tree(struct reader value, struct tree *tree)
{
	reader_u32(&value);
	tree_uint(tree, reader_u32(&value));
}

/* Four octets reserved, an address family, its address (RFC 9012 section 3.1). Family 0 has none: the next hop. */
static bool
endpoint_fits(struct reader value)
{
	unsigned family;

	reader_u32(&value);
	family = reader_u16(&value);
	return reader_ok(&value) &&
	       value.left == (family == 1      ? 4u
				 : family == 2 ? 16u
					       : 0u) &&
	       family <= 2;
}

static int
endpoint_scan(struct words *words, struct writer *w, struct reason *why)
{
	struct addr addr = { 0 };

	if (!words_take(words, "next-hop")) {
		if (addr_scan(&addr, words_peek(words)) < 0)
			return words_wrong(words, why, "an endpoint (an address, or next-hop)");
		words_next(words);
	}
	writer_u32(w, 0);
	writer_u16(w, addr.family == 4 ? 1 : addr.family == 6 ? 2 : 0);
	writer_bytes(w, addr.bytes, addr_size(&addr));
	return 0;
}

static const char *
endpoint_text(struct reader value, char text[ADDR_TEXT])
{
	struct addr addr;

	reader_sub(&value, ENDPOINT_HEAD);
	addr = addr_of(value.at, value.left);
	return value.left > 0 ? addr_print(&addr, text) : "next-hop";
}

static bool
endpoint_print(struct reader value, struct text *t)
{
	char text[ADDR_TEXT];
	struct reader head = value;

	if (reader_u32(&head) != 0)
		return false;
	text_printf(t, " %s", endpoint_text(value, text));
	return true;
}

static void
endpoint_tree(struct reader value, struct tree *tree)
{
	char text[ADDR_TEXT];

	tree_text(tree, endpoint_text(value, text));
}

const struct tunnel_sub tunnel_subs[] = {
	{ .type = 2, .many = true, .size = 2, .word = "protocol" },
	{ .type = 4,
	    .many = true,
	    .word = "color",
	    .fits = color_fits,
	    .scan = color_scan,
	    .print = color_print,
	    .tree = color_tree },
	{ .type = 6,
	    .many = true,
	    .word = "endpoint",
	    .fits = endpoint_fits,
	    .scan = endpoint_scan,
	    .print = endpoint_print,
	    .tree = endpoint_tree },
	{ .type = 7, .many = true, .size = 1, .word = "ds-field" },
	{ .type = 8, .many = true, .size = 2, .word = "udp-port" },
	{ .type = 9, .many = true, .size = 1, .word = "embedded-label" },
	{ 0 },
};
