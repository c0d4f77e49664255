/* Gates: who passes which policies, and what they make of a value. */
#include "controller/gates.h"
#include <stdio.h>
#include <string.h>
#include "common/mem.h"
#include "common/set.h"
#include "controller/config/config.h"
#include "controller/neighbor.h"
#include "controller/owners.h"
#include "controller/policy/policy.h"
#include "controller/profile.h"
#include "controller/rib/export.h"
#include "controller/rpki/rpki.h"
#include "controller/said.h"
#include "proto/bgp/attrs.h"

/* Whose routes those of an owner are, and the import that they pass. */
struct gate_owner {
	enum policy_source source;
	const char *sayer; /* of the configuration; NULL: it is the owner's name */
	struct policy_chain import; /* empty: none */
	char step[96];
};

/* Neighbors that are alike. */
struct gate_class {
	struct policy_chain export; /* empty: none covers anything */
	bool covers[POLICY_SOURCES];
	bool inside, aigp;
	uint32_t own_as, router_id;
	struct addr local;
	uint32_t members; /* a share */
	/* What a value came to last; where no condition asks for the NLRI it does so again. */
	struct blob *in, *out; /* shares */
	uint32_t owner;
	enum family family;
	struct gate_verdict verdict;
};

struct gates {
	struct controller *controller;
	const struct config *config;
	const struct config_neighbor *(*settings)(const void *, const struct neighbor *);
	const void *self;
	bool imports, exports; /* is there one of them at all? */
	uint64_t standings; /* of the classes */
	struct gate_owner **owner; /* by number; none moves, as verdicts point into them */
	size_t owners, owner_cap;
	struct gate_class *class;
	size_t classes, class_cap;
	uint32_t covered[POLICY_SOURCES]; /* shares: neighbors whose export covers such routes */
};

/* --- who --- */

static bool
any_import(const struct config *c)
{
	for (size_t i = 0; i < c->process_count; i++)
		if (c->processes[i].import.count > 0)
			return true;
	for (size_t i = 0; i < c->client_count; i++)
		if (c->clients[i].import.count > 0)
			return true;
	return c->controller.client_import.count > 0;
}

bool
gates_ask_source(const struct config *c)
{
	for (size_t i = 0; i < c->policy_count; i++)
		if (policy_asks(c->policies[i], "source"))
			return true;
	return false;
}

static const struct config_names *
import_of(const struct config *c, const char *name, const char **process)
{
	static const char prefix[] = "process ";
	const struct config_names *own = NULL;

	if (strncmp(name, prefix, sizeof prefix - 1) == 0) {
		const struct config_process *p = config_process(c, name + sizeof prefix - 1);

		*process = name + sizeof prefix - 1;
		own = p ? &p->import : NULL;
	} else {
		const struct config_client *k = config_client(c, name);

		own = k ? &k->import : NULL;
	}
	return own && own->count > 0 ? own : &c->controller.client_import;
}

bool
gates_go_by(const struct config *c, const char *name)
{
	const char *process = NULL;

	return import_of(c, name, &process) != &c->controller.client_import || gates_ask_source(c);
}

static struct gate_owner *
describe(struct gates *g, uint32_t owner)
{
	const char *name = owner_name(g->controller->owners, owner), *process = NULL;
	struct gate_owner *o = mem_zero(sizeof *o);

	o->source = SOURCE_CONFIGURATION;
	if (owner_is_config(g->controller->owners, owner))
		return o;
	o->source = SOURCE_CLIENT;
	config_chain(g->config, import_of(g->config, name, &process), &o->import);
	o->sayer = process ? process : name;
	snprintf(o->step, sizeof o->step, "the import of %s%.64s", process ? "" : "client ", name);
	return o;
}

static struct gate_owner *
owner_of(struct gates *g, uint32_t owner)
{
	if (owner >= g->owners) {
		g->owner = mem_grow(g->owner, &g->owner_cap, (size_t)owner + 1, sizeof *g->owner);
		memset(g->owner + g->owners, 0, (owner + 1 - g->owners) * sizeof *g->owner);
		g->owners = (size_t)owner + 1;
	}
	if (!g->owner[owner])
		g->owner[owner] = describe(g, owner);
	return g->owner[owner];
}

/* --- for whom --- */

static void
forget(struct gates *g, struct gate_class *k)
{
	blob_put(g->controller->values, k->in);
	blob_put(g->controller->values, k->out);
	k->in = k->out = NULL;
}

static void
drop_classes(struct gates *g)
{
	struct sets *sets = g->controller->sets;

	for (size_t i = 0; i < g->classes; i++) {
		forget(g, &g->class[i]);
		set_put(sets, g->class[i].members);
		policy_chain_fini(&g->class[i].export);
	}
	g->classes = 0;
	for (int s = 0; s < POLICY_SOURCES; s++) {
		set_put(sets, g->covered[s]);
		g->covered[s] = SET_NONE;
	}
}

static bool
alike(const struct gate_class *a, const struct gate_class *b)
{
	return policy_chain_equal(&a->export, &b->export) &&
	       memcmp(a->covers, b->covers, sizeof a->covers) == 0 && a->inside == b->inside &&
	       a->aigp == b->aigp && a->own_as == b->own_as && a->router_id == b->router_id &&
	       addr_equal(&a->local, &b->local);
}

static void
join(struct sets *sets, uint32_t *set, uint32_t member)
{
	uint32_t one = set_of(sets, member), both = set_union(sets, *set, one);

	set_put(sets, one);
	set_put(sets, *set);
	*set = both;
}

static struct gate_class
class_of(const struct gates *g, const struct neighbor *n, const struct config_neighbor *c)
{
	struct gate_class k = { .inside = neighbor_local_as(n) == neighbor_peer_as(n) || c->member,
		.aigp = c->capability.aigp,
		.own_as = neighbor_origin_as(n),
		.router_id = c->router_id,
		.local = neighbor_local_address(n) };

	for (size_t i = 0; i < c->export_covers.count; i++)
		k.covers[strcmp(c->export_covers.name[i], "client") == 0 ? SOURCE_CLIENT
									 : SOURCE_CONFIGURATION] =
		    true;
	if (c->export_covers.count > 0)
		config_chain(g->config, &c->export, &k.export);
	return k;
}

static void
add_neighbor(struct gates *g, const struct neighbor *n)
{
	const struct config_neighbor *c = g->settings ? g->settings(g->self, n) : n->config;
	struct sets *sets = g->controller->sets;
	struct gate_class k;
	size_t i = 0;

	if (!c)
		return;
	k = class_of(g, n, c);
	while (i < g->classes && !alike(&g->class[i], &k))
		i++;
	if (i == g->classes) {
		g->class = mem_grow(g->class, &g->class_cap, i + 1, sizeof *g->class);
		g->class[g->classes++] = k;
	} else {
		policy_chain_fini(&k.export);
	}
	join(sets, &g->class[i].members, n->number);
	for (int s = 0; s < POLICY_SOURCES; s++)
		if (g->class[i].covers[s])
			join(sets, &g->covered[s], n->number);
}

/* Neighbors and their sessions are as they were when the classes were made, or those are made anew. */
static void
settle(struct gates *g)
{
	if (g->standings == g->controller->standings)
		return;
	g->standings = g->controller->standings;
	drop_classes(g);
	if (!gates_any(g))
		return;
	LIST_EACH(link, &g->controller->neighbors)
		add_neighbor(g, LIST_ENTRY(link, struct neighbor, link));
}

bool
gates_any(struct gates *g)
{
	return g->imports || g->exports;
}

uint32_t
gates_before(struct gates *g, uint32_t owner, uint32_t set)
{
	const struct gate_owner *o;

	if (!gates_any(g) || owner_is_rib(g->controller->owners, owner))
		return SET_NONE;
	settle(g);
	o = owner_of(g, owner);
	return o->import.count > 0 ? set_get(g->controller->sets, set)
				   : set_both(g->controller->sets, set, g->covered[o->source]);
}

/* --- the gate --- */

static struct policy_route
route_of(const struct gates *g, const struct gate_class *k, const struct gate_owner *o,
    const struct gated *r)
{
	return (struct policy_route){ .family = r->family,
		.nlri = r->nlri,
		.value = route_value_of(blob_read(r->value)),
		.source = o->source,
		.sayer = o->sayer,
		.roas = rpki_roas(g->controller),
		.own_as = k->own_as };
}

static bool
run(const struct policy_chain *c, const char *step, struct policy_route *p, struct gate_verdict *v)
{
	const struct policy_rule *by;
	bool let = policy_run(c, p, &by);
	const char *why = policy_why(p, by);

	*v = (struct gate_verdict){ step, why ? why : "no rule decides" };
	return let;
}

/* What the rules left, as such a neighbor is told it; NULL: it can't be. */
static struct blob *
value_of(struct gates *g, const struct gate_class *k, struct blob *said, struct policy_route *p)
{
	struct addr self = profile_self(k->local, k->router_id, p->family);
	const struct addr *hop = p->hop == HOP_ADDRESS ? &p->hop_address : &self;

	if (!p->changed)
		return blob_get(said);
	if (p->hop == HOP_ADDRESS || p->hop == HOP_SELF) {
		p->value.next_hop = reader_of(hop->bytes, addr_size(hop));
		if (!export_hop_fits(p->family, p->value.next_hop.left))
			return NULL;
	}
	if (!k->inside)
		policy_remove(p, ATTR_LOCAL_PREF);
	if (!k->inside && !k->aigp)
		policy_remove(p, ATTR_AIGP);
	return p->failed ? NULL : route_value_intern(&p->value, g->controller->values);
}

static struct blob *
pass(struct gates *g, const struct gate_class *k, const struct gate_owner *o, const struct gated *r,
    struct gate_verdict *v)
{
	struct policy_route p = route_of(g, k, o, r);
	struct blob *out;

	if (o->import.count > 0 && !run(&o->import, o->step, &p, v))
		return NULL;
	if (k->covers[o->source] && !run(&k->export, "its export", &p, v))
		return NULL;
	out = value_of(g, k, r->value, &p);
	if (!out)
		v->by = "what the rules make of it is too long, or has no next hop of its family";
	return out;
}

static bool
asks_for_nlri(const struct gate_class *k, const struct gate_owner *o)
{
	return o->import.of_nlri || (k->covers[o->source] && k->export.of_nlri);
}

/* A share. */
static struct blob *
pass_again(struct gates *g, struct gate_class *k, const struct gate_owner *o, const struct gated *r,
    struct gate_verdict *v)
{
	if (asks_for_nlri(k, o))
		return pass(g, k, o, r, v);
	if (k->in != r->value || k->owner != r->owner || k->family != r->family) {
		forget(g, k);
		k->in = blob_get(r->value);
		k->owner = r->owner;
		k->family = r->family;
		k->out = pass(g, k, o, r, &k->verdict);
	}
	*v = k->verdict;
	return blob_get(k->out);
}

void
gates_pass(struct gates *g, const struct gated *r, uint32_t set,
    void (*each)(void *arg, uint32_t members, struct blob *value, const struct gate_verdict *),
    void *arg)
{
	struct sets *sets = g->controller->sets;
	const struct gate_owner *o;

	settle(g);
	o = owner_of(g, r->owner);
	for (size_t i = 0; i < g->classes; i++) {
		uint32_t both = set_both(sets, set, g->class[i].members);
		struct gate_verdict v = { 0 };

		if (both == SET_NONE)
			continue;
		each(arg, both, pass_again(g, &g->class[i], o, r, &v), &v);
		set_put(sets, both);
	}
}

void
refusal_print(const struct refusal *r, struct text *t)
{
	text_printf(t, "%s, %s, rejects it", r->verdict.step, r->verdict.by);
}

/* --- life --- */

struct gates *
gates_of(struct controller *c, const struct config *config,
    const struct config_neighbor *(*settings)(const void *self, const struct neighbor *),
    const void *self)
{
	struct gates *g = mem_zero(sizeof *g);

	g->controller = c;
	g->config = config;
	g->settings = settings;
	g->self = self;
	g->imports = any_import(config);
	g->standings = c->standings - 1; /* never settled */
	for (size_t i = 0; i < config->neighbor_count; i++)
		g->exports |= config->neighbors[i]->export_covers.count > 0;
	return g;
}

void
gates_put(struct gates *g)
{
	if (!g)
		return;
	drop_classes(g);
	for (size_t i = 0; i < g->owners; i++)
		if (g->owner[i]) {
			policy_chain_fini(&g->owner[i]->import);
			mem_free(g->owner[i]);
		}
	mem_free(g->owner);
	mem_free(g->class);
	mem_free(g);
}

/* Once there were some they stay, if only to let everything pass: what is said may still stand behind them. */
void
gates_apply(struct controller *c)
{
	struct gates *g = gates_of(c, c->config, NULL, NULL), *old = c->gates;

	if (!old && !gates_any(g)) {
		gates_put(g);
		return;
	}
	c->gates = g;
	gates_put(old);
	if (gates_any(g) || !said_idle(c))
		said_revise(c, true);
}

/* Nothing was said for it, so where exports stand it only joins its class. */
void
gates_neighbor_made(struct neighbor *n)
{
	struct controller *c = n->controller;

	if (n->config->export_covers.count > 0 && !(c->gates && c->gates->exports))
		gates_apply(c);
}

void
gates_free(struct controller *c)
{
	gates_put(c->gates);
	c->gates = NULL;
}

static bool
asks(const struct config *c, const char *word)
{
	for (size_t i = 0; i < c->policy_count; i++)
		if (policy_asks(c->policies[i], word))
			return true;
	return false;
}

void
gates_reconsider(struct controller *c, const char *word)
{
	if (!c->gates || !gates_any(c->gates) || (word && !asks(c->config, word)))
		return;
	for (size_t i = 0; i < c->gates->classes; i++)
		forget(c->gates, &c->gates->class[i]);
	said_revise(c, false);
}

void
gates_neighbor_settled(struct neighbor *n)
{
	gates_reconsider(n->controller, NULL);
}
