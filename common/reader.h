/* A bounded view of bytes. A short read fails the reader for good: every later read gives zero and
 * left is zero, so a parser is written straight down and asks reader_done once, and no loop on
 * `left` can spin. Owns nothing: it is valid as long as the bytes it looks at. Big-endian. */
#ifndef COMMON_READER_H
#define COMMON_READER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at;
	size_t left;
	bool failed;
};

struct reader reader_of(const void *data, size_t len);
const uint8_t *reader_take(struct reader *, size_t len); /* NULL when short */
struct reader reader_sub(struct reader *, size_t len);   /* a child of len bytes; failed when short */
struct reader reader_rest(struct reader *);              /* a child of all that is left */
uint8_t reader_u8(struct reader *);
uint16_t reader_u16(struct reader *);
uint32_t reader_u24(struct reader *);
uint32_t reader_u32(struct reader *);
uint64_t reader_u64(struct reader *);
uint8_t reader_peek(const struct reader *);    /* the next byte, 0 when none; does not move or fail */
bool reader_ok(const struct reader *);         /* nothing was short so far */
bool reader_done(const struct reader *);       /* ... and nothing is left over */
bool reader_equal(struct reader, struct reader); /* the same bytes are left */
#endif
