#include "common/index.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { NUMBERS = 6000, STEPS = 60000, MANY = 1000000 };

/* Numbers have few distinct hashes here, so that clusters and equal hashes come about. */
static unsigned calls;

static uint32_t
hash_of(void *self, uint32_t number)
{
	uint32_t spread = *(uint32_t *)self;

	calls++;
	return number % spread * 0x9e3779b1u;
}

/* From a number on they are all as great as can be. */
static uint32_t
equal_from(void *self, uint32_t number)
{
	return number < *(uint32_t *)self ? number * 0x9e3779b1u : UINT32_MAX;
}

static bool
found(const struct index *x, uint32_t hash, uint32_t number)
{
	struct index_walk w = { 0 };
	uint32_t n;

	while (index_next(x, hash, &w, &n))
		if (n == number)
			return true;
	return false;
}

static void
agree(uint32_t spread, unsigned seed)
{
	struct index x;
	bool *in = calloc(NUMBERS, sizeof *in);

	index_init(&x, hash_of, &spread);
	for (int step = 0; step < STEPS; step++) {
		/* the numbers in use become more over time, so that it grows with removals in between */
		uint32_t n = (uint32_t)(rand_r(&seed) % (1 + step * NUMBERS / STEPS));
		uint32_t hash = hash_of(&spread, n), other;

		if (in[n])
			index_remove(&x, hash, n);
		else
			index_insert(&x, hash, n);
		in[n] = !in[n];
		assert_int_equal(found(&x, hash, n), in[n]);
		other = (uint32_t)rand_r(&seed) % NUMBERS;
		assert_int_equal(found(&x, hash_of(&spread, other), other), in[other]);
	}
	for (uint32_t n = 0; n < NUMBERS; n++)
		assert_int_equal(found(&x, hash_of(&spread, n), n), in[n]);
	index_fini(&x);
	free(in);
}

static void
what_was_put_in_is_found_until_it_is_taken_out(void **state)
{
	agree(NUMBERS, 1);
	agree(NUMBERS, 2);
	(void)state;
}

static void
things_with_equal_hashes_are_all_found(void **state)
{
	agree(300, 3);
	(void)state;
}

static void
a_walk_gives_each_number_once(void **state)
{
	struct index x;
	uint32_t spread = 1, n;

	index_init(&x, hash_of, &spread);
	for (uint32_t count = 1; count <= 300; count++) {
		struct index_walk w = { 0 };
		bool seen[300] = { 0 };
		uint32_t walked = 0;

		index_insert(&x, 0, count - 1);
		for (; index_next(&x, 0, &w, &n); walked++) {
			assert_in_range(n, 0, count - 1);
			assert_false(seen[n]);
			seen[n] = true;
		}
		assert_int_equal(walked, count);
	}
	index_fini(&x);
	(void)state;
}

/* What an insert or a removal does is counted in the things whose hash it asks for: the same few at any size, and
 * hardly any in a large index. */
static void
no_insert_or_removal_does_more_work_in_a_larger_index(void **state)
{
	struct index x;
	uint32_t spread = UINT32_MAX;
	unsigned most = 0, all = 0;

	index_init(&x, hash_of, &spread);
	for (uint32_t n = 0; n < MANY; n++) {
		calls = 0;
		index_insert(&x, n * 0x9e3779b1u, n);
		most = calls > most ? calls : most;
		all += n > MANY / 10 ? calls : 0;
		/* 6.4 octets a slot, at most 15/8 slots a number, two pages begun */
		assert_in_range(index_octets(&x), 0, n * 17 + (1 << 17));
	}
	assert_in_range(most, 1, 60);
	assert_in_range(all, 0, MANY / 50);
	assert_in_range(index_octets(&x), 0, MANY * 12);
	most = 0;
	for (uint32_t n = 0; n < MANY; n++) {
		calls = 0;
		index_remove(&x, n * 0x9e3779b1u, n);
		most = calls > most ? calls : most;
	}
	assert_int_equal(most, 0);
	assert_int_equal(x.count, 0);
	index_fini(&x);
	(void)state;
}

/* Far more than a table has room for behind its last bucket, small and large. */
static void
equal_hashes_at_the_end_of_the_table_are_found_and_taken_out(void **state)
{
	static const uint32_t others[] = { 0, 20000 };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		uint32_t first = others[i], last = first + NUMBERS;
		struct index x;

		index_init(&x, equal_from, &first);
		for (uint32_t n = 0; n < last; n++)
			index_insert(&x, equal_from(&first, n), n);
		for (uint32_t n = 0; n < last; n++)
			assert_true(found(&x, equal_from(&first, n), n));
		for (uint32_t n = 0; n < last; n += 2)
			index_remove(&x, equal_from(&first, n), n);
		for (uint32_t n = 0; n < last; n++)
			assert_int_equal(found(&x, equal_from(&first, n), n), n % 2);
		index_fini(&x);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_in_is_found_until_it_is_taken_out),
		cmocka_unit_test(things_with_equal_hashes_are_all_found),
		cmocka_unit_test(a_walk_gives_each_number_once),
		cmocka_unit_test(equal_hashes_at_the_end_of_the_table_are_found_and_taken_out),
		cmocka_unit_test(no_insert_or_removal_does_more_work_in_a_larger_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
