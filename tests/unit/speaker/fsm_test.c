/* RFC 4271 section 8.2.2 as a table: every event in every state. */
#include "speaker/fsm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "proto/bgp/fault.h"

enum {
	NOTHING = 0,
	DIAL = FSM_DO_CONNECT | FSM_DO_RETRY,
	GONE = FSM_DO_CLOSE | FSM_DO_RETRY,
	TOLD = GONE | FSM_DO_NOTIFY,
	OPENED = FSM_DO_STOP_RETRY | FSM_DO_SEND_OPEN | FSM_DO_OPEN_HOLD,
	AGREED = FSM_DO_SEND_KEEPALIVE | FSM_DO_HOLD | FSM_DO_KEEPALIVES,
	ALIVE = FSM_DO_SEND_KEEPALIVE | FSM_DO_KEEPALIVES,
	UP = FSM_DO_HOLD | FSM_DO_ESTABLISHED,
	HEARD = FSM_DO_HOLD,
	GIVEN = FSM_DO_HOLD | FSM_DO_DELIVER
};

/* code 0: nothing is told, or the fault that the session has. */
static const struct {
	enum peer_state state;
	enum fsm_event event;
	enum peer_state next;
	unsigned actions;
	uint8_t code, subcode;
} row[] = {
	/* Idle: RFC 4271: all but a start is ignored */
	{ PEER_IDLE, FSM_START, PEER_CONNECT, DIAL },
	{ PEER_IDLE, FSM_STOP, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_CONNECT_RETRY, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_HOLD_EXPIRED, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_KEEPALIVE_DUE, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_SEND_HOLD_EXPIRED, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_CONNECTED, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_CONNECT_FAILED, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_OPEN, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_HEADER_BAD, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_OPEN_BAD, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_COLLISION, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_NOTIFICATION_VERSION, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_NOTIFICATION, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_KEEPALIVE, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_UPDATE, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_UPDATE_BAD, PEER_IDLE, NOTHING },
	{ PEER_IDLE, FSM_REFRESH, PEER_IDLE, NOTHING },
	/* Connect: a dial: the peer, not this connection, dials again after its back-off */
	{ PEER_CONNECT, FSM_START, PEER_CONNECT, NOTHING },
	{ PEER_CONNECT, FSM_STOP, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_CONNECT_RETRY, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_HOLD_EXPIRED, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_KEEPALIVE_DUE, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_SEND_HOLD_EXPIRED, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_CONNECTED, PEER_OPEN_SENT, OPENED },
	{ PEER_CONNECT, FSM_CONNECT_FAILED, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_OPEN, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_HEADER_BAD, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_OPEN_BAD, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_COLLISION, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_NOTIFICATION_VERSION, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_NOTIFICATION, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_KEEPALIVE, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_UPDATE, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_UPDATE_BAD, PEER_IDLE, GONE },
	{ PEER_CONNECT, FSM_REFRESH, PEER_IDLE, GONE },
	/* Active: an accepted connection that was not told of yet */
	{ PEER_ACTIVE, FSM_START, PEER_ACTIVE, NOTHING },
	{ PEER_ACTIVE, FSM_STOP, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_CONNECT_RETRY, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_HOLD_EXPIRED, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_KEEPALIVE_DUE, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_SEND_HOLD_EXPIRED, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_CONNECTED, PEER_OPEN_SENT, OPENED },
	{ PEER_ACTIVE, FSM_CONNECT_FAILED, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_OPEN, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_HEADER_BAD, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_OPEN_BAD, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_COLLISION, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_NOTIFICATION_VERSION, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_NOTIFICATION, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_KEEPALIVE, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_UPDATE, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_UPDATE_BAD, PEER_IDLE, GONE },
	{ PEER_ACTIVE, FSM_REFRESH, PEER_IDLE, GONE },
	/* OpenSent: RFC 6608: subcode 1 for what must not come here; no NOTIFICATION answers one */
	{ PEER_OPEN_SENT, FSM_START, PEER_OPEN_SENT, NOTHING },
	{ PEER_OPEN_SENT, FSM_STOP, PEER_IDLE, TOLD },
	{ PEER_OPEN_SENT, FSM_CONNECT_RETRY, PEER_IDLE, TOLD, NOTIFY_FSM, 1 },
	{ PEER_OPEN_SENT, FSM_HOLD_EXPIRED, PEER_IDLE, TOLD, NOTIFY_HOLD, 0 },
	{ PEER_OPEN_SENT, FSM_KEEPALIVE_DUE, PEER_IDLE, TOLD, NOTIFY_FSM, 1 },
	{ PEER_OPEN_SENT, FSM_SEND_HOLD_EXPIRED, PEER_IDLE, TOLD, NOTIFY_SEND_HOLD, 0 },
	{ PEER_OPEN_SENT, FSM_CONNECTED, PEER_IDLE, TOLD, NOTIFY_FSM, 1 },
	{ PEER_OPEN_SENT, FSM_CONNECT_FAILED, PEER_IDLE, GONE },
	{ PEER_OPEN_SENT, FSM_OPEN, PEER_OPEN_CONFIRM, AGREED },
	{ PEER_OPEN_SENT, FSM_HEADER_BAD, PEER_IDLE, TOLD },
	{ PEER_OPEN_SENT, FSM_OPEN_BAD, PEER_IDLE, TOLD },
	{ PEER_OPEN_SENT, FSM_COLLISION, PEER_IDLE, TOLD },
	{ PEER_OPEN_SENT, FSM_NOTIFICATION_VERSION, PEER_IDLE, GONE },
	{ PEER_OPEN_SENT, FSM_NOTIFICATION, PEER_IDLE, GONE },
	{ PEER_OPEN_SENT, FSM_KEEPALIVE, PEER_IDLE, TOLD, NOTIFY_FSM, 1 },
	{ PEER_OPEN_SENT, FSM_UPDATE, PEER_IDLE, TOLD, NOTIFY_FSM, 1 },
	{ PEER_OPEN_SENT, FSM_UPDATE_BAD, PEER_IDLE, TOLD, NOTIFY_FSM, 1 },
	{ PEER_OPEN_SENT, FSM_REFRESH, PEER_IDLE, TOLD, NOTIFY_FSM, 1 },
	/* OpenConfirm: subcode 2 */
	{ PEER_OPEN_CONFIRM, FSM_START, PEER_OPEN_CONFIRM, NOTHING },
	{ PEER_OPEN_CONFIRM, FSM_STOP, PEER_IDLE, TOLD },
	{ PEER_OPEN_CONFIRM, FSM_CONNECT_RETRY, PEER_IDLE, TOLD, NOTIFY_FSM, 2 },
	{ PEER_OPEN_CONFIRM, FSM_HOLD_EXPIRED, PEER_IDLE, TOLD, NOTIFY_HOLD, 0 },
	{ PEER_OPEN_CONFIRM, FSM_KEEPALIVE_DUE, PEER_OPEN_CONFIRM, ALIVE },
	{ PEER_OPEN_CONFIRM, FSM_SEND_HOLD_EXPIRED, PEER_IDLE, TOLD, NOTIFY_SEND_HOLD, 0 },
	{ PEER_OPEN_CONFIRM, FSM_CONNECTED, PEER_IDLE, TOLD, NOTIFY_FSM, 2 },
	{ PEER_OPEN_CONFIRM, FSM_CONNECT_FAILED, PEER_IDLE, GONE },
	{ PEER_OPEN_CONFIRM, FSM_OPEN, PEER_IDLE, TOLD, NOTIFY_FSM, 2 },
	{ PEER_OPEN_CONFIRM, FSM_HEADER_BAD, PEER_IDLE, TOLD },
	{ PEER_OPEN_CONFIRM, FSM_OPEN_BAD, PEER_IDLE, TOLD },
	{ PEER_OPEN_CONFIRM, FSM_COLLISION, PEER_IDLE, TOLD },
	{ PEER_OPEN_CONFIRM, FSM_NOTIFICATION_VERSION, PEER_IDLE, GONE },
	{ PEER_OPEN_CONFIRM, FSM_NOTIFICATION, PEER_IDLE, GONE },
	{ PEER_OPEN_CONFIRM, FSM_KEEPALIVE, PEER_ESTABLISHED, UP },
	{ PEER_OPEN_CONFIRM, FSM_UPDATE, PEER_IDLE, TOLD, NOTIFY_FSM, 2 },
	{ PEER_OPEN_CONFIRM, FSM_UPDATE_BAD, PEER_IDLE, TOLD, NOTIFY_FSM, 2 },
	{ PEER_OPEN_CONFIRM, FSM_REFRESH, PEER_IDLE, TOLD, NOTIFY_FSM, 2 },
	/* Established: subcode 3. Header errors are told as such (RFC 4271 section 6.1) */
	{ PEER_ESTABLISHED, FSM_START, PEER_ESTABLISHED, NOTHING },
	{ PEER_ESTABLISHED, FSM_STOP, PEER_IDLE, TOLD },
	{ PEER_ESTABLISHED, FSM_CONNECT_RETRY, PEER_IDLE, TOLD, NOTIFY_FSM, 3 },
	{ PEER_ESTABLISHED, FSM_HOLD_EXPIRED, PEER_IDLE, TOLD, NOTIFY_HOLD, 0 },
	{ PEER_ESTABLISHED, FSM_KEEPALIVE_DUE, PEER_ESTABLISHED, ALIVE },
	{ PEER_ESTABLISHED, FSM_SEND_HOLD_EXPIRED, PEER_IDLE, TOLD, NOTIFY_SEND_HOLD, 0 },
	{ PEER_ESTABLISHED, FSM_CONNECTED, PEER_IDLE, TOLD, NOTIFY_FSM, 3 },
	{ PEER_ESTABLISHED, FSM_CONNECT_FAILED, PEER_IDLE, GONE },
	{ PEER_ESTABLISHED, FSM_OPEN, PEER_IDLE, TOLD, NOTIFY_FSM, 3 },
	{ PEER_ESTABLISHED, FSM_HEADER_BAD, PEER_IDLE, TOLD },
	{ PEER_ESTABLISHED, FSM_OPEN_BAD, PEER_IDLE, TOLD },
	{ PEER_ESTABLISHED, FSM_COLLISION, PEER_IDLE, TOLD },
	{ PEER_ESTABLISHED, FSM_NOTIFICATION_VERSION, PEER_IDLE, GONE },
	{ PEER_ESTABLISHED, FSM_NOTIFICATION, PEER_IDLE, GONE },
	{ PEER_ESTABLISHED, FSM_KEEPALIVE, PEER_ESTABLISHED, HEARD },
	{ PEER_ESTABLISHED, FSM_UPDATE, PEER_ESTABLISHED, GIVEN },
	{ PEER_ESTABLISHED, FSM_UPDATE_BAD, PEER_IDLE, TOLD },
	{ PEER_ESTABLISHED, FSM_REFRESH, PEER_ESTABLISHED, GIVEN },
};

static void
every_event_in_every_state_does_what_its_row_says(void **state)
{
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		/* what was left over from the event before must not show */
		struct fsm f = {
			.state = row[i].state, .actions = ~0u, .notify_code = 9, .notify_subcode = 9
		};

		fsm_event(&f, row[i].event);
		if (f.state != row[i].next || f.actions != row[i].actions ||
		    f.notify_code != row[i].code || f.notify_subcode != row[i].subcode)
			fail_msg("%s, %s: %s, actions %x, %u/%u", peer_state_name(row[i].state),
			    fsm_event_name(row[i].event), peer_state_name(f.state), f.actions,
			    f.notify_code, f.notify_subcode);
	}
	(void)state;
}

static void
the_table_has_every_event_of_every_state_once(void **state)
{
	unsigned seen[PEER_STATES][FSM_EVENTS] = { 0 };

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
		seen[row[i].state][row[i].event]++;
	for (int s = 0; s < PEER_STATES; s++)
		for (int e = 0; e < FSM_EVENTS; e++)
			assert_int_equal(seen[s][e], 1);
	(void)state;
}

static void
a_passive_one_waits_where_another_dials(void **state)
{
	struct fsm f = { .passive = true };

	fsm_event(&f, FSM_START);
	assert_int_equal(f.state, PEER_ACTIVE);
	assert_int_equal(f.actions, DIAL);
	(void)state;
}

static void
a_session_comes_up_and_ends_with_its_hold_timer(void **state)
{
	static const enum fsm_event events[] = { FSM_START, FSM_CONNECTED, FSM_OPEN, FSM_KEEPALIVE,
		FSM_UPDATE, FSM_HOLD_EXPIRED, FSM_UPDATE };
	static const enum peer_state states[] = { PEER_CONNECT, PEER_OPEN_SENT, PEER_OPEN_CONFIRM,
		PEER_ESTABLISHED, PEER_ESTABLISHED, PEER_IDLE, PEER_IDLE };
	struct fsm f = { 0 };

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		fsm_event(&f, events[i]);
		assert_int_equal(f.state, states[i]);
	}
	(void)state;
}

static void
every_event_has_a_name_of_its_own(void **state)
{
	for (int a = 0; a < FSM_EVENTS; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(
			    fsm_event_name((enum fsm_event)a), fsm_event_name((enum fsm_event)b));
	assert_string_equal(fsm_event_name(FSM_EVENTS), "unknown");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_in_every_state_does_what_its_row_says),
		cmocka_unit_test(the_table_has_every_event_of_every_state_once),
		cmocka_unit_test(a_passive_one_waits_where_another_dials),
		cmocka_unit_test(a_session_comes_up_and_ends_with_its_hold_timer),
		cmocka_unit_test(every_event_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
