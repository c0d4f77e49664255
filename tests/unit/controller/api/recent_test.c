#include "controller/api/recent.h"
#include "world.h"

/* The line, with a number for each @. */
static void
fill(char *out, const char *pattern, unsigned number)
{
	for (; *pattern; pattern++) {
		if (*pattern == '@')
			out += sprintf(out, "%u", number);
		else
			*out++ = *pattern;
	}
	*out = '\0';
}

/* The line with each of these prefixes; the third is done again where the first two let it be kept. */
static void
say_thrice(struct player *p, const char *pattern)
{
	char line[512];

	for (unsigned i = 1; i <= 3; i++) {
		fill(line, pattern, i);
		assert_has(ask(p, line), "\"accepted\"");
	}
}

/* What the neighbors are told of a prefix, without the prefix. */
static char *
told(struct player *p, const char *pattern, unsigned i)
{
	char prefix[128], line[160];
	struct text t = { 0 };
	const char *text;
	size_t len;

	fill(prefix, pattern, i);
	snprintf(line, sizeof line, "show routes sent %s", prefix);
	text = ask(p, line);
	len = strlen(prefix);
	for (const char *at; (at = strstr(text, prefix)); text = at + len)
		text_addn(&t, text, (size_t)(at - text));
	text_add(&t, text);
	text = mem_text(text_str(&t), t.len);
	text_fini(&t);
	return (char *)(uintptr_t)text;
}

static void
assert_told_alike(struct player *p, const char *pattern)
{
	char *first = told(p, pattern, 1), *third = told(p, pattern, 3);

	assert_string_equal(first, third);
	assert_has(first, "next-hop");
	mem_free(first);
	mem_free(third);
}

static void
a_line_as_one_before_is_told_as_that_was(void **state)
{
	static const char *const lines[] = {
		"announce route 10.0.@.0/24 next-hop 192.0.2.9 med 5 community [ 65000:1 ]",
		"announce route 10.1.@.0/24 next-hop self as-path [ 1 2 3 ] local-preference 7",
		"neighbor 192.0.2.2 announce route 10.2.@.0/24 next-hop self",
		"neighbor 192.0.2.3 , neighbor 192.0.2.1 announce route 10.3.@.0/24 next-hop self",
		"announce ipv4 unicast 10.4.@.0/24 next-hop 192.0.2.9 origin egp name x",
		"  announce \t route  10.5.@.0/24\tnext-hop 192.0.2.9 ; # so it is",
		"announce route 10.6.@.0/24 { next-hop 192.0.2.9; med 7; }",
		"announce route 10.7.@.0/24 next-hop 192.0.2.9 path-information 0.0.0.7",
		"announce route 10.8.@.0/24 next-hop 192.0.2.9 async",
		"announce route 10.9.@.1/32 next-hop 192.0.2.9 attribute [ 0x99 0xc0 0x0102 ]",
		"announce route 2001:db8:@::/48 next-hop 2001:db8::1 med 5",
	};
	static const char *const prefixes[] = { "10.0.@.0/24", "10.1.@.0/24", "10.2.@.0/24",
		"10.3.@.0/24", "10.4.@.0/24", "10.5.@.0/24", "10.6.@.0/24", "10.7.@.0/24",
		"10.8.@.0/24", "10.9.@.1/32", "2001:db8:@::/48" };
	struct world *w = *state;
	struct player *p = player_open(w);

	for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
		say_thrice(p, lines[i]);
		if (recent_count(w->c.api->recent) != i + 1)
			fail_msg("not kept: %s", lines[i]);
		assert_told_alike(p, prefixes[i]);
	}
}

static void
what_is_done_again_is_answered_with_its_own_counts(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	say_thrice(p, "announce route 10.0.@.0/24 next-hop 192.0.2.9");
	assert_has(text_str(&p->json), "1 route for 3 neighbors, 3 new");
	assert_has(ask(p, "announce route 10.0.3.0/24 next-hop 192.0.2.9"),
	    "1 route for 3 neighbors, 0 new");
	say_thrice(p, "withdraw route 10.0.@.0/24");
	assert_has(text_str(&p->json), "1 route withdrawn from 3 neighbors, 3 had been told");
	assert_has(ask(p, "withdraw route 10.0.3.0/24"),
	    "1 route withdrawn from 3 neighbors, 0 had been told");
	assert_int_equal(recent_count(w->c.api->recent), 2);
	say_thrice(p, "announce ipv6 unicast 2001:db8:@::/48 next-hop 2001:db8::1");
	assert_has(
	    text_str(&p->json), "1 route for 1 neighbor, 1 new; 2 without this family skipped");
	assert_has(ask(p, "show routes sent 10.0.0.0/8"), "\"text\": \"\"");
}

static void
what_depends_on_more_than_the_words_is_not_kept(void **state)
{
	static const char *const lines[] = {
		"announce route 10.0.@.0/24 next-hop 192.0.2.9 watchdog dog",
		"announce route 10.1.@.0/24 next-hop 192.0.2.9 watchdog dog withdraw",
		"announce route 10.2.@.0/24 next-hop 192.0.2.9 split /25",
		"announce route 10.3.@.0/24 next-hop 192.0.2.9 label 100",
		"announce route 10.4.@.0/24 next-hop 192.0.2.9 rd 1:1 label 100",
		"announce route 224.@.0.0/16 next-hop 192.0.2.9",
		"announce attributes next-hop 192.0.2.9 nlri 10.6.@.0/24 10.7.0.0/24",
		"announce route 10.8.0.@ next-hop 192.0.2.9",
		"announce route 010.9.@.0/24 next-hop 192.0.2.9",
		"announce route \"10.10.@.0/24\" next-hop 192.0.2.9",
		"announce route '10.11.@.0/24' next-hop 192.0.2.9",
		"announce route 10.12.@.1/24 next-hop 192.0.2.9",
		"announce route 10.13.@.0/24 nexthop 192.0.2.9",
		"announce route 10.14.@.0/24",
		"announce route 10.15.@.0/33 next-hop 192.0.2.9",
		"announce flow route { match { destination 10.16.@.0/24; } then { discard; } }",
		"# 10.17.@.0/24",
		"show routes sent 10.18.@.0/24",
	};
	struct world *w = *state;
	struct player *p = player_open(w);
	char line[256];

	for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++)
		for (unsigned k = 1; k <= 3; k++) {
			fill(line, lines[i], k);
			ask(p, line);
			if (recent_count(w->c.api->recent) > 0)
				fail_msg("kept: %s", line);
		}
}

/* A prefix that cannot be one is refused though the words behind it are known. */
static void
behind_known_words_a_prefix_is_still_looked_at(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	say_thrice(p, "announce route 10.0.@.0/24 next-hop 192.0.2.9");
	assert_int_equal(recent_count(w->c.api->recent), 1);
	assert_has(
	    ask(p, "announce route 10.0.4.1/24 next-hop 192.0.2.9"), "is not a valid network");
	assert_has(ask(p, "announce route 10.0.256.0/24 next-hop 192.0.2.9"), "expected a prefix");
	assert_has(ask(p, "announce route 10.0.4/24 next-hop 192.0.2.9"), "expected a prefix");
	assert_has(ask(p, "announce route 10.0.4.0/ next-hop 192.0.2.9"), "expected a prefix");
	assert_has(ask(p, "announce route 10.0.4.0/33 next-hop 192.0.2.9"), "expected a prefix");
	assert_has(ask(p, "announce route 10.0.4.0/024 next-hop 192.0.2.9"), "1 route for 3");
	assert_has(
	    ask(p, "announce route 224.0.0.0/8 next-hop 192.0.2.9"), "3 without this family");
	assert_has(ask(p, "announce route 0.0.0.0/0 next-hop 192.0.2.9"), "3 new");
	assert_has(ask(p, "announce route 2001:db8::/32 next-hop 192.0.2.9"), "for 1 neighbor");
}

static void
what_is_waited_for_is_run(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	for (unsigned i = 0; i < 3; i++)
		command_as(p, 1, "announce route 10.1.0.0/24 next-hop 192.0.2.9 sync",
		    API_WAIT_ACCEPTED, false);
	assert_int_equal(recent_count(w->c.api->recent), 0);
	while (*next(p))
		;
	say_thrice(p, "announce route 10.0.@.0/24 next-hop 192.0.2.9");
	assert_int_equal(recent_count(w->c.api->recent), 1);
	while (*next(p))
		;
	command_as(p, 7, "announce route 10.0.4.0/24 next-hop 192.0.2.9", API_WAIT_SENT, false);
	assert_has(next(p), "reply 7 { \"status\": \"accepted\", \"final\": false");
}

static void
one_clients_line_is_not_anothers(void **state)
{
	struct world *w = *state;
	struct player *a = player_open(w), *b = player_open(w);
	struct pack hello = { 0 };

	api_hello_pack(&hello, 9, "anycast");
	say(a, &hello);
	pack_fini(&hello);
	next(a);
	say_thrice(a, "announce route 10.0.@.0/24 next-hop 192.0.2.9");
	ask(b, "announce route 10.0.4.0/24 next-hop 192.0.2.9");
	assert_has(ask(a, "show routes sent 10.0.3.0/24"), "# anycast");
	assert_has_not(ask(a, "show routes sent 10.0.4.0/24"), "# anycast");
}

static void
a_session_that_changes_is_looked_at_anew(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	say_thrice(p, "announce route 10.0.@.0/24 next-hop 192.0.2.9");
	assert_int_equal(recent_count(w->c.api->recent), 1);
	report(neighbor_at(w, "192.0.2.1"), PEER_ESTABLISHED, 1, "");
	assert_has(ask(p, "announce route 10.0.4.0/24 next-hop 192.0.2.9"), "3 new");
	assert_int_equal(recent_count(w->c.api->recent), 1);
	assert_has(ask(p, "delete neighbor 192.0.2.1"), "\"accepted\"");
	assert_has(
	    ask(p, "announce route 10.0.5.0/24 next-hop 192.0.2.9"), "for 2 neighbors, 2 new");
}

static void
another_configuration_is_another_plan(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	say_thrice(p, "announce route 10.0.@.0/24 next-hop self");
	world_write_config(w, "speaker edge {\n}\nneighbor 192.0.2.1 { speaker edge; local-address "
			      "192.0.2.77; local-as 65000; "
			      "peer-as 65001; router-id 192.0.2.254; family { ipv4 unicast; } }\n");
	assert_has(ask(p, "reload"), "\"accepted\"");
	assert_has(ask(p, "announce route 10.0.4.0/24 next-hop self"), "for 1 neighbor, 1 new");
	assert_has(ask(p, "show routes sent 10.0.4.0/24"), "next-hop 192.0.2.77");
}

/* A withdraw of what a watchdog keeps leaves that. */
static void
a_withdraw_leaves_the_watchdog(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	say_thrice(p, "withdraw route 10.0.@.0/24");
	ask(p, "announce route 10.0.4.0/24 next-hop 192.0.2.9 watchdog dog");
	assert_has(ask(p, "withdraw route 10.0.4.0/24"), "3 had been told");
	assert_has(ask(p, "announce watchdog dog"), "0 routes announced");
}

static void
what_is_kept_is_bounded(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	char line[256];

	for (unsigned i = 0; i < 5000; i++)
		for (unsigned k = 1; k <= 2; k++) {
			snprintf(line, sizeof line,
			    "announce route 10.0.%u.0/24 next-hop 192.0.2.9 med %u", k, i);
			command_as(p, 1, line, API_WAIT_ACCEPTED, false);
		}
	assert_true(recent_count(w->c.api->recent) > 500);
	assert_true(recent_count(w->c.api->recent) <= 1024);
}

/* Of those that are read ahead, for the others' prefixes are to be asked for all the same. */
static void
among_many_strange_lines_only_some_are_asked_for(void **state)
{
	enum { MANY = 300, SOME = 80 };
	struct world *w = *state;
	struct player *p = player_open(w);
	struct recent *r = w->c.api->recent;
	unsigned passed = 0;
	char line[128];

	assert_false(recent_passes(r));
	for (unsigned i = 0; i < MANY; i++) {
		fill(line, "announce route 10.0.0.0/24 next-hop 192.0.2.9 med @", i);
		assert_has(ask(p, line), "\"accepted\"");
	}
	for (unsigned i = 0; i < SOME; i++)
		passed += recent_passes(r);
	assert_in_range(passed, SOME / 2, SOME - 1);
	say_thrice(p, "announce route 10.0.@.0/24 next-hop 192.0.2.9 med 5");
	assert_false(recent_passes(r));
	assert_told_alike(p, "10.0.@.0/24");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_line_as_one_before_is_told_as_that_was),
		WORLD_TEST(what_is_done_again_is_answered_with_its_own_counts),
		WORLD_TEST(what_depends_on_more_than_the_words_is_not_kept),
		WORLD_TEST(behind_known_words_a_prefix_is_still_looked_at),
		WORLD_TEST(what_is_waited_for_is_run),
		WORLD_TEST(one_clients_line_is_not_anothers),
		WORLD_TEST(a_session_that_changes_is_looked_at_anew),
		WORLD_TEST(another_configuration_is_another_plan),
		WORLD_TEST(a_withdraw_leaves_the_watchdog),
		WORLD_TEST(what_is_kept_is_bounded),
		WORLD_TEST(among_many_strange_lines_only_some_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
