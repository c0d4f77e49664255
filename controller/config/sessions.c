/* multi-session: a neighbor is as many as it has families, each with a session of its own. */
#include <string.h>
#include "common/mem.h"
#include "controller/config/loader.h"

static bool
several(const struct config_neighbor *n)
{
	return n->capability.multi_session && (n->families & (n->families - 1)) != 0 &&
	       !config_is_range(n);
}

static void
routes_keep(struct config_neighbor *n, enum family f)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->route_count; i++) {
		struct config_route *r = &n->routes[i];
		if (r->draft.has_family && r->draft.family != f)
			route_draft_fini(&r->draft);
		else
			n->routes[kept++] = *r;
	}
	n->route_count = kept;
}

static void
operational_keep(struct config_neighbor *n, enum family f)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->operational_count; i++) {
		struct config_operational *o = &n->operational[i];
		if (o->said.family != f)
			mem_free(o->advisory);
		else
			n->operational[kept++] = *o;
	}
	n->operational_count = kept;
}

static struct config_neighbor *
session_of(const struct config_neighbor *all, enum family f)
{
	struct config_neighbor *n = config_neighbor_copy(all);

	n->session = (uint8_t)(f + 1);
	n->families = family_bit(f);
	n->nexthop6 &= family_bit(f);
	n->nexthop4 &= family_bit(f);
	for (enum family other = 0; other < FAMILIES; other++) {
		if (other == f)
			continue;
		n->add_path[other] = ADD_PATH_NONE;
		n->paths_limit[other] = 0;
	}
	routes_keep(n, f);
	operational_keep(n, f);
	return n;
}

void
sessions_split(struct config *c)
{
	struct config_neighbor **old = c->neighbors;
	size_t count = c->neighbor_count;

	c->neighbors = NULL;
	c->neighbor_count = c->neighbor_cap = 0;
	for (size_t i = 0; i < count; i++) {
		if (!several(old[i])) {
			config_add_neighbor(c, old[i]);
			continue;
		}
		for (enum family f = 0; f < FAMILIES; f++) {
			if (old[i]->families & family_bit(f))
				config_add_neighbor(c, session_of(old[i], f));
		}
		config_neighbor_free(old[i]);
	}
	mem_free(old);
}
