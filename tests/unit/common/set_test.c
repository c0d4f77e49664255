#include "common/set.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A set from a list that ends with -1. */
static uint32_t
make(struct sets *s, const int *members)
{
	uint8_t bits[SET_MEMBERS / 8] = { 0 };

	for (; *members >= 0; members++)
		bits[*members >> 3] |= (uint8_t)(1 << (*members & 7));
	return set_of_bitmap(s, reader_of(bits, sizeof bits));
}
#define MAKE(s, ...) make(s, (const int[]){ __VA_ARGS__, -1 })

static void
equal_sets_have_equal_numbers(void **state)
{
	struct sets *s = sets_new();
	uint32_t a = MAKE(s, 1, 70, 900), b = MAKE(s, 900, 1, 70), c = MAKE(s, 1, 70);
	uint32_t one = set_of(s, 900), d = set_union(s, c, one);

	assert_int_equal(a, b);
	assert_int_equal(a, d);
	assert_int_not_equal(a, c);
	assert_int_equal(sets_live(s), 3);
	set_put(s, a);
	set_put(s, b);
	assert_int_equal(set_count(s, d), 3);
	set_put(s, d);
	set_put(s, c);
	set_put(s, one);
	assert_int_equal(sets_live(s), 0);
	sets_free(s);
	(void)state;
}

static void
the_empty_set_is_none_however_it_is_made(void **state)
{
	struct sets *s = sets_new();
	uint32_t a = MAKE(s, 3, 4), b = MAKE(s, 5);
	uint8_t zeros[9] = { 0 };

	assert_int_equal(set_of_bitmap(s, reader_of(zeros, sizeof zeros)), SET_NONE);
	assert_int_equal(set_of_bitmap(s, reader_of(NULL, 0)), SET_NONE);
	assert_int_equal(set_minus(s, a, a), SET_NONE);
	assert_int_equal(set_both(s, a, b), SET_NONE);
	assert_int_equal(set_both(s, a, SET_NONE), SET_NONE);
	assert_int_equal(set_get(s, SET_NONE), SET_NONE);
	set_put(s, SET_NONE);
	assert_false(set_meets(s, SET_NONE, SET_NONE));
	assert_false(set_meets(s, a, SET_NONE));
	assert_false(set_has(s, SET_NONE, 0));
	assert_int_equal(set_count(s, SET_NONE), 0);
	assert_int_equal(set_next(s, SET_NONE, 0), -1);
	assert_int_equal(set_bitmap(s, SET_NONE).left, 0);
	set_put(s, a);
	set_put(s, b);
	sets_free(s);
	sets_free(NULL);
	(void)state;
}

static void
a_bitmap_has_no_zeros_at_its_end(void **state)
{
	struct sets *s = sets_new();
	uint32_t a = MAKE(s, 0, 17, 40), b = set_of(s, 40), c = set_minus(s, a, b);
	struct reader r = set_bitmap(s, c);

	assert_int_equal(r.left, 3);
	assert_memory_equal(r.at, "\x01\x00\x02", 3);
	set_put(s, a);
	set_put(s, b);
	set_put(s, c);
	sets_free(s);
	(void)state;
}

static void
members_are_gathered_and_interned_once(void **state)
{
	struct sets *s = sets_new();
	struct set_members m = { 0 };
	uint32_t some = MAKE(s, 3, 9, SET_MEMBERS - 1), one = set_of(s, 500), set;

	assert_int_equal(set_of_members(s, &m), SET_NONE);
	set_add(&m, 500);
	set = set_of_members(s, &m);
	assert_int_equal(set, one);
	set_put(s, set);
	set_add(&m, SET_MEMBERS - 1);
	set_add(&m, 3);
	set_add(&m, 9);
	set_add(&m, 3);
	set = set_of_members(s, &m);
	assert_int_equal(set, some);
	set_put(s, set);
	/* nothing is left of the last ones, and the same twice is one */
	set_add(&m, 500);
	set_add(&m, 500);
	set = set_of_members(s, &m);
	assert_int_equal(set, one);
	set_put(s, set);
	set_put(s, some);
	set_put(s, one);
	assert_int_equal(sets_live(s), 0);
	sets_free(s);
	(void)state;
}

static void
octets_past_the_last_member_are_left_out(void **state)
{
	struct sets *s = sets_new();
	uint8_t bits[SET_MEMBERS / 8 + 100];
	uint32_t all;

	memset(bits, 0xff, sizeof bits);
	all = set_of_bitmap(s, reader_of(bits, sizeof bits));
	assert_int_equal(set_count(s, all), SET_MEMBERS);
	assert_true(set_has(s, all, SET_MEMBERS - 1));
	assert_false(set_has(s, all, SET_MEMBERS));
	assert_false(set_has(s, all, UINT32_MAX));
	assert_int_equal(set_next(s, all, SET_MEMBERS), -1);
	set_put(s, all);
	sets_free(s);
	(void)state;
}

static void
the_members_come_in_order(void **state)
{
	struct sets *s = sets_new();
	uint32_t a = MAKE(s, 0, 7, 8, 63, 64, 65535);
	const int32_t want[] = { 0, 7, 8, 63, 64, 65535, -1 };
	int32_t at = -1;

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		at = set_next(s, a, (uint32_t)(at + 1));
		assert_int_equal(at, want[i]);
	}
	set_put(s, a);
	sets_free(s);
	(void)state;
}

/* What was remembered about a number must not be told of the set that has it next. */
static void
a_number_that_is_used_again_forgets_what_it_was(void **state)
{
	struct sets *s = sets_new();
	uint32_t b = MAKE(s, 2, 3, 4);

	for (int m = 0; m < 100; m++) {
		uint32_t a = MAKE(s, m, 200), u = set_union(s, a, b), both = set_both(s, a, b);
		uint32_t rest = set_minus(s, a, b), again = set_union(s, b, a);

		assert_int_equal(u, again);
		assert_true(set_has(s, u, (uint32_t)m) && set_has(s, u, 200));
		assert_int_equal(set_count(s, u), m >= 2 && m <= 4 ? 4 : 5);
		assert_int_equal(set_count(s, both), m >= 2 && m <= 4);
		assert_int_equal(set_count(s, rest), m >= 2 && m <= 4 ? 1 : 2);
		set_put(s, a);
		set_put(s, u);
		set_put(s, both);
		set_put(s, rest);
		set_put(s, again);
		assert_int_equal(sets_live(s), 1);
	}
	set_put(s, b);
	sets_free(s);
	(void)state;
}

/* --- against a model: sets of up to 200 members as arrays of bool --- */

enum { RANGE = 200, HELD = 400, STEPS = 30000 };

struct held {
	uint32_t set;
	bool has[RANGE];
};

static void
check(const struct sets *s, const struct held *h)
{
	size_t count = 0;
	int32_t at = -1;

	for (uint32_t m = 0; m < RANGE; m++) {
		assert_int_equal(set_has(s, h->set, m), h->has[m]);
		if (!h->has[m])
			continue;
		count++;
		at = set_next(s, h->set, (uint32_t)(at + 1));
		assert_int_equal(at, m);
	}
	assert_int_equal(set_next(s, h->set, (uint32_t)(at + 1)), -1);
	assert_int_equal(set_count(s, h->set), count);
	assert_int_equal(h->set == SET_NONE, count == 0);
}

static struct held
single(struct sets *s, unsigned *seed)
{
	struct held h = { 0 };
	uint32_t m = (uint32_t)rand_r(seed) % RANGE;

	h.has[m] = true;
	h.set = set_of(s, m);
	return h;
}

static struct held
combined(struct sets *s, unsigned *seed, const struct held *a, const struct held *b)
{
	struct held h = { 0 };
	int how = rand_r(seed) % 3;
	bool meets = false;

	for (size_t m = 0; m < RANGE; m++) {
		meets |= a->has[m] && b->has[m];
		h.has[m] = how == 0   ? a->has[m] || b->has[m]
			   : how == 1 ? a->has[m] && !b->has[m]
				      : a->has[m] && b->has[m];
	}
	assert_int_equal(set_meets(s, a->set, b->set), meets);
	h.set = how == 0   ? set_union(s, a->set, b->set)
		: how == 1 ? set_minus(s, a->set, b->set)
			   : set_both(s, a->set, b->set);
	return h;
}

static void
sets_agree_with_a_model(void **state)
{
	struct sets *s = sets_new();
	struct held *held = calloc(HELD, sizeof *held);
	unsigned seed = 11;

	for (int step = 0; step < STEPS; step++) {
		struct held *to = &held[rand_r(&seed) % HELD], h;
		const struct held *a = &held[rand_r(&seed) % HELD],
				  *b = &held[rand_r(&seed) % HELD];

		if (rand_r(&seed) % 4 == 0)
			h = single(s, &seed);
		else
			h = combined(s, &seed, a, b);
		check(s, &h);
		set_put(s, to->set);
		*to = h;
		a = &held[rand_r(&seed) % HELD];
		assert_int_equal(a->set == h.set, memcmp(a->has, h.has, sizeof h.has) == 0);
	}
	for (size_t i = 0; i < HELD; i++)
		set_put(s, held[i].set);
	assert_int_equal(sets_live(s), 0);
	sets_free(s);
	free(held);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_sets_have_equal_numbers),
		cmocka_unit_test(the_empty_set_is_none_however_it_is_made),
		cmocka_unit_test(a_bitmap_has_no_zeros_at_its_end),
		cmocka_unit_test(members_are_gathered_and_interned_once),
		cmocka_unit_test(octets_past_the_last_member_are_left_out),
		cmocka_unit_test(the_members_come_in_order),
		cmocka_unit_test(a_number_that_is_used_again_forgets_what_it_was),
		cmocka_unit_test(sets_agree_with_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
