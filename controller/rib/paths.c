#include "controller/rib/rib_inner.h"
#include <string.h>
#include "common/mem.h"
#include "proto/bgp/nlri.h"

enum { PAGE = 4096 };

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
paths_entry(const struct rib_paths *t, const struct rib_path *p)
{
	return ledger_at(t->rib->source[p->source]->ledger[t->family], p->entry);
}

struct reader
paths_key(const struct rib_paths *t, const struct rib_path *p)
{
	return ledger_key(t->rib->source[p->source]->ledger[t->family], paths_entry(t, p));
}

struct rib_path *
paths_at(const struct rib_paths *t, uint32_t number)
{
	return &t->page[number / PAGE][number % PAGE];
}

bool
paths_taken(const struct rib_paths *t, uint32_t number)
{
	return paths_at(t, number)->source != RIB_NOWHERE;
}

static uint32_t
hash_number(void *self, uint32_t number)
{
	const struct rib_paths *t = self;

	return paths_hash(t->family, paths_key(t, paths_at(t, number)));
}

static void
prefetch_number(void *self, uint32_t number)
{
	mem_soon(paths_at(self, number));
}

void
paths_prefetch(const struct rib_paths *t, uint32_t hash)
{
	index_prefetch(&t->index, hash);
}

void
paths_init(struct rib_paths *t, struct rib *rib, enum family f)
{
	*t = (struct rib_paths){ .rib = rib, .family = f, .free = RIB_NOWHERE };
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

	if (t->count == 0)
		return 0;
	while (n < max && index_next(&t->index, hash, &w, &number[n])) {
		const struct rib_path *p = paths_at(t, number[n]);

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
		const struct rib_path *p = paths_at(t, found[i]);

		if (p->source == wanted->source && p->entry == wanted->entry)
			return found[i];
	}
	return RIB_NOWHERE;
}

static uint32_t
take_number(struct rib_paths *t)
{
	uint32_t number = t->free;

	if (number != RIB_NOWHERE) {
		t->free = paths_at(t, number)->entry;
		return number;
	}
	if (t->used == t->pages * PAGE) {
		t->page = mem_grow(t->page, &t->page_cap, t->pages + 1, sizeof *t->page);
		t->page[t->pages++] = mem_alloc(PAGE * sizeof(struct rib_path));
	}
	return t->used++;
}

uint32_t
paths_add(struct rib_paths *t, uint32_t source, struct ledger_entry *e, uint32_t hash, bool *alone)
{
	struct ledger *l = t->rib->source[source]->ledger[t->family];
	struct reader key = ledger_key(l, e);
	struct rib_path p = { source, ledger_number(l, e) };
	uint32_t number;
	size_t count;

	number = own(t, &p, key, hash, &count);
	*alone = count == (number != RIB_NOWHERE);
	if (number != RIB_NOWHERE || count == RIB_CONTENDERS)
		return number;
	number = take_number(t);
	*paths_at(t, number) = p;
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

	number = own(t, &p, key, hash, &count);
	if (number == RIB_NOWHERE)
		return RIB_NOWHERE;
	index_remove(&t->index, hash, number);
	*paths_at(t, number) = (struct rib_path){ RIB_NOWHERE, t->free };
	t->free = number;
	t->count--;
	return number;
}
