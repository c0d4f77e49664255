/* COMMUNITIES (RFC 1997). As received they keep their order; as typed they are sorted. */
#include <strings.h>
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/value.h"

/* The first name of a value is the one that is printed. */
static const struct {
	const char *name;
	uint32_t value;
} well_known[] = {
	{ "no-export", 0xffffff01 }, { "no_export", 0xffffff01 }, { "no-advertise", 0xffffff02 },
	{ "no_advertise", 0xffffff02 }, { "no-export-subconfed", 0xffffff03 },
	{ "no_export_subconfed", 0xffffff03 }, { "no-peer", 0xffffff04 }, /* RFC 3765 */
	{ "nopeer", 0xffffff04 }, { "blackhole", 0xffff029a }, /* RFC 7999 */
};

enum { WELL_KNOWN = sizeof well_known / sizeof well_known[0] };

static int
community_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return items_check(value, 4);
}

static int
named(const char *text, uint64_t *value)
{
	for (size_t i = 0; i < WELL_KNOWN; i++)
		if (strcasecmp(text, well_known[i].name) == 0) {
			*value = well_known[i].value;
			return 0;
		}
	return -1;
}

/* 65000:1, as most are typed. */
static bool
is_pair(const char *text, uint64_t *value)
{
	uint32_t high, low;
	unsigned digits = word_digits(text, &high);

	if (digits == 0 || text[digits] != ':' || high > UINT16_MAX)
		return false;
	text += digits + 1;
	digits = word_digits(text, &low);
	*value = high << 16 | low;
	return digits > 0 && text[digits] == '\0' && low <= UINT16_MAX;
}

static int
community_of(const char *text, uint64_t *value)
{
	struct part part[2];
	uint64_t low;

	if (is_pair(text, value))
		return 0;

	switch (parts_of(text, part, 2)) {
	case 1:
		return part_uint(&part[0], UINT32_MAX, value) < 0 ? named(text, value) : 0;
	case 2:
		if (part_uint(&part[0], UINT16_MAX, value) < 0 ||
		    part_uint(&part[1], UINT16_MAX, &low) < 0)
			return -1;
		*value = *value << 16 | low;
		return 0;
	default:
		return -1;
	}
}

static int
one_scan(struct words *words, struct writer *w, struct reason *reason)
{
	uint64_t value;

	if (community_of(words_peek(words), &value) < 0)
		return words_wrong(words, reason, "a community (65000:1, 0x..., no-export)");
	words_next(words);
	writer_u32(w, value);
	return 0;
}

static int
community_scan(struct words *words, struct writer *w, struct reason *reason)
{
	size_t mark = w->len;

	if (items_scan(words, w, reason, one_scan) < 0)
		return -1;
	items_sort(w, mark, 4, false);
	return 0;
}

static void
one_print(struct reader value, struct text *t)
{
	uint32_t community = reader_u32(&value);

	for (size_t i = 0; i < WELL_KNOWN; i++)
		if (well_known[i].value == community) {
			text_add(t, well_known[i].name);
			return;
		}
	text_uint(t, community >> 16);
	text_char(t, ':');
	text_uint(t, community & 0xffff);
}

static void
community_print(struct reader value, struct text *t)
{
	items_print(value, 4, t, one_print);
}

static void
community_tree(struct reader value, struct tree *tree)
{
	tree_list(tree);
	while (value.left > 0) {
		tree_list(tree);
		tree_uint(tree, reader_u16(&value));
		tree_uint(tree, reader_u16(&value));
		tree_list_end(tree);
	}
	tree_list_end(tree);
}

const struct attr_ops attr_community = {
	.code = ATTR_COMMUNITY,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "community",
	.name = "community",
	.check = community_check,
	.scan = community_scan,
	.print = community_print,
	.tree = community_tree,
};
