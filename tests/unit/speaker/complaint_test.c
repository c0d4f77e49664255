#include "speaker/complaint.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "tests/unit/common/logged.h"

/* The first line that the log has of such an UPDATE, without the time in front. */
static const char *
logged(struct update *u)
{
	static const uint8_t octets[MESSAGE_HEADER];
	struct message m = { .header = { .at = octets, .left = sizeof octets },
		.length = sizeof octets };
	struct peer peer = { .name = "peer 192.0.2.1" };
	char *line;

	for (unsigned i = 0; i < u->complaints; i++)
		if (u->complaint[i].penalty > u->worst)
			u->worst = u->complaint[i].penalty;
	complaint_log(&peer, u, &m);
	(void)look();
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_it_cost_is_said, log_into_pipe, log_out_of_pipe),
		cmocka_unit_test_setup_teardown(
		    what_is_well_formed_and_not_taken_is_not_called_malformed_or_discarded,
		    log_into_pipe, log_out_of_pipe),
		cmocka_unit_test_setup_teardown(
		    what_is_about_no_attribute_names_none, log_into_pipe, log_out_of_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
