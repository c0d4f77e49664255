/* controller-loss: what is done without a controller, and when there is one again. */
#include "speaker/orphan.h"
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, end)

static struct far far;
static struct peer *peer;

static int
end(void **state)
{
	far_close(&far);
	(void)far_said(NULL);
	return speaker_stop(state);
}

static void
up(uint32_t loss, bool passive)
{
	struct link_peer c = config_of(1);

	c.controller_loss = loss;
	c.passive = passive;
	far = far_up(&c, &peer);
	(void)far_said(&far);
}

static void
a_session_stays_until_the_controller_was_away_for_long_enough(void **state)
{
	up(30, true);
	uint64_t lost = loop_now(loop);

	loop_test_advance(loop, 30 * SECOND - 1);
	orphans_look(&speaker, lost);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	loop_test_advance(loop, 1);
	orphans_look(&speaker, lost);
	assert_int_equal(peer->state, PEER_IDLE);
	assert_string_equal(peer->why, "no controller for 30 s");
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_SHUTDOWN, "no controller for 30 s");
	(void)state;
}

static void
without_controller_loss_it_stays_for_ever(void **state)
{
	up(0, true);
	loop_test_advance(loop, 60 * SECOND);
	orphans_look(&speaker, 0);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	(void)state;
}

static void
an_orphan_takes_no_connection_before_it_is_adopted(void **state)
{
	up(1, true);
	loop_test_advance(loop, SECOND);
	orphans_look(&speaker, loop_now(loop) - SECOND);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_SHUTDOWN, NULL);
	far_connect(&far);
	far_expect_end(&far);
	assert_int_equal(peer->state, PEER_IDLE);
	orphans_adopt(&speaker);
	assert_int_equal(peer->state, PEER_ACTIVE);
	far_connect(&far);
	far_establish(&far);
	(void)state;
}

static void
an_orphan_is_not_dialled_before_it_is_adopted(void **state)
{
	int listening = far_listen(1);
	struct link_peer c;

	up(1, false);
	loop_test_advance(loop, SECOND);
	orphans_look(&speaker, loop_now(loop) - SECOND);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_SHUTDOWN, NULL);
	c = peer->config;
	c.hold_time = 30; /* a change of the configuration dials a peer otherwise */
	peer = peer_configure(&speaker, &c);
	advance(60 * SECOND);
	assert_true(accept(listening, NULL, NULL) < 0);
	orphans_adopt(&speaker);
	advance(SECOND);
	far_accept(&far, listening);
	far_establish(&far);
	close(listening);
	(void)state;
}

/* Nobody gets a session that is not signed where it was to be: there is no key, or the kernel can't use it. */
static void
a_peer_whose_tcp_ao_key_cannot_be_set_gets_no_session(void **state)
{
	int listening = far_listen(1);
	struct link_peer c = config_of(1);

	c.tcp_ao = true;
	c.passive = false;
	peer = peer_configure(&speaker, &c);
	assert_int_equal(peer->state, PEER_IDLE);
	assert_string_equal(peer->why, "tcp-ao: its key is not there");
	c.ao = (struct tcp_ao_key){ .id = 1, .algorithm = TCP_AO_HMAC_SHA_1_96, .len = 1, .secret = "x" };
	peer = peer_configure(&speaker, &c);
	if (tcp_ao_check(&c.address, 32, &c.ao) == 0) {
		close(listening);
		skip();
	}
	assert_int_equal(peer->state, PEER_IDLE);
	assert_string_equal(peer->why,
	    "tcp-ao: the kernel has no TCP-AO (Linux 6.7 with CONFIG_TCP_AO is needed)");
	advance(60 * SECOND);
	assert_true(accept(listening, NULL, NULL) < 0);
	far = far_of(1);
	far_connect(&far);
	far_expect_end(&far);
	close(listening);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(a_session_stays_until_the_controller_was_away_for_long_enough),
		START(without_controller_loss_it_stays_for_ever),
		START(an_orphan_takes_no_connection_before_it_is_adopted),
		START(an_orphan_is_not_dialled_before_it_is_adopted),
		START(a_peer_whose_tcp_ao_key_cannot_be_set_gets_no_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
