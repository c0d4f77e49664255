#include "controller/config/pattern.h"
#include <string.h>
#include "common/text.h"

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

int
pattern_compile(regex_t *regex, const char *pattern, struct reason *why)
{
	struct text t = { 0 };
	char said[120];
	int error;

	posix_of(pattern, &t);
	error = regcomp(regex, text_str(&t), REG_EXTENDED | REG_NOSUB);
	text_fini(&t);
	if (error == 0)
		return 0;
	regerror(error, NULL, said, sizeof said);
	return reason_set(why, 0, 0, "'%.64s' is no regular expression: %s", pattern, said);
}
