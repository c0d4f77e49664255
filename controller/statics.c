#include "controller/statics.h"
#include <stdio.h>
#include <string.h>
#include "common/blob.h"
#include "common/index.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/owners.h"
#include "controller/telling.h"
#include "controller/watchdog.h"

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

/* One neighbor of whom routes are told. */
struct part {
	const struct neighbor *neighbor;
	uint32_t number; /* while the neighbor is there it is its own */
	enum watchdog_was was; /* said of the watchdog before */
};

/* A route of a neighbor that is told. */
struct one {
	uint32_t part, route;
	/* in statics.one: the next of its group, NONE: it is the last; while it is contested, the one that has taken an NLRI of it */
	uint32_t next;
	uint32_t holds : 31; /* NLRI of it that no later route has */
	uint32_t
	    contested : 1; /* another route of this neighbor has an NLRI of it: the order means something */
};

/* The same route of several neighbors. */
struct group {
	uint64_t digest;
	uint32_t first, last;
};

/* An NLRI of the neighbor that is looked at, and the last route that has it. */
struct claim {
	uint64_t key;
	uint32_t one;
};

enum { NONE = 0xffffffff, STEPS = 64, TELLS = 16 };

/* First the routes of one neighbor after the other are looked at, then all are told. */
struct statics {
	struct controller *controller;
	char watchdog[64]; /* of this alone; "": all that are up */
	bool up;
	struct part *part;
	struct one *one;
	struct group *group;
	struct claim *claim;
	size_t parts, part_cap, ones, one_cap, groups, group_cap, claims, claim_cap;
	struct index by_digest, by_key; /* groups whose routes are not contested; claims */
	struct neighbor **to; /* room for the neighbors of a group */
	size_t to_cap;
	/* how far it is: the part; of its configuration's routes; of the draft of that; of its ones; the group that is told next */
	size_t at_part, at_route, at_one, at_group;
	uint64_t at_nlri;
	bool in_draft;
	uint64_t at_piece; /* of the group that is told */
	/* of the neighbor that is looked at: routes that a later one hides, and the first of them */
	size_t hidden;
	uint32_t hides;
};

static uint32_t
hash_group(void *self, uint32_t number)
{
	return (uint32_t)((struct statics *)self)->group[number].digest;
}

static uint32_t
hash_claim(void *self, uint32_t number)
{
	return (uint32_t)((struct statics *)self)->claim[number].key;
}

/* Neighbors come and go while it is told; what is theirs goes with them. */
static struct neighbor *
neighbor_of(const struct statics *s, const struct part *p)
{
	struct neighbor *n = neighbor_by_number(s->controller, p->number);

	return n == p->neighbor ? n : NULL;
}

static const struct config_route *
route_of(const struct statics *s, const struct one *o)
{
	return &s->part[o->part].neighbor->config->routes[o->route];
}

/* --- what one neighbor is told twice --- */

/* Of routes about the same the last one holds, as in ExaBGP. */
static void
claim(struct statics *s, enum family family, struct nlri nlri, uint32_t number)
{
	struct reader (*identity)(struct reader, uint8_t *) = nlri_key(family);
	uint8_t room[NLRI_KEY_MAX];
	struct reader octets = identity ? identity(nlri.octets, room) : nlri.octets;
	uint64_t h[2] = { (uint64_t)family << 32 | nlri.path_id,
		hash_octets(octets.at, octets.left) };
	uint64_t key = hash_octets(h, sizeof h);
	struct one *o = &s->one[number];
	struct index_walk w = { 0 };
	uint32_t had;

	while (index_next(&s->by_key, (uint32_t)key, &w, &had)) {
		struct claim *c = &s->claim[had];

		if (c->key != key)
			continue;
		if (c->one != number) {
			s->one[c->one].contested = o->contested = 1;
			s->one[c->one].holds--;
			s->one[c->one].next = number;
			o->holds++;
			c->one = number;
		}
		return;
	}
	o->holds++;
	s->claim = mem_grow(s->claim, &s->claim_cap, s->claims + 1, sizeof *s->claim);
	s->claim[s->claims] = (struct claim){ key, number };
	index_insert(&s->by_key, (uint32_t)key, (uint32_t)s->claims++);
}

/* Is this route of the configuration one of those that are told? */
static bool
is_meant(const struct statics *s, const struct part *p, const struct route_draft *d)
{
	if (s->watchdog[0] == '\0')
		return watchdog_up(p->neighbor, d);
	/* what is not told is not withdrawn once more */
	return strcmp(d->watchdog, s->watchdog) == 0 &&
	       (s->up || (p->was == WATCHDOG_UNSAID ? !d->withdrawn : p->was == WATCHDOG_UP));
}

/* Some of the routes of a neighbor. True: that was the last. */
static bool
look(struct statics *s, struct part *p)
{
	const struct config_neighbor *c = p->neighbor->config;
	uint8_t piece[ROUTE_PIECE_MAX];
	struct nlri nlri;

	for (unsigned i = 0; i < STEPS && s->at_route < c->route_count; i++) {
		const struct route_draft *d = &c->routes[s->at_route].draft;

		if (!s->in_draft) {
			if (!is_meant(s, p, d)) {
				s->at_route++;
				continue;
			}
			s->one = mem_grow(s->one, &s->one_cap, s->ones + 1, sizeof *s->one);
			s->one[s->ones++] =
			    (struct one){ (uint32_t)s->at_part, (uint32_t)s->at_route, NONE, 0, 0 };
			s->in_draft = true;
			s->at_nlri = 0;
		}
		if (route_draft_next(d, &s->at_nlri, piece, &nlri)) {
			claim(s, d->family, nlri, (uint32_t)s->ones - 1);
		} else {
			s->in_draft = false;
			s->at_route++;
		}
	}
	return s->at_route == c->route_count;
}

/* The one that holds what this one said first. */
static const struct one *
holder(const struct statics *s, const struct one *o)
{
	while (o->contested && o->holds == 0)
		o = &s->one[o->next];
	return o;
}

/* Who wonders why a route is not announced as a line of his says finds it in the log; what is there twice in the same words
 * misses nothing. */
static void
hide(struct statics *s, uint32_t number, uint64_t digest)
{
	if (digest_of(&route_of(s, holder(s, &s->one[number]))->draft) == digest)
		return;
	if (s->hidden++ == 0)
		s->hides = number;
}

static void
log_hidden(const struct statics *s)
{
	const struct one *o = &s->one[s->hides];
	const struct config_route *first = route_of(s, o), *holds = route_of(s, holder(s, o));
	char others[64] = "";

	if (s->hidden > 1)
		snprintf(others, sizeof others, "; so it is with %zu more", s->hidden - 1);
	log_info(s->part[s->at_part].neighbor->name,
	    "%s:%u: not told: %s:%u says something else of the same route, and the last holds%s",
	    first->file, first->line, holds->file, holds->line, others);
}

/* The same routes side by side, in the order in which the first of them was written; what is contested in its own place. */
static void
arrange(struct statics *s, uint32_t number)
{
	struct one *o = &s->one[number];
	uint64_t digest = digest_of(&route_of(s, o)->draft);
	struct index_walk w = { 0 };
	uint32_t has;

	if (o->contested && o->holds == 0) {
		hide(s, number, digest);
		return;
	}
	o->next = NONE;
	while (!o->contested && index_next(&s->by_digest, (uint32_t)digest, &w, &has)) {
		struct group *g = &s->group[has];

		if (g->digest != digest)
			continue;
		s->one[g->last].next = number;
		g->last = number;
		return;
	}
	s->group = mem_grow(s->group, &s->group_cap, s->groups + 1, sizeof *s->group);
	s->group[s->groups] = (struct group){ digest, number, number };
	if (!o->contested)
		index_insert(&s->by_digest, (uint32_t)digest, (uint32_t)s->groups);
	s->groups++;
}

static void
next_part(struct statics *s)
{
	if (s->hidden > 0 && s->up)
		log_hidden(s);
	s->hidden = 0;
	s->at_part++;
	s->at_route = 0;
	s->in_draft = false;
	s->claims = 0;
	index_fini(&s->by_key);
	index_init(&s->by_key, hash_claim, s);
	s->at_one = s->ones;
}

/* A little of one neighbor. */
static void
gather(struct statics *s)
{
	struct part *p = &s->part[s->at_part];

	if (!neighbor_of(s, p)) { /* it went: so do its routes that are not arranged */
		s->ones = s->at_one;
		s->hidden = 0;
		next_part(s);
		return;
	}
	if (s->at_route < p->neighbor->config->route_count) {
		(void)look(s, p);
		return;
	}
	for (unsigned i = 0; i < STEPS && s->at_one < s->ones; i++)
		arrange(s, (uint32_t)s->at_one++);
	if (s->at_one == s->ones)
		next_part(s);
}

static void
announce(struct controller *c, const struct config_route *r, struct neighbor **to, size_t count,
    uint64_t *state, struct intent_result *result)
{
	uint32_t owner = r->draft.watchdog[0] ? owner_watchdog(c->owners) : OWNER_CONFIG;
	struct reason why = { 0 };

	/* of what has no room the log has a line already */
	if (intent_announce_some(c, &r->draft, to, count, owner, state, result, &why) < 0 &&
	    result->refused.full == 0)
		log_error("configuration", "%s:%u: %s", r->file, r->line, why.text);
}

/* The neighbors of a group that are there; *any: one of its routes. → how many */
static size_t
neighbors_of(struct statics *s, const struct group *g, const struct config_route **any)
{
	size_t n = 0;

	for (uint32_t i = g->first; i != NONE; i = s->one[i].next) {
		struct neighbor *one = neighbor_of(s, &s->part[s->one[i].part]);

		if (!one)
			continue;
		*any = route_of(s, &s->one[i]);
		s->to = mem_grow(s->to, &s->to_cap, n + 1, sizeof *s->to);
		s->to[n++] = one;
	}
	return n;
}

/* Say a route, or withdraw it, once for all neighbors that have it; of one that is split, some of its pieces. True: that was
 * all of it. */
static bool
tell(struct statics *s, const struct group *g, struct intent_result *sum)
{
	struct intent_result result = { 0 };
	const struct config_route *route;
	size_t n = neighbors_of(s, g, &route);
	bool first = s->at_piece == 0;

	if (n == 0)
		return true;
	if (s->up)
		announce(s->controller, route, s->to, n, &s->at_piece, &result);
	else
		intent_withdraw_some(s->controller, &route->draft, s->to, n, &s->at_piece, &result);
	sum->routes += result.routes;
	sum->news += result.news;
	sum->skipped += first ? result.skipped : 0;
	return result.routes < INTENT_SOME;
}

bool
statics_step(struct statics *s, struct intent_result *sum)
{
	if (s->at_part < s->parts) {
		gather(s);
		return false;
	}
	for (unsigned i = 0; i < TELLS && s->at_group < s->groups; i++) {
		if (!tell(s, &s->group[s->at_group], sum))
			return false;
		s->at_group++;
		s->at_piece = 0;
	}
	return s->at_group == s->groups;
}

/* --- life --- */

struct statics *
statics_new(struct controller *c, const char *watchdog, bool up)
{
	struct statics *s = mem_zero(sizeof *s);

	s->controller = c;
	snprintf(s->watchdog, sizeof s->watchdog, "%s", watchdog ? watchdog : "");
	s->up = up;
	index_init(&s->by_digest, hash_group, s);
	index_init(&s->by_key, hash_claim, s);
	return s;
}

static void
add_part(struct statics *s, const struct neighbor *n, enum watchdog_was was)
{
	s->part = mem_grow(s->part, &s->part_cap, s->parts + 1, sizeof *s->part);
	s->part[s->parts++] = (struct part){ n, n->number, was };
}

void
statics_add(struct statics *s, const struct neighbor *n, enum watchdog_was was)
{
	if (n->config->route_count > 0)
		add_part(s, n, was);
}

void
statics_free(struct statics *s)
{
	if (!s)
		return;
	index_fini(&s->by_digest);
	index_fini(&s->by_key);
	mem_free(s->part);
	mem_free(s->one);
	mem_free(s->group);
	mem_free(s->claim);
	mem_free(s->to);
	mem_free(s);
}

void
statics_begin(struct controller *c)
{
	/* the second is there when it has anything */
	for (uint32_t i = 1; i <= owners_count(c->owners); i++)
		if (owner_is_config(c->owners, i))
			intent_begin(c, i);
}

void
statics_sweep(struct controller *c)
{
	for (uint32_t i = 1; i <= owners_count(c->owners); i++)
		if (owner_is_config(c->owners, i))
			intent_sweep(c, i);
}

/* --- of one neighbor --- */

struct alone {
	struct telling telling;
	struct statics *statics;
	struct intent_result sum;
	void (*told)(struct neighbor *);
};

static struct alone *
alone_of(struct telling *t)
{
	return LIST_ENTRY(t, struct alone, telling);
}

static void
begin(struct telling *t)
{
	(void)t;
}

static bool
step(struct telling *t)
{
	struct alone *a = alone_of(t);

	return statics_step(a->statics, &a->sum);
}

static void
end(struct telling *t, bool done)
{
	struct alone *a = alone_of(t);
	struct neighbor *n = done ? neighbor_of(a->statics, &a->statics->part[0]) : NULL;

	if (n)
		a->told(n);
	statics_free(a->statics);
	mem_free(a);
}

static const struct telling_ops ops = { begin, step, end };

void
statics_tell(struct neighbor *n, void (*told)(struct neighbor *))
{
	struct alone *a = mem_zero(sizeof *a);

	a->telling.ops = &ops;
	a->statics = statics_new(n->controller, NULL, true);
	add_part(a->statics, n, WATCHDOG_UNSAID);
	a->told = told;
	telling_ask(n->controller, &a->telling);
}
