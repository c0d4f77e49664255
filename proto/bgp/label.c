#include "proto/bgp/label.h"
#include <string.h>

/* Instead of a stack (RFC 8277 section 2.4). */
static bool
says_none(uint32_t octets)
{
	return octets == LABEL_NONE || octets == 0;
}

struct reader
labels_take(struct reader *r)
{
	struct reader ahead = *r;
	size_t len = LABEL_SIZE;
	uint32_t octets = reader_u24(&ahead);

	while (reader_ok(&ahead) && !(octets & LABEL_BOTTOM) &&
	       !(len == LABEL_SIZE && says_none(octets))) {
		octets = reader_u24(&ahead);
		len += LABEL_SIZE;
	}
	return reader_sub(r, len);
}

static int
scan_one(struct words *words, struct writer *w, struct reason *why)
{
	uint64_t label;

	if (words_uint(words, 0, LABEL_MAX, "a label", &label, why) < 0)
		return -1;
	writer_u24(w, label << LABEL_SHIFT);
	return 0;
}

static int
scan_list(struct words *words, struct writer *w, struct reason *why)
{
	size_t start = w->len;

	do {
		struct words one = *words;
		struct reader first;

		if (scan_one(words, w, why) < 0)
			return -1;
		words_take(words, ",");
		first = reader_of(w->base + start, w->len - start);
		if (first.left == LABEL_SIZE && says_none(reader_u24(&first)) &&
		    strcmp(words_peek(words), "]") != 0)
			return words_wrong(&one, why, "a label that may have others below it");
	} while (!words_take(words, "]"));
	return 0;
}

int
labels_scan(struct words *words, struct writer *w, struct reason *why)
{
	if ((words_take(words, "[") ? scan_list : scan_one)(words, w, why) < 0)
		return -1;
	if (!writer_ok(w))
		return words_wrong(words, why, "fewer labels");
	w->base[w->len - 1] |= LABEL_BOTTOM;
	return 0;
}

void
labels_print(struct reader stack, struct text *t)
{
	bool several = stack.left > LABEL_SIZE;

	text_add(t, several ? "[" : "");
	while (stack.left >= LABEL_SIZE)
		text_printf(t, several ? " %u" : "%u", reader_u24(&stack) >> LABEL_SHIFT);
	text_add(t, several ? " ]" : "");
}

static void
to_tree(struct reader stack, bool bare, struct tree *t)
{
	tree_list(t);
	while (stack.left >= LABEL_SIZE) {
		uint32_t octets = reader_u24(&stack);

		tree_list(t);
		tree_uint(t, octets >> LABEL_SHIFT);
		if (!bare)
			tree_uint(t, octets);
		tree_list_end(t);
	}
	tree_list_end(t);
}

void
labels_tree(struct reader stack, struct tree *t)
{
	to_tree(stack, false, t);
}

void
labels_tree_bare(struct reader stack, struct tree *t)
{
	to_tree(stack, true, t);
}
