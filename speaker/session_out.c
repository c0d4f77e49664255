/* The way out of a session: chunks are queued, paced and written. */
#include "speaker/session_inner.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "common/tcp.h"
#include "proto/bgp/message.h"
#include "speaker/advertise.h"
#include "speaker/mirror.h"

enum {
	WRITE_SIZE = 128 * 1024,
	SEND_HOLD_LEAST = 480 /* seconds, RFC 9687 */
};

/* RFC 9687: the longer of eight minutes and twice the hold time; in any case longer than the hold time. */
uint64_t
session_send_hold(const struct session *s)
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
		loop_timer_set(s->loop, &s->send_hold, s->progress_at + session_send_hold(s));
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

	pace_took(
	    &s->pace, s->peer->config.rate_limit, loop_now(s->loop), s->out.messages - before);
	return got;
}

static void
wait_for_pace(struct session *s)
{
	s->writing = false;
	loop_want(s->item, s->reading, false);
	loop_timer_set(s->loop, &s->paced, pace_next(&s->pace, loop_now(s->loop)));
}

void
session_paced(void *self)
{
	want_write(self);
}

enum loop_verdict
session_writable(void *self)
{
	struct session *s = self;
	int got;

	if (s->fsm.state == PEER_CONNECT) {
		loop_want(s->item, false, false);
		if (tcp_connected(s->fd) == 0) {
			loop_timer_stop(s->loop, &s->dial);
			s->reading = true;
			loop_want(s->item, true, false);
			return session_event(s, FSM_CONNECTED) ? LOOP_LATER : LOOP_CLOSE;
		}
		snprintf(s->why, sizeof s->why, "%s", strerror(errno));
		return session_event(s, FSM_CONNECT_FAILED) ? LOOP_LATER : LOOP_CLOSE;
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
			return session_event(s, FSM_CONNECT_FAILED) ? LOOP_LATER : LOOP_CLOSE;
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
