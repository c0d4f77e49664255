/* Advertise: rib_out to the peers. Each established peer has an outlet: a reader on each negotiated family's
 * ledger. Readers that stand at the same place with equal session parameters are packed for once and share
 * the chunk; a peer whose queue is past its bound is left where it is and comes back with its own cursor.
 *
 * End-of-RIB, refresh borders and receipts are barriers of a peer's reader: border.h. */
#ifndef SPEAKER_ADVERTISE_H
#define SPEAKER_ADVERTISE_H
#include <stdint.h>
#include "common/ledger.h"
#include "common/list.h"
#include "proto/bgp/refresh.h"
#include "speaker/peer.h"
#include "speaker/speaker.h"

struct outlet {
	struct peer *peer;
	struct ledger_reader *reader[FAMILIES];
	struct list link;          /* in advertise's round; that of advertise.c, packing.c, border.c and limit.c from here */
	uint32_t end_of_rib_due;   /* families whose barrier the reader has not passed yet */
	bool end_of_rib_placed;    /* once a session */
	uint32_t refresh_due;      /* families of which a refresh with borders was asked for, */
	uint32_t refreshing;       /* ... has begun, its end is not told yet, */
	uint32_t refreshed;        /* ... though all was told: the ends of all leave together */
	bool waits;                /* nothing is told before `begin` */
	struct loop_timer begin;
	bool full;                 /* passed over for want of room: served again when its session has written */
	bool told;                 /* it was sent a route in this session: before that there is nothing to withdraw */
	uint64_t advertised;       /* announces sent less withdraws: an upper bound of the prefixes out */
	uint32_t beginning;        /* families of which what there was at the beginning is not all told yet, */
	uint32_t flushing;         /* ... and of which all is told again, without borders */
	struct list limits;        /* limit.h */
	bool limit_was_last;       /* ... was served; then it is the turn of its own readers */
	struct list receipts;      /* passed, waiting until their octets are written */
};

struct advertise *advertise_open(struct speaker *);
void advertise_close(struct advertise *);
/* Readers at the head: everything is told again. To a peer whose configuration was changed not before COMPLETE:
 * what was said until then is of another configuration. */
void advertise_peer_up(struct peer *);
void advertise_peer_down(struct peer *);
void advertise_peer_written(struct peer *); /* its session wrote something: receipts, and room for more */
/* Marks piled up behind this outlet: its peer is closed (6/8). */
void advertise_overrun(struct outlet *);
void advertise_wake(struct advertise *);  /* rib_out changed */
void advertise_limit(struct outlet *); /* one of its limits may have more now */
void advertise_complete(struct peer *);   /* the controller's COMPLETE */
void advertise_refresh(struct peer *, uint32_t families, bool borders); /* ROUTE-REFRESH came, or `flush`: all again */
#endif
