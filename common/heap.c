#include "common/heap.h"
#include <assert.h>
#include "common/mem.h"

void
heap_fini(struct heap *h)
{
	mem_free(h->slot);
	h->slot = NULL;
	h->count = h->cap = 0;
}

static void
place(struct heap *h, size_t at, struct heap_slot s)
{
	h->slot[at] = s;
	if (h->placed)
		h->placed(s.item, (uint32_t)at);
}

/* Find the place of `s` from the free slot `at`: up while the parent is later, else down. */
static void
sift(struct heap *h, size_t at, struct heap_slot s)
{
	size_t child;

	for (; at > 1 && h->slot[at / 2].key > s.key; at /= 2)
		place(h, at, h->slot[at / 2]);
	for (; (child = 2 * at) <= h->count; at = child) {
		if (child < h->count && h->slot[child + 1].key < h->slot[child].key)
			child++;
		if (h->slot[child].key >= s.key)
			break;
		place(h, at, h->slot[child]);
	}
	place(h, at, s);
}

void
heap_insert(struct heap *h, uint64_t key, void *item)
{
	assert(h->count < UINT32_MAX);
	h->slot =
	    mem_grow(h->slot, &h->cap, h->count + 2, sizeof *h->slot); /* slot 0 is not used */
	h->count++;
	sift(h, h->count, (struct heap_slot){ key, item });
}

void
heap_move(struct heap *h, uint32_t slot, uint64_t key)
{
	assert(slot >= 1 && slot <= h->count);
	sift(h, slot, (struct heap_slot){ key, h->slot[slot].item });
}

void
heap_remove(struct heap *h, uint32_t slot)
{
	struct heap_slot last;
	void *item;

	assert(slot >= 1 && slot <= h->count);
	item = h->slot[slot].item;
	last = h->slot[h->count--];
	if (slot <= h->count)
		sift(h, slot, last);
	if (h->placed)
		h->placed(item, 0);
}

void *
heap_first(const struct heap *h, uint64_t *key)
{
	if (h->count == 0)
		return NULL;
	if (key)
		*key = h->slot[1].key;
	return h->slot[1].item;
}
