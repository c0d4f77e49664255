#include "controller/statics.h"
#include <stdlib.h>
#include <string.h>
#include "common/blob.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/owners.h"
#include "controller/watchdog.h"

struct one {
	struct neighbor *neighbor;
	const struct config_route *route;
	uint64_t digest; /* of all that makes the route */
	size_t order, group; /* as written; the order of the first of its likes */
	bool
	    contested; /* another route of this neighbor has an NLRI of it: the order means something */
	size_t holds; /* NLRI of it that no later route has */
};

static uint64_t
digest_of(const struct route_draft *d)
{
	uint64_t h[6] = { (uint64_t)d->family << 32 | d->split,
		(uint64_t)d->has_path_id << 32 | d->path_id };

	h[2] = hash_octets(d->nlri.base, d->nlri.len);
	h[3] = hash_octets(d->next_hop, d->next_hop_len) + d->next_hop_self;
	h[4] = hash_octets(d->attributes.base, d->attributes.len);
	h[5] = hash_octets(d->raw.base, d->raw.len);
	return hash_octets(h, sizeof h);
}

static int
by_digest(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	if (x->digest != y->digest)
		return x->digest < y->digest ? -1 : 1;
	if (x->contested != y->contested)
		return x->contested ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int
by_group(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

struct gathered {
	struct one *list;
	size_t count, cap;
};

static void
gather(struct gathered *g, struct neighbor *n, const struct config_route *r)
{
	g->list = mem_grow(g->list, &g->cap, g->count + 1, sizeof *g->list);
	g->list[g->count] = (struct one){ n, r, digest_of(&r->draft), g->count, 0, false, 0 };
	g->count++;
}

/* --- what one neighbor is told twice --- */

/* An NLRI that a route is about. */
struct claim {
	uint64_t key;
	size_t one; /* whose */
};

static int
by_key(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->one < y->one ? -1 : x->one > y->one;
}

struct claims {
	struct claim *list;
	size_t count, cap;
};

static void
claim(struct claims *c, const struct route_draft *d, size_t one)
{
	struct reader (*key)(struct reader, uint8_t *) = nlri_key(d->family);
	uint8_t piece[ROUTE_PIECE_MAX], room[NLRI_KEY_MAX];
	uint64_t state = 0;
	struct nlri nlri;

	while (route_draft_next(d, &state, piece, &nlri)) {
		struct reader octets = key ? key(nlri.octets, room) : nlri.octets;
		uint64_t h[2] = { (uint64_t)d->family << 32 | nlri.path_id, 0 };

		h[1] = hash_octets(octets.at, octets.left);
		c->list = mem_grow(c->list, &c->cap, c->count + 1, sizeof *c->list);
		c->list[c->count++] = (struct claim){ hash_octets(h, sizeof h), one };
	}
}

/* Of routes about the same the last one holds, as in ExaBGP. Those that hold nothing are taken out, the others
 * keep their order. The list is one neighbor's; gives how many stay. */
static size_t
contest(struct one *list, size_t n, struct claims *c)
{
	size_t kept = 0;

	c->count = 0;
	for (size_t i = 0; i < n; i++)
		claim(c, &list[i].route->draft, i);
	if (c->count > 0)
		qsort(c->list, c->count, sizeof *c->list, by_key);
	for (size_t i = 0; i < c->count; i++) {
		const struct claim *this = &c->list[i], *next = this + 1;

		if (i + 1 < c->count && next->key == this->key && next->one != this->one)
			list[this->one].contested = list[next->one].contested = true;
		else
			list[this->one].holds++;
	}
	for (size_t i = 0; i < n; i++)
		if (!list[i].contested || list[i].holds > 0)
			list[kept++] = list[i];
	return kept;
}

/* What was gathered stands neighbor by neighbor. */
static void
settle(struct gathered *g)
{
	struct claims claims = { 0 };
	size_t kept = 0;

	for (size_t i = 0, n; i < g->count; i += n) {
		struct one *list = &g->list[i];

		for (n = 1; i + n < g->count && list[n].neighbor == list->neighbor; n++)
			;
		size_t stay = contest(list, n, &claims);

		memmove(&g->list[kept], list, stay * sizeof *list);
		kept += stay;
	}
	g->count = kept;
	mem_free(claims.list);
}

/* The same routes side by side, in the order in which the first of them was written; what is contested in its
 * own place. */
static void
arrange(struct one *list, size_t n)
{
	qsort(list, n, sizeof *list, by_digest);
	for (size_t i = 0; i < n; i++)
		list[i].group = i > 0 && list[i].digest == list[i - 1].digest && !list[i].contested
				    ? list[i - 1].group
				    : list[i].order;
	qsort(list, n, sizeof *list, by_group);
}

static void
announce(struct controller *c, const struct config_route *r, struct neighbor **to, size_t count,
    struct intent_result *result)
{
	uint32_t owner = r->draft.watchdog[0] ? owner_watchdog(c->owners) : OWNER_CONFIG;
	struct reason why = { 0 };

	/* of what has no room the log has a line already */
	if (intent_announce(c, &r->draft, to, count, owner, result, &why) < 0 &&
	    result->refused.full == 0)
		log_error("configuration", "%s:%u: %s", r->file, r->line, why.text);
}

/* Say each of the routes, or withdraw it, once for all neighbors that have it. */
static void
tell(struct controller *c, struct gathered *g, bool up, struct intent_result *sum)
{
	struct neighbor **to = mem_alloc((g->count + 1) * sizeof(struct neighbor *));
	const struct one *list = g->list;
	size_t n = 0;

	if (g->count > 0) {
		settle(g);
		arrange(g->list, g->count);
	}
	for (size_t i = 0; i < g->count; i++) {
		struct intent_result result = { 0 };

		to[n++] = list[i].neighbor;
		if (i + 1 < g->count && list[i + 1].group == list[i].group)
			continue;
		if (up)
			announce(c, list[i].route, to, n, &result);
		else
			intent_withdraw(c, &list[i].route->draft, to, n, &result);
		sum->routes += result.routes;
		sum->news += result.news;
		sum->skipped += result.skipped;
		n = 0;
	}
	mem_free(to);
	mem_free(g->list);
}

void
statics_apply(struct controller *c)
{
	struct intent_result sum = { 0 };
	struct gathered g = { 0 };

	LIST_EACH(link, &c->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);

		for (size_t i = 0; i < n->config->route_count; i++)
			if (watchdog_up(n, &n->config->routes[i].draft))
				gather(&g, n, &n->config->routes[i]);
	}
	/* the second is there when it has anything */
	for (uint32_t i = 1; i <= owners_count(c->owners); i++)
		if (owner_is_config(c->owners, i))
			intent_begin(c, i);
	tell(c, &g, true, &sum);
	for (uint32_t i = 1; i <= owners_count(c->owners); i++)
		if (owner_is_config(c->owners, i))
			intent_sweep(c, i);
}

void
statics_apply_one(struct neighbor *n)
{
	for (size_t i = 0; i < n->config->route_count; i++) {
		struct intent_result result = { 0 };

		if (watchdog_up(n, &n->config->routes[i].draft))
			announce(n->controller, &n->config->routes[i], &n, 1, &result);
	}
}

void
statics_watchdog(struct controller *c, const char *name, bool up, struct neighbor *const *to,
    size_t count, struct intent_result *sum)
{
	struct gathered g = { 0 };

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < to[i]->config->route_count; k++) {
			const struct config_route *r = &to[i]->config->routes[k];

			/* what is not told is not withdrawn once more */
			if (strcmp(r->draft.watchdog, name) == 0 &&
			    (up || watchdog_up(to[i], &r->draft)))
				gather(&g, to[i], r);
		}
	tell(c, &g, up, sum);
}
