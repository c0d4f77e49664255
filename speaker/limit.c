#include "speaker/limit.h"
#include <stdio.h>
#include "common/mem.h"
#include "speaker/advertise.h"
#include "speaker/owners.h"
#include "speaker/rib_out.h"

enum { STEP = 10000, /* microseconds: it is not looked at more often */ LOOKED_AT = 32 };

static struct rib_out *
out_of(const struct outlet *o)
{
	return o->peer->speaker->out;
}

bool
limits_hold(const struct outlet *o, enum family f)
{
	return owners_limits(out_of(o)->owners) &&
	       !((o->beginning | o->flushing | (o->refreshing & ~o->refreshed)) & family_bit(f));
}

bool
limits_any(const struct outlet *o)
{
	return !list_empty(&o->limits);
}

static uint32_t
rate_of(const struct limit *m)
{
	return owners_limit(out_of(m->outlet)->owners, m->owner);
}

static bool
lifted(const struct limit *m, enum family f)
{
	return rate_of(m) == 0 || !limits_hold(m->outlet, f) ||
	       ledger_crowded(out_of(m->outlet)->told[f].ledger);
}

uint32_t
limit_allows(const struct limit *m, enum family f)
{
	return lifted(m, f)
		   ? UINT32_MAX
		   : pace_allows(&m->pace, rate_of(m), loop_now(m->outlet->peer->speaker->loop));
}

void
limit_took(struct limit *m, enum family f, unsigned count)
{
	m->left -= count < m->left ? count : m->left;
	if (!lifted(m, f))
		pace_took(&m->pace, rate_of(m), loop_now(m->outlet->peer->speaker->loop), count);
}

/* --- opening, closing --- */

static void
fire(void *self)
{
	advertise_limit(((struct limit *)self)->outlet);
}

static struct limit *
limit_of(struct outlet *o, uint32_t owner)
{
	struct limit *m;

	LIST_EACH(link, &o->limits) {
		m = LIST_ENTRY(link, struct limit, link);
		if (m->owner == owner)
			return m;
	}
	m = mem_zero(sizeof *m);
	m->outlet = o;
	m->owner = owner;
	m->timer = (struct loop_timer){ .fire = fire, .self = m };
	list_add(&o->limits, &m->link);
	return m;
}

static bool
waits(const struct limit *m)
{
	for (int f = 0; f < FAMILIES; f++)
		if (m->reader[f])
			return true;
	return false;
}

void
limit_hold_back(struct outlet *o, enum family f, uint32_t owner, unsigned count)
{
	struct limit *m = limit_of(o, owner);

	if (!waits(m))
		m->since = loop_now(o->peer->speaker->loop);
	if (!m->reader[f]) {
		m->reader[f] = ledger_reader_open_beside(o->reader[f], o);
		owners_wait(out_of(o)->owners, owner, 1);
	}
	m->left += count;
}

static void
close_reader(struct limit *m, enum family f)
{
	ledger_reader_close(m->reader[f]);
	m->reader[f] = NULL;
	owners_wait(out_of(m->outlet)->owners, m->owner, -1);
}

static void
limit_free(struct limit *m)
{
	loop_timer_stop(m->outlet->peer->speaker->loop, &m->timer);
	for (int f = 0; f < FAMILIES; f++)
		if (m->reader[f])
			close_reader(m, (enum family)f);
	list_remove(&m->link);
	mem_free(m);
}

void
limits_close(struct outlet *o)
{
	LIST_EACH(link, &o->limits)
		limit_free(LIST_ENTRY(link, struct limit, link));
}

/* One that has caught up stays while the outlet's own has not: what that passes by then was told already. */
static void
close_live(struct limit *m)
{
	for (int f = 0; f < FAMILIES; f++)
		if (m->reader[f] && ledger_reader_live(m->reader[f]) &&
		    ledger_reader_live(m->outlet->reader[f]))
			close_reader(m, (enum family)f);
}

static bool
is_behind(const struct limit *m)
{
	for (int f = 0; f < FAMILIES; f++)
		if (m->reader[f] && !ledger_reader_live(m->reader[f]))
			return true;
	return false;
}

void
limit_rest(struct limit *m)
{
	struct loop *loop = m->outlet->peer->speaker->loop;
	uint64_t now = loop_now(loop), next = pace_next(&m->pace, now);

	close_live(m);
	if (waits(m)) {
		if (is_behind(m))
			loop_timer_set(loop, &m->timer, next > now + STEP ? next : now + STEP);
		return;
	}
	m->left = 0;
	if (m->pace.paid_at > now)
		loop_timer_set(loop, &m->timer, m->pace.paid_at);
	else
		limit_free(m);
}

/* --- for show --- */

/* Where more is in front of a reader than is looked at: a bound of it. */
static uint64_t
waiting(const struct limit *m)
{
	struct ledger_entry *e[LOOKED_AT];
	const struct outlet *o = m->outlet;
	uint64_t n = 0, most = 0;
	bool all = true;

	for (int f = 0; f < FAMILIES; f++) {
		const struct ledger *l = out_of(o)->told[f].ledger;
		size_t got = m->reader[f] ? ledger_reader_peek(m->reader[f], e, LOOKED_AT) : 0;

		for (size_t i = 0; i < got; i++)
			n += ledger_owner(l, e[i]) == m->owner &&
			     set_has(
				 o->peer->speaker->sets, ledger_audience(l, e[i]), o->peer->slot);
		all = all && got < LOOKED_AT;
		most += m->reader[f] ? ledger_count(l) + ledger_marks(l) : 0;
	}
	if (all)
		return n;
	most = most < m->left ? most : m->left;
	return n > most ? n : most;
}

void
limits_state(const struct outlet *o, struct link_peer_state *s)
{
	const struct owners *owners = out_of(o)->owners;
	uint64_t now = loop_now(o->peer->speaker->loop);

	LIST_EACH(link, &o->limits) {
		const struct limit *m = LIST_ENTRY(link, struct limit, link);
		uint64_t n = waiting(m);
		const char *name = owners_name(owners, m->owner);

		if (n == 0)
			continue;
		s->waiting += n;
		if (s->waiting_limits++ > 0 && (now - m->since) / 1000 <= s->waiting_for)
			continue;
		s->waiting_for = (now - m->since) / 1000;
		s->waiting_rate = rate_of(m);
		snprintf(s->waiting_limit, sizeof s->waiting_limit, "%s", name ? name : "");
	}
}
