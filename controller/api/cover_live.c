/* Messages as they happen: each goes at once to the covers that are live and can take it; the others fall behind, and
 * are told by the tables (cover.c) what changed meanwhile. */
#include "controller/api/cover_inner.h"
#include "controller/api/event.h"

static bool
live_for(const struct cover *c, const struct routes_part *parts, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct ledger_reader *r = c->reader[parts[i].family];

		if (r && !ledger_reader_live(r))
			return false;
	}
	return true;
}

static void
to_tail(struct cover *c, const struct routes_part *parts, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (c->reader[parts[i].family])
			ledger_reader_to_tail(c->reader[parts[i].family]);
}

bool
api_update_before(struct neighbor *n, const struct routes_message *msg)
{
	bool all = true, restated = (msg->flags & ROUTES_RESTATED) != 0;

	EACH_COVER(link, n)
	{
		struct cover *c = cover_at(link);

		c->handed = c->updates && c->phase == COVER_LIVE &&
			    live_for(c, msg->announce, msg->announces) &&
			    live_for(c, msg->withdraw, msg->withdraws) &&
			    (restated || subscription_can(c->subscription));
		all &= c->handed || c->needs || !c->updates || c->phase == COVER_LOST;
	}
	return !all && !restated;
}

static void
pass(struct cover *c, const struct routes_message *m)
{
	to_tail(c, m->announce, m->announces);
	to_tail(c, m->withdraw, m->withdraws);
}

static bool
is_end_of_rib(const struct routes_message *m)
{
	return (m->flags & ROUTES_END_OF_RIB) && m->withdraws > 0;
}

/* It was not handed the message: the tables tell it later. */
static void
miss(struct cover *c, const struct routes_message *m)
{
	if (c->phase != COVER_SNAPSHOT) {
		if (is_end_of_rib(m))
			c->end_of_rib_owed |= family_bit(m->withdraw[0].family);
		else
			c->skipped += !(m->flags & ROUTES_REPLAY);
		if (c->phase == COVER_LIVE)
			c->resumed = false;
		c->phase = COVER_BEHIND;
	}
	cover_fall_behind(c);
}

/* Newest state that the speaker restates: whoever holds the table already is told what is different, by the
 * table. One that wanted no snapshot passes over the first restatement. */
static void
replayed(struct cover *c, const struct routes_message *m)
{
	if (c->handed && !c->whole) {
		pass(c, m);
	} else if (!c->handed || is_end_of_rib(m) || !live_for(c, m->announce, m->announces) ||
		   !live_for(c, m->withdraw, m->withdraws)) {
		miss(c, m);
	}
}

/* The event is written once, for the first that is handed it; the others get the same octets. */
static void
hand_over(struct cover *c, const struct routes_message *m, struct pack *event)
{
	if (c->subscription->listener) {
		c->subscription->listener->message(c, m);
	} else {
		if (event->len == 0) {
			struct tree t = tree_pack(event);

			event_message(&t, c->coverage->neighbor, m);
		}
		subscription_event_copy(c->subscription, event);
	}
	for (unsigned i = 0; i < m->announces; i++)
		c->told |= family_bit(m->announce[i].family);
	pass(c, m);
}

/* A restatement is nothing to who has no table: it was told all that happened, or will be. */
static void
tell_update(struct cover *c, const struct routes_message *m, struct pack *event)
{
	if (c->needs && (m->flags & ROUTES_REPLAY))
		replayed(c, m);
	else if (!(m->flags & ROUTES_RESTATED) && c->handed)
		hand_over(c, m, event);
	else if (!(m->flags & ROUTES_RESTATED))
		miss(c, m);
	else if (c->handed)
		pass(c, m);
}

void
api_update(struct neighbor *n, const struct routes_message *msg)
{
	struct pack *event;

	if (!n->coverage)
		return;
	event = &n->controller->api->event;
	pack_clear(event);
	EACH_COVER(link, n)
	{
		struct cover *c = cover_at(link);

		if (c->updates && c->phase != COVER_LOST)
			tell_update(c, msg, event);
	}
}

/* What a listener cannot take now it is not told: no table has it. */
void
api_message(struct neighbor *n, const struct routes_message *m)
{
	EACH_COVER(link, n)
	{
		struct cover *c = cover_at(link);

		if (c->subscription->listener && subscription_can(c->subscription))
			c->subscription->listener->other(c, m);
	}
}

void
api_signal(struct api *api, int number)
{
	LIST_EACH(link, &api->controller->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		EACH_COVER(at, n)
		if (cover_at(at)->subscription->listener)
			cover_at(at)->subscription->listener->signal(cover_at(at), number);
	}
}
