/* What ledger.c (entries) and ledger_reader.c (readers, barriers, the reaper) share: the inside of a ledger.
 *
 * Entries live in pages. One list runs through entries, readers and barriers; its nodes have names of 27 bits:
 * an entry's number, or OTHER and a place in the table of others. Entries, readers and barriers only ever go
 * to the tail or forwards, but for readers that are put at the head. */
#ifndef COMMON_LEDGER_INNER_H
#define COMMON_LEDGER_INNER_H
#include "common/index.h"
#include "common/ledger.h"
#include "common/list.h"

enum {
	LEDGER_PAGE = 1024,
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

/* An entry's `links`: the names of its neighbours, the kind of its key, and eight bits of its value. One word
 * because bit-fields are stored piecemeal, and the load of a piece just stored waits. */
enum {
	LINK_PREV = 0,
	LINK_NEXT = LINK_PREV + NODE_BITS,
	LINK_KIND = LINK_NEXT + NODE_BITS,
	LINK_VALUE = 56
};
_Static_assert(LINK_KIND + 2 == LINK_VALUE, "a word is full");

/* What an entry takes, its key beginning in the fourth octet of the word that has the owner. */
enum {
	KEY_AT = offsetof(struct ledger_entry, key_rest) - 1,
	SLOT_SHORT = KEY_AT + LEDGER_KEY_SHORT,
	SLOT = KEY_AT + LEDGER_KEY_INLINE
};
_Static_assert(sizeof(struct ledger_entry) == 32 && SLOT_SHORT == 32 && SLOT == 48,
    "short ones share a line of the cache with one other");

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
	struct long_key ***long_page; /* keys that have no room in their entry */
	size_t long_pages, long_cap;
	uint32_t longs, long_free; /* as with entries */
	uint32_t used, free; /* numbers ever given; the first free one */
	size_t count, marks, long_octets;
	size_t spare; /* marks that may be there beyond the count of entries */
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
void ledger_reap_some(struct ledger *, unsigned more);
void ledger_reap_from(struct ledger *); /* there will be a mark, the only one */
uint32_t ledger_hash_fate(void *self, uint32_t number);
void ledger_name(struct ledger *, struct other *, enum place_kind);
/* In ledger.c: out of the list and the index, its shares given back. */
void ledger_destroy(struct ledger *, uint32_t number);

/* --- the list --- */

static inline struct ledger_entry *
slot_at(const struct ledger *l, uint32_t n)
{
	return (struct ledger_entry *)(void *)&l->page[n / LEDGER_PAGE][n % LEDGER_PAGE * l->slot];
}

static inline void
set_value(struct ledger_entry *e, const struct blob *value)
{
	uint64_t at = (uintptr_t)value;

	e->links = (e->links & ~(UINT64_C(0xff) << LINK_VALUE)) | at >> 40 << LINK_VALUE;
	e->value_high = (uint8_t)(at >> 32);
	e->value_low = (uint32_t)at;
}

static inline enum key_kind
kind_of(const struct ledger_entry *s)
{
	return (enum key_kind)(s->links >> LINK_KIND & 3);
}

static inline void
set_kind(struct ledger_entry *s, enum key_kind kind)
{
	s->links = (s->links & ~(UINT64_C(3) << LINK_KIND)) | (uint64_t)kind << LINK_KIND;
}

static inline uint32_t
slot_next(const struct ledger_entry *s)
{
	return (uint32_t)(s->links >> LINK_NEXT) & NONE;
}

static inline uint32_t
slot_prev(const struct ledger_entry *s)
{
	return (uint32_t)(s->links >> LINK_PREV) & NONE;
}

static inline void
slot_set_next(struct ledger_entry *s, uint32_t next)
{
	s->links = (s->links & ~((uint64_t)NONE << LINK_NEXT)) | (uint64_t)next << LINK_NEXT;
}

static inline void
slot_set_prev(struct ledger_entry *s, uint32_t prev)
{
	s->links = (s->links & ~((uint64_t)NONE << LINK_PREV)) | (uint64_t)prev << LINK_PREV;
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
