/* The terms of entries: many more different ones than an entry has bits for, in each way of keeping them. */
#include "common/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MANY = 100000, STEPS = 100000, FEW = 3 };

struct want {
	bool there;
	uint32_t path_id, audience, owner, generation;
};

static void
release(void *self, struct blob *value, uint32_t audience)
{
	(void)self;
	(void)value;
	(void)audience;
}

static const struct ledger_ops ops = { .release = release };

static uint32_t
dice(uint32_t sides)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 20) % sides;
}

static struct reader
key(uint32_t *i)
{
	return reader_of(i, sizeof *i);
}

static struct ledger_entry *
find(struct ledger *l, const struct want *w, uint32_t i)
{
	return ledger_find(l, w[i].path_id, key(&i));
}

static void
put(struct ledger *l, struct want *w, uint32_t i, uint32_t audience, uint32_t path_id)
{
	w[i] = (struct want){ true, path_id, audience, dice(FEW), ledger_generation(l) };
	ledger_put(l, path_id, key(&i), NULL, audience, w[i].owner);
}

static void
check(struct ledger *l, const struct want *w)
{
	size_t count = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		const struct ledger_entry *e = find(l, w, i);

		assert_int_equal(e != NULL, w[i].there);
		if (!e)
			continue;
		count++;
		assert_int_equal(ledger_path_id(l, e), w[i].path_id);
		assert_int_equal(ledger_audience(l, e), w[i].audience);
		assert_int_equal(ledger_owner(l, e), w[i].owner);
		assert_int_equal(ledger_said_in(l, e), w[i].generation);
	}
	assert_int_equal(ledger_count(l), count);
}

/* One of all that may happen to terms. */
static void
step(struct ledger *l, struct want *w, uint32_t most)
{
	uint32_t i = dice(MANY), audience = dice(most), owner = dice(FEW);
	struct ledger_entry *e = find(l, w, i);
	uint32_t what = dice(8);

	if (dice(1000) == 0)
		ledger_begin(l);
	if (!e) {
		put(l, w, i, audience, w[i].path_id);
		return;
	}
	if (what == 0) {
		ledger_drop(l, e);
		w[i].there = false;
	} else if (what == 1) {
		ledger_narrow(l, e, audience);
		w[i].audience = audience;
	} else if (what == 2) {
		ledger_give(l, e, owner);
		w[i].owner = owner;
	} else if (what == 3) {
		ledger_unsay(l, e);
		w[i].generation = 0;
	} else if (what == 4) {
		ledger_restate(l, e, owner);
		w[i].owner = owner;
		w[i].generation = ledger_generation(l);
	} else {
		ledger_change(l, e, NULL, audience, owner);
		w[i].audience = audience;
		w[i].owner = owner;
		w[i].generation = ledger_generation(l);
	}
}

static void
keep_terms(bool own_paths, bool own_audiences)
{
	static struct want w[MANY];
	struct ledger *l = ledger_new(&ops, NULL);

	memset(w, 0, sizeof w);
	ledger_short(l);
	if (own_paths)
		ledger_own_paths(l);
	if (own_audiences)
		ledger_own_audiences(l);
	for (uint32_t i = 0; i < MANY; i++)
		put(l, w, i, i, i % FEW);
	check(l, w);
	for (int i = 0; i < STEPS; i++)
		step(l, w, MANY);
	check(l, w);
	/* until there are few again */
	for (int i = 0; i < 4 * STEPS; i++)
		step(l, w, FEW);
	check(l, w);
	ledger_free(l);
}

static void
entries_keep_terms_of_which_there_are_more_than_an_entry_can_count(void **state)
{
	keep_terms(false, false);
	(void)state;
}

static void
entries_keep_terms_of_their_own(void **state)
{
	keep_terms(true, false);
	keep_terms(false, true);
	keep_terms(true, true);
	(void)state;
}

static void
terms_are_the_same_where_all_of_them_are(void **state)
{
	struct ledger *l = ledger_new(&ops, NULL), *own = ledger_new(&ops, NULL);
	uint32_t i = 0, n = 0;
	struct ledger_entry *e[4], *x[2];

	ledger_own_audiences(own);
	for (; n < 4; n++, i++)
		e[n] = ledger_put(l, 0, key(&i), NULL, n == 1 ? 7 : 5, n == 2 ? 2 : 1);
	assert_true(ledger_same_terms(l, e[0], e[3]));
	assert_false(ledger_same_terms(l, e[0], e[1]));
	assert_false(ledger_same_terms(l, e[0], e[2]));
	ledger_begin(l);
	ledger_restate(l, e[3], 1);
	assert_false(ledger_same_terms(l, e[0], e[3]));
	for (n = 0; n < 2; n++, i++)
		x[n] = ledger_put(own, 0, key(&i), NULL, 5 + n, 1);
	assert_false(ledger_same_terms(own, x[0], x[1]));
	for (n = 0; n < 1 << 17; n++, i++) { /* numbers that have the same 16 bits */
		const struct ledger_entry *other = ledger_put(l, 0, key(&i), NULL, 100 + n, 1);

		assert_false(ledger_same_terms(l, e[0], other));
	}
	ledger_free(own);
	ledger_free(l);
	(void)state;
}

static void
what_few_entries_said_is_forgotten_with_them(void **state)
{
	struct ledger *l = ledger_new(&ops, NULL);
	size_t held = 0;

	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < MANY; i++)
			ledger_put(l, 0, key(&i), NULL, i + (uint32_t)round, 0);
		if (round > 0)
			assert_in_range(ledger_octets(l), 0, held + held / 20);
		held = ledger_octets(l);
		for (uint32_t i = 0; i < MANY; i++)
			ledger_drop(l, ledger_find(l, 0, key(&i)));
	}
	ledger_free(l);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    entries_keep_terms_of_which_there_are_more_than_an_entry_can_count),
		cmocka_unit_test(entries_keep_terms_of_their_own),
		cmocka_unit_test(terms_are_the_same_where_all_of_them_are),
		cmocka_unit_test(what_few_entries_said_is_forgotten_with_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
