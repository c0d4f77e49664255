#include "common/audience.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

struct fixture {
	struct audience a;
	struct ledger_reader *r;
};

static void
release(void *self, struct blob *value, uint32_t audience)
{
	audience_release(self, value, audience);
}

static const struct ledger_ops ops = { .release = release };

static void
begin(struct fixture *f)
{
	f->a = (struct audience){ .blobs = blobs_new(), .sets = sets_new() };
	f->a.ledger = ledger_new(&ops, &f->a);
	f->r = ledger_reader_open(f->a.ledger, NULL, true);
}

static void
end(struct fixture *f)
{
	ledger_reader_close(f->r);
	ledger_free(f->a.ledger);
	assert_int_equal(blobs_count(f->a.blobs), 0);
	assert_int_equal(sets_live(f->a.sets), 0);
	blobs_free(f->a.blobs);
	sets_free(f->a.sets);
}

/* A set is written as the digits of its members. */
static uint32_t
set(struct fixture *f, const char *members)
{
	uint8_t bits[2] = { 0 };

	for (; *members; members++)
		bits[(*members - '0') >> 3] |= (uint8_t)(1 << ((*members - '0') & 7));
	return set_of_bitmap(f->a.sets, reader_of(bits, sizeof bits));
}

static struct reader
key(void)
{
	return reader_of("k", 1);
}

static struct blob *
value(struct fixture *f, const char *text)
{
	return text ? blob_intern(f->a.blobs, text, strlen(text)) : NULL;
}

static size_t
announce(struct fixture *f, const char *text, const char *members)
{
	uint32_t s = set(f, members);
	size_t news = audience_announce(&f->a, 0, key(), value(f, text), s, 1);

	set_put(f->a.sets, s);
	return news;
}

static size_t
withdraw(struct fixture *f, const char *text, const char *members, bool unknown_too)
{
	uint32_t s = set(f, members);
	size_t known = audience_withdraw(&f->a, 0, key(), value(f, text), s, unknown_too);

	set_put(f->a.sets, s);
	return known;
}

static void
leave(struct fixture *f, const char *members)
{
	uint32_t s = set(f, members);

	audience_leave(&f->a, 0, key(), s);
	set_put(f->a.sets, s);
}

static size_t
adopt(struct fixture *f, const char *text, const char *members)
{
	uint32_t s = set(f, members);
	size_t news = audience_adopt(&f->a, 0, key(), value(f, text), s, 1);

	set_put(f->a.sets, s);
	return news;
}

/* What is in front of the reader, in order: "13:A -2:B" is value A for members 1 and 3 and a mark with B for 2. */
static const char *
said(struct fixture *f)
{
	static char text[200];
	struct ledger_entry *e[16];
	size_t n = ledger_reader_peek(f->r, e, 16), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct reader v = blob_read(ledger_value(e[i]));

		at += (size_t)snprintf(
		    text + at, sizeof text - at, "%s%s", i ? " " : "", e[i]->mark ? "-" : "");
		for (int32_t m = set_next(f->a.sets, ledger_audience(f->a.ledger, e[i]), 0); m >= 0;
		     m = set_next(f->a.sets, ledger_audience(f->a.ledger, e[i]), (uint32_t)m + 1))
			at += (size_t)snprintf(text + at, sizeof text - at, "%d", m);
		if (v.left)
			at += (size_t)snprintf(
			    text + at, sizeof text - at, ":%.*s", (int)v.left, (const char *)v.at);
	}
	return text;
}

static void
a_value_is_said_to_a_set(void **state)
{
	struct fixture f;

	begin(&f);
	assert_int_equal(announce(&f, "A", "123"), 3);
	assert_string_equal(said(&f), "123:A");
	assert_int_equal(announce(&f, "B", "123"), 3);
	assert_string_equal(said(&f), "123:B");
	assert_int_equal(announce(&f, "B", ""), 0);
	assert_string_equal(said(&f), "123:B");
	end(&f);
	(void)state;
}

static void
the_same_again_is_no_news_and_moves_nothing(void **state)
{
	struct fixture f;
	uint32_t g;

	begin(&f);
	announce(&f, "A", "123");
	ledger_reader_to_tail(f.r);
	g = ledger_begin(f.a.ledger);
	assert_int_equal(announce(&f, "A", "123"), 0);
	assert_true(ledger_reader_live(f.r));
	assert_int_equal(ledger_said_in(f.a.ledger, ledger_find(f.a.ledger, 0, key())), g);
	assert_int_equal(ledger_count(f.a.ledger), 1);
	end(&f);
	(void)state;
}

static void
who_left_is_told_the_same_again(void **state)
{
	struct fixture f;

	begin(&f);
	announce(&f, "A", "123");
	ledger_reader_to_tail(f.r);
	leave(&f, "29");
	assert_true(ledger_reader_live(f.r));
	assert_int_equal(announce(&f, "A", "123"), 1);
	assert_string_equal(said(&f), "2:A");
	assert_int_equal(ledger_count(f.a.ledger), 2);
	/* a withdraw that is to be seen still stays */
	withdraw(&f, "W", "123", false);
	leave(&f, "123");
	assert_string_equal(said(&f), "-123:W");
	end(&f);
	(void)state;
}

/* Those who were not told again keep their older generation, so that a sweep finds them. */
static void
the_same_to_some_of_them_splits_the_entry_in_silence(void **state)
{
	struct ledger_walk w = { 0 };
	struct ledger_entry *e;
	struct fixture f;
	uint32_t g;

	begin(&f);
	announce(&f, "A", "123");
	ledger_reader_to_tail(f.r);
	g = ledger_begin(f.a.ledger);
	assert_int_equal(announce(&f, "A", "23"), 0);
	assert_true(ledger_reader_live(f.r));
	assert_int_equal(ledger_count(f.a.ledger), 2);
	while ((e = ledger_same(f.a.ledger, 0, key(), &w)))
		assert_int_equal(ledger_said_in(f.a.ledger, e) == g,
		    !set_has(f.a.sets, ledger_audience(f.a.ledger, e), 1));
	end(&f);
	(void)state;
}

static void
members_that_are_told_something_else_leave_their_old_entry(void **state)
{
	struct fixture f;

	begin(&f);
	announce(&f, "A", "123");
	assert_int_equal(announce(&f, "B", "2"), 1);
	assert_string_equal(said(&f), "13:A 2:B");
	assert_int_equal(announce(&f, "C", "124"), 3);
	assert_string_equal(said(&f), "3:A 124:C");
	assert_int_equal(announce(&f, "A", "34"), 1);
	assert_string_equal(said(&f), "3:A 12:C 4:A");
	end(&f);
	(void)state;
}

static void
a_withdraw_marks_those_who_had_been_told(void **state)
{
	struct fixture f;

	begin(&f);
	announce(&f, "A", "12");
	assert_int_equal(withdraw(&f, NULL, "23", false), 1);
	assert_string_equal(said(&f), "1:A -2");
	assert_int_equal(withdraw(&f, "w", "1", false), 1);
	assert_string_equal(said(&f), "-2 -1:w");
	assert_int_equal(withdraw(&f, NULL, "4", false), 0);
	assert_string_equal(said(&f), "-2 -1:w");
	end(&f);
	(void)state;
}

static void
a_second_withdraw_leaves_the_mark_that_is_still_to_be_seen(void **state)
{
	struct fixture f;

	begin(&f);
	announce(&f, "A", "12");
	withdraw(&f, NULL, "12", false);
	announce(&f, "B", "3");
	assert_int_equal(withdraw(&f, NULL, "1", false), 0);
	assert_string_equal(said(&f), "-12 3:B");
	assert_int_equal(withdraw(&f, NULL, "12", false), 0);
	assert_string_equal(said(&f), "-12 3:B");
	assert_int_equal(withdraw(&f, NULL, "23", false), 1);
	assert_string_equal(said(&f), "-12 -3");
	end(&f);
	(void)state;
}

static void
a_withdraw_can_be_said_to_those_who_know_nothing(void **state)
{
	struct fixture f;

	begin(&f);
	assert_int_equal(withdraw(&f, NULL, "12", true), 0);
	assert_string_equal(said(&f), "-12");
	announce(&f, "A", "3");
	assert_int_equal(withdraw(&f, NULL, "234", true), 1);
	assert_string_equal(said(&f), "-1 -234");
	end(&f);
	(void)state;
}

static void
a_mark_has_the_owner_of_what_was_told_where_that_is_one(void **state)
{
	struct fixture f;
	struct ledger_entry *e[4];
	uint32_t s;

	begin(&f);
	announce(&f, "A", "123");
	announce(&f, "B", "4");
	s = set(&f, "5");
	audience_announce(&f.a, 0, key(), value(&f, "C"), s, 2);
	set_put(f.a.sets, s);
	withdraw(&f, NULL, "34", false);
	assert_string_equal(said(&f), "12:A 5:C -34");
	assert_int_equal(ledger_reader_peek(f.r, e, 4), 3);
	assert_int_equal(ledger_owner(f.a.ledger, e[2]), 1);
	withdraw(&f, NULL, "256", true);
	assert_string_equal(said(&f), "1:A -34 -256");
	assert_int_equal(ledger_reader_peek(f.r, e, 4), 3);
	assert_int_equal(ledger_owner(f.a.ledger, e[2]), 0);
	/* said again: what it was */
	withdraw(&f, NULL, "34", true);
	assert_string_equal(said(&f), "1:A -256 -34");
	assert_int_equal(ledger_reader_peek(f.r, e, 4), 3);
	assert_int_equal(ledger_owner(f.a.ledger, e[2]), 1);
	withdraw(&f, NULL, "36", true);
	assert_int_equal(ledger_reader_peek(f.r, e, 4), 4);
	assert_int_equal(ledger_owner(f.a.ledger, e[3]), 0);
	end(&f);
	(void)state;
}

static void
who_is_told_again_after_a_withdraw_leaves_the_mark(void **state)
{
	struct fixture f;

	begin(&f);
	announce(&f, "A", "123");
	withdraw(&f, NULL, "123", false);
	assert_int_equal(announce(&f, "A", "2"), 1);
	assert_string_equal(said(&f), "-13 2:A");
	assert_int_equal(announce(&f, "B", "13"), 2);
	assert_string_equal(said(&f), "2:A 13:B");
	assert_int_equal(withdraw(&f, NULL, "123", false), 3);
	assert_string_equal(said(&f), "-123");
	end(&f);
	(void)state;
}

static void
adopting_tells_only_those_who_are_told_nothing(void **state)
{
	struct fixture f;

	begin(&f);
	announce(&f, "A", "1");
	announce(&f, "B", "2");
	assert_int_equal(adopt(&f, "C", "1234"), 2);
	assert_string_equal(said(&f), "1:A 2:B 34:C");
	assert_int_equal(adopt(&f, "D", "123"), 0);
	assert_string_equal(said(&f), "1:A 2:B 34:C");
	end(&f);
	(void)state;
}

static void
what_was_withdrawn_here_is_not_adopted(void **state)
{
	struct fixture f;

	begin(&f);
	withdraw(&f, NULL, "12", true);
	announce(&f, "A", "1");
	assert_string_equal(said(&f), "-2 1:A");
	assert_int_equal(adopt(&f, "B", "123"), 1);
	assert_string_equal(said(&f), "-2 1:A 3:B");
	end(&f);
	(void)state;
}

static void
forgotten_members_leave_every_entry_without_marks(void **state)
{
	struct fixture f;
	uint32_t at = 0, gone;

	begin(&f);
	announce(&f, "A", "13");
	announce(&f, "B", "2");
	announce(&f, "C", "4");
	gone = set(&f, "12");
	assert_false(audience_forget(&f.a, &at, 1, gone));
	assert_true(audience_forget(&f.a, &at, 100, gone));
	set_put(f.a.sets, gone);
	assert_string_equal(said(&f), "3:A 4:C");
	assert_int_equal(ledger_marks(f.a.ledger), 0);
	end(&f);
	(void)state;
}

/* What is said to all when each was told something else before: a walk for each step of the walk would be
 * millions of steps, and its start again after each of them billions. */
static void
a_key_with_thousands_of_entries_is_gone_through_once(void **state)
{
	enum { MEMBERS = 3000 };
	uint8_t bits[(MEMBERS + 7) / 8];
	struct timespec began, ended;
	struct fixture f;
	uint32_t all;

	begin(&f);
	for (uint32_t m = 0; m < MEMBERS; m++) {
		uint32_t one = set_of(f.a.sets, m);
		struct blob *v = blob_intern(f.a.blobs, &m, sizeof m);

		ledger_put(f.a.ledger, 0, key(), v, one, 1);
	}
	memset(bits, 0xff, sizeof bits);
	all = set_of_bitmap(f.a.sets, reader_of(bits, sizeof bits));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began);
	assert_int_equal(audience_announce(&f.a, 0, key(), value(&f, "A"), all, 1), MEMBERS);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
	assert_in_range(ended.tv_sec - began.tv_sec, 0, 10);
	assert_int_equal(ledger_count(f.a.ledger), 1);
	set_put(f.a.sets, all);
	end(&f);
	(void)state;
}

static bool
has_room(struct fixture *f, const char *members)
{
	uint32_t s = set(f, members);
	bool has = audience_has_room(&f->a, 0, key(), s);

	set_put(f->a.sets, s);
	return has;
}

static bool
told_now(struct fixture *f, uint32_t member)
{
	const struct ledger_entry *e = audience_told(&f->a, 0, key(), member);

	return e && ledger_said_in(f->a.ledger, e) == ledger_generation(f->a.ledger);
}

static void
what_there_is_no_room_for_leaves_all_as_it_was(void **state)
{
	struct fixture f;

	begin(&f);
	ledger_most(f.a.ledger, 1);
	assert_true(has_room(&f, "1"));
	assert_int_equal(announce(&f, "A", "12"), 2);
	/* those it is for may be told otherwise, but not in part, and nobody else */
	assert_true(has_room(&f, "12"));
	assert_int_equal(announce(&f, "B", "12"), 2);
	assert_false(has_room(&f, "1"));
	assert_int_equal(announce(&f, "C", "1"), 0);
	assert_false(has_room(&f, "3"));
	assert_int_equal(announce(&f, "B", "3"), 0);
	assert_int_equal(adopt(&f, "B", "3"), 0);
	assert_int_equal(ledger_count(f.a.ledger), 1);
	assert_string_equal(said(&f), "12:B");
	/* withdraws are not refused, and make room */
	assert_int_equal(withdraw(&f, NULL, "1", true), 1);
	assert_int_equal(withdraw(&f, NULL, "2", true), 1);
	assert_true(has_room(&f, "3"));
	assert_int_equal(announce(&f, "B", "3"), 1);
	assert_false(has_room(&f, "1"));
	assert_int_equal(announce(&f, "B", "1"), 0);
	end(&f);
	(void)state;
}

/* A key of several entries: one that is for all who are meant needs no other. */
static void
without_room_one_of_several_entries_is_told_otherwise(void **state)
{
	struct fixture f;

	begin(&f);
	assert_int_equal(announce(&f, "A", "12"), 2);
	assert_int_equal(announce(&f, "B", "34"), 2);
	ledger_most(f.a.ledger, 2);
	assert_true(has_room(&f, "12"));
	assert_true(has_room(&f, "34"));
	assert_false(has_room(&f, "13"));
	/* the same again is of the new generation, and stays where it is */
	(void)ledger_begin(f.a.ledger);
	assert_int_equal(announce(&f, "A", "12"), 0);
	assert_int_equal(announce(&f, "B", "34"), 0);
	assert_string_equal(said(&f), "12:A 34:B");
	assert_true(told_now(&f, 1) && told_now(&f, 3));
	assert_int_equal(announce(&f, "C", "12"), 2);
	assert_string_equal(said(&f), "34:B 12:C");
	assert_int_equal(announce(&f, "D", "13"), 0);
	assert_string_equal(said(&f), "34:B 12:C");
	assert_int_equal(withdraw(&f, NULL, "34", true), 2);
	assert_int_equal(announce(&f, "D", "5"), 1);
	end(&f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_said_to_a_set),
		cmocka_unit_test(the_same_again_is_no_news_and_moves_nothing),
		cmocka_unit_test(who_left_is_told_the_same_again),
		cmocka_unit_test(the_same_to_some_of_them_splits_the_entry_in_silence),
		cmocka_unit_test(members_that_are_told_something_else_leave_their_old_entry),
		cmocka_unit_test(a_withdraw_marks_those_who_had_been_told),
		cmocka_unit_test(a_second_withdraw_leaves_the_mark_that_is_still_to_be_seen),
		cmocka_unit_test(a_withdraw_can_be_said_to_those_who_know_nothing),
		cmocka_unit_test(a_mark_has_the_owner_of_what_was_told_where_that_is_one),
		cmocka_unit_test(who_is_told_again_after_a_withdraw_leaves_the_mark),
		cmocka_unit_test(adopting_tells_only_those_who_are_told_nothing),
		cmocka_unit_test(what_was_withdrawn_here_is_not_adopted),
		cmocka_unit_test(forgotten_members_leave_every_entry_without_marks),
		cmocka_unit_test(a_key_with_thousands_of_entries_is_gone_through_once),
		cmocka_unit_test(what_there_is_no_room_for_leaves_all_as_it_was),
		cmocka_unit_test(without_room_one_of_several_entries_is_told_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
