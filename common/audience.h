/* Entries that are for sets of members: the one way in which a ledger is told to say a value to some
 * members, or to stop saying it. Used for what a speaker's peers are told, at both ends of the link.
 *
 * Entries of one key have disjoint audiences. Saying the same again moves nothing (a restatement). A
 * member that is told something else leaves its old entry in silence: what it is told now stands at the
 * tail. An audience is a set of common/set.h. */
#ifndef COMMON_AUDIENCE_H
#define COMMON_AUDIENCE_H
#include "common/blob.h"
#include "common/ledger.h"
#include "common/set.h"

struct audience {
	struct ledger *ledger;
	struct blobs *blobs;
	struct sets *sets;
};

/* Release a value and an audience: for the release of struct ledger_ops. */
void audience_release(struct audience *, struct blob *value, uint32_t set);
/* May `set` be told something of that key? Not when it needs an entry more than the ledger has room for. Asked while no entry
 * is held: see ledger_has_room. */
bool audience_has_room(const struct audience *, uint32_t path_id, struct reader key, uint32_t set);
/* Tell `set` (borrowed) this value (a share, taken over). Gives how many members it is news to: 0 when all
 * were told so before, or there is no room. */
size_t audience_announce(struct audience *, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t set, uint32_t owner);
/* The same where that is all there is to a key (whose ledger_hash is given): nothing stands there, or one entry, for
 * exactly `set`, that is a mark or this owner's. Else, and where there is no room, nothing is done, and false: `value` stays the caller's. */
bool audience_say(struct audience *, uint32_t hash, uint32_t path_id, struct reader key,
    struct blob *value, uint32_t set, uint32_t owner, size_t *news);
/* What one member is told of that key (lent as ledger_find lends it); NULL: nothing. */
const struct ledger_entry *audience_told(
    const struct audience *, uint32_t path_id, struct reader key, uint32_t member);
/* The members of `set` leave all values of that key, without marks and without anybody being told: what is said to them
 * next is news, whatever it is. */
void audience_leave(struct audience *, uint32_t path_id, struct reader key, uint32_t set);
/* The same of one entry. */
void audience_leave_entry(struct audience *, struct ledger_entry *, uint32_t set);
/* Before `value` is said to `set` (both borrowed) by this owner: where some of them were told the same by another, of whom
 * `matters` says that it does (NULL: of any), they leave all values of that key, so that it is news. */
void audience_change_owner(struct audience *, uint32_t path_id, struct reader key,
    const struct blob *value, uint32_t set, uint32_t owner,
    bool (*matters)(void *self, uint32_t owner), void *self);
/* Stop telling `set` (borrowed) anything of that key; the mark keeps `value` (a share or NULL), and the owner if there was
 * one alone: of what was told, else of the marks that it takes the place of. Members that were told nothing get a mark too
 * when `unknown_too` and there is room: their peers are sent the withdraw all the same. Gives how many members had been told something. */
size_t audience_withdraw(struct audience *, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t set, bool unknown_too);
/* What `set` was told before this ledger was there: kept for those of it of whom nothing was said here yet,
 * neither a value nor (a mark) its withdraw. The entry is of generation 0, older than any that was begun:
 * nobody here has said it. What there is no room for is not. */
size_t audience_adopt(struct audience *, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t set, uint32_t owner);
/* The members of `set` leave every entry, without marks; a slice of them, as ledger_visit has it. */
bool audience_forget(struct audience *, uint32_t *at, unsigned steps, uint32_t set);
#endif
