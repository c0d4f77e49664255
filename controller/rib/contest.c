/* The contest for a prefix: which of its paths may be chosen, and which one is. */
#include "controller/config/config.h"
#include "controller/rib/paths.h"
#include "proto/bgp/attrs.h"

/* RFC 8212: what a peer of another AS says is not taken unless somebody said so. */
static bool
imports(const struct neighbor *n)
{
	uint8_t said = n->config->import;

	return said == POLICY_ACCEPT || (said == POLICY_NONE && !neighbor_external(n));
}

/* Why a route of this source can't be chosen: NULL when it can. */
static const char *
refused(const struct rib_source *s, struct reader attributes)
{
	const struct neighbor *n = s->neighbor;
	struct attr a;

	if (!imports(n))
		return "import: rejected (RFC 8212: say import accept)";
	if (view_as_count(attributes, neighbor_local_as(n)) > 0)
		return "our AS is in its path";
	if (s->export.internal && attrs_find(attributes, ATTR_ORIGINATOR_ID, &a) &&
	    reader_u32(&a.value) == n->config->router_id)
		return "we are its originator";
	if (s->export.internal && view_has_cluster(attributes, n->config->cluster_id))
		return "our cluster is in its list";
	return NULL;
}

static void
forget_look(struct rib *r, struct rib_look *k)
{
	blob_put(r->controller->values, k->value);
	k->value = NULL;
}

void
looks_free(struct rib *r)
{
	for (int i = 0; i < RIB_LOOKS; i++)
		forget_look(r, &r->look[i]);
}

const struct rib_look *
look_at(struct rib *r, const struct rib_source *s, struct blob *value)
{
	struct rib_look *k = &r->look[(value->hash ^ s->number) % RIB_LOOKS];
	struct reader attributes;

	if (k->value == value && k->source == s->number && k->version == r->version)
		return k;
	forget_look(r, k);
	attributes = route_value_of(blob_read(value)).attributes;
	*k = (struct rib_look){ .value = blob_get(value),
		.source = s->number,
		.version = r->version,
		.refused = refused(s, attributes) };
	view_of(attributes, &k->view);
	return k;
}

static void
contend(struct contest *c, const struct rib_source *s, const struct ledger_entry *e,
    const struct view *view)
{
	c->contender[c->contenders] = (struct contender){ .view = *view,
		.router_id = s->export.router_id,
		.path_id = e->path_id,
		.peer = s->neighbor->peer.address,
		.external = !s->export.internal };
	c->contends[c->contenders++] = c->count;
}

/* One path of the key. */
static void
enter(struct rib *r, struct contest *c, struct rib_source *s, struct ledger_entry *e)
{
	const char *out = "its neighbor takes no part any more";
	const struct rib_look *k;

	if (!s->leaving && s->neighbor) {
		k = look_at(r, s, e->value);
		out = k->refused;
		if (!out)
			contend(c, s, e, &k->view);
	}
	c->path[c->count].source = s;
	c->path[c->count].entry = e;
	c->path[c->count++].out = out;
}

void
contest_gather(struct rib *r, enum family f, struct reader key, struct contest *c)
{
	static uint32_t number[RIB_CONTENDERS];
	const struct rib_paths *t = &r->paths[f];
	size_t n = paths_find(t, key, number, RIB_CONTENDERS);

	c->count = c->contenders = 0;
	for (size_t i = 0; i < n; i++) {
		const struct rib_path *p = paths_at(t, number[i]);
		struct ledger_entry *e = paths_entry(t, p);

		if (!e->mark)
			enter(r, c, r->source[p->source], e);
	}
}

size_t
contest_choose(const struct rib *r, struct contest *c)
{
	if (c->contenders == 0)
		return c->count;
	return c->contends[best_choose(c->contender, c->contenders, &r->rules)];
}
