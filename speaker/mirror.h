/* Mirror: rib_in to the controller. For each peer that the controller is interested in, a reader on each
 * ledger of its rib_in. While the lane takes octets and the reader is live, each UPDATE travels as one
 * message as it came; without credit the reader falls behind, and is packed from slices until it is live. */
#ifndef SPEAKER_MIRROR_H
#define SPEAKER_MIRROR_H
#include "proto/frame/link.h"
#include "proto/bgp/update.h"
#include "speaker/peer.h"
#include "speaker/speaker.h"

struct ledger_reader;

struct mirror *mirror_open(struct speaker *);
void mirror_close(struct mirror *);
void mirror_interest(struct mirror *, const struct link_interest *); /* begin, restate, end, then live */
void mirror_peer_up(struct peer *);       /* with a rib_in that is new */
void mirror_peer_down(struct peer *);
void mirror_peer_kept(struct peer *);     /* it is down, its rib_in stays */
void mirror_ledger(struct peer *, enum family); /* rib_in made this ledger: it is empty yet */
/* Before rib_in applies an update: may it go as it came? Then, once applied, what was said. */
bool mirror_live(struct peer *, const struct update *);
void mirror_update(struct peer *, const struct update *, struct reader original, bool live);
bool mirror_wants_packets(struct peer *); /* the octets of every message too */
/* A whole message that was received (no UPDATE) or is being sent: counted, and told if somebody wants it. */
void mirror_heard(struct peer *, struct reader message);
void mirror_sent(struct peer *, struct reader messages);
bool mirror_wants_sent(const struct peer *);   /* UPDATEs too; else they need only be counted */
void mirror_changed(struct peer *);       /* rib_in changed by itself (a refresh was swept) */
/* Marks piled up behind this reader of the peer: it starts again from the head. */
void mirror_overrun(struct peer *, struct ledger_reader *);
void mirror_lane_down(struct mirror *);   /* interests are the controller's to state again */
void mirror_credit(struct mirror *);      /* the lane takes octets again */
#endif
