#include "common/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "tests/tools/ledger.h"

/* --- entries --- */

static size_t
entries_of(struct ledger *l, uint32_t path_id, struct reader key)
{
	struct ledger_walk w = { 0 };
	size_t count = 0;

	while (ledger_same(l, path_id, key, &w))
		count++;
	return count;
}

static void
a_key_is_found_with_its_path_id(void **state)
{
	struct fixture f;
	struct ledger_entry *e;

	begin(&f);
	e = ledger_put(f.l, 7, word("a"), value(&f, "1"), 0, 12);
	assert_ptr_equal(ledger_find(f.l, 7, word("a")), e);
	assert_null(ledger_find(f.l, 0, word("a")));
	assert_null(ledger_find(f.l, 7, word("b")));
	assert_null(ledger_find(f.l, 7, word("")));
	assert_int_equal(ledger_owner(f.l, e), 12);
	assert_int_equal(ledger_path_id(f.l, e), 7);
	assert_true(reader_equal(ledger_key(f.l, e), word("a")));
	assert_int_equal(ledger_count(f.l), 1);
	assert_int_equal(entries_of(f.l, 7, word("a")), 1);
	ledger_drop(f.l, e);
	assert_null(ledger_find(f.l, 7, word("a")));
	assert_int_equal(ledger_count(f.l), 0);
	end(&f);
	(void)state;
}

static void
keep_keys_of_any_length(bool brief)
{
	static const size_t lengths[] = { 0, 1, 4, 5, 6, 15, 17, 20, 21, 22, 255, LEDGER_KEY_MAX };
	uint8_t octets[LEDGER_KEY_MAX];
	struct fixture f;
	size_t held;

	begin(&f);
	if (brief)
		ledger_short(f.l);
	ledger_drop(f.l, put(&f, "a", "1")); /* the first page of entries and of the index */
	held = ledger_octets(f.l);
	memset(octets, 'x', sizeof octets);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		ledger_put(f.l, 0, reader_of(octets, lengths[i]), NULL, 0, (uint32_t)i);
	assert_true(ledger_octets(f.l) > held + LEDGER_KEY_MAX);
	assert_int_equal(ledger_count(f.l), sizeof lengths / sizeof *lengths);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct ledger_entry *e = ledger_find(f.l, 0, reader_of(octets, lengths[i]));

		assert_non_null(e);
		assert_int_equal(ledger_owner(f.l, e), i);
		assert_true(reader_equal(ledger_key(f.l, e), reader_of(octets, lengths[i])));
		ledger_drop(f.l, e);
	}
	assert_int_equal(ledger_count(f.l), 0);
	assert_int_equal(ledger_octets(f.l), held);
	end(&f);
}

static void
a_key_of_any_length_up_to_the_maximum_is_kept(void **state)
{
	keep_keys_of_any_length(false);
	keep_keys_of_any_length(true);
	(void)state;
}

/* Whether the octet behind a short key is its length or another key's last: 20 octets and one more, with that one
 * as small as a length may be. */
static void
keys_that_fill_their_room_are_told_from_shorter_ones(void **state)
{
	struct ledger_entry *e;
	struct fixture f;
	uint8_t octets[22];

	begin(&f);
	for (unsigned i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)i;
	for (uint8_t last = 0; last < 24; last++) {
		octets[20] = last;
		ledger_put(f.l, 0, reader_of(octets, 21), NULL, 0, last);
	}
	for (uint8_t len = 0; len <= 20; len++)
		ledger_put(f.l, 0, reader_of(octets, len), NULL, 0, 100u + len);
	ledger_put(f.l, 0, reader_of(octets, 22), NULL, 0, 200);
	for (uint8_t last = 0; last < 24; last++) {
		octets[20] = last;
		e = ledger_find(f.l, 0, reader_of(octets, 21));
		assert_int_equal(ledger_owner(f.l, e), last);
		assert_int_equal(entries_of(f.l, 0, reader_of(octets, 21)), 1);
	}
	for (uint8_t len = 0; len <= 20; len++) {
		e = ledger_find(f.l, 0, reader_of(octets, len));
		assert_int_equal(ledger_owner(f.l, e), 100 + len);
		assert_int_equal(ledger_key(f.l, e).left, len);
		assert_int_equal(entries_of(f.l, 0, reader_of(octets, len)), 1);
	}
	e = ledger_find(f.l, 0, reader_of(octets, 22));
	assert_int_equal(ledger_owner(f.l, e), 200);
	assert_int_equal(entries_of(f.l, 0, reader_of(octets, 22)), 1);
	end(&f);
	(void)state;
}

static void
entries_of_one_key_are_found_one_after_the_other(void **state)
{
	struct ledger_entry *want[3], *e;
	struct ledger_walk w = { 0 };
	struct fixture f;
	unsigned seen = 0;

	begin(&f);
	for (uint32_t i = 0; i < 3; i++)
		want[i] = ledger_put(f.l, 0, word("a"), value(&f, "1"), 0, i);
	put(&f, "b", "1");
	while ((e = ledger_same(f.l, 0, word("a"), &w))) {
		assert_ptr_equal(e, want[ledger_owner(f.l, e)]);
		assert_false(seen & 1u << ledger_owner(f.l, e));
		seen |= 1u << ledger_owner(f.l, e);
	}
	assert_int_equal(seen, 7);
	end(&f);
	(void)state;
}

/* Of many that stand one behind the other in the index: those behind one that goes move up. */
static void
entries_that_go_on_the_way_make_the_walk_miss_none(void **state)
{
	struct ledger_walk w = { 0 };
	struct ledger_entry *e;
	struct fixture f;
	bool seen[100] = { 0 };
	unsigned left = 0;

	begin(&f);
	for (uint32_t i = 0; i < 100; i++)
		ledger_put(f.l, 0, word("a"), NULL, 0, i);
	while ((e = ledger_same(f.l, 0, word("a"), &w))) {
		assert_false(seen[ledger_owner(f.l, e)]);
		seen[ledger_owner(f.l, e)] = true;
		if (ledger_owner(f.l, e) % 3)
			ledger_drop(f.l, e);
	}
	for (unsigned i = 0; i < 100; i++)
		assert_true(seen[i]);
	for (w = (struct ledger_walk){ 0 }; (e = ledger_same(f.l, 0, word("a"), &w)); left++)
		assert_int_equal(ledger_owner(f.l, e) % 3, 0);
	assert_int_equal(left, 34);
	end(&f);
	(void)state;
}

static void
a_change_goes_to_the_tail(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	put(&f, "b", "1");
	put(&f, "c", "1");
	r = ledger_reader_open(f.l, NULL, true);
	assert_string_equal(ahead(&f, r), "a=1 b=1 c=1");
	change(&f, "a", "2");
	assert_string_equal(ahead(&f, r), "b=1 c=1 a=2");
	change(&f, "a", "3");
	assert_string_equal(ahead(&f, r), "b=1 c=1 a=3");
	withdraw(&f, "b");
	assert_string_equal(ahead(&f, r), "c=1 a=3 -b");
	ledger_drop(f.l, find(&f, "c"));
	assert_string_equal(ahead(&f, r), "a=3 -b");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_restatement_stays_where_it_is(void **state)
{
	struct ledger_reader *r;
	struct fixture f;
	uint32_t g;

	begin(&f);
	put(&f, "a", "1");
	put(&f, "b", "1");
	r = ledger_reader_open(f.l, NULL, false);
	g = ledger_begin(f.l);
	assert_int_equal(ledger_generation(f.l), g);
	ledger_restate(f.l, find(&f, "a"), 9);
	assert_int_equal(ledger_said_in(f.l, find(&f, "a")), g);
	assert_int_equal(ledger_owner(f.l, find(&f, "a")), 9);
	assert_true(ledger_said_in(f.l, find(&f, "b")) < g);
	assert_true(ledger_reader_live(r));
	ledger_reader_to_head(r);
	assert_string_equal(ahead(&f, r), "a=1 b=1");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
narrowing_and_splitting_tell_nobody(void **state)
{
	struct ledger_reader *before, *after;
	struct ledger_entry *e, *part;
	struct fixture f;

	begin(&f);
	before = ledger_reader_open(f.l, NULL, false);
	f.audiences = 1;
	e = ledger_put(f.l, 0, word("a"), value(&f, "1"), 12, 5);
	after = ledger_reader_open(f.l, NULL, false);
	f.audiences++;
	ledger_narrow(f.l, e, 11);
	assert_int_equal(ledger_audience(f.l, e), 11);
	assert_int_equal(f.audiences, 1);
	f.audiences += 2;
	part = ledger_split(f.l, e, 3, 8);
	assert_int_equal(f.audiences, 2);
	assert_int_equal(ledger_audience(f.l, part), 3);
	assert_int_equal(ledger_audience(f.l, e), 8);
	assert_ptr_equal(ledger_value(part), ledger_value(e));
	assert_int_equal(ledger_owner(f.l, part), 5);
	assert_int_equal(ledger_said_in(f.l, part), ledger_said_in(f.l, e));
	assert_int_equal(ledger_count(f.l), 2);
	assert_true(ledger_reader_live(after));
	assert_string_equal(ahead(&f, before), "a=1 a=1");
	ledger_reader_close(before);
	ledger_reader_close(after);
	end(&f);
	(void)state;
}

static void
a_part_of_a_mark_is_a_mark(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	f.audiences = 1;
	ledger_put(f.l, 0, word("a"), value(&f, "1"), 12, 5);
	ledger_withdraw(f.l, find(&f, "a"), value(&f, "2"));
	f.audiences += 2;
	assert_true(ledger_split(f.l, find(&f, "a"), 3, 8)->mark);
	assert_int_equal(ledger_count(f.l), 0);
	assert_int_equal(marks(&f), 2);
	assert_string_equal(ahead(&f, r), "-a=2 -a=2");
	ledger_reader_to_tail(r);
	assert_int_equal(marks(&f), 0);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

/* --- generations --- */

struct stale {
	unsigned count;
	char keys[16];
};

static void
drop_stale(void *arg, struct ledger *l, struct ledger_entry *e)
{
	struct stale *s = arg;

	s->keys[s->count++] = (char)*ledger_key(l, e).at;
	ledger_withdraw(l, e, NULL);
}

static void
a_sweep_finds_what_was_not_restated(void **state)
{
	struct ledger_reader *r;
	struct stale s = { 0 };
	struct fixture f;
	uint32_t g, at = 0;
	unsigned calls = 0;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "m", "1");
	withdraw(&f, "m");
	put(&f, "a", "1");
	ledger_put(f.l, 0, word("b"), value(&f, "1"), 0, 7);
	put(&f, "c", "1");
	put(&f, "d", "1");
	g = ledger_begin(f.l);
	ledger_restate(f.l, find(&f, "a"), 0);
	change(&f, "c", "2");
	put(&f, "e", "1");
	while (!ledger_sweep(f.l, &at, 1, 0, g, drop_stale, &s))
		assert_in_range(++calls, 0, 20);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.keys[0], 'd');
	at = 0;
	assert_true(ledger_sweep(f.l, &at, 100, LEDGER_ANY, g, drop_stale, &s));
	assert_int_equal(s.count, 2);
	assert_int_equal(s.keys[1], 'b');
	assert_string_equal(ahead(&f, r), "-m a=1 c=2 e=1 -d -b");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
count_visit(void *arg, struct ledger *l, struct ledger_entry *e)
{
	++*(unsigned *)arg;
	ledger_drop(l, e);
}

static void
a_visit_takes_its_budget_of_steps(void **state)
{
	struct fixture f;
	unsigned visits = 0;
	uint32_t at = 0;

	begin(&f);
	for (uint32_t i = 0; i < 2500; i++)
		ledger_put(f.l, i, word("a"), NULL, 0, 0);
	assert_false(ledger_visit(f.l, &at, 1000, count_visit, &visits));
	assert_int_equal(visits, 1000);
	assert_false(ledger_visit(f.l, &at, 1000, count_visit, &visits));
	assert_true(ledger_visit(f.l, &at, 1000, count_visit, &visits));
	assert_int_equal(visits, 2500);
	assert_int_equal(ledger_count(f.l), 0);
	end(&f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_found_with_its_path_id),
		cmocka_unit_test(a_key_of_any_length_up_to_the_maximum_is_kept),
		cmocka_unit_test(keys_that_fill_their_room_are_told_from_shorter_ones),
		cmocka_unit_test(entries_of_one_key_are_found_one_after_the_other),
		cmocka_unit_test(entries_that_go_on_the_way_make_the_walk_miss_none),
		cmocka_unit_test(a_change_goes_to_the_tail),
		cmocka_unit_test(a_restatement_stays_where_it_is),
		cmocka_unit_test(narrowing_and_splitting_tell_nobody),
		cmocka_unit_test(a_part_of_a_mark_is_a_mark),
		cmocka_unit_test(a_sweep_finds_what_was_not_restated),
		cmocka_unit_test(a_visit_takes_its_budget_of_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
