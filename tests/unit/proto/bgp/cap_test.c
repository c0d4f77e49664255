#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "proto/bgp/cap.h"

static void
the_table_is_in_the_order_of_an_open(void **state)
{
	static const uint8_t order[] = { 1, 65, 5, 69, 76, 64, 71, 2, 70, 185, 6, 73, 75, 77, 68 };

	assert_int_equal(cap_count, sizeof order);
	for (unsigned i = 0; i < cap_count; i++) {
		assert_int_equal(cap_table[i]->code, order[i]);
		assert_ptr_equal(cap_by_code(order[i]), cap_table[i]);
		assert_false(cap_table[i]->strict);
	}
	assert_null(cap_by_code(0));
	assert_null(cap_by_code(200));
	(void)state;
}

static void
every_code_can_be_there(void **state)
{
	struct caps caps = { 0 };

	for (unsigned code = 0; code <= 255; code++) {
		assert_false(caps_have(&caps, (enum cap_code)code));
		caps_add(&caps, (enum cap_code)code);
		assert_true(caps_have(&caps, (enum cap_code)code));
		if (code < 255)
			assert_false(caps_have(&caps, (enum cap_code)(code + 1)));
	}
	(void)state;
}

static void
count(void *arg, uint8_t code, struct reader value)
{
	(void)code;
	assert_true(reader_ok(&value));
	(*(unsigned *)arg)++;
}

static unsigned
params_of(const struct caps *caps, uint8_t code)
{
	unsigned params = 0;

	cap_by_code(code)->encode(caps, count, &params);
	return params;
}

static void
a_capability_that_is_not_there_is_not_sent(void **state)
{
	const struct caps none = { 0 };

	for (unsigned i = 0; i < cap_count; i++)
		assert_int_equal(params_of(&none, cap_table[i]->code), 0);
	(void)state;
}

static void
families_have_a_parameter_each_and_multisession_has_two(void **state)
{
	struct caps caps = { .families = family_bit(IPV4_UNICAST) | family_bit(BGP_LS_VPN) };

	caps_add(&caps, CAP_MULTIPROTOCOL);
	caps_add(&caps, CAP_MULTISESSION);
	assert_int_equal(params_of(&caps, CAP_MULTIPROTOCOL), 2);
	assert_int_equal(params_of(&caps, CAP_MULTISESSION), 2);
	(void)state;
}

/* Only eight families are offered with ADD-PATH, and a limit says something only to who sends us paths. */
static void
what_has_nothing_to_say_is_not_sent(void **state)
{
	struct caps caps = { .add_path[IPV4_FLOW] = ADD_PATH_BOTH,
		.add_path[IPV4_UNICAST] = ADD_PATH_SEND,
		.paths_limit[IPV4_UNICAST] = 5 };

	caps_add(&caps, CAP_ADD_PATH);
	caps_add(&caps, CAP_PATHS_LIMIT);
	assert_int_equal(params_of(&caps, CAP_ADD_PATH), 1);
	assert_int_equal(params_of(&caps, CAP_PATHS_LIMIT), 0);
	caps.add_path[IPV4_UNICAST] = ADD_PATH_NONE;
	assert_int_equal(params_of(&caps, CAP_ADD_PATH), 0);
	(void)state;
}

/* More families than are kept for show: those that we know count all the same. */
static void
a_flood_of_families_costs_nothing_that_we_know(void **state)
{
	struct caps caps = { 0 };

	for (unsigned i = 0; i <= 200; i++) {
		uint8_t value[4] = { i == 200 ? 0 : 77, i == 200 ? 1 : 0, 0,
			(uint8_t)(i == 200 ? 1 : i) };
		struct reader r = reader_of(value, sizeof value);

		assert_int_equal(cap_by_code(CAP_MULTIPROTOCOL)->parse(&caps, &r), 0);
	}
	assert_int_equal(caps.family_count, CAP_FAMILIES_MAX);
	assert_int_equal(caps.families, family_bit(IPV4_UNICAST));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_in_the_order_of_an_open),
		cmocka_unit_test(every_code_can_be_there),
		cmocka_unit_test(a_capability_that_is_not_there_is_not_sent),
		cmocka_unit_test(families_have_a_parameter_each_and_multisession_has_two),
		cmocka_unit_test(what_has_nothing_to_say_is_not_sent),
		cmocka_unit_test(a_flood_of_families_costs_nothing_that_we_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
