/* The link: the speaker's end of the one ordered lane to the controller. Hello, credit, heartbeat; frames in
 * to peers and rib_out, frames out from mirror and peers. It loses the lane and finds it again; nothing
 * here ever touches a BGP session because of that. */
#ifndef SPEAKER_LINK_H
#define SPEAKER_LINK_H
#include "common/pack.h"
#include "proto/frame/link.h"
#include "proto/frame/routes.h"
#include "speaker/peer.h"
#include "speaker/speaker.h"

struct link *link_open(struct speaker *);  /* NULL: logged */
void link_close(struct link *);
bool link_up(const struct link *);         /* welcomed */

/* The batch of routes that is being filled, or NULL: no lane, no credit, or a full one that could not leave.
 * Messages may be added to it; it leaves when it is FRAME_BATCH long or at the end of the turn. */
struct routes_writer *link_batch(struct link *);
void link_batch_added(struct link *);      /* after each message */

/* Control frames: they leave behind the batch that is being filled. Without a lane they are dropped: all of it
 * is said again after the next welcome. */
void link_peer_state(struct link *, const struct peer *);
void link_border(struct link *, enum frame_type begin_or_end, const struct link_border *);
void link_sent(struct link *, uint64_t id, uint32_t peer, enum sent_status);
void link_arrival(struct link *, uint32_t range, const struct addr *);
void link_reply(struct link *, uint64_t id, bool failed, const char *text);
#endif
