#include "controller/rpki/rpki.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/api/api.h"
#include "controller/config/config.h"
#include "controller/gates.h"
#include "controller/rib/rib.h"

enum {
	CHANGES = 16384, /* notes; more than that is everything */
	STEPS = 256,
	SECOND = 1000000,
	LOOK = SECOND / 10, /* after leaving feeds */
	AGAIN = 10 * SECOND, /* a feed could not be made */
	ENDS = 5000 /* ms, for all feeds together, at the end */
};
_Static_assert(2 * CONFIG_CACHES <= ROAS_CACHES, "those that leave and those that come have bits");

struct rpki {
	struct controller *controller;
	struct roas *roas;
	struct list caches; /* struct cache, those that leave included */
	struct roas *changes; /* their prefixes, of cache 0 */
	bool all; /* changes are not counted any more */
	struct loop_item *sweeper;
	struct loop_timer expiry, look, again;
};

static uint64_t
now(const struct rpki *r)
{
	return loop_now(r->controller->loop);
}

/* --- what changed --- */

static void
note_all(struct rpki *r)
{
	r->all = true;
	roas_free(r->changes);
	r->changes = NULL;
}

static void
note(struct rpki *r, const struct roa *a)
{
	struct roa where = { a->prefix, a->prefix.len, 0 };

	if (r->all)
		return;
	prefix_mask(&where.prefix);
	if (!r->changes) {
		r->changes = roas_new();
		roas_use(r->changes, 1);
	}
	(void)roas_add(r->changes, 0, &where);
	if (roas_count(r->changes) > CHANGES)
		note_all(r);
}

struct roas *
rpki_changes(struct rpki *r, bool *all)
{
	struct roas *changes = r->changes;

	*all = r->all;
	r->changes = NULL;
	r->all = false;
	return changes;
}

/* While one that is heard is in the middle of saying something, what is known is neither the old nor the new. */
static void
settle(struct rpki *r)
{
	if (!r->all && !r->changes)
		return;
	LIST_EACH(link, &r->caches) {
		const struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (k->syncing && rpki_heard(k))
			return;
	}
	rib_origins_changed(r->controller);
	gates_reconsider(r->controller, "rpki");
}

/* --- who is heard --- */

bool
rpki_heard(const struct cache *k)
{
	return roas_used(k->rpki->roas) & UINT32_C(1) << k->number;
}

/* Those of the lowest preference, among the ones in step or among all. */
static uint32_t
best(const struct rpki *r, bool up)
{
	unsigned lowest = 256;
	uint32_t bits = 0;

	LIST_EACH(link, &r->caches) {
		const struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (k->state == CACHE_LEAVING || !k->known || (up && k->state != CACHE_UP) ||
		    k->preference > lowest)
			continue;
		if (k->preference < lowest)
			bits = 0;
		lowest = k->preference;
		bits |= UINT32_C(1) << k->number;
	}
	return bits;
}

static void
choose(struct rpki *r)
{
	uint32_t up = best(r, true), used = up ? up : best(r, false);

	if (used != roas_used(r->roas)) {
		roas_use(r->roas, used);
		note_all(r);
	}
	settle(r);
}

static void
set_expiry(struct rpki *r)
{
	uint64_t first = 0;

	LIST_EACH(link, &r->caches) {
		const struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (k->known && k->state != CACHE_LEAVING && (first == 0 || k->expires < first))
			first = k->expires;
	}
	if (first)
		loop_timer_set(r->controller->loop, &r->expiry, first);
	else
		loop_timer_stop(r->controller->loop, &r->expiry);
}

static void
on_expiry(void *self)
{
	struct rpki *r = self;

	LIST_EACH(link, &r->caches) {
		struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (!k->known || k->state == CACHE_LEAVING || k->expires > now(r))
			continue;
		k->known = false;
		log_warning("rpki", "cache %s: not heard of for %u s: what it said holds no longer",
		    k->name, k->expire);
		api_cache(r->controller->api, k, "expired");
	}
	set_expiry(r);
	choose(r);
}

/* --- what a cache says --- */

static void
came_up(struct cache *k)
{
	k->state = CACHE_UP;
	k->since = now(k->rpki);
	k->ups++;
	k->why[0] = '\0';
	log_info("rpki", "cache %s is up: %zu ROAs, serial %u", k->name, k->count, k->serial);
	api_cache(k->rpki->controller->api, k, "up");
}

static void
went_down(struct cache *k, const char *why)
{
	bool news = k->state == CACHE_UP, same = strcmp(k->why, why) == 0;

	snprintf(k->why, sizeof k->why, "%s", why);
	if (news)
		k->since = now(k->rpki);
	if (news || !same)
		log_warning(
		    "rpki", "cache %s is %s: %s", k->name, news ? "down" : "not to be had", why);
	k->state = CACHE_DOWN;
	k->overfull = false;
	k->syncing = false;
	if (news)
		api_cache(k->rpki->controller->api, k, "down");
	choose(k->rpki);
}

static void
synced(struct cache *k, const struct feed_message *m)
{
	struct rpki *r = k->rpki;

	k->syncing = false;
	k->serial = m->serial;
	k->session = m->session;
	k->refresh = m->refresh;
	k->retry = m->retry;
	k->expire = m->expire;
	k->heard = now(r);
	k->expires = k->heard + (uint64_t)k->expire * SECOND;
	k->known = true;
	if (k->state != CACHE_UP)
		came_up(k);
	set_expiry(r);
	choose(r);
}

static void
on_state(struct cache *k, const struct feed_message *m)
{
	switch (m->state) {
	case FEED_SYNCING:
		k->syncing = true;
		break;
	case FEED_SYNCED:
		synced(k, m);
		break;
	case FEED_EMPTY:
		went_down(k, "it has no data yet");
		break;
	case FEED_LOST:
		went_down(k, m->error ? strerror(m->error)
				      : "the connection ended, or nothing came that is an answer");
		break;
	case FEED_REFUSED:
		went_down(k, "what it says is no RTR that we know, or it refused what we said");
		break;
	case FEED_CONNECTING:
		break;
	}
}

/* Once for each time that the cache comes up. */
static void
left_out(struct cache *k, const struct roa *a)
{
	char prefix[PREFIX_TEXT];

	if (!k->overfull)
		log_warning("rpki",
		    "cache %s has more than %d ROAs for %s: the others are left out", k->name,
		    ROAS_OF_PREFIX, prefix_print(&a->prefix, prefix));
	k->overfull = true;
}

static void
on_message(struct cache *k, const struct feed_message *m)
{
	struct roas *roas = k->rpki->roas;
	size_t refused;

	if (m->kind == FEED_STATE) {
		on_state(k, m);
		return;
	}
	if (!roa_sane(&m->roa))
		return;
	refused = roas_refused(roas);
	if ((m->kind == FEED_ADD ? roas_add : roas_remove)(roas, k->number, &m->roa))
		note(k->rpki, &m->roa);
	if (roas_refused(roas) > refused)
		left_out(k, &m->roa);
	k->count = roas_of(roas, k->number);
}

static enum loop_verdict
on_readable(void *self)
{
	struct cache *k = self;
	struct rpki *r = k->rpki;
	struct feed_message m;

	for (unsigned i = 1; feed_next(k->feed, &m); i++) {
		on_message(k, &m);
		if (i % 32 == 0 && loop_spent(r->controller->loop))
			return LOOP_NOW;
	}
	settle(r);
	return LOOP_LATER;
}

/* --- caches that come and go --- */

static void
connect_cache(struct cache *k)
{
	struct rpki *r = k->rpki;
	struct loop *loop = r->controller->loop;

	k->feed = feed_open(&k->options);
	if (k->feed) {
		k->item = loop_zmq(loop, feed_socket(k->feed), LOOP_WORK, on_readable, k);
		return;
	}
	snprintf(k->why, sizeof k->why, "%s", strerror(errno));
	log_error("rpki", "cache %s: %s", k->name, k->why);
	loop_timer_set(loop, &r->again, now(r) + AGAIN);
}

static void
on_again(void *self)
{
	struct rpki *r = self;

	LIST_EACH(link, &r->caches) {
		struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (!k->feed && k->state != CACHE_LEAVING)
			connect_cache(k);
	}
}

/* So many of the configuration and as many that leave are never more than there are numbers, unless it is read anew
 * again and again while librtr frees its tables. */
static int
free_number(const struct rpki *r)
{
	uint32_t taken = 0;

	LIST_EACH(link, &r->caches)
		taken |= UINT32_C(1) << LIST_ENTRY(link, struct cache, link)->number;
	for (int i = 0; i < ROAS_CACHES; i++)
		if (!(taken >> i & 1))
			return i;
	return -1;
}

static void
settings(struct cache *k, const struct config_cache *c)
{
	k->options = (struct feed_options){ .address = c->address,
		.port = c->port,
		.refresh = c->refresh,
		.retry = c->retry,
		.expire = c->expire };
	k->preference = c->preference;
}

static void
come(struct rpki *r, const struct config_cache *c)
{
	int number = free_number(r);
	struct cache *k;

	if (number < 0) {
		log_error("rpki", "cache %s: others have not left yet; reload again", c->name);
		return;
	}
	k = mem_zero(sizeof *k);
	k->rpki = r;
	k->number = (unsigned)number;
	k->since = now(r);
	snprintf(k->name, sizeof k->name, "%s", c->name);
	snprintf(k->why, sizeof k->why, "it has not answered yet");
	settings(k, c);
	list_add(&r->caches, &k->link);
	connect_cache(k);
}

static void
leave(struct cache *k)
{
	struct rpki *r = k->rpki;

	log_info("rpki", "cache %s is not in the configuration any more", k->name);
	if (k->state == CACHE_UP)
		api_cache(r->controller->api, k, "removed");
	k->state = CACHE_LEAVING;
	k->since = now(r);
	k->known = k->syncing = false;
	loop_close(k->item);
	k->item = NULL;
	if (k->feed)
		feed_stop(k->feed);
	loop_wake(r->sweeper);
}

static void
cache_free(struct cache *k, unsigned patience)
{
	loop_close(k->item);
	if (k->feed && !feed_free(k->feed, patience))
		log_error("rpki", "cache %s: its connection does not end, and is left", k->name);
	list_remove(&k->link);
	mem_free(k);
}

static void
sweep_one(void *arg, const struct roa *a, uint32_t caches)
{
	const struct cache *k = arg;

	/* it counts no longer: nothing changes by that */
	if (caches >> k->number & 1)
		(void)roas_remove(k->rpki->roas, k->number, a);
}

static void
on_look(void *self)
{
	loop_wake(((struct rpki *)self)->sweeper);
}

/* What a cache that left had said is forgotten in steps; then it is, when librtr is done with it. */
static enum loop_verdict
sweep(void *self)
{
	struct rpki *r = self;
	struct loop *loop = r->controller->loop;

	LIST_EACH(link, &r->caches) {
		struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (k->state != CACHE_LEAVING)
			continue;
		while (!roas_visit(r->roas, &k->swept, STEPS, sweep_one, k))
			if (loop_spent(loop))
				return LOOP_NOW;
		if (!k->feed || feed_ended(k->feed)) {
			cache_free(k, ENDS);
			continue;
		}
		feed_stop(k->feed);
		loop_timer_set(loop, &r->look, now(r) + LOOK);
	}
	return LOOP_LATER;
}

static const struct config_cache *
configured(const struct config *c, const struct cache *k)
{
	for (size_t i = 0; i < c->cache_count; i++)
		if (strcmp(c->caches[i].name, k->name) == 0)
			return &c->caches[i];
	return NULL;
}

static struct cache *
find(const struct rpki *r, const char *name)
{
	LIST_EACH(link, &r->caches) {
		struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (k->state != CACHE_LEAVING && strcmp(k->name, name) == 0)
			return k;
	}
	return NULL;
}

static bool
same_connection(const struct cache *k, const struct config_cache *c)
{
	const struct feed_options *o = &k->options;

	return addr_equal(&o->address, &c->address) && o->port == c->port &&
	       o->refresh == c->refresh && o->retry == c->retry && o->expire == c->expire;
}

/* --- life --- */

static struct rpki *
rpki_new(struct controller *c)
{
	struct rpki *r = mem_zero(sizeof *r);

	r->controller = c;
	r->roas = roas_new();
	list_init(&r->caches);
	r->sweeper = loop_work(c->loop, LOOP_WORK, sweep, r);
	r->expiry = (struct loop_timer){ .fire = on_expiry, .self = r };
	r->look = (struct loop_timer){ .fire = on_look, .self = r };
	r->again = (struct loop_timer){ .fire = on_again, .self = r };
	return r;
}

void
rpki_apply(struct controller *c)
{
	const struct config *config = c->config;
	struct rpki *r = c->rpki;

	if (!r && config->cache_count == 0)
		return;
	if (!r)
		r = c->rpki = rpki_new(c);
	LIST_EACH(link, &r->caches) {
		struct cache *k = LIST_ENTRY(link, struct cache, link);
		const struct config_cache *said = configured(config, k);

		if (k->state == CACHE_LEAVING)
			continue;
		if (said && same_connection(k, said))
			k->preference = said->preference;
		else
			leave(k);
	}
	for (size_t i = 0; i < config->cache_count; i++)
		if (!find(r, config->caches[i].name))
			come(r, &config->caches[i]);
	set_expiry(r);
	choose(r);
}

void
rpki_free(struct controller *c)
{
	struct rpki *r = c->rpki;
	uint64_t until = clock_monotonic() / 1000 + ENDS;

	if (!r)
		return;
	LIST_EACH(link, &r->caches) {
		struct cache *k = LIST_ENTRY(link, struct cache, link);

		if (k->feed)
			feed_stop(k->feed); /* all of them at once */
	}
	LIST_EACH(link, &r->caches) {
		uint64_t at = clock_monotonic() / 1000;

		cache_free(
		    LIST_ENTRY(link, struct cache, link), at < until ? (unsigned)(until - at) : 0);
	}
	loop_timer_stop(c->loop, &r->expiry);
	loop_timer_stop(c->loop, &r->look);
	loop_timer_stop(c->loop, &r->again);
	loop_close(r->sweeper);
	roas_free(r->changes);
	roas_free(r->roas);
	mem_free(r);
	c->rpki = NULL;
}

const struct roas *
rpki_roas(const struct controller *c)
{
	return c->rpki ? c->rpki->roas : NULL;
}

const struct list *
rpki_caches(const struct rpki *r)
{
	return &r->caches;
}
