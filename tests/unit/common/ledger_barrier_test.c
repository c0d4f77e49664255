#include "common/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/tools/ledger.h"

static void
a_barrier_fires_at_once_when_nothing_is_before_it(void **state)
{
	struct bell one = { 0 }, all = { 0 }, none = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &none);
	assert_int_equal(none.rung, 1);
	r = ledger_reader_open(f.l, NULL, false);
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	assert_int_equal(one.rung, 1);
	assert_int_equal(all.rung, 1);
	assert_int_equal(one.closed + one.superseded + all.closed + all.superseded, 0);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_barrier_of_one_reader_fires_when_that_one_has_passed(void **state)
{
	struct ledger_reader *r, *s;
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &bell);
	put(&f, "b", "1");
	assert_string_equal(ahead(&f, r), "a=1");
	assert_string_equal(ahead(&f, s), "a=1 b=1");
	ledger_reader_pass(s, 2);
	assert_int_equal(bell.rung, 0);
	ledger_reader_pass(r, 0);
	assert_int_equal(bell.rung, 0);
	ledger_reader_pass(r, 1);
	assert_int_equal(bell.rung, 1);
	assert_string_equal(ahead(&f, r), "b=1");
	ledger_reader_pass(r, 1);
	assert_int_equal(bell.rung, 1);
	assert_int_equal(bell.closed + bell.superseded, 0);
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
a_barrier_for_all_fires_when_the_last_one_has_passed(void **state)
{
	struct ledger_reader *r[3], *late;
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	for (int i = 0; i < 3; i++)
		r[i] = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &bell);
	put(&f, "b", "1");
	/* who comes later is not waited for */
	late = ledger_reader_open(f.l, NULL, true);
	assert_string_equal(ahead(&f, late), "a=1 b=1");
	assert_string_equal(ahead(&f, r[0]), "a=1");
	ledger_reader_pass(r[0], 1);
	assert_string_equal(ahead(&f, r[0]), "b=1");
	ledger_reader_to_tail(r[1]);
	assert_int_equal(bell.rung, 0);
	ledger_reader_to_tail(r[1]);
	ledger_reader_to_head(r[0]);
	ledger_reader_pass(r[0], 1);
	assert_int_equal(bell.rung, 0);
	ledger_reader_close(r[2]);
	assert_int_equal(bell.rung, 1);
	assert_int_equal(bell.closed, 0);
	ledger_reader_close(r[0]);
	ledger_reader_close(r[1]);
	ledger_reader_close(late);
	end(&f);
	(void)state;
}

/* However far behind the end of marks is. */
static void
a_barrier_for_all_waits_for_nobody_but_readers(void **state)
{
	struct ledger_reader *r, *s;
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	for (uint32_t i = 0; i < 5000; i++)
		ledger_put(f.l, i, word("a"), NULL, 0, 0);
	ledger_reader_close(r);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &bell);
	put(&f, "b", "1");
	assert_int_equal(bell.rung, 0);
	ledger_reader_to_tail(s);
	assert_int_equal(bell.rung, 1);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
a_reader_sent_back_to_the_head_has_its_barriers_before_it_still(void **state)
{
	struct bell one = { 0 }, all = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	r = ledger_reader_open(f.l, NULL, true);
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	ledger_reader_to_head(r);
	assert_int_equal(one.rung + all.rung, 0);
	assert_string_equal(ahead(&f, r), "a=1");
	ledger_reader_pass(r, 1);
	assert_int_equal(one.rung, 1);
	assert_int_equal(all.rung, 1);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
going_to_the_tail_fires_what_is_on_the_way(void **state)
{
	struct bell one = { 0 }, two = { 0 }, all = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	put(&f, "b", "1");
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	ledger_barrier(f.l, r, NULL, &bell_ops, &two);
	ledger_reader_to_tail(r);
	assert_int_equal(one.rung, 1);
	assert_int_equal(two.rung, 1);
	assert_int_equal(all.rung, 1);
	assert_true(ledger_reader_live(r));
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
closing_a_reader_fires_its_barriers_as_closed(void **state)
{
	struct bell one = { 0 }, two = { 0 };
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, s, NULL, &bell_ops, &two);
	ledger_reader_close(r);
	assert_int_equal(one.rung, 1);
	assert_int_equal(one.closed, 1);
	assert_int_equal(two.rung, 0);
	ledger_reader_close(s);
	assert_int_equal(two.closed, 1);
	end(&f);
	(void)state;
}

static void
a_barrier_knows_that_its_entry_was_superseded(void **state)
{
	struct bell kept = { 0 }, changed = { 0 }, withdrawn = { 0 }, dropped = { 0 },
		    other = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	for (const char *k = "abcd"; *k; k++)
		ledger_put(f.l, 0, reader_of(k, 1), NULL, 0, 0);
	ledger_barrier(f.l, r, find(&f, "a"), &bell_ops, &kept);
	ledger_barrier(f.l, r, find(&f, "b"), &bell_ops, &changed);
	ledger_barrier(f.l, NULL, find(&f, "c"), &bell_ops, &withdrawn);
	ledger_barrier(f.l, r, find(&f, "d"), &bell_ops, &dropped);
	ledger_barrier(f.l, r, find(&f, "d"), &bell_ops, &dropped);
	ledger_restate(f.l, find(&f, "a"), 1);
	change(&f, "b", "2");
	withdraw(&f, "c");
	ledger_drop(f.l, find(&f, "d"));
	/* what has the number of d now is nothing to those who asked for d */
	put(&f, "e", "1");
	ledger_barrier(f.l, r, find(&f, "e"), &bell_ops, &other);
	assert_int_equal(kept.rung + changed.rung + withdrawn.rung + dropped.rung + other.rung, 0);
	ledger_reader_to_tail(r);
	change(&f, "a", "3");
	change(&f, "e", "3");
	assert_int_equal(kept.superseded, 0);
	assert_int_equal(changed.superseded, 1);
	assert_int_equal(withdrawn.superseded, 1);
	assert_int_equal(dropped.superseded, 2);
	assert_int_equal(other.superseded, 0);
	assert_int_equal(kept.rung + changed.rung + withdrawn.rung + dropped.rung + other.rung, 6);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_barrier_fires_with_the_next_pass_when_the_entries_before_it_went(void **state)
{
	struct bell one = { 0 }, all = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	change(&f, "a", "2");
	assert_int_equal(one.rung + all.rung, 0);
	assert_false(ledger_reader_live(r));
	assert_string_equal(ahead(&f, r), "");
	ledger_reader_pass(r, 0);
	assert_int_equal(one.rung, 1);
	assert_int_equal(all.rung, 1);
	assert_string_equal(ahead(&f, r), "a=2");
	ledger_drop(f.l, find(&f, "a"));
	assert_true(ledger_reader_live(r));
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
who_is_told_of_a_barrier_may_close_the_reader(void **state)
{
	struct bell one = { 0 }, two = { 0 };
	struct fixture f;

	begin(&f);
	for (int how = 0; how < 2; how++) {
		struct ledger_reader *r = ledger_reader_open(f.l, NULL, false);

		ledger_put(f.l, (uint32_t)how, word("a"), NULL, 0, 0);
		one.close = r;
		ledger_barrier(f.l, r, NULL, &bell_ops, &one);
		ledger_barrier(f.l, r, NULL, &bell_ops, &two);
		if (how == 0)
			ledger_reader_pass(r, 1);
		else
			ledger_reader_to_tail(r);
		assert_int_equal(ledger_readers(f.l), 0);
		assert_int_equal(one.rung, how + 1);
		assert_int_equal(two.rung, how + 1);
	}
	end(&f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_barrier_fires_at_once_when_nothing_is_before_it),
		cmocka_unit_test(a_barrier_of_one_reader_fires_when_that_one_has_passed),
		cmocka_unit_test(a_barrier_for_all_fires_when_the_last_one_has_passed),
		cmocka_unit_test(a_barrier_for_all_waits_for_nobody_but_readers),
		cmocka_unit_test(a_reader_sent_back_to_the_head_has_its_barriers_before_it_still),
		cmocka_unit_test(going_to_the_tail_fires_what_is_on_the_way),
		cmocka_unit_test(closing_a_reader_fires_its_barriers_as_closed),
		cmocka_unit_test(a_barrier_knows_that_its_entry_was_superseded),
		cmocka_unit_test(
		    a_barrier_fires_with_the_next_pass_when_the_entries_before_it_went),
		cmocka_unit_test(who_is_told_of_a_barrier_may_close_the_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
