/* Several paths of a prefix to those who take them (RFC 7911): the best so many, or all, each under the number that
 * it has in the table, which it keeps as long as it is there. */
#include "controller/fleet.h"
#include "controller/rib/rib_inner.h"

/* Places in `path` of those that contend, the best first. */
static size_t
rank(const struct rib *r, const struct contest *c, size_t most, size_t *place)
{
	static struct contender left[RIB_CONTENDERS];
	static size_t where[RIB_CONTENDERS];
	size_t n = c->contenders, count = 0;

	for (size_t i = 0; i < n; i++) {
		left[i] = c->contender[i];
		where[i] = c->contends[i];
	}
	while (n > 0 && count < most) {
		size_t best = best_choose(left, n, &r->rules);

		place[count++] = where[best];
		left[best] = left[--n];
		where[best] = where[n];
	}
	return count;
}

/* One path to the groups of one speaker that take several; `at`: how many are better. */
static void
tell_one(struct rib *r, struct speaker_entry *speaker, enum family f, const struct contest *c,
    size_t place, size_t at)
{
	struct sets *sets = r->controller->sets;
	const struct rib_source *s = c->path[place].source;
	struct reader key = ledger_key(s->ledger[f], c->path[place].entry);
	uint32_t told = SET_NONE, own = set_of(sets, s->neighbor->number);

	for (size_t i = 0; i < r->targets; i++) {
		const struct rib_target *t = &r->target[i];
		uint32_t members, both, owner = r->owner;
		struct blob *value = NULL;
		bool open = false;

		if (t->speaker != speaker || t->family != f || t->export.paths == 1 ||
		    (t->export.paths > 0 && at >= t->export.paths) ||
		    !export_allowed(&s->export, &t->export))
			continue;
		members = set_minus(sets, t->members, own);
		if (members != SET_NONE)
			value = come_to(r, c, place, t, &owner, &open);
		if (value)
			told_announce(
			    r, speaker, f, c->path[place].number + 1, key, value, owner, members);
		if (value || open) {
			both = set_union(sets, told, members);
			set_put(sets, told);
			told = both;
		}
		set_put(sets, members);
	}
	told_withdraw(r, speaker, f, c->path[place].number + 1, key, told);
	set_put(sets, told);
	set_put(sets, own);
}

void
several_tell(struct rib *r, enum family f, struct reader key, struct contest *c, uint32_t gone)
{
	static size_t place[RIB_CONTENDERS];
	size_t ranked = rank(r, c, RIB_CONTENDERS, place);

	LIST_EACH(link, fleet_speakers(r->controller->fleet)) {
		struct speaker_entry *speaker = LIST_ENTRY(link, struct speaker_entry, link);

		for (size_t i = 0; i < ranked; i++)
			tell_one(r, speaker, f, c, place[i], i);
		for (size_t i = 0; i < c->count; i++)
			if (c->path[i].out)
				told_withdraw(r, speaker, f, c->path[i].number + 1, key, SET_NONE);
		if (gone != RIB_NOWHERE)
			told_withdraw(r, speaker, f, gone + 1, key, SET_NONE);
	}
}
