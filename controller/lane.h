/* A lane: the controller's end of the one ordered connection to a speaker. After the welcome: the speaker says
 * what it has (peer states; rib_out when we adopt), then we say peers, interests and all of intent with
 * begin and end, then changes as they come. Readers on the intent's ledgers are its cursors; credit is what
 * the speaker has applied. */
#ifndef CONTROLLER_LANE_H
#define CONTROLLER_LANE_H
#include <stdint.h>
#include "controller/fleet.h"
#include "proto/frame/link.h"

struct lane *lane_open(struct speaker_entry *, struct sock *, struct reader routing_id,
    const struct link_hello *);                      /* sends the welcome */
void lane_close(struct lane *, const char *why);     /* neighbors become unknown */
void lane_receive(struct lane *, struct reader frame); /* one frame of its routing id */
bool lane_is(const struct lane *, struct reader routing_id);
uint64_t lane_epoch(const struct lane *);            /* of the speaker's start */
bool lane_answers(const struct lane *, const struct link_hello *); /* this one was welcomed already */
void lane_ping(struct lane *);                       /* asks for an answer: is it alive? */
uint64_t lane_heard(const struct lane *);            /* loop time of its last frame */
/* To somebody who gets no lane: why. 0, or -1 with errno. */
int lane_refuse(struct sock *, struct reader routing_id, const char *why);
/* For a NULL lane all of these do nothing: what they would say is said when it comes. */
void lane_peer(struct lane *, struct neighbor *);    /* new or changed; behind what is wanted of it */
void lane_peer_remove(struct lane *, uint32_t number, const char *why);
void lane_interest(struct lane *, struct neighbor *);
void lane_owner(struct lane *, uint32_t owner); /* its limit is another */
void lane_wake(struct lane *); /* intent changed: it is told in this turn, and `changes` of the controller counts it */
void lane_ledger(struct lane *, enum family);        /* intent has made the ledger of a family */
void lane_overrun(struct lane *);                    /* it takes routes too slowly: closed soon, said anew from the start */
/* All of a neighbor's intent was stated once: its End-of-RIB may go behind it. */
void lane_complete(struct lane *, struct neighbor *);
void lane_neighbor_gone(struct lane *, struct neighbor *); /* about to be freed */
/* A command to the speaker; `done` once: failed with a text ("speaker edge-01 is not connected"). */
void lane_command(struct speaker_entry *, struct link_command *, void (*done)(void *self, bool failed,
    const char *text), void *self);
/* Tell when what intent says now is written to each of `count` neighbors of this speaker: `sent` is called
 * once for each that is not freed before. Without a lane or session: SENT_PEER_DOWN at once. Freed owners:
 * lane_forget(self). */
void lane_receipt(struct speaker_entry *, struct neighbor *const *, size_t count,
    void (*sent)(void *self, struct neighbor *, enum sent_status), void *self);
void lane_forget(struct speaker_entry *, void *self); /* none of these callbacks for self any more */
#endif
