/* Who connects: which peer it is, and which of two connections stays (RFC 4271 section 6.8). */
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
a_stranger_is_not_answered(void **state)
{
	struct link_peer c = config_of(1);

	peer_configure(&speaker, &c);
	far = far_of(7);
	far_connect(&far);
	far_expect_end(&far);
	(void)state;
}

static void
a_peer_is_known_by_the_address_it_came_to_as_well(void **state)
{
	struct link_peer c = config_of(1);

	c.local = addr_v4(INADDR_LOOPBACK + 1);
	peer_configure(&speaker, &c);
	far = far_of(1);
	far_connect(&far);
	far_expect_end(&far);
	c.local = (struct addr){ 0 };
	peer_configure(&speaker, &c);
	far_connect(&far);
	far_establish(&far);
	far_close(&far);
	(void)state;
}

/* Ours to it (far) is accepted, and its to us (second) is made. its_id: 0 as it is. */
static void
two_connections(int listening, uint32_t its_id)
{
	struct link_peer c = config_of(1);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	far = far_of(1);
	second = far_of(1);
	if (its_id != 0)
		far.open.router_id = second.open.router_id = its_id;
	far_accept(&far, listening);
	far_connect(&second);
}

/* Two connections in OpenConfirm at most: ours to it (far) and its to us (second), of which one stays. */
static void
collide(uint32_t its_id, bool outgoing_first)
{
	struct link_peer c = config_of(1);
	int listening = far_listen(1);
	struct far *first = outgoing_first ? &far : &second,
		   *last = outgoing_first ? &second : &far;
	bool ours_stays = c.router_id > its_id;

	two_connections(listening, its_id);
	far_expect_open(&far);
	far_expect_open(&second);
	assert_non_null(peer->incoming);
	assert_non_null(peer->outgoing);
	far_send_open(first);
	far_expect(first, MESSAGE_KEEPALIVE);
	far_send_open(last);
	if (ours_stays) {
		far_expect_notification(&second, NOTIFY_CEASE, CEASE_COLLISION, NULL);
		assert_null(peer->incoming);
		first = &far;
	} else {
		far_expect_notification(&far, NOTIFY_CEASE, CEASE_COLLISION, NULL);
		assert_null(peer->outgoing);
		first = &second;
	}
	assert_int_equal(peer->state, PEER_OPEN_CONFIRM);
	if (first == last)
		far_expect(first, MESSAGE_KEEPALIVE);
	far_send_keepalive(first);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	assert_ptr_equal(peer->session, ours_stays ? peer->outgoing : peer->incoming);
	/* and nobody dials beside it */
	advance(30 * SECOND);
	assert_ptr_equal(peer->session, ours_stays ? peer->outgoing : peer->incoming);
	assert_true(!peer->incoming || !peer->outgoing);
	close(listening);
	far_close(first);
}

static void
of_two_connections_the_one_stays_that_the_higher_identifier_opened(void **state)
{
	static const uint32_t ids[] = { 0x0a000000, 0x0a000002, 0x01ffffff, 0xffffffff };

	for (int i = 0; i < 8; i++) {
		collide(ids[i / 2], i % 2);
		peer_remove(peer, "the next");
		advance(2 * SECOND);
	}
	(void)state;
}

static void
an_established_session_wins_over_one_that_is_not(void **state)
{
	int listening = far_listen(1);

	two_connections(listening, 0);
	far_expect_open(&second);
	far_establish(&far);
	far_expect_notification(&second, NOTIFY_CEASE, CEASE_COLLISION, NULL);
	assert_ptr_equal(peer->session, peer->outgoing);
	assert_null(peer->incoming);
	close(listening);
	far_close(&far);
	(void)state;
}

static void
a_second_connection_beside_a_session_is_refused(void **state)
{
	up();
	for (int i = 0; i < 3; i++) {
		second = far_of(1);
		far_connect(&second);
		far_expect_open(&second); /* what is said is said in order */
		far_expect_notification(&second, NOTIFY_CEASE, CEASE_COLLISION, NULL);
		assert_int_equal(peer->state, PEER_ESTABLISHED);
		assert_int_equal(peer->session_number, 1);
	}
	far_expect_nothing(&far);
	assert_int_equal(peer->notify_code, 0);
	far_close(&far);
	(void)state;
}

static void
a_connection_that_never_spoke_gives_way_to_a_newer_one(void **state)
{
	struct link_peer c = config_of(1);

	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	second = far_of(1);
	far_connect(&far);
	far_expect_open(&far);
	far_connect(&second);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_COLLISION, NULL);
	far_establish(&second);
	far_close(&second);
	(void)state;
}

/* The state that is shown is that of the connection that is furthest. */
static void
when_one_of_two_connections_goes_the_state_is_the_others(void **state)
{
	int listening = far_listen(1);

	two_connections(listening, 0);
	far_expect_open(&second);
	far_send_open(&second);
	assert_int_equal(peer->state, PEER_OPEN_CONFIRM);
	far_expect(&second, MESSAGE_KEEPALIVE);
	far_close(&second);
	turns(5);
	assert_non_null(peer->outgoing);
	assert_int_equal(peer->state, PEER_OPEN_SENT);
	assert_string_equal(peer->why, "connection closed by the peer");
	far_establish(&far);
	close(listening);
	far_close(&far);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(a_stranger_is_not_answered),
		START(a_peer_is_known_by_the_address_it_came_to_as_well),
		START(of_two_connections_the_one_stays_that_the_higher_identifier_opened),
		START(an_established_session_wins_over_one_that_is_not),
		START(a_second_connection_beside_a_session_is_refused),
		START(a_connection_that_never_spoke_gives_way_to_a_newer_one),
		START(when_one_of_two_connections_goes_the_state_is_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
