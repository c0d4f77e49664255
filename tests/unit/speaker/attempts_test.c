/* A peer whose attempts are limited: what counts as one, and what stays when the last of them is over. */
#include <sys/mman.h>
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, speaker_stop)

static struct far far, second;
static struct peer *peer;

static bool
exhausted(void)
{
	struct link_peer_state s;

	peer_state_of(peer, &s);
	if (s.exhausted) {
		assert_int_equal(s.state, PEER_IDLE);
		assert_int_equal(s.retry, 0);
	}
	return s.exhausted;
}

static struct link_peer
limited_to(uint32_t attempts, bool passive)
{
	struct link_peer c = config_of(1);

	c.passive = passive;
	c.attempts = attempts;
	peer = peer_configure(&speaker, &c);
	return c;
}

/* The peer dials, is answered, and the session is ended. */
static void
one_session(int listening)
{
	advance(2 * SECOND);
	far = far_of(1);
	far_accept(&far, listening);
	far_establish(&far);
	assert_false(exhausted());
	far_send_message(&far, MESSAGE_NOTIFICATION, "\6\4", 2);
	far_close(&far);
	turns(5);
}

static void
after_the_last_one_it_stays_down(void **state)
{
	int listening = far_listen(1);

	limited_to(2, false);
	one_session(listening);
	assert_false(exhausted());
	lane_said();
	lane->states = true;
	one_session(listening);
	assert_non_null(strstr(lane_said(), "state 1 Idle: attempts exhausted, after: "));
	assert_true(exhausted());
	advance(600 * (uint64_t)SECOND);
	assert_int_equal(accept(listening, NULL, NULL), -1);
	/* nor is the peer taken when it connects */
	far = far_of(1);
	far_connect(&far);
	assert_null(peer->incoming);
	far_close(&far);
	close(listening);
	(void)state;
}

static void
a_higher_limit_lets_it_go_on(void **state)
{
	int listening = far_listen(1);
	struct link_peer c = limited_to(1, false);

	one_session(listening);
	assert_true(exhausted());
	assert_ptr_equal(peer_configure(&speaker, &c), peer);
	assert_true(exhausted());
	c.attempts = 2;
	assert_ptr_equal(peer_configure(&speaker, &c), peer);
	one_session(listening);
	one_session(listening); /* they began anew */
	assert_true(exhausted());
	close(listening);
	(void)state;
}

static void
a_refused_connection_is_one(void **state)
{
	limited_to(2, false);
	advance(2000);
	turns(5);
	assert_false(exhausted());
	advance(2 * SECOND);
	turns(5);
	assert_true(exhausted());
	assert_int_equal(peer->tried, 2);
	(void)state;
}

static void
a_passive_peer_is_taken_so_often(void **state)
{
	limited_to(1, true);
	advance(600 * (uint64_t)SECOND);
	far = far_of(1);
	second = far_of(1);
	far_connect(&far);
	far_expect_open(&far);
	/* in the place of one that never spoke: the same attempt */
	far_connect(&second);
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_COLLISION, NULL);
	far_establish(&second);
	assert_false(exhausted());
	far_send_message(&second, MESSAGE_NOTIFICATION, "\6\4", 2);
	far_close(&second);
	assert_true(exhausted());
	far_connect(&far);
	assert_null(peer->incoming);
	far_close(&far);
	(void)state;
}

/* Both sides dial: one attempt, and the one connection that is left may go on. */
static void
two_connections_at_once_are_one(void **state)
{
	int listening = far_listen(1);

	limited_to(1, false);
	advance(2000);
	far = far_of(1);
	second = far_of(1);
	far_accept(&far, listening);
	far_connect(&second);
	far_close(&far);
	turns(5);
	assert_false(exhausted());
	far_establish(&second);
	assert_int_equal(peer->tried, 1);
	far_close(&second);
	turns(5);
	assert_true(exhausted());
	close(listening);
	(void)state;
}
/* What was logged so far. */
static const char *
logged(int fd)
{
	static char text[4096];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static unsigned
times(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* A peer that was refused holds us off for a while by closing what we open. */
static void
why_there_is_no_session_is_logged_once_and_stays_in_sight(void **state)
{
	int listening = far_listen(1), log = memfd_create("log", 0);
	const char *said;

	log_open(log, LOG_TEXT, LOG_LEVEL_INFO, "test");
	limited_to(0, false);
	lane->states = true;
	for (unsigned i = 0; i < 3; i++) {
		advance(10 * SECOND);
		far = far_of(1);
		far.open.asn = ++far.open.caps.asn4;
		far_accept(&far, listening);
		far_send_open(&far);
		turns(5);
		far_close(&far);
		turns(5);
		assert_non_null(strstr(lane_said(), "Idle: AS "));
		advance(10 * SECOND);
		far = far_of(1);
		far_accept(&far, listening);
		far_close(&far);
		turns(5);
		said = lane_said();
		assert_non_null(strstr(said, "Connect: connecting; before: AS "));
		/* the end itself is said bare: who acts upon it compares it */
		assert_true(strstr(said, "Idle: connection closed by the peer\n") ||
			    strstr(said, "Idle: Connection reset by peer\n"));
	}
	assert_int_equal(times(logged(log), "no session: "), 1);
	assert_non_null(strstr(logged(log), "peer 127.0.0.11: no session: AS "));
	close(log);
	close(listening);
	(void)state;
}

/* Nor is it the reason of what comes later. */
static void
an_end_of_our_own_is_no_failure(void **state)
{
	int listening = far_listen(1), log = memfd_create("log", 0);
	struct link_peer c;

	log_open(log, LOG_TEXT, LOG_LEVEL_INFO, "test");
	c = limited_to(0, false);
	lane->states = true;
	advance(10 * SECOND);
	far = far_of(1);
	far_accept(&far, listening);
	turns(5);
	assert_int_equal(peer->state, PEER_OPEN_SENT);
	c.hold_time = 33;
	assert_ptr_equal(peer_configure(&speaker, &c), peer);
	turns(5);
	assert_non_null(strstr(lane_said(), "Idle: its configuration changed\n"));
	assert_string_equal(logged(log), "");
	far_close(&far);
	close(listening);
	advance(10 * SECOND);
	turns(5);
	assert_null(strstr(lane_said(), "configuration"));
	assert_int_equal(times(logged(log), "no session: Connection refused"), 1);
	close(log);
	(void)state;
}

static void
an_attempt_has_no_code_of_the_one_before(void **state)
{
	int listening = far_listen(1);
	struct link_peer_state s;

	limited_to(0, false);
	one_session(listening);
	peer_state_of(peer, &s);
	assert_int_equal(s.notify_code, 6);
	advance(10 * SECOND);
	far = far_of(1);
	far_accept(&far, listening);
	turns(5);
	peer_state_of(peer, &s);
	assert_int_equal(s.state, PEER_OPEN_SENT);
	assert_int_equal(s.notify_code, 0);
	far_close(&far);
	close(listening);
	(void)state;
}

/* Only the closing that follows upon it is no news. */
static void
another_failure_behind_a_notification_is_logged(void **state)
{
	int listening = far_listen(1), log = memfd_create("log", 0);

	log_open(log, LOG_TEXT, LOG_LEVEL_INFO, "test");
	limited_to(0, false);
	advance(10 * SECOND);
	far = far_of(1);
	far.open.asn = ++far.open.caps.asn4;
	far_accept(&far, listening);
	far_send_open(&far);
	turns(5);
	far_close(&far);
	close(listening);
	for (unsigned i = 0; i < 3; i++) {
		advance(100 * (uint64_t)SECOND);
		turns(5);
	}
	assert_int_equal(times(logged(log), "no session: AS "), 1);
	assert_int_equal(times(logged(log), "no session: Connection refused"), 1);
	close(log);
	(void)state;
}

/* For as long as it is the same. */
static void
a_connection_that_is_refused_is_logged_once(void **state)
{
	int log = memfd_create("log", 0);

	log_open(log, LOG_TEXT, LOG_LEVEL_INFO, "test");
	limited_to(0, false);
	for (unsigned i = 0; i < 5; i++) {
		advance(100 * (uint64_t)SECOND);
		turns(5);
	}
	assert_true(peer->tried > 3);
	assert_int_equal(times(logged(log), "no session: Connection refused"), 1);
	close(log);
	(void)state;
}

static void
an_address_that_is_not_ours_is_named(void **state)
{
	struct link_peer c = config_of(1);

	c.passive = false;
	c.local = addr_v4(0xc0000201);
	peer = peer_configure(&speaker, &c);
	lane->states = true;
	advance(2000);
	turns(5);
	assert_string_equal(
	    lane_said(), "state 1 Idle: local-address 192.0.2.1 is no address of this machine\n");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(after_the_last_one_it_stays_down),
		START(a_higher_limit_lets_it_go_on),
		START(a_refused_connection_is_one),
		START(a_passive_peer_is_taken_so_often),
		START(two_connections_at_once_are_one),
		START(why_there_is_no_session_is_logged_once_and_stays_in_sight),
		START(an_end_of_our_own_is_no_failure),
		START(an_attempt_has_no_code_of_the_one_before),
		START(another_failure_behind_a_notification_is_logged),
		START(a_connection_that_is_refused_is_logged_once),
		START(an_address_that_is_not_ours_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
