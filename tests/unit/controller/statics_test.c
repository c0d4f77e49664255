/* The routes of the configuration: what a reload changes is told, and nothing else. */
#include "controller/statics.h"
#include <fcntl.h>
#include "tests/unit/controller/api/world.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "controller/watchdog.h"

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

static void
lower(struct world *w, bool up, const char *name)
{
	struct neighbor *all[] = { neighbor_at(w, "192.0.2.1"), neighbor_at(w, "192.0.2.2") };
	struct intent_result r = { 0 };
	struct reason why = { 0 };

	if (up)
		assert_int_equal(watchdog_raise(&w->c, name, all, 2, &r, &why), 0);
	else
		watchdog_lower(&w->c, name, all, 2, &r);
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

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, end)
	const struct CMUnitTest tests[] = {
		TEST(neighbors_with_the_same_routes_share_entries),
		TEST(a_reload_of_the_same_moves_nothing),
		TEST(a_reload_tells_the_difference),
		TEST(of_routes_about_the_same_the_last_holds_whatever_other_neighbors_have),
		TEST(a_configuration_that_is_wrong_leaves_the_old_one),
		TEST(routes_of_the_api_stay_through_a_reload),
		TEST(a_neighbor_that_goes_takes_its_routes_in_silence),
		TEST(routes_that_are_held_back_are_not_told),
		TEST(a_watchdog_holds_its_routes_and_what_was_said_of_it_outlives_a_reload),
		TEST(what_the_session_has_to_tell_is_waited_for),
		TEST(an_auto_peer_as_decides_when_the_session_is_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
