/* rate-limit: how many UPDATEs may go, and when the next. */
#include "speaker/pace.h"
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, end)
#define VIA(med)    " next-hop 10.9.9.9 origin igp as-path [ 65000 ] med " med

static struct far far;
static struct peer *peer;

static int
end(void **state)
{
	far_close(&far);
	(void)far_said(NULL);
	return speaker_stop(state);
}

static unsigned
updates(void)
{
	const char *said = far_said(&far);
	unsigned n = 0;

	for (; (said = strchr(said, '\n')); said++)
		n++;
	return n;
}

static void
five_routes(void)
{
	static const char *const routes[] = { "10.0.0.0/24" VIA("1"), "10.0.1.0/24" VIA("2"),
		"10.0.2.0/24" VIA("3"), "10.0.3.0/24" VIA("4"), "10.0.4.0/24" VIA("5") };

	for (int i = 0; i < 5; i++)
		told(1 << 1, 0, routes[i], NULL);
}

static void
without_a_limit_all_may_go(void **state)
{
	struct pace p = { 0 };

	pace_took(&p, 0, 5 * SECOND, 1000);
	assert_int_equal(pace_allows(&p, 0, 5 * SECOND), UINT32_MAX);
	(void)state;
}

static void
in_a_second_no_more_go_than_the_limit_and_those_evenly(void **state)
{
	static const uint32_t limits[] = { 1, 3, 10, 1000, 100000 };

	for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct pace p = { 0 };
		uint64_t now = 100 * SECOND, sent = 0;

		for (; now < 110 * SECOND; now += 1000) {
			uint32_t n = pace_allows(&p, limits[i], now);

			assert_true(n <= limits[i] / 20 + 1);
			sent += n;
			pace_took(&p, limits[i], now, n);
		}
		assert_in_range(sent, 10 * limits[i], 10 * limits[i] + limits[i] / 20 + 1);
	}
	(void)state;
}

static void
what_was_not_used_is_not_saved_up(void **state)
{
	struct pace p = { 0 };

	pace_took(&p, 100, 1 * SECOND, 1);
	assert_int_equal(pace_allows(&p, 100, 3600 * (uint64_t)SECOND), 6);
	(void)state;
}

static void
updates_go_one_by_one_as_fast_as_the_limit_says(void **state)
{
	struct link_peer c = config_of(1);

	c.rate_limit = 10;
	far = far_up(&c, &peer);
	advance(SECOND);
	five_routes();
	assert_int_equal(updates(), 1);
	for (int i = 0; i < 4; i++) {
		advance(SECOND / 10 - 1000);
		assert_int_equal(updates(), 0);
		advance(1000);
		assert_int_equal(updates(), 1);
	}
	advance(SECOND);
	assert_int_equal(updates(), 0);
	assert_int_equal(session_queued(peer->session), 0);
	(void)state;
}

static void
of_a_route_that_changes_meanwhile_the_newest_goes(void **state)
{
	struct link_peer c = config_of(1);

	c.rate_limit = 1;
	far = far_up(&c, &peer);
	advance(SECOND);
	told(1 << 1, 0, "10.0.0.0/24" VIA("1"), NULL);
	assert_int_equal(updates(), 1);
	told(1 << 1, 0, "10.0.0.0/24" VIA("2"), NULL);
	turns(5);
	told(1 << 1, 0, "10.0.1.0/24" VIA("3"), NULL);
	told(1 << 1, 0, "10.0.1.0/24" VIA("4"), NULL);
	advance(SECOND);
	assert_string_equal(
	    far_said(&far), " +10.0.0.0/24 via 10.9.9.9 origin igp as-path [ 65000 ] med 2\n");
	advance(SECOND);
	assert_string_equal(
	    far_said(&far), " +10.0.1.0/24 via 10.9.9.9 origin igp as-path [ 65000 ] med 4\n");
	(void)state;
}

static void
keepalives_do_not_wait_and_the_session_stays(void **state)
{
	struct link_peer c = config_of(1);

	c.rate_limit = 1;
	far = far_up(&c, &peer);
	advance(SECOND);
	five_routes();
	assert_int_equal(updates(), 1);
	loop_test_advance(loop, SECOND / 2);
	session_send_first(peer->session,
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x13\x04", 19);
	far_expect(&far, MESSAGE_KEEPALIVE);
	far_expect_nothing(&far);
	(void)state;
}

static void
a_limit_that_is_lifted_lets_the_rest_go(void **state)
{
	struct link_peer c = config_of(1);

	c.rate_limit = 1;
	far = far_up(&c, &peer);
	advance(SECOND);
	five_routes();
	assert_int_equal(updates(), 1);
	c.rate_limit = 0;
	(void)peer_configure(&speaker, &c);
	advance(SECOND);
	assert_int_equal(updates(), 4);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit_all_may_go),
		cmocka_unit_test(in_a_second_no_more_go_than_the_limit_and_those_evenly),
		cmocka_unit_test(what_was_not_used_is_not_saved_up),
		START(updates_go_one_by_one_as_fast_as_the_limit_says),
		START(of_a_route_that_changes_meanwhile_the_newest_goes),
		START(keepalives_do_not_wait_and_the_session_stays),
		START(a_limit_that_is_lifted_lets_the_rest_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
