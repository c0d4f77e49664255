/* Keys of which only a part is their identity: here what stands before a slash. */
#include "common/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "tests/tools/ledger.h"

/* Put together in the room, as families do whose identity is no run of octets of the key. */
static struct reader
before_the_slash(struct reader key, uint8_t room[LEDGER_IDENTITY_MAX])
{
	size_t n = 0;

	while (n < key.left && n < LEDGER_IDENTITY_MAX && key.at[n] != '/') {
		room[n] = key.at[n];
		n++;
	}
	return reader_of(room, n);
}

static void
begin_with_identity(struct fixture *f)
{
	begin(f);
	ledger_identity(f->l, before_the_slash);
}

static bool
is_spelt(const struct fixture *f, const struct ledger_entry *e, const char *key)
{
	return reader_equal(ledger_key(f->l, e), word(key));
}

static void
keys_of_one_identity_are_the_same_key(void **state)
{
	struct fixture f;
	struct ledger_entry *e;

	begin_with_identity(&f);
	e = put(&f, "a/1", "A");
	assert_ptr_equal(find(&f, "a/2"), e);
	assert_ptr_equal(find(&f, "a"), e);
	assert_null(find(&f, "b/1"));
	assert_null(find(&f, "a1"));
	assert_null(ledger_find(f.l, 1, word("a/1")));
	end(&f);
	(void)state;
}

static void
without_an_identity_every_octet_counts(void **state)
{
	struct fixture f;

	begin(&f);
	put(&f, "a/1", "A");
	assert_null(find(&f, "a/2"));
	assert_true(ledger_spelt(f.l, find(&f, "a/1"), word("a/1")));
	end(&f);
	(void)state;
}

static const struct ledger_ops together = { release, overrun, .paths_together = true };

static void
all_paths_and_entries_of_an_identity_are_found(void **state)
{
	struct ledger_walk paths = { 0 }, same = { 0 };
	struct fixture f;
	unsigned count = 0;

	f = (struct fixture){ .blobs = blobs_new() };
	f.l = ledger_new(&together, &f);
	ledger_identity(f.l, before_the_slash);
	ledger_put(f.l, 1, word("a/1"), value(&f, "A"), 0, 0);
	ledger_put(f.l, 2, word("a/2"), value(&f, "B"), 0, 0);
	ledger_put(f.l, 2, word("a/3"), value(&f, "C"), 0, 0);
	ledger_put(f.l, 2, word("b/1"), value(&f, "D"), 0, 0);
	while (ledger_path(f.l, word("a/9"), &paths))
		count++;
	assert_int_equal(count, 3);
	count = 0;
	while (ledger_same(f.l, 2, word("a/9"), &same))
		count++;
	assert_int_equal(count, 2);
	end(&f);
	(void)state;
}

static void
a_key_stays_as_it_was_spelt_until_it_is_spelt_anew(void **state)
{
	struct fixture f;
	struct ledger_entry *e;

	begin_with_identity(&f);
	e = put(&f, "a/1", "A");
	assert_true(is_spelt(&f, find(&f, "a/2"), "a/1"));
	assert_true(ledger_spelt(f.l, e, word("a/1")));
	assert_false(ledger_spelt(f.l, e, word("a/2")));
	ledger_spell(f.l, e, word("a/2"));
	assert_true(is_spelt(&f, e, "a/2"));
	assert_ptr_equal(find(&f, "a/1"), e);
	ledger_spell(f.l, e, word("a"));
	assert_true(is_spelt(&f, e, "a"));
	assert_ptr_equal(find(&f, "a/1"), e);
	end(&f);
	(void)state;
}

static void
spelling_anew_tells_no_reader(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin_with_identity(&f);
	put(&f, "a/1", "A");
	r = ledger_reader_open(f.l, &f, false);
	ledger_spell(f.l, find(&f, "a"), word("a/2"));
	assert_string_equal(ahead(&f, r), "");
	change(&f, "a/2", "B");
	assert_string_equal(ahead(&f, r), "a/2=B");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

/* Short keys lie in the entry, long ones apart: every change from one to the other, and nothing is left behind. */
static void
a_spelling_may_be_of_any_length(void **state)
{
	static const size_t lengths[] = { 1, 16, 17, 18, 200, LEDGER_KEY_MAX, 300, 18, 2,
		LEDGER_KEY_MAX, 1 };
	uint8_t octets[LEDGER_KEY_MAX];
	struct ledger_entry *e;
	struct fixture f;
	size_t held;

	begin_with_identity(&f);
	memset(octets, '/', sizeof octets);
	octets[0] = 'a';
	e = put(&f, "a", "A");
	held = ledger_octets(f.l);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		ledger_spell(f.l, e, reader_of(octets, lengths[i]));
		assert_true(reader_equal(ledger_key(f.l, e), reader_of(octets, lengths[i])));
		assert_ptr_equal(find(&f, "a"), e);
		assert_int_equal(ledger_count(f.l), 1);
	}
	assert_int_equal(ledger_octets(f.l), held);
	ledger_drop(f.l, e);
	assert_null(find(&f, "a"));
	end(&f);
	(void)state;
}

/* The index is made anew as it grows: entries must be found by their identities then, too. */
static void
identities_are_found_in_a_table_that_grows(void **state)
{
	struct fixture f;
	char key[300];

	begin_with_identity(&f);
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "%d/%0*d", i, i % 250, i);
		put(&f, key, "A");
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "%d/other", i);
		assert_non_null(find(&f, key));
	}
	assert_int_equal(ledger_count(f.l), 3000);
	end(&f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_one_identity_are_the_same_key),
		cmocka_unit_test(without_an_identity_every_octet_counts),
		cmocka_unit_test(all_paths_and_entries_of_an_identity_are_found),
		cmocka_unit_test(a_key_stays_as_it_was_spelt_until_it_is_spelt_anew),
		cmocka_unit_test(spelling_anew_tells_no_reader),
		cmocka_unit_test(a_spelling_may_be_of_any_length),
		cmocka_unit_test(identities_are_found_in_a_table_that_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
