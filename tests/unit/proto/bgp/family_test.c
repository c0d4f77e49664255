#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "proto/bgp/family.h"

static void
families_are_in_order_of_afi_and_safi(void **state)
{
	assert_int_equal(FAMILIES, 23);
	for (int f = 1; f < FAMILIES; f++)
		assert_true(family_code((enum family)(f - 1)) < family_code((enum family)f));
	(void)state;
}

static void
a_family_is_found_by_number_and_by_name(void **state)
{
	char name[64];

	for (int f = 0; f < FAMILIES; f++) {
		const struct family_info *i = &family_table[f];

		assert_int_equal(family_of(i->afi, i->safi), f);
		assert_int_equal(family_by_code(family_code((enum family)f)), f);
		assert_int_equal(family_by_name(i->afi_name, i->safi_name), f);
		snprintf(name, sizeof name, "%s %s", i->afi_name, i->safi_name);
		assert_string_equal(family_name((enum family)f), name);
	}
	assert_int_equal(family_by_name("ipv6", "labeled-unicast"), IPV6_NLRI_MPLS);
	(void)state;
}

static void
what_is_none_of_ours_is_unknown(void **state)
{
	assert_int_equal(family_of(9999, 250), FAMILY_UNKNOWN);
	assert_int_equal(family_of(0, 0), FAMILY_UNKNOWN);
	assert_int_equal(family_of(AFI_IPV6, 132), FAMILY_UNKNOWN);
	assert_int_equal(family_by_code(0), FAMILY_UNKNOWN);
	assert_int_equal(family_by_code(UINT32_MAX), FAMILY_UNKNOWN);
	assert_int_equal(family_by_code(0x1000000 + 0x101), FAMILY_UNKNOWN);
	assert_int_equal(family_by_name("ipv4", "vpls"), FAMILY_UNKNOWN);
	assert_int_equal(family_by_name("", ""), FAMILY_UNKNOWN);
	assert_string_equal(family_name(FAMILY_UNKNOWN), "unknown");
	assert_int_equal(family_code(FAMILY_UNKNOWN), 0);
	(void)state;
}

static void
only_vpn_next_hops_have_a_distinguisher(void **state)
{
	uint32_t with = 0;

	for (int f = 0; f < FAMILIES; f++)
		with |= family_table[f].rd ? family_bit((enum family)f) : 0;
	assert_int_equal(
	    with, family_bit(IPV4_MPLS_VPN) | family_bit(IPV6_MPLS_VPN) | family_bit(BGP_LS_VPN));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_in_order_of_afi_and_safi),
		cmocka_unit_test(a_family_is_found_by_number_and_by_name),
		cmocka_unit_test(what_is_none_of_ours_is_unknown),
		cmocka_unit_test(only_vpn_next_hops_have_a_distinguisher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
