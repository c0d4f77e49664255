/* Numbers of the lane, and what peers are in audiences. */
#include "speaker/slots.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct slots *slots;
static struct sets *sets;

static int
start(void **state)
{
	(void)state;
	slots = slots_new();
	sets = sets_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	assert_int_equal(sets_live(sets), 0);
	slots_free(slots);
	sets_free(sets);
	return 0;
}

/* The set of this bitmap of numbers as a bitmap of slots; both below 64. */
static uint64_t
set_of_numbers(uint64_t numbers)
{
	uint32_t set = slots_set(slots, sets, reader_of(&numbers, sizeof numbers));
	struct reader bits = set_bitmap(sets, set);
	uint64_t out = 0;

	assert_true(bits.left <= sizeof out);
	memcpy(&out, bits.at, bits.left);
	set_put(sets, set);
	return out;
}

static uint64_t
numbers_of_set(uint64_t members)
{
	uint32_t set = set_of_bitmap(sets, reader_of(&members, sizeof members));
	struct reader bits = slots_numbers(slots, sets, set);
	uint64_t out = 0;

	assert_true(bits.left <= sizeof out);
	memcpy(&out, bits.at, bits.left);
	set_put(sets, set);
	return out;
}

static void
a_number_is_its_own_slot_when_that_is_free(void **state)
{
	assert_int_equal(slot_of(slots, 0), 0);
	assert_int_equal(slot_of(slots, 7), 7);
	assert_int_equal(slot_of(slots, LINK_PEERS_MAX - 1), LINK_PEERS_MAX - 1);
	assert_int_equal(slot_of(slots, LINK_PEERS_MAX), SLOT_NONE);
	assert_int_equal(slot_of(slots, LINK_PEER_ANY), SLOT_NONE);
	assert_int_equal(set_of_numbers(0x81), 0x81);
	assert_int_equal(
	    set_of_numbers(0x300), 0x300); /* of the first time that they are heard of */
	assert_int_equal(numbers_of_set(0x381), 0x381);
	(void)state;
}

static void
a_slot_that_was_left_is_nobodys_until_it_is_released(void **state)
{
	assert_int_equal(slot_of(slots, 3), 3);
	assert_int_equal(slot_leave(slots, 3), 3);
	assert_int_equal(slot_leave(slots, 3), SLOT_NONE);
	assert_int_equal(slot_leave(slots, LINK_PEER_ANY), SLOT_NONE);
	assert_int_equal(slot_of(slots, 3), 4);
	assert_int_equal(slot_of(slots, 4), 5);
	assert_int_equal(set_of_numbers(1 << 3 | 1 << 4), 1 << 4 | 1 << 5);
	assert_int_equal(numbers_of_set(1 << 3 | 1 << 4 | 1 << 5), 1 << 3 | 1 << 4);
	assert_int_equal(numbers_of_set(1 << 3), 0);
	slot_release(slots, 3);
	assert_int_equal(slot_of(slots, 3), 4);
	assert_int_equal(slot_leave(slots, 3), 4);
	assert_int_equal(slot_of(slots, 3), 3);
	(void)state;
}

static void
there_are_slots_for_all_numbers_and_one_more(void **state)
{
	for (uint32_t n = 0; n < LINK_PEERS_MAX; n++)
		assert_int_equal(slot_of(slots, n), n);
	assert_int_equal(slot_leave(slots, 5), 5);
	assert_int_equal(slot_of(slots, 5), LINK_PEERS_MAX);
	assert_int_equal(slot_leave(slots, 5), LINK_PEERS_MAX);
	assert_int_equal(slot_of(slots, 5), SLOT_NONE);
	assert_int_equal(set_of_numbers(1 << 5 | 1 << 6), 1 << 6);
	slot_release(slots, LINK_PEERS_MAX);
	assert_int_equal(slot_of(slots, 5), LINK_PEERS_MAX);
	(void)state;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
		TEST(a_number_is_its_own_slot_when_that_is_free),
		TEST(a_slot_that_was_left_is_nobodys_until_it_is_released),
		TEST(there_are_slots_for_all_numbers_and_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
