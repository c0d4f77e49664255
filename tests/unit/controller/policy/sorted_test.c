/* Lists that are put in order, and together, by and by: against doing it at once. */
#include "controller/policy/sorted.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "common/mem.h"

enum { ROUNDS = 300, MOST = 6000 };

static int
order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static struct sorted
some(uint32_t most)
{
	struct sorted l = {
		.count = (size_t)random() % MOST, .size = sizeof(uint32_t), .order = order
	};
	uint32_t *list = mem_alloc((l.count + 1) * sizeof *list);
	bool up = random() % 3 == 0;

	for (size_t i = 0; i < l.count; i++)
		list[i] = up ? (uint32_t)i / 3 : (uint32_t)random() % most;
	l.base = list;
	return l;
}

/* One that is in order, in steps of a size. */
static struct sorted
made(uint32_t most, size_t steps)
{
	struct sorted l = some(most);
	struct sorting how = { 0 };

	while (!sorted_make(&l, &how, steps))
		;
	return l;
}

static bool
has(const struct sorted *l, uint32_t what)
{
	return bsearch(&what, l->base, l->count, l->size, order) != NULL;
}

static void
what_is_put_in_order_by_and_by_has_each_once(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < ROUNDS; round++) {
		struct sorted l = some(round % 2 ? 500 : UINT32_MAX);
		size_t steps = 1 + (size_t)random() % (round % 3 ? 700 : 100000), count = l.count;
		uint32_t *before = mem_copy(l.base, l.count * l.size + l.size), *now;
		struct sorting how = { 0 };

		while (!sorted_make(&l, &how, steps))
			;
		now = l.base;
		for (size_t i = 1; i < l.count; i++)
			assert_true(now[i - 1] < now[i]);
		for (size_t i = 0; i < count; i++)
			assert_true(has(&l, before[i]));
		qsort(before, count, sizeof *before, order);
		for (size_t i = 0, k = 0; i < count; i++) {
			if (i > 0 && before[i] == before[i - 1])
				continue;
			assert_int_equal(now[k++], before[i]);
			if (i == count - 1)
				assert_int_equal(k, l.count);
		}
		mem_free(before);
		mem_free(l.base);
	}
}

static void
what_is_put_behind_one_in_order_has_room(void **state)
{
	struct sorted l = { .size = sizeof(uint32_t), .order = order };

	(void)state;
	for (uint32_t most = 1000; most <= 5000; most += 1000) {
		for (uint32_t i = 0; i < most; i++)
			sorted_put(&l, &(uint32_t){ 7919 * i % most });
		assert_true(sorted_make(&l, &(struct sorting){ 0 }, SIZE_MAX));
		assert_int_equal(l.count, most);
		assert_true(l.cap >= l.count);
		assert_true(has(&l, 0) && has(&l, most - 1));
	}
	mem_free(l.base);
}

static void
what_is_given_up_in_the_middle_leaks_nothing(void **state)
{
	struct sorted l = { .count = 3000, .size = sizeof(uint32_t), .order = order };
	struct sorting how = { 0 };
	uint32_t *list = mem_alloc(l.count * l.size);

	(void)state;
	for (uint32_t i = 0; i < l.count; i++)
		list[i] = 7919 * i;
	l.base = list;
	for (int i = 0; i < 9; i++)
		assert_false(sorted_make(&l, &how, 512));
	sorting_fini(&how);
	mem_free(l.base);
}

static void
two_together_have_what_was_asked_for(void **state)
{
	static const unsigned keeps[] = { SORTED_UNION, SORTED_MINUS, SORTED_DIFFERENCE,
		SORTED_BOTH };

	(void)state;
	srandom(3);
	for (int round = 0; round < ROUNDS; round++) {
		struct sorted a = made(3000, SIZE_MAX), b = made(3000, 1000);
		struct sorted out = { .size = a.size, .order = order };
		unsigned keep = keeps[round % 4];
		struct sorted_place at = { 0 };
		size_t steps = 1 + (size_t)random() % 500;

		while (!sorted_merge(&out, &a, &b, keep, &at, steps))
			;
		for (size_t i = 1; i < out.count; i++)
			assert_true(
			    order((uint32_t *)out.base + i - 1, (uint32_t *)out.base + i) < 0);
		for (uint32_t i = 0; i < 3000; i++) {
			unsigned in = has(&a, i) && has(&b, i) ? SORTED_BOTH
				      : has(&a, i)             ? SORTED_FIRST
				      : has(&b, i)             ? SORTED_SECOND
							       : 0;

			assert_int_equal(has(&out, i), (keep & in) != 0);
		}
		assert_int_equal(sorted_equal(&a, &out),
		    a.count == out.count && memcmp(a.base, out.base, a.count * a.size) == 0);
		mem_free(a.base);
		mem_free(b.base);
		mem_free(out.base);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_order_by_and_by_has_each_once),
		cmocka_unit_test(what_is_put_behind_one_in_order_has_room),
		cmocka_unit_test(what_is_given_up_in_the_middle_leaks_nothing),
		cmocka_unit_test(two_together_have_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
