#include "controller/owners.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static void
the_configuration_is_the_first_and_nobody_is_zero(void **state)
{
	struct owners *o = owners_new();

	assert_int_equal(owners_count(o), 1);
	assert_string_equal(owner_name(o, OWNER_CONFIG), "configuration");
	assert_int_equal(owner_by_name(o, "configuration"), OWNER_CONFIG);
	assert_string_equal(owner_name(o, 0), "");
	owners_free(o);
	owners_free(NULL);
	(void)state;
}

static void
a_name_keeps_its_number(void **state)
{
	struct owners *o = owners_new();
	uint32_t a = owner_by_name(o, "anycast"), b = owner_by_name(o, "scrubber");

	assert_int_not_equal(a, b);
	assert_int_equal(owner_by_name(o, "anycast"), a);
	assert_string_equal(owner_name(o, b), "scrubber");
	assert_string_equal(owner_name(o, b + 1), "");
	assert_string_equal(owner_name(o, UINT32_MAX), "");
	assert_int_equal(owners_count(o), 3);
	owners_free(o);
	(void)state;
}

static void
many_names_have_many_numbers(void **state)
{
	struct owners *o = owners_new();
	uint32_t last = 0;
	char name[16];

	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "client %d", i);
		last = owner_by_name(o, name);
	}
	assert_int_equal(last, 3001);
	assert_int_equal(owner_by_name(o, "client 17"), 19);
	owners_free(o);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configuration_is_the_first_and_nobody_is_zero),
		cmocka_unit_test(a_name_keeps_its_number),
		cmocka_unit_test(many_names_have_many_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
