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
	assert_int_equal(FAMILIES_NAMED, 23);
	for (int f = 1; f < FAMILIES_NAMED; f++)
		assert_true(family_code((enum family)(f - 1)) < family_code((enum family)f));
	(void)state;
}

static void
a_family_is_found_by_number_and_by_name(void **state)
{
	char name[64];

	for (int f = 0; f < FAMILIES_NAMED; f++) {
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

	for (int f = 0; f < FAMILIES_NAMED; f++)
		with |= family_table[f].rd ? family_bit((enum family)f) : 0;
	assert_int_equal(
	    with, family_bit(IPV4_MPLS_VPN) | family_bit(IPV6_MPLS_VPN) | family_bit(BGP_LS_VPN));
	(void)state;
}

static void
a_family_without_a_name_is_known_by_its_numbers(void **state)
{
	enum family f = family_by_words("ipv4", "81"), other;

	assert_int_equal(f, FAMILIES_NAMED);
	assert_int_equal(family_by_numbers(1, 81), f);
	assert_int_equal(family_of(1, 81), f);
	assert_int_equal(family_by_name("1", "81"), f);
	assert_int_equal(family_by_code(family_code(f)), f);
	assert_string_equal(family_name(f), "ipv4 81");
	other = family_by_words("7", "250");
	assert_string_equal(family_name(other), "7 250");
	assert_int_equal(family_by_name("7", "250"), other);
	assert_int_equal(family_by_name("7", "251"), FAMILY_UNKNOWN);
	assert_int_equal(family_by_words("1", "1"), IPV4_UNICAST);
	assert_int_equal(family_by_words("ipv4", "0"), FAMILY_UNKNOWN);
	assert_int_equal(family_by_words("0", "1"), FAMILY_UNKNOWN);
	assert_int_equal(family_by_words("65536", "1"), FAMILY_UNKNOWN);
	assert_int_equal(family_by_words("ipv4", "256"), FAMILY_UNKNOWN);
	assert_int_equal(family_by_words("ipv4", "8x"), FAMILY_UNKNOWN);
	for (uint8_t safi = 1; safi <= FAMILIES - FAMILIES_NAMED - 2; safi++)
		assert_true(family_by_numbers(99, safi) < FAMILIES);
	assert_int_equal(family_by_numbers(99, 99), FAMILY_UNKNOWN);
	assert_int_equal(family_by_numbers(1, 81), f);
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
		cmocka_unit_test(a_family_without_a_name_is_known_by_its_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
