#include "proto/bgp/attr/segment.h"
#include <stdio.h>
#include <string.h>
#include "common/addr.h"
#include "proto/bgp/label.h"

/* RFC 9831 section 2.10: V, A, S, B. */
enum { FLAG_VERIFY = 0x80, FLAG_ALGORITHM = 0x40, FLAG_SID = 0x20, FLAG_BEHAVIOR = 0x10 };
enum { FIELDS_MAX = 4, FIELD_MAX = 16, SEGMENT_MAX = 255 };
enum { STACK_TC_MAX = 7 };

/* Where a link or node is, in the order of the wire. */
struct field {
	const char *word;
	enum { NUMBER, ENTRY, IPV4, IPV6 } form;
};

static const struct kind {
	uint8_t type;
	char letter;
	struct field field[FIELDS_MAX + 1];
	bool algorithm;
	uint8_t sid; /* octets of the SID that may follow; 0: none */
	bool behavior; /* of an SRv6 SID */
} kinds[] = {
	{ 1, 'A', { { "mpls", ENTRY } } },
	{ 13, 'B', { { "srv6", IPV6 } }, .behavior = true },
	{ 3, 'C', { { "ipv4", IPV4 } }, .algorithm = true, .sid = STACK_ENTRY_SIZE },
	{ 4, 'D', { { "ipv6", IPV6 } }, .algorithm = true, .sid = STACK_ENTRY_SIZE },
	{ 5, 'E', { { "local-if-id", NUMBER }, { "ipv4", IPV4 } }, .sid = STACK_ENTRY_SIZE },
	{ 6, 'F', { { "local", IPV4 }, { "remote", IPV4 } }, .sid = STACK_ENTRY_SIZE },
	{ 7, 'G',
	    { { "local-if-id", NUMBER }, { "local-ipv6", IPV6 }, { "remote-if-id", NUMBER },
		{ "remote-ipv6", IPV6 } },
	    .sid = STACK_ENTRY_SIZE },
	{ 8, 'H', { { "local", IPV6 }, { "remote", IPV6 } }, .sid = STACK_ENTRY_SIZE },
	{ 14, 'I', { { "ipv6", IPV6 } }, .algorithm = true, .sid = SRV6_SID_SIZE,
	    .behavior = true },
	{ 15, 'J',
	    { { "local-if-id", NUMBER }, { "local-ipv6", IPV6 }, { "remote-if-id", NUMBER },
		{ "remote-ipv6", IPV6 } },
	    .algorithm = true, .sid = SRV6_SID_SIZE, .behavior = true },
	{ 16, 'K', { { "local", IPV6 }, { "remote", IPV6 } }, .algorithm = true,
	    .sid = SRV6_SID_SIZE, .behavior = true },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* One segment; octets are borrowed. */
struct segment {
	const struct kind *kind;
	bool has_flags, has_algorithm; /* flags: others than what follows from the rest */
	uint8_t flags, algorithm;
	struct reader field[FIELDS_MAX], sid, behavior; /* empty: not there */
};

static const struct kind *
kind_of(uint8_t type)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static size_t
field_size(const struct field *f)
{
	return f->form == IPV6 ? 16 : 4;
}

static uint8_t
implied_flags(const struct segment *s)
{
	return (uint8_t)((s->has_algorithm ? FLAG_ALGORITHM : 0) |
			 (s->sid.left > 0 ? FLAG_SID : 0) |
			 (s->behavior.left > 0 ? FLAG_BEHAVIOR : 0));
}

/* What follows the fields says by its length what it is. */
static bool
cut(const struct kind *kind, struct reader r, struct segment *s)
{
	*s = (struct segment){ .kind = kind };
	if (!kind)
		return false;
	s->flags = reader_u8(&r);
	s->algorithm = reader_u8(&r);
	for (size_t i = 0; kind->field[i].word; i++)
		s->field[i] = reader_sub(&r, field_size(&kind->field[i]));
	if (kind->sid > 0 && r.left >= kind->sid)
		s->sid = reader_sub(&r, kind->sid);
	if (kind->behavior && r.left > 0 && (s->sid.left > 0 || kind->sid == 0))
		s->behavior = reader_sub(&r, BEHAVIOR_SIZE);
	s->has_algorithm = kind->algorithm && (s->algorithm != 0 || (s->flags & FLAG_ALGORITHM));
	s->has_flags = s->flags != implied_flags(s);
	return reader_done(&r);
}

static void
put(const struct segment *s, struct writer *w)
{
	size_t mark;

	writer_u8(w, s->kind->type);
	mark = writer_begin_u8(w);
	writer_u8(w, s->has_flags ? s->flags : implied_flags(s));
	writer_u8(w, s->algorithm);
	for (size_t i = 0; s->kind->field[i].word; i++)
		writer_copy(w, s->field[i]);
	writer_copy(w, s->sid);
	writer_copy(w, s->behavior);
	writer_end_u8(w, mark);
}

bool
segment_known(uint8_t type)
{
	return kind_of(type) != NULL;
}

bool
segment_fits(uint8_t type, struct reader value)
{
	struct segment s;

	return cut(kind_of(type), value, &s);
}

/* --- what they are made of --- */

static int
scan_bits(struct words *words, const char *word, uint64_t max, uint64_t *n, bool *more,
    struct reason *why)
{
	if (!words_take(words, word))
		return 0;
	*more = true;
	return words_uint(words, 0, max, word, n, why);
}

int
stack_entry_scan(struct words *words, struct writer *w, struct reason *why)
{
	uint64_t label, tc = 0, bottom = 1, ttl = 0;
	bool more = true;

	if (words_uint(words, 0, LABEL_MAX, "a label", &label, why) < 0)
		return -1;
	while (more) {
		more = false;
		if (scan_bits(words, "tc", STACK_TC_MAX, &tc, &more, why) < 0 ||
		    scan_bits(words, "s", 1, &bottom, &more, why) < 0 ||
		    scan_bits(words, "ttl", UINT8_MAX, &ttl, &more, why) < 0)
			return -1;
	}
	writer_u32(w, label << 12 | tc << 9 | bottom << 8 | ttl);
	return 0;
}

void
stack_entry_print(struct reader entry, struct text *t)
{
	uint32_t all = reader_u32(&entry);

	text_printf(t, " %u", all >> 12);
	if (all >> 9 & STACK_TC_MAX)
		text_printf(t, " tc %u", all >> 9 & STACK_TC_MAX);
	if (!(all & 0x100))
		text_add(t, " s 0");
	if (all & UINT8_MAX)
		text_printf(t, " ttl %u", all & UINT8_MAX);
}

void
stack_entry_tree(struct reader entry, struct tree *tree)
{
	uint32_t all = reader_u32(&entry);

	tree_put_uint(tree, "label", all >> 12);
	tree_put_uint(tree, "tc", all >> 9 & STACK_TC_MAX);
	tree_key(tree, "s");
	tree_bool(tree, all & 0x100);
	tree_put_uint(tree, "ttl", all & UINT8_MAX);
}

static int
scan_address(
    struct words *words, unsigned family, const char *what, struct writer *w, struct reason *why)
{
	struct addr addr;

	if (addr_scan(&addr, words_peek(words)) < 0 || addr.family != family)
		return words_wrong(words, why, what);
	words_next(words);
	writer_bytes(w, addr.bytes, addr_size(&addr));
	return 0;
}

static const char *
address_text(struct reader octets, char text[ADDR_TEXT])
{
	struct addr addr = addr_of(octets.at, octets.left);

	return addr_print(&addr, text);
}

int
srv6_sid_scan(struct words *words, struct writer *w, struct reason *why)
{
	return scan_address(words, 6, "an SRv6 SID (an IPv6 address)", w, why);
}

void
srv6_sid_print(struct reader sid, struct text *t)
{
	char text[ADDR_TEXT];

	text_printf(t, " %s", address_text(sid, text));
}

void
srv6_sid_tree(struct reader sid, struct tree *tree)
{
	char text[ADDR_TEXT];

	tree_put_text(tree, "sid", address_text(sid, text));
}

static const char *const lengths[] = { "lb-length", "ln-length", "fun-length", "arg-length" };

enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

int
behavior_scan(struct words *words, struct writer *w, struct reason *why)
{
	uint64_t n;

	if (words_uint(words, 0, UINT16_MAX, "an endpoint behavior", &n, why) < 0)
		return -1;
	writer_u16(w, n);
	writer_u16(w, 0);
	for (size_t i = 0; i < LENGTHS; i++) {
		if (words_uint(words, 0, UINT8_MAX, lengths[i], &n, why) < 0)
			return -1;
		writer_u8(w, n);
	}
	return 0;
}

bool
behavior_print(struct reader behavior, struct text *t)
{
	unsigned number = reader_u16(&behavior);

	if (reader_u16(&behavior) != 0)
		return false;
	text_printf(t, " endpoint-behavior %u", number);
	while (behavior.left > 0)
		text_printf(t, " %u", reader_u8(&behavior));
	return true;
}

void
behavior_tree(struct reader behavior, struct tree *tree)
{
	tree_key(tree, "endpoint-behavior");
	tree_map(tree);
	tree_put_uint(tree, "behavior", reader_u16(&behavior));
	reader_u16(&behavior);
	for (size_t i = 0; i < LENGTHS; i++)
		tree_put_uint(tree, lengths[i], reader_u8(&behavior));
	tree_map_end(tree);
}

/* --- text --- */

static int
scan_field(const struct field *f, struct words *words, struct writer *w, struct reason *why)
{
	uint64_t number;

	switch (f->form) {
	case ENTRY:
		return stack_entry_scan(words, w, why);
	case IPV4:
		return scan_address(words, 4, "an IPv4 address", w, why);
	case IPV6:
		return scan_address(words, 6, "an IPv6 address", w, why);
	default:
		if (words_uint(words, 0, UINT32_MAX, f->word, &number, why) < 0)
			return -1;
		writer_u32(w, number);
		return 0;
	}
}

/* Octets that a scan appended since `mark`. */
static struct reader
since(const struct writer *w, size_t mark)
{
	return reader_of(w->base + mark, w->len - mark);
}

static int
scan_number(struct words *words, const char *what, uint8_t *out, bool *given, struct reason *why)
{
	uint64_t n;

	if (words_uint(words, 0, UINT8_MAX, what, &n, why) < 0)
		return -1;
	*out = (uint8_t)n;
	*given = true;
	return 0;
}

/* What may follow the fields; 0: none of it, 1: one was taken. */
static int
scan_more(struct segment *s, struct words *words, struct writer *w, struct reason *why)
{
	const struct kind *kind = s->kind;
	size_t mark = w->len;
	int ok;

	if (kind->algorithm && words_take(words, "algorithm")) {
		ok = scan_number(words, "an algorithm", &s->algorithm, &s->has_algorithm, why);
	} else if (words_take(words, "flags")) {
		ok = scan_number(words, "flags of a segment", &s->flags, &s->has_flags, why);
	} else if (kind->sid > 0 && words_take(words, "sid")) {
		ok = kind->sid == SRV6_SID_SIZE ? srv6_sid_scan(words, w, why)
						: stack_entry_scan(words, w, why);
		s->sid = since(w, mark);
	} else if (kind->behavior && words_take(words, "endpoint-behavior")) {
		ok = behavior_scan(words, w, why);
		s->behavior = since(w, mark);
	} else {
		return 0;
	}
	return ok < 0 ? -1 : 1;
}

static const struct kind *
scan_kind(struct words *words)
{
	for (size_t i = 0; i < KINDS; i++) {
		const char name[] = { 't', 'y', 'p', 'e', '-', (char)(kinds[i].letter | 0x20),
			'\0' };

		if (words_take(words, name))
			return &kinds[i];
	}
	return NULL;
}

int
segment_scan(struct words *words, struct writer *out, struct reason *why)
{
	uint8_t memory[1024]; /* of what is given twice too */
	struct writer w = writer_of(memory, sizeof memory);
	struct segment s = { .kind = scan_kind(words) };
	int more;

	if (!s.kind)
		return words_wrong(words, why, "a type of segment (type-a to type-k)");
	for (size_t i = 0; s.kind->field[i].word; i++) {
		size_t mark = w.len;

		if (words_expect(words, s.kind->field[i].word, why) < 0 ||
		    scan_field(&s.kind->field[i], words, &w, why) < 0)
			return -1;
		s.field[i] = since(&w, mark);
	}
	while ((more = scan_more(&s, words, &w, why)) > 0)
		if (!writer_ok(&w))
			return words_wrong(words, why, "the end of the segment");
	if (more < 0)
		return -1;
	if (s.behavior.left > 0 && s.sid.left == 0 && s.kind->sid > 0)
		return reason_set(
		    why, words->line, words->column, "endpoint-behavior goes with a sid");
	put(&s, out);
	return 0;
}

static void
print_field(const struct field *f, struct reader octets, struct text *t)
{
	char text[ADDR_TEXT];

	text_printf(t, " %s", f->word);
	if (f->form == ENTRY)
		stack_entry_print(octets, t);
	else if (f->form == NUMBER)
		text_printf(t, " %u", reader_u32(&octets));
	else
		text_printf(t, " %s", address_text(octets, text));
}

bool
segment_print(uint8_t type, struct reader value, struct text *t)
{
	size_t start = t->len;
	struct segment s;

	if (!cut(kind_of(type), value, &s) || (s.algorithm != 0 && !s.kind->algorithm))
		return false;
	text_printf(t, " type-%c", s.kind->letter | 0x20);
	for (size_t i = 0; s.kind->field[i].word; i++)
		print_field(&s.kind->field[i], s.field[i], t);
	if (s.has_algorithm)
		text_printf(t, " algorithm %u", s.algorithm);
	if (s.sid.left > 0) {
		text_add(t, " sid");
		if (s.sid.left == SRV6_SID_SIZE)
			srv6_sid_print(s.sid, t);
		else
			stack_entry_print(s.sid, t);
	}
	if (s.behavior.left > 0 && !behavior_print(s.behavior, t)) {
		text_cut(t, start);
		return false;
	}
	if (s.has_flags)
		text_printf(t, " flags 0x%02x", s.flags);
	return true;
}

/* Type A is a label and its bits, type B a SID; others say where it is, then the SID that is there. */
static void
tree_field(const struct field *f, struct reader octets, struct tree *tree)
{
	char text[ADDR_TEXT];

	if (f->form == ENTRY)
		stack_entry_tree(octets, tree);
	else if (f->form == NUMBER)
		tree_put_uint(tree, f->word, reader_u32(&octets));
	else if (strcmp(f->word, "srv6") == 0)
		srv6_sid_tree(octets, tree);
	else
		tree_put_text(tree, f->word, address_text(octets, text));
}

static void
tree_sid(struct reader sid, struct tree *tree)
{
	if (sid.left == SRV6_SID_SIZE) {
		srv6_sid_tree(sid, tree);
	} else if (sid.left > 0) {
		tree_key(tree, "sid");
		tree_map(tree);
		stack_entry_tree(sid, tree);
		tree_map_end(tree);
	}
}

void
segment_tree(uint8_t type, struct reader value, struct tree *tree)
{
	struct segment s;
	char letter[2] = "";

	if (!cut(kind_of(type), value, &s)) {
		tree_put_uint(tree, "type", type);
		tree_key(tree, "value");
		tree_hex(tree, value.at, value.left);
		return;
	}
	letter[0] = s.kind->letter;
	tree_put_text(tree, "type", letter);
	for (size_t i = 0; s.kind->field[i].word; i++)
		tree_field(&s.kind->field[i], s.field[i], tree);
	if (s.has_algorithm)
		tree_put_uint(tree, "algorithm", s.algorithm);
	tree_sid(s.sid, tree);
	if (s.behavior.left > 0)
		behavior_tree(s.behavior, tree);
	if (s.has_flags)
		tree_put_uint(tree, "flags", s.flags);
}
