/* A route from its words. */
#ifndef TESTS_TOOLS_TYPED_H
#define TESTS_TOOLS_TYPED_H
#include "common/words.h"
#include "proto/bgp/route.h"

/* Words to a draft, which is the caller's also when they are refused. */
static inline int
typed_as(const char *text, size_t len, int flags, struct route_draft *d, struct reason *why)
{
	struct words_line line = { 0 };
	struct words words;
	int result = words_cut(&line, text, len, 1, flags, why);

	words = words_of(&line);
	if (result == 0)
		result = route_scan(&words, d, why);
	if (result == 0 && words_left(&words))
		result = words_wrong(&words, why, "the end of the line");
	words_line_fini(&line);
	return result;
}

static inline int
typed(const char *text, size_t len, struct route_draft *d, struct reason *why)
{
	return typed_as(text, len, WORDS_API, d, why);
}
#endif
