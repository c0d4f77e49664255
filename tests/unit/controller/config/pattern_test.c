#include "controller/config/pattern.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
patterns_mean_what_they_mean_in_python(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} rows[] = {
		{ "watch", "watch-1", true }, /* from the beginning, and not to the end */
		{ "atch", "watch-1", false },
		{ "watch-\\d+$", "watch-12", true },
		{ "watch-\\d", "watch-a", false },
		{ "watch-[\\d]+", "watch-1", true },
		{ "watch-[\\d]", "watch-[", false },
		{ "[a-z\\d_]+$", "a1_", true },
		{ "[a\\]]b", "]b", true },
		{ "[a\\]]b", "a]b", false },
		{ "[\\^a]b", "^b", true },
		{ "[a\\-c]x", "-x", true },
		{ "[a\\-c]x", "bx", false },
		{ "[^\\d]x", "ax", true },
		{ "[^\\d]x", "1x", false },
		{ "[]a]x", "]x", true },
		{ "[.\\.]x", "\\x", false },
		{ "(?:a|b)c", "bc", true },
		{ "(?:a|b)c", "cc", false },
		{ "a\\.b", "a.b", true },
		{ "a\\.b", "axb", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reason why = { 0 };
		regex_t regex;

		if (pattern_compile(&regex, rows[i].pattern, &why) < 0)
			fail_msg("%s: %s", rows[i].pattern, why.text);
		if ((regexec(&regex, rows[i].name, 0, NULL, 0) == 0) != rows[i].matches)
			fail_msg("%s and %s", rows[i].pattern, rows[i].name);
		regfree(&regex);
	}
	(void)state;
}

static void
what_is_no_pattern_is_refused(void **state)
{
	static const char *const rows[] = { "(", "[a", "[a\\", "[\\]" };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reason why = { 0 };
		regex_t regex;

		assert_int_equal(pattern_compile(&regex, rows[i], &why), -1);
		assert_non_null(strstr(why.text, rows[i]));
	}
	(void)state;
}

/* regcomp would take gigabytes, or the stack, for each of these. */
static void
what_repeats_too_much_is_refused(void **state)
{
	static const char *const rows[] = {
		"ess++++++++++++++++++++++++++++++++++++++++++++++++++++++++++",
		"(((((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+",
		"((a{99}){99}){99}",
		"a{1,30000}",
		"a)b++++++++++++++++++++++++++++++++++++++++++++++++++++++++++",
		"[].]+++++++++++++++++++++++++++++++++++++++++++++++++++++++",
		"\\(+++++++++++++++++++++++++++++++++++++++++++++++++++++++",
	};
	char deep[1001] = "";
	struct reason why = { 0 };
	regex_t regex;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(pattern_compile(&regex, rows[i], &why), -1);
		assert_non_null(strstr(why.text, "too long for a pattern"));
	}
	memset(deep, '(', 500);
	memset(deep + 500, ')', 500);
	assert_int_equal(pattern_compile(&regex, deep, &why), -1);
	/* as much as anybody needs */
	assert_int_equal(pattern_compile(&regex, "((a+b+)+|[+*]{1,9}c+?)+", &why), 0);
	regfree(&regex);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean_what_they_mean_in_python),
		cmocka_unit_test(what_is_no_pattern_is_refused),
		cmocka_unit_test(what_repeats_too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
