/* Why: the contest for a prefix once more, for people. */
#include "controller/config/config.h"
#include "controller/rib/rib_inner.h"

static struct contest contest;

/* The step that removed the last of the others. */
static const char *
decided_by(const struct contest *k)
{
	enum best_step last = BEST_CHOSEN;

	for (size_t i = 0; i < k->contenders; i++)
		if (k->contender[i].lost > last)
			last = k->contender[i].lost;
	return last == BEST_CHOSEN ? "it is the only one" : best_step_name(last);
}

static struct rib_shown
shown(const struct contest *k, size_t i, enum family f, const struct contender *c)
{
	const struct rib_source *s = k->path[i].source;
	const struct ledger_entry *e = k->path[i].entry;
	struct rib_shown r = { .neighbor = s->neighbor,
		.nlri = { ledger_path_id(s->ledger[f], e), ledger_key(s->ledger[f], e) },
		.received = route_value_of(blob_read(ledger_value(e))),
		.age = mirror_age(s->rib->controller, s->ledger[f], e) / 16,
		.accepted = c != NULL,
		.weight = c ? c->weight : 0,
		.chosen = c && c->lost == BEST_CHOSEN,
		.why = k->path[i].out,
		.said = k->path[i].out ? NULL : k->path[i].said };

	r.value = k->path[i].taken ? route_value_of(blob_read(k->path[i].taken)) : r.received;
	r.stale = (c && c->stale) || !s->neighbor->known ||
		  (s->mirror && mirror_is_stale(s->mirror, f, e));
	if (r.chosen)
		r.by = decided_by(k);
	else if (c)
		r.why = best_step_name(c->lost);
	return r;
}

void
rib_explain(struct controller *c, enum family f, struct reader key,
    void (*each)(void *arg, const struct rib_shown *), void *arg)
{
	struct contest *k = &contest;
	size_t place = 0;

	if (!c->rib)
		return;
	contest_gather(c->rib, f, key, k);
	(void)contest_choose(c->rib, k);
	for (size_t i = 0; i < k->count; i++) {
		const struct contender *one = k->path[i].out ? NULL : &k->contender[place++];
		struct rib_shown r;

		if (!k->path[i].source->neighbor || k->path[i].source->silent)
			continue;
		r = shown(k, i, f, one);
		each(arg, &r);
	}
	contest_end(c->rib, k);
}

bool
rib_list(struct controller *c, enum family f, uint32_t *at, unsigned steps,
    void (*each)(void *arg, const struct rib_shown *), void *arg)
{
	const struct rib_paths *t = c->rib ? &c->rib->paths[f] : NULL;

	for (; t && steps > 0 && *at < t->used; ++*at, steps--)
		if (paths_taken(t, *at) && paths_first(t, *at))
			rib_explain(c, f, paths_key(t, paths_at(t, *at)), each, arg);
	return !t || *at >= t->used;
}

const struct neighbor *
rib_teller(struct controller *c, enum family f, uint32_t path_id, struct reader key)
{
	const struct neighbor *n = NULL;
	const struct rib_paths *t;
	size_t best;

	if (!c->rib)
		return NULL;
	t = &c->rib->paths[f];
	if (path_id > 0)
		return path_id <= t->used && paths_taken(t, path_id - 1)
			   ? c->rib->source[paths_at(t, path_id - 1).source]->neighbor
			   : NULL;
	contest_gather(c->rib, f, key, &contest);
	best = contest_choose(c->rib, &contest);
	if (best < contest.count)
		n = contest.path[best].source->neighbor;
	contest_end(c->rib, &contest);
	return n;
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
withheld(
    struct rib *r, enum family f, const struct contest *k, size_t best, const struct neighbor *n)
{
	struct rib_source *s = k->path[best].source;
	const struct rib_way *way = way_of(r, plan_of(r, s, f), n);
	struct policy_route p = contest_route(k, best, f);
	const struct policy_rule *by;
	struct reader hop;
	const char *why;

	if (!way)
		return "both are inside our AS, and neither is a client of the reflector";
	if (!export_carries(p.value.attributes, &s->export, &r->target[way->target].export))
		return "the route says so: NO_EXPORT, NO_ADVERTISE or LLGR_STALE";
	if (r->target[way->target].policy.count == 0)
		return "no export policy (RFC 8212): say export accept, or the name of one";
	if (!export_run(
		r, &r->target[way->target], k->path[best].number, k->path[best].taken, &p, &by)) {
		why = policy_why(&p, by);
		return why ? why : "no rule of its export policy decides";
	}
	return export_hop(&r->target[way->target].export, &p, &hop) < 0
		   ? "there is no next hop of the family to say to it"
		   : "it would have more attributes than a route can have";
}

static const char
    takes_no_part[] = "no client says it, and what peers say does not go to it: its section says "
		      "no propagate (\"propagate router;\")",
    nobody_says_it[] =
	"nobody says it whose routes go to others: a peer's do where its section says "
	"propagate (\"propagate router;\")";

const char *
rib_untold(struct controller *c, enum family f, struct reader key, const struct neighbor *n)
{
	const char *why = "there is no best route";
	size_t best, heard = 0;

	if (!c->rib || n->config->propagate == PROPAGATE_NONE)
		return takes_no_part;
	if (!(n->families & family_bit(f)))
		return "it does not have that family";
	if (!neighbor_local_as(n) || !neighbor_peer_as(n))
		return "its AS is not known yet";
	contest_gather(c->rib, f, key, &contest);
	best = contest_choose(c->rib, &contest);
	if (best < contest.count)
		why = contest.path[best].source->neighbor == n
			  ? "the best route is its own"
			  : withheld(c->rib, f, &contest, best, n);
	for (size_t i = 0; i < contest.count; i++)
		heard += contest.path[i].source->neighbor && !contest.path[i].source->silent;
	if (heard == 0)
		why = nobody_says_it;
	contest_end(c->rib, &contest);
	return why;
}
