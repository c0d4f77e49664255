/* The JSON writer behind struct tree. Every event and answer passes here, so nothing is formatted that can be
 * copied. Spaced as ExaBGP spaces it, because there are clients that compare text. */
#include "common/json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/tree_ops.h"
#include "common/utf8.h"

static struct text *
out(struct tree *t)
{
	return t->out;
}

/* How many octets at the start of `s` stand for themselves. */
static size_t
plain(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		unsigned char c = (unsigned char)s[i];
		size_t n = 1;

		if (c < 0x20 || c == '"' || c == '\\')
			break;
		if (c >= 0x80 && (n = utf8_len(s + i, len - i)) == 0)
			break;
		i += n;
	}
	return i;
}

static void
escaped(struct text *to, char c)
{
	static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *name = memchr(names, c, sizeof names - 1);

	if (name) {
		text_char(to, '\\');
		text_char(to, letters[name - names]);
	} else {
		text_addn(to, "\\u00", 4);
		text_hex(to, &c, 1);
	}
}

void
json_string(struct text *to, const char *s, size_t len)
{
	text_char(to, '"');
	for (;;) {
		size_t n = plain(s, len);

		text_addn(to, s, n);
		if (n == len)
			break;
		escaped(to, s[n]);
		s += n + 1;
		len -= n + 1;
	}
	text_char(to, '"');
}

static void
json_next(struct tree *t)
{
	if (t->depth > 0 && !t->first[t->depth])
		text_addn(out(t), ", ", 2);
}

static void
json_open(struct tree *t)
{
	text_addn(out(t), t->is_map[t->depth] ? "{ " : "[ ", 2);
}

/* Empty ones come out as {  } and [ ]. */
static void
json_close(struct tree *t)
{
	if (t->is_map[t->depth])
		text_addn(out(t), " }", 2);
	else if (t->first[t->depth])
		text_char(out(t), ']');
	else
		text_addn(out(t), " ]", 2);
}

static void
json_key(struct tree *t, const char *name, size_t len)
{
	json_next(t);
	json_string(out(t), name, len);
	text_addn(out(t), ": ", 2);
}

static void
json_text(struct tree *t, const char *s, size_t len)
{
	json_string(out(t), s, len);
}

static void
json_number(struct tree *t, uint64_t number)
{
	text_uint(out(t), number);
}

static void
json_negative(struct tree *t, int64_t number)
{
	text_char(out(t), '-');
	text_uint(out(t), 0 - (uint64_t)number);
}

/* Times and rates have at most six places; these are whole numbers of millionths, and as such are below 2^53,
 * where a division rounds correctly and so reads back as the same number. */
static bool
millionths(struct text *to, double number)
{
	double scaled = fabs(number) * 1e6;
	uint64_t n, fraction, unit = 100000;

	if (!(scaled < 9e15))
		return false;
	n = (uint64_t)(scaled + 0.5);
	if ((double)n / 1e6 != fabs(number))
		return false;
	if (signbit(number))
		text_char(to, '-');
	text_uint(to, n / 1000000);
	text_char(to, '.');
	fraction = n % 1000000;
	do {
		text_char(to, (char)('0' + fraction / unit));
		fraction %= unit;
		unit /= 10;
	} while (fraction > 0);
	return true;
}

/* The shortest that reads back as the same number, always with a point or an exponent. */
static void
json_real(struct tree *t, double number)
{
	char digits[40];

	if (!isfinite(number)) {
		text_addn(out(t), "null", 4);
		return;
	}
	if (millionths(out(t), number))
		return;
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof digits, "%.*g", precision, number);
		if (strtod(digits, NULL) == number)
			break;
	}
	text_add(out(t), digits);
	if (!strpbrk(digits, ".e"))
		text_addn(out(t), ".0", 2);
}

static void
json_bool(struct tree *t, bool truth)
{
	text_add(out(t), truth ? "true" : "false");
}

static void
json_null(struct tree *t)
{
	text_addn(out(t), "null", 4);
}

static void
json_hex(struct tree *t, const uint8_t *bytes, size_t len)
{
	text_addn(out(t), "\"0x", 3);
	text_hex_upper(out(t), bytes, len);
	text_char(out(t), '"');
}

static void
json_single(struct tree *t, const char *key, size_t key_len, const char *s, size_t len)
{
	char *at = text_room(out(t), key_len + len + 10), *begin = at;

	memcpy(at, "{ \"", 3);
	memcpy(at += 3, key, key_len);
	memcpy(at += key_len, "\": \"", 4);
	memcpy(at += 4, s, len);
	memcpy(at += len, "\" }", 3);
	text_filled(out(t), (size_t)(at + 3 - begin));
}

static const struct tree_ops json_ops = {
	.next = json_next,
	.open = json_open,
	.close = json_close,
	.key = json_key,
	.text = json_text,
	.number = json_number,
	.negative = json_negative,
	.real = json_real,
	.boolean = json_bool,
	.null = json_null,
	.hex = json_hex,
	.single = json_single,
};

/* --- dense --- */

static void
dense_open(struct tree *t)
{
	text_char(out(t), t->is_map[t->depth] ? '{' : '[');
}

static void
dense_close(struct tree *t)
{
	text_char(out(t), t->is_map[t->depth] ? '}' : ']');
}

static const struct tree_ops dense_ops = {
	.next = json_next,
	.open = dense_open,
	.close = dense_close,
	.key = json_key,
	.text = json_text,
	.number = json_number,
	.negative = json_negative,
	.real = json_real,
	.boolean = json_bool,
	.null = json_null,
	.hex = json_hex,
};

struct tree
tree_json_dense(struct text *to)
{
	return (struct tree){ .ops = &dense_ops, .out = to };
}

struct tree
tree_json(struct text *to)
{
	return (struct tree){ .ops = &json_ops, .out = to };
}

struct tree
tree_json_members(struct text *to)
{
	struct tree t = tree_json(to);

	t.depth = 1;
	t.is_map[1] = t.first[1] = true;
	return t;
}
