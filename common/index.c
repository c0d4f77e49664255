#include "common/index.h"
#include "common/mem.h"

enum {
	EMPTY = 0,
	GONE = 1,
	NUMBER_BITS = 26,
	LEAST = 64,
	STEP = 8,
	PAGE_BITS = 12,
	PAGE = 1 << PAGE_BITS
};

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

/* --- a table --- */

static size_t
page_octets(const struct index_table *t)
{
	return (t->size < PAGE ? t->size : PAGE) * sizeof **t->page;
}

static size_t
page_count(const struct index_table *t)
{
	return (t->size + PAGE - 1) >> PAGE_BITS;
}

static void
table_begin(struct index_table *t, size_t size)
{
	*t = (struct index_table){ .size = size };
	t->page = mem_zero(page_count(t) * sizeof *t->page);
}

static void
table_fini(struct index_table *t)
{
	for (size_t i = 0; i < page_count(t); i++)
		mem_free(t->page[i]);
	mem_free(t->page);
	*t = (struct index_table){ 0 };
}

static uint32_t
get(const struct index_table *t, size_t at)
{
	const uint32_t *page = t->page[at >> PAGE_BITS];

	return page ? page[at & (PAGE - 1)] : EMPTY;
}

static void
set(struct index_table *t, size_t at, uint32_t slot)
{
	uint32_t **page = &t->page[at >> PAGE_BITS];

	if (!*page) {
		*page = mem_zero(page_octets(t));
		t->pages++;
	}
	(*page)[at & (PAGE - 1)] = slot;
}

/* --- growing --- */

static void
put(struct index *x, uint32_t hash, uint32_t slot)
{
	size_t mask = x->now.size - 1, at = hash & mask;

	while (get(&x->now, at) != EMPTY)
		at = (at + 1) & mask;
	set(&x->now, at, slot);
	x->used++;
}

/* The slots that the next insert will move. */
static void
announce_some(struct index *x)
{
	for (size_t at = x->moved; at < x->moved + STEP; at++) {
		uint32_t slot = get(&x->old, at);

		if (slot > GONE)
			x->soon(x->self, number_of(slot));
	}
}

static void
move_some(struct index *x)
{
	for (int i = 0; i < STEP; i++) {
		uint32_t slot = get(&x->old, x->moved++);

		if (slot > GONE)
			put(x, x->hash(x->self, number_of(slot)), slot);
		if ((x->moved & (PAGE - 1)) == 0) {
			uint32_t **page = &x->old.page[(x->moved - 1) >> PAGE_BITS];

			x->old.pages -= *page != NULL;
			mem_free(*page);
			*page = NULL;
		}
	}
	if (x->moved == x->old.size)
		table_fini(&x->old);
	else if (x->soon)
		announce_some(x);
}

static void
grow(struct index *x)
{
	x->old = x->now;
	x->moved = 0;
	x->used = 0;
	table_begin(&x->now, x->old.size * 2);
}

/* --- the index --- */

void
index_init(struct index *x, uint32_t (*hash)(void *self, uint32_t number), void *self)
{
	*x = (struct index){ .hash = hash, .self = self };
	table_begin(&x->now, LEAST);
}

void
index_fini(struct index *x)
{
	table_fini(&x->now);
	table_fini(&x->old);
}

void
index_insert(struct index *x, uint32_t hash, uint32_t number)
{
	/* at most three quarters full; eight old slots an insert are done long before it is full again */
	if (x->old.size > 0)
		move_some(x);
	else if (4 * (x->used + 1) > 3 * x->now.size)
		grow(x);
	put(x, hash, slot_of(hash, number));
}

/* Close the hole, so that no probe ends too early: those behind it that may stand there move up. */
static void
close_hole(struct index *x, size_t hole)
{
	size_t mask = x->now.size - 1, at = hole;
	uint32_t slot;

	while ((slot = get(&x->now, at = (at + 1) & mask)) != EMPTY) {
		size_t home = x->hash(x->self, number_of(slot)) & mask;

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			set(&x->now, hole, slot);
			hole = at;
		}
	}
	set(&x->now, hole, EMPTY);
	x->used--;
}

/* The next slot of the old table that is not EMPTY. What has moved is passed over, as if something had been
 * there: its pages are freed. */
static bool
old_slot(const struct index *x, uint32_t hash, struct index_walk *w, size_t *at, uint32_t *slot)
{
	size_t mask = x->old.size - 1;

	if (!w->in_old)
		*w = (struct index_walk){
			.at = hash & mask, .left = x->old.size - x->moved, .in_old = true
		};
	if (w->left == 0)
		return false;
	*at = w->at < x->moved ? x->moved : w->at;
	*slot = get(&x->old, *at);
	w->at = (*at + 1) & mask;
	w->left--;
	return *slot != EMPTY;
}

void
index_remove(struct index *x, uint32_t hash, uint32_t number)
{
	uint32_t wanted = slot_of(hash, number), slot;
	size_t mask = x->now.size - 1, at;
	struct index_walk w = { 0 };

	for (at = hash & mask; (slot = get(&x->now, at)) != EMPTY; at = (at + 1) & mask)
		if (slot == wanted) {
			close_hole(x, at);
			return;
		}
	if (x->old.size == 0)
		return;
	while (old_slot(x, hash, &w, &at, &slot))
		if (slot == wanted) {
			set(&x->old, at, GONE);
			return;
		}
}

static bool
next_in_now(const struct index *x, uint32_t hash, struct index_walk *w, uint32_t *number)
{
	size_t mask = x->now.size - 1;
	uint32_t slot;

	if (!w->started)
		*w = (struct index_walk){ .at = hash & mask, .started = true };
	while ((slot = get(&x->now, w->at)) != EMPTY) {
		w->at = (w->at + 1) & mask;
		if (fits(slot, hash)) {
			*number = number_of(slot);
			return true;
		}
	}
	return false;
}

static bool
next_in_old(const struct index *x, uint32_t hash, struct index_walk *w, uint32_t *number)
{
	uint32_t slot;
	size_t at;

	while (old_slot(x, hash, w, &at, &slot))
		if (fits(slot, hash)) {
			*number = number_of(slot);
			return true;
		}
	return false;
}

bool
index_next(const struct index *x, uint32_t hash, struct index_walk *w, uint32_t *number)
{
	if (!w->in_old && next_in_now(x, hash, w, number))
		return true;
	return x->old.size > 0 && next_in_old(x, hash, w, number);
}

void
index_walk_back(const struct index *x, struct index_walk *w)
{
	/* nothing moves in the old table */
	if (!w->in_old)
		w->at = (w->at - 1) & (x->now.size - 1);
}

void
index_prefetch(const struct index *x, uint32_t hash)
{
	size_t at = hash & (x->now.size - 1);
	const uint32_t *page = x->now.page[at >> PAGE_BITS];

	if (page)
		__builtin_prefetch(&page[at & (PAGE - 1)]);
}

static size_t
table_octets(const struct index_table *t)
{
	return t->size > 0 ? t->pages * page_octets(t) + page_count(t) * sizeof *t->page : 0;
}

size_t
index_octets(const struct index *x)
{
	return table_octets(&x->now) + table_octets(&x->old);
}
