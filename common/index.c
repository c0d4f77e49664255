#include "common/index.h"
#include "common/mem.h"

enum { EMPTY = 0, GONE = 1, NUMBER_BITS = 26, LEAST = 64, STEP = 8 };

/* A slot: tag in the high bits, number + 2 below. */
static uint32_t
slot_of(uint32_t hash, uint32_t number)
{
	return hash >> NUMBER_BITS << NUMBER_BITS | (number + 2);
}

static uint32_t
number_of(uint32_t slot)
{
	return (slot & (INDEX_NUMBERS - 1)) - 2;
}

static bool
fits(uint32_t slot, uint32_t hash)
{
	return slot > GONE && slot >> NUMBER_BITS == hash >> NUMBER_BITS;
}

void
index_init(struct index *x, uint32_t (*hash)(void *self, uint32_t number), void *self)
{
	*x = (struct index){ .size = LEAST, .hash = hash, .self = self };
	x->slot = mem_zero(LEAST * sizeof *x->slot);
}

void
index_fini(struct index *x)
{
	mem_free(x->slot);
	mem_free(x->old);
}

static void
put(struct index *x, uint32_t hash, uint32_t slot)
{
	size_t at = hash & (x->size - 1);

	while (x->slot[at] != EMPTY)
		at = (at + 1) & (x->size - 1);
	x->slot[at] = slot;
	x->used++;
}

/* Some slots of the old table move over. What has moved is GONE there: probes go on past it. */
static void
move_some(struct index *x)
{
	for (int i = 0; i < STEP && x->moved < x->old_size; i++, x->moved++) {
		uint32_t slot = x->old[x->moved];

		if (slot <= GONE)
			continue;
		put(x, x->hash(x->self, number_of(slot)), slot);
		x->old[x->moved] = GONE;
	}
	if (x->moved < x->old_size)
		return;
	mem_free(x->old);
	x->old = NULL;
	x->old_size = 0;
}

static void
grow(struct index *x)
{
	x->old = x->slot;
	x->old_size = x->size;
	x->moved = 0;
	x->size *= 2;
	x->slot = mem_zero(x->size * sizeof *x->slot);
	x->used = 0;
}

void
index_insert(struct index *x, uint32_t hash, uint32_t number)
{
	/* at most three quarters full; eight old slots an insert are done long before it is full again */
	if (x->old)
		move_some(x);
	else if (4 * (x->used + 1) > 3 * x->size)
		grow(x);
	put(x, hash, slot_of(hash, number));
}

/* Close the hole, so that no probe ends too early: those behind it that may stand there move up. */
static void
close_hole(struct index *x, size_t hole)
{
	size_t mask = x->size - 1, at = hole;

	for (;;) {
		size_t home;

		at = (at + 1) & mask;
		if (x->slot[at] == EMPTY)
			break;
		home = x->hash(x->self, number_of(x->slot[at])) & mask;
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			x->slot[hole] = x->slot[at];
			hole = at;
		}
	}
	x->slot[hole] = EMPTY;
	x->used--;
}

void
index_remove(struct index *x, uint32_t hash, uint32_t number)
{
	uint32_t slot = slot_of(hash, number);
	size_t at;

	for (at = hash & (x->size - 1); x->slot[at] != EMPTY; at = (at + 1) & (x->size - 1))
		if (x->slot[at] == slot) {
			close_hole(x, at);
			return;
		}
	if (!x->old)
		return;
	for (at = hash & (x->old_size - 1); x->old[at] != EMPTY; at = (at + 1) & (x->old_size - 1))
		if (x->old[at] == slot) {
			x->old[at] = GONE;
			return;
		}
}

static bool
next_in(const uint32_t *table, size_t size, uint32_t hash, struct index_walk *w, uint32_t *number)
{
	if (!w->started)
		w->at = hash & (size - 1);
	w->started = true;
	while (table[w->at] != EMPTY) {
		uint32_t slot = table[w->at];

		w->at = (w->at + 1) & (size - 1);
		if (fits(slot, hash)) {
			*number = number_of(slot);
			return true;
		}
	}
	return false;
}

bool
index_next(const struct index *x, uint32_t hash, struct index_walk *w, uint32_t *number)
{
	if (!w->in_old) {
		if (next_in(x->slot, x->size, hash, w, number))
			return true;
		*w = (struct index_walk){ .in_old = true };
	}
	return x->old && next_in(x->old, x->old_size, hash, w, number);
}

void
index_prefetch(const struct index *x, uint32_t hash)
{
	__builtin_prefetch(&x->slot[hash & (x->size - 1)]);
}

size_t
index_octets(const struct index *x)
{
	return (x->size + x->old_size) * sizeof *x->slot;
}
