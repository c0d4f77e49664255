/* Mirror: a neighbor's received routes, while somebody needs them. */
#include "controller/mirror.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/retire.h"
#include "controller/api/api.h"
#include "controller/fleet.h"
#include "controller/lane.h"
#include "controller/rib/rib.h"
#include "proto/bgp/nlri.h"
#include "proto/frame/routes_ahead.h"

enum { STEPS = 256, REAPS = 16, REAP_STEPS = 4096, SMALL = 1024 * 1024, SOON_OCTETS = 1024 };

static void
release(void *self, struct blob *value, uint32_t audience)
{
	struct controller *c = self;

	(void)audience;
	blob_put(c->values, value);
}

static void
overrun(void *self, struct ledger_reader *r)
{
	if (!rib_overrun(self, r))
		api_mirror_overrun(r);
}

static const struct ledger_ops ops = { .release = release, .overrun = overrun };

/* The RIB keeps nothing of its own: what takes part in it is kept whatever adj-rib-in says. */
static bool
kept(const struct mirror *m)
{
	return m->kept && (m->neighbor->config->adj_rib_in || m->neighbor->rib);
}

/* While it is no table, what was never in it may be withdrawn at once, too: all that the neighbor had before it was made. */
static size_t
spare(struct mirror *m)
{
	uint64_t had = m->neighbor->state.prefixes_in;

	m->had = had > m->had ? had : m->had;
	return LEDGER_MARKS_SPARE + (m->kept ? 0 : (size_t)m->had);
}

static struct ledger *
ledger_of(struct mirror *m, enum family f, bool path_ids)
{
	if (!m->ledger[f]) {
		m->ledger[f] = ledger_new(&ops, m->neighbor->controller);
		ledger_identity(m->ledger[f], nlri_key(f));
		if (nlri_is_short(f))
			ledger_short(m->ledger[f]);
		ledger_own_audiences(m->ledger[f]); /* ages */
		if (path_ids)
			ledger_own_paths(m->ledger[f]);
		m->generation[f] = ledger_generation(m->ledger[f]);
		api_mirror_ledger(m, f);
		rib_mirror_ledger(m, f);
	}
	ledger_passing(m->ledger[f], !kept(m));
	ledger_spare(m->ledger[f], spare(m));
	return m->ledger[f];
}

/* --- age: since when a route is said as it is stands in the entry's audience --- */

static uint32_t
now(const struct controller *c)
{
	return (uint32_t)(loop_now(c->loop) / (1000000 / 16));
}

uint32_t
mirror_age(const struct controller *c, const struct ledger *l, const struct ledger_entry *e)
{
	return now(c) - ledger_audience(l, e);
}

/* --- need --- */

static void
tell_waiting(struct mirror *m)
{
	while (!list_empty(&m->waiting)) {
		struct mirror_wait *w = LIST_ENTRY(m->waiting.next, struct mirror_wait, link);

		list_remove(&w->link);
		w->whole(w->self);
	}
}

static void
whole(struct mirror *m)
{
	m->whole = true;
	m->restating = m->ended = false;
	/* the sweep may end when the speaker is gone again */
	m->unheard = m->neighbor->speaker->gone ? loop_now(m->neighbor->controller->loop) : 0;
	tell_waiting(m);
	api_mirror_whole(m);
	rib_mirror_whole(m);
}

enum interest { INTEREST_NONE, INTEREST_LIVE, INTEREST_TABLE };

static enum interest
interest_of(const struct neighbor *n)
{
	if (n->mirror && n->mirror->needed > 0)
		return INTEREST_TABLE;
	return n->live > 0 ? INTEREST_LIVE : INTEREST_NONE;
}

static void
tell_interest(struct neighbor *n, enum interest before)
{
	if (interest_of(n) != before)
		lane_interest(n->speaker->lane, n);
}

static struct mirror *
make(struct neighbor *n)
{
	struct mirror *m = mem_zero(sizeof *m);

	m->neighbor = n;
	list_init(&m->waiting);
	n->mirror = m;
	return m;
}

struct mirror *
mirror_need(struct neighbor *n)
{
	enum interest before = interest_of(n);
	struct mirror *m = n->mirror ? n->mirror : make(n);

	m->needed++;
	m->kept = true;
	tell_interest(n, before);
	return m;
}

void
mirror_listen(struct neighbor *n, bool wanted)
{
	enum interest before = interest_of(n);

	n->live += wanted ? 1u : -1u;
	tell_interest(n, before);
}

void
mirror_packets(struct neighbor *n, bool wanted)
{
	bool before = n->packets > 0;

	n->packets += wanted ? 1u : -1u;
	if (before != (n->packets > 0) && interest_of(n) != INTEREST_NONE)
		lane_interest(n->speaker->lane, n);
}

static void
end_mirror(struct mirror *m)
{
	struct neighbor *n = m->neighbor;

	for (int f = 0; f < FAMILIES; f++) {
		if (!m->ledger[f])
			continue;
		api_mirror_closing(m, (enum family)f);
		if (!rib_mirror_closing(m, (enum family)f))
			retire_ledger(n->controller->retire, &m->ledger[f]);
	}
	n->mirror = NULL;
	tell_waiting(m);
	loop_close(m->sweeper);
	mem_free(m);
}

void
mirror_done(struct neighbor *n)
{
	enum interest before = interest_of(n);

	if (!n->mirror || n->mirror->needed == 0)
		return;
	if (--n->mirror->needed == 0)
		n->mirror->restating = n->mirror->ended = false;
	tell_interest(n, before);
	mirror_settle(n);
}

void
mirror_settle(struct neighbor *n)
{
	if (n->mirror && n->mirror->needed == 0 && !api_is_behind(n))
		end_mirror(n->mirror);
}

void
mirror_free(struct neighbor *n)
{
	if (n->mirror)
		end_mirror(n->mirror);
}

void
mirror_when_whole(struct mirror *m, struct mirror_wait *w)
{
	list_init(&w->link);
	if (m->whole || !neighbor_has_said(m->neighbor))
		w->whole(w->self);
	else
		list_add(&m->waiting, &w->link);
}

void
mirror_unwait(struct mirror_wait *w)
{
	if (w->link.next)
		list_remove(&w->link);
}

bool
mirror_is_table(const struct mirror *m)
{
	return kept(m) && m->whole;
}

size_t
mirror_count(const struct mirror *m)
{
	size_t n = 0;

	for (int f = 0; f < FAMILIES; f++)
		n += m->ledger[f] ? ledger_count(m->ledger[f]) : 0;
	return n;
}

/* --- from the lane --- */

static struct routes_ahead ahead;

/* More octets of NLRI than these are asked for when it is their turn, or the first would be gone again. */
static bool
is_long(const struct routes_part *part)
{
	return part->nlri.left > SOON_OCTETS;
}

static void
prefetch(const struct ledger *l, const struct routes_part *part)
{
	nlri_prefetch(l, part->family, part->path_ids, part->nlri);
}

static void
withdraw_part(struct mirror *m, const struct routes_part *part)
{
	bool all = mirror_is_table(m) || (kept(m) && m->neighbor->live == 0);
	struct ledger *l =
	    all ? m->ledger[part->family] : ledger_of(m, part->family, part->path_ids);
	struct reader bin = part->nlri;
	struct nlri nlri;

	if (l && is_long(part))
		prefetch(l, part);
	while (l && nlri_next(part->family, part->path_ids, &bin, &nlri)) {
		bool room = ledger_has_room_for_mark(l);
		struct ledger_entry *e = ledger_find(l, nlri.path_id, nlri.octets);

		if (!e && !all && room) /* who has it was told long ago */
			e = ledger_put(l, nlri.path_id, nlri.octets, NULL, 0, 0);
		if (e && !e->mark)
			ledger_withdraw(l, e, NULL);
	}
}

/* What is equal to what was kept is news all the same where the peer says it again: helpers forget it with the
 * session, and those who miss the message have to find it in the table. */
static void
restate(struct mirror *m, enum family f, struct ledger_entry *e, const struct nlri *nlri,
    struct blob *value, uint32_t flags)
{
	struct ledger *l = m->ledger[f];
	uint32_t owner = flags & ROUTES_STALE ? MIRROR_STALE : 0;
	bool again = !(flags & ROUTES_STALE) && mirror_is_stale(m, f, e);

	if (!e->mark && ledger_value(e) == value && !again && ledger_spelt(l, e, nlri->octets)) {
		ledger_restate(l, e, owner);
		return;
	}
	ledger_spell(l, e, nlri->octets);
	ledger_change(l, e, blob_get(value),
	    !e->mark && ledger_value(e) == value ? ledger_audience(l, e)
						 : now(m->neighbor->controller),
	    owner);
}

/* Its speaker keeps no more of a peer than there is room for here, so hardly ever. */
static void
note_full(struct mirror *m, enum family f)
{
	if (!m->full)
		log_warning(m->neighbor->name,
		    "no room for more than %zu routes of %s: what it says beyond is in no table",
		    ledger_count(m->ledger[f]), family_name(f));
	m->full = true;
}

static void
announce_part(struct mirror *m, const struct routes_message *msg, unsigned i)
{
	const struct routes_part *part = &msg->announce[i];
	struct controller *c = m->neighbor->controller;
	struct ledger *l = ledger_of(m, part->family, part->path_ids);
	struct blob *value = routes_ahead_value(&ahead, c->values, msg, i);
	uint32_t flags = msg->flags;
	struct reader bin = part->nlri;
	uint32_t since = now(c);
	struct nlri nlri;

	if (!value)
		return;
	if (is_long(part))
		prefetch(l, part);
	while (nlri_next(part->family, part->path_ids, &bin, &nlri)) {
		struct ledger_walk at = { 0 };
		bool room = ledger_has_room(l);
		struct ledger_entry *e = ledger_same(l, nlri.path_id, nlri.octets, &at);

		if (!room && (!e || e->mark))
			note_full(m, part->family);
		else if (!e)
			ledger_put_walked(l, &at, nlri.path_id, nlri.octets, blob_get(value), since,
			    flags & ROUTES_STALE ? MIRROR_STALE : 0);
		else
			restate(m, part->family, e, &nlri, value, flags);
	}
	blob_put(c->values, value);
}

/* What all have passed is forgotten one by one at the cost of being told once more. Mostly the whole is about to go, and
 * it is never more than a table: so not before it is large. */
static bool
is_small(const struct mirror *m, enum family f)
{
	const struct ledger *l = m->ledger[f];

	return !m->kept && ledger_count(l) + ledger_marks(l) < SMALL;
}

void
mirror_passed(struct mirror *m, enum family f)
{
	if (m->ledger[f] && is_small(m, f))
		return;
	for (unsigned i = 0;
	     i < REAPS && m->ledger[f] && !kept(m) && !ledger_reap(m->ledger[f], REAP_STEPS); i++)
		;
}

static void
apply(struct mirror *m, const struct routes_message *msg)
{
	for (unsigned i = 0; i < msg->withdraws; i++)
		withdraw_part(m, &msg->withdraw[i]);
	for (unsigned i = 0; i < msg->announces; i++)
		announce_part(m, msg, i);
	if ((msg->flags & ROUTES_END_OF_RIB) && msg->withdraws > 0)
		m->end_of_rib |= family_bit(msg->withdraw[0].family);
}

/* What is restated is for who needs a table. */
static bool
is_needless(const struct neighbor *n, const struct routes_message *msg)
{
	return (msg->flags & ROUTES_RESTATED) && interest_of(n) != INTEREST_TABLE;
}

static void
take_message(struct neighbor *n, const struct routes_message *msg)
{
	struct mirror *m = n->mirror;

	if (is_needless(n, msg))
		return;
	for (unsigned i = 0; m && i < msg->announces; i++)
		ledger_of(m, msg->announce[i].family, msg->announce[i].path_ids);
	if (api_update_before(n, msg) && !m)
		m = make(n);
	if (m)
		apply(m, msg);
	api_update(n, msg);
	if (!m)
		return;
	for (int f = 0; f < FAMILIES && !kept(m); f++)
		mirror_passed(m, (enum family)f);
	mirror_settle(n);
}

void
mirror_message(struct neighbor *n, const struct routes_message *msg)
{
	take_message(n, msg);
	routes_ahead_done(&ahead, msg);
}

void
mirror_messages_end(struct neighbor *n)
{
	if (n->mirror)
		rib_mirror_changed(n->mirror);
}

static void
part_soon(const struct mirror *m, const struct routes_part *part)
{
	if (m->ledger[part->family] && !is_long(part))
		prefetch(m->ledger[part->family], part);
}

void
mirror_soon(const struct neighbor *n, const struct routes_message *msg)
{
	if (!n->mirror)
		return;
	for (unsigned i = 0; i < msg->withdraws; i++)
		part_soon(n->mirror, &msg->withdraw[i]);
	for (unsigned i = 0; i < msg->announces; i++)
		part_soon(n->mirror, &msg->announce[i]);
	routes_ahead_soon(&ahead, n->controller->values, msg);
}

/* What happened meanwhile is not in it until it is whole again. */
void
mirror_found_again(struct neighbor *n)
{
	if (n->mirror)
		n->mirror->whole = false;
	api_found_again(n);
}

void
mirror_begin(struct neighbor *n)
{
	struct mirror *m = n->mirror;

	if (interest_of(n) != INTEREST_TABLE)
		return;
	m->restating = true;
	m->whole = m->ended = false;
	m->sweeping = 0;
	for (int f = 0; f < FAMILIES; f++)
		m->generation[f] = m->ledger[f] ? ledger_begin(m->ledger[f]) : 0;
}

static void
stale(void *arg, struct ledger *l, struct ledger_entry *e)
{
	const uint32_t *lost = arg;

	ledger_give(l, e, ledger_said_in(l, e) < *lost ? MIRROR_LOST : MIRROR_WITHDRAWN);
	ledger_withdraw(l, e, NULL);
}

static enum loop_verdict
sweep(void *self)
{
	struct mirror *m = self;

	for (int f = 0; f < FAMILIES; f++)
		while (m->sweeping & family_bit((enum family)f)) {
			if (ledger_sweep(m->ledger[f], &m->sweep_at[f], STEPS, LEDGER_ANY,
				m->generation[f], stale, &m->lost[f]))
				m->sweeping &= ~family_bit((enum family)f);
			api_mirror_changed(m);
			rib_mirror_changed(m);
			if (loop_spent(m->neighbor->controller->loop))
				return LOOP_NOW;
		}
	if (m->ended)
		whole(m);
	return LOOP_LATER;
}

static void
wake_sweeper(struct mirror *m)
{
	if (!m->sweeper)
		m->sweeper = loop_work(m->neighbor->controller->loop, LOOP_WORK, sweep, m);
	loop_wake(m->sweeper);
}

static void
sweep_family(struct mirror *m, enum family f)
{
	m->sweep_at[f] = 0;
	m->sweeping |= family_bit(f);
	wake_sweeper(m);
}

/* What is older than the generation of each ledger goes. */
static void
start_sweep(struct mirror *m)
{
	for (int f = 0; f < FAMILIES; f++)
		if (m->ledger[f] && m->generation[f] > 0)
			sweep_family(m, (enum family)f);
	wake_sweeper(m);
}

void
mirror_end(struct neighbor *n)
{
	if (interest_of(n) != INTEREST_TABLE || !n->mirror->restating)
		return;
	n->mirror->ended = true;
	start_sweep(n->mirror);
}

void
mirror_kept(struct neighbor *n, uint32_t families, bool now)
{
	struct mirror *m;

	api_forgotten(n, ~families & (now ? n->state.families : n->state.stale), now);
	m = n->mirror;
	if (!m)
		return;
	if (now)
		m->end_of_rib = 0;
	for (int f = 0; f < FAMILIES; f++) {
		if (!m->ledger[f])
			continue;
		if (!(families & family_bit((enum family)f)))
			m->lost[f] = m->generation[f] = ledger_begin(m->ledger[f]);
		else if (now)
			m->stale_since[f] = ledger_begin(m->ledger[f]);
		if (!(families & family_bit((enum family)f)))
			sweep_family(m, (enum family)f);
	}
}

/* While the peer is away all that is left of it is. */
bool
mirror_is_stale(const struct mirror *m, enum family f, const struct ledger_entry *e)
{
	const struct neighbor *n = m->neighbor;

	if (!n->known || !(n->state.stale & family_bit(f)))
		return false;
	return !neighbor_established(n) || ledger_owner(m->ledger[f], e) == MIRROR_STALE ||
	       ledger_said_in(m->ledger[f], e) < m->stale_since[f];
}

void
mirror_down(struct neighbor *n)
{
	struct mirror *m;

	api_forgotten(n, UINT32_MAX, true);
	m = n->mirror;
	if (!m)
		return;
	m->whole = m->restating = m->ended = false;
	m->end_of_rib = 0;
	m->unheard = 0;
	for (int f = 0; f < FAMILIES; f++)
		if (m->ledger[f])
			m->lost[f] = m->generation[f] = ledger_begin(m->ledger[f]);
	start_sweep(m);
	tell_waiting(m);
}
