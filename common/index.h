/* A hash index over numbered things: open addressing, four octets a slot (a tag of the hash and the number),
 * in pages that are made when something is put there. It grows step by step: while it grows the old table is
 * read beside the new one, every insert moves some slots over, and pages are freed as they become empty. So
 * no insert allocates, clears or moves more than a page. Several things may have equal hashes. Knows no keys:
 * the owner compares. */
#ifndef COMMON_INDEX_H
#define COMMON_INDEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INDEX_NUMBERS = 1 << 26 };

struct index_table {
	uint32_t **page;
	size_t size;                /* slots, a power of two */
	size_t pages;               /* that exist */
};

struct index {
	struct index_table now, old;
	size_t used, moved;         /* slots used in now; old slots that were looked at */
	uint32_t (*hash)(void *self, uint32_t number);
	void (*soon)(void *self, uint32_t number); /* its hash will be asked for: may be NULL, or prefetch it */
	void *self;
};

void index_init(struct index *, uint32_t (*hash)(void *self, uint32_t number), void *self);
void index_fini(struct index *);
void index_insert(struct index *, uint32_t hash, uint32_t number);
void index_remove(struct index *, uint32_t hash, uint32_t number);
/* Walk the numbers whose tag fits the hash: start with { 0 }. False at the end. */
struct index_walk {
	size_t at, left;
	bool started, in_old;
};
bool index_next(const struct index *, uint32_t hash, struct index_walk *, uint32_t *number);
/* The number just given is about to be removed: what moves up into its place is not missed. */
void index_walk_back(const struct index *, struct index_walk *);
void index_prefetch(const struct index *, uint32_t hash);
size_t index_octets(const struct index *);
#endif
