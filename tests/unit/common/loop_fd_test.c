/* What is waited for in the kernel: descriptors, and sockets of ZeroMQ. */
#include "common/loop.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <zmq.h>
#include <cmocka.h>
#include "common/clock.h"
#include "tests/unit/common/actors.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_fd_is_called_while_it_is_ready_and_wanted),
		TEST(nobody_wants_a_closed_peer),
		TEST(a_hang_up_wakes_the_one_that_is_wanted),
		TEST(who_stops_wanting_in_its_handler_is_not_called_for_having_said_now),
		TEST(what_is_ready_and_no_longer_wanted_is_not_called),
		TEST(a_write_handler_can_be_woken_without_waiting),
		TEST(thousands_of_ready_fds_are_all_served),
		TEST(a_zeromq_socket_is_level_triggered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
