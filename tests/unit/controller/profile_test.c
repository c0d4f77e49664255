/* What every route has is added to what was given, as far as it is for that kind of neighbor. */
#include "controller/profile.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "common/words.h"
#include "proto/bgp/attrs.h"

static const struct profile inside = { .local_as = 65001, .ibgp = true };
static const struct profile outside = { .local_as = 65001 };

/* "192.0.2.1 origin igp ...": next hop and attributes of the value that the words come to. */
static const char *
comes_to(const struct profile *p, const char *line,
    int (*put)(const struct profile *, const struct route_draft *, struct writer *))
{
	static uint8_t memory[ROUTE_VALUE_MAX];
	static struct text t;
	struct writer w = writer_of(memory, sizeof memory);
	struct words_line cut = { 0 };
	struct route_draft d = { 0 };
	struct reason why = { 0 };
	struct route_value v;
	struct words words;

	text_fini(&t);
	t = (struct text){ 0 };
	assert_int_equal(words_cut(&cut, line, strlen(line), 1, WORDS_API, &why), 0);
	words = words_of(&cut);
	if (route_scan(&words, &d, &why) < 0)
		fail_msg("%s: %s", line, why.text);
	assert_int_equal(put(p, &d, &w), 0);
	v = route_value_of(writer_read(&w));
	text_hex(&t, v.next_hop.at, v.next_hop.left);
	attrs_print(v.attributes, &t);
	route_draft_fini(&d);
	words_line_fini(&cut);
	return text_str(&t);
}

static const char *
said(const struct profile *p, const char *line)
{
	return comes_to(p, line, profile_value);
}

static const char *
withdrawn(const struct profile *p, const char *line)
{
	return comes_to(p, line, profile_withdraw);
}

static void
origin_and_as_path_and_inside_a_local_preference_are_always_there(void **state)
{
	assert_string_equal(said(&inside, "route 10.0.0.0/8 next-hop 192.0.2.1"),
	    "c0000201 origin igp as-path [ ] local-preference 100");
	assert_string_equal(said(&outside, "route 10.0.0.0/8 next-hop 192.0.2.1"),
	    "c0000201 origin igp as-path [ 65001 ]");
	(void)state;
}

static void
what_was_given_stands_over_it(void **state)
{
	static const char line[] = "route 10.0.0.0/8 next-hop 192.0.2.1 origin egp as-path [ 1 2 ] "
				   "local-preference 7 med 5";

	assert_string_equal(
	    said(&inside, line), "c0000201 origin egp as-path [ 1 2 ] med 5 local-preference 7");
	/* ... and what is for inside does not leave (RFC 4271 section 5.1.5) */
	assert_string_equal(said(&outside, line), "c0000201 origin egp as-path [ 1 2 ] med 5");
	(void)state;
}

static void
aigp_leaves_the_as_only_where_it_is_configured(void **state)
{
	static const char line[] = "route 10.0.0.0/8 next-hop 192.0.2.1 aigp 9";
	struct profile p = outside;

	assert_non_null(strstr(said(&inside, line), "aigp"));
	assert_null(strstr(said(&p, line), "aigp"));
	p.aigp = true;
	assert_non_null(strstr(said(&p, line), "aigp"));
	(void)state;
}

static void
self_is_the_address_of_the_profile(void **state)
{
	struct profile p = inside;

	p.self = addr_v4(0x0a000007);
	assert_memory_equal(said(&p, "route 10.0.0.0/8 next-hop self"), "0a000007 ", 9);
	(void)state;
}

static void
self_of_the_other_version_is_the_router_id_or_nothing(void **state)
{
	struct addr v4 = addr_v4(0xc0000201), v6 = { .family = 6, .bytes = { 0x20, 0x01 } }, self;

	self = profile_self(v4, 1, IPV4_UNICAST);
	assert_true(addr_equal(&self, &v4));
	self = profile_self(v6, 1, IPV6_UNICAST);
	assert_true(addr_equal(&self, &v6));
	self = profile_self(v6, 0xc0000201, IPV4_MPLS_VPN);
	assert_true(addr_equal(&self, &v4));
	assert_int_equal(profile_self(v4, 1, IPV6_UNICAST).family, 0);
	assert_int_equal(profile_self((struct addr){ 0 }, 1, IPV4_UNICAST).family, 0);
	(void)state;
}

static void
with_a_withdraw_of_ipv6_goes_what_was_given_and_no_more(void **state)
{
	static const char line[] =
	    "route 2001:db8::/32 next-hop 192.0.2.1 med 5 local-preference 200";

	assert_string_equal(withdrawn(&inside, line), "c0000201 med 5 local-preference 200");
	assert_string_equal(withdrawn(&outside, line), "c0000201 med 5");
	assert_string_equal(withdrawn(&inside, "route 2001:db8::/32 next-hop 192.0.2.1"), "");
	(void)state;
}

static void
with_a_withdraw_of_ipv4_goes_nothing_and_of_a_vpn_all(void **state)
{
	assert_string_equal(withdrawn(&inside, "route 10.0.0.0/8 next-hop 192.0.2.1 med 5"), "");
	assert_string_equal(
	    withdrawn(&inside, "route 10.0.0.0/8 next-hop 192.0.2.1 rd 1:1 label 5 med 5"),
	    "c0000201 origin igp as-path [ ] med 5 local-preference 100");
	(void)state;
}

static void
profiles_differ_by_each_of_their_parts(void **state)
{
	struct profile p;

	assert_true(profile_equal(&inside, &inside));
	assert_false(profile_equal(&inside, &outside));
	p = inside;
	p.self = addr_v4(1);
	assert_false(profile_equal(&inside, &p));
	p = inside;
	p.local_as++;
	assert_false(profile_equal(&inside, &p));
	p = inside;
	p.aigp = true;
	assert_false(profile_equal(&inside, &p));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origin_and_as_path_and_inside_a_local_preference_are_always_there),
		cmocka_unit_test(what_was_given_stands_over_it),
		cmocka_unit_test(aigp_leaves_the_as_only_where_it_is_configured),
		cmocka_unit_test(self_is_the_address_of_the_profile),
		cmocka_unit_test(self_of_the_other_version_is_the_router_id_or_nothing),
		cmocka_unit_test(with_a_withdraw_of_ipv6_goes_what_was_given_and_no_more),
		cmocka_unit_test(with_a_withdraw_of_ipv4_goes_nothing_and_of_a_vpn_all),
		cmocka_unit_test(profiles_differ_by_each_of_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
