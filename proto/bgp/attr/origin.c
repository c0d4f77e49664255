/* ORIGIN (RFC 4271 section 5.1.1). */
#include <strings.h>
#include "proto/bgp/attr.h"

static const char *const origin_name[] = { "igp", "egp", "incomplete" };

static int
origin_check(struct reader value, const struct session_params *p)
{
	uint8_t origin = reader_u8(&value);

	(void)p;
	return reader_done(&value) && origin <= ORIGIN_INCOMPLETE ? 0 : -1;
}

static int
origin_scan(struct words *words, struct writer *w, struct reason *reason)
{
	for (unsigned i = 0; i <= ORIGIN_INCOMPLETE; i++)
		if (strcasecmp(words_peek(words), origin_name[i]) == 0) {
			words_next(words);
			writer_u8(w, i);
			return 0;
		}
	return words_wrong(words, reason, "igp, egp or incomplete");
}

static const char *
origin_text(struct reader value)
{
	uint8_t origin = reader_u8(&value);

	return origin_name[origin <= ORIGIN_INCOMPLETE ? origin : ORIGIN_INCOMPLETE];
}

static void
origin_print(struct reader value, struct text *t)
{
	text_add(t, origin_text(value));
}

static void
origin_tree(struct reader value, struct tree *tree)
{
	tree_text(tree, origin_text(value));
}

const struct attr_ops attr_origin = {
	.code = ATTR_ORIGIN,
	.flags = ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "origin",
	.name = "origin",
	.check = origin_check,
	.scan = origin_scan,
	.print = origin_print,
	.tree = origin_tree,
};
