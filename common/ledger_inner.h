/* What ledger.c (entries) and ledger_reader.c (readers, barriers, the reaper) share: the inside of a ledger.
 *
 * Entries live in pages. One list runs through entries, readers and barriers; its nodes are named by 32 bits:
 * an entry's number, or OTHER and a place in the table of others. Entries, readers and barriers only ever go
 * to the tail or forwards, but for readers that are put at the head. */
#ifndef COMMON_LEDGER_INNER_H
#define COMMON_LEDGER_INNER_H
#include "common/index.h"
#include "common/ledger.h"
#include "common/list.h"

enum {
	LEDGER_PAGE = 1024,
	INLINE_KEY = 15,
	KEY_LONG = 0xfe, /* held separately: a struct long_key at the pointer in `key` */
	KEY_FREE = 0xff, /* no entry: `next` is the next free number */
	REAP_STEPS = 3, /* with every change, */
	REAP_MORE = 16 /* and when a reader has moved */
};
#define NONE  UINT32_C(0xffffffff)
#define OTHER UINT32_C(0x80000000)

struct slot {
	struct ledger_entry entry; /* first: the public part */
	uint32_t prev, next;
	uint8_t key_len;
	uint8_t key[INLINE_KEY];
};
_Static_assert(
    sizeof(struct slot) == 48, "an entry and its share of the index stay below 64 octets");

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
	struct reader (*identity)(struct reader key, uint8_t room[LEDGER_IDENTITY_MAX]); /* or NULL */
	struct slot **page;
	size_t pages, page_cap;
	uint32_t used, free; /* numbers ever given; the first free one */
	size_t count, marks, long_octets;
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
uint32_t ledger_hash_fate(void *self, uint32_t number);
void ledger_name(struct ledger *, struct other *, enum place_kind);
/* In ledger.c: out of the list and the index, its shares given back. */
void ledger_destroy(struct ledger *, uint32_t number);
uint32_t ledger_number(const struct ledger *, const struct ledger_entry *);

/* --- the list --- */

static inline struct slot *
slot_at(const struct ledger *l, uint32_t n)
{
	return &l->page[n / LEDGER_PAGE][n % LEDGER_PAGE];
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

static inline uint32_t *
next_of(const struct ledger *l, uint32_t n)
{
	return is_entry(n) ? &slot_at(l, n)->next : &other_at(l, n)->next;
}

static inline uint32_t *
prev_of(const struct ledger *l, uint32_t n)
{
	return is_entry(n) ? &slot_at(l, n)->prev : &other_at(l, n)->prev;
}

static inline void
unlink_node(struct ledger *l, uint32_t n)
{
	uint32_t prev = *prev_of(l, n), next = *next_of(l, n);

	*(prev == NONE ? &l->head : next_of(l, prev)) = next;
	*(next == NONE ? &l->tail : prev_of(l, next)) = prev;
}

/* In front of `next` (NONE: at the tail). */
static inline void
link_before(struct ledger *l, uint32_t n, uint32_t next)
{
	uint32_t prev = next == NONE ? l->tail : *prev_of(l, next);

	*prev_of(l, n) = prev;
	*next_of(l, n) = next;
	*(prev == NONE ? &l->head : next_of(l, prev)) = n;
	*(next == NONE ? &l->tail : prev_of(l, next)) = n;
}
#endif
