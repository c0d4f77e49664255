#include "common/loop.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/clock.h"
#include <cmocka.h>
#include "tests/unit/common/actors.h"

/* --- order --- */

static void
a_turn_is_always_the_same_story(void **state)
{
	struct loop *l = *state;
	struct actor frames = { 0 }, out = { 0 }, job = { 0 }, in = { 0 }, command = { 0 };
	struct actor timer = { .loop = l, .name = 't' };
	int fd[2];

	pair(fd);
	work(l, &frames, 'f', LOOP_FRAMES_OUT);
	work(l, &job, 'w', LOOP_WORK);
	work(l, &in, 'i', LOOP_SESSIONS_IN);
	work(l, &command, 'c', LOOP_COMMANDS);
	out = (struct actor){ .loop = l, .name = 'o' };
	out.item = loop_fd(l, fd[0], LOOP_SESSIONS_IN, NULL, act, &out);
	loop_want(out.item, false, true);
	timer.timer = (struct loop_timer){ .fire = fire, .self = &timer };
	loop_timer_set(l, &timer.timer, loop_now(l));
	loop_wake(frames.item);
	loop_wake(job.item);
	loop_wake(in.item);
	loop_wake(command.item);
	loop_turn(l, 0);
	assert_string_equal(story, "tcwofi");
	loop_close(out.item);
	close(fd[0]);
	close(fd[1]);
}

static void
wake_other(struct actor *a)
{
	loop_wake(a->other->item);
}

static void
a_wake_of_a_later_stage_is_served_this_turn_and_of_an_earlier_one_next_turn(void **state)
{
	struct loop *l = *state;
	struct actor command = { .does = wake_other }, job = { .does = wake_other }, out = { 0 };

	work(l, &command, 'c', LOOP_COMMANDS);
	work(l, &job, 'w', LOOP_WORK);
	work(l, &out, 'f', LOOP_FRAMES_OUT);
	command.other = &out;
	job.other = &command;
	loop_wake(job.item);
	loop_turn(l, 0);
	assert_string_equal(story, "w");
	loop_turn(l, 0);
	assert_string_equal(story, "wcf");
}

/* --- verdicts --- */

static void
now_is_called_once_a_turn_and_later_waits(void **state)
{
	struct loop *l = *state;
	struct actor a = { .now_for = 2 };

	work(l, &a, 'a', LOOP_WORK);
	loop_turn(l, 0);
	assert_int_equal(a.calls, 0);
	loop_wake(a.item);
	for (int turn = 1; turn <= 3; turn++) {
		loop_turn(l, -1); /* would hang if NOW did not make the wait 0 */
		assert_int_equal(a.calls, turn);
	}
	loop_turn(l, 0);
	assert_int_equal(a.calls, 3);
}

static void
wake_oneself(struct actor *a)
{
	if (a->calls == 1)
		loop_wake(a->item);
}

static void
a_wake_during_the_own_handler_is_not_lost(void **state)
{
	struct loop *l = *state;
	struct actor a = { .does = wake_oneself };

	work(l, &a, 'a', LOOP_WORK);
	loop_wake(a.item);
	loop_turn(l, 0);
	loop_turn(l, -1);
	assert_int_equal(a.calls, 2);
	loop_turn(l, 0);
	assert_int_equal(a.calls, 2);
}

static void
close_forgets_the_item(void **state)
{
	struct loop *l = *state;
	struct actor a = { .verdict = LOOP_CLOSE };

	work(l, &a, 'a', LOOP_WORK);
	loop_wake(a.item);
	assert_int_equal(loop_stats(l).items, 1);
	loop_turn(l, 0);
	loop_turn(l, 0);
	assert_int_equal(a.calls, 1);
	assert_int_equal(loop_stats(l).items, 0);
}

static void
close_both(struct actor *a)
{
	loop_close(a->other->item);
	loop_close(a->item);
	loop_wake(a->item); /* closed: no effect */
	loop_wake(a->other->item);
}

static void
a_handler_closes_itself_and_others_that_are_ready(void **state)
{
	struct loop *l = *state;
	struct actor same = { 0 }, later = { 0 }, first = { .does = close_both, .other = &same };
	struct actor second = { .does = close_both, .other = &later, .now_for = 1 };

	work(l, &first, '1', LOOP_WORK);
	work(l, &second, '2', LOOP_WORK);
	work(l, &same, 's', LOOP_WORK);
	work(l, &later, 'l', LOOP_FRAMES_OUT);
	loop_wake(first.item);
	loop_wake(second.item);
	loop_wake(same.item);
	loop_wake(later.item);
	loop_turn(l, 0);
	loop_turn(l, 0);
	assert_string_equal(story, "12");
	assert_int_equal(loop_stats(l).items, 0);
	loop_close(NULL);
}

static void
close_other(struct actor *a)
{
	loop_close(a->other->item);
	close(a->other->fd);
	a->other->item = NULL;
}

static void
a_ready_fd_closed_by_another_handler_is_not_called(void **state)
{
	struct loop *l = *state;
	struct actor b = { 0 }, a = { .does = close_other, .other = &b };
	int one[2], two[2];

	pair(one);
	pair(two);
	a = (struct actor){ .name = 'a', .does = close_other, .other = &b, .fd = one[0] };
	b = (struct actor){ .name = 'b', .fd = two[0] };
	a.item = loop_fd(l, a.fd, LOOP_COMMANDS, act, NULL, &a);
	b.item = loop_fd(l, b.fd, LOOP_SESSIONS_IN, act, NULL, &b);
	loop_want(a.item, true, false);
	loop_want(b.item, true, false);
	assert_int_equal(write(one[1], "x", 1), 1);
	assert_int_equal(write(two[1], "x", 1), 1);
	loop_turn(l, 0);
	assert_string_equal(story, "a");
	loop_close(a.item);
	close(one[0]);
	close(one[1]);
	close(two[1]);
}

static void
open_another(struct actor *a)
{
	if (!a->other->item) {
		work(a->loop, a->other, 'n', LOOP_FRAMES_OUT);
		loop_wake(a->other->item);
	}
}

static void
a_handler_opens_items(void **state)
{
	struct loop *l = *state;
	struct actor fresh = { 0 }, a = { .does = open_another, .other = &fresh };

	work(l, &a, 'a', LOOP_WORK);
	loop_wake(a.item);
	loop_turn(l, 0);
	assert_string_equal(story, "an");
}

/* --- fairness --- */

static void
a_greedy_one_does_not_starve_the_others(void **state)
{
	struct loop *l = *state;
	struct actor greedy = { .now_for = 1000 }, a = { .now_for = 2 }, b = { .now_for = 2 };

	work(l, &greedy, 'g', LOOP_WORK);
	work(l, &a, 'a', LOOP_WORK);
	work(l, &b, 'b', LOOP_WORK);
	loop_wake(greedy.item);
	loop_wake(a.item);
	loop_wake(b.item);
	for (int turn = 0; turn < 4; turn++)
		loop_turn(l, 0);
	assert_string_equal(story, "gabgabgabg");
}

static void
a_stage_that_used_its_time_goes_on_where_it_stopped(void **state)
{
	struct loop *l = *state;
	struct actor a[4] = { 0 }, frames = { .now_for = 1000 }, timer = { .loop = l, .name = 't' };

	for (int i = 0; i < 4; i++) {
		a[i] = (struct actor){ .takes = 6000, .now_for = 1000 }; /* 6 ms of 10 ms */
		work(l, &a[i], (char)('0' + i), LOOP_WORK);
		loop_wake(a[i].item);
	}
	work(l, &frames, 'f', LOOP_FRAMES_OUT);
	loop_wake(frames.item);
	timer.timer = (struct loop_timer){ .fire = fire, .self = &timer };
	loop_timer_set(l, &timer.timer, loop_now(l) + 7000);
	for (int turn = 0; turn < 4; turn++)
		loop_turn(l, -1);
	assert_string_equal(story, "01ft23f01f23f");
}

static uint64_t used_quota;

static enum loop_verdict
use_quota(void *self)
{
	struct actor *a = self;
	uint64_t began = clock_monotonic();

	while (!loop_spent(a->loop))
		;
	used_quota = clock_monotonic() - began;
	return LOOP_LATER;
}

static uint64_t
quota_beside(bool others, bool due_timer)
{
	struct loop *l = loop_new();
	struct actor a = { .loop = l }, other = { 0 }, timer = { .loop = l, .name = 't' };

	a.item = loop_work(l, LOOP_WORK, use_quota, &a);
	work(l, &other, 'o', LOOP_FRAMES_OUT);
	loop_wake(a.item);
	if (others)
		loop_wake(other.item);
	timer.timer = (struct loop_timer){ .fire = fire, .self = &timer };
	if (due_timer)
		loop_timer_set(l, &timer.timer, clock_monotonic() + 500);
	loop_turn(l, 0);
	loop_free(l);
	return used_quota;
}

/* Of several: one may be off the processor for longer than any quota. */
static uint64_t
least_quota(bool others, bool due_timer)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 20; i++) {
		uint64_t one = quota_beside(others, due_timer);

		least = one < least ? one : least;
	}
	return least;
}

static void
a_quota_is_200_us_while_anybody_waits_and_2_ms_alone(void **state)
{
	uint64_t alone = least_quota(false, false), beside = least_quota(true, false);
	uint64_t timer = least_quota(false, true);

	(void)state;
	print_message(
	    "quota: alone %llu us, beside another %llu us, timer due at 500 us: %llu us\n",
	    (unsigned long long)alone, (unsigned long long)beside, (unsigned long long)timer);
	assert_true(alone >= 1990 && beside >= 190 && timer >= 190);
	assert_true(beside < alone && timer < alone);
}

/* --- signals, running --- */

static void
stop_on_signal(void *self, int number)
{
	loop_stop(self, number);
}

static void
signals_come_through_the_loop(void **state)
{
	static const int signals[] = { SIGUSR1, SIGUSR2, 0 };
	struct loop *l = *state;

	assert_int_equal(loop_signals(l, signals, stop_on_signal, l), 0);
	kill(getpid(), SIGUSR2);
	assert_int_equal(loop_run(l), SIGUSR2);
	kill(getpid(), SIGUSR1);
	assert_int_equal(loop_run(l), SIGUSR1);
}

static void
stop_loop(struct actor *a)
{
	loop_stop(a->loop, 7);
}

static void
a_stop_ends_the_run_after_the_turn(void **state)
{
	struct loop *l = *state;
	struct actor a = { .does = stop_loop }, b = { 0 };

	work(l, &a, 'a', LOOP_COMMANDS);
	work(l, &b, 'b', LOOP_FRAMES_OUT);
	loop_wake(a.item);
	loop_wake(b.item);
	assert_int_equal(loop_run(l), 7);
	assert_string_equal(story, "ab");
	loop_stop(l, 3);
	assert_int_equal(loop_run(l), 3); /* stopped before it ran: no turn */
}

static void
the_longest_turn_is_told_and_begun_anew(void **state)
{
	struct loop *l = *state;
	struct actor a = { .takes = 1234 };

	work(l, &a, 'a', LOOP_WORK);
	loop_wake(a.item);
	loop_turn(l, 0);
	assert_true(loop_stats(l).longest_turn == 1234);
	assert_true(loop_stats(l).longest_turn == 0);
	assert_true(loop_stats(l).turns == 1);
}

/* --- random --- */

enum { ACTORS = 40 };

static struct actor crowd[ACTORS];
static unsigned seed = 11;

static void
anything(struct actor *a)
{
	struct actor *other = &crowd[rand_r(&seed) % ACTORS];

	assert_non_null(a->item);
	a->now_for = rand_r(&seed) % 2;
	switch (rand_r(&seed) % 6) {
	case 0:
		loop_close(other->item);
		other->item = NULL;
		break;
	case 1:
		if (!other->item)
			work(a->loop, other, '.', (enum loop_stage)(rand_r(&seed) % LOOP_STAGES));
		break;
	case 2:
		loop_timer_set(
		    a->loop, &other->timer, loop_now(a->loop) + (uint64_t)(rand_r(&seed) % 50));
		break;
	case 3:
		loop_timer_stop(a->loop, &other->timer);
		break;
	default:
		loop_wake(other->item);
	}
}

static void
wake_from_timer(void *self)
{
	loop_wake(((struct actor *)self)->item);
}

/* No closed item is ever called (its actor has item NULL), and the sanitizers see the rest. */
static void
any_sequence_of_opening_and_closing_is_safe(void **state)
{
	struct loop *l = *state;
	int calls = 0;

	for (int i = 0; i < ACTORS; i++) {
		crowd[i] = (struct actor){ .does = anything };
		crowd[i].timer = (struct loop_timer){ .fire = wake_from_timer, .self = &crowd[i] };
		work(l, &crowd[i], '.', (enum loop_stage)(i % LOOP_STAGES));
	}
	for (int turn = 0; turn < 5000; turn++) {
		struct actor *a = &crowd[rand_r(&seed) % ACTORS];

		if (!a->item)
			work(l, a, '.', LOOP_WORK);
		loop_wake(a->item);
		loop_test_advance(l, 10);
		loop_turn(l, 0);
	}
	for (int i = 0; i < ACTORS; i++) {
		loop_timer_stop(l, &crowd[i].timer);
		calls += crowd[i].calls;
	}
	assert_true(calls > 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_turn_is_always_the_same_story),
		TEST(a_wake_of_a_later_stage_is_served_this_turn_and_of_an_earlier_one_next_turn),
		TEST(now_is_called_once_a_turn_and_later_waits),
		TEST(a_wake_during_the_own_handler_is_not_lost),
		TEST(close_forgets_the_item),
		TEST(a_handler_closes_itself_and_others_that_are_ready),
		TEST(a_ready_fd_closed_by_another_handler_is_not_called),
		TEST(a_handler_opens_items),
		TEST(a_greedy_one_does_not_starve_the_others),
		TEST(a_stage_that_used_its_time_goes_on_where_it_stopped),
		TEST(a_quota_is_200_us_while_anybody_waits_and_2_ms_alone),
		TEST(signals_come_through_the_loop),
		TEST(a_stop_ends_the_run_after_the_turn),
		TEST(the_longest_turn_is_told_and_begun_anew),
		TEST(any_sequence_of_opening_and_closing_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
