#include "common/blob.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void
the_same_octets_are_the_same_blob(void **state)
{
	struct blobs *set = blobs_new();
	struct blob *a = blob_intern(set, "one", 3), *b = blob_intern(set, "one", 3);
	struct blob *c = blob_intern(set, "onex", 4);

	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_int_equal(a->refs, 2);
	assert_int_equal(blobs_count(set), 2);
	assert_true(reader_equal(blob_read(a), reader_of("one", 3)));
	blob_put(set, a);
	blob_put(set, b);
	blob_put(set, c);
	assert_int_equal(blobs_count(set), 0);
	blobs_free(set);
	(void)state;
}

static void
what_was_asked_for_before_is_the_same_blob_though_the_set_has_grown(void **state)
{
	struct blobs *set = blobs_new();
	uint32_t hash = blobs_soon(set, "one", 3);
	struct blob *other[1000], *a;

	for (unsigned i = 0; i < 1000; i++)
		other[i] = blob_intern(set, &i, sizeof i);
	a = blob_intern_hashed(set, hash, "one", 3);
	assert_int_equal(blobs_soon(set, "one", 3), hash);
	assert_ptr_equal(blob_intern(set, "one", 3), a);
	assert_int_equal(a->refs, 2);
	blob_put(set, a);
	blob_put(set, a);
	for (unsigned i = 0; i < 1000; i++)
		blob_put(set, other[i]);
	assert_int_equal(blobs_count(set), 0);
	assert_int_equal(blobs_soon(set, "one", 3), hash);
	blobs_free(set);
	(void)state;
}

static void
a_blob_lives_until_its_last_share_is_put(void **state)
{
	struct blobs *set = blobs_new();
	struct blob *a = blob_intern(set, "x", 1);

	assert_ptr_equal(blob_get(a), a);
	blob_put(set, a);
	assert_int_equal(blobs_count(set), 1);
	assert_int_equal(a->refs, 1);
	blob_put(set, a);
	assert_int_equal(blobs_count(set), 0);
	blobs_free(set);
	(void)state;
}

static void
no_octets_are_a_blob_and_no_blob_is_fine(void **state)
{
	struct blobs *set = blobs_new();
	struct blob *a = blob_intern(set, NULL, 0);

	assert_non_null(a);
	assert_ptr_equal(a, blob_intern(set, "", 0));
	assert_int_equal(blob_read(a).left, 0);
	blob_put(set, a);
	blob_put(set, a);
	assert_null(blob_get(NULL));
	blob_put(set, NULL);
	assert_int_equal(blob_read(NULL).left, 0);
	assert_int_equal(blobs_count(set), 0);
	blobs_free(set);
	blobs_free(NULL);
	(void)state;
}

enum { KINDS = 30000, STEPS = 400000 };

/* Numbers as blobs, of several lengths. */
static size_t
octets_of(uint32_t kind, uint8_t out[24])
{
	memset(out, 0, 24);
	memcpy(out, &kind, sizeof kind);
	return 4 + kind % 20;
}

/* Shares are taken and given back at random while the set grows to many thousands, shrinks to nothing
 * and grows again; at each step a model knows which blob is which and how often it is shared. */
static void
the_set_agrees_with_a_model_while_it_grows_and_shrinks(void **state)
{
	struct blobs *set = blobs_new();
	struct blob **blob = calloc(KINDS, sizeof *blob);
	unsigned seed = 4;
	size_t count = 0, most = 0, empty = blobs_octets(set);
	uint8_t octets[24];

	for (int step = 0; step < STEPS; step++) {
		uint32_t kind = (uint32_t)rand_r(&seed) % KINDS;
		int taking = (step / (STEPS / 4)) % 2 == 0 ? 80 : 10;
		size_t len = octets_of(kind, octets);

		if (rand_r(&seed) % 100 < taking) {
			uint32_t refs = blob[kind] ? blob[kind]->refs : 0;
			struct blob *b = blob_intern(set, octets, len);

			assert_true(!blob[kind] || blob[kind] == b);
			assert_int_equal(b->refs, refs + 1);
			count += !blob[kind];
			blob[kind] = b;
		} else if (blob[kind]) {
			bool last = blob[kind]->refs == 1;

			assert_memory_equal(blob[kind]->data, octets, len);
			blob_put(set, blob[kind]);
			count -= last;
			blob[kind] = last ? NULL : blob[kind];
		}
		assert_int_equal(blobs_count(set), count);
		most = blobs_octets(set) > most ? blobs_octets(set) : most;
	}
	for (uint32_t kind = 0; kind < KINDS; kind++)
		while (blob[kind]) {
			bool last = blob[kind]->refs == 1;

			blob_put(set, blob[kind]);
			blob[kind] = last ? NULL : blob[kind];
		}
	assert_int_equal(blobs_count(set), 0);
	assert_true(most > KINDS / 2 * 40);
	/* the table shrinks with it, a step a call: at most one size behind */
	for (int i = 0; i < 200000; i++) {
		struct blob *b = blob_intern(set, "a", 1);

		blob_put(set, b);
	}
	assert_true(blobs_octets(set) <= empty + 2048);
	blobs_free(set);
	free(blob);
	(void)state;
}

static void
a_blob_costs_what_its_octets_cost_and_at_most_48_more_at_rest(void **state)
{
	enum { MANY = 190000 };
	struct blobs *set = blobs_new();
	struct blob **blob = calloc(MANY, sizeof *blob);

	for (uint32_t i = 0; i < MANY; i++) {
		uint8_t octets[40] = { 0 };

		memcpy(octets, &i, sizeof i);
		blob[i] = blob_intern(set, octets, sizeof octets);
		/* tables of both sizes exist while slots move */
		if (i > 10000)
			assert_in_range(blobs_octets(set) / (i + 1), 40, 40 + 24 + 64);
	}
	assert_in_range(blobs_octets(set) / MANY, 40, 40 + 24 + 48);
	for (uint32_t i = 0; i < MANY; i++)
		blob_put(set, blob[i]);
	blobs_free(set);
	free(blob);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_octets_are_the_same_blob),
		cmocka_unit_test(
		    what_was_asked_for_before_is_the_same_blob_though_the_set_has_grown),
		cmocka_unit_test(a_blob_lives_until_its_last_share_is_put),
		cmocka_unit_test(no_octets_are_a_blob_and_no_blob_is_fine),
		cmocka_unit_test(the_set_agrees_with_a_model_while_it_grows_and_shrinks),
		cmocka_unit_test(a_blob_costs_what_its_octets_cost_and_at_most_48_more_at_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
