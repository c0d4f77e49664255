#include "tests/unit/controller/api/world.h"

static struct mirror *
up_with_two_routes(struct neighbor *n)
{
	struct mirror *m;

	report(n, PEER_ESTABLISHED, 1, "");
	m = mirror_need(n);
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	return m;
}

static void
what_is_not_said_again_goes_with_the_end(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);

	turns(w, 2);
	assert_true(m->whole);
	assert_int_equal(mirror_count(m), 2);
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	turns(w, 2);
	assert_false(m->whole);
	assert_int_equal(mirror_count(m), 2);
	mirror_end(n);
	turns(w, 2);
	assert_true(m->whole);
	assert_int_equal(mirror_count(m), 1);
	mirror_done(n);
}

/* The session ended, and the next one came before its routes were swept. */
static void
a_sweep_that_was_under_way_is_not_the_end_of_a_restatement(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);

	turns(w, 2);
	mirror_down(n);
	mirror_begin(n);
	turns(w, 2);
	assert_false(m->whole);
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	turns(w, 2);
	assert_true(m->whole);
	assert_int_equal(mirror_count(m), 1);
	mirror_done(n);
}

/* Marks of that owner in front of the reader, which passes all that is there. */
static unsigned
marks(struct ledger_reader *r, uint32_t owner)
{
	struct ledger_entry *entries[8];
	size_t count = ledger_reader_peek(r, entries, 8);
	unsigned marks = 0;

	for (size_t i = 0; i < count; i++)
		marks += entries[i]->mark && entries[i]->owner == owner;
	ledger_reader_pass(r, count);
	return marks;
}

static void
what_went_with_a_session_is_told_from_what_was_withdrawn(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m = up_with_two_routes(n);
	struct ledger_reader *r = ledger_reader_open(m->ledger[IPV4_UNICAST], NULL, false);

	turns(w, 2);
	heard(n, true, 0, "route 10.0.0.0/24");
	assert_int_equal(marks(r, MIRROR_WITHDRAWN), 1);
	mirror_down(n);
	turns(w, 2);
	assert_int_equal(marks(r, MIRROR_LOST), 1);
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	turns(w, 2);
	assert_int_equal(marks(r, MIRROR_LOST), 0);
	/* the same session, told once more */
	mirror_begin(n);
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	turns(w, 2);
	assert_int_equal(marks(r, MIRROR_WITHDRAWN), 1);
	/* the next session is there before the sweep was */
	mirror_down(n);
	mirror_begin(n);
	mirror_end(n);
	turns(w, 2);
	assert_int_equal(marks(r, MIRROR_LOST), 1);
	ledger_reader_close(r);
	mirror_done(n);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(what_is_not_said_again_goes_with_the_end),
		WORLD_TEST(a_sweep_that_was_under_way_is_not_the_end_of_a_restatement),
		WORLD_TEST(what_went_with_a_session_is_told_from_what_was_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
