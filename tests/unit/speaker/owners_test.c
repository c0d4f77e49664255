/* Names of owners under numbers of our own. */
#include "speaker/owners.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static struct owners *o;

static int
start(void **state)
{
	(void)state;
	o = owners_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	owners_free(o);
	return 0;
}

static void
a_name_has_one_number_whatever_a_lane_calls_it(void **state)
{
	uint32_t one, two;

	owners_said(o, 7, "one");
	owners_said(o, 3, "two");
	one = owners_ours(o, 7);
	two = owners_ours(o, 3);
	assert_int_not_equal(one, two);
	assert_string_equal(owners_name(o, one), "one");
	assert_string_equal(owners_name(o, two), "two");
	owners_lane(o);
	assert_int_equal(owners_ours(o, 7), 0);
	owners_said(o, 7, "two");
	owners_said(o, 1, "one");
	assert_int_equal(owners_ours(o, 7), two);
	assert_int_equal(owners_ours(o, 1), one);
	(void)state;
}

static void
nobody_has_no_name(void **state)
{
	owners_said(o, 0, "nobody");
	owners_said(o, 5, "");
	owners_said(o, OWNERS_MAX, "too much");
	owners_said(o, UINT32_MAX, "far too much");
	assert_int_equal(owners_ours(o, 0), 0);
	assert_int_equal(owners_ours(o, 5), 0);
	assert_int_equal(owners_ours(o, 6), 0);
	assert_int_equal(owners_ours(o, UINT32_MAX), 0);
	assert_null(owners_name(o, 0));
	assert_null(owners_name(o, UINT32_MAX));
	assert_int_equal(owners_end(o), 1);
	(void)state;
}

static void
a_name_without_use_goes_and_its_number_is_given_again(void **state)
{
	owners_said(o, 1, "said");
	owners_lane(o);
	owners_said(o, 1, "carried");
	owners_said(o, 2, "neither");
	owners_lane(o);
	owners_said(o, 1, "said");
	owners_count_begin(o);
	owners_carried(o, 2);
	owners_carried(o, 0);
	owners_carried(o, UINT32_MAX);
	owners_count_end(o);
	assert_string_equal(owners_name(o, 1), "said");
	assert_string_equal(owners_name(o, 2), "carried");
	assert_null(owners_name(o, 3));
	owners_said(o, 2, "another");
	assert_int_equal(owners_ours(o, 2), 3);
	owners_said(o, 3, "neither");
	assert_int_equal(owners_ours(o, 3), 4);
	/* counted anew */
	owners_count_begin(o);
	owners_count_end(o);
	assert_null(owners_name(o, 2));
	assert_string_equal(owners_name(o, 3), "another");
	(void)state;
}

static void
past_the_bound_they_are_nobodys(void **state)
{
	char name[16];

	for (int lane = 0; lane < 2; lane++) {
		for (uint32_t i = 1; i < OWNERS_MAX; i++) {
			snprintf(name, sizeof name, "%d.%u", lane, i);
			owners_said(o, i, name);
			assert_int_equal(owners_ours(o, i), lane == 0 ? i : 0);
		}
		owners_lane(o);
	}
	owners_count_begin(o);
	owners_carried(o, 1);
	owners_count_end(o);
	owners_said(o, 1, "again");
	assert_int_equal(owners_ours(o, 1), 2);
	owners_said(o, 2, "0.1");
	assert_int_equal(owners_ours(o, 2), 1);
	(void)state;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
		TEST(a_name_has_one_number_whatever_a_lane_calls_it),
		TEST(nobody_has_no_name),
		TEST(a_name_without_use_goes_and_its_number_is_given_again),
		TEST(past_the_bound_they_are_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
