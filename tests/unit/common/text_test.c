#include "common/text.h"
#include <setjmp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void
an_empty_text_reads_as_no_characters(void **state)
{
	struct text t = { 0 };

	assert_string_equal(text_str(&t), "");
	text_clear(&t);
	text_cut(&t, 3);
	assert_string_equal(text_str(&t), "");
	text_addn(&t, NULL, 0);
	assert_string_equal(text_str(&t), "");
	text_fini(&t);
	(void)state;
}

static void
pieces_are_appended_and_always_terminated(void **state)
{
	struct text t = { 0 };

	text_char(&t, 'a');
	assert_string_equal(text_str(&t), "a");
	text_add(&t, "bc");
	text_addn(&t, "defg", 2);
	text_hex(&t, "\x00\xaf\xff", 3);
	text_hex_upper(&t, "\xaf", 1);
	text_printf(&t, "-%d-%s", -5, "x");
	assert_string_equal(text_str(&t), "abcde00afffAF--5-x");
	assert_int_equal(t.len, strlen(t.base));
	text_cut(&t, 2);
	assert_string_equal(text_str(&t), "ab");
	text_cut(&t, 20);
	assert_string_equal(text_str(&t), "ab");
	text_clear(&t);
	assert_string_equal(text_str(&t), "");
	text_fini(&t);
	assert_null(t.base);
	(void)state;
}

static void
numbers_print_as_printf_prints_them(void **state)
{
	static const uint64_t edge[] = { 0, 1, 9, 10, 99, 100, 4294967295, 4294967296,
		UINT64_C(9999999999999999999), UINT64_C(10000000000000000000), UINT64_MAX };
	struct text t = { 0 };

	for (size_t i = 0; i < sizeof edge / sizeof edge[0]; i++) {
		char want[24];

		snprintf(want, sizeof want, "%" PRIu64, edge[i]);
		text_clear(&t);
		text_uint(&t, edge[i]);
		assert_string_equal(text_str(&t), want);
	}
	text_fini(&t);
	(void)state;
}

static void
every_length_of_a_formatted_piece_fits(void **state)
{
	for (int n = 0; n < 300; n++) {
		struct text t = { 0 };

		text_printf(&t, "%*s|", n, "");
		text_printf(&t, "%*s", n, "");
		assert_int_equal(t.len, 2 * n + 1);
		assert_int_equal(strlen(t.base), t.len);
		text_fini(&t);
	}
	(void)state;
}

static void
a_text_holds_any_octets(void **state)
{
	struct text t = { 0 };

	text_addn(&t, "a\0b", 3);
	text_char(&t, '\0');
	assert_int_equal(t.len, 4);
	assert_memory_equal(t.base, "a\0b\0", 5);
	text_fini(&t);
	(void)state;
}

static void
blanks_around_it_are_trimmed(void **state)
{
	char texts[][12] = { " a b \t\r\n", "a b", "\ta b", "   ", "" };
	const char *const trimmed[] = { "a b", "a b", "a b", "", "" };

	for (size_t i = 0; i < sizeof trimmed / sizeof trimmed[0]; i++)
		assert_string_equal(text_trim(texts[i]), trimmed[i]);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_text_reads_as_no_characters),
		cmocka_unit_test(pieces_are_appended_and_always_terminated),
		cmocka_unit_test(numbers_print_as_printf_prints_them),
		cmocka_unit_test(every_length_of_a_formatted_piece_fits),
		cmocka_unit_test(a_text_holds_any_octets),
		cmocka_unit_test(blanks_around_it_are_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
