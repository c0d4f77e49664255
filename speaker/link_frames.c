/* What each frame of the controller does. */
#include "speaker/link_inner.h"
#include <stdio.h>
#include <string.h>
#include "speaker/advertise.h"
#include "speaker/border.h"
#include "speaker/mirror.h"
#include "speaker/orphan.h"
#include "speaker/owners.h"
#include "speaker/rib_out.h"

int
link_welcome(struct link *l, const struct node *body, struct reason *why)
{
	struct link_welcome w;

	if (link_welcome_unpack(&w, body, why) < 0)
		return -1;
	if (w.number != l->attempt)
		return 0; /* to a HELLO of before: the answer to ours comes behind it */
	if (w.term < l->term)
		return reason_set(why, 0, 0, "a controller of term %llu, we obey %llu",
		    (unsigned long long)w.term, (unsigned long long)l->term);
	link_lane_down(l, "welcomed anew");
	l->phase = LINK_UP;
	l->refused = false;
	l->term = w.term;
	log_info(
	    "controller", "%s", l->controller_epoch == w.epoch ? "found again" : "welcomed us");
	l->controller_epoch = w.epoch;
	for (uint32_t i = 0; i < l->speaker->peers_cap; i++)
		if (l->speaker->peers[i])
			link_peer_state(l, l->speaker->peers[i]);
	orphans_adopt(l->speaker);
	if (w.adopt)
		link_say_owners(l);
	link_give(l, w.adopt);
	return 0;
}

int
link_refused(struct link *l, const struct node *body, struct reason *why)
{
	struct link_refuse r;

	if (link_refuse_unpack(&r, body, why) < 0)
		return -1;
	if (!l->refused)
		log_error("controller", "refused us: %s", r.why);
	link_lane_down(l, r.why);
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
	static struct routes_message message[2];
	struct routes_message *now = &message[0], *next = &message[1], *other;
	struct routes_cursor c = routes_open(body);
	int got = routes_next(&c, now, why);

	while (got > 0) {
		got = routes_next(&c, next, why);
		if (got > 0)
			rib_out_soon(l->speaker->out, next);
		rib_out_message(l->speaker->out, now);
		other = now;
		now = next;
		next = other;
	}
	return got;
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
			border_receipt(peer, r.id);
		else
			link_sent(l, r.id, r.base + i, SENT_PEER_DOWN);
	}
	return 0;
}

int
link_frame(struct link *l, const struct frame *f, struct reason *why)
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
		if (ping.answer)
			outflow_owe_now(&l->flow, link_now(l));
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
		owners_set_limit(l->speaker->out->owners,
		    owners_ours(l->speaker->out->owners, owner.owner), owner.limit);
		advertise_wake(l->speaker->advertise); /* what waited may go sooner now */
		return 0;
	case FRAME_BEGIN:
	case FRAME_END:
		if (link_border_unpack(&border, f->body, why) < 0)
			return -1;
		(f->type == FRAME_BEGIN ? rib_out_begin : rib_out_end)(l->speaker->out);
		return 0;
	case FRAME_ROUTES:
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
		return link_command(l, f->body, why);
	case FRAME_RECEIPT:
		return on_receipt(l, f->body, why);
	default:
		return 0; /* of a later release, or not for us */
	}
}
