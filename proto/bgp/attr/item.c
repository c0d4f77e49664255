#include "proto/bgp/attr/item.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "common/addr.h"

static int
list_scan(struct words *words, struct writer *w, struct reason *reason,
    int (*one)(struct words *, struct writer *, struct reason *))
{
	size_t start = w->len;

	while (!words_take(words, "]")) {
		if (words_take(words, ","))
			continue;
		if (!words_left(words))
			return words_wrong(words, reason, "]");
		if (one(words, w, reason) < 0)
			return -1;
	}
	if (w->len == start && writer_ok(w))
		return reason_set(
		    reason, words->line, words->column, "expected a value between [ and ]");
	return 0;
}

int
items_scan(struct words *words, struct writer *w, struct reason *reason,
    int (*one)(struct words *, struct writer *, struct reason *))
{
	size_t start = w->len;
	bool list = words_take(words, "[");

	if ((list ? list_scan(words, w, reason, one) : one(words, w, reason)) < 0)
		return -1;
	if (!writer_ok(w) || w->len - start > ATTR_VALUE_MAX)
		return reason_set(
		    reason, words->line, words->column, "more values than an attribute can hold");
	return 0;
}

static int
compare(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(size_t *)size);
}

static bool
ascend(const uint8_t *base, size_t count, size_t size)
{
	for (size_t i = 1; i < count; i++)
		if (memcmp(base + (i - 1) * size, base + i * size, size) > 0)
			return false;
	return true;
}

void
items_sort(struct writer *w, size_t mark, size_t size, bool unique)
{
	uint8_t *base = w->base + mark;
	size_t count = (w->len - mark) / size, kept = 0;

	if (!writer_ok(w) || count < 2)
		return;
	if (!ascend(base, count, size)) /* mostly they were typed so */
		qsort_r(base, count, size, compare, &size);
	if (!unique)
		return;
	for (size_t i = 1; i < count; i++)
		if (memcmp(base + kept * size, base + i * size, size) != 0)
			memmove(base + ++kept * size, base + i * size, size);
	w->len = mark + (kept + 1) * size;
}

void
items_print(
    struct reader value, size_t size, struct text *t, void (*one)(struct reader, struct text *))
{
	bool list = value.left != size;

	if (list)
		text_char(t, '[');
	while (value.left >= size) {
		if (list)
			text_char(t, ' ');
		one(reader_sub(&value, size), t);
	}
	if (list)
		text_add(t, " ]");
}

size_t
parts_of(const char *text, struct part *part, size_t max)
{
	size_t count = 0;

	for (const char *end;; text = end + 1) {
		end = strchrnul(text, ':');
		if (count == max || end == text)
			return 0;
		part[count++] = (struct part){ text, (size_t)(end - text) };
		if (*end == '\0')
			return count;
	}
}

bool
part_is(const struct part *part, const char *name)
{
	return strlen(name) == part->len && strncasecmp(part->at, name, part->len) == 0;
}

int
part_uint(const struct part *part, uint64_t max, uint64_t *n)
{
	return word_uint(part->at, part->len, max, n);
}

int
part_ipv4(const struct part *part, uint32_t *out)
{
	char text[ADDR_TEXT];
	struct addr addr;

	if (part->len >= sizeof text)
		return -1;
	memcpy(text, part->at, part->len);
	text[part->len] = '\0';
	if (addr_scan(&addr, text) < 0 || addr.family != 4)
		return -1;
	*out = addr_u32(&addr);
	return 0;
}

int
part_asn(const struct part *part, uint32_t *out)
{
	const char *dot = memchr(part->at, '.', part->len);
	uint64_t high = 0, low;

	if (dot) { /* RFC 5396 */
		struct part left = { part->at, (size_t)(dot - part->at) };
		struct part right = { dot + 1, part->len - left.len - 1 };

		if (part_uint(&left, UINT16_MAX, &high) < 0 ||
		    part_uint(&right, UINT16_MAX, &low) < 0)
			return -1;
	} else if (part_uint(part, UINT32_MAX, &low) < 0) {
		return -1;
	}
	*out = (uint32_t)(high << 16 | low);
	return *out == 0 ? -1 : 0; /* RFC 7607 */
}

static int
digit(char c, unsigned base)
{
	int value = c >= '0' && c <= '9'   ? c - '0'
		    : c >= 'a' && c <= 'f' ? c - 'a' + 10
		    : c >= 'A' && c <= 'F' ? c - 'A' + 10
					   : 99;

	return value < (int)base ? value : -1;
}

int
wide_scan(const char *text, uint8_t *out, size_t size)
{
	unsigned base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;

	text += base == 16 ? 2 : 0;
	memset(out, 0, size);
	if (*text == '\0')
		return -1;
	for (; *text; text++) {
		int carry = digit(*text, base);

		if (carry < 0)
			return -1;
		for (size_t i = size; i-- > 0; carry >>= 8) {
			carry += out[i] * (int)base;
			out[i] = (uint8_t)(carry & 0xff);
		}
		if (carry != 0)
			return -1;
	}
	return 0;
}
