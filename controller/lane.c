/* A lane: everything that is said to one speaker and heard from it, in order. */
#include "controller/lane.h"
#include <stdio.h>
#include <string.h>
#include "common/list.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/slice.h"
#include "controller/absence.h"
#include "controller/api/api.h"
#include "controller/asked.h"
#include "controller/mirror.h"
#include "controller/rib/rib.h"
#include "controller/ranges.h"
#include "controller/neighbor.h"
#include "controller/numbers.h"
#include "controller/owners.h"
#include "proto/frame/outflow.h"

enum {
	BEAT = 1000000, /* microseconds */
	SILENCE = 5000000,
	RETRY_SEND = 2000
};

/* Something said when the readers of all families have passed where they are now. */
enum mark_kind { MARK_END, MARK_COMPLETE, MARK_RECEIPT, MARK_COMMAND };

struct mark {
	struct lane *lane;
	enum mark_kind kind;
	uint32_t number;       /* our number of a neighbor: COMPLETE */
	uint64_t id;           /* RECEIPT */
	struct link_command *command; /* COMMAND */
	unsigned left;
	bool closed;
};

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
	bool ack_owed, held, closing;
	bool late;                     /* it takes routes too slowly: closed at the end of the turn */
	uint64_t sent_at, heard_at;
	struct loop_timer beat, retry;
	struct loop_item *out, *pack;
	struct ledger_reader *reader[FAMILIES];
	bool restated;                 /* BEGIN was said: readers are open */
	struct numbers numbers;
	uint32_t *owner, owner_cap;    /* our owner number by theirs (adoption) */
	uint32_t owners_said;          /* owners 1..n were told */
	struct asked_list asked;
	struct slice slice;
	struct log_limit complaints;
};

static struct neighbor *
neighbor_of(const struct lane *l, uint32_t theirs)
{
	uint32_t ours = numbers_ours(&l->numbers, theirs);

	return ours == NUMBER_NONE ? NULL : neighbor_by_number(l->controller, ours);
}

/* --- out --- */

static void
say(struct lane *l, struct pack *frame)
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
	say(l, &p);
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
	if (l->ack_owed && outflow_empty(&l->flow))
		say_ping(l, false);
	if (outflow_left_out(&l->flow) > 0)
		log_error(l->entry->name, "a frame was left out: it is longer than %d octets", FRAME_OCTETS_MAX);
	sent = outflow_send(&l->flow, l->applied, send_frame, l);
	if (sent < 0)
		loop_timer_set(l->loop, &l->retry, loop_now(l->loop) + RETRY_SEND);
	if (sent > 0) {
		l->ack_owed = false;
		l->sent_at = loop_now(l->loop);
	}
	return LOOP_LATER;
}

static void
retry_send(void *self)
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

static void
say_owners(struct lane *l)
{
	while (l->owners_said < owners_count(l->controller->owners)) {
		struct link_owner o = { .owner = ++l->owners_said };
		struct pack p = { 0 };

		snprintf(o.name, sizeof o.name, "%s", owner_name(l->controller->owners, o.owner));
		link_owner_pack(&o, &p);
		say(l, &p);
	}
}

static void
say_complete(struct lane *l, uint32_t number)
{
	struct link_complete c = { .peer = numbers_theirs(&l->numbers, number) };
	struct pack p = { 0 };

	if (c.peer == NUMBER_NONE)
		return;
	link_complete_pack(&c, &p);
	say(l, &p);
}

/* Numbers far apart need a frame for each stretch. */
static void
say_receipt(struct lane *l, uint64_t id)
{
	struct link_receipt r = { .id = id };
	size_t count;
	const uint32_t *number = asked_about(&l->asked, id, &count);

	for (uint32_t base = 0; base < LINK_PEERS_MAX; base += 8 * sizeof r.peers) {
		struct pack p = { 0 };
		bool some = false;

		memset(r.peers, 0, sizeof r.peers);
		r.base = base;
		for (size_t i = 0; i < count; i++) {
			uint32_t t = numbers_theirs(&l->numbers, number[i]) - base;

			if (t >= 8 * sizeof r.peers)
				continue;
			r.peers[t >> 3] |= (uint8_t)(1u << (t & 7));
			some = true;
		}
		if (!some)
			continue;
		link_receipt_pack(&r, &p);
		say(l, &p);
	}
}

/* --- marks --- */

static void
mark_passed(struct mark *m)
{
	struct link_border end = { 0 };
	struct pack p = { 0 };

	if (--m->left > 0)
		return;
	if (!m->closed && !m->lane->closing) {
		switch (m->kind) {
		case MARK_END:
			link_border_pack(&end, FRAME_END, &p);
			say(m->lane, &p);
			break;
		case MARK_COMPLETE:
			say_complete(m->lane, m->number);
			break;
		case MARK_RECEIPT:
			say_receipt(m->lane, m->id);
			break;
		case MARK_COMMAND:
			link_command_pack(m->command, &p);
			say(m->lane, &p);
		}
	}
	mem_free(m->command);
	mem_free(m);
}

static void
fire(void *arg, bool superseded, bool closed)
{
	struct mark *m = arg;

	(void)superseded;
	m->closed |= closed;
	mark_passed(m);
}

static const struct ledger_barrier_ops mark_ops = { .fire = fire };

static void
mark(struct lane *l, struct mark what)
{
	struct mark *m = mem_copy(&what, sizeof what);

	m->lane = l;
	m->left = 1;
	for (int f = 0; f < FAMILIES; f++) {
		if (!l->reader[f])
			continue;
		m->left++;
		ledger_barrier(l->entry->intent.told[f].ledger, l->reader[f], NULL, &mark_ops, m);
	}
	mark_passed(m);
	loop_wake(l->pack);
}

/* --- routes --- */

static bool
has_path_ids(const struct lane *l, const struct slice_group *g)
{
	for (uint16_t i = g->first; i != SLICE_END; i = l->slice.next[i])
		if (l->slice.entry[i]->path_id != 0)
			return true;
	return false;
}

static void
put_group(struct lane *l, enum family f, const struct slice_group *g, struct routes_writer *w)
{
	struct ledger *ledger = l->entry->intent.told[f].ledger;
	const struct ledger_entry *first = l->slice.entry[g->first];
	struct route_value v = route_value_of(blob_read(ledger_value(first)));
	bool path_ids = has_path_ids(l, g);

	routes_message(w, false, 0, numbers_translate(&l->numbers, first->audience), 0, first->owner);
	if (first->mark)
		routes_withdraw(w, f, path_ids, ledger_value(first) ? &v : NULL);
	else
		routes_announce(w, f, path_ids, &v);
	for (uint16_t i = g->first; i != SLICE_END; i = l->slice.next[i])
		routes_nlri(w, path_ids, l->slice.entry[i]->path_id,
		    ledger_key(ledger, l->slice.entry[i]));
	routes_message_end(w);
}

static size_t
head_octets(void *arg, const struct ledger_entry *first)
{
	struct lane *l = arg;

	(void)first;
	return ROUTES_HEAD + numbers_octets(&l->numbers);
}

/* One slice; false without credit. */
static bool
pack_slice(struct lane *l, enum family f)
{
	struct routes_writer *w = outflow_batch(&l->flow, loop_now(l->loop));

	if (!w)
		return false;
	slice_take(&l->slice, l->entry->intent.told[f].ledger, l->reader[f], ROUTES_SLICE);
	slice_group_within(
	    &l->slice, SLICE_BY_AUDIENCE | SLICE_BY_OWNER, ROUTES_HEADS, head_octets, l);
	for (unsigned i = 0; i < l->slice.groups; i++)
		put_group(l, f, &l->slice.group[i], w);
	if (l->slice.groups > 0)
		outflow_added(&l->flow, loop_now(l->loop));
	ledger_reader_pass(l->reader[f], l->slice.entries);
	loop_wake(l->out);
	return true;
}

static enum loop_verdict
pack(void *self)
{
	struct lane *l = self;

	if (l->controller->holding)
		return LOOP_LATER;
	for (int f = 0; f < FAMILIES; f++) {
		while (l->reader[f] && !ledger_reader_live(l->reader[f])) {
			say_owners(l);
			if (!pack_slice(l, (enum family)f))
				return LOOP_LATER; /* the next acknowledgement wakes us */
			if (loop_spent(l->loop))
				return LOOP_NOW;
		}
	}
	return LOOP_LATER;
}

void
lane_wake(struct lane *l)
{
	if (!l)
		return;
	l->controller->changes++;
	loop_wake(l->pack);
}

void
lane_ledger(struct lane *l, enum family f)
{
	if (l && l->restated && !l->reader[f])
		l->reader[f] = ledger_reader_open(l->entry->intent.told[f].ledger, l, true);
}

/* --- what is said of neighbors --- */

void
lane_peer(struct lane *l, struct neighbor *n)
{
	struct link_peer peer = n->peer;
	struct pack p = { 0 };

	if (!l || !l->held)
		return;
	peer.peer = numbers_give(&l->numbers, n->number);
	link_peer_pack(&peer, &p);
	say(l, &p);
}

void
lane_peer_remove(struct lane *l, uint32_t number, const char *why)
{
	struct link_peer_remove r = { 0 };
	struct pack p = { 0 };

	if (!l || !l->held || numbers_theirs(&l->numbers, number) == NUMBER_NONE)
		return;
	r.peer = numbers_theirs(&l->numbers, number);
	snprintf(r.why, sizeof r.why, "%s", why);
	link_peer_remove_pack(&r, &p);
	say(l, &p);
}

void
lane_interest(struct lane *l, struct neighbor *n)
{
	bool table = n->mirror && n->mirror->needed > 0, updates = table || n->live > 0;
	struct link_interest i = { .updates = updates, .live = updates && !table,
		.packets = updates && n->packets > 0, .messages = n->messages };
	struct pack p = { 0 };

	if (!l || !l->held || numbers_theirs(&l->numbers, n->number) == NUMBER_NONE)
		return;
	i.peer = numbers_theirs(&l->numbers, n->number);
	link_interest_pack(&i, &p);
	say(l, &p);
}

void
lane_complete(struct lane *l, struct neighbor *n)
{
	if (l && l->restated && !rib_undecided(n))
		mark(l, (struct mark){ .kind = MARK_COMPLETE, .number = n->number });
}

/* The speaker has said what it has: now we say all that there is. */
static void
restate(struct lane *l)
{
	struct controller *c = l->controller;
	struct link_border begin = { 0 };
	struct pack p = { 0 };

	l->held = true;
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker != l->entry)
			continue;
		lane_peer(l, n);
		if (n->messages) /* its OPEN is among them */
			lane_interest(l, n);
	}
	link_bare_pack(FRAME_PEERS_END, &p);
	say(l, &p);
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker != l->entry || (!n->mirror && n->live == 0))
			continue;
		mirror_found_again(n);
		lane_interest(l, n);
	}
	say_owners(l);
	link_border_pack(&begin, FRAME_BEGIN, &p);
	say(l, &p);
	l->restated = true;
	for (int f = 0; f < FAMILIES; f++)
		if (l->entry->intent.told[f].ledger)
			lane_ledger(l, (enum family)f);
	mark(l, (struct mark){ .kind = MARK_END });
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker == l->entry && neighbor_settled(n))
			lane_complete(l, n);
	}
}

/* --- commands and receipts --- */

void
lane_command(struct speaker_entry *s, struct link_command *c,
    void (*done)(void *self, bool failed, const char *text), void *self)
{
	char text[LINK_TEXT];
	struct pack p = { 0 };

	if (!s->lane || !s->lane->held) {
		snprintf(text, sizeof text, "speaker %s is not connected", s->name);
		done(self, true, text);
		return;
	}
	c->id = asked_command(&s->lane->asked, done, self);
	c->term = s->controller->term;
	c->peer = numbers_theirs(&s->lane->numbers, c->peer);
	if (s->lane->restated && strcmp(c->what, "eor") == 0) { /* behind what was announced before it */
		mark(s->lane, (struct mark){ .kind = MARK_COMMAND, .command = mem_copy(c, sizeof *c) });
		return;
	}
	link_command_pack(c, &p);
	say(s->lane, &p);
}

void
lane_receipt(struct speaker_entry *s, struct neighbor *const *to, size_t count,
    void (*sent)(void *self, struct neighbor *, enum sent_status), void *self)
{
	size_t up = 0;

	if (s->lane && s->lane->restated)
		for (size_t i = 0; i < count; i++)
			up += neighbor_established(to[i]);
	if (up > 0)
		mark(s->lane, (struct mark){ .kind = MARK_RECEIPT,
		    .id = asked_receipt(&s->lane->asked, to, count, sent, self) });
	for (size_t i = 0; i < count; i++)
		if (up == 0 || !neighbor_established(to[i]))
			sent(self, to[i], SENT_PEER_DOWN);
}

void
lane_forget(struct speaker_entry *s, void *self)
{
	if (s->lane)
		asked_forget(&s->lane->asked, self);
}

void
lane_neighbor_gone(struct lane *l, struct neighbor *n)
{
	if (!l)
		return;
	asked_neighbor_gone(&l->asked, n);
	numbers_part(&l->numbers, n->number);
}

/* --- in --- */

/* One that has no number on this lane yet. */
static struct neighbor *
state_of_whom(struct lane *l, const struct link_peer_state *s)
{
	struct neighbor *n = neighbor_of_state(l->entry, s);

	return n ? n : range_adopt(l->entry, s);
}

static int
on_arrival(struct lane *l, const struct node *body, struct reason *why)
{
	struct link_arrival a;
	struct neighbor *range;

	if (link_arrival_unpack(&a, body, why) < 0)
		return -1;
	range = neighbor_of(l, a.peer);
	if (range)
		range_arrival(range, &a.address);
	return 0;
}

static int
on_peer_state(struct lane *l, const struct node *body, struct reason *why)
{
	struct link_peer_state s;
	struct neighbor *n;

	if (link_peer_state_unpack(&s, body, why) < 0)
		return -1;
	if (s.peer >= LINK_PEERS_MAX || s.state >= PEER_STATES)
		return reason_set(why, 0, 0, "peer %u in state %u", s.peer, s.state);
	n = neighbor_of(l, s.peer);
	if (!n && !l->held) {
		n = state_of_whom(l, &s);
		if (n)
			numbers_pair(&l->numbers, n->number, s.peer);
		else
			numbers_seen(&l->numbers, s.peer);
	}
	if (n)
		neighbor_state(n, &s);
	return 0;
}

static void
adopt(struct lane *l, struct routes_message *m)
{
	static uint8_t memory[LINK_PEERS_MAX / 8 + 1];
	uint32_t owner = m->owner < l->owner_cap ? l->owner[m->owner] : NUMBER_NONE;

	m->peers = numbers_back(&l->numbers, m->peers, memory, sizeof memory);
	intent_adopt(&l->entry->intent, m, owner == NUMBER_NONE ? 0 : owner);
}

static int
on_routes(struct lane *l, const struct node *body, struct reason *why)
{
	static struct routes_message m;
	struct routes_cursor c = routes_open(body);
	int got;

	while ((got = routes_next(&c, &m, why)) > 0) {
		struct neighbor *n = m.one_peer ? neighbor_of(l, m.peer) : NULL;

		if (m.flags & ROUTES_HELD)
			adopt(l, &m);
		else if (n && (m.flags & (ROUTES_OTHER | ROUTES_SENT)))
			api_message(n, &m);
		else if (n)
			mirror_message(n, &m);
	}
	return got;
}

static int
on_owner(struct lane *l, const struct node *body, struct reason *why)
{
	struct link_owner o;

	if (link_owner_unpack(&o, body, why) < 0)
		return -1;
	if (o.owner > UINT16_MAX)
		return reason_set(why, 0, 0, "owner %u", o.owner);
	numbers_grow(&l->owner, &l->owner_cap, o.owner + 1);
	l->owner[o.owner] = owner_by_name(l->controller->owners, o.name);
	return 0;
}

static int
on_border(struct lane *l, enum frame_type type, const struct node *body, struct reason *why)
{
	struct link_border b;
	struct neighbor *n;

	if (link_border_unpack(&b, body, why) < 0)
		return -1;
	n = neighbor_of(l, b.peer);
	if (!n || !b.received)
		return 0;
	if (b.lost)
		api_lost(n);
	(type == FRAME_BEGIN ? mirror_begin : mirror_end)(n);
	return 0;
}

static int
on_reply(struct lane *l, const struct node *body, struct reason *why)
{
	struct link_reply r;

	if (link_reply_unpack(&r, body, why) < 0)
		return -1;
	asked_reply(&l->asked, r.id, r.failed, r.text);
	return 0;
}

static int
on_sent(struct lane *l, const struct node *body, struct reason *why)
{
	struct link_sent s;
	struct neighbor *n;

	if (link_sent_unpack(&s, body, why) < 0)
		return -1;
	if (s.status > SENT_PEER_DOWN)
		return reason_set(why, 0, 0, "status %u of a receipt", s.status);
	n = neighbor_of(l, s.peer);
	if (n)
		asked_written(&l->asked, s.id, n, (enum sent_status)s.status);
	return 0;
}

static int
on_frame(struct lane *l, const struct frame *f, struct reason *why)
{
	struct link_ping ping;

	switch (f->type) {
	case FRAME_PING:
		if (link_ping_unpack(&ping, f->body, why) < 0)
			return -1;
		l->ack_owed |= ping.answer;
		return 0;
	case FRAME_PEER_STATE:
		return on_peer_state(l, f->body, why);
	case FRAME_OWNER:
		return on_owner(l, f->body, why);
	case FRAME_HELD_END:
		l->entry->adopted = true;
		intent_adopted(&l->entry->intent);
		if (!l->held)
			restate(l);
		return 0;
	case FRAME_BEGIN:
	case FRAME_END:
		return on_border(l, f->type, f->body, why);
	case FRAME_ROUTES:
		l->ack_owed = true;
		return on_routes(l, f->body, why);
	case FRAME_REPLY:
		return on_reply(l, f->body, why);
	case FRAME_SENT:
		return on_sent(l, f->body, why);
	case FRAME_ARRIVAL:
		return on_arrival(l, f->body, why);
	default:
		return 0;
	}
}

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
	if (on_frame(l, &f, &why) < 0 && log_allow(&l->complaints, 5))
		log_error(l->entry->name, "a frame was ignored: %s", why.text);
	l->applied = f.sequence;
	if (l->ack_owed)
		loop_wake(l->out);
}

/* --- life --- */

struct lane *
lane_open(struct speaker_entry *s, struct sock *sock, struct reader routing_id,
    const struct link_hello *hello)
{
	struct lane *l = mem_zero(sizeof *l);
	struct link_welcome w = { .epoch = s->controller->epoch, .term = s->controller->term,
		.version = FRAME_VERSION, .adopt = !s->adopted, .number = hello->number };
	struct pack p = { 0 };

	l->entry = s;
	l->controller = s->controller;
	l->loop = s->controller->loop;
	l->sock = sock;
	l->routing_id_len = routing_id.left < sizeof l->routing_id ? routing_id.left : sizeof l->routing_id;
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
	l->pack = loop_work(l->loop, LOOP_WORK, pack, l);
	l->beat = (struct loop_timer){ .fire = beat, .self = l };
	l->retry = (struct loop_timer){ .fire = retry_send, .self = l };
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
	loop_timer_stop(l->loop, &l->retry);
	loop_close(l->out);
	loop_close(l->pack);
	outflow_fini(&l->flow);
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
