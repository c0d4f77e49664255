/* The msgpack writer behind struct tree. */
#include <string.h>
#include "common/pack.h"
#include "common/tree_ops.h"
#include "common/utf8.h"

static struct pack *
out(struct tree *t)
{
	return t->out;
}

/* How many there will be is known at the end only. */
static void
open(struct tree *t)
{
	t->mark[t->depth] = t->is_map[t->depth] ? pack_begin_map(out(t)) : pack_begin_array(out(t));
}

static void
close(struct tree *t)
{
	pack_end(out(t), t->mark[t->depth], t->count[t->depth]);
}

/* A msgpack text is UTF-8, and libraries refuse one that is not: other octets go as a bin. */
static void
text(struct tree *t, const char *s, size_t len)
{
	if (utf8_valid(s, len))
		pack_textn(out(t), s, len);
	else
		pack_bin(out(t), s, len);
}

static void
number(struct tree *t, uint64_t value)
{
	pack_uint(out(t), value);
}

static void
negative(struct tree *t, int64_t value)
{
	pack_int(out(t), value);
}

static void
real(struct tree *t, double value)
{
	pack_real(out(t), value);
}

static void
boolean(struct tree *t, bool truth)
{
	pack_bool(out(t), truth);
}

static void
null(struct tree *t)
{
	pack_nil(out(t));
}

static void
hex(struct tree *t, const uint8_t *bytes, size_t len)
{
	struct text digits = { 0 };

	text_addn(&digits, "0x", 2);
	text_hex_upper(&digits, bytes, len);
	pack_textn(out(t), digits.base, digits.len);
	text_fini(&digits);
}

static void
bin(struct tree *t, const uint8_t *bytes, size_t len)
{
	pack_bin(out(t), bytes, len);
}

/* There is one of these for each route. */
static void
single(struct tree *t, const char *key, size_t key_len, const char *s, size_t len)
{
	pack_map(out(t), 1);
	pack_textn(out(t), key, key_len);
	pack_textn(out(t), s, len);
}

static const struct tree_ops ops = {
	.open = open,
	.close = close,
	.key = text,
	.text = text,
	.number = number,
	.negative = negative,
	.real = real,
	.boolean = boolean,
	.null = null,
	.hex = hex,
	.single = single,
	.bin = bin,
};

struct tree
tree_pack(struct pack *to)
{
	return (struct tree){ .ops = &ops, .out = to };
}
