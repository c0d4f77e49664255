/* The output of every event and answer goes through here: plain appends, no format per value. */
#include "common/text.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"

/* Room for len more characters and the NUL. */
static char *
room(struct text *t, size_t len)
{
	if (t->len + len >= t->cap)
		t->base = mem_grow(t->base, &t->cap, t->len + len + 1, 1);
	return t->base + t->len;
}

void
text_fini(struct text *t)
{
	mem_free(t->base);
	*t = (struct text){ 0 };
}

void
text_clear(struct text *t)
{
	text_cut(t, 0);
}

const char *
text_str(const struct text *t)
{
	return t->base ? t->base : "";
}

void
text_char(struct text *t, char c)
{
	char *at = room(t, 1);

	at[0] = c;
	at[1] = '\0';
	t->len++;
}

void
text_add(struct text *t, const char *s)
{
	text_addn(t, s, strlen(s));
}

void
text_addn(struct text *t, const char *s, size_t len)
{
	char *at = room(t, len);

	if (len > 0)
		memcpy(at, s, len);
	at[len] = '\0';
	t->len += len;
}

char *
text_room(struct text *t, size_t len)
{
	return room(t, len);
}

void
text_filled(struct text *t, size_t len)
{
	t->len += len;
	t->base[t->len] = '\0';
}

void
text_uint(struct text *t, uint64_t value)
{
	char digits[20], *at = digits + sizeof digits;

	do
		*--at = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	text_addn(t, at, (size_t)(digits + sizeof digits - at));
}

static void
hex(struct text *t, const uint8_t *b, size_t len, const char *digit)
{
	char *at = room(t, 2 * len);

	for (size_t i = 0; i < len; i++) {
		*at++ = digit[b[i] >> 4];
		*at++ = digit[b[i] & 15];
	}
	*at = '\0';
	t->len += 2 * len;
}

void
text_hex(struct text *t, const void *bytes, size_t len)
{
	hex(t, bytes, len, "0123456789abcdef");
}

void
text_hex_upper(struct text *t, const void *bytes, size_t len)
{
	hex(t, bytes, len, "0123456789ABCDEF");
}

void
text_printf(struct text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	text_vprintf(t, format, ap);
	va_end(ap);
}

void
text_vprintf(struct text *t, const char *format, va_list ap)
{
	char *at = room(t, 1); /* most of the time what was grown before is enough */
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(at, t->cap - t->len, format, ap);
	if (len >= 0 && (size_t)len >= t->cap - t->len)
		len = vsnprintf(room(t, (size_t)len), (size_t)len + 1, format, again);
	va_end(again);
	assert(len >= 0);
	t->len += (size_t)len;
}

void
text_cut(struct text *t, size_t len)
{
	if (!t->base)
		return;
	if (len < t->len)
		t->len = len;
	t->base[t->len] = '\0';
}

char *
text_trim(char *s)
{
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strlen(s);
	while (len > 0 && strchr(" \t\r\n", s[len - 1]))
		s[--len] = '\0';
	return s;
}
