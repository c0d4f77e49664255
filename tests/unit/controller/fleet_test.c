/* Which speaker is welcomed, which replaces another, and which is refused. */
#include "controller/fleet.h"
#include <fcntl.h>
#include "tests/unit/controller/spoken.h"

static struct spoken *one, *two;

static int
start(void **state)
{
	int opened = world_open(state);

	log_open(open("/dev/null", O_WRONLY), LOG_TEXT, LOG_LEVEL_ERROR, "test");
	return opened;
}

static int
end(void **state)
{
	if (one)
		spoken_close(one);
	if (two)
		spoken_close(two);
	one = two = NULL;
	spoken_heard(NULL);
	return world_close(state);
}

static void
hears(struct spoken *s, const char *want)
{
	assert_string_equal(spoken_heard(s), want);
}

static void
a_speaker_of_the_configuration_is_welcomed(void **state)
{
	struct world *w = *state;
	struct speaker_entry *edge = fleet_speaker(w->c.fleet, "edge");

	assert_null(edge->lane);
	one = spoken_open(w, "edge", 1);
	spoken_hello(one);
	hears(one, "welcome adopt\n");
	assert_non_null(edge->lane);
	assert_int_equal(lane_epoch(edge->lane), 1);
	assert_int_equal(edge->lanes, 1);
	assert_null(fleet_speaker(w->c.fleet, "far")->lane);
}

static void
a_name_that_is_not_configured_is_refused(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "stranger", 1);
	spoken_hello(one);
	hears(one, "refuse no speaker stranger in the configuration\n");
}

static void
versions_that_do_not_meet_are_refused(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "edge", 1);
	one->hello.oldest = one->hello.newest = FRAME_VERSION + 1;
	spoken_hello(one);
	assert_has(spoken_heard(one), "refuse it speaks versions");
	/* a range that has ours in it will do */
	one->hello.oldest = 0;
	spoken_hello(one);
	hears(one, "welcome adopt\n");
	assert_int_equal(fleet_speaker(w->c.fleet, "edge")->refused, 1);
}

static void
a_hello_again_of_the_same_start_begins_anew(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "edge", 1);
	assert_has(spoken_join(one), "peers-end\n");
	spoken_hello(one);
	hears(one, "welcome\n"); /* it was adopted before */
	assert_int_equal(fleet_speaker(w->c.fleet, "edge")->lanes, 2);
	/* the very same HELLO once more, which was only late, changes nothing */
	one->hello.number--;
	spoken_hello(one);
	hears(one, "");
	assert_int_equal(fleet_speaker(w->c.fleet, "edge")->lanes, 2);
}

static void
a_second_start_is_refused_while_the_first_answers(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "edge", 1);
	two = spoken_open(w, "edge", 2);
	assert_has(spoken_join(one), "peers-end\n");
	spoken_hello(two);
	hears(two, "");
	one->pings = 0;
	hears(one, "");
	assert_int_equal(one->pings, 1);
	advance(w, SECOND / 2);
	spoken_bare(one, FRAME_PING);
	advance(w, SECOND);
	hears(two, "refuse speaker edge is running already, with the same key\n");
	assert_int_equal(lane_epoch(fleet_speaker(w->c.fleet, "edge")->lane), 1);
	assert_int_equal(fleet_speaker(w->c.fleet, "edge")->lanes, 1);
}

static void
a_second_start_replaces_a_first_that_is_dead(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");

	one = spoken_open(w, "edge", 1);
	two = spoken_open(w, "edge", 2);
	spoken_hello(one);
	spoken_state(one, 0, "192.0.2.1", PEER_ESTABLISHED, 1);
	assert_true(n->known && n->up);
	spoken_hello(two);
	spoken_hello(two); /* it asks every second: still one judgement */
	advance(w, SECOND + 1000);
	hears(two, "welcome adopt\n");
	assert_int_equal(lane_epoch(fleet_speaker(w->c.fleet, "edge")->lane), 2);
	assert_false(n->known);
	/* the dead one comes back to life: it has no lane any more */
	spoken_bare(one, FRAME_PING);
	(void)spoken_heard(one);
	assert_int_equal(lane_epoch(fleet_speaker(w->c.fleet, "edge")->lane), 2);
}

static void
a_frame_without_a_lane_is_answered_with_reset(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "edge", 1);
	spoken_bare(one, FRAME_PING);
	hears(one, "reset\n");
}

static void
what_is_no_frame_is_ignored(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "edge", 1);
	for (int i = 0; i < 3; i++) {
		(void)sock_send(one->sock, (struct reader){ 0 }, false, "\xc1nonsense", 9);
		settle(w);
	}
	hears(one, "");
	spoken_hello(one);
	hears(one, "welcome adopt\n");
}

/* While its second start waits for a judgement, the speaker leaves the configuration. */
static void
a_speaker_that_leaves_the_configuration_loses_its_lane(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "far", 1);
	two = spoken_open(w, "far", 2);
	assert_has(spoken_join(one), "peers-end\n");
	one->pings = 0;
	spoken_hello(two);
	hears(one, "");
	assert_int_equal(one->pings, 1);
	world_write_config(w, "speaker edge {\n}\n"
			      "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; "
			      "local-as 65000; peer-as 65001; "
			      "router-id 192.0.2.254; family { ipv4 unicast; } }\n");
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	assert_null(fleet_speaker(w->c.fleet, "far"));
	advance(w, 2 * SECOND);
	assert_int_equal(w->c.neighbor_count, 1);
	assert_has_not(spoken_heard(two), "welcome");
	spoken_hello(one);
	assert_has(spoken_heard(one), "refuse no speaker far in the configuration\n");
}

static void
a_speaker_that_comes_into_the_configuration_is_welcomed_then(void **state)
{
	struct world *w = *state;

	one = spoken_open(w, "new", 1);
	spoken_hello(one);
	assert_has(spoken_heard(one), "refuse");
	world_write_config(w, "speaker new {\n}\n"
			      "neighbor 192.0.2.1 { speaker new; local-address 192.0.2.254; "
			      "local-as 65000; peer-as 65001; "
			      "router-id 192.0.2.254; family { ipv4 unicast; } }\n");
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	assert_has(spoken_join(one), "peer 0 192.0.2.1\npeers-end\n");
}

static void
without_speakers_in_the_configuration_any_name_is_the_local_one(void **state)
{
	struct world *w = *state;

	world_write_config(w,
	    "neighbor 192.0.2.1 { local-address 192.0.2.254; local-as 65000; peer-as 65001; "
	    "router-id 192.0.2.254; family { ipv4 unicast; } }\n");
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	assert_non_null(fleet_speaker(w->c.fleet, "local"));
	one = spoken_open(w, "whatever", 1);
	assert_has(spoken_join(one), "peer 0 192.0.2.1\n");
	assert_ptr_equal(fleet_speaker(w->c.fleet, NULL), fleet_speaker(w->c.fleet, "local"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
		TEST(a_speaker_of_the_configuration_is_welcomed),
		TEST(a_name_that_is_not_configured_is_refused),
		TEST(versions_that_do_not_meet_are_refused),
		TEST(a_hello_again_of_the_same_start_begins_anew),
		TEST(a_second_start_is_refused_while_the_first_answers),
		TEST(a_second_start_replaces_a_first_that_is_dead),
		TEST(a_frame_without_a_lane_is_answered_with_reset),
		TEST(what_is_no_frame_is_ignored),
		TEST(a_speaker_that_leaves_the_configuration_loses_its_lane),
		TEST(a_speaker_that_comes_into_the_configuration_is_welcomed_then),
		TEST(without_speakers_in_the_configuration_any_name_is_the_local_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
