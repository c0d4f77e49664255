/* Changes under a limit: so many a second, the rest waits as a reader that is behind. */
#include "speaker/border.h"
#include "speaker/limit.h"
#include "speaker/owners.h"
#include "tests/tools/fars.h"

#define START(name) cmocka_unit_test_setup_teardown(name, begin, fars_stop)
#define PATH        " origin igp as-path [ 65000 ]"
#define VIA         " next-hop 10.9.9.9" PATH
#define SAID_VIA    " via 10.9.9.9" PATH

/* Of the owner "slow" ten changes a second are told, one at a time; of "free" all. */
enum { ONE = 1 << 1, TWO = 1 << 2, FREE = 1, SLOW = 2, OTHER = 3, TENTH = SECOND / 10 };

static void
limit(uint32_t theirs, const char *name, uint32_t rate)
{
	owners_said(speaker.out->owners, theirs, name);
	owners_set_limit(speaker.out->owners, owners_ours(speaker.out->owners, theirs), rate);
	advertise_wake(speaker.advertise);
}

static int
begin(void **state)
{
	int ok = speaker_start(state);

	limit(FREE, "free", 0);
	limit(SLOW, "slow", 10);
	limit(OTHER, "other", 10);
	return ok;
}

static void
up_and_complete(uint32_t n)
{
	up(n);
	advertise_complete(peer[n]);
}

static void
said(uint32_t n, const char *want)
{
	assert_string_equal(far_said(&far[n]), want);
}

static void
later(uint64_t microseconds, uint32_t n, const char *want)
{
	advance(microseconds);
	said(n, want);
}

static struct link_peer_state
state_of(uint32_t n)
{
	struct link_peer_state s;

	peer_state_of(peer[n], &s);
	return s;
}

static void
what_is_more_waits_and_nothing_else_does(void **state)
{
	up_and_complete(1);
	up_and_complete(2);
	said(1, "end-of-rib ipv4 unicast\n");
	said(2, "end-of-rib ipv4 unicast\n");
	told(ONE | TWO, SLOW, "10.0.0.0/24" VIA, NULL);
	told(ONE | TWO, SLOW, "10.0.1.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.2.0/24" VIA, NULL);
	told(ONE, OTHER, "10.2.0.0/24" VIA, NULL);
	told(ONE | TWO, FREE, "10.1.0.0/24" VIA, NULL);
	/* one of each limit at once, and what has none */
	said(
	    1, " +10.1.0.0/24" SAID_VIA "\n +10.0.0.0/24" SAID_VIA "\n +10.2.0.0/24" SAID_VIA "\n");
	said(2, " +10.1.0.0/24" SAID_VIA "\n +10.0.0.0/24" SAID_VIA "\n");
	later(TENTH / 2, 1, "");
	later(TENTH / 2, 1, " +10.0.1.0/24" SAID_VIA "\n");
	said(2, " +10.0.1.0/24" SAID_VIA "\n");
	later(TENTH, 1, " +10.0.2.0/24" SAID_VIA "\n");
	later(SECOND, 1, "");
	assert_true(list_empty(&peer[1]->out->limits));
	assert_false(owners_waited_any(speaker.out->owners));
	(void)state;
}

static void
many_changes_of_one_route_are_told_as_one(void **state)
{
	char route[80];

	up_and_complete(1);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	for (int i = 1; i <= 50; i++) {
		snprintf(route, sizeof route, "10.0.0.0/24" VIA " med %d", i);
		told(ONE, SLOW, route, NULL);
		snprintf(route, sizeof route, "10.0.1.0/24" VIA " med %d", i);
		told(ONE, SLOW, route, NULL);
		told(ONE, SLOW, NULL, "10.0.0.0/24");
	}
	said(1, "");
	assert_int_equal(state_of(1).waiting, 2);
	later(TENTH, 1, " +10.0.1.0/24" SAID_VIA " med 50\n");
	assert_int_equal(state_of(1).waiting, 1);
	later(TENTH, 1, " -10.0.0.0/24\n");
	assert_int_equal(state_of(1).waiting, 0);
	later(SECOND, 1, "");
	(void)state;
}

static void
what_is_saved_up_is_a_twentieth_of_a_second(void **state)
{
	char route[80];
	unsigned got[3] = { 0 };

	limit(SLOW, "slow", 100);
	up_and_complete(1);
	(void)far_said(&far[1]);
	for (int i = 0; i < 200; i++) {
		snprintf(route, sizeof route, "10.0.%d.0/24" VIA, i);
		told(ONE, SLOW, route, NULL);
	}
	for (int s = 0; s < 3; s++)
		for (int step = 0; step < 20; step++) {
			const char *text = far_said(&far[1]);

			for (; (text = strchr(text, '+')); text++)
				got[s]++;
			advance(SECOND / 20);
		}
	assert_in_range(got[0], 100, 106);
	assert_int_equal(got[0] + got[1] + got[2], 200);
	assert_in_range(got[1], 94, 100);
	(void)state;
}

static void
a_session_begins_with_everything_and_its_end_of_rib_says_so(void **state)
{
	struct link_peer c = config_of(1);

	peer_configure(&speaker, &c);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.1.0/24" VIA, NULL);
	told(ONE, FREE, "10.0.2.0/24" VIA, NULL);
	up_and_complete(1);
	said(1, " +10.0.0.0/24 +10.0.1.0/24" SAID_VIA "\n +10.0.2.0/24" SAID_VIA
		"\nend-of-rib ipv4 unicast\n");
	/* what waits when it ends is told by the next one */
	told(ONE, SLOW, "10.0.3.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.4.0/24" VIA, NULL);
	told(ONE, SLOW, NULL, "10.0.0.0/24");
	said(1, " +10.0.3.0/24" SAID_VIA "\n");
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	assert_false(owners_waited_any(speaker.out->owners));
	up_and_complete(1);
	said(1, " +10.0.1.0/24 +10.0.3.0/24 +10.0.4.0/24" SAID_VIA "\n +10.0.2.0/24" SAID_VIA
		"\nend-of-rib ipv4 unicast\n");
	(void)state;
}

static void
where_end_of_rib_is_said_by_hand_the_beginning_ends_with_complete(void **state)
{
	struct link_peer c = config_of(1);

	c.manual_eor = true;
	peer[1] = peer_configure(&speaker, &c);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.1.0/24" VIA, NULL);
	far[1] = far_up(&c, &peer[1]);
	said(1, " +10.0.0.0/24 +10.0.1.0/24" SAID_VIA "\n");
	told(ONE, SLOW, "10.0.2.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.3.0/24" VIA, NULL);
	advertise_complete(peer[1]);
	said(1, " +10.0.2.0/24 +10.0.3.0/24" SAID_VIA "\n");
	told(ONE, SLOW, "10.0.4.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.5.0/24" VIA, NULL);
	said(1, " +10.0.4.0/24" SAID_VIA "\n");
	border_end_of_rib(peer[1], IPV4_UNICAST);
	said(1, "end-of-rib ipv4 unicast\n");
	later(TENTH, 1, " +10.0.5.0/24" SAID_VIA "\n");
	(void)state;
}

static void
a_refresh_is_whole_and_what_waited_goes_with_it(void **state)
{
	static const uint8_t request[4] = { 0, 1, 0, 1 };

	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	advertise_complete(peer[1]);
	(void)far_said(&far[1]);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	told(ONE, SLOW, "10.0.1.0/24" VIA, NULL);
	told(ONE, SLOW, NULL, "10.0.0.0/24");
	said(1, "");
	assert_int_equal(state_of(1).waiting, 2);
	far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	said(1, "refresh begin ipv4 unicast\n -10.0.0.0/24\n +10.0.1.0/24" SAID_VIA
		"\n +10.0.1.0/24" SAID_VIA "\nrefresh end ipv4 unicast\n");
	assert_int_equal(state_of(1).waiting, 0);
	/* without borders too */
	told(ONE, SLOW, "10.0.2.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.3.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	advertise_refresh(peer[1], family_bit(IPV4_UNICAST), false);
	assert_non_null(strstr(far_said(&far[1]), " +10.0.1.0/24 +10.0.2.0/24 +10.0.3.0/24"));
	/* and then it is as before */
	advance(SECOND);
	told(ONE, SLOW, "10.0.4.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.5.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	assert_int_equal(state_of(1).waiting, 1);
	(void)state;
}

static void
a_family_that_was_told_again_is_limited_though_others_are_not_through(void **state)
{
	uint32_t ipv4 = family_bit(IPV4_UNICAST), ipv6 = family_bit(IPV6_UNICAST);

	up_and_complete(1);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	peer[1]->out->refreshing = ipv4 | ipv6;
	peer[1]->out->refreshed = ipv4;
	told(ONE, SLOW, "10.0.1.0/24" VIA, NULL);
	said(1, "");
	assert_int_equal(state_of(1).waiting, 1);
	peer[1]->out->refreshed = 0;
	told(ONE, SLOW, "10.0.2.0/24" VIA, NULL);
	assert_non_null(strstr(far_said(&far[1]), "+10.0.2.0/24"));
	(void)state;
}

static void
what_waits_is_not_lost_when_another_owner_says_the_same(void **state)
{
	up_and_complete(1);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.1.0/24" VIA, NULL);
	told(ONE, SLOW, "10.0.2.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	told(ONE, FREE, "10.0.1.0/24" VIA, NULL);
	said(1, " +10.0.1.0/24" SAID_VIA "\n");
	told(ONE, OTHER, "10.0.2.0/24" VIA, NULL);
	said(1, " +10.0.2.0/24" SAID_VIA "\n");
	later(SECOND, 1, "");
	/* where nothing waits nobody is told */
	told(ONE, SLOW, "10.0.1.0/24" VIA, NULL);
	told(ONE, OTHER, "10.0.0.0/24" VIA, NULL);
	later(SECOND, 1, "");
	(void)state;
}

static void
a_route_that_changes_hands_is_no_news_where_what_waits_is_anothers(void **state)
{
	up_and_complete(1);
	limit(4, "renamed", 10);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	told(ONE, OTHER, "10.1.0.0/24" VIA, NULL);
	told(ONE, OTHER, "10.1.1.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	assert_int_equal(state_of(1).waiting, 1);
	told(ONE, 4, "10.0.0.0/24" VIA, NULL);
	said(1, "");
	assert_int_equal(state_of(1).waiting, 1);
	later(TENTH, 1, " +10.1.1.0/24" SAID_VIA "\n");
	later(SECOND, 1, "");
	(void)state;
}

static void
another_rate_holds_at_once_and_none_lets_go_what_waits(void **state)
{
	char route[80];

	up_and_complete(1);
	(void)far_said(&far[1]);
	limit(SLOW, "slow", 1);
	for (int i = 0; i < 40; i++) {
		snprintf(route, sizeof route, "10.0.%d.0/24" VIA, i);
		told(ONE, SLOW, route, NULL);
	}
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	later(SECOND, 1, " +10.0.1.0/24" SAID_VIA "\n");
	limit(SLOW, "slow", 10);
	later(SECOND, 1, " +10.0.2.0/24" SAID_VIA "\n");
	later(TENTH, 1, " +10.0.3.0/24" SAID_VIA "\n");
	assert_int_equal(state_of(1).waiting, 36);
	assert_int_equal(state_of(1).waiting_rate, 10);
	assert_int_equal(state_of(1).waiting_limits, 1);
	assert_in_range(state_of(1).waiting_for, 2000, 2200);
	assert_string_equal(state_of(1).waiting_limit, "slow");
	limit(SLOW, "slow", 0);
	assert_non_null(strstr(far_said(&far[1]), " +10.0.39.0/24"));
	assert_int_equal(state_of(1).waiting, 0);
	later(SECOND, 1, "");
	(void)state;
}

static void
no_session_ends_for_withdraws_that_wait(void **state)
{
	enum { ROUTES = 60 };
	char prefix[32], route[80];
	unsigned told_gone = 0;

	limit(SLOW, "slow", 1);
	up_and_complete(1);
	ledger_spare(rib_out_ledger(speaker.out, IPV4_UNICAST), 20);
	limit(SLOW, "slow", 0);
	for (int i = 0; i < ROUTES; i++) {
		snprintf(route, sizeof route, "10.0.%d.0/24" VIA, i);
		told(ONE, SLOW, route, NULL);
	}
	(void)far_said(&far[1]);
	limit(SLOW, "slow", 1);
	for (int i = 0; i < ROUTES; i++) {
		const char *text;

		snprintf(prefix, sizeof prefix, "10.0.%d.0/24", i);
		told(ONE, SLOW, NULL, prefix);
		turns(2);
		text = far_said(&far[1]);
		for (; (text = strchr(text, '-')); text++)
			told_gone++;
	}
	assert_non_null(peer[1]->session);
	assert_in_range(told_gone, ROUTES / 2, ROUTES - 1);
	(void)state;
}

static void
entries_that_leave_in_silence_do_not_hold_it_up(void **state)
{
	up_and_complete(1);
	up_and_complete(2);
	(void)far_said(&far[1]);
	(void)far_said(&far[2]);
	told(ONE | TWO, SLOW, "10.0.0.0/24" VIA, NULL);
	told(ONE | TWO, SLOW, "10.0.1.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	(void)far_said(&far[2]);
	/* something else is said to one of the two, under no limit */
	told(ONE, FREE, "10.0.1.0/24" VIA " med 5", NULL);
	said(1, " +10.0.1.0/24" SAID_VIA " med 5\n");
	said(2, "");
	/* a withdraw for both: each under what it was told */
	told(ONE | TWO, 0, NULL, "10.0.1.0/24");
	later(TENTH, 1, " -10.0.1.0/24\n");
	said(2, " -10.0.1.0/24\n");
	rib_out_forget(speaker.out, 2);
	later(SECOND, 1, "");
	(void)state;
}

static void
a_withdraw_that_waits_is_not_let_go_when_it_is_said_again(void **state)
{
	up_and_complete(1);
	(void)far_said(&far[1]);
	told(ONE, SLOW, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	told(ONE, 0, NULL, "10.0.0.0/24");
	said(1, "");
	told(ONE, 0, NULL, "10.0.0.0/24");
	said(1, "");
	later(TENTH, 1, " -10.0.0.0/24\n");
	later(SECOND, 1, "");
	(void)state;
}

static unsigned
count_of(const char *text, char what)
{
	unsigned n = 0;

	for (; (text = strchr(text, what)); text++)
		n++;
	return n;
}

static void
maximum_prefix_out_holds_for_what_a_limit_tells(void **state)
{
	struct link_peer c = config_of(1);
	char route[80];

	c.max_prefix_out = 3;
	far[1] = far_up(&c, &peer[1]);
	advertise_complete(peer[1]);
	for (int i = 0; i < 8; i++) {
		snprintf(route, sizeof route, "10.0.%d.0/24" VIA, i);
		told(ONE, SLOW, route, NULL);
	}
	/* nothing is said any more: what comes is the limit's alone */
	for (int i = 0; i < 10; i++)
		advance(TENTH);
	assert_null(peer[1]->session);
	assert_int_equal(count_of(far_said(&far[1]), '+'), 4);
	(void)state;
}

/* Several slices of it. */
static void
what_no_limit_holds_is_not_behind_what_it_lets_go(void **state)
{
	enum { BACKLOG = 4096 };
	const char *text, *gone;

	up_and_complete(1);
	told(ONE, FREE, "10.200.0.0/24" VIA, NULL);
	limit(SLOW, "slow", 1);
	told(ONE, SLOW, "10.0.0.0/12" VIA " split /24", NULL);
	(void)far_said(&far[1]);
	limit(SLOW, "slow", 0);
	told(ONE, FREE, NULL, "10.200.0.0/24");
	text = far_said(&far[1]);
	gone = strstr(text, "-10.200.0.0/24");
	assert_non_null(gone);
	assert_true(count_of(text, '+') > BACKLOG - 10);
	assert_true(count_of(gone, '+') > BACKLOG / 2);
	(void)state;
}

/* --- against what was said last --- */

enum { ROUTES = 12, STEPS = 120, SEEDS = 12, NONE = -1 };

static int holds[3][ROUTES],
    should[3][ROUTES]; /* the MED that a peer has, or is to have, of a route */

/* Follows what came; gives how many changes that was. */
static unsigned
follow(uint32_t n)
{
	const char *at = far_said(&far[n]), *end;
	unsigned count = 0;

	for (; (end = strchr(at, '\n')); at = end + 1) {
		char line[2048];
		const char *med, *p;

		snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
		med = strstr(line, " med ");
		for (p = line; (p = strpbrk(p, "+-")); p++) {
			unsigned i;

			if (sscanf(p + 1, "10.0.%u.0/24", &i) != 1)
				continue;
			holds[n][i] = *p == '+' && med ? atoi(med + 5) : NONE;
			count++;
		}
	}
	return count;
}

static void
step(void)
{
	static const uint32_t sets[] = { ONE, TWO, ONE | TWO };
	unsigned i = (unsigned)rand() % ROUTES, med = (unsigned)rand() % 2;
	uint32_t to = sets[rand() % 3], owner = FREE + (uint32_t)rand() % 3;
	bool gone = rand() % 4 == 0;
	char text[80];

	snprintf(text, sizeof text, gone ? "10.0.%u.0/24" : "10.0.%u.0/24" VIA " med %u", i, med);
	told(to, owner, gone ? NULL : text, gone ? text : NULL);
	for (uint32_t n = 1; n <= 2; n++)
		if (to >> n & 1)
			should[n][i] = gone ? NONE : (int)med;
}

static void
happen(void)
{
	switch (rand() % 12) {
	case 0:
		limit(SLOW, "slow", (uint32_t)rand() % 3 * 10);
		break;
	case 1:
		limit(OTHER, "other", (uint32_t)rand() % 3 * 20);
		break;
	case 2:
		advertise_refresh(peer[1], family_bit(IPV4_UNICAST), false);
		break;
	case 3:
		far_close(&far[2]);
		UNTIL(!peer[2]->session);
		for (int i = 0; i < ROUTES; i++)
			holds[2][i] = NONE;
		up_and_complete(2);
		break;
	default:
		advance((uint64_t)rand() % TENTH);
		follow(1);
		follow(2);
	}
}

static void
play(unsigned seed)
{
	srand(seed);
	far_send_keepalive(&far[1]);
	far_send_keepalive(&far[2]);
	for (int i = 0; i < STEPS; i++) {
		step();
		if (rand() % 3 == 0)
			happen();
	}
	limit(SLOW, "slow", 20);
	limit(OTHER, "other", 20);
	for (int i = 0; i < 20; i++) {
		advance(TENTH);
		follow(1);
		follow(2);
	}
	for (int n = 1; n <= 2; n++)
		for (int i = 0; i < ROUTES; i++)
			if (holds[n][i] != should[n][i])
				fail_msg("seed %u: peer %d has %d of route %d, not %d", seed, n,
				    holds[n][i], i, should[n][i]);
	assert_int_equal(state_of(1).waiting + state_of(2).waiting, 0);
	assert_false(owners_waited_any(speaker.out->owners));
}

static void
in_the_end_every_peer_has_what_was_said_last(void **state)
{
	memset(holds, 0xff, sizeof holds);
	memset(should, 0xff, sizeof should);
	up_and_complete(1);
	up_and_complete(2);
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		play(seed);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(what_is_more_waits_and_nothing_else_does),
		START(many_changes_of_one_route_are_told_as_one),
		START(what_is_saved_up_is_a_twentieth_of_a_second),
		START(a_session_begins_with_everything_and_its_end_of_rib_says_so),
		START(where_end_of_rib_is_said_by_hand_the_beginning_ends_with_complete),
		START(a_refresh_is_whole_and_what_waited_goes_with_it),
		START(a_family_that_was_told_again_is_limited_though_others_are_not_through),
		START(what_waits_is_not_lost_when_another_owner_says_the_same),
		START(a_route_that_changes_hands_is_no_news_where_what_waits_is_anothers),
		START(another_rate_holds_at_once_and_none_lets_go_what_waits),
		START(no_session_ends_for_withdraws_that_wait),
		START(in_the_end_every_peer_has_what_was_said_last),
		START(entries_that_leave_in_silence_do_not_hold_it_up),
		START(a_withdraw_that_waits_is_not_let_go_when_it_is_said_again),
		START(maximum_prefix_out_holds_for_what_a_limit_tells),
		START(what_no_limit_holds_is_not_behind_what_it_lets_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
