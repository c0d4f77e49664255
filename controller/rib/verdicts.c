#include "controller/rib/verdicts.h"
#include <string.h>
#include "common/mem.h"
#include "controller/rib/rib_inner.h"
#include "proto/bgp/attrs.h"

enum {
	PATH_PAGE = 4096,
	STEPS = 256,
	/* Defaults taken in a turn. It does not ask for its quota: when all that a client had open is due at once, in the
	 * middle of a table, some microseconds a turn would be seconds. */
	EXPIRED = 512
};

static struct controller *
controller_of(const struct verdicts *v)
{
	return v->rib->controller;
}

static struct verdicts *
home_of(const struct decider *d)
{
	return &d->controller->rib->verdicts;
}

/* --- opinions, by path --- */

static struct opinion *
at(const struct verdicts *v, uint32_t number)
{
	return &v->page[number / OPINION_PAGE][number % OPINION_PAGE];
}

/* The first of a path, and 1; 0: it has none. NULL: none of its page has. */
static uint32_t *
first_of(const struct verdicts *v, enum family f, uint32_t path)
{
	size_t page = path / PATH_PAGE;

	return page < v->path_pages[f] && v->of_path[f][page]
		   ? &v->of_path[f][page][path % PATH_PAGE]
		   : NULL;
}

static uint32_t *
make_first(struct verdicts *v, enum family f, uint32_t path)
{
	size_t page = path / PATH_PAGE;

	while (v->path_pages[f] <= page) {
		v->of_path[f] = mem_grow(
		    v->of_path[f], &v->path_cap[f], v->path_pages[f] + 1, sizeof(uint32_t *));
		v->of_path[f][v->path_pages[f]++] = NULL;
	}
	if (!v->of_path[f][page])
		v->of_path[f][page] = mem_zero(PATH_PAGE * sizeof(uint32_t));
	return &v->of_path[f][page][path % PATH_PAGE];
}

static uint32_t
take_number(struct verdicts *v)
{
	uint32_t number = v->free;

	if (number != RIB_NOWHERE) {
		v->free = at(v, number)->next;
		return number;
	}
	if (v->used == v->pages * OPINION_PAGE) {
		v->page = mem_grow(v->page, &v->page_cap, v->pages + 1, sizeof *v->page);
		v->page[v->pages++] = mem_zero(OPINION_PAGE * sizeof(struct opinion));
	}
	return v->used++;
}

struct opinion *
verdicts_of(struct verdicts *v, enum family f, uint32_t path, uint32_t to, bool fresh)
{
	uint32_t *first = make_first(v, f, path), number;
	struct opinion *o;

	for (uint32_t next = *first; next; next = o->next) {
		o = at(v, next - 1);
		if (o->to == to)
			return o;
	}
	number = take_number(v);
	o = at(v, number);
	*o = (struct opinion){ .number = number,
		.family = (uint8_t)f,
		.path = path,
		.to = to,
		.next = *first,
		.place = PLACE_NONE,
		.known = fresh };
	list_init(&o->missed);
	*first = number + 1;
	v->count++;
	return o;
}

/* --- what is under way about one --- */

static struct place *
place_of(const struct opinion *o)
{
	return &o->decider->place[o->place];
}

/* Whoever is asked about it may answer, and that will be stale. */
static void
leave_place(struct opinion *o)
{
	if (o->place != PLACE_NONE)
		place_of(o)->opinion = NULL;
	o->place = PLACE_NONE;
	list_remove(&o->missed);
}

static void
close_deadline(struct verdicts *v, struct opinion *o)
{
	if (o->slot == 0)
		return;
	heap_remove(&v->deadlines, o->slot);
	o->decider->open--;
	if (v->rib->adopting && !verdicts_open(v))
		loop_wake(v->expirer);
}

static void
set_timer(struct verdicts *v)
{
	struct loop *l = controller_of(v)->loop;
	uint64_t at_time;

	if (!heap_first(&v->deadlines, &at_time))
		loop_timer_stop(l, &v->timer);
	else if (v->timer.at != at_time)
		loop_timer_set(l, &v->timer, at_time);
}

static void
open_deadline(struct verdicts *v, struct opinion *o, uint32_t milliseconds)
{
	if (o->slot != 0)
		return; /* it waits already: the time runs from the first change on */
	heap_insert(
	    &v->deadlines, loop_now(controller_of(v)->loop) + milliseconds * UINT64_C(1000), o);
	o->decider->open++;
	set_timer(v);
}

static void
forget_value(struct verdicts *v, struct opinion *o)
{
	struct blobs *values = controller_of(v)->values;

	blob_put(values, o->asked);
	blob_put(values, o->changed);
	o->asked = o->changed = NULL;
}

static void
part(struct verdicts *v, struct opinion *o)
{
	leave_place(o);
	close_deadline(v, o);
	forget_value(v, o);
	if (o->decider && --o->decider->opinions == 0)
		loop_wake(v->asker); /* it may have been the last that was known of it */
	o->decider = NULL;
	o->state = OPINION_NONE;
}

void
verdicts_unasked(struct verdicts *v, struct opinion *o)
{
	if (o->decider)
		part(v, o);
}

void
verdicts_settle(struct verdicts *v, enum family f, uint32_t path)
{
	const uint32_t *first = first_of(v, f, path);
	struct opinion *o;

	for (uint32_t next = first ? *first : 0; next; next = o->next) {
		o = at(v, next - 1);
		if (o->to != OPINION_IMPORT && o->state == OPINION_OPEN &&
		    o->decision != v->decision)
			part(v, o);
	}
}

/* --- asking --- */

static struct rib_source *
source_of(const struct verdicts *v, const struct opinion *o)
{
	return v->rib->source[paths_at(&v->rib->paths[o->family], o->path).source];
}

/* Tell the client; -1: it can't be told. */
static int
put_to(struct verdicts *v, struct opinion *o)
{
	struct controller *c = controller_of(v);
	const struct rib_paths *t = &v->rib->paths[o->family];
	struct rib_path p = paths_at(t, o->path);
	struct ask ask = { .version = v->version + 1,
		.neighbor = source_of(v, o)->neighbor,
		.to = o->to == OPINION_IMPORT ? NULL : neighbor_by_number(c, o->to),
		.family = (enum family)o->family,
		.nlri = { paths_id(t, p), paths_key(t, p) },
		.value = route_value_of(blob_read(o->asked)) };

	if (decider_place(o->decider, o, ask.version, &ask.number) < 0)
		return -1;
	o->version = ++v->version;
	o->place = (uint32_t)ask.number;
	o->decider->asked++;
	o->decider->ops->ask(o->decider->client, &ask);
	return 0;
}

static void
miss(struct opinion *o)
{
	list_remove(&o->missed);
	list_add(&o->decider->missed, &o->missed);
}

/* The route is another than the one that was asked about, or somebody else is to be asked. */
static void
begin(struct verdicts *v, struct opinion *o, struct decider *d, struct blob *value,
    const struct policy_via *via)
{
	if (o->decider != d) {
		if (o->decider)
			part(v, o);
		o->decider = d;
		d->opinions++;
	}
	leave_place(o);
	forget_value(v, o);
	o->asked = value;
	if (put_to(v, o) < 0) {
		close_deadline(v, o);
		d->missing++;
		o->state = OPINION_MISSED;
		miss(o);
	} else if (o->known) {
		o->state = OPINION_OPEN;
		open_deadline(v, o, via->timeout);
	} else {
		o->state = OPINION_MISSED;
	}
	o->known = true;
}

/* The value that the rules up to here have made; NULL: there can be none. */
static struct blob *
value_of(const struct asking *a, const struct policy_route *route)
{
	return route->changed
		   ? route_value_intern(&route->value, controller_of(a->verdicts)->values)
		   : blob_get(a->value);
}

static void
change(const struct opinion *o, struct policy_route *route)
{
	struct route_value v = route_value_of(blob_read(o->changed));

	route->value.attributes = v.attributes;
	route->changed = true;
	route->med_said |= o->med;
	if (o->self) {
		route->hop = HOP_SELF;
	} else if (v.next_hop.left > 0) {
		route->hop = HOP_ADDRESS;
		route->hop_address = addr_of(v.next_hop.at, v.next_hop.left);
	}
}

/* Of an export there is one where a rule asks, and no sooner. */
static struct opinion *
opinion_of(struct asking *a)
{
	if (!a->opinion)
		a->opinion = verdicts_of(a->verdicts, a->family, a->path, a->to, true);
	a->opinion->seen = a->verdicts->rib->version;
	a->opinion->decision = a->verdicts->decision;
	return a->opinion;
}

enum via_answer
verdicts_ask(void *self, const struct policy_via *via, struct policy_route *route)
{
	static const enum via_answer answers[] = { [OPINION_OPEN] = VIA_OPEN,
		[OPINION_DEFAULT] = VIA_DEFAULT,
		[OPINION_MISSED] = VIA_MISSED,
		[OPINION_ACCEPTED] = VIA_ACCEPTED,
		[OPINION_REJECTED] = VIA_REJECTED };
	struct asking *a = self;
	struct blob *value = value_of(a, route);
	struct decider *d;
	struct opinion *o;

	if (!value) {
		route->failed = true;
		return VIA_REJECTED;
	}
	d = decider_named(controller_of(a->verdicts), via->client);
	o = opinion_of(a);
	if (o->decider != d || o->asked != value)
		begin(a->verdicts, o, d, value, via);
	else
		blob_put(controller_of(a->verdicts)->values, value);
	if (o->state == OPINION_ACCEPTED && o->changed)
		change(o, route);
	return answers[o->state];
}

/* --- what comes of it --- */

static void
decide(struct verdicts *v, const struct opinion *o)
{
	const struct rib_paths *t = &v->rib->paths[o->family];

	rib_decide(v->rib, (enum family)o->family, paths_key(t, paths_at(t, o->path)), RIB_NOWHERE,
	    RIB_NOWHERE);
}

/* What the verdict makes of the route; NULL: nothing that can be. */
static struct blob *
compose(struct verdicts *v, const struct opinion *o, const struct verdict *said)
{
	static uint8_t block[ROUTE_VALUE_MAX];
	struct writer attributes = writer_of(block, sizeof block);
	struct route_value value = { .next_hop = said->next_hop, .attributes = said->attributes };

	if (!said->whole) {
		attrs_overlay(
		    &attributes, route_value_of(blob_read(o->asked)).attributes, said->attributes);
		if (!writer_ok(&attributes))
			return NULL;
		value.attributes = writer_read(&attributes);
	}
	return route_value_intern(&value, controller_of(v)->values);
}

static void
take_default(struct verdicts *v, struct opinion *o)
{
	close_deadline(v, o);
	o->decider->defaulted++;
	o->state = OPINION_DEFAULT;
	decide(v, o);
}

void
opinion_verdict(struct opinion *o, const struct verdict *said)
{
	struct decider *d = o->decider;
	struct verdicts *v = home_of(d);
	struct blob *changed = said && said->changes ? compose(v, o, said) : NULL;

	o->place = PLACE_NONE;
	if (!said || (said->changes && !changed)) {
		d->refused += said != NULL;
		if (o->state == OPINION_OPEN)
			take_default(v, o);
		return;
	}
	d->late += o->state != OPINION_OPEN;
	d->accepted += said->accepts;
	d->rejected += !said->accepts;
	close_deadline(v, o);
	o->state = said->accepts ? OPINION_ACCEPTED : OPINION_REJECTED;
	o->changed = changed;
	o->med = said->med;
	o->self = said->self;
	decide(v, o);
}

void
opinion_bereft(struct opinion *o)
{
	struct verdicts *v = home_of(o->decider);

	o->place = PLACE_NONE;
	miss(o);
	if (o->slot == 0)
		return;
	heap_move(&v->deadlines, o->slot, loop_now(controller_of(v)->loop));
	loop_wake(v->expirer);
}

bool
verdicts_open(const struct verdicts *v)
{
	return v->deadlines.count > 0;
}

/* --- runners --- */

static enum loop_verdict
expire(void *self)
{
	struct verdicts *v = self;
	struct loop *l = controller_of(v)->loop;
	uint64_t at_time;
	struct opinion *o;

	for (unsigned i = 0; (o = heap_first(&v->deadlines, &at_time)) && at_time <= loop_now(l);
	     i++) {
		if (i == EXPIRED)
			return LOOP_NOW;
		if (loop_now(l) - at_time > o->decider->overdue)
			o->decider->overdue = (uint32_t)(loop_now(l) - at_time);
		take_default(v, o);
	}
	set_timer(v);
	sources_check_whole(v->rib); /* it may have waited for the last of them */
	return LOOP_LATER;
}

static void
time_over(void *self)
{
	struct verdicts *v = self;

	loop_wake(v->expirer);
}

/* Nobody wants to know any more: the route is about to go, or whom it was for is gone. */
static bool
is_idle(const struct verdicts *v, const struct opinion *o)
{
	return source_of(v, o)->leaving ||
	       (o->to != OPINION_IMPORT && !neighbor_by_number(controller_of(v), o->to));
}

/* Those that were missed, the oldest first, as places are free. The default holds meanwhile, so there is no deadline. */
static bool
ask_missed(struct verdicts *v, struct decider *d)
{
	while (!list_empty(&d->missed)) {
		struct opinion *o = LIST_ENTRY(d->missed.next, struct opinion, missed);

		if (!is_idle(v, o) && put_to(v, o) < 0)
			return true;
		list_remove(&o->missed);
		if (loop_spent(controller_of(v)->loop))
			return false;
	}
	return true;
}

static enum loop_verdict
ask_more(void *self)
{
	struct verdicts *v = self;

	LIST_EACH(link, &controller_of(v)->deciders)
		if (!ask_missed(v, LIST_ENTRY(link, struct decider, link)))
			return LOOP_NOW;
	deciders_tidy(controller_of(v));
	return LOOP_LATER;
}

void
verdicts_wake(struct controller *c)
{
	if (c->rib)
		loop_wake(c->rib->verdicts.asker);
}

/* --- the end of one --- */

static void
give_up(struct verdicts *v, struct opinion *o)
{
	part(v, o);
	blob_put(controller_of(v)->values, o->held);
	*o = (struct opinion){ .number = o->number, .path = RIB_NOWHERE, .next = v->free };
	v->free = o->number;
	v->count--;
}

void
verdicts_forget(struct verdicts *v, enum family f, uint32_t path)
{
	uint32_t *first = first_of(v, f, path);

	while (first && *first) {
		struct opinion *o = at(v, *first - 1);

		*first = o->next;
		give_up(v, o);
	}
}

static void
unlink_one(struct verdicts *v, struct opinion *o)
{
	uint32_t *link = first_of(v, (enum family)o->family, o->path);

	while (*link != o->number + 1)
		link = &at(v, *link - 1)->next;
	*link = o->next;
	give_up(v, o);
}

void
asking_none(const struct asking *a)
{
	const uint32_t *first = first_of(a->verdicts, a->family, a->path);

	for (uint32_t next = first ? *first : 0; next;) {
		struct opinion *o = at(a->verdicts, next - 1);

		next = o->next;
		if (o->to == a->to)
			unlink_one(a->verdicts, o);
	}
}

bool
verdicts_sweep(struct verdicts *v, uint32_t since)
{
	for (unsigned i = 0; i < STEPS && v->sweep_at < v->used; i++) {
		struct opinion *o = at(v, v->sweep_at++);

		if (o->path != RIB_NOWHERE && (int32_t)(o->seen - since) < 0)
			unlink_one(v, o);
	}
	return v->sweep_at >= v->used;
}

/* --- life --- */

static void
placed(void *item, uint32_t slot)
{
	((struct opinion *)item)->slot = slot;
}

void
verdicts_init(struct verdicts *v, struct rib *r)
{
	struct loop *l = r->controller->loop;

	*v = (struct verdicts){ .rib = r, .free = RIB_NOWHERE };
	v->deadlines.placed = placed;
	v->timer = (struct loop_timer){ .fire = time_over, .self = v };
	v->expirer = loop_work(l, LOOP_WORK, expire, v);
	v->asker = loop_work(l, LOOP_WORK, ask_more, v);
}

void
verdicts_fini(struct verdicts *v)
{
	for (uint32_t i = 0; i < v->used; i++)
		if (at(v, i)->path != RIB_NOWHERE)
			unlink_one(v, at(v, i));
	for (int f = 0; f < FAMILIES; f++) {
		for (size_t i = 0; i < v->path_pages[f]; i++)
			mem_free(v->of_path[f][i]);
		mem_free(v->of_path[f]);
	}
	for (size_t i = 0; i < v->pages; i++)
		mem_free(v->page[i]);
	mem_free(v->page);
	heap_fini(&v->deadlines);
	loop_timer_stop(controller_of(v)->loop, &v->timer);
	loop_close(v->expirer);
	loop_close(v->asker);
}
