#include "controller/statics.h"
#include <stdlib.h>
#include "common/blob.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/intent.h"
#include "controller/owners.h"

struct one {
	struct neighbor *neighbor;
	const struct config_route *route;
	uint64_t digest;    /* of all that makes the route */
	size_t order, group; /* as written; the order of the first of its likes */
};

static uint64_t
digest_of(const struct route_draft *d)
{
	uint64_t h[6] = { (uint64_t)d->family << 32 | d->split, (uint64_t)d->has_path_id << 32 | d->path_id };

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

static size_t
gather(struct controller *c, struct one **out)
{
	struct one *list = NULL;
	size_t n = 0, cap = 0;

	LIST_EACH(link, &c->neighbors) {
		struct neighbor *nb = LIST_ENTRY(link, struct neighbor, link);

		for (size_t i = 0; i < nb->config->route_count; i++) {
			const struct config_route *r = &nb->config->routes[i];

			/* `withdraw`: held back until its watchdog says otherwise */
			if (r->draft.withdrawn)
				continue;
			list = mem_grow(list, &cap, n + 1, sizeof *list);
			list[n] = (struct one){ nb, r, digest_of(&r->draft), n, 0 };
			n++;
		}
	}
	*out = list;
	return n;
}

/* The same routes side by side, in the order in which the first of them was written. */
static void
arrange(struct one *list, size_t n)
{
	qsort(list, n, sizeof *list, by_digest);
	for (size_t i = 0; i < n; i++)
		list[i].group = i > 0 && list[i].digest == list[i - 1].digest ? list[i - 1].group :
		    list[i].order;
	qsort(list, n, sizeof *list, by_group);
}

static void
announce(struct controller *c, const struct config_route *r, struct neighbor **to, size_t count)
{
	struct intent_result result = { 0 };
	struct reason why = { 0 };

	if (intent_announce(c, &r->draft, to, count, OWNER_CONFIG, &result, &why) < 0)
		log_error("configuration", "%s:%u: %s", r->file, r->line, why.text);
}

void
statics_apply(struct controller *c)
{
	struct one *list;
	size_t n = gather(c, &list), to_count = 0;
	struct neighbor **to = mem_alloc((n + 1) * sizeof(struct neighbor *));

	intent_begin(c, OWNER_CONFIG);
	if (n > 0)
		arrange(list, n);
	for (size_t i = 0; i < n; i++) {
		to[to_count++] = list[i].neighbor;
		if (i + 1 < n && list[i + 1].group == list[i].group)
			continue;
		announce(c, list[i].route, to, to_count);
		to_count = 0;
	}
	intent_sweep(c, OWNER_CONFIG);
	mem_free(to);
	mem_free(list);
}

void
statics_apply_one(struct neighbor *n)
{
	for (size_t i = 0; i < n->config->route_count; i++)
		if (!n->config->routes[i].draft.withdrawn)
			announce(n->controller, &n->config->routes[i], &n, 1);
}
