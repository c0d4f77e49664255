#include "tests/unit/controller/config/loaded.h"

#define BASE "local-as 1; peer-as 1; router-id 1.1.1.1; "

struct diff_case {
	const char *old, *new; /* statements of the same neighbor */
	enum config_change_kind kind;
	const char *why;
	bool settings, routes;
};

static const struct diff_case cases[] = {
	{ "", "", CONFIG_KEPT, NULL, false, false },
	{ "", "hold-time 180;", CONFIG_KEPT, NULL, false, false }, /* the default, written */
	{ "", "hold-time 90;", CONFIG_RESET, "hold-time", false, false },
	{ "peer-as 1;", "peer-as 2;", CONFIG_RESET, "peer-as", false, false },
	{ "", "description x;", CONFIG_KEPT, NULL, true, false },
	{ "description x;", "description y;", CONFIG_KEPT, NULL, true, false },
	{ "", "rate-limit 5; maximum-prefix 5;", CONFIG_KEPT, NULL, true, false },
	{ "", "rate-limit 5; passive;", CONFIG_RESET, "passive", false, false },
	{ "", "md5-password x;", CONFIG_RESET, "md5-password", false, false },
	{ "", "local-address 192.0.2.9;", CONFIG_RESET, "local-address", false, false },
	{ "", "capability { route-refresh; }", CONFIG_RESET, "route-refresh", false, false },
	{ "", "family { ipv4 unicast; }", CONFIG_RESET, "family", false, false },
	{ "family { ipv4 unicast; ipv6 unicast; }", "family { ipv6 unicast; ipv4 unicast; }",
	    CONFIG_KEPT, NULL, false, false },
	{ "capability { add-path send; }",
	    "capability { add-path send; } add-path { ipv4 unicast; }", CONFIG_RESET, "add-path",
	    false, false },
	{ "capability { nexthop; }", "capability { nexthop; } nexthop { ipv4 unicast ipv6; }",
	    CONFIG_RESET, "nexthop", false, false },
	{ "tcp-ao { keyid 1; algorithm hmac-sha-1-96; password x; }",
	    "tcp-ao { keyid 1; algorithm hmac-sha-1-96; password y; }", CONFIG_RESET, "password", false, false },
	{ "tcp-ao { keyid 1; algorithm hmac-sha-1-96; password x; }",
	    "tcp-ao { keyid 2; algorithm hmac-sha-256; password y; }", CONFIG_KEPT, NULL, true, false },
	{ "tcp-ao { keyid 0; algorithm hmac-sha-1-96; password x; }", "", CONFIG_RESET, "tcp-ao",
	    false, false },
	{ "", "api { processes [ p ]; }", CONFIG_KEPT, NULL, true, false },
	{ "api { receive { update; } }", "api { receive { open; } }", CONFIG_KEPT, NULL, true,
	    false },
	{ "", "static { route 10.0.0.0/8 next-hop 1.1.1.1; }", CONFIG_KEPT, NULL, false, true },
	{ "static { route 10.0.0.0/8 next-hop 1.1.1.1; }",
	    "static { route 10.0.0.0/8 next-hop 1.1.1.1; }", CONFIG_KEPT, NULL, false, false },
	{ "static { route 10.0.0.0/8 next-hop 1.1.1.1; }",
	    "static { route 10.0.0.0/8 next-hop 1.1.1.2; }", CONFIG_KEPT, NULL, false, true },
	{ "static { route 10.0.0.0/8 next-hop 1.1.1.1; }",
	    "static { route 10.0.0.0/8 next-hop 1.1.1.1 med 5; }", CONFIG_KEPT, NULL, false, true },
	{ "static { route 10.0.0.0/8 next-hop 1.1.1.1; }", "hold-time 3; static { }", CONFIG_RESET,
	    "hold-time", false, false },
};

static struct config *
peer(const char *statements)
{
	char text[1024];

	snprintf(text, sizeof(text), "process p { run a; }\nneighbor 192.0.2.1 { " BASE "%s }\n",
	    statements);
	return load(text);
}

static void
a_change_keeps_the_session_where_it_can(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct diff_case *t = &cases[i];
		struct config *old = peer(t->old), *new = peer(t->new);
		struct config_diff *diff = config_diff(old, new);
		assert_int_equal(diff->count, 1);
		const struct config_change *c = &diff->change[0];
		if (c->kind != t->kind || c->settings != t->settings || c->routes != t->routes)
			print_error("case %zu: %s -> %s: kind %d settings %d routes %d why %s\n", i,
			    t->old, t->new, (int)c->kind, c->settings, c->routes,
			    c->why ? c->why : "");
		assert_int_equal(c->kind, t->kind);
		assert_int_equal(c->settings, t->settings);
		assert_int_equal(c->routes, t->routes);
		if (t->why == NULL)
			assert_null(c->why);
		else
			assert_string_equal(c->why, t->why);
		config_diff_free(diff);
		config_free(old);
		config_free(new);
	}
}

static void
neighbors_are_matched_by_speaker_and_address(void **state)
{
	struct config *old = load(
	    "speaker a { } speaker b { }\n"
	    "neighbor 192.0.2.1 { speaker a; " BASE "}\nneighbor 192.0.2.1 { speaker b; " BASE "}\n"
	    "neighbor 192.0.2.3 { speaker a; " BASE "}\n");
	struct config *new = load("speaker a { } speaker b { }\n"
				  "neighbor 192.0.2.2 { speaker a; " BASE "}\n"
				  "neighbor 192.0.2.1 { speaker b; description x; " BASE "}\n"
				  "neighbor 192.0.2.3 { speaker a; hold-time 9; " BASE "}\n");
	struct config_diff *diff = config_diff(old, new);
	struct text t = { 0 };

	(void)state;
	assert_int_equal(diff->count, 4);
	assert_int_equal(diff->counts[CONFIG_REMOVED], 1);
	assert_ptr_equal(diff->change[0].old, old->neighbors[0]);
	assert_int_equal(diff->change[1].kind, CONFIG_ADDED);
	assert_ptr_equal(diff->change[1].new, new->neighbors[0]);
	assert_int_equal(diff->change[2].kind, CONFIG_RESET);
	assert_int_equal(diff->change[3].kind, CONFIG_KEPT);
	config_diff_print(diff, &t);
	assert_string_equal(text_str(&t),
	    "neighbors: 1 with other settings, 1 reset (192.0.2.3: hold-time), 1 added, 1 removed");
	text_fini(&t);
	config_diff_free(diff);

	diff = config_diff(NULL, new);
	assert_int_equal(diff->counts[CONFIG_ADDED], 3);
	config_diff_free(diff);
	config_free(old);
	config_free(new);
}

/* Neighbors of one peer: a digit for each, the last of the address of ours; 0: from whichever. */
static struct config *
siblings(const char *digits)
{
	struct text t = { 0 };
	struct config *c;

	for (; *digits; digits++)
		text_printf(&t, "neighbor 192.0.2.1 { " BASE "%s%.1s%s }\n",
		    *digits == '0' ? "hold-time 18" : "local-address 192.0.2.", digits, ";");
	c = load(text_str(&t));
	text_fini(&t);
	return c;
}

struct sibling_case {
	const char *before, *old, *new; /* each is the running one of the next */
	size_t counts[4];
};

static void
of_several_with_one_address_each_stays_who_it_is(void **state)
{
	static const struct sibling_case cases_of_several[] = {
		{ "345", "345", "45", { [CONFIG_KEPT] = 2, [CONFIG_REMOVED] = 1 } },
		{ "34", "34", "43", { [CONFIG_KEPT] = 2 } },
		{ "345", "543", "453", { [CONFIG_KEPT] = 3 } },
		{ "34", "4", "34", { [CONFIG_KEPT] = 1, [CONFIG_ADDED] = 1 } },
		{ "34", "4", "43", { [CONFIG_KEPT] = 1, [CONFIG_ADDED] = 1 } },
		{ "34", "34", "534", { [CONFIG_KEPT] = 2, [CONFIG_ADDED] = 1 } },
		{ "3", "3", "53", { [CONFIG_KEPT] = 1, [CONFIG_ADDED] = 1 } },
		{ "34", "34", "54", { [CONFIG_KEPT] = 1, [CONFIG_RESET] = 1 } },
		{ "04", "04", "4", { [CONFIG_KEPT] = 1, [CONFIG_REMOVED] = 1 } },
		{ "34", "34", "04", { [CONFIG_KEPT] = 1, [CONFIG_RESET] = 1 } },
		{ "34", "34", "03",
		    { [CONFIG_RESET] = 1, [CONFIG_ADDED] = 1, [CONFIG_REMOVED] = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases_of_several / sizeof cases_of_several[0]; i++) {
		const struct sibling_case *t = &cases_of_several[i];
		struct config *before = siblings(t->before), *old = siblings(t->old),
			      *new = siblings(t->new);
		struct config_diff *diff;

		config_carry_apart(NULL, before);
		config_carry_apart(before, old);
		config_carry_apart(old, new);
		diff = config_diff(old, new);
		for (size_t k = 0; k < 4; k++) {
			if (diff->counts[k] != t->counts[k])
				print_error("%s, %s, %s\n", t->before, t->old, t->new);
			assert_int_equal(diff->counts[k], t->counts[k]);
		}
		config_diff_free(diff);
		config_free(before);
		config_free(old);
		config_free(new);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_keeps_the_session_where_it_can),
		cmocka_unit_test(neighbors_are_matched_by_speaker_and_address),
		cmocka_unit_test(of_several_with_one_address_each_stays_who_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
