#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/text.h"
#include "controller/api/owed.h"

static void
a_million_answers_cost_next_to_nothing_and_are_all_there(void **state)
{
	struct owed o;
	struct octets out = { 0 };
	size_t lines = 0;

	(void)state;
	owed_init(&o);
	for (unsigned i = 0; i < 1000000; i++)
		owed_ack(&o, false);
	assert_true(o.octets < 16 * 1024);
	assert_int_equal(o.acks, 1000000);
	while (!owed_empty(&o)) {
		octets_clear(&out);
		owed_take(&o, &out, 65536);
		assert_true(out.len < 65536 + 1024);
		for (size_t at = 0; at < out.len; at += 5, lines++)
			assert_memory_equal(out.base + at, "done\n", 5);
	}
	assert_int_equal(lines, 1000000);
	assert_int_equal(o.octets, 0);
	assert_int_equal(o.acks, 0);
	octets_fini(&out);
}

static void
answers_that_alternate_cost_an_octet_each(void **state)
{
	struct owed o;

	(void)state;
	owed_init(&o);
	for (unsigned i = 0; i < 100000; i++)
		owed_ack(&o, i & 1);
	assert_true(o.octets < 100000 + 1024);
	owed_clear(&o);
	assert_true(owed_empty(&o));
}

/* Words and texts at random, taken at random: what comes out is what went in. */
static void
the_order_is_kept(void **state)
{
	struct owed o;
	struct octets out = { 0 };
	struct text want = { 0 };

	(void)state;
	srand(7);
	owed_init(&o);
	for (unsigned i = 0; i < 20000; i++) {
		char line[32];
		int len = snprintf(line, sizeof line, "event %u\n", i), kind = rand() % 4;

		if (kind == 3) {
			owed_take(&o, &out, out.len + (size_t)(rand() % 100));
		} else if (kind == 2) {
			text_add(&want, line);
			owed_text(&o, line, (size_t)len);
		} else {
			text_add(&want, kind ? "error\n" : "done\n");
			owed_ack(&o, kind);
		}
	}
	owed_take(&o, &out, SIZE_MAX);
	assert_true(owed_empty(&o));
	assert_int_equal(out.len, want.len);
	assert_memory_equal(out.base, text_str(&want), want.len);
	octets_fini(&out);
	text_fini(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_answers_cost_next_to_nothing_and_are_all_there),
		cmocka_unit_test(answers_that_alternate_cost_an_octet_each),
		cmocka_unit_test(the_order_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
