/* Values made by chance, always the same ones: a seed of its own for each family and attribute. Edges come more
 * often than chance would have them. */
#ifndef TESTS_PROPERTY_RANDOM_H
#define TESTS_PROPERTY_RANDOM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/writer.h"

struct random {
	uint64_t state; /* not 0 */
};

static inline struct random
random_of(uint64_t seed)
{
	return (struct random){ (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) };
}

/* xorshift64*, Vigna 2016 */
static inline uint64_t
random_next(struct random *x)
{
	x->state ^= x->state >> 12;
	x->state ^= x->state << 25;
	x->state ^= x->state >> 27;
	return x->state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline uint32_t
random_below(struct random *x, uint32_t limit)
{
	return (uint32_t)((random_next(x) >> 32) * limit >> 32);
}

/* min..max */
static inline uint32_t
random_from(struct random *x, uint32_t min, uint32_t max)
{
	return min + (uint32_t)(random_next(x) >> 16) % (max - min + 1);
}

static inline bool
random_one_in(struct random *x, uint32_t n)
{
	return random_below(x, n) == 0;
}

/* Of so many bits: often the least, the greatest, or a small one. */
static inline uint64_t
random_bits(struct random *x, unsigned bits)
{
	uint64_t max = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

	switch (random_below(x, 8)) {
	case 0:
		return 0;
	case 1:
		return max;
	case 2:
		return random_next(x) & max & 0xff;
	default:
		return random_next(x) & max;
	}
}

static inline void
random_octets(struct random *x, struct writer *w, size_t len)
{
	bool zero = random_one_in(x, 16);

	while (len-- > 0)
		writer_u8(w, zero ? 0 : random_next(x) >> 56);
}

/* A length, and the octets of a prefix without host bits. */
static inline void
random_prefix_octets(struct random *x, struct writer *w, unsigned bits)
{
	random_octets(x, w, (bits + 7) / 8);
	if (bits % 8 != 0 && writer_ok(w))
		w->base[w->len - 1] &= (uint8_t)(0xff << (8 - bits % 8));
}

static inline unsigned
random_length(struct random *x, unsigned width)
{
	return random_one_in(x, 4) ? width : random_from(x, 0, width);
}

/* An address of 4 or 16 octets behind its length in bits. */
static inline void
random_host(struct random *x, struct writer *w, size_t size)
{
	writer_u8(w, 8 * size);
	random_octets(x, w, size);
}

static inline size_t
random_size(struct random *x)
{
	return random_one_in(x, 2) ? 4 : 16;
}
#endif
