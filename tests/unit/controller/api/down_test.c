/* The reasons that are given for the end of a session. */
#include "controller/api/down.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static const char *
said(uint8_t code, uint8_t subcode, bool sent, const char *why, bool json)
{
	static struct text t;
	struct link_peer_state s = {
		.notify_code = code, .notify_subcode = subcode, .notify_sent = sent
	};

	text_clear(&t);
	if (!why) {
		text_fini(&t);
		return "";
	}
	down_print42(&s, why, json, &t);
	return text_str(&t);
}

static void
reasons_are_those_of_4_2(void **state)
{
	assert_string_equal(said(6, 2, false, "notification received: bye", false),
	    "peer reset, message [notification received (6,2)] error[Cease / Administrative "
	    "Shutdown]");
	assert_string_equal(said(4, 0, true, "hold timer expired", true),
	    "peer reset, message (notification sent (4,0)) error(Hold timer expired / Unspecific)");
	assert_string_equal(said(0, 0, false, "connection closed by the peer", false),
	    "peer reset, message [closing connection] error[the TCP connection was closed by the "
	    "remote end]");
	assert_string_equal(said(0, 0, false, "Connection reset by peer", true),
	    "peer reset, message (closing connection) error(issue reading on the socket: "
	    "(Errno ECONNRESET) (Errno 104) Connection reset by peer)");
	assert_string_equal(said(6, 4, true, "teardown", true),
	    "peer reset, message (notification sent (6,4)) error(Cease / Administrative Reset / "
	    "Administrative Reset)");
	assert_string_equal(said(2, 2, true, "its AS is 2", false),
	    "peer reset, message [notification sent (2,2)] error[OPEN message error / Bad Peer "
	    "AS / its AS is 2]");
	assert_string_equal(
	    said(6, 4, true, "not in the configuration any more", true), "stop, message (removed)");
	said(0, 0, false, NULL, false);
	(void)state;
}

static void
later_versions_name_the_notification(void **state)
{
	struct link_peer_state s = { .notify_code = 6, .notify_subcode = 4, .notify_sent = true };
	struct text t = { 0 };

	down_print(&s, "by an operator", &t);
	assert_string_equal(text_str(&t), "notification sent (6,4)");
	text_clear(&t);
	s.notify_code = 0;
	down_print(&s, "connection closed by the peer", &t);
	assert_string_equal(text_str(&t), "connection closed by the peer");
	text_fini(&t);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reasons_are_those_of_4_2),
		cmocka_unit_test(later_versions_name_the_notification) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
