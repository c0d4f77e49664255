/* The contest for a prefix: what import makes of each of its paths, which of them may be chosen, and which is. */
#include "controller/config/config.h"
#include "controller/profile.h"
#include "controller/rib/rib_inner.h"
#include "controller/rpki/rpki.h"
#include "proto/bgp/attrs.h"

/* --- a look at a value --- */

/* A route of a source, for policies. */
static struct policy_route
source_route(const struct rib_source *s, enum family f, struct reader key,
    const struct ledger_entry *e, const struct blob *value)
{
	const struct neighbor *n = s->neighbor;
	const struct config_neighbor *c = rib_settings(s->rib, n);

	return (struct policy_route){ .family = f,
		.nlri = key,
		.value = route_value_of(blob_read(value)),
		.source = SOURCE_PEER,
		.sayer = c->description,
		.peer = &n->peer.address,
		.peer_as = neighbor_peer_as(n),
		.group = c->inherit.name,
		.groups = c->inherit.count,
		.roas = rpki_roas(n->controller),
		.own_as = neighbor_origin_as(n),
		.age = mirror_age(n->controller, s->ledger[f], e) / 16 };
}

struct policy_route
contest_route(const struct contest *c, size_t place, enum family f)
{
	const struct rib_source *s = c->path[place].source;
	const struct ledger_entry *e = c->path[place].entry;
	struct policy_route p =
	    source_route(s, f, ledger_key(s->ledger[f], e), e, c->path[place].taken);

	p.tag = c->path[place].tag;
	return p;
}

/* Our AS; in a confederation that is our member AS among its segments, and its identifier elsewhere (RFC 5065 section 4). */
static unsigned
times_ours(const struct config_neighbor *c, uint32_t local_as, struct reader attributes)
{
	struct view_count member, whole;

	if (c->confederation.identifier == 0) {
		member = view_as_count(attributes, local_as);
		return member.confed + member.plain;
	}
	member = view_as_count(attributes, c->local_as);
	whole = view_as_count(attributes, c->confederation.identifier);
	return member.confed + whole.confed + whole.plain;
}

/* Loops, as the route was received: NULL when it is none. */
static const char *
loop_of(const struct rib_source *s, struct reader attributes)
{
	const struct neighbor *n = s->neighbor;
	const struct config_neighbor *c = rib_settings(s->rib, n);
	struct attr a;

	if (times_ours(n->config, neighbor_local_as(n), attributes) > c->allow_own_as)
		return "our AS is in its path";
	if (s->export.internal && attrs_find(attributes, ATTR_ORIGINATOR_ID, &a) &&
	    reader_u32(&a.value) == c->router_id)
		return "we are its originator";
	if (s->export.internal && view_has_cluster(attributes, c->cluster_id))
		return "our cluster is in its list";
	return NULL;
}

static void
forget_look(struct rib *r, struct rib_look *k)
{
	blob_put(r->controller->values, k->value);
	blob_put(r->controller->values, k->taken);
	k->value = k->taken = NULL;
}

void
looks_free(struct rib *r)
{
	for (int i = 0; i < RIB_LOOKS; i++)
		forget_look(r, &r->look[i]);
}

/* The value that the rules left; NULL: there can be none. */
static struct blob *
taken(struct rib *r, const struct rib_source *s, struct blob *value, struct policy_route *p)
{
	struct addr self = profile_self(
	    neighbor_local_address(s->neighbor), s->neighbor->config->router_id, p->family);
	const struct addr *hop = p->hop == HOP_ADDRESS ? &p->hop_address : &self;

	if (!p->changed)
		return blob_get(value);
	if (p->hop == HOP_ADDRESS || p->hop == HOP_SELF) {
		p->value.next_hop = reader_of(hop->bytes, addr_size(hop));
		if (!export_hop_fits(p->family, p->value.next_hop.left))
			return NULL;
	}
	return route_value_intern(&p->value, r->controller->values);
}

static void
view(struct rib_look *k)
{
	if (!k->taken)
		return;
	view_of(route_value_of(blob_read(k->taken)).attributes, &k->view);
	k->stale = view_known(route_value_of(blob_read(k->taken)).attributes) & VIEW_STALE;
}

/* `a`: for rules that ask a client; else NULL. True when one was asked and it is not known yet what becomes of it. */
static bool
look(struct rib *r, const struct rib_source *s, enum family f, struct reader key,
    const struct ledger_entry *e, struct asking *a, struct rib_look *k)
{
	const struct policy_rule *by;
	struct blob *value = ledger_value(e);
	struct policy_route p = source_route(s, f, key, e, value);

	p.ask = a ? verdicts_ask : NULL;
	p.self = a;
	*k = (struct rib_look){
		.value = blob_get(value), .source = s->number, .version = r->version
	};
	k->refused = loop_of(s, p.value.attributes);
	if (k->refused)
		return false;
	if (s->policy.count == 0) {
		k->refused = "no import policy (RFC 8212): say import accept, or the name of one";
	} else if (!policy_run(&s->policy, &p, &by)) {
		k->refused = policy_why(&p, by);
		if (!k->refused)
			k->refused = "no rule of its import policy decides";
	} else {
		k->taken = taken(r, s, value, &p);
		k->weight = p.weight;
		k->tag = p.tag;
		k->refused =
		    k->taken
			? NULL
			: "what import makes of it is too long, or its next hop of another family";
	}
	k->said = p.said;
	view(k);
	return p.open;
}

/* What import made of it last, of which its opinion has a share, stands until it is known what becomes of it. */
static void
look_asking(struct rib *r, const struct rib_source *s, enum family f, struct reader key,
    const struct ledger_entry *e, uint32_t number, struct rib_look *k)
{
	struct opinion *o = verdicts_of(&r->verdicts, f, number, OPINION_IMPORT, e == r->fresh);
	struct asking a = { .verdicts = &r->verdicts, .opinion = o, .value = ledger_value(e) };

	o->seen = r->version;
	if (look(r, s, f, key, e, &a, k)) {
		k->taken = blob_get(o->held);
		k->weight = o->weight;
		k->tag = o->tag;
		k->refused = o->held ? NULL : k->said;
		view(k);
		return;
	}
	if (!k->said)
		verdicts_unasked(&r->verdicts, o);
	blob_put(r->controller->values, o->held);
	o->held = blob_get(k->taken);
	o->weight = k->weight;
	o->tag = k->tag;
	o->known = true;
}

/* Kept for the next route with that value, where the rules do not ask for the NLRI. */
static const struct rib_look *
look_at(struct rib *r, const struct rib_source *s, enum family f, struct reader key,
    const struct ledger_entry *e, uint32_t number)
{
	struct blob *value = ledger_value(e);
	struct rib_look *k = &r->look[(value->hash ^ s->number) % RIB_LOOKS];

	if (!s->policy.of_nlri && k->value == value && k->source == s->number &&
	    k->version == r->version)
		return k;
	forget_look(r, k);
	if (s->policy.via && !r->candidate)
		look_asking(r, s, f, key, e, number, k);
	else
		(void)look(r, s, f, key, e, NULL, k);
	return k;
}

/* --- the contest --- */

static void
contend(struct contest *c, const struct rib_source *s, enum family f, const struct ledger_entry *e,
    const struct rib_look *k)
{
	c->contender[c->contenders] = (struct contender){ .view = k->view,
		.age = mirror_age(s->rib->controller, s->ledger[f], e),
		.weight = k->weight,
		.stale = k->stale,
		.router_id = s->export.router_id,
		.path_id = ledger_path_id(s->ledger[f], e),
		.peer = s->neighbor->peer.address,
		.external = !s->export.internal && !s->export.member };
	c->contends[c->contenders++] = c->count;
}

/* One path of the key. */
static void
enter(struct rib *r, struct contest *c, enum family f, uint32_t number, struct ledger_entry *e)
{
	struct rib_source *s = r->source[paths_at(&r->paths[f], number).source];
	const char *out = "its neighbor takes no part any more";
	const char *said = NULL;
	struct blob *value = NULL;
	uint32_t tag = 0;

	if (!s->leaving && !s->silent && s->neighbor) {
		const struct rib_look *k = look_at(r, s, f, ledger_key(s->ledger[f], e), e, number);

		out = k->refused;
		said = k->said;
		tag = k->tag;
		value = blob_get(k->taken);
		if (!out)
			contend(c, s, f, e, k);
	}
	c->path[c->count].source = s;
	c->path[c->count].entry = e;
	c->path[c->count].number = number;
	c->path[c->count].taken = value;
	c->path[c->count].said = said;
	c->path[c->count].tag = tag;
	c->path[c->count++].out = out;
}

static void
enter_number(struct rib *r, struct contest *c, enum family f, uint32_t number)
{
	const struct rib_paths *t = &r->paths[f];
	struct ledger_entry *e = paths_entry(t, paths_at(t, number));

	if (!e->mark)
		enter(r, c, f, number, e);
}

void
contest_gather(struct rib *r, enum family f, struct reader key, struct contest *c)
{
	static uint32_t number[RIB_CONTENDERS];
	size_t n = paths_find(&r->paths[f], key, number, RIB_CONTENDERS);

	c->count = c->contenders = 0;
	for (size_t i = 0; i < n; i++)
		enter_number(r, c, f, number[i]);
}

void
contest_of_one(struct rib *r, enum family f, uint32_t number, struct contest *c)
{
	c->count = c->contenders = 0;
	enter_number(r, c, f, number);
}

void
contest_end(struct rib *r, struct contest *c)
{
	for (size_t i = 0; i < c->count; i++)
		blob_put(r->controller->values, c->path[i].taken);
	c->count = c->contenders = 0;
}

size_t
contest_choose(const struct rib *r, struct contest *c)
{
	if (c->contenders == 0)
		return c->count;
	return c->contends[best_choose(c->contender, c->contenders, &r->rules)];
}
