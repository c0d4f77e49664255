#include "common/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/tools/ledger.h"

/* --- readers --- */

static void
a_reader_is_live_when_nothing_is_in_front_of_it(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;
	int party;

	begin(&f);
	r = ledger_reader_open(f.l, &party, true);
	assert_ptr_equal(ledger_reader_party(r), &party);
	assert_true(ledger_reader_live(r));
	put(&f, "a", "1");
	assert_false(ledger_reader_live(r));
	s = ledger_reader_open(f.l, NULL, false);
	assert_true(ledger_reader_live(s));
	assert_false(ledger_reader_live(r));
	ledger_reader_to_tail(r);
	assert_true(ledger_reader_live(r));
	change(&f, "a", "2");
	assert_false(ledger_reader_live(r));
	ledger_reader_pass(r, 1);
	assert_true(ledger_reader_live(r));
	assert_false(ledger_reader_live(s));
	ledger_drop(f.l, find(&f, "a"));
	assert_true(ledger_reader_live(s));
	ledger_reader_to_head(s);
	assert_true(ledger_reader_live(s));
	put(&f, "b", "1");
	ledger_reader_pass(s, 1);
	ledger_reader_to_head(s);
	assert_false(ledger_reader_live(s));
	assert_int_equal(ledger_readers(f.l), 2);
	ledger_reader_close(r);
	ledger_reader_close(s);
	ledger_reader_close(NULL);
	assert_int_equal(ledger_readers(f.l), 0);
	end(&f);
	(void)state;
}

static void
a_slow_reader_sees_the_newest_value_of_a_key_once(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	put(&f, "b", "1");
	for (int i = 0; i < 5; i++)
		change(&f, "a", i % 2 ? "2" : "3");
	assert_string_equal(ahead(&f, r), "b=1 a=3");
	ledger_reader_pass(r, 1);
	assert_string_equal(ahead(&f, r), "a=3");
	change(&f, "b", "4");
	assert_string_equal(ahead(&f, r), "a=3 b=4");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_peek_gives_no_more_than_it_may(void **state)
{
	struct ledger_entry *e[4] = { NULL };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	put(&f, "b", "1");
	put(&f, "c", "1");
	assert_int_equal(ledger_reader_peek(r, e, 2), 2);
	assert_ptr_equal(e[0], find(&f, "a"));
	assert_ptr_equal(e[1], find(&f, "b"));
	assert_null(e[2]);
	assert_int_equal(ledger_reader_peek(r, e, 0), 0);
	ledger_reader_pass(r, 5);
	assert_true(ledger_reader_live(r));
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static bool
stands_beside(struct ledger_reader *r, const struct ledger_reader *other)
{
	struct ledger_reader *out[16];
	size_t n = ledger_reader_beside(r, out, 16);

	assert_ptr_equal(out[0], r);
	for (size_t i = 1; i < n; i++)
		if (out[i] == other)
			return true;
	return false;
}

static void
readers_with_no_entry_between_stand_beside_each_other(void **state)
{
	struct ledger_reader *r, *s, *t, *out[2];
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	s = ledger_reader_open(f.l, NULL, false);
	t = ledger_reader_open(f.l, NULL, true);
	assert_true(stands_beside(r, t) && stands_beside(t, r));
	assert_false(stands_beside(r, s) || stands_beside(s, r));
	ledger_reader_pass(r, 1);
	assert_true(stands_beside(r, s) && stands_beside(s, r));
	ledger_reader_pass(t, 1);
	assert_int_equal(ledger_reader_beside(t, out, 2), 2);
	put(&f, "b", "1");
	put(&f, "c", "1");
	ledger_barrier(f.l, s, NULL, &bell_ops, &bell);
	ledger_reader_to_tail(r);
	ledger_drop(f.l, find(&f, "b"));
	ledger_drop(f.l, find(&f, "c"));
	/* s has a barrier to pass before it is where r is */
	assert_false(stands_beside(r, s) || stands_beside(s, r));
	ledger_reader_pass(s, 0);
	assert_int_equal(bell.rung, 1);
	assert_true(stands_beside(r, s) && stands_beside(s, r));
	ledger_reader_close(r);
	ledger_reader_close(s);
	ledger_reader_close(t);
	end(&f);
	(void)state;
}

/* --- marks --- */

static void
without_readers_a_withdrawn_key_is_gone_at_once(void **state)
{
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	ledger_withdraw(f.l, find(&f, "a"), value(&f, "why"));
	assert_null(find(&f, "a"));
	assert_int_equal(ledger_count(f.l), 0);
	assert_int_equal(marks(&f), 0);
	assert_int_equal(blobs_count(f.blobs), 0);
	end(&f);
	(void)state;
}

static void
a_mark_stays_until_the_last_reader_has_passed(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	ledger_withdraw(f.l, find(&f, "a"), value(&f, "why"));
	assert_true(find(&f, "a")->mark);
	assert_int_equal(marks(&f), 1);
	assert_string_equal(ahead(&f, r), "-a=why");
	ledger_reader_pass(r, 1);
	assert_int_equal(marks(&f), 1);
	assert_string_equal(ahead(&f, s), "-a=why");
	ledger_reader_pass(s, 1);
	assert_int_equal(marks(&f), 0);
	assert_null(find(&f, "a"));
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
a_mark_behind_many_entries_goes_as_soon_as_it_is_passed(void **state)
{
	struct ledger_reader *r;
	struct fixture f;
	char key[8];

	begin(&f);
	r = ledger_reader_open(f.l, NULL, true);
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		put(&f, key, "1");
	}
	ledger_reader_to_tail(r);
	withdraw(&f, "k1000");
	ledger_reader_pass(r, 1);
	assert_int_equal(ledger_marks(f.l), 1);
	put(&f, "next", "1");
	assert_int_equal(ledger_marks(f.l), 0);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_reader_that_leaves_holds_no_mark(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	r = ledger_reader_open(f.l, NULL, false);
	withdraw(&f, "a");
	ledger_reader_close(r);
	assert_int_equal(marks(&f), 0);
	end(&f);
	(void)state;
}

static void
a_reader_that_is_opened_beside_another_has_in_front_what_that_one_has(void **state)
{
	struct ledger_reader *r, *s, *beside[4];
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, true);
	put(&f, "a", "1");
	put(&f, "b", "1");
	put(&f, "c", "1");
	ledger_reader_pass(r, 1);
	withdraw(&f, "b");
	s = ledger_reader_open_beside(r, &f);
	assert_ptr_equal(ledger_reader_party(s), &f);
	assert_int_equal(ledger_reader_beside(r, beside, 4), 2);
	assert_string_equal(ahead(&f, s), "c=1 -b");
	ledger_reader_to_tail(r);
	assert_string_equal(ahead(&f, s), "c=1 -b");
	assert_int_equal(marks(&f), 1);
	ledger_reader_pass(s, 2);
	assert_int_equal(marks(&f), 0);
	ledger_reader_close(s);
	/* one that went back to the head */
	ledger_reader_to_head(r);
	withdraw(&f, "c");
	s = ledger_reader_open_beside(r, NULL);
	assert_string_equal(ahead(&f, s), "a=1 -c");
	ledger_reader_close(r);
	assert_int_equal(marks(&f), 1);
	assert_string_equal(ahead(&f, s), "a=1 -c");
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
a_mark_that_is_changed_is_an_entry_again(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	withdraw(&f, "a");
	withdraw(&f, "a");
	assert_int_equal(marks(&f), 1);
	change(&f, "a", "2");
	assert_int_equal(marks(&f), 0);
	assert_int_equal(ledger_count(f.l), 1);
	assert_string_equal(ahead(&f, r), "a=2");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

/* A snapshot begins with nothing, so old marks need not wait for it; one who had fallen behind and starts
 * again still has to be told what it missed. */
static void
a_snapshot_holds_no_old_marks_but_going_to_the_head_keeps_what_is_due(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	put(&f, "b", "1");
	ledger_reader_to_tail(r);
	withdraw(&f, "a");
	s = ledger_reader_open(f.l, NULL, true);
	assert_string_equal(ahead(&f, s), "b=1 -a");
	ledger_reader_to_head(r);
	ledger_reader_to_head(r);
	assert_int_equal(marks(&f), 1);
	assert_string_equal(ahead(&f, r), "b=1 -a");
	ledger_reader_pass(r, 1);
	assert_int_equal(marks(&f), 1);
	ledger_reader_pass(r, 1);
	assert_int_equal(marks(&f), 0);
	assert_string_equal(ahead(&f, s), "b=1");
	withdraw(&f, "b");
	assert_string_equal(ahead(&f, s), "-b");
	ledger_reader_to_tail(r);
	assert_int_equal(marks(&f), 1);
	ledger_reader_pass(s, 1);
	assert_int_equal(marks(&f), 0);
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

/* Without anybody asking for it. */
static void
changes_and_peeks_free_the_marks_that_everybody_has_seen(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	for (int i = 0; i < 100; i++) {
		put(&f, "a", "1");
		ledger_reader_to_tail(r);
		withdraw(&f, "a");
		ledger_reader_to_tail(r);
		assert_in_range(ledger_marks(f.l), 0, 1);
	}
	for (uint32_t i = 0; i < 50; i++)
		ledger_withdraw(f.l, ledger_put(f.l, i, word("a"), NULL, 0, 0), NULL);
	ledger_reader_pass(r, 50);
	assert_int_equal(ledger_marks(f.l), 50);
	ledger_reader_peek(r, (struct ledger_entry *[64]){ NULL }, 64);
	assert_int_equal(ledger_marks(f.l), 0);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

/* One slice is handed to all that stand beside: what the first has passed is still there for the others. */
static void
readers_that_move_free_no_marks(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	put(&f, "b", "1");
	r = ledger_reader_open(f.l, NULL, false);
	withdraw(&f, "a");
	/* snapshots hold no marks */
	s = ledger_reader_open(f.l, NULL, true);
	ledger_reader_to_tail(r);
	r = (ledger_reader_close(r), ledger_reader_open(f.l, NULL, true));
	assert_true(find(&f, "a")->mark);
	ledger_reader_pass(s, 1);
	ledger_reader_pass(s, 1);
	assert_true(find(&f, "a")->mark);
	assert_string_equal(ahead(&f, r), "b=1");
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
make_marks_from(struct fixture *f, uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++)
		ledger_withdraw(
		    f->l, ledger_put(f->l, 0, reader_of(&i, sizeof i), value(f, "1"), 0, 0), NULL);
}

static void
make_marks(struct fixture *f, uint32_t count)
{
	make_marks_from(f, 0, count);
}

static void
past_the_bound_of_marks_the_rearmost_reader_is_cut_loose(void **state)
{
	struct ledger_reader *slow, *fast;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	slow = ledger_reader_open(f.l, NULL, false);
	fast = ledger_reader_open(f.l, NULL, false);
	/* they walk past each other: who is rearmost is known */
	make_marks(&f, 100);
	ledger_reader_pass(slow, 50);
	ledger_reader_pass(fast, 20);
	ledger_reader_pass(fast, 60);
	make_marks(&f, LEDGER_MARKS_SPARE - 48);
	assert_int_equal(f.overruns, 0);
	assert_int_equal(marks(&f), LEDGER_MARKS_SPARE + 2); /* two were there at once */
	make_marks(&f, 1);
	assert_int_equal(f.overruns, 1);
	assert_ptr_equal(f.overrun, slow);
	/* its snapshot holds only the marks from now on: those that nobody else needs go */
	ledger_reader_to_tail(fast);
	assert_int_equal(marks(&f), 0);
	assert_string_equal(ahead(&f, slow), "a=1");
	make_marks(&f, 1);
	ledger_reader_to_tail(fast);
	assert_int_equal(marks(&f), 1);
	ledger_reader_close(slow);
	ledger_reader_close(fast);
	end(&f);
	(void)state;
}

static void
who_is_cut_loose_may_be_closed(void **state)
{
	struct fixture f;

	begin(&f);
	f.close_overrun = true;
	ledger_reader_open(f.l, NULL, false);
	ledger_spare(f.l, LEDGER_MARKS_SPARE + 10);
	make_marks(&f, LEDGER_MARKS_SPARE + 11);
	assert_int_equal(f.overruns, 0);
	make_marks(&f, 1);
	assert_int_equal(f.overruns, 1);
	assert_int_equal(ledger_readers(f.l), 0);
	assert_int_equal(marks(&f), 0);
	end(&f);
	(void)state;
}

static void
what_was_there_at_once_may_be_withdrawn_at_once(void **state)
{
	enum { COUNT = 2 * LEDGER_MARKS_SPARE };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	for (uint32_t i = 0; i < COUNT; i++)
		ledger_put(f.l, 0, reader_of(&i, sizeof i), value(&f, "1"), 0, 0);
	ledger_reader_to_tail(r);
	for (uint32_t i = 0; i < COUNT; i++)
		ledger_withdraw(f.l, ledger_find(f.l, 0, reader_of(&i, sizeof i)), NULL);
	assert_int_equal(f.overruns, 0);
	assert_int_equal(marks(&f), COUNT);
	assert_false(ledger_reader_live(r));
	/* what comes and goes behind it is under the bound */
	make_marks_from(&f, COUNT, LEDGER_MARKS_SPARE);
	assert_int_equal(f.overruns, 0);
	make_marks_from(&f, COUNT + LEDGER_MARKS_SPARE, 1);
	assert_int_equal(f.overruns, 1);
	/* and so is what was there before it had seen that all of it went */
	ledger_reader_to_tail(r);
	assert_true(ledger_reap(f.l, 2 * COUNT));
	f.close_overrun = true;
	make_marks(&f, LEDGER_MARKS_SPARE + 1);
	assert_int_equal(f.overruns, 1);
	make_marks(&f, 1);
	assert_int_equal(f.overruns, 2);
	end(&f);
	(void)state;
}

static void
entries_have_a_bound_and_withdraws_none(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	ledger_most(f.l, 2);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	assert_true(ledger_has_room(f.l));
	put(&f, "b", "1");
	assert_false(ledger_has_room(f.l));
	assert_true(ledger_has_room_for_mark(f.l));
	ledger_withdraw(f.l, ledger_find(f.l, 0, word("a")), NULL);
	assert_true(ledger_has_room(f.l));
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

/* As many as its owner lets there be: what is said in place of them has no number then. */
static void
marks_that_take_the_room_of_entries_cost_the_rearmost_reader(void **state)
{
	struct fixture f;

	begin(&f);
	ledger_most(f.l, 10);
	ledger_spare(f.l, (size_t)3 * LEDGER_MARKS_SPARE);
	ledger_reader_open(f.l, NULL, false);
	f.close_overrun = true;
	make_marks(&f, LEDGER_MARKS_SPARE + 20);
	assert_int_equal(f.overruns, 0);
	assert_true(ledger_has_room(f.l));
	make_marks(&f, 1);
	assert_int_equal(f.overruns, 1);
	assert_true(ledger_has_room(f.l));
	assert_int_equal(marks(&f), 0);
	/* what takes their place does so, too */
	ledger_reader_open(f.l, NULL, false);
	make_marks(&f, LEDGER_MARKS_SPARE + 20);
	put(&f, "a", "1");
	assert_int_equal(f.overruns, 1);
	assert_true(ledger_has_room(f.l));
	assert_int_equal(f.overruns, 2);
	end(&f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_is_live_when_nothing_is_in_front_of_it),
		cmocka_unit_test(a_slow_reader_sees_the_newest_value_of_a_key_once),
		cmocka_unit_test(a_peek_gives_no_more_than_it_may),
		cmocka_unit_test(readers_with_no_entry_between_stand_beside_each_other),
		cmocka_unit_test(without_readers_a_withdrawn_key_is_gone_at_once),
		cmocka_unit_test(a_mark_stays_until_the_last_reader_has_passed),
		cmocka_unit_test(a_mark_behind_many_entries_goes_as_soon_as_it_is_passed),
		cmocka_unit_test(a_reader_that_leaves_holds_no_mark),
		cmocka_unit_test(
		    a_reader_that_is_opened_beside_another_has_in_front_what_that_one_has),
		cmocka_unit_test(a_mark_that_is_changed_is_an_entry_again),
		cmocka_unit_test(
		    a_snapshot_holds_no_old_marks_but_going_to_the_head_keeps_what_is_due),
		cmocka_unit_test(changes_and_peeks_free_the_marks_that_everybody_has_seen),
		cmocka_unit_test(readers_that_move_free_no_marks),
		cmocka_unit_test(past_the_bound_of_marks_the_rearmost_reader_is_cut_loose),
		cmocka_unit_test(who_is_cut_loose_may_be_closed),
		cmocka_unit_test(what_was_there_at_once_may_be_withdrawn_at_once),
		cmocka_unit_test(entries_have_a_bound_and_withdraws_none),
		cmocka_unit_test(marks_that_take_the_room_of_entries_cost_the_rearmost_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
