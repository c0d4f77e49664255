/* Speakers that go, and come back for a while: how long what their neighbors said stays. */
#include "controller/absence.h"
#include "tests/unit/controller/rib/decider.h"

#define SECOND UINT64_C(1000000)

static const char configuration[] =
    "controller {\nspeaker-stale-time 600;\n}\nspeaker edge {\n}\n"
    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65001; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import accept; export "
    "accept; }\n"
    "neighbor 192.0.2.2 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65002; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import accept; export "
    "accept; }\n";

#define FIRST      "route 10.1.0.0/24 next-hop 192.0.2.1 as-path [ 65001 ]"
#define SECOND_ONE "route 10.2.0.0/24 next-hop 192.0.2.2 as-path [ 65002 ]"

struct scene {
	struct world *world;
	struct neighbor *first, *second;
	struct speaker_entry *edge;
};

static struct scene
start(struct world *w)
{
	struct scene s = { .world = w };

	reload(w, configuration);
	s.first = comes_up(w, "192.0.2.1", 65001);
	s.second = comes_up(w, "192.0.2.2", 65002);
	s.edge = s.first->speaker;
	heard(s.first, false, 0, FIRST);
	heard(s.second, false, 0, SECOND_ONE);
	turns(w, 4);
	return s;
}

static size_t
kept(const struct neighbor *n)
{
	return mirror_count(n->mirror);
}

static void
goes_for(struct scene *s, uint64_t seconds)
{
	absence_begin(s->edge);
	later(s->world, seconds * SECOND);
}

static void
comes_back(struct scene *s)
{
	absence_end(s->edge);
	mirror_found_again(s->first);
	mirror_found_again(s->second);
	mirror_begin(s->first);
	mirror_begin(s->second);
}

static void
says_all(struct scene *s, struct neighbor *n, const char *route)
{
	heard(n, false, 0, route);
	mirror_end(n);
	turns(s->world, 4);
}

static void
one_that_does_not_come_back_keeps_nothing(void **state)
{
	struct scene s = start(*state);

	goes_for(&s, 599);
	assert_int_equal(kept(s.first) + kept(s.second), 2);
	later(s.world, 1 * SECOND);
	assert_int_equal(kept(s.first) + kept(s.second), 0);
}

static void
one_that_comes_and_goes_and_never_says_it_again_keeps_nothing(void **state)
{
	struct scene s = start(*state);

	for (unsigned i = 0; i < 11; i++) {
		goes_for(&s, 50);
		comes_back(&s);
		later(s.world, 1 * SECOND);
	}
	assert_int_equal(kept(s.first) + kept(s.second), 2);
	goes_for(&s, 50);
	assert_int_equal(kept(s.first) + kept(s.second), 0);
}

static void
what_was_said_again_has_the_whole_time(void **state)
{
	struct scene s = start(*state);

	goes_for(&s, 500);
	comes_back(&s);
	says_all(&s, s.second, SECOND_ONE);
	goes_for(&s, 99);
	assert_int_equal(kept(s.first) + kept(s.second), 2);
	later(s.world, 1 * SECOND);
	assert_int_equal(kept(s.first), 0);
	assert_int_equal(kept(s.second), 1);
	later(s.world, 499 * SECOND);
	assert_int_equal(kept(s.second), 1);
	later(s.world, 1 * SECOND);
	assert_int_equal(kept(s.second), 0);
}

static void
one_that_goes_before_the_sweep_is_over_has_said_it_all(void **state)
{
	struct scene s = start(*state);

	goes_for(&s, 500);
	comes_back(&s);
	heard(s.first, false, 0, FIRST);
	mirror_end(s.first);
	absence_begin(s.edge);
	turns(s.world, 4);
	later(s.world, 599 * SECOND);
	assert_int_equal(kept(s.first), 1);
	assert_int_equal(kept(s.second), 0);
	later(s.world, 600 * SECOND);
	assert_int_equal(kept(s.first), 0);
}

static void
while_it_is_there_nothing_is_withdrawn(void **state)
{
	struct scene s = start(*state);

	goes_for(&s, 599);
	comes_back(&s);
	later(s.world, 5000 * SECOND);
	assert_int_equal(kept(s.first) + kept(s.second), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(one_that_does_not_come_back_keeps_nothing),
		WORLD_TEST(one_that_comes_and_goes_and_never_says_it_again_keeps_nothing),
		WORLD_TEST(what_was_said_again_has_the_whole_time),
		WORLD_TEST(one_that_goes_before_the_sweep_is_over_has_said_it_all),
		WORLD_TEST(while_it_is_there_nothing_is_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
