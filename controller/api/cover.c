/* Covers are opened and closed here, and told from the tables of a mirror: a snapshot, and what they missed. */
#include "controller/api/cover_inner.h"
#include "common/mem.h"
#include "common/octets.h"
#include "common/writer.h"
#include "controller/api/event.h"
#include "controller/lane.h"

enum { SLICE_OCTETS = 16 * 1024 };

/* It has something to be told from a table. */
void
cover_fall_behind(struct cover *c)
{
	if (list_empty(&c->behind))
		list_add(&c->subscription->behind, &c->behind);
	subscription_wake(c->subscription);
}

/* A family whose reader has something in front of it, or FAMILIES. */
static enum family
family_behind(const struct cover *c)
{
	int f = 0;

	while (f < FAMILIES && (!c->reader[f] || ledger_reader_live(c->reader[f])))
		f++;
	return (enum family)f;
}

/* --- opening and closing --- */

static void
became_whole(void *self)
{
	struct cover *c = self;

	c->whole = true;
	cover_fall_behind(c);
}

static struct mirror *
mirror_of(const struct cover *c)
{
	return c->coverage->neighbor->mirror;
}

/* Does it keep the table after its snapshot? */
bool
cover_keeps_table(const struct cover *c)
{
	return c->subscription->snapshot && !c->subscription->listener;
}

void
cover_close_readers(struct cover *c)
{
	for (int f = 0; f < FAMILIES; f++) {
		if (c->reader[f])
			ledger_reader_close(c->reader[f]);
		c->reader[f] = NULL;
	}
}

static void
open_readers(struct cover *c, bool at_head)
{
	const struct mirror *m = mirror_of(c);

	for (int f = 0; m && f < FAMILIES; f++)
		if (m->ledger[f] && !c->reader[f])
			c->reader[f] = ledger_reader_open(m->ledger[f], c, at_head);
}

static void
begin_snapshot(struct cover *c)
{
	struct neighbor *n = c->coverage->neighbor;

	c->phase = COVER_SNAPSHOT;
	c->whole = c->absent = false;
	if (!c->needs)
		mirror_need(n);
	c->needs = true;
	open_readers(c, true);
	mirror_unwait(&c->wait);
	c->wait = (struct mirror_wait){ .whole = became_whole, .self = c };
	mirror_when_whole(n->mirror, &c->wait);
}

/* A helper is told what there is when it starts while the session stands; for one whose speaker is not there yet
 * that turns out later. */
static void
begin_updates(struct cover *c)
{
	struct neighbor *n = c->coverage->neighbor;
	bool table = c->subscription->listener ? neighbor_has_said(n) : c->subscription->snapshot;

	c->updates = true;
	if (table)
		begin_snapshot(c);
	else
		open_readers(c, false);
	c->absent = !table && c->subscription->listener && !n->known;
	mirror_listen(n, true);
}

static void
need_no_more(struct cover *c)
{
	bool needs = c->needs;

	c->needs = false;
	if (needs)
		mirror_done(c->coverage->neighbor);
	else
		mirror_settle(c->coverage->neighbor);
}

static bool
wants_packets(const struct cover *c)
{
	return c->wish && (c->wish & c->subscription->listener->packets);
}

/* What its covers want of other messages is told to the speaker when it is something else. Frames of events never
 * have any: with the subscriptions of many clients there are too many covers to ask for each that comes or goes. */
static void
want_messages(struct neighbor *n)
{
	uint32_t all = 0;

	EACH_COVER(link, n)
	{
		const struct cover *c = cover_at(link);

		if (c->subscription->listener)
			all |= c->subscription->listener->messages(c->wish);
	}
	if (all == n->messages)
		return;
	n->messages = all;
	lane_interest(n->speaker->lane, n);
}

void
cover_consider(struct subscription *s, struct neighbor *n, bool first)
{
	bool updates = s->updates;
	struct cover *c;

	if (!subscription_wants(s, n))
		return;
	c = mem_zero(sizeof *c);
	if (s->listener) {
		c->wish = s->listener->wish(s, n);
		updates = c->wish & s->listener->updates;
	}
	c->subscription = s;
	c->coverage = coverage_of(n);
	c->first = first && s->snapshot;
	s->unsynced += c->first;
	c->state_owed = first && s->snapshot && s->states;
	c->phase = COVER_LIVE;
	list_init(&c->behind);
	list_add(&s->covers, &c->of_subscription);
	list_add(&c->coverage->covers, &c->of_coverage);
	if (wants_packets(c))
		mirror_packets(n, true);
	if (s->listener)
		want_messages(n);
	if (updates)
		begin_updates(c);
	if (c->phase == COVER_SNAPSHOT || c->state_owed)
		cover_fall_behind(c);
}

void
cover_close(struct cover *c)
{
	struct neighbor *n = c->coverage->neighbor;
	bool listened = c->subscription->listener != NULL;

	cover_close_readers(c);
	mirror_unwait(&c->wait);
	list_remove(&c->behind);
	list_remove(&c->of_subscription);
	list_remove(&c->of_coverage);
	if (wants_packets(c))
		mirror_packets(n, false);
	if (listened)
		want_messages(n);
	if (c->updates)
		mirror_listen(n, false);
	need_no_more(c);
	mem_free(c);
}

static struct cover *
find(const struct subscription *s, const struct neighbor *n)
{
	EACH_COVER(link, n)
	if (cover_at(link)->subscription == s)
		return cover_at(link);
	return NULL;
}

void
cover_reconsider(struct subscription *s, struct neighbor *n)
{
	struct cover *old = find(s, n), *new;

	if (old ? old->wish == s->listener->wish(s, n) : !subscription_wants(s, n))
		return;
	cover_consider(s, n, !old);
	if (!old)
		return;
	/* what both want goes on: the new one is at the end of the list */
	new = n->coverage &&subscription_wants(s, n) ? cover_at(n->coverage->covers.prev) : NULL;
	if (new) {
		new->said = old->said;
		new->said_session = old->said_session;
		new->negotiated = old->negotiated;
	}
	cover_close(old);
}

/* --- telling from the tables --- */

static void
tell_lagged(struct cover *c)
{
	struct tree t;

	if (!c->subscription->listener) {
		t = subscription_event(c->subscription);
		event_lagged(&t, c->coverage->neighbor, c->skipped);
		subscription_added(c->subscription);
	}
	c->skipped = 0;
}

static void
tell_mark(struct cover *c, const char *type)
{
	struct tree t;

	if (c->subscription->listener)
		return;
	t = subscription_event(c->subscription);
	event_mark(&t, c->coverage->neighbor, type);
	subscription_added(c->subscription);
}

static void
tell_state(struct cover *c)
{
	const struct coverage *g = c->coverage;
	const struct neighbor *n = g->neighbor;
	const char *why = g->told == TOLD_UP ? "" : n->state.why;
	struct tree t;

	c->state_owed = false;
	if (c->subscription->listener) {
		c->subscription->listener->state(c, g->told, why);
		return;
	}
	t = subscription_event(c->subscription);
	event_state(&t, n, told_name(g->told), why, n->state.session);
	subscription_added(c->subscription);
}

/* A group as the message that it could have been. What went with a session is not withdrawn: its end was told. */
static void
listen_group(struct cover *c, enum family f, struct ledger *l, const struct slice *s,
    const struct slice_group *g)
{
	static struct routes_message m;
	const struct ledger_entry *first = s->entry[g->first];
	struct routes_part part = { .family = f,
		.path_ids = event_path_ids(c->coverage->neighbor, f) };
	static struct octets bin; /* one for all: they are many */

	octets_clear(&bin);
	for (uint16_t i = g->first; i != SLICE_END; i = s->next[i]) {
		struct reader key = ledger_key(l, s->entry[i]);

		if (s->entry[i]->mark && ledger_owner(l, s->entry[i]) == MIRROR_LOST)
			continue;
		if (part.path_ids) {
			struct writer w = writer_of(octets_room(&bin, 4), 4);

			writer_u32(&w, ledger_path_id(l, s->entry[i]));
		}
		octets_add(&bin, key.at, key.left);
	}
	part.nlri = octets_read(&bin);
	m.one_peer = true;
	m.announces = m.withdraws = 0;
	if (first->mark) {
		m.withdraw[m.withdraws++] = part;
	} else {
		part.value = route_value_of(blob_read(ledger_value(first)));
		m.announce[m.announces++] = part;
	}
	if (part.nlri.left > 0)
		c->subscription->listener->message(c, &m);
}

static void
listen_end_of_rib(struct cover *c, enum family f)
{
	static struct routes_message m;

	m.flags = ROUTES_END_OF_RIB;
	m.withdraw[0] = (struct routes_part){ .family = f };
	m.withdraws = 1;
	c->subscription->listener->message(c, &m);
}

static void
tell_slice(struct cover *c, enum family f)
{
	struct subscription *s = c->subscription;
	struct slice *slice = &s->client->api->slice;
	struct ledger *l = mirror_of(c)->ledger[f];
	size_t octets = s->credit < SLICE_OCTETS ? (size_t)s->credit : SLICE_OCTETS;
	uint16_t count = slice_take(slice, l, c->reader[f], octets);

	slice_group(slice, SLICE_BY_VALUE, NULL, NULL);
	for (uint16_t g = 0; g < slice->groups; g++) {
		struct tree t;

		if (s->listener) {
			listen_group(c, f, l, slice, &slice->group[g]);
			continue;
		}
		t = subscription_event(s);
		event_group(&t, c->coverage->neighbor, f, l, slice, &slice->group[g]);
		subscription_added(s);
	}
	c->told |= family_bit(f);
	ledger_reader_pass(c->reader[f], count);
	mirror_passed(mirror_of(c), f);
}

static void
tell_end_of_rib(struct cover *c)
{
	for (int f = 0; f < FAMILIES; f++)
		if (c->end_of_rib_owed & family_bit((enum family)f)) {
			struct tree t;

			if (c->subscription->listener) {
				listen_end_of_rib(c, (enum family)f);
				continue;
			}
			t = subscription_event(c->subscription);
			event_end_of_rib(&t, c->coverage->neighbor, (enum family)f, false);
			subscription_added(c->subscription);
		}
	c->end_of_rib_owed = 0;
}

/* The first snapshot of it is told. */
static void
settle(struct cover *c)
{
	bool first = c->first;

	c->first = false;
	if (first)
		subscription_synced(c->subscription);
}

/* Its readers are at the tails. */
static void
arrive(struct cover *c)
{
	bool snapshot = c->phase == COVER_SNAPSHOT;

	if (snapshot && !c->whole)
		return; /* more is to come */
	if (c->skipped > 0)
		tell_lagged(c);
	if (snapshot)
		c->end_of_rib_owed |= mirror_of(c)->end_of_rib;
	tell_end_of_rib(c);
	c->phase = COVER_LIVE;
	c->resumed = false;
	if (c->resync)
		tell_mark(c, "synced");
	c->resync = false;
	settle(c);
	if (!cover_keeps_table(c))
		need_no_more(c);
}

static void
regain(struct cover *c)
{
	if (c->subscription->listener && c->told)
		c->subscription->listener->forget(c);
	c->told = 0;
	begin_snapshot(c);
}

/* Some more is told from the tables: true when there is more to do now. */
static bool
cover_step(struct cover *c)
{
	enum family f;

	if (c->reset_owed)
		tell_mark(c, "reset");
	c->reset_owed = false;
	if (c->state_owed)
		tell_state(c);
	if (!c->updates) {
		settle(c);
		return false;
	}
	if (c->phase == COVER_LOST)
		regain(c);
	if (c->phase == COVER_BEHIND && !c->resumed && c->skipped > 0)
		tell_lagged(c);
	c->resumed = true;
	f = family_behind(c);
	if (f < FAMILIES) {
		if (subscription_can(c->subscription))
			tell_slice(c, f);
		return true;
	}
	arrive(c);
	return false;
}

/* One step of the subscription that waited longest: for its cover that waited longest. */
static void
step(struct subscription *s)
{
	struct cover *c = LIST_ENTRY(s->behind.next, struct cover, behind);
	struct list *runnable = &s->client->api->runnable;

	list_remove(&c->behind);
	if (cover_step(c) && list_empty(&c->behind))
		list_add(&s->behind, &c->behind);
	list_remove(&s->run);
	if (!list_empty(&s->behind) && subscription_can(s))
		list_add(runnable, &s->run);
}

enum loop_verdict
covers_catch_up(void *self)
{
	struct api *api = self;

	while (!list_empty(&api->runnable)) {
		struct subscription *s = LIST_ENTRY(api->runnable.next, struct subscription, run);

		if (list_empty(&s->behind) || !subscription_can(s))
			list_remove(&s->run);
		else
			step(s);
		if (loop_spent(api->controller->loop))
			return list_empty(&api->runnable) ? LOOP_LATER : LOOP_NOW;
	}
	return LOOP_LATER;
}

/* --- the mirror's own changes --- */

void
api_mirror_ledger(struct mirror *m, enum family f)
{
	EACH_COVER(link, m->neighbor)
	{
		struct cover *c = cover_at(link);

		if (c->updates && c->phase != COVER_LOST && !c->reader[f])
			c->reader[f] = ledger_reader_open(m->ledger[f], c, false);
	}
}

void
api_mirror_closing(struct mirror *m, enum family f)
{
	EACH_COVER(link, m->neighbor)
	{
		struct cover *c = cover_at(link);

		if (c->reader[f])
			ledger_reader_close(c->reader[f]);
		c->reader[f] = NULL;
	}
}

void
api_mirror_changed(struct mirror *m)
{
	EACH_COVER(link, m->neighbor)
	{
		struct cover *c = cover_at(link);

		if (!c->updates || family_behind(c) == FAMILIES)
			continue;
		if (c->phase == COVER_LIVE)
			c->phase = COVER_BEHIND;
		cover_fall_behind(c);
	}
}

void
api_mirror_whole(struct mirror *m)
{
	EACH_COVER(link, m->neighbor)
	{
		struct cover *c = cover_at(link);

		if (c->updates && c->phase == COVER_SNAPSHOT)
			cover_fall_behind(c);
	}
}
