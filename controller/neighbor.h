/* A neighbor: (speaker, address, and what tells it apart). Its configuration, the state its speaker reports, and its mirror. */
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
struct config;
struct config_neighbor;
struct mirror;
struct coverage;

struct neighbor {
	struct list link;               /* in controller.neighbors */
	struct controller *controller;
	struct speaker_entry *speaker;  /* fleet.h */
	uint32_t number;                /* ours, one a controller; the lane translates to its speaker's */
	const struct config_neighbor *config; /* of the current configuration */
	struct link_peer peer;          /* as told to the speaker */
	char name[176];                 /* "neighbor 192.0.2.1" with " speaker edge-01" when there are several */
	struct link_peer_state state;   /* as the speaker told last; state.state is PEER_IDLE before */
	bool kept;                      /* while a configuration is applied: it is in that, too */
	bool going;                     /* it is about to be freed, with others perhaps */
	bool known;                     /* the speaker has told its state on this lane */
	uint64_t state_at;              /* loop time of the last report */
	uint32_t families;              /* configured, bits */
	struct mirror *mirror;          /* what it said, while somebody wants it (mirror.h); else NULL */
	unsigned live;                  /* how many want every message as it comes, mirror or not */
	unsigned packets;               /* how many want the octets of its messages, too */
	uint32_t messages;              /* other messages that somebody wants: link_interest */
	struct rib_source *rib;         /* while its routes may travel (rib/rib.h); else NULL */
	struct list receipts;           /* what clients wait for that was said to it (api/receipt.c) */
	struct coverage *coverage;      /* subscriptions that cover it (api/cover.h); NULL at first */
	struct list watchdogs;          /* what was said of them to it (watchdog.c) */
	struct list advisories;         /* static ones that were announced (advisory.h) */
	bool advised;                   /* it was told what its configuration has to be told once */
	struct loop_timer leaving;      /* of an address of a range: it goes when this fires (ranges.h) */
	bool fresh;                     /* no helper has told it anything since it came up (api/burst.h) */
	bool up;                        /* clients were told "up" and not yet "down" */
};

/* Make all neighbors of the configuration, keep those that are the same, remove the others: start and
 * reload. Speakers that are connected are told the difference. When their routes were told, neighbors_applied: `had`, there were
 * some before. */
void neighbors_apply(struct controller *, const struct config *);
void neighbors_applied(struct controller *, bool had);
void neighbors_free(struct controller *);
/* By command: it joins the current configuration, or leaves it. */
void neighbor_create(struct controller *, struct config_neighbor *);
void neighbor_delete(struct neighbor *, const char *why);
struct neighbor *neighbor_by_number(struct controller *, uint32_t number); /* or NULL */
struct neighbor *neighbor_by_address(const struct speaker_entry *, const struct addr *); /* or NULL; no range */
struct neighbor *neighbor_of_state(const struct speaker_entry *, const struct link_peer_state *); /* or NULL */
/* Its address, or its prefix where it is a range. */
const char *neighbor_address(const struct neighbor *, char out[PREFIX_TEXT]);
/* Can what it is to be told be worked out? Not while an AS or an address that only the session tells is open. */
bool neighbor_settled(const struct neighbor *);
/* Resolved by configuration, or by the session: 0 and none when not settled. Ours is the one that the peer knows: to
 * those outside of a confederation its identifier. */
uint32_t neighbor_local_as(const struct neighbor *);
/* The AS that a route has as its origin whose path is empty, or of segments of the confederation alone (RFC 6811 section 2,
 * RFC 5065). */
uint32_t neighbor_origin_as(const struct neighbor *);
uint32_t neighbor_peer_as(const struct neighbor *);
struct addr neighbor_local_address(const struct neighbor *);
/* As link_peer for the speaker. */
void neighbor_peer(const struct neighbor *, struct link_peer *);
/* A state report came: keeps it, tells clients (api.h), mirror. */
void neighbor_state(struct neighbor *, const struct link_peer_state *);
/* Its speaker's lane is lost: state unknown, told once. */
void neighbor_unknown(struct neighbor *);
bool neighbor_established(const struct neighbor *);
bool neighbor_has_said(const struct neighbor *); /* its speaker has routes of it: it is up, or they are kept for it */
const char *neighbor_fsm(const struct neighbor *); /* as ExaBGP writes its state: "OPENSENT" */
/* ExaBGP's long name, by which selectors match: "neighbor 192.0.2.1 local-ip ... router-id ... family-allowed
 * in-open" (or its families, with multi-session), with " speaker NAME" behind it when it has a named speaker. */
void neighbor_full_name(const struct neighbor *, struct text *);
#endif
