/* The link: hello, credit, heartbeat; frames in and out. */
#include "speaker/link_inner.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "speaker/limit.h"
#include "speaker/mirror.h"
#include "speaker/orphan.h"
#include "speaker/rib_out.h"

enum {
	HELLO_EVERY = 1000000, /* microseconds */
	REFUSED_WAIT = 5000000,
	PING_AFTER = 1000000,
	SILENCE = 5000000,
	RETRY_SEND = 2000
};

bool
link_up(const struct link *l)
{
	return l->phase == LINK_UP;
}

/* --- out --- */

uint64_t
link_now(const struct link *l)
{
	return loop_now(l->speaker->loop);
}

struct routes_writer *
link_batch(struct link *l)
{
	return l->phase == LINK_UP ? outflow_batch(&l->flow, link_now(l)) : NULL;
}

void
link_batch_added(struct link *l)
{
	outflow_added(&l->flow, link_now(l));
	loop_wake(l->out);
}

void
link_say(struct link *l, struct pack *frame)
{
	if (l->phase == LINK_UP) {
		outflow_say(&l->flow, frame, link_now(l));
		loop_wake(l->out);
	}
	pack_fini(frame);
}

static void
say_ping(struct link *l)
{
	struct link_ping ping = { 0 };
	struct pack p = { 0 };

	link_ping_pack(&ping, &p);
	link_say(l, &p);
}

static int
send_frame(void *arg, const void *data, size_t len)
{
	struct link *l = arg;

	return sock_send(l->sock, (struct reader){ 0 }, false, data, len);
}

static void
say_hello(struct link *l)
{
	struct link_hello h = { .epoch = l->speaker->epoch,
		.oldest = FRAME_VERSION_OLDEST,
		.newest = FRAME_VERSION,
		.software = "ambo " AMBO_VERSION };
	struct pack p = { 0 };

	snprintf(h.name, sizeof h.name, "%s", l->speaker->options.name);
	h.number = l->attempt;
	h.held = rib_out_count(l->speaker->out);
	link_hello_pack(&h, &p);
	frame_stamp(&p, 0, 0);
	/* nobody there yet: the next beat says it again */
	(void)sock_send(l->sock, (struct reader){ 0 }, false, p.base, p.len);
	pack_fini(&p);
}

static enum loop_verdict
flush(void *self)
{
	struct link *l = self;
	struct loop *loop = l->speaker->loop;
	int sent;

	outflow_settle(&l->flow, link_now(l));
	if (outflow_left_out(&l->flow) > 0)
		log_error("controller", "a frame was left out: it is longer than %d octets",
		    FRAME_OCTETS_MAX);
	sent = outflow_send(&l->flow, l->applied, send_frame, l);
	if (sent < 0)
		loop_timer_set(loop, &l->again, loop_now(loop) + RETRY_SEND);
	else if (outflow_owed_by(&l->flow))
		loop_timer_set(loop, &l->again, outflow_owed_by(&l->flow));
	if (sent > 0)
		l->sent_at = loop_now(loop);
	return LOOP_LATER;
}

static void
flush_again(void *self)
{
	struct link *l = self;

	loop_wake(l->out);
}

void
link_peer_state(struct link *l, const struct peer *peer)
{
	struct link_peer_state s;
	struct pack p = { 0 };

	if (l->phase != LINK_UP)
		return;
	peer_state_of(peer, &s);
	link_peer_state_pack(&s, &p);
	link_say(l, &p);
}

void
link_border(struct link *l, enum frame_type type, const struct link_border *b)
{
	struct pack p = { 0 };

	link_border_pack(b, type, &p);
	link_say(l, &p);
}

void
link_sent(struct link *l, uint64_t id, uint32_t peer, enum sent_status status)
{
	struct link_sent s = { .id = id, .peer = peer, .status = (uint8_t)status };
	struct pack p = { 0 };

	link_sent_pack(&s, &p);
	link_say(l, &p);
}

void
link_arrival(struct link *l, uint32_t range, const struct addr *address)
{
	struct link_arrival a = { .peer = range, .address = *address };
	struct pack p = { 0 };

	link_arrival_pack(&a, &p);
	link_say(l, &p);
}

void
link_reply(struct link *l, uint64_t id, bool failed, const char *text)
{
	struct link_reply r = { .id = id, .failed = failed };
	struct pack p = { 0 };

	snprintf(r.text, sizeof r.text, "%s", text);
	link_reply_pack(&r, &p);
	link_say(l, &p);
}

/* --- the lane comes and goes --- */

static void
forget_lane(struct link *l)
{
	outflow_reset(&l->flow);
	l->applied = 0;
	link_give_stop(l);
	rib_out_lane(l->speaker->out);
	memset(l->listed, 0, LINK_PEERS_MAX + 1);
}

void
link_lane_down(struct link *l, const char *why)
{
	if (l->phase == LINK_UP) {
		log_warning("controller", "lost: %s; sessions and routes stay as they are", why);
		l->lost_at = link_now(l);
	}
	l->phase = LINK_HELLO;
	forget_lane(l);
	mirror_lane_down(l->speaker->mirror);
}

static void
begin_anew(struct link *l, const char *why)
{
	link_lane_down(l, why);
	l->attempt++;
	say_hello(l);
}

/* Counters move without a change of state: told once a beat, for those that did. */
static void
say_counters(struct link *l)
{
	for (uint32_t i = 0; i < l->speaker->peers_cap; i++) {
		struct peer *p = l->speaker->peers[i];
		bool waits = p && p->out && limits_any(p->out);

		if (p && p->session &&
		    (p->updates_in + p->updates_out != p->updates_told || waits ||
			p->waiting_told)) {
			p->updates_told = p->updates_in + p->updates_out;
			p->waiting_told = waits;
			link_peer_state(l, p);
		}
	}
}

static void
beat(void *self)
{
	struct link *l = self;
	struct loop *loop = l->speaker->loop;
	uint64_t now = loop_now(loop), wait = HELLO_EVERY;

	if (l->phase == LINK_UP && now - l->heard_at > SILENCE) {
		link_lane_down(l, "silent for 5 s");
		l->attempt++;
	}
	if (l->missed_at && now >= l->missed_at && l->phase == LINK_HELLO && !l->refused)
		log_warning("controller", "no answer from %s so far; it is tried on",
		    l->speaker->options.controller);
	if (now >= l->missed_at || l->phase != LINK_HELLO)
		l->missed_at = 0;
	if (l->phase == LINK_HELLO) {
		orphans_look(l->speaker, l->lost_at);
		say_hello(l);
		if (l->refused)
			wait = REFUSED_WAIT;
		loop_timer_set(loop, &l->beat, now + wait);
		return;
	}
	say_counters(l);
	if (now - l->sent_at >= PING_AFTER) {
		say_ping(l);
	}
	loop_timer_set(loop, &l->beat, now + wait);
}

/* --- in --- */

/* Something of theirs was applied: the window opens. */
static void
acknowledged(struct link *l, uint64_t sequence)
{
	if (!outflow_acknowledged(&l->flow, sequence, link_now(l)))
		return;
	mirror_credit(l->speaker->mirror);
	loop_wake(l->held);
	loop_wake(l->out);
}

static void
receive(struct link *l, const struct sock_message *m)
{
	struct reason why = { 0 };
	struct frame f;
	int ok = m->truncated ? reason_set(&why, 0, 0, "a message of several parts")
			      : frame_open(l->unpack, m->body.at, m->body.left, &f, &why);

	if (ok == 0 && f.type == FRAME_WELCOME) {
		ok = link_welcome(l, f.body, &why);
	} else if (ok == 0 && f.type == FRAME_REFUSE) {
		ok = link_refused(l, f.body, &why);
	} else if (ok == 0 && l->phase == LINK_UP && f.sequence != l->applied + 1) {
		begin_anew(l, "frames were lost");
	} else if (ok == 0 && f.type == FRAME_RESET) {
		/* one for each frame that was on its way: the first was enough */
		if (l->phase == LINK_UP)
			begin_anew(l, "it lost count");
	} else if (ok == 0 && l->phase == LINK_UP) {
		acknowledged(l, f.acknowledged);
		ok = link_frame(l, &f, &why);
		if (f.type == FRAME_ROUTES)
			outflow_owe(&l->flow, m->body.left, link_now(l));
		l->applied = f.sequence;
		loop_wake(l->out);
	}
	l->heard_at = loop_now(l->speaker->loop);
	if (ok < 0 && log_allow(&l->complaints, 5))
		log_error("controller", "a frame was ignored: %s", why.text);
}

static enum loop_verdict
on_readable(void *self)
{
	struct link *l = self;
	struct sock_message m;

	while (sock_receive(l->sock, &m) > 0) {
		receive(l, &m);
		if (loop_spent(l->speaker->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

/* --- life --- */

static void
on_watch(void *self, const char *what, const char *address)
{
	struct link *l = self;

	if (strstr(what, "failed")) {
		if (log_news(&l->failures, what, 3, loop_now(l->speaker->loop)))
			log_warning("controller", "%s: %s", address, what);
	} else if (log_allow(&l->complaints, 3)) {
		log_info("controller", "%s: %s", address, what);
	}
	/* a WELCOME that was on its way is lost with the connection: ask for another */
	if (strcmp(what, "disconnected") == 0 && l->phase == LINK_HELLO)
		l->attempt++;
	if (strcmp(what, "connected") != 0)
		return;
	/* not to wait for the next beat; a controller that does not know us answers a PING with RESET */
	if (l->phase == LINK_UP)
		say_ping(l);
	else if (!l->refused)
		say_hello(l);
}

static int
open_sock(struct link *l)
{
	const struct speaker_options *o = &l->speaker->options;
	struct sock_options so = {
		.kind = SOCK_DEALER, .endpoint = o->controller, .max_message = FRAME_OCTETS_MAX
	};
	struct sock_keys keys;
	char server[SOCK_KEY_TEXT], id[LINK_NAME + 24];

	if (o->key_file) {
		if (sock_keys_load(&keys, o->key_file) < 0) {
			log_error("speaker", "--key %s: %s", o->key_file, sock_keys_why(errno));
			return -1;
		}
		so.keys = &keys;
		if (!o->controller_key) {
			log_error("speaker",
			    "the controller's public key is needed: --controller-key KEY or FILE");
			return -1;
		}
		if (sock_public_of(server, o->controller_key) < 0) {
			log_error("speaker",
			    "--controller-key %s is no public key (40 characters), and no file of "
			    "one: %s",
			    o->controller_key, sock_keys_why(errno));
			return -1;
		}
		so.server_key = server;
	} else if (strncmp(o->controller, "tcp:", 4) == 0 && !o->insecure) {
		log_error("speaker",
		    "%s without keys: give --key and --controller-key, or --insecure",
		    o->controller);
		return -1;
	}
	snprintf(id, sizeof id, "%s.%016llx", o->name, (unsigned long long)l->speaker->epoch);
	so.routing_id = id;
	so.routing_id_len = strlen(id);
	l->sock = sock_open(&so);
	if (!l->sock)
		log_error("speaker", "connect to %s: %s", o->controller, sock_why(errno));
	return l->sock ? 0 : -1;
}

struct link *
link_open(struct speaker *speaker)
{
	struct link *l = mem_zero(sizeof *l);

	l->speaker = speaker;
	l->attempt = 1;
	l->listed = mem_zero(LINK_PEERS_MAX + 1);
	l->unpack = unpack_new();
	outflow_init(&l->flow);
	if (open_sock(l) < 0) {
		link_close(l);
		return NULL;
	}
	l->watch = sock_watch(speaker->loop, l->sock, on_watch, l);
	sock_readable(l->sock, speaker->loop, on_readable, l);
	l->held = loop_work(speaker->loop, LOOP_WORK, link_give_on, l);
	l->out = loop_work(speaker->loop, LOOP_FRAMES_OUT, flush, l);
	l->again = (struct loop_timer){ .fire = flush_again, .self = l };
	l->beat = (struct loop_timer){ .fire = beat, .self = l };
	loop_timer_set(speaker->loop, &l->beat, loop_now(speaker->loop) + 1);
	l->missed_at = loop_now(speaker->loop) + SILENCE;
	return l;
}

void
link_close(struct link *l)
{
	if (!l)
		return;
	forget_lane(l);
	loop_timer_stop(l->speaker->loop, &l->beat);
	loop_timer_stop(l->speaker->loop, &l->again);
	loop_close(l->out);
	loop_close(l->held);
	if (l->watch)
		sock_watch_close(l->watch);
	if (l->sock)
		sock_close(l->sock);
	unpack_free(l->unpack);
	outflow_fini(&l->flow);
	mem_free(l->listed);
	mem_free(l);
}
