#include "tests/unit/controller/config/loaded.h"

#define OWN "local-as 1; peer-as 1; router-id 1.1.1.1; "

static void
values_of_the_template_replace_those_of_the_neighbor(void **state)
{
	struct config *c =
	    load("template { neighbor t { hold-time 30; peer-as 7; description theirs; passive; "
		 "local-address 192.0.2.9; capability { graceful-restart 99; asn4 false; } } }\n"
		 "neighbor 192.0.2.1 { inherit t; hold-time 90; description mine; host-name h; " OWN
		 "capability { asn4 true; route-refresh; } }");
	const struct config_neighbor *n = c->neighbors[0];

	(void)state;
	assert_int_equal(n->hold_time, 30);
	assert_int_equal(n->peer_as, 7);
	assert_int_equal(n->local_as, 1);
	assert_true(n->passive);
	assert_string_equal(n->description, "theirs");
	assert_string_equal(n->host_name, "h");
	assert_int_equal(addr_u32(&n->local), 0xc0000209);
	assert_int_equal(n->capability.graceful_restart, 99);
	assert_false(n->capability.asn4);
	assert_true(n->capability.route_refresh);
	config_free(c);
}

static void
needed_values_may_come_from_a_template(void **state)
{
	struct config *c = load("template { neighbor t { local-as 5; peer-as auto; } }\n"
				"neighbor 192.0.2.1 { inherit t; router-id 1.1.1.1; }");

	(void)state;
	assert_int_equal(c->neighbors[0]->local_as, 5);
	assert_int_equal(c->neighbors[0]->peer_as, 0);
	config_free(c);
}

static void
routes_families_and_api_sections_are_appended(void **state)
{
	struct config *c =
	    load("process p { run a; } process q { run a; }\n"
		 "template { neighbor t { family { ipv6 unicast; } static { route 10.0.0.0/8 "
		 "next-hop 1.1.1.1; }\n"
		 "api a { processes [ p ]; receive { update; parsed; } } api b { processes [ p ]; "
		 "} } }\n"
		 "neighbor 192.0.2.1 { inherit t; family { ipv4 unicast; }\n" OWN
		 "static { route 20.0.0.0/8 next-hop 1.1.1.1; } api a { processes [ q ]; fsm; } }\n"
		 "neighbor 192.0.2.2 { inherit t; " OWN
		 "static { route 30.0.0.0/8 next-hop 1.1.1.1; } }");
	const struct config_neighbor *n = c->neighbors[0], *m = c->neighbors[1];

	(void)state;
	assert_int_equal(n->families, 1 << IPV4_UNICAST | 1 << IPV6_UNICAST);
	assert_int_equal(m->families, 1 << IPV6_UNICAST);
	assert_int_equal(n->route_count, 2);
	assert_int_equal(n->routes[0].draft.nlri.base[1], 20); /* its own first */
	assert_int_equal(n->routes[1].draft.nlri.base[1], 10);
	assert_int_equal(n->routes[1].line, 2);
	assert_int_equal(m->route_count, 2);
	assert_int_equal(m->routes[0].draft.nlri.base[1], 30);
	assert_ptr_not_equal(n->routes[1].draft.nlri.base, m->routes[1].draft.nlri.base);
	assert_int_equal(n->api_count, 2);
	assert_int_equal(n->apis[0].processes.count, 2);
	assert_string_equal(n->apis[0].processes.name[0], "q");
	assert_true(n->apis[0].fsm && n->apis[0].receive.update && n->apis[0].receive.parsed);
	assert_string_equal(n->apis[1].name, "b");
	assert_int_equal(m->api_count, 2);
	config_free(c);
}

#define VPLS(med) "vpls endpoint 1 base 9 offset 1 size 8 rd 1:1 next-hop 1.1.1.1 med " med ";\n"
#define STATIC    "static {\nroute 20.0.0.0/8 next-hop 1.1.1.1;\n}\n"

static void
routes_up_to_the_end_of_l2vpn_stand_behind_those_after_it_and_before_the_templates(void **state)
{
	static const unsigned line[] = { 10, 12, 2, 5, 7, 1 };
	struct config *c = load(
	    "template { neighbor t { static { route 10.0.0.0/8 next-hop 1.1.1.1; } } }\n"
	    "neighbor 192.0.2.1 { inherit t; announce { l2vpn { " VPLS(
		"1") " } }\n" STATIC "l2vpn { " VPLS("2") " }" OWN "\n" STATIC
							  "announce { l2vpn { " VPLS("3") " } } }");
	const struct config_neighbor *n = c->neighbors[0];

	(void)state;
	assert_int_equal(n->route_count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(n->routes[i].line, line[i]);
	config_free(c);
}

static void
several_templates_are_laid_over_in_order(void **state)
{
	struct config *c = load(
	    "template { neighbor a { hold-time 30; } neighbor b { hold-time 60; rate-limit 5; } }\n"
	    "neighbor 192.0.2.1 { inherit [ a b ]; " OWN "}\n"
	    "neighbor 192.0.2.2 { inherit [ b a ]; " OWN "}");

	(void)state;
	assert_int_equal(c->neighbors[0]->hold_time, 60);
	assert_int_equal(c->neighbors[1]->hold_time, 30);
	assert_int_equal(c->neighbors[1]->rate_limit, 5);
	config_free(c);
}

static void
a_template_that_is_not_there_is_noted_and_nothing_else(void **state)
{
	struct config *c = load("neighbor 192.0.2.1 { inherit later; " OWN "}\n"
				"template { neighbor later { hold-time 30; } }\n");

	(void)state;
	assert_int_equal(c->neighbors[0]->hold_time, 180);
	assert_int_equal(c->notes.count, 1);
	assert_string_equal(
	    c->notes.name[0], "test.conf:1: inherit later: there is no such template before it");
	config_free(c);
}

static void
a_route_of_a_template_must_be_of_a_family_of_the_neighbor(void **state)
{
	static const char text[] =
	    "template { neighbor t {\nstatic { route 2001:db8::/64 next-hop ::1; } } }\n"
	    "neighbor 192.0.2.1 { inherit t; family { ipv4 unicast; } " OWN "}\n";
	struct config_error e;

	(void)state;
	assert_null(config_load_text("test.conf", text, strlen(text), &e));
	assert_int_equal(e.line, 2);
	assert_non_null(strstr(e.text, "ipv6 unicast"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_the_template_replace_those_of_the_neighbor),
		cmocka_unit_test(needed_values_may_come_from_a_template),
		cmocka_unit_test(routes_families_and_api_sections_are_appended),
		cmocka_unit_test(
		    routes_up_to_the_end_of_l2vpn_stand_behind_those_after_it_and_before_the_templates),
		cmocka_unit_test(several_templates_are_laid_over_in_order),
		cmocka_unit_test(a_template_that_is_not_there_is_noted_and_nothing_else),
		cmocka_unit_test(a_route_of_a_template_must_be_of_a_family_of_the_neighbor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
