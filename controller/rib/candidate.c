/* A candidate: what another configuration would tell of the routes that are there. It is a RIB of its own (its sources
 * with their import, its targets with their export) over the paths of the one that is, which it never changes; and
 * where that one tells, it compares with what is told. What clients would answer (`via client`) is not asked: the
 * default of the rule stands for it. */
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "controller/fleet.h"
#include "controller/gates.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "controller/rib/rib_inner.h"
#include "controller/said.h"

enum { NEVER = 0 }; /* no version of a RIB */

struct rib_candidate {
	struct rib rib;
	const struct config *config;
	const struct config_neighbor **sorted; /* its neighbors, by speaker and address */
	size_t count;
	uint32_t version; /* of the RIB that is, when it was looked at */
	struct listening {
		uint32_t number;
		bool
		    counted; /* not while what it said when it took part before is being taken out */
	} * listening; /* neighbors that take part in it alone */
	size_t listens, listen_cap;
	struct gates *gates; /* what clients say passes these; NULL: it passes none, now or then */
	uint32_t speaker; /* of keys that clients alone say: where it is */
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

bool
candidate_claims(const struct rib *r)
{
	return r->candidate && r->candidate->gates;
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

/* --- what clients say --- */

/* What an owner said to these of the key would come to that value. */
struct judging {
	struct rib_candidate *candidate;
	uint32_t claimed; /* a share: whom something of it would be told */
};

static void
would(void *arg, uint32_t members, struct blob *value, const struct gate_verdict *v)
{
	struct judging *j = arg;
	struct rib_candidate *c = j->candidate;
	struct sets *sets = c->rib.controller->sets;
	uint32_t both;

	(void)v;
	if (!value)
		return;
	candidate_announce(&c->rib, NULL, (enum family)0, 0, (struct reader){ 0 }, value, members);
	both = set_union(sets, j->claimed, members);
	set_put(sets, j->claimed);
	j->claimed = both;
}

static void
judge(struct judging *j, const struct gated *g, uint32_t set, bool adopted)
{
	struct rib_candidate *c = j->candidate;
	struct sets *sets = c->rib.controller->sets;
	uint32_t before = adopted ? SET_NONE : gates_before(c->gates, g->owner, set),
		 rest = set_minus(sets, set, before);
	struct gate_verdict none = { 0 };

	if (rest != SET_NONE)
		would(j, rest, blob_get(g->value), &none);
	if (before != SET_NONE)
		gates_pass(c->gates, g, before, would, j);
	set_put(sets, rest);
	set_put(sets, before);
}

/* What stands behind gates as it was said, and what is told of other owners than the RIB. What peers say is told to those
 * who are left. */
static void
add_said(struct rib_candidate *c, struct speaker_entry *s, enum family f, uint32_t path_id,
    struct reader key)
{
	struct sets *sets = c->rib.controller->sets;
	struct audience *kept = said_kept(&s->intent, f), *told = &s->intent.told[f];
	struct judging j = { .candidate = c };
	size_t of_peers = c->woulds;
	uint32_t said = SET_NONE, rest;
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while (kept && (e = ledger_same(kept->ledger, path_id, key, &w))) {
		struct gated g = { f, key, ledger_value(e), ledger_owner(kept->ledger, e) };

		judge(&j, &g, ledger_audience(kept->ledger, e), false);
		rest = set_union(sets, said, ledger_audience(kept->ledger, e));
		set_put(sets, said);
		said = rest;
	}
	w = (struct ledger_walk){ 0 };
	while (told->ledger && (e = ledger_same(told->ledger, path_id, key, &w))) {
		struct gated g = { f, key, ledger_value(e), ledger_owner(told->ledger, e) };

		if (e->mark ||
		    owner_is_rib(c->rib.controller->owners, ledger_owner(told->ledger, e)))
			continue;
		rest = set_minus(sets, ledger_audience(told->ledger, e), said);
		if (rest != SET_NONE)
			judge(&j, &g, rest, ledger_said_in(told->ledger, e) == 0);
		set_put(sets, rest);
	}
	for (size_t i = 0; i < of_peers; i++) {
		rest = set_minus(sets, c->would[i].members, j.claimed);
		set_put(sets, c->would[i].members);
		c->would[i].members = rest;
	}
	set_put(sets, said);
	set_put(sets, j.claimed);
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

	if (c->gates)
		add_said(c, s, f, path_id, key);
	while (a->ledger && (e = ledger_same(a->ledger, path_id, key, &w))) {
		if (e->mark || (!c->gates && !rib_owns(r->controller, ledger_owner(a->ledger, e))))
			continue;
		compare_told(c, f, path_id, key, ledger_audience(a->ledger, e), ledger_value(e));
		next = set_union(sets, told, ledger_audience(a->ledger, e));
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
	anew |= s->leaving; /* it may be another one of that neighbor by now */
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

/* Who takes part then and does not now is read from here on. */
static void
begin_listening(struct rib_candidate *c)
{
	struct controller *k = c->rib.controller;

	LIST_EACH(link, &k->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);
		const struct config_neighbor *then = rib_candidate_settings(c, n);

		if (!then || then->propagate == PROPAGATE_NONE ||
		    n->config->propagate != PROPAGATE_NONE)
			continue;
		c->listening =
		    mem_grow(c->listening, &c->listen_cap, c->listens + 1, sizeof *c->listening);
		c->listening[c->listens++] =
		    (struct listening){ n->number, source_listen(rib_there(k), n) };
	}
}

bool
rib_candidate_ready(struct rib_candidate *c)
{
	for (size_t i = 0; i < c->listens; i++) {
		struct listening *l = &c->listening[i];
		struct neighbor *n = neighbor_by_number(c->rib.controller, l->number);

		if (!n)
			continue;
		l->counted = l->counted || source_listen(rib_there(c->rib.controller), n);
		if (!l->counted)
			return false;
		if (!n->rib || n->rib->leaving)
			continue;
		if (!source_settled(n->rib))
			return false;
		for (int f = 0; f < FAMILIES; f++)
			if (n->rib->reader[f] && !ledger_reader_live(n->rib->reader[f]))
				return false;
	}
	return true;
}

static const struct config_neighbor *
settings_of(const void *self, const struct neighbor *n)
{
	return rib_candidate_settings(self, n);
}

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
	begin_listening(c);
	c->rib.owner = k->rib ? k->rib->owner : 0;
	c->gates = gates_of(k, config, settings_of, c);
	if (!k->gates && !gates_any(c->gates)) {
		gates_put(c->gates);
		c->gates = NULL;
	}
	return c;
}

void
rib_candidate_free(struct rib_candidate *c)
{
	struct rib *r;

	if (!c)
		return;
	r = &c->rib;
	for (size_t i = 0; i < c->listens; i++) {
		struct neighbor *n = neighbor_by_number(r->controller, c->listening[i].number);

		if (n && c->listening[i].counted)
			source_ignore(n);
	}
	mem_free(c->listening);
	gates_put(c->gates);
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

/* --- keys that clients alone say --- */

struct visiting {
	struct rib_candidate *candidate;
	struct speaker_entry *speaker;
	enum family family;
	bool kept;
};

/* The first entry of its key that is no peer's. */
static const struct ledger_entry *
first_of(const struct controller *k, struct ledger *l, uint32_t path_id, struct reader key)
{
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while (l && (e = ledger_same(l, path_id, key, &w)))
		if (!e->mark && !owner_is_rib(k->owners, ledger_owner(l, e)))
			return e;
	return NULL;
}

/* It was looked at with the paths of its prefix: as the best of them, or under the number of one. */
static bool
with_paths(const struct rib_candidate *c, enum family f, uint32_t path_id, struct reader key)
{
	const struct rib *is = c->rib.controller->rib;
	const struct rib_paths *t = is ? &is->paths[f] : NULL;
	uint32_t number;

	if (!t)
		return false;
	if (path_id == 0)
		return paths_find(t, key, &number, 1) > 0;
	return (c->rib.several & family_bit(f)) && paths_taken(t, path_id - 1) &&
	       reader_equal(paths_key(t, paths_at(t, path_id - 1)), key);
}

static void
visit(void *arg, struct ledger *l, struct ledger_entry *e)
{
	const struct visiting *v = arg;
	struct rib_candidate *c = v->candidate;
	const struct controller *k = c->rib.controller;
	struct reader key = ledger_key(l, e);
	uint32_t path_id = ledger_path_id(l, e);

	if (e->mark || first_of(k, l, path_id, key) != e ||
	    (v->kept && first_of(k, v->speaker->intent.told[v->family].ledger, path_id, key)) ||
	    with_paths(c, v->family, path_id, key))
		return;
	candidate_withdraw(&c->rib, v->speaker, v->family, path_id, key);
	c->keys++;
}

/* Some more of it: true at the end. */
static bool
said_step(struct rib_candidate *c)
{
	enum { SOME = 64 };
	uint32_t number = 0;

	LIST_EACH(link, fleet_speakers(c->rib.controller->fleet)) {
		struct visiting v = { c, LIST_ENTRY(link, struct speaker_entry, link),
			(enum family)(c->family % FAMILIES), c->family >= 2 * FAMILIES };
		struct audience *a;

		if (number++ != c->speaker)
			continue;
		a = v.kept ? said_kept(&v.speaker->intent, v.family)
			   : &v.speaker->intent.told[v.family];
		if (a && a->ledger && !ledger_visit(a->ledger, &c->at, SOME, visit, &v))
			return false;
		c->at = 0;
		if (++c->family == 3 * FAMILIES) {
			c->family = FAMILIES;
			c->speaker++;
		}
		return false;
	}
	return true;
}

bool
rib_candidate_step(
    struct rib_candidate *c, void (*each)(void *arg, const struct rib_difference *), void *arg)
{
	enum { STEPS = 64 };
	const struct rib *is = c->rib.controller->rib;

	c->each = each;
	c->arg = arg;
	if (!is)
		c->family = c->family < FAMILIES ? FAMILIES : c->family;
	else
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
	return c->family >= FAMILIES && (!c->gates || said_step(c));
}
