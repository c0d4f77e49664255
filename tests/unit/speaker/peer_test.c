/* Peers: dialling and accepting, back-off, what ends a session from our side. */
#include "speaker/linger.h"
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, speaker_stop)

static struct far far;
static struct peer *peer;

static void
up(void)
{
	struct link_peer c = config_of(1);

	far = far_up(&c, &peer);
}

static struct fault
cease(uint8_t subcode, const char *text)
{
	struct fault f = { 0 };

	fault_set(&f, NOTIFY_CEASE, subcode, text, strlen(text), "by an operator");
	return f;
}

/* --- coming up --- */

static void
a_passive_peer_waits_and_is_established(void **state)
{
	struct link_peer c = config_of(1);

	lane->states = true;
	peer = peer_configure(&speaker, &c);
	assert_string_equal(lane_said(), "state 1 Active: waiting for the peer to connect\n");
	advance(600 * (uint64_t)SECOND);
	assert_null(peer->outgoing);
	far = far_of(1);
	far_connect(&far);
	assert_string_equal(lane_said(), "state 1 OpenSent: connected\n");
	far_establish(&far);
	assert_string_equal(lane_said(), "state 1 OpenConfirm: open received\n"
					 "state 1 Established: the session is up\n");
	assert_ptr_equal(peer->session, peer->incoming);
	assert_int_equal(peer->session_number, 1);
	assert_int_equal(peer->params.peer_as, 65001);
	assert_true(addr_equal(&peer->params.local_address, &c.local));
	far_close(&far);
	(void)state;
}

static void
an_active_peer_dials_and_is_established(void **state)
{
	struct link_peer c = config_of(1);
	int listening = far_listen(1);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	assert_null(peer->outgoing); /* not before the loop turns */
	advance(2000);
	far = far_of(1);
	far_accept(&far, listening);
	far_establish(&far);
	assert_ptr_equal(peer->session, peer->outgoing);
	assert_int_equal(peer->retry.at, 0);
	advance(60 * SECOND);
	assert_int_equal(accept(listening, NULL, NULL), -1);
	close(listening);
	far_close(&far);
	(void)state;
}

static void
its_open_says_what_is_configured(void **state)
{
	struct link_peer c = config_of(1);
	const struct caps *caps = &far.ours.caps;

	c.local_as = 4200000000;
	c.hold_time = 33;
	c.families |= family_bit(IPV6_UNICAST);
	c.graceful = true;
	c.graceful_time = 120;
	c.add_path[IPV4_UNICAST] = ADD_PATH_BOTH;
	c.nexthop = true;
	c.nexthop6 = family_bit(IPV4_UNICAST);
	c.operational = true;
	strcpy(c.host_name, "edge");
	strcpy(c.domain_name, "example.net");
	strcpy(c.software, "Ambo");
	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	far_connect(&far);
	far_expect_open(&far);
	assert_int_equal(far.ours.version, 4);
	assert_int_equal(far.ours.my_as, AS_TRANS);
	assert_int_equal(far.ours.asn, 4200000000);
	assert_int_equal(far.ours.hold_time, 33);
	assert_int_equal(far.ours.router_id, 0x0a000001);
	assert_int_equal(caps->families, c.families);
	assert_int_equal(caps->graceful.time, 120);
	assert_int_equal(caps->add_path[IPV4_UNICAST], ADD_PATH_BOTH);
	assert_int_equal(caps->nexthop6, family_bit(IPV4_UNICAST));
	assert_string_equal(caps->host_name, "edge");
	assert_string_equal(caps->software, "Ambo");
	assert_true(caps_have(caps, CAP_ROUTE_REFRESH) && caps_have(caps, CAP_ENHANCED_REFRESH));
	assert_true(caps_have(caps, CAP_EXTENDED_MESSAGE) && caps_have(caps, CAP_OPERATIONAL));
	assert_false(caps_have(caps, CAP_MULTISESSION) || caps_have(caps, CAP_LINK_LOCAL_NEXTHOP));
	far_close(&far);

	c = config_of(2);
	c.no_asn4 = c.no_extended_message = true;
	c.refresh = false;
	peer = peer_configure(&speaker, &c);
	far = far_of(2);
	far_connect(&far);
	far_expect_open(&far);
	assert_int_equal(far.ours.my_as, 65000);
	assert_int_equal(far.ours.asn, 65000);
	assert_false(caps_have(caps, CAP_ASN4) || caps_have(caps, CAP_EXTENDED_MESSAGE));
	assert_false(caps_have(caps, CAP_ROUTE_REFRESH) || caps_have(caps, CAP_HOSTNAME));
	far_close(&far);
	(void)state;
}

static void
without_an_as_of_its_own_it_waits_for_the_peers_open(void **state)
{
	struct link_peer c = config_of(1);

	c.local_as = 0;
	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	far_connect(&far);
	far_expect_nothing(&far);
	far_send_open(&far);
	far_expect_open(&far);
	assert_int_equal(far.ours.asn, 65001);
	far_expect(&far, MESSAGE_KEEPALIVE);
	far_send_keepalive(&far);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	assert_int_equal(peer->params.local_as, 65001);
	far_close(&far);
	(void)state;
}

/* --- going down, and up again --- */

static void
a_reset_says_why_and_the_peer_is_dialled_again(void **state)
{
	struct link_peer c = config_of(1);
	int listening = far_listen(1);
	struct fault f = cease(CEASE_SHUTDOWN, "maintenance till 4");

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	far = far_of(1);
	far_accept(&far, listening);
	far_establish(&far);
	advance(2 * SECOND);
	lane->states = true;
	peer_reset(peer, &f);
	assert_string_equal(lane_said(), "state 1 Idle: by an operator\n");
	assert_null(peer->session);
	assert_int_equal(peer->notify_code, NOTIFY_CEASE);
	assert_int_equal(peer->notify_subcode, CEASE_SHUTDOWN);
	assert_true(peer->notify_sent);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_SHUTDOWN, "maintenance till 4");
	advance(2000); /* it had stood long enough: at once */
	far = far_of(1);
	far_accept(&far, listening);
	far_establish(&far);
	assert_int_equal(peer->session_number, 2);
	assert_int_equal(peer->notify_code, 0);
	f = cease(CEASE_RESET, "again");
	peer_reset(peer, &f);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_RESET, "again");
	close(listening);
	(void)state;
}

static void
a_session_that_ends_at_once_is_dialled_after_a_second(void **state)
{
	struct link_peer c = config_of(1);
	int listening = far_listen(1);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	for (int i = 0; i < 3; i++) {
		far = far_of(1);
		far_accept(&far, listening);
		far_establish(&far);
		advance(SECOND / 2);
		far_close(&far);
		UNTIL(!peer->session);
		assert_null(peer->session);
		advance(SECOND / 2);
		assert_null(peer->outgoing);
		advance(SECOND / 2 + 2000);
		assert_non_null(peer->outgoing);
	}
	close(listening);
	(void)state;
}

/* Nobody listens: each dial is refused at once. */
static void
failures_are_answered_with_longer_and_longer_waits(void **state)
{
	static const uint64_t seconds[] = { 1, 2, 3, 4, 5, 7, 9, 11, 14, 17, 21, 26, 32, 39, 47, 57,
		60, 60, 60 };
	struct link_peer c = config_of(4);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
		uint64_t wait;

		for (int k = 0; k < 50 && peer->outgoing; k++)
			turns(1);
		assert_null(peer->outgoing);
		assert_int_equal(peer->state, PEER_IDLE);
		wait = peer->retry.at - loop_now(loop);
		/* up to a quarter less, that not all dial in step */
		assert_in_range(wait, seconds[i] * SECOND * 3 / 4, seconds[i] * SECOND + 1000);
		advance(wait);
	}
	(void)state;
}

static void
the_wait_is_short_again_after_a_session(void **state)
{
	struct link_peer c = config_of(1);
	int listening;

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	for (int i = 0; i < 6; i++) {
		advance(60 * SECOND);
		turns(20);
	}
	assert_true(peer->attempts > 5);
	listening = far_listen(1);
	advance(60 * SECOND);
	far = far_of(1);
	far_accept(&far, listening);
	far_establish(&far);
	advance(5 * SECOND);
	far_close(&far);
	UNTIL(!peer->session);
	advance(2000);
	assert_non_null(peer->outgoing);
	close(listening);
	(void)state;
}

static void
a_peer_that_connects_while_it_is_not_dialled_is_taken(void **state)
{
	struct link_peer c = config_of(1);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	for (int i = 0; i < 8; i++) {
		advance(60 * SECOND);
		turns(20);
	}
	assert_null(peer->outgoing);
	far = far_of(1);
	far_connect(&far);
	far_establish(&far);
	assert_ptr_equal(peer->session, peer->incoming);
	assert_int_equal(peer->retry.at, 0);
	far_close(&far);
	UNTIL(!peer->session);
	assert_int_equal(peer->state, PEER_IDLE);
	assert_true(peer->retry.at > 0);
	(void)state;
}

/* --- for the link --- */

static void
its_state_is_told_with_what_was_agreed(void **state)
{
	struct link_peer_state s;

	up();
	advance(3 * SECOND);
	far_send_keepalive(&far);
	peer_state_of(peer, &s);
	assert_int_equal(s.peer, 1);
	assert_true(addr_equal(&s.address, &peer->config.address));
	assert_int_equal(s.state, PEER_ESTABLISHED);
	assert_string_equal(s.why, "the session is up");
	assert_int_equal(s.session, 1);
	assert_in_range(s.since, 3000, 3100);
	assert_int_equal(s.retry, 0);
	assert_int_equal(s.local_as, 65000);
	assert_int_equal(s.peer_as, 65001);
	assert_int_equal(s.local_id, 0x0a000001);
	assert_int_equal(s.peer_id, 0x0a000101);
	assert_int_equal(s.hold_time, 90);
	assert_true(s.asn4 && s.refresh && !s.enhanced_refresh && !s.extended_message);
	assert_int_equal(s.families, family_bit(IPV4_UNICAST));
	assert_true(addr_equal(&s.local, &peer->config.local));
	assert_int_equal(s.local_port, speaker.options.port);
	assert_true(s.peer_port != 0);
	assert_int_equal(s.received, 3);
	assert_int_equal(s.sent, 2);
	far_send_message(&far, MESSAGE_NOTIFICATION, "\6\4", 2);
	peer_state_of(peer, &s);
	assert_int_equal(s.state, PEER_ACTIVE);
	assert_int_equal(s.notify_code, NOTIFY_CEASE);
	assert_int_equal(s.notify_subcode, CEASE_RESET);
	assert_false(s.notify_sent);
	assert_int_equal(s.session, 1);
	assert_int_equal(s.peer_as, 0);
	far_close(&far);
	(void)state;
}

static void
the_end_of_the_speaker_is_told_and_nobody_is_taken_any_more(void **state)
{
	up();
	speaker_end(&speaker);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_SHUTDOWN, NULL);
	assert_string_equal(peer->why, "the speaker is stopped");
	far = far_of(1);
	far_connect(&far);
	far_expect_end(&far);
	(void)state;
}

static void
a_peer_that_is_dialled_is_left_alone_when_the_speaker_ends(void **state)
{
	struct link_peer c = config_of(1);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	speaker_end(&speaker);
	advance(60 * SECOND);
	assert_null(peer->outgoing);
	assert_int_equal(peer->retry.at, 0);
	(void)state;
}

static void
where_a_graceful_restart_was_agreed_on_the_connection_closes_without_a_word(void **state)
{
	struct link_peer c = config_of(1);

	c.graceful = true;
	c.graceful_time = 120;
	far = far_up(&c, &peer);
	speaker_end(&speaker);
	far_expect_nothing(&far);
	peer_abandon(peer);
	far_expect_end(&far);
	assert_int_equal(speaker.peer_count, 0);
	(void)state;
}

static void
the_loop_stops_when_the_peers_have_heard_of_the_end_or_after_a_second(void **state)
{
	unsigned lingering = linger_count(); /* of the tests before */

	up();
	speaker_end(&speaker);
	assert_int_equal(linger_count(), lingering + 1);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_SHUTDOWN, NULL);
	UNTIL(linger_count() == lingering);
	assert_int_not_equal(speaker.ending.at, 0);
	advance(SECOND);
	assert_int_equal(speaker.ending.at, 0);
	(void)state;
}

/* RFC 5082: on loopback a SYN has the 64 of the kernel. */
static void
what_comes_from_too_far_is_answered_nothing(void **state)
{
	struct link_peer c = config_of(1);

	c.ttl_in = 65;
	c.passive = true;
	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	far_connect(&far);
	far_expect_end(&far);
	assert_null(peer->incoming);
	c.ttl_in = 64;
	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	far_connect(&far);
	far_expect_open(&far);
	far_close(&far);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(a_passive_peer_waits_and_is_established),
		START(an_active_peer_dials_and_is_established),
		START(what_comes_from_too_far_is_answered_nothing),
		START(its_open_says_what_is_configured),
		START(without_an_as_of_its_own_it_waits_for_the_peers_open),
		START(a_reset_says_why_and_the_peer_is_dialled_again),
		START(a_session_that_ends_at_once_is_dialled_after_a_second),
		START(failures_are_answered_with_longer_and_longer_waits),
		START(the_wait_is_short_again_after_a_session),
		START(a_peer_that_connects_while_it_is_not_dialled_is_taken),
		START(its_state_is_told_with_what_was_agreed),
		START(the_end_of_the_speaker_is_told_and_nobody_is_taken_any_more),
		START(a_peer_that_is_dialled_is_left_alone_when_the_speaker_ends),
		START(where_a_graceful_restart_was_agreed_on_the_connection_closes_without_a_word),
		START(the_loop_stops_when_the_peers_have_heard_of_the_end_or_after_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
