/* Ranges: who connects from an address of one is told to the controller, and waits for it. */
#include "speaker/arrivals.h"
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, end)

static struct far far, other;

static int
end(void **state)
{
	far_close(&far);
	far_close(&other);
	(void)lane_said();
	return speaker_stop(state);
}

/* 127.0.0.0/len at our address, number 9 + len. */
static struct link_peer
range_of_length(uint8_t len)
{
	struct link_peer c = config_of(9u + len);

	c.address = addr_v4(INADDR_LOOPBACK - 1);
	c.range = (uint8_t)(len + 1);
	return c;
}

static struct peer *
range(uint8_t len)
{
	struct link_peer c = range_of_length(len);

	return peer_configure(&speaker, &c);
}

static void
arrive(struct far *f, uint32_t n)
{
	*f = far_of(n);
	far_connect(f);
}

static void
an_address_of_a_range_is_told_and_its_connection_becomes_its_session(void **state)
{
	struct peer *r = range(24);
	struct link_peer c = config_of(1);

	assert_string_equal(r->why, "waiting for peers of the range to connect");
	arrive(&far, 1);
	assert_string_equal(lane_said(), "arrival at 33 of 127.0.0.11\n");
	far_expect_nothing(&far);
	peer_configure(&speaker, &c);
	far_establish(&far);
	assert_int_equal(r->state, PEER_ACTIVE);
	(void)state;
}

static void
nobody_else_is_let_in(void **state)
{
	struct link_peer c = range_of_length(32);

	peer_configure(&speaker, &c); /* 127.0.0.0/32 */
	arrive(&far, 1);
	far_expect_end(&far);
	assert_string_equal(lane_said(), "");
	(void)state;
}

static void
the_narrowest_range_counts_and_a_peer_before_it(void **state)
{
	struct link_peer c = config_of(2);

	range(8);
	range(24);
	range(16);
	peer_configure(&speaker, &c);
	arrive(&far, 1);
	assert_string_equal(lane_said(), "arrival at 33 of 127.0.0.11\n");
	other = far_of(2);
	far_connect(&other);
	far_establish(&other);
	assert_null(strstr(lane_said(), "arrival"));
	(void)state;
}

static void
a_range_at_another_address_of_ours_does_not_count(void **state)
{
	struct link_peer c = range_of_length(24);

	c.local = addr_v4(INADDR_LOOPBACK + 1);
	peer_configure(&speaker, &c);
	arrive(&far, 1);
	far_expect_end(&far);
	c.local = (struct addr){ 0 };
	peer_configure(&speaker, &c);
	arrive(&far, 1);
	far_expect_nothing(&far);
	(void)state;
}

static void
who_waits_too_long_is_let_go(void **state)
{
	range(24);
	arrive(&far, 1);
	advance(10 * SECOND - 1);
	far_expect_nothing(&far);
	advance(1);
	far_expect_end(&far);
	(void)state;
}

static void
who_comes_again_waits_once(void **state)
{
	struct link_peer c = config_of(1);

	range(24);
	arrive(&far, 1);
	arrive(&other, 1);
	assert_string_equal(
	    lane_said(), "arrival at 33 of 127.0.0.11\narrival at 33 of 127.0.0.11\n");
	far_expect_end(&far);
	peer_configure(&speaker, &c);
	far_establish(&other);
	(void)state;
}

static void
without_a_controller_nobody_waits(void **state)
{
	range(24);
	lane->up = false;
	arrive(&far, 1);
	far_expect_end(&far);
	(void)state;
}

static void
a_range_that_is_gone_lets_nobody_in(void **state)
{
	peer_remove(range(24), "gone");
	arrive(&far, 1);
	far_expect_end(&far);
	(void)state;
}

static void
no_more_than_a_bound_wait(void **state)
{
	int pair[2];

	range(8);
	for (uint32_t i = 0; i < 300; i++) {
		struct addr from = addr_v4(INADDR_LOOPBACK + 100 + i), to = addr_v4(INADDR_LOOPBACK);

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_true(arrivals_hold(speaker.arrivals, pair[0], &from, &to));
		if (i == 0)
			far.fd = pair[1];
		else
			close(pair[1]);
		if (i == 255)
			far_expect_nothing(&far);
	}
	far_expect_end(&far);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(an_address_of_a_range_is_told_and_its_connection_becomes_its_session),
		START(nobody_else_is_let_in),
		START(the_narrowest_range_counts_and_a_peer_before_it),
		START(a_range_at_another_address_of_ours_does_not_count),
		START(who_waits_too_long_is_let_go),
		START(who_comes_again_waits_once),
		START(without_a_controller_nobody_waits),
		START(a_range_that_is_gone_lets_nobody_in),
		START(no_more_than_a_bound_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
