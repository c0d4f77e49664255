/* What the files of a lane (lane*.c) share. */
#ifndef CONTROLLER_LANE_INNER_H
#define CONTROLLER_LANE_INNER_H
#include "common/log.h"
#include "common/slice.h"
#include "controller/asked.h"
#include "controller/lane.h"
#include "controller/numbers.h"
#include "proto/frame/outflow.h"

struct lane {
	struct speaker_entry *entry;
	struct controller *controller;
	struct loop *loop;
	struct sock *sock;
	uint8_t routing_id[256];
	size_t routing_id_len;
	uint64_t speaker_epoch, attempt; /* of the HELLO */
	struct unpack *unpack;
	struct outflow flow;
	uint64_t applied;
	bool held, closing;
	bool late; /* it takes routes too slowly: closed at the end of the turn */
	uint64_t sent_at, heard_at;
	struct loop_timer beat, again;
	struct loop_item *out, *pack;
	struct ledger_reader *reader[FAMILIES];
	bool restated; /* BEGIN was said: readers are open */
	struct numbers numbers;
	uint32_t *owner, owner_cap; /* our owner number by theirs (adoption) */
	uint32_t owners_said; /* owners 1..n were told */
	struct asked_list asked;
	struct slice slice;
	struct log_limit complaints;
};

void lane_say(struct lane *, struct pack *frame); /* the frame is freed */

/* --- lane_frames.c --- */

/* A frame of the speaker. -1 with a reason: it is malformed. */
int lane_frame(struct lane *, const struct frame *, struct reason *);

/* --- lane_peers.c --- */

/* The speaker has said what it has: now we say all that there is. */
void lane_restate(struct lane *);

/* --- lane_routes.c --- */

void lane_say_owners(struct lane *); /* those it was not told of yet */
enum loop_verdict lane_pack(void *lane); /* with credit, when its turn comes */

/* --- lane_marks.c --- */

/* Behind all that intent says now: */
void lane_mark_end(struct lane *);
void lane_mark_receipt(struct lane *, uint64_t id); /* of asked.h */
void lane_mark_command(struct lane *, const struct link_command *);
#endif
