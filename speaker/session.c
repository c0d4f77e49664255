/* A session: one TCP connection to a peer. What its FSM says is done here; octets come in session_in.c, and go in
 * session_out.c. */
#include "speaker/session_inner.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include "common/mem.h"
#include "common/tcp.h"
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "speaker/linger.h"
#include "speaker/mirror.h"

enum {
	CONNECT_WAIT = 10000000, /* microseconds */
	OPEN_WAIT = 240 /* RFC 4271 8.2.2: "a large value", 4 minutes suggested */
};

/* Who comes to us says first which of several sessions it is for. */
bool
session_waits_for_open(const struct session *s)
{
	return s->peer->config.local_as == 0 || (s->incoming && s->peer->config.only != 0);
}

/* Our OPEN. With local-as auto our AS is the peer's, so that it waits for the peer's OPEN. */
void
session_send_open(struct session *s, struct open *ours)
{
	uint8_t memory[MESSAGE_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	if (session_waits_for_open(s) && s->open_received.version == 0)
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
	if (before != PEER_ESTABLISHED || !s->params.graceful_notification ||
	    s->fault.code != NOTIFY_CEASE)
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
		fault_set(
		    &s->fault, s->fsm.notify_code, s->fsm.notify_subcode, NULL, 0, "%s", s->why);
	s->end.hard = is_hard(s, before);
	(s->end.hard ? notification_encode_hard : notification_encode)(&s->fault, &w);
	mirror_sent(s->peer, writer_read(&w));
	(before == PEER_ESTABLISHED ? outbox_add_first : outbox_add)(
	    &s->out, chunk_new(memory, w.len, 0));
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
		session_event(s, FSM_HOLD_EXPIRED);
}

static void
on_keepalive(void *self)
{
	session_event(self, FSM_KEEPALIVE_DUE);
}

/* Segments with a key that is not the peer's, or that the peer does not expect, are dropped without a word. */
static void
on_dial(void *self)
{
	struct session *s = self;

	if (s->peer->config.md5[0] && s->fsm.state == PEER_CONNECT)
		snprintf(s->why, sizeof s->why,
		    "no answer to our connection: is md5-password what the peer has?");
	if (s->peer->config.tcp_ao && s->fsm.state == PEER_CONNECT)
		snprintf(s->why, sizeof s->why,
		    "no answer to our connection: is the key of tcp-ao what the peer has?");
	session_event(s, FSM_CONNECT_RETRY);
}

static void
on_send_hold(void *self)
{
	struct session *s = self;
	uint64_t wait = session_send_hold(s);

	if (s->progress_at + wait > loop_now(s->loop))
		loop_timer_set(s->loop, &s->send_hold, s->progress_at + wait);
	else
		session_event(s, FSM_SEND_HOLD_EXPIRED);
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

void
session_end(struct session *s, enum fsm_event e)
{
	s->end.why = s->why[0] ? s->why : s->fault.text[0] ? s->fault.text : fsm_event_name(e);
	close_fd(s, s->end.sent);
	peer_session_closed(s->peer, s, &s->end);
	session_free(s);
}

/* Do what the FSM asks for. False: the session is gone. */
static bool
perform(struct session *s, enum fsm_event e, enum peer_state before)
{
	unsigned todo = s->fsm.actions;

	if (todo & FSM_DO_SEND_OPEN) {
		struct open ours;

		session_send_open(s, &ours);
	}
	/* as ExaBGP tells its helpers: behind our OPEN, and before the KEEPALIVE that answers the peer's */
	if (s->fsm.state != before && !(todo & (FSM_DO_CLOSE | FSM_DO_ESTABLISHED)))
		peer_session_state(s->peer, s, s->fsm.state, fsm_event_name(e));
	if (todo & FSM_DO_SEND_KEEPALIVE)
		send_keepalive(s);
	if (todo & FSM_DO_NOTIFY)
		send_notification(s, before);
	if (todo & FSM_DO_CLOSE) {
		session_end(s, e);
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
	if (todo & FSM_DO_ESTABLISHED)
		peer_session_established(s->peer, s);
	return true;
}

bool
session_event(struct session *s, enum fsm_event e)
{
	enum peer_state before = s->fsm.state;

	fsm_event(&s->fsm, e);
	return perform(s, e, before);
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
	s->roll = (struct loop_timer){ .fire = session_rolls, .self = s };
	s->paced = (struct loop_timer){ .fire = session_paced, .self = s };
	s->item = loop_fd(s->loop, fd, LOOP_SESSIONS_IN, session_readable, session_writable, s);
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
	o->ao = c->tcp_ao ? &c->ao : NULL;
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
	(void)tcp_apply(
	    fd, &o); /* a kernel that cannot is a kernel that could not connect either */
	s->reading = true;
	loop_want(s->item, true, false);
	return s;
}

void
session_start(struct session *s)
{
	session_event(s, FSM_CONNECTED);
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
	loop_timer_stop(s->loop, &s->roll);
	close_fd(s, false);
	session_in_forget(s);
	outbox_fini(&s->out);
	mem_free(s);
}

void
session_stop(struct session *s, const struct fault *f)
{
	s->fault = *f;
	if (f->text[0])
		snprintf(s->why, sizeof s->why, "%s", f->text);
	session_event(s, FSM_STOP);
}

void
session_lost(struct session *s, const char *why)
{
	snprintf(s->why, sizeof s->why, "%s", why);
	session_event(s, FSM_CONNECT_FAILED);
}

void
session_collide(struct session *s)
{
	fault_set(&s->fault, NOTIFY_CEASE, CEASE_COLLISION, NULL, 0, "connection collision");
	session_event(s, FSM_COLLISION);
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
session_local(
    const struct session *s, struct addr *local, uint16_t *local_port, uint16_t *peer_port)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof peer;

	*local_port = *peer_port = 0;
	if (tcp_local(s->fd, local, local_port) < 0)
		*local = (struct addr){ 0 };
	if (getpeername(s->fd, (struct sockaddr *)&peer, &len) == 0)
		(void)addr_of_sockaddr((struct sockaddr *)&peer, peer_port);
}
