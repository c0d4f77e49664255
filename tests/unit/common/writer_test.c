#include "common/writer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void
what_is_written_is_read(void **state)
{
	unsigned seed = 7;

	for (int round = 0; round < 2000; round++) {
		uint8_t memory[64];
		uint64_t v[5];
		struct writer w = writer_of(memory, sizeof memory);
		struct reader r, child;
		size_t outer, inner;

		for (size_t i = 0; i < 5; i++)
			v[i] = (uint64_t)rand_r(&seed) << 33 ^ (uint64_t)rand_r(&seed);
		outer = writer_begin_u16(&w);
		writer_u8(&w, v[0] & 0xff);
		writer_u16(&w, v[1] & 0xffff);
		inner = writer_begin_u8(&w);
		writer_u24(&w, v[2] & 0xffffff);
		writer_u32(&w, v[3] & 0xffffffff);
		writer_end_u8(&w, inner);
		writer_u64(&w, v[4]);
		writer_end_u16(&w, outer);
		assert_true(writer_ok(&w));

		r = writer_read(&w);
		assert_int_equal(reader_u16(&r), w.len - 2);
		assert_int_equal(reader_u8(&r), v[0] & 0xff);
		assert_int_equal(reader_u16(&r), v[1] & 0xffff);
		child = reader_sub(&r, reader_u8(&r));
		assert_int_equal(reader_u24(&child), v[2] & 0xffffff);
		assert_int_equal(reader_u32(&child), v[3] & 0xffffffff);
		assert_true(reader_done(&child));
		assert_true(reader_u64(&r) == v[4]);
		assert_true(reader_done(&r));
	}
	(void)state;
}

static void
a_value_too_wide_for_its_field_fails_for_good(void **state)
{
	static void (*const put[])(
	    struct writer *, uint64_t) = { writer_u8, writer_u16, writer_u24, writer_u32 };
	static const unsigned bits[] = { 8, 16, 24, 32 };

	for (size_t i = 0; i < 4; i++) {
		uint8_t memory[16];
		struct writer w = writer_of(memory, sizeof memory);

		put[i](&w, (UINT64_C(1) << bits[i]) - 1);
		assert_true(writer_ok(&w));
		put[i](&w, UINT64_C(1) << bits[i]);
		assert_false(writer_ok(&w));
		writer_u8(&w, 1);
		assert_int_equal(w.len, bits[i] / 8);
	}
	(void)state;
}

static void
what_does_not_fit_fails_and_leaves_what_was_there(void **state)
{
	uint8_t memory[4] = { 0, 0, 0, 0xee };
	struct writer w = writer_of(memory, 3);

	writer_u16(&w, 0x0102);
	writer_u16(&w, 0x0304);
	assert_false(writer_ok(&w));
	assert_int_equal(w.len, 2);
	writer_u8(&w, 5);
	assert_int_equal(w.len, 2);
	assert_memory_equal(memory, "\1\2\0\xee", 4);
	w = writer_of(memory, 3);
	assert_null(writer_room(&w, SIZE_MAX));
	assert_false(writer_ok(&w));
	(void)state;
}

static void
a_length_that_overflows_its_field_fails(void **state)
{
	uint8_t memory[300] = { 0 };
	struct writer w = writer_of(memory, sizeof memory);
	size_t mark = writer_begin_u8(&w);

	writer_bytes(&w, (const uint8_t[255]){ 0 }, 255);
	writer_end_u8(&w, mark);
	assert_true(writer_ok(&w));
	assert_int_equal(memory[0], 255);
	writer_u8(&w, 0);
	writer_end_u8(&w, mark);
	assert_false(writer_ok(&w));
	(void)state;
}

static void
a_length_begun_in_a_full_writer_is_never_written(void **state)
{
	uint8_t memory[1] = { 0xee };
	struct writer w = writer_of(memory, 1);
	size_t mark = writer_begin_u16(&w);

	writer_end_u16(&w, mark);
	assert_false(writer_ok(&w));
	assert_int_equal(memory[0], 0xee);
	(void)state;
}

static void
copying_a_reader_writes_all_that_is_left(void **state)
{
	uint8_t memory[8];
	struct writer w = writer_of(memory, sizeof memory);
	struct reader r = reader_of("abcd", 4);

	reader_u8(&r);
	writer_copy(&w, r);
	assert_true(writer_ok(&w));
	assert_int_equal(w.len, 3);
	assert_memory_equal(memory, "bcd", 3);
	writer_copy(&w, reader_of(NULL, 0));
	assert_true(writer_ok(&w));
	reader_u64(&r);
	writer_copy(&w, r);
	assert_false(writer_ok(&w));
	(void)state;
}

static void
a_writer_without_memory_takes_nothing_but_nothing(void **state)
{
	struct writer w = writer_of(NULL, 0);

	writer_bytes(&w, NULL, 0);
	assert_true(writer_ok(&w));
	writer_u8(&w, 0);
	assert_false(writer_ok(&w));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_value_too_wide_for_its_field_fails_for_good),
		cmocka_unit_test(what_does_not_fit_fails_and_leaves_what_was_there),
		cmocka_unit_test(a_length_that_overflows_its_field_fails),
		cmocka_unit_test(a_length_begun_in_a_full_writer_is_never_written),
		cmocka_unit_test(copying_a_reader_writes_all_that_is_left),
		cmocka_unit_test(a_writer_without_memory_takes_nothing_but_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
