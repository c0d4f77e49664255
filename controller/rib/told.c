/* What is told: routes of the RIB into intent, and out of it again. */
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/lane.h"
#include "controller/rib/rib_inner.h"

bool
export_run(struct rib *r, const struct rib_target *t, uint32_t number, struct blob *in,
    struct policy_route *p, const struct policy_rule **by)
{
	struct asking a = { .verdicts = &r->verdicts, .value = in };
	bool let;

	if (!t->policy.via || r->candidate)
		return policy_run(&t->policy, p, by);
	a.opinion = verdicts_of(&r->verdicts, t->family, number, t->to, true);
	a.opinion->seen = r->version;
	a.opinion->decision = r->verdicts.decision;
	p->ask = verdicts_ask;
	p->self = &a;
	let = policy_run(&t->policy, p, by);
	if (!p->said)
		verdicts_unasked(&r->verdicts, a.opinion);
	return let;
}

struct blob *
come_to(struct rib *r, const struct contest *c, size_t place, const struct rib_target *t,
    bool *open)
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	const struct rib_source *s = c->path[place].source;
	struct writer w = writer_of(memory, sizeof memory);
	struct policy_route p = contest_route(c, place, t->family);
	const struct policy_rule *by;
	bool last_resort = export_last_resort(p.value.attributes, &s->export, &t->export);

	*open = false;
	if (!export_carries(p.value.attributes, &s->export, &t->export))
		return NULL;
	if (!export_run(r, t, c->path[place].number, c->path[place].taken, &p, &by)) {
		*open = p.open;
		return NULL;
	}
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
		if (e->mark || e->owner == r->owner)
			continue;
		next = set_minus(a->sets, left, e->audience);
		set_put(a->sets, left);
		left = next;
	}
	return left;
}

void
told_announce(struct rib *r, struct speaker_entry *s, enum family f, uint32_t path_id,
    struct reader key, struct blob *value, uint32_t members)
{
	struct audience *a = intent_told(&s->intent, f);
	uint32_t set = unclaimed(r, a, path_id, key, members);

	if (r->candidate)
		candidate_announce(r, s, f, path_id, key, value, set);
	else if (set == SET_NONE)
		blob_put(a->blobs, value);
	else if (audience_announce(a, path_id, key, value, set, r->owner) > 0)
		lane_wake(s->lane);
	set_put(a->sets, set);
}

/* Who was told something by us of this path and is not in `told`, is told no more. */
void
told_withdraw(struct rib *r, struct speaker_entry *s, enum family f, uint32_t path_id,
    struct reader key, uint32_t told)
{
	struct audience *a = &s->intent.told[f];
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;
	uint32_t gone = SET_NONE;

	if (r->candidate) {
		candidate_withdraw(r, s, f, path_id, key);
		return;
	}
	while (a->ledger && (e = ledger_same(a->ledger, path_id, key, &w))) {
		uint32_t rest, next;

		if (e->mark || e->owner != r->owner || e->audience == told)
			continue;
		rest = set_minus(a->sets, e->audience, told);
		next = set_union(a->sets, gone, rest);
		set_put(a->sets, rest);
		set_put(a->sets, gone);
		gone = next;
	}
	if (gone != SET_NONE && audience_withdraw(a, path_id, key, NULL, gone, false) > 0)
		lane_wake(s->lane);
	if (gone != SET_NONE)
		set_put(a->sets, gone);
}

void
told_say(struct rib *r, struct speaker_entry *s, enum family f, uint32_t path_id, struct reader key,
    struct blob *value, uint32_t members)
{
	struct audience *a = intent_told(&s->intent, f);
	size_t news;

	if (r->candidate || !audience_say(a, path_id, key, value, members, r->owner, &news)) {
		told_announce(r, s, f, path_id, key, value, members);
		told_withdraw(r, s, f, path_id, key, members);
	} else if (news > 0) {
		lane_wake(s->lane);
	}
}
