/* Interned octets: immutable, counted, one copy a process. The same octets are the same pointer, so
 * equality is == and sharing is free.
 *
 * The set grows step by step (some slots are moved with every call), so no call costs O(set). A slot is eight octets. */
#ifndef COMMON_BLOB_H
#define COMMON_BLOB_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "common/reader.h"

struct blob {
	uint32_t refs;
	uint32_t len;
	uint32_t hash;
	uint8_t data[];
};

struct blobs; /* the set; one for each kind of octets in a process */

struct blobs *blobs_new(void);
void blobs_free(struct blobs *); /* every blob must have been put */
/* A share of the blob with these octets, made if it is new. At most 16 MiB. */
struct blob *blob_intern(struct blobs *, const void *, size_t len);
/* The same in two steps, for who has something to do meanwhile: the place of the octets is asked for, then looked at.
 * The first gives the hash that the second wants. */
uint32_t blobs_soon(const struct blobs *, const void *, size_t len);
struct blob *blob_intern_hashed(struct blobs *, uint32_t hash, const void *, size_t len);
struct blob *blob_get(struct blob *); /* another share; NULL is fine */
void blob_put(struct blobs *, struct blob *); /* give a share back; NULL is fine */
struct reader blob_read(const struct blob *);
size_t blobs_count(const struct blobs *);
size_t blobs_octets(const struct blobs *); /* memory held, all in */

/* Also for others. Not to be guessed from outside: whoever sends routes must not choose their slots. What most keys are,
 * a few octets, takes two products. */
extern uint64_t hash_seed; /* 0: not made yet */
uint64_t hash_octets_any(const void *, size_t len);
static inline uint64_t
hash_octets(const void *data, size_t len)
{
	unsigned __int128 product;
	uint32_t first, last;

	if (len - 4 > 4 || hash_seed == 0)
		return hash_octets_any(data, len);
	memcpy(&first, data, sizeof first);
	memcpy(&last, (const uint8_t *)data + len - sizeof last, sizeof last);
	product = (unsigned __int128)(((uint64_t)first << 32 | last) ^ hash_seed) *
		  (UINT64_C(0x9e3779b97f4a7c15) + 2 * len);
	return ((uint64_t)product ^ (uint64_t)(product >> 64)) * UINT64_C(0xd6e8feb86659fd93);
}
#endif
