#include "common/loop.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>
#include "common/clock.h"
#include <cmocka.h>

/* What was called, in order: one letter an actor. */
static char story[512];

struct actor {
	struct loop *loop;
	struct loop_item *item;
	char name;
	int calls;
	int now_for; /* says LOOP_NOW so many times */
	enum loop_verdict verdict; /* after that */
	uint64_t takes; /* microseconds of the test clock */
	void (*does)(struct actor *);
	struct actor *other;
	struct loop_timer timer;
	void *socket;
	int fd;
	ssize_t got; /* of the last read */
};

static void
note(char c)
{
	size_t len = strlen(story);

	if (len + 1 < sizeof story) {
		story[len] = c;
		story[len + 1] = '\0';
	}
}

static enum loop_verdict
act(void *self)
{
	struct actor *a = self;

	a->calls++;
	note(a->name);
	if (a->takes)
		loop_test_advance(a->loop, a->takes);
	if (a->does)
		a->does(a);
	if (a->now_for > 0) {
		a->now_for--;
		return LOOP_NOW;
	}
	return a->verdict;
}

static void
fire(void *self)
{
	(void)act(self);
}

static int
setup(void **state)
{
	story[0] = '\0';
	*state = loop_new_test();
	return 0;
}

static int
teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static void
work(struct loop *l, struct actor *a, char name, enum loop_stage stage)
{
	a->loop = l;
	a->name = name;
	a->item = loop_work(l, stage, act, a);
}

static void
pair(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd), 0);
}

static void
read_some(struct actor *a)
{
	char octets[16];

	a->got = read(a->fd, octets, sizeof octets);
}

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
	assert_string_equal(story, "tciwof");
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
	struct actor in = { .does = wake_other }, job = { .does = wake_other }, out = { 0 };

	work(l, &in, 'i', LOOP_SESSIONS_IN);
	work(l, &job, 'w', LOOP_WORK);
	work(l, &out, 'f', LOOP_FRAMES_OUT);
	in.other = &out;
	job.other = &in;
	loop_wake(job.item);
	loop_turn(l, 0);
	assert_string_equal(story, "w");
	loop_turn(l, 0);
	assert_string_equal(story, "wif");
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

/* --- timers --- */

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

/* --- fds --- */

static void
an_fd_is_called_while_it_is_ready_and_wanted(void **state)
{
	struct loop *l = *state;
	struct actor a = { .name = 'r', .does = read_some };
	int fd[2];

	pair(fd);
	a.fd = fd[0];
	a.item = loop_fd(l, fd[0], LOOP_SESSIONS_IN, act, NULL, &a);
	assert_int_equal(write(fd[1], "some octets that are more than sixteen", 38), 38);
	loop_turn(l, 0);
	assert_int_equal(a.calls, 0); /* not wanted yet */
	loop_want(a.item, true, true); /* it has no write handler */
	for (int turn = 0; turn < 5; turn++)
		loop_turn(l, 0);
	assert_int_equal(a.calls, 3); /* level triggered */
	assert_int_equal(a.got, 6);
	loop_close(a.item);
	close(fd[0]);
	close(fd[1]);
}

static void
nobody_wants_a_closed_peer(void **state)
{
	struct loop *l = *state;
	struct actor a = { .name = 'r', .does = read_some };
	uint64_t began;
	int fd[2];

	pair(fd);
	a.fd = fd[0];
	a.item = loop_fd(l, fd[0], LOOP_SESSIONS_IN, act, act, &a);
	loop_want(a.item, true, false);
	loop_want(a.item, false, false);
	close(fd[1]);
	began = clock_monotonic();
	loop_turn(l, 30); /* a masked fd that was left in epoll would end the wait at once */
	assert_true(clock_monotonic() - began >= 25000);
	assert_int_equal(a.calls, 0);
	loop_want(a.item, true, false);
	loop_turn(l, 1000);
	assert_int_equal(a.calls, 1);
	assert_int_equal(a.got, 0);
	loop_close(a.item);
	close(fd[0]);
}

static void
a_hang_up_wakes_the_one_that_is_wanted(void **state)
{
	struct loop *l = *state;
	struct actor a = { .name = 'w' };
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(fd[1], story, sizeof story) > 0)
		;
	a.item = loop_fd(l, fd[1], LOOP_SESSIONS_IN, NULL, act, &a);
	loop_want(a.item, false, true);
	loop_turn(l, 0);
	assert_int_equal(a.calls, 0); /* full */
	close(fd[0]);
	loop_turn(l, 1000);
	assert_int_equal(a.calls, 1);
	loop_close(a.item);
	close(fd[1]);
}

static void
pause_reading(struct actor *a)
{
	loop_want(a->item, false, false);
}

static void
who_stops_wanting_in_its_handler_is_not_called_for_having_said_now(void **state)
{
	struct loop *l = *state;
	struct actor a = { .name = 'r', .does = pause_reading, .now_for = 5 };
	int fd[2];

	pair(fd);
	a.item = loop_fd(l, fd[0], LOOP_SESSIONS_IN, act, NULL, &a);
	loop_want(a.item, true, false);
	assert_int_equal(write(fd[1], "x", 1), 1);
	for (int turn = 0; turn < 3; turn++)
		loop_turn(l, 0);
	assert_int_equal(a.calls, 1);
	loop_wake(a.item); /* asked for */
	loop_turn(l, 0);
	assert_int_equal(a.calls, 2);
	loop_close(a.item);
	close(fd[0]);
	close(fd[1]);
}

static void
what_is_ready_and_no_longer_wanted_is_not_called(void **state)
{
	struct loop *l = *state;
	struct actor b = { .name = 'b' }, a = { 0 };
	int fd[2];

	pair(fd);
	work(l, &a, 'a', LOOP_COMMANDS);
	b.item = loop_fd(l, fd[0], LOOP_SESSIONS_IN, act, NULL, &b);
	loop_want(b.item, true, false);
	a.does = NULL;
	assert_int_equal(write(fd[1], "x", 1), 1);
	loop_wake(b.item);
	loop_want(b.item, false, false);
	loop_wake(a.item);
	loop_turn(l, 0);
	assert_string_equal(story, "a");
	loop_close(b.item);
	close(fd[0]);
	close(fd[1]);
}

static void
a_write_handler_can_be_woken_without_waiting(void **state)
{
	struct loop *l = *state;
	struct actor a = { .name = 'w' };
	int fd[2];

	pair(fd);
	a.item = loop_fd(l, fd[0], LOOP_SESSIONS_IN, NULL, act, &a);
	loop_wake_write(a.item);
	loop_wake(a.item); /* it has no read handler */
	loop_turn(l, -1);
	assert_string_equal(story, "w");
	loop_close(a.item);
	close(fd[0]);
	close(fd[1]);
}

static void
thousands_of_ready_fds_are_all_served(void **state)
{
	enum { MANY = 1500 }; /* more than one harvest */
	static struct actor a[MANY];
	static int fd[MANY][2];
	struct loop *l = *state;
	int served = 0;
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	if (r.rlim_max < 2 * MANY + 100)
		skip();
	r.rlim_cur = r.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
	for (int i = 0; i < MANY; i++) {
		pair(fd[i]);
		a[i] = (struct actor){ .does = read_some, .fd = fd[i][0] };
		a[i].item = loop_fd(l, fd[i][0], LOOP_SESSIONS_IN, act, NULL, &a[i]);
		loop_want(a[i].item, true, false);
		assert_int_equal(write(fd[i][1], "x", 1), 1);
	}
	for (int turn = 0; turn < 3; turn++)
		loop_turn(l, 0);
	for (int i = 0; i < MANY; i++) {
		served += a[i].calls;
		loop_close(a[i].item);
		close(fd[i][0]);
		close(fd[i][1]);
	}
	assert_int_equal(served, MANY);
}

/* --- ZeroMQ --- */

static enum loop_verdict
take_one(void *self)
{
	struct actor *a = self;
	char octet = '?';

	a->calls++;
	(void)zmq_recv(a->socket, &octet, 1, ZMQ_DONTWAIT);
	note(octet);
	return LOOP_LATER;
}

static void
a_zeromq_socket_is_level_triggered(void **state)
{
	struct loop *l = *state;
	void *context = zmq_ctx_new();
	void *here = zmq_socket(context, ZMQ_PAIR), *there = zmq_socket(context, ZMQ_PAIR);
	struct actor a = { .socket = here };

	assert_int_equal(zmq_bind(here, "inproc://here"), 0);
	assert_int_equal(zmq_connect(there, "inproc://here"), 0);
	a.item = loop_zmq(l, here, LOOP_COMMANDS, take_one, &a);
	for (int i = 0; i < 3; i++)
		assert_int_equal(zmq_send(there, &"xyz"[i], 1, ZMQ_DONTWAIT), 1);
	for (int turn = 0; turn < 5; turn++)
		loop_turn(l, turn < 3 ? 1000 : 0); /* one message a call */
	assert_string_equal(story, "xyz");
	loop_close(a.item);
	zmq_close(here);
	assert_int_equal(loop_turn(l, 0), 0); /* the closed socket is not polled */
	zmq_close(there);
	zmq_ctx_term(context);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
		TEST(timers_fire_in_order_when_the_clock_is_past_them_and_once),
		TEST(a_set_timer_moves_and_a_stopped_one_does_not_fire),
		TEST(a_timer_that_sets_itself_for_now_fires_once_a_turn),
		TEST(a_timer_stops_another_that_is_due_and_itself_again),
		TEST(the_wait_ends_when_a_timer_is_due),
		TEST(an_fd_is_called_while_it_is_ready_and_wanted),
		TEST(nobody_wants_a_closed_peer),
		TEST(a_hang_up_wakes_the_one_that_is_wanted),
		TEST(who_stops_wanting_in_its_handler_is_not_called_for_having_said_now),
		TEST(what_is_ready_and_no_longer_wanted_is_not_called),
		TEST(a_write_handler_can_be_woken_without_waiting),
		TEST(thousands_of_ready_fds_are_all_served),
		TEST(a_zeromq_socket_is_level_triggered),
		TEST(signals_come_through_the_loop),
		TEST(a_stop_ends_the_run_after_the_turn),
		TEST(the_longest_turn_is_told_and_begun_anew),
		TEST(any_sequence_of_opening_and_closing_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
