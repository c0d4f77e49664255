/* A hash index over numbered things. A bucket is a line of the cache: ten slots of 20 bits of the hash, a number of 26
 * and how far that is from home, and how many went past it because it was full. Buckets are in the order of the hash, whatever their number,
 * so to grow is to go through the table once from its beginning: a few buckets with each insert, into a table half
 * as large again. What a hash is below a place says which of the two has it, so one line is looked at in any case,
 * and there is no more memory than one of them. A bucket and the bits that are kept say what the hash was; the
 * things themselves are only asked for it where they stand far from their own bucket, and while the table is small.
 * Several things may have equal hashes. Knows no keys: the owner compares. */
#ifndef COMMON_INDEX_H
#define COMMON_INDEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INDEX_NUMBERS = 1 << 26 };

struct bucket;
struct index_table {
	struct bucket **page; /* of buckets; NULL: nothing was put there yet */
	uint32_t
	    size; /* buckets that are somebody's home; those behind them take what has no room */
	uint32_t room; /* buckets for which there are pages */
	uint32_t pages; /* that exist */
	uint32_t shift, mask;
	uint64_t inverse; /* of the size, as a fraction of 2^64 */
};

struct index {
	struct index_table now, old;
	uint32_t moved; /* homes of old, from the first on, whose things are in now */
	size_t count;
	uint32_t (*hash)(void *self, uint32_t number);
	void (*soon)(void *self,
	    uint32_t number); /* its hash will be asked for: may be NULL, or prefetch it */
	void *self;
};

void index_init(struct index *, uint32_t (*hash)(void *self, uint32_t number), void *self);
void index_fini(struct index *);
void index_insert(struct index *, uint32_t hash, uint32_t number);
void index_remove(struct index *, uint32_t hash, uint32_t number);
/* Walk the numbers whose hash may be this one: start with { 0 }. False at the end. What was given last may be removed
 * meanwhile, nothing else, and nothing is inserted. */
struct index_walk {
	uint32_t at; /* the bucket */
	uint32_t slots; /* of it, that are still to be looked at */
	bool started;
};
bool index_next(const struct index *, uint32_t hash, struct index_walk *, uint32_t *number);
void index_prefetch(const struct index *, uint32_t hash);
size_t index_octets(const struct index *);
#endif
