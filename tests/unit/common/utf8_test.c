#include "common/utf8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static size_t
encode(uint32_t code, char *out)
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(len == 1 ? code : (0xf00U >> len & 0xff) | code);
	return len;
}

static void
every_code_point_but_the_surrogates_is_a_character(void **state)
{
	for (uint32_t code = 0; code < 0x110800; code++) {
		char s[4];
		size_t len = encode(code, s);
		size_t want = code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : len;

		if (utf8_len(s, len) != want)
			fail_msg("U+%04X: %zu", code, utf8_len(s, len));
		if (len > 1 && utf8_len(s, len - 1) != 0)
			fail_msg("U+%04X cut short was taken", code);
	}
	(void)state;
}

static void
what_is_overlong_or_out_of_place_is_none(void **state)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
		"\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xfe", "\xff", "\xc3(",
		"\xe2\x82(", "\xf0\x9f\x98(" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(utf8_len(bad[i], strlen(bad[i])), 0);
	assert_int_equal(utf8_len("", 0), 0);
	(void)state;
}

static void
a_text_is_valid_when_all_of_it_is(void **state)
{
	assert_true(utf8_valid("", 0));
	assert_true(utf8_valid("a\0\xc3\xa9", 4));
	assert_false(utf8_valid("a\xc3\xa9", 2));
	assert_false(utf8_valid("abc\xff", 4));
	(void)state;
}

static void
what_is_not_to_be_shown_is_told_apart(void **state)
{
	static const char *const hidden[] = { "\x01", "\n", "\x1b", "\x7f", "\xc2\x80", "\xc2\x9f",
		"\xe2\x80\x8e", "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9" };
	static const char *const shown[] = { " ", "~", "\xc2\xa0", "\xc3\xa9", "\xe2\x80\x93",
		"\xe2\x80\xaf", "\xe2\x81\xaa", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };

	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		assert_true(utf8_control(hidden[i], strlen(hidden[i])));
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		assert_false(utf8_control(shown[i], strlen(shown[i])));
	assert_true(utf8_control("", 1));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_but_the_surrogates_is_a_character),
		cmocka_unit_test(what_is_overlong_or_out_of_place_is_none),
		cmocka_unit_test(a_text_is_valid_when_all_of_it_is),
		cmocka_unit_test(what_is_not_to_be_shown_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
