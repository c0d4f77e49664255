/* Events as clients see them: maps with a type, a time, and whose they are. FRAMES.md section 1 lists them. Each
 * function writes one map to the tree. Those of RPKI are in origins.c. */
#ifndef CONTROLLER_API_EVENT_H
#define CONTROLLER_API_EVENT_H
#include "common/slice.h"
#include "common/tree.h"
#include "controller/neighbor.h"
#include "proto/frame/routes.h"

void event_state(struct tree *, const struct neighbor *, const char *state, const char *reason,
    uint64_t session);
/* A message of a neighbor, as it happened. */
void event_message(struct tree *, const struct neighbor *, const struct routes_message *);
void event_end_of_rib(struct tree *, const struct neighbor *, enum family, bool live);
/* One group of a slice: routes of one value that were announced, or withdrawn ones. */
void event_group(struct tree *, const struct neighbor *, enum family, struct ledger *,
    const struct slice *, const struct slice_group *);
/* "synced", "reset": of one neighbor, or (NULL) of the subscription. */
void event_mark(struct tree *, const struct neighbor *, const char *type);
/* A route that a policy asks a client about; `whole`: its attributes as a map too. */
struct ask;
void event_ask(struct tree *, const struct ask *, bool whole);
void event_lagged(struct tree *, const struct neighbor *, uint64_t skipped);
/* What a message announces and withdraws: members of ExaBGP's "update" map behind its attributes. */
struct event_form {
	bool compact;     /* an NLRI of unicast that is only a prefix is a text, not a map */
	unsigned version; /* API_42 and so on: encoder.h */
};
void event_parts(struct tree *, const struct routes_message *, const struct event_form *);
/* Do NLRI of this family from this neighbor have path ids? */
bool event_path_ids(const struct neighbor *, enum family);
/* The name under which a next hop stands in "announce". Flows may have none. */
const char *event_next_hop(enum family, struct reader next_hop, char out[ADDR_TEXT]);
#endif
