/* rib_out: applies what the controller says to the ledgers that the peers read. */
#include "speaker/rib_out.h"
#include "common/log.h"
#include "common/mem.h"
#include "proto/bgp/cap.h"
#include "proto/bgp/nlri.h"
#include "proto/frame/routes_ahead.h"
#include "speaker/advertise.h"
#include "speaker/owners.h"
#include "speaker/slots.h"

enum {
	STEPS = 256,
	SOON_OCTETS =
	    256 /* of NLRI: more are asked for when it is their turn, or the first ones were gone again */
};

static void
release(void *self, struct blob *value, uint32_t audience)
{
	audience_release(self, value, audience);
}

static void
overrun(void *self, struct ledger_reader *r)
{
	struct outlet *o = ledger_reader_party(r);

	(void)self;
	if (o)
		advertise_overrun(o);
	else
		ledger_reader_to_head(
		    r); /* the link's, giving everything back to a new controller */
}

static const struct ledger_ops ops = {
	.release = release, .overrun = overrun, .paths_together = true, .by_audience = true
};

/* Then each path of a prefix that it is told has an id of its own. */
static bool
some_peer_has_paths(const struct speaker *s, enum family family)
{
	for (uint32_t i = 0; i < s->peers_cap; i++)
		if (s->peers[i] && s->peers[i]->config.add_path[family] & ADD_PATH_SEND)
			return true;
	return false;
}

struct ledger *
rib_out_ledger(struct rib_out *out, enum family family)
{
	struct audience *a = &out->told[family];

	if (!a->ledger) {
		a->blobs = out->speaker->values;
		a->sets = out->speaker->sets;
		a->ledger = ledger_new(&ops, a);
		ledger_identity(a->ledger, nlri_key(family));
		if (nlri_is_short(family))
			ledger_short(a->ledger);
		if (some_peer_has_paths(out->speaker, family))
			ledger_own_paths(a->ledger);
	}
	return a->ledger;
}

uint64_t
rib_out_count(const struct rib_out *out)
{
	uint64_t n = 0;

	for (int f = 0; f < FAMILIES; f++)
		n += out->told[f].ledger ? ledger_count(out->told[f].ledger) : 0;
	return n;
}

/* --- messages --- */

void
rib_out_soon(struct rib_out *out, const struct routes_message *m)
{
	const struct routes_part *part = &m->announce[0];

	if (m->announces > 0 && part->nlri.left <= SOON_OCTETS && nlri_ops(part->family) &&
	    routes_ahead_soon(out->ahead, out->speaker->values, m))
		nlri_prefetch(
		    rib_out_ledger(out, part->family), part->family, part->path_ids, part->nlri);
}

static void
withdraw_part(struct rib_out *out, const struct routes_part *part, uint32_t set)
{
	bool keeps = part->value.attributes.left > 0 || part->value.raw.left > 0;
	struct reader bin = part->nlri;
	struct blob *value;
	struct nlri nlri;

	if (!nlri_ops(part->family))
		return;
	value = keeps ? route_value_intern(&part->value, out->speaker->values) : NULL;
	nlri_prefetch(rib_out_ledger(out, part->family), part->family, part->path_ids, bin);
	while (nlri_next(part->family, part->path_ids, &bin, &nlri))
		audience_withdraw(&out->told[part->family], nlri.path_id, nlri.octets,
		    blob_get(value), set, true);
	blob_put(out->speaker->values, value);
}

static bool
waits_under(void *owners, uint32_t owner)
{
	return owners_waited(owners, owner);
}

/* A controller has no more room for what it wants to be told. */
static void
note_full(struct rib_out *out, enum family f)
{
	if (!(out->full & family_bit(f)))
		log_error("rib-out",
		    "no room for more than %zu routes of %s: what is beyond is told to nobody",
		    ledger_count(out->told[f].ledger), family_name(f));
	out->full |= family_bit(f);
}

static void
announce_part(struct rib_out *out, const struct routes_message *m, unsigned i, uint32_t set,
    uint32_t again, uint32_t owner)
{
	const struct routes_part *part = &m->announce[i];
	struct audience *told = &out->told[part->family];
	struct reader bin = part->nlri;
	struct blob *value;
	struct nlri nlri;

	if (!nlri_ops(part->family))
		return;
	if (i > 0 || !routes_ahead_has(out->ahead, m))
		nlri_prefetch(
		    rib_out_ledger(out, part->family), part->family, part->path_ids, part->nlri);
	value = routes_ahead_value(out->ahead, out->speaker->values, m, i);
	if (!value)
		return;
	while (nlri_next(part->family, part->path_ids, &bin, &nlri)) {
		if (!audience_has_room(told, nlri.path_id, nlri.octets, set)) {
			note_full(out, part->family);
			continue;
		}
		if (again != SET_NONE)
			audience_leave(told, nlri.path_id, nlri.octets, again);
		/* who reads what waits under a limit finds it by its owner, and who else reads has passed it by: under
		 * another owner it has to be told anew */
		if (owners_waited_any(out->owners))
			audience_change_owner(told, nlri.path_id, nlri.octets, value, set, owner,
			    waits_under, out->owners);
		audience_announce(told, nlri.path_id, nlri.octets, blob_get(value), set, owner);
	}
	blob_put(out->speaker->values, value);
}

static void
apply(struct rib_out *out, const struct routes_message *m)
{
	struct sets *sets = out->speaker->sets;
	uint32_t slot = m->one_peer ? slot_of(out->slots, m->peer) : SLOT_NONE, set, again;

	if (m->one_peer && slot == SLOT_NONE)
		return;
	set = m->one_peer ? set_of(sets, slot) : slots_set(out->slots, sets, m->peers);
	again = out->restating ? SET_NONE : set_both(sets, set, out->again);
	for (unsigned i = 0; i < m->withdraws; i++)
		withdraw_part(out, &m->withdraw[i], set);
	for (unsigned i = 0; i < m->announces; i++)
		announce_part(out, m, i, set, again, owners_ours(out->owners, m->owner));
	set_put(sets, again);
	set_put(sets, set);
	advertise_wake(out->speaker->advertise);
}

void
rib_out_message(struct rib_out *out, const struct routes_message *m)
{
	apply(out, m);
	routes_ahead_done(out->ahead, m);
}

/* Whose names were of use to the lane before is open again: no name goes before the next sweep. */
void
rib_out_lane(struct rib_out *out)
{
	owners_lane(out->owners);
	out->counting_in = 0;
}

/* --- generations --- */

void
rib_out_begin(struct rib_out *out)
{
	out->restating = true;
	out->sweeping = out->counting_in = 0;
	for (int f = 0; f < FAMILIES; f++)
		out->sweep_generation[f] =
		    out->told[f].ledger ? ledger_begin(out->told[f].ledger) : 0;
}

void
rib_out_end(struct rib_out *out)
{
	out->restating = false;
	for (int f = 0; f < FAMILIES; f++) {
		/* a ledger that is younger than the begin has nothing older than it */
		if (out->told[f].ledger && out->sweep_generation[f] > 0)
			out->sweeping |= family_bit((enum family)f);
		if (out->told[f].ledger)
			out->counting_in |= family_bit((enum family)f);
		out->sweep_at[f] = out->count_at[f] = 0;
	}
	owners_count_begin(out->owners);
	loop_wake(out->sweeper);
}

/* Somebody left the fleet while we were without a controller, or a route did. */
static void
stale(void *arg, struct ledger *l, struct ledger_entry *e)
{
	const enum family *f = arg;

	ledger_withdraw(l, e, family_table[*f].sparse ? NULL : blob_get(ledger_value(e)));
}

static void
sweep_family(struct rib_out *out, enum family f)
{
	struct ledger *l = out->told[f].ledger;

	if (ledger_sweep(
		l, &out->sweep_at[f], STEPS, LEDGER_ANY, out->sweep_generation[f], stale, &f))
		out->sweeping &= ~family_bit(f);
	advertise_wake(out->speaker->advertise);
}

/* Nobody is told anything for them any more. */
static void
release_forgotten(struct rib_out *out)
{
	struct sets *sets = out->speaker->sets;

	for (int32_t s = set_next(sets, out->forgetting, 0); s >= 0;
	     s = set_next(sets, out->forgetting, (uint32_t)s + 1))
		slot_release(out->slots, (uint32_t)s);
	set_put(sets, out->forgetting);
	out->forgetting = SET_NONE;
}

static void
carried(void *arg, struct ledger *l, struct ledger_entry *e)
{
	owners_carried(arg, ledger_owner(l, e));
}

/* False: time is up. */
static bool
count_owners(struct rib_out *out)
{
	for (int f = 0; f < FAMILIES; f++)
		while (out->counting_in & family_bit((enum family)f)) {
			if (ledger_visit(out->told[f].ledger, &out->count_at[f], STEPS, carried,
				out->owners))
				out->counting_in &= ~family_bit((enum family)f);
			if (out->counting_in == 0)
				owners_count_end(out->owners);
			if (loop_spent(out->speaker->loop))
				return false;
		}
	return true;
}

static enum loop_verdict
sweep(void *self)
{
	struct rib_out *out = self;
	struct loop *loop = out->speaker->loop;

	for (int f = 0; f < FAMILIES; f++) {
		while (out->sweeping & family_bit((enum family)f)) {
			sweep_family(out, (enum family)f);
			if (loop_spent(loop))
				return LOOP_NOW;
		}
		while (out->forgetting_in & family_bit((enum family)f)) {
			if (audience_forget(
				&out->told[f], &out->forget_at[f], STEPS, out->forgetting))
				out->forgetting_in &= ~family_bit((enum family)f);
			if (loop_spent(loop))
				return LOOP_NOW;
		}
	}
	release_forgotten(out);
	return count_owners(out) ? LOOP_LATER : LOOP_NOW;
}

static void
tell_again(struct rib_out *out, uint32_t one, bool again)
{
	struct sets *sets = out->speaker->sets;
	uint32_t next = again ? set_union(sets, out->again, one) : set_minus(sets, out->again, one);

	set_put(sets, out->again);
	out->again = next;
}

void
rib_out_again(struct rib_out *out, uint32_t number, bool again)
{
	uint32_t slot = again || out->again != SET_NONE ? slot_of(out->slots, number) : SLOT_NONE,
		 one;

	if (slot == SLOT_NONE)
		return;
	one = set_of(out->speaker->sets, slot);
	tell_again(out, one, again);
	set_put(out->speaker->sets, one);
}

void
rib_out_forget(struct rib_out *out, uint32_t number)
{
	struct sets *sets = out->speaker->sets;
	uint32_t slot = slot_leave(out->slots, number), one, both;

	if (slot == SLOT_NONE)
		return;
	one = set_of(sets, slot);
	tell_again(out, one, false);
	both = set_union(sets, out->forgetting, one);
	set_put(sets, one);
	set_put(sets, out->forgetting);
	out->forgetting = both;
	for (int f = 0; f < FAMILIES; f++) {
		out->forget_at[f] = 0;
		if (out->told[f].ledger)
			out->forgetting_in |= family_bit((enum family)f);
	}
	loop_wake(out->sweeper);
}

/* --- life --- */

struct rib_out *
rib_out_open(struct speaker *speaker)
{
	struct rib_out *out = mem_zero(sizeof *out);

	out->speaker = speaker;
	out->slots = slots_new();
	out->ahead = mem_zero(sizeof *out->ahead);
	out->owners = owners_new();
	out->sweeper = loop_work(speaker->loop, LOOP_WORK, sweep, out);
	return out;
}

void
rib_out_close(struct rib_out *out)
{
	if (!out)
		return;
	loop_close(out->sweeper);
	set_put(out->speaker->sets, out->forgetting);
	set_put(out->speaker->sets, out->again);
	for (int f = 0; f < FAMILIES; f++)
		if (out->told[f].ledger)
			ledger_free(out->told[f].ledger);
	slots_free(out->slots);
	owners_free(out->owners);
	mem_free(out->ahead);
	mem_free(out);
}
