/* Mirror: what a neighbor said, kept while somebody needs it: a ledger a family over interned values. Those
 * who need it are counted; the first makes the speaker restate and go on live, the last one leaving frees
 * it. Subscriptions are readers of its ledgers.
 *
 * Who only wants what happens needs none: messages are handed on. When one of them cannot take a message, a mirror
 * is made that begins with it and keeps what somebody has not been told yet, and nothing else: the newest state of
 * what changed since, withdraws of routes that were never seen here too. It goes when all are live again. */
#ifndef CONTROLLER_MIRROR_H
#define CONTROLLER_MIRROR_H
#include <stdbool.h>
#include <stdint.h>
#include "common/ledger.h"
#include "common/list.h"
#include "controller/neighbor.h"
#include "proto/frame/routes.h"

/* Owner of a mark in its ledgers: the peer withdrew it, or it went with a session that ended. */
enum { MIRROR_WITHDRAWN, MIRROR_LOST };
/* ... of a route: the speaker said that it is kept from a session that ended. */
enum { MIRROR_STALE = 2 };

struct mirror {
	struct neighbor *neighbor;
	struct ledger *ledger[FAMILIES];     /* NULL: nothing of that family yet */
	unsigned needed;
	bool kept;                           /* somebody needed it: what all have passed stays */
	uint64_t had;                        /* routes of the neighbor, the most that it was said to have */
	bool full; /* the log said that there is no room for all of it */
	bool whole;                          /* a restatement has come to its end since the session came up */
	bool restating, ended;               /* BEGIN came; and END: when the sweep is over it is whole */
	uint32_t generation[FAMILIES];
	uint32_t lost[FAMILIES];             /* what is older was said in a session that ended */
	uint32_t stale_since[FAMILIES];      /* what is older is kept from a session that ended */
	uint32_t end_of_rib;                 /* families whose End-of-RIB came in this session */
	uint32_t sweep_at[FAMILIES], sweeping;
	uint64_t unheard;                    /* loop time since when its speaker has been gone and has not said again all
	                                      * of it (absence.h); 0: it has */
	struct loop_item *sweeper;
	struct list waiting;                 /* struct mirror_wait: told when whole */
};

/* Somebody who waits for a mirror to be whole: embedded. */
struct mirror_wait {
	struct list link;
	void (*whole)(void *self);
	void *self;
};

struct mirror *mirror_need(struct neighbor *);      /* made if it is the first; never NULL */
void mirror_done(struct neighbor *);                /* one need less */
void mirror_listen(struct neighbor *, bool wanted); /* one who wants every message from now on; or no longer */
void mirror_settle(struct neighbor *);              /* somebody is not behind any more: if nobody is, it goes */
void mirror_free(struct neighbor *);                /* the neighbor goes; NULL mirror is fine */
/* Called back once when whole: at once when it is, or when the neighbor is not up and nothing is kept of it (then it is empty). */
void mirror_when_whole(struct mirror *, struct mirror_wait *);
void mirror_unwait(struct mirror_wait *);
/* One who wants the octets of every message that it hears of, too; or no longer. */
void mirror_packets(struct neighbor *, bool wanted);
size_t mirror_count(const struct mirror *);
bool mirror_is_table(const struct mirror *);        /* it is all that the neighbor said */
/* A family's ledger was made or is about to be freed: subscriptions open and close their readers in these
 * (in api/cover.c). */
void api_mirror_ledger(struct mirror *, enum family);
void api_mirror_closing(struct mirror *, enum family);
/* The mirror changed by itself (a sweep withdrew routes): its readers have something in front of them. */
void api_mirror_changed(struct mirror *);
/* Marks piled up behind this reader of a subscription: it has to be put to the head or closed now (api/cover_lost.c). */
void api_mirror_overrun(struct ledger_reader *);

/* A reader has moved in this family: unless it is kept, what all have passed goes. */
void mirror_passed(struct mirror *, enum family);

/* --- from the lane --- */
void mirror_found_again(struct neighbor *);         /* it is back: what is needed is restated */
/* This message comes next, by way of mirror_message, at the same place and as it is now; two at most are on their way.
 * The cache is told of what it will look up. */
void mirror_soon(const struct neighbor *, const struct routes_message *);
void mirror_message(struct neighbor *, const struct routes_message *); /* applies, and tells live readers */
void mirror_messages_end(struct neighbor *); /* no more of them for now: the RIB reads what they said */
void mirror_begin(struct neighbor *);
void mirror_end(struct neighbor *);
void mirror_down(struct neighbor *);                /* the session ended: everything is withdrawn (a runner) */
/* Of a session that ended, now or before, the speaker keeps these families alone: they are stale, the others are
 * withdrawn. */
void mirror_kept(struct neighbor *, uint32_t families, bool now);
/* How long a route has been said as it is (to this controller), in sixteenths of a second. */
uint32_t mirror_age(
    const struct controller *, const struct ledger *, const struct ledger_entry *);
/* Is it kept from a session that ended? */
bool mirror_is_stale(const struct mirror *, enum family, const struct ledger_entry *);
#endif
