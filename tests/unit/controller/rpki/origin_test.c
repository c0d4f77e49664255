/* Who is the origin of a path, by its octets, and which families ROAs are about. */
#include "controller/rpki/origin.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "proto/bgp/attr.h"

enum { OWN = 64999 };

/* AS_PATH of these octets. */
static uint32_t
origin(const void *path, uint8_t len)
{
	uint8_t block[256] = { 0x40, ATTR_AS_PATH, len };

	memcpy(block + 3, path, len);
	return rpki_origin(reader_of(block, 3u + len), OWN);
}
#define ORIGIN(...) origin((const uint8_t[]){ __VA_ARGS__ }, sizeof(const uint8_t[]){ __VA_ARGS__ })

static void
the_last_as_of_a_sequence_is_the_origin(void **s)
{
	(void)s;
	assert_int_equal(ORIGIN(2, 1, 0, 0, 0xfd, 0xe9), 65001);
	assert_int_equal(ORIGIN(2, 2, 0, 0, 0xfd, 0xe9, 0, 1, 0, 2), 65538);
	assert_int_equal(ORIGIN(1, 1, 0, 0, 0, 9, 2, 1, 0, 0, 0, 7), 7);
}

static void
a_path_that_ends_with_a_set_has_none(void **s)
{
	(void)s;
	assert_int_equal(ORIGIN(2, 1, 0, 0, 0, 9, 1, 2, 0, 0, 0, 7, 0, 0, 0, 8), 0);
	assert_int_equal(ORIGIN(1, 1, 0, 0, 0, 7), 0);
}

static void
no_path_and_one_of_the_confederation_alone_are_ours(void **s)
{
	uint8_t med[] = { 0x80, ATTR_MED, 4, 0, 0, 0, 1 };

	(void)s;
	assert_int_equal(origin("", 0), OWN);
	assert_int_equal(rpki_origin(reader_of(med, sizeof med), OWN), OWN);
	assert_int_equal(ORIGIN(3, 1, 0, 0, 0, 9), OWN);
	assert_int_equal(ORIGIN(4, 1, 0, 0, 0, 9), OWN);
	assert_int_equal(ORIGIN(3, 1, 0, 0, 0, 9, 2, 1, 0, 0, 0, 7), 7);
}

static void
octets_that_are_no_path_have_none(void **s)
{
	(void)s;
	assert_int_equal(ORIGIN(2, 2, 0, 0, 0, 9), 0);
	assert_int_equal(ORIGIN(2), 0);
}

static void
prefixes_of_unicast_multicast_and_labels_are_asked_for_and_no_others(void **s)
{
	const uint8_t plain[] = { 16, 10, 1 }, labelled[] = { 40, 0, 0, 0x11, 10, 1 };
	struct prefix p;
	char text[PREFIX_TEXT];

	(void)s;
	assert_true(rpki_prefix(IPV4_UNICAST, reader_of(plain, 3), &p));
	assert_string_equal(prefix_print(&p, text), "10.1.0.0/16");
	assert_true(rpki_prefix(IPV4_MULTICAST, reader_of(plain, 3), &p));
	assert_true(rpki_prefix(IPV4_NLRI_MPLS, reader_of(labelled, 6), &p));
	assert_string_equal(prefix_print(&p, text), "10.1.0.0/16");
	assert_true(rpki_prefix(IPV6_UNICAST, reader_of(plain, 3), &p));
	assert_string_equal(prefix_print(&p, text), "a01::/16");
	assert_false(rpki_prefix(IPV4_MPLS_VPN, reader_of(plain, 3), &p));
	assert_false(rpki_prefix(IPV4_FLOW, reader_of(plain, 3), &p));
	assert_false(rpki_prefix(L2VPN_EVPN, reader_of(plain, 3), &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_as_of_a_sequence_is_the_origin),
		cmocka_unit_test(a_path_that_ends_with_a_set_has_none),
		cmocka_unit_test(no_path_and_one_of_the_confederation_alone_are_ours),
		cmocka_unit_test(octets_that_are_no_path_have_none),
		cmocka_unit_test(
		    prefixes_of_unicast_multicast_and_labels_are_asked_for_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
