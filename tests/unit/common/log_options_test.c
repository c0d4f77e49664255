/* The options about the log that every program has. */
#include "common/log_options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Read as a program would read them. */
static const char *
taken(struct log_options *o, const char *option, const char *word)
{
	static const struct option table[] = { LOG_OPTIONS_TABLE, { 0 } };
	char *argv[] = { (char *)"program", (char *)(uintptr_t)option, (char *)(uintptr_t)word,
		NULL };
	int found;

	optind = 0;
	found = getopt_long(3, argv, "", table, NULL);
	assert_int_not_equal(found, '?');
	return log_option_take(o, (enum log_option)found, optarg);
}

static void
each_option_has_its_words(void **state)
{
	struct log_options o = LOG_OPTIONS_DEFAULT;

	assert_int_equal(o.to, STDERR_FILENO);
	assert_int_equal(o.format, LOG_AUTO);
	assert_int_equal(o.level, LOG_LEVEL_INFO);
	assert_null(taken(&o, "--log-format", "json"));
	assert_null(taken(&o, "--log-level", "none"));
	assert_null(taken(&o, "--log-to", "stdout"));
	assert_int_equal(o.format, LOG_JSON);
	assert_int_equal(o.level, LOG_LEVEL_NONE);
	assert_int_equal(o.to, STDOUT_FILENO);
	assert_null(taken(&o, "--log-format", "text"));
	assert_null(taken(&o, "--log-level", "debug"));
	assert_null(taken(&o, "--log-to", "stderr"));
	assert_int_equal(o.format, LOG_TEXT);
	assert_int_equal(o.level, LOG_LEVEL_DEBUG);
	assert_int_equal(o.to, STDERR_FILENO);
	(void)state;
}

static void
another_word_is_told_what_is_wanted_and_changes_nothing(void **state)
{
	struct log_options o = { LOG_JSON, LOG_LEVEL_ERROR, STDOUT_FILENO };

	assert_string_equal(taken(&o, "--log-format", "xml"), "--log-format wants text or json");
	assert_string_equal(taken(&o, "--log-level", "loud"),
	    "--log-level wants none, error, warning, info or debug");
	assert_string_equal(taken(&o, "--log-to", "syslog"), "--log-to wants stderr or stdout");
	assert_int_equal(o.format, LOG_JSON);
	assert_int_equal(o.level, LOG_LEVEL_ERROR);
	assert_int_equal(o.to, STDOUT_FILENO);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_has_its_words),
		cmocka_unit_test(another_word_is_told_what_is_wanted_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
