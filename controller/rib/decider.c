#include "controller/rib/decider.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/rib/rib_inner.h"

enum { END = 0xffffffff };

struct decider *
decider_named(struct controller *c, const char *name)
{
	struct decider *d;

	LIST_EACH(link, &c->deciders) {
		d = LIST_ENTRY(link, struct decider, link);
		if (strcmp(d->name, name) == 0)
			return d;
	}
	d = mem_zero(sizeof *d);
	d->controller = c;
	snprintf(d->name, sizeof d->name, "%s", name);
	list_init(&d->missed);
	list_add(&c->deciders, &d->link);
	return d;
}

static void
decider_free(struct decider *d)
{
	list_remove(&d->link);
	mem_free(d->place);
	mem_free(d);
}

void
deciders_free(struct controller *c)
{
	LIST_EACH(link, &c->deciders)
		decider_free(LIST_ENTRY(link, struct decider, link));
}

/* Steps through the rules of a configuration's policies that ask. NULL at the end. */
static const struct policy_via *
next_via(const struct config *config, size_t *policy, size_t *rule)
{
	for (; config && *policy < config->policy_count; ++*policy, *rule = 0)
		while (*rule < config->policies[*policy]->rules) {
			const struct policy_via *v =
			    config->policies[*policy]->rule[(*rule)++]->via;

			if (v)
				return v;
		}
	return NULL;
}

static bool
named_by_a_policy(const struct decider *d)
{
	const struct policy_via *v;
	size_t policy = 0, rule = 0;

	while ((v = next_via(d->controller->config, &policy, &rule)))
		if (strcmp(v->client, d->name) == 0)
			return true;
	return false;
}

void
deciders_apply(struct controller *c)
{
	const struct policy_via *v;
	size_t policy = 0, rule = 0;

	while ((v = next_via(c->config, &policy, &rule)))
		(void)decider_named(c, v->client);
	deciders_tidy(c);
}

/* --- the client --- */

static void
let_go(struct decider *d)
{
	struct place *place = d->place;
	uint32_t places = d->places;

	d->ops = NULL;
	d->client = NULL;
	d->place = NULL;
	d->places = d->taken = 0;
	for (uint32_t i = 0; i < places; i++)
		if (place[i].version && place[i].opinion)
			opinion_bereft(place[i].opinion);
	mem_free(place);
}

void
deciders_tidy(struct controller *c)
{
	LIST_EACH(link, &c->deciders) {
		struct decider *d = LIST_ENTRY(link, struct decider, link);

		if (!d->ops && d->opinions == 0 && !named_by_a_policy(d))
			decider_free(d);
	}
}

void
decider_detach(struct decider *d)
{
	struct controller *c = d->controller;

	let_go(d);
	deciders_tidy(c);
}

void
decider_attach(struct decider *d, const struct decider_ops *ops, void *client, uint32_t places)
{
	if (d->ops) {
		d->ops->replaced(d->client);
		let_go(d);
	}
	d->places = places == 0                   ? DECIDER_PLACES
		    : places < DECIDER_PLACES_MAX ? places
						  : DECIDER_PLACES_MAX;
	d->place = mem_zero(d->places * sizeof *d->place);
	for (uint32_t i = 0; i < d->places; i++)
		d->place[i].next = i + 1 < d->places ? i + 1 : END;
	d->free = 0;
	d->ops = ops;
	d->client = client;
	decider_wake(d);
}

void
decider_wake(struct decider *d)
{
	if (!list_empty(&d->missed))
		verdicts_wake(d->controller);
}

/* --- places --- */

int
decider_place(struct decider *d, struct opinion *o, uint64_t version, uint64_t *number)
{
	struct place *p;

	if (!d->ops || d->taken == d->places || !d->ops->can(d->client))
		return -1;
	*number = d->free;
	p = &d->place[d->free];
	d->free = p->next;
	d->taken++;
	*p = (struct place){
		.version = version, .since = loop_now(d->controller->loop), .opinion = o
	};
	return 0;
}

int
decider_verdict(struct decider *d, uint64_t number, uint64_t version, const struct verdict *v)
{
	struct place *p = number < d->places ? &d->place[number] : NULL;
	struct opinion *o;

	if (!p || p->version == 0 || p->version != version) {
		d->refused++;
		return -1;
	}
	o = p->opinion;
	d->wait[d->answered++ % DECIDER_WAITS] =
	    (uint32_t)(loop_now(d->controller->loop) - p->since);
	*p = (struct place){ .next = d->free };
	d->free = (uint32_t)number;
	d->taken--;
	d->stale += !o;
	d->refused += !v;
	if (o)
		opinion_verdict(o, v);
	decider_wake(d);
	return 0;
}

/* --- show --- */

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t
decider_wait(const struct decider *d, double part)
{
	uint32_t sorted[DECIDER_WAITS];
	size_t n = d->answered < DECIDER_WAITS ? (size_t)d->answered : DECIDER_WAITS;

	if (n == 0)
		return 0;
	memcpy(sorted, d->wait, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, compare);
	return sorted[(size_t)((double)(n - 1) * part)];
}
