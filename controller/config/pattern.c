#include "controller/config/pattern.h"
#include <stdlib.h>
#include <string.h>
#include "common/text.h"

/* What regcomp may make of a pattern, in atoms; and parentheses within another, for it and `weigh` call themselves. */
enum { WEIGHT_MOST = 20000, DEPTH_MOST = 100 };

/* What is between brackets, where a backslash of theirs guards one octet and POSIX knows none. *p is behind the first. */
static void
bracket_of(const char **p, struct text *t)
{
	text_char(t, '[');
	if (**p == '^')
		text_char(t, *(*p)++);
	if (**p == ']')
		text_char(t, *(*p)++);
	for (; **p && **p != ']'; (*p)++) {
		if (**p != '\\' || !(*p)[1])
			text_char(t, **p);
		else if (*++*p == 'd')
			text_add(t, "0-9");
		else if (strchr("[]^-\\", **p))
			text_printf(t, "[.%c.]", **p);
		else
			text_char(t, **p);
	}
	if (**p == ']')
		text_char(t, *(*p)++);
}

/* A step over what a backslash guards, so that it is not taken for what it is not. */
static void
posix_of(const char *p, struct text *t)
{
	text_add(t, "^(");
	while (*p) {
		if (*p == '[') {
			p++;
			bracket_of(&p, t);
		} else if (strncmp(p, "(?:", 3) == 0) {
			text_char(t, '(');
			p += 3;
		} else if (strncmp(p, "\\d", 2) == 0) {
			text_add(t, "[0-9]");
			p += 2;
		} else {
			if (*p == '\\' && p[1])
				text_char(t, *p++);
			text_char(t, *p++);
		}
	}
	text_char(t, ')');
}

/* --- what it would come to: regcomp copies what is repeated, so that 30 plus signs in a row are 2^30 copies --- */

static size_t
bounded(size_t weight)
{
	return weight <= WEIGHT_MOST ? weight : WEIGHT_MOST + 1;
}

static void
skip_bracket(const char **p)
{
	(*p)++;
	*p += **p == '^';
	*p += **p == ']';
	while (**p && **p != ']') {
		const char *end = (*p)[0] == '[' && (*p)[1] == '.' ? strstr(*p + 2, ".]") : NULL;

		*p = end ? end + 2 : *p + 1;
	}
	*p += **p == ']';
}

/* A repetition of what weighs so much. */
static size_t
repeated(size_t weight, const char **p)
{
	char sign = *(*p)++, *end;
	unsigned long least, most;

	if (sign != '{')
		return bounded(sign == '+' ? 2 * weight : weight);
	least = strtoul(*p, &end, 10);
	most = *end == ',' ? strtoul(end + 1, &end, 10) : 0;
	*p = *end == '}' ? end + 1 : end;
	most = most > least ? most : least;
	return most > WEIGHT_MOST ? WEIGHT_MOST + 1 : bounded(weight * (most + 1));
}

/* Up to the parenthesis that closes it, or the end. */
static size_t
weigh(const char **p, unsigned depth)
{
	size_t all = 0;

	if (depth > DEPTH_MOST)
		return WEIGHT_MOST + 1;
	while (**p && **p != ')' && all <= WEIGHT_MOST) {
		size_t one = 1;

		if (**p == '(') {
			(*p)++;
			one += weigh(p, depth + 1);
			*p += **p == ')';
		} else if (**p == '[') {
			skip_bracket(p);
		} else {
			*p += **p == '\\' && (*p)[1] ? 2 : 1;
		}
		while (**p && strchr("*+?{", **p))
			one = repeated(one, p);
		all = bounded(all + one);
	}
	return all;
}

int
pattern_compile(regex_t *regex, const char *pattern, struct reason *why)
{
	struct text t = { 0 };
	const char *p;
	size_t weight = 0;
	char said[120];
	int error;

	posix_of(pattern, &t);
	for (p = text_str(&t); *p && weight <= WEIGHT_MOST; p += *p == ')')
		weight += weigh(&p, 0);
	if (weight > WEIGHT_MOST) {
		text_fini(&t);
		return reason_set(why, 0, 0,
		    "'%.64s' is too long for a pattern with all that it repeats: expected a "
		    "shorter one",
		    pattern);
	}
	error = regcomp(regex, text_str(&t), REG_EXTENDED | REG_NOSUB);
	text_fini(&t);
	if (error == 0)
		return 0;
	regerror(error, NULL, said, sizeof said);
	return reason_set(why, 0, 0, "'%.64s' is no regular expression: %s", pattern, said);
}
