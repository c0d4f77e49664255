/* Events of RPKI: a cache came or went, ROAs made another state of a route. They stand in no table: who has no credit
 * is told later that some were missed. ExaBGP has no such thing, and helpers are not told. */
#include "controller/api/event.h"
#include "controller/api/subscription.h"
#include "controller/api/parts.h"
#include "common/clock.h"
#include "controller/fleet.h"
#include "controller/rpki/rpki.h"
#include "proto/bgp/nlri.h"

static void
begin(struct tree *t)
{
	tree_map(t);
	tree_put_text(t, "type", "rpki");
	tree_key(t, "time");
	tree_real(t, clock_wall());
}

static void
event_cache(struct tree *t, const struct cache *k, const char *what)
{
	begin(t);
	tree_put_text(t, "cache", k->name);
	tree_put_text(t, "state", what);
	if (k->why[0])
		tree_put_text(t, "reason", k->why);
	tree_put_uint(t, "serial", k->serial);
	tree_put_uint(t, "roas", k->count);
	tree_map_end(t);
}

static void
event_origin(struct tree *t, const struct neighbor *n, enum family f, struct reader nlri,
    uint32_t origin, const char *before, const char *state)
{
	struct text prefix = { 0 };
	char address[ADDR_TEXT];

	nlri_ops(f)->print(nlri, &prefix);
	begin(t);
	tree_put_text(t, "speaker", n->speaker->name);
	tree_put_text(t, "neighbor", addr_print(&n->peer.address, address));
	tree_put_text(t, "family", family_name(f));
	tree_put_text(t, "route", text_str(&prefix));
	if (origin)
		tree_put_uint(t, "origin", origin);
	tree_put_text(t, "before", before);
	tree_put_text(t, "state", state);
	tree_map_end(t);
	text_fini(&prefix);
}

void
api_cache(struct api *api, const struct cache *k, const char *what)
{
	struct pack event = { 0 };
	struct tree t = tree_pack(&event);

	if (!api || list_empty(&api->subscriptions))
		return;
	event_cache(&t, k, what);
	LIST_EACH(link, &api->subscriptions) {
		struct subscription *s = LIST_ENTRY(link, struct subscription, all);

		if (s->states && !s->listener)
			subscription_event_or_miss(s, &event);
	}
	pack_fini(&event);
}

void
api_origin(const struct neighbor *n, enum family f, struct reader nlri, uint32_t origin,
    const char *before, const char *state)
{
	struct api *api = n->controller->api;
	struct pack event = { 0 };
	struct tree t = tree_pack(&event);

	if (!api || list_empty(&api->subscriptions))
		return;
	LIST_EACH(link, &api->subscriptions) {
		struct subscription *s = LIST_ENTRY(link, struct subscription, all);

		if (!s->updates || s->listener || !subscription_wants(s, n))
			continue;
		if (event.len == 0)
			event_origin(&t, n, f, nlri, origin, before, state);
		subscription_event_or_miss(s, &event);
	}
	pack_fini(&event);
}
