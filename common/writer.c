#include "common/writer.h"
#include <string.h>

struct writer
writer_of(void *memory, size_t cap)
{
	return (struct writer){ .base = memory, .cap = memory ? cap : 0 };
}

uint8_t *
writer_room(struct writer *w, size_t len)
{
	if (w->failed || len > w->cap - w->len) {
		w->failed = true;
		return NULL;
	}
	w->len += len;
	return w->base ? w->base + w->len - len : NULL;
}

static void
store(uint8_t *at, uint64_t value, size_t width)
{
	for (size_t i = width; i-- > 0; value >>= 8)
		at[i] = (uint8_t)value;
}

/* A number in `width` octets; one that needs more is the caller's mistake or the peer's: fail. */
static void
number(struct writer *w, uint64_t value, size_t width)
{
	uint8_t *at;

	if (width < 8 && value >> (8 * width) != 0)
		w->failed = true;
	at = writer_room(w, width);
	if (at)
		store(at, value, width);
}

void
writer_u8(struct writer *w, uint64_t value)
{
	number(w, value, 1);
}

void
writer_u16(struct writer *w, uint64_t value)
{
	number(w, value, 2);
}

void
writer_u24(struct writer *w, uint64_t value)
{
	number(w, value, 3);
}

void
writer_u32(struct writer *w, uint64_t value)
{
	number(w, value, 4);
}

void
writer_u64(struct writer *w, uint64_t value)
{
	number(w, value, 8);
}

void
writer_bytes(struct writer *w, const void *bytes, size_t len)
{
	uint8_t *at = writer_room(w, len);

	if (at && len > 0)
		memcpy(at, bytes, len);
}

/* A reader that failed holds nothing; what was to be copied is lost, so the writer fails too. */
void
writer_copy(struct writer *w, struct reader r)
{
	if (!reader_ok(&r))
		w->failed = true;
	writer_bytes(w, r.at, r.left);
}

size_t
writer_begin_u8(struct writer *w)
{
	writer_u8(w, 0);
	return w->len;
}

size_t
writer_begin_u16(struct writer *w)
{
	writer_u16(w, 0);
	return w->len;
}

static void
end(struct writer *w, size_t mark, size_t width)
{
	size_t len = w->len - mark;

	if (w->failed)
		return;
	if (len >> (8 * width) != 0)
		w->failed = true;
	else
		store(w->base + mark - width, len, width);
}

void
writer_end_u8(struct writer *w, size_t mark)
{
	end(w, mark, 1);
}

void
writer_end_u16(struct writer *w, size_t mark)
{
	end(w, mark, 2);
}

bool
writer_ok(const struct writer *w)
{
	return !w->failed;
}

struct reader
writer_read(const struct writer *w)
{
	return reader_of(w->base, w->len);
}
