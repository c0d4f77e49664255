/* What leaves a socketpair is compared with what was queued: each chunk is a run of one letter. */
#include "speaker/outbox.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { MOST = 1 << 20 };

static struct outbox out;
static int ours, theirs;
static char came[4 * MOST + 1];
static size_t came_len;

static int
start(void **state)
{
	int fd[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) < 0)
		return -1;
	ours = fd[0];
	theirs = fd[1];
	came_len = 0;
	out = (struct outbox){ 0 };
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	outbox_fini(&out);
	close(ours);
	close(theirs);
	return 0;
}

static struct chunk *
run_of(char letter, size_t len)
{
	static char run[MOST];

	memset(run, letter, len);
	return chunk_new(run, len, 1);
}

static const char *
arrived(void)
{
	ssize_t got;

	while ((got = recv(theirs, came + came_len, sizeof came - 1 - came_len, MSG_DONTWAIT)) > 0)
		came_len += (size_t)got;
	came[came_len] = '\0';
	return came;
}

static void
chunks_leave_in_order_as_one_write(void **state)
{
	outbox_add(&out, run_of('a', 3));
	outbox_add(&out, run_of('b', 2));
	outbox_add(&out, run_of('c', 1));
	assert_int_equal(out.octets, 6);
	assert_int_equal(outbox_write(&out, ours, MOST), 1);
	assert_string_equal(arrived(), "aaabbc");
	assert_int_equal(out.octets, 0);
	assert_int_equal(out.count, 0);
	assert_int_equal(out.written, 6);
	(void)state;
}

static void
an_empty_one_writes_nothing(void **state)
{
	assert_int_equal(outbox_write(&out, ours, MOST), 1);
	assert_string_equal(arrived(), "");
	(void)state;
}

static void
a_write_is_limited_and_goes_on_where_it_stopped(void **state)
{
	outbox_add(&out, run_of('a', 3));
	outbox_add(&out, run_of('b', 3));
	for (size_t n = 1; n <= 6; n++) {
		assert_int_equal(outbox_write(&out, ours, 1), 1);
		assert_int_equal(out.octets, 6 - n);
		assert_int_equal(out.written, n);
		assert_int_equal(strlen(arrived()), n);
	}
	assert_string_equal(came, "aaabbb");
	(void)state;
}

static void
what_is_first_goes_in_front_of_what_is_not_begun(void **state)
{
	outbox_add(&out, run_of('a', 3));
	outbox_add(&out, run_of('b', 3));
	outbox_add_first(&out, run_of('1', 1));
	outbox_add_first(&out, run_of('2', 1));
	outbox_write(&out, ours, MOST);
	assert_string_equal(arrived(), "12aaabbb");
	(void)state;
}

static void
what_is_first_waits_for_the_chunk_that_is_begun(void **state)
{
	outbox_add(&out, run_of('a', 3));
	outbox_add(&out, run_of('b', 3));
	outbox_write(&out, ours, 1);
	outbox_add_first(&out, run_of('1', 2));
	outbox_add_first(&out, run_of('2', 2));
	outbox_write(&out, ours, 3); /* the rest of a, and half of 1 */
	outbox_add_first(&out, run_of('3', 2));
	outbox_write(&out, ours, MOST);
	assert_string_equal(arrived(), "aaa112233bbb");
	(void)state;
}

/* A receipt is told when what was queued before it is written: what overtakes must not count for it. */
static void
what_is_first_does_not_count_as_what_was_queued(void **state)
{
	outbox_add(&out, run_of('a', 10));
	assert_int_equal(out.total, 10);
	outbox_add_first(&out, run_of('1', 4));
	assert_int_equal(out.octets, 14);
	outbox_write(&out, ours, 10);
	assert_string_equal(arrived(), "1111aaaaaa");
	assert_true(out.written < 10);
	outbox_write(&out, ours, 4);
	assert_true(out.written >= 10);
	outbox_add(&out, run_of('b', 5));
	outbox_write(&out, ours, 2);
	outbox_add_first(&out, run_of('2', 9));
	outbox_write(&out, ours, 3);
	assert_int_equal(out.total - out.written, 0);
	assert_int_equal(out.octets, 9);
	(void)state;
}

static void
a_full_socket_takes_nothing_and_loses_nothing(void **state)
{
	int said;
	size_t left;

	for (char letter = 'a'; letter < 'e'; letter++)
		outbox_add(&out, run_of(letter, MOST - 1));
	while ((said = outbox_write(&out, ours, MOST)) == 1 && out.count > 0)
		;
	assert_int_equal(said, 0);
	left = out.octets;
	assert_true(left > 0);
	assert_int_equal(outbox_write(&out, ours, MOST), 0);
	assert_int_equal(out.octets, left);
	while (out.count > 0) {
		arrived();
		assert_int_not_equal(outbox_write(&out, ours, MOST), -1);
	}
	arrived();
	assert_int_equal(came_len, 4 * (MOST - 1));
	for (size_t i = 0; i < came_len; i++)
		assert_int_equal(came[i], "abcd"[i / (MOST - 1)]);
	(void)state;
}

static void
a_connection_that_is_gone_is_an_error(void **state)
{
	close(theirs);
	outbox_add(&out, run_of('a', 3));
	assert_int_equal(outbox_write(&out, ours, MOST), -1);
	assert_int_equal(errno, EPIPE);
	theirs = dup(ours);
	(void)state;
}

static void
a_chunk_is_shared_by_several(void **state)
{
	struct outbox other = { 0 };
	struct chunk *c = run_of('s', 5);

	outbox_add(&out, chunk_get(c));
	outbox_add(&other, chunk_get(c));
	outbox_add(&other, run_of('t', 2));
	chunk_put(c);
	outbox_write(&out, ours, 2);
	outbox_fini(&out);
	outbox_write(&other, ours, MOST);
	assert_string_equal(arrived(), "sssssss"
				       "tt");
	outbox_fini(&other);
	chunk_put(NULL);
	(void)state;
}

/* Against a model: a list of letters, and where the one that is begun ends. */
static void
random_use_agrees_with_a_model(void **state)
{
	static char model[1 << 16];
	size_t first_end = 0, done = 0, len = 0; /* of the run of first ones; written; queued */
	char letter = 0;

	srandom(5);
	for (int i = 0; i < 4000; i++) {
		size_t n = 1 + (size_t)random() % 7;
		static size_t chunk_end[1 << 14];
		static size_t chunks,
		    at; /* ends of chunks in the model; the first that is not written */

		if (i == 0)
			chunks = at = 0;
		letter = (char)('a' + i % 26);
		switch (random() % 4) {
		case 0:
		case 1:
			memset(model + len, letter, n);
			len += n;
			chunk_end[chunks++] = len;
			outbox_add(&out, run_of(letter, n));
			break;
		case 2: {
			size_t begins = at > 0 ? chunk_end[at - 1] : 0, place = at;

			if (done > begins) /* begun */
				place++;
			while (place < chunks && chunk_end[place] <= first_end)
				place++;
			begins = place > 0 ? chunk_end[place - 1] : 0;
			memmove(model + begins + n, model + begins, len - begins);
			memset(model + begins, letter, n);
			len += n;
			memmove(chunk_end + place + 1, chunk_end + place,
			    (chunks - place) * sizeof chunk_end[0]);
			chunks++;
			chunk_end[place] = begins + n;
			for (size_t k = place + 1; k < chunks; k++)
				chunk_end[k] += n;
			first_end = begins + n;
			outbox_add_first(&out, run_of(letter, n));
			break;
		}
		default:
			assert_int_equal(outbox_write(&out, ours, n), 1);
			arrived();
			done += n < len - done ? n : len - done;
			while (at < chunks && chunk_end[at] <= done)
				at++;
		}
		assert_int_equal(out.octets, len - done);
	}
	while (out.count > 0) {
		outbox_write(&out, ours, 100);
		arrived();
	}
	assert_int_equal(came_len, len);
	assert_memory_equal(came, model, len);
	(void)state;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(chunks_leave_in_order_as_one_write),
		TEST(an_empty_one_writes_nothing),
		TEST(a_write_is_limited_and_goes_on_where_it_stopped),
		TEST(what_is_first_goes_in_front_of_what_is_not_begun),
		TEST(what_is_first_waits_for_the_chunk_that_is_begun),
		TEST(what_is_first_does_not_count_as_what_was_queued),
		TEST(a_full_socket_takes_nothing_and_loses_nothing),
		TEST(a_connection_that_is_gone_is_an_error),
		TEST(a_chunk_is_shared_by_several),
		TEST(random_use_agrees_with_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
