/* Cases as data (tests/cases/NAME.case): records of lines "key value", a blank line between records. The
 * first comment of a record is its title. A key may come several times.
 *
 *      # aggregator, four-octet ASN
 *      text  aggregator 65536:192.0.2.1
 *      wire  c0 07 08  00 01 00 00  c0 00 02 01
 *      json  {"aggregator":"65536:192.0.2.1"}
 *
 * For test programs: whatever is wrong with a file ends the program. CASES is the folder. */
#ifndef TESTS_TOOLS_CASES_H
#define TESTS_TOOLS_CASES_H
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASE_LINES = 40, CASE_LINE_MAX = 16384 };

struct cases {
	FILE *file;
	const char *name;
	unsigned line;
	char buffer[CASE_LINE_MAX];
};

struct test_case {
	const char *name; /* of the file */
	unsigned line; /* where it starts */
	char title[160];
	struct {
		char *key, *value;
	} at[CASE_LINES];
	size_t count;
};

static inline void
cases_open(struct cases *cases, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s.case", CASES, name);
	*cases = (struct cases){ .file = fopen(path, "r"), .name = name };
	if (!cases->file) {
		perror(path);
		abort();
	}
}

static inline void
case_fini(struct test_case *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->at[i].key);
	*c = (struct test_case){ 0 };
}

static inline void
case_line(struct test_case *c, char *text)
{
	char *value;

	if (*text == '#') {
		if (!c->title[0] && c->count == 0)
			snprintf(c->title, sizeof c->title, "%s", text + 1 + strspn(text + 1, " "));
		return;
	}
	if (c->count == CASE_LINES) {
		fprintf(stderr, "%s:%u: too many lines\n", c->name, c->line);
		abort();
	}
	c->at[c->count].key = text = strdup(text);
	value = text + strcspn(text, " \t");
	if (*value)
		*value++ = '\0';
	c->at[c->count++].value = value + strspn(value, " \t");
}

/* The next record, in *c (give it back with case_fini); false and the file closed at the end. */
static inline bool
cases_next(struct cases *cases, struct test_case *c)
{
	*c = (struct test_case){ .name = cases->name };
	while (fgets(cases->buffer, sizeof cases->buffer, cases->file)) {
		size_t len = strlen(cases->buffer);

		cases->line++;
		while (len > 0 && isspace((unsigned char)cases->buffer[len - 1]))
			cases->buffer[--len] = '\0';
		if (len == 0 && c->count > 0)
			return true;
		if (len == 0)
			c->title[0] = '\0';
		else
			case_line(c, cases->buffer);
		if (c->line == 0 && c->count > 0)
			c->line = cases->line;
	}
	if (c->count > 0)
		return true;
	fclose(cases->file);
	return false;
}

/* The value of the first line with that key, or NULL. */
static inline const char *
case_get(const struct test_case *c, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->at[i].key, key) == 0)
			return c->at[i].value;
	return NULL;
}

/* "c0 07 08" and the like; REPEAT as in "(00000001)x300" writes the octets in parentheses 300 times. */
static inline size_t
case_hex(const char *text, uint8_t *out, size_t cap)
{
	size_t len = 0, open = 0;

	while (*text) {
		char digits[3] = { text[0], text[1], '\0' };
		char *end;

		if (*text == ' ') {
			text++;
		} else if (*text == '(') {
			open = len;
			text++;
		} else if (text[0] == ')' && text[1] == 'x') {
			size_t times = strtoul(text + 2, &end, 10), piece = len - open;

			for (size_t i = 1; i < times && len + piece <= cap; i++, len += piece)
				memcpy(out + len, out + open, piece);
			text = end;
		} else {
			if (len == cap || !isxdigit((unsigned char)text[0]) ||
			    !isxdigit((unsigned char)text[1])) {
				fprintf(stderr, "not hexadecimal: %s\n", text);
				abort();
			}
			out[len++] = (uint8_t)strtoul(digits, NULL, 16);
			text += 2;
		}
	}
	return len;
}
#endif
