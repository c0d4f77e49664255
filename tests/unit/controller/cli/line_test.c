/* controller/cli/line.c: what the shell gave us, as the controller will cut it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "common/words.h"
#include "controller/cli/line.h"

static void
joins(const char *expected, int argc, const char *const *argv)
{
	struct text line = { 0 };

	line_join(&line, argc, (char *const *)argv);
	assert_string_equal(text_str(&line), expected);
	text_fini(&line);
}

#define JOINS(expected, ...)                                                                       \
	joins(expected, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),                  \
	    (const char *const[]){ __VA_ARGS__ })

static void
plain_words_are_joined_by_blanks(void **state)
{
	(void)state;
	JOINS("announce route 10.0.0.0/24 next-hop self", "announce", "route", "10.0.0.0/24",
	    "next-hop", "self");
	JOINS("announce route 10.0.0.0/24 community [65000:1", "announce", "route", "10.0.0.0/24",
	    "community", "[65000:1");
}

static void
a_lone_word_is_the_whole_line(void **state)
{
	(void)state;
	JOINS("announce route 10.0.0.0/24 next-hop \"x y\" \\n",
	    "announce route 10.0.0.0/24 next-hop \"x y\" \\n");
}

static void
the_rest_of_a_command_may_be_one_word(void **state)
{
	(void)state;
	JOINS("announce route 10.0.0.0/24 next-hop self", "announce",
	    "route 10.0.0.0/24 next-hop self");
}

static void
words_with_blanks_are_quoted(void **state)
{
	(void)state;
	JOINS("neighbor 192.0.2.1 teardown 2 \"back at noon\"", "neighbor", "192.0.2.1", "teardown",
	    "2", "back at noon");
	JOINS("a b \"#c\"", "a", "b", "#c");
	JOINS("a b \"\"", "a", "b", "");
}

static void
lists_and_blocks_are_not_quoted(void **state)
{
	(void)state;
	JOINS("announce route 10.0.0.0/24 community [1:1 2:2]", "announce", "route", "10.0.0.0/24",
	    "community", "[1:1 2:2]");
	JOINS(
	    "announce flow { match { port =80; } }", "announce", "flow", "{ match { port =80; } }");
	JOINS("a b (1 2)", "a", "b", "(1 2)");
}

static void
what_is_quoted_already_stays(void **state)
{
	(void)state;
	JOINS("a b advisory \"two words\"", "a", "b", "advisory \"two words\"");
}

/* Backslashes arrive as they were typed. */
static void
the_controller_cuts_the_words_that_were_meant(void **state)
{
	static const char *const argv[] = { "neighbor", "192.0.2.1", "teardown", "C:\\new",
		"two  blanks\there" };
	struct text line = { 0 };
	struct words_line cut = { 0 };
	struct reason why = { 0 };

	(void)state;
	line_join(&line, 5, (char *const *)argv);
	assert_int_equal(words_cut(&cut, line.base, line.len, 1, WORDS_API, &why), 0);
	assert_int_equal(cut.count, 5);
	for (int i = 0; i < 5; i++)
		assert_string_equal(cut.word[i].at, argv[i]);
	words_line_fini(&cut);
	text_fini(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_are_joined_by_blanks),
		cmocka_unit_test(a_lone_word_is_the_whole_line),
		cmocka_unit_test(the_rest_of_a_command_may_be_one_word),
		cmocka_unit_test(words_with_blanks_are_quoted),
		cmocka_unit_test(lists_and_blocks_are_not_quoted),
		cmocka_unit_test(what_is_quoted_already_stays),
		cmocka_unit_test(the_controller_cuts_the_words_that_were_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
