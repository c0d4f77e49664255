#include "common/reader.h"
#include <string.h>

/* What a reader of nothing looks at, so that taking no octets is never mistaken for a short read. */
static const uint8_t nothing[1];

struct reader
reader_of(const void *data, size_t len)
{
	return (struct reader){ .at = data ? data : nothing, .left = data ? len : 0 };
}

const uint8_t *
reader_take(struct reader *r, size_t len)
{
	const uint8_t *at = r->at ? r->at : nothing;

	if (r->failed || len > r->left) {
		r->failed = true;
		r->left = 0;
		return NULL;
	}
	r->at = at + len;
	r->left -= len;
	return at;
}

struct reader
reader_sub(struct reader *r, size_t len)
{
	const uint8_t *at = reader_take(r, len);

	return (struct reader){ .at = at, .left = at ? len : 0, .failed = !at };
}

struct reader
reader_rest(struct reader *r)
{
	return reader_sub(r, r->left);
}

uint8_t
reader_u8(struct reader *r)
{
	const uint8_t *b = reader_take(r, 1);

	return b ? b[0] : 0;
}

uint16_t
reader_u16(struct reader *r)
{
	const uint8_t *b = reader_take(r, 2);

	return b ? (uint16_t)((uint32_t)b[0] << 8 | b[1]) : 0;
}

uint32_t
reader_u24(struct reader *r)
{
	const uint8_t *b = reader_take(r, 3);

	return b ? (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2] : 0;
}

uint32_t
reader_u32(struct reader *r)
{
	const uint8_t *b = reader_take(r, 4);

	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

uint64_t
reader_u64(struct reader *r)
{
	struct reader eight = reader_sub(r, 8);
	uint64_t high = reader_u32(&eight);

	return high << 32 | reader_u32(&eight);
}

uint8_t
reader_peek(const struct reader *r)
{
	return r->left > 0 ? r->at[0] : 0;
}

bool
reader_ok(const struct reader *r)
{
	return !r->failed;
}

bool
reader_done(const struct reader *r)
{
	return !r->failed && r->left == 0;
}

bool
reader_equal(struct reader a, struct reader b)
{
	return a.left == b.left && (a.left == 0 || memcmp(a.at, b.at, a.left) == 0);
}
