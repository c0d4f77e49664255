/* What a route comes to on its way from one kind of neighbor to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "common/text.h"
#include "common/words.h"
#include "controller/rib/export.h"
#include "proto/bgp/attrs.h"

static const struct export_source outside = { PROPAGATE_ROUTER, false, 0x0a000002 },
				  inside = { PROPAGATE_REFLECTOR_CLIENT, true, 0x0a000003 };
static const struct export_target to_outside = { .role = PROPAGATE_ROUTER,
	.local_as = 65001,
	.self = { 4, { 192, 0, 2, 1 } } },
				  to_inside = { .role = PROPAGATE_ROUTER,
					  .internal = true,
					  .local_as = 65001,
					  .cluster = 0x0a000001 },
				  to_client = { .role = PROPAGATE_ROUTE_SERVER_CLIENT,
					  .local_as = 65001 };

/* A route as it is typed, as text again after its way. */
static void
comes_to(const struct export_source *s, const struct export_target *t, const char *typed,
    const char *wanted)
{
	bool last_resort;
	static uint8_t memory[ROUTE_VALUE_MAX], block_memory[ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory),
		      block = writer_of(block_memory, sizeof block_memory);
	struct route_draft d = { 0 };
	struct reason why = { 0 };
	struct route_value v;
	struct words_line line = { 0 };
	struct words words;
	struct text text = { 0 };

	assert_int_equal(words_cut(&line, typed, strlen(typed), 1, WORDS_API, &why), 0);
	words = words_of(&line);
	assert_int_equal(route_scan(&words, &d, &why), 0);
	attrs_overlay(&block, (struct reader){ 0 }, octets_read(&d.attributes));
	writer_copy(&block, octets_read(&d.raw));
	v = (struct route_value){ .next_hop = reader_of(d.next_hop, d.next_hop_len),
		.attributes = writer_read(&block) };
	last_resort = export_last_resort(v.attributes, s, t);
	assert_int_equal(export_value(s, t, &(struct policy_route){ .value = v }, last_resort, &w), 0);
	v = route_value_of(writer_read(&w));
	for (size_t i = 0; i < v.next_hop.left; i++)
		text_printf(&text, "%s%u", i ? "." : "", v.next_hop.at[i]);
	attrs_print(v.attributes, &text);
	assert_string_equal(text_str(&text), wanted);
	text_fini(&text);
	route_draft_fini(&d);
	words_line_fini(&line);
}

/* RFC 5065 section 4 */
static void
to_another_member_of_a_confederation_the_path_grows_otherwise(void **state)
{
	const struct export_target to_member = { .role = PROPAGATE_ROUTER, .member = true, .local_as = 65001 };

	(void)state;
	comes_to(&outside, &to_member,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin egp as-path [ 2 3 ] med 5 community 1:2",
	    "10.0.0.2 origin egp as-path [ { 65001 } ] [ 2 3 ] med 5 local-preference 100 community 1:2");
	comes_to(&inside, &to_member,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ { 9 } ] [ 2 ] local-preference 7 "
	    "originator-id 1.1.1.1 cluster-list [ 2.2.2.2 ]",
	    "10.0.0.2 origin igp as-path [ { 65001 9 } ] [ 2 ] local-preference 7");
	comes_to(&inside, &to_member, "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path ( { 9 } )",
	    "10.0.0.2 origin igp as-path [ { 65001 } ] ( { 9 } ) local-preference 100");
	comes_to(&outside, &to_client, "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ { 9 } ] [ 2 ]",
	    "10.0.0.2 origin igp as-path [ 2 ]");
}

static void
to_another_as_the_path_grows(void **state)
{
	(void)state;
	comes_to(&outside, &to_outside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin egp as-path [ 2 3 ] med 5 local-preference 7 "
	    "community 1:2",
	    "192.0.2.1 origin egp as-path [ 65001 2 3 ] community 1:2");
	comes_to(&inside, &to_outside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ ] originator-id 1.1.1.1 "
	    "cluster-list [ 2.2.2.2 ]",
	    "192.0.2.1 origin igp as-path [ 65001 ]");
	comes_to(&outside, &to_outside, "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path ( 2 3 )",
	    "192.0.2.1 origin igp as-path [ 65001 ] ( 2 3 )");
	comes_to(&outside, &to_outside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ { 9 } ] [ 2 ]",
	    "192.0.2.1 origin igp as-path [ 65001 2 ]");
}

/* RFC 4271 section 5.1.2: a segment holds 255. */
static void
a_full_segment_gets_another_before_it(void **state)
{
	char typed[4096] = "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [",
	     wanted[4096] = "192.0.2.1 origin igp as-path [ 65001 ] [";

	(void)state;
	for (int i = 0; i < 255; i++) {
		strcat(typed, " 7");
		strcat(wanted, " 7");
	}
	strcat(typed, " ]");
	strcat(wanted, " ]");
	comes_to(&outside, &to_outside, typed, wanted);
}

static void
inside_the_as_the_next_hop_stays_and_a_preference_is_there(void **state)
{
	(void)state;
	comes_to(&outside, &to_inside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ 2 ] med 5 community 1:2",
	    "10.0.0.2 origin igp as-path [ 2 ] med 5 local-preference 100 community 1:2");
	comes_to(&outside, &to_inside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ 2 ] local-preference 300",
	    "10.0.0.2 origin igp as-path [ 2 ] local-preference 300");
}

static void
what_is_reflected_says_by_whom(void **state)
{
	(void)state;
	comes_to(&inside, &to_inside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ ] local-preference 300",
	    "10.0.0.2 origin igp as-path [ ] local-preference 300 originator-id 10.0.0.3 "
	    "cluster-list 10.0.0.1");
	comes_to(&inside, &to_inside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ ] originator-id 1.1.1.1 "
	    "cluster-list [ 2.2.2.2 ] "
	    "large-community [ 1:2:3 ]",
	    "10.0.0.2 origin igp as-path [ ] local-preference 100 originator-id 1.1.1.1 "
	    "cluster-list [ 10.0.0.1 2.2.2.2 ] large-community 1:2:3");
}

static void
a_client_of_the_route_server_is_told_what_was_said(void **state)
{
	(void)state;
	comes_to(&outside, &to_client,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ 2 ] med 5 community 1:2",
	    "10.0.0.2 origin igp as-path [ 2 ] med 5 community 1:2");
}

/* RFC 4271 section 5: transitive ones travel and are partial, others do not. */
static void
of_what_nobody_knows_the_transitive_travels_as_partial(void **state)
{
	(void)state;
	comes_to(&outside, &to_outside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ 2 ] attribute [ 0xc8 0xc0 0x0102 ] "
	    "attribute [ 0xc9 0x80 0x03 ]",
	    "192.0.2.1 origin igp as-path [ 65001 2 ] attribute [ 0xC8 0xE0 0x0102 ]");
}

static void
a_next_hop_is_of_the_routes_family(void **state)
{
	static const uint8_t path[] = { 0x40, 2, 0 }, hop6[16] = { 0x20, 1 };
	struct policy_route p = { .family = IPV6_UNICAST, .hop = HOP_ADDRESS, .hop_address = { 4, { 10, 0, 0, 1 } } };
	uint8_t memory[256];
	struct writer w = writer_of(memory, sizeof memory);

	(void)state;
	p.value = (struct route_value){ .next_hop = reader_of(hop6, 16), .attributes = reader_of(path, 3) };
	assert_int_equal(export_value(&outside, &to_inside, &p, false, &w), -1);
	p.hop_address = (struct addr){ 6, { 0x20, 2 } };
	assert_int_equal(export_value(&outside, &to_inside, &p, false, &w), 0);
	/* RFC 8950 */
	assert_true(export_hop_fits(IPV4_UNICAST, 16));
	assert_false(export_hop_fits(IPV6_UNICAST, 4));
}

static void
inside_to_inside_needs_a_client(void **state)
{
	struct export_source plain = { PROPAGATE_ROUTER, true, 1 };
	struct export_target client = { .role = PROPAGATE_REFLECTOR_CLIENT, .internal = true };

	(void)state;
	assert_false(export_allowed(&plain, &to_inside));
	assert_true(export_allowed(&plain, &client));
	assert_true(export_allowed(&inside, &to_inside));
	assert_true(export_allowed(&plain, &to_outside));
	assert_true(export_allowed(&outside, &to_inside));
}

static void
one_who_has_no_address_yet_is_told_nothing(void **state)
{
	struct export_target t = to_outside;
	uint8_t memory[256];
	struct writer w = writer_of(memory, sizeof memory);
	static const uint8_t path[] = { 0x40, 2, 0 }, hop[4] = { 10, 0, 0, 2 };
	struct route_value v = { .next_hop = reader_of(hop, 4), .attributes = reader_of(path, 3) };

	(void)state;
	t.self = (struct addr){ 0 };
	assert_int_equal(export_value(&outside, &t, &(struct policy_route){ .value = v }, false, &w), -1);
}

/* RFC 9494 section 4.6. */
static void
inside_the_as_a_last_resort_goes_to_all_as_nobodys_first_choice(void **state)
{
	struct export_source kept = outside;
	struct export_target knows = to_inside;

	(void)state;
	kept.long_lived = knows.long_lived = true;
	comes_to(&kept, &to_inside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ 2 ] local-preference 300 "
	    "community [ 1:2 65535:6 ]",
	    "10.0.0.2 origin igp as-path [ 2 ] local-preference 0 community [ 1:2 65535:6 no-export ]");
	comes_to(&kept, &to_inside,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ 2 ] community [ 65535:6 no-export ] "
	    "large-community 1:2:3",
	    "10.0.0.2 origin igp as-path [ 2 ] local-preference 0 community [ 65535:6 no-export ] "
	    "large-community 1:2:3");
	comes_to(&kept, &knows,
	    "route 10.0.0.0/8 next-hop 10.0.0.2 origin igp as-path [ 2 ] local-preference 300 "
	    "community 65535:6",
	    "10.0.0.2 origin igp as-path [ 2 ] local-preference 300 community 65535:6");
}

/* What the rules took away is said again. */
static void
a_last_resort_stays_one_whatever_the_rules_say(void **state)
{
	static const uint8_t block[] = { 0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 9 };
	static const uint8_t wanted[] = { 0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 0, 0xc0, 8, 8, 0xff, 0xff,
		0, 6, 0xff, 0xff, 0xff, 1 };
	static uint8_t memory[ROUTE_VALUE_MAX];
	struct writer w = writer_of(memory, sizeof memory);
	struct policy_route p = { .value = { .attributes = reader_of(block, sizeof block) } };
	struct reader got;

	(void)state;
	assert_int_equal(export_value(&outside, &to_inside, &p, true, &w), 0);
	got = route_value_of(writer_read(&w)).attributes;
	assert_int_equal(got.left, sizeof wanted);
	assert_memory_equal(got.at, wanted, sizeof wanted);
}

/* RFC 9494 section 4.3. */
static void
a_last_resort_goes_to_those_who_know_of_such(void **state)
{
	static const uint8_t stale[] = { 0xc0, 8, 8, 0, 1, 0, 2, 0xff, 0xff, 0, 6 }, not[] = { 0xc0, 8, 4, 0, 1, 0, 2 };
	struct reader with = reader_of(stale, sizeof stale), without = reader_of(not, sizeof not);
	struct export_source kept = outside;
	struct export_target knows = to_outside;

	(void)state;
	kept.long_lived = knows.long_lived = true;
	assert_true(export_carries(with, &kept, &knows));
	assert_false(export_carries(with, &kept, &to_outside));
	assert_true(export_carries(without, &kept, &to_outside));
	/* of a neighbor with whom that is not agreed on it may go anywhere */
	assert_true(export_carries(with, &outside, &to_outside));
	assert_false(export_target_equal(&knows, &to_outside));
	/* inside the AS it goes to all (4.6) */
	assert_true(export_carries(with, &kept, &to_inside));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_last_resort_goes_to_those_who_know_of_such),
		cmocka_unit_test(inside_the_as_a_last_resort_goes_to_all_as_nobodys_first_choice),
		cmocka_unit_test(a_last_resort_stays_one_whatever_the_rules_say),
		cmocka_unit_test(to_another_member_of_a_confederation_the_path_grows_otherwise),
		cmocka_unit_test(to_another_as_the_path_grows),
		cmocka_unit_test(a_full_segment_gets_another_before_it),
		cmocka_unit_test(inside_the_as_the_next_hop_stays_and_a_preference_is_there),
		cmocka_unit_test(what_is_reflected_says_by_whom),
		cmocka_unit_test(a_client_of_the_route_server_is_told_what_was_said),
		cmocka_unit_test(of_what_nobody_knows_the_transitive_travels_as_partial),
		cmocka_unit_test(a_next_hop_is_of_the_routes_family),
		cmocka_unit_test(inside_to_inside_needs_a_client),
		cmocka_unit_test(one_who_has_no_address_yet_is_told_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
