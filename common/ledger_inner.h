/* What ledger.c (entries), ledger_terms.c and ledger_reader.c (readers, barriers, the reaper) share: the inside of a ledger.
 *
 * Entries live in pages. One list runs through entries, readers and barriers; its nodes have names of 27 bits:
 * an entry's number, or OTHER and a place in the table of others. Entries, readers and barriers only ever go
 * to the tail or forwards, but for readers that are put at the head. */
#ifndef COMMON_LEDGER_INNER_H
#define COMMON_LEDGER_INNER_H
#include <stdalign.h>
#include <string.h>
#include "common/index.h"
#include "common/ledger.h"
#include "common/list.h"

enum {
	LEDGER_PAGE = 1024,
	TERM_PAGE = 256,
	NODE_BITS = 27, /* the name of a node */
	REAP_STEPS = 3, /* with every change, */
	REAP_MORE = 16 /* and when a reader has moved */
};
#define OTHER ((uint32_t)INDEX_NUMBERS)
#define NONE  ((UINT32_C(1) << NODE_BITS) - 1)
_Static_assert(INDEX_NUMBERS == 1 << (NODE_BITS - 1), "one bit tells entries from others");

enum key_kind {
	KEY_SHORT, /* its length is in the last octet */
	KEY_FULL, /* all octets are the key's */
	KEY_LONG, /* held separately: its number is in `key` */
	KEY_FREE /* no entry: `next` is the next free number */
};

/* What an entry takes. */
enum {
	KEY_AT = offsetof(struct ledger_entry, key),
	SLOT_SHORT = KEY_AT + LEDGER_KEY_SHORT,
	SLOT = KEY_AT + LEDGER_KEY_INLINE
};
_Static_assert(
    sizeof(struct ledger_entry) == 20 && SLOT_SHORT == 20 && SLOT == 36, "no octet is left over");
_Static_assert(alignof(max_align_t) >= 16, "four bits of a value's address are 0");

/* What many entries have in common. */
struct terms {
	uint32_t audience, owner, generation,
	    path_id; /* what entries have for themselves is 0 here */
	uint32_t entries; /* that have them; 0: free, and `audience` is the next free number */
};

enum place_kind { PLACE_READER, PLACE_PROXY, PLACE_BARRIER, PLACE_REAPER };

/* What the nodes that are no entries have in common. */
struct other {
	enum place_kind kind;
	uint32_t self, prev, next;
};

struct other_place {
	struct other *other; /* NULL: free */
	uint32_t free; /* then the next free place */
};

/* A reader's place among the readers says what it is owed: the marks in front of it are kept. While it goes
 * through the table again from the head that is not the place of its cursor, so a proxy stands there: where it
 * was, or at the tail if it begins with nothing. When the cursor comes there, the proxy goes. */
struct ledger_reader {
	struct other node; /* first */
	struct other proxy;
	bool proxied;
	struct ledger *ledger;
	void *party;
	struct list order; /* rearmost first, by place */
	struct list barriers; /* bound to it, in order, all still in front of it */
	uint64_t passed; /* barriers for all, up to this one */
	uint64_t live_at; /* ledger.appends when it was seen to be live */
	uint64_t barred_at; /* see ledger_reader_beside */
};

struct ledger_barrier {
	struct other node; /* first */
	struct list link; /* of its reader, or of the ledger */
	struct ledger_reader *reader; /* NULL: all */
	uint64_t number; /* of a barrier for all */
	size_t waits; /* for so many readers */
	uint32_t entry; /* whose fate is asked for; NONE */
	bool superseded, closed;
	const struct ledger_barrier_ops *ops;
	void *arg;
};

struct ledger {
	const struct ledger_ops *ops;
	void *self;
	struct reader (*identity)(
	    struct reader key, uint8_t room[LEDGER_IDENTITY_MAX]); /* or NULL */
	uint8_t **page;
	size_t pages, page_cap;
	uint32_t key_room, slot; /* octets */
	uint32_t path_at, audience_at; /* where an entry has its own, and 0 where it has none */
	struct terms **term_page;
	size_t term_pages, term_cap;
	uint32_t terms, term_free,
	    term_last; /* numbers ever given; a free one; the one looked for last */
	struct index term_index;
	uint16_t *
	    *high; /* of numbers past 16 bits, for each page of entries; NULL until there is one */
	size_t high_pages;
	bool paths; /* some terms have a path id */
	struct long_key ***long_page; /* keys that have no room in their entry */
	size_t long_pages, long_cap;
	uint32_t longs, long_free; /* as with entries */
	uint32_t used, free; /* numbers ever given; the first free one */
	size_t count, marks, long_octets;
	size_t peak; /* the most entries at once since there were no marks */
	size_t spare; /* marks that may be there beyond that */
	size_t most; /* entries that are no marks */
	uint32_t *count_for; /* by audience */
	size_t audiences;
	struct index index;
	uint32_t head, tail;
	uint64_t appends, asked;
	uint32_t generation;
	struct other_place *other;
	size_t others, other_cap;
	uint32_t other_free;
	struct list order; /* readers, rearmost first */
	size_t readers;
	struct other reaper; /* behind everybody's place: marks end there */
	bool passing; /* entries go like marks */
	bool reap_due; /* somebody has moved since the reaper came as far as it may */
	struct list barriers; /* for all, in order */
	uint64_t barrier_number; /* of the last one for all */
	struct index fates; /* the barriers that ask for an entry's fate, by its number */
	size_t fates_asked;
	struct ledger_reader *cutting; /* the one that is told of its overrun */
};

/* In ledger_reader.c, called by ledger.c: */
void ledger_supersede(
    struct ledger *, uint32_t number); /* it says something else now, or is gone */
void ledger_bound_marks(struct ledger *);
void ledger_reap_from(struct ledger *); /* there will be a mark, the only one */
uint32_t ledger_hash_number(void *self, uint32_t number); /* of an entry, as the index has it */
uint32_t ledger_hash_fate(void *self, uint32_t number);
void ledger_name(struct ledger *, struct other *, enum place_kind);
/* With a peek or a change, and not when a reader moves: several readers may be handed the same slice, and what
 * is in front of those that come later must be what it was. */
static inline void
ledger_reap_some(struct ledger *l, unsigned more)
{
	if (l->marks > 0 && !l->passing) /* or what was just put could be gone */
		ledger_reap(l, l->reap_due ? REAP_STEPS + more : REAP_STEPS);
}
/* In ledger.c: out of the list and the index, its shares given back. */
void ledger_destroy(struct ledger *, uint32_t number);

/* In ledger_terms.c: an entry is given terms, in place of others or (fresh) as its first. `number` is the entry's, or
 * NONE where it is linked. */
void ledger_terms_give(
    struct ledger *, uint32_t number, struct ledger_entry *, bool fresh, struct terms terms);
void ledger_terms_end(struct ledger *, uint32_t number, struct ledger_entry *); /* it has none */
uint32_t ledger_terms_high(const struct ledger *, uint32_t number, const struct ledger_entry *);
size_t ledger_terms_octets(const struct ledger *);
void ledger_terms_init(struct ledger *);
void ledger_terms_fini(struct ledger *);

/* --- terms --- */

static inline struct terms *
terms_at(const struct ledger *l, uint32_t n)
{
	return &l->term_page[n / TERM_PAGE][n % TERM_PAGE];
}

/* Of the entry of this number, or NONE where it is linked. */
static inline struct terms *
terms_of(const struct ledger *l, uint32_t number, const struct ledger_entry *e)
{
	return terms_at(l, l->high ? ledger_terms_high(l, number, e) : e->terms);
}

/* What an entry has for itself. */
static inline uint32_t
own_at(const struct ledger_entry *e, uint32_t at)
{
	uint32_t x;

	memcpy(&x, (const uint8_t *)e + at, sizeof x);
	return x;
}

static inline void
set_own_at(struct ledger_entry *e, uint32_t at, uint32_t x)
{
	memcpy((uint8_t *)e + at, &x, sizeof x);
}

static inline uint32_t
path_id_of(const struct ledger *l, const struct ledger_entry *e)
{
	if (l->path_at)
		return own_at(e, l->path_at);
	return l->paths ? terms_of(l, NONE, e)->path_id : 0;
}

static inline uint32_t
audience_of(const struct ledger *l, uint32_t number, const struct ledger_entry *e)
{
	return l->audience_at ? own_at(e, l->audience_at) : terms_of(l, number, e)->audience;
}

/* Terms for an entry that has none yet; those that the last one was given are at hand. */
static inline void
begin_terms(struct ledger *l, uint32_t number, struct ledger_entry *e, uint32_t path_id,
    uint32_t audience, uint32_t owner, uint32_t generation)
{
	struct terms *last = l->term_last < 1 << 16 && !l->high ? terms_at(l, l->term_last) : NULL;

	if (l->path_at) {
		set_own_at(e, l->path_at, path_id);
		path_id = 0;
	}
	if (l->audience_at) {
		set_own_at(e, l->audience_at, audience);
		audience = 0;
	}
	if (last && last->audience == audience && last->owner == owner &&
	    last->generation == generation && last->path_id == path_id) {
		e->terms = (uint16_t)l->term_last;
		last->entries++;
		return;
	}
	ledger_terms_give(
	    l, number, e, true, (struct terms){ audience, owner, generation, path_id, 0 });
}

/* Others in their place; the path id stays. */
static inline void
set_terms(struct ledger *l, uint32_t number, struct ledger_entry *e, uint32_t audience,
    uint32_t owner, uint32_t generation)
{
	const struct terms *t = terms_of(l, number, e);

	if (l->audience_at) {
		set_own_at(e, l->audience_at, audience);
		audience = 0;
	}
	if (t->audience != audience || t->owner != owner || t->generation != generation)
		ledger_terms_give(l, number, e, false,
		    (struct terms){ audience, owner, generation, t->path_id, 0 });
}

/* --- the list --- */

static inline struct ledger_entry *
slot_at(const struct ledger *l, uint32_t n)
{
	return (struct ledger_entry *)(void *)&l->page[n / LEDGER_PAGE][n % LEDGER_PAGE * l->slot];
}

static inline void
set_value(struct ledger_entry *e, const struct blob *value)
{
	uint64_t at = (uintptr_t)value >> 4;

	e->after = (e->after & NONE) | (uint32_t)(at >> 39) << NODE_BITS;
	e->value_middle = at >> 32 & 0x7f;
	e->value_low = (uint32_t)at;
}

static inline enum key_kind
kind_of(const struct ledger_entry *s)
{
	return (enum key_kind)(s->before >> NODE_BITS);
}

static inline void
set_kind(struct ledger_entry *s, enum key_kind kind)
{
	s->before = (s->before & NONE) | (uint32_t)kind << NODE_BITS;
}

static inline uint32_t
slot_next(const struct ledger_entry *s)
{
	return s->after & NONE;
}

static inline uint32_t
slot_prev(const struct ledger_entry *s)
{
	return s->before & NONE;
}

static inline void
slot_set_next(struct ledger_entry *s, uint32_t next)
{
	s->after = (s->after & ~NONE) | next;
}

static inline void
slot_set_prev(struct ledger_entry *s, uint32_t prev)
{
	s->before = (s->before & ~NONE) | prev;
}

static inline void
slot_set_links(struct ledger_entry *s, uint32_t prev, uint32_t next)
{
	slot_set_prev(s, prev);
	slot_set_next(s, next);
}

static inline bool
is_entry(uint32_t n)
{
	return n < OTHER;
}

static inline struct other *
other_at(const struct ledger *l, uint32_t n)
{
	return l->other[n & ~OTHER].other;
}

static inline uint32_t
next_of(const struct ledger *l, uint32_t n)
{
	return is_entry(n) ? slot_next(slot_at(l, n)) : other_at(l, n)->next;
}

static inline uint32_t
prev_of(const struct ledger *l, uint32_t n)
{
	return is_entry(n) ? slot_prev(slot_at(l, n)) : other_at(l, n)->prev;
}

/* What follows n, or with NONE what the list begins with. */
static inline void
set_next(struct ledger *l, uint32_t n, uint32_t next)
{
	if (is_entry(n))
		slot_set_next(slot_at(l, n), next);
	else
		*(n == NONE ? &l->head : &other_at(l, n)->next) = next;
}

static inline void
set_prev(struct ledger *l, uint32_t n, uint32_t prev)
{
	if (is_entry(n))
		slot_set_prev(slot_at(l, n), prev);
	else
		*(n == NONE ? &l->tail : &other_at(l, n)->prev) = prev;
}

static inline void
unlink_node(struct ledger *l, uint32_t n)
{
	uint32_t prev = prev_of(l, n), next = next_of(l, n);

	set_next(l, prev, next);
	set_prev(l, next, prev);
}

/* In front of `next` (NONE: at the tail). */
static inline void
link_before(struct ledger *l, uint32_t n, uint32_t next)
{
	uint32_t prev = next == NONE ? l->tail : prev_of(l, next);

	set_prev(l, n, prev);
	set_next(l, n, next);
	set_next(l, prev, n);
	set_prev(l, next, n);
}
#endif
