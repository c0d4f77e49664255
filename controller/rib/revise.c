/* What was decided once is decided anew, in slices: all of it when targets or policies have changed; when the content
 * of a named set has, those routes that the difference is about. */
#include "common/mem.h"
#include "controller/config/config.h"
#include "controller/rib/rib_inner.h"
#include "proto/bgp/attrs.h"

enum { STEPS = 256 };

/* --- is a route touched? --- */

/* Any AS of the path: what a condition asks of its ends is answered otherwise only then. */
static bool
touches_path(const struct named_list *l, struct reader path)
{
	while (path.left > 0 && reader_ok(&path)) {
		unsigned count;

		(void)reader_u8(&path);
		count = reader_u8(&path);
		for (; count > 0 && path.left >= 4; count--)
			if (named_list_has_as(l, reader_u32(&path)))
				return true;
	}
	return false;
}

static bool
touches_value(const struct named_list *l, struct reader attributes)
{
	struct attr a;

	while (attrs_next(&attributes, &a))
		if (a.code == ATTR_AS_PATH ? touches_path(l, a.value)
					   : named_list_meets(l, a.code, a.value))
			return true;
	return false;
}

static bool
touched(const struct rib *r, enum family f, const struct rib_path *path)
{
	const struct rib_paths *t = &r->paths[f];
	const struct blob *value = ledger_value(paths_entry(t, path));
	struct prefix p;
	bool prefix = nlri_prefix(f, paths_key(t, path), &p);

	for (size_t i = 0; i < r->touches; i++)
		if ((prefix && named_list_has_prefix(r->touched[i], &p)) ||
		    (value &&
			touches_value(r->touched[i], route_value_of(blob_read(value)).attributes)))
			return true;
	return false;
}

/* --- slices --- */

static void
some(struct rib *r, enum family f)
{
	struct rib_paths *t = &r->paths[f];

	for (unsigned i = 0; i < STEPS && r->revise_at[f] < t->used; i++, r->revise_at[f]++) {
		const struct rib_path *path = paths_at(t, r->revise_at[f]);

		if (paths_taken(t, r->revise_at[f]) && (r->revise_whole || touched(r, f, path)))
			rib_decide(r, f, paths_key(t, path), RIB_NOWHERE, RIB_NOWHERE);
	}
	if (r->revise_at[f] >= t->used)
		r->revising &= ~family_bit(f);
}

static void
forget(struct rib *r)
{
	for (size_t i = 0; i < r->touches; i++)
		named_list_put(r->touched[i]);
	r->touches = 0;
	r->revise_whole = false;
}

static enum loop_verdict
revise(void *self)
{
	struct rib *r = self;

	for (int f = 0; f < FAMILIES; f++)
		while (r->revising & family_bit((enum family)f)) {
			some(r, (enum family)f);
			if (loop_spent(r->controller->loop))
				return LOOP_NOW;
		}
	/* only then was every route looked at */
	if (r->revise_whole && !verdicts_sweep(&r->verdicts))
		return LOOP_NOW;
	forget(r);
	return LOOP_LATER;
}

/* From the start, whatever is under way. */
static void
begin(struct rib *r)
{
	for (int f = 0; f < FAMILIES; f++) {
		r->revise_at[f] = 0;
		if (r->paths[f].count > 0)
			r->revising |= family_bit((enum family)f);
	}
	r->verdicts.sweep_at = 0;
	loop_wake(r->reviser);
}

void
revise_all(struct rib *r)
{
	forget(r);
	r->revise_whole = true;
	begin(r);
}

/* An action that puts what has changed into routes: those that have it then are not known by what they have now. */
static bool
any_puts(const struct controller *c, const struct named_list *by)
{
	for (size_t i = 0; i < c->config->policy_count; i++)
		if (policy_puts(c->config->policies[i], by))
			return true;
	return false;
}

void
rib_set_changed(struct controller *c, struct named_list *by)
{
	struct rib *r = c->rib;

	if (!r || named_list_count(by) == 0)
		return;
	r->version++; /* what was seen of values holds no more */
	if (!r->revise_whole && any_puts(c, by))
		r->revise_whole = true;
	r->touched =
	    mem_grow(r->touched, &r->touch_cap, r->touches + 1, sizeof(struct named_list *));
	r->touched[r->touches++] = named_list_get(by);
	begin(r);
}

/* --- life --- */

void
revise_init(struct rib *r)
{
	r->reviser = loop_work(r->controller->loop, LOOP_WORK, revise, r);
}

void
revise_fini(struct rib *r)
{
	forget(r);
	mem_free(r->touched);
	loop_close(r->reviser);
}
