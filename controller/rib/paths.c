#include "controller/rib/rib_inner.h"
#include <string.h>
#include "common/mem.h"
#include "proto/bgp/nlri.h"

enum { PAGE = 4096, MOVES = 16 };

static struct reader
identity(enum family f, struct reader key, uint8_t room[NLRI_KEY_MAX])
{
	return nlri_key(f) ? nlri_key(f)(key, room) : key;
}

/* As ledgers do without a path id (ledger_hash). */
uint32_t
paths_hash(enum family f, struct reader key)
{
	uint8_t room[NLRI_KEY_MAX];
	struct reader k = identity(f, key, room);
	uint64_t h = hash_octets(k.at, k.left);

	return (uint32_t)(h ^ h >> 32);
}

struct ledger_entry *
paths_entry(const struct rib_paths *t, struct rib_path p)
{
	return ledger_at(t->rib->source[p.source]->ledger[t->family], p.entry);
}

struct reader
paths_key(const struct rib_paths *t, struct rib_path p)
{
	return ledger_key(t->rib->source[p.source]->ledger[t->family], paths_entry(t, p));
}

uint32_t
paths_id(const struct rib_paths *t, struct rib_path p)
{
	return ledger_path_id(t->rib->source[p.source]->ledger[t->family], paths_entry(t, p));
}

/* --- the lead --- */

static bool
of_lead(const struct rib_paths *t, uint32_t number)
{
	return t->alone || (number >= t->moved && number < t->bound);
}

static bool
is_led(const struct rib_paths *t, uint32_t number)
{
	return of_lead(t, number) && number / 64 < t->led_cap &&
	       (t->led[number / 64] >> number % 64 & 1);
}

static void
set_led(struct rib_paths *t, uint32_t number)
{
	size_t before = t->led_cap;

	t->led = mem_grow(t->led, &t->led_cap, number / 64 + 1u, sizeof *t->led);
	if (t->led_cap > before)
		memset(t->led + before, 0, (t->led_cap - before) * sizeof *t->led);
	t->led[number / 64] |= UINT64_C(1) << number % 64;
	t->led_count++;
	t->count++;
	if (number >= t->used)
		t->used = number + 1;
}

/* With its last path the lead is none any more. */
static void
clear_led(struct rib_paths *t, uint32_t number)
{
	t->led[number / 64] &= ~(UINT64_C(1) << number % 64);
	t->count--;
	if (--t->led_count == 0)
		t->lead = RIB_NOWHERE;
}

/* What the lead says of a key; RIB_NOWHERE: it is no path. */
static uint32_t
find_led(const struct rib_paths *t, struct reader key, uint32_t hash)
{
	struct ledger_walk w = { .hash = hash, .hashed = true };
	const struct ledger_entry *e;
	struct ledger *l;
	uint32_t number;

	if (t->lead == RIB_NOWHERE)
		return RIB_NOWHERE;
	l = t->rib->source[t->lead]->ledger[t->family];
	e = ledger_same(l, 0, key, &w);
	number = e ? ledger_number(l, e) : RIB_NOWHERE;
	return e && is_led(t, number) ? number : RIB_NOWHERE;
}

/* There is no path: the source of the next one is the lead. */
static void
begin_lead(struct rib_paths *t, uint32_t source)
{
	t->used = 0;
	t->free = RIB_NOWHERE;
	t->lead = source;
	t->alone = true;
}

/* Not with several paths of a key: they cannot all be found by its ledger. */
static bool
leads(const struct rib_paths *t, uint32_t source, const struct ledger_entry *e)
{
	return t->alone && t->lead == source &&
	       ledger_path_id(t->rib->source[source]->ledger[t->family], e) == 0;
}

/* --- numbers of the others --- */

static struct rib_path *
place_of(const struct rib_paths *t, uint32_t number)
{
	return &t->page[number / PAGE][number % PAGE];
}

static struct rib_path *
make_place(struct rib_paths *t, uint32_t number)
{
	size_t page = number / PAGE;

	while (t->pages <= page) {
		t->page = mem_grow(t->page, &t->page_cap, t->pages + 1, sizeof *t->page);
		t->page[t->pages++] = NULL;
	}
	if (!t->page[page])
		t->page[page] = mem_alloc(PAGE * sizeof(struct rib_path));
	return place_of(t, number);
}

struct rib_path
paths_at(const struct rib_paths *t, uint32_t number)
{
	return of_lead(t, number) ? (struct rib_path){ t->lead, number } : *place_of(t, number);
}

bool
paths_taken(const struct rib_paths *t, uint32_t number)
{
	if (number >= t->used) /* who walks may have begun before all went and others came */
		return false;
	return of_lead(t, number) ? is_led(t, number) : place_of(t, number)->source != RIB_NOWHERE;
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	const struct rib_paths *t = self;

	return paths_hash(t->family, paths_key(t, *place_of(t, number)));
}

static void
prefetch_number(void *self, uint32_t number)
{
	mem_soon(place_of(self, number));
}

static void
give_number(struct rib_paths *t, uint32_t number)
{
	*make_place(t, number) = (struct rib_path){ RIB_NOWHERE, t->free };
	t->free = number;
}

bool
paths_full(const struct rib_paths *t)
{
	return t->free == RIB_NOWHERE && t->used >= t->most;
}

static uint32_t
take_number(struct rib_paths *t)
{
	uint32_t number = t->free;

	if (number == RIB_NOWHERE)
		return t->used++;
	t->free = place_of(t, number)->entry;
	return number;
}

/* Another source has a path too. */
static void
end_alone(struct rib_paths *t)
{
	t->alone = false;
	t->moved = 0;
	t->bound = t->used;
	if (t->led_count == 0)
		t->lead = RIB_NOWHERE;
}

static void
move_one(struct rib_paths *t, uint32_t number)
{
	struct rib_path p = { t->lead, number };

	if (!is_led(t, number)) {
		t->moved++;
		give_number(t, number);
		return;
	}
	t->moved++;
	*make_place(t, number) = p;
	index_insert(&t->index, paths_hash(t->family, paths_key(t, p)), number);
	t->count++;
	clear_led(t, number);
}

static void
move_some(struct rib_paths *t)
{
	for (unsigned i = 0; i < MOVES && t->moved < t->bound; i++)
		move_one(t, t->moved);
	if (t->moved < t->bound)
		return;
	mem_free(t->led);
	t->led = NULL;
	t->led_cap = 0;
}

/* --- all of them --- */

void
paths_prefetch(const struct rib_paths *t, uint32_t hash)
{
	if (!t->alone)
		index_prefetch(&t->index, hash);
}

void
paths_init(struct rib_paths *t, struct rib *rib, enum family f)
{
	*t = (struct rib_paths){ .rib = rib,
		.family = f,
		.free = RIB_NOWHERE,
		.most = INDEX_NUMBERS,
		.lead = RIB_NOWHERE };
	index_init(&t->index, hash_number, t);
	t->index.soon = prefetch_number;
}

void
paths_fini(struct rib_paths *t)
{
	index_fini(&t->index);
	for (size_t i = 0; i < t->pages; i++)
		mem_free(t->page[i]);
	mem_free(t->page);
	mem_free(t->led);
}

static bool
same(struct reader a, struct reader b)
{
	return a.left == b.left && (a.left == 0 || memcmp(a.at, b.at, a.left) == 0);
}

/* Those of a key, whose hash it is. */
static size_t
find(const struct rib_paths *t, struct reader key, uint32_t hash, uint32_t *number, size_t max)
{
	uint8_t room[NLRI_KEY_MAX], other[NLRI_KEY_MAX];
	struct reader k = identity(t->family, key, room);
	struct index_walk w = { 0 };
	size_t n = 0;

	if (t->count == 0 || max == 0)
		return 0;
	number[0] = find_led(t, key, hash);
	n += number[0] != RIB_NOWHERE;
	while (!t->alone && n < max && index_next(&t->index, hash, &w, &number[n])) {
		struct rib_path p = *place_of(t, number[n]);

		n += same(k, identity(t->family, paths_key(t, p), other));
	}
	return n;
}

size_t
paths_find(const struct rib_paths *t, struct reader key, uint32_t *number, size_t max)
{
	return find(t, key, paths_hash(t->family, key), number, max);
}

bool
paths_first(const struct rib_paths *t, uint32_t number)
{
	static uint32_t same[RIB_CONTENDERS];
	size_t n = paths_find(t, paths_key(t, paths_at(t, number)), same, RIB_CONTENDERS);

	for (size_t i = 0; i < n; i++)
		if (same[i] < number)
			return false;
	return true;
}

/* The number of this very path, or RIB_NOWHERE; *count: how many the key has. */
static uint32_t
own(const struct rib_paths *t, const struct rib_path *wanted, struct reader key, uint32_t hash,
    size_t *count)
{
	static uint32_t found[RIB_CONTENDERS];
	size_t n = find(t, key, hash, found, RIB_CONTENDERS);

	*count = n;
	for (size_t i = 0; i < n; i++) {
		struct rib_path p = paths_at(t, found[i]);

		if (p.source == wanted->source && p.entry == wanted->entry)
			return found[i];
	}
	return RIB_NOWHERE;
}

static uint32_t
add_led(struct rib_paths *t, uint32_t number)
{
	if (!is_led(t, number))
		set_led(t, number);
	return number;
}

uint32_t
paths_add(struct rib_paths *t, uint32_t source, struct ledger_entry *e, uint32_t hash, bool *alone)
{
	struct ledger *l = t->rib->source[source]->ledger[t->family];
	struct reader key = ledger_key(l, e);
	struct rib_path p = { source, ledger_number(l, e) };
	uint32_t number;
	size_t count;

	*alone = true;
	if (t->count == 0)
		begin_lead(t, source);
	if (leads(t, source, e))
		return add_led(t, p.entry);
	if (t->alone)
		end_alone(t);
	move_some(t);
	number = own(t, &p, key, hash, &count);
	*alone = count == (number != RIB_NOWHERE);
	if (number != RIB_NOWHERE || count == RIB_CONTENDERS || paths_full(t))
		return number;
	number = take_number(t);
	*make_place(t, number) = p;
	index_insert(&t->index, hash, number);
	t->count++;
	return number;
}

uint32_t
paths_remove(struct rib_paths *t, uint32_t source, struct ledger_entry *e, uint32_t hash)
{
	struct ledger *l = t->rib->source[source]->ledger[t->family];
	struct reader key = ledger_key(l, e);
	const struct rib_path p = { source, ledger_number(l, e) };
	uint32_t number;
	size_t count;

	if (t->lead == source && is_led(t, p.entry)) {
		clear_led(t, p.entry);
		return p.entry;
	}
	number = own(t, &p, key, hash, &count);
	if (number == RIB_NOWHERE)
		return RIB_NOWHERE;
	index_remove(&t->index, hash, number);
	give_number(t, number);
	t->count--;
	return number;
}
