/* Intent: drafts become routes for neighbors, and routes entries for sets of them. */
#include "controller/intent.h"
#include <string.h>
#include "common/list.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/retire.h"
#include "common/writer.h"
#include "controller/fleet.h"
#include "controller/lane.h"
#include "controller/owners.h"
#include "controller/plan.h"
#include "controller/rib/rib.h"
#include "controller/said.h"
#include "proto/bgp/cap.h"
#include "proto/bgp/nlri.h"

enum { STEPS = 256 };

static void
release(void *self, struct blob *value, uint32_t audience)
{
	audience_release(self, value, audience);
}

static void
overrun(void *self, struct ledger_reader *r)
{
	static struct log_limit complaints;

	(void)self;
	ledger_reader_to_head(r);
	if (ledger_reader_party(r))
		lane_overrun(ledger_reader_party(r));
	else if (log_allow(&complaints, 1))
		log_warning("intent", "too much was withdrawn while a speaker is away: "
				      "what it holds of that stays until its owner ends its sync");
}

static const struct ledger_ops ops = { .release = release, .overrun = overrun };

bool
intent_has_paths(const struct intent *in, enum family family)
{
	LIST_EACH(link, &in->speaker->controller->neighbors) {
		const struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		if (n->speaker == in->speaker && n->peer.add_path[family] & ADD_PATH_SEND)
			return true;
	}
	return false;
}

struct audience *
intent_told(struct intent *in, enum family family)
{
	struct audience *a = &in->told[family];
	struct controller *c = in->speaker->controller;

	if (!a->ledger) {
		a->blobs = c->values;
		a->sets = c->sets;
		a->ledger = ledger_new(&ops, a);
		ledger_identity(a->ledger, nlri_key(family));
		if (nlri_is_short(family))
			ledger_short(a->ledger);
		if (intent_has_paths(in, family))
			ledger_own_paths(a->ledger);
		if (!in->speaker->adopted)
			in->keeper[family] = ledger_reader_open(a->ledger, NULL, false);
		lane_ledger(in->speaker->lane, family);
	}
	return a;
}

const struct ledger_entry *
intent_told_to(const struct neighbor *n, enum family family, struct nlri nlri)
{
	const struct audience *a = &n->speaker->intent.told[family];

	return a->ledger ? audience_told(a, nlri.path_id, nlri.octets, n->number) : NULL;
}

int
intent_no_room(const struct speaker_entry *s, enum family family, struct reason *why)
{
	const struct ledger *l = s->intent.told[family].ledger;

	return reason_set(why, 0, 0, "no room: speaker %s is told of %zu routes of %s already",
	    s->name, l ? ledger_count(l) : 0, family_name(family));
}

bool
intent_has_room(struct intent *in, enum family family, struct nlri nlri, uint32_t set)
{
	uint32_t bit = family_bit(family);
	struct reason why = { 0 };

	if (audience_has_room(intent_told(in, family), nlri.path_id, nlri.octets, set)) {
		in->full &= ~bit;
		return true;
	}
	if (!(in->full & bit) && log_allow(&in->complaints, 1)) {
		(void)intent_no_room(in->speaker, family, &why);
		log_error("intent", "%s; what is announced beyond is refused", why.text);
		in->full |= bit;
	}
	return false;
}

/* --- announcing --- */

int
intent_announce(struct controller *c, const struct route_draft *d, struct neighbor *const *to,
    size_t count, uint32_t owner, struct intent_result *result, struct reason *why)
{
	return intent_announce_soon(c, d, NULL, to, count, owner, result, why);
}

int
intent_announce_soon(struct controller *c, const struct route_draft *d,
    const struct plan_soon *soon, struct neighbor *const *to, size_t count, uint32_t owner,
    struct intent_result *result, struct reason *why)
{
	struct plan plan;
	uint8_t memory[ROUTE_PIECE_MAX];
	uint64_t state = 0;
	struct nlri nlri;
	int ok = plan_announce(&plan, c, d, soon, to, count, why);

	result->skipped += plan.skipped;
	result->routes = 0;
	while (ok == 0 && plan.count > 0 && route_draft_next(d, &state, memory, &nlri)) {
		result->news +=
		    plan_tell(&plan, nlri.path_id, nlri.octets, owner, &result->refused);
		result->routes++;
	}
	plan_fini(&plan);
	return result->refused.full > 0 ? intent_no_room(result->refused.full_at, d->family, why)
					: ok;
}

void
intent_withdraw(struct controller *c, const struct route_draft *d, struct neighbor *const *to,
    size_t count, struct intent_result *result)
{
	struct plan plan;
	uint8_t memory[ROUTE_PIECE_MAX];
	uint64_t state = 0;
	struct nlri nlri;

	plan_withdraw(&plan, c, d, to, count);
	result->routes = 0;
	while (plan.count > 0 && route_draft_next(d, &state, memory, &nlri)) {
		result->news += plan_untell(&plan, nlri.path_id, nlri.octets);
		result->routes++;
	}
	plan_fini(&plan);
}

void
intent_adopt(struct intent *in, const struct routes_message *m, uint32_t owner)
{
	struct controller *c = in->speaker->controller;
	uint32_t said = set_of_bitmap(c->sets, m->peers);
	uint32_t set = set_both(c->sets, said, in->speaker->members);
	/* the configuration was applied already; where nothing goes from peer to peer any more, nobody would sweep it */
	bool ours =
	    owner_is_config(c->owners, owner) || (!c->rib && owner_is_rib(c->owners, owner));

	set_put(c->sets, said);
	for (unsigned i = 0; i < m->announces && !ours && set != SET_NONE; i++) {
		const struct routes_part *part = &m->announce[i];
		struct reader bin = part->nlri;
		struct audience *a;
		struct blob *value =
		    nlri_ops(part->family) ? route_value_intern(&part->value, c->values) : NULL;
		struct nlri nlri;

		if (!value)
			continue;
		a = intent_told(in, part->family);
		nlri_prefetch(a->ledger, part->family, part->path_ids, bin);
		while (nlri_next(part->family, part->path_ids, &bin, &nlri))
			audience_adopt(a, nlri.path_id, nlri.octets, blob_get(value), set, owner);
		blob_put(c->values, value);
	}
	set_put(c->sets, set);
}

/* --- generations of an owner --- */

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
		if (l && !ledger_sweep(l, &r->ledger[i].at, STEPS,
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

static void
close_keepers(struct intent *in)
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

	close_keepers(in);
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

/* A speaker goes, and its ledgers. */
static void
leave_restatements(struct restatements *all, struct intent *in)
{
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

/* --- neighbors that are gone --- */

static enum loop_verdict
forget(void *self)
{
	struct intent *in = self;
	struct controller *c = in->speaker->controller;

	for (int i = 0; i < 2 * FAMILIES; i++) {
		enum family f = (enum family)(i % FAMILIES);
		bool said = i >= FAMILIES;

		while (in->forgetting_in[said] & family_bit(f)) {
			if (audience_forget(said ? said_kept(in, f) : &in->told[f],
				&in->forget_at[said][f], STEPS, in->forgetting))
				in->forgetting_in[said] &= ~family_bit(f);
			if (loop_spent(c->loop))
				return LOOP_NOW;
		}
	}
	set_put(c->sets, in->forgetting);
	in->forgetting = SET_NONE;
	return LOOP_LATER;
}

void
intent_forget(struct neighbor *n)
{
	struct intent *in = &n->speaker->intent;
	struct sets *sets = n->controller->sets;
	uint32_t one = set_of(sets, n->number), both = set_union(sets, in->forgetting, one);

	set_put(sets, one);
	set_put(sets, in->forgetting);
	in->forgetting = both;
	for (int f = 0; f < FAMILIES; f++) {
		in->forget_at[0][f] = in->forget_at[1][f] = 0;
		if (in->told[f].ledger)
			in->forgetting_in[0] |= family_bit((enum family)f);
		if (said_kept(in, (enum family)f))
			in->forgetting_in[1] |= family_bit((enum family)f);
	}
	loop_wake(in->forgetter);
}

/* --- neighbors that keep no adj-rib-out --- */

/* What it was told up to now is to be withdrawn, so that nobody says it again; of one neighbor, in slices. */
struct loss {
	struct list link;
	uint32_t number;
	uint32_t before[FAMILIES]; /* generations: what is said from now on is told */
	uint64_t visit;
	struct octets found; /* family (1), path id (4), length (2), NLRI; one after the other */
	struct intent *in;
	bool kept_alone; /* what it is told stays */
	enum family family; /* of what gates stand before, which goes in silence */
	uint32_t said_before[FAMILIES], said_at;
};

static void
free_loss(struct loss *s)
{
	list_remove(&s->link);
	octets_fini(&s->found);
	mem_free(s);
}

static void
find_lost(void *arg, struct neighbor *n, const struct intent_route *r)
{
	const struct owners *owners = n->controller->owners;
	struct loss *s = arg;
	size_t len = 7 + r->nlri.octets.left;
	struct writer w;

	if (r->generation >= s->before[r->family] || owner_is_config(owners, r->owner) ||
	    owner_is_rib(owners, r->owner))
		return;
	w = writer_of(octets_room(&s->found, len), len);
	writer_u8(&w, r->family);
	writer_u32(&w, r->nlri.path_id);
	writer_u16(&w, r->nlri.octets.left);
	writer_copy(&w, r->nlri.octets);
}

/* The ledger changes with each withdraw, so a slice is looked at first. True at the end. */
static bool
lose_some(struct loss *s, struct neighbor *n)
{
	struct sets *sets = n->controller->sets;
	bool end = intent_visit(n, &s->visit, STEPS, find_lost, s);
	struct reader r = octets_read(&s->found);
	uint32_t one = set_of(sets, n->number);

	while (r.left > 0) {
		enum family f = (enum family)reader_u8(&r);
		uint32_t path_id = reader_u32(&r);
		struct reader nlri = reader_sub(&r, reader_u16(&r));

		audience_withdraw(
		    intent_told(&n->speaker->intent, f), path_id, nlri, NULL, one, false);
		rib_reconsider(n->controller, f, nlri);
	}
	set_put(sets, one);
	octets_clear(&s->found);
	lane_wake(n->speaker->lane);
	return end;
}

static void
lose_said(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct loss *s = arg;
	struct controller *c = s->in->speaker->controller;
	uint32_t one = set_of(c->sets, s->number);

	if (ledger_said_in(l, e) < s->said_before[s->family] &&
	    !owner_is_config(c->owners, ledger_owner(l, e)))
		audience_leave_entry(said_kept(s->in, s->family), e, one);
	set_put(c->sets, one);
}

static bool
lose_some_said(struct loss *s)
{
	for (; s->family < FAMILIES; s->family = (enum family)(s->family + 1), s->said_at = 0) {
		struct audience *kept = said_kept(s->in, s->family);

		if (kept && !ledger_visit(kept->ledger, &s->said_at, STEPS, lose_said, s))
			return false;
	}
	return true;
}

static enum loop_verdict
lose(void *self)
{
	struct intent *in = self;
	struct controller *c = in->speaker->controller;

	LIST_EACH(link, &in->losses) {
		struct loss *s = LIST_ENTRY(link, struct loss, link);
		struct neighbor *n = neighbor_by_number(c, s->number);

		while (n && (!lose_some_said(s) || (!s->kept_alone && !lose_some(s, n))))
			if (loop_spent(c->loop))
				return LOOP_NOW;
		free_loss(s);
	}
	return LOOP_LATER;
}

static void
lose_from_now(struct neighbor *n, bool kept_alone)
{
	struct intent *in = &n->speaker->intent;
	struct loss *s = mem_zero(sizeof *s);

	s->kept_alone = kept_alone;
	s->number = n->number;
	s->in = in;
	intent_divide(in, s->before);
	for (int f = 0; f < FAMILIES; f++)
		if (said_kept(in, (enum family)f))
			s->said_before[f] = ledger_begin(said_kept(in, (enum family)f)->ledger);
	list_add(&in->losses, &s->link);
	loop_wake(in->loser);
}

void
intent_lose(struct neighbor *n)
{
	lose_from_now(n, false);
}

void
intent_lose_kept(struct neighbor *n)
{
	if (n->speaker->intent.said)
		lose_from_now(n, true);
}

/* --- show, life --- */

struct visiting {
	struct neighbor *neighbor;
	enum family family;
	void (*each)(void *arg, struct neighbor *, const struct intent_route *);
	void *arg;
};

static void
visit_one(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct visiting *v = arg;
	struct intent_route r = { .family = v->family,
		.nlri = { ledger_path_id(l, e), ledger_key(l, e) },
		.owner = ledger_owner(l, e),
		.generation = ledger_said_in(l, e) };

	if (e->mark ||
	    !set_has(v->neighbor->controller->sets, ledger_audience(l, e), v->neighbor->number))
		return;
	r.value = route_value_of(blob_read(ledger_value(e)));
	v->each(v->arg, v->neighbor, &r);
}

void
intent_divide(struct intent *in, uint32_t generation[FAMILIES])
{
	for (int f = 0; f < FAMILIES; f++)
		generation[f] = in->told[f].ledger ? ledger_begin(in->told[f].ledger) : 0;
}

bool
intent_visit(struct neighbor *n, uint64_t *state, unsigned steps,
    void (*each)(void *arg, struct neighbor *, const struct intent_route *), void *arg)
{
	unsigned f = (unsigned)(*state >> 32);
	uint32_t at = (uint32_t)*state;

	for (; f < FAMILIES; f++, at = 0) {
		struct ledger *l = n->speaker->intent.told[f].ledger;
		struct visiting v = { n, (enum family)f, each, arg };

		if (l && !ledger_visit(l, &at, steps, visit_one, &v)) {
			*state = (uint64_t)f << 32 | at;
			return false;
		}
	}
	*state = (uint64_t)f << 32;
	return true;
}

size_t
intent_count(const struct intent *in)
{
	size_t n = 0;

	for (int f = 0; f < FAMILIES; f++)
		n += in->told[f].ledger ? ledger_count(in->told[f].ledger) : 0;
	return n;
}

void
intent_init(struct intent *in, struct speaker_entry *speaker)
{
	*in = (struct intent){ .speaker = speaker };
	in->forgetter = loop_work(speaker->controller->loop, LOOP_WORK, forget, in);
	list_init(&in->losses);
	in->loser = loop_work(speaker->controller->loop, LOOP_WORK, lose, in);
}

/* The lane, its reader, is closed already. The audiences must outlive the ledgers, so they go at once. */
void
intent_fini(struct intent *in)
{
	leave_restatements(in->speaker->controller->restatements, in);
	close_keepers(in);
	loop_close(in->forgetter);
	LIST_EACH(link, &in->losses)
		free_loss(LIST_ENTRY(link, struct loss, link));
	loop_close(in->loser);
	set_put(in->speaker->controller->sets, in->forgetting);
	said_free(in);
	for (int f = 0; f < FAMILIES; f++)
		ledger_free(in->told[f].ledger);
}
