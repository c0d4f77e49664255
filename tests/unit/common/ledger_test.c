#include "common/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Values are blobs with a word in them; audiences are counted by the fixture, as sets would be. */
struct fixture {
	struct blobs *blobs;
	struct ledger *l;
	int audiences; /* shares given to the ledger and not released */
	struct ledger_reader *overrun; /* who was cut loose last, */
	unsigned overruns; /* and how often */
	bool close_overrun;
};

static void
release(void *self, struct blob *value, uint32_t audience)
{
	struct fixture *f = self;

	blob_put(f->blobs, value);
	if (audience)
		f->audiences--;
}

static void
overrun(void *self, struct ledger_reader *r)
{
	struct fixture *f = self;

	f->overrun = r;
	f->overruns++;
	if (f->close_overrun)
		ledger_reader_close(r);
	else
		ledger_reader_to_head(r);
}

static const struct ledger_ops ops = { release, overrun };

static void
begin(struct fixture *f)
{
	*f = (struct fixture){ .blobs = blobs_new() };
	f->l = ledger_new(&ops, f);
}

/* Everything that was given is given back. */
static void
end(struct fixture *f)
{
	ledger_free(f->l);
	assert_int_equal(f->audiences, 0);
	assert_int_equal(blobs_count(f->blobs), 0);
	blobs_free(f->blobs);
}

static struct reader
word(const char *text)
{
	return reader_of(text, strlen(text));
}

static struct blob *
value(struct fixture *f, const char *text)
{
	return blob_intern(f->blobs, text, strlen(text));
}

static struct ledger_entry *
put(struct fixture *f, const char *key, const char *text)
{
	return ledger_put(f->l, 0, word(key), value(f, text), 0, 0);
}

static struct ledger_entry *
find(struct fixture *f, const char *key)
{
	return ledger_find(f->l, 0, word(key));
}

static void
change(struct fixture *f, const char *key, const char *text)
{
	ledger_change(f->l, find(f, key), value(f, text), 0, 0);
}

static void
withdraw(struct fixture *f, const char *key)
{
	ledger_withdraw(f->l, find(f, key), NULL);
}

/* The marks that somebody is still to see. */
static size_t
marks(const struct fixture *f)
{
	while (!ledger_reap(f->l, 1000))
		;
	return ledger_marks(f->l);
}

/* What a reader has in front of it: "a=1 b=2 -c". */
static const char *
ahead(const struct fixture *f, const struct ledger_reader *r)
{
	static char text[400];
	struct ledger_entry *e[32];
	size_t n = ledger_reader_peek(r, e, 32), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct reader k = ledger_key(f->l, e[i]), v = blob_read(e[i]->value);

		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s%.*s%s%.*s", i ? " " : "",
		    e[i]->mark ? "-" : "", (int)k.left, (const char *)k.at, v.left ? "=" : "",
		    (int)v.left, v.at ? (const char *)v.at : "");
	}
	return text;
}

struct bell {
	unsigned rung, superseded, closed;
	struct ledger_reader *close; /* the reader to close when it rings */
};

static void
ring(void *arg, bool superseded, bool closed)
{
	struct bell *b = arg;

	b->rung++;
	b->superseded += superseded;
	b->closed += closed;
	ledger_reader_close(b->close);
	b->close = NULL;
}

static const struct ledger_barrier_ops bell_ops = { ring };

/* --- entries --- */

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
	assert_int_equal(e->owner, 12);
	assert_int_equal(e->path_id, 7);
	assert_true(reader_equal(ledger_key(f.l, e), word("a")));
	assert_int_equal(ledger_count(f.l), 1);
	assert_null(ledger_same(f.l, e));
	ledger_drop(f.l, e);
	assert_null(ledger_find(f.l, 7, word("a")));
	assert_int_equal(ledger_count(f.l), 0);
	end(&f);
	(void)state;
}

static void
a_key_of_any_length_up_to_the_maximum_is_kept(void **state)
{
	static const size_t lengths[] = { 0, 1, 14, 15, 16, 17, 32, 255, LEDGER_KEY_MAX };
	uint8_t octets[LEDGER_KEY_MAX];
	struct fixture f;
	size_t held;

	begin(&f);
	ledger_drop(f.l, put(&f, "a", "1")); /* the first page of entries and of the index */
	held = ledger_octets(f.l);
	memset(octets, 'x', sizeof octets);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		ledger_put(f.l, 0, reader_of(octets, lengths[i]), NULL, 0, (uint32_t)i);
	assert_true(ledger_octets(f.l) > held + LEDGER_KEY_MAX);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct ledger_entry *e = ledger_find(f.l, 0, reader_of(octets, lengths[i]));

		assert_non_null(e);
		assert_int_equal(e->owner, i);
		assert_true(reader_equal(ledger_key(f.l, e), reader_of(octets, lengths[i])));
		ledger_drop(f.l, e);
	}
	assert_int_equal(ledger_count(f.l), 0);
	assert_int_equal(ledger_octets(f.l), held);
	end(&f);
	(void)state;
}

static void
entries_of_one_key_are_found_one_after_the_other(void **state)
{
	struct ledger_entry *want[3], *e;
	struct fixture f;
	unsigned seen = 0;

	begin(&f);
	for (uint32_t i = 0; i < 3; i++)
		want[i] = ledger_put(f.l, 0, word("a"), value(&f, "1"), 0, i);
	put(&f, "b", "1");
	for (e = find(&f, "a"); e; e = ledger_same(f.l, e)) {
		assert_ptr_equal(e, want[e->owner]);
		assert_false(seen & 1u << e->owner);
		seen |= 1u << e->owner;
	}
	assert_int_equal(seen, 7);
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
	assert_int_equal(find(&f, "a")->generation, g);
	assert_int_equal(find(&f, "a")->owner, 9);
	assert_true(find(&f, "b")->generation < g);
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
	assert_int_equal(e->audience, 11);
	assert_int_equal(f.audiences, 1);
	f.audiences += 2;
	part = ledger_split(f.l, e, 3, 8);
	assert_int_equal(f.audiences, 2);
	assert_int_equal(part->audience, 3);
	assert_int_equal(e->audience, 8);
	assert_ptr_equal(part->value, e->value);
	assert_int_equal(part->owner, 5);
	assert_int_equal(part->generation, e->generation);
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

/* --- marks --- */

static void
without_readers_a_withdrawn_key_is_gone_at_once(void **state)
{
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	ledger_withdraw(f.l, find(&f, "a"), value(&f, "why"));
	assert_null(find(&f, "a"));
	assert_int_equal(ledger_count(f.l), 0);
	assert_int_equal(marks(&f), 0);
	assert_int_equal(blobs_count(f.blobs), 0);
	end(&f);
	(void)state;
}

static void
a_mark_stays_until_the_last_reader_has_passed(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	ledger_withdraw(f.l, find(&f, "a"), value(&f, "why"));
	assert_true(find(&f, "a")->mark);
	assert_int_equal(marks(&f), 1);
	assert_string_equal(ahead(&f, r), "-a=why");
	ledger_reader_pass(r, 1);
	assert_int_equal(marks(&f), 1);
	assert_string_equal(ahead(&f, s), "-a=why");
	ledger_reader_pass(s, 1);
	assert_int_equal(marks(&f), 0);
	assert_null(find(&f, "a"));
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
a_reader_that_leaves_holds_no_mark(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	r = ledger_reader_open(f.l, NULL, false);
	withdraw(&f, "a");
	ledger_reader_close(r);
	assert_int_equal(marks(&f), 0);
	end(&f);
	(void)state;
}

static void
a_mark_that_is_changed_is_an_entry_again(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	withdraw(&f, "a");
	withdraw(&f, "a");
	assert_int_equal(marks(&f), 1);
	change(&f, "a", "2");
	assert_int_equal(marks(&f), 0);
	assert_int_equal(ledger_count(f.l), 1);
	assert_string_equal(ahead(&f, r), "a=2");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

/* A snapshot begins with nothing, so old marks need not wait for it; one who had fallen behind and starts
 * again still has to be told what it missed. */
static void
a_snapshot_holds_no_old_marks_but_going_to_the_head_keeps_what_is_due(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	put(&f, "b", "1");
	ledger_reader_to_tail(r);
	withdraw(&f, "a");
	s = ledger_reader_open(f.l, NULL, true);
	assert_string_equal(ahead(&f, s), "b=1 -a");
	ledger_reader_to_head(r);
	ledger_reader_to_head(r);
	assert_int_equal(marks(&f), 1);
	assert_string_equal(ahead(&f, r), "b=1 -a");
	ledger_reader_pass(r, 1);
	assert_int_equal(marks(&f), 1);
	ledger_reader_pass(r, 1);
	assert_int_equal(marks(&f), 0);
	assert_string_equal(ahead(&f, s), "b=1");
	withdraw(&f, "b");
	assert_string_equal(ahead(&f, s), "-b");
	ledger_reader_to_tail(r);
	assert_int_equal(marks(&f), 1);
	ledger_reader_pass(s, 1);
	assert_int_equal(marks(&f), 0);
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

/* Without anybody asking for it. */
static void
changes_and_peeks_free_the_marks_that_everybody_has_seen(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	for (int i = 0; i < 100; i++) {
		put(&f, "a", "1");
		ledger_reader_to_tail(r);
		withdraw(&f, "a");
		ledger_reader_to_tail(r);
		assert_in_range(ledger_marks(f.l), 0, 1);
	}
	for (uint32_t i = 0; i < 50; i++)
		ledger_withdraw(f.l, ledger_put(f.l, i, word("a"), NULL, 0, 0), NULL);
	ledger_reader_pass(r, 50);
	assert_int_equal(ledger_marks(f.l), 50);
	ledger_reader_peek(r, (struct ledger_entry *[64]){ NULL }, 64);
	assert_int_equal(ledger_marks(f.l), 0);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

/* One slice is handed to all that stand beside: what the first has passed is still there for the others. */
static void
readers_that_move_free_no_marks(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	put(&f, "b", "1");
	r = ledger_reader_open(f.l, NULL, false);
	withdraw(&f, "a");
	/* snapshots hold no marks */
	s = ledger_reader_open(f.l, NULL, true);
	ledger_reader_to_tail(r);
	r = (ledger_reader_close(r), ledger_reader_open(f.l, NULL, true));
	assert_true(find(&f, "a")->mark);
	ledger_reader_pass(s, 1);
	ledger_reader_pass(s, 1);
	assert_true(find(&f, "a")->mark);
	assert_string_equal(ahead(&f, r), "b=1");
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
make_marks(struct fixture *f, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		ledger_withdraw(
		    f->l, ledger_put(f->l, 0, reader_of(&i, sizeof i), value(f, "1"), 0, 0), NULL);
}

static void
past_the_bound_of_marks_the_rearmost_reader_is_cut_loose(void **state)
{
	struct ledger_reader *slow, *fast;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	slow = ledger_reader_open(f.l, NULL, false);
	fast = ledger_reader_open(f.l, NULL, false);
	/* they walk past each other: who is rearmost is known */
	make_marks(&f, 100);
	ledger_reader_pass(slow, 50);
	ledger_reader_pass(fast, 20);
	ledger_reader_pass(fast, 60);
	make_marks(&f, LEDGER_MARKS_SPARE - 49);
	assert_int_equal(f.overruns, 0);
	assert_int_equal(marks(&f), LEDGER_MARKS_SPARE + 1);
	make_marks(&f, 1);
	assert_int_equal(f.overruns, 1);
	assert_ptr_equal(f.overrun, slow);
	/* its snapshot holds only the marks from now on: those that nobody else needs go */
	ledger_reader_to_tail(fast);
	assert_int_equal(marks(&f), 0);
	assert_string_equal(ahead(&f, slow), "a=1");
	make_marks(&f, 1);
	ledger_reader_to_tail(fast);
	assert_int_equal(marks(&f), 1);
	ledger_reader_close(slow);
	ledger_reader_close(fast);
	end(&f);
	(void)state;
}

static void
who_is_cut_loose_may_be_closed(void **state)
{
	struct fixture f;

	begin(&f);
	f.close_overrun = true;
	ledger_reader_open(f.l, NULL, false);
	make_marks(&f, LEDGER_MARKS_SPARE + 1);
	assert_int_equal(f.overruns, 1);
	assert_int_equal(ledger_readers(f.l), 0);
	assert_int_equal(marks(&f), 0);
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

/* --- readers --- */

static void
a_reader_is_live_when_nothing_is_in_front_of_it(void **state)
{
	struct ledger_reader *r, *s;
	struct fixture f;
	int party;

	begin(&f);
	r = ledger_reader_open(f.l, &party, true);
	assert_ptr_equal(ledger_reader_party(r), &party);
	assert_true(ledger_reader_live(r));
	put(&f, "a", "1");
	assert_false(ledger_reader_live(r));
	s = ledger_reader_open(f.l, NULL, false);
	assert_true(ledger_reader_live(s));
	assert_false(ledger_reader_live(r));
	ledger_reader_to_tail(r);
	assert_true(ledger_reader_live(r));
	change(&f, "a", "2");
	assert_false(ledger_reader_live(r));
	ledger_reader_pass(r, 1);
	assert_true(ledger_reader_live(r));
	assert_false(ledger_reader_live(s));
	ledger_drop(f.l, find(&f, "a"));
	assert_true(ledger_reader_live(s));
	ledger_reader_to_head(s);
	assert_true(ledger_reader_live(s));
	put(&f, "b", "1");
	ledger_reader_pass(s, 1);
	ledger_reader_to_head(s);
	assert_false(ledger_reader_live(s));
	assert_int_equal(ledger_readers(f.l), 2);
	ledger_reader_close(r);
	ledger_reader_close(s);
	ledger_reader_close(NULL);
	assert_int_equal(ledger_readers(f.l), 0);
	end(&f);
	(void)state;
}

static void
a_slow_reader_sees_the_newest_value_of_a_key_once(void **state)
{
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	put(&f, "b", "1");
	for (int i = 0; i < 5; i++)
		change(&f, "a", i % 2 ? "2" : "3");
	assert_string_equal(ahead(&f, r), "b=1 a=3");
	ledger_reader_pass(r, 1);
	assert_string_equal(ahead(&f, r), "a=3");
	change(&f, "b", "4");
	assert_string_equal(ahead(&f, r), "a=3 b=4");
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_peek_gives_no_more_than_it_may(void **state)
{
	struct ledger_entry *e[4] = { NULL };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	put(&f, "b", "1");
	put(&f, "c", "1");
	assert_int_equal(ledger_reader_peek(r, e, 2), 2);
	assert_ptr_equal(e[0], find(&f, "a"));
	assert_ptr_equal(e[1], find(&f, "b"));
	assert_null(e[2]);
	assert_int_equal(ledger_reader_peek(r, e, 0), 0);
	ledger_reader_pass(r, 5);
	assert_true(ledger_reader_live(r));
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static bool
stands_beside(struct ledger_reader *r, const struct ledger_reader *other)
{
	struct ledger_reader *out[16];
	size_t n = ledger_reader_beside(r, out, 16);

	assert_ptr_equal(out[0], r);
	for (size_t i = 1; i < n; i++)
		if (out[i] == other)
			return true;
	return false;
}

static void
readers_with_no_entry_between_stand_beside_each_other(void **state)
{
	struct ledger_reader *r, *s, *t, *out[2];
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	s = ledger_reader_open(f.l, NULL, false);
	t = ledger_reader_open(f.l, NULL, true);
	assert_true(stands_beside(r, t) && stands_beside(t, r));
	assert_false(stands_beside(r, s) || stands_beside(s, r));
	ledger_reader_pass(r, 1);
	assert_true(stands_beside(r, s) && stands_beside(s, r));
	ledger_reader_pass(t, 1);
	assert_int_equal(ledger_reader_beside(t, out, 2), 2);
	put(&f, "b", "1");
	put(&f, "c", "1");
	ledger_barrier(f.l, s, NULL, &bell_ops, &bell);
	ledger_reader_to_tail(r);
	ledger_drop(f.l, find(&f, "b"));
	ledger_drop(f.l, find(&f, "c"));
	/* s has a barrier to pass before it is where r is */
	assert_false(stands_beside(r, s) || stands_beside(s, r));
	ledger_reader_pass(s, 0);
	assert_int_equal(bell.rung, 1);
	assert_true(stands_beside(r, s) && stands_beside(s, r));
	ledger_reader_close(r);
	ledger_reader_close(s);
	ledger_reader_close(t);
	end(&f);
	(void)state;
}

/* --- barriers --- */

static void
a_barrier_fires_at_once_when_nothing_is_before_it(void **state)
{
	struct bell one = { 0 }, all = { 0 }, none = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &none);
	assert_int_equal(none.rung, 1);
	r = ledger_reader_open(f.l, NULL, false);
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	assert_int_equal(one.rung, 1);
	assert_int_equal(all.rung, 1);
	assert_int_equal(one.closed + one.superseded + all.closed + all.superseded, 0);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_barrier_of_one_reader_fires_when_that_one_has_passed(void **state)
{
	struct ledger_reader *r, *s;
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &bell);
	put(&f, "b", "1");
	assert_string_equal(ahead(&f, r), "a=1");
	assert_string_equal(ahead(&f, s), "a=1 b=1");
	ledger_reader_pass(s, 2);
	assert_int_equal(bell.rung, 0);
	ledger_reader_pass(r, 0);
	assert_int_equal(bell.rung, 0);
	ledger_reader_pass(r, 1);
	assert_int_equal(bell.rung, 1);
	assert_string_equal(ahead(&f, r), "b=1");
	ledger_reader_pass(r, 1);
	assert_int_equal(bell.rung, 1);
	assert_int_equal(bell.closed + bell.superseded, 0);
	ledger_reader_close(r);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
a_barrier_for_all_fires_when_the_last_one_has_passed(void **state)
{
	struct ledger_reader *r[3], *late;
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	for (int i = 0; i < 3; i++)
		r[i] = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &bell);
	put(&f, "b", "1");
	/* who comes later is not waited for */
	late = ledger_reader_open(f.l, NULL, true);
	assert_string_equal(ahead(&f, late), "a=1 b=1");
	assert_string_equal(ahead(&f, r[0]), "a=1");
	ledger_reader_pass(r[0], 1);
	assert_string_equal(ahead(&f, r[0]), "b=1");
	ledger_reader_to_tail(r[1]);
	assert_int_equal(bell.rung, 0);
	ledger_reader_to_tail(r[1]);
	ledger_reader_to_head(r[0]);
	ledger_reader_pass(r[0], 1);
	assert_int_equal(bell.rung, 0);
	ledger_reader_close(r[2]);
	assert_int_equal(bell.rung, 1);
	assert_int_equal(bell.closed, 0);
	ledger_reader_close(r[0]);
	ledger_reader_close(r[1]);
	ledger_reader_close(late);
	end(&f);
	(void)state;
}

/* However far behind the end of marks is. */
static void
a_barrier_for_all_waits_for_nobody_but_readers(void **state)
{
	struct ledger_reader *r, *s;
	struct bell bell = { 0 };
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	for (uint32_t i = 0; i < 5000; i++)
		ledger_put(f.l, i, word("a"), NULL, 0, 0);
	ledger_reader_close(r);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &bell);
	put(&f, "b", "1");
	assert_int_equal(bell.rung, 0);
	ledger_reader_to_tail(s);
	assert_int_equal(bell.rung, 1);
	ledger_reader_close(s);
	end(&f);
	(void)state;
}

static void
a_reader_sent_back_to_the_head_has_its_barriers_before_it_still(void **state)
{
	struct bell one = { 0 }, all = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	put(&f, "a", "1");
	r = ledger_reader_open(f.l, NULL, true);
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	ledger_reader_to_head(r);
	assert_int_equal(one.rung + all.rung, 0);
	assert_string_equal(ahead(&f, r), "a=1");
	ledger_reader_pass(r, 1);
	assert_int_equal(one.rung, 1);
	assert_int_equal(all.rung, 1);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
going_to_the_tail_fires_what_is_on_the_way(void **state)
{
	struct bell one = { 0 }, two = { 0 }, all = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	put(&f, "b", "1");
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	ledger_barrier(f.l, r, NULL, &bell_ops, &two);
	ledger_reader_to_tail(r);
	assert_int_equal(one.rung, 1);
	assert_int_equal(two.rung, 1);
	assert_int_equal(all.rung, 1);
	assert_true(ledger_reader_live(r));
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
closing_a_reader_fires_its_barriers_as_closed(void **state)
{
	struct bell one = { 0 }, two = { 0 };
	struct ledger_reader *r, *s;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	s = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, s, NULL, &bell_ops, &two);
	ledger_reader_close(r);
	assert_int_equal(one.rung, 1);
	assert_int_equal(one.closed, 1);
	assert_int_equal(two.rung, 0);
	ledger_reader_close(s);
	assert_int_equal(two.closed, 1);
	end(&f);
	(void)state;
}

static void
a_barrier_knows_that_its_entry_was_superseded(void **state)
{
	struct bell kept = { 0 }, changed = { 0 }, withdrawn = { 0 }, dropped = { 0 },
		    other = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	for (const char *k = "abcd"; *k; k++)
		ledger_put(f.l, 0, reader_of(k, 1), NULL, 0, 0);
	ledger_barrier(f.l, r, find(&f, "a"), &bell_ops, &kept);
	ledger_barrier(f.l, r, find(&f, "b"), &bell_ops, &changed);
	ledger_barrier(f.l, NULL, find(&f, "c"), &bell_ops, &withdrawn);
	ledger_barrier(f.l, r, find(&f, "d"), &bell_ops, &dropped);
	ledger_barrier(f.l, r, find(&f, "d"), &bell_ops, &dropped);
	ledger_restate(f.l, find(&f, "a"), 1);
	change(&f, "b", "2");
	withdraw(&f, "c");
	ledger_drop(f.l, find(&f, "d"));
	/* what has the number of d now is nothing to those who asked for d */
	put(&f, "e", "1");
	ledger_barrier(f.l, r, find(&f, "e"), &bell_ops, &other);
	assert_int_equal(kept.rung + changed.rung + withdrawn.rung + dropped.rung + other.rung, 0);
	ledger_reader_to_tail(r);
	change(&f, "a", "3");
	change(&f, "e", "3");
	assert_int_equal(kept.superseded, 0);
	assert_int_equal(changed.superseded, 1);
	assert_int_equal(withdrawn.superseded, 1);
	assert_int_equal(dropped.superseded, 2);
	assert_int_equal(other.superseded, 0);
	assert_int_equal(kept.rung + changed.rung + withdrawn.rung + dropped.rung + other.rung, 6);
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
a_barrier_fires_with_the_next_pass_when_the_entries_before_it_went(void **state)
{
	struct bell one = { 0 }, all = { 0 };
	struct ledger_reader *r;
	struct fixture f;

	begin(&f);
	r = ledger_reader_open(f.l, NULL, false);
	put(&f, "a", "1");
	ledger_barrier(f.l, r, NULL, &bell_ops, &one);
	ledger_barrier(f.l, NULL, NULL, &bell_ops, &all);
	change(&f, "a", "2");
	assert_int_equal(one.rung + all.rung, 0);
	assert_false(ledger_reader_live(r));
	assert_string_equal(ahead(&f, r), "");
	ledger_reader_pass(r, 0);
	assert_int_equal(one.rung, 1);
	assert_int_equal(all.rung, 1);
	assert_string_equal(ahead(&f, r), "a=2");
	ledger_drop(f.l, find(&f, "a"));
	assert_true(ledger_reader_live(r));
	ledger_reader_close(r);
	end(&f);
	(void)state;
}

static void
who_is_told_of_a_barrier_may_close_the_reader(void **state)
{
	struct bell one = { 0 }, two = { 0 };
	struct fixture f;

	begin(&f);
	for (int how = 0; how < 2; how++) {
		struct ledger_reader *r = ledger_reader_open(f.l, NULL, false);

		ledger_put(f.l, (uint32_t)how, word("a"), NULL, 0, 0);
		one.close = r;
		ledger_barrier(f.l, r, NULL, &bell_ops, &one);
		ledger_barrier(f.l, r, NULL, &bell_ops, &two);
		if (how == 0)
			ledger_reader_pass(r, 1);
		else
			ledger_reader_to_tail(r);
		assert_int_equal(ledger_readers(f.l), 0);
		assert_int_equal(one.rung, how + 1);
		assert_int_equal(two.rung, how + 1);
	}
	end(&f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_found_with_its_path_id),
		cmocka_unit_test(a_key_of_any_length_up_to_the_maximum_is_kept),
		cmocka_unit_test(entries_of_one_key_are_found_one_after_the_other),
		cmocka_unit_test(a_change_goes_to_the_tail),
		cmocka_unit_test(a_restatement_stays_where_it_is),
		cmocka_unit_test(narrowing_and_splitting_tell_nobody),
		cmocka_unit_test(a_part_of_a_mark_is_a_mark),
		cmocka_unit_test(without_readers_a_withdrawn_key_is_gone_at_once),
		cmocka_unit_test(a_mark_stays_until_the_last_reader_has_passed),
		cmocka_unit_test(a_reader_that_leaves_holds_no_mark),
		cmocka_unit_test(a_mark_that_is_changed_is_an_entry_again),
		cmocka_unit_test(
		    a_snapshot_holds_no_old_marks_but_going_to_the_head_keeps_what_is_due),
		cmocka_unit_test(changes_and_peeks_free_the_marks_that_everybody_has_seen),
		cmocka_unit_test(readers_that_move_free_no_marks),
		cmocka_unit_test(past_the_bound_of_marks_the_rearmost_reader_is_cut_loose),
		cmocka_unit_test(who_is_cut_loose_may_be_closed),
		cmocka_unit_test(a_sweep_finds_what_was_not_restated),
		cmocka_unit_test(a_visit_takes_its_budget_of_steps),
		cmocka_unit_test(a_reader_is_live_when_nothing_is_in_front_of_it),
		cmocka_unit_test(a_slow_reader_sees_the_newest_value_of_a_key_once),
		cmocka_unit_test(a_peek_gives_no_more_than_it_may),
		cmocka_unit_test(readers_with_no_entry_between_stand_beside_each_other),
		cmocka_unit_test(a_barrier_fires_at_once_when_nothing_is_before_it),
		cmocka_unit_test(a_barrier_of_one_reader_fires_when_that_one_has_passed),
		cmocka_unit_test(a_barrier_for_all_fires_when_the_last_one_has_passed),
		cmocka_unit_test(a_barrier_for_all_waits_for_nobody_but_readers),
		cmocka_unit_test(a_reader_sent_back_to_the_head_has_its_barriers_before_it_still),
		cmocka_unit_test(going_to_the_tail_fires_what_is_on_the_way),
		cmocka_unit_test(closing_a_reader_fires_its_barriers_as_closed),
		cmocka_unit_test(a_barrier_knows_that_its_entry_was_superseded),
		cmocka_unit_test(
		    a_barrier_fires_with_the_next_pass_when_the_entries_before_it_went),
		cmocka_unit_test(who_is_told_of_a_barrier_may_close_the_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
