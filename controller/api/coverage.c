/* What clients were told about a neighbor, and the neighbors' coming and going. */
#include <stdio.h>
#include "common/mem.h"
#include "controller/api/cover.h"
#include "controller/api/down.h"
#include "controller/api/event.h"
#include "controller/api/receipt.h"
#include "controller/api/show.h"
#include "controller/fleet.h"

static struct api *
api_of(const struct neighbor *n)
{
	return n->controller->api;
}

struct coverage *
coverage_of(struct neighbor *n)
{
	struct coverage *g = n->coverage;

	if (!g) {
		g = n->coverage = mem_zero(sizeof *g);
		g->neighbor = n;
		list_init(&g->covers);
	}
	return g;
}

const char *
told_name(enum told told)
{
	static const char *const names[] = { "down", "down", "connected", "up", "unknown" };

	return names[told];
}

static void
say_state(struct coverage *g, enum told told, const char *reason, uint64_t session)
{
	struct pack event = { 0 };
	struct tree t = tree_pack(&event);

	g->told = told;
	event_state(&t, g->neighbor, told_name(told), reason, session);
	LIST_EACH(link, &g->covers) {
		struct cover *c = LIST_ENTRY(link, struct cover, of_coverage);

		if (!c->subscription->states)
			continue;
		if (subscription_can(c->subscription) && !c->state_owed) {
			if (c->subscription->listener)
				c->subscription->listener->state(c, told, reason);
			else
				subscription_event_copy(c->subscription, &event);
		} else {
			c->state_owed = true;
			cover_fall_behind(c);
		}
	}
	pack_fini(&event);
}

static enum told
told_of(const struct link_peer_state *s)
{
	if (s->state == PEER_ESTABLISHED)
		return TOLD_UP;
	return s->state >= PEER_OPEN_SENT ? TOLD_CONNECTED : TOLD_DOWN;
}

static bool
covers(const struct subscription *s, const struct coverage *g)
{
	LIST_EACH(link, &g->covers)
		if (LIST_ENTRY(link, struct cover, of_coverage)->subscription == s)
			return true;
	return false;
}

/* A neighbor that is heard of for the first time is covered by those who want it. */
static struct coverage *
meet(struct neighbor *n)
{
	struct coverage *g = coverage_of(n);

	if (g->met)
		return g;
	g->met = true;
	LIST_EACH(link, &api_of(n)->subscriptions) {
		struct subscription *s = LIST_ENTRY(link, struct subscription, all);

		if (!covers(s, g))
			cover_consider(s, n, false);
	}
	return g;
}

void
api_neighbor_configured(struct neighbor *n)
{
	if (!api_of(n))
		return;
	LIST_EACH(link, &api_of(n)->subscriptions) {
		struct subscription *s = LIST_ENTRY(link, struct subscription, all);

		if (s->listener)
			cover_reconsider(s, n);
	}
}

static void
say_report(struct coverage *g, const struct link_peer_state *before)
{
	LIST_EACH(link, &g->covers) {
		struct cover *c = LIST_ENTRY(link, struct cover, of_coverage);

		if (c->subscription->listener && subscription_can(c->subscription))
			c->subscription->listener->report(c, before);
	}
}

void
api_neighbor_state(struct neighbor *n, const struct link_peer_state *before)
{
	const struct link_peer_state *s = &n->state;
	enum told now = told_of(s);
	struct coverage *g;

	if (!api_of(n))
		return;
	g = meet(n);
	say_report(g, before);
	if (g->told == TOLD_UP && (now != TOLD_UP || s->session != g->session))
		say_state(
		    g, TOLD_DOWN, s->why[0] || now != TOLD_UP ? s->why : before->why, g->session);
	if (g->told == TOLD_NOTHING && now == TOLD_DOWN)
		g->told = TOLD_DOWN;
	else if (now != g->told)
		say_state(g, now, now == TOLD_DOWN ? s->why : "", s->session);
	if (now == TOLD_UP)
		g->session = s->session;
}

void
api_neighbor_unknown(struct neighbor *n)
{
	char why[LINK_TEXT];

	if (!api_of(n))
		return;
	shows_neighbor_unknown(api_of(n), n);
	if (!n->coverage)
		return;
	LIST_EACH(link, &n->coverage->covers)
		LIST_ENTRY(link, struct cover, of_coverage)->absent = true;
	snprintf(why, sizeof why, "speaker %s is not connected", n->speaker->name);
	say_state(n->coverage, TOLD_UNKNOWN, why, n->coverage->session);
}

/* What those who cover a neighbor are told when it goes, written once for all. */
struct farewell {
	struct pack state, reset, synced;
};

/* Nobody is told anything by it any more: whoever held its routes forgets them. */
static void
say_gone(struct cover *c, const struct farewell *f)
{
	struct subscription *s = c->subscription;

	if (s->listener)
		s->listener->state(c, TOLD_DOWN, DOWN_REMOVED);
	else if (s->states)
		subscription_event_copy(s, &f->state);
	if (!s->listener && c->updates) {
		subscription_event_copy(s, &f->reset);
		subscription_event_copy(s, &f->synced);
	}
	if (c->first)
		subscription_synced(s);
	cover_close(c);
}

static void
write_farewell(struct farewell *f, const struct neighbor *n)
{
	struct tree state = tree_pack(&f->state), reset = tree_pack(&f->reset),
		    synced = tree_pack(&f->synced);

	event_state(&state, n, "removed", DOWN_REMOVED, n->state.session);
	event_mark(&reset, n, "reset");
	event_mark(&synced, n, "synced");
}

void
api_neighbors_go(struct api *api)
{
	if (api)
		shows_neighbors_go(api);
}

void
api_neighbor_gone(struct neighbor *n)
{
	struct farewell f = { 0 };

	receipts_neighbor_gone(n);
	if (!n->coverage)
		return;
	write_farewell(&f, n);
	LIST_EACH(link, &n->coverage->covers)
		say_gone(LIST_ENTRY(link, struct cover, of_coverage), &f);
	pack_fini(&f.state);
	pack_fini(&f.reset);
	pack_fini(&f.synced);
	mem_free(n->coverage);
	n->coverage = NULL;
}
