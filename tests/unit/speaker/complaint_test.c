#include "speaker/complaint.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/log.h"

static int ends[2];
static char seen[1 << 16];

/* The first line that the log has of such an UPDATE, without the time in front. */
static const char *
logged(struct update *u)
{
	static const uint8_t octets[MESSAGE_HEADER];
	struct message m = { .header = { .at = octets, .left = sizeof octets },
		.length = sizeof octets };
	struct peer peer = { .name = "peer 192.0.2.1" };
	ssize_t n;
	char *line;

	for (unsigned i = 0; i < u->complaints; i++)
		if (u->complaint[i].penalty > u->worst)
			u->worst = u->complaint[i].penalty;
	complaint_log(&peer, u, &m);
	n = read(ends[0], seen, sizeof seen - 1);
	seen[n > 0 ? n : 0] = '\0';
	line = strchr(seen, ' ');
	assert_non_null(line);
	line[strcspn(line, "\n")] = '\0';
	return line + 1;
}

static struct update
with(uint8_t code, enum penalty penalty, const char *what)
{
	return (struct update){ .complaint = { { code, penalty, what } }, .complaints = 1 };
}

static void
what_it_cost_is_said(void **state)
{
	struct update u = with(1, PENALTY_WITHDRAW, "malformed");

	assert_string_equal(logged(&u),
	    "warning peer 192.0.2.1: malformed update: attribute 1 malformed; treated as withdraw");
	u = with(7, PENALTY_DISCARD, "malformed");
	assert_string_equal(logged(&u),
	    "warning peer 192.0.2.1: malformed update: attribute 7 malformed; discarded");
	(void)state;
}

/* A leak is withdrawn and nothing of it is malformed; a route that is left out is no attribute that is discarded. */
static void
what_is_well_formed_and_not_taken_is_not_called_malformed_or_discarded(void **state)
{
	struct update u = with(35, PENALTY_NONE, "says that this is a route leak (RFC 9234)");

	assert_string_equal(logged(&u), "warning peer 192.0.2.1: update: attribute 35 says that "
					"this is a route leak (RFC 9234)");
	(void)state;
}

static void
what_is_about_no_attribute_names_none(void **state)
{
	struct update u = with(0, PENALTY_WITHDRAW, "an attribute runs past the end of the list");

	u.complaint[u.complaints++] = (struct complaint){ 2, PENALTY_WITHDRAW, "missing" };
	assert_string_equal(logged(&u),
	    "warning peer 192.0.2.1: malformed update: an attribute runs past the end of the list, "
	    "attribute 2 missing; treated as withdraw");
	(void)state;
}

static int
open_pipe(void **state)
{
	(void)state;
	if (pipe(ends) < 0)
		return -1;
	log_open(ends[1], LOG_TEXT, LOG_LEVEL_INFO, NULL);
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static int
close_pipe(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_it_cost_is_said, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(
		    what_is_well_formed_and_not_taken_is_not_called_malformed_or_discarded,
		    open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(
		    what_is_about_no_attribute_names_none, open_pipe, close_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
