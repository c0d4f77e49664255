/* A peer whose session ended because there was more than a limit: it is left alone for a while. */
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, speaker_stop)
#define VIA         " next-hop 10.0.0.1 origin igp as-path [ 65001 ]"

enum { PAUSE = 30 };

static struct far far;
static struct peer *peer;
static struct link_peer config;
static int listening;

/* Three routes where two are taken; the session has stood so long that it would be dialled at once. */
static void
overrun(bool passive)
{
	config = config_of(1);
	config.max_prefix_in = 2;
	config.passive = passive;
	listening = far_listen(1);
	peer = peer_configure(&speaker, &config);
	far = far_of(1);
	if (passive) {
		far_connect(&far);
	} else {
		advance(2000);
		far_accept(&far, listening);
	}
	far_establish(&far);
	advance(2 * SECOND);
	far_announce(&far, "10.0.0.0/24" VIA);
	far_announce(&far, "10.0.1.0/24" VIA);
	assert_non_null(peer->session);
	far_announce(&far, "10.0.2.0/24" VIA);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_MAX_PREFIX, NULL);
	assert_null(peer->session);
}

static bool
taken(void)
{
	bool is;

	far = far_of(1);
	far_connect(&far);
	UNTIL(peer->incoming || !far_read(&far));
	is = peer->incoming;
	far_close(&far);
	UNTIL(!peer->incoming);
	return is;
}

static void
it_is_not_dialled_before_the_pause_is_over(void **state)
{
	struct link_peer_state s;

	overrun(false);
	peer_state_of(peer, &s);
	assert_in_range(s.retry, (PAUSE - 1) * 1000, (PAUSE + 1) * 1000);
	advance((PAUSE - 1) * (uint64_t)SECOND);
	assert_null(peer->outgoing);
	assert_int_equal(accept(listening, NULL, NULL), -1);
	advance(SECOND + 2000);
	far = far_of(1);
	far_accept(&far, listening);
	far_establish(&far);
	far_close(&far);
	close(listening);
	(void)state;
}

static void
nor_is_it_taken_when_it_connects(void **state)
{
	overrun(true);
	assert_false(taken());
	assert_string_equal(
	    peer->why, "waiting for the peer to connect; before: more than 2 prefixes");
	advance((PAUSE - 1) * (uint64_t)SECOND);
	assert_false(taken());
	advance(SECOND + 2000);
	assert_true(taken());
	close(listening);
	(void)state;
}

static void
another_limit_ends_the_pause(void **state)
{
	overrun(false);
	config.rate_limit = 7;
	assert_ptr_equal(peer_configure(&speaker, &config), peer);
	advance(2 * SECOND);
	assert_false(taken());
	assert_null(peer->outgoing);
	config.max_prefix_in = 3;
	assert_ptr_equal(peer_configure(&speaker, &config), peer);
	advance(2000);
	far = far_of(1);
	far_accept(&far, listening);
	far_establish(&far);
	far_close(&far);
	close(listening);
	(void)state;
}

static void
a_session_that_an_operator_ends_is_up_again_at_once(void **state)
{
	struct fault f = { 0 };

	config = config_of(1);
	far = far_up(&config, &peer);
	fault_set(&f, NOTIFY_CEASE, CEASE_RESET, NULL, 0, "by an operator");
	peer_reset(peer, &f);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_RESET, NULL);
	assert_true(taken());
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(it_is_not_dialled_before_the_pause_is_over),
		START(nor_is_it_taken_when_it_connects),
		START(another_limit_ends_the_pause),
		START(a_session_that_an_operator_ends_is_up_again_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
