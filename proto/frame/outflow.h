/* Frames on their way out of one end of the lane, in one order: a queue of finished ones, and at its end the
 * batch of routes that is being filled. Only batches need credit, so the queue is short: what is in it was
 * allowed to leave. And the acknowledgement that the other end is owed, which every frame carries. Sends nothing
 * itself and reads no clock: both are the caller's (microseconds). */
#ifndef PROTO_FRAME_OUTFLOW_H
#define PROTO_FRAME_OUTFLOW_H
#include <stdbool.h>
#include <stdint.h>
#include "common/list.h"
#include "common/pack.h"
#include "proto/frame/routes.h"
#include "proto/frame/window.h"

/* An acknowledgement waits for a frame to carry it, as TCP's does (RFC 1122 section 4.2.3.2): one that is sent for
 * a lone command wakes its sender while the peer is still to be written to. Half of WINDOW_SMALL frames do not
 * wait, or the other end would. */
enum {
	OUTFLOW_ACK_DELAY = 2000,
	OUTFLOW_ACK_FRAMES = WINDOW_SMALL / 2,
	OUTFLOW_ACK_OCTETS = 16 * 1024
};

struct outflow {
	struct list queue;
	struct pack batch;
	struct routes_writer writer;
	bool batch_open;
	uint64_t sequence; /* of the last frame that was finished */
	struct window window;
	unsigned left_out; /* since the last outflow_left_out */
	uint64_t owed_by; /* when the other end is to have its acknowledgement; 0: none is owed */
	unsigned owed_frames;
	size_t owed_octets;
};

void outflow_init(struct outflow *);
void outflow_reset(struct outflow *); /* everything unsent is forgotten, numbers begin again */
void outflow_fini(struct outflow *);

/* The batch to add a message to, or NULL without credit. */
struct routes_writer *outflow_batch(struct outflow *, uint64_t now);
/* After each message: a batch that is FRAME_BATCH long is finished. */
void outflow_added(struct outflow *, uint64_t now);
/* A control frame, behind the batch that is being filled. Takes the pack's memory. */
void outflow_say(struct outflow *, struct pack *frame, uint64_t now);
/* The end of a turn: the batch is finished, unless some frames are unacknowledged: then a small one waits, so
 * that acknowledgements size the batches. Some, not one: an acknowledgement comes behind what the other
 * direction carries, up to 100 ms late, and a command must not wait for it. Where one is owed by now and no
 * finished frame waits to carry it, a PING does. */
void outflow_settle(struct outflow *, uint64_t now);
bool outflow_empty(const struct outflow *); /* no finished frame waits */
/* Send what is finished, each stamped with `applied`. `send` gives 0, or -1 when this one can't leave now. The
 * number of frames that left, or -1 when one could not. */
int outflow_send(struct outflow *, uint64_t applied, int (*send)(void *arg, const void *, size_t),
    void *arg);
/* Frames longer than FRAME_OCTETS_MAX since the last call: no socket takes such a one and it would be tried for
 * ever, so it has no number and does not leave. */
unsigned outflow_left_out(struct outflow *);
/* A ROUTES frame of the other end, so long, was applied: an acknowledgement is owed. A PING that wants one has it at
 * once. */
void outflow_owe(struct outflow *, size_t octets, uint64_t now);
void outflow_owe_now(struct outflow *, uint64_t now);
/* By when a frame has to leave, 0: none is owed. Whatever outflow_send sends settles it. */
uint64_t outflow_owed_by(const struct outflow *);
/* The other side applied all up to `sequence`: true when the window opened. */
bool outflow_acknowledged(struct outflow *, uint64_t sequence, uint64_t now);
#endif
