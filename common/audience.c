/* Entries for sets of members. For each entry of a key the members asked for are taken out of it: whole
 * entries are reused, parts leave in silence, and what is news goes to the tail in one entry. */
#include "common/audience.h"

void
audience_release(struct audience *a, struct blob *value, uint32_t set)
{
	blob_put(a->blobs, value);
	set_put(a->sets, set);
}

/* The members of `set` leave entry e, that the walk gave, without anybody being told. */
static void
leave(struct audience *a, struct ledger_entry *e, uint32_t set)
{
	uint32_t rest = set_minus(a->sets, ledger_audience(a->ledger, e), set);

	if (rest == SET_NONE)
		ledger_drop(a->ledger, e);
	else
		ledger_narrow(a->ledger, e, rest);
}

/* Members `same` of e are told again what they were told: part of an entry becomes one of its own, so that
 * the rest keeps its older generation, and the walk starts again. */
static void
restate(struct audience *a, struct ledger_entry *e, uint32_t same, uint32_t owner,
    struct ledger_walk *w)
{
	uint32_t rest = set_minus(a->sets, ledger_audience(a->ledger, e), same);

	if (rest != SET_NONE) {
		e = ledger_split(a->ledger, e, set_get(a->sets, same), rest);
		*w = (struct ledger_walk){ 0 };
	}
	ledger_restate(a->ledger, e, owner);
}

/* What became of the members of a set while the entries of a key were gone through. */
struct sorted {
	uint32_t news; /* share: members to be told, not yet in an entry */
	uint32_t known; /* share: members that had been told something (no mark) */
	uint32_t owner; /* whose that was; 0: of several */
	unsigned marks; /* that they left */
	uint32_t mark_owner; /* whose those were; 0: of several */
};

/* Take `set` out of all entries of the key but those that say `value` already (restated; NULL: none), and out
 * of its marks, or not when those still say what is to be said. */
static void
sort_out(struct audience *a, uint32_t path_id, struct reader key, const struct blob *value,
    uint32_t set, uint32_t owner, bool marks_too, struct sorted *s)
{
	uint32_t todo = set_get(a->sets, set);
	struct ledger_walk w = { 0 };
	struct ledger_entry *e;

	*s = (struct sorted){ .news = set_get(a->sets, set) };
	while (todo != SET_NONE && (e = ledger_same(a->ledger, path_id, key, &w))) {
		uint32_t both = set_both(a->sets, ledger_audience(a->ledger, e), todo), next;

		if (both == SET_NONE || (e->mark && !marks_too)) {
			set_put(a->sets, both);
			continue;
		}
		if (e->mark) {
			s->mark_owner =
			    s->marks++ == 0 || s->mark_owner == ledger_owner(a->ledger, e)
				? ledger_owner(a->ledger, e)
				: 0;
		} else {
			s->owner = s->known == SET_NONE || s->owner == ledger_owner(a->ledger, e)
				       ? ledger_owner(a->ledger, e)
				       : 0;
			next = set_union(a->sets, s->known, both);
			set_put(a->sets, s->known);
			s->known = next;
		}
		if (!e->mark && value && ledger_value(e) == value &&
		    ledger_spelt(a->ledger, e, key)) {
			next = set_minus(a->sets, s->news, both);
			set_put(a->sets, s->news);
			s->news = next;
			restate(a, e, both, owner, &w);
		} else {
			leave(a, e, both);
		}
		next = set_minus(a->sets, todo, both);
		set_put(a->sets, todo);
		todo = next;
		set_put(a->sets, both);
	}
	set_put(a->sets, todo);
}

/* The usual case by itself: the key has one entry and it is for exactly this set (a new value, the same
 * again, a withdraw), or none: no walk, no sets made. */
static struct ledger_entry *
only_entry(const struct audience *a, uint32_t path_id, struct reader key, uint32_t set,
    struct ledger_walk *w, bool *none)
{
	struct ledger_entry *e = ledger_same(a->ledger, path_id, key, w);

	*none = !e;
	return e && ledger_audience(a->ledger, e) == set && !ledger_same(a->ledger, path_id, key, w)
		   ? e
		   : NULL;
}

/* The entry of several that is for exactly this set: where there is no room for another, it can be told otherwise. The others
 * have none of its members. */
static struct ledger_entry *
entry_for(const struct audience *a, uint32_t path_id, struct reader key, uint32_t set)
{
	struct ledger_walk w = { 0 };
	struct ledger_entry *e = ledger_same(a->ledger, path_id, key, &w);

	while (e && ledger_audience(a->ledger, e) != set)
		e = ledger_same(a->ledger, path_id, key, &w);
	return e;
}

/* To exactly the set of an entry. */
static size_t
say_again(struct audience *a, struct ledger_entry *e, struct reader key, struct blob *value,
    uint32_t owner)
{
	uint32_t set = ledger_audience(a->ledger, e);

	if (!e->mark && ledger_value(e) == value && ledger_spelt(a->ledger, e, key)) {
		ledger_restate(a->ledger, e, owner);
		blob_put(a->blobs, value);
		return 0;
	}
	ledger_spell(a->ledger, e, key);
	ledger_change(a->ledger, e, value, set_get(a->sets, set), owner);
	return set_count(a->sets, set);
}

/* Of a key of which nothing was said. */
static size_t
say_first(struct audience *a, const struct ledger_walk *w, uint32_t path_id, struct reader key,
    struct blob *value, uint32_t set, uint32_t owner)
{
	if (set == SET_NONE)
		blob_put(a->blobs, value);
	else
		ledger_put_walked(a->ledger, w, path_id, key, value, set_get(a->sets, set), owner);
	return set_count(a->sets, set);
}

bool
audience_has_room(const struct audience *a, uint32_t path_id, struct reader key, uint32_t set)
{
	const struct ledger_entry *e;

	if (ledger_has_room(a->ledger))
		return true;
	e = entry_for(a, path_id, key, set);
	return e && !e->mark;
}

bool
audience_say(struct audience *a, uint32_t hash, uint32_t path_id, struct reader key,
    struct blob *value, uint32_t set, uint32_t owner, size_t *news)
{
	struct ledger_walk w = { .hash = hash, .hashed = true };
	bool none, room = ledger_has_room(a->ledger);
	struct ledger_entry *e = only_entry(a, path_id, key, set, &w, &none);

	if (!room && (none || (e && e->mark)))
		return false;
	if (none)
		*news = say_first(a, &w, path_id, key, value, set, owner);
	else if (e && (e->mark || ledger_owner(a->ledger, e) == owner))
		*news = say_again(a, e, key, value, owner);
	else
		return false;
	return true;
}

size_t
audience_announce(struct audience *a, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t set, uint32_t owner)
{
	struct ledger_walk w = { 0 };
	bool none, room = ledger_has_room(a->ledger);
	struct ledger_entry *e = only_entry(a, path_id, key, set, &w, &none);
	struct sorted s;
	size_t news;

	if (!room && !e)
		e = entry_for(a, path_id, key, set);
	if (!room && (!e || e->mark)) {
		blob_put(a->blobs, value);
		return 0;
	}
	if (e)
		return say_again(a, e, key, value, owner);
	if (none)
		return say_first(a, &w, path_id, key, value, set, owner);
	sort_out(a, path_id, key, value, set, owner, true, &s);
	news = set_count(a->sets, s.news);
	set_put(a->sets, s.known);
	if (news > 0)
		ledger_put(a->ledger, path_id, key, value, s.news, owner);
	else
		blob_put(a->blobs, value);
	return news;
}

const struct ledger_entry *
audience_told(const struct audience *a, uint32_t path_id, struct reader key, uint32_t member)
{
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while ((e = ledger_same(a->ledger, path_id, key, &w)))
		if (!e->mark && set_has(a->sets, ledger_audience(a->ledger, e), member))
			return e;
	return NULL;
}

void
audience_leave(struct audience *a, uint32_t path_id, struct reader key, uint32_t set)
{
	struct ledger_walk w = { 0 };
	struct ledger_entry *e;

	while ((e = ledger_same(a->ledger, path_id, key, &w)))
		if (!e->mark && set_meets(a->sets, ledger_audience(a->ledger, e), set))
			leave(a, e, set);
}

void
audience_leave_entry(struct audience *a, struct ledger_entry *e, uint32_t set)
{
	if (set_meets(a->sets, ledger_audience(a->ledger, e), set))
		leave(a, e, set);
}

void
audience_change_owner(struct audience *a, uint32_t path_id, struct reader key,
    const struct blob *value, uint32_t set, uint32_t owner,
    bool (*matters)(void *self, uint32_t owner), void *self)
{
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;

	while ((e = ledger_same(a->ledger, path_id, key, &w)))
		if (!e->mark && ledger_owner(a->ledger, e) != owner && ledger_value(e) == value &&
		    (!matters || matters(self, ledger_owner(a->ledger, e))) &&
		    set_meets(a->sets, ledger_audience(a->ledger, e), set)) {
			audience_leave(a, path_id, key, set);
			return;
		}
}

size_t
audience_withdraw(struct audience *a, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t set, bool unknown_too)
{
	struct ledger_walk w = { 0 };
	bool none, room = ledger_has_room_for_mark(a->ledger);
	struct ledger_entry *e = only_entry(a, path_id, key, set, &w, &none);
	struct sorted s;
	uint32_t to;
	size_t known;

	if (!room && !e)
		e = entry_for(a, path_id, key, set);
	if (e && !e->mark) {
		known = set_count(a->sets, set);
		ledger_spell(a->ledger, e, key);
		ledger_withdraw(a->ledger, e, value);
		return known;
	}
	sort_out(a, path_id, key, NULL, set, 0, unknown_too, &s);
	known = set_count(a->sets, s.known);
	to = unknown_too ? s.news : s.known;
	set_put(a->sets, unknown_too ? s.known : s.news);
	if (to != SET_NONE && room) {
		e = ledger_put(
		    a->ledger, path_id, key, NULL, to, known > 0 ? s.owner : s.mark_owner);
		ledger_withdraw(a->ledger, e, value);
	} else {
		set_put(a->sets, to);
		blob_put(a->blobs, value);
	}
	return known;
}

size_t
audience_adopt(struct audience *a, uint32_t path_id, struct reader key, struct blob *value,
    uint32_t set, uint32_t owner)
{
	uint32_t left = set_get(a->sets, ledger_has_room(a->ledger) ? set : SET_NONE), next;
	struct ledger_walk w = { 0 };
	const struct ledger_entry *e;
	size_t count;

	while (left != SET_NONE && (e = ledger_same(a->ledger, path_id, key, &w))) {
		next = set_minus(a->sets, left, ledger_audience(a->ledger, e));
		set_put(a->sets, left);
		left = next;
	}
	count = set_count(a->sets, left);
	if (count > 0)
		ledger_unsay(a->ledger, ledger_put(a->ledger, path_id, key, value, left, owner));
	else
		blob_put(a->blobs, value);
	return count;
}

struct forget {
	struct audience *audience;
	uint32_t set;
};

static void
forget(void *arg, struct ledger *l, struct ledger_entry *e)
{
	const struct forget *f = arg;

	(void)l;
	audience_leave_entry(f->audience, e, f->set);
}

bool
audience_forget(struct audience *a, uint32_t *at, unsigned steps, uint32_t set)
{
	struct forget who = { a, set };

	return ledger_visit(a->ledger, at, steps, forget, &who);
}
