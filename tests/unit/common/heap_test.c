#include "common/heap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <cmocka.h>

enum { ITEMS = 300, STEPS = 60000 };

struct item {
	uint64_t key;
	uint32_t slot;
};

static void
placed(void *item, uint32_t slot)
{
	((struct item *)item)->slot = slot;
}

static uint64_t
least(const struct item *items)
{
	uint64_t key = UINT64_MAX;

	for (size_t i = 0; i < ITEMS; i++)
		if (items[i].slot > 0 && items[i].key < key)
			key = items[i].key;
	return key;
}

static void
the_first_is_always_the_least_of_a_model(void **state)
{
	struct heap h = { .placed = placed };
	struct item items[ITEMS] = { 0 };
	unsigned seed = 9;
	size_t count = 0;

	for (int step = 0; step < STEPS; step++) {
		struct item *i = &items[rand_r(&seed) % ITEMS], *first;
		uint64_t key = (uint64_t)(rand_r(&seed) % 1000);

		if (i->slot == 0) {
			i->key = key;
			heap_insert(&h, key, i);
			count++;
		} else if (rand_r(&seed) & 1) {
			i->key = key;
			heap_move(&h, i->slot, key);
		} else {
			heap_remove(&h, i->slot);
			assert_int_equal(i->slot, 0);
			count--;
		}
		assert_int_equal(h.count, count);
		first = heap_first(&h, &key);
		if (count == 0) {
			assert_null(first);
			continue;
		}
		assert_int_equal(first->slot, 1);
		assert_true(key == first->key && key == least(items));
	}
	heap_fini(&h);
	(void)state;
}

static void
every_item_knows_its_slot(void **state)
{
	struct heap h = { .placed = placed };
	struct item items[ITEMS] = { 0 };
	unsigned seed = 4;

	for (size_t i = 0; i < ITEMS; i++) {
		items[i].key = (uint64_t)rand_r(&seed);
		heap_insert(&h, items[i].key, &items[i]);
	}
	for (size_t i = 0; i < ITEMS; i += 3)
		heap_remove(&h, items[i].slot);
	for (size_t slot = 1; slot <= h.count; slot++) {
		struct item *i = h.slot[slot].item;

		assert_int_equal(i->slot, slot);
		assert_true(i->key == h.slot[slot].key);
	}
	heap_fini(&h);
	(void)state;
}

static void
items_leave_in_order(void **state)
{
	struct heap h = { 0 }; /* without being told their places */
	uint64_t keys[ITEMS], last = 0, key = 0;
	unsigned seed = 8;

	assert_null(heap_first(&h, &key));
	for (size_t i = 0; i < ITEMS; i++) {
		keys[i] = (uint64_t)rand_r(&seed) << 32;
		heap_insert(&h, keys[i], &keys[i]);
	}
	for (size_t i = 0; i < ITEMS; i++, last = key) {
		assert_true(*(uint64_t *)heap_first(&h, &key) == key && key >= last);
		assert_ptr_equal(heap_first(&h, NULL), heap_first(&h, &key));
		heap_remove(&h, 1);
	}
	assert_null(heap_first(&h, NULL));
	heap_fini(&h);
	assert_int_equal(h.cap, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_always_the_least_of_a_model),
		cmocka_unit_test(every_item_knows_its_slot),
		cmocka_unit_test(items_leave_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
