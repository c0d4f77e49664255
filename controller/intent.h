/* Intent: what the peers of each speaker are to be told, one ledger a speaker and family, in the speaker's
 * terms: canonical routes, sets of peers. The lane is its reader; this is the source of truth, the
 * speaker's rib_out its copy.
 *
 * Here a draft that somebody typed becomes a route for each neighbor: what depends on configuration (origin,
 * AS path and LOCAL_PREF defaults, next-hop self) is added; neighbors that come to the same octets share an
 * entry. */
#ifndef CONTROLLER_INTENT_H
#define CONTROLLER_INTENT_H
#include <stddef.h>
#include <stdint.h>
#include "common/audience.h"
#include "common/ledger.h"
#include "common/log.h"
#include "common/reason.h"
#include "controller/controller.h"
#include "controller/gates.h"
#include "controller/neighbor.h"
#include "proto/bgp/route.h"
#include "proto/frame/routes.h"

struct intent { /* one a speaker; in struct speaker_entry */
	struct speaker_entry *speaker;
	struct audience
	    told[FAMILIES]; /* .ledger NULL: nothing yet; audiences are of our numbers */
	struct said *said; /* what gates stand before (said.h); NULL: nothing */
	/* Until the speaker has been adopted: keeps marks, so that what was withdrawn is not adopted. */
	struct ledger_reader *keeper[FAMILIES];
	uint32_t forgetting, forgetting_in[2],
	    forget_at[2][FAMILIES]; /* neighbors that are gone: told, said */
	struct loop_item *forgetter;
	uint32_t full; /* families of which the log said that there is no room */
	struct log_limit complaints;
	struct list losses; /* neighbors that keep no adj-rib-out, and lost their session */
	struct loop_item *loser;
};

void intent_init(struct intent *, struct speaker_entry *);
void intent_fini(struct intent *);

/* What a speaker's peers are told of a family; made when there is none yet. The RIB writes into it by itself. */
struct audience *intent_told(struct intent *, enum family);
/* What a neighbor is to be told of a route: the entry of intent_told, lent until that changes. NULL: nothing. */
const struct ledger_entry *intent_told_to(const struct neighbor *, enum family, struct nlri);
/* May `set` be told of a route of which it was not told yet? False: the ledger is full, and the log says so. Ask before
 * anything is done for the route. What is told already may be told otherwise. */
bool intent_has_room(struct intent *, enum family, struct nlri, uint32_t set);
/* Says in *why that there is no room at this speaker. Always -1. */
int intent_no_room(const struct speaker_entry *, enum family, struct reason *why);
/* Is a neighbor of it to be told several paths (ADD-PATH)? Then each of a prefix has a path id of its own. */
bool intent_has_paths(const struct intent *, enum family);

/* Announce a draft's routes to these neighbors (of any speakers); those that do not have its family are
 * skipped and counted. -1 with a reason when it can't be said to one of them at all (next-hop self without an
 * address of that family), or when there was no room for some of it. */
struct intent_result {
	size_t routes; /* of the draft */
	size_t news; /* (route, neighbor) pairs that were news; to a neighbor without adj-rib-out all is */
	size_t skipped; /* neighbors without the family */
	struct refusal refused; /* by policies; it is kept, and told when they let it */
};
int intent_announce(struct controller *, const struct route_draft *, struct neighbor *const *,
    size_t count, uint32_t owner, struct intent_result *, struct reason *);
/* The same where it is known already what it comes to for one of them (plan.h). */
struct plan_soon;
int intent_announce_soon(struct controller *, const struct route_draft *, const struct plan_soon *,
    struct neighbor *const *, size_t count, uint32_t owner, struct intent_result *,
    struct reason *);
void intent_withdraw(struct controller *, const struct route_draft *, struct neighbor *const *,
    size_t count, struct intent_result *);
/* INTENT_SOME of its NLRI at most, for who has no time for all: *state is 0 at first, and result->routes less than INTENT_SOME
 * when those were the last. */
enum { INTENT_SOME = 1024 };
int intent_announce_some(struct controller *, const struct route_draft *, struct neighbor *const *,
    size_t count, uint32_t owner, uint64_t *state, struct intent_result *, struct reason *);
void intent_withdraw_some(struct controller *, const struct route_draft *, struct neighbor *const *,
    size_t count, uint64_t *state, struct intent_result *);

/* A generation of an owner's routes: begin, announce all again, sweep what was not (a runner withdraws it). A
 * newer begin of that owner replaces an unfinished one. */
void intent_begin(struct controller *, uint32_t owner);
void intent_sweep(struct controller *, uint32_t owner);
/* Does a begin of its owner still wait for this entry to be said again? `said`: it is one of said.h, else of what is told. */
bool intent_awaits(
    struct intent *, enum family, bool said, const struct ledger *, const struct ledger_entry *);
struct restatements *restatements_new(struct controller *);
void restatements_free(struct restatements *);
/* What a speaker held when a new controller came: kept for peers of whom nobody has said anything about that key
 * yet, neither a route nor a withdraw; routes of the configuration are not (it was applied already). `owner` is
 * in our numbers. */
void intent_adopt(struct intent *, const struct routes_message *, uint32_t owner);
void intent_adopted(
    struct intent *); /* that was all: what owners have not said again may be swept */
/* A neighbor is gone: it leaves every audience (a runner). */
void intent_forget(struct neighbor *);
/* The session of a neighbor without adj-rib-out has ended: what it had been told is not told to it again, but for what
 * the configuration says and what other peers do (a runner). */
void intent_lose(struct neighbor *);
/* Of what clients said to it, that is forgotten which policies keep back (a runner). */
void intent_lose_kept(struct neighbor *);
/* One route of a neighbor, lent. */
struct intent_route {
	enum family family;
	struct nlri nlri;
	struct route_value value;
	uint32_t owner, generation;
};
/* What is said of each family from now on is not older than these generations; 0: nothing was said yet. */
void intent_divide(struct intent *, uint32_t generation[FAMILIES]);
/* Routes that a neighbor is to be told, for show: calls `each` for at most `steps` entries from *state on (0 at
 * first); true at the end. */
bool intent_visit(struct neighbor *, uint64_t *state, unsigned steps,
    void (*each)(void *arg, struct neighbor *, const struct intent_route *), void *arg);
size_t intent_count(const struct intent *);
#endif
