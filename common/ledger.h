/* The ledger: key -> value, kept in the order of the last change, and its readers.
 *
 * Entries live in an array; a hash index finds them by key; an intrusive list runs through them from
 * the least to the most recently changed. A change moves its entry to the tail. Everybody who has to
 * be told is a reader: a cursor in that list that walks towards the tail as fast as its party takes
 * octets. So there are no queues: a slow reader costs nothing, sees the newest value of a key once and
 * cannot be overrun; a snapshot is a cursor put at the head.
 *
 *      head -> entry entry READER entry BARRIER entry READER(live) <- tail
 *
 * A reader with nothing between itself and the tail is *live*. A withdrawn key stays as a *mark*
 * (value kept, flag set) until the last reader has passed it. One key may have several entries with
 * disjoint audiences (who an entry is for: a set number of common/set.h, opaque here).
 *
 * A key is kept as it was spelt: the owner may say which of its octets are the identity (ledger_identity).
 * Then keys of one identity are the same key, whatever else they say.
 *
 * Memory: an entry is 36 octets and at most 16 of the index, 20 in a ledger of short keys (ledger_short); a key of more
 * than LEDGER_KEY_INLINE, or LEDGER_KEY_SHORT, octets is held apart and comes on top. Who an entry is for, whose it is, when
 * it was last said and its path id are its *terms*, of which a ledger has few: those that are the same are kept once
 * (20 octets and at most 16 of an index; past 65,536 of them an entry takes 2 octets more). Where each entry has its own, they stand in it (ledger_own_paths,
 * ledger_own_audiences: 4 octets). The index and the array grow step by step. Nothing here costs O(table) in one call except
 * ledger_free; long jobs (sweep, reap) take a budget of steps.
 *
 * A pointer to an entry is valid until the next put, change, withdraw, drop, reap or peek of that ledger. */
#ifndef COMMON_LEDGER_H
#define COMMON_LEDGER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/blob.h"
#include "common/index.h"
#include "common/reader.h"

struct ledger;
struct ledger_reader;
struct ledger_barrier;

enum {
	LEDGER_KEY_MAX = 4096,
	LEDGER_KEY_INLINE = 21, /* any IPv6 prefix: its length and 16 octets */
	LEDGER_KEY_SHORT = 5, /* any IPv4 prefix */
	LEDGER_MARKS_SPARE = 65536,
	LEDGER_ENTRIES_MOST = 33000000 /* and as many marks: there are 2^26 numbers */
};

/* Others read `mark` alone; the rest is for the functions below. The key begins at the end; more of it follows, or what an entry has
 * for itself. */
struct ledger_entry {
	uint32_t before; /* its neighbour in the order, and the kind of its key */
	uint32_t after; /* its other neighbour, and bits of its value */
	uint32_t value_low;
	uint16_t terms;
	uint8_t value_middle : 7;
	uint8_t mark : 1; /* withdrawn, waiting for readers to pass */
	uint8_t key[LEDGER_KEY_SHORT];
};

/* What it says now; a mark may keep one, or NULL. Its address is a multiple of 16. */
static inline struct blob *
ledger_value(const struct ledger_entry *e)
{
	return (struct blob *)(uintptr_t)(((uint64_t)(e->after >> 27) << 39 |
					      (uint64_t)e->value_middle << 32 | e->value_low)
					  << 4);
}

/* What the owner of a ledger does for it. */
struct ledger_ops {
	/* A share of value / audience is not needed any more (entry replaced, reaped, freed). Does nothing to the
	 * ledger. */
	void (*release)(void *self, struct blob *value, uint32_t audience);
	/* Marks passed their bound, or they take the room of entries: this reader, the rearmost, must be cut loose. It has to be
	 * closed, or put to the head or the tail, before returning. Called as the last thing that ledger_withdraw does, and by
	 * ledger_has_room. The bound is the most entries that there were at once since there were no marks (ever, where entries
	 * go when they are passed), and LEDGER_MARKS_SPARE or what ledger_spare said: what was there at once may be withdrawn at
	 * once, and a mark takes no more than its entry did. */
	void (*overrun)(void *self, struct ledger_reader *);
	/* All paths of a key can be found by ledger_path. For ledgers whose path ids are our own side's: a peer
	 * could make a walk over a million paths of one key. */
	bool paths_together;
	/* Entries are counted by their audience (ledger_count_for): their numbers below 2^24. */
	bool by_audience;
};

struct ledger *ledger_new(const struct ledger_ops *, void *self);
void ledger_free(struct ledger *);
/* Before that, in steps: what entries hold is given back, from *at on, which starts at 0 and is moved. The ledger is
 * good for nothing else from the first of them on. True when ledger_free has nothing left to do for each entry. */
bool ledger_leave(struct ledger *, uint32_t *at, unsigned steps);
/* What two spellings of a key have in common: part of the octets, or something put together in `room`. Set
 * before the first entry; without it all octets are the identity. */
enum { LEDGER_IDENTITY_MAX = 64 };
void ledger_identity(struct ledger *,
    struct reader (*identity)(struct reader key, uint8_t room[LEDGER_IDENTITY_MAX]));

/* Said before the first entry: hardly a key has more than LEDGER_KEY_SHORT octets; */
void ledger_short(struct ledger *);
/* path ids, or audiences, are mostly others from entry to entry. */
void ledger_own_paths(struct ledger *);
void ledger_own_audiences(struct ledger *);

/* --- entries --- */

/* The first entry of the key (marks too), or NULL. */
struct ledger_entry *ledger_find(struct ledger *, uint32_t path_id, struct reader key);
/* The entries of a key one after the other (marks too): start with { 0 }; NULL at the end. Meanwhile the one just
 * given may be restated, narrowed, or dropped. */
struct ledger_walk {
	struct index_walk at;
	uint32_t hash;
	bool hashed; /* it is ledger_hash of the key: who has it said so */
};
struct ledger_entry *ledger_same(
    struct ledger *, uint32_t path_id, struct reader key, struct ledger_walk *);
/* What a key is looked for by. For path id 0 it is the same in all ledgers of one identity. */
uint32_t ledger_hash(const struct ledger *, uint32_t path_id, struct reader key);
/* The same whatever their path id. For paths_together. */
struct ledger_entry *ledger_path(struct ledger *, struct reader key, struct ledger_walk *);
/* May a key be put that is not there, or a part of an entry become one of its own? Not when there are LEDGER_ENTRIES_MOST that
 * are no marks. To be asked before, wherever somebody else decides how many keys there are, and while no entry is held: where
 * marks take the room, the rearmost reader is cut loose (overrun). */
bool ledger_has_room(struct ledger *);
/* The same of one that becomes a mark at once. */
bool ledger_has_room_for_mark(struct ledger *);
void ledger_most(struct ledger *, size_t entries); /* in place of LEDGER_ENTRIES_MOST */
/* A new entry at the tail. Takes over the caller's shares of value and audience. */
struct ledger_entry *ledger_put(struct ledger *, uint32_t path_id, struct reader key,
    struct blob *value, uint32_t audience, uint32_t owner);
/* The same of a key that this walk of ledger_same was for. */
struct ledger_entry *ledger_put_walked(struct ledger *, const struct ledger_walk *,
    uint32_t path_id, struct reader key, struct blob *value, uint32_t audience, uint32_t owner);
/* Give an entry another value (and audience, owner): it moves to the tail and is no mark any more.
 * Takes over the shares; releases the old ones. */
void ledger_change(
    struct ledger *, struct ledger_entry *, struct blob *value, uint32_t audience, uint32_t owner);
/* The same without moving it and without telling anybody: an equal restatement, or an audience from
 * which members went that were told otherwise. The entry stays where it is. */
void ledger_restate(struct ledger *, struct ledger_entry *, uint32_t owner);
void ledger_narrow(struct ledger *, struct ledger_entry *, uint32_t audience);
/* Another value of what was not said again (so the generation stays): it moves to the tail. Takes over the share. */
void ledger_rewrite(struct ledger *, struct ledger_entry *, struct blob *value);
/* Part of an entry's audience becomes an entry of its own at the same place in the order, with the same
 * value, owner and generation: nobody is told. Takes over both shares: `audience` (the new entry's) and
 * `rest` (what the old one keeps). */
struct ledger_entry *ledger_split(
    struct ledger *, struct ledger_entry *, uint32_t audience, uint32_t rest);
/* Withdraw: the entry becomes a mark at the tail (gone at once when there is no reader). `value` (a
 * share, or NULL) is what the mark keeps. */
void ledger_withdraw(struct ledger *, struct ledger_entry *, struct blob *value);
/* Take an entry out without telling anybody. */
void ledger_drop(struct ledger *, struct ledger_entry *);

/* A number that stands for an entry as long as it is there, marks included. */
uint32_t ledger_number(const struct ledger *, const struct ledger_entry *);
struct ledger_entry *ledger_at(const struct ledger *, uint32_t number);
struct reader ledger_key(
    const struct ledger *, const struct ledger_entry *); /* as it was spelt last */
/* Its terms: its path id; who it is for (opaque, part of no key); whose it is (opaque); when it was last said, see
 * ledger_begin. */
uint32_t ledger_path_id(const struct ledger *, const struct ledger_entry *);
uint32_t ledger_audience(const struct ledger *, const struct ledger_entry *);
uint32_t ledger_owner(const struct ledger *, const struct ledger_entry *);
uint32_t ledger_said_in(const struct ledger *, const struct ledger_entry *);
/* All four are the same of both. It may be said of such two that they are not. */
bool ledger_same_terms(
    const struct ledger *, const struct ledger_entry *, const struct ledger_entry *);
/* Another owner, and nothing else; older than any generation. */
void ledger_give(struct ledger *, struct ledger_entry *, uint32_t owner);
void ledger_unsay(struct ledger *, struct ledger_entry *);
/* The same key in another spelling (of the same identity). Moves nothing: to be told, the entry is changed or
 * withdrawn next. */
void ledger_spell(struct ledger *, struct ledger_entry *, struct reader key);
bool ledger_spelt(
    const struct ledger *, const struct ledger_entry *, struct reader key); /* exactly so? */
size_t ledger_count(const struct ledger *); /* entries that are no marks */
size_t ledger_marks(const struct ledger *);
bool ledger_crowded(const struct ledger *); /* more than half as many as cut a reader loose */
void ledger_spare(struct ledger *, size_t marks); /* in place of LEDGER_MARKS_SPARE */
/* Of those that are no marks, so many are for exactly this audience; none has one of ledger_audiences or above.
 * For by_audience. */
size_t ledger_count_for(const struct ledger *, uint32_t audience);
size_t ledger_audiences(const struct ledger *);
size_t ledger_octets(const struct ledger *); /* memory held by array, indexes, long keys and terms */
/* Tell the cache which keys come next: hashes and prefetches their slots. */
void ledger_prefetch(const struct ledger *, uint32_t path_id, struct reader key);
void ledger_prefetch_hash(const struct ledger *, uint32_t hash);

/* --- generations --- */

/* A new generation: every put, change and restate from now on carries its number, which is returned. */
uint32_t ledger_begin(struct ledger *);
uint32_t ledger_generation(const struct ledger *);

/* Visit entries of the array (not in list order), at most `steps` of them from *at on, which starts at
 * 0 and is moved. The visitor may withdraw, change, drop or restate that entry. True when the end is
 * reached. Entries that are put or changed meanwhile may or may not be visited. */
bool ledger_visit(struct ledger *, uint32_t *at, unsigned steps,
    void (*visit)(void *arg, struct ledger *, struct ledger_entry *), void *arg);
/* Visit what an unfinished restatement left: not marks, generation older than `generation`, owner as
 * given (or any with LEDGER_ANY). */
enum { LEDGER_ANY = 0xffffffff };
bool ledger_sweep(struct ledger *, uint32_t *at, unsigned steps, uint32_t owner,
    uint32_t generation, void (*stale)(void *arg, struct ledger *, struct ledger_entry *),
    void *arg);

/* --- readers --- */

struct ledger_reader *ledger_reader_open(struct ledger *, void *party, bool at_head);
/* One more where another stands: what is in front of that one is in front of it, barriers for all excepted. */
struct ledger_reader *ledger_reader_open_beside(struct ledger_reader *, void *party);
void ledger_reader_close(struct ledger_reader *);
void *ledger_reader_party(const struct ledger_reader *);
/* Once more from the head. What it had not passed before is still due: no mark goes that it has not seen. In
 * the overrun callback it begins as if it knew nothing. */
void ledger_reader_to_head(struct ledger_reader *);
/* Nothing between it and the tail: no entry, and no barrier that waits for it. */
bool ledger_reader_live(const struct ledger_reader *);
/* Its party was just handed the change as it happened: go to the tail. Barriers on the way fire. */
void ledger_reader_to_tail(struct ledger_reader *);
/* Look at the next entries without moving: up to `max` of them into out[], in order of change, marks
 * too; gives their number and stops at a barrier bound to this reader or to all. What is in front of a reader
 * stays the same until entries are changed or somebody peeks, so those beside it may be handed the same and
 * pass as many. */
size_t ledger_reader_peek(const struct ledger_reader *, struct ledger_entry **out, size_t max);
/* Move over `count` entries (of the peek just made) and the barriers that follow them immediately. With 0:
 * over the barriers in front of it. */
void ledger_reader_pass(struct ledger_reader *, size_t count);
/* The readers that stand at the same place (no entry and no barrier of theirs between), this one
 * first; up to max. */
size_t ledger_reader_beside(struct ledger_reader *, struct ledger_reader **out, size_t max);
size_t ledger_readers(const struct ledger *);

/* --- barriers --- */

/* A place in the order: fires once when `reader` (or, with NULL, every reader that has something before
 * it) has passed it, and is gone. Fires at once, before returning, when nobody has anything before it. `entry`,
 * if given, is the one whose fate is asked for: superseded = it was changed, withdrawn or dropped after the
 * barrier was placed and before it fired. Closing a reader fires its barriers with closed = true. A barrier in
 * front of which the last entry went away fires with the next pass. */
struct ledger_barrier_ops {
	/* The last thing that its caller does: anything may be done to the ledger and its readers. */
	void (*fire)(void *arg, bool superseded, bool closed);
};
void ledger_barrier(struct ledger *, struct ledger_reader *, const struct ledger_entry *,
    const struct ledger_barrier_ops *, void *arg);

/* --- housekeeping --- */

/* Free marks that everybody has passed, at most `steps` entries looked at. True when none is left to
 * look at. Changes and peeks do some steps themselves, so this is only for who cannot wait for them. */
bool ledger_reap(struct ledger *, unsigned steps);
/* From now on every entry goes that everybody has passed, not marks alone: the ledger is a queue in which a key is once.
 * That is done by ledger_reap, and by nothing else. */
void ledger_passing(struct ledger *, bool);
#endif
