/* LARGE_COMMUNITY (RFC 8092). Repeated values are silently removed, as section 3 asks. */
#include <stdlib.h>
#include <string.h>
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attr/value.h"

enum { LARGE = 12, LARGE_MAX = ATTR_VALUE_MAX / LARGE };

static int
large_community_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return items_check(value, LARGE);
}

static bool
ascending(struct reader value)
{
	const uint8_t *last = reader_take(&value, LARGE);

	while (value.left > 0) {
		const uint8_t *next = reader_take(&value, LARGE);

		if (!last || !next || memcmp(last, next, LARGE) >= 0)
			return false;
		last = next;
	}
	return true;
}

/* By value, then by place: the first of equals comes first. */
static int
compare(const void *a, const void *b)
{
	const uint8_t *left = *(const uint8_t *const *)a, *right = *(const uint8_t *const *)b;
	int order = memcmp(left, right, LARGE);

	return order != 0 ? order : (left > right) - (left < right);
}

/* Keeps the order as received. Sorting pointers keeps the cost within n log n of what a peer sends. */
static void
without_repeats(struct reader value, struct writer *w)
{
	const uint8_t *sorted[LARGE_MAX];
	bool repeated[LARGE_MAX] = { false };
	const uint8_t *base = value.at;
	size_t count = 0;

	while (value.left > 0 && count < LARGE_MAX)
		sorted[count++] = reader_take(&value, LARGE);
	qsort(sorted, count, sizeof sorted[0], compare);
	for (size_t i = 1; i < count; i++)
		if (memcmp(sorted[i - 1], sorted[i], LARGE) == 0)
			repeated[(size_t)(sorted[i] - base) / LARGE] = true;
	for (size_t i = 0; i < count; i++)
		if (!repeated[i])
			writer_bytes(w, base + i * LARGE, LARGE);
}

static int
large_community_canon(struct reader value, const struct session_params *p, struct writer *w)
{
	(void)p;
	if (ascending(value))
		writer_copy(w, value);
	else
		without_repeats(value, w);
	return 0;
}

static int
large_of(const char *text, uint8_t out[LARGE])
{
	struct writer w = writer_of(out, LARGE);
	struct part part[3];
	uint64_t n;

	if (!strchr(text, ':'))
		return wide_scan(text, out, LARGE);
	if (parts_of(text, part, 3) != 3)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		if (part_uint(&part[i], UINT32_MAX, &n) < 0)
			return -1;
		writer_u32(&w, n);
	}
	return 0;
}

static int
one_scan(struct words *words, struct writer *w, struct reason *reason)
{
	uint8_t value[LARGE];

	if (large_of(words_peek(words), value) < 0)
		return words_wrong(words, reason, "a large community (65000:1:2, 0x...)");
	words_next(words);
	writer_bytes(w, value, LARGE);
	return 0;
}

static int
large_community_scan(struct words *words, struct writer *w, struct reason *reason)
{
	size_t mark = w->len;

	if (items_scan(words, w, reason, one_scan) < 0)
		return -1;
	items_sort(w, mark, LARGE, true);
	return 0;
}

static void
one_print(struct reader value, struct text *t)
{
	text_uint(t, reader_u32(&value));
	text_char(t, ':');
	text_uint(t, reader_u32(&value));
	text_char(t, ':');
	text_uint(t, reader_u32(&value));
}

static void
large_community_print(struct reader value, struct text *t)
{
	items_print(value, LARGE, t, one_print);
}

static void
large_community_tree(struct reader value, struct tree *tree)
{
	tree_list(tree);
	while (value.left > 0) {
		tree_list(tree);
		tree_uint(tree, reader_u32(&value));
		tree_uint(tree, reader_u32(&value));
		tree_uint(tree, reader_u32(&value));
		tree_list_end(tree);
	}
	tree_list_end(tree);
}

const struct attr_ops attr_large_community = {
	.code = ATTR_LARGE_COMMUNITY,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "large-community",
	.name = "large-community",
	.check = large_community_check,
	.canon = large_community_canon,
	.scan = large_community_scan,
	.print = large_community_print,
	.tree = large_community_tree,
};
