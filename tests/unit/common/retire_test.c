#include "common/retire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { ENTRIES = 1000000 }; /* more than any turn frees */

static unsigned released;

static void
release(void *self, struct blob *value, uint32_t audience)
{
	(void)self;
	(void)value;
	(void)audience;
	released++;
}

static const struct ledger_ops ops = { .release = release };

static struct ledger *
make(uint32_t entries)
{
	struct ledger *l = ledger_new(&ops, NULL);

	for (uint32_t i = 0; i < entries; i++)
		ledger_put(l, i, reader_of("k", 1), NULL, 1, 0);
	released = 0;
	return l;
}

/* What was begun when another one comes is gone on with. */
static void
ledgers_are_freed_in_several_turns(void **state)
{
	struct loop *loop = loop_new();
	struct retire *r = retire_new(loop);
	struct ledger *one = make(ENTRIES), *two = make(ENTRIES);
	unsigned turns = 1;

	retire_ledger(r, &one);
	assert_null(one);
	assert_int_equal(released, 0);
	loop_turn(loop, 0);
	assert_in_range(released, 1, ENTRIES - 1);
	retire_ledger(r, &two);
	for (; released < 2 * ENTRIES; turns++) {
		assert_in_range(turns, 1, 2 * ENTRIES);
		loop_turn(loop, 0);
	}
	assert_in_range(turns, 3, 2 * ENTRIES);
	assert_int_equal(released, 2 * ENTRIES);
	retire_free(r);
	assert_int_equal(released, 2 * ENTRIES);
	loop_free(loop);
	(void)state;
}

static unsigned left;

static bool
leave(void *thing, unsigned steps)
{
	assert_ptr_equal(thing, &left);
	left -= steps < left ? steps : left;
	return left == 0;
}

static void
other_things_are_left_in_slices_too(void **state)
{
	struct loop *loop = loop_new_test();
	struct retire *r = retire_new(loop);
	struct ledger *one = make(ENTRIES);

	loop_test_hurry(loop, true);
	left = 1000;
	retire_ledger(r, &one);
	retire_thing(r, leave, &left);
	retire_thing(r, leave, NULL);
	loop_turn(loop, 0);
	assert_in_range(left, 1, 999);
	for (unsigned turns = 0; turns < 2 * ENTRIES; turns++)
		loop_turn(loop, 0);
	assert_int_equal(left, 0);
	assert_int_equal(released, ENTRIES);
	left = 1000;
	retire_thing(r, leave, &left);
	retire_free(r);
	assert_int_equal(left, 0);
	loop_free(loop);
	(void)state;
}

static void
what_is_left_is_freed_with_it(void **state)
{
	struct loop *loop = loop_new();
	struct retire *r = retire_new(loop);
	struct ledger *one = make(10), *two = make(10), *none = NULL;

	retire_ledger(r, &one);
	retire_ledger(r, &two);
	retire_ledger(r, &none);
	retire_free(r);
	assert_int_equal(released, 20);
	retire_free(NULL);
	loop_free(loop);
	(void)state;
}

static void
a_ledger_of_nothing_is_freed(void **state)
{
	struct loop *loop = loop_new();
	struct retire *r = retire_new(loop);

	for (int i = 0; i < 3; i++) {
		struct ledger *l = make(0);

		retire_ledger(r, &l);
		loop_turn(loop, 0);
	}
	/* nothing is left to do: the loop may wait */
	loop_turn(loop, 1);
	retire_free(r);
	loop_free(loop);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ledgers_are_freed_in_several_turns),
		cmocka_unit_test(other_things_are_left_in_slices_too),
		cmocka_unit_test(what_is_left_is_freed_with_it),
		cmocka_unit_test(a_ledger_of_nothing_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
