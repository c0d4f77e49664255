/* The ledger: entries in pages, an index over them, and their order. Readers, barriers and the end of marks
 * are in ledger_reader.c. */
#include "common/ledger_inner.h"
#include <assert.h>
#include <string.h>
#include "common/mem.h"

struct long_key {
	uint16_t len;
	uint8_t octets[];
};
enum {
	LONG_HASH = sizeof(struct long_key *)
}; /* behind the pointer: nobody has to follow it to move a slot */
_Static_assert(
    LONG_HASH + sizeof(uint32_t) <= INLINE_KEY, "a pointer and a hash stand where a key would");
_Static_assert(LEDGER_KEY_MAX <= UINT16_MAX, "the length of a long key fits");

/* --- keys --- */

static struct long_key *
long_key(const struct slot *s)
{
	struct long_key *k;

	memcpy(&k, s->key, sizeof k);
	return k;
}

static struct reader
key_of(const struct slot *s)
{
	if (kind_of(s) == KEY_LONG)
		return reader_of(long_key(s)->octets, long_key(s)->len);
	return reader_of(s->key, kind_of(s) == KEY_FULL ? INLINE_KEY : s->key[INLINE_KEY - 1]);
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

	if (!l->ops->paths_together)
		h ^= path_id * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(h ^ h >> 32);
}

static uint32_t
hash_number(void *self, uint32_t n)
{
	const struct ledger *l = self;
	const struct slot *s = slot_at(l, n);
	uint8_t room[LEDGER_IDENTITY_MAX];
	uint32_t hash;

	if (kind_of(s) != KEY_LONG)
		return hash_of(l, s->entry.path_id, identity(l, key_of(s), room));
	memcpy(&hash, s->key + LONG_HASH, sizeof hash);
	return hash;
}

static void
prefetch_number(void *self, uint32_t n)
{
	const struct slot *s = slot_at(self, n);

	__builtin_prefetch(s);
	__builtin_prefetch(&s->key[INLINE_KEY - 1]);
}

static bool
has_identity(const struct ledger *l, const struct slot *s, struct reader key)
{
	uint8_t room[LEDGER_IDENTITY_MAX];
	struct reader k = identity(l, key_of(s), room);

	return k.left == key.left && (k.left == 0 || memcmp(k.at, key.at, k.left) == 0);
}

/* What a long key costs, the allocator's own included. */
static size_t
long_octets(size_t len)
{
	return (sizeof(struct long_key) + len + 8 + 15) / 16 * 16;
}

static void
set_key(struct ledger *l, struct slot *s, struct reader key, uint32_t hash)
{
	struct long_key *k;

	if (key.left <= INLINE_KEY) {
		s->key[INLINE_KEY - 1] = (uint8_t)key.left;
		if (key.left > 0)
			memcpy(s->key, key.at, key.left);
		set_kind(s, key.left == INLINE_KEY ? KEY_FULL : KEY_SHORT);
		return;
	}
	k = mem_alloc(sizeof *k + key.left);
	k->len = (uint16_t)key.left;
	memcpy(k->octets, key.at, key.left);
	memcpy(s->key, &k, sizeof k);
	memcpy(s->key + LONG_HASH, &hash, sizeof hash);
	set_kind(s, KEY_LONG);
	l->long_octets += long_octets(key.left);
}

static void
drop_key(struct ledger *l, struct slot *s)
{
	if (kind_of(s) != KEY_LONG)
		return;
	l->long_octets -= long_octets(long_key(s)->len);
	mem_free(long_key(s));
}

/* --- numbers --- */

uint32_t
ledger_number(const struct ledger *l, const struct ledger_entry *e)
{
	const struct slot *s = (const struct slot *)e;

	/* a neighbour in the list knows it; an entry alone is both ends */
	if (slot_prev(s) != NONE)
		return next_of(l, slot_prev(s));
	return l->head;
}

struct ledger_entry *
ledger_at(const struct ledger *l, uint32_t n)
{
	return &slot_at(l, n)->entry;
}

static uint32_t
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
		l->page[l->pages++] = mem_alloc(LEDGER_PAGE * sizeof(struct slot));
	}
	return l->used++;
}

static void
give_number(struct ledger *l, uint32_t n)
{
	struct slot *s = slot_at(l, n);

	set_kind(s, KEY_FREE);
	slot_set_next(s, l->free);
	l->free = n;
}

/* --- entries --- */

static void
append(struct ledger *l, uint32_t n)
{
	link_before(l, n, NONE);
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
static void
count(struct ledger *l, uint32_t audience, int by)
{
	l->count += (size_t)by;
	if (!l->ops->by_audience)
		return;
	if (audience >= l->audiences)
		more_audiences(l, audience + 1);
	l->count_for[audience] += (uint32_t)by;
}

void
ledger_destroy(struct ledger *l, uint32_t n)
{
	struct slot *s = slot_at(l, n);
	struct ledger_entry e = s->entry;

	index_remove(&l->index, hash_number(l, n), n);
	unlink_node(l, n);
	if (e.mark)
		l->marks--;
	else
		count(l, e.audience, -1);
	drop_key(l, s);
	give_number(l, n);
	release(l, e.value, e.audience);
}

struct ledger *
ledger_new(const struct ledger_ops *ops, void *self)
{
	struct ledger *l = mem_zero(sizeof *l);

	l->ops = ops;
	l->self = self;
	l->free = l->head = l->tail = l->other_free = NONE;
	l->generation = 1;
	l->appends = 1; /* 0 is said of a reader that nobody has looked at yet */
	index_init(&l->index, hash_number, l);
	l->index.soon = prefetch_number;
	index_init(&l->fates, ledger_hash_fate, l);
	list_init(&l->order);
	list_init(&l->barriers);
	ledger_name(l, &l->reaper, PLACE_REAPER);
	link_before(l, l->reaper.self, NONE);
	return l;
}

void
ledger_free(struct ledger *l)
{
	if (!l)
		return;
	assert(l->readers == 0 && list_empty(&l->barriers));
	for (uint32_t n = 0; n < l->used; n++) {
		struct slot *s = slot_at(l, n);

		if (kind_of(s) == KEY_FREE)
			continue;
		drop_key(l, s);
		release(l, s->entry.value, s->entry.audience);
	}
	for (size_t i = 0; i < l->pages; i++)
		mem_free(l->page[i]);
	mem_free(l->page);
	mem_free(l->other);
	mem_free(l->count_for);
	index_fini(&l->index);
	index_fini(&l->fates);
	mem_free(l);
}

static struct ledger_entry *
next_match(
    struct ledger *l, uint32_t hash, struct index_walk *w, uint32_t path_id, struct reader key)
{
	uint32_t n;

	while (index_next(&l->index, hash, w, &n))
		if (slot_at(l, n)->entry.path_id == path_id && has_identity(l, slot_at(l, n), key))
			return &slot_at(l, n)->entry;
	return NULL;
}

struct ledger_entry *
ledger_same(struct ledger *l, uint32_t path_id, struct reader key, struct ledger_walk *w)
{
	uint8_t room[LEDGER_IDENTITY_MAX];

	key = identity(l, key, room);
	return next_match(l, hash_of(l, path_id, key), &w->at, path_id, key);
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
	while (index_next(&l->index, hash_of(l, 0, key), &w->at, &n))
		if (has_identity(l, slot_at(l, n), key))
			return &slot_at(l, n)->entry;
	return NULL;
}

static uint32_t
make(struct ledger *l, uint32_t path_id, struct reader key)
{
	uint8_t room[LEDGER_IDENTITY_MAX];
	uint32_t n = take_number(l), hash = hash_of(l, path_id, identity(l, key, room));
	struct slot *s = slot_at(l, n);

	assert(key.left <= LEDGER_KEY_MAX);
	memset(s, 0, sizeof *s);
	s->entry.path_id = path_id;
	s->entry.generation = l->generation;
	set_key(l, s, key, hash);
	index_insert(&l->index, hash, n);
	return n;
}

struct ledger_entry *
ledger_put(struct ledger *l, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t audience, uint32_t owner)
{
	uint32_t n = make(l, path_id, key);
	struct ledger_entry *e = &slot_at(l, n)->entry;

	e->value = value;
	e->audience = audience;
	e->owner = owner & 0x7fffffff;
	count(l, audience, 1);
	append(l, n);
	ledger_reap_some(l, REAP_MORE);
	return e;
}

void
ledger_change(
    struct ledger *l, struct ledger_entry *e, struct blob *value, uint32_t audience, uint32_t owner)
{
	uint32_t n = ledger_number(l, e);
	struct ledger_entry old = *e;

	ledger_supersede(l, n);
	if (old.mark)
		l->marks--;
	else
		count(l, old.audience, -1);
	count(l, audience, 1);
	e->value = value;
	e->audience = audience;
	e->owner = owner & 0x7fffffff;
	e->mark = 0;
	e->generation = l->generation;
	unlink_node(l, n);
	append(l, n);
	release(l, old.value, old.audience);
	ledger_reap_some(l, REAP_MORE);
}

void
ledger_rewrite(struct ledger *l, struct ledger_entry *e, struct blob *value)
{
	struct blob *old = e->value;
	uint32_t n = ledger_number(l, e);

	ledger_supersede(l, n);
	e->value = value;
	unlink_node(l, n);
	append(l, n);
	release(l, old, 0);
	ledger_reap_some(l, REAP_MORE);
}

void
ledger_restate(struct ledger *l, struct ledger_entry *e, uint32_t owner)
{
	e->generation = l->generation;
	e->owner = owner & 0x7fffffff;
}

void
ledger_narrow(struct ledger *l, struct ledger_entry *e, uint32_t audience)
{
	uint32_t old = e->audience;

	if (!e->mark) {
		count(l, old, -1);
		count(l, audience, 1);
	}
	e->audience = audience;
	release(l, NULL, old);
}

struct ledger_entry *
ledger_split(struct ledger *l, struct ledger_entry *e, uint32_t audience, uint32_t rest)
{
	uint32_t old = ledger_number(l, e), n = make(l, e->path_id, key_of((struct slot *)e));
	struct ledger_entry *part = &slot_at(l, n)->entry;

	part->value = blob_get(e->value);
	part->audience = audience;
	part->owner = e->owner;
	part->generation = e->generation;
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
	struct blob *old = e->value;

	ledger_supersede(l, n);
	e->value = value;
	release(l, old, 0);
	if (!e->mark) {
		count(l, e->audience, -1);
		l->marks++;
	}
	e->mark = 1;
	e->generation = l->generation;
	if (l->readers == 0) {
		ledger_destroy(l, n);
		return;
	}
	unlink_node(l, n);
	append(l, n);
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
	(void)l;
	return key_of((const struct slot *)e);
}

void
ledger_identity(struct ledger *l, struct reader (*of)(struct reader, uint8_t[LEDGER_IDENTITY_MAX]))
{
	assert(l->used == 0);
	l->identity = of;
}

bool
ledger_spelt(const struct ledger *l, const struct ledger_entry *e, struct reader key)
{
	return !l->identity || reader_equal(key_of((const struct slot *)e), key);
}

void
ledger_spell(struct ledger *l, struct ledger_entry *e, struct reader key)
{
	struct slot *s = (struct slot *)e, old = *s;
	uint8_t room[LEDGER_IDENTITY_MAX];

	if (ledger_spelt(l, e, key))
		return;
	assert(key.left <= LEDGER_KEY_MAX);
	set_key(l, s, key, hash_of(l, e->path_id, identity(l, key, room)));
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
	return l->pages * LEDGER_PAGE * sizeof(struct slot) + index_octets(&l->index) +
	       l->long_octets + l->audiences * sizeof *l->count_for;
}

void
ledger_prefetch(const struct ledger *l, uint32_t path_id, struct reader key)
{
	uint8_t room[LEDGER_IDENTITY_MAX];

	index_prefetch(&l->index, hash_of(l, path_id, identity(l, key, room)));
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
		struct slot *s = slot_at(l, (*at)++);

		if (kind_of(s) != KEY_FREE)
			visit(arg, l, &s->entry);
	}
	return *at >= l->used;
}

bool
ledger_sweep(struct ledger *l, uint32_t *at, unsigned steps, uint32_t owner, uint32_t generation,
    void (*stale)(void *arg, struct ledger *, struct ledger_entry *), void *arg)
{
	for (; steps > 0 && *at < l->used; steps--) {
		struct slot *s = slot_at(l, (*at)++);
		struct ledger_entry *e = &s->entry;

		if (kind_of(s) != KEY_FREE && !e->mark && e->generation < generation &&
		    (owner == LEDGER_ANY || e->owner == owner))
			stale(arg, l, e);
	}
	return *at >= l->used;
}
