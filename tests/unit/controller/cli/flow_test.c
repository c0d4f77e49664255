#include "controller/cli/flow.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static size_t all;

static struct flow
begin(uint32_t sequence)
{
	struct flow f = { .all = &all };

	flow_start(&f, sequence);
	return f;
}

static void
add(struct flow *f, uint32_t sequence, const char *text, uint32_t missing)
{
	flow_add(f, sequence, reader_of(text, strlen(text)), missing);
}

static void
holds(const struct flow *f, const char *text)
{
	assert_true(reader_equal(octets_read(&f->in), reader_of(text, strlen(text))));
}

static void
order_and_repeats_do_not_matter(void **state)
{
	struct flow f = begin(0xfffffffe); /* numbers wrap within it */

	add(&f, 6, "ijk", 0);
	add(&f, 2, "efgh", 0);
	holds(&f, "");
	add(&f, 0, "cdef", 0);
	add(&f, 0xfffffffe, "abcd", 0);
	holds(&f, "abcdefghijk");
	add(&f, 4, "gh", 0);
	add(&f, 0xffffffff, "b", 0);
	holds(&f, "abcdefghijk");
	assert_int_equal(f.next, 9);
	assert_int_equal(all, 0);
	flow_fini(&f);
	(void)state;
}

static void
a_hole_is_skipped_when_asked(void **state)
{
	struct flow f = begin(0);

	add(&f, 0, "ab", 0);
	add(&f, 5, "fg", 0);
	assert_false(flow_crowded(&f));
	assert_int_equal(all, 2);
	assert_int_equal(flow_skip(&f), 3);
	holds(&f, "abfg");
	assert_int_equal(flow_skip(&f), 0);
	assert_int_equal(all, 0);
	flow_fini(&f);
	(void)state;
}

static void
what_was_not_kept_is_a_hole_at_once(void **state)
{
	struct flow f = begin(0);

	add(&f, 0, "ab", 3);
	assert_true(flow_crowded(&f));
	add(&f, 5, "fg", 0);
	holds(&f, "ab");
	assert_int_equal(flow_skip(&f), 3);
	holds(&f, "abfg");
	add(&f, 5, "fg", 2); /* twice, but longer */
	assert_int_equal(f.hole, 2);
	assert_int_equal(flow_skip(&f), 2);
	assert_int_equal(f.next, 9);
	flow_fini(&f);
	(void)state;
}

static void
what_waits_is_bounded(void **state)
{
	static uint8_t octets[60000];
	struct flow f = begin(0);
	size_t n = 0;

	while (!flow_crowded(&f) && n < 100) {
		flow_add(
		    &f, 10 + (uint32_t)(n * sizeof octets), reader_of(octets, sizeof octets), 0);
		n++;
	}
	assert_in_range(all, FLOW_EARLY_MAX, FLOW_EARLY_MAX + sizeof octets);
	flow_fini(&f);
	assert_int_equal(all, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_repeats_do_not_matter),
		cmocka_unit_test(a_hole_is_skipped_when_asked),
		cmocka_unit_test(what_was_not_kept_is_a_hole_at_once),
		cmocka_unit_test(what_waits_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
