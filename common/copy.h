/* Copying a few octets, where a call costs more than the copy. */
#ifndef COMMON_COPY_H
#define COMMON_COPY_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* memcpy of at most 32 octets, without a call: in pieces that overlap. */
static inline void
copy_few(void *to, const void *from, size_t n)
{
	const uint8_t *a = from;
	uint8_t *b = to;

#define PIECES(type)                                                                               \
	do {                                                                                       \
		type first, last;                                                                  \
		memcpy(&first, a, sizeof first);                                                   \
		memcpy(&last, a + n - sizeof last, sizeof last);                                   \
		memcpy(b, &first, sizeof first);                                                   \
		memcpy(b + n - sizeof last, &last, sizeof last);                                   \
	} while (0)
	if (n >= 16)
		PIECES(struct { uint64_t half[2]; });
	else if (n >= 8)
		PIECES(uint64_t);
	else if (n >= 4)
		PIECES(uint32_t);
	else
		for (size_t i = 0; i < n; i++)
			b[i] = a[i];
#undef PIECES
}
#endif
