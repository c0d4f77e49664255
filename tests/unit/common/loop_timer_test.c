/* Timers of the loop. */
#include "common/loop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "common/clock.h"
#include "tests/unit/common/actors.h"

static void
timers_fire_in_order_when_the_clock_is_past_them_and_once(void **state)
{
	struct loop *l = *state;
	struct actor a = { .loop = l, .name = 'a' }, b = { .loop = l, .name = 'b' };
	uint64_t start = loop_now(l);

	a.timer = (struct loop_timer){ .fire = fire, .self = &a };
	b.timer = (struct loop_timer){ .fire = fire, .self = &b };
	loop_timer_set(l, &a.timer, start + 2000);
	loop_timer_set(l, &b.timer, start + 1000);
	assert_int_equal(loop_stats(l).timers, 2);
	loop_test_advance(l, 999);
	loop_turn(l, 0);
	assert_string_equal(story, "");
	loop_test_advance(l, 1);
	loop_turn(l, -1);
	assert_string_equal(story, "b");
	assert_true(b.timer.at == 0 && b.timer.slot == 0 && a.timer.at == start + 2000);
	loop_timer_set(l, &b.timer, start + 3000);
	loop_test_advance(l, 60 * 1000000);
	loop_turn(l, -1);
	loop_turn(l, 0);
	assert_string_equal(story, "bab");
	assert_int_equal(loop_stats(l).timers, 0);
}

static void
a_set_timer_moves_and_a_stopped_one_does_not_fire(void **state)
{
	struct loop *l = *state;
	struct actor a = { .loop = l, .name = 'a' }, b = { .loop = l, .name = 'b' };

	a.timer = (struct loop_timer){ .fire = fire, .self = &a };
	b.timer = (struct loop_timer){ .fire = fire, .self = &b };
	loop_timer_set(l, &a.timer, loop_now(l) + 10);
	loop_timer_set(l, &b.timer, loop_now(l) + 10);
	loop_timer_set(l, &a.timer, loop_now(l) + 100);
	loop_timer_stop(l, &b.timer);
	loop_timer_stop(l, &b.timer);
	loop_test_advance(l, 99);
	loop_turn(l, 0);
	assert_string_equal(story, "");
	loop_test_advance(l, 1);
	loop_turn(l, 0);
	assert_string_equal(story, "a");
}

static void
set_again(struct actor *a)
{
	loop_timer_set(a->loop, &a->timer, loop_now(a->loop));
}

static void
a_timer_that_sets_itself_for_now_fires_once_a_turn(void **state)
{
	struct loop *l = *state;
	struct actor a = { .loop = l, .name = 'a', .does = set_again };

	a.timer = (struct loop_timer){ .fire = fire, .self = &a };
	loop_timer_set(l, &a.timer, loop_now(l));
	for (int turn = 1; turn <= 3; turn++) {
		loop_turn(l, -1);
		assert_int_equal(a.calls, turn);
	}
	loop_timer_stop(l, &a.timer);
	loop_turn(l, 0);
	assert_int_equal(a.calls, 3);
}

static void
set_and_stop_other(struct actor *a)
{
	loop_timer_set(a->loop, &a->timer, 1); /* past: next turn */
	loop_timer_stop(a->loop, &a->timer);
	loop_timer_stop(a->loop, &a->other->timer); /* due in this turn */
}

static void
a_timer_stops_another_that_is_due_and_itself_again(void **state)
{
	struct loop *l = *state;
	struct actor b = { .loop = l, .name = 'b' };
	struct actor a = { .loop = l, .name = 'a', .does = set_and_stop_other, .other = &b };

	a.timer = (struct loop_timer){ .fire = fire, .self = &a };
	b.timer = (struct loop_timer){ .fire = fire, .self = &b };
	loop_timer_set(l, &a.timer, loop_now(l) + 1);
	loop_timer_set(l, &b.timer, loop_now(l) + 2);
	loop_test_advance(l, 5);
	loop_turn(l, 0);
	loop_turn(l, 0);
	assert_string_equal(story, "a");
	assert_int_equal(loop_stats(l).timers, 0);
}

static void
the_wait_ends_when_a_timer_is_due(void **state)
{
	struct loop *l = loop_new();
	struct actor a = { .loop = l, .name = 'a' };
	uint64_t began = clock_monotonic(), took;

	(void)state;
	a.timer = (struct loop_timer){ .fire = fire, .self = &a };
	loop_timer_set(l, &a.timer, began + 20000);
	while (a.calls == 0)
		loop_turn(l, -1);
	took = clock_monotonic() - began;
	print_message("timer of 20000 us fired after %llu us in %llu turns\n",
	    (unsigned long long)took, (unsigned long long)loop_stats(l).turns);
	assert_true(took >= 20000 && took < 2000000);
	assert_true(loop_stats(l).turns < 10);
	loop_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(timers_fire_in_order_when_the_clock_is_past_them_and_once),
		TEST(a_set_timer_moves_and_a_stopped_one_does_not_fire),
		TEST(a_timer_that_sets_itself_for_now_fires_once_a_turn),
		TEST(a_timer_stops_another_that_is_due_and_itself_again),
		TEST(the_wait_ends_when_a_timer_is_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
