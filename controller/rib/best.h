/* The decision process (RFC 4271 section 9.1): which of the routes to one prefix is the best.
 *
 * Every step takes the routes that are left and removes those that are worse in one respect, so the choice does
 * not depend on the order in which the routes came, MED included. Pure: no tables, no clock. */
#ifndef CONTROLLER_RIB_BEST_H
#define CONTROLLER_RIB_BEST_H
#include <stddef.h>
#include "common/addr.h"
#include "controller/rib/view.h"

/* In the order in which they are taken. */
enum best_step {
	BEST_CHOSEN, /* not removed at all */
	BEST_STALE, /* RFC 9494 section 4.3: stale routes are the last resort */
	BEST_WEIGHT, /* ours: set by policy, never told */
	BEST_LOCAL_PREF, /* RFC 4271 9.1.1 */
	BEST_AIGP, /* RFC 7311 section 4 */
	BEST_AS_LENGTH, /* 9.1.2.2 a */
	BEST_ORIGIN, /* b */
	BEST_MED, /* c */
	BEST_EXTERNAL, /* d; e, the interior cost, nobody here knows */
	BEST_AGE, /* RFC 5004, where it was asked for: what is there stays */
	BEST_ROUTER_ID, /* f; ORIGINATOR_ID in its place (RFC 4456 section 9) */
	BEST_CLUSTERS, /* RFC 4456 section 9 */
	BEST_ADDRESS, /* g */
	BEST_PATH_ID, /* several paths of one peer */
	BEST_STEPS
};

struct contender {
	struct view view;
	uint32_t weight;
	uint32_t router_id; /* of the peer */
	uint32_t path_id;
	uint32_t age; /* how long it has been said as it is, in any unit */
	struct addr peer;
	bool external, stale;
	enum best_step lost; /* set by best_choose */
};

/* What is done otherwise than by default: the configuration's `decision`. */
struct best_rules {
	bool always_compare_med; /* of routes from different neighboring ASes too */
	bool missing_med_worst; /* a route without MED counts as the largest, not 0 */
	bool ignore_as_length, ignore_aigp, ignore_router_id; /* these steps are left out */
	bool prefer_older; /* of routes from other ASes the one that is there longer */
};

/* The place of the best one, and in each contender the step that removed it. n must not be 0. */
size_t best_choose(struct contender *, size_t n, const struct best_rules *);
const char *best_step_name(enum best_step); /* "local preference" */
#endif
