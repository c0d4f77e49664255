/* A candidate: what another configuration would tell of the routes that are there. It is a RIB of its own (its sources
 * with their import, its targets with their export) over the paths of the one that is, which it never changes; and
 * where that one tells, it compares with what is told. What clients would answer (`via client`) is not asked: the
 * default of the rule stands for it. */
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/rib/rib_inner.h"

enum { NEVER = 0 }; /* no version of a RIB */

struct rib_candidate {
	struct rib rib;
	const struct config *config;
	const struct config_neighbor **sorted; /* its neighbors, by speaker and address */
	size_t count;
	uint32_t version; /* of the RIB that is, when it was looked at */
	void (*each)(void *arg, const struct rib_difference *);
	void *arg;
	/* Of the path that is decided on: who would be told what. */
	struct would {
		struct blob *value; /* a share */
		uint32_t members; /* a share */
	} * would;
	size_t woulds, would_cap;
	int family;
	uint32_t at;
	size_t keys;
};

/* --- what neighbors would be --- */

static int
by_place(const void *a, const void *b)
{
	return neighbor_order(
	    *(const struct config_neighbor *const *)a, *(const struct config_neighbor *const *)b);
}

const struct config_neighbor *
rib_candidate_settings(const struct rib_candidate *c, const struct neighbor *n)
{
	const struct config_neighbor *wanted = n->config;
	const struct config_neighbor **found =
	    bsearch(&wanted, c->sorted, c->count, sizeof *c->sorted, by_place);

	return found ? *found : NULL;
}

const struct config *
rib_config(const struct rib *r)
{
	return r->candidate ? r->candidate->config : r->controller->config;
}

const struct config_neighbor *
rib_settings(const struct rib *r, const struct neighbor *n)
{
	return r->candidate ? rib_candidate_settings(r->candidate, n) : n->config;
}

/* --- the difference --- */

static void
report(struct rib_candidate *c, enum family f, uint32_t path_id, struct reader key,
    uint32_t members, const struct blob *before, const struct blob *after)
{
	struct controller *k = c->rib.controller;

	for (int32_t m = set_next(k->sets, members, 0); m >= 0;
	     m = set_next(k->sets, members, (uint32_t)m + 1)) {
		const struct neighbor *n = neighbor_by_number(k, (uint32_t)m);
		struct rib_difference d = { n, f, { path_id, key }, before, after };

		if (n && rib_candidate_settings(c, n))
			c->each(c->arg, &d);
	}
}

void
candidate_announce(struct rib *r, struct speaker_entry *s, enum family f, uint32_t path_id,
    struct reader key, struct blob *value, uint32_t members)
{
	struct rib_candidate *c = r->candidate;

	(void)s;
	(void)f;
	(void)path_id;
	(void)key;
	c->would = mem_grow(c->would, &c->would_cap, c->woulds + 1, sizeof *c->would);
	c->would[c->woulds++] = (struct would){ value, set_get(r->controller->sets, members) };
}

/* Of those who are told `before`: who would be told something else, and who nothing any more. */
static void
compare_told(struct rib_candidate *c, enum family f, uint32_t path_id, struct reader key,
    uint32_t audience, const struct blob *before)
{
	struct sets *sets = c->rib.controller->sets;
	uint32_t left = set_get(sets, audience), both, next;

	for (size_t i = 0; i < c->woulds && left != SET_NONE; i++) {
		both = set_both(sets, left, c->would[i].members);
		if (both != SET_NONE && c->would[i].value != before)
			report(c, f, path_id, key, both, before, c->would[i].value);
		next = set_minus(sets, left, both);
		set_put(sets, both);
		set_put(sets, left);
		left = next;
	}
	report(c, f, path_id, key, left, before, NULL);
	set_put(sets, left);
}

static void
forget_woulds(struct rib_candidate *c)
{
	for (size_t i = 0; i < c->woulds; i++) {
		blob_put(c->rib.controller->values, c->would[i].value);
		set_put(c->rib.controller->sets, c->would[i].members);
	}
	c->woulds = 0;
}

/* Everything that would be told of the path has been said. */
void
candidate_withdraw(
    struct rib *r, struct speaker_entry *s, enum family f, uint32_t path_id, struct reader key)
{
	struct rib_candidate *c = r->candidate;
	struct audience *a = &s->intent.told[f];
	struct sets *sets = r->controller->sets;
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;
	uint32_t told = SET_NONE, next;

	while (a->ledger && (e = ledger_same(a->ledger, path_id, key, &w))) {
		if (e->mark || !rib_owns(r->controller, e->owner))
			continue;
		compare_told(c, f, path_id, key, e->audience, ledger_value(e));
		next = set_union(sets, told, e->audience);
		set_put(sets, told);
		told = next;
	}
	for (size_t i = 0; i < c->woulds; i++) {
		next = set_minus(sets, c->would[i].members, told);
		report(c, f, path_id, key, next, NULL, c->would[i].value);
		set_put(sets, next);
	}
	set_put(sets, told);
	forget_woulds(c);
}

/* --- sources as they are now --- */

static void
drop_source(struct rib *r, uint32_t i)
{
	if (!r->source[i])
		return;
	plans_free(r, r->source[i]);
	policy_chain_fini(&r->source[i]->policy);
	mem_free(r->source[i]);
	r->source[i] = NULL;
}

static void
follow_source(struct rib *r, const struct rib_source *is, uint32_t i, bool anew)
{
	const struct config_neighbor *settings;
	struct rib_source *s = r->source[i];

	if (s && s->neighbor != is->neighbor) {
		drop_source(r, i);
		s = NULL;
	}
	if (!s) {
		s = r->source[i] = mem_zero(sizeof *s);
		s->rib = r;
		s->number = i;
		s->neighbor = is->neighbor;
		anew = true;
	}
	memcpy(s->ledger, is->ledger, sizeof s->ledger);
	settings = s->neighbor ? rib_settings(r, s->neighbor) : NULL;
	s->leaving = is->leaving || !settings || settings->propagate == PROPAGATE_NONE;
	if (anew && !s->leaving)
		source_describe(s);
}

/* Sources and targets are as the RIB that is has them, with the settings of the other configuration. */
static void
follow(struct rib_candidate *c, const struct rib *is)
{
	struct rib *r = &c->rib;
	bool anew = c->version != is->version;

	r->paths = is->paths;
	r->source =
	    mem_grow(r->source, &r->source_cap, is->sources + 1, sizeof(struct rib_source *));
	for (; r->sources < is->sources; r->sources++)
		r->source[r->sources] = NULL;
	for (uint32_t i = 0; i < r->sources; i++)
		if (is->source[i])
			follow_source(r, is->source[i], i, anew);
		else
			drop_source(r, i);
	if (!anew)
		return;
	c->version = is->version;
	r->several |= is->several;
	r->version++;
	targets_apply(r);
}

/* --- life --- */

struct rib_candidate *
rib_candidate_new(struct controller *k, const struct config *config)
{
	struct rib_candidate *c = mem_zero(sizeof *c);

	c->config = config;
	c->sorted = neighbors_sorted(config, &c->count);
	c->version = NEVER;
	c->rib.controller = k;
	c->rib.candidate = c;
	c->rib.rules = config->decision;
	c->rib.owner = k->rib ? k->rib->owner : 0;
	return c;
}

void
rib_candidate_free(struct rib_candidate *c)
{
	struct rib *r;

	if (!c)
		return;
	r = &c->rib;
	for (uint32_t i = 0; i < r->sources; i++)
		drop_source(r, i);
	mem_free(r->source);
	targets_free(r);
	memo_free(r);
	looks_free(r);
	forget_woulds(c);
	mem_free(c->would);
	mem_free(c->sorted);
	mem_free(c);
}

size_t
rib_candidate_keys(const struct rib_candidate *c)
{
	return c->keys;
}

bool
rib_candidate_step(
    struct rib_candidate *c, void (*each)(void *arg, const struct rib_difference *), void *arg)
{
	enum { STEPS = 64 };
	const struct rib *is = c->rib.controller->rib;

	if (!is)
		return true;
	c->each = each;
	c->arg = arg;
	follow(c, is);
	for (unsigned i = 0; i < STEPS && c->family < FAMILIES; i++) {
		const struct rib_paths *t = &is->paths[c->family];

		if (c->at >= t->used) {
			c->at = 0;
			c->family++;
			continue;
		}
		if (paths_taken(t, c->at) && paths_first(t, c->at)) {
			rib_decide(&c->rib, (enum family)c->family,
			    paths_key(t, paths_at(t, c->at)), RIB_NOWHERE, RIB_NOWHERE);
			c->keys++;
		}
		c->at++;
	}
	return c->family == FAMILIES;
}
