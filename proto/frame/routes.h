/* The hot frame: a batch of messages of canonical routes.
 *
 *      body     = [ message... ]
 *      message  = [ peers, flags, owner, original, announces, withdraws ]
 *      announce = [ family, path ids?, next hop, attributes, raw, nlri ]
 *      withdraw = [ family, path ids?, nlri ]   or with what it keeps, as an announce
 *
 * peers: a number (one peer) or a bitmap (bin). family: AFI * 256 + SAFI. nlri: one bin of many. */
#ifndef PROTO_FRAME_ROUTES_H
#define PROTO_FRAME_ROUTES_H
#include <stdbool.h>
#include <stdint.h>
#include "common/pack.h"
#include "common/reason.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/route.h"
#include "proto/bgp/update.h"
#include "proto/frame/frame.h"

enum routes_flag {
	ROUTES_TREATED = 1,     /* treat-as-withdraw (RFC 7606): the withdraws were announced malformed */
	ROUTES_END_OF_RIB = 2,  /* of the family of the first withdraw, which has no NLRI */
	ROUTES_REPLAY = 4,      /* from a ledger, not as it happened: newest state, boundaries not the peer's */
	ROUTES_HELD = 8,        /* S to C: what the peers are being told, given back for adoption */
	ROUTES_OTHER = 16,      /* `original` is a message of another type, and all there is */
	ROUTES_STALE = 64,      /* with replay: kept from a session that ended, for the peer to come back */
	ROUTES_SENT = 32,       /* `original` was sent to the peer, and is all there is */
	ROUTES_RESTATED = 128   /* with replay: part of a restatement, and no news to who has heard all since */
};

struct routes_part {
	enum family family;
	bool path_ids;
	struct reader nlri;     /* canonical bin */
	struct route_value value;
};

enum { ROUTES_PARTS = 64 };

/* Of a slice of a ledger that is made into messages: octets of routes, and of what stands in front of them in each
 * message (whom it is for, and ROUTES_HEAD for the rest). A frame is far below FRAME_OCTETS_MAX with them, whatever
 * was in its batch before. */
enum { ROUTES_SLICE = 48 * 1024, ROUTES_HEADS = 48 * 1024, ROUTES_HEAD = 32 };

struct routes_message {
	bool one_peer;
	uint32_t peer;
	struct reader peers;    /* bitmap, when not one_peer */
	uint32_t flags, owner;
	struct reader original; /* header and body of the UPDATE, or empty */
	struct routes_part announce[ROUTES_PARTS], withdraw[ROUTES_PARTS];
	uint8_t announces, withdraws;
};

/* --- writing: routes_begin, messages, routes_end. The pack is a whole frame then. --- */
struct routes_writer {
	struct pack *pack;      /* the caller's */
	size_t list, parts, bin;
	uint32_t messages, part_count;
	bool withdrawing, open_part;
};
void routes_begin(struct routes_writer *, struct pack *);  /* into an empty pack */
bool routes_empty(const struct routes_writer *);           /* no message yet */
void routes_end(struct routes_writer *);
/* A received UPDATE as one message. `original` may be empty. What stands beside withdraws alone goes with the first. */
void routes_update(struct routes_writer *, uint32_t peer, uint32_t flags, const struct update *,
    struct reader original);
/* A message in pieces: message, announces (each: part, nlri...), withdraws, message_end. */
void routes_message(struct routes_writer *, bool one_peer, uint32_t peer, struct reader peers,
    uint32_t flags, uint32_t owner);
void routes_announce(struct routes_writer *, enum family, bool path_ids, const struct route_value *);
/* The first call ends the announces. `value` is what the withdraw keeps, or NULL. */
void routes_withdraw(struct routes_writer *, enum family, bool path_ids, const struct route_value *);
/* Into the open part; path_ids as the part was opened. */
void routes_nlri(struct routes_writer *, bool path_ids, uint32_t path_id, struct reader nlri);
void routes_message_end(struct routes_writer *);

/* --- reading: from the body of a ROUTES frame --- */
struct routes_cursor {
	const struct node *list;
	uint32_t at;
};
struct routes_cursor routes_open(const struct node *body);
/* 1: the next message (borrowed from the frame), 0: no more, -1: malformed, with a reason. Every family,
 * length and NLRI bin was checked: walking it with nlri_next ends exactly at its end. */
int routes_next(struct routes_cursor *, struct routes_message *, struct reason *);
#endif
