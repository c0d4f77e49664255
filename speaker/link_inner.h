/* What the files of the link (link*.c) share. */
#ifndef SPEAKER_LINK_INNER_H
#define SPEAKER_LINK_INNER_H
#include "common/log.h"
#include "common/slice.h"
#include "common/sock.h"
#include "proto/frame/outflow.h"
#include "speaker/link.h"

enum phase { LINK_HELLO, LINK_UP };

struct link {
	struct speaker *speaker;
	struct sock *sock;
	struct sock_watch *watch;
	struct loop_item *out, *held;
	struct loop_timer beat, again;
	uint64_t missed_at; /* when it is said that no controller has answered yet; 0: not any more */
	struct unpack *unpack;
	enum phase phase;
	uint64_t attempt; /* number of the HELLOs since the lane was lost */
	bool refused; /* said once until something changes */
	uint64_t controller_epoch, term;
	struct outflow flow;
	uint64_t applied; /* the last of their frames that was applied */
	uint64_t sent_at, heard_at;
	uint64_t lost_at; /* while there is no lane: since when */
	uint8_t *listed; /* by peer number: stated since the welcome */
	/* giving rib_out back to a new controller: a reader on each ledger */
	struct ledger_reader *giving[FAMILIES];
	bool giving_back;
	struct slice slice;
	struct log_limit complaints;
	struct log_again failures; /* to connect */
};

/* --- link.c --- */

void link_say(struct link *, struct pack *frame); /* without credit; the frame is freed */
uint64_t link_now(const struct link *);
void link_lane_down(struct link *, const char *why);

/* --- link_frames.c: what each frame of the controller does --- */

int link_welcome(struct link *, const struct node *body, struct reason *);
int link_refused(struct link *, const struct node *body, struct reason *);
/* A frame of a lane that is up. -1 with a reason: it is malformed. */
int link_frame(struct link *, const struct frame *, struct reason *);

/* --- link_command.c --- */

int link_command(struct link *, const struct node *body, struct reason *);

/* --- link_give.c: rib_out goes back to a new controller --- */

void link_say_owners(struct link *);
void link_give(struct link *, bool adopt);
enum loop_verdict link_give_on(void *link); /* with credit, when its turn comes */
void link_give_stop(struct link *);
#endif
