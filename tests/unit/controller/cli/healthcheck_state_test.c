/* What checks lead to, and what is said then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "controller/cli/healthcheck.h"

static struct health_options o;

static int
begin(void **state)
{
	char *argv[] = { (char *)"healthcheck", (char *)"--ip", (char *)"10.0.0.1", (char *)"--ip",
		(char *)"2001:db8::/64", NULL };

	(void)state;
	return health_options_read(&o, 5, argv) < 0 ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	health_options_fini(&o);
	return 0;
}

/* + well, - not, d disabled */
static enum health
after(const char *checks)
{
	enum health h = HEALTH_INIT;
	unsigned count = 0;

	for (; *checks; checks++)
		h = health_next(&o, h, &count, *checks == 'd', *checks == '+');
	return h;
}

static void
it_rises_and_falls_by_as_many_checks_as_asked_for(void **state)
{
	(void)state;
	assert_int_equal(after("+"), HEALTH_RISING);
	assert_int_equal(after("++"), HEALTH_RISING);
	assert_int_equal(after("+++"), HEALTH_UP);
	assert_int_equal(after("-"), HEALTH_FALLING);
	assert_int_equal(after("---"), HEALTH_DOWN);
	assert_int_equal(after("+++-"), HEALTH_FALLING);
	assert_int_equal(after("+++--+"), HEALTH_RISING);
	assert_int_equal(after("+++--+++"), HEALTH_UP);
	assert_int_equal(after("++-++"), HEALTH_RISING);
	assert_int_equal(after("+++---"), HEALTH_DOWN);
	assert_int_equal(after("---+++"), HEALTH_UP);
}

static void
one_check_is_enough_where_one_is_asked_for(void **state)
{
	(void)state;
	o.rise = 1;
	o.fall = 0;
	assert_int_equal(after("+"), HEALTH_UP);
	assert_int_equal(after("-"), HEALTH_DOWN);
	assert_int_equal(after("+-"), HEALTH_DOWN);
	assert_int_equal(after("+-+"), HEALTH_UP);
}

static void
what_is_disabled_begins_anew(void **state)
{
	(void)state;
	assert_int_equal(after("+++d"), HEALTH_DISABLED);
	assert_int_equal(after("+++dd"), HEALTH_DISABLED);
	assert_int_equal(after("+++d+"), HEALTH_INIT);
	assert_int_equal(after("+++d++++"), HEALTH_UP);
}

static void
says(enum health h, size_t place, const char *wanted)
{
	struct text t = { 0 };

	health_line(&o, h, place, &t);
	assert_string_equal(text_str(&t), wanted);
	text_fini(&t);
}

static void
the_state_is_a_metric(void **state)
{
	(void)state;
	says(HEALTH_UP, 0, "peer * announce route 10.0.0.1/32 next-hop self med 100\n");
	says(HEALTH_UP, 1, "peer * announce route 2001:db8::/64 next-hop self med 101\n");
	o.increase = 10;
	says(HEALTH_DOWN, 1, "peer * announce route 2001:db8::/64 next-hop self med 1010\n");
	says(HEALTH_DISABLED, 0, "peer * announce route 10.0.0.1/32 next-hop self med 500\n");
	says(HEALTH_EXIT, 0, "peer * withdraw route 10.0.0.1/32 next-hop self\n");
}

static void
or_a_withdraw_where_one_is_asked_for(void **state)
{
	(void)state;
	o.withdraw_on_down = true;
	says(HEALTH_UP, 0, "peer * announce route 10.0.0.1/32 next-hop self med 100\n");
	says(HEALTH_DOWN, 0, "peer * withdraw route 10.0.0.1/32 next-hop self\n");
	says(HEALTH_DISABLED, 0, "peer * withdraw route 10.0.0.1/32 next-hop self\n");
}

static void
attributes_go_with_it(void **state)
{
	const char *neighbors[] = { "192.0.2.1", "192.0.2.2" };

	(void)state;
	o.local_preference = 0;
	o.community = "65000:1 65000:2";
	o.disabled_community = "65000:666";
	o.large_community = "1:2:3";
	o.extended_community = "target:1:2";
	o.as_path = "1 2";
	o.down_as_path = "1 1 1";
	o.path_id = "7";
	says(HEALTH_UP, 0,
	    "peer * announce route 10.0.0.1/32 next-hop self med 100 local-preference 0 community "
	    "[ 65000:1 65000:2 ] "
	    "extended-community [ target:1:2 ] large-community [ 1:2:3 ] as-path [ 1 2 ] "
	    "path-information 7\n");
	o.neighbors = (struct health_words){ neighbors, 2 };
	o.extended_community = o.large_community = NULL;
	o.local_preference = -1;
	says(HEALTH_DISABLED, 0,
	    "peer 192.0.2.1, peer 192.0.2.2 announce route 10.0.0.1/32 next-hop self med 500 "
	    "community [ 65000:666 ] "
	    "as-path [ 1 2 ] path-information 7\n");
	says(HEALTH_DOWN, 0,
	    "peer 192.0.2.1, peer 192.0.2.2 announce route 10.0.0.1/32 next-hop self med 1000 "
	    "community [ 65000:666 ] as-path [ 1 1 1 ] path-information 7\n");
	o.disabled_community = NULL;
	says(HEALTH_DOWN, 0,
	    "peer 192.0.2.1, peer 192.0.2.2 announce route 10.0.0.1/32 next-hop self med 1000 "
	    "community [ 65000:1 65000:2 ] as-path [ 1 1 1 ] path-information 7\n");
	o.neighbors = (struct health_words){ 0 };
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_rises_and_falls_by_as_many_checks_as_asked_for),
		T(one_check_is_enough_where_one_is_asked_for),
		T(what_is_disabled_begins_anew),
		T(the_state_is_a_metric),
		T(or_a_withdraw_where_one_is_asked_for),
		T(attributes_go_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
