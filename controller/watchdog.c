#include "controller/watchdog.h"
#include <stdio.h>
#include <string.h>
#include "common/index.h"
#include "common/mem.h"
#include "controller/statics.h"
#include "controller/telling.h"

enum { STEPS = 64, TELLS = 16 };

/* What was said last of a name to a neighbor. */
struct watchdog_said {
	struct list link; /* in neighbor.watchdogs */
	bool up;
	char name[64];
};

/* A client's routes under a watchdog. */
struct watched {
	struct list link; /* in watchdogs.list */
	uint32_t place, hash; /* in watchdogs.at; of its routes */
	uint32_t owner;
	uint64_t came; /* those of watchdogs.came before it */
	uint32_t members, up; /* sets of neighbors: who has them, who is told them */
	struct route_draft draft;
};

struct watchdogs {
	struct controller *controller;
	struct list list; /* in the order in which they were said */
	uint64_t came; /* how many there have been */
	struct list *next; /* of it, for the telling that is under way; NULL: none is */
	struct watched **at; /* [place]: without holes, the last one is moved into each */
	uint32_t count;
	size_t room;
	struct index by_routes; /* places */
	/* Neighbors that are gone are taken out in slices, from the end to the beginning. */
	struct loop_item *forgetter;
	uint32_t forgetting, left; /* a share of their set; places still to be looked at */
};

static struct watched *
watched_at(struct list *link)
{
	return LIST_ENTRY(link, struct watched, link);
}

/* --- what was said of a name --- */

static struct watchdog_said *
said_of(const struct neighbor *n, const char *name)
{
	LIST_EACH(link, &n->watchdogs) {
		struct watchdog_said *s = LIST_ENTRY(link, struct watchdog_said, link);

		if (strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

/* → what was said before */
static enum watchdog_was
say(struct neighbor *n, const char *name, bool up)
{
	struct watchdog_said *s = said_of(n, name);
	enum watchdog_was was = !s ? WATCHDOG_UNSAID : s->up ? WATCHDOG_UP : WATCHDOG_DOWN;

	if (!s) {
		s = mem_zero(sizeof *s);
		snprintf(s->name, sizeof s->name, "%s", name);
		list_add(&n->watchdogs, &s->link);
	}
	s->up = up;
	return was;
}

bool
watchdog_up(const struct neighbor *n, const struct route_draft *d)
{
	const struct watchdog_said *s = d->watchdog[0] ? said_of(n, d->watchdog) : NULL;

	return s ? s->up : !d->withdrawn;
}

/* --- routes of clients --- */

static struct octets
octets_copy(const struct octets *from)
{
	struct octets to = { 0 };

	octets_add(&to, from->base, from->len);
	return to;
}

static uint32_t
set_of_all(struct sets *sets, struct neighbor *const *to, size_t count)
{
	struct set_members members = { 0 };

	for (size_t i = 0; i < count; i++)
		set_add(&members, to[i]->number);
	return set_of_members(sets, &members);
}

/* `into` becomes what the function makes of it and the other. */
static void
replace(struct sets *sets, uint32_t (*how)(struct sets *, uint32_t, uint32_t), uint32_t *into,
    uint32_t other)
{
	uint32_t next = how(sets, *into, other);

	set_put(sets, *into);
	*into = next;
}

static uint32_t
hash_of(const struct route_draft *d)
{
	uint64_t h[3] = { (uint64_t)d->family << 32 | d->split, d->path_id,
		hash_octets(d->nlri.base, d->nlri.len) };

	return (uint32_t)hash_octets(h, sizeof h);
}

static uint32_t
hash_at(void *self, uint32_t place)
{
	const struct watchdogs *all = self;

	return all->at[place]->hash;
}

static enum loop_verdict forget(void *);

static struct watchdogs *
watchdogs_of(struct controller *c)
{
	struct watchdogs *all = c->watchdogs;

	if (!all) {
		all = c->watchdogs = mem_zero(sizeof *all);
		all->controller = c;
		list_init(&all->list);
		index_init(&all->by_routes, hash_at, all);
		all->forgetter = loop_work(c->loop, LOOP_WORK, forget, all);
	}
	return all;
}

bool
watchdog_any(const struct controller *c)
{
	return c->watchdogs && c->watchdogs->count > 0;
}

static void
take_place(struct watchdogs *all, struct watched *w)
{
	all->at = mem_grow(all->at, &all->room, all->count + 1, sizeof(struct watched *));
	w->place = all->count;
	w->hash = hash_of(&w->draft);
	all->at[all->count++] = w;
	w->came = all->came++;
	index_insert(&all->by_routes, w->hash, w->place);
	list_add(&all->list, &w->link);
}

static void
leave_place(struct watchdogs *all, struct watched *w)
{
	struct watched *last = all->at[all->count - 1];

	index_remove(&all->by_routes, w->hash, w->place);
	if (last != w) {
		index_remove(&all->by_routes, last->hash, last->place);
		last->place = w->place;
		all->at[last->place] = last;
		index_insert(&all->by_routes, last->hash, last->place);
	}
	all->count--;
	if (all->next == &w->link)
		all->next = w->link.next;
	list_remove(&w->link);
}

static void
watched_free(struct controller *c, struct watched *w)
{
	set_put(c->sets, w->members);
	set_put(c->sets, w->up);
	leave_place(c->watchdogs, w);
	route_draft_fini(&w->draft);
	mem_free(w);
}

/* True when it is gone with that. */
static bool
part(struct controller *c, struct watched *w, uint32_t set)
{
	if (!set_meets(c->sets, w->members, set))
		return false;
	replace(c->sets, set_minus, &w->members, set);
	replace(c->sets, set_minus, &w->up, set);
	if (w->members != SET_NONE)
		return false;
	watched_free(c, w);
	return true;
}

static bool
same_routes(const struct route_draft *a, const struct route_draft *b)
{
	return a->family == b->family && a->path_id == b->path_id && a->split == b->split &&
	       reader_equal(octets_read(&a->nlri), octets_read(&b->nlri));
}

/* True when one is gone: the places are others then. */
static bool
leave_one(struct controller *c, const struct route_draft *d, uint32_t set)
{
	const struct watchdogs *all = c->watchdogs;
	uint32_t hash = hash_of(d), place;
	struct index_walk walk = { 0 };

	while (index_next(&all->by_routes, hash, &walk, &place))
		if (same_routes(&all->at[place]->draft, d) && part(c, all->at[place], set))
			return true;
	return false;
}

void
watchdog_leave(
    struct controller *c, const struct route_draft *d, struct neighbor *const *to, size_t count)
{
	uint32_t set;

	if (!watchdog_any(c))
		return;
	set = set_of_all(c->sets, to, count);
	while (leave_one(c, d, set))
		;
	set_put(c->sets, set);
}

void
watchdog_join(struct controller *c, const struct route_draft *d, uint32_t owner,
    struct neighbor *const *to, size_t count)
{
	struct watched *w;

	watchdog_leave(c, d, to, count);
	w = mem_zero(sizeof *w);
	w->owner = owner;
	w->draft = *d;
	w->draft.nlri = octets_copy(&d->nlri);
	w->draft.attributes = octets_copy(&d->attributes);
	w->draft.raw = octets_copy(&d->raw);
	w->members = set_of_all(c->sets, to, count);
	w->up = d->withdrawn ? SET_NONE : set_get(c->sets, w->members);
	take_place(watchdogs_of(c), w);
}

/* Those of the neighbors that are in the set. */
static size_t
among(const struct controller *c, uint32_t set, struct neighbor *const *to, size_t count,
    struct neighbor **out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (set_has(c->sets, set, to[i]->number))
			out[n++] = to[i];
	return n;
}

static int
raise_watched(struct controller *c, struct watched *w, struct neighbor *const *to, size_t count,
    struct intent_result *result, struct reason *why)
{
	struct neighbor **some = mem_zero((count + 1) * sizeof(struct neighbor *));
	size_t n = among(c, w->members, to, count, some);
	uint32_t set = set_of_all(c->sets, some, n);
	int ok = n > 0 ? intent_announce(c, &w->draft, some, n, w->owner, result, why) : 0;

	if (ok == 0 || result->refused.full > 0) /* some are told, though not all had room */
		replace(c->sets, set_union, &w->up, set);
	set_put(c->sets, set);
	mem_free(some);
	return ok;
}

static void
lower_watched(struct controller *c, struct watched *w, struct neighbor *const *to, size_t count,
    struct intent_result *result)
{
	struct neighbor **some = mem_zero((count + 1) * sizeof(struct neighbor *));
	size_t n = among(c, w->up, to, count, some);
	uint32_t set = set_of_all(c->sets, some, n);

	if (n > 0)
		intent_withdraw(c, &w->draft, some, n, result);
	replace(c->sets, set_minus, &w->up, set);
	set_put(c->sets, set);
	mem_free(some);
}

/* --- the commands --- */

static void
add(struct intent_result *sum, const struct intent_result *one)
{
	sum->routes += one->routes;
	sum->news += one->news;
	sum->skipped += one->skipped;
}

/* A name is raised or lowered: of the configuration's routes first, then of clients' that were there when it began. */
struct change {
	struct telling telling;
	struct controller *controller;
	char name[64];
	bool up;
	uint32_t *number; /* of the neighbors */
	struct neighbor **to; /* those of them that are there, in each step anew */
	size_t count;
	struct statics *statics;
	uint64_t until; /* those that came later are not meant */
	struct intent_result sum;
	struct reason why;
	int failed;
	watchdog_done *done;
	void *self;
};

static struct change *
change_of(struct telling *t)
{
	return LIST_ENTRY(t, struct change, telling);
}

static size_t
find_neighbors(struct change *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->count; i++) {
		struct neighbor *one = neighbor_by_number(x->controller, x->number[i]);

		if (one)
			x->to[n++] = one;
	}
	return n;
}

static void
begin(struct telling *t)
{
	struct change *x = change_of(t);
	struct watchdogs *all = watchdogs_of(x->controller);
	size_t n = find_neighbors(x);

	x->statics = statics_new(x->controller, x->name, x->up);
	for (size_t i = 0; i < n; i++)
		statics_add(x->statics, x->to[i], say(x->to[i], x->name, x->up));
	x->until = all->came;
	all->next = all->list.next;
}

/* True when nothing is to be done after it. */
static bool
tell(struct change *x, struct watched *w, size_t count)
{
	struct intent_result one = { 0 };

	if (strcmp(w->draft.watchdog, x->name) != 0)
		return false;
	if (x->up)
		x->failed = raise_watched(x->controller, w, x->to, count, &one, &x->why);
	else
		lower_watched(x->controller, w, x->to, count, &one);
	if (x->failed == 0)
		add(&x->sum, &one);
	return x->failed < 0;
}

static bool
step(struct telling *t)
{
	struct change *x = change_of(t);
	struct watchdogs *all = x->controller->watchdogs;
	size_t n;

	if (x->statics) {
		if (statics_step(x->statics, &x->sum)) {
			statics_free(x->statics);
			x->statics = NULL;
		}
		return false;
	}
	n = find_neighbors(x);
	for (unsigned i = 0; i < TELLS && all->next != &all->list; i++) {
		struct watched *w = watched_at(all->next);

		if (w->came >= x->until)
			return true;
		all->next = w->link.next;
		if (tell(x, w, n))
			return true;
	}
	return all->next == &all->list;
}

static void
end(struct telling *t, bool done)
{
	struct change *x = change_of(t);

	if (t->begun)
		x->controller->watchdogs->next = NULL;
	(void)done; /* of the controller's end it has to be told, too */
	x->done(x->self, x->failed, &x->sum, &x->why);
	statics_free(x->statics);
	mem_free(x->number);
	mem_free(x->to);
	mem_free(x);
}

static const struct telling_ops ops = { begin, step, end };

void
watchdog_ask(struct controller *c, const char *name, bool up, struct neighbor *const *to,
    size_t count, watchdog_done *done, void *self)
{
	struct change *x = mem_zero(sizeof *x);

	x->telling.ops = &ops;
	x->controller = c;
	snprintf(x->name, sizeof x->name, "%s", name);
	x->up = up;
	x->count = count;
	x->number = mem_alloc((count + 1) * sizeof *x->number);
	x->to = mem_alloc((count + 1) * sizeof(struct neighbor *));
	for (size_t i = 0; i < count; i++)
		x->number[i] = to[i]->number;
	x->done = done;
	x->self = self;
	telling_ask(c, &x->telling);
}

/* --- neighbors that go --- */

static enum loop_verdict
forget(void *self)
{
	struct watchdogs *all = self;
	struct controller *c = all->controller;

	while (all->left > 0) {
		all->left = all->left < all->count ? all->left : all->count;
		for (unsigned i = 0; i < STEPS && all->left > 0; i++)
			(void)part(c, all->at[--all->left], all->forgetting);
		if (loop_spent(c->loop))
			return LOOP_NOW;
	}
	set_put(c->sets, all->forgetting);
	all->forgetting = SET_NONE;
	return LOOP_LATER;
}

/* Its number is not given again soon: meanwhile it stands for nobody. */
void
watchdog_forget(struct neighbor *n)
{
	struct controller *c = n->controller;
	struct watchdogs *all = c->watchdogs;

	if (watchdog_any(c)) {
		uint32_t one = set_of(c->sets, n->number);

		replace(c->sets, set_union, &all->forgetting, one);
		set_put(c->sets, one);
		all->left = all->count;
		loop_wake(all->forgetter);
	}
	LIST_EACH(link, &n->watchdogs)
		mem_free(LIST_ENTRY(link, struct watchdog_said, link));
	list_init(&n->watchdogs);
}

void
watchdogs_free(struct controller *c)
{
	struct watchdogs *all = c->watchdogs;

	if (!all)
		return;
	while (all->count > 0)
		watched_free(c, all->at[all->count - 1]);
	set_put(c->sets, all->forgetting);
	loop_close(all->forgetter);
	index_fini(&all->by_routes);
	mem_free(all->at);
	mem_free(all);
	c->watchdogs = NULL;
}
