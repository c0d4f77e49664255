/* A session: one TCP connection to a peer. Octets become messages, messages become events of the FSM, and
 * what the FSM says is done here. */
#include "speaker/session.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include "common/log.h"
#include "common/mem.h"
#include "common/octets.h"
#include "common/tcp.h"
#include "common/text.h"
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "proto/bgp/operational.h"
#include "proto/bgp/refresh.h"
#include "proto/bgp/role.h"
#include "speaker/advertise.h"
#include "speaker/complaint.h"
#include "speaker/fsm.h"
#include "speaker/linger.h"
#include "speaker/mirror.h"
#include "speaker/pace.h"
#include "speaker/rib_in.h"

enum {
	READ_SIZE = 64 * 1024,
	WRITE_SIZE = 128 * 1024,
	CONNECT_WAIT = 10000000,        /* microseconds */
	SEND_HOLD_LEAST = 480,          /* seconds, RFC 9687 */
	OPEN_WAIT = 240                 /* RFC 4271 8.2.2: "a large value", 4 minutes suggested */
};

struct session {
	struct peer *peer;
	struct loop *loop;
	struct fsm fsm;
	int fd;
	struct loop_item *item;
	bool incoming, reading, writing;
	struct octets partial;          /* a message that is not whole yet; empty memory when idle */
	struct outbox out;
	struct fault fault;             /* ours to send */
	struct open open_received;
	struct session_params params;
	bool agreed;                    /* params are negotiated */
	struct peer_end end;
	char why[LINK_TEXT];
	/* The hold timer is not moved for each message: it looks at heard_at when it fires. */
	struct loop_timer hold, keepalive, send_hold, dial;
	struct pace pace;
	struct loop_timer paced;        /* the next UPDATE may go */
	uint64_t hold_for, heard_at, progress_at;
};

/* Shared: a session holds octets of its own only while a message is not whole. */
static uint8_t input[READ_SIZE + MESSAGE_MAX_EXTENDED];
static uint8_t scratch_memory[UPDATE_SCRATCH];

static bool event(struct session *, enum fsm_event);

/* --- out --- */

/* RFC 9687: the longer of eight minutes and twice the hold time; in any case longer than the hold time. */
static uint64_t
send_hold_wait(const struct session *s)
{
	uint64_t hold = s->params.hold_time, seconds = s->peer->config.send_hold;

	if (seconds == 0)
		seconds = 2 * hold > SEND_HOLD_LEAST ? 2 * hold : SEND_HOLD_LEAST;
	return 1000000 * (seconds > hold ? seconds : hold + 1);
}

static void
want_write(struct session *s)
{
	if (s->out.count > 0 && !s->writing && s->item) {
		s->writing = true;
		s->progress_at = loop_now(s->loop);
		loop_timer_set(s->loop, &s->send_hold, s->progress_at + send_hold_wait(s));
		loop_wake_write(s->item);
	}
}

/* Each message of its own, so that they can be counted. */
static void
add_apart(struct session *s, struct chunk *c)
{
	struct reader run = reader_of(c->data, c->len);

	while (run.left >= MESSAGE_HEADER) {
		struct reader at = run;
		struct reader one;

		reader_take(&at, MESSAGE_HEADER - 3);
		one = reader_sub(&run, reader_u16(&at));
		outbox_add(&s->out, chunk_new(one.at, one.left, 1));
	}
	chunk_put(c);
}

void
session_send(struct session *s, struct chunk *c)
{
	s->peer->updates_out += c->messages;
	s->peer->messages_out += c->messages ? c->messages : 1;
	if (c->messages == 0 || mirror_wants_sent(s->peer))
		mirror_sent(s->peer, reader_of(c->data, c->len));
	else
		s->peer->types_out[MESSAGE_UPDATE] += c->messages;
	if (s->peer->config.rate_limit > 0 && c->messages > 1)
		add_apart(s, c);
	else
		outbox_add(&s->out, c);
	want_write(s);
}

void
session_send_first(struct session *s, const void *data, size_t len)
{
	struct chunk *c = chunk_new(data, len, 0);

	s->peer->messages_out++;
	mirror_sent(s->peer, reader_of(data, len));
	/* Before the session is up nothing overtakes our OPEN: the peer's own, which the KEEPALIVE answers, may
	 * have come before ours left. */
	if (s->fsm.state == PEER_ESTABLISHED)
		outbox_add_first(&s->out, c);
	else
		outbox_add(&s->out, c);
	want_write(s);
}

/* --- rate-limit --- */

static size_t
may_write(const struct session *s)
{
	uint32_t limit = s->peer->config.rate_limit;
	size_t front = WRITE_SIZE;

	if (limit > 0)
		front = outbox_front(&s->out, pace_allows(&s->pace, limit, loop_now(s->loop)));
	return front < WRITE_SIZE ? front : WRITE_SIZE;
}

static int
write_some(struct session *s, size_t most)
{
	uint64_t before = s->out.messages;
	int got = outbox_write(&s->out, s->fd, most);

	pace_took(&s->pace, s->peer->config.rate_limit, loop_now(s->loop), s->out.messages - before);
	return got;
}

static void
wait_for_pace(struct session *s)
{
	s->writing = false;
	loop_want(s->item, s->reading, false);
	loop_timer_set(s->loop, &s->paced, pace_next(&s->pace, loop_now(s->loop)));
}

static void
on_paced(void *self)
{
	want_write(self);
}

static enum loop_verdict
on_writable(void *self)
{
	struct session *s = self;
	int got;

	if (s->fsm.state == PEER_CONNECT) {
		loop_want(s->item, false, false);
		if (tcp_connected(s->fd) == 0) {
			loop_timer_stop(s->loop, &s->dial);
			s->reading = true;
			loop_want(s->item, true, false);
			return event(s, FSM_CONNECTED) ? LOOP_LATER : LOOP_CLOSE;
		}
		snprintf(s->why, sizeof s->why, "%s", strerror(errno));
		return event(s, FSM_CONNECT_FAILED) ? LOOP_LATER : LOOP_CLOSE;
	}
	while (s->out.count > 0) {
		size_t most = may_write(s);

		if (most == 0) {
			wait_for_pace(s);
			return LOOP_LATER;
		}
		got = write_some(s, most);
		if (got < 0) {
			snprintf(s->why, sizeof s->why, "write: %s", strerror(errno));
			return event(s, FSM_CONNECT_FAILED) ? LOOP_LATER : LOOP_CLOSE;
		}
		if (got == 0) {
			loop_want(s->item, s->reading, true);
			return LOOP_LATER;
		}
		s->progress_at = loop_now(s->loop);
		if (s->peer->session == s)
			advertise_peer_written(s->peer);
		if (s->out.count > 0 && loop_spent(s->loop))
			return LOOP_NOW;
	}
	s->writing = false;
	loop_timer_stop(s->loop, &s->send_hold);
	loop_want(s->item, s->reading, false);
	return LOOP_LATER;
}

/* Who comes to us says first which of several sessions it is for. */
static bool
waits_for_open(const struct session *s)
{
	return s->peer->config.local_as == 0 || (s->incoming && s->peer->config.only != 0);
}

/* Our OPEN. With local-as auto our AS is the peer's, so that it waits for the peer's OPEN. */
static void
send_open(struct session *s, struct open *ours)
{
	uint8_t memory[MESSAGE_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	if (waits_for_open(s) && s->open_received.version == 0)
		return;
	peer_open(s->peer, ours);
	if (ours->asn == 0) {
		ours->asn = ours->caps.asn4 = s->open_received.asn;
		if (ours->asn == 0)
			return;
	}
	open_encode(ours, &w);
	session_send_first(s, memory, w.len);
}

static void
send_keepalive(struct session *s)
{
	uint8_t memory[MESSAGE_HEADER];
	struct writer w = writer_of(memory, sizeof memory);

	keepalive_encode(&w);
	session_send_first(s, memory, w.len);
}

/* The end of a session that is meant to cost the routes says so where the peer would keep them otherwise: RFC 8538
 * section 5 has the codes. An operator may ask for it, too: then it is an administrative reset that is wrapped. */
static bool
is_hard(struct session *s, enum peer_state before)
{
	if (before != PEER_ESTABLISHED || !s->params.graceful_notification || s->fault.code != NOTIFY_CEASE)
		return false;
	if (s->fault.subcode == CEASE_HARD_RESET) {
		s->fault.subcode = CEASE_RESET;
		return true;
	}
	return s->fault.subcode == CEASE_MAX_PREFIX || s->fault.subcode == CEASE_SHUTDOWN ||
	    s->fault.subcode == CEASE_DECONFIGURED;
}

/* One write, behind the chunk that is begun; before the session is up, behind our OPEN. */
static void
send_notification(struct session *s, enum peer_state before)
{
	uint8_t memory[MESSAGE_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	if (s->fsm.notify_code != 0)
		fault_set(&s->fault, s->fsm.notify_code, s->fsm.notify_subcode, NULL, 0, "%s", s->why);
	s->end.hard = is_hard(s, before);
	(s->end.hard ? notification_encode_hard : notification_encode)(&s->fault, &w);
	mirror_sent(s->peer, writer_read(&w));
	(before == PEER_ESTABLISHED ? outbox_add_first : outbox_add)(&s->out,
	    chunk_new(memory, w.len, 0));
	(void)outbox_write(&s->out, s->fd, SESSION_QUEUE_HIGH);
	s->peer->messages_out++;
	s->end.code = s->fault.code;
	s->end.subcode = s->fault.subcode;
	s->end.sent = s->end.notified = true;
}

/* --- timers --- */

static void
arm_hold(struct session *s, uint64_t seconds)
{
	s->hold_for = seconds * 1000000;
	s->heard_at = loop_now(s->loop);
	if (seconds > 0)
		loop_timer_set(s->loop, &s->hold, s->heard_at + s->hold_for);
	else
		loop_timer_stop(s->loop, &s->hold);
}

static void
on_hold(void *self)
{
	struct session *s = self;

	if (s->heard_at + s->hold_for > loop_now(s->loop))
		loop_timer_set(s->loop, &s->hold, s->heard_at + s->hold_for);
	else
		event(s, FSM_HOLD_EXPIRED);
}

static void
on_keepalive(void *self)
{
	event(self, FSM_KEEPALIVE_DUE);
}

static void
on_dial(void *self)
{
	event(self, FSM_CONNECT_RETRY);
}

static void
on_send_hold(void *self)
{
	struct session *s = self;
	uint64_t wait = send_hold_wait(s);

	if (s->progress_at + wait > loop_now(s->loop))
		loop_timer_set(s->loop, &s->send_hold, s->progress_at + wait);
	else
		event(s, FSM_SEND_HOLD_EXPIRED);
}

static void
arm_keepalive(struct session *s)
{
	uint64_t every = s->params.hold_time / 3u;

	if (every > 0)
		loop_timer_set(s->loop, &s->keepalive, loop_now(s->loop) + every * 1000000);
}

/* --- what the FSM says --- */

static void
close_fd(struct session *s, bool told)
{
	loop_close(s->item);
	s->item = NULL;
	if (s->fd >= 0 && told)
		linger(s->loop, s->fd);
	else if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void
end(struct session *s, enum fsm_event e)
{
	s->end.why = s->why[0] ? s->why : s->fault.text[0] ? s->fault.text : fsm_event_name(e);
	close_fd(s, s->end.sent);
	peer_session_closed(s->peer, s, &s->end);
	session_free(s);
}

/* Do what the FSM asks for, in the order of the bits. False: the session is gone. */
static bool
perform(struct session *s, enum fsm_event e, enum peer_state before)
{
	unsigned todo = s->fsm.actions;

	if (todo & FSM_DO_SEND_OPEN) {
		struct open ours;

		send_open(s, &ours);
	}
	if (todo & FSM_DO_SEND_KEEPALIVE)
		send_keepalive(s);
	if (todo & FSM_DO_NOTIFY)
		send_notification(s, before);
	if (todo & FSM_DO_CLOSE) {
		end(s, e);
		return false;
	}
	if (todo & FSM_DO_OPEN_HOLD)
		arm_hold(s, s->peer->config.open_wait ? s->peer->config.open_wait : OPEN_WAIT);
	if (todo & FSM_DO_HOLD) {
		if (before == PEER_OPEN_SENT)
			arm_hold(s, s->params.hold_time);
		else
			s->heard_at = loop_now(s->loop);
	}
	if (todo & FSM_DO_KEEPALIVES)
		arm_keepalive(s);
	if (s->fsm.state != before && !(todo & FSM_DO_ESTABLISHED))
		peer_session_state(s->peer, s, s->fsm.state, fsm_event_name(e));
	if (todo & FSM_DO_ESTABLISHED)
		peer_session_established(s->peer, s);
	return true;
}

static bool
event(struct session *s, enum fsm_event e)
{
	enum peer_state before = s->fsm.state;

	fsm_event(&s->fsm, e);
	return perform(s, e, before);
}

/* --- in: one message --- */

static bool
on_open(struct session *s, struct reader body)
{
	struct open ours;
	uint8_t needs[PEER_NEEDS];
	enum peer_move move;

	if (s->fsm.state != PEER_OPEN_SENT)
		return event(s, FSM_OPEN);
	if (open_parse(&s->open_received, body, &s->fault) < 0)
		return event(s, FSM_OPEN_BAD);
	move = peer_session_for(&s->peer, s, &s->open_received, &s->fault);
	if (move == PEER_TAKEN) {
		session_collide(s);
		return false;
	}
	if (move == PEER_NONE)
		return event(s, FSM_OPEN_BAD);
	peer_open(s->peer, &ours);
	peer_needs(s->peer, needs);
	if (open_check(&s->open_received, ours.asn, ours.router_id, s->peer->config.peer_as, &s->fault) < 0 ||
	    open_check_needs(needs, &ours.caps, &s->open_received.caps, &s->fault) < 0 ||
	    (s->open_received.asn != ours.asn &&
		role_check((enum bgp_role)ours.caps.role, s->peer->config.role_strict,
		    &s->open_received.caps, &s->fault) < 0))
		return event(s, FSM_OPEN_BAD);
	if (waits_for_open(s))
		send_open(s, &ours);
	peer_agree(s->peer, s, &s->params, &ours, &s->open_received);
	s->agreed = true;
	if (!peer_session_open(s->peer, s)) {
		session_collide(s);
		return false;
	}
	return event(s, FSM_OPEN);
}

static bool
on_notification(struct session *s, struct reader body)
{
	struct notification n;
	struct text t = { 0 };

	s->end.notified = true;
	if (notification_parse(&n, body, &s->fault) < 0) {
		snprintf(s->why, sizeof s->why, "malformed notification received");
		return event(s, FSM_NOTIFICATION);
	}
	notification_print(&n, &t);
	snprintf(s->why, sizeof s->why, "notification received: %s", text_str(&t));
	text_fini(&t);
	s->end.code = n.code;
	s->end.subcode = n.subcode;
	s->end.hard = n.code == NOTIFY_CEASE && n.subcode == CEASE_HARD_RESET;
	return event(s, n.code == NOTIFY_OPEN && n.subcode == OPEN_VERSION ? FSM_NOTIFICATION_VERSION :
	    FSM_NOTIFICATION);
}

static bool
on_update(struct session *s, const struct message *m)
{
	static struct update u;
	struct writer scratch = writer_of(scratch_memory, sizeof scratch_memory);
	struct reader whole = reader_of(m->header.at, m->length);
	struct peer *peer = s->peer;

	if (s->fsm.state != PEER_ESTABLISHED)
		return event(s, FSM_UPDATE);
	peer->updates_in++;
	update_parse(&u, m->body, &s->params, &scratch);
	if (u.complaints > 0 && u.worst != PENALTY_RESET)
		complaint_log(peer, &u, m);
	if (u.worst == PENALTY_RESET) {
		s->fault = u.fault;
		return event(s, FSM_UPDATE_BAD);
	}
	if (!event(s, FSM_UPDATE))
		return false;
	if (rib_in_update(peer, &u, whole, &s->fault) < 0)
		return event(s, FSM_STOP);
	return true;
}

static bool
on_refresh(struct session *s, struct reader body)
{
	struct refresh r;
	struct peer *peer = s->peer;
	int got;

	if (s->fsm.state != PEER_ESTABLISHED)
		return event(s, FSM_REFRESH);
	got = refresh_parse(&r, body, &s->params, &s->fault);
	if (got < 0)
		return event(s, FSM_UPDATE_BAD);
	if (!event(s, FSM_REFRESH))
		return false;
	if (got > 0) {
		if (log_allow(&peer->complaints, 3))
			log_info(peer->name, "route refresh ignored: %s", s->fault.text);
		s->fault = (struct fault){ 0 };
	} else if (r.kind == REFRESH_REQUEST) {
		advertise_refresh(peer, r.family, s->params.enhanced_refresh);
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
		return event(s, FSM_REFRESH);
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
		return event(s, FSM_KEEPALIVE);
	case MESSAGE_REFRESH:
		return on_refresh(s, m->body);
	default: /* negotiated, or it would be no message */
		return on_operational(s, m->body);
	}
}

/* --- in: the stream --- */

/* ExaBGP takes a type that it does not know for an UPDATE that it cannot read. A peer that is told that we are
 * an ExaBGP gets that one's answer; any other the one of RFC 4271 section 6.1. */
static void
word_unknown_type(struct session *s)
{
	char text[64];
	uint8_t type = s->fault.data[0];
	int len;

	if (!s->peer->config.as_exabgp || s->fault.code != NOTIFY_HEADER || s->fault.subcode != HEADER_BAD_TYPE)
		return;
	len = snprintf(text, sizeof text, "can not decode update message of type \"%u\"", type);
	fault_set(&s->fault, NOTIFY_HEADER, HEADER_UNSPECIFIC, text, (size_t)len, "message type %u", type);
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
		limits = (struct message_limits){ .extended = s->agreed && s->params.extended_message,
			.refresh = true, .operational = s->agreed && s->params.operational };
		got = message_parse(&m, *stream, &limits, &s->fault);
		if (got < 0) {
			word_unknown_type(s);
			return event(s, FSM_HEADER_BAD) ? 1 : -1;
		}
		if (got == 0)
			return 1;
		reader_take(stream, m.length);
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
	snprintf(s->why, sizeof s->why, "%s", got == 0 ? "connection closed by the peer" : strerror(errno));
	event(s, FSM_CONNECT_FAILED);
	return LOOP_CLOSE;
}

/* A message that is not whole yet, and what the quota left. */
static void
keep(struct session *s, struct reader stream)
{
	octets_clear(&s->partial);
	if (stream.left > 0)
		octets_add(&s->partial, stream.at, stream.left);
	else
		octets_fini(&s->partial);
}

static enum loop_verdict
on_readable(void *self)
{
	struct session *s = self;
	size_t have = s->partial.len;
	struct reader stream;
	ssize_t got = 0;
	int taken;

	if (have > 0)
		memcpy(input, s->partial.base, have);
	if (have < sizeof input - READ_SIZE + 1) {
		got = recv(s->fd, input + have, READ_SIZE, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
			/* what came whole before the end still counts */
			if (have > 0 && got == 0) {
				stream = reader_of(input, have);
				taken = take_messages(s, &stream);
				if (taken < 0)
					return LOOP_CLOSE;
				keep(s, stream);
				if (taken == 0)
					return LOOP_NOW;
			}
			return lost(s, got);
		}
	}
	stream = reader_of(input, have + (got > 0 ? (size_t)got : 0));
	taken = take_messages(s, &stream);
	if (taken < 0)
		return LOOP_CLOSE;
	keep(s, stream);
	if (taken == 0)
		return LOOP_NOW;
	return got == READ_SIZE ? LOOP_NOW : LOOP_LATER;
}

/* --- life --- */

static struct session *
new_session(struct peer *peer, int fd, bool incoming)
{
	struct session *s = mem_zero(sizeof *s);

	s->peer = peer;
	s->loop = peer->speaker->loop;
	s->fd = fd;
	s->incoming = incoming;
	s->fsm.passive = incoming;
	s->hold = (struct loop_timer){ .fire = on_hold, .self = s };
	s->keepalive = (struct loop_timer){ .fire = on_keepalive, .self = s };
	s->send_hold = (struct loop_timer){ .fire = on_send_hold, .self = s };
	s->dial = (struct loop_timer){ .fire = on_dial, .self = s };
	s->paced = (struct loop_timer){ .fire = on_paced, .self = s };
	s->item = loop_fd(s->loop, fd, LOOP_SESSIONS_IN, on_readable, on_writable, s);
	fsm_event(&s->fsm, FSM_START);
	return s;
}

static void
options_of(const struct peer *peer, struct tcp_options *o)
{
	const struct link_peer *c = &peer->config;

	*o = (struct tcp_options){ .local = c->local, .ttl_out = c->ttl_out, .ttl_min = c->ttl_in };
	o->md5_password = c->md5[0] ? c->md5 : NULL;
	o->md5_address = c->md5_address.family ? c->md5_address : c->address;
	o->interface = c->interface[0] ? c->interface : NULL;
}

struct session *
session_connect(struct peer *peer)
{
	uint16_t port = peer->config.connect ? peer->config.connect : peer->speaker->options.port;
	struct tcp_options o;
	struct session *s;
	int fd;

	options_of(peer, &o);
	o.md5_address = peer->config.address;
	fd = tcp_connect(&peer->config.address, port, &o);
	if (fd < 0)
		return NULL;
	s = new_session(peer, fd, false);
	loop_want(s->item, false, true);
	loop_timer_set(s->loop, &s->dial, loop_now(s->loop) + CONNECT_WAIT);
	return s;
}

struct session *
session_accept(struct peer *peer, int fd)
{
	struct tcp_options o;
	struct session *s = new_session(peer, fd, true);

	options_of(peer, &o);
	(void)tcp_apply(fd, &o); /* a kernel that cannot is a kernel that could not connect either */
	s->reading = true;
	loop_want(s->item, true, false);
	return s;
}

void
session_start(struct session *s)
{
	event(s, FSM_CONNECTED);
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	loop_timer_stop(s->loop, &s->hold);
	loop_timer_stop(s->loop, &s->keepalive);
	loop_timer_stop(s->loop, &s->send_hold);
	loop_timer_stop(s->loop, &s->dial);
	loop_timer_stop(s->loop, &s->paced);
	close_fd(s, false);
	octets_fini(&s->partial);
	outbox_fini(&s->out);
	mem_free(s);
}

void
session_stop(struct session *s, const struct fault *f)
{
	s->fault = *f;
	if (f->text[0])
		snprintf(s->why, sizeof s->why, "%s", f->text);
	event(s, FSM_STOP);
}

void
session_lost(struct session *s, const char *why)
{
	snprintf(s->why, sizeof s->why, "%s", why);
	event(s, FSM_CONNECT_FAILED);
}

void
session_collide(struct session *s)
{
	fault_set(&s->fault, NOTIFY_CEASE, CEASE_COLLISION, NULL, 0, "connection collision");
	event(s, FSM_COLLISION);
}

enum peer_state
session_state(const struct session *s)
{
	return s->fsm.state;
}

const struct open *
session_open_received(const struct session *s)
{
	return &s->open_received;
}

const struct session_params *
session_params(const struct session *s)
{
	return &s->params;
}

bool
session_incoming(const struct session *s)
{
	return s->incoming;
}

size_t
session_queued(const struct session *s)
{
	return s->out.octets;
}

uint64_t
session_written(const struct session *s)
{
	return s->out.written;
}

uint64_t
session_queued_total(const struct session *s)
{
	return s->out.total;
}

void
session_local(const struct session *s, struct addr *local, uint16_t *local_port, uint16_t *peer_port)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof peer;

	*local_port = *peer_port = 0;
	if (tcp_local(s->fd, local, local_port) < 0)
		*local = (struct addr){ 0 };
	if (getpeername(s->fd, (struct sockaddr *)&peer, &len) == 0)
		(void)addr_of_sockaddr((struct sockaddr *)&peer, peer_port);
}
