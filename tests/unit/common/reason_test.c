#include "common/reason.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
the_first_reason_stands(void **state)
{
	struct reason why = { 0 };

	assert_false(reason_given(&why));
	assert_int_equal(reason_set(&why, 3, 9, "expected %s", "a prefix"), -1);
	assert_true(reason_given(&why));
	assert_int_equal(reason_set(&why, 4, 1, "too late"), -1);
	assert_string_equal(why.text, "expected a prefix");
	assert_int_equal(why.line, 3);
	assert_int_equal(why.column, 9);
	(void)state;
}

static void
a_long_reason_is_cut_and_stays_on_one_line(void **state)
{
	struct reason why = { 0 };
	char word[500];

	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	word[1] = '\n';
	word[2] = '\x1b';
	reason_set(&why, 0, 0, "%s", word);
	assert_int_equal(strlen(why.text), sizeof why.text - 1);
	assert_null(strchr(why.text, '\n'));
	assert_null(strchr(why.text, '\x1b'));
	(void)state;
}

static const char *const names[] = { "neighbor", "process", "template", "as", "local-as", NULL };

static const char *
near(const char *word)
{
	const char *found = reason_nearest(word, strlen(word), names);

	return found ? found : "nothing";
}

static void
the_nearest_name_is_at_most_two_edits_away(void **state)
{
	assert_string_equal(near("neighbour"), "neighbor");
	assert_string_equal(near("nieghbor"), "neighbor");
	assert_string_equal(near("proces"), "process");
	assert_string_equal(near("local_as"), "local-as");
	assert_string_equal(near("template"), "template");
	assert_string_equal(near("announce"), "nothing");
	assert_string_equal(near("ng"), "nothing");
	assert_string_equal(near(""), "nothing");
	(void)state;
}

static void
a_word_beyond_the_bound_has_no_neighbour(void **state)
{
	char word[4096];

	memset(word, 'n', sizeof word);
	assert_null(reason_nearest(word, sizeof word, names));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_reason_stands),
		cmocka_unit_test(a_long_reason_is_cut_and_stays_on_one_line),
		cmocka_unit_test(the_nearest_name_is_at_most_two_edits_away),
		cmocka_unit_test(a_word_beyond_the_bound_has_no_neighbour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
