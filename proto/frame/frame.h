/* Frames: what speaker and controller say to each other, in msgpack. FRAMES.md is the whole language.
 *
 * Every frame is an array of five: [version, type, sequence, acknowledged, body]. Sequence and
 * acknowledged have a fixed width, so that a finished frame is stamped just before it is sent. */
#ifndef PROTO_FRAME_FRAME_H
#define PROTO_FRAME_FRAME_H
#include <stddef.h>
#include <stdint.h>
#include "common/pack.h"
#include "common/reader.h"
#include "common/reason.h"

enum { FRAME_VERSION = 1, FRAME_VERSION_OLDEST = 1 };
enum { FRAME_OCTETS_MAX = 4 * 1024 * 1024, FRAME_BATCH = 32 * 1024 /* a batch that is so long is finished */ };

enum frame_type {
	FRAME_HELLO = 1,       /* S to C: who I am */
	FRAME_WELCOME = 2,     /* C to S: go on */
	FRAME_REFUSE = 3,      /* C to S: go away, and why */
	FRAME_PING = 4,        /* both: life; {"answer": true} wants one back */
	FRAME_RESET = 5,       /* both: I lost count, say hello again */
	FRAME_PEER = 6,        /* C to S: a peer and its configuration */
	FRAME_PEERS_END = 7,   /* C to S: that were all peers; the others go */
	FRAME_PEER_REMOVE = 8, /* C to S */
	FRAME_PEER_STATE = 9,  /* S to C: a peer's state, and what was negotiated */
	FRAME_OWNER = 10,      /* both: an owner number and its name */
	FRAME_HELD_END = 11,   /* S to C: that was all I held when you came */
	FRAME_BEGIN = 12,      /* both: a restatement begins */
	FRAME_END = 13,        /* both: it is whole; what was not said again is gone */
	FRAME_ROUTES = 14,     /* both */
	FRAME_COMPLETE = 15,   /* C to S: all that this peer is to be told was said once: End-of-RIB may go */
	FRAME_INTEREST = 16,   /* C to S: which of a peer's messages somebody wants */
	FRAME_COMMAND = 17,    /* C to S */
	FRAME_REPLY = 18,      /* S to C */
	FRAME_RECEIPT = 19,    /* C to S: tell me when what came before is written to these peers */
	FRAME_SENT = 20,       /* S to C */
	FRAME_ARRIVAL = 21,    /* S to C: somebody of a range has connected */
	FRAME_TYPES
};

struct frame {
	uint32_t version;
	enum frame_type type;
	uint64_t sequence, acknowledged;
	const struct node *body;
};

/* Look at a received frame: -1 with a reason when it is none (bounds, shape, version, type below 1). A type
 * above FRAME_TYPES is given as it is: the receiver ignores it. Nodes borrow from `bytes`. */
int frame_open(struct unpack *, const void *bytes, size_t len, struct frame *, struct reason *);
/* Start a frame in an empty pack; the caller packs the body, one value. */
void frame_begin(struct pack *, enum frame_type);
/* Write its numbers into a finished frame. */
void frame_stamp(struct pack *, uint64_t sequence, uint64_t acknowledged);
/* The type of a frame that was not opened yet, from its fixed head; 0 when it has none. */
enum frame_type frame_peek(struct reader bytes);
const char *frame_type_name(enum frame_type);
#endif
