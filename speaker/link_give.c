/* Giving back: a new controller is told what this speaker was asked to say (design: it adopts). */
#include "speaker/link_inner.h"
#include <stdio.h>
#include <string.h>
#include "speaker/owners.h"
#include "speaker/rib_out.h"
#include "speaker/slots.h"

void
link_say_owners(struct link *l)
{
	const struct owners *owners = l->speaker->out->owners;

	for (uint32_t i = 1; i < owners_end(owners); i++) {
		struct link_owner o = { .owner = i, .limit = owners_limit(owners, i) };
		struct pack p = { 0 };

		if (!owners_name(owners, i))
			continue;
		snprintf(o.name, sizeof o.name, "%s", owners_name(owners, i));
		link_owner_pack(&o, &p);
		link_say(l, &p);
	}
}

void
link_give_stop(struct link *l)
{
	for (int f = 0; f < FAMILIES; f++) {
		if (l->giving[f])
			ledger_reader_close(l->giving[f]);
		l->giving[f] = NULL;
	}
	l->giving_back = false;
}

static struct reader
peers_of(const struct link *l, const struct ledger_entry *e)
{
	return slots_numbers(
	    l->speaker->out->slots, l->speaker->sets, ledger_audience(l->slice.ledger, e));
}

static void
give_group(struct link *l, enum family f, const struct slice_group *g, struct routes_writer *w)
{
	const struct ledger_entry *first = l->slice.entry[g->first];
	struct route_value v = route_value_of(blob_read(ledger_value(first)));

	if (first->mark || peers_of(l, first).left == 0)
		return;
	routes_message(
	    w, false, 0, peers_of(l, first), ROUTES_HELD, ledger_owner(l->slice.ledger, first));
	routes_announce(w, f, true, &v);
	for (uint16_t i = g->first; i != SLICE_END; i = l->slice.next[i])
		routes_nlri(w, true, ledger_path_id(l->slice.ledger, l->slice.entry[i]),
		    ledger_key(l->slice.ledger, l->slice.entry[i]));
	routes_message_end(w);
}

static size_t
head_octets(void *arg, const struct ledger_entry *first)
{
	struct link *l = arg;

	return ROUTES_HEAD + peers_of(l, first).left;
}

static bool
give_slice(struct link *l, enum family f)
{
	struct routes_writer *w = link_batch(l);

	if (!w)
		return false;
	slice_take(&l->slice, l->speaker->out->told[f].ledger, l->giving[f], ROUTES_SLICE);
	slice_group_within(
	    &l->slice, SLICE_BY_AUDIENCE | SLICE_BY_OWNER, ROUTES_HEADS, head_octets, l);
	for (unsigned i = 0; i < l->slice.groups; i++)
		give_group(l, f, &l->slice.group[i], w);
	link_batch_added(l);
	ledger_reader_pass(l->giving[f], l->slice.entries);
	return true;
}

enum loop_verdict
link_give_on(void *self)
{
	struct link *l = self;
	struct pack p = { 0 };

	if (!l->giving_back)
		return LOOP_LATER;
	for (int f = 0; f < FAMILIES; f++) {
		while (l->giving[f] && !ledger_reader_live(l->giving[f])) {
			if (!give_slice(l, (enum family)f))
				return LOOP_LATER; /* the next credit wakes us */
			if (loop_spent(l->speaker->loop))
				return LOOP_NOW;
		}
	}
	link_give_stop(l);
	link_bare_pack(FRAME_HELD_END, &p);
	link_say(l, &p);
	return LOOP_LATER;
}

void
link_give(struct link *l, bool adopt)
{
	struct rib_out *out = l->speaker->out;

	for (int f = 0; adopt && f < FAMILIES; f++)
		if (out->told[f].ledger)
			l->giving[f] = ledger_reader_open(out->told[f].ledger, NULL, true);
	l->giving_back = true;
	loop_wake(l->held);
}
