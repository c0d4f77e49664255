/* The decision process: each step by itself, MED's order-independence, and that the order of arrival is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "controller/rib/best.h"

static const struct best_rules plain = { 0 };

static struct contender
route(unsigned peer)
{
	struct contender c = {
		.router_id = peer, .external = true, .peer = addr_v4(0x0a000000 + peer)
	};

	c.view.local_pref = VIEW_LOCAL_PREF;
	c.view.neighbor_as = 65000;
	return c;
}

/* One is better than the other by this step, whichever comes first. */
static void
decides(struct contender better, struct contender worse, enum best_step step,
    const struct best_rules *rules)
{
	struct contender c[2] = { better, worse };

	assert_int_equal(best_choose(c, 2, rules), 0);
	assert_string_equal(best_step_name(c[1].lost), best_step_name(step));
	c[0] = worse;
	c[1] = better;
	assert_int_equal(best_choose(c, 2, rules), 1);
	assert_string_equal(best_step_name(c[0].lost), best_step_name(step));
}

static void
each_step_decides_where_those_before_it_do_not(void **state)
{
	struct contender good = route(2), bad = route(1);

	(void)state;
	bad.stale = true;
	decides(good, bad, BEST_STALE, &plain);
	good = route(2), bad = route(1);
	good.weight = 1;
	decides(good, bad, BEST_WEIGHT, &plain);
	good = route(2), bad = route(1);
	bad.view.local_pref = 99;
	decides(good, bad, BEST_LOCAL_PREF, &plain);
	good = route(2), bad = route(1);
	good.view.has_aigp = true;
	good.view.aigp = 1000;
	decides(good, bad, BEST_AIGP, &plain);
	bad.view.has_aigp = true;
	bad.view.aigp = 1001;
	decides(good, bad, BEST_AIGP, &plain);
	good = route(2), bad = route(1);
	bad.view.as_length = 1;
	decides(good, bad, BEST_AS_LENGTH, &plain);
	good = route(2), bad = route(1);
	bad.view.origin = 2;
	decides(good, bad, BEST_ORIGIN, &plain);
	good = route(2), bad = route(1);
	bad.view.med = 1;
	bad.view.has_med = true;
	decides(good, bad, BEST_MED, &plain);
	good = route(2), bad = route(1);
	bad.external = false;
	decides(good, bad, BEST_EXTERNAL, &plain);
	decides(route(1), route(2), BEST_ROUTER_ID, &plain);
}

static void
ties_between_equal_router_ids(void **state)
{
	struct contender good = route(1), bad = route(2);

	(void)state;
	bad.router_id = 1;
	decides(good, bad, BEST_ADDRESS, &plain);
	good.view.clusters = 2;
	bad.view.clusters = 1;
	decides(bad, good, BEST_CLUSTERS, &plain);
	good = bad = route(1);
	bad.path_id = 1;
	decides(good, bad, BEST_PATH_ID, &plain);
	/* RFC 4456: the originator stands for the reflector that passed it on */
	good = route(9), bad = route(2);
	good.view.originator = 1;
	decides(good, bad, BEST_ROUTER_ID, &plain);
}

static void
med_is_compared_within_a_neighboring_as(void **state)
{
	const struct best_rules always = { .always_compare_med = true },
				worst = { .missing_med_worst = true };
	struct contender a = route(1), b = route(2);

	(void)state;
	a.view.med = 50;
	a.view.has_med = true;
	b.view.neighbor_as = 65001;
	decides(a, b, BEST_ROUTER_ID, &plain);
	decides(b, a, BEST_MED, &always);
	b.view.neighbor_as = 65000;
	decides(b, a, BEST_MED, &plain);
	decides(a, b, BEST_MED, &worst);
}

static void
steps_are_left_out_where_that_was_asked_for(void **state)
{
	const struct best_rules no_length = { .ignore_as_length = true },
				no_aigp = { .ignore_aigp = true }, no_id = { .ignore_router_id = true };
	struct contender a = route(1), b = route(2);

	(void)state;
	a.view.as_length = 2;
	decides(b, a, BEST_AS_LENGTH, &plain);
	decides(a, b, BEST_ROUTER_ID, &no_length);
	a = route(1);
	b.view.has_aigp = true;
	decides(b, a, BEST_AIGP, &plain);
	decides(a, b, BEST_ROUTER_ID, &no_aigp);
	b = route(2);
	a.peer = addr_v4(0x0a000009);
	decides(a, b, BEST_ROUTER_ID, &plain);
	decides(b, a, BEST_ADDRESS, &no_id);
}

/* RFC 5004 */
static void
of_routes_from_other_ases_the_older_stays(void **state)
{
	const struct best_rules older = { .prefer_older = true };
	struct contender a = route(1), b = route(2);

	(void)state;
	b.age = 5;
	decides(a, b, BEST_ROUTER_ID, &plain);
	decides(b, a, BEST_AGE, &older);
	a.external = b.external = false;
	decides(a, b, BEST_ROUTER_ID, &older);
	a.external = true;
	decides(a, b, BEST_EXTERNAL, &older);
}

/* The classic: A beats B by router id, B beats C likewise, C beats A by MED. Only taking all at once is stable. */
static void
three_routes_and_two_ases_come_to_the_same_in_every_order(void **state)
{
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };
	struct contender r[3] = { route(1), route(2), route(3) };

	(void)state;
	r[0].view.med = 10;
	r[0].view.has_med = true;
	r[1].view.neighbor_as = 65001;
	for (int o = 0; o < 6; o++) {
		struct contender c[3] = { r[orders[o][0]], r[orders[o][1]], r[orders[o][2]] };

		assert_int_equal(orders[o][best_choose(c, 3, &plain)], 1);
	}
}

/* By the definition: who is better than each other one, where there is such a one. */
static bool
beats(const struct contender *a, const struct contender *b)
{
	struct contender c[2] = { *a, *b };

	return best_choose(c, 2, &plain) == 0;
}

static void
who_beats_each_other_one_is_chosen_in_any_order(void **state)
{
	struct contender c[8], shuffled[8];
	unsigned found = 0;

	(void)state;
	srand(4271);
	for (int round = 0; round < 10000; round++) {
		size_t n = 2 + (size_t)(rand() % 7), chosen, first;

		for (size_t i = 0; i < n; i++) {
			c[i] = route((unsigned)i + 1);
			c[i].view.local_pref = 100 + (uint32_t)(rand() % 2);
			c[i].view.as_length = (uint32_t)(rand() % 2);
			c[i].view.has_med = true;
			c[i].view.med = (uint32_t)(rand() % 3);
			c[i].view.neighbor_as = 65000 + (uint32_t)(rand() % 2);
			c[i].external = rand() % 2;
		}
		chosen = best_choose(c, n, &plain);
		first = (size_t)rand() % n;
		for (size_t i = 0; i < n; i++)
			shuffled[i] = c[(i + first) % n];
		assert_int_equal((best_choose(shuffled, n, &plain) + first) % n, chosen);
		for (size_t i = 0; i < n; i++) {
			size_t beaten = 0;

			for (size_t k = 0; k < n; k++)
				beaten += k != i && beats(&c[i], &c[k]);
			if (beaten == n - 1) {
				assert_int_equal(i, chosen);
				found++;
			}
		}
	}
	assert_true(found > 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_decides_where_those_before_it_do_not),
		cmocka_unit_test(ties_between_equal_router_ids),
		cmocka_unit_test(med_is_compared_within_a_neighboring_as),
		cmocka_unit_test(steps_are_left_out_where_that_was_asked_for),
		cmocka_unit_test(of_routes_from_other_ases_the_older_stays),
		cmocka_unit_test(three_routes_and_two_ases_come_to_the_same_in_every_order),
		cmocka_unit_test(who_beats_each_other_one_is_chosen_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
