/* AS_PATH (RFC 4271 section 5.1.2; RFC 5065; RFC 6793). Text, one group a segment:
 *      [ 1 2 ] sequence   ( 1 2 ) set   [ { 1 2 } ] and ( { 1 2 } ) the same of a confederation
 * or one bare ASN. In files a parenthesis may stick to a word, "(1 2)": the groups are cut here. */
#include <stdio.h>
#include <string.h>
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/path.h"

static int
as_path_check(struct reader value, const struct session_params *p)
{
	if (p->member && !path_leads_confed(value))
		return -1;
	return path_check(value, p->asn4 ? 4 : 2, params_inside(p));
}

static int
as_path_canon(struct reader value, const struct session_params *p, struct writer *w)
{
	if (p->asn4)
		writer_copy(w, value);
	else
		path_widen(value, w);
	return 0;
}

static int
as_path_wire(struct reader value, const struct session_params *p, struct writer *w)
{
	if (p->asn4)
		writer_copy(w, value);
	else
		path_narrow(value, w);
	return 0;
}

/* Words, cut further at brackets and parentheses. */
struct pieces {
	struct words *words;
	const char *rest; /* of the word taken last */
};

/* The next character without moving; '\0' at the end of the words. */
static char
piece_peek(const struct pieces *in)
{
	return *in->rest ? *in->rest : *words_peek(in->words);
}

static struct part
piece_next(struct pieces *in)
{
	struct part piece;

	if (*in->rest == '\0' && words_left(in->words))
		in->rest = words_next(in->words)->at;
	piece.at = in->rest;
	piece.len = strcspn(in->rest, "[](){},");
	if (piece.len == 0 && *in->rest)
		piece.len = 1;
	in->rest += piece.len;
	return piece;
}

/* Mostly it is a word, and a number. */
static bool
piece_asn(struct pieces *in, uint32_t *asn)
{
	const char *word = words_peek(in->words);
	unsigned digits = *in->rest == '\0' ? word_digits(word, asn) : 0;

	if (digits == 0 || word[digits] != '\0' || *asn == 0)
		return false;
	words_next(in->words);
	return true;
}

static bool
piece_is(const struct part *piece, char c)
{
	return piece->len == 1 && *piece->at == c;
}

/* A segment being written; when it is full a new one follows. */
struct building {
	struct writer *w;
	uint8_t type;
	unsigned count; /* 0: it is to be begun */
	size_t mark; /* of its count */
};

static void
building_add(struct building *b, uint32_t asn)
{
	if (b->count == 0) {
		writer_u8(b->w, b->type);
		b->mark = b->w->len;
		writer_u8(b->w, 0);
	}
	if (++b->count == SEGMENT_ASNS)
		b->count = 0;
	writer_u32(b->w, asn);
	if (writer_ok(b->w))
		b->w->base[b->mark]++;
}

static int
asn_wrong(const struct pieces *in, const struct part *piece, struct reason *reason)
{
	const struct words *words = in->words;

	if (piece->len == 0 && !words_left(words))
		return words_wrong(words, reason, "an AS number or the end of the AS path");
	return reason_set(reason, words->line, words->column,
	    "expected an AS number, found \"%.*s\"", (int)(piece->len < 40 ? piece->len : 40),
	    piece->at);
}

static int
group_scan(struct pieces *in, struct writer *w, struct reason *reason)
{
	bool sequence = *piece_next(in).at == '[', confed = piece_peek(in) == '{';
	struct building b = { .w = w, .type = sequence ? SEGMENT_SEQUENCE : SEGMENT_SET };
	char inner = 0; /* what ends the set that stands inside of the sequence */
	uint32_t asn;

	if (confed) {
		piece_next(in);
		b.type = sequence ? SEGMENT_CONFED_SEQUENCE : SEGMENT_CONFED_SET;
	}
	for (;;) {
		struct part piece;

		if (piece_asn(in, &asn)) {
			building_add(&b, asn);
			continue;
		}
		piece = piece_next(in);
		/* [ 1 ( 2 3 ) ] and [ 1 [ 2 3 ] ], as it was written in old times */
		if (sequence && !confed && !inner &&
		    (piece_is(&piece, '(') || piece_is(&piece, '['))) {
			inner = piece_is(&piece, '(') ? ')' : ']';
			b = (struct building){ .w = w, .type = SEGMENT_SET };
			continue;
		}
		if (inner && piece_is(&piece, inner)) {
			inner = 0;
			b = (struct building){ .w = w, .type = SEGMENT_SEQUENCE };
			continue;
		}
		if (!inner && piece_is(&piece, sequence ? ']' : ')'))
			return 0;
		if (piece_is(&piece, ',') || (confed && piece_is(&piece, '}')))
			continue;
		if (part_asn(&piece, &asn) < 0)
			return asn_wrong(in, &piece, reason);
		building_add(&b, asn);
	}
}

static bool
group_follows(const struct pieces *in)
{
	char c = piece_peek(in);

	return c == '[' || c == '(';
}

static int
groups_scan(struct pieces *in, struct writer *w, struct reason *reason)
{
	while (group_follows(in))
		if (group_scan(in, w, reason) < 0)
			return -1;
	if (*in->rest)
		return reason_set(reason, in->words->line, in->words->column,
		    "expected a blank behind the AS path, found \"%.40s\"", in->rest);
	return 0;
}

static int
bare_scan(struct words *words, struct writer *w, struct reason *reason)
{
	struct building b = { .w = w, .type = SEGMENT_SEQUENCE };
	struct part piece = { words_peek(words), strlen(words_peek(words)) };
	uint32_t asn;

	if (part_asn(&piece, &asn) < 0)
		return words_wrong(words, reason, "an AS number, [ or (");
	words_next(words);
	building_add(&b, asn);
	return 0;
}

static int
as_path_scan(struct words *words, struct writer *w, struct reason *reason)
{
	struct pieces in = { words, "" };
	size_t start = w->len;

	if ((group_follows(&in) ? groups_scan(&in, w, reason) : bare_scan(words, w, reason)) < 0)
		return -1;
	if (!writer_ok(w) || w->len - start > ATTR_VALUE_MAX)
		return reason_set(reason, words->line, words->column,
		    "more AS numbers than an attribute can hold");
	return 0;
}

static const struct form {
	const char *open, *close, *name;
} forms[] = {
	[SEGMENT_SET] = { "(", " )", "as-set" },
	[SEGMENT_SEQUENCE] = { "[", " ]", "as-sequence" },
	[SEGMENT_CONFED_SEQUENCE] = { "[ {", " } ]", "as-confed-sequence" },
	[SEGMENT_CONFED_SET] = { "( {", " } )", "as-confed-set" },
};

static const struct form *
form_of(const struct segment *s)
{
	bool fine = s->type >= SEGMENT_SET && s->type <= SEGMENT_CONFED_SET;

	return &forms[fine ? s->type : SEGMENT_SEQUENCE];
}

static void
as_path_print(struct reader path, struct text *t)
{
	struct segment s;
	size_t start = t->len;

	while (segment_next(&path, 4, &s)) {
		if (t->len != start)
			text_char(t, ' ');
		text_add(t, form_of(&s)->open);
		while (s.asns.left > 0) {
			text_char(t, ' ');
			text_uint(t, segment_asn(&s));
		}
		text_add(t, form_of(&s)->close);
	}
	if (t->len == start)
		text_add(t, "[ ]");
}

static void
as_path_tree(struct reader path, struct tree *tree)
{
	struct segment s;
	char index[12];

	tree_map(tree);
	for (unsigned i = 0; segment_next(&path, 4, &s); i++) {
		snprintf(index, sizeof index, "%u", i);
		tree_key(tree, index);
		tree_map(tree);
		tree_key(tree, "element");
		tree_text(tree, form_of(&s)->name);
		tree_key(tree, "value");
		tree_list(tree);
		while (s.asns.left > 0)
			tree_uint(tree, segment_asn(&s));
		tree_list_end(tree);
		tree_map_end(tree);
	}
	tree_map_end(tree);
}

const struct attr_ops attr_as_path = {
	.code = ATTR_AS_PATH,
	.flags = ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.empty = true,
	.word = "as-path",
	.name = "as-path",
	.check = as_path_check,
	.canon = as_path_canon,
	.wire = as_path_wire,
	.scan = as_path_scan,
	.print = as_path_print,
	.tree = as_path_tree,
};
