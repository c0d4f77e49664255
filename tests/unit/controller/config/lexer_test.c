#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "controller/config/lexer.h"

/* Lines of words as "line:column word|...", a line of them for each line of the file. */
static const struct {
	const char *text, *words;
} cases[] = {
	{ "", "" },
	{ "\n\n  # only a comment\n", "" },
	{ "a b;", "1:1 a|1:3 b|1:4 ;|\n" },
	{ "a\nb\n", "1:1 a|\n2:1 b|\n" },
	{ "a b\r\nc\r\n", "1:1 a|1:3 b|\n2:1 c|\n" },
	{ "a \\\n  b \\\n c\nd", "1:1 a|2:3 b|3:2 c|\n4:1 d|\n" },
	{ "a\\  \t\nb", "1:1 ab|\n" }, /* joined without a blank between */
	{ "a \\", "1:1 a|\n" },
	{ "x \xc3\xa9\xc3\xa9 \\\n y",
	    "1:1 x|1:3 \xc3\xa9\xc3\xa9|2:2 y|\n" }, /* columns are characters */
	{ "\xef\xbb\xbf"
	  "a",
	    "1:1 a|\n" },
	{ "a # b \\\nc\nd", "1:1 a|\n3:1 d|\n" }, /* a comment takes what is joined to it */
	{ "\"a b\" ';'", "1:1 a b|1:7 ;|\n" },
};

static void
print_lines(const char *text, char *out, size_t size)
{
	struct lexer l;
	struct reason r = { 0 };
	size_t used = 0;

	out[0] = '\0';
	lexer_init(&l, text, strlen(text));
	while (lexer_next(&l, &r) > 0) {
		for (size_t i = 0; i < l.words.count; i++) {
			const struct word *w = &l.words.word[i];
			used += (size_t)snprintf(
			    out + used, size - used, "%u:%u %s|", w->line, w->column, w->at);
		}
		used += (size_t)snprintf(out + used, size - used, "\n");
	}
	assert_false(reason_given(&r));
	lexer_fini(&l);
}

static void
words_keep_their_place_in_the_file(void **state)
{
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_lines(cases[i].text, out, sizeof(out));
		assert_string_equal(out, cases[i].words);
	}
}

static void
a_quoted_terminator_ends_nothing(void **state)
{
	struct lexer l;
	struct reason r = { 0 };
	static const char text[] = "';' ; \"{\" {";

	(void)state;
	lexer_init(&l, text, strlen(text));
	assert_int_equal(lexer_next(&l, &r), 1);
	assert_int_equal(l.words.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(lexer_ends_statement(&l.words.word[i]), i % 2 == 1);
	lexer_fini(&l);
}

static void
what_cannot_be_cut_has_a_place(void **state)
{
	struct lexer l;
	struct reason r = { 0 };
	static const char text[] = "a\nb \\\n c \"d";

	(void)state;
	lexer_init(&l, text, strlen(text));
	assert_int_equal(lexer_next(&l, &r), 1);
	assert_int_equal(lexer_next(&l, &r), -1);
	assert_int_equal(r.line, 3);
	assert_int_equal(r.column, 4);
	lexer_fini(&l);
}

static void
a_line_can_be_shown_again(void **state)
{
	struct lexer l;
	size_t len;
	static const char text[] = "a\nb c \r\n\nlast";

	(void)state;
	lexer_init(&l, text, strlen(text));
	assert_memory_equal(lexer_source(&l, 2, &len), "b c", 3);
	assert_int_equal(len, 3);
	assert_memory_equal(lexer_source(&l, 4, &len), "last", 4);
	assert_null(lexer_source(&l, 5, &len));
	lexer_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_keep_their_place_in_the_file),
		cmocka_unit_test(a_quoted_terminator_ends_nothing),
		cmocka_unit_test(what_cannot_be_cut_has_a_place),
		cmocka_unit_test(a_line_can_be_shown_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
