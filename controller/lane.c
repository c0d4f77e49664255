/* A lane: frames out and in, the beat, its beginning and its end. */
#include <stdio.h>
#include <string.h>
#include "common/list.h"
#include "common/mem.h"
#include "controller/absence.h"
#include "controller/lane_inner.h"
#include "controller/neighbor.h"

enum {
	BEAT = 1000000, /* microseconds */
	SILENCE = 5000000,
	RETRY_SEND = 2000
};

/* --- out --- */

void
lane_say(struct lane *l, struct pack *frame)
{
	if (!l->closing) {
		outflow_say(&l->flow, frame, loop_now(l->loop));
		loop_wake(l->out);
	}
	pack_fini(frame);
}

static void
say_ping(struct lane *l, bool answer)
{
	struct link_ping ping = { .answer = answer };
	struct pack p = { 0 };

	link_ping_pack(&ping, &p);
	lane_say(l, &p);
}

static int
send_frame(void *arg, const void *data, size_t len)
{
	struct lane *l = arg;

	return sock_send(l->sock, reader_of(l->routing_id, l->routing_id_len), false, data, len);
}

static void
send_now(struct lane *l, struct pack *p)
{
	frame_stamp(p, 0, 0);
	(void)send_frame(l, p->base, p->len);
	pack_fini(p);
}

/* All is stated anew, on another lane. */
static void
end_late(struct lane *l)
{
	struct pack p = { 0 };

	link_bare_pack(FRAME_RESET, &p);
	send_now(l, &p);
	lane_close(l, "it takes routes too slowly: all is stated anew");
}

static enum loop_verdict
flush(void *self)
{
	struct lane *l = self;
	int sent;

	if (l->late) {
		end_late(l);
		return LOOP_CLOSE;
	}
	outflow_settle(&l->flow, loop_now(l->loop));
	if (outflow_left_out(&l->flow) > 0)
		log_error(l->entry->name, "a frame was left out: it is longer than %d octets",
		    FRAME_OCTETS_MAX);
	sent = outflow_send(&l->flow, l->applied, send_frame, l);
	if (sent < 0)
		loop_timer_set(l->loop, &l->again, loop_now(l->loop) + RETRY_SEND);
	else if (outflow_owed_by(&l->flow))
		loop_timer_set(l->loop, &l->again, outflow_owed_by(&l->flow));
	if (sent > 0)
		l->sent_at = loop_now(l->loop);
	return LOOP_LATER;
}

static void
flush_again(void *self)
{
	struct lane *l = self;

	loop_wake(l->out);
}

static void
beat(void *self)
{
	struct lane *l = self;
	uint64_t now = loop_now(l->loop);

	if (now - l->heard_at > SILENCE) {
		lane_close(l, "silent for 5 s");
		return;
	}
	if (now - l->sent_at >= BEAT)
		say_ping(l, false);
	loop_timer_set(l->loop, &l->beat, now + BEAT);
}

/* --- in --- */

void
lane_receive(struct lane *l, struct reader bytes)
{
	struct reason why = { 0 };
	struct frame f;
	struct pack p = { 0 };

	l->heard_at = loop_now(l->loop);
	l->entry->seen = l->heard_at;
	if (frame_open(l->unpack, bytes.at, bytes.left, &f, &why) < 0) {
		if (log_allow(&l->complaints, 5))
			log_error(l->entry->name, "a frame was ignored: %s", why.text);
		return;
	}
	if (f.type == FRAME_RESET || f.sequence != l->applied + 1) {
		link_bare_pack(FRAME_RESET, &p);
		send_now(l, &p);
		lane_close(l, "frames were lost");
		return;
	}
	if (outflow_acknowledged(&l->flow, f.acknowledged, l->heard_at)) {
		loop_wake(l->pack);
		loop_wake(l->out);
	}
	if (lane_frame(l, &f, &why) < 0 && log_allow(&l->complaints, 5))
		log_error(l->entry->name, "a frame was ignored: %s", why.text);
	l->applied = f.sequence;
	if (f.type == FRAME_ROUTES)
		outflow_owe(&l->flow, bytes.left, l->heard_at);
	if (outflow_owed_by(&l->flow))
		loop_wake(l->out);
}

/* --- life --- */

struct lane *
lane_open(struct speaker_entry *s, struct sock *sock, struct reader routing_id,
    const struct link_hello *hello)
{
	struct lane *l = mem_zero(sizeof *l);
	struct link_welcome w = { .epoch = s->controller->epoch,
		.term = s->controller->term,
		.version = FRAME_VERSION,
		.adopt = !s->adopted,
		.number = hello->number };
	struct pack p = { 0 };

	l->entry = s;
	l->controller = s->controller;
	l->loop = s->controller->loop;
	l->sock = sock;
	l->routing_id_len =
	    routing_id.left < sizeof l->routing_id ? routing_id.left : sizeof l->routing_id;
	memcpy(l->routing_id, routing_id.at, l->routing_id_len);
	l->speaker_epoch = hello->epoch;
	l->attempt = hello->number;
	l->unpack = unpack_new();
	outflow_init(&l->flow);
	asked_init(&l->asked, l->controller);
	numbers_init(&l->numbers, l->controller->sets);
	l->heard_at = l->sent_at = loop_now(l->loop);
	/* before the answers to who caused it */
	l->out = loop_work(l->loop, LOOP_SESSIONS_OUT, flush, l);
	l->pack = loop_work(l->loop, LOOP_WORK, lane_pack, l);
	l->beat = (struct loop_timer){ .fire = beat, .self = l };
	l->again = (struct loop_timer){ .fire = flush_again, .self = l };
	loop_timer_set(l->loop, &l->beat, l->heard_at + BEAT);
	s->lane = l;
	absence_end(s);
	s->lanes++;
	log_info(s->name, "speaker connected (%s), holding %llu routes", hello->software,
	    (unsigned long long)hello->held);
	link_welcome_pack(&w, &p);
	send_now(l, &p);
	return l;
}

void
lane_close(struct lane *l, const char *why)
{
	struct speaker_entry *s;

	if (!l || l->closing)
		return;
	s = l->entry;
	l->closing = true;
	log_warning(s->name, "speaker lost: %s", why);
	for (int f = 0; f < FAMILIES; f++)
		if (l->reader[f])
			ledger_reader_close(l->reader[f]);
	s->lane = NULL;
	asked_fail(&l->asked, "the speaker was lost");
	LIST_EACH(link, &l->controller->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker == s)
			neighbor_unknown(n);
	}
	absence_begin(s);
	loop_timer_stop(l->loop, &l->beat);
	loop_timer_stop(l->loop, &l->again);
	loop_close(l->out);
	loop_close(l->pack);
	outflow_fini(&l->flow);
	asked_fini(&l->asked);
	unpack_free(l->unpack);
	numbers_fini(&l->numbers);
	mem_free(l->owner);
	mem_free(l);
}

/* Whoever withdrew the route may be in the middle of a frame of this lane. */
void
lane_overrun(struct lane *l)
{
	l->late = true;
	loop_wake(l->out);
}

bool
lane_is(const struct lane *l, struct reader routing_id)
{
	return l && routing_id.left == l->routing_id_len &&
	       memcmp(routing_id.at, l->routing_id, l->routing_id_len) == 0;
}

uint64_t
lane_epoch(const struct lane *l)
{
	return l->speaker_epoch;
}

bool
lane_answers(const struct lane *l, const struct link_hello *h)
{
	return h->number > 0 && h->number == l->attempt && h->epoch == l->speaker_epoch;
}

uint64_t
lane_heard(const struct lane *l)
{
	return l->heard_at;
}

void
lane_ping(struct lane *l)
{
	say_ping(l, true);
}

int
lane_refuse(struct sock *sock, struct reader routing_id, const char *text)
{
	struct link_refuse r = { 0 };
	struct pack p = { 0 };
	int sent;

	snprintf(r.why, sizeof r.why, "%s", text);
	link_refuse_pack(&r, &p);
	frame_stamp(&p, 0, 0);
	sent = sock_send(sock, routing_id, false, p.base, p.len);
	pack_fini(&p);
	return sent;
}
