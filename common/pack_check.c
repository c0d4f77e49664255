/* The look before unpacking: whether octets are one well-formed msgpack value of bounded depth and size,
 * found out without allocating. Whatever passes here, the library unpacks within memory that is in
 * proportion to what was sent. */
#include "common/pack.h"

/* What stands behind the first octet of a value: a number of so many octets that tells a length or a
 * count, so many octets of content, and whether values follow. */
struct form {
	uint8_t number, content;
	uint8_t children; /* 1: the number counts values, 2: pairs of them */
	bool reserved;
};

/* The octets 0xc0 to 0xdf; all others are told by their upper bits. */
static const struct form forms[] = {
	[0xc1 - 0xc0] = { .reserved = true }, /* never used */
	[0xc4 - 0xc0] = { .number = 1 }, /* bin */
	[0xc5 - 0xc0] = { .number = 2 },
	[0xc6 - 0xc0] = { .number = 4 },
	[0xc7 - 0xc0] = { .number = 1, .content = 1 }, /* ext, the content is its type */
	[0xc8 - 0xc0] = { .number = 2, .content = 1 },
	[0xc9 - 0xc0] = { .number = 4, .content = 1 },
	[0xca - 0xc0] = { .content = 4 }, /* float */
	[0xcb - 0xc0] = { .content = 8 },
	[0xcc - 0xc0] = { .content = 1 }, /* uint */
	[0xcd - 0xc0] = { .content = 2 },
	[0xce - 0xc0] = { .content = 4 },
	[0xcf - 0xc0] = { .content = 8 },
	[0xd0 - 0xc0] = { .content = 1 }, /* int */
	[0xd1 - 0xc0] = { .content = 2 },
	[0xd2 - 0xc0] = { .content = 4 },
	[0xd3 - 0xc0] = { .content = 8 },
	[0xd4 - 0xc0] = { .content = 2 }, /* fixext, with its type */
	[0xd5 - 0xc0] = { .content = 3 },
	[0xd6 - 0xc0] = { .content = 5 },
	[0xd7 - 0xc0] = { .content = 9 },
	[0xd8 - 0xc0] = { .content = 17 },
	[0xd9 - 0xc0] = { .number = 1 }, /* str */
	[0xda - 0xc0] = { .number = 2 },
	[0xdb - 0xc0] = { .number = 4 },
	[0xdc - 0xc0] = { .number = 2, .children = 1 }, /* array */
	[0xdd - 0xc0] = { .number = 4, .children = 1 },
	[0xde - 0xc0] = { .number = 2, .children = 2 }, /* map */
	[0xdf - 0xc0] = { .number = 4, .children = 2 },
};

/* One value's own octets are taken; what it holds is left to come. A short read fails the reader. */
static uint64_t
take_value(struct reader *r, bool *container)
{
	uint8_t first = reader_u8(r);
	const struct form *form;
	uint64_t number;

	*container = first >= 0x80 && first <= 0x9f;
	if (first <= 0x7f || first >= 0xe0) /* small integers */
		return 0;
	if (first <= 0x8f)
		return 2 * (first & 15U);
	if (first <= 0x9f)
		return first & 15;
	if (first <= 0xbf) {
		reader_take(r, first & 31);
		return 0;
	}
	form = &forms[first - 0xc0];
	number = form->number == 0   ? 0
		 : form->number == 1 ? reader_u8(r)
		 : form->number == 2 ? reader_u16(r)
				     : reader_u32(r);
	*container = form->children > 0;
	if (form->reserved)
		reader_take(r, SIZE_MAX);
	if (!*container)
		reader_take(r, form->content + number);
	return number * form->children;
}

/* The whole value is walked, and each node takes at least one octet: a count beyond what was sent ends in
 * a short read here, where nothing was allocated for it. */
int
pack_check(const void *bytes, size_t len)
{
	struct reader r = reader_of(bytes, len);
	uint64_t left[PACK_DEPTH + 1] = { 1 }, nodes = 1;
	unsigned depth = 0;

	for (;;) {
		bool container;
		uint64_t children;

		while (depth > 0 && left[depth] == 0)
			depth--;
		if (left[depth] == 0)
			break;
		left[depth]--;
		children = take_value(&r, &container);
		nodes += children;
		if (!reader_ok(&r) || nodes > PACK_NODES)
			return -1;
		if (!container)
			continue;
		if (depth == PACK_DEPTH)
			return -1;
		left[++depth] = children;
	}
	return reader_done(&r) ? 0 : -1;
}

size_t
pack_front(const void *bytes, size_t len, unsigned count)
{
	struct reader r = reader_of(bytes, len);
	bool container;

	if (reader_peek(&r) >> 4 != 0x9 || take_value(&r, &container) < count)
		return 0;
	for (unsigned i = 0; i < count; i++)
		if (take_value(&r, &container) > 0 || container)
			return 0;
	return reader_ok(&r) ? len - r.left : 0;
}
