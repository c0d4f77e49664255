#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/clock.h"
#include "tests/unit/common/logged.h"

/* ... without the time in front. */
static const char *
line(void)
{
	const char *s = strchr(look(), ' ');

	return s ? s + 1 : "";
}

static void
a_line_of_text_tells_when_who_and_what(void **state)
{
	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, "ambo");
	log_info("peer 192.0.2.1", "hold timer expired after %d s", 90);
	assert_string_equal(line(), "info ambo peer 192.0.2.1: hold timer expired after 90 s\n");
	assert_int_equal(seen[strlen("2026-11-22T07:17:50.999")], 'Z');
	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	log_warning(NULL, "x");
	assert_string_equal(line(), "warning -: x\n");
	(void)state;
}

static void
what_is_no_terminal_gets_json(void **state)
{
	log_open(ends[1], LOG_AUTO, LOG_LEVEL_INFO, "ambo");
	log_error("peer \"x\"", "caf\xc3\xa9 \xe9\n");
	look();
	assert_memory_equal(seen, "{\"time\":\"20", 11);
	assert_string_equal(strchr(seen, ','),
	    ",\"level\":\"error\",\"program\":\"ambo\",\"who\":\"peer \\\"x\\\"\","
	    "\"message\":\"caf\xc3\xa9 \\u00e9\\n\"}\n");
	(void)state;
}

static void
text_from_outside_cannot_move_the_cursor_or_forge_a_line(void **state)
{
	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	log_info("a\nb", "%s",
	    "\x1b[2J\r\n\t\x7f \xff caf\xc3\xa9 \xc2\x9b"
	    "1m \xc2\xa9");
	assert_string_equal(line(),
	    "info a\\x0ab: \\x1b[2J\\x0d\\x0a\\x09\\x7f \\xff caf\xc3\xa9 \\xc2\\x9b1m \xc2\xa9\n");
	(void)state;
}

static void
levels_below_the_wanted_are_silent(void **state)
{
	log_open(ends[1], LOG_TEXT, LOG_LEVEL_WARNING, NULL);
	log_info("a", "x");
	log_debug("a", "x");
	assert_string_equal(look(), "");
	log_level_set(LOG_LEVEL_DEBUG);
	assert_true(log_wants(LOG_LEVEL_DEBUG));
	log_debug("a", "x");
	assert_string_equal(line(), "debug a: x\n");
	log_level_set(LOG_LEVEL_ERROR);
	assert_false(log_wants(LOG_LEVEL_WARNING));
	(void)state;
}

static void
a_full_pipe_that_blocks_costs_lines_and_no_time(void **state)
{
	char expected[64];
	int sent = 0, came = 0;
	uint64_t start = clock_monotonic();

	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	for (; sent < 3000; sent++)
		log_info("a", "%0100d", sent);
	assert_true(clock_monotonic() - start < 5000000);
	for (const char *s = look(); (s = strchr(s, '\n')); s++)
		came++;
	assert_true(came > 0 && came < sent);
	log_info("a", "after");
	snprintf(expected, sizeof expected, "warning log: %d lines were dropped\n", sent - came);
	assert_memory_equal(line(), expected, strlen(expected));
	assert_non_null(strstr(seen, "info a: after\n"));
	log_info("a", "again");
	assert_string_equal(line(), "info a: again\n");
	(void)state;
}

/* TCP with small buffers: unlike a pipe it takes lines in part. */
static void
tcp_pair(int pair[2])
{
	struct sockaddr_in self = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int listener = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
	socklen_t len = sizeof self;

	pair[1] = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	assert_int_equal(bind(listener, (struct sockaddr *)&self, sizeof self), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&self, &len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(connect(pair[1], (struct sockaddr *)&self, sizeof self), 0);
	pair[0] = accept(listener, NULL, NULL);
	assert_true(pair[0] >= 0);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	close(listener);
}

static void
a_socket_that_takes_half_a_line_gets_the_rest_first(void **state)
{
	int pair[2], count = 0;
	char *all = malloc(1 << 22);
	size_t len = 0;

	tcp_pair(pair);
	log_open(pair[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	for (int i = 0; i < 400; i++) {
		ssize_t n;

		log_info("a", "%02500d", i);
		if (i % 7 == 0 && (n = read(pair[0], all + len, 1999)) > 0)
			len += (size_t)n;
	}
	for (int round = 0; round < 2; round++) {
		for (ssize_t n; (n = read(pair[0], all + len, 4096)) > 0;)
			len += (size_t)n;
		log_info("a", "end"); /* with room again, the rest and what was dropped is told */
	}
	all[len] = '\0';
	for (char *s = all, *end; (end = strchr(s, '\n')); s = end + 1, count++) {
		*end = '\0';
		assert_memory_equal(s, "20", 2);
		assert_int_equal(s[23], 'Z');
		if (strstr(s, "info a: 0"))
			assert_int_equal(strlen(s), 25 + 8 + 2500);
	}
	assert_true(count > 2);
	close(pair[0]);
	close(pair[1]);
	free(all);
	(void)state;
}

static void
a_line_fits_into_one_write_however_much_is_escaped(void **state)
{
	char octets[6000];

	memset(octets, 1, sizeof octets - 1);
	octets[sizeof octets - 1] = '\0';
	for (int format = LOG_TEXT; format <= LOG_JSON; format++) {
		log_open(ends[1], (enum log_format)format, LOG_LEVEL_INFO, "ambo");
		log_info("a", "%s", octets);
		look();
		assert_true(strlen(seen) <= PIPE_BUF && strlen(seen) > PIPE_BUF / 2);
		assert_int_equal(seen[strlen(seen) - 1], '\n');
		log_info(octets, "x");
		look();
		assert_true(strlen(seen) > 0 && strlen(seen) <= PIPE_BUF);
	}
	(void)state;
}

static void
errno_is_left_alone_and_a_closed_descriptor_is_no_harm(void **state)
{
	int gone[2];

	assert_int_equal(pipe(gone), 0);
	close(gone[0]);
	log_open(gone[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	errno = EADDRINUSE;
	log_info("a", "nobody reads"); /* and no SIGPIPE */
	assert_int_equal(errno, EADDRINUSE);
	close(gone[1]);
	log_info("a", "no such descriptor");
	assert_int_equal(errno, EADDRINUSE);
	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	log_info("a", "%m");
	assert_non_null(strstr(look(), "2 lines were dropped\n"));
	assert_non_null(strstr(seen, strerror(EADDRINUSE)));
	(void)state;
}

static void
what_a_remote_triggers_is_limited_and_counted(void **state)
{
	struct log_limit limit;
	uint64_t second;
	int allowed;

	do { /* within one second */
		limit = (struct log_limit){ 0 };
		allowed = 0;
		second = clock_monotonic() / 1000000;
		for (int i = 0; i < 10; i++)
			allowed += log_allow(&limit, 3);
	} while (clock_monotonic() / 1000000 != second);
	assert_int_equal(allowed, 3);

	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	limit.second = 0; /* as if it were another one */
	assert_true(log_allow(&limit, 3));
	log_info("a", "x");
	assert_string_equal(line(), "info a: x (7 like this were not shown)\n");
	log_info("a", "x");
	assert_string_equal(line(), "info a: x\n");
	(void)state;
}

static void
what_comes_again_and_again_is_said_once_a_minute(void **state)
{
	enum { SECOND = 1000000, BURST = 100 };
	struct log_again again = { 0 };
	char text[] = "1 failed";

	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	assert_true(log_news(&again, "no route", BURST, 10));
	assert_false(log_news(&again, "no route", BURST, 10));
	assert_true(log_news(&again, "refused", BURST, SECOND));
	log_info("a", "refused");
	assert_string_equal(line(), "info a: refused (1 like this were not shown)\n");
	assert_false(log_news(&again, "no route", BURST, 60 * SECOND));
	assert_false(log_news(&again, "refused", BURST, 60 * SECOND));
	assert_true(log_news(&again, "no route", BURST, 60 * SECOND + 10));
	log_info("a", "no route");
	assert_string_equal(line(), "info a: no route (2 like this were not shown)\n");
	for (; text[0] <= '4'; text[0]++)
		assert_true(log_news(&again, text, BURST, 61 * SECOND));
	assert_true(log_news(&again, "no route", BURST, 61 * SECOND)); /* more than are known */
	assert_false(log_news(&again, "new", 0, 61 * SECOND));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_text_tells_when_who_and_what),
		cmocka_unit_test(what_is_no_terminal_gets_json),
		cmocka_unit_test(text_from_outside_cannot_move_the_cursor_or_forge_a_line),
		cmocka_unit_test(levels_below_the_wanted_are_silent),
		cmocka_unit_test(a_full_pipe_that_blocks_costs_lines_and_no_time),
		cmocka_unit_test(a_socket_that_takes_half_a_line_gets_the_rest_first),
		cmocka_unit_test(a_line_fits_into_one_write_however_much_is_escaped),
		cmocka_unit_test(errno_is_left_alone_and_a_closed_descriptor_is_no_harm),
		cmocka_unit_test(what_a_remote_triggers_is_limited_and_counted),
		cmocka_unit_test(what_comes_again_and_again_is_said_once_a_minute),
	};

	return cmocka_run_group_tests(tests, log_into_pipe, log_out_of_pipe);
}
