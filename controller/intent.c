/* Intent: drafts become routes for neighbors, and routes entries for sets of them. */
#include "controller/intent_inner.h"
#include "common/list.h"
#include "common/log.h"
#include "controller/lane.h"
#include "controller/owners.h"
#include "controller/plan.h"
#include "controller/said.h"
#include "proto/bgp/cap.h"
#include "proto/bgp/nlri.h"

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

/* At most `most` NLRI, from *state on. */
static int
announce(struct controller *c, const struct route_draft *d, const struct plan_soon *soon,
    struct neighbor *const *to, size_t count, uint32_t owner, uint64_t *state, size_t most,
    struct intent_result *result, struct reason *why)
{
	struct plan plan;
	uint8_t memory[ROUTE_PIECE_MAX];
	struct nlri nlri;
	int ok = plan_announce(&plan, c, d, soon, to, count, why);

	result->skipped += plan.skipped;
	result->routes = 0;
	while (ok == 0 && plan.count > 0 && result->routes < most &&
	       route_draft_next(d, state, memory, &nlri)) {
		result->news +=
		    plan_tell(&plan, nlri.path_id, nlri.octets, owner, &result->refused);
		result->routes++;
	}
	plan_fini(&plan);
	return result->refused.full > 0 ? intent_no_room(result->refused.full_at, d->family, why)
					: ok;
}

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
	uint64_t state = 0;

	return announce(c, d, soon, to, count, owner, &state, SIZE_MAX, result, why);
}

int
intent_announce_some(struct controller *c, const struct route_draft *d, struct neighbor *const *to,
    size_t count, uint32_t owner, uint64_t *state, struct intent_result *result, struct reason *why)
{
	return announce(c, d, NULL, to, count, owner, state, INTENT_SOME, result, why);
}

static void
withdraw(struct controller *c, const struct route_draft *d, struct neighbor *const *to,
    size_t count, uint64_t *state, size_t most, struct intent_result *result)
{
	struct plan plan;
	uint8_t memory[ROUTE_PIECE_MAX];
	struct nlri nlri;

	plan_withdraw(&plan, c, d, to, count);
	result->routes = 0;
	while (
	    plan.count > 0 && result->routes < most && route_draft_next(d, state, memory, &nlri)) {
		result->news += plan_untell(&plan, nlri.path_id, nlri.octets);
		result->routes++;
	}
	plan_fini(&plan);
}

void
intent_withdraw(struct controller *c, const struct route_draft *d, struct neighbor *const *to,
    size_t count, struct intent_result *result)
{
	uint64_t state = 0;

	withdraw(c, d, to, count, &state, SIZE_MAX, result);
}

void
intent_withdraw_some(struct controller *c, const struct route_draft *d, struct neighbor *const *to,
    size_t count, uint64_t *state, struct intent_result *result)
{
	withdraw(c, d, to, count, state, INTENT_SOME, result);
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
				&in->forget_at[said][f], INTENT_STEPS, in->forgetting))
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
	in->loser = loop_work(speaker->controller->loop, LOOP_WORK, intent_lose_on, in);
}

/* The lane, its reader, is closed already. The audiences must outlive the ledgers, so they go at once. */
void
intent_fini(struct intent *in)
{
	intent_leave_restatements(in);
	intent_close_keepers(in);
	loop_close(in->forgetter);
	intent_free_losses(in);
	loop_close(in->loser);
	set_put(in->speaker->controller->sets, in->forgetting);
	said_free(in);
	for (int f = 0; f < FAMILIES; f++)
		ledger_free(in->told[f].ledger);
}
