/* A neighbor: (speaker, address). Its configuration, the state its speaker reports, and its mirror. */
#ifndef CONTROLLER_NEIGHBOR_H
#define CONTROLLER_NEIGHBOR_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/list.h"
#include "common/text.h"
#include "common/tree.h"
#include "controller/controller.h"
#include "proto/frame/link.h"

struct speaker_entry;
struct config_neighbor;
struct mirror;

struct neighbor {
	struct list link;               /* in controller.neighbors */
	struct controller *controller;
	struct speaker_entry *speaker;  /* fleet.h */
	uint32_t number;                /* on its speaker: adopted from it, or the first free one */
	const struct config_neighbor *config; /* of the current configuration */
	struct link_peer peer;          /* as told to the speaker */
	char name[128];                 /* "neighbor 192.0.2.1" with " speaker edge-01" when there are several */
	struct link_peer_state state;   /* as the speaker told last; state.state is PEER_IDLE before */
	bool known;                     /* the speaker has told its state on this lane */
	uint64_t state_at;              /* loop time of the last report */
	uint32_t families;              /* configured, bits */
	struct mirror *mirror;          /* what it said, while somebody wants it (mirror.h); else NULL */
	bool up;                        /* clients were told "up" and not yet "down" */
};

/* Make all neighbors of the configuration, keep those that are the same, remove the others: start and
 * reload. Speakers that are connected are told the difference. */
void neighbors_apply(struct controller *, const struct config *);
struct neighbor *neighbor_by_number(struct speaker_entry *, uint32_t number); /* or NULL */
/* As link_peer for the speaker. */
void neighbor_peer(const struct neighbor *, struct link_peer *);
/* A state report came: keeps it, tells clients (api.h), mirror. */
void neighbor_state(struct neighbor *, const struct link_peer_state *);
/* Its speaker's lane is lost: state unknown, told once. */
void neighbor_unknown(struct neighbor *);
bool neighbor_established(const struct neighbor *);
/* ExaBGP's long name, by which selectors match: "neighbor 192.0.2.1 local-ip ... router-id ... family-allowed
 * in-open", with " speaker NAME" behind it when it has a named speaker. */
void neighbor_full_name(const struct neighbor *, struct text *);
#endif
