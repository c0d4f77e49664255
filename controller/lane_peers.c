/* What a speaker is told of its neighbors, one at a time or, when a lane begins, all of it. */
#include <stdio.h>
#include "common/list.h"
#include "controller/lane_inner.h"
#include "controller/mirror.h"
#include "controller/neighbor.h"

static void
say_peer(struct lane *l, struct neighbor *n)
{
	struct link_peer peer = n->peer;
	struct pack p = { 0 };

	peer.peer = numbers_give(&l->numbers, n->number);
	link_peer_pack(&peer, &p);
	lane_say(l, &p);
}

/* Its OPEN may be among what is wanted, and may leave at once. */
static void
say_interest_first(struct lane *l, struct neighbor *n)
{
	(void)numbers_give(&l->numbers, n->number);
	lane_interest(l, n);
}

void
lane_peer(struct lane *l, struct neighbor *n)
{
	if (!l || !l->held)
		return;
	if (numbers_theirs(&l->numbers, n->number) == NUMBER_NONE &&
	    (n->messages || n->mirror || n->live > 0))
		say_interest_first(l, n);
	say_peer(l, n);
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
	lane_say(l, &p);
}

void
lane_interest(struct lane *l, struct neighbor *n)
{
	bool table = n->mirror && n->mirror->needed > 0, updates = table || n->live > 0;
	struct link_interest i = { .updates = updates,
		.live = updates && !table,
		.packets = updates && n->packets > 0,
		.messages = n->messages };
	struct pack p = { 0 };

	if (!l || !l->held || numbers_theirs(&l->numbers, n->number) == NUMBER_NONE)
		return;
	i.peer = numbers_theirs(&l->numbers, n->number);
	link_interest_pack(&i, &p);
	lane_say(l, &p);
}

void
lane_restate(struct lane *l)
{
	struct controller *c = l->controller;
	struct link_border begin = { 0 };
	struct pack p = { 0 };

	l->held = true;
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker != l->entry)
			continue;
		if (n->messages)
			say_interest_first(l, n);
		say_peer(l, n);
	}
	link_bare_pack(FRAME_PEERS_END, &p);
	lane_say(l, &p);
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker != l->entry || (!n->mirror && n->live == 0))
			continue;
		mirror_found_again(n);
		lane_interest(l, n);
	}
	lane_say_owners(l);
	link_border_pack(&begin, FRAME_BEGIN, &p);
	lane_say(l, &p);
	l->restated = true;
	for (int f = 0; f < FAMILIES; f++)
		if (l->entry->intent.told[f].ledger)
			lane_ledger(l, (enum family)f);
	lane_mark_end(l);
	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker == l->entry && neighbor_settled(n))
			lane_complete(l, n);
	}
}

void
lane_neighbor_gone(struct lane *l, struct neighbor *n)
{
	if (!l)
		return;
	numbers_part(&l->numbers, n->number);
}
