#include "proto/bgp/label.h"

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
scan_one(struct words *words, struct writer *w, bool bottom, struct reason *why)
{
	uint64_t label;

	if (words_uint(words, 0, LABEL_MAX, "a label", &label, why) < 0)
		return -1;
	writer_u24(w, label << LABEL_SHIFT | (bottom ? LABEL_BOTTOM : 0));
	return 0;
}

int
labels_scan(struct words *words, struct writer *w, struct reason *why)
{
	size_t start = w->len;

	if (!words_take(words, "["))
		return scan_one(words, w, true, why);
	do {
		struct words one = *words, ahead = one;
		size_t mark = w->len;
		struct reader label;

		words_next(&ahead);
		if (scan_one(words, w, words_take(&ahead, "]"), why) < 0)
			return -1;
		label = reader_of(w->base + mark, w->len - mark);
		if (mark == start && label.left > 0 && says_none(reader_u24(&label)))
			return words_wrong(&one, why, "a label that may have others below it");
		words_take(words, ",");
	} while (!words_take(words, "]"));
	return writer_ok(w) ? 0 : words_wrong(words, why, "fewer labels");
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
