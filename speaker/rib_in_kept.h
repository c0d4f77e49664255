/* What a peer said in a session that ended, kept for it to come back: graceful restart (RFC 4724 section 4.2, RFC
 * 8538) and, past the restart time, long-lived graceful restart (RFC 9494).
 *
 * At the end of the session each family begins a generation: what is older is stale. It goes when the peer has said
 * End-of-RIB, when the time that the peer asked for is over, or when its next OPEN does not vouch for it. While there
 * is a session or something kept, peer->in is there. */
#ifndef SPEAKER_RIB_IN_KEPT_H
#define SPEAKER_RIB_IN_KEPT_H
#include "speaker/rib_in.h"

/* The session ended without costing the routes. False: there is nothing to keep. */
bool rib_in_keep(struct peer *);
/* There is a session again. What its OPEN does not vouch for goes at once. */
void rib_in_resume(struct peer *);
/* The peer has said all of the family: what is stale still goes. */
void rib_in_kept_end(struct rib_in *, enum family);
/* Entries older than this are stale; 0: none is. */
uint32_t rib_in_kept_since(const struct rib_in *, enum family);
/* Milliseconds until the next family's time is over; 0: none waits. */
uint64_t rib_in_kept_left(const struct rib_in *);
void rib_in_kept_open(struct rib_in *);
void rib_in_kept_close(struct rib_in *);
#endif
