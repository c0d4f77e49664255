#include "common/slice.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct fixture {
	struct blobs *blobs;
	struct ledger *l;
	struct ledger_reader *r;
	struct slice slice;
};

static void
release(void *self, struct blob *value, uint32_t audience)
{
	(void)audience;
	blob_put(((struct fixture *)self)->blobs, value);
}

static const struct ledger_ops ops = { .release = release };

static void
begin(struct fixture *f)
{
	f->blobs = blobs_new();
	f->l = ledger_new(&ops, f);
	f->r = ledger_reader_open(f->l, NULL, true);
}

static void
end(struct fixture *f)
{
	ledger_reader_close(f->r);
	ledger_free(f->l);
	assert_int_equal(blobs_count(f->blobs), 0);
	blobs_free(f->blobs);
}

/* Keys are single letters. */
static struct ledger_entry *
put(struct fixture *f, char key, const char *value, uint32_t audience, uint32_t owner)
{
	return ledger_put(f->l, 0, reader_of(&key, 1),
	    value ? blob_intern(f->blobs, value, strlen(value)) : NULL, audience, owner);
}

/* "ac b" is a and c in one group, b in another. */
static const char *
groups(const struct fixture *f)
{
	const struct slice *s = &f->slice;
	static char text[64];
	size_t at = 0;

	text[0] = '\0';
	for (uint16_t g = 0; g < s->groups; g++) {
		uint16_t count = 0, last = SLICE_END;

		at += (size_t)snprintf(text + at, sizeof text - at, g ? " " : "");
		for (uint16_t i = s->group[g].first; i != SLICE_END; i = s->next[i], count++) {
			at += (size_t)snprintf(
			    text + at, sizeof text - at, "%c", *ledger_key(f->l, s->entry[i]).at);
			last = i;
		}
		assert_int_equal(count, s->group[g].count);
		assert_int_equal(last, s->group[g].last);
	}
	return text;
}

static uint16_t
take(struct fixture *f)
{
	return slice_take(&f->slice, f->l, f->r, 1 << 20);
}

static void
entries_with_one_value_are_one_group(void **state)
{
	static struct fixture f;

	begin(&f);
	put(&f, 'a', "1", 0, 0);
	put(&f, 'b', "2", 0, 0);
	put(&f, 'c', "1", 0, 0);
	put(&f, 'd', NULL, 0, 0);
	put(&f, 'e', "2", 5, 7);
	put(&f, 'f', NULL, 0, 0);
	assert_int_equal(take(&f), 6);
	assert_int_equal(f.slice.groups, 0);
	slice_group(&f.slice, SLICE_BY_VALUE, NULL, NULL);
	assert_string_equal(groups(&f), "ac be df");
	slice_group(&f.slice, SLICE_BY_VALUE, NULL, NULL);
	assert_string_equal(groups(&f), "ac be df");
	end(&f);
	(void)state;
}

static void
a_mark_is_in_no_group_with_an_entry(void **state)
{
	static struct fixture f;

	begin(&f);
	put(&f, 'a', "1", 0, 0);
	ledger_withdraw(f.l, put(&f, 'b', "2", 0, 0), blob_intern(f.blobs, "1", 1));
	put(&f, 'c', "1", 0, 0);
	take(&f);
	slice_group(&f.slice, SLICE_BY_VALUE, NULL, NULL);
	assert_string_equal(groups(&f), "ac b");
	end(&f);
	(void)state;
}

static void
audiences_and_owners_tell_groups_apart_when_asked(void **state)
{
	static struct fixture f;

	begin(&f);
	put(&f, 'a', "1", 1, 1);
	put(&f, 'b', "1", 2, 1);
	put(&f, 'c', "1", 1, 2);
	put(&f, 'd', "1", 1, 1);
	take(&f);
	slice_group(&f.slice, SLICE_BY_VALUE, NULL, NULL);
	assert_string_equal(groups(&f), "abcd");
	slice_group(&f.slice, SLICE_BY_AUDIENCE, NULL, NULL);
	assert_string_equal(groups(&f), "acd b");
	slice_group(&f.slice, SLICE_BY_OWNER, NULL, NULL);
	assert_string_equal(groups(&f), "abd c");
	slice_group(&f.slice, SLICE_BY_AUDIENCE | SLICE_BY_OWNER, NULL, NULL);
	assert_string_equal(groups(&f), "ad b c");
	end(&f);
	(void)state;
}

struct whom {
	const struct ledger *ledger;
	uint32_t audience;
};

static bool
is_for(void *arg, const struct ledger_entry *e)
{
	const struct whom *w = arg;

	return ledger_audience(w->ledger, e) == w->audience;
}

static void
what_is_not_wanted_is_in_no_group(void **state)
{
	static struct fixture f;
	struct whom whom = { .audience = 2 };

	begin(&f);
	whom.ledger = f.l;
	put(&f, 'a', "1", 1, 0);
	put(&f, 'b', "1", 2, 0);
	put(&f, 'c', "2", 1, 0);
	put(&f, 'd', "1", 2, 0);
	take(&f);
	slice_group(&f.slice, SLICE_BY_VALUE, is_for, &whom);
	assert_string_equal(groups(&f), "bd");
	assert_int_equal(f.slice.entries, 4);
	whom.audience = 3;
	slice_group(&f.slice, SLICE_BY_VALUE, is_for, &whom);
	assert_string_equal(groups(&f), "");
	end(&f);
	(void)state;
}

static void
a_slice_takes_what_fits_and_one_at_least(void **state)
{
	static struct fixture f;

	begin(&f);
	assert_int_equal(take(&f), 0);
	/* each counts its key, its value and 16 octets */
	put(&f, 'a', "123", 0, 0);
	put(&f, 'b', "123", 0, 0);
	put(&f, 'c', "123", 0, 0);
	assert_int_equal(slice_take(&f.slice, f.l, f.r, 0), 1);
	assert_int_equal(slice_take(&f.slice, f.l, f.r, 39), 1);
	assert_int_equal(slice_take(&f.slice, f.l, f.r, 40), 2);
	assert_int_equal(slice_take(&f.slice, f.l, f.r, 60), 3);
	end(&f);
	(void)state;
}

/* As many groups as there can be, and then some entries that stay for the next slice. */
static void
a_full_slice_of_nothing_but_different_values_is_grouped(void **state)
{
	static struct fixture f;

	begin(&f);
	for (uint32_t i = 0; i < SLICE_MAX + 10; i++)
		ledger_put(f.l, i, reader_of("k", 1), blob_intern(f.blobs, &i, sizeof i), 0, 0);
	assert_int_equal(take(&f), SLICE_MAX);
	slice_group(&f.slice, SLICE_BY_VALUE | SLICE_BY_AUDIENCE, NULL, NULL);
	assert_int_equal(f.slice.groups, SLICE_MAX);
	for (uint16_t g = 0; g < SLICE_MAX; g++) {
		assert_int_equal(f.slice.group[g].first, g);
		assert_int_equal(f.slice.group[g].count, 1);
	}
	ledger_reader_pass(f.r, f.slice.entries);
	assert_int_equal(take(&f), 10);
	end(&f);
	(void)state;
}

static size_t
ten_and_its_audience(void *arg, const struct ledger_entry *e)
{
	return 10 + ledger_audience(arg, e);
}

static void
a_slice_ends_before_the_group_that_does_not_fit(void **state)
{
	static struct fixture f;

	begin(&f);
	put(&f, 'a', "1", 5, 0);
	put(&f, 'b', "2", 5, 0);
	put(&f, 'c', "1", 5, 0);
	put(&f, 'd', "3", 0, 0);
	put(&f, 'e', "1", 5, 0);
	take(&f);
	slice_group_within(&f.slice, SLICE_BY_AUDIENCE, 40, ten_and_its_audience, f.l);
	assert_string_equal(groups(&f), "ace b d");
	assert_int_equal(f.slice.entries, 5);
	slice_group_within(&f.slice, SLICE_BY_AUDIENCE, 39, ten_and_its_audience, f.l);
	assert_string_equal(groups(&f), "ac b");
	assert_int_equal(f.slice.entries, 3);
	slice_group_within(&f.slice, SLICE_BY_AUDIENCE, 0, ten_and_its_audience, f.l);
	assert_string_equal(groups(&f), "a");
	ledger_reader_pass(f.r, f.slice.entries);
	/* what did not fit is the next slice */
	take(&f);
	slice_group_within(&f.slice, SLICE_BY_AUDIENCE, 1000, ten_and_its_audience, f.l);
	assert_string_equal(groups(&f), "b ce d");
	end(&f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_with_one_value_are_one_group),
		cmocka_unit_test(a_mark_is_in_no_group_with_an_entry),
		cmocka_unit_test(audiences_and_owners_tell_groups_apart_when_asked),
		cmocka_unit_test(what_is_not_wanted_is_in_no_group),
		cmocka_unit_test(a_slice_takes_what_fits_and_one_at_least),
		cmocka_unit_test(a_full_slice_of_nothing_but_different_values_is_grouped),
		cmocka_unit_test(a_slice_ends_before_the_group_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
