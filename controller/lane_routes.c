/* What intent says, as the lane's readers on its ledgers come to it: ROUTES frames, with the speaker's own numbers
 * of peers. */
#include <stdio.h>
#include "controller/lane_inner.h"
#include "controller/owners.h"

static void
say_owner(struct lane *l, uint32_t owner)
{
	const struct owners *owners = l->controller->owners;
	struct link_owner o = { .owner = owner, .limit = owner_limit(owners, owner) };
	struct pack p = { 0 };

	snprintf(o.name, sizeof o.name, "%s", owner_name(owners, owner));
	link_owner_pack(&o, &p);
	lane_say(l, &p);
}

void
lane_say_owners(struct lane *l)
{
	while (l->owners_said < owners_count(l->controller->owners))
		say_owner(l, ++l->owners_said);
}

void
lane_owner(struct lane *l, uint32_t owner)
{
	if (l && owner <= l->owners_said)
		say_owner(l, owner);
}

static bool
has_path_ids(const struct lane *l, const struct slice_group *g)
{
	for (uint16_t i = g->first; i != SLICE_END; i = l->slice.next[i])
		if (ledger_path_id(l->slice.ledger, l->slice.entry[i]) != 0)
			return true;
	return false;
}

static void
put_group(struct lane *l, enum family f, const struct slice_group *g, struct routes_writer *w)
{
	struct ledger *ledger = l->entry->intent.told[f].ledger;
	const struct ledger_entry *first = l->slice.entry[g->first];
	struct route_value v = route_value_of(blob_read(ledger_value(first)));
	bool path_ids = has_path_ids(l, g);

	routes_message(w, false, 0, numbers_translate(&l->numbers, ledger_audience(ledger, first)),
	    0, ledger_owner(ledger, first));
	if (first->mark)
		routes_withdraw(w, f, path_ids, ledger_value(first) ? &v : NULL);
	else
		routes_announce(w, f, path_ids, &v);
	for (uint16_t i = g->first; i != SLICE_END; i = l->slice.next[i])
		routes_nlri(w, path_ids, ledger_path_id(ledger, l->slice.entry[i]),
		    ledger_key(ledger, l->slice.entry[i]));
	routes_message_end(w);
}

static size_t
head_octets(void *arg, const struct ledger_entry *first)
{
	struct lane *l = arg;

	(void)first;
	return ROUTES_HEAD + numbers_octets(&l->numbers);
}

/* One slice; false without credit. */
static bool
pack_slice(struct lane *l, enum family f)
{
	struct routes_writer *w = outflow_batch(&l->flow, loop_now(l->loop));

	if (!w)
		return false;
	slice_take(&l->slice, l->entry->intent.told[f].ledger, l->reader[f], ROUTES_SLICE);
	slice_group_within(
	    &l->slice, SLICE_BY_AUDIENCE | SLICE_BY_OWNER, ROUTES_HEADS, head_octets, l);
	for (unsigned i = 0; i < l->slice.groups; i++)
		put_group(l, f, &l->slice.group[i], w);
	if (l->slice.groups > 0)
		outflow_added(&l->flow, loop_now(l->loop));
	ledger_reader_pass(l->reader[f], l->slice.entries);
	loop_wake(l->out);
	return true;
}

enum loop_verdict
lane_pack(void *self)
{
	struct lane *l = self;

	if (l->controller->holding)
		return LOOP_LATER;
	for (int f = 0; f < FAMILIES; f++) {
		while (l->reader[f] && !ledger_reader_live(l->reader[f])) {
			lane_say_owners(l);
			if (!pack_slice(l, (enum family)f))
				return LOOP_LATER; /* the next acknowledgement wakes us */
			if (loop_spent(l->loop))
				return LOOP_NOW;
		}
	}
	return LOOP_LATER;
}

void
lane_wake(struct lane *l)
{
	if (!l)
		return;
	l->controller->changes++;
	loop_wake(l->pack);
}

void
lane_ledger(struct lane *l, enum family f)
{
	if (l && l->restated && !l->reader[f])
		l->reader[f] = ledger_reader_open(l->entry->intent.told[f].ledger, l, true);
}
