/* Graceful restart of a peer: what it said outlives its session (RFC 4724, 8538, 9494). */
#include "speaker/rib_in_kept.h"
#include "tests/tools/far.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, end)
#define VIA         " next-hop 127.0.0.11 origin igp as-path [ 65001 ]"

enum { RESTART = 120, LONG = 1000 };

static struct far far;
static struct peer *peer;
static struct link_peer config;

static int
end(void **state)
{
	far_close(&far);
	far = (struct far){ .fd = -1 };
	return speaker_stop(state);
}

/* A peer that asks for RESTART seconds, and vouches for its routes. */
static void
prepare(void)
{
	config = config_of(1);
	config.graceful = true;
	config.graceful_time = 90;
	far = far_of(1);
	caps_add(&far.open.caps, CAP_GRACEFUL_RESTART);
	far.open.caps.graceful.time = RESTART;
	far.open.caps.graceful.families = far.open.caps.graceful.forwarding =
	    family_bit(IPV4_UNICAST);
}

static void
past_notifications(void)
{
	config.graceful_notification = true;
	far.open.caps.graceful.flags |= GRACEFUL_NOTIFICATION;
}

static void
long_lived(void)
{
	config.long_lived_time = 77;
	caps_add(&far.open.caps, CAP_LONG_LIVED);
	far.open.caps.long_lived.families = far.open.caps.long_lived.forwarding =
	    family_bit(IPV4_UNICAST);
	far.open.caps.long_lived.time[IPV4_UNICAST] = LONG;
}

static void
up(void)
{
	peer = peer_configure(&speaker, &config);
	far_connect(&far);
	far_establish(&far);
}

static void
interest(void)
{
	struct link_interest i = { .peer = 1, .updates = true };

	mirror_interest(speaker.mirror, &i);
	turns(2);
	(void)lane_said();
}

static void
lose(void)
{
	far_close(&far);
	UNTIL(!peer->session);
}

static unsigned
count(void)
{
	turns(5);
	return peer->in ? peer->in->count : 0;
}

static struct link_peer_state
reported(void)
{
	struct link_peer_state s;

	peer_state_of(peer, &s);
	return s;
}

static void
four_routes(void)
{
	far_announce(&far, "10.0.0.0/22" VIA " split /24");
	far_end_of_rib(&far, IPV4_UNICAST);
}

/* As attrs_print has it; "" when the route is not there. */
static const char *
said_of(const char *prefix)
{
	static struct text t;
	struct route_draft d;
	struct nlri nlri;
	struct ledger_entry *e;
	uint64_t state = 0;
	uint8_t memory[ROUTE_PIECE_MAX];

	text_fini(&t);
	if (!prefix)
		return "";
	draft_of(&d, prefix);
	assert_true(route_draft_next(&d, &state, memory, &nlri));
	e = ledger_find(peer->in->ledger[IPV4_UNICAST], 0, nlri.octets);
	if (e && !e->mark)
		attrs_print(route_value_of(blob_read(ledger_value(e))).attributes, &t);
	route_draft_fini(&d);
	return text_str(&t);
}

/* --- the receiving speaker, RFC 4724 section 4.2 --- */

static void
routes_outlive_a_connection_that_breaks_for_the_restart_time(void **state)
{
	prepare();
	up();
	four_routes();
	lose();
	assert_int_equal(count(), 4);
	assert_int_equal(speaker.routes_in, 4);
	assert_int_equal(reported().stale, family_bit(IPV4_UNICAST));
	assert_int_equal(reported().stale_long, 0);
	assert_int_equal(reported().prefixes_in, 4);
	assert_int_equal(reported().stale_left, RESTART * 1000);
	advance(RESTART * (uint64_t)SECOND - 1);
	assert_int_equal(count(), 4);
	advance(1);
	assert_null(peer->in);
	assert_int_equal(speaker.routes_in, 0);
	assert_int_equal(reported().stale, 0);
	(void)state;
}

static void
what_it_does_not_say_again_goes_with_its_end_of_rib(void **state)
{
	prepare();
	up();
	interest();
	four_routes();
	(void)lane_said();
	lose();
	up();
	assert_int_equal(count(), 4);
	assert_int_equal(reported().stale, family_bit(IPV4_UNICAST));
	far_announce(&far, "10.0.0.0/24" VIA);
	far_announce(&far, "10.0.1.0/24" VIA " med 1");
	far_announce(&far, "10.9.0.0/24" VIA);
	far_withdraw(&far, "10.0.2.0/24");
	assert_int_equal(count(), 4);
	/* nothing is restated, nothing was withdrawn */
	assert_string_equal(lane_said(),
	    "routes 1 +10.0.0.0/24 via 127.0.0.11 origin igp as-path [ 65001 ]\n"
	    "routes 1 +10.0.1.0/24 via 127.0.0.11 origin igp as-path [ 65001 ] med 1\n"
	    "routes 1 +10.9.0.0/24 via 127.0.0.11 origin igp as-path [ 65001 ]\n"
	    "routes 1 -10.0.2.0/24\n");
	far_end_of_rib(&far, IPV4_UNICAST);
	assert_int_equal(count(), 3);
	assert_string_equal(
	    lane_said(), "routes 1 end-of-rib -(ipv4 unicast)\nroutes 1 replay -10.0.3.0/24\n");
	assert_int_equal(reported().stale, 0);
	assert_string_not_equal(said_of("10.0.0.0/24"), "");
	(void)said_of(NULL);
	/* once more all over */
	lose();
	assert_int_equal(count(), 3);
	up();
	far_end_of_rib(&far, IPV4_UNICAST);
	assert_int_equal(count(), 0);
	(void)state;
}

/* What is equal to what was kept is news all the same: who missed it is told. */
static void
who_is_behind_is_told_what_is_said_again(void **state)
{
	prepare();
	up();
	interest();
	four_routes();
	lose();
	(void)lane_said();
	lane->credit = 0;
	up();
	far_announce(&far, "10.0.0.0/24" VIA);
	lane->credit = 100;
	mirror_credit(speaker.mirror);
	turns(3);
	assert_string_equal(lane_said(),
	    "routes 1 replay +10.0.0.0/24 via 127.0.0.11 origin igp as-path [ 65001 ]\n");
	(void)state;
}

static void
who_asks_while_it_is_away_is_told_what_is_kept(void **state)
{
	struct link_interest i = { .peer = 1, .updates = true };

	prepare();
	up();
	far_announce(&far, "10.0.0.0/24" VIA);
	lose();
	(void)lane_said();
	mirror_interest(speaker.mirror, &i);
	turns(3);
	assert_string_equal(lane_said(), "begin 1\nroutes 1 stale +10.0.0.0/24 via 127.0.0.11 "
					 "origin igp as-path [ 65001 ]\nend 1\n");
	up();
	far_announce(&far, "10.7.0.0/24" VIA);
	assert_string_equal(
	    lane_said(), "routes 1 +10.7.0.0/24 via 127.0.0.11 origin igp as-path [ 65001 ]\n");
	(void)state;
}

static void
what_the_next_open_does_not_vouch_for_goes_at_once(void **state)
{
	for (int i = 0; i < 4; i++) {
		prepare();
		up();
		four_routes();
		lose();
		assert_int_equal(count(), 4);
		if (i == 0)
			memset(&far.open.caps.has[1], 0,
			    sizeof far.open.caps.has[1]); /* no graceful restart, no 4-octet AS */
		else if (i == 1)
			far.open.caps.graceful.families = 0;
		else if (i == 2)
			far.open.caps.graceful.forwarding = 0;
		else
			far.open.caps.families = family_bit(IPV6_UNICAST);
		up();
		assert_non_null(peer->in);
		assert_int_equal(count(), 0);
		assert_int_equal(reported().stale, 0);
		assert_int_equal(speaker.routes_in, 0);
		lose();
		assert_null(peer->in);
	}
	(void)state;
}

static void
a_family_whose_paths_are_told_otherwise_goes(void **state)
{
	prepare();
	up();
	four_routes();
	lose();
	config.add_path[IPV4_UNICAST] = ADD_PATH_BOTH;
	peer->config.add_path[IPV4_UNICAST] =
	    ADD_PATH_BOTH; /* without a reset: that alone would cost them */
	far.open.caps.add_path[IPV4_UNICAST] = ADD_PATH_BOTH;
	caps_add(&far.open.caps, CAP_ADD_PATH);
	up();
	assert_int_equal(count(), 0);
	(void)state;
}

static void
without_its_end_of_rib_what_is_stale_has_six_minutes_or_the_stale_time(void **state)
{
	for (int i = 0; i < 2; i++) {
		unsigned wait = i == 0 ? 360 : 20;

		prepare();
		config.stale_time = i == 0 ? 0 : 20;
		up();
		four_routes();
		lose();
		advance(10 * SECOND);
		up();
		far_announce(&far, "10.0.0.0/24" VIA);
		for (unsigned s = 0; s < wait - 10; s += 10) {
			advance(10 * SECOND);
			far_send_keepalive(&far);
		}
		assert_int_equal(count(), 4);
		advance(10 * SECOND);
		assert_int_equal(count(), 1);
		assert_int_equal(peer->state, PEER_ESTABLISHED);
		far_withdraw(&far, "10.0.0.0/24");
		lose();
		assert_null(peer->in);
	}
	(void)state;
}

static void
what_was_stale_before_goes_when_it_restarts_once_more(void **state)
{
	prepare();
	up();
	four_routes();
	lose();
	up();
	far_announce(&far, "10.0.0.0/23" VIA " split /24");
	assert_int_equal(count(), 4);
	lose();
	assert_int_equal(count(), 2);
	assert_string_not_equal(said_of("10.0.1.0/24"), "");
	assert_string_equal(said_of("10.0.2.0/24"), "");
	(void)said_of(NULL);
	/* but not where it may be told by a NOTIFICATION (RFC 8538 section 4.1) */
	peer_remove(peer, "the end");
	far_close(&far);
	prepare();
	past_notifications();
	up();
	four_routes();
	lose();
	up();
	far_announce(&far, "10.0.0.0/23" VIA " split /24");
	lose();
	assert_int_equal(count(), 4);
	(void)state;
}

static void
a_refresh_that_was_not_finished_is_forgotten_with_the_session(void **state)
{
	prepare();
	up();
	four_routes();
	rib_in_refresh(peer, IPV4_UNICAST, REFRESH_BEGIN);
	lose();
	assert_int_equal(count(), 4);
	up();
	rib_in_refresh(peer, IPV4_UNICAST, REFRESH_END);
	assert_int_equal(count(), 4);
	/* one inside the resynchronisation: what was said before it is not stale to End-of-RIB */
	far_announce(&far, "10.0.0.0/24" VIA);
	rib_in_refresh(peer, IPV4_UNICAST, REFRESH_BEGIN);
	far_end_of_rib(&far, IPV4_UNICAST);
	assert_int_equal(count(), 1);
	rib_in_refresh(peer, IPV4_UNICAST, REFRESH_END);
	assert_int_equal(count(), 0);
	(void)state;
}

static void
a_peer_that_is_removed_or_configured_otherwise_has_nothing_kept(void **state)
{
	prepare();
	up();
	four_routes();
	lose();
	assert_int_equal(speaker.routes_in, 4);
	config.hold_time = 30;
	peer = peer_configure(&speaker, &config);
	assert_null(peer->in);
	assert_int_equal(speaker.routes_in, 0);
	up();
	four_routes();
	lose();
	peer_remove(peer, "the end");
	assert_int_equal(speaker.routes_in, 0);
	(void)state;
}

static void
past_the_cap_of_the_process_what_is_kept_of_the_newest_goes(void **state)
{
	struct link_peer other = config_of(2);
	struct far second;

	speaker.options.max_routes = 20;
	second = far_up(&other, NULL);
	advance(SECOND);
	prepare();
	up();
	far_announce(&far, "10.0.0.0/21" VIA " split /24");
	lose();
	far_announce(
	    &second, "10.1.0.0/20 next-hop 127.0.0.12 origin igp as-path [ 65002 ] split /24");
	assert_null(peer->in);
	assert_int_equal(speaker.routes_in, 16);
	far_close(&second);
	(void)state;
}

/* F13. */
static void
a_peer_that_connects_anew_has_restarted(void **state)
{
	uint8_t memory[100];
	int old;

	prepare();
	up();
	four_routes();
	advance(2 * SECOND);
	old = far.fd;
	far_connect(&far);
	assert_null(peer->session);
	assert_int_equal(count(), 4);
	assert_string_equal(peer->ended, "the peer has connected anew");
	assert_int_equal(
	    recv(old, memory, sizeof memory, MSG_DONTWAIT), 0); /* closed, without a NOTIFICATION */
	close(old);
	far_establish(&far);
	assert_int_equal(peer->session_number, 2);
	assert_int_equal(reported().stale, family_bit(IPV4_UNICAST));
	far_end_of_rib(&far, IPV4_UNICAST);
	assert_int_equal(count(), 0);
	(void)state;
}

static void
right_after_the_session_came_up_another_connection_is_a_collision(void **state)
{
	struct far second;

	prepare();
	up();
	second = far_of(1);
	far_connect(&second);
	far_expect_open(&second);
	far_expect_notification(&second, NOTIFY_CEASE, CEASE_COLLISION, NULL);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	/* and one without a graceful restart stands for ever */
	peer_remove(peer, "the end");
	far_close(&far);
	config = config_of(1);
	far = far_of(1);
	up();
	advance(5 * SECOND);
	second = far_of(1);
	far_connect(&second);
	far_expect_open(&second);
	far_expect_notification(&second, NOTIFY_CEASE, CEASE_COLLISION, NULL);
	(void)state;
}

/* --- NOTIFICATIONs, RFC 8538 --- */

static void
notify(uint8_t code, uint8_t subcode)
{
	uint8_t body[4] = { code, subcode, NOTIFY_CEASE, CEASE_SHUTDOWN };

	far_send_message(&far, MESSAGE_NOTIFICATION, body, subcode == CEASE_HARD_RESET ? 4 : 2);
	UNTIL(!peer->session);
	far_close(&far);
}

static void
a_notification_costs_the_routes_unless_both_want_it_otherwise(void **state)
{
	static const struct row {
		bool ours, theirs;
		uint8_t subcode;
		unsigned left;
	} rows[] = { { false, false, CEASE_RESET, 0 }, { true, false, CEASE_RESET, 0 },
		{ false, true, CEASE_RESET, 0 }, { true, true, CEASE_RESET, 4 },
		{ true, true, CEASE_SHUTDOWN, 4 }, { true, true, CEASE_HARD_RESET, 0 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		prepare();
		config.graceful_notification = rows[i].ours;
		far.open.caps.graceful.flags = rows[i].theirs ? GRACEFUL_NOTIFICATION : 0;
		up();
		four_routes();
		notify(NOTIFY_CEASE, rows[i].subcode);
		assert_int_equal(count(), rows[i].left);
		peer_remove(peer, "the next row");
	}
	(void)state;
}

static void
so_does_one_of_ours(void **state)
{
	for (int i = 0; i < 2; i++) {
		prepare();
		if (i == 1)
			past_notifications();
		up();
		four_routes();
		advance(90 * (uint64_t)SECOND);
		while (far_next(&far) == MESSAGE_KEEPALIVE)
			;
		assert_int_equal(far.message.type, MESSAGE_NOTIFICATION);
		assert_int_equal(far.body[0], NOTIFY_HOLD);
		far_expect_end(&far);
		assert_int_equal(count(), i == 1 ? 4 : 0);
		assert_int_equal(reported().notify_code, NOTIFY_HOLD);
		assert_true(reported().notify_sent);
	}
	(void)state;
}

static void
reset(uint8_t subcode, const char *text)
{
	struct fault f = { 0 };

	fault_set(&f, NOTIFY_CEASE, subcode, text, strlen(text), "by an operator");
	peer_reset(peer, &f);
}

static void
an_end_that_is_meant_to_cost_the_routes_is_a_hard_reset(void **state)
{
	static const struct row {
		uint8_t subcode, inner; /* 0: as it is */
		unsigned left;
	} rows[] = { { CEASE_SHUTDOWN, CEASE_SHUTDOWN, 0 },
		{ CEASE_DECONFIGURED, CEASE_DECONFIGURED, 0 }, { CEASE_HARD_RESET, CEASE_RESET, 0 },
		{ CEASE_RESET, 0, 4 }, { CEASE_CONFIGURATION, 0, 4 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct notification n;
		struct fault fault;

		prepare();
		past_notifications();
		up();
		four_routes();
		reset(rows[i].subcode, "bye");
		far_expect(&far, MESSAGE_NOTIFICATION);
		assert_int_equal(notification_parse(&n, far.message.body, &fault), 0);
		assert_int_equal(n.code, NOTIFY_CEASE);
		assert_int_equal(n.subcode, rows[i].inner ? CEASE_HARD_RESET : rows[i].subcode);
		if (rows[i].inner) {
			assert_int_equal(n.data.at[0], NOTIFY_CEASE);
			assert_int_equal(n.data.at[1], rows[i].inner);
		}
		if (rows[i].inner == CEASE_SHUTDOWN || rows[i].subcode == CEASE_RESET)
			assert_string_equal(n.communication, "bye");
		far_expect_end(&far);
		assert_int_equal(count(), rows[i].left);
		peer_remove(peer, "the next row");
	}
	/* to who has not the bit: plain */
	prepare();
	up();
	reset(CEASE_SHUTDOWN, "bye");
	far_expect_notification(&far, NOTIFY_CEASE, CEASE_SHUTDOWN, "bye");
	(void)state;
}

static void
more_routes_than_a_limit_are_not_kept(void **state)
{
	struct notification n;
	struct fault fault;

	prepare();
	past_notifications();
	config.max_prefix_in = 3;
	up();
	far_announce(&far, "10.0.0.0/22" VIA " split /24");
	far_expect(&far, MESSAGE_NOTIFICATION);
	assert_int_equal(notification_parse(&n, far.message.body, &fault), 0);
	assert_int_equal(n.subcode, CEASE_HARD_RESET);
	assert_int_equal(n.data.at[1], CEASE_MAX_PREFIX);
	assert_int_equal(n.data.left, 9);
	assert_null(peer->in);
	assert_true(peer->held > 0);
	(void)state;
}

/* --- long-lived, RFC 9494 --- */

#define STALE " origin igp as-path [ 65001 ] community 65535:6"

static void
past_the_restart_time_routes_are_a_last_resort(void **state)
{
	prepare();
	long_lived();
	up();
	interest();
	far_announce(&far, "10.0.0.0/24" VIA);
	far_announce(&far, "10.0.1.0/24" VIA " community [ 65535:7 ]");
	far_announce(&far, "10.0.2.0/24" VIA " community [ 1:1 2:2 ]");
	far_announce(&far, "10.0.3.0/24" VIA " community [ 65535:6 ]");
	far_end_of_rib(&far, IPV4_UNICAST);
	lose();
	(void)lane_said();
	advance(RESTART * (uint64_t)SECOND - 1);
	assert_string_equal(said_of("10.0.0.0/24"), " origin igp as-path [ 65001 ]");
	assert_int_equal(reported().stale_long, 0);
	advance(1);
	assert_int_equal(count(), 3);
	assert_int_equal(reported().stale, family_bit(IPV4_UNICAST));
	assert_int_equal(reported().stale_long, family_bit(IPV4_UNICAST));
	assert_int_equal(reported().stale_left, LONG * 1000);
	assert_string_equal(said_of("10.0.0.0/24"), STALE);
	assert_string_equal(said_of("10.0.1.0/24"), "");
	assert_string_equal(
	    said_of("10.0.2.0/24"), " origin igp as-path [ 65001 ] community [ 1:1 2:2 65535:6 ]");
	assert_string_equal(said_of("10.0.3.0/24"), STALE);
	assert_string_equal(lane_said(), "routes 1 stale +10.0.0.0/24 via 127.0.0.11" STALE "\n"
					 "routes 1 replay -10.0.1.0/24\n"
					 "routes 1 stale +10.0.2.0/24 via 127.0.0.11 origin igp "
					 "as-path [ 65001 ] community [ 1:1 2:2 65535:6 ]\n");
	advance(LONG * (uint64_t)SECOND - 1);
	assert_int_equal(count(), 3);
	advance(1);
	assert_null(peer->in);
	(void)said_of(NULL);
	(void)state;
}

static void
what_comes_back_is_no_last_resort_any_more(void **state)
{
	prepare();
	long_lived();
	up();
	four_routes();
	lose();
	advance(RESTART * (uint64_t)SECOND);
	advance(10 * SECOND);
	assert_string_equal(said_of("10.0.0.0/24"), STALE);
	up();
	far_announce(&far, "10.0.0.0/24" VIA);
	assert_string_equal(said_of("10.0.0.0/24"), " origin igp as-path [ 65001 ]");
	assert_string_equal(said_of("10.0.1.0/24"), STALE);
	/* the time goes on in the new session, and in the pause behind it */
	assert_int_equal(reported().stale_left, (LONG - 10) * 1000);
	lose();
	assert_int_equal(count(), 4);
	assert_string_equal(said_of("10.0.0.0/24"), STALE);
	assert_int_equal(reported().stale_left, (LONG - 10) * 1000);
	up();
	far_announce(&far, "10.0.0.0/24" VIA);
	far_end_of_rib(&far, IPV4_UNICAST);
	assert_int_equal(count(), 1);
	assert_int_equal(reported().stale | reported().stale_long, 0);
	(void)said_of(NULL);
	(void)state;
}

static void
when_its_time_ends_in_the_new_session_what_was_said_again_stays(void **state)
{
	prepare();
	long_lived();
	far.open.caps.long_lived.time[IPV4_UNICAST] = 20;
	up();
	four_routes();
	lose();
	advance(RESTART * (uint64_t)SECOND);
	advance(10 * SECOND);
	up();
	far_announce(&far, "10.0.0.0/24" VIA);
	advance(10 * SECOND);
	assert_int_equal(count(), 1);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	(void)state;
}

static void
a_family_without_a_restart_time_is_a_last_resort_at_once(void **state)
{
	prepare();
	long_lived();
	far.open.caps.graceful.families = 0;
	up();
	four_routes();
	lose();
	assert_int_equal(count(), 4);
	assert_int_equal(reported().stale_long, family_bit(IPV4_UNICAST));
	assert_string_equal(said_of("10.0.0.0/24"), STALE);
	/* in this period it is the other capability that vouches */
	up();
	assert_int_equal(count(), 4);
	lose();
	far.open.caps.long_lived.forwarding = 0;
	up();
	assert_int_equal(count(), 0);
	(void)said_of(NULL);
	(void)state;
}

static void
stale_time_is_the_most_of_either_time(void **state)
{
	prepare();
	long_lived();
	config.stale_time = 30;
	up();
	four_routes();
	lose();
	assert_int_equal(reported().stale_left, 30000);
	advance(30 * SECOND);
	assert_int_equal(reported().stale_long, family_bit(IPV4_UNICAST));
	assert_int_equal(reported().stale_left, 30000);
	advance(30 * SECOND);
	assert_null(peer->in);
	(void)state;
}

/* --- the restarting speaker --- */

static void
it_says_that_it_has_restarted_until_it_has_told_all(void **state)
{
	prepare();
	up();
	assert_int_equal(far.ours.caps.graceful.flags, GRACEFUL_RESTARTED);
	assert_int_equal(far.ours.caps.graceful.forwarding, family_bit(IPV4_UNICAST));
	lose();
	up();
	assert_int_equal(far.ours.caps.graceful.flags, GRACEFUL_RESTARTED);
	advertise_complete(peer);
	turns(3);
	lose();
	past_notifications();
	up(); /* which is another configuration */
	assert_int_equal(far.ours.caps.graceful.flags, GRACEFUL_NOTIFICATION);
	(void)state;
}

static void
who_comes_too_late_for_it_is_not_told_so(void **state)
{
	prepare();
	advance(90 * (uint64_t)SECOND);
	up();
	assert_int_equal(far.ours.caps.graceful.flags, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(routes_outlive_a_connection_that_breaks_for_the_restart_time),
		START(what_it_does_not_say_again_goes_with_its_end_of_rib),
		START(who_is_behind_is_told_what_is_said_again),
		START(who_asks_while_it_is_away_is_told_what_is_kept),
		START(what_the_next_open_does_not_vouch_for_goes_at_once),
		START(a_family_whose_paths_are_told_otherwise_goes),
		START(without_its_end_of_rib_what_is_stale_has_six_minutes_or_the_stale_time),
		START(what_was_stale_before_goes_when_it_restarts_once_more),
		START(a_refresh_that_was_not_finished_is_forgotten_with_the_session),
		START(a_peer_that_is_removed_or_configured_otherwise_has_nothing_kept),
		START(past_the_cap_of_the_process_what_is_kept_of_the_newest_goes),
		START(a_peer_that_connects_anew_has_restarted),
		START(right_after_the_session_came_up_another_connection_is_a_collision),
		START(a_notification_costs_the_routes_unless_both_want_it_otherwise),
		START(so_does_one_of_ours),
		START(an_end_that_is_meant_to_cost_the_routes_is_a_hard_reset),
		START(more_routes_than_a_limit_are_not_kept),
		START(past_the_restart_time_routes_are_a_last_resort),
		START(what_comes_back_is_no_last_resort_any_more),
		START(when_its_time_ends_in_the_new_session_what_was_said_again_stays),
		START(a_family_without_a_restart_time_is_a_last_resort_at_once),
		START(stale_time_is_the_most_of_either_time),
		START(it_says_that_it_has_restarted_until_it_has_told_all),
		START(who_comes_too_late_for_it_is_not_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
