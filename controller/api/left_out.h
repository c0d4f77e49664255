/* Routes that were announced and that a neighbor's speaker leaves out of what it sends, because the session cannot carry
 * them (their attributes do not fit into a message, or it is none that this peer may be told): who waits for "sent" is told
 * so, and not that they were written; of a single command and of a bulk alike. */
#ifndef CONTROLLER_API_LEFT_OUT_H
#define CONTROLLER_API_LEFT_OUT_H
#include "common/reason.h"
#include "controller/neighbor.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/route.h"

struct left_out { /* zero-initialise */
	char **why; /* by neighbor number: NULL: nothing was */
	size_t cap;
};

/* Would the session of this neighbor, if it is up, leave out such a route? */
bool left_out_of(const struct neighbor *, enum family, struct nlri nlri, const struct route_value *,
    struct reason *why);
/* Look at what intent tells these neighbors of a route. */
void left_out_look(
    struct left_out *, struct neighbor *const *, size_t count, enum family, struct nlri);
/* Of the first route of a draft: what is typed in one line has one value, and NLRI of one length or nearly so. */
void left_out_look_draft(
    struct left_out *, struct neighbor *const *, size_t count, const struct route_draft *);
const char *left_out_why(const struct left_out *, const struct neighbor *); /* lent; NULL: nothing was */
void left_out_fini(struct left_out *);
#endif
