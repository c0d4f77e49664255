/* Sessions over real TCP, on a clock that is moved by hand: timers, the stream, what ends a session. */
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

/* --- timers --- */

static void
the_hold_timer_ends_a_silent_session(void **state)
{
	up();
	advance(90 * SECOND - 1);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	advance(1);
	assert_int_equal(peer->state, PEER_ACTIVE);
	assert_int_equal(peer->notify_code, NOTIFY_HOLD);
	assert_true(peer->notify_sent);
	while (far_next(&far) == MESSAGE_KEEPALIVE)
		;
	assert_int_equal(far.message.type, MESSAGE_NOTIFICATION);
	assert_memory_equal(far.body, "\x04\x00", 2);
	far_expect_end(&far);
	(void)state;
}

static void
every_message_restarts_the_hold_timer(void **state)
{
	static const uint8_t end_of_rib[4] = { 0 }, refresh[4] = { 0, 1, 0, 1 };

	up();
	for (int i = 0; i < 9; i++) {
		advance(80 * SECOND);
		if (i % 3 == 0)
			far_send_keepalive(&far);
		else if (i % 3 == 1)
			far_send_message(&far, MESSAGE_UPDATE, end_of_rib, sizeof end_of_rib);
		else
			far_send_message(&far, MESSAGE_REFRESH, refresh, sizeof refresh);
		assert_int_equal(peer->state, PEER_ESTABLISHED);
	}
	advance(91 * SECOND);
	assert_int_equal(peer->notify_code, NOTIFY_HOLD);
	far_close(&far);
	(void)state;
}

static void
keepalives_come_every_third_of_the_hold_time(void **state)
{
	up();
	for (int i = 0; i < 5; i++) {
		advance(30 * SECOND - 1);
		far_expect_nothing(&far);
		advance(1);
		far_expect(&far, MESSAGE_KEEPALIVE);
		far_send_keepalive(&far);
	}
	far_close(&far);
	(void)state;
}

static void
the_lower_hold_time_is_agreed_and_zero_means_none(void **state)
{
	static const uint16_t times[] = { 3, 0 };
	struct link_peer c = config_of(1);

	peer = peer_configure(&speaker, &c);
	for (int i = 0; i < 2; i++) {
		far = far_of(1);
		far.open.hold_time = times[i];
		far_connect(&far);
		far_establish(&far);
		assert_int_equal(peer->params.hold_time, times[i]);
		if (times[i] == 0) {
			advance(3600 * (uint64_t)SECOND);
			far_expect_nothing(&far);
			assert_int_equal(peer->state, PEER_ESTABLISHED);
		} else {
			advance(1 * SECOND);
			far_expect(&far, MESSAGE_KEEPALIVE);
			advance(2 * SECOND);
			assert_int_equal(peer->notify_code, NOTIFY_HOLD);
		}
		far_close(&far);
		UNTIL(!peer->session);
	}
	(void)state;
}

static void
an_open_is_awaited_for_four_minutes_or_as_configured(void **state)
{
	struct link_peer c = config_of(1);

	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	far_connect(&far);
	far_expect_open(&far);
	advance(240 * SECOND - 1);
	far_expect_nothing(&far);
	advance(1);
	far_expect_notification(&far, NOTIFY_HOLD, 0, NULL);

	c.open_wait = 5;
	peer = peer_configure(&speaker, &c);
	far_connect(&far);
	far_expect_open(&far);
	advance(5 * SECOND);
	far_expect_notification(&far, NOTIFY_HOLD, 0, NULL);
	(void)state;
}

/* More than the kernel's buffers take. */
static void
flood(void)
{
	enum { RUN = 1 << 20 };
	uint8_t *run = calloc(1, RUN);

	for (int i = 0; i < 16; i++)
		session_send(peer->session, chunk_new(run, RUN, 1));
	free(run);
	turns(50);
	assert_true(session_queued(peer->session) > 0);
}

/* RFC 9687: eight minutes without an octet written, while the peer goes on saying KEEPALIVE. */
static void
the_send_hold_timer_ends_a_session_that_takes_nothing(void **state)
{
	up();
	flood();
	for (int i = 0; i < 8; i++) {
		advance(60 * SECOND - 1);
		far_send_keepalive(&far);
		assert_int_equal(peer->state, PEER_ESTABLISHED);
	}
	advance(8);
	assert_int_equal(peer->state, PEER_ACTIVE);
	assert_int_equal(peer->notify_code, NOTIFY_SEND_HOLD);
	assert_int_equal(peer->notify_subcode, 0);
	far_close(&far);
	(void)state;
}

static void
an_octet_written_restarts_the_send_hold_timer(void **state)
{
	up();
	flood();
	for (int i = 0; i < 20; i++) {
		size_t before = session_queued(peer->session);

		advance(60 * SECOND);
		far_send_keepalive(&far);
		if (i % 6 == 5) {
			far_read(&far);
			octets_clear(&far.in);
			turns(20);
			assert_true(session_queued(peer->session) < before);
			flood();
		}
		assert_int_equal(peer->state, PEER_ESTABLISHED);
	}
	far_close(&far);
	(void)state;
}

static void
a_configured_send_hold_is_never_shorter_than_the_hold_time(void **state)
{
	up();
	peer->config.send_hold = 200;
	flood();
	advance(80 * SECOND);
	far_send_keepalive(&far);
	advance(80 * SECOND);
	far_send_keepalive(&far);
	advance(39 * SECOND);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	advance(SECOND);
	assert_int_equal(peer->notify_code, NOTIFY_SEND_HOLD);
	far_close(&far);
	up();
	peer->config.send_hold = 5;
	flood();
	advance(89 * SECOND);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	far_send_keepalive(&far);
	advance(2 * SECOND);
	assert_int_equal(peer->notify_code, NOTIFY_SEND_HOLD);
	far_close(&far);
	(void)state;
}

static void
a_longer_hold_time_makes_a_longer_send_hold(void **state)
{
	struct link_peer c = config_of(1);

	c.hold_time = 600;
	far = far_of(1);
	far.open.hold_time = 600;
	peer = peer_configure(&speaker, &c);
	far_connect(&far);
	far_establish(&far);
	flood();
	for (int i = 0; i < 11; i++) {
		advance(100 * SECOND);
		far_send_keepalive(&far);
		assert_int_equal(peer->state, PEER_ESTABLISHED);
	}
	advance(101 * SECOND);
	assert_int_equal(peer->notify_code, NOTIFY_SEND_HOLD);
	far_close(&far);
	(void)state;
}

static void
a_keepalive_overtakes_what_is_queued(void **state)
{
	size_t before;

	up();
	flood();
	before = session_queued(peer->session);
	advance(30 * SECOND);
	assert_int_equal(session_queued(peer->session), before + MESSAGE_HEADER);
	/* it is behind the chunk that is begun, in front of all others */
	while (far.in.len < 16u << 20) {
		far_read(&far);
		if (far.in.len > 8 << 20)
			break;
		turns(1);
	}
	assert_non_null(memmem(far.in.base, far.in.len, "\xff\xff\xff\xff\xff\xff\xff\xff", 8));
	far_close(&far);
	(void)state;
}

/* --- the stream --- */

/* Route n of many: 11.0.0.n/32, from AS 65001. */
static size_t
put_update(uint8_t *out, size_t size, uint32_t n)
{
	struct writer w = writer_of(out, size);
	size_t mark = message_begin(&w, MESSAGE_UPDATE);

	writer_u16(&w, 0);
	writer_u16(&w, 20);
	writer_bytes(&w,
	    "\x40\x01\x01\x00\x40\x02\x06\x02\x01\x00\x00\xfd\xe9\x40\x03\x04\x7f\x00\x00\x0b", 20);
	writer_u8(&w, 32);
	writer_u32(&w, 0x0b000000 + n);
	message_end(&w, mark);
	assert_true(writer_ok(&w));
	return w.len;
}

static void
messages_may_come_octet_by_octet(void **state)
{
	uint8_t octets[100];
	size_t len;

	up();
	for (uint32_t n = 0; n < 3; n++) {
		len = put_update(octets, sizeof octets, n);
		for (size_t i = 0; i < len; i++) {
			assert_int_equal(peer->in->count, n);
			far_send(&far, octets + i, 1);
		}
		assert_int_equal(peer->in->count, n + 1);
	}
	assert_int_equal(peer->updates_in, 3);
	far_close(&far);
	(void)state;
}

static void
many_messages_may_come_at_once_and_end_inside_one(void **state)
{
	enum { MANY = 5000 };
	uint8_t *octets = malloc(MANY * 64);
	size_t len = 0;

	up();
	for (uint32_t n = 0; n < MANY; n++)
		len += put_update(octets + len, 64, n);
	for (size_t at = 0; at < len; at += 77777)
		far_send(&far, octets + at, len - at < 77777 ? len - at : 77777);
	for (int i = 0; i < FAR_TURNS && peer->in->count < MANY; i++)
		turns(1);
	assert_int_equal(peer->in->count, MANY);
	assert_int_equal(peer->updates_in, MANY);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	free(octets);
	far_close(&far);
	(void)state;
}

/* They read into the same memory, in turn, and end inside messages. */
static void
sessions_take_each_what_came_to_them(void **state)
{
	enum { MANY = 3000, PIECE = 7001 };
	struct link_peer c = config_of(2);
	uint8_t *octets = malloc(MANY * 64);
	struct peer *second;
	struct far other;
	size_t len = 0;

	up();
	other = far_up(&c, &second);
	for (uint32_t n = 0; n < MANY; n++)
		len += put_update(octets + len, 64, n);
	for (size_t at = 0; at < len; at += PIECE) {
		far_send(&far, octets + at, len - at < PIECE ? len - at : PIECE);
		far_send(&other, octets + at, len - at < PIECE ? len - at : PIECE);
	}
	for (int i = 0; i < FAR_TURNS && second->in->count < MANY; i++)
		turns(1);
	assert_int_equal(peer->in->count, MANY);
	assert_int_equal(second->in->count, MANY);
	assert_int_equal(second->updates_in, MANY);
	free(octets);
	far_close(&far);
	far_close(&other);
	(void)state;
}

/* All that came before the end counts, however much came in one go. */
static void
what_came_before_the_end_is_taken_before_it(void **state)
{
	enum { MANY = 3000 };
	uint8_t *octets = malloc(MANY * 64);
	size_t len = 0;

	up();
	lane->states = true;
	for (uint32_t n = 0; n < MANY; n++)
		len += put_update(octets + len, 64, n);
	memcpy(octets + len,
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x15\3\6\2", 21);
	far_send(&far, octets, len + 21);
	close(far.fd);
	far.fd = -1;
	turns(200);
	assert_int_equal(peer->updates_in, MANY);
	assert_int_equal(peer->notify_code, NOTIFY_CEASE);
	assert_int_equal(peer->notify_subcode, CEASE_SHUTDOWN);
	assert_false(peer->notify_sent);
	free(octets);
	far_close(&far);
	(void)state;
}

static void
a_wrong_header_is_told_and_ends_the_session(void **state)
{
	static const struct {
		const char *octets;
		uint8_t subcode;
	} row[] = {
		{ "\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\xff\0\x13\4", 1 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x12\4", 2 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x14\4", 2 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x10\x01\2", 2 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x13\x09", 3 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x13\6", 3 },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		up();
		far_send(&far, row[i].octets, MESSAGE_HEADER);
		far_expect_notification(&far, NOTIFY_HEADER, row[i].subcode, NULL);
		assert_int_equal(peer->state, PEER_ACTIVE);
	}
	(void)state;
}

/* Who is told the version of an ExaBGP is answered in its words. */
static void
an_unknown_type_is_answered_as_exabgp_does_where_we_say_to_be_one(void **state)
{
	static const char text[] = "can not decode update message of type \"255\"";
	struct link_peer c = config_of(1);
	struct notification n;
	struct fault fault;

	c.as_exabgp = true;
	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	far_connect(&far);
	far_establish(&far);
	far_send(&far, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x13\xff",
	    MESSAGE_HEADER);
	far_expect(&far, MESSAGE_NOTIFICATION);
	assert_int_equal(notification_parse(&n, far.message.body, &fault), 0);
	assert_int_equal(n.code, NOTIFY_HEADER);
	assert_int_equal(n.subcode, HEADER_UNSPECIFIC);
	assert_int_equal(far.message.body.left, 2 + sizeof text - 1);
	assert_memory_equal(far.message.body.at + 2, text, sizeof text - 1);
	far_close(&far);
	(void)state;
}

static void
long_messages_are_taken_when_both_agreed(void **state)
{
	static uint8_t body[40000];
	struct link_peer c = config_of(1);

	/* attributes of 39,000 octets, of a code that nobody knows */
	memcpy(body, "\0\0\x98\x5c\xd0\xfe\x98\x58", 8);
	peer = peer_configure(&speaker, &c);
	far = far_of(1);
	caps_add(&far.open.caps, CAP_EXTENDED_MESSAGE);
	far_connect(&far);
	far_establish(&far);
	assert_true(peer->params.extended_message);
	far_send_message(&far, MESSAGE_UPDATE, body, 4 + 0x985c);
	turns(5);
	assert_int_equal(peer->updates_in, 1);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	far_close(&far);
	(void)state;
}

/* --- what comes when it must not --- */

static void
messages_that_must_not_come_yet_are_errors_of_the_fsm(void **state)
{
	static const uint8_t body[4] = { 0, 1, 0, 1 };
	static const enum message_type early[] = { MESSAGE_KEEPALIVE, MESSAGE_UPDATE,
		MESSAGE_REFRESH };
	struct link_peer c = config_of(1);

	peer = peer_configure(&speaker, &c);
	for (int confirmed = 0; confirmed < 2; confirmed++)
		for (int i = confirmed; i < 3; i++) {
			far = far_of(1);
			far_connect(&far);
			far_expect_open(&far);
			if (confirmed) {
				far_send_open(&far);
				far_expect(&far, MESSAGE_KEEPALIVE);
			}
			far_send_message(
			    &far, early[i], body, early[i] == MESSAGE_KEEPALIVE ? 0 : 4);
			far_expect_notification(&far, NOTIFY_FSM,
			    confirmed ? FSM_IN_OPEN_CONFIRM : FSM_IN_OPEN_SENT, NULL);
		}
	up();
	far_send_open(&far);
	far_expect_notification(&far, NOTIFY_FSM, FSM_IN_ESTABLISHED, NULL);
	(void)state;
}

static void
an_open_that_is_wrong_is_told_what_is_wrong(void **state)
{
	struct link_peer c = config_of(1);

	peer = peer_configure(&speaker, &c);
	for (int i = 0; i < 4; i++) {
		far = far_of(1);
		if (i == 0)
			far.open.asn = far.open.caps.asn4 = 65009;
		if (i == 1)
			far.open.router_id = 0;
		if (i == 2)
			far.open.hold_time = 2;
		far_connect(&far);
		far_expect_open(&far);
		if (i == 3)
			far_send_message(&far, MESSAGE_OPEN, "\3\xfd\xe9\0\xb4\x0a\0\1\1\0", 10);
		else
			far_send_open(&far);
		far_expect_notification(&far, NOTIFY_OPEN,
		    i == 0   ? OPEN_PEER_AS
		    : i == 1 ? OPEN_IDENTIFIER
		    : i == 2 ? OPEN_HOLD_TIME
			     : OPEN_VERSION,
		    NULL);
		assert_int_equal(peer->state, PEER_ACTIVE);
		assert_int_equal(peer->notify_code, NOTIFY_OPEN);
	}
	(void)state;
}

static void
a_notification_ends_the_session_without_an_answer(void **state)
{
	up();
	lane->states = true;
	far_send_message(&far, MESSAGE_NOTIFICATION, "\6\2\5later", 8);
	far_expect_end(&far);
	assert_int_equal(peer->notify_code, NOTIFY_CEASE);
	assert_int_equal(peer->notify_subcode, CEASE_SHUTDOWN);
	assert_false(peer->notify_sent);
	assert_non_null(strstr(lane_said(), "state 1 Idle: notification received: Cease / "
					    "Administrative Shutdown: later"));
	(void)state;
}

static void
a_malformed_notification_is_not_answered_either(void **state)
{
	up();
	far_send_message(&far, MESSAGE_NOTIFICATION, "\6", 1);
	far_expect_end(&far);
	assert_int_equal(peer->state, PEER_ACTIVE);
	(void)state;
}

static void
an_update_beyond_repair_ends_the_session(void **state)
{
	up();
	far_send_message(&far, MESSAGE_UPDATE, "\0\0\xff\xff", 4);
	far_expect_notification(&far, NOTIFY_UPDATE, UPDATE_ATTRIBUTE_LIST, NULL);
	assert_string_equal(peer->why, "waiting for the peer to connect; before: malformed UPDATE: lengths");
	(void)state;
}

static void
an_update_that_is_malformed_is_treated_as_withdraw(void **state)
{
	uint8_t octets[100];
	size_t len = put_update(octets, sizeof octets, 5);

	up();
	far_send(&far, octets, len);
	assert_int_equal(peer->in->count, 1);
	octets[MESSAGE_HEADER + 4 + 3] = 9; /* ORIGIN 9 */
	far_send(&far, octets, len);
	assert_int_equal(peer->in->count, 0);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	far_close(&far);
	(void)state;
}

/* --- the connection --- */

static void
a_connection_that_the_peer_closes_is_down(void **state)
{
	up();
	lane->states = true;
	far_close(&far);
	UNTIL(!peer->session);
	assert_non_null(strstr(lane_said(), "state 1 Idle: connection closed by the peer\n"));
	assert_int_equal(peer->notify_code, 0);
	assert_null(peer->session);
	(void)state;
}

/* Unread octets in our receive buffer when we close would make the kernel send RST, and the peer lose what it has
 * not read yet. */
static void
the_last_word_is_heard_by_a_peer_that_goes_on_talking(void **state)
{
	struct fault f = { 0 };

	up();
	fault_set(&f, NOTIFY_CEASE, CEASE_RESET, NULL, 0, "test");
	for (int i = 0; i < 2000; i++)
		(void)send(far.fd,
		    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x13\4", 19,
		    MSG_DONTWAIT);
	peer_reset(peer, &f);
	for (int i = 0; i < 2000; i++)
		(void)send(far.fd,
		    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x13\4", 19,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	far_expect(&far, MESSAGE_NOTIFICATION);
	assert_memory_equal(far.body, "\6\4", 2);
	far_close(&far);
	(void)state;
}

static void
a_lingering_connection_is_closed_after_a_second(void **state)
{
	struct fault f = { 0 };
	uint32_t items;

	up();
	items = loop_stats(loop).items;
	fault_set(&f, NOTIFY_CEASE, CEASE_RESET, NULL, 0, "test");
	peer_reset(peer, &f);
	turns(3);
	assert_int_equal(loop_stats(loop).items, items);
	advance(SECOND);
	assert_int_equal(loop_stats(loop).items, items - 1);
	far_close(&far);
	(void)state;
}

static void
a_dial_that_is_refused_says_so(void **state)
{
	struct link_peer c = config_of(2);

	c.passive = false;
	lane->states = true;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	turns(20);
	assert_non_null(strstr(lane_said(), "state 2 Idle: Connection refused\n"));
	assert_null(peer->outgoing);
	assert_true(peer->retry.at > 0);
	(void)state;
}

/* A listener whose queue is full drops what comes. */
static void
a_dial_that_is_not_answered_is_given_up_after_ten_seconds(void **state)
{
	struct link_peer c = config_of(3);
	int listening = far_listen(3), filler[8];
	struct sockaddr_in to = far_sockaddr(far_address(3), speaker.options.port);

	listen(listening, 0);
	for (int i = 0; i < 8; i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(filler[i], (struct sockaddr *)&to, sizeof to);
	}
	c.passive = false;
	lane->states = true;
	peer = peer_configure(&speaker, &c);
	advance(2000);
	turns(20);
	assert_non_null(peer->outgoing);
	assert_string_equal(lane_said(), "state 3 Connect: connecting\n");
	advance(10 * SECOND);
	assert_null(peer->outgoing);
	assert_string_equal(lane_said(), "state 3 Idle: no answer to our connection\n");
	for (int i = 0; i < 8; i++)
		close(filler[i]);
	close(listening);
	(void)state;
}

static void
what_is_sent_and_written_is_counted(void **state)
{
	uint64_t sent;

	up();
	sent = peer->messages_out;
	session_send(peer->session, chunk_new("0123456789", 10, 3));
	assert_int_equal(peer->updates_out, 3);
	assert_int_equal(peer->messages_out, sent + 3);
	session_send(peer->session, chunk_new("0123456789", 10, 0));
	assert_int_equal(peer->updates_out, 3);
	assert_int_equal(peer->messages_out, sent + 4);
	assert_int_equal(session_queued(peer->session), 20);
	turns(2);
	assert_int_equal(session_queued(peer->session), 0);
	assert_true(session_written(peer->session) == session_queued_total(peer->session));
	far_close(&far);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(the_hold_timer_ends_a_silent_session),
		START(every_message_restarts_the_hold_timer),
		START(keepalives_come_every_third_of_the_hold_time),
		START(the_lower_hold_time_is_agreed_and_zero_means_none),
		START(an_open_is_awaited_for_four_minutes_or_as_configured),
		START(the_send_hold_timer_ends_a_session_that_takes_nothing),
		START(an_octet_written_restarts_the_send_hold_timer),
		START(a_configured_send_hold_is_never_shorter_than_the_hold_time),
		START(a_longer_hold_time_makes_a_longer_send_hold),
		START(a_keepalive_overtakes_what_is_queued),
		START(messages_may_come_octet_by_octet),
		START(many_messages_may_come_at_once_and_end_inside_one),
		START(sessions_take_each_what_came_to_them),
		START(what_came_before_the_end_is_taken_before_it),
		START(a_wrong_header_is_told_and_ends_the_session),
		START(an_unknown_type_is_answered_as_exabgp_does_where_we_say_to_be_one),
		START(long_messages_are_taken_when_both_agreed),
		START(messages_that_must_not_come_yet_are_errors_of_the_fsm),
		START(an_open_that_is_wrong_is_told_what_is_wrong),
		START(a_notification_ends_the_session_without_an_answer),
		START(a_malformed_notification_is_not_answered_either),
		START(an_update_beyond_repair_ends_the_session),
		START(an_update_that_is_malformed_is_treated_as_withdraw),
		START(a_connection_that_the_peer_closes_is_down),
		START(the_last_word_is_heard_by_a_peer_that_goes_on_talking),
		START(a_lingering_connection_is_closed_after_a_second),
		START(a_dial_that_is_refused_says_so),
		START(a_dial_that_is_not_answered_is_given_up_after_ten_seconds),
		START(what_is_sent_and_written_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
