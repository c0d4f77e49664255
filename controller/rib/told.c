/* What is told: routes of the RIB into intent, and out of it again.
 *
 * What a rule with a limit lets through is told by a name of its own, for by that its speaker knows it. Where a route comes
 * to the same by another name, the lane is told and the peers are not. */
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/lane.h"
#include "controller/owners.h"
#include "controller/rib/rib_inner.h"

bool
rib_owns(const struct controller *c, uint32_t owner)
{
	return owner == c->rib->owner || owner_is_rib(c->owners, owner);
}

/* As the configuration has it; one that is no more lets go what waits. */
static void
apply_limit(struct rib *r, uint32_t owner)
{
	struct controller *c = r->controller;
	uint32_t limit = 0;

	for (size_t i = 0; i < r->limits; i++)
		if (r->limit[i].owner == owner)
			limit = r->limit[i].rule->limit;
	if (!owner_set_limit(c->owners, owner, limit))
		return;
	LIST_EACH(link, fleet_speakers(c->fleet))
		lane_owner(LIST_ENTRY(link, struct speaker_entry, link)->lane, owner);
}

void
limits_apply(struct rib *r)
{
	struct controller *c = r->controller;

	r->limits = 0;
	for (size_t i = 0; i < c->config->policy_count; i++) {
		const struct policy *p = c->config->policies[i];

		for (size_t k = 0; k < p->rules; k++) {
			const struct policy_rule *rule = p->rule[k];

			if (rule->limit == 0)
				continue;
			r->limit =
			    mem_grow(r->limit, &r->limit_cap, r->limits + 1, sizeof *r->limit);
			r->limit[r->limits++] = (struct rib_limit){ rule,
				owner_limited(c->owners, p->name, rule->name) };
		}
	}
	for (uint32_t i = 1; i <= owners_count(c->owners); i++)
		if (i != r->owner && owner_is_rib(c->owners, i))
			apply_limit(r, i);
}

static uint32_t
owner_of(const struct rib *r, const struct policy_rule *limited)
{
	for (size_t i = 0; limited && i < r->limits; i++)
		if (r->limit[i].rule == limited)
			return r->limit[i].owner;
	return r->owner;
}

bool
export_run(struct rib *r, const struct rib_target *t, uint32_t number, struct blob *in,
    struct policy_route *p, const struct policy_rule **by)
{
	struct asking a = { .verdicts = &r->verdicts,
		.value = in,
		.family = t->family,
		.path = number,
		.to = t->to };
	bool let;

	if (!t->policy.via || r->candidate)
		return policy_run(&t->policy, p, by);
	p->ask = verdicts_ask;
	p->self = &a;
	let = policy_run(&t->policy, p, by);
	if (!a.opinion)
		asking_none(&a);
	return let;
}

struct blob *
come_to(struct rib *r, const struct contest *c, size_t place, const struct rib_target *t,
    uint32_t *owner, bool *open)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	const struct rib_source *s = c->path[place].source;
	struct writer w = writer_of(memory, sizeof memory);
	struct policy_route p = contest_route(c, place, t->family);
	const struct policy_rule *by;
	bool last_resort = export_last_resort(p.value.attributes, &s->export, &t->export);

	*open = false;
	*owner = r->owner;
	if (!export_carries(p.value.attributes, &s->export, &t->export))
		return NULL;
	if (!export_run(r, t, c->path[place].number, c->path[place].taken, &p, &by)) {
		*open = p.open;
		return NULL;
	}
	*owner = owner_of(r, p.limited);
	if (export_value(&s->export, &t->export, &p, last_resort, &w) < 0)
		return NULL;
	return blob_intern(r->controller->values, memory, w.len);
}

/* Those of `members` of whom somebody else says something: a route of the RIB does not stand in its place. */
static uint32_t
unclaimed(struct rib *r, struct audience *a, uint32_t path_id, struct reader key, uint32_t members)
{
	uint32_t left = set_get(a->sets, members), next;
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while (left != SET_NONE && (e = ledger_same(a->ledger, path_id, key, &w))) {
		if (e->mark || rib_owns(r->controller, ledger_owner(a->ledger, e)))
			continue;
		next = set_minus(a->sets, left, ledger_audience(a->ledger, e));
		set_put(a->sets, left);
		left = next;
	}
	return left;
}

void
told_announce(struct rib *r, struct speaker_entry *s, enum family f, uint32_t path_id,
    struct reader key, struct blob *value, uint32_t owner, uint32_t members)
{
	struct audience *a = intent_told(&s->intent, f);
	uint32_t set = candidate_claims(r) ? set_get(a->sets, members)
					   : unclaimed(r, a, path_id, key, members);

	if (r->candidate) {
		candidate_announce(r, s, f, path_id, key, value, set);
	} else if (set == SET_NONE ||
		   !intent_has_room(&s->intent, f, (struct nlri){ path_id, key }, set)) {
		blob_put(a->blobs, value);
	} else {
		/* the same by another of our names: for the lane it is news */
		audience_change_owner(a, path_id, key, value, set, owner, NULL, NULL);
		if (audience_announce(a, path_id, key, value, set, owner) > 0)
			lane_wake(s->lane);
	}
	set_put(a->sets, set);
}

/* Those who were told something by us of this path, all by one of our names, and are not in `told`; a share. */
static uint32_t
gone_from(struct rib *r, struct audience *a, uint32_t path_id, struct reader key, uint32_t told)
{
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;
	uint32_t gone = SET_NONE, owner = 0;

	while (a->ledger && (e = ledger_same(a->ledger, path_id, key, &w))) {
		uint32_t rest, next;

		if (e->mark || ledger_audience(a->ledger, e) == told ||
		    !rib_owns(r->controller, ledger_owner(a->ledger, e)) ||
		    (owner != 0 && ledger_owner(a->ledger, e) != owner))
			continue;
		rest = set_minus(a->sets, ledger_audience(a->ledger, e), told);
		owner = rest == SET_NONE ? owner : ledger_owner(a->ledger, e);
		next = set_union(a->sets, gone, rest);
		set_put(a->sets, rest);
		set_put(a->sets, gone);
		gone = next;
	}
	return gone;
}

/* They are told no more. */
void
told_withdraw(struct rib *r, struct speaker_entry *s, enum family f, uint32_t path_id,
    struct reader key, uint32_t told)
{
	struct audience *a = &s->intent.told[f];
	uint32_t gone;

	if (r->candidate) {
		candidate_withdraw(r, s, f, path_id, key);
		return;
	}
	while ((gone = gone_from(r, a, path_id, key, told)) != SET_NONE) {
		if (audience_withdraw(a, path_id, key, NULL, gone, false) > 0)
			lane_wake(s->lane);
		set_put(a->sets, gone);
	}
}

void
told_say(struct rib *r, struct speaker_entry *s, enum family f, uint32_t hash, struct reader key,
    struct blob *value, uint32_t owner, uint32_t members)
{
	struct audience *a = intent_told(&s->intent, f);
	size_t news;

	if (r->candidate || !audience_say(a, hash, 0, key, value, members, owner, &news)) {
		told_announce(r, s, f, 0, key, value, owner, members);
		told_withdraw(r, s, f, 0, key, members);
	} else if (news > 0) {
		lane_wake(s->lane);
	}
}
