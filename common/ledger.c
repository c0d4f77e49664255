/* The ledger: entries in pages, an index over them, and one list through entries, readers and barriers.
 *
 * List nodes are named by 32 bits: an entry's number, or OTHER and a place in the table of readers and
 * barriers. Readers also stand in a list of their own, rearmost first: a reader that walks past another
 * changes places with it there, so the rearmost is always known. The reaper is a reader without a party; it
 * goes behind all others, and what it passes everybody has passed: marks end there, and barriers for all. */
#include "common/ledger.h"
#include <assert.h>
#include <string.h>
#include "common/index.h"
#include "common/list.h"
#include "common/mem.h"

enum {
	PAGE = 1024,
	INLINE_KEY = 15,
	KEY_LONG = 0xfe,    /* held separately: a struct long_key at the pointer in `key` */
	KEY_FREE = 0xff,    /* no entry: `next` is the next free number */
	REAP_STEPS = 3,
	NONE = 0xffffffff,
	OTHER = 0x80000000
};

struct slot {
	struct ledger_entry entry; /* first: the public part */
	uint32_t prev, next;
	uint8_t key_len;
	uint8_t key[INLINE_KEY];
};
_Static_assert(sizeof(struct slot) == 48, "an entry and its share of the index stay below 64 octets");

struct long_key {
	size_t len;
	uint8_t octets[];
};

enum place_kind { PLACE_READER, PLACE_PROXY, PLACE_BARRIER };

/* What readers and barriers have in common. */
struct other {
	enum place_kind kind;
	uint32_t self, prev, next;
};

/* A reader that was put at the head wants a snapshot: marks that were there before are nothing to it. So its
 * place among the readers is not that of its cursor but of a proxy, put where the tail was; when the cursor
 * comes there, the proxy goes. */
struct ledger_reader {
	struct other node;  /* first */
	struct other proxy;
	bool proxied;
	struct ledger *ledger;
	void *party;
	struct list order;  /* rearmost first: the proxy's place while there is one */
	uint64_t live_at;   /* ledger.appends when it was seen to be live */
	uint64_t barred_at; /* see ledger_reader_beside */
	unsigned barriers;  /* bound to it, not fired */
};

struct ledger_barrier {
	struct other node; /* first */
	struct list link;
	struct ledger_reader *reader; /* NULL: all */
	uint32_t entry;               /* whose fate is asked for; NONE */
	bool superseded;
	const struct ledger_barrier_ops *ops;
	void *arg;
};

struct ledger {
	const struct ledger_ops *ops;
	void *self;
	struct slot **page;
	size_t pages, page_cap;
	uint32_t used, free;        /* numbers ever given; the first free one */
	size_t count, marks, long_octets;
	struct index index;
	uint32_t head, tail;
	uint64_t appends, asked;
	uint32_t generation;
	struct other **other;
	size_t others, other_cap, other_free; /* no free place below other_free */
	struct list order;          /* readers, rearmost first */
	size_t readers;             /* without the reaper */
	struct ledger_reader reaper;
	struct list barriers;
};

/* --- nodes and the list --- */

static struct slot *
slot_at(const struct ledger *l, uint32_t n)
{
	return &l->page[n / PAGE][n % PAGE];
}

static bool
is_entry(uint32_t n)
{
	return n < OTHER;
}

static struct other *
other_at(const struct ledger *l, uint32_t n)
{
	return l->other[n & ~(uint32_t)OTHER];
}

static uint32_t *
next_of(const struct ledger *l, uint32_t n)
{
	return is_entry(n) ? &slot_at(l, n)->next : &other_at(l, n)->next;
}

static uint32_t *
prev_of(const struct ledger *l, uint32_t n)
{
	return is_entry(n) ? &slot_at(l, n)->prev : &other_at(l, n)->prev;
}

static void
unlink_node(struct ledger *l, uint32_t n)
{
	uint32_t prev = *prev_of(l, n), next = *next_of(l, n);

	if (prev == NONE)
		l->head = next;
	else
		*next_of(l, prev) = next;
	if (next == NONE)
		l->tail = prev;
	else
		*prev_of(l, next) = prev;
}

/* In front of `next` (NONE: at the tail). */
static void
link_before(struct ledger *l, uint32_t n, uint32_t next)
{
	uint32_t prev = next == NONE ? l->tail : *prev_of(l, next);

	*prev_of(l, n) = prev;
	*next_of(l, n) = next;
	if (prev == NONE)
		l->head = n;
	else
		*next_of(l, prev) = n;
	if (next == NONE)
		l->tail = n;
	else
		*prev_of(l, next) = n;
}

static void
append(struct ledger *l, uint32_t n)
{
	link_before(l, n, NONE);
	l->appends++;
}

static uint32_t
name_other(struct ledger *l, struct other *o, enum place_kind kind)
{
	size_t i = l->other_free;

	while (i < l->others && l->other[i])
		i++;
	l->other_free = i + 1;
	if (i == l->others) {
		l->other = mem_grow(l->other, &l->other_cap, l->others + 1, sizeof *l->other);
		l->others++;
	}
	l->other[i] = o;
	o->kind = kind;
	o->self = OTHER | (uint32_t)i;
	return o->self;
}

static void
unname_other(struct ledger *l, struct other *o)
{
	size_t i = o->self & ~(uint32_t)OTHER;

	l->other[i] = NULL;
	if (i < l->other_free)
		l->other_free = i;
	while (l->others > 0 && !l->other[l->others - 1])
		l->others--;
}

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
	if (s->key_len == KEY_LONG)
		return reader_of(long_key(s)->octets, long_key(s)->len);
	return reader_of(s->key, s->key_len);
}

static uint32_t
hash_of(uint32_t path_id, struct reader key)
{
	uint64_t h = hash_octets(key.at, key.left) ^ path_id * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(h ^ h >> 32);
}

static uint32_t
hash_number(void *self, uint32_t n)
{
	const struct slot *s = slot_at(self, n);

	return hash_of(s->entry.path_id, key_of(s));
}

static bool
has_key(const struct slot *s, uint32_t path_id, struct reader key)
{
	struct reader k = key_of(s);

	return s->entry.path_id == path_id && k.left == key.left && memcmp(k.at, key.at, k.left) == 0;
}

static void
set_key(struct ledger *l, struct slot *s, struct reader key)
{
	struct long_key *k;

	if (key.left <= INLINE_KEY) {
		s->key_len = (uint8_t)key.left;
		if (key.left > 0)
			memcpy(s->key, key.at, key.left);
		return;
	}
	k = mem_alloc(sizeof *k + key.left);
	k->len = key.left;
	memcpy(k->octets, key.at, key.left);
	memcpy(s->key, &k, sizeof k);
	s->key_len = KEY_LONG;
	l->long_octets += sizeof *k + key.left;
}

static void
drop_key(struct ledger *l, struct slot *s)
{
	if (s->key_len != KEY_LONG)
		return;
	l->long_octets -= sizeof(struct long_key) + long_key(s)->len;
	mem_free(long_key(s));
}

/* --- numbers --- */

static uint32_t
number_of(const struct ledger *l, const struct ledger_entry *e)
{
	const struct slot *s = (const struct slot *)e;

	/* a neighbour in the list knows it; an entry alone is both ends */
	if (s->prev != NONE)
		return *next_of(l, s->prev);
	return l->head;
}

static uint32_t
take_number(struct ledger *l)
{
	uint32_t n = l->free;

	if (n != NONE) {
		l->free = slot_at(l, n)->next;
		return n;
	}
	assert(l->used < INDEX_NUMBERS - 2);
	if (l->used == l->pages * PAGE) {
		l->page = mem_grow(l->page, &l->page_cap, l->pages + 1, sizeof *l->page);
		l->page[l->pages++] = mem_alloc(PAGE * sizeof(struct slot));
	}
	return l->used++;
}

static void
give_number(struct ledger *l, uint32_t n)
{
	struct slot *s = slot_at(l, n);

	s->key_len = KEY_FREE;
	s->next = l->free;
	l->free = n;
}

/* --- barriers --- */

static void
fire(struct ledger *l, struct ledger_barrier *b, bool closed)
{
	const struct ledger_barrier_ops *ops = b->ops;
	void *arg = b->arg;
	bool superseded = b->superseded;

	if (b->reader)
		b->reader->barriers--;
	unlink_node(l, b->node.self);
	unname_other(l, &b->node);
	list_remove(&b->link);
	mem_free(b);
	ops->fire(arg, superseded, closed);
}

/* Entry n says something else now, or is gone. */
static void
supersede(struct ledger *l, uint32_t n)
{
	LIST_EACH(link, &l->barriers) {
		struct ledger_barrier *b = LIST_ENTRY(link, struct ledger_barrier, link);

		if (b->entry == n) {
			b->superseded = true;
			b->entry = NONE;
		}
	}
}

static struct ledger_reader *
reader_at(const struct ledger *l, uint32_t n)
{
	struct other *o = other_at(l, n);

	return o->kind == PLACE_READER ? (struct ledger_reader *)o : NULL;
}

/* The reader whose place among the readers is at node n. */
static struct ledger_reader *
place_at(const struct ledger *l, uint32_t n)
{
	struct other *o = is_entry(n) ? NULL : other_at(l, n);

	if (o && o->kind == PLACE_PROXY)
		return (struct ledger_reader *)(void *)((char *)o - offsetof(struct ledger_reader, proxy));
	if (o && o->kind == PLACE_READER && !((struct ledger_reader *)o)->proxied)
		return (struct ledger_reader *)o;
	return NULL;
}

static struct ledger_barrier *
barrier_at(const struct ledger *l, uint32_t n)
{
	struct other *o = other_at(l, n);

	return o->kind == PLACE_BARRIER ? (struct ledger_barrier *)o : NULL;
}

/* --- entries --- */

static void
release(struct ledger *l, struct blob *value, uint32_t audience)
{
	if (value || audience)
		l->ops->release(l->self, value, audience);
}

/* Out of the list and the index, its shares given back. */
static void
destroy(struct ledger *l, uint32_t n)
{
	struct slot *s = slot_at(l, n);
	struct ledger_entry e = s->entry;

	supersede(l, n);
	index_remove(&l->index, hash_number(l, n), n);
	unlink_node(l, n);
	if (e.mark)
		l->marks--;
	else
		l->count--;
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
	l->free = l->head = l->tail = NONE;
	l->generation = 1;
	index_init(&l->index, hash_number, l);
	list_init(&l->order);
	list_init(&l->barriers);
	l->reaper.ledger = l;
	link_before(l, name_other(l, &l->reaper.node, PLACE_READER), NONE);
	list_add(&l->order, &l->reaper.order);
	return l;
}

void
ledger_free(struct ledger *l)
{
	if (!l)
		return;
	assert(l->readers == 0);
	LIST_EACH(link, &l->barriers)
		fire(l, LIST_ENTRY(link, struct ledger_barrier, link), true);
	for (uint32_t n = 0; n < l->used; n++) {
		struct slot *s = slot_at(l, n);

		if (s->key_len == KEY_FREE)
			continue;
		drop_key(l, s);
		release(l, s->entry.value, s->entry.audience);
	}
	for (size_t i = 0; i < l->pages; i++)
		mem_free(l->page[i]);
	mem_free(l->page);
	mem_free(l->other);
	index_fini(&l->index);
	mem_free(l);
}

static struct ledger_entry *
next_match(struct ledger *l, uint32_t hash, struct index_walk *w, uint32_t path_id, struct reader key)
{
	uint32_t n;

	while (index_next(&l->index, hash, w, &n))
		if (has_key(slot_at(l, n), path_id, key))
			return &slot_at(l, n)->entry;
	return NULL;
}

struct ledger_entry *
ledger_find(struct ledger *l, uint32_t path_id, struct reader key)
{
	struct index_walk w = { 0 };

	return next_match(l, hash_of(path_id, key), &w, path_id, key);
}

struct ledger_entry *
ledger_same(struct ledger *l, struct ledger_entry *e)
{
	struct reader key = key_of((struct slot *)e);
	uint32_t hash = hash_of(e->path_id, key);
	struct index_walk w = { 0 };
	struct ledger_entry *at;

	do
		at = next_match(l, hash, &w, e->path_id, key);
	while (at && at != e);
	return at ? next_match(l, hash, &w, e->path_id, key) : NULL;
}

static uint32_t
make(struct ledger *l, uint32_t path_id, struct reader key)
{
	uint32_t n = take_number(l);
	struct slot *s = slot_at(l, n);

	assert(key.left <= LEDGER_KEY_MAX);
	memset(s, 0, sizeof *s);
	s->entry.path_id = path_id;
	s->entry.generation = l->generation;
	set_key(l, s, key);
	index_insert(&l->index, hash_of(path_id, key), n);
	l->count++;
	return n;
}

struct ledger_entry *
ledger_put(struct ledger *l, uint32_t path_id, struct reader key, struct blob *value, uint32_t audience,
    uint32_t owner)
{
	uint32_t n = make(l, path_id, key);
	struct ledger_entry *e = &slot_at(l, n)->entry;

	e->value = value;
	e->audience = audience;
	e->owner = owner & 0x7fffffff;
	append(l, n);
	ledger_reap(l, REAP_STEPS);
	return e;
}

void
ledger_change(struct ledger *l, struct ledger_entry *e, struct blob *value, uint32_t audience,
    uint32_t owner)
{
	uint32_t n = number_of(l, e);
	struct ledger_entry old = *e;

	supersede(l, n);
	if (old.mark) {
		l->marks--;
		l->count++;
	}
	e->value = value;
	e->audience = audience;
	e->owner = owner & 0x7fffffff;
	e->mark = 0;
	e->generation = l->generation;
	unlink_node(l, n);
	append(l, n);
	release(l, old.value, old.audience);
	ledger_reap(l, REAP_STEPS);
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

	e->audience = audience;
	release(l, NULL, old);
}

struct ledger_entry *
ledger_split(struct ledger *l, struct ledger_entry *e, uint32_t audience, uint32_t rest)
{
	uint32_t old = number_of(l, e), n = make(l, e->path_id, key_of((struct slot *)e));
	struct ledger_entry *part = &slot_at(l, n)->entry;

	part->value = blob_get(e->value);
	part->audience = audience;
	part->owner = e->owner;
	part->generation = e->generation;
	part->mark = e->mark;
	if (part->mark) {
		l->count--;
		l->marks++;
	}
	link_before(l, n, old);
	ledger_narrow(l, e, rest);
	return part;
}

/* Marks pile up because somebody is far behind. */
static void
bound_marks(struct ledger *l)
{
	while (l->marks > l->count + LEDGER_MARKS_SPARE) {
		struct ledger_reader *rear = LIST_ENTRY(l->order.next, struct ledger_reader, order);

		if (rear == &l->reaper) {
			if (ledger_reap(l, 64))
				return;
		} else {
			l->ops->overrun(l->self, rear);
		}
	}
}

void
ledger_withdraw(struct ledger *l, struct ledger_entry *e, struct blob *value)
{
	uint32_t n = number_of(l, e);
	struct blob *old = e->value;

	supersede(l, n);
	e->value = value;
	release(l, old, 0);
	if (!e->mark) {
		l->count--;
		l->marks++;
	}
	e->mark = 1;
	e->generation = l->generation;
	if (l->readers == 0) {
		destroy(l, n);
		return;
	}
	unlink_node(l, n);
	append(l, n);
	ledger_reap(l, REAP_STEPS);
	bound_marks(l);
}

void
ledger_drop(struct ledger *l, struct ledger_entry *e)
{
	destroy(l, number_of(l, e));
}

struct reader
ledger_key(const struct ledger *l, const struct ledger_entry *e)
{
	(void)l;
	return key_of((const struct slot *)e);
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
ledger_octets(const struct ledger *l)
{
	return l->pages * PAGE * sizeof(struct slot) + index_octets(&l->index) + l->long_octets;
}

void
ledger_prefetch(const struct ledger *l, uint32_t path_id, struct reader key)
{
	index_prefetch(&l->index, hash_of(path_id, key));
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

		if (s->key_len != KEY_FREE)
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

		if (s->key_len != KEY_FREE && !e->mark && e->generation < generation &&
		    (owner == LEDGER_ANY || e->owner == owner))
			stale(arg, l, e);
	}
	return *at >= l->used;
}

/* --- readers --- */

static void
remove_proxy(struct ledger *l, struct ledger_reader *r)
{
	if (!r->proxied)
		return;
	unlink_node(l, r->proxy.self);
	unname_other(l, &r->proxy);
	r->proxied = false;
}

/* A reader goes on past node n: whose place that is, stays behind. */
static void
overtake(struct ledger *l, struct ledger_reader *r, uint32_t n)
{
	struct ledger_reader *x = place_at(l, n);

	if (x == r) {
		remove_proxy(l, r);
	} else if (x && !r->proxied) {
		list_remove(&r->order);
		list_add(x->order.next, &r->order);
	}
}

/* Move to right behind node `n`, which is the one in front of it. */
static void
step_over(struct ledger *l, struct ledger_reader *r, uint32_t n)
{
	uint32_t self = r->node.self;

	if (n == r->proxy.self && r->proxied) {
		remove_proxy(l, r);
		return;
	}
	overtake(l, r, n);
	unlink_node(l, self);
	link_before(l, self, *next_of(l, n));
	if (*next_of(l, self) == NONE)
		r->live_at = l->appends;
}

/* The cursor goes to the head, its place among the readers to the tail. */
static void
put_at_head(struct ledger *l, struct ledger_reader *r)
{
	link_before(l, r->node.self, l->head);
	link_before(l, name_other(l, &r->proxy, PLACE_PROXY), NONE);
	r->proxied = true;
	list_add(&l->order, &r->order);
	r->live_at = 0;
}

struct ledger_reader *
ledger_reader_open(struct ledger *l, void *party, bool at_head)
{
	struct ledger_reader *r = mem_zero(sizeof *r);

	r->ledger = l;
	r->party = party;
	list_init(&r->order);
	name_other(l, &r->node, PLACE_READER);
	if (at_head) {
		put_at_head(l, r);
	} else {
		link_before(l, r->node.self, NONE);
		list_add(&l->order, &r->order);
	}
	l->readers++;
	return r;
}

static void
fire_all_of(struct ledger *l, struct ledger_reader *r)
{
	while (r->barriers > 0) {
		LIST_EACH(link, &l->barriers) {
			struct ledger_barrier *b = LIST_ENTRY(link, struct ledger_barrier, link);

			if (b->reader == r) {
				fire(l, b, true);
				break;
			}
		}
	}
}

void
ledger_reader_close(struct ledger_reader *r)
{
	struct ledger *l;

	if (!r)
		return;
	l = r->ledger;
	fire_all_of(l, r);
	remove_proxy(l, r);
	unlink_node(l, r->node.self);
	unname_other(l, &r->node);
	list_remove(&r->order);
	l->readers--;
	mem_free(r);
	ledger_reap(l, REAP_STEPS);
}

void *
ledger_reader_party(const struct ledger_reader *r)
{
	return r->party;
}

void
ledger_reader_to_head(struct ledger_reader *r)
{
	struct ledger *l = r->ledger;

	remove_proxy(l, r);
	unlink_node(l, r->node.self);
	list_remove(&r->order);
	put_at_head(l, r);
}

bool
ledger_reader_live(const struct ledger_reader *r)
{
	const struct ledger *l = r->ledger;

	if (r->live_at == l->appends && l->appends > 0)
		return true;
	for (uint32_t n = r->node.next; n != NONE; n = *next_of(l, n))
		if (is_entry(n))
			return false;
	((struct ledger_reader *)r)->live_at = l->appends;
	return true;
}

/* Over the next node; a barrier of this reader fires. True when that was an entry. */
static bool
step(struct ledger *l, struct ledger_reader *r)
{
	uint32_t n = r->node.next;
	struct ledger_barrier *b = is_entry(n) ? NULL : barrier_at(l, n);

	step_over(l, r, n);
	if (b && b->reader == r)
		fire(l, b, false);
	return is_entry(n);
}

void
ledger_reader_to_tail(struct ledger_reader *r)
{
	struct ledger *l = r->ledger;

	while (r->barriers > 0 && r->node.next != NONE)
		step(l, r);
	remove_proxy(l, r);
	unlink_node(l, r->node.self);
	link_before(l, r->node.self, NONE);
	list_remove(&r->order);
	list_add(&l->order, &r->order);
	r->live_at = l->appends;
	ledger_reap(l, REAP_STEPS);
}

/* A barrier that this reader may not walk past without noticing. */
static bool
bars(const struct ledger *l, const struct ledger_reader *r, uint32_t n)
{
	struct ledger_barrier *b = is_entry(n) ? NULL : barrier_at(l, n);

	return b && (!b->reader || b->reader == r);
}

size_t
ledger_reader_peek(const struct ledger_reader *r, struct ledger_entry **out, size_t max)
{
	const struct ledger *l = r->ledger;
	size_t count = 0;

	for (uint32_t n = r->node.next; n != NONE && count < max; n = *next_of(l, n)) {
		if (is_entry(n)) {
			uint32_t ahead = slot_at(l, n)->next;

			if (ahead != NONE && is_entry(ahead))
				__builtin_prefetch(slot_at(l, ahead));
			out[count++] = &slot_at(l, n)->entry;
		} else if (bars(l, r, n)) {
			break;
		}
	}
	return count;
}

/* The barriers right in front: those of this reader fire, those for all are passed. */
static void
pass_barriers(struct ledger *l, struct ledger_reader *r)
{
	uint32_t n = r->node.next;

	while (n != NONE && !is_entry(n)) {
		struct ledger_barrier *b;

		if (!bars(l, r, n)) {
			n = *next_of(l, n);
			continue;
		}
		while (r->node.next != n)
			step_over(l, r, r->node.next);
		b = barrier_at(l, n);
		step_over(l, r, n);
		if (b->reader)
			fire(l, b, false);
		n = r->node.next;
	}
}

/* Over `count` entries at once, when none of its barriers lies between. */
static void
leap(struct ledger *l, struct ledger_reader *r, size_t count)
{
	uint32_t n = r->node.next, last = NONE;

	while (n != NONE && count > 0) {
		uint32_t after = *next_of(l, n);

		count -= is_entry(n);
		overtake(l, r, n);
		if (is_entry(n))
			last = n;
		n = after;
	}
	if (last == NONE)
		return;
	unlink_node(l, r->node.self);
	link_before(l, r->node.self, *next_of(l, last));
	if (r->node.next == NONE)
		r->live_at = l->appends;
}

void
ledger_reader_pass(struct ledger_reader *r, size_t count)
{
	struct ledger *l = r->ledger;
	unsigned reap = REAP_STEPS + 2 * (unsigned)count;

	if (r->barriers == 0)
		leap(l, r, count);
	else
		while (count > 0 && r->node.next != NONE)
			count -= step(l, r);
	pass_barriers(l, r);
	ledger_reap(l, reap);
}

size_t
ledger_reader_beside(struct ledger_reader *r, struct ledger_reader **out, size_t max)
{
	struct ledger *l = r->ledger;
	uint64_t now = ++l->asked;
	size_t count = 0;
	uint32_t n;

	if (max > 0)
		out[count++] = r;
	for (n = r->node.next; n != NONE && !is_entry(n) && !bars(l, r, n); n = *next_of(l, n)) {
		struct ledger_reader *x = reader_at(l, n);

		if (x && x != &l->reaper && count < max)
			out[count++] = x;
	}
	/* those behind us, if no barrier of theirs lies between */
	for (n = r->node.prev; n != NONE && !is_entry(n); n = *prev_of(l, n)) {
		struct ledger_reader *x = reader_at(l, n);
		struct ledger_barrier *b = barrier_at(l, n);

		if (b && !b->reader)
			break;
		if (b)
			b->reader->barred_at = now;
		else if (x && x != &l->reaper && x->barred_at != now && count < max)
			out[count++] = x;
	}
	return count;
}

size_t
ledger_readers(const struct ledger *l)
{
	return l->readers;
}

/* --- barriers --- */

void
ledger_barrier(struct ledger *l, struct ledger_reader *r, const struct ledger_entry *e,
    const struct ledger_barrier_ops *ops, void *arg)
{
	struct ledger_barrier *b = mem_zero(sizeof *b);

	b->reader = r;
	b->entry = e ? number_of(l, e) : NONE;
	b->ops = ops;
	b->arg = arg;
	list_add(&l->barriers, &b->link);
	link_before(l, name_other(l, &b->node, PLACE_BARRIER), NONE);
	if (r) {
		r->barriers++;
		if (ledger_reader_live(r))
			pass_barriers(l, r);
		return;
	}
	LIST_EACH(order, &l->order) {
		struct ledger_reader *x = LIST_ENTRY(order, struct ledger_reader, order);

		if (x != &l->reaper && !ledger_reader_live(x))
			return;
	}
	fire(l, b, false);
}

/* --- housekeeping --- */

bool
ledger_reap(struct ledger *l, unsigned steps)
{
	struct ledger_reader *reaper = &l->reaper;

	for (; steps > 0; steps--) {
		uint32_t n = reaper->node.next;
		struct ledger_barrier *b;

		if (l->order.next != &reaper->order || n == NONE || place_at(l, n))
			return true;
		if (is_entry(n) && slot_at(l, n)->entry.mark) {
			destroy(l, n);
			continue;
		}
		step_over(l, reaper, n);
		b = is_entry(n) ? NULL : barrier_at(l, n);
		if (b && !b->reader)
			fire(l, b, false);
	}
	return false;
}
