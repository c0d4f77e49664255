/* Why: the contest for a prefix once more, for people. */
#include "controller/config/config.h"
#include "controller/rib/rib_inner.h"

static struct contest contest;

void
rib_explain(struct controller *c, enum family f, struct reader key,
    void (*each)(void *arg, const struct rib_shown *), void *arg)
{
	struct contest *k = &contest;
	size_t best, place = 0;

	if (!c->rib)
		return;
	contest_gather(c->rib, f, key, k);
	best = contest_choose(c->rib, k);
	for (size_t i = 0; i < k->count; i++) {
		const struct rib_source *s = k->path[i].source;
		const struct ledger_entry *e = k->path[i].entry;
		struct rib_shown shown = { .neighbor = s->neighbor,
			.nlri = { e->path_id, ledger_key(s->ledger[f], e) },
			.value = route_value_of(
			    blob_read(k->path[i].taken ? k->path[i].taken : e->value)),
			.chosen = i == best,
			.why = k->path[i].out };

		if (!shown.why && i != best)
			shown.why = best_step_name(k->contender[place].lost);
		place += !k->path[i].out;
		if (s->neighbor)
			each(arg, &shown);
	}
	contest_end(c->rib, k);
}

static const struct rib_way *
way_of(struct rib *r, const struct rib_plan *plan, const struct neighbor *n)
{
	for (size_t i = 0; i < plan->count; i++)
		if (set_has(r->controller->sets, plan->way[i].members, n->number))
			return &plan->way[i];
	return NULL;
}

/* Of the chosen route: why does it not go to this one? */
static const char *
withheld(struct rib *r, enum family f, struct rib_source *s, struct reader key, struct blob *taken,
    const struct neighbor *n)
{
	const struct rib_way *way = way_of(r, plan_of(r, s, f), n);
	const struct policy_rule *by;
	struct policy_route p = { .family = f,
		.nlri = key,
		.value = route_value_of(blob_read(taken)),
		.peer = &s->neighbor->peer.address,
		.peer_as = neighbor_peer_as(s->neighbor) };

	if (!way)
		return "both are inside our AS, and neither is a client of the reflector";
	if (!export_carries(p.value.attributes, &s->export, &r->target[way->target].export))
		return "the route says so: NO_EXPORT, NO_ADVERTISE or LLGR_STALE";
	if (r->target[way->target].policy.count == 0)
		return "no export policy (RFC 8212): say export accept, or the name of one";
	if (!policy_run(&r->target[way->target].policy, &p, &by))
		return by ? by->label : "no rule of its export policy decides";
	return "it can't be said to it: too long, or without a next hop of its family";
}

const char *
rib_untold(struct controller *c, enum family f, struct reader key, const struct neighbor *n)
{
	const char *why = "there is no best route";
	struct rib_source *s;
	size_t best;

	if (!c->rib || n->config->propagate == PROPAGATE_NONE)
		return "it takes no part (propagate)";
	if (!(n->families & family_bit(f)))
		return "it does not have that family";
	if (!neighbor_local_as(n) || !neighbor_peer_as(n))
		return "its AS is not known yet";
	contest_gather(c->rib, f, key, &contest);
	best = contest_choose(c->rib, &contest);
	if (best < contest.count) {
		s = contest.path[best].source;
		why = s->neighbor == n ? "the best route is its own"
				       : withheld(c->rib, f, s, key, contest.path[best].taken, n);
	}
	contest_end(c->rib, &contest);
	return why;
}
