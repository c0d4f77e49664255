/* A cover: one subscription and one neighbor of it: readers on the ledgers of the neighbor's mirror, if there is one.
 *
 *      snapshot    its readers were put at the heads; what they pass is told until they are live and the
 *                  mirror is whole
 *      live        every message is handed over as it happens
 *      behind      credit or the client's queue had run out (or the table changed by itself): its readers stay
 *                  where they are, and are told the newest state of each route when there is credit
 *      lost        nobody knows any more what it would have to be told: when there is credit it has to forget what
 *                  it holds, and gets a snapshot
 *
 * A mirror with the whole table is needed for a snapshot, and goes on being needed by a subscription that asked for
 * one. Who did not, or is a helper, is live without any; when it falls behind the mirror that is made then has what it
 * missed (controller/mirror.h).
 *
 * A coverage is what the API keeps for a neighbor: its covers, and which state clients were told. */
#ifndef CONTROLLER_API_COVER_H
#define CONTROLLER_API_COVER_H
#include "controller/api/subscription.h"
#include "controller/mirror.h"

struct coverage {
	struct neighbor *neighbor;
	struct list covers;
	bool met;                         /* its speaker has told of it: subscriptions were asked */
	enum told told;
	uint64_t session;
	uint64_t counter;                 /* events of ExaBGP's JSON about it */
};

enum cover_phase { COVER_SNAPSHOT, COVER_LIVE, COVER_BEHIND, COVER_LOST };

struct cover {
	struct list of_subscription, of_coverage;
	struct list behind;               /* in subscription.behind, or alone */
	struct subscription *subscription;
	struct coverage *coverage;
	bool updates;                     /* they are wanted */
	bool needs;                       /* ... with the table: mirror_need */
	bool absent;                      /* the lane was lost since it was live */
	uint32_t told;                    /* families of which it may hold routes */
	struct ledger_reader *reader[FAMILIES]; /* on the ledgers that the mirror has */
	enum cover_phase phase;
	bool first;                       /* part of the subscription's first snapshot */
	bool whole;                       /* the mirror was whole once since the snapshot began */
	bool handed;                      /* it was live before the message at hand */
	bool resumed;                     /* `lagged` was said since it fell behind */
	bool state_owed, reset_owed, resync;
	uint32_t end_of_rib_owed;
	uint64_t skipped;
	unsigned wish;                    /* of a listener */
	enum told said;                   /* to it */
	uint64_t said_session;
	bool negotiated;                  /* it was told what the session to come has agreed on */
	struct mirror_wait wait;
};

/* The cover of a listener is made, ended or made anew when its wish for the neighbor is another. */
void cover_reconsider(struct subscription *, struct neighbor *);
/* Cover the neighbor if the subscription wants it. */
void cover_consider(struct subscription *, struct neighbor *, bool first);
void cover_close(struct cover *);
void cover_fall_behind(struct cover *);   /* it has something to be told from a table, or a state */
enum loop_verdict covers_catch_up(void *api);
struct coverage *coverage_of(struct neighbor *);
const char *told_name(enum told);
#endif
