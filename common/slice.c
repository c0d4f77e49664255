#include "common/slice.h"
#include <string.h>

uint16_t
slice_take(struct slice *s, struct ledger *l, struct ledger_reader *r, size_t octets)
{
	size_t n = ledger_reader_peek(r, s->entry, SLICE_MAX), used = 0, i;

	for (i = 0; i < n; i++) {
		const struct ledger_entry *e = s->entry[i];

		used += ledger_key(l, e).left + 16 + (ledger_value(e) ? ledger_value(e)->len : 0);
		if (used > octets && i > 0)
			break;
	}
	s->ledger = l;
	s->entries = (uint16_t)i;
	s->groups = 0;
	return s->entries;
}

static bool
alike(
    const struct ledger *l, const struct ledger_entry *a, const struct ledger_entry *b, unsigned by)
{
	if (ledger_value(a) != ledger_value(b) || a->mark != b->mark)
		return false;
	return ledger_same_terms(l, a, b) ||
	       ((!(by & SLICE_BY_AUDIENCE) || ledger_audience(l, a) == ledger_audience(l, b)) &&
		   (!(by & SLICE_BY_OWNER) || ledger_owner(l, a) == ledger_owner(l, b)));
}

static uint32_t
slot_of(const struct ledger *l, const struct ledger_entry *e, unsigned by)
{
	uint32_t h = ledger_value(e) ? ledger_value(e)->hash : 0x9e3779b9u;

	if (by & SLICE_BY_AUDIENCE)
		h ^= ledger_audience(l, e) * 0x85ebca6bu;
	return (h ^ h >> 15) & (SLICE_SLOTS - 1);
}

static bool
joins(struct slice *s, uint16_t i, uint16_t group, unsigned by)
{
	struct slice_group *g = &s->group[group];

	if (!alike(s->ledger, s->entry[g->first], s->entry[i], by))
		return false;
	s->next[g->last] = i;
	g->last = i;
	g->count++;
	s->last = group;
	return true;
}

/* The group of entry i: mostly that of the one before it, else an old one, or a new one that it begins. */
static void
place(struct slice *s, uint16_t i, unsigned by)
{
	uint32_t at;

	s->next[i] = SLICE_END;
	if (s->last < s->groups && joins(s, i, s->last, by))
		return;
	at = slot_of(s->ledger, s->entry[i], by);
	while (s->slot[at] != SLICE_END) {
		if (joins(s, i, s->slot[at], by))
			return;
		at = (at + 1) & (SLICE_SLOTS - 1);
	}
	s->slot[at] = s->last = s->groups;
	s->group[s->groups++] = (struct slice_group){ i, i, 1 };
}

static void
begin(struct slice *s)
{
	s->groups = s->last = 0;
	memset(s->slot, 0xff, sizeof s->slot);
}

void
slice_group(
    struct slice *s, unsigned by, bool (*wanted)(void *arg, const struct ledger_entry *), void *arg)
{
	begin(s);
	for (uint16_t i = 0; i < s->entries; i++)
		if (!wanted || wanted(arg, s->entry[i]))
			place(s, i, by);
}

void
slice_group_within(struct slice *s, unsigned by, size_t octets,
    size_t (*head)(void *arg, const struct ledger_entry *), void *arg)
{
	size_t used = 0;

	begin(s);
	for (uint16_t i = 0; i < s->entries; i++) {
		uint16_t before = s->groups;

		place(s, i, by);
		if (s->groups == before)
			continue;
		used += head(arg, s->entry[i]);
		if (used > octets && i > 0) {
			s->groups = before;
			s->entries = i;
		}
	}
}
