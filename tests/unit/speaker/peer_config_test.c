/* Peers as the controller configures them: what a change costs, and who goes. */
#include <time.h>
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, speaker_stop)

static struct far far, second;
static struct peer *peer;

static void
up(void)
{
	struct link_peer c = config_of(1);

	far = far_up(&c, &peer);
}

static void
the_same_configuration_again_changes_nothing(void **state)
{
	struct link_peer c = config_of(1);

	up();
	lane->states = true;
	assert_ptr_equal(peer_configure(&speaker, &c), peer);
	turns(3);
	assert_string_equal(lane_said(), "");
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	far_expect_nothing(&far);
	far_close(&far);
	(void)state;
}

static void
limits_change_under_a_standing_session(void **state)
{
	struct link_peer c = config_of(1);

	up();
	c.max_prefix_in = 5;
	c.max_prefix_out = 6;
	c.manual_eor = true;
	c.rate_limit = 7;
	c.group = GROUP_NONE;
	peer_configure(&speaker, &c);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	assert_int_equal(peer->config.max_prefix_in, 5);
	assert_int_equal(peer->config.max_prefix_out, 6);
	assert_true(peer->config.manual_eor);
	assert_int_equal(peer->config.rate_limit, 7);
	assert_int_equal(peer->params.group, GROUP_NONE);
	far_expect_nothing(&far);
	far_close(&far);
	(void)state;
}

static void
any_other_change_resets_the_session(void **state)
{
	struct link_peer c = config_of(1);
	int listening = far_listen(1);

	up();
	c.hold_time = 30;
	assert_ptr_equal(peer_configure(&speaker, &c), peer);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_CONFIGURATION, NULL);
	assert_int_equal(peer->state, PEER_ACTIVE);
	far = far_of(1);
	far_connect(&far);
	far_establish(&far);
	assert_int_equal(peer->params.hold_time, 30);
	/* and to one that is dialled */
	c.passive = false;
	peer_configure(&speaker, &c);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_CONFIGURATION, NULL);
	advance(2000);
	assert_non_null(peer->outgoing);
	c.passive = true;
	peer_configure(&speaker, &c);
	assert_null(peer->outgoing);
	assert_int_equal(peer->retry.at, 0);
	close(listening);
	(void)state;
}

static void
one_address_may_have_a_peer_for_each_of_ours(void **state)
{
	struct link_peer any = config_of(1), ours = config_of(1), other = config_of(1);

	any.local = (struct addr){ 0 };
	ours.peer = 2;
	other.peer = 3;
	other.local = addr_v4(INADDR_LOOPBACK + 1);
	peer_configure(&speaker, &other);
	peer_configure(&speaker, &any);
	peer_configure(&speaker, &ours);
	assert_int_equal(speaker.peer_count, 3);
	far = far_of(1);
	far_connect(&far);
	assert_non_null(peer_by_number(&speaker, 2)->incoming);
	far_close(&far);
	peer_remove(peer_by_number(&speaker, 2), "not configured any more");
	far_connect(&far);
	assert_non_null(peer_by_number(&speaker, 1)->incoming);
	assert_null(peer_by_number(&speaker, 3)->incoming);
	far_close(&far);
	/* the place of one that is there is another number's */
	other.peer = 4;
	peer_configure(&speaker, &other);
	assert_int_equal(speaker.peer_count, 2);
	assert_null(peer_by_number(&speaker, 3));
	(void)state;
}

/* Well under a second; five and more when each is looked for among all. */
static void
many_peers_are_configured_without_looking_at_all_of_them_each_time(void **state)
{
	struct link_peer c = config_of(1);
	clock_t begun = clock();

	for (uint32_t n = 0; n < 20000; n++) {
		c.peer = n;
		c.address = addr_v4(0x0a000000 + n);
		assert_non_null(peer_configure(&speaker, &c));
	}
	for (uint32_t n = 0; n < 20000; n += 2)
		peer_remove(peer_by_number(&speaker, n), "not configured any more");
	for (uint32_t n = 1; n < 20000; n += 2) {
		struct index_walk w = { 0 };
		struct addr address = addr_v4(0x0a000000 + n);

		assert_ptr_equal(peer_at(&speaker, &address, &w), peer_by_number(&speaker, n));
		assert_null(peer_at(&speaker, &address, &w));
	}
	assert_true(clock() - begun < 5 * CLOCKS_PER_SEC);
	(void)state;
}

static void
a_peer_that_is_removed_is_told_and_forgotten(void **state)
{
	up();
	assert_int_equal(speaker.peer_count, 1);
	peer_remove(peer, "not configured any more");
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_DECONFIGURED, NULL);
	assert_null(peer_by_number(&speaker, 1));
	assert_int_equal(speaker.peer_count, 0);
	far = far_of(1);
	far_connect(&far);
	far_expect_end(&far);
	(void)state;
}

static void
a_peer_is_removed_in_every_state(void **state)
{
	struct link_peer c = config_of(1);
	int listening = far_listen(1);

	c.passive = false;
	for (int i = 0; i < 5; i++) {
		peer = peer_configure(&speaker, &c);
		if (i > 0)
			advance(2000);
		far = far_of(1);
		second = far_of(1);
		if (i > 1) {
			far_accept(&far, listening);
			far_connect(&second);
		}
		if (i > 2)
			far_send_open(&far);
		if (i > 3)
			far_send_keepalive(&far);
		peer_remove(peer, "test");
		assert_null(peer_by_number(&speaker, 1));
		turns(5);
		far_close(&far);
		far_close(&second);
		while ((far.fd = accept(listening, NULL, NULL)) >= 0)
			close(far.fd);
		advance(2 * SECOND);
	}
	close(listening);
	(void)state;
}

static void
a_number_that_is_given_to_another_address_is_another_peer(void **state)
{
	struct link_peer c = config_of(2);

	up();
	c.peer = 1;
	peer = peer_configure(&speaker, &c);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_DECONFIGURED, NULL);
	assert_int_equal(speaker.peer_count, 1);
	assert_true(addr_equal(&peer->config.address, &c.address));
	assert_int_equal(peer->session_number, 0);
	(void)state;
}

/* Two with one address would take each other's connections: the one that is configured last is meant. */
static void
an_address_that_is_given_to_another_number_moves_there(void **state)
{
	struct link_peer c = config_of(1);

	up();
	c.peer = 3;
	peer = peer_configure(&speaker, &c);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_DECONFIGURED, NULL);
	assert_int_equal(speaker.peer_count, 1);
	assert_null(peer_by_number(&speaker, 1));
	far = far_of(1);
	far_connect(&far);
	far.n = 3; /* as the speaker counts now */
	far_establish(&far);
	assert_ptr_equal(peer, peer_by_number(&speaker, 3));
	/* another local address makes it another peer */
	c.peer = 4;
	c.local = addr_v4(INADDR_LOOPBACK + 1);
	assert_non_null(peer_configure(&speaker, &c));
	assert_int_equal(speaker.peer_count, 2);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	far_close(&far);
	(void)state;
}

static void
a_number_out_of_range_or_no_address_is_refused(void **state)
{
	struct link_peer c = config_of(1);

	log_open(open("/dev/null", O_WRONLY), LOG_TEXT, LOG_LEVEL_ERROR, "test");
	c.peer = LINK_PEERS_MAX;
	assert_null(peer_configure(&speaker, &c));
	c = config_of(1);
	c.address = (struct addr){ 0 };
	assert_null(peer_configure(&speaker, &c));
	assert_null(peer_by_number(&speaker, 1));
	assert_null(peer_by_number(&speaker, UINT32_MAX));
	c = config_of(1);
	c.peer = LINK_PEERS_MAX - 1;
	assert_non_null(peer_configure(&speaker, &c));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(the_same_configuration_again_changes_nothing),
		START(limits_change_under_a_standing_session),
		START(any_other_change_resets_the_session),
		START(one_address_may_have_a_peer_for_each_of_ours),
		START(many_peers_are_configured_without_looking_at_all_of_them_each_time),
		START(a_peer_that_is_removed_is_told_and_forgotten),
		START(a_peer_is_removed_in_every_state),
		START(a_number_that_is_given_to_another_address_is_another_peer),
		START(an_address_that_is_given_to_another_number_moves_there),
		START(a_number_out_of_range_or_no_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
