/* Generations of an owner's routes, in the intent of all speakers: begin one, have all of it said again, sweep what
 * was not. One mechanism for a reload, for a client that comes back, and for what a new controller adopted. */
#include "controller/intent_inner.h"
#include <string.h>
#include "common/mem.h"
#include "common/writer.h"
#include "controller/fleet.h"
#include "controller/lane.h"
#include "controller/owners.h"
#include "controller/rib/rib.h"
#include "controller/said.h"

enum { GENERATION_FIRST = 1 }; /* of a ledger; what was adopted is older */

struct swept_ledger {
	struct intent *in;
	enum family family;
	bool said; /* what gates stand before, not what is told */
	uint32_t generation, at;
	bool swept, of_rib; /* of_rib: and of what limits are on, whichever */
};

struct restatement {
	struct list link;
	uint32_t owner;
	bool sweeping;
	/* The ledgers there were at the begin; when it sweeps, all that may have something of this owner. */
	struct swept_ledger *ledger;
	size_t ledgers, cap;
};

/* A client may begin under each of its names, and end none. */
struct restatements {
	struct controller *controller;
	struct list sweeping; /* in the order in which they ended */
	struct restatement **of; /* [owner] */
	size_t owners, room;
	struct loop_item *sweeper;
};

static void
free_restatement(struct restatements *all, struct restatement *r)
{
	all->of[r->owner] = NULL;
	list_remove(&r->link);
	mem_free(r->ledger);
	mem_free(r);
}

static struct restatement *
restatement_of(const struct restatements *all, uint32_t owner)
{
	return owner < all->owners ? all->of[owner] : NULL;
}

static struct restatement *
restatement_new(struct restatements *all, uint32_t owner)
{
	struct restatement *r = mem_zero(sizeof *r);

	if (owner >= all->owners) {
		all->of =
		    mem_grow(all->of, &all->room, (size_t)owner + 1, sizeof(struct restatement *));
		memset(all->of + all->owners, 0,
		    (owner + 1 - all->owners) * sizeof(struct restatement *));
		all->owners = (size_t)owner + 1;
	}
	r->owner = owner;
	all->of[owner] = r;
	list_init(&r->link);
	return r;
}

static bool
has_ledger(const struct restatement *r, const struct intent *in, enum family f, bool said)
{
	for (size_t i = 0; i < r->ledgers; i++)
		if (r->ledger[i].in == in && r->ledger[i].family == f && r->ledger[i].said == said)
			return true;
	return false;
}

static void
add_ledger(struct restatement *r, struct intent *in, enum family f, bool said, uint32_t generation)
{
	r->ledger = mem_grow(r->ledger, &r->cap, r->ledgers + 1, sizeof *r->ledger);
	r->ledger[r->ledgers].in = in;
	r->ledger[r->ledgers].family = f;
	r->ledger[r->ledgers].said = said;
	r->ledger[r->ledgers].generation = generation;
	r->ledger[r->ledgers].at = 0;
	r->ledger[r->ledgers].of_rib = owner_is_rib(in->speaker->controller->owners, r->owner);
	r->ledger[r->ledgers++].swept = false;
}

void
intent_begin(struct controller *c, uint32_t owner)
{
	struct restatement *r = restatement_of(c->restatements, owner);

	if (r)
		free_restatement(c->restatements, r);
	r = restatement_new(c->restatements, owner);
	LIST_EACH(link, fleet_speakers(c->fleet)) {
		struct intent *in = &LIST_ENTRY(link, struct speaker_entry, link)->intent;

		for (int f = 0; f < FAMILIES; f++) {
			struct audience *kept = said_kept(in, (enum family)f);

			if (in->told[f].ledger)
				add_ledger(
				    r, in, (enum family)f, false, ledger_begin(in->told[f].ledger));
			if (kept)
				add_ledger(r, in, (enum family)f, true, ledger_begin(kept->ledger));
		}
	}
}

/* Ledgers that came since the begin: only what was adopted into them can be stale. */
static void
add_later_ledgers(struct controller *c, struct restatement *r)
{
	LIST_EACH(link, fleet_speakers(c->fleet)) {
		struct intent *in = &LIST_ENTRY(link, struct speaker_entry, link)->intent;

		for (int f = 0; f < FAMILIES; f++) {
			if (!has_ledger(r, in, (enum family)f, false))
				add_ledger(r, in, (enum family)f, false, GENERATION_FIRST);
			if (!has_ledger(r, in, (enum family)f, true) &&
			    said_kept(in, (enum family)f))
				add_ledger(r, in, (enum family)f, true, GENERATION_FIRST);
		}
	}
}

/* What a speaker that is not adopted yet was to be told, nobody knows but we: without a mark, which would stand
 * for another owner's route that it may hold. */
static void
stale(void *arg, struct ledger *l, struct ledger_entry *e)
{
	const struct swept_ledger *s = arg;
	uint8_t memory[LEDGER_KEY_MAX];
	struct writer key = writer_of(memory, sizeof memory);

	if (s->of_rib && !owner_is_rib(s->in->speaker->controller->owners, ledger_owner(l, e)))
		return;
	if (s->said) {
		said_stale(s->in, s->family, e);
		return;
	}
	writer_copy(&key, ledger_key(l, e));
	said_drop(s->in, s->family, ledger_path_id(l, e), writer_read(&key), ledger_audience(l, e),
	    ledger_owner(l, e));
	if (s->in->speaker->adopted)
		ledger_withdraw(
		    l, e, family_table[s->family].sparse ? NULL : blob_get(ledger_value(e)));
	else
		ledger_drop(l, e);
	rib_reconsider(s->in->speaker->controller, s->family, writer_read(&key));
}

bool
intent_awaits(struct intent *in, enum family f, bool said, const struct ledger *l,
    const struct ledger_entry *e)
{
	const struct restatement *r =
	    restatement_of(in->speaker->controller->restatements, ledger_owner(l, e));

	for (size_t i = 0; r && i < r->ledgers; i++)
		if (r->ledger[i].in == in && r->ledger[i].family == f && r->ledger[i].said == said)
			return ledger_said_in(l, e) < r->ledger[i].generation;
	return false;
}

enum sweep { SWEEP_MORE, SWEEP_WAITS, SWEEP_DONE };

/* What a speaker holds comes when it is adopted: it is waited for, and swept once more. */
static enum sweep
sweep_some(struct restatement *r)
{
	enum sweep result = SWEEP_DONE;

	for (size_t i = 0; i < r->ledgers; i++) {
		struct intent *in = r->ledger[i].in;
		struct audience *kept = said_kept(in, r->ledger[i].family);
		struct ledger *l = r->ledger[i].said ? kept ? kept->ledger : NULL
						     : in->told[r->ledger[i].family].ledger;

		if (!in->speaker->adopted)
			result = SWEEP_WAITS;
		if (r->ledger[i].swept)
			continue;
		if (l && !ledger_sweep(l, &r->ledger[i].at, INTENT_STEPS,
			     r->ledger[i].of_rib ? (uint32_t)LEDGER_ANY : r->owner,
			     r->ledger[i].generation, stale, &r->ledger[i]))
			return SWEEP_MORE;
		r->ledger[i].swept = true;
	}
	return result;
}

static void
wake_lanes(struct controller *c)
{
	LIST_EACH(link, fleet_speakers(c->fleet))
		lane_wake(LIST_ENTRY(link, struct speaker_entry, link)->lane);
}

static enum loop_verdict
sweep(void *self)
{
	struct restatements *all = self;
	struct loop *loop = all->controller->loop;

	LIST_EACH(link, &all->sweeping) {
		struct restatement *r = LIST_ENTRY(link, struct restatement, link);

		for (;;) {
			enum sweep some = sweep_some(r);

			wake_lanes(all->controller);
			if (some == SWEEP_DONE)
				free_restatement(all, r);
			if (some != SWEEP_MORE)
				break;
			if (loop_spent(loop))
				return LOOP_NOW;
		}
	}
	return LOOP_LATER;
}

void
intent_sweep(struct controller *c, uint32_t owner)
{
	struct restatement *r = restatement_of(c->restatements, owner);

	if (!r || r->sweeping)
		return;
	add_later_ledgers(c, r);
	r->sweeping = true;
	list_add(&c->restatements->sweeping, &r->link);
	loop_wake(c->restatements->sweeper);
}

void
intent_close_keepers(struct intent *in)
{
	for (int f = 0; f < FAMILIES; f++) {
		ledger_reader_close(in->keeper[f]);
		in->keeper[f] = NULL;
	}
}

void
intent_adopted(struct intent *in)
{
	struct restatements *all = in->speaker->controller->restatements;

	intent_close_keepers(in);
	LIST_EACH(link, &all->sweeping) {
		struct restatement *r = LIST_ENTRY(link, struct restatement, link);

		for (size_t i = 0; i < r->ledgers; i++)
			if (r->ledger[i].in == in) {
				r->ledger[i].swept = false;
				r->ledger[i].at = 0;
			}
	}
	loop_wake(all->sweeper);
}

void
intent_leave_restatements(struct intent *in)
{
	struct restatements *all = in->speaker->controller->restatements;

	if (!all)
		return;
	for (size_t owner = 0; owner < all->owners; owner++) {
		struct restatement *r = all->of[owner];

		for (size_t i = r ? r->ledgers : 0; i-- > 0;)
			if (r->ledger[i].in == in)
				r->ledger[i] = r->ledger[--r->ledgers];
	}
}

struct restatements *
restatements_new(struct controller *c)
{
	struct restatements *all = mem_zero(sizeof *all);

	all->controller = c;
	list_init(&all->sweeping);
	all->sweeper = loop_work(c->loop, LOOP_WORK, sweep, all);
	return all;
}

void
restatements_free(struct restatements *all)
{
	if (!all)
		return;
	for (size_t owner = 0; owner < all->owners; owner++)
		if (all->of[owner])
			free_restatement(all, all->of[owner]);
	mem_free(all->of);
	loop_close(all->sweeper);
	mem_free(all);
}
