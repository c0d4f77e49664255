#include "common/reason.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Longer words are not worth a guess; the bound keeps the work and the stack small. */
enum { NEAR_WORD = 48, NEAR_DISTANCE = 2 };

int
reason_set(struct reason *why, unsigned line, unsigned column, const char *format, ...)
{
	va_list ap;

	if (reason_given(why))
		return -1;
	va_start(ap, format);
	if (vsnprintf(why->text, sizeof why->text, format, ap) <= 0)
		snprintf(why->text, sizeof why->text, "refused");
	va_end(ap);
	/* It quotes what was written, and is shown on one line. */
	for (char *c = why->text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	why->line = line;
	why->column = column;
	return -1;
}

bool
reason_given(const struct reason *why)
{
	return why->text[0] != '\0';
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* How many characters are to be added, removed, replaced or swapped with their neighbour to make one of the
 * other, three rows of the table at a time. Both are at most NEAR_WORD long. */
static unsigned
distance(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned rows[3][NEAR_WORD + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (unsigned j = 0; j <= blen; j++)
		last[j] = j;
	for (unsigned i = 1; i <= alen; i++) {
		unsigned *spare = before;

		row[0] = i;
		for (unsigned j = 1; j <= blen; j++) {
			row[j] = least(
			    last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[blen];
}

const char *
reason_nearest(const char *word, size_t len, const char *const *names)
{
	const char *nearest = NULL;
	unsigned best = NEAR_DISTANCE + 1;

	if (len > NEAR_WORD)
		return NULL;
	for (; *names; names++) {
		size_t n = strlen(*names);
		unsigned d;

		if (n > NEAR_WORD)
			continue;
		d = distance(word, len, *names, n);
		/* A word of two letters is two edits away from every other: no hint. */
		if (d < best && d < len) {
			best = d;
			nearest = *names;
		}
	}
	return nearest;
}
