#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "controller/config/schema.h"
#include "controller/config/value.h"

static void
a_keyword_is_one_row_of_its_section(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_count; i++) {
		assert_ptr_equal(schema_find(schema[i].in, schema[i].name), &schema[i]);
		assert_non_null(section_name(schema[i].in));
	}
}

/* The texts of the table that are read by value_set must be values of their row. */
static void
defaults_and_bare_values_are_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_count; i++) {
		const char *const texts[] = { schema[i].absent, schema[i].bare };
		for (size_t j = 0; j < 2; j++) {
			struct reason r = { 0 };
			uint64_t field[4] = { 0 };
			if (texts[j] == NULL)
				continue;
			struct word w = { .at = texts[j], .len = (uint32_t)strlen(texts[j]) };
			struct words words = { .at = &w, .end = &w + 1 };
			assert_true(schema[i].size <= sizeof(field));
			if (value_scan(&schema[i], field, &words, &r) < 0)
				fail_msg("%s: %s", schema[i].name, r.text);
			value_free(&schema[i], field);
		}
	}
}

static void
every_row_can_do_its_work(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_count; i++) {
		const struct row *row = &schema[i];
		char expected[200];
		if (row_is_value(row)) {
			assert_true(row->size > 0);
			assert_non_null(row->help);
			value_expected(row, expected, sizeof(expected));
			assert_true(
			    strlen(expected) > 0 && strlen(expected) < sizeof(expected) - 1);
		}
		if (row->kind == KIND_SECTION)
			assert_true(row->enter != NULL && row->enters != SECTION_ROOT);
		if (row->kind == KIND_OWN || row->kind == KIND_ROUTE)
			assert_non_null(row->statement);
		if (row->kind == KIND_MOVED)
			assert_non_null(row->expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_keyword_is_one_row_of_its_section),
		cmocka_unit_test(defaults_and_bare_values_are_values),
		cmocka_unit_test(every_row_can_do_its_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
