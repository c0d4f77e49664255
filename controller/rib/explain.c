/* Why: the contest for a prefix once more, for people. */
#include "controller/config/config.h"
#include "controller/rib/paths.h"

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
			.value = route_value_of(blob_read(e->value)),
			.chosen = i == best,
			.why = k->path[i].out };

		if (!shown.why && i != best)
			shown.why = best_step_name(k->contender[place].lost);
		place += !k->path[i].out;
		if (s->neighbor)
			each(arg, &shown);
	}
}

/* Of a route that may go to somebody: why not to this one? */
static const char *
withheld(struct rib *r, enum family f, struct rib_source *s, const struct neighbor *n)
{
	const struct rib_plan *plan = plan_of(r, s, f);

	for (size_t i = 0; i < plan->count; i++)
		if (set_has(r->controller->sets, plan->way[i].members, n->number))
			return "the route says so (NO_EXPORT, NO_ADVERTISE), or it can't be said "
			       "to it";
	return "both are inside our AS, and neither is a client of the reflector";
}

const char *
rib_untold(struct controller *c, enum family f, struct reader key, const struct neighbor *n)
{
	struct rib_source *s;
	size_t best;

	if (!c->rib || n->config->propagate == PROPAGATE_NONE)
		return "it takes no part (propagate)";
	if (!(n->families & family_bit(f)))
		return "it does not have that family";
	if (!neighbor_local_as(n) || !neighbor_peer_as(n))
		return "its AS is not known yet";
	if (!exports(n))
		return "export: rejected (RFC 8212: say export accept)";
	contest_gather(c->rib, f, key, &contest);
	best = contest_choose(c->rib, &contest);
	if (best == contest.count)
		return "there is no best route";
	s = contest.path[best].source;
	if (s->neighbor == n)
		return "the best route is its own";
	return withheld(c->rib, f, s, n);
}
