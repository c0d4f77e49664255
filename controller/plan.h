/* A plan: what a draft comes to for neighbors. Those of one speaker that are told the same octets are one part of it.
 * It is made once and told for as many NLRI as share all else; it stands as long as the grounds do on which it was
 * made (neighbors, their configuration, what their sessions settled). Holds shares of values and sets, and borrows
 * the speakers. */
#ifndef CONTROLLER_PLAN_H
#define CONTROLLER_PLAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reason.h"
#include "common/set.h"
#include "controller/controller.h"
#include "controller/gates.h"
#include "controller/profile.h"
#include "proto/bgp/route.h"

struct plan_part {
	struct speaker_entry *speaker;
	struct blob *value;
	uint32_t set;
	bool forgets; /* they have no adj-rib-out: what a client says again is news */
};

struct plan { /* zero-initialise; plan_fini when done, also after -1 */
	struct controller *controller;
	enum family family;
	uint64_t grounds;
	struct plan_part *part;
	size_t count, cap;
	size_t skipped; /* neighbors without this family, or not settled */
};

/* What a draft comes to for one neighbor, made before it is wanted: the place of those octets is asked for. */
struct plan_soon {
	struct profile profile;
	uint32_t hash;
	struct octets octets; /* none: it is not known */
};
void plan_soon(struct plan_soon *, struct controller *, const struct route_draft *,
    const struct neighbor *);

/* For these neighbors (of any speakers). -1 with a reason when it can't be said to one of them at all (next-hop self
 * without an address of that family). The NLRI of the draft are not looked at. */
int plan_announce(struct plan *, struct controller *, const struct route_draft *,
    const struct plan_soon * /* or NULL */, struct neighbor *const *, size_t count,
    struct reason *);
/* To withdraw: with the attributes that ExaBGP puts beside a withdraw of that family. */
void plan_withdraw(struct plan *, struct controller *, const struct route_draft *,
    struct neighbor *const *, size_t count);
void plan_fini(struct plan *);
bool plan_stands(const struct plan *); /* its grounds are the present ones */

/* NLRI that are told next: their places are asked for beforehand. */
void plan_prefetch(const struct plan *, bool path_ids, struct reader bin);
/* One NLRI to all of them; gives how many (route, neighbor) pairs were news; of a withdraw, had been told. What policies
 * refuse of it, and that for which there is no room, is counted. */
size_t plan_tell(const struct plan *, uint32_t path_id, struct reader nlri, uint32_t owner,
    struct refusal *);
size_t plan_untell(const struct plan *, uint32_t path_id, struct reader nlri);
#endif
