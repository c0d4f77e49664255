/* Targets: who is told, in groups that are told the same. */
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/profile.h"
#include "controller/rib/rib_inner.h"

bool
neighbor_internal(const struct neighbor *n)
{
	return neighbor_local_as(n) == neighbor_peer_as(n);
}

bool
neighbor_external(const struct neighbor *n)
{
	return !neighbor_internal(n) && !n->config->member;
}

void
chain_make(const struct config *config, const struct neighbor *n, const struct config_names *names,
    struct policy_chain *c)
{
	policy_chain_fini(c);
	config_chain(config, names, c);
	if (names->count == 0 && !neighbor_external(n))
		policy_chain_add(c, policy_builtin("accept"));
}

static bool
takes_part(const struct config_neighbor *c, const struct neighbor *n)
{
	return c && c->propagate != PROPAGATE_NONE && neighbor_local_as(n) && neighbor_peer_as(n);
}

static bool
is_for(const struct rib_target *t, const struct neighbor *n, enum family f,
    const struct export_target *e, const struct policy_chain *policy)
{
	return !policy->via && t->speaker == n->speaker && t->family == f &&
	       export_target_equal(&t->export, e) && policy_chain_equal(&t->policy, policy);
}

/* Without the session's agreement the speaker would tell one of them, and not the best. */
static uint32_t
paths_to(const struct config_neighbor *c, const struct neighbor *n, enum family f)
{
	return neighbor_established(n) && (n->state.add_path_send & family_bit(f))
		   ? c->propagate_paths
		   : 1;
}

/* The group of a neighbor for a family, made if it is the first of its kind. */
static struct rib_target *
target_of(struct rib *r, const struct config_neighbor *c, const struct neighbor *n, enum family f)
{
	struct export_target e = { .role = (enum propagate)c->propagate,
		.internal = neighbor_internal(n),
		.member = n->config->member,
		.aigp = c->capability.aigp,
		.long_lived = c->capability.long_lived > 0,
		.local_as = neighbor_local_as(n),
		.cluster = c->cluster_id,
		.paths = paths_to(c, n, f),
		.self = profile_self(neighbor_local_address(n), c->router_id, f) };
	struct policy_chain policy = { .count = 0 };
	size_t i = 0;

	chain_make(rib_config(r), n, &c->export, &policy);
	while (i < r->targets && !is_for(&r->target[i], n, f, &e, &policy))
		i++;
	if (i < r->targets) {
		policy_chain_fini(&policy);
		return &r->target[i];
	}
	r->target = mem_grow(r->target, &r->target_cap, i + 1, sizeof *r->target);
	r->several |= e.paths != 1 ? family_bit(f) : 0;
	r->target[r->targets++] = (struct rib_target){
		.speaker = n->speaker, .family = f, .export = e, .policy = policy, .to = n->number
	};
	return &r->target[i];
}

static void
join(struct rib *r, struct rib_target *t, uint32_t number)
{
	struct sets *sets = r->controller->sets;
	uint32_t one = set_of(sets, number), both = set_union(sets, t->members, one);

	set_put(sets, one);
	set_put(sets, t->members);
	t->members = both;
}

void
targets_free(struct rib *r)
{
	for (size_t i = 0; i < r->targets; i++) {
		set_put(r->controller->sets, r->target[i].members);
		policy_chain_fini(&r->target[i].policy);
	}
	mem_free(r->target);
	r->target = NULL;
	r->targets = r->target_cap = 0;
}

void
targets_apply(struct rib *r)
{
	targets_free(r);
	LIST_EACH(link, &r->controller->neighbors) {
		const struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);
		const struct config_neighbor *c = rib_settings(r, n);

		for (int f = 0; f < FAMILIES && takes_part(c, n); f++)
			if (n->families & family_bit((enum family)f))
				join(r, target_of(r, c, n, (enum family)f), n->number);
	}
}

/* --- plans --- */

static void
clear(struct rib *r, struct rib_plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		set_put(r->controller->sets, p->way[i].members);
	p->count = 0;
}

void
plans_free(struct rib *r, struct rib_source *s)
{
	for (int f = 0; f < FAMILIES; f++) {
		clear(r, &s->plan[f]);
		mem_free(s->plan[f].way);
	}
}

const struct rib_plan *
plan_of(struct rib *r, struct rib_source *s, enum family f)
{
	struct sets *sets = r->controller->sets;
	struct rib_plan *p = &s->plan[f];
	uint32_t own;

	if (p->version == r->version)
		return p;
	clear(r, p);
	p->version = r->version;
	p->of_nlri = false;
	own = set_of(sets, s->neighbor->number);
	for (size_t i = 0; i < r->targets; i++) {
		uint32_t members;

		if (r->target[i].family != f || r->target[i].export.paths != 1 ||
		    !export_allowed(&s->export, &r->target[i].export))
			continue;
		members = set_minus(sets, r->target[i].members, own);
		if (members == SET_NONE)
			continue;
		p->way = mem_grow(p->way, &p->cap, p->count + 1, sizeof *p->way);
		p->way[p->count++] = (struct rib_way){ (uint32_t)i, members };
		p->of_nlri |= r->target[i].policy.of_nlri;
	}
	set_put(sets, own);
	return p;
}
