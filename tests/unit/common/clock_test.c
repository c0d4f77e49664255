#include "common/clock.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
#include <cmocka.h>

static void
monotonic_time_never_goes_back(void **state)
{
	uint64_t before = clock_monotonic();

	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_monotonic();

		assert_true(now >= before);
		before = now;
	}
	(void)state;
}

static void
wall_time_is_that_of_the_system(void **state)
{
	assert_true(fabs(clock_wall() - (double)time(NULL)) < 2);
	(void)state;
}

static void
wall_time_prints_as_rfc_3339_in_utc(void **state)
{
	char out[32];

	assert_string_equal(clock_print(0, out), "1970-01-01T00:00:00.000Z");
	assert_string_equal(clock_print(951782400.25, out), "2000-02-29T00:00:00.250Z");
	assert_string_equal(clock_print(1795331870.9996, out), "2026-11-22T07:17:50.999Z");
	assert_string_equal(clock_print(253402300799.5, out), "9999-12-31T23:59:59.500Z");
	(void)state;
}

static void
what_is_no_time_prints_as_the_epoch(void **state)
{
	char out[32];

	assert_string_equal(clock_print(-1, out), "1970-01-01T00:00:00.000Z");
	assert_string_equal(clock_print(1e300, out), "1970-01-01T00:00:00.000Z");
	assert_string_equal(clock_print((double)NAN, out), "1970-01-01T00:00:00.000Z");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monotonic_time_never_goes_back),
		cmocka_unit_test(wall_time_is_that_of_the_system),
		cmocka_unit_test(wall_time_prints_as_rfc_3339_in_utc),
		cmocka_unit_test(what_is_no_time_prints_as_the_epoch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
