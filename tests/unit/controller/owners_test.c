#include "controller/owners.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "proto/frame/link.h"

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

static void
what_a_limit_is_on_is_the_ribs_and_known_by_its_rule(void **state)
{
	struct owners *o = owners_new();
	char a[80], b[80];
	uint32_t rib = owner_rib(o), one = owner_limited(o, "out", "flaps");

	assert_string_equal(owner_name(o, one), "the rib, policy out rule flaps");
	assert_true(owner_is_rib(o, rib) && owner_is_rib(o, one));
	assert_false(owner_is_rib(o, owner_by_name(o, "the")) || owner_is_rib(o, OWNER_CONFIG));
	assert_int_equal(owner_limited(o, "out", "flaps"), one);
	assert_int_equal(owner_limit(o, one), 0);
	assert_true(owner_set_limit(o, one, 100));
	assert_false(owner_set_limit(o, one, 100));
	assert_int_equal(owner_limit(o, one), 100);
	assert_int_equal(owner_limit(o, 1000), 0);
	/* as told by a speaker that had it from another controller */
	assert_true(owner_is_rib(o, owner_by_name(o, "the rib, policy out rule other")));
	/* names that are too long stay two */
	memset(a, 'a', sizeof a);
	memset(b, 'a', sizeof b);
	a[79] = b[79] = '\0';
	b[78] = 'b';
	assert_int_not_equal(owner_limited(o, "out", a), owner_limited(o, "out", b));
	assert_int_equal(owner_limited(o, "out", a), owner_limited(o, "out", a));
	assert_int_equal(strlen(owner_name(o, owner_limited(o, "out", a))), LINK_NAME - 1);
	owners_free(o);
	(void)state;
}

static void
past_the_bound_each_kind_shares_one_of_its_own(void **state)
{
	struct owners *o = owners_of(8);
	uint32_t a = owner_by_name(o, "a"), shared;

	for (char name[] = "b"; name[0] <= 'z'; name[0]++)
		(void)owner_by_name(o, name);
	shared = owner_by_name(o, "z");
	assert_int_equal(owner_by_name(o, "a"), a);
	assert_string_equal(owner_name(o, shared), "other clients");
	assert_true(owner_is_shared(o, shared));
	assert_false(owner_is_shared(o, a) || owner_is_shared(o, 0));
	assert_false(owner_is_rib(o, shared) || owner_is_config(o, shared));
	assert_int_equal(owner_limited(o, "out", "flaps"), owner_rib(o));
	assert_true(owner_is_rib(o, owner_rib(o)));
	assert_true(owner_is_config(o, owner_watchdog(o)));
	assert_int_equal(owner_by_name(o, "y"), shared);
	assert_int_equal(owners_count(o), 7);
	owners_free(o);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_configuration_is_the_first_and_nobody_is_zero),
		cmocka_unit_test(a_name_keeps_its_number),
		cmocka_unit_test(what_a_limit_is_on_is_the_ribs_and_known_by_its_rule),
		cmocka_unit_test(many_names_have_many_numbers),
		cmocka_unit_test(past_the_bound_each_kind_shares_one_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
