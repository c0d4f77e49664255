/* rib_in: what a peer said, one ledger a family, while its session stands and as long as it is kept for the peer to
 * come back (rib_in_kept.h).
 *
 * The link is its only reader (mirror.h). Refresh borders (RFC 7313) are generations of the ledger. */
#ifndef SPEAKER_RIB_IN_H
#define SPEAKER_RIB_IN_H
#include <stdint.h>
#include "common/ledger.h"
#include "proto/bgp/message.h"
#include "proto/bgp/refresh.h"
#include "proto/bgp/update.h"
#include "speaker/peer.h"

struct rib_in {
	struct peer *peer;
	struct ledger *ledger[FAMILIES];        /* NULL: not negotiated or nothing yet */
	struct ledger_reader *reader[FAMILIES]; /* the link's, when somebody wants it (mirror.c) */
	struct ledger_reader *again[FAMILIES];  /* ... of a restatement */
	uint32_t end_of_rib;                    /* families whose End-of-RIB came */
	uint32_t count;                         /* entries */
	bool full; /* it said more than a ledger has room for */
	/* rib_in_stale.c's own: families that are being said again, and those whose sweep is not finished */
	uint32_t stale, sweeping;
	uint32_t generation[FAMILIES], sweep_at[FAMILIES];
	uint64_t stale_until[FAMILIES];         /* 0: no bound */
	struct loop_timer stale_timer;
	uint32_t sweep_generation[FAMILIES];
	struct loop_item *sweeper;
	/* rib_in_kept.c's own: families of which something is kept from a session that ended; of those, the ones past
	 * the restart time, and those whose routes are being marked so */
	uint32_t kept, kept_long, marking;
	uint32_t kept_generation[FAMILIES], mark_at[FAMILIES];
	uint64_t kept_until[FAMILIES];
	struct loop_timer kept_timer;
	struct loop_item *marker;
	uint32_t path_ids;                      /* families whose NLRI had them when it was said */
	const uint8_t *soon[2];                 /* the messages of which rib_in_soon was told last */
};

struct rib_in *rib_in_open(struct peer *);   /* the peer is established; peer->in is set */
void rib_in_close(struct peer *);            /* the ledgers retire; peer->in is NULL */
void rib_in_drop(struct rib_in *, enum family); /* that family's ledger alone, without a word to the link */
/* This UPDATE comes next: tells the cache. */
void rib_in_soon(struct peer *, const struct message *);
/* Apply an UPDATE (withdraws, then announces) and hand it on. -1: *f ends the session: 6/1 when the peer
 * passed its maximum-prefix (data: AFI, SAFI, limit), 6/8 when the process passed its cap and this peer is
 * the newest. `original` is the whole message. */
int rib_in_update(struct peer *, const struct update *, struct reader original, struct fault *);
/* For rib_in_stale.c and rib_in_kept.c: so many entries more or less. */
void rib_in_count(struct rib_in *, int change);
/* For mirror.c: its reader has moved in this family. Without a rib_in (`no_rib_in`) what it passed goes. */
void rib_in_passed(struct rib_in *, enum family);
void rib_in_refresh(struct peer *, enum family, enum refresh_kind); /* BoRR, EoRR received */
#endif
