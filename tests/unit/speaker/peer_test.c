/* Peers: dialling and accepting, collisions, back-off, what ends a session from our side, configuration. */
#include <time.h>
#include "speaker/linger.h"
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

/* --- collisions, RFC 4271 section 6.8 --- */

/* Two connections in OpenConfirm at most: ours to it (far) and its to us (second), of which one stays. */
static void
collide(uint32_t its_id, bool outgoing_first)
{
	struct link_peer c = config_of(1);
	int listening = far_listen(1);
	struct far *first = outgoing_first ? &far : &second,
		   *last = outgoing_first ? &second : &far;
	bool ours_stays = c.router_id > its_id;

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	far = far_of(1);
	second = far_of(1);
	far.open.router_id = second.open.router_id = its_id;
	far_accept(&far, listening);
	far_connect(&second);
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
	struct link_peer c = config_of(1);
	int listening = far_listen(1);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	far = far_of(1);
	second = far_of(1);
	far_accept(&far, listening);
	far_connect(&second);
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
	struct link_peer c = config_of(1);
	int listening = far_listen(1);

	c.passive = false;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	far = far_of(1);
	second = far_of(1);
	far_accept(&far, listening);
	far_connect(&second);
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

/* --- configuration --- */

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
		START(a_stranger_is_not_answered),
		START(a_peer_is_known_by_the_address_it_came_to_as_well),
		START(of_two_connections_the_one_stays_that_the_higher_identifier_opened),
		START(an_established_session_wins_over_one_that_is_not),
		START(a_second_connection_beside_a_session_is_refused),
		START(a_connection_that_never_spoke_gives_way_to_a_newer_one),
		START(when_one_of_two_connections_goes_the_state_is_the_others),
		START(a_reset_says_why_and_the_peer_is_dialled_again),
		START(a_session_that_ends_at_once_is_dialled_after_a_second),
		START(failures_are_answered_with_longer_and_longer_waits),
		START(the_wait_is_short_again_after_a_session),
		START(a_peer_that_connects_while_it_is_not_dialled_is_taken),
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
		START(its_state_is_told_with_what_was_agreed),
		START(the_end_of_the_speaker_is_told_and_nobody_is_taken_any_more),
		START(a_peer_that_is_dialled_is_left_alone_when_the_speaker_ends),
		START(where_a_graceful_restart_was_agreed_on_the_connection_closes_without_a_word),
		START(the_loop_stops_when_the_peers_have_heard_of_the_end_or_after_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
