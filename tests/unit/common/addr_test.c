#include "common/addr.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct addr
addr(const char *text)
{
	struct addr a = { 0 };

	if (addr_scan(&a, text) < 0)
		fail_msg("%s is no address", text);
	return a;
}

static struct prefix
prefix(const char *text)
{
	struct prefix p = { 0 };

	if (prefix_scan(&p, text) < 0)
		fail_msg("%s is no prefix", text);
	return p;
}

static void
addresses_print_as_rfc_5952_wants_them(void **state)
{
	static const char *const rows[][2] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "192.0.2.255", "192.0.2.255" },
		{ "10.100.9.1", "10.100.9.1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "2001:DB8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:db8::1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
		{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
		{ "0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "0:0:3:4:5:6:7:8", "::3:4:5:6:7:8" },
		{ "fe80::0123:4567:89ab:cdef", "fe80::123:4567:89ab:cdef" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct addr a = addr(rows[i][0]);
		char out[ADDR_TEXT];

		assert_string_equal(addr_print(&a, out), rows[i][1]);
	}
	(void)state;
}

/* The C library writes ::/96 with a dotted tail; RFC 5952 leaves that to ::ffff:0:0/96. */
static void
any_address_prints_as_the_c_library_prints_it_and_scans_back(void **state)
{
	unsigned seed = 3;

	for (int i = 0; i < 50000; i++) {
		char got[ADDR_TEXT], want[INET6_ADDRSTRLEN];
		uint8_t bytes[16];
		struct addr a, back;

		for (size_t k = 0; k < 16; k++)
			bytes[k] = rand_r(&seed) % 3 ? 0 : (uint8_t)rand_r(&seed);
		a = addr_of(bytes, i % 4 ? 16 : 4);
		addr_print(&a, got);
		inet_ntop(a.family == 6 ? AF_INET6 : AF_INET, bytes, want, sizeof want);
		if (a.family == 4 || !strchr(want, '.'))
			assert_string_equal(got, want);
		back = addr(got);
		assert_true(addr_equal(&a, &back));
	}
	(void)state;
}

static void
what_is_no_address_is_refused_and_leaves_what_was_there(void **state)
{
	static const char *const bad[] = { "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4",
		"1.2.3.4 ", ":", ":::", "1::2::3", "12345::", "::1%lo", "::g", "1.2.3.4/24",
		"1:2:3:4:5:6:7:8:9" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct addr a = addr_v4(0x01020304);

		if (addr_scan(&a, bad[i]) == 0)
			fail_msg("<%s> was taken", bad[i]);
		assert_int_equal(addr_u32(&a), 0x01020304);
	}
	(void)state;
}

static void
no_address_has_no_octets_and_prints_as_nothing(void **state)
{
	struct addr none = addr_of("abcde", 5);
	struct sockaddr_storage ss;
	struct prefix p = { none, 0 };
	char out[PREFIX_TEXT];

	assert_int_equal(none.family, 0);
	assert_int_equal(addr_size(&none), 0);
	assert_string_equal(addr_print(&none, out), "");
	assert_string_equal(prefix_print(&p, out), "");
	assert_false(addr_is_any(&none));
	assert_false(prefix_holds(&p, &none));
	assert_int_equal(addr_to_sockaddr(&none, 179, &ss), 0);
	(void)state;
}

static void
addresses_sort_by_family_then_octets(void **state)
{
	struct addr a = addr("10.0.0.1"), b = addr("10.0.0.2"), c = addr("::"),
		    d = addr("200.0.0.1");

	assert_true(addr_compare(&a, &b) < 0);
	assert_true(addr_compare(&d, &b) > 0);
	assert_true(addr_compare(&d, &c) < 0);
	assert_true(addr_compare(&c, &c) == 0);
	assert_false(addr_equal(&a, &b));
	(void)state;
}

static void
kinds_of_addresses_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		bool any, link_local, multicast, loopback;
	} rows[] = {
		{ "0.0.0.0", true, false, false, false },
		{ "::", true, false, false, false },
		{ "::1", false, false, false, true },
		{ "127.255.0.1", false, false, false, true },
		{ "128.0.0.1", false, false, false, false },
		{ "fe80::1", false, true, false, false },
		{ "febf::1", false, true, false, false },
		{ "fec0::1", false, false, false, false },
		{ "169.254.0.1", false, false, false, false },
		{ "224.0.0.1", false, false, true, false },
		{ "239.255.255.255", false, false, true, false },
		{ "240.0.0.1", false, false, false, false },
		{ "ff02::1", false, false, true, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct addr a = addr(rows[i].text);

		if (addr_is_any(&a) != rows[i].any ||
		    addr_is_link_local(&a) != rows[i].link_local ||
		    addr_is_multicast(&a) != rows[i].multicast ||
		    addr_is_loopback(&a) != rows[i].loopback)
			fail_msg("%s is of another kind", rows[i].text);
	}
	(void)state;
}

static void
prefixes_scan_and_print(void **state)
{
	static const char *const same[] = { "0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32", "10.1.2.3/9",
		"::/0", "2001:db8::/32", "::1/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" };
	static const char *const bad[] = { "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/8 ", "10.0.0.0/0008", "10.0.0.0/8/8", "::/129", "10/8", "::/x",
		"10.0.0.0/256", "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/3" };
	char out[PREFIX_TEXT];
	struct prefix p;

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		p = prefix(same[i]);
		assert_string_equal(prefix_print(&p, out), same[i]);
	}
	p = prefix("192.0.2.1");
	assert_string_equal(prefix_print(&p, out), "192.0.2.1/32");
	p = prefix("2001:db8::1");
	assert_string_equal(prefix_print(&p, out), "2001:db8::1/128");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (prefix_scan(&p, bad[i]) == 0)
			fail_msg("<%s> was taken", bad[i]);
	(void)state;
}

static void
masking_clears_host_bits_at_every_length(void **state)
{
	for (unsigned family = 4; family <= 6; family += 2) {
		const size_t size = family == 4 ? 4 : 16;

		for (unsigned len = 0; len <= 8 * size; len++) {
			struct prefix p = { .addr = { .family = (uint8_t)family },
				.len = (uint8_t)len };

			memset(p.addr.bytes, 0xff, size);
			assert_int_equal(prefix_clean(&p), len == 8 * size);
			prefix_mask(&p);
			assert_true(prefix_clean(&p));
			for (size_t bit = 0; bit < 128; bit++)
				assert_int_equal(
				    p.addr.bytes[bit / 8] >> (7 - bit % 8) & 1, bit < len);
		}
	}
	(void)state;
}

static void
a_prefix_holds_what_shares_its_bits(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool held;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/9", "10.127.0.0", true },
		{ "10.0.0.0/9", "10.128.0.0", false },
		{ "0.0.0.0/0", "255.1.1.1", true },
		{ "0.0.0.0/0", "::", false },
		{ "192.0.2.1/32", "192.0.2.1", true },
		{ "192.0.2.1/32", "192.0.2.0", false },
		{ "2001:db8::/33", "2001:db8:7fff::", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "::1/128", "::1", true },
		{ "::1/128", "::", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct prefix p = prefix(rows[i].prefix);
		struct addr a = addr(rows[i].addr);

		if (prefix_holds(&p, &a) != rows[i].held)
			fail_msg("%s and %s", rows[i].prefix, rows[i].addr);
	}
	(void)state;
}

static void
socket_addresses_go_there_and_back(void **state)
{
	static const char *const rows[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct addr a = addr(rows[i][0]), want = addr(rows[i][1]), back;
		struct sockaddr_storage ss;
		uint16_t port = 0;
		socklen_t len = addr_to_sockaddr(&a, 179, &ss);

		assert_int_equal(
		    len, a.family == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		back = addr_of_sockaddr((const struct sockaddr *)&ss, &port);
		assert_true(addr_equal(&back, &want));
		assert_int_equal(port, 179);
		back = addr_of_sockaddr((const struct sockaddr *)&ss, NULL);
		assert_true(addr_equal(&back, &want));
	}
	(void)state;
}

static void
a_socket_address_of_another_kind_is_no_address(void **state)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	uint16_t port = 7;
	struct addr a = addr_of_sockaddr(&sa, &port);

	assert_int_equal(a.family, 0);
	assert_int_equal(port, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_print_as_rfc_5952_wants_them),
		cmocka_unit_test(any_address_prints_as_the_c_library_prints_it_and_scans_back),
		cmocka_unit_test(what_is_no_address_is_refused_and_leaves_what_was_there),
		cmocka_unit_test(no_address_has_no_octets_and_prints_as_nothing),
		cmocka_unit_test(addresses_sort_by_family_then_octets),
		cmocka_unit_test(kinds_of_addresses_are_told_apart),
		cmocka_unit_test(prefixes_scan_and_print),
		cmocka_unit_test(masking_clears_host_bits_at_every_length),
		cmocka_unit_test(a_prefix_holds_what_shares_its_bits),
		cmocka_unit_test(socket_addresses_go_there_and_back),
		cmocka_unit_test(a_socket_address_of_another_kind_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
