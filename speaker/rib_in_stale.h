/* What a peer is saying again: the entries of an older generation are stale until it has said all, then they go.
 * Between BoRR and EoRR that is (RFC 7313); within it a neighbor's stale-time is the longest that it may last. */
#ifndef SPEAKER_RIB_IN_STALE_H
#define SPEAKER_RIB_IN_STALE_H
#include "speaker/rib_in.h"

void rib_in_stale_open(struct rib_in *);
void rib_in_stale_close(struct rib_in *);
/* All entries of the family are stale from now on. A newer beginning takes the place of an unfinished one. */
void rib_in_stale_begin(struct rib_in *, enum family);
/* Those that are stale still go, in slices. Without a beginning: nothing. */
void rib_in_stale_end(struct rib_in *, enum family);
void rib_in_stale_forget(struct rib_in *);   /* what was begun has no end: the session is over */
/* All that is older goes, in slices. A newer sweep takes the place of an unfinished one. */
void rib_in_sweep(struct rib_in *, enum family, uint32_t generation);
#endif
