/* Said: what gates stand before is kept, and what they let through of it is told. */
#include "controller/said.h"
#include "common/mem.h"
#include "controller/fleet.h"
#include "controller/lane.h"
#include "controller/owners.h"
#include "controller/rib/rib.h"
#include "proto/bgp/nlri.h"

enum { STEPS = 256, NEVER_SAID = 0 /* a generation older than any */ };

struct said {
	struct intent *in;
	struct audience kept[FAMILIES]; /* .ledger NULL: nothing yet */
	struct loop_item *reviser;
	uint32_t
	    again; /* families that are gone through once more: what is asked has changed meanwhile */
	uint32_t told_in,
	    kept_in; /* families that are still to be gone through: what is told, what is kept */
	uint32_t told_at[FAMILIES], kept_at[FAMILIES];
};

static enum loop_verdict revise(void *);

static struct said *
said_of(struct intent *in)
{
	if (!in->said) {
		in->said = mem_zero(sizeof *in->said);
		in->said->in = in;
		in->said->reviser =
		    loop_work(in->speaker->controller->loop, LOOP_WORK, revise, in->said);
	}
	return in->said;
}

static void
release(void *self, struct blob *value, uint32_t audience)
{
	audience_release(self, value, audience);
}

static const struct ledger_ops ops = { .release = release };

static struct audience *
kept_of(struct intent *in, enum family f)
{
	struct audience *a = &said_of(in)->kept[f];
	const struct controller *c = in->speaker->controller;

	if (!a->ledger) {
		a->blobs = c->values;
		a->sets = c->sets;
		a->ledger = ledger_new(&ops, a);
		ledger_identity(a->ledger, nlri_key(f));
		if (nlri_is_short(f))
			ledger_short(a->ledger);
		if (intent_has_paths(in, f))
			ledger_own_paths(a->ledger);
	}
	return a;
}

struct audience *
said_kept(struct intent *in, enum family f)
{
	return in->said && in->said->kept[f].ledger ? &in->said->kept[f] : NULL;
}

/* --- who is told what of a key --- */

static void
add(struct sets *sets, uint32_t *set, uint32_t other)
{
	uint32_t both = set_union(sets, *set, other);

	set_put(sets, *set);
	set_put(sets, other);
	*set = both;
}

static void
take_out(struct sets *sets, uint32_t *set, uint32_t other)
{
	uint32_t rest = set_minus(sets, *set, other);

	set_put(sets, *set);
	set_put(sets, other);
	*set = rest;
}

enum whose { OWN, OTHERS, OF_RIB };

static bool
is_of(const struct owners *owners, uint32_t has, enum whose whose, uint32_t owner)
{
	if (has == owner)
		return whose == OWN;
	return owner_is_rib(owners, has) == (whose == OF_RIB) && whose != OWN;
}

/* Those of `set` who are told something of the key by the owner, by another client, or by what peers say; of `value`
 * alone where one is given. A share. */
static uint32_t
told_by(struct intent *in, const struct gated *r, uint32_t path_id, uint32_t set, enum whose whose,
    const struct blob *value)
{
	const struct controller *c = in->speaker->controller;
	struct audience *a = &in->told[r->family];
	uint32_t found = SET_NONE;
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while (a->ledger && (e = ledger_same(a->ledger, path_id, r->nlri, &w)))
		if (!e->mark && is_of(c->owners, ledger_owner(a->ledger, e), whose, r->owner) &&
		    (!value || ledger_value(e) == value))
			add(c->sets, &found, set_both(c->sets, set, ledger_audience(a->ledger, e)));
	return found;
}

/* --- telling --- */

struct telling {
	struct speaker_entry *speaker;
	const struct gated *route;
	uint32_t path_id;
	bool forgets;
	bool again; /* it is kept already, and only what changes of it is told */
	bool awaited; /* ... and its owner has not said it again since a begin */
	struct refusal *refusal;
	size_t news;
};

static void
no_room(struct telling *t, uint32_t members)
{
	if (!t->refusal)
		return;
	t->refusal->full += set_count(t->speaker->controller->sets, members);
	t->refusal->full_at = t->speaker;
}

static void
tell(struct telling *t, uint32_t members, struct blob *value)
{
	const struct gated *r = t->route;
	struct audience *told = intent_told(&t->speaker->intent, r->family);
	size_t news;

	if (!intent_has_room(
		&t->speaker->intent, r->family, (struct nlri){ t->path_id, r->nlri }, members)) {
		blob_put(told->blobs, value);
		no_room(t, members);
		return;
	}
	if (t->forgets)
		audience_leave(told, t->path_id, r->nlri, members);
	news = audience_announce(told, t->path_id, r->nlri, value, members, r->owner);
	if (news > 0)
		lane_wake(t->speaker->lane);
	t->news += news;
}

/* The members are told nothing of it by its owner any more; what peers say may take its place. Until the speaker has been
 * adopted a mark keeps what it holds of that from being taken over. */
static void
untell(struct telling *t, uint32_t members)
{
	const struct gated *r = t->route;
	struct controller *c = t->speaker->controller;
	struct intent *in = &t->speaker->intent;
	uint32_t set;

	if (t->speaker->adopted) {
		set = told_by(in, r, t->path_id, members, OWN, NULL);
	} else {
		set = set_get(c->sets, members);
		take_out(c->sets, &set, told_by(in, r, t->path_id, members, OF_RIB, NULL));
	}
	if (set != SET_NONE) {
		(void)audience_withdraw(intent_told(in, r->family), t->path_id, r->nlri,
		    family_table[r->family].sparse ? NULL : blob_get(r->value), set,
		    !t->speaker->adopted);
		lane_wake(t->speaker->lane);
		rib_reconsider(c, r->family, r->nlri);
	}
	set_put(c->sets, set);
}

static void
refuse(struct telling *t, uint32_t members, uint32_t kept, const struct gate_verdict *v)
{
	struct refusal *f = t->refusal;
	const struct sets *sets = t->speaker->controller->sets;

	if (!f)
		return;
	if (f->count == 0) {
		f->neighbor = (uint32_t)set_next(sets, members, 0);
		f->verdict = *v;
	}
	f->count += set_count(sets, members);
	f->left += set_count(sets, members) - set_count(sets, kept);
}

/* What is told already as it should be is left as it stands: it was not said again. */
static void
passed(struct telling *t, uint32_t members, struct blob *value)
{
	struct controller *c = t->speaker->controller;
	struct intent *in = &t->speaker->intent;
	const struct gated *r = t->route;
	uint32_t set = set_get(c->sets, members);

	if (t->again) {
		take_out(c->sets, &set, told_by(in, r, t->path_id, members, OWN, value));
		take_out(c->sets, &set, told_by(in, r, t->path_id, members, OTHERS, NULL));
	} else {
		(void)audience_announce(
		    kept_of(in, r->family), t->path_id, r->nlri, blob_get(r->value), set, r->owner);
	}
	if (set != SET_NONE)
		tell(t, set, value);
	else
		blob_put(c->values, value);
	set_put(c->sets, set);
}

static void
each_class(void *arg, uint32_t members, struct blob *value, const struct gate_verdict *v)
{
	struct telling *t = arg;
	struct controller *c = t->speaker->controller;
	struct intent *in = &t->speaker->intent;
	const struct gated *r = t->route;
	uint32_t set;

	if (value) {
		passed(t, members, value);
		return;
	}
	set = set_get(c->sets, members);
	take_out(c->sets, &set, told_by(in, r, t->path_id, members, OTHERS, NULL));
	refuse(t, members, set, v);
	if (set != SET_NONE && !t->again)
		(void)audience_announce(
		    kept_of(in, r->family), t->path_id, r->nlri, blob_get(r->value), set, r->owner);
	if (set != SET_NONE)
		untell(t, set);
	set_put(c->sets, set);
}

/* What is told now goes with its owner's sweep, if it is not said again before. */
static void
await(struct telling *t, uint32_t set)
{
	struct audience *told = intent_told(&t->speaker->intent, t->route->family);
	struct ledger_walk w = { 0 };
	struct ledger_entry *e;

	while ((e = ledger_same(told->ledger, t->path_id, t->route->nlri, &w)))
		if (!e->mark && ledger_owner(told->ledger, e) == t->route->owner &&
		    set_meets(told->sets, ledger_audience(told->ledger, e), set))
			ledger_unsay(told->ledger, e);
}

/* No gate stands before these: what is said to them is told as it is, and not kept. */
static void
past(struct telling *t, uint32_t set)
{
	struct audience *kept = said_kept(&t->speaker->intent, t->route->family);

	if (kept)
		audience_leave(kept, t->path_id, t->route->nlri, set);
	tell(t, set, blob_get(t->route->value));
	if (t->awaited)
		await(t, set);
}

/* What is kept has as much room as what is told, and is said by clients, too. */
static bool
may_be_kept(struct telling *t, uint32_t set)
{
	const struct gated *r = t->route;
	struct intent *in = &t->speaker->intent;

	if (t->again || audience_has_room(kept_of(in, r->family), t->path_id, r->nlri, set))
		return true;
	no_room(t, set);
	return false;
}

static void
divide(struct telling *t, uint32_t set)
{
	struct controller *c = t->speaker->controller;
	uint32_t before = gates_before(c->gates, t->route->owner, set),
		 rest = set_minus(c->sets, set, before);

	if (rest != SET_NONE)
		past(t, rest);
	if (before != SET_NONE && may_be_kept(t, before))
		gates_pass(c->gates, t->route, before, each_class, t);
	if (t->refusal)
		t->refusal->gated |= before != SET_NONE;
	set_put(c->sets, rest);
	set_put(c->sets, before);
}

size_t
said_tell(struct speaker_entry *s, const struct gated *r, uint32_t path_id, uint32_t set,
    bool forgets, struct refusal *refusal)
{
	struct telling t = {
		.speaker = s, .route = r, .path_id = path_id, .forgets = forgets, .refusal = refusal
	};

	divide(&t, set);
	return t.news;
}

uint32_t
said_untell(
    struct speaker_entry *s, enum family f, uint32_t path_id, struct reader nlri, uint32_t set)
{
	struct sets *sets = s->controller->sets;
	struct audience *kept = said_kept(&s->intent, f);
	uint32_t waits = SET_NONE, left = set_get(sets, set);
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while (kept && (e = ledger_same(kept->ledger, path_id, nlri, &w))) {
		struct gated r = { f, nlri, NULL, ledger_owner(kept->ledger, e) };
		uint32_t some = set_both(sets, set, ledger_audience(kept->ledger, e));

		take_out(sets, &some, told_by(&s->intent, &r, path_id, set, OWN, NULL));
		take_out(sets, &some, told_by(&s->intent, &r, path_id, set, OTHERS, NULL));
		add(sets, &waits, some);
	}
	if (kept)
		audience_leave(kept, path_id, nlri, set);
	take_out(sets, &left, waits);
	return left;
}

/* --- again, by other gates --- */

/* What the visitor of an entry needs while ledgers change under it. */
struct taken {
	uint8_t memory[LEDGER_KEY_MAX];
	struct gated route;
	uint32_t path_id, set; /* a share */
};

static void
take(struct intent *in, struct taken *t, enum family f, struct ledger *l, struct ledger_entry *e)
{
	struct writer key = writer_of(t->memory, sizeof t->memory);

	writer_copy(&key, ledger_key(l, e));
	t->route =
	    (struct gated){ f, writer_read(&key), blob_get(ledger_value(e)), ledger_owner(l, e) };
	t->path_id = ledger_path_id(l, e);
	t->set = set_get(in->speaker->controller->sets, ledger_audience(l, e));
}

static void
give_back(struct intent *in, struct taken *t)
{
	blob_put(in->speaker->controller->values, t->route.value);
	set_put(in->speaker->controller->sets, t->set);
}

struct visit {
	struct said *said;
	enum family family;
};

static void
decide_again(void *arg, struct ledger *l, struct ledger_entry *e)
{
	static struct taken taken;
	const struct visit *v = arg;
	struct intent *in = v->said->in;
	struct telling t = { .speaker = in->speaker, .route = &taken.route, .again = true };

	if (e->mark)
		return;
	t.awaited = intent_awaits(in, v->family, true, l, e);
	take(in, &taken, v->family, l, e);
	t.path_id = taken.path_id;
	divide(&t, taken.set);
	give_back(in, &taken);
}

/* It was told when no gate stood before it: as it was said. What an older controller told is left to be said again. */
static void
keep_too(void *arg, struct ledger *l, struct ledger_entry *e)
{
	static struct taken taken;
	const struct visit *v = arg;
	struct intent *in = v->said->in;
	struct controller *c = in->speaker->controller;
	struct ledger_walk w = { 0 };
	struct ledger_entry *other;
	struct audience *kept;
	uint32_t before;
	bool awaited;

	if (e->mark || ledger_said_in(l, e) == NEVER_SAID)
		return;
	before = gates_before(c->gates, ledger_owner(l, e), ledger_audience(l, e));
	if (before == SET_NONE)
		return;
	awaited = intent_awaits(in, v->family, false, l, e);
	take(in, &taken, v->family, l, e);
	kept = kept_of(in, v->family);
	while ((other = ledger_same(kept->ledger, taken.path_id, taken.route.nlri, &w)))
		take_out(c->sets, &before, set_get(c->sets, ledger_audience(kept->ledger, other)));
	if (before != SET_NONE && ledger_has_room(kept->ledger)) {
		other = ledger_put(kept->ledger, taken.path_id, taken.route.nlri,
		    blob_get(taken.route.value), set_get(c->sets, before), taken.route.owner);
		if (awaited)
			ledger_unsay(kept->ledger, other);
	}
	set_put(c->sets, before);
	give_back(in, &taken);
}

/* True when it has been gone through. */
static bool
some(struct said *s, enum family f, bool kept)
{
	struct visit v = { s, f };
	struct ledger *l = kept ? s->kept[f].ledger : s->in->told[f].ledger;
	uint32_t *at = kept ? &s->kept_at[f] : &s->told_at[f];

	return !l || ledger_visit(l, at, STEPS, kept ? decide_again : keep_too, &v);
}

static void
passed_through(struct said *s, enum family f, bool kept)
{
	uint32_t bit = family_bit(f);

	if (!kept) {
		s->told_in &= ~bit;
	} else if (s->again & bit) {
		s->again &= ~bit;
		s->kept_at[f] = 0;
	} else {
		s->kept_in &= ~bit;
	}
}

static enum loop_verdict
revise(void *self)
{
	struct said *s = self;
	struct loop *loop = s->in->speaker->controller->loop;

	for (int f = 0; f < FAMILIES; f++) {
		uint32_t bit = family_bit((enum family)f);

		while ((s->told_in | s->kept_in) & bit) {
			bool kept = !(s->told_in & bit);

			if (some(s, (enum family)f, kept))
				passed_through(s, (enum family)f, kept);
			if (loop_spent(loop))
				return LOOP_NOW;
		}
	}
	return LOOP_LATER;
}

void
said_revise(struct controller *c, bool anew)
{
	LIST_EACH(link, fleet_speakers(c->fleet)) {
		struct said *s = said_of(&LIST_ENTRY(link, struct speaker_entry, link)->intent);

		for (int f = 0; f < FAMILIES; f++) {
			uint32_t bit = family_bit((enum family)f);

			/* a walk is not held up by who changes it all the time */
			if (!anew && s->kept_in & bit) {
				s->again |= bit;
				continue;
			}
			s->kept_in |= bit;
			s->kept_at[f] = 0;
			if (!anew)
				continue;
			s->told_in |= bit;
			s->told_at[f] = 0;
		}
		loop_wake(s->reviser);
	}
}

static bool
keeps_some(const struct said *s)
{
	for (int f = 0; f < FAMILIES; f++)
		if (s->kept[f].ledger && ledger_count(s->kept[f].ledger) > 0)
			return true;
	return false;
}

bool
said_idle(const struct controller *c)
{
	LIST_EACH(link, fleet_speakers(c->fleet)) {
		const struct said *s = LIST_ENTRY(link, struct speaker_entry, link)->intent.said;

		if (s && (s->told_in || s->kept_in || keeps_some(s)))
			return false;
	}
	return true;
}

/* --- what goes --- */

void
said_stale(struct intent *in, enum family f, struct ledger_entry *e)
{
	struct controller *c = in->speaker->controller;
	struct taken taken;
	struct telling t = { .speaker = in->speaker, .route = &taken.route };
	uint32_t told;

	take(in, &taken, f, in->said->kept[f].ledger, e);
	t.path_id = taken.path_id;
	ledger_drop(in->said->kept[f].ledger, e);
	told = told_by(in, &taken.route, taken.path_id, taken.set, OWN, NULL);
	if (in->speaker->adopted && told != SET_NONE)
		untell(&t, told);
	set_put(c->sets, told);
	give_back(in, &taken);
}

void
said_drop(struct intent *in, enum family f, uint32_t path_id, struct reader nlri, uint32_t set,
    uint32_t owner)
{
	struct audience *kept = said_kept(in, f);
	const struct sets *sets = in->speaker->controller->sets;
	struct ledger_walk w = { 0 };
	struct ledger_entry *e;

	while (kept && (e = ledger_same(kept->ledger, path_id, nlri, &w)))
		if (ledger_owner(kept->ledger, e) == owner &&
		    set_meets(sets, ledger_audience(kept->ledger, e), set))
			audience_leave_entry(kept, e, set);
}

void
said_free(struct intent *in)
{
	struct said *s = in->said;

	if (!s)
		return;
	loop_close(s->reviser);
	for (int f = 0; f < FAMILIES; f++)
		if (s->kept[f].ledger)
			ledger_free(s->kept[f].ledger);
	mem_free(s);
	in->said = NULL;
}

/* --- for show --- */

static void
note(void *arg, uint32_t members, struct blob *value, const struct gate_verdict *v)
{
	struct said_route *r = arg;

	(void)members;
	r->told = value != NULL;
	r->verdict = *v;
	blob_put(r->values, value);
}

bool
said_explain(struct neighbor *n, enum family f, struct reader nlri, struct said_route *r)
{
	struct controller *c = n->controller;
	struct audience *kept = said_kept(&n->speaker->intent, f);
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while (kept && (e = ledger_same(kept->ledger, 0, nlri, &w)))
		if (set_has(c->sets, ledger_audience(kept->ledger, e), n->number)) {
			struct gated g = { f, nlri, ledger_value(e),
				ledger_owner(kept->ledger, e) };
			uint32_t one = set_of(c->sets, n->number);

			*r = (struct said_route){ .owner = ledger_owner(kept->ledger, e),
				.values = c->values };
			gates_pass(c->gates, &g, one, note, r);
			set_put(c->sets, one);
			/* kept from before a reload, and no gate stands there any more */
			return r->verdict.step != NULL;
		}
	return false;
}
