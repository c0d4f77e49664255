/* Routes that were announced and that a neighbor's speaker leaves out of what it sends, because the session cannot carry
 * them (their attributes do not fit into a message, or it is none that this peer may be told): who waits for "sent" is told
 * so, and not that they were written. In bulk only large values are looked at. */
#ifndef CONTROLLER_API_LEFT_OUT_H
#define CONTROLLER_API_LEFT_OUT_H
#include "common/reason.h"
#include "controller/neighbor.h"
#include "controller/plan.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/route.h"

enum { LEFT_OUT_LARGE = 1024 }; /* octets of a value: below it any message has room for it */

struct left_out { /* zero-initialise */
	char **why; /* by neighbor number: NULL: nothing was */
	size_t cap;
};

/* Would the session of this neighbor, if it is up, leave out such a route? */
bool left_out_of(const struct neighbor *, enum family, struct nlri, const struct route_value *, struct reason *why);
/* Is a value so large that it may be for its size? */
bool left_out_may(const struct plan *);
/* Look at what intent tells these neighbors of the first NLRI of a bin; routes said together have one value. */
void left_out_look(struct left_out *, struct neighbor *const *, size_t count, enum family, bool path_ids,
    struct reader bin);
void left_out_look_draft(
    struct left_out *, struct neighbor *const *, size_t count, const struct route_draft *);
const char *left_out_why(const struct left_out *, const struct neighbor *); /* lent; NULL: nothing was */
void left_out_fini(struct left_out *);
#endif
