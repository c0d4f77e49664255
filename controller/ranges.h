/* Ranges: a neighbor that is a prefix. Each address of it that connects is a neighbor of its own, with a copy of the
 * range's configuration, for as long as it is connected. */
#ifndef CONTROLLER_RANGES_H
#define CONTROLLER_RANGES_H
#include "controller/fleet.h"
#include "controller/neighbor.h"

struct config;

/* It has connected to this speaker: made, if there is none of that address. */
void range_arrival(struct neighbor *range, const struct addr *);
/* A speaker has a peer that no neighbor is: made, if it is of a range. Or NULL. */
struct neighbor *range_adopt(struct speaker_entry *, const struct link_peer_state *);
/* One that was made has another state: it goes a while after its session did. */
void range_state(struct neighbor *, const struct link_peer_state *before);
void range_forget(struct neighbor *);
/* Those that are there stay with a new configuration that has a range for them. */
void ranges_carry(struct controller *, struct config *);
#endif
