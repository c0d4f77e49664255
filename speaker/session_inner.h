/* What the files of a session (session*.c) share. */
#ifndef SPEAKER_SESSION_INNER_H
#define SPEAKER_SESSION_INNER_H
#include "common/octets.h"
#include "speaker/fsm.h"
#include "speaker/pace.h"
#include "speaker/session.h"

struct session {
	struct peer *peer;
	struct loop *loop;
	struct fsm fsm;
	int fd;
	struct loop_item *item;
	bool incoming, reading, writing;
	struct octets partial; /* what was read and not taken, while another session reads; empty memory when idle */
	bool unfinished; /* whole messages are among it: the quota ended */
	struct outbox out;
	struct fault fault; /* ours to send */
	struct open open_received;
	struct session_params params;
	bool agreed; /* params are negotiated */
	struct peer_end end;
	char why[LINK_TEXT];
	/* The hold timer is not moved for each message: it looks at heard_at when it fires. */
	struct loop_timer hold, keepalive, send_hold, dial;
	struct pace pace;
	struct loop_timer paced; /* the next UPDATE may go */
	struct loop_timer roll; /* has the peer taken another key? */
	uint64_t hold_for, heard_at, progress_at;
};

/* The FSM is told, and what it says is done. False: the session is over and freed. */
bool session_event(struct session *, enum fsm_event);
/* It ends, for s->why or s->fault, and is freed. */
void session_end(struct session *, enum fsm_event);
/* Who comes to us says first which of several sessions it is for: our OPEN waits for theirs. */
bool session_waits_for_open(const struct session *);
void session_send_open(struct session *, struct open *ours);

/* --- session_in.c: octets become messages, messages events --- */
enum loop_verdict session_readable(void *session);
void session_in_forget(struct session *); /* it is about to be freed */

void session_rolls(void *session); /* session_key.c */

/* --- session_out.c --- */
enum loop_verdict session_writable(void *session);
void session_paced(void *session); /* rate-limit: the next UPDATE may go */
uint64_t session_send_hold(const struct session *); /* microseconds, RFC 9687 */
#endif
