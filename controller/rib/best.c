#include "controller/rib/best.h"
#include <string.h>

/* Is a worse than b in this respect? */
typedef bool worse_than(
    const struct contender *a, const struct contender *b, const struct best_rules *);

static bool
worse_stale(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	return a->stale && !b->stale;
}

static bool
worse_weight(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	return a->weight < b->weight;
}

static bool
worse_local_pref(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	return a->view.local_pref < b->view.local_pref;
}

/* A route with AIGP is before one without. */
static bool
worse_aigp(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	if (r->ignore_aigp)
		return false;
	if (!a->view.has_aigp || !b->view.has_aigp)
		return b->view.has_aigp && !a->view.has_aigp;
	return a->view.aigp > b->view.aigp;
}

static bool
worse_as_length(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	return !r->ignore_as_length && a->view.as_length > b->view.as_length;
}

static bool
worse_origin(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	return a->view.origin > b->view.origin;
}

static uint64_t
med_of(const struct contender *a, const struct best_rules *r)
{
	return a->view.has_med || !r->missing_med_worst ? a->view.med : (uint64_t)UINT32_MAX + 1;
}

static bool
worse_med(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	return (r->always_compare_med || a->view.neighbor_as == b->view.neighbor_as) &&
	       med_of(a, r) > med_of(b, r);
}

static bool
worse_external(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	return !a->external && b->external;
}

/* Behind the step before all are external, or none. */
static bool
worse_age(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	return r->prefer_older && a->external && b->external && a->age < b->age;
}

static uint32_t
id_of(const struct contender *a)
{
	return a->view.originator ? a->view.originator : a->router_id;
}

static bool
worse_router_id(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	return !r->ignore_router_id && id_of(a) > id_of(b);
}

static bool
worse_clusters(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	return a->view.clusters > b->view.clusters;
}

/* By octets; IPv4 is before IPv6. */
static bool
worse_address(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	if (a->peer.family != b->peer.family)
		return a->peer.family > b->peer.family;
	return memcmp(a->peer.bytes, b->peer.bytes, addr_size(&a->peer)) > 0;
}

static bool
worse_path_id(const struct contender *a, const struct contender *b, const struct best_rules *r)
{
	(void)r;
	return a->path_id > b->path_id;
}

static const struct {
	const char *name;
	worse_than *worse;
} steps[BEST_STEPS] = {
	[BEST_CHOSEN] = { "best", NULL },
	[BEST_STALE] = { "stale", worse_stale },
	[BEST_WEIGHT] = { "weight", worse_weight },
	[BEST_LOCAL_PREF] = { "local preference", worse_local_pref },
	[BEST_AIGP] = { "aigp", worse_aigp },
	[BEST_AS_LENGTH] = { "as path length", worse_as_length },
	[BEST_ORIGIN] = { "origin", worse_origin },
	[BEST_MED] = { "med", worse_med },
	[BEST_EXTERNAL] = { "external over internal", worse_external },
	[BEST_AGE] = { "age", worse_age },
	[BEST_ROUTER_ID] = { "router id", worse_router_id },
	[BEST_CLUSTERS] = { "cluster list length", worse_clusters },
	[BEST_ADDRESS] = { "peer address", worse_address },
	[BEST_PATH_ID] = { "path id", worse_path_id },
};

const char *
best_step_name(enum best_step s)
{
	return steps[s].name;
}

/* Where "worse" is an order the least of those that are left decides for all. */
static size_t
least(const struct contender *c, size_t n, worse_than *worse, const struct best_rules *r)
{
	size_t least = n;

	for (size_t i = 0; i < n; i++)
		if (c[i].lost == BEST_CHOSEN && (least == n || worse(&c[least], &c[i], r)))
			least = i;
	return least;
}

static size_t
remove_worse(struct contender *c, size_t n, enum best_step step, const struct best_rules *r)
{
	size_t gone = 0, best = least(c, n, steps[step].worse, r);

	for (size_t i = 0; i < n; i++)
		if (c[i].lost == BEST_CHOSEN && steps[step].worse(&c[i], &c[best], r)) {
			c[i].lost = step;
			gone++;
		}
	return gone;
}

static bool
same_med(const struct contender *c, size_t n, const struct best_rules *r)
{
	const struct contender *one = NULL;

	for (size_t i = 0; i < n; i++) {
		if (c[i].lost != BEST_CHOSEN)
			continue;
		if (one && med_of(one, r) != med_of(&c[i], r))
			return false;
		one = &c[i];
	}
	return true;
}

/* MED says something of routes from the same neighboring AS only: each AS keeps its least. Who is removed still
 * removes others of its AS, which changes nothing: what removed it does so too. */
static size_t
remove_by_med(struct contender *c, size_t n, const struct best_rules *r)
{
	size_t gone = 0;

	if (same_med(c, n, r))
		return 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n && c[i].lost == BEST_CHOSEN; k++)
			if ((c[k].lost == BEST_CHOSEN || c[k].lost == BEST_MED) &&
			    worse_med(&c[i], &c[k], r)) {
				c[i].lost = BEST_MED;
				gone++;
			}
	return gone;
}

size_t
best_choose(struct contender *c, size_t n, const struct best_rules *r)
{
	size_t left = n, best = 0;

	for (size_t i = 0; i < n; i++)
		c[i].lost = BEST_CHOSEN;
	for (int step = BEST_STALE; step < BEST_STEPS && left > 1; step++)
		left -= step == BEST_MED && !r->always_compare_med
			    ? remove_by_med(c, n, r)
			    : remove_worse(c, n, (enum best_step)step, r);
	while (best + 1 < n && c[best].lost != BEST_CHOSEN)
		best++;
	return best;
}
