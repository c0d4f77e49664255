/* Blocks of attributes: walking, writing, laying one over another, and a session's octets. A list as received
 * is judged in attrs_in.c; text and tree are in attrs_text.c; what is particular to an attribute is in its
 * file in attr/. */
#include "proto/bgp/attrs.h"
#include <string.h>
#include "proto/bgp/attr/path.h"

enum {
	FLAGS_KEPT = ATTR_OPTIONAL | ATTR_TRANSITIVE | ATTR_PARTIAL,
	HEAD = 3, /* flags, code, and the length or the first half of it */
	SHORT_MAX = 255,
	LENGTH_MAX = 65535
};

bool
attrs_next(struct reader *block, struct attr *a)
{
	const uint8_t *head = block->left > 0 ? reader_take(block, HEAD) : NULL;
	size_t len;

	if (!head)
		return false;
	a->flags = head[0] & (uint8_t)~ATTR_EXTENDED;
	a->code = head[1];
	a->extended = head[0] & ATTR_EXTENDED;
	len = head[2];
	if (a->extended)
		len = len << 8 | reader_u8(block);
	a->value = reader_sub(block, len);
	return reader_ok(block);
}

bool
attrs_find(struct reader block, uint8_t code, struct attr *a)
{
	while (attrs_next(&block, a))
		if (a->code == code)
			return true;
	return false;
}

size_t
attrs_begin(struct writer *w, uint8_t flags, uint8_t code)
{
	size_t mark = w->len;

	writer_u8(w, flags & FLAGS_KEPT);
	writer_u8(w, code);
	writer_u8(w, 0);
	return mark;
}

int
attrs_undo(struct writer *w, size_t mark)
{
	if (writer_ok(w))
		w->len = mark;
	return -1;
}

int
attrs_end(struct writer *w, size_t mark)
{
	size_t value = mark + 3, len = w->len - value;

	if (!writer_ok(w))
		return -1;
	if (len > LENGTH_MAX)
		return attrs_undo(w, mark);
	if (len <= SHORT_MAX) {
		w->base[mark + 2] = (uint8_t)len;
		return 0;
	}
	if (!writer_room(w, 1))
		return -1;
	memmove(w->base + value + 1, w->base + value, len);
	w->base[mark] |= ATTR_EXTENDED;
	w->base[mark + 2] = (uint8_t)(len >> 8);
	w->base[mark + 3] = (uint8_t)len;
	return 0;
}

void
attrs_put(struct writer *w, uint8_t flags, uint8_t code, struct reader value)
{
	bool extended = (flags & ATTR_EXTENDED) || value.left > SHORT_MAX;

	writer_u8(w, (flags & FLAGS_KEPT) | (extended ? ATTR_EXTENDED : 0));
	writer_u8(w, code);
	if (extended)
		writer_u16(w, value.left);
	else
		writer_u8(w, value.left);
	writer_copy(w, value);
}

/* What the old speaker on this session cannot read in `a`, in an attribute that it passes on. */
static void
encode_as4(struct writer *w, const struct attr *a, struct reader raw)
{
	const uint8_t flags = ATTR_OPTIONAL | ATTR_TRANSITIVE;
	struct reader value = a->value;
	struct attr typed;
	size_t mark;

	if (a->code == ATTR_AS_PATH && path_needs_as4(value) &&
	    !attrs_find(raw, ATTR_AS4_PATH, &typed)) {
		mark = attrs_begin(w, flags, ATTR_AS4_PATH);
		path_without_confed(value, w);
		attrs_end(w, mark);
	}
	if (a->code == ATTR_AGGREGATOR && reader_u32(&value) > UINT16_MAX &&
	    !attrs_find(raw, ATTR_AS4_AGGREGATOR, &typed))
		attrs_put(w, flags, ATTR_AS4_AGGREGATOR, a->value);
}

/* Never part of a canonical block. */
static bool
elsewhere(uint8_t code)
{
	return code == ATTR_NEXT_HOP || code == ATTR_MP_REACH || code == ATTR_MP_UNREACH ||
	       code == ATTR_AS4_PATH || code == ATTR_AS4_AGGREGATOR;
}

static void
encode_one(
    struct writer *w, const struct attr *a, struct reader raw, const struct session_params *p)
{
	const struct attr_ops *ops = attr_ops(a->code);
	size_t mark;

	if (elsewhere(a->code))
		return;
	if (!ops || !ops->wire) {
		attrs_put(w, a->flags, a->code, a->value);
		return;
	}
	mark = attrs_begin(w, a->flags, a->code);
	if (ops->wire(a->value, p, w) < 0) {
		attrs_undo(w, mark);
		return;
	}
	if (attrs_end(w, mark) == 0 && !p->asn4)
		encode_as4(w, a, raw);
}

/* A cursor over a block: the attribute it stands at and its octets. */
struct cursor {
	struct reader rest, octets;
	struct attr attr;
	bool any;
};

static void
cursor_step(struct cursor *c)
{
	c->octets = c->rest;
	c->any = attrs_next(&c->rest, &c->attr);
	if (c->any)
		c->octets.left -= c->rest.left;
}

static struct cursor
cursor_of(struct reader block)
{
	struct cursor c = { .rest = block };

	cursor_step(&c);
	return c;
}

/* Does `a` come before (or with) `b`? */
static bool
before(const struct cursor *a, const struct cursor *b)
{
	return a->any && (!b->any || a->attr.code <= b->attr.code);
}

static void
skip_code(struct cursor *c, uint8_t code)
{
	while (c->any && c->attr.code == code)
		cursor_step(c);
}

void
attrs_encode(struct writer *w, struct reader block, struct reader raw, struct reader next_hop,
    const struct session_params *p)
{
	struct cursor ours = cursor_of(block), typed = cursor_of(raw);
	uint8_t header[3] = { ATTR_TRANSITIVE, ATTR_NEXT_HOP, (uint8_t)next_hop.left };
	struct cursor hop = { .any = next_hop.left == 4, .attr = { .code = ATTR_NEXT_HOP } };

	while (ours.any || typed.any || hop.any) {
		if (before(&typed, &ours) && before(&typed, &hop)) {
			uint8_t code = typed.attr.code;

			writer_copy(w, typed.octets);
			cursor_step(&typed);
			skip_code(&ours, code);
			hop.any = hop.any && code != ATTR_NEXT_HOP;
		} else if (before(&hop, &ours)) {
			writer_bytes(w, header, sizeof header);
			writer_copy(w, next_hop);
			hop.any = false;
		} else {
			encode_one(w, &ours.attr, raw, p);
			cursor_step(&ours);
		}
	}
}

void
attrs_overlay(struct writer *w, struct reader block, struct reader put)
{
	struct cursor under = cursor_of(block), over = cursor_of(put);

	while (under.any || over.any) {
		struct cursor *next = before(&over, &under) ? &over : &under;
		uint8_t code = next->attr.code;

		writer_copy(w, next->octets);
		cursor_step(next);
		if (next == &over)
			skip_code(&under, code);
	}
}
