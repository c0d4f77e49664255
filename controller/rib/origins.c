/* Origins: what each path is by the ROAs that are known, kept (an octet a path) so that it shows when that changes.
 *
 * What decides is asked for when a decision is made (policy/match.c); what is kept here says who is to be decided
 * anew. ROAs come in hundreds of thousands at once: their prefixes are noted by rpki/, and one walk over the paths
 * in slices looks at those that lie under a noted one. What is noted while it goes is for the next. */
#include <string.h>
#include "common/mem.h"
#include "controller/api/api.h"
#include "controller/rib/rib_inner.h"
#include "controller/rpki/origin.h"
#include "controller/rpki/rpki.h"

enum { STEPS = 256 };

struct rib_origins {
	struct rib *rib;
	uint8_t *state[FAMILIES]; /* by number: enum rpki_state; not-found behind the last */
	size_t cap[FAMILIES];
	struct loop_item *walker;
	bool walking, again;
	struct roas *changes; /* those that the walk is about; NULL: all is looked at */
	uint32_t at[FAMILIES];
};

/* What one path says. False: it says nothing any more, or nothing that has a state. */
static bool
path_of(const struct rib *r, enum family f, uint32_t number, struct prefix *p, struct reader *nlri)
{
	const struct rib_paths *t = &r->paths[f];
	const struct rib_source *s;
	struct rib_path path;

	if (!paths_taken(t, number))
		return false;
	path = paths_at(t, number);
	s = r->source[path.source];
	*nlri = paths_key(t, path);
	return !s->leaving && s->neighbor && !paths_entry(t, path)->mark &&
	       rpki_prefix(f, *nlri, p);
}

static uint32_t
origin_of(const struct rib *r, enum family f, uint32_t number)
{
	struct rib_path path = paths_at(&r->paths[f], number);
	struct reader value = blob_read(ledger_value(paths_entry(&r->paths[f], path)));

	return rpki_origin(
	    route_value_of(value).attributes, neighbor_origin_as(r->source[path.source]->neighbor));
}

/* --- the walk --- */

static enum rpki_state
noted(const struct rib_origins *o, enum family f, uint32_t number)
{
	return number < o->cap[f] ? (enum rpki_state)o->state[f][number] : RPKI_NOT_FOUND;
}

static void
set(struct rib_origins *o, enum family f, uint32_t number, enum rpki_state state)
{
	size_t had = o->cap[f];

	if (number >= had && state == RPKI_NOT_FOUND)
		return;
	o->state[f] = mem_grow(o->state[f], &o->cap[f], number + 1, sizeof *o->state[f]);
	memset(o->state[f] + had, RPKI_NOT_FOUND, o->cap[f] - had);
	o->state[f][number] = (uint8_t)state;
}

static void
look(struct rib *r, enum family f, uint32_t number)
{
	struct rib_origins *o = r->origins;
	enum rpki_state before = noted(o, f, number), state;
	const struct rib_source *s;
	struct prefix p;
	struct reader nlri;
	uint32_t origin;

	if (!path_of(r, f, number, &p, &nlri) || (o->changes && !roas_cover(o->changes, &p)))
		return;
	origin = origin_of(r, f, number);
	state = roas_validate(rpki_roas(r->controller), &p, origin);
	if (state == before)
		return;
	set(o, f, number, state);
	s = r->source[paths_at(&r->paths[f], number).source];
	if (s->silent) /* no route from peer to peer, and in nobody's way */
		return;
	api_origin(s->neighbor, f, nlri, origin, rpki_state_name(before), rpki_state_name(state));
	rib_decide(r, f, nlri, RIB_NOWHERE, RIB_NOWHERE);
}

/* False when there is more of that family. */
static bool
walk_some(struct rib *r, enum family f)
{
	uint32_t *at = &r->origins->at[f];

	for (unsigned i = 0; i < STEPS && *at < r->paths[f].used; i++)
		look(r, f, (*at)++);
	return *at >= r->paths[f].used;
}

static void
begin_walk(struct rib_origins *o)
{
	bool all;

	roas_free(o->changes);
	o->changes = rpki_changes(o->rib->controller->rpki, &all);
	o->walking = all || o->changes;
	o->again = false;
	for (int f = 0; f < FAMILIES; f++)
		o->at[f] = 0;
}

static enum loop_verdict
walk(void *self)
{
	struct rib_origins *o = self;
	struct rib *r = o->rib;

	if (!o->walking)
		begin_walk(o);
	for (int f = 0; o->walking && f < FAMILIES; f++)
		while (rpki_concerns((enum family)f) && !walk_some(r, (enum family)f))
			if (loop_spent(r->controller->loop))
				return LOOP_NOW;
	o->walking = false;
	return o->again ? LOOP_NOW : LOOP_LATER;
}

/* --- from others --- */

static struct rib_origins *
origins_of(struct rib *r)
{
	if (!r->origins) {
		r->origins = mem_zero(sizeof *r->origins);
		r->origins->rib = r;
		r->origins->walker = loop_work(r->controller->loop, LOOP_WORK, walk, r->origins);
	}
	return r->origins;
}

void
rib_origins_changed(struct controller *c)
{
	struct rib_origins *o;

	if (!c->rib)
		return;
	o = origins_of(c->rib);
	o->again = true;
	loop_wake(o->walker);
}

void
origins_note(struct rib *r, enum family f, uint32_t number)
{
	struct rib_origins *o = r->controller->rpki ? origins_of(r) : NULL;
	struct prefix p;
	struct reader nlri;

	if (!o || !path_of(r, f, number, &p, &nlri))
		return;
	set(o, f, number, roas_validate(rpki_roas(r->controller), &p, origin_of(r, f, number)));
}

void
origins_free(struct rib *r)
{
	struct rib_origins *o = r->origins;

	if (!o)
		return;
	loop_close(o->walker);
	for (int f = 0; f < FAMILIES; f++)
		mem_free(o->state[f]);
	roas_free(o->changes);
	mem_free(o);
	r->origins = NULL;
}
