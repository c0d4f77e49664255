/* Bounded output into the caller's memory. The first thing that does not fit, or a value too wide
 * for its field, fails the writer for good and len stays; ask writer_ok once. Big-endian. */
#ifndef COMMON_WRITER_H
#define COMMON_WRITER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"

struct writer {
	uint8_t *base;
	size_t len, cap;
	bool failed;
};

struct writer writer_of(void *memory, size_t cap);
void writer_u8(struct writer *, uint64_t);
void writer_u16(struct writer *, uint64_t);
void writer_u24(struct writer *, uint64_t);
void writer_u32(struct writer *, uint64_t);
void writer_u64(struct writer *, uint64_t);
void writer_bytes(struct writer *, const void *, size_t len);
void writer_copy(struct writer *, struct reader); /* all that is left in the reader */
uint8_t *writer_room(struct writer *, size_t len);  /* len bytes to fill in now; NULL when full */
size_t writer_begin_u8(struct writer *);          /* room for a length; gives its mark */
size_t writer_begin_u16(struct writer *);
void writer_end_u8(struct writer *, size_t mark); /* the length of what came since the mark */
void writer_end_u16(struct writer *, size_t mark);
bool writer_ok(const struct writer *);
struct reader writer_read(const struct writer *); /* what was written so far */
#endif
