/* Covers of which nobody knows any more what they would have to be told: they begin anew when they can. */
#include "controller/api/cover_inner.h"
#include "controller/api/api.h"

/* Nothing is kept for it until it can take something. */
static void
lose(struct cover *c)
{
	cover_close_readers(c);
	c->phase = COVER_LOST;
	c->reset_owed = c->resync = true;
	c->absent = c->resumed = false;
	c->skipped = 0;
	c->end_of_rib_owed = 0;
	cover_fall_behind(c);
}

/* Live or behind, and without a table that could say what changed. */
static bool
has_no_table(const struct cover *c)
{
	return c->updates && !cover_keeps_table(c) &&
	       (c->phase == COVER_LIVE || c->phase == COVER_BEHIND);
}

void
api_mirror_overrun(struct ledger_reader *r)
{
	struct cover *c = ledger_reader_party(r);

	if (!cover_keeps_table(c)) {
		lose(c);
		return;
	}
	for (int f = 0; f < FAMILIES; f++)
		if (c->reader[f])
			ledger_reader_to_head(c->reader[f]);
	c->phase = COVER_SNAPSHOT;
	c->reset_owed = c->resync = true;
	c->skipped = 0;
	cover_fall_behind(c);
}

bool
api_is_behind(const struct neighbor *n)
{
	EACH_COVER(link, n)
	if (cover_at(link)->phase == COVER_BEHIND)
		return true;
	return false;
}

static void
forget_families(struct cover *c, uint32_t families)
{
	for (int f = 0; f < FAMILIES; f++)
		if (c->reader[f] && (families & family_bit((enum family)f)))
			ledger_reader_to_tail(c->reader[f]);
}

void
api_forgotten(struct neighbor *n, uint32_t families, bool over)
{
	bool table = n->mirror && mirror_is_table(n->mirror);

	EACH_COVER(link, n)
	{
		struct cover *c = cover_at(link);

		if (!has_no_table(c))
			continue;
		if (!table)
			forget_families(c, families);
		if (over)
			c->end_of_rib_owed &= ~families;
		/* a helper is told that the session is down, and forgets all by that */
		if (c->subscription->listener)
			c->told &= over ? 0 : ~families;
		else if (!table && (c->told & families))
			lose(c);
	}
	mirror_settle(n);
}

void
api_lost(struct neighbor *n)
{
	EACH_COVER(link, n)
	if (has_no_table(cover_at(link)))
		lose(cover_at(link));
	mirror_settle(n);
}

void
api_found_again(struct neighbor *n)
{
	EACH_COVER(link, n)
	{
		struct cover *c = cover_at(link);

		if (has_no_table(c) && c->absent && (c->told || neighbor_has_said(n)))
			lose(c);
		c->absent = false;
	}
	mirror_settle(n);
}
