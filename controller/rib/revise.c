/* What was decided once is decided anew, in slices: all of it when targets or policies have changed; when the content
 * of a named set has, those routes that the difference is about.
 *
 * One walk over the paths is under way at a time, and it ends: what changes meanwhile is for the next, however often
 * it does, and is kept as few lists: small ones are laid together, and when there are too many all of it is looked at.
 * What a walk has still before it is decided by what holds then, so nothing is decided by what was. */
#include "controller/config/config.h"
#include "controller/policy/sorted.h"
#include "controller/rib/rib_inner.h"
#include "proto/bgp/attrs.h"

enum {
	STEPS = 256,
	SMALL = 4096, /* entries of a list that another is laid to */
	ENTRIES = 1 << 20 /* of all lists together; then all routes are looked at */
};

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
touched(const struct rib *r, enum family f, struct rib_path path)
{
	const struct rib_touched *by = &r->revised;
	const struct rib_paths *t = &r->paths[f];
	const struct blob *value = ledger_value(paths_entry(t, path));
	struct prefix p;
	bool prefix = nlri_prefix(f, paths_key(t, path), &p);

	for (size_t i = 0; i < by->count; i++)
		if ((prefix && named_list_has_prefix(by->list[i], &p)) ||
		    (value &&
			touches_value(by->list[i], route_value_of(blob_read(value)).attributes)))
			return true;
	return false;
}

/* --- what is noted --- */

static void
forget(struct rib_touched *t)
{
	for (size_t i = 0; i < t->count; i++)
		named_list_put(t->list[i]);
	*t = (struct rib_touched){ 0 };
}

static void
note_whole(struct rib_touched *t)
{
	forget(t);
	t->whole = true;
}

/* The place of a small one of that kind; count: there is none. */
static size_t
small_one(const struct rib_touched *t, enum named_kind kind)
{
	size_t i = 0;

	while (i < t->count &&
	       (named_list_kind(t->list[i]) != kind || named_list_count(t->list[i]) > SMALL))
		i++;
	return i;
}

static void
note(struct rib_touched *t, struct named_list *by)
{
	size_t n = named_list_count(by),
	       at = n > SMALL ? t->count : small_one(t, named_list_kind(by));

	if (t->whole)
		return;
	if (at == t->count && (t->count == RIB_TOUCHED || t->entries + n > ENTRIES)) {
		note_whole(t);
	} else if (at == t->count) {
		t->list[t->count++] = named_list_get(by);
		t->entries += n;
	} else {
		struct named_list *had = t->list[at];

		t->list[at] = named_list_merge(had, by, SORTED_UNION);
		t->entries += named_list_count(t->list[at]) - named_list_count(had);
		named_list_put(had);
	}
}

/* --- slices --- */

static void
begin(struct rib *r)
{
	r->revised = r->revise_next;
	r->revise_next = (struct rib_touched){ 0 };
	r->revising = true;
	r->revise_version = r->version;
	r->verdicts.sweep_at = 0;
	for (int f = 0; f < FAMILIES; f++) {
		r->revise_at[f] = 0;
		/* what comes behind is decided when it comes */
		r->revise_end[f] = r->paths[f].used;
	}
}

/* True at the end of that family. */
static bool
some(struct rib *r, enum family f)
{
	struct rib_paths *t = &r->paths[f];
	uint32_t *at = &r->revise_at[f];

	for (unsigned i = 0; i < STEPS && *at < r->revise_end[f]; i++, ++*at)
		if (paths_taken(t, *at) && (r->revised.whole || touched(r, f, paths_at(t, *at))))
			rib_decide(r, f, paths_key(t, paths_at(t, *at)), RIB_NOWHERE, RIB_NOWHERE);
	return *at >= r->revise_end[f];
}

static bool
is_noted(const struct rib_touched *t)
{
	return t->whole || t->count > 0;
}

static enum loop_verdict
revise(void *self)
{
	struct rib *r = self;

	if (!r->revising)
		begin(r);
	for (int f = 0; f < FAMILIES; f++)
		while (!some(r, (enum family)f))
			if (loop_spent(r->controller->loop))
				return LOOP_NOW;
	/* only then was every route looked at */
	if (r->revised.whole && !verdicts_sweep(&r->verdicts, r->revise_version))
		return LOOP_NOW;
	forget(&r->revised);
	r->revising = false;
	return is_noted(&r->revise_next) ? LOOP_NOW : LOOP_LATER;
}

void
revise_all(struct rib *r)
{
	note_whole(&r->revise_next);
	loop_wake(r->reviser);
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
	if (any_puts(c, by))
		note_whole(&r->revise_next);
	else
		note(&r->revise_next, by);
	loop_wake(r->reviser);
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
	forget(&r->revised);
	forget(&r->revise_next);
	loop_close(r->reviser);
}
