/* Sources: neighbors whose routes may travel. Each reads its mirror's ledgers; what it reads becomes paths. */
#include "common/log.h"
#include "common/mem.h"
#include "common/retire.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/lane.h"
#include "controller/rib/rib_inner.h"

enum {
	PEEK = 64,
	CHANGES = 16384, /* of one change of a mirror: more than the NLRI of most frames */
	STEPS = 256
};

/* One of its routes has no place. */
static void
leave_out(const struct rib *r, const struct rib_source *s, enum family f)
{
	static struct log_limit complaints;

	if (!log_allow(&complaints, 1))
		return;
	if (paths_full(&r->paths[f]))
		log_warning("rib", "there are %zu routes of %s: what %s says beyond is left out",
		    r->paths[f].count, family_name(f), s->neighbor->name);
	else
		log_warning("rib", "a prefix has more than %d routes: those of %s are left out",
		    RIB_CONTENDERS, s->neighbor->name);
}

/* A ledger's entry says a route, or does so no more. */
static void
take(struct rib *r, struct rib_source *s, enum family f, struct ledger_entry *e, uint32_t hash)
{
	uint32_t gone = RIB_NOWHERE, number = RIB_NOWHERE;
	size_t before = r->paths[f].count;
	bool alone = false;

	if (e->mark || s->leaving) {
		gone = paths_remove(&r->paths[f], s->number, e, hash);
		if (gone != RIB_NOWHERE)
			verdicts_forget(&r->verdicts, f, gone);
	} else if ((number = paths_add(&r->paths[f], s->number, e, hash, &alone)) != RIB_NOWHERE) {
		origins_note(r, f, number);
		if (alone && !s->silent && rib_decide_alike(r, s, f, e, hash))
			return;
	} else {
		leave_out(r, s, f);
		return;
	}
	if (s->silent)
		return; /* nobody is told of it */
	r->fresh = r->paths[f].count > before ? e : NULL;
	rib_decide(r, f, ledger_key(s->ledger[f], e), gone, alone ? number : RIB_NOWHERE);
	r->fresh = NULL;
}

/* What they are about to ask for: the paths of these keys, and what is told of them. */
static void
prefetch(struct rib *r, enum family f, const uint32_t *hash, size_t n)
{
	for (size_t i = 0; i < n; i++)
		paths_prefetch(&r->paths[f], hash[i]);
	LIST_EACH(link, fleet_speakers(r->controller->fleet)) {
		const struct ledger *told =
		    LIST_ENTRY(link, struct speaker_entry, link)->intent.told[f].ledger;

		for (size_t i = 0; told && i < n; i++)
			ledger_prefetch_hash(told, hash[i]);
	}
}

/* At most so many changes; false when there are more. */
static bool
read_on(struct rib *r, struct rib_source *s, enum family f, size_t most)
{
	struct ledger_entry *e[PEEK];
	uint32_t hash[PEEK];
	size_t n;

	if (!s->reader[f])
		return true;
	for (; most > 0; most -= n) {
		n = ledger_reader_peek(s->reader[f], e, most < PEEK ? most : PEEK);
		if (n == 0)
			return true;
		for (size_t i = 0; i < n; i++)
			hash[i] = paths_hash(f, ledger_key(s->ledger[f], e[i]));
		prefetch(r, f, hash, n);
		for (size_t i = 0; i < n; i++)
			take(r, s, f, e[i], hash[i]);
		ledger_reader_pass(s->reader[f], n);
	}
	return ledger_reader_live(s->reader[f]);
}

static void
open_ledger(struct rib_source *s, enum family f)
{
	s->ledger[f] = s->mirror->ledger[f];
	s->reader[f] = ledger_reader_open(s->ledger[f], s, true);
}

static void
close_reader(struct rib_source *s, enum family f)
{
	if (s->reader[f])
		ledger_reader_close(s->reader[f]);
	s->reader[f] = NULL;
}

/* --- in slices --- */

static void
leave_one(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct rib_source *s = arg;

	for (int f = 0; f < FAMILIES; f++)
		if (s->ledger[f] == l)
			take(s->rib, s, (enum family)f, e,
			    paths_hash((enum family)f, ledger_key(l, e)));
}

static void
end_source(struct rib_source *s)
{
	struct rib *r = s->rib;

	for (int f = 0; f < FAMILIES; f++) {
		close_reader(s, (enum family)f);
		if (!s->mirror && s->ledger[f])
			retire_ledger(r->controller->retire, &s->ledger[f]);
	}
	if (s->neighbor) {
		s->neighbor->rib = NULL;
		mirror_done(s->neighbor);
	}
	plans_free(r, s);
	policy_chain_fini(&s->policy);
	memo_forget(r);
	r->source[s->number] = NULL;
	mem_free(s);
}

/* False when there is more to do. */
static bool
leave_some(struct rib_source *s)
{
	for (int f = 0; f < FAMILIES; f++)
		if (s->ledger[f] &&
		    !ledger_visit(s->ledger[f], &s->leave_at[f], STEPS, leave_one, s))
			return false;
	return true;
}

static bool
read_some(struct rib *r, struct rib_source *s)
{
	bool done = true;

	for (int f = 0; f < FAMILIES; f++)
		done &= read_on(r, s, (enum family)f, STEPS);
	return done;
}

static enum loop_verdict
work(void *self)
{
	struct rib *r = self;
	bool left = false;

	for (uint32_t i = 0; i < r->sources; i++) {
		struct rib_source *s = r->source[i];

		while (s && !read_some(r, s))
			if (loop_spent(r->controller->loop))
				return LOOP_NOW;
		while (s && s->leaving && !leave_some(s))
			if (loop_spent(r->controller->loop))
				return LOOP_NOW;
		if (s && s->leaving) {
			end_source(s);
			left = true;
		}
	}
	if (left)
		sources_apply(r); /* whoever came again while it left */
	return LOOP_LATER;
}

/* --- from mirrors --- */

void
rib_mirror_ledger(struct mirror *m, enum family f)
{
	struct rib_source *s = m->neighbor->rib;

	if (s && s->mirror == m && !s->ledger[f])
		open_ledger(s, f);
}

bool
rib_mirror_closing(struct mirror *m, enum family f)
{
	const struct rib_source *s = m->neighbor->rib;

	return s && s->ledger[f] == m->ledger[f];
}

void
rib_mirror_changed(struct mirror *m)
{
	struct rib_source *s = m->neighbor->rib;
	bool done = true;

	for (int f = 0; s && f < FAMILIES; f++)
		done &= read_on(s->rib, s, (enum family)f, CHANGES);
	if (!done)
		loop_wake(s->rib->worker);
}

/* Marks piled up in front of it, which takes more than a table's worth while it catches up: it goes on at once. */
bool
rib_overrun(struct controller *c, struct ledger_reader *reader)
{
	struct rib *r = c->rib;

	for (uint32_t i = 0; r && i < r->sources; i++)
		for (int f = 0; r->source[i] && f < FAMILIES; f++)
			if (r->source[i]->reader[f] == reader) {
				while (!read_on(r, r->source[i], (enum family)f, CHANGES))
					;
				return true;
			}
	return false;
}

/* --- who is one --- */

static uint32_t
free_place(struct rib *r)
{
	for (uint32_t i = 0; i < r->sources; i++)
		if (!r->source[i])
			return i;
	r->source = mem_grow(r->source, &r->source_cap, r->sources + 1, sizeof *r->source);
	return r->sources++;
}

void
source_describe(struct rib_source *s)
{
	const struct neighbor *n = s->neighbor;
	const struct config_neighbor *c = rib_settings(s->rib, n);

	s->export = (struct export_source){ .role = (enum propagate)c->propagate,
		.internal = neighbor_internal(n),
		.member = n->config->member,
		.long_lived = c->capability.long_lived > 0,
		.router_id = n->state.peer_id };
	chain_make(rib_config(s->rib), n, &c->import, &s->policy);
}

static void
begin_source(struct rib *r, struct neighbor *n)
{
	struct rib_source *s = mem_zero(sizeof *s);

	s->rib = r;
	s->neighbor = n;
	s->number = free_place(r);
	r->source[s->number] = s;
	source_describe(s);
	n->rib = s;
	s->mirror = mirror_need(n);
	for (int f = 0; f < FAMILIES; f++)
		if (s->mirror->ledger[f])
			open_ledger(s, (enum family)f);
}

static void
leave(struct rib_source *s)
{
	s->leaving = true;
	s->silent = s->silent && !s->took_part;
	loop_wake(s->rib->worker);
}

void
sources_apply(struct rib *r)
{
	LIST_EACH(link, &r->controller->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);
		bool takes_part = n->config->propagate != PROPAGATE_NONE;

		if (takes_part && !n->rib)
			begin_source(r, n);
		if (!n->rib || n->rib->leaving)
			continue;
		n->rib->silent = !takes_part && n->rib->candidates > 0;
		n->rib->took_part = n->rib->took_part || takes_part;
		if (takes_part || n->rib->silent)
			source_describe(n->rib);
		else
			leave(n->rib);
	}
	loop_wake(r->worker);
}

void
rib_neighbor_gone(struct neighbor *n)
{
	struct rib_source *s = n->rib;

	if (!s)
		return;
	leave(s);
	s->neighbor = NULL;
	s->mirror = NULL; /* the ledgers are ours now: rib_mirror_closing says so */
}

/* --- what an older controller told --- */

bool
source_settled(const struct rib_source *s)
{
	return s->leaving ||
	       (s->neighbor->known && (!neighbor_has_said(s->neighbor) || s->mirror->whole));
}

bool
rib_undecided(const struct neighbor *n)
{
	return n->rib && !n->rib->silent && n->rib->rib->adopting;
}

/* All that there is to decide on was read, or is waited for no longer. */
static void
decided(struct rib *r)
{
	r->adopting = false;
	loop_timer_stop(r->controller->loop, &r->patience);
	intent_sweep(r->controller, r->owner);
	LIST_EACH(link, &r->controller->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->rib && neighbor_settled(n))
			lane_complete(n->speaker->lane, n);
	}
}

void
sources_check_whole(struct rib *r)
{
	if (!r->adopting)
		return;
	for (uint32_t i = 0; i < r->sources; i++)
		if (r->source[i] && !r->source[i]->silent && !source_settled(r->source[i]))
			return;
	if (!verdicts_open(&r->verdicts))
		decided(r);
}

static void
give_up(void *self)
{
	struct rib *r = self;

	if (!r->adopting)
		return;
	log_warning("rib",
	    "not every neighbor was heard of: what was told of its routes before is withdrawn");
	decided(r);
}

void
rib_mirror_whole(struct mirror *m)
{
	if (m->neighbor->rib)
		sources_check_whole(m->neighbor->rib->rib);
}

void
rib_neighbor_changed(struct neighbor *n)
{
	struct rib *r = n->controller->rib;

	if (!r || !n->rib || n->rib->leaving)
		return;
	source_describe(n->rib);
	sources_check_whole(r);
}

/* --- for candidates --- */

bool
source_listen(struct rib *r, struct neighbor *n)
{
	if (n->rib && n->rib->leaving)
		return false;
	if (!n->rib) {
		begin_source(r, n);
		n->rib->silent = true;
	}
	n->rib->candidates++;
	loop_wake(r->worker);
	return true;
}

void
source_ignore(struct neighbor *n)
{
	struct rib_source *s = n->rib;

	if (!s || s->candidates == 0)
		return;
	if (--s->candidates == 0 && s->silent && !s->leaving)
		leave(s);
}

/* --- life --- */

void
sources_init(struct rib *r)
{
	struct loop *l = r->controller->loop;

	r->worker = loop_work(l, LOOP_WORK, work, r);
	r->patience = (struct loop_timer){ .fire = give_up, .self = r };
	r->adopting = true;
	loop_timer_set(l, &r->patience,
	    loop_now(l) + r->controller->config->controller.adopt_time * UINT64_C(1000000));
}

void
sources_free(struct rib *r)
{
	loop_timer_stop(r->controller->loop, &r->patience);
	loop_close(r->worker);
	for (uint32_t i = 0; i < r->sources; i++)
		if (r->source[i])
			end_source(r->source[i]);
	mem_free(r->source);
}
