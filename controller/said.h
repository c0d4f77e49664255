/* Said: what clients and the configuration said and gates stand before (gates.h), kept as it was said: a ledger beside
 * that of intent, of the same keys and audiences. What gates let through of it is told; the rest waits for another policy,
 * and while it waits what peers say of the prefix is told in its place.
 *
 * A route stands here for its owner's neighbors behind a gate, whether it is told or not; all others are told of their
 * routes past this. One of whose prefix a neighbor is told something by another client is not let in the way of that: it
 * is refused and not kept for that neighbor. */
#ifndef CONTROLLER_SAID_H
#define CONTROLLER_SAID_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/audience.h"
#include "controller/controller.h"
#include "controller/gates.h"
#include "controller/intent.h"

struct speaker_entry;

/* One NLRI of an owner to some neighbors of a speaker: `forgets`: they have no adj-rib-out. Gives to how many it is
 * news; what is refused is counted. */
size_t said_tell(struct speaker_entry *, const struct gated *, uint32_t path_id, uint32_t set,
    bool forgets, struct refusal *);
/* It is withdrawn. Gives those of the set that are to be told so (a share): not those for whom it only waited. */
uint32_t said_untell(
    struct speaker_entry *, enum family, uint32_t path_id, struct reader nlri, uint32_t set);
/* All that was said is decided anew, in slices. `anew`: gates may stand now where there were none. */
void said_revise(struct controller *, bool anew);
/* Nothing is kept, nor is anything still to be gone through. */
bool said_idle(const struct controller *);

/* What is kept of a family; NULL: nothing. For intent.c, which sweeps and forgets it. */
struct audience *said_kept(struct intent *, enum family);
/* An entry of it was not said again: it goes, and what is told of it. */
void said_stale(struct intent *, enum family, struct ledger_entry *);
/* The same of what is told: what is kept of it goes. */
void said_drop(struct intent *, enum family, uint32_t path_id, struct reader nlri, uint32_t set,
    uint32_t owner);
void said_free(struct intent *);

/* Of one neighbor, for show: what is said of this key and is not, or not so, told. False: nothing. */
struct said_route {
	uint32_t owner;
	bool told;
	struct gate_verdict verdict;
	struct blobs *values; /* its own */
};
bool said_explain(struct neighbor *, enum family, struct reader nlri, struct said_route *);
#endif
