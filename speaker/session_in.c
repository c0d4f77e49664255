/* The way into a session: octets become messages, messages become events of the FSM and routes. */
#include "speaker/session_inner.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include "proto/bgp/notification.h"
#include "proto/bgp/operational.h"
#include "proto/bgp/role.h"
#include "speaker/advertise.h"
#include "speaker/complaint.h"
#include "speaker/mirror.h"
#include "speaker/rib_in.h"

enum { READ_SIZE = 64 * 1024 };

/* Shared: see `holder`. */
static uint8_t input[READ_SIZE + MESSAGE_MAX_EXTENDED];
static uint8_t scratch_memory[UPDATE_SCRATCH];

/* --- one message --- */

static bool
on_open(struct session *s, struct reader body)
{
	struct open ours;
	uint8_t needs[PEER_NEEDS];
	enum peer_move move;

	if (s->fsm.state != PEER_OPEN_SENT)
		return session_event(s, FSM_OPEN);
	if (open_parse(&s->open_received, body, &s->fault) < 0)
		return session_event(s, FSM_OPEN_BAD);
	move = peer_session_for(&s->peer, s, &s->open_received, &s->fault);
	if (move == PEER_TAKEN) {
		session_collide(s);
		return false;
	}
	if (move == PEER_NONE)
		return session_event(s, FSM_OPEN_BAD);
	peer_open(s->peer, &ours);
	peer_needs(s->peer, needs);
	if (open_check(&s->open_received, ours.asn, ours.router_id, s->peer->config.peer_as,
		&s->fault) < 0 ||
	    open_check_needs(needs, &ours.caps, &s->open_received.caps, &s->fault) < 0 ||
	    (s->open_received.asn != ours.asn && !s->peer->config.member &&
		role_check((enum bgp_role)ours.caps.role, s->peer->config.role_strict,
		    &s->open_received.caps, &s->fault) < 0))
		return session_event(s, FSM_OPEN_BAD);
	if (session_waits_for_open(s))
		session_send_open(s, &ours);
	peer_agree(s->peer, s, &s->params, &ours, &s->open_received);
	s->agreed = true;
	if (!peer_session_open(s->peer, s)) {
		session_collide(s);
		return false;
	}
	return session_event(s, FSM_OPEN);
}

static bool
on_notification(struct session *s, struct reader body)
{
	struct notification n;
	struct text t = { 0 };

	s->end.notified = true;
	if (notification_parse(&n, body, &s->fault) < 0) {
		snprintf(s->why, sizeof s->why, "malformed notification received");
		return session_event(s, FSM_NOTIFICATION);
	}
	notification_print(&n, &t);
	snprintf(s->why, sizeof s->why, "notification received: %s", text_str(&t));
	text_fini(&t);
	s->end.code = n.code;
	s->end.subcode = n.subcode;
	s->end.hard = n.code == NOTIFY_CEASE && n.subcode == CEASE_HARD_RESET;
	return session_event(s, n.code == NOTIFY_OPEN && n.subcode == OPEN_VERSION
				    ? FSM_NOTIFICATION_VERSION
				    : FSM_NOTIFICATION);
}

static bool
on_update(struct session *s, const struct message *m)
{
	static struct update u;
	struct writer scratch = writer_of(scratch_memory, sizeof scratch_memory);
	struct reader whole = reader_of(m->header.at, m->length);
	struct peer *peer = s->peer;

	if (s->fsm.state != PEER_ESTABLISHED)
		return session_event(s, FSM_UPDATE);
	peer->updates_in++;
	update_parse(&u, m->body, &s->params, &scratch);
	if (u.complaints > 0 && u.worst != PENALTY_RESET)
		complaint_log(peer, &u, m);
	if (u.worst == PENALTY_RESET) {
		s->fault = u.fault;
		return session_event(s, FSM_UPDATE_BAD);
	}
	if (!session_event(s, FSM_UPDATE))
		return false;
	if (rib_in_update(peer, &u, whole, &s->fault) < 0)
		return session_event(s, FSM_STOP);
	return true;
}

static bool
on_refresh(struct session *s, struct reader body)
{
	struct refresh r;
	struct peer *peer = s->peer;
	int got;

	if (s->fsm.state != PEER_ESTABLISHED)
		return session_event(s, FSM_REFRESH);
	got = refresh_parse(&r, body, &s->params, &s->fault);
	if (got < 0)
		return session_event(s, FSM_UPDATE_BAD);
	if (!session_event(s, FSM_REFRESH))
		return false;
	if (got > 0) {
		if (log_allow(&peer->complaints, 3))
			log_info(peer->name, "route refresh ignored: %s", s->fault.text);
		s->fault = (struct fault){ 0 };
	} else if (r.kind == REFRESH_REQUEST) {
		advertise_refresh(peer, family_bit(r.family), s->params.enhanced_refresh);
	} else {
		rib_in_refresh(peer, r.family, (enum refresh_kind)r.kind);
	}
	return true;
}

/* OPERATIONAL is for those who are told of messages (mirror_heard); we only look whether it is one. */
static bool
on_operational(struct session *s, struct reader body)
{
	struct reason why = { 0 };
	struct operational o;

	if (s->fsm.state != PEER_ESTABLISHED)
		return session_event(s, FSM_REFRESH);
	s->heard_at = loop_now(s->loop);
	if (operational_parse(&o, body, &why) < 0 && log_allow(&s->peer->complaints, 3))
		log_info(s->peer->name, "a malformed OPERATIONAL: %s", why.text);
	return true;
}

static bool
on_message(struct session *s, const struct message *m)
{
	s->peer->messages_in++;
	mirror_heard(s->peer, reader_of(m->header.at, m->length));
	switch (m->type) {
	case MESSAGE_OPEN:
		return on_open(s, m->body);
	case MESSAGE_UPDATE:
		return on_update(s, m);
	case MESSAGE_NOTIFICATION:
		return on_notification(s, m->body);
	case MESSAGE_KEEPALIVE:
		return session_event(s, FSM_KEEPALIVE);
	case MESSAGE_REFRESH:
		return on_refresh(s, m->body);
	default: /* negotiated, or it would be no message */
		return on_operational(s, m->body);
	}
}

/* --- the stream --- */

/* ExaBGP takes a type that it does not know for an UPDATE that it cannot read. A peer that is told that we are
 * an ExaBGP gets that one's answer; any other the one of RFC 4271 section 6.1. */
static void
word_unknown_type(struct session *s)
{
	char text[64];
	uint8_t type = s->fault.data[0];
	int len;

	if (!s->peer->config.as_exabgp || s->fault.code != NOTIFY_HEADER ||
	    s->fault.subcode != HEADER_BAD_TYPE)
		return;
	len = snprintf(text, sizeof text, "can not decode update message of type \"%u\"", type);
	fault_set(&s->fault, NOTIFY_HEADER, HEADER_UNSPECIFIC, text, (size_t)len, "message type %u",
	    type);
}

/* While one message is worked on, the cache looks for what the next is about. */
static void
look_ahead(const struct session *s, struct reader stream, const struct message_limits *limits)
{
	struct message next;
	struct fault fault; /* told when it is its turn */

	if (s->fsm.state == PEER_ESTABLISHED && message_parse(&next, stream, limits, &fault) > 0 &&
	    next.type == MESSAGE_UPDATE)
		rib_in_soon(s->peer, &next);
}

/* Every whole message in `stream`. 1 all were taken, 0 the quota ended it, -1 the session is gone. What was not
 * taken is left in *stream. */
static int
take_messages(struct session *s, struct reader *stream)
{
	struct message_limits limits;
	struct message m;
	int got;

	for (unsigned n = 1;; n++) {
		limits =
		    (struct message_limits){ .extended = s->agreed && s->params.extended_message,
			    .refresh = true,
			    .operational = s->agreed && s->params.operational };
		got = message_parse(&m, *stream, &limits, &s->fault);
		if (got < 0) {
			word_unknown_type(s);
			return session_event(s, FSM_HEADER_BAD) ? 1 : -1;
		}
		if (got == 0)
			return 1;
		reader_take(stream, m.length);
		look_ahead(s, *stream, &limits);
		if (!on_message(s, &m))
			return -1;
		if (n % 32 == 0 && loop_spent(s->loop))
			return 0;
	}
}

/* The peer closed, or the connection broke. */
static enum loop_verdict
lost(struct session *s, ssize_t got)
{
	snprintf(s->why, sizeof s->why, "%s",
	    got == 0 ? "connection closed by the peer" : strerror(errno));
	session_event(s, FSM_CONNECT_FAILED);
	return LOOP_CLOSE;
}

/* What a session has not taken stays in the input until another session reads; only then is it copied out. A table
 * that comes in is 64 KiB at once, and worked off in many turns. */
static struct session *holder;
static struct reader held;

static void
set_aside(void)
{
	if (!holder)
		return;
	octets_clear(&holder->partial);
	octets_add(&holder->partial, held.at, held.left);
	holder = NULL;
}

/* A message that is not whole yet, and what the quota left. */
static void
keep(struct session *s, struct reader stream)
{
	holder = stream.left > 0 ? s : NULL;
	held = stream;
}

static struct reader
take_up(struct session *s)
{
	struct reader stream = held;

	if (holder != s) {
		set_aside();
		stream = reader_of(input, s->partial.len);
		if (stream.left > 0)
			memcpy(input, s->partial.base, stream.left);
		octets_fini(&s->partial);
	}
	holder = NULL;
	return stream;
}

void
session_in_forget(struct session *s)
{
	if (holder == s)
		holder = NULL;
	octets_fini(&s->partial);
}

enum loop_verdict
session_readable(void *self)
{
	struct session *s = self;
	struct reader stream = take_up(s);
	ssize_t got = READ_SIZE;
	int taken;

	if (!s->unfinished) {
		size_t have = stream.left;

		if (have > 0)
			memmove(input, stream.at, have);
		got = recv(s->fd, input + have, READ_SIZE, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return lost(s, got);
		stream = reader_of(input, have + (got > 0 ? (size_t)got : 0));
	}
	taken = take_messages(s, &stream);
	if (taken < 0)
		return LOOP_CLOSE;
	s->unfinished = taken == 0;
	keep(s, stream);
	return s->unfinished || got == READ_SIZE ? LOOP_NOW : LOOP_LATER;
}
