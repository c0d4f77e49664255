#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "controller/api/lines.h"

static void
feed(struct lines *l, const void *octets, size_t len)
{
	enum { ROOM = 4096 };

	while (len > 0) {
		size_t some = len < ROOM ? len : ROOM;

		memcpy(lines_room(l, ROOM), octets, some);
		lines_came(l, ROOM, some);
		octets = (const char *)octets + some;
		len -= some;
	}
}

static void
assert_line(struct lines *l, const char *want)
{
	struct reader line;

	assert_int_equal(lines_next(l, &line), LINES_LINE);
	assert_int_equal(line.left, strlen(want));
	assert_memory_equal(line.at, want, line.left);
}

static void
assert_none(struct lines *l)
{
	struct reader line;

	assert_int_equal(lines_next(l, &line), LINES_NONE);
}

static void
half_lines_are_kept_until_their_end_comes(void **state)
{
	struct lines l = { .start = 0 };

	(void)state;
	assert_none(&l);
	feed(&l, "announce ro", 11);
	assert_none(&l);
	assert_none(&l);
	feed(&l, "ute\r\nnext \t\n\nlast", 17);
	assert_line(&l, "announce route");
	assert_line(&l, "next");
	assert_line(&l, "");
	assert_none(&l);
	feed(&l, "\n", 1);
	assert_line(&l, "last");
	assert_none(&l);
	lines_fini(&l);
}

static void
every_way_to_cut_gives_the_same_lines(void **state)
{
	static const char text[] = "one\ntwo two\n\nfour\n";

	(void)state;
	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct lines l = { .start = 0 };

		feed(&l, text, cut);
		feed(&l, text + cut, sizeof text - 1 - (cut < sizeof text - 1 ? cut : sizeof text - 1));
		assert_line(&l, "one");
		assert_line(&l, "two two");
		assert_line(&l, "");
		assert_line(&l, "four");
		assert_none(&l);
		lines_fini(&l);
	}
}

static void
a_line_that_is_too_long_is_told_once_and_costs_no_more_than_its_bound(void **state)
{
	static char some[4096];
	struct lines l = { .start = 0 };
	struct reader line;
	unsigned told = 0;

	(void)state;
	memset(some, 'x', sizeof some);
	for (unsigned i = 0; i < 10 * 256; i++) {
		feed(&l, some, sizeof some);
		told += lines_next(&l, &line) == LINES_TOO_LONG;
		assert_true(l.octets.len <= LINE_MAX_OCTETS + 2 * sizeof some);
	}
	assert_int_equal(told, 1);
	feed(&l, "\nversion\n", 9);
	assert_line(&l, "version");
	assert_none(&l);
	lines_fini(&l);
}

static void
binary_is_a_line_like_others(void **state)
{
	struct lines l = { .start = 0 };
	struct reader line;

	(void)state;
	feed(&l, "\0\xff\x01\n\0\n", 6);
	assert_int_equal(lines_next(&l, &line), LINES_LINE);
	assert_int_equal(line.left, 3);
	assert_int_equal(lines_next(&l, &line), LINES_LINE);
	assert_int_equal(line.left, 1);
	assert_none(&l);
	lines_fini(&l);
}

static void
a_line_can_be_looked_at_before_it_is_taken(void **state)
{
	struct lines l = { .start = 0 };
	struct reader line;

	(void)state;
	assert_int_equal(lines_peek(&l).left, 0);
	feed(&l, "first \r\nsecond\nha", 17);
	line = lines_peek(&l);
	assert_int_equal(line.left, 5);
	assert_memory_equal(line.at, "first", 5);
	assert_line(&l, "first");
	line = lines_peek(&l);
	assert_int_equal(line.left, 6);
	assert_memory_equal(line.at, "second", 6);
	assert_line(&l, "second");
	assert_int_equal(lines_peek(&l).left, 0);
	assert_none(&l);
	assert_int_equal(lines_peek(&l).left, 0);
	feed(&l, "lf\n", 3);
	assert_line(&l, "half");
	lines_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_can_be_looked_at_before_it_is_taken),
		cmocka_unit_test(half_lines_are_kept_until_their_end_comes),
		cmocka_unit_test(every_way_to_cut_gives_the_same_lines),
		cmocka_unit_test(a_line_that_is_too_long_is_told_once_and_costs_no_more_than_its_bound),
		cmocka_unit_test(binary_is_a_line_like_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
