/* The link: hello, credit, heartbeat; frames in and out. */
#include "speaker/link.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/log.h"
#include "common/mem.h"
#include "common/slice.h"
#include "common/sock.h"
#include "proto/bgp/message.h"
#include "proto/bgp/operational.h"
#include "proto/frame/outflow.h"
#include "speaker/advertise.h"
#include "speaker/mirror.h"
#include "speaker/orphan.h"
#include "speaker/owners.h"
#include "speaker/rib_in.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"
#include "speaker/slots.h"

enum {
	HELLO_EVERY = 1000000,   /* microseconds */
	REFUSED_WAIT = 5000000,
	PING_AFTER = 1000000,
	SILENCE = 5000000,
	RETRY_SEND = 2000
};

enum phase { LINK_HELLO, LINK_UP };

struct link {
	struct speaker *speaker;
	struct sock *sock;
	struct sock_watch *watch;
	struct loop_item *out, *held;
	struct loop_timer beat, retry;
	struct unpack *unpack;
	enum phase phase;
	uint64_t attempt;          /* number of the HELLOs since the lane was lost */
	bool refused;              /* said once until something changes */
	uint64_t controller_epoch, term;
	struct outflow flow;
	uint64_t applied;          /* the last of their frames that was applied */
	bool ack_owed;
	uint64_t sent_at, heard_at;
	uint64_t lost_at;          /* while there is no lane: since when */
	uint8_t *listed;           /* by peer number: stated since the welcome */
	/* giving rib_out back to a new controller: a reader on each ledger */
	struct ledger_reader *giving[FAMILIES];
	bool giving_back;
	struct slice slice;
	struct log_limit complaints;
};

bool
link_up(const struct link *l)
{
	return l->phase == LINK_UP;
}

/* --- out --- */

static uint64_t
now_of(const struct link *l)
{
	return loop_now(l->speaker->loop);
}

struct routes_writer *
link_batch(struct link *l)
{
	return l->phase == LINK_UP ? outflow_batch(&l->flow, now_of(l)) : NULL;
}

void
link_batch_added(struct link *l)
{
	outflow_added(&l->flow, now_of(l));
	loop_wake(l->out);
}

static void
say(struct link *l, struct pack *frame)
{
	if (l->phase == LINK_UP) {
		outflow_say(&l->flow, frame, now_of(l));
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
	say(l, &p);
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
	struct link_hello h = { .epoch = l->speaker->epoch, .oldest = FRAME_VERSION_OLDEST,
		.newest = FRAME_VERSION, .software = "ambo " AMBO_VERSION };
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

	outflow_settle(&l->flow, now_of(l));
	if (l->ack_owed && outflow_empty(&l->flow))
		say_ping(l);
	if (outflow_left_out(&l->flow) > 0)
		log_error("controller", "a frame was left out: it is longer than %d octets", FRAME_OCTETS_MAX);
	sent = outflow_send(&l->flow, l->applied, send_frame, l);
	if (sent < 0)
		loop_timer_set(loop, &l->retry, loop_now(loop) + RETRY_SEND);
	if (sent > 0) {
		l->ack_owed = false;
		l->sent_at = loop_now(loop);
	}
	return LOOP_LATER;
}

static void
retry_send(void *self)
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
	say(l, &p);
}

void
link_border(struct link *l, enum frame_type type, const struct link_border *b)
{
	struct pack p = { 0 };

	link_border_pack(b, type, &p);
	say(l, &p);
}

void
link_sent(struct link *l, uint64_t id, uint32_t peer, enum sent_status status)
{
	struct link_sent s = { .id = id, .peer = peer, .status = (uint8_t)status };
	struct pack p = { 0 };

	link_sent_pack(&s, &p);
	say(l, &p);
}

void
link_arrival(struct link *l, uint32_t range, const struct addr *address)
{
	struct link_arrival a = { .peer = range, .address = *address };
	struct pack p = { 0 };

	link_arrival_pack(&a, &p);
	say(l, &p);
}

void
link_reply(struct link *l, uint64_t id, bool failed, const char *text)
{
	struct link_reply r = { .id = id, .failed = failed };
	struct pack p = { 0 };

	snprintf(r.text, sizeof r.text, "%s", text);
	link_reply_pack(&r, &p);
	say(l, &p);
}

/* --- the lane comes and goes --- */

static void
stop_giving(struct link *l)
{
	for (int f = 0; f < FAMILIES; f++) {
		if (l->giving[f])
			ledger_reader_close(l->giving[f]);
		l->giving[f] = NULL;
	}
	l->giving_back = false;
}

static void
forget_lane(struct link *l)
{
	outflow_reset(&l->flow);
	l->applied = 0;
	l->ack_owed = false;
	stop_giving(l);
	rib_out_lane(l->speaker->out);
	memset(l->listed, 0, LINK_PEERS_MAX + 1);
}

static void
lane_down(struct link *l, const char *why)
{
	if (l->phase == LINK_UP) {
		log_warning("controller", "lost: %s; sessions and routes stay as they are", why);
		l->lost_at = now_of(l);
	}
	l->phase = LINK_HELLO;
	forget_lane(l);
	mirror_lane_down(l->speaker->mirror);
}

static void
begin_anew(struct link *l, const char *why)
{
	lane_down(l, why);
	l->attempt++;
	say_hello(l);
}

/* Counters move without a change of state: told once a beat, for those that did. */
static void
say_counters(struct link *l)
{
	for (uint32_t i = 0; i < l->speaker->peers_cap; i++) {
		struct peer *p = l->speaker->peers[i];

		if (p && p->session && p->updates_in + p->updates_out != p->updates_told) {
			p->updates_told = p->updates_in + p->updates_out;
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
		lane_down(l, "silent for 5 s");
		l->attempt++;
	}
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

/* --- giving rib_out back --- */

static void
say_owners(struct link *l)
{
	const struct owners *owners = l->speaker->out->owners;

	for (uint32_t i = 1; i < owners_end(owners); i++) {
		struct link_owner o = { .owner = i };
		struct pack p = { 0 };

		if (!owners_name(owners, i))
			continue;
		snprintf(o.name, sizeof o.name, "%s", owners_name(owners, i));
		link_owner_pack(&o, &p);
		say(l, &p);
	}
}

static struct reader
peers_of(const struct link *l, const struct ledger_entry *e)
{
	return slots_numbers(l->speaker->out->slots, l->speaker->sets, e->audience);
}

static void
give_group(struct link *l, enum family f, const struct slice_group *g, struct routes_writer *w)
{
	const struct ledger_entry *first = l->slice.entry[g->first];
	struct route_value v = route_value_of(blob_read(first->value));

	if (first->mark || peers_of(l, first).left == 0)
		return;
	routes_message(w, false, 0, peers_of(l, first), ROUTES_HELD, first->owner);
	routes_announce(w, f, true, &v);
	for (uint16_t i = g->first; i != SLICE_END; i = l->slice.next[i])
		routes_nlri(w, true, l->slice.entry[i]->path_id,
		    ledger_key(l->speaker->out->told[f].ledger, l->slice.entry[i]));
	routes_message_end(w);
}

static size_t
head_octets(void *arg, const struct ledger_entry *first)
{
	struct link *l = arg;

	return ROUTES_HEAD + peers_of(l, first).left;
}

static bool
give_slice(struct link *l, enum family f)
{
	struct routes_writer *w = link_batch(l);

	if (!w)
		return false;
	slice_take(&l->slice, l->speaker->out->told[f].ledger, l->giving[f], ROUTES_SLICE);
	slice_group_within(
	    &l->slice, SLICE_BY_AUDIENCE | SLICE_BY_OWNER, ROUTES_HEADS, head_octets, l);
	for (unsigned i = 0; i < l->slice.groups; i++)
		give_group(l, f, &l->slice.group[i], w);
	link_batch_added(l);
	ledger_reader_pass(l->giving[f], l->slice.entries);
	return true;
}

static enum loop_verdict
give(void *self)
{
	struct link *l = self;
	struct pack p = { 0 };

	if (!l->giving_back)
		return LOOP_LATER;
	for (int f = 0; f < FAMILIES; f++) {
		while (l->giving[f] && !ledger_reader_live(l->giving[f])) {
			if (!give_slice(l, (enum family)f))
				return LOOP_LATER; /* the next credit wakes us */
			if (loop_spent(l->speaker->loop))
				return LOOP_NOW;
		}
	}
	stop_giving(l);
	link_bare_pack(FRAME_HELD_END, &p);
	say(l, &p);
	return LOOP_LATER;
}

static void
start_giving(struct link *l, bool adopt)
{
	struct rib_out *out = l->speaker->out;

	for (int f = 0; adopt && f < FAMILIES; f++)
		if (out->told[f].ledger)
			l->giving[f] = ledger_reader_open(out->told[f].ledger, NULL, true);
	l->giving_back = true;
	loop_wake(l->held);
}

/* --- in --- */

static int
on_welcome(struct link *l, const struct node *body, struct reason *why)
{
	struct link_welcome w;

	if (link_welcome_unpack(&w, body, why) < 0)
		return -1;
	if (w.number != l->attempt)
		return 0; /* to a HELLO of before: the answer to ours comes behind it */
	if (w.term < l->term)
		return reason_set(why, 0, 0, "a controller of term %llu, we obey %llu",
		    (unsigned long long)w.term, (unsigned long long)l->term);
	lane_down(l, "welcomed anew");
	l->phase = LINK_UP;
	l->refused = false;
	l->term = w.term;
	log_info("controller", "%s", l->controller_epoch == w.epoch ? "found again" : "welcomed us");
	l->controller_epoch = w.epoch;
	for (uint32_t i = 0; i < l->speaker->peers_cap; i++)
		if (l->speaker->peers[i])
			link_peer_state(l, l->speaker->peers[i]);
	orphans_adopt(l->speaker);
	if (w.adopt)
		say_owners(l);
	start_giving(l, w.adopt);
	return 0;
}

static int
on_refuse(struct link *l, const struct node *body, struct reason *why)
{
	struct link_refuse r;

	if (link_refuse_unpack(&r, body, why) < 0)
		return -1;
	if (!l->refused)
		log_error("controller", "refused us: %s", r.why);
	lane_down(l, r.why);
	l->refused = true;
	return 0;
}

static int
on_peer(struct link *l, const struct node *body, struct reason *why)
{
	struct link_peer p;

	if (link_peer_unpack(&p, body, why) < 0)
		return -1;
	if (p.peer >= LINK_PEERS_MAX)
		return reason_set(why, 0, 0, "peer number %u", p.peer);
	if (peer_configure(l->speaker, &p))
		l->listed[p.peer] = 1;
	return 0;
}

static void
on_peers_end(struct link *l)
{
	for (uint32_t i = 0; i < l->speaker->peers_cap; i++)
		if (l->speaker->peers[i] && !l->listed[i])
			peer_remove(l->speaker->peers[i], "not configured any more");
}

static int
on_peer_remove(struct link *l, const struct node *body, struct reason *why)
{
	struct link_peer_remove r;
	struct peer *peer;

	if (link_peer_remove_unpack(&r, body, why) < 0)
		return -1;
	peer = peer_by_number(l->speaker, r.peer);
	if (peer)
		peer_remove(peer, r.why);
	return 0;
}

static int
on_routes(struct link *l, const struct node *body, struct reason *why)
{
	static struct routes_message m;
	struct routes_cursor c = routes_open(body);
	int got;

	while ((got = routes_next(&c, &m, why)) > 0)
		rib_out_message(l->speaker->out, &m);
	return got;
}

/* An OPERATIONAL, by the peer's router-id of ours where no other was typed. */
static const char *
say_operational(struct peer *peer, const struct link_command *c, struct reason *why)
{
	struct reader body = reader_of(c->body, sizeof c->body), head = body;
	uint8_t memory[MESSAGE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct operational o;
	size_t mark;

	reader_u16(&head);
	if (!peer->params.operational) {
		reason_set(why, 0, 0, "the peer takes no OPERATIONAL messages");
		return NULL;
	}
	if (operational_parse(&o, reader_sub(&body, 4u + reader_u16(&head)), why) < 0)
		return NULL;
	if (o.router_id == 0)
		o.router_id = peer->config.router_id;
	mark = message_begin(&w, MESSAGE_OPERATIONAL);
	operational_encode(&o, &w);
	message_end(&w, mark);
	session_send_first(peer->session, memory, w.len);
	return "OPERATIONAL sent";
}

/* What the peer said so far goes; where it can be asked to say it again, it is. */
static void
forget_received(struct peer *peer)
{
	uint8_t memory[32];

	for (enum family f = 0; f < FAMILIES; f++) {
		struct writer w = writer_of(memory, sizeof memory);

		if (!(peer->params.families & family_bit(f)))
			continue;
		if (!peer->config.no_rib_in) {
			rib_in_refresh(peer, f, REFRESH_BEGIN);
			rib_in_refresh(peer, f, REFRESH_END);
		}
		if (peer->params.refresh) {
			refresh_encode(f, REFRESH_REQUEST, &w);
			session_send_first(peer->session, memory, w.len);
		}
	}
}

/* COMMAND: what it does to one peer. The reply's text, or NULL with *why. */
static const char *
command_peer(struct peer *peer, const struct link_command *c, struct reason *why)
{
	enum family family = c->family ? family_by_code(c->family) : FAMILY_UNKNOWN;
	struct fault f = { 0 };
	uint8_t memory[32];
	struct writer w = writer_of(memory, sizeof memory);

	if (!peer->session) {
		reason_set(why, 0, 0, "the session is not established");
		return NULL;
	}
	if (strcmp(c->what, "teardown") == 0) {
		fault_set(&f, NOTIFY_CEASE, c->subcode, c->text, strlen(c->text), "by an operator");
		peer_reset(peer, &f);
		return "session torn down";
	}
	if (strcmp(c->what, "flush") == 0) {
		for (int i = 0; i < FAMILIES; i++)
			if (family == FAMILY_UNKNOWN || i == (int)family)
				advertise_refresh(peer, (enum family)i, peer->params.enhanced_refresh);
		return "told again";
	}
	if (strcmp(c->what, "clear-in") == 0) {
		forget_received(peer);
		return peer->params.refresh ? "forgotten, and asked for again" : "forgotten";
	}
	if (family == FAMILY_UNKNOWN || !(peer->params.families & family_bit(family))) {
		reason_set(why, 0, 0, "the family was not negotiated");
		return NULL;
	}
	if (strcmp(c->what, "operational") == 0)
		return say_operational(peer, c, why);
	if (strcmp(c->what, "eor") == 0) {
		advertise_end_of_rib(peer, family);
		return "End-of-RIB sent";
	}
	if (strcmp(c->what, "refresh") == 0 && peer->params.refresh) {
		refresh_encode(family, REFRESH_REQUEST, &w);
		session_send_first(peer->session, memory, w.len);
		return "ROUTE-REFRESH sent";
	}
	reason_set(why, 0, 0, strcmp(c->what, "refresh") == 0 ? "the peer has no route refresh" :
	    "unknown command");
	return NULL;
}

static int
on_command(struct link *l, const struct node *body, struct reason *why)
{
	struct link_command c;
	struct reason no = { 0 };
	struct peer *peer;
	const char *done;

	if (link_command_unpack(&c, body, why) < 0)
		return -1;
	peer = peer_by_number(l->speaker, c.peer);
	if (c.term < l->term)
		reason_set(&no, 0, 0, "a command of term %llu, we obey %llu", (unsigned long long)c.term,
		    (unsigned long long)l->term);
	else if (!peer)
		reason_set(&no, 0, 0, "no such peer");
	done = reason_given(&no) ? NULL : command_peer(peer, &c, &no);
	link_reply(l, c.id, !done, done ? done : no.text);
	return 0;
}

static int
on_receipt(struct link *l, const struct node *body, struct reason *why)
{
	struct link_receipt r;

	if (link_receipt_unpack(&r, body, why) < 0)
		return -1;
	for (uint32_t i = 0; i < 8 * sizeof r.peers; i++) {
		struct peer *peer;

		if (!(r.peers[i >> 3] & 1u << (i & 7)))
			continue;
		peer = peer_by_number(l->speaker, r.base + i);
		if (peer)
			advertise_receipt(peer, r.id);
		else
			link_sent(l, r.id, r.base + i, SENT_PEER_DOWN);
	}
	return 0;
}

static int
on_frame(struct link *l, const struct frame *f, struct reason *why)
{
	struct link_complete complete;
	struct link_interest interest;
	struct link_border border;
	struct link_owner owner;
	struct link_ping ping;
	struct peer *peer;

	switch (f->type) {
	case FRAME_PING:
		if (link_ping_unpack(&ping, f->body, why) < 0)
			return -1;
		l->ack_owed |= ping.answer;
		return 0;
	case FRAME_PEER:
		return on_peer(l, f->body, why);
	case FRAME_PEERS_END:
		on_peers_end(l);
		return 0;
	case FRAME_PEER_REMOVE:
		return on_peer_remove(l, f->body, why);
	case FRAME_OWNER:
		if (link_owner_unpack(&owner, f->body, why) < 0)
			return -1;
		owners_said(l->speaker->out->owners, owner.owner, owner.name);
		return 0;
	case FRAME_BEGIN:
	case FRAME_END:
		if (link_border_unpack(&border, f->body, why) < 0)
			return -1;
		(f->type == FRAME_BEGIN ? rib_out_begin : rib_out_end)(l->speaker->out);
		return 0;
	case FRAME_ROUTES:
		l->ack_owed = true;
		return on_routes(l, f->body, why);
	case FRAME_COMPLETE:
		if (link_complete_unpack(&complete, f->body, why) < 0)
			return -1;
		peer = peer_by_number(l->speaker, complete.peer);
		if (peer)
			advertise_complete(peer);
		return 0;
	case FRAME_INTEREST:
		if (link_interest_unpack(&interest, f->body, why) < 0)
			return -1;
		mirror_interest(l->speaker->mirror, &interest);
		return 0;
	case FRAME_COMMAND:
		return on_command(l, f->body, why);
	case FRAME_RECEIPT:
		return on_receipt(l, f->body, why);
	default:
		return 0; /* of a later release, or not for us */
	}
}

/* Something of theirs was applied: the window opens. */
static void
acknowledged(struct link *l, uint64_t sequence)
{
	if (!outflow_acknowledged(&l->flow, sequence, now_of(l)))
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
	int ok = m->truncated ? reason_set(&why, 0, 0, "a message of several parts") :
				frame_open(l->unpack, m->body.at, m->body.left, &f, &why);

	if (ok == 0 && f.type == FRAME_WELCOME) {
		ok = on_welcome(l, f.body, &why);
	} else if (ok == 0 && f.type == FRAME_REFUSE) {
		ok = on_refuse(l, f.body, &why);
	} else if (ok == 0 && l->phase == LINK_UP && f.sequence != l->applied + 1) {
		begin_anew(l, "frames were lost");
	} else if (ok == 0 && f.type == FRAME_RESET) {
		/* one for each frame that was on its way: the first was enough */
		if (l->phase == LINK_UP)
			begin_anew(l, "it lost count");
	} else if (ok == 0 && l->phase == LINK_UP) {
		acknowledged(l, f.acknowledged);
		ok = on_frame(l, &f, &why);
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

	if (log_allow(&l->complaints, 3))
		log_info("controller", "%s: %s", address, what);
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
	struct sock_options so = { .kind = SOCK_DEALER, .endpoint = o->controller,
		.max_message = FRAME_OCTETS_MAX };
	struct sock_keys keys;
	char server[SOCK_KEY_TEXT], id[LINK_NAME + 24];

	if (o->key_file) {
		if (sock_keys_load(&keys, o->key_file) < 0) {
			log_error("speaker", "key file %s: %s", o->key_file, strerror(errno));
			return -1;
		}
		so.keys = &keys;
		if (!o->controller_key || (strlen(o->controller_key) != SOCK_KEY_TEXT - 1 &&
		    sock_public_load(server, o->controller_key) < 0)) {
			log_error("speaker", "the controller's public key is needed: --controller-key KEY or FILE");
			return -1;
		}
		so.server_key = strlen(o->controller_key) == SOCK_KEY_TEXT - 1 ? o->controller_key : server;
	} else if (strncmp(o->controller, "tcp:", 4) == 0 && !o->insecure) {
		log_error("speaker", "%s without keys: give --key and --controller-key, or --insecure",
		    o->controller);
		return -1;
	}
	snprintf(id, sizeof id, "%s.%016llx", o->name, (unsigned long long)l->speaker->epoch);
	so.routing_id = id;
	so.routing_id_len = strlen(id);
	l->sock = sock_open(&so);
	if (!l->sock)
		log_error("speaker", "connect to %s: %s", o->controller, strerror(errno));
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
	l->held = loop_work(speaker->loop, LOOP_WORK, give, l);
	l->out = loop_work(speaker->loop, LOOP_FRAMES_OUT, flush, l);
	l->retry = (struct loop_timer){ .fire = retry_send, .self = l };
	l->beat = (struct loop_timer){ .fire = beat, .self = l };
	loop_timer_set(speaker->loop, &l->beat, loop_now(speaker->loop) + 1);
	return l;
}

void
link_close(struct link *l)
{
	if (!l)
		return;
	forget_lane(l);
	loop_timer_stop(l->speaker->loop, &l->beat);
	loop_timer_stop(l->speaker->loop, &l->retry);
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
