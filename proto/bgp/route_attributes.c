/* The attributes of a draft: words become values, and values stand in a block in ascending order of their codes. One that
 * is there stays, but extended communities add up; what is typed by number goes into a block of its own. */
#include <string.h>
#include "proto/bgp/attr/item.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/route_inner.h"

enum {
	RAW_MAX = 65535, /* the field of a value that says how long it is */
	SHORT_VALUE = 512,
};

/* Frame an attribute, `place` octets into the block, with the flags as they are, but that a long value needs the extended
 * length. */
static uint8_t *
insert_attribute(struct octets *block, size_t place, uint8_t flags, uint8_t code, size_t len)
{
	bool extended = len > UINT8_MAX || (flags & ATTR_EXTENDED);
	size_t octets = len + (extended ? 4 : 3), behind = block->len - place;
	uint8_t *at = octets_room(block, octets) - behind;

	if (behind > 0)
		memmove(at + octets, at, behind);
	at[0] = (uint8_t)(flags | (extended ? ATTR_EXTENDED : 0));
	at[1] = code;
	if (extended) {
		at[2] = (uint8_t)(len >> 8);
		at[3] = (uint8_t)len;
		return at + 4;
	}
	at[2] = (uint8_t)len;
	return at + 3;
}

static uint8_t *
add_attribute(struct octets *block, uint8_t flags, uint8_t code, size_t len)
{
	return insert_attribute(block, block->len, flags, code, len);
}

/* Extended communities from several words are one attribute, sorted: take what is there into `w`. */
static void
merge(struct route_draft *d, struct reader old, struct writer *w)
{
	struct octets others = { 0 };
	struct reader block = octets_read(&d->attributes);
	struct attr a;

	writer_copy(w, old);
	items_sort(w, 0, 8, false);
	while (attrs_next(&block, &a))
		if (a.code != ATTR_EXT_COMMUNITY)
			memcpy(add_attribute(&others, a.flags, a.code, a.value.left), a.value.at,
			    a.value.left);
	octets_fini(&d->attributes);
	d->attributes = others;
}

/* Is it in the block? Else where it belongs in ascending order. */
static bool
find_place(const struct octets *block, uint8_t code, size_t *place, struct attr *found)
{
	struct reader rest = octets_read(block);

	for (*place = 0; attrs_next(&rest, found); *place = block->len - rest.left) {
		if (found->code == code)
			return true;
		if (found->code > code)
			return false;
	}
	return false;
}

/* The value is in `w`, which has room for more. */
static int
put_attribute(
    const struct attr_ops *ops, struct route_draft *d, struct writer *w, struct reason *why)
{
	struct attr old;
	size_t place;
	bool given = find_place(&d->attributes, ops->code, &place, &old);

	if (given && ops->code != ATTR_EXT_COMMUNITY)
		return 0;
	if (given) {
		merge(d, old.value, w);
		find_place(&d->attributes, ops->code, &place, &old);
	}
	if (!writer_ok(w))
		return reason_set(why, 0, 0, "%s: more than an attribute can hold",
		    ops->word ? ops->word : ops->name);
	memcpy(insert_attribute(&d->attributes, place, ops->flags, ops->code, w->len), w->base,
	    w->len);
	return 0;
}

int
route_draft_attribute(struct route_draft *d, uint8_t code, struct reader value, struct reason *why)
{
	uint8_t memory[ATTR_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	writer_copy(&w, value);
	return put_attribute(attr_ops(code), d, &w, why);
}

static int
scan_into(struct writer *w, const struct attr_ops *ops, struct words *words, struct route_draft *d,
    struct reason *why)
{
	if (ops->scan(words, w, why) < 0)
		return -1;
	if (put_attribute(ops, d, w, why) == 0)
		return 0;
	why->line = words->line;
	why->column = words->column;
	return -1;
}

/* Apart: to have so much on the stack costs more than the rest of an attribute that is short. */
static __attribute__((noinline)) int
scan_long(
    const struct attr_ops *ops, struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t memory[ATTR_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	return scan_into(&w, ops, words, d, why);
}

/* Programs write lists that may be empty. As in ExaBGP, communities of none are none. */
static bool
none_given(const struct attr_ops *ops, struct words *words)
{
	struct words start;

	if (ops->code != ATTR_COMMUNITY && ops->code != ATTR_EXT_COMMUNITY &&
	    ops->code != ATTR_LARGE_COMMUNITY)
		return false;
	start = *words;
	if (words_take(words, "[") && words_take(words, "]"))
		return true;
	*words = start;
	return false;
}

int
route_scan_attribute(
    const struct attr_ops *ops, struct words *words, struct route_draft *d, struct reason *why)
{
	uint8_t memory[SHORT_VALUE];
	struct writer w = writer_of(memory, sizeof memory);
	struct words start = *words;
	int result;

	if (none_given(ops, words))
		return 0;
	if (ops->code == ATTR_EXT_COMMUNITY) /* merged with what was given before */
		return scan_long(ops, words, d, why);
	result = scan_into(&w, ops, words, d, why);
	if (writer_ok(&w))
		return result;
	*words = start;
	return scan_long(ops, words, d, why);
}

/* 0x and pairs of digits, as the value of a typed attribute. */
static int
scan_hex(struct words *words, struct octets *block, uint8_t flags, uint8_t code, struct reason *why)
{
	static const char what[] = "the value in hexadecimal (0x0102)";
	const char *word = words_peek(words);
	size_t len = words_left(words) ? words->at->len : 0, mark = block->len;
	uint8_t *at;

	if (len < 2 || word[0] != '0' || (word[1] | 0x20) != 'x' || len % 2 != 0 ||
	    len / 2 - 1 > ATTR_VALUE_MAX)
		return words_wrong(words, why, what);
	len = len / 2 - 1;
	at = add_attribute(block, flags, code, len);
	if (word_octets(word + 2, at, len) < 0) {
		block->len = mark;
		return words_wrong(words, why, what);
	}
	words_next(words);
	return 0;
}

/* [ 0xCODE 0xFLAGS 0xVALUE ]: goes out as it is. */
int
route_scan_raw(struct words *words, struct route_draft *d, struct reason *why)
{
	uint64_t code, flags;
	struct attr old;
	size_t mark = d->raw.len;
	bool given;

	if (words_expect(words, "[", why) < 0 ||
	    words_uint(words, 0, UINT8_MAX, "the code of an attribute", &code, why) < 0 ||
	    words_uint(words, 0, UINT8_MAX, "the flags of an attribute", &flags, why) < 0)
		return -1;
	given = attrs_find(octets_read(&d->raw), (uint8_t)code, &old);
	if (scan_hex(words, &d->raw, (uint8_t)flags, (uint8_t)code, why) < 0 ||
	    words_expect(words, "]", why) < 0)
		return -1;
	if (given)
		d->raw.len = mark;
	if (d->raw.len > RAW_MAX)
		return reason_set(
		    why, words->line, words->column, "more attributes than a message holds");
	return 0;
}
