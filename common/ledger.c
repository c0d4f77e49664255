/* The ledger: entries in pages, an index over them, and their order. Readers, barriers and the end of marks
 * are in ledger_reader.c. */
#include "common/ledger_inner.h"
#include <assert.h>
#include <string.h>
#include "common/copy.h"
#include "common/mem.h"

enum { LONG_PAGE = 256, WORD = sizeof(uint32_t) };

struct long_key {
	uint16_t len;
	uint8_t octets[];
};
_Static_assert(LEDGER_KEY_MAX <= UINT16_MAX, "the length of a long key fits");

/* --- keys --- */

static uint8_t *
key_octets(const struct ledger_entry *e)
{
	return (uint8_t *)e + KEY_AT;
}

static uint32_t
long_number(const struct ledger_entry *e)
{
	uint32_t i;

	memcpy(&i, key_octets(e), sizeof i);
	return i;
}

static struct long_key **
long_key(const struct ledger *l, uint32_t i)
{
	return &l->long_page[i / LONG_PAGE][i % LONG_PAGE];
}

static struct reader
key_of(const struct ledger *l, const struct ledger_entry *e)
{
	const uint8_t *key = key_octets(e);
	const struct long_key *k;

	if (kind_of(e) == KEY_LONG) {
		k = *long_key(l, long_number(e));
		return reader_of(k->octets, k->len);
	}
	return reader_of(key, kind_of(e) == KEY_FULL ? l->key_room : key[l->key_room - 1]);
}

static struct reader
identity(const struct ledger *l, struct reader key, uint8_t room[LEDGER_IDENTITY_MAX])
{
	return l->identity ? l->identity(key, room) : key;
}

/* Of an identity. */
static uint32_t
hash_of(const struct ledger *l, uint32_t path_id, struct reader key)
{
	uint64_t h = hash_octets(key.at, key.left);

	if (path_id != 0 && !l->ops->paths_together) {
		/* who says many paths of a key must not choose where they stand */
		uint64_t both[2] = { h, path_id };

		h = hash_octets(both, sizeof both);
	}
	return (uint32_t)(h ^ h >> 32);
}

uint32_t
ledger_hash_number(void *self, uint32_t n)
{
	const struct ledger *l = self;
	const struct ledger_entry *e = slot_at(l, n);
	return ledger_hash(l, path_id_of(l, e), key_of(l, e));
}

static void
prefetch_number(void *self, uint32_t n)
{
	const struct ledger *l = self;
	const struct ledger_entry *e = slot_at(l, n);

	mem_soon(e);
	mem_soon(key_octets(e) + l->key_room - 1);
}

static bool
same(struct reader a, struct reader b)
{
	return a.left == b.left && (a.left == 0 || memcmp(a.at, b.at, a.left) == 0);
}

/* Apart from who calls it, as what else needs room for an identity: most ledgers have no other than the key. */
static __attribute__((noinline)) bool
has_other_identity(const struct ledger *l, const struct ledger_entry *e, struct reader key)
{
	uint8_t room[LEDGER_IDENTITY_MAX];

	return same(l->identity(key_of(l, e), room), key);
}

static inline bool
has_identity(const struct ledger *l, const struct ledger_entry *e, struct reader key)
{
	return l->identity ? has_other_identity(l, e, key) : same(key_of(l, e), key);
}

/* What a long key costs, the allocator's own included. */
static size_t
long_octets(size_t len)
{
	return (sizeof(struct long_key) + len + 8 + 15) / 16 * 16;
}

static uint32_t
take_long(struct ledger *l)
{
	uint32_t i = l->long_free;

	if (i != NONE) {
		l->long_free = (uint32_t)(uintptr_t)*long_key(l, i);
		return i;
	}
	if (l->longs == l->long_pages * LONG_PAGE) {
		l->long_page =
		    mem_grow(l->long_page, &l->long_cap, l->long_pages + 1, sizeof *l->long_page);
		l->long_page[l->long_pages++] = mem_alloc(LONG_PAGE * sizeof **l->long_page);
	}
	return l->longs++;
}

static void
set_long_key(struct ledger *l, struct ledger_entry *e, struct reader key)
{
	struct long_key *k;
	uint32_t i;

	k = mem_alloc(sizeof *k + key.left);
	k->len = (uint16_t)key.left;
	memcpy(k->octets, key.at, key.left);
	i = take_long(l);
	*long_key(l, i) = k;
	memcpy(key_octets(e), &i, sizeof i);
	set_kind(e, KEY_LONG);
	l->long_octets += long_octets(key.left);
}

static inline void
set_key(struct ledger *l, struct ledger_entry *e, struct reader key)
{
	uint8_t *octets = key_octets(e);

	if (key.left > l->key_room) {
		set_long_key(l, e, key);
		return;
	}
	octets[l->key_room - 1] = (uint8_t)key.left;
	copy_few(octets, key.at, key.left);
	set_kind(e, key.left == l->key_room ? KEY_FULL : KEY_SHORT);
}

static void
drop_long(struct ledger *l, uint32_t i)
{
	struct long_key **k = long_key(l, i);

	l->long_octets -= long_octets((*k)->len);
	mem_free(*k);
	*k = (struct long_key *)(uintptr_t)l->long_free;
	l->long_free = i;
}

static void
drop_key(struct ledger *l, struct ledger_entry *e)
{
	if (kind_of(e) == KEY_LONG)
		drop_long(l, long_number(e));
}

/* --- numbers --- */

uint32_t
ledger_number(const struct ledger *l, const struct ledger_entry *e)
{
	/* a neighbour in the list knows it; an entry alone is both ends */
	if (slot_prev(e) != NONE)
		return next_of(l, slot_prev(e));
	return l->head;
}

struct ledger_entry *
ledger_at(const struct ledger *l, uint32_t n)
{
	return slot_at(l, n);
}

static inline uint32_t
take_number(struct ledger *l)
{
	uint32_t n = l->free;

	if (n != NONE) {
		l->free = slot_next(slot_at(l, n));
		return n;
	}
	assert(l->used < INDEX_NUMBERS - 2);
	if (l->used == l->pages * LEDGER_PAGE) {
		l->page = mem_grow(l->page, &l->page_cap, l->pages + 1, sizeof *l->page);
		l->page[l->pages++] = mem_lines((size_t)LEDGER_PAGE * l->slot);
	}
	return l->used++;
}

static void
give_number(struct ledger *l, uint32_t n)
{
	struct ledger_entry *s = slot_at(l, n);

	set_kind(s, KEY_FREE);
	slot_set_next(s, l->free);
	l->free = n;
}

/* --- entries --- */

static inline void
append(struct ledger *l, uint32_t n, struct ledger_entry *e)
{
	slot_set_links(e, l->tail, NONE);
	set_next(l, l->tail, n);
	l->tail = n;
	l->appends++;
}

static void
release(struct ledger *l, struct blob *value, uint32_t audience)
{
	if (value || audience)
		l->ops->release(l->self, value, audience);
}

static void
more_audiences(struct ledger *l, size_t want)
{
	size_t cap = want > 2 * l->audiences ? want : 2 * l->audiences;

	l->count_for = mem_resize(l->count_for, cap * sizeof *l->count_for);
	memset(l->count_for + l->audiences, 0, (cap - l->audiences) * sizeof *l->count_for);
	l->audiences = cap;
}

/* An entry that is no mark comes to an audience, or leaves it. */
static inline void
count(struct ledger *l, uint32_t audience, int by)
{
	l->count += (size_t)by;
	if (l->count > l->peak)
		l->peak = l->count;
	if (!l->ops->by_audience)
		return;
	if (audience >= l->audiences)
		more_audiences(l, audience + 1);
	l->count_for[audience] += (uint32_t)by;
}

void
ledger_destroy(struct ledger *l, uint32_t n)
{
	struct ledger_entry *s = slot_at(l, n);
	struct blob *value = ledger_value(s);
	uint32_t audience = audience_of(l, n, s);

	index_remove(&l->index, ledger_hash_number(l, n), n);
	unlink_node(l, n);
	if (s->mark)
		l->marks--;
	else
		count(l, audience, -1);
	ledger_terms_end(l, n, s);
	drop_key(l, s);
	give_number(l, n);
	release(l, value, audience);
}

struct ledger *
ledger_new(const struct ledger_ops *ops, void *self)
{
	struct ledger *l = mem_zero(sizeof *l);

	l->ops = ops;
	l->self = self;
	l->free = l->head = l->tail = l->other_free = NONE;
	l->generation = 1;
	l->key_room = LEDGER_KEY_INLINE;
	l->slot = SLOT;
	l->long_free = NONE;
	l->spare = LEDGER_MARKS_SPARE;
	l->most = LEDGER_ENTRIES_MOST;
	l->appends = 1; /* 0 is said of a reader that nobody has looked at yet */
	index_init(&l->index, ledger_hash_number, l);
	l->index.soon = prefetch_number;
	index_init(&l->fates, ledger_hash_fate, l);
	ledger_terms_init(l);
	list_init(&l->order);
	list_init(&l->barriers);
	ledger_name(l, &l->reaper, PLACE_REAPER);
	link_before(l, l->reaper.self, NONE);
	return l;
}

/* Neither the index nor the order is kept: that would be most of the work. */
bool
ledger_leave(struct ledger *l, uint32_t *at, unsigned steps)
{
	for (; steps > 0 && *at < l->used; steps--) {
		uint32_t n = (*at)++;
		struct ledger_entry *s = slot_at(l, n);

		if (kind_of(s) == KEY_FREE)
			continue;
		drop_key(l, s);
		set_kind(s, KEY_FREE);
		release(l, ledger_value(s), audience_of(l, n, s));
	}
	if (*at < l->used)
		return false;
	l->used = 0;
	return true;
}

void
ledger_free(struct ledger *l)
{
	if (!l)
		return;
	assert(l->readers == 0 && list_empty(&l->barriers));
	for (uint32_t n = 0; n < l->used; n++) {
		struct ledger_entry *s = slot_at(l, n);

		if (kind_of(s) == KEY_FREE)
			continue;
		drop_key(l, s);
		release(l, ledger_value(s), audience_of(l, n, s));
	}
	for (size_t i = 0; i < l->pages; i++)
		mem_lines_free(l->page[i]);
	mem_free(l->page);
	for (size_t i = 0; i < l->long_pages; i++)
		mem_free(l->long_page[i]);
	mem_free(l->long_page);
	mem_free(l->other);
	mem_free(l->count_for);
	index_fini(&l->index);
	index_fini(&l->fates);
	ledger_terms_fini(l);
	mem_free(l);
}

static inline __attribute__((always_inline)) struct ledger_entry *
next_match(
    struct ledger *l, uint32_t hash, struct index_walk *w, uint32_t path_id, struct reader key)
{
	uint32_t n;

	while (index_next(&l->index, hash, w, &n))
		if (path_id_of(l, slot_at(l, n)) == path_id && has_identity(l, slot_at(l, n), key))
			return slot_at(l, n);
	return NULL;
}

static __attribute__((noinline)) struct ledger_entry *
same_identity(struct ledger *l, uint32_t path_id, struct reader key, struct ledger_walk *w)
{
	uint8_t room[LEDGER_IDENTITY_MAX];

	key = l->identity(key, room);
	if (!w->hashed)
		w->hash = hash_of(l, path_id, key);
	w->hashed = true;
	return next_match(l, w->hash, &w->at, path_id, key);
}

struct ledger_entry *
ledger_same(struct ledger *l, uint32_t path_id, struct reader key, struct ledger_walk *w)
{
	if (l->identity)
		return same_identity(l, path_id, key, w);
	if (!w->hashed)
		w->hash = hash_of(l, path_id, key);
	w->hashed = true;
	return next_match(l, w->hash, &w->at, path_id, key);
}

struct ledger_entry *
ledger_find(struct ledger *l, uint32_t path_id, struct reader key)
{
	struct ledger_walk w = { 0 };

	return ledger_same(l, path_id, key, &w);
}

struct ledger_entry *
ledger_path(struct ledger *l, struct reader key, struct ledger_walk *w)
{
	uint8_t room[LEDGER_IDENTITY_MAX];
	uint32_t n;

	key = identity(l, key, room);
	if (!w->hashed)
		w->hash = hash_of(l, 0, key);
	w->hashed = true;
	while (index_next(&l->index, w->hash, &w->at, &n))
		if (has_identity(l, slot_at(l, n), key))
			return slot_at(l, n);
	return NULL;
}

static __attribute__((noinline)) uint32_t
hash_identity(const struct ledger *l, uint32_t path_id, struct reader key)
{
	uint8_t room[LEDGER_IDENTITY_MAX];

	return hash_of(l, path_id, l->identity(key, room));
}

uint32_t
ledger_hash(const struct ledger *l, uint32_t path_id, struct reader key)
{
	return l->identity ? hash_identity(l, path_id, key) : hash_of(l, path_id, key);
}

static inline __attribute__((always_inline)) uint32_t
make(struct ledger *l, uint32_t hash, uint32_t path_id, struct reader key, uint32_t audience,
    uint32_t owner, uint32_t generation, struct ledger_entry **e)
{
	uint32_t n = take_number(l);
	struct ledger_entry *s = *e = slot_at(l, n);

	assert(key.left <= LEDGER_KEY_MAX);
	memset(s, 0, sizeof *s);
	set_key(l, s, key);
	begin_terms(l, n, s, path_id, audience, owner, generation);
	index_insert(&l->index, hash, n);
	return n;
}

struct ledger_entry *
ledger_put(struct ledger *l, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t audience, uint32_t owner)
{
	struct ledger_walk w = { .hash = ledger_hash(l, path_id, key), .hashed = true };

	return ledger_put_walked(l, &w, path_id, key, value, audience, owner);
}

struct ledger_entry *
ledger_put_walked(struct ledger *l, const struct ledger_walk *w, uint32_t path_id,
    struct reader key, struct blob *value, uint32_t audience, uint32_t owner)
{
	struct ledger_entry *e;
	uint32_t n = make(l, w->hash, path_id, key, audience, owner, l->generation, &e);

	set_value(e, value);
	count(l, audience, 1);
	append(l, n, e);
	ledger_reap_some(l, REAP_MORE);
	return e;
}

void
ledger_change(
    struct ledger *l, struct ledger_entry *e, struct blob *value, uint32_t audience, uint32_t owner)
{
	uint32_t n = ledger_number(l, e), was = audience_of(l, n, e);
	struct blob *old = ledger_value(e);

	ledger_supersede(l, n);
	if (e->mark)
		l->marks--;
	else
		count(l, was, -1);
	count(l, audience, 1);
	set_value(e, value);
	set_terms(l, n, e, audience, owner, l->generation);
	e->mark = 0;
	unlink_node(l, n);
	append(l, n, e);
	release(l, old, was);
	ledger_reap_some(l, REAP_MORE);
}

void
ledger_rewrite(struct ledger *l, struct ledger_entry *e, struct blob *value)
{
	struct blob *old = ledger_value(e);
	uint32_t n = ledger_number(l, e);

	ledger_supersede(l, n);
	set_value(e, value);
	unlink_node(l, n);
	append(l, n, e);
	release(l, old, 0);
	ledger_reap_some(l, REAP_MORE);
}

void
ledger_restate(struct ledger *l, struct ledger_entry *e, uint32_t owner)
{
	set_terms(l, NONE, e, audience_of(l, NONE, e), owner, l->generation);
}

void
ledger_narrow(struct ledger *l, struct ledger_entry *e, uint32_t audience)
{
	uint32_t old = audience_of(l, NONE, e);

	if (!e->mark) {
		count(l, old, -1);
		count(l, audience, 1);
	}
	set_terms(l, NONE, e, audience, ledger_owner(l, e), ledger_said_in(l, e));
	release(l, NULL, old);
}

struct ledger_entry *
ledger_split(struct ledger *l, struct ledger_entry *e, uint32_t audience, uint32_t rest)
{
	uint32_t old = ledger_number(l, e), path_id = path_id_of(l, e);
	struct ledger_entry *part;
	uint32_t n = make(l, ledger_hash(l, path_id, key_of(l, e)), path_id, key_of(l, e), audience,
	    ledger_owner(l, e), ledger_said_in(l, e), &part);

	set_value(part, blob_get(ledger_value(e)));
	part->mark = e->mark;
	if (part->mark)
		l->marks++;
	else
		count(l, audience, 1);
	link_before(l, n, old);
	ledger_narrow(l, e, rest);
	return part;
}

void
ledger_withdraw(struct ledger *l, struct ledger_entry *e, struct blob *value)
{
	uint32_t n = ledger_number(l, e);
	struct blob *old = ledger_value(e);

	ledger_supersede(l, n);
	set_value(e, value);
	release(l, old, 0);
	if (!e->mark) {
		if (l->marks == 0 && !l->passing)
			l->peak = l->count;
		count(l, audience_of(l, n, e), -1);
		if (l->marks++ == 0 && !l->passing)
			ledger_reap_from(l);
	}
	e->mark = 1;
	set_terms(l, n, e, audience_of(l, n, e), terms_of(l, n, e)->owner, l->generation);
	if (l->readers == 0) {
		ledger_destroy(l, n);
		return;
	}
	unlink_node(l, n);
	append(l, n, e);
	ledger_reap_some(l, REAP_MORE);
	ledger_bound_marks(l);
}

void
ledger_drop(struct ledger *l, struct ledger_entry *e)
{
	uint32_t n = ledger_number(l, e);

	ledger_supersede(l, n);
	ledger_destroy(l, n);
}

struct reader
ledger_key(const struct ledger *l, const struct ledger_entry *e)
{
	return key_of(l, e);
}

void
ledger_identity(struct ledger *l, struct reader (*of)(struct reader, uint8_t[LEDGER_IDENTITY_MAX]))
{
	assert(l->used == 0);
	l->identity = of;
}

/* Where in an entry what is. */
static void
lay_out(struct ledger *l, bool paths, bool audiences)
{
	assert(l->used == 0);
	l->slot = l->key_room == LEDGER_KEY_SHORT ? SLOT_SHORT : SLOT;
	l->path_at = paths ? l->slot : 0;
	l->slot += paths ? WORD : 0;
	l->audience_at = audiences ? l->slot : 0;
	l->slot += audiences ? WORD : 0;
}

void
ledger_short(struct ledger *l)
{
	l->key_room = LEDGER_KEY_SHORT;
	lay_out(l, l->path_at != 0, l->audience_at != 0);
}

void
ledger_own_paths(struct ledger *l)
{
	lay_out(l, true, l->audience_at != 0);
}

void
ledger_own_audiences(struct ledger *l)
{
	lay_out(l, l->path_at != 0, true);
}

bool
ledger_spelt(const struct ledger *l, const struct ledger_entry *e, struct reader key)
{
	return !l->identity || reader_equal(key_of(l, e), key);
}

void
ledger_spell(struct ledger *l, struct ledger_entry *e, struct reader key)
{
	struct ledger_entry old = *e;

	if (ledger_spelt(l, e, key))
		return;
	assert(key.left <= LEDGER_KEY_MAX);
	set_key(l, e, key);
	drop_key(l, &old);
}

size_t
ledger_count(const struct ledger *l)
{
	return l->count;
}

size_t
ledger_marks(const struct ledger *l)
{
	return l->marks;
}

bool
ledger_crowded(const struct ledger *l)
{
	return l->marks > (l->peak + l->spare) / 2;
}

void
ledger_spare(struct ledger *l, size_t marks)
{
	l->spare = marks;
}

bool
ledger_has_room_for_mark(struct ledger *l)
{
	if (l->count + l->marks > 2 * l->most + LEDGER_MARKS_SPARE)
		ledger_bound_marks(l);
	return l->count + l->marks < INDEX_NUMBERS - 2;
}

bool
ledger_has_room(struct ledger *l)
{
	return l->count < l->most && ledger_has_room_for_mark(l);
}

void
ledger_most(struct ledger *l, size_t entries)
{
	l->most = entries;
}

size_t
ledger_count_for(const struct ledger *l, uint32_t audience)
{
	return audience < l->audiences ? l->count_for[audience] : 0;
}

size_t
ledger_audiences(const struct ledger *l)
{
	return l->audiences;
}

size_t
ledger_octets(const struct ledger *l)
{
	return l->pages * LEDGER_PAGE * l->slot + index_octets(&l->index) + l->long_octets +
	       l->audiences * sizeof *l->count_for + ledger_terms_octets(l);
}

void
ledger_prefetch(const struct ledger *l, uint32_t path_id, struct reader key)
{
	index_prefetch(&l->index, ledger_hash(l, path_id, key));
}

void
ledger_prefetch_hash(const struct ledger *l, uint32_t hash)
{
	index_prefetch(&l->index, hash);
}

/* --- generations --- */

uint32_t
ledger_begin(struct ledger *l)
{
	return ++l->generation;
}

uint32_t
ledger_generation(const struct ledger *l)
{
	return l->generation;
}

bool
ledger_visit(struct ledger *l, uint32_t *at, unsigned steps,
    void (*visit)(void *arg, struct ledger *, struct ledger_entry *), void *arg)
{
	for (; steps > 0 && *at < l->used; steps--) {
		struct ledger_entry *s = slot_at(l, (*at)++);

		if (kind_of(s) != KEY_FREE)
			visit(arg, l, s);
	}
	return *at >= l->used;
}

bool
ledger_sweep(struct ledger *l, uint32_t *at, unsigned steps, uint32_t owner, uint32_t generation,
    void (*stale)(void *arg, struct ledger *, struct ledger_entry *), void *arg)
{
	for (; steps > 0 && *at < l->used; steps--) {
		uint32_t n = (*at)++;
		struct ledger_entry *e = slot_at(l, n);
		const struct terms *t;

		if (kind_of(e) == KEY_FREE || e->mark)
			continue;
		t = terms_of(l, n, e);
		if (t->generation < generation && (owner == LEDGER_ANY || t->owner == owner))
			stale(arg, l, e);
	}
	return *at >= l->used;
}
