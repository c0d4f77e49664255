#include "common/words.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/text.h"

/* The words of a line, each followed by '|', or "! reason". */
static const char *
cut(const char *line, size_t len, int flags)
{
	static struct text out;
	struct words_line w = { 0 };
	struct reason why = { 0 };

	text_clear(&out);
	if (words_cut(&w, line, len, 1, flags, &why) < 0) {
		text_printf(&out, "! %s at %u", why.text, why.column);
		assert_int_equal(w.count, 0);
	}
	for (size_t i = 0; i < w.count; i++) {
		assert_int_equal(strlen(w.word[i].at), w.word[i].len);
		text_printf(&out, "%s|", w.word[i].at);
	}
	words_line_fini(&w);
	return text_str(&out);
}

struct cut_case {
	const char *line, *words;
};

static void
each(const struct cut_case *c, size_t n, int flags)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = cut(c[i].line, strlen(c[i].line), flags);

		if (strcmp(got, c[i].words) != 0)
			fail_msg("<%s>: %s, wanted %s", c[i].line, got, c[i].words);
	}
}
#define EACH(cases, flags) each(cases, sizeof(cases) / sizeof(cases)[0], flags)

static void
space_separates_and_marks_are_words_of_their_own(void **state)
{
	static const struct cut_case cases[] = {
		{ "", "" },
		{ " \t\r\n ", "" },
		{ "a", "a|" },
		{ "  local-as\t65000 ;\r\n", "local-as|65000|;|" },
		{ "hold-time 180;", "hold-time|180|;|" },
		{ "neighbor 192.0.2.1{", "neighbor|192.0.2.1|{|" },
		{ "[65000:1,65000:2]", "[|65000:1|,|65000:2|]|" },
		{ "};;", "}|;|;|" },
		{ "(1000,200)", "(1000|,|200)|" },
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		    "caf\xc3\xa9|\xe2\x82\xac|\xf0\x9f\x98\x80|" },
	};

	EACH(cases, WORDS_FILE);
	(void)state;
}

static void
in_api_text_parentheses_are_words(void **state)
{
	static const struct cut_case cases[] = {
		{ "as-path [ 1 (2 3) ]", "as-path|[|1|(|2|3|)|]|" },
		{ "(1000,200)", "(|1000|,|200|)|" },
		{ "\"(a)\"", "(a)|" },
	};

	EACH(cases, WORDS_API);
	(void)state;
}

static void
quotes_keep_everything_literal(void **state)
{
	static const struct cut_case cases[] = {
		{ "description \"a b ; { } , [ ] # c\";", "description|a b ; { } , [ ] # c|;|" },
		{ "'x y' \"\" ''", "x y|||" },
		{ "\"a\"b", "a|b|" },
		{ "a\"b c\"d", "ab c|d|" },
		{ "\"a'b\"c\"", "abc|" }, /* the other quote becomes the awaited one */
		{ "\"a'b' c", "ab|c|" },
		{ " \"a", "! quote without end at 2" },
		{ "\"a' b", "! quote without end at 1" },
		{ "\"", "! quote without end at 1" },
	};

	EACH(cases, WORDS_FILE);
	(void)state;
}

static void
a_hash_outside_quotes_ends_the_line(void **state)
{
	static const struct cut_case cases[] = {
		{ "# all of it", "" },
		{ "a # b", "a|" },
		{ "foo#bar", "foo|" },
		{ "a; # \"unended and \\u12 and \xff", "a|;|" },
		{ "\"a#b\" #c", "a#b|" },
	};

	EACH(cases, WORDS_FILE);
	(void)state;
}

static void
escapes_are_decoded_before_the_line_is_cut(void **state)
{
	static const struct cut_case cases[] = {
		{ "a\\tb", "a|b|" },
		{ "\"a\\tb\"", "a\tb|" },
		{ "a\\ b", "a|b|" },
		{ "\\\"a b\\\"", "a b|" },
		{ "a\\;b", "a|;|b|" },
		{ "a\\#b", "a|" },
		{ "\\\\", "\\|" },
		{ "a\\", "a\\|" },
		{ "a\\q\\\xc3\xa9", "aq\xc3\xa9|" },
		{ "\"\\b\\f\\n\\r\"", "\b\f\n\r|" },
		{ "\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac|" },
		{ "\\u0020a", "a|" },
		{ "ab \\u12", "! \\u wants four hexadecimal digits at 4" },
		{ "\\u12g4", "! \\u wants four hexadecimal digits at 1" },
		{ "\\ud800", "! \\ud800 is no character at 1" },
		{ "\\u0000", "! \\u0000 is no character at 1" },
	};

	EACH(cases, WORDS_FILE);
	(void)state;
}

static void
what_is_no_utf8_is_refused(void **state)
{
	static const struct cut_case cases[] = {
		{ "a \xff", "! octet 0xff is no text at 3" },
		{ "\x80", "! octet 0x80 is no text at 1" },
		{ "\xc3", "! octet 0xc3 is no text at 1" },
		{ "\xc3(", "! octet 0xc3 is no text at 1" },
		{ "\xc0\x80", "! octet 0xc0 is no text at 1" },
		{ "\xe0\x9f\xbf", "! octet 0xe0 is no text at 1" },
		{ "\xed\xa0\x80", "! octet 0xed is no text at 1" },
		{ "\xf4\x90\x80\x80", "! octet 0xf4 is no text at 1" },
		{ "\xf5\x80\x80\x80", "! octet 0xf5 is no text at 1" },
		{ "\\\xff", "! octet 0xff is no text at 1" },
	};

	EACH(cases, WORDS_FILE);
	assert_string_equal(cut("a\0b", 3, WORDS_FILE), "! octet 0x00 is no text at 2");
	(void)state;
}

static void
words_know_where_they_stood(void **state)
{
	static const char line[] = "  \xc3\xa9\xc3\xa9 \\u00e9x \"q r\";";
	static const unsigned column[] = { 3, 6, 14, 19 };
	struct words_line w = { 0 };
	struct reason why = { 0 };

	assert_int_equal(words_cut(&w, line, sizeof line - 1, 7, WORDS_FILE, &why), 0);
	assert_int_equal(w.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(w.word[i].line, 7);
		assert_int_equal(w.word[i].column, column[i]);
		assert_int_equal(w.word[i].quoted, i == 2);
	}
	words_line_fini(&w);
	(void)state;
}

static void
lines_are_appended_and_earlier_words_survive(void **state)
{
	struct words_line w = { 0 };
	struct reason why = { 0 };

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 1000; i++)
			assert_int_equal(words_cut(&w, "route \"\" a,b", 12, i + 1, 0, &why), 0);
		assert_int_equal(words_cut(&w, "ok \"bad", 7, 1001, WORDS_FILE, &why), -1);
		assert_int_equal(w.count, 5000);
		for (unsigned i = 0; i < 1000; i++) {
			assert_string_equal(w.word[5 * i].at, "route");
			assert_string_equal(w.word[5 * i + 1].at, "");
			assert_string_equal(w.word[5 * i + 4].at, "b");
			assert_int_equal(w.word[5 * i + 4].line, i + 1);
		}
		words_line_clear(&w);
		assert_int_equal(w.count, 0);
	}
	words_line_fini(&w);
	(void)state;
}

static void
random_lines_stay_within_their_memory(void **state)
{
	static const char alphabet[] = "ab;{},[]()\"'#\\u0n \t\xc3\xa9\xff";
	struct words_line w = { 0 };
	unsigned seed = 11;

	for (int i = 0; i < 30000; i++) {
		struct reason why = { 0 };
		size_t len = (size_t)rand_r(&seed) % 24, words = 0;
		char *line = malloc(len + 1);

		for (size_t k = 0; k < len; k++)
			line[k] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
		if (i % 64 == 0)
			words_line_clear(&w);
		words = w.count;
		if (words_cut(&w, line, len, 1, i & 1, &why) < 0) {
			assert_true(reason_given(&why));
			assert_int_equal(w.count, words);
		}
		assert_true(w.used <= w.size);
		free(line);
	}
	words_line_fini(&w);
	(void)state;
}

/* The words of "xxx..." with an octet in it, in the memory of `w`; the first without so many of its x. */
static const char *
cut_behind(struct words_line *w, size_t front, char c, int flags)
{
	static struct text out;
	struct reason why = { 0 };
	char *line = malloc(front + 8);

	memset(line, 'x', front);
	memcpy(line + front, "a\0b c~d ", 8);
	line[front + 1] = c;
	words_line_clear(w);
	text_clear(&out);
	if (words_cut(w, line, front + 8 - (front & 1), 3, flags, &why) < 0)
		text_printf(&out, "! %s", why.text);
	for (size_t i = 0; i < w->count; i++) {
		size_t skipped = w->word[i].column == 1 ? front : 0;

		assert_int_equal(strlen(w->word[i].at), w->word[i].len);
		text_printf(
		    &out, "%zu %s|", w->word[i].column - front + skipped, w->word[i].at + skipped);
	}
	free(line);
	return text_str(&out);
}

static void
an_octet_is_the_same_wherever_it_stands_and_whatever_memory_there_is(void **state)
{
	struct words_line warm = { 0 };

	for (unsigned c = 1; c < 256; c++)
		for (size_t front = 0; front < 150; front++)
			for (int flags = WORDS_FILE; flags <= WORDS_API; flags++) {
				struct words_line fresh = { 0 };
				char *first = strdup(cut_behind(&fresh, 0, (char)c, flags));

				assert_string_equal(
				    cut_behind(&warm, front, (char)c, flags), first);
				free(first);
				words_line_fini(&fresh);
			}
	words_line_fini(&warm);
	(void)state;
}

static void
a_cursor_takes_expects_and_tells_what_is_wrong(void **state)
{
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct words w = words_of(&line);
	uint64_t n = 0;

	assert_false(words_left(&w));
	assert_string_equal(words_peek(&w), "");
	assert_null(words_next(&w));
	words_cut(&line, "med 100 next-hop x", 18, 4, WORDS_API, &why);
	w = words_of(&line);
	assert_false(words_take(&w, "me"));
	assert_true(words_take(&w, "med"));
	assert_int_equal(words_uint(&w, 0, 99, "a MED", &n, &why), -1);
	assert_string_equal(why.text, "expected a MED (0 to 99), found \"100\"");
	assert_int_equal(why.line, 4);
	assert_int_equal(why.column, 5);
	assert_int_equal(words_uint(&w, 100, 100, "a MED", &n, &why), 0);
	assert_int_equal(n, 100);
	why = (struct reason){ 0 };
	assert_int_equal(words_expect(&w, ";", &why), -1);
	assert_string_equal(why.text, "expected \";\", found \"next-hop\"");
	assert_int_equal(words_expect(&w, "next-hop", &why), 0);
	assert_string_equal(words_peek(&w), "x");
	assert_string_equal(words_next(&w)->at, "x");
	assert_false(words_left(&w));
	why = (struct reason){ 0 };
	assert_int_equal(words_wrong(&w, &why, "an address"), -1);
	assert_string_equal(why.text, "expected an address, found the end of the line");
	assert_int_equal(why.column, 18);
	words_line_fini(&line);
	(void)state;
}

static void
numbers_are_decimal_or_hexadecimal_and_bounded(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int ok;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 1, 0 },
		{ "4294967295", UINT32_MAX, 1, UINT32_MAX },
		{ "4294967296", UINT32_MAX, 0, 0 },
		{ "18446744073709551615", UINT64_MAX, 1, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, 0, 0 },
		{ "99999999999999999999999", UINT64_MAX, 0, 0 },
		{ "0xFf", 255, 1, 255 },
		{ "0x100", 255, 0, 0 },
		{ "0x", 255, 0, 0 },
		{ "0x1g", 255, 0, 0 },
		{ "007", 255, 1, 7 },
		{ "", 255, 0, 0 },
		{ "-1", 255, 0, 0 },
		{ "+1", 255, 0, 0 },
		{ " 1", 255, 0, 0 },
		{ "1a", 255, 0, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t n = 0;
		int got = word_uint(rows[i].text, strlen(rows[i].text), rows[i].max, &n);

		if (got != (rows[i].ok ? 0 : -1) || n != rows[i].value)
			fail_msg("<%s>: %d %llu", rows[i].text, got, (unsigned long long)n);
	}
	(void)state;
}

static void
pairs_of_digits_are_octets(void **state)
{
	uint8_t octets[3] = { 7, 7, 7 };

	assert_int_equal(word_octets("00fFA0", octets, 3), 0);
	assert_memory_equal(octets, "\0\377\240", 3);
	assert_int_equal(word_octets("", octets, 0), 0);
	assert_int_equal(word_octets("0", octets, 1), -1);
	assert_int_equal(word_octets("g0", octets, 1), -1);
	assert_int_equal(word_octets("000x", octets, 2), -1);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(space_separates_and_marks_are_words_of_their_own),
		cmocka_unit_test(in_api_text_parentheses_are_words),
		cmocka_unit_test(quotes_keep_everything_literal),
		cmocka_unit_test(a_hash_outside_quotes_ends_the_line),
		cmocka_unit_test(escapes_are_decoded_before_the_line_is_cut),
		cmocka_unit_test(what_is_no_utf8_is_refused),
		cmocka_unit_test(words_know_where_they_stood),
		cmocka_unit_test(lines_are_appended_and_earlier_words_survive),
		cmocka_unit_test(random_lines_stay_within_their_memory),
		cmocka_unit_test(
		    an_octet_is_the_same_wherever_it_stands_and_whatever_memory_there_is),
		cmocka_unit_test(a_cursor_takes_expects_and_tells_what_is_wrong),
		cmocka_unit_test(numbers_are_decimal_or_hexadecimal_and_bounded),
		cmocka_unit_test(pairs_of_digits_are_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
