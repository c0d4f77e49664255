/* What each frame of a speaker does. */
#include "controller/api/api.h"
#include "controller/lane_inner.h"
#include "controller/mirror.h"
#include "controller/neighbor.h"
#include "controller/owners.h"
#include "controller/ranges.h"

static struct neighbor *
neighbor_of(const struct lane *l, uint32_t theirs)
{
	uint32_t ours = numbers_ours(&l->numbers, theirs);

	return ours == NUMBER_NONE ? NULL : neighbor_by_number(l->controller, ours);
}

/* One that has no number on this lane yet: what is another peer's neighbor already is not this one's. */
static struct neighbor *
state_of_whom(struct lane *l, const struct link_peer_state *s)
{
	struct neighbor *n = neighbor_of_state(l->entry, s);

	if (n && numbers_theirs(&l->numbers, n->number) != NUMBER_NONE)
		return NULL;
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

/* Whose routes a message is about; NULL: nobody's that we have, or it is another kind of message. */
static struct neighbor *
heard_in(const struct lane *l, const struct routes_message *m)
{
	bool other = m->flags & (ROUTES_HELD | ROUTES_OTHER | ROUTES_SENT);

	return m->one_peer && !other ? neighbor_of(l, m->peer) : NULL;
}

static void
on_other(struct lane *l, struct routes_message *m)
{
	struct neighbor *n = m->one_peer ? neighbor_of(l, m->peer) : NULL;

	if (m->flags & ROUTES_HELD)
		adopt(l, m);
	else if (n && (m->flags & (ROUTES_OTHER | ROUTES_SENT)))
		api_message(n, m);
}

/* While one message is applied, the cache looks for what the next is about. */
static int
on_routes(struct lane *l, const struct node *body, struct reason *why)
{
	static struct routes_message both[2];
	struct routes_cursor c = routes_open(body);
	unsigned at = 0;
	int got = routes_next(&c, &both[at], why);
	struct neighbor *n = got > 0 ? heard_in(l, &both[at]) : NULL;

	while (got > 0) {
		struct neighbor *next = NULL;

		got = routes_next(&c, &both[!at], why);
		if (got > 0)
			next = heard_in(l, &both[!at]);
		if (next)
			mirror_soon(next, &both[!at]);
		if (n)
			mirror_message(n, &both[at]);
		else
			on_other(l, &both[at]);
		if (n && n != next)
			mirror_messages_end(n);
		n = next;
		at = !at;
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

int
lane_frame(struct lane *l, const struct frame *f, struct reason *why)
{
	struct link_ping ping;

	switch (f->type) {
	case FRAME_PING:
		if (link_ping_unpack(&ping, f->body, why) < 0)
			return -1;
		if (ping.answer)
			outflow_owe_now(&l->flow, l->heard_at);
		return 0;
	case FRAME_PEER_STATE:
		return on_peer_state(l, f->body, why);
	case FRAME_OWNER:
		return on_owner(l, f->body, why);
	case FRAME_HELD_END:
		l->entry->adopted = true;
		intent_adopted(&l->entry->intent);
		if (!l->held)
			lane_restate(l);
		return 0;
	case FRAME_BEGIN:
	case FRAME_END:
		return on_border(l, f->type, f->body, why);
	case FRAME_ROUTES:
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
