/* Advertise: rib_out to the peers. The round goes over the outlets: one that has something in front of a reader, and room
 * in its session's queue, is told a slice of it (packing.h). */
#include "speaker/advertise.h"
#include "common/mem.h"
#include "speaker/border.h"
#include "speaker/limit.h"
#include "speaker/packing.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"

enum {
	READ_FIRST = 2000 /* microseconds */
};

struct advertise {
	struct speaker *speaker;
	struct loop_item *work;
	struct list outlets;
	struct packing *packing;
};

/* --- maximum-prefix-out --- */

/* What is meant for it, in all families: of each set of peers that it is in. */
static uint64_t
prefixes_for(const struct outlet *o)
{
	const struct speaker *s = o->peer->speaker;
	uint64_t n = 0;

	for (int f = 0; f < FAMILIES; f++) {
		const struct ledger *l = s->out->told[f].ledger;

		for (uint32_t set = 1; l && set < ledger_audiences(l); set++)
			if (ledger_count_for(l, set) > 0 && set_has(s->sets, set, o->peer->slot))
				n += ledger_count_for(l, set);
	}
	return n;
}

/* True: the peer was reset. The exact number is looked for when the bound passes the limit. */
static bool
over_max_prefix(struct outlet *o)
{
	uint32_t limit = o->peer->config.max_prefix_out;
	struct fault f = { 0 };

	if (limit == 0 || o->advertised <= limit)
		return false;
	o->advertised = prefixes_for(o);
	if (o->advertised <= limit)
		return false;
	fault_set(&f, NOTIFY_CEASE, CEASE_MAX_PREFIX, NULL, 0,
	    "more than %u prefixes were to be announced", limit);
	peer_reset(o->peer, &f);
	return true;
}

/* --- refreshes --- */

/* RFC 7313 section 4: BoRR, all again, EoRR. What is asked for again before the end, or while the queue is full,
 * is one more together: a peer that goes on asking must not fill its own queue. */
static void
begin_refreshes(struct outlet *o)
{
	uint32_t families = o->refresh_due & ~o->refreshing;

	o->refresh_due &= ~families;
	o->refreshing |= families;
	for (enum family f = 0; f < FAMILIES; f++)
		if (families & family_bit(f))
			border_refresh(o, f);
}

static void
begin_flush(struct outlet *o, enum family family)
{
	ledger_reader_to_head(o->reader[family]);
	if (o->flushing & family_bit(family))
		return;
	o->flushing |= family_bit(family);
	border_flush(o, family);
}

/* --- the round --- */

/* What limits allow. True when a slice of it was packed. */
static bool
serve_limits(struct advertise *a, struct outlet *o)
{
	LIST_EACH(link, &o->limits) {
		struct limit *m = LIST_ENTRY(link, struct limit, link);

		for (int f = 0; f < FAMILIES; f++) {
			uint32_t most;

			if (!m->reader[f] || ledger_reader_live(m->reader[f]))
				continue;
			most = limit_allows(m, (enum family)f);
			if (most == 0)
				continue;
			o->limit_was_last = true;
			list_remove(&m->link); /* the next turn is another's */
			list_add(&o->limits, &m->link);
			packing_tell_limited(a->packing, m, (enum family)f, most);
			return true;
		}
		limit_rest(m);
	}
	return false;
}

static bool
serve_own(struct advertise *a, struct outlet *o)
{
	for (int f = 0; f < FAMILIES; f++) {
		if (!o->reader[f] || ledger_reader_live(o->reader[f]))
			continue;
		o->limit_was_last = false;
		packing_tell(a->packing, o, (enum family)f);
		return true;
	}
	return false;
}

/* True when this outlet has more to do now. */
static bool
serve(struct advertise *a, struct outlet *o)
{
	if (over_max_prefix(o))
		return false;
	o->full = !packing_room(o);
	if (o->full)
		return false;
	begin_refreshes(o);
	/* in turns: what a limit lets go may be a long way behind */
	if (o->limit_was_last)
		return serve_own(a, o) || serve_limits(a, o);
	return serve_limits(a, o) || serve_own(a, o);
}

/* The next turn begins there: else the time of a turn could always go to the same ones, busy or not. */
static void
begin_at(struct advertise *a, struct list *link)
{
	if (link == &a->outlets)
		return;
	list_remove(&a->outlets);
	list_add(link, &a->outlets);
}

/* Each outlet's turn is one slice. */
static enum loop_verdict
round_of(void *self)
{
	struct advertise *a = self;
	bool more = true;

	while (more) {
		more = false;
		LIST_EACH(link, &a->outlets) {
			struct outlet *o = LIST_ENTRY(link, struct outlet, link);

			more |= serve(a, o); /* which may be the end of it */
			if (loop_spent(a->speaker->loop)) {
				begin_at(a, link_next);
				return LOOP_NOW;
			}
		}
	}
	return LOOP_LATER;
}

void
advertise_wake(struct advertise *a)
{
	loop_wake(a->work);
}

void
advertise_limit(struct outlet *o)
{
	struct advertise *a = o->peer->speaker->advertise;

	o->full = !packing_room(o);
	while (!o->full && !over_max_prefix(o) && serve_limits(a, o)) {
		o->full = !packing_room(o);
		if (loop_spent(a->speaker->loop)) {
			advertise_wake(a);
			return;
		}
	}
}

void
advertise_peer_written(struct peer *peer)
{
	struct outlet *o = peer->out;

	if (!o)
		return;
	borders_written(o);
	/* a round looks at every outlet: not for each KEEPALIVE that leaves */
	if (o->full && session_queued(peer->session) <= SESSION_QUEUE_LOW)
		advertise_wake(peer->speaker->advertise);
}

/* --- peers --- */

static void
open_readers(struct outlet *o)
{
	struct peer *peer = o->peer;

	for (int f = 0; f < FAMILIES; f++)
		if (peer->params.families & family_bit((enum family)f))
			o->reader[f] = ledger_reader_open(
			    rib_out_ledger(peer->speaker->out, (enum family)f), o, true);
}

static void
begin(void *self)
{
	struct outlet *o = self;

	o->waits = false;
	borders_begin(o);
	advertise_wake(o->peer->speaker->advertise);
}

/* ExaBGP reads what came right behind the KEEPALIVE before it tells anything. Who is to take us for one must not be
 * told End-of-RIB before it is told that what it said is wrong. */
static void
read_first(struct outlet *o)
{
	struct loop *loop = o->peer->speaker->loop;

	o->begin = (struct loop_timer){ .fire = begin, .self = o };
	o->waits = o->peer->config.as_exabgp;
	if (o->waits)
		loop_timer_set(loop, &o->begin, loop_now(loop) + READ_FIRST);
}

void
advertise_peer_up(struct peer *peer)
{
	struct advertise *a = peer->speaker->advertise;
	struct outlet *o = mem_zero(sizeof *o);

	o->peer = peer;
	list_init(&o->receipts);
	list_init(&o->limits);
	o->beginning = peer->params.families;
	list_add(&a->outlets, &o->link);
	peer->out = o;
	read_first(o);
	if (!peer->changed)
		open_readers(o);
	borders_begin(o);
	advertise_wake(a);
}

void
advertise_peer_down(struct peer *peer)
{
	struct outlet *o = peer->out;

	if (!o)
		return;
	peer->out = NULL;
	loop_timer_stop(peer->speaker->loop, &o->begin);
	list_remove(&o->link);
	limits_close(o);
	for (int f = 0; f < FAMILIES; f++)
		if (o->reader[f])
			ledger_reader_close(o->reader[f]);
	borders_down(o);
	mem_free(o);
}

void
advertise_overrun(struct outlet *o)
{
	struct fault f = { 0 };
	struct peer *peer = o->peer;

	fault_set(&f, NOTIFY_CEASE, CEASE_RESOURCES, NULL, 0, "it takes updates too slowly");
	advertise_peer_down(peer);
	peer_reset(peer, &f);
}

void
advertise_complete(struct peer *peer)
{
	peer->complete = true;
	if (peer->changed && peer->out)
		open_readers(peer->out);
	peer->changed = false;
	if (peer->out)
		borders_begin(peer->out);
	advertise_wake(peer->speaker->advertise);
}

void
advertise_refresh(struct peer *peer, uint32_t families, bool borders)
{
	struct outlet *o = peer->out;

	if (!o)
		return;
	for (enum family f = 0; f < FAMILIES; f++) {
		if (!(families & family_bit(f)) || !o->reader[f])
			continue;
		if (borders)
			o->refresh_due |= family_bit(f);
		else
			begin_flush(o, f);
	}
	if (borders && packing_room(o))
		begin_refreshes(o);
	advertise_wake(peer->speaker->advertise);
}

/* --- life --- */

struct advertise *
advertise_open(struct speaker *speaker)
{
	struct advertise *a = mem_zero(sizeof *a);

	a->speaker = speaker;
	a->packing = packing_new(speaker);
	a->work = loop_work(speaker->loop, LOOP_WORK, round_of, a);
	list_init(&a->outlets);
	return a;
}

void
advertise_close(struct advertise *a)
{
	if (!a)
		return;
	loop_close(a->work);
	packing_free(a->packing);
	mem_free(a);
}
