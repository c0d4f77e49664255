/* The routes of the configuration: what a reload changes is told, and nothing else. */
#include "controller/statics.h"
#include <fcntl.h>
#include "tests/unit/controller/api/world.h"
#include "tests/unit/common/logged.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "controller/reload.h"
#include "controller/telling.h"
#include "controller/watchdog.h"
#include "proto/bgp/nlri.h"

#define NEIGHBOR(n, local, rest)                                                                   \
	"neighbor 192.0.2." n " { " local " local-as 65000; peer-as 6500" n                        \
	"; router-id 192.0.2.254; family { ipv4 unicast; } " rest " }\n"
#define FIXED "local-address 192.0.2.254;"

/* A reader of the one speaker's IPv4 routes: what a reload puts in front of it is what a lane would say. */
static struct ledger_reader *reader;
static struct text told;

static int
end(void **state)
{
	if (reader)
		ledger_reader_close(reader);
	reader = NULL;
	text_fini(&told);
	return world_close(state);
}

static struct intent *
intent_of(struct world *w)
{
	struct speaker_entry *s = fleet_speaker(w->c.fleet, NULL);

	s->adopted = true;
	return &s->intent;
}

static void
reload(struct world *w, const char *config)
{
	world_write_config(w, config);
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	turns(w, 5);
	if (!reader && intent_of(w)->told[IPV4_UNICAST].ledger)
		reader = ledger_reader_open(intent_of(w)->told[IPV4_UNICAST].ledger, NULL, true);
}

/* What is in front of the reader: "+10.0.0.0/24 for 1 3\n". */
static const char *
news(struct world *w)
{
	struct ledger *l = intent_of(w)->told[IPV4_UNICAST].ledger;
	struct ledger_entry *entry[64];
	size_t n = reader ? ledger_reader_peek(reader, entry, 64) : 0;

	text_clear(&told);
	for (size_t i = 0; i < n; i++) {
		text_char(&told, entry[i]->mark ? '-' : '+');
		nlri_ops(IPV4_UNICAST)->print(ledger_key(l, entry[i]), &told);
		text_add(&told, " for");
		LIST_EACH(link, &w->c.neighbors) {
			struct neighbor *nb = LIST_ENTRY(link, struct neighbor, link);

			if (set_has(w->c.sets,
				ledger_audience(intent_of(w)->told[IPV4_UNICAST].ledger, entry[i]),
				nb->number))
				text_printf(&told, " %u", nb->peer.address.bytes[3]);
		}
		text_char(&told, '\n');
	}
	if (reader)
		ledger_reader_pass(reader, n);
	return text_str(&told);
}

static void
neighbors_with_the_same_routes_share_entries(void **state)
{
	struct world *w = *state;

	reload(w,
	    NEIGHBOR("1", FIXED,
		"static { route 10.0.0.0/24 next-hop self; route 10.0.1.0/24 next-hop 192.0.2.9; }")
		NEIGHBOR("2", FIXED,
		    "static { route 10.0.1.0/24 next-hop 192.0.2.9; route 10.0.0.0/24 next-hop "
		    "self; }") NEIGHBOR("3", FIXED, "static { route 10.0.2.0/24 next-hop self; }"));
	assert_string_equal(
	    news(w), "+10.0.0.0/24 for 1 2\n+10.0.1.0/24 for 1 2\n+10.0.2.0/24 for 3\n");
	assert_int_equal(intent_count(intent_of(w)), 3);
}

static void
a_reload_of_the_same_moves_nothing(void **state)
{
	static const char config[] = NEIGHBOR("1", FIXED,
	    "static { route 10.0.0.0/24 next-hop self; route 10.0.1.0/24 next-hop self; }")
	    NEIGHBOR("2", FIXED, "static { route 10.0.0.0/24 next-hop self; }");
	struct world *w = *state;

	reload(w, config);
	assert_string_equal(news(w), "+10.0.0.0/24 for 1 2\n+10.0.1.0/24 for 1\n");
	for (int i = 0; i < 3; i++) {
		reload(w, config);
		assert_string_equal(news(w), "");
	}
}

static void
a_reload_tells_the_difference(void **state)
{
	struct world *w = *state;

	reload(w,
	    NEIGHBOR("1", FIXED,
		"static { route 10.0.0.0/24 next-hop self; route 10.0.1.0/24 next-hop self; route "
		"10.0.2.0/24 next-hop self; }")
		NEIGHBOR("2", FIXED, "static { route 10.0.0.0/24 next-hop self; }"));
	(void)news(w);
	reload(w, NEIGHBOR("1", FIXED,
		      "static { route 10.0.0.0/24 next-hop self; route 10.0.1.0/24 next-hop self "
		      "med 5; route "
		      "10.0.3.0/24 next-hop self; }") NEIGHBOR("2", FIXED, ""));
	assert_string_equal(news(w),
	    "+10.0.1.0/24 for 1\n+10.0.3.0/24 for 1\n-10.0.0.0/24 for 2\n-10.0.2.0/24 for 1\n");
}

#define P(med) "route 10.0.0.0/24 next-hop self med " med ";"

static void
of_routes_about_the_same_the_last_holds_whatever_other_neighbors_have(void **state)
{
	struct world *w = *state;

	reload(w, NEIGHBOR("1", FIXED, "static { " P("1") P("2") " }") NEIGHBOR(
		      "2", FIXED, "static { " P("2") P("1") " }") NEIGHBOR("3", FIXED,
		      "static { attributes next-hop self med 1 nlri 10.0.0.0/24 10.0.1.0/24; " P(
			  "2") " }"));
	(void)news(w);
	reload(w, NEIGHBOR("1", FIXED, "static { " P("2") " }")
		      NEIGHBOR("2", FIXED, "static { " P("1") " }") NEIGHBOR("3", FIXED,
			  "static { " P("2") "route 10.0.1.0/24 next-hop self med 1; }"));
	assert_string_equal(news(w), "");
}

static void
of_what_a_file_says_twice_the_log_names_the_line_that_holds(void **state)
{
	struct world *w = *state;

	assert_int_equal(log_into_pipe(NULL), 0);
	reload(w, NEIGHBOR("1", FIXED, "static {\n" P("1") "\n" P("2") "\n" P("3") "\n}")
		      NEIGHBOR("2", FIXED, "static {\n" P("1") "\n" P("1") "\n}"));
	(void)look();
	assert_int_equal(log_out_of_pipe(NULL), 0);
	assert_non_null(strstr(seen, "neighbor 192.0.2.1: "));
	assert_non_null(strstr(seen, "conf:2: not told: "));
	assert_non_null(strstr(seen, "conf:4 says something else of the same route, and the last "
				     "holds; so it is with 1 more\n"));
	assert_null(strstr(seen, "neighbor 192.0.2.2"));
}

static void
a_configuration_that_is_wrong_leaves_the_old_one(void **state)
{
	struct world *w = *state;
	struct text why = { 0 };

	reload(w, NEIGHBOR("1", FIXED, "static { route 10.0.0.0/24 next-hop self; }"));
	(void)news(w);
	log_open(open("/dev/null", O_WRONLY), LOG_TEXT, LOG_LEVEL_ERROR, "test");
	world_write_config(w, "neighbor 192.0.2.1 { nonsense; }\n");
	assert_int_equal(controller_reload(&w->c, &why), -1);
	assert_has(text_str(&why), "nonsense");
	turns(w, 5);
	assert_string_equal(news(w), "");
	assert_int_equal(w->c.neighbor_count, 1);
	text_fini(&why);
}

static void
routes_of_the_api_stay_through_a_reload(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	reload(w, NEIGHBOR("1", FIXED, "static { route 10.0.0.0/24 next-hop self; }"));
	assert_has(ask(p, "announce route 10.9.0.0/24 next-hop self"), "accepted");
	(void)news(w);
	reload(w, NEIGHBOR("1", FIXED, "static { route 10.0.1.0/24 next-hop self; }"));
	assert_string_equal(news(w), "+10.0.1.0/24 for 1\n-10.0.0.0/24 for 1\n");
}

static void
a_neighbor_that_goes_takes_its_routes_in_silence(void **state)
{
	struct world *w = *state;

	reload(w,
	    NEIGHBOR("1", FIXED, "static { route 10.0.0.0/24 next-hop self; }") NEIGHBOR("2", FIXED,
		"static { route 10.0.0.0/24 next-hop self; route 10.0.1.0/24 next-hop self; }"));
	(void)news(w);
	reload(w, NEIGHBOR("1", FIXED, "static { route 10.0.0.0/24 next-hop self; }"));
	assert_string_equal(news(w), "");
	assert_int_equal(intent_count(intent_of(w)), 1);
}

static void
routes_that_are_held_back_are_not_told(void **state)
{
	struct world *w = *state;

	reload(w, NEIGHBOR("1", FIXED,
		      "static { route 10.0.0.0/24 next-hop self watchdog w withdraw; route "
		      "10.0.1.0/24 next-hop "
		      "self watchdog w; }"));
	assert_string_equal(news(w), "+10.0.1.0/24 for 1\n");
}

/* With local-address auto only the session knows what next-hop self is. */
static void
what_the_session_has_to_tell_is_waited_for(void **state)
{
	static const char config[] = NEIGHBOR("1", "local-address auto;",
	    "static { route 10.0.0.0/24 next-hop self; route 10.0.1.0/24 next-hop 192.0.2.9; }");
	struct world *w = *state;
	struct link_peer_state up = {
		.state = PEER_ESTABLISHED, .session = 1, .local_as = 65000, .peer_as = 65001
	};
	struct neighbor *n;

	reload(w, config);
	n = neighbor_at(w, "192.0.2.1");
	assert_false(neighbor_settled(n));
	assert_string_equal(news(w), "+10.0.1.0/24 for 1\n");
	addr_scan(&up.local, "192.0.2.77");
	up.address = n->peer.address;
	neighbor_state(n, &up);
	assert_true(neighbor_settled(n));
	assert_string_equal(news(w), "+10.0.0.0/24 for 1\n");
	/* the next session may have another */
	up.state = PEER_IDLE;
	neighbor_state(n, &up);
	up.state = PEER_ESTABLISHED;
	up.session = 2;
	addr_scan(&up.local, "192.0.2.78");
	neighbor_state(n, &up);
	assert_string_equal(news(w), "+10.0.0.0/24 for 1\n");
}

static void
an_auto_peer_as_decides_when_the_session_is_up(void **state)
{
	static const char config[] =
	    "neighbor 192.0.2.1 { local-address 192.0.2.254; local-as 65000; peer-as auto; "
	    "router-id "
	    "192.0.2.254; family { ipv4 unicast; } static { route 10.0.0.0/24 next-hop self; } }\n";
	struct world *w = *state;
	struct link_peer_state up = {
		.state = PEER_ESTABLISHED, .session = 1, .local_as = 65000, .peer_as = 65000
	};

	reload(w, config);
	assert_string_equal(news(w), "");
	neighbor_state(neighbor_at(w, "192.0.2.1"), &up);
	turns(w, 3);
	assert_int_equal(intent_count(intent_of(w)), 1);
}

/* What came of what was said of watchdogs, in the order in which it ended: "+2 " for two routes announced. */
static char ended[64];

static void
note_ended(void *self, int failed, const struct intent_result *r, const struct reason *why)
{
	size_t len = strlen(ended);

	(void)why;
	assert_int_equal(failed, 0);
	snprintf(ended + len, sizeof ended - len, "%s%zu ", (const char *)self, r->routes);
}

static void
ask_watchdog(struct world *w, bool up, const char *name)
{
	struct neighbor *all[] = { neighbor_at(w, "192.0.2.1"), neighbor_at(w, "192.0.2.2") };
	static char plus[] = "+", minus[] = "-";

	watchdog_ask(&w->c, name, up, all, all[1] ? 2 : 1, note_ended, up ? plus : minus);
}

static void
lower(struct world *w, bool up, const char *name)
{
	ask_watchdog(w, up, name);
	tellings_finish(&w->c);
}

static void
a_watchdog_holds_its_routes_and_what_was_said_of_it_outlives_a_reload(void **state)
{
	struct world *w = *state;
	static const char config[] = NEIGHBOR(
	    "1", FIXED, "static { route 10.0.0.0/24 next-hop 192.0.2.9 watchdog dog withdraw; }")
	    NEIGHBOR("2", FIXED,
		"static { route 10.0.0.0/24 next-hop 192.0.2.9 watchdog dog withdraw;"
		" route 10.0.1.0/24 next-hop 192.0.2.9 watchdog cat; }");

	reload(w, config);
	assert_string_equal(news(w), "+10.0.1.0/24 for 2\n");
	lower(w, false, "dog"); /* it is not told: nothing is withdrawn */
	assert_string_equal(news(w), "");
	lower(w, true, "dog");
	assert_string_equal(news(w), "+10.0.0.0/24 for 1 2\n");
	reload(w, config);
	assert_string_equal(news(w), "");
	lower(w, false, "cat");
	assert_string_equal(news(w), "-10.0.1.0/24 for 2\n");
	reload(w, config);
	assert_string_equal(news(w), "");
	lower(w, false, "dog");
	assert_string_equal(news(w), "-10.0.0.0/24 for 1 2\n");
}

enum { MANY = 2000 };

/* Neighbors with as many routes, all in one watchdog or in none. */
static void
write_many(struct world *w, unsigned med, const char *rest)
{
	struct text t = { 0 };

	for (int n = 1; n <= 2; n++) {
		text_printf(&t,
		    "neighbor 192.0.2.%d { local-address 192.0.2.254; local-as 65000; peer-as "
		    "6500%d; "
		    "router-id 192.0.2.254; family { ipv4 unicast; } static {\n",
		    n, n);
		for (int i = 0; i < MANY; i++)
			text_printf(&t, "route 10.0.%d.%d/32 next-hop 192.0.2.9 med %u%s;\n",
			    i >> 8, i & 255, med, rest);
		text_add(&t, "} }\n");
	}
	world_write_config(w, text_str(&t));
	text_fini(&t);
}

static void
begin_many(struct world *w, const char *rest)
{
	write_many(w, 1, rest);
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	turns(w, 5);
	loop_test_hurry(w->loop, true);
	ended[0] = '\0';
}

static size_t
count_of(struct world *w)
{
	return intent_count(intent_of(w));
}

static void
a_watchdog_is_told_in_slices(void **state)
{
	struct world *w = *state;

	begin_many(w, " watchdog dog");
	assert_int_equal(count_of(w), MANY);
	ask_watchdog(w, false, "dog");
	assert_string_equal(ended, "");
	for (unsigned i = 0; i < 2 * MANY && count_of(w) == MANY; i++)
		turns(w, 1);
	assert_in_range(count_of(w), MANY - 16, MANY - 1); /* others have their turn now */
	turns(w, MANY);
	assert_string_equal(ended, "-2000 ");
	assert_int_equal(count_of(w), 0);
}

static void
of_two_that_are_said_of_a_watchdog_the_last_holds(void **state)
{
	struct world *w = *state;

	begin_many(w, " watchdog dog");
	ask_watchdog(w, false, "dog");
	turns(w, 3);
	ask_watchdog(w, true, "dog");
	turns(w, 3);
	ask_watchdog(w, false, "dog");
	turns(w, 3 * MANY);
	assert_string_equal(ended, "-2000 +2000 -2000 ");
	assert_int_equal(count_of(w), 0);
}

static void
a_neighbor_may_go_while_its_routes_are_told(void **state)
{
	for (unsigned when = 1; when < 400; when = when * 3 / 2 + 1) {
		struct world *w = *state;

		begin_many(w, " watchdog dog withdraw");
		ask_watchdog(w, true, "dog");
		ask_watchdog(w, false, "dog");
		ask_watchdog(w, true, "dog");
		turns(w, when);
		neighbor_delete(neighbor_at(w, "192.0.2.1"), "of the test");
		turns(w, 4 * MANY);
		assert_string_equal(ended, "+2000 -2000 +2000 ");
		assert_int_equal(count_of(w), MANY);
		loop_test_hurry(w->loop, false);
		world_close(state);
		world_open(state);
	}
}

static size_t reloaded_at;

static void
note_reload(void *self, int failed, const struct text *said)
{
	struct world *w = self;

	(void)said;
	assert_int_equal(failed, 0);
	reloaded_at = count_of(w);
	snprintf(ended, sizeof ended, "r");
}

/* Those whose value says so. */
static size_t
count_med(struct world *w, const char *med)
{
	struct ledger *l = intent_of(w)->told[IPV4_UNICAST].ledger;
	struct text t = { 0 };
	size_t n = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		uint8_t key[] = { 32, 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
		struct ledger_entry *e = ledger_find(l, 0, reader_of(key, sizeof key));
		struct route_value v;

		if (!e || e->mark)
			continue;
		v = route_value_of(blob_read(ledger_value(e)));
		text_clear(&t);
		route_print_attributes(IPV4_UNICAST, v.attributes, &t);
		n += strstr(text_str(&t), med) != NULL;
	}
	text_fini(&t);
	return n;
}

static void
routes_of_a_configuration_are_told_in_slices(void **state)
{
	struct world *w = *state;
	size_t before;

	begin_many(w, "");
	write_many(w, 2, "");
	(void)reload_ask(&w->c, RELOAD, note_reload, w);
	for (unsigned i = 0; i < 8 * MANY && count_med(w, "med 2") == 0; i++)
		turns(w, 1);
	/* the first are told, others have their turn, and nothing is missing */
	before = count_med(w, "med 2");
	assert_in_range(before, 1, 16);
	assert_int_equal(count_med(w, "med 1"), MANY - before);
	assert_string_equal(ended, "");
	/* what is said of a watchdog, and another reload, come behind it */
	ask_watchdog(w, true, "dog");
	write_many(w, 3, "");
	(void)reload_ask(&w->c, RELOAD, NULL, NULL);
	for (unsigned i = 0; i < 8 * MANY && !ended[0]; i++)
		turns(w, 1);
	assert_int_equal(count_med(w, "med 2"), MANY);
	turns(w, 8 * MANY);
	assert_string_equal(ended, "r+0 ");
	assert_int_equal(count_med(w, "med 3"), MANY);
	assert_int_equal(count_of(w), MANY);
}

/* As many as came, until there are that many, turn by turn; the most of one turn. */
static size_t
most_at_once(struct world *w, size_t until)
{
	size_t had = count_of(w), most = 0;

	for (unsigned i = 0; i < 8 * MANY && had < until; i++) {
		turns(w, 1);
		most = count_of(w) - had > most ? count_of(w) - had : most;
		had = count_of(w);
	}
	assert_int_equal(had, until);
	return most;
}

static void
a_route_that_is_split_is_told_in_slices(void **state)
{
	struct world *w = *state;

	reload(w, NEIGHBOR("1", FIXED, "") NEIGHBOR("2", FIXED, ""));
	loop_test_hurry(w->loop, true);
	world_write_config(w,
	    NEIGHBOR("1", FIXED,
		"static { route 10.0.0.0/8 next-hop 192.0.2.9 split /20 watchdog dog; }")
		NEIGHBOR("2", FIXED, ""));
	(void)reload_ask(&w->c, RELOAD, NULL, NULL);
	assert_in_range(most_at_once(w, 4096), 1, INTENT_SOME);
	turns(w, MANY);
	ended[0] = '\0';
	ask_watchdog(w, false, "dog");
	for (unsigned i = 0; i < MANY && count_of(w) == 4096; i++)
		turns(w, 1);
	assert_int_equal(count_of(w), 4096 - INTENT_SOME);
	turns(w, MANY);
	assert_string_equal(ended, "-4096 ");
	assert_int_equal(count_of(w), 0);
}

static void
a_neighbor_that_its_session_settles_is_told_in_slices(void **state)
{
	struct world *w = *state;
	struct link_peer_state up = {
		.state = PEER_ESTABLISHED, .session = 1, .local_as = 65000, .peer_as = 65000
	};
	struct text t = { 0 };

	text_add(&t, "neighbor 192.0.2.1 { local-address 192.0.2.254; local-as 65000; peer-as auto;"
		     " router-id 192.0.2.254; family { ipv4 unicast; } static {\n");
	for (int i = 0; i < MANY; i++)
		text_printf(&t, "route 10.0.%d.%d/32 next-hop self;\n", i >> 8, i & 255);
	text_add(&t, "} }\n");
	reload(w, text_str(&t));
	text_fini(&t);
	loop_test_hurry(w->loop, true);
	neighbor_state(neighbor_at(w, "192.0.2.1"), &up);
	assert_in_range(most_at_once(w, MANY), 1, 16);
}

static void
a_neighbor_may_go_while_a_configuration_is_told(void **state)
{
	struct world *w = *state;

	begin_many(w, "");
	write_many(w, 2, "");
	(void)reload_ask(&w->c, RELOAD, note_reload, w);
	for (unsigned i = 0; i < 8 * MANY && count_med(w, "med 2") == 0; i++)
		turns(w, 1);
	neighbor_delete(neighbor_at(w, "192.0.2.1"), "of the test");
	turns(w, 4 * MANY);
	assert_string_equal(ended, "r");
	assert_int_equal(count_med(w, "med 2"), MANY);
	assert_int_equal(count_of(w), MANY);
}

static void
the_controller_may_end_while_routes_are_told(void **state)
{
	struct world *w = *state;

	begin_many(w, "");
	write_many(w, 2, "");
	(void)reload_ask(&w->c, RELOAD, NULL, NULL);
	for (unsigned i = 0; i < 8 * MANY && count_med(w, "med 2") == 0; i++)
		turns(w, 1);
	assert_in_range(count_med(w, "med 2"), 1, 16);
	(void)reload_ask(&w->c, RELOAD_HELPERS, NULL, NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, end)
	const struct CMUnitTest tests[] = {
		TEST(neighbors_with_the_same_routes_share_entries),
		TEST(a_reload_of_the_same_moves_nothing),
		TEST(a_reload_tells_the_difference),
		TEST(of_routes_about_the_same_the_last_holds_whatever_other_neighbors_have),
		TEST(of_what_a_file_says_twice_the_log_names_the_line_that_holds),
		TEST(a_configuration_that_is_wrong_leaves_the_old_one),
		TEST(routes_of_the_api_stay_through_a_reload),
		TEST(a_neighbor_that_goes_takes_its_routes_in_silence),
		TEST(routes_that_are_held_back_are_not_told),
		TEST(a_watchdog_holds_its_routes_and_what_was_said_of_it_outlives_a_reload),
		TEST(what_the_session_has_to_tell_is_waited_for),
		TEST(an_auto_peer_as_decides_when_the_session_is_up),
		TEST(a_watchdog_is_told_in_slices),
		TEST(of_two_that_are_said_of_a_watchdog_the_last_holds),
		TEST(a_neighbor_may_go_while_its_routes_are_told),
		TEST(routes_of_a_configuration_are_told_in_slices),
		TEST(a_route_that_is_split_is_told_in_slices),
		TEST(a_neighbor_that_its_session_settles_is_told_in_slices),
		TEST(a_neighbor_may_go_while_a_configuration_is_told),
		TEST(the_controller_may_end_while_routes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
