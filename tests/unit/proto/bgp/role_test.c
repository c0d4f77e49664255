#include "proto/bgp/role.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static int
judge(enum bgp_role ours, bool strict, const char *said, size_t len)
{
	struct caps theirs = { 0 };
	struct fault f = { 0 };

	if (said)
		role_note(&theirs, reader_of((const uint8_t *)said, len));
	if (role_check(ours, strict, &theirs, &f) == 0)
		return 0;
	assert_int_equal(f.code, NOTIFY_OPEN);
	return f.subcode;
}

static void
each_role_goes_with_one(void **state)
{
	/* by what they say: provider, rs, rs-client, customer, peer */
	static const char *const fits[BGP_ROLES] = { "11111", "00010", "00100", "01000", "10000",
		"00001" };

	for (unsigned ours = 0; ours < BGP_ROLES; ours++)
		for (char said = 0; said < 5; said++)
			assert_int_equal(judge((enum bgp_role)ours, true, &said, 1),
			    fits[ours][(int)said] == '1' ? 0 : OPEN_ROLE);
	(void)state;
}

static void
what_is_no_role_matches_none(void **state)
{
	assert_int_equal(judge(BGP_ROLE_PEER, false, "\5", 1), OPEN_ROLE);
	assert_int_equal(judge(BGP_ROLE_PEER, false, "\377", 1), OPEN_ROLE);
	assert_int_equal(judge(BGP_ROLE_PEER, false, "", 0), OPEN_ROLE);
	assert_int_equal(judge(BGP_ROLE_PEER, false, "\4\4", 2), OPEN_ROLE);
	assert_int_equal(judge(BGP_ROLE_NONE, true, "\5", 1), 0);
	(void)state;
}

static void
a_role_is_demanded_in_strict_mode_alone(void **state)
{
	assert_int_equal(judge(BGP_ROLE_PEER, false, NULL, 0), 0);
	assert_int_equal(judge(BGP_ROLE_PEER, true, NULL, 0), OPEN_ROLE);
	(void)state;
}

static void
the_same_role_may_be_said_twice_and_two_may_not(void **state)
{
	struct caps theirs = { 0 };
	struct fault f = { 0 };

	role_note(&theirs, reader_of((const uint8_t *)"\3", 1));
	role_note(&theirs, reader_of((const uint8_t *)"\3", 1));
	assert_int_equal(role_check(BGP_ROLE_PROVIDER, true, &theirs, &f), 0);
	role_note(&theirs, reader_of((const uint8_t *)"\0", 1));
	assert_int_equal(role_check(BGP_ROLE_PROVIDER, false, &theirs, &f), -1);
	assert_int_equal(f.subcode, OPEN_ROLE);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_role_goes_with_one),
		cmocka_unit_test(what_is_no_role_matches_none),
		cmocka_unit_test(a_role_is_demanded_in_strict_mode_alone),
		cmocka_unit_test(the_same_role_may_be_said_twice_and_two_may_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
