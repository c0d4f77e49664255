#include "common/reader.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const uint8_t fifteen[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static void
numbers_are_read_in_network_order(void **state)
{
	struct reader r = reader_of(fifteen, sizeof fifteen);

	assert_int_equal(reader_u8(&r), 0x01);
	assert_int_equal(reader_u16(&r), 0x0203);
	assert_int_equal(reader_u24(&r), 0x040506);
	assert_int_equal(reader_u8(&r), 0x07);
	assert_true(reader_u64(&r) == UINT64_C(0x08090a0b0c0d0e0f));
	assert_true(reader_done(&r));
	r = reader_of("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_int_equal(reader_u32(&r), UINT32_MAX);
	assert_int_equal(reader_u24(&r), 0xffffff);
	(void)state;
}

static void
a_short_read_gives_zero_and_fails_for_good(void **state)
{
	struct reader r = reader_of(fifteen, 3);

	assert_int_equal(reader_u32(&r), 0);
	assert_int_equal(r.left, 0);
	assert_false(reader_ok(&r));
	assert_int_equal(reader_u8(&r), 0);
	assert_null(reader_take(&r, 0));
	assert_false(reader_done(&r));
	(void)state;
}

static void
every_width_fails_when_one_octet_is_missing(void **state)
{
	struct reader r[5];

	for (size_t i = 0; i < 5; i++)
		r[i] = reader_of(fifteen, (const size_t[]){ 0, 1, 2, 3, 7 }[i]);
	assert_int_equal(reader_u8(&r[0]), 0);
	assert_int_equal(reader_u16(&r[1]), 0);
	assert_int_equal(reader_u24(&r[2]), 0);
	assert_int_equal(reader_u32(&r[3]), 0);
	assert_true(reader_u64(&r[4]) == 0);
	for (size_t i = 0; i < 5; i++)
		assert_false(reader_ok(&r[i]));
	(void)state;
}

static void
a_child_sees_its_part_only_and_the_parent_has_moved_on(void **state)
{
	struct reader r = reader_of(fifteen, sizeof fifteen), child = reader_sub(&r, 2);

	assert_int_equal(reader_u32(&child), 0);
	assert_false(reader_ok(&child));
	assert_true(reader_ok(&r));
	assert_int_equal(reader_u8(&r), 3);
	child = reader_rest(&r);
	assert_true(reader_done(&r));
	assert_int_equal(child.left, 12);
	assert_int_equal(reader_u8(&child), 4);
	(void)state;
}

static void
a_child_longer_than_its_parent_fails_both(void **state)
{
	struct reader r = reader_of(fifteen, 4), child = reader_sub(&r, 5);

	assert_false(reader_ok(&child));
	assert_int_equal(child.left, 0);
	assert_int_equal(reader_u8(&child), 0);
	assert_false(reader_ok(&r));
	r = reader_of(fifteen, 4);
	child = reader_sub(&r, SIZE_MAX);
	assert_false(reader_ok(&child));
	(void)state;
}

static void
taking_nothing_from_nothing_is_not_short(void **state)
{
	struct reader r = reader_of(NULL, 0), zero = { 0 }, child;

	assert_non_null(reader_take(&r, 0));
	assert_non_null(reader_take(&zero, 0));
	child = reader_sub(&r, 0);
	assert_true(reader_done(&child));
	child = reader_rest(&r);
	assert_true(reader_done(&child));
	assert_true(reader_done(&r));
	(void)state;
}

static void
peeking_neither_moves_nor_fails(void **state)
{
	struct reader r = reader_of(fifteen, 1);

	assert_int_equal(reader_peek(&r), 1);
	assert_int_equal(reader_u8(&r), 1);
	assert_int_equal(reader_peek(&r), 0);
	assert_true(reader_done(&r));
	(void)state;
}

static void
readers_are_equal_when_the_same_bytes_are_left(void **state)
{
	static const uint8_t other[] = { 9, 2, 3 };
	struct reader a = reader_of(fifteen, 3), b = reader_of(other, 3);

	assert_false(reader_equal(a, b));
	reader_u8(&a);
	reader_u8(&b);
	assert_true(reader_equal(a, b));
	reader_u8(&a);
	assert_false(reader_equal(a, b));
	assert_true(reader_equal((struct reader){ 0 }, reader_of(other, 0)));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_network_order),
		cmocka_unit_test(a_short_read_gives_zero_and_fails_for_good),
		cmocka_unit_test(every_width_fails_when_one_octet_is_missing),
		cmocka_unit_test(a_child_sees_its_part_only_and_the_parent_has_moved_on),
		cmocka_unit_test(a_child_longer_than_its_parent_fails_both),
		cmocka_unit_test(taking_nothing_from_nothing_is_not_short),
		cmocka_unit_test(peeking_neither_moves_nor_fails),
		cmocka_unit_test(readers_are_equal_when_the_same_bytes_are_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
