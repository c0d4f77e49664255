/* Named sets: what is in one, two of them together, what is printed, and what the configuration refuses. */
#include "controller/policy/named.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "controller/config/config.h"
#include "controller/policy/sorted.h"
#include "proto/bgp/attr.h"

static struct named_list *
list(enum named_kind kind, const char *lines)
{
	struct named_list *l = named_list_new(kind);
	struct named_text t = { .text = lines, .len = strlen(lines) };
	struct reason why = { 0 };

	if (named_list_read(l, &t, 1000000, &why) < 0)
		fail_msg("%s: %u:%u: %s", lines, why.line, why.column, why.text);
	named_list_done(l);
	named_text_fini(&t);
	return l;
}

static void
prints(const struct named_list *l, const char *wanted)
{
	struct text t = { 0 };

	for (size_t i = 0; i < named_list_count(l); i++) {
		named_list_print(l, i, &t);
		text_char(&t, '\n');
	}
	assert_string_equal(text_str(&t), wanted);
	text_fini(&t);
}

static void
what_is_printed_is_read_again(void **state)
{
	static const struct {
		enum named_kind kind;
		const char *lines, *printed;
	} cases[] = {
		{ NAMED_PREFIXES, "10.0.0.0/8 le 24\n2001:db8::/32 longer\n# none\n\n10.0.0.0/8\n",
		    "10.0.0.0/8\n10.0.0.0/8 le 24\n2001:db8::/32 le 128\n" },
		{ NAMED_PREFIXES, "10.0.0.0/8 ge 9\n10.0.0.0/8 ge 9 le 9\n10.0.0.0/8 ge 9\n",
		    "10.0.0.0/8 ge 9 le 9\n10.0.0.0/8 ge 9\n" },
		{ NAMED_AS, "65010-65019\n65001\n65001\n1-4294967295",
		    "1-4294967295\n65001\n65010-65019\n" },
		{ NAMED_COMMUNITIES,
		    "65001:*\n65001:5-9\nno-export\n1:2\n1:2:*\n1:2:3\ntarget:1:*\ntarget:1:2\n",
		    "1:2\n65535:65281\n65001:*\n65001:5-9\n1:2:3\n1:2:*\ntarget:1:2\ntarget:1:*"
		    "\n" },
		{ NAMED_COMMUNITIES, "origin:10.0.0.1:*\n0xf102030405060708\n",
		    "0xf102030405060708\norigin:10.0.0.1:*\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct named_list *l = list(cases[i].kind, cases[i].lines), *again;

		prints(l, cases[i].printed);
		again = list(cases[i].kind, cases[i].printed);
		assert_true(named_list_equal(l, again));
		named_list_put(again);
		named_list_put(l);
	}
}

static void
what_is_no_entry_has_its_place(void **state)
{
	static const struct {
		enum named_kind kind;
		const char *lines;
		unsigned line, column;
	} cases[] = {
		{ NAMED_PREFIXES, "10.0.0.0/8\n10.0.0.1/8\n", 2, 1 },
		{ NAMED_PREFIXES, "10.0.0.0/8 le 7\n", 1, 15 },
		{ NAMED_PREFIXES, "10.0.0.0/8 11.0.0.0/8\n", 1, 12 },
		{ NAMED_AS, "\n 65001-65000\n", 2, 2 },
		{ NAMED_AS, "4294967296\n", 1, 1 },
		{ NAMED_COMMUNITIES, "1:2\n1:70000\n", 2, 1 },
		{ NAMED_COMMUNITIES, "1:2 \"\n", 1, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct named_list *l = named_list_new(cases[i].kind);
		struct named_text t = { .text = cases[i].lines, .len = strlen(cases[i].lines) };
		struct reason why = { 0 };

		assert_int_equal(named_list_read(l, &t, 10, &why), -1);
		if (why.line != cases[i].line || why.column != cases[i].column)
			fail_msg("%s at %u:%u: %s", cases[i].lines, why.line, why.column, why.text);
		named_text_fini(&t);
		named_list_put(l);
	}
}

/* Ranges of small numbers, some of them in one another, against asking one after the other. */
static void
ases_of_lists_and_of_what_two_have(void **state)
{
	enum { ROUNDS = 300, RANGES = 12, ASES = 40 };

	(void)state;
	srandom(1);
	for (int round = 0; round < ROUNDS; round++) {
		char text[2][RANGES * 12] = { "", "" };
		struct named_list *l[2], *difference;
		bool in[2][ASES] = { { false } };

		for (int k = 0; k < 2; k++) {
			for (long n = random() % RANGES; n > 0; n--) {
				long low = random() % ASES, high = low + random() % (ASES - low);
				size_t used = strlen(text[k]);

				snprintf(
				    text[k] + used, sizeof text[k] - used, "%ld-%ld\n", low, high);
				for (long i = low; i <= high; i++)
					in[k][i] = true;
			}
			l[k] = list(NAMED_AS, text[k]);
		}
		difference = named_list_merge(l[0], l[1], SORTED_DIFFERENCE);
		for (uint32_t i = 0; i < ASES; i++) {
			assert_int_equal(named_list_has_as(l[0], i), in[0][i]);
			if (in[0][i] != in[1][i])
				assert_true(named_list_has_as(difference, i));
		}
		for (int k = 0; k < 2; k++)
			named_list_put(l[k]);
		named_list_put(difference);
	}
}

static void
entries_come_and_go(void **state)
{
	struct named_list *a = list(NAMED_PREFIXES, "10.0.0.0/8\n10.0.0.0/8 le 24\n11.0.0.0/8\n");
	struct named_list *b = list(NAMED_PREFIXES, "10.0.0.0/8\n12.0.0.0/8\n"), *c;

	(void)state;
	c = named_list_merge(a, b, SORTED_UNION);
	prints(c, "10.0.0.0/8\n10.0.0.0/8 le 24\n11.0.0.0/8\n12.0.0.0/8\n");
	named_list_put(c);
	c = named_list_merge(a, b, SORTED_MINUS);
	prints(c, "10.0.0.0/8 le 24\n11.0.0.0/8\n");
	named_list_put(c);
	c = named_list_merge(a, b, SORTED_DIFFERENCE);
	prints(c, "10.0.0.0/8 le 24\n11.0.0.0/8\n12.0.0.0/8\n");
	assert_false(named_list_equal(a, b));
	assert_true(named_list_equal(a, a));
	named_list_put(c);
	named_list_put(a);
	named_list_put(b);
}

static void
communities_of_each_kind_are_found_by_theirs(void **state)
{
	struct named_list *l = list(NAMED_COMMUNITIES, "1:2\n3:*\n1:2:3\ntarget:1:*\n");
	static const uint8_t plain[] = { 0, 9, 0, 9, 0, 1, 0, 2 }, other[] = { 0, 1, 0, 3 };
	static const uint8_t open[] = { 0, 3, 1, 1 };
	static const uint8_t large[] = { 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3 };
	static const uint8_t target[] = { 0, 2, 0, 1, 1, 2, 3, 4 };

	(void)state;
#define MEETS(code, octets) named_list_meets(l, code, reader_of(octets, sizeof octets))
	assert_true(MEETS(ATTR_COMMUNITY, plain));
	assert_true(MEETS(ATTR_COMMUNITY, open));
	assert_false(MEETS(ATTR_COMMUNITY, other));
	assert_true(MEETS(ATTR_LARGE_COMMUNITY, large));
	assert_false(MEETS(ATTR_COMMUNITY, large));
	assert_true(MEETS(ATTR_EXT_COMMUNITY, target));
	assert_false(MEETS(ATTR_MED, target));
	named_list_put(l);
}

/* --- in the configuration --- */

static struct config *
written(const char *text, struct config_error *e)
{
	return config_load_text("test", text, strlen(text), e);
}

static void
refused(const char *text, const char *why)
{
	struct config_error e = { 0 };

	assert_null(written(text, &e));
	if (!strstr(e.text, why))
		fail_msg("\"%s\" does not say \"%s\"", e.text, why);
}

#define P(condition) "policy p { rule r { match { " condition "; } then { accept; } } }\n"

static void
what_the_configuration_refuses(void **state)
{
	(void)state;
	refused("set nets a { }\n", "expected prefixes, as or communities after set");
	refused("set as { }\n", "expected a name after set as");
	refused("set as 1a { }\n", "cannot be the name of a set");
	refused("set communities no-export { }\n", "cannot be the name of a set");
	refused("set as a { }\nset as a { }\n", "set 'a' is there already");
	refused("set as a { 1; }\n" P("prefix a"), "'a' is a set of ASes");
	refused(P("prefix a") "set as a { 1; }\n", "'a' is a set of prefixes");
	refused(P("prefix [ 10.0.0.0/8 a ]"), "there is no set of prefixes 'a'");
	refused(P("as-path origin a"), "there is no set of as 'a'");
	refused(P("community a"), "there is no set of communities 'a'");
	refused(P("next-hop a"), "expected a prefix");
	refused("set as a { file /nowhere; }\n", "/nowhere can't be read: No such file");
	refused("set as a { file /dev/zero; }\n", "/dev/zero can't be read: Invalid argument");
	refused("set as a { 1-; }\n", "expected an AS, or a range of ASes");
}

static void
what_a_client_said_stands_where_both_configurations_say_the_same(void **state)
{
	static const char *const texts[] = { "set as a { 1; 2; }\n" P("as-path origin a"),
		"set as a { 2, 1; }\n", "set as a { 1; }\n", "set prefixes a { }\n", "" };
	struct config_error e;
	struct config *old = written(texts[0], &e);

	(void)state;
	named_replace(old->sets.set[0], list(NAMED_AS, "7\n"), "somebody");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct config *new = written(texts[i], &e);
		const struct named_set *set;

		named_carry(&old->sets, &new->sets);
		set = named_find(&new->sets, "a");
		if (i < 2) {
			assert_true(named_list_has_as(set->now, 7));
			assert_string_equal(set->by, "somebody");
		} else {
			assert_true(!set || (set->now == set->said && !set->by[0]));
		}
		config_free(new);
	}
	assert_int_equal(old->sets.set[0]->used, 1);
	named_replace(old->sets.set[0], named_list_get(old->sets.set[0]->said), "");
	assert_true(named_list_has_as(old->sets.set[0]->now, 2));
	config_free(old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_read_again),
		cmocka_unit_test(what_is_no_entry_has_its_place),
		cmocka_unit_test(ases_of_lists_and_of_what_two_have),
		cmocka_unit_test(entries_come_and_go),
		cmocka_unit_test(communities_of_each_kind_are_found_by_theirs),
		cmocka_unit_test(what_the_configuration_refuses),
		cmocka_unit_test(what_a_client_said_stands_where_both_configurations_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
