/* Neighbors that keep no adj-rib-out: when the session ends, what they had been told is withdrawn from intent, but for
 * what the configuration and other peers say, so that nobody says it to them again. In slices. */
#include "controller/intent_inner.h"
#include "common/mem.h"
#include "common/octets.h"
#include "common/writer.h"
#include "controller/lane.h"
#include "controller/owners.h"
#include "controller/rib/rib.h"
#include "controller/said.h"

/* What it was told up to now is to be withdrawn, so that nobody says it again; of one neighbor, in slices. */
struct loss {
	struct list link;
	uint32_t number;
	uint32_t before[FAMILIES]; /* generations: what is said from now on is told */
	uint64_t visit;
	struct octets found; /* family (1), path id (4), length (2), NLRI; one after the other */
	struct intent *in;
	bool kept_alone; /* what it is told stays */
	enum family family; /* of what gates stand before, which goes in silence */
	uint32_t said_before[FAMILIES], said_at;
};

static void
free_loss(struct loss *s)
{
	list_remove(&s->link);
	octets_fini(&s->found);
	mem_free(s);
}

void
intent_free_losses(struct intent *in)
{
	LIST_EACH(link, &in->losses)
		free_loss(LIST_ENTRY(link, struct loss, link));
}

static void
find_lost(void *arg, struct neighbor *n, const struct intent_route *r)
{
	const struct owners *owners = n->controller->owners;
	struct loss *s = arg;
	size_t len = 7 + r->nlri.octets.left;
	struct writer w;

	if (r->generation >= s->before[r->family] || owner_is_config(owners, r->owner) ||
	    owner_is_rib(owners, r->owner))
		return;
	w = writer_of(octets_room(&s->found, len), len);
	writer_u8(&w, r->family);
	writer_u32(&w, r->nlri.path_id);
	writer_u16(&w, r->nlri.octets.left);
	writer_copy(&w, r->nlri.octets);
}

/* The ledger changes with each withdraw, so a slice is looked at first. True at the end. */
static bool
lose_some(struct loss *s, struct neighbor *n)
{
	struct sets *sets = n->controller->sets;
	bool end = intent_visit(n, &s->visit, INTENT_STEPS, find_lost, s);
	struct reader r = octets_read(&s->found);
	uint32_t one = set_of(sets, n->number);

	while (r.left > 0) {
		enum family f = (enum family)reader_u8(&r);
		uint32_t path_id = reader_u32(&r);
		struct reader nlri = reader_sub(&r, reader_u16(&r));

		audience_withdraw(
		    intent_told(&n->speaker->intent, f), path_id, nlri, NULL, one, false);
		rib_reconsider(n->controller, f, nlri);
	}
	set_put(sets, one);
	octets_clear(&s->found);
	lane_wake(n->speaker->lane);
	return end;
}

static void
lose_said(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct loss *s = arg;
	struct controller *c = s->in->speaker->controller;
	uint32_t one = set_of(c->sets, s->number);

	if (ledger_said_in(l, e) < s->said_before[s->family] &&
	    !owner_is_config(c->owners, ledger_owner(l, e)))
		audience_leave_entry(said_kept(s->in, s->family), e, one);
	set_put(c->sets, one);
}

static bool
lose_some_said(struct loss *s)
{
	for (; s->family < FAMILIES; s->family = (enum family)(s->family + 1), s->said_at = 0) {
		struct audience *kept = said_kept(s->in, s->family);

		if (kept && !ledger_visit(kept->ledger, &s->said_at, INTENT_STEPS, lose_said, s))
			return false;
	}
	return true;
}

enum loop_verdict
intent_lose_on(void *self)
{
	struct intent *in = self;
	struct controller *c = in->speaker->controller;

	LIST_EACH(link, &in->losses) {
		struct loss *s = LIST_ENTRY(link, struct loss, link);
		struct neighbor *n = neighbor_by_number(c, s->number);

		while (n && (!lose_some_said(s) || (!s->kept_alone && !lose_some(s, n))))
			if (loop_spent(c->loop))
				return LOOP_NOW;
		free_loss(s);
	}
	return LOOP_LATER;
}

static void
lose_from_now(struct neighbor *n, bool kept_alone)
{
	struct intent *in = &n->speaker->intent;
	struct loss *s = mem_zero(sizeof *s);

	s->kept_alone = kept_alone;
	s->number = n->number;
	s->in = in;
	intent_divide(in, s->before);
	for (int f = 0; f < FAMILIES; f++)
		if (said_kept(in, (enum family)f))
			s->said_before[f] = ledger_begin(said_kept(in, (enum family)f)->ledger);
	list_add(&in->losses, &s->link);
	loop_wake(in->loser);
}

void
intent_lose(struct neighbor *n)
{
	lose_from_now(n, false);
}

void
intent_lose_kept(struct neighbor *n)
{
	if (n->speaker->intent.said)
		lose_from_now(n, true);
}
