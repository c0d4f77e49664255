#include "controller/api/lines.h"
#include <string.h>

void
lines_fini(struct lines *l)
{
	octets_fini(&l->octets);
	*l = (struct lines){ .start = 0 };
}

void
lines_clear(struct lines *l)
{
	octets_clear(&l->octets);
	l->start = l->looked = 0;
	l->skipping = false;
}

uint8_t *
lines_room(struct lines *l, size_t len)
{
	octets_drop_front(&l->octets, l->start);
	l->start = 0;
	return octets_room(&l->octets, len);
}

void
lines_came(struct lines *l, size_t room, size_t came)
{
	l->octets.len -= room - came;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct reader
trimmed(const uint8_t *at, size_t len)
{
	while (len > 0 && is_blank(at[len - 1]))
		len--;
	return reader_of(at, len);
}

/* No end in sight: true when that makes it too long just now. */
static bool
half(struct lines *l, size_t left)
{
	bool was = l->skipping;

	l->looked = left;
	if (left > LINE_MAX_OCTETS)
		l->skipping = true;
	if (l->skipping) {
		l->start = l->octets.len;
		l->looked = 0;
	}
	return l->skipping && !was;
}

enum lines_got
lines_next(struct lines *l, struct reader *line)
{
	for (;;) {
		size_t left = l->octets.len - l->start;
		const uint8_t *at = left > 0 ? l->octets.base + l->start : NULL;
		const uint8_t *end =
		    left > l->looked ? memchr(at + l->looked, '\n', left - l->looked) : NULL;
		bool skipped = l->skipping;

		if (!end)
			return half(l, left) ? LINES_TOO_LONG : LINES_NONE;
		l->start += (size_t)(end - at) + 1;
		l->looked = 0;
		l->skipping = false;
		if (skipped)
			continue;
		if (end - at > LINE_MAX_OCTETS)
			return LINES_TOO_LONG;
		*line = trimmed(at, (size_t)(end - at));
		return LINES_LINE;
	}
}

struct reader
lines_peek(const struct lines *l)
{
	size_t left = l->octets.len - l->start;
	const uint8_t *at = left > 0 ? l->octets.base + l->start : NULL;
	const uint8_t *end = left > 0 && !l->skipping ? memchr(at, '\n', left) : NULL;

	if (!end || end - at > LINE_MAX_OCTETS)
		return (struct reader){ 0 };
	return trimmed(at, (size_t)(end - at));
}
