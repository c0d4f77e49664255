/* A binary min-heap of pointers by a 64-bit key; each element is told its place, so that it can be moved
 * or taken out in O(log n). */
#ifndef COMMON_HEAP_H
#define COMMON_HEAP_H
#include <stddef.h>
#include <stdint.h>

struct heap_slot {
	uint64_t key;
	void *item;
};

struct heap {
	struct heap_slot *slot; /* slot[1..count]; zero-initialise, heap_fini when done */
	size_t count, cap;
	void (*placed)(void *item, uint32_t slot); /* slot 0: taken out */
};

void heap_fini(struct heap *);
void heap_insert(struct heap *, uint64_t key, void *item);
void heap_move(struct heap *, uint32_t slot, uint64_t key);
void heap_remove(struct heap *, uint32_t slot);
void *heap_first(const struct heap *, uint64_t *key); /* NULL when empty */
#endif
