/* Named sets by command: what is long is done in slices, which are as small as they can be here, while others are
 * answered. */
#include <limits.h>
#include "controller/config/config.h"
#include "tests/unit/controller/api/world.h"

enum { ENTRIES = 20000, LINES = 128 };

static void
start(struct world *w)
{
	struct text why = { 0 };

	world_write_config(w,
	    "set prefixes wanted { 192.0.2.0/24; }\nset as few { 65001; }\n"
	    "policy in {\nrule a {\nmatch {\nprefix wanted;\n}\nthen {\naccept;\n}\n}\n}\n");
	if (controller_reload(&w->c, &why) < 0)
		fail_msg("%s", text_str(&why));
	text_fini(&why);
	(void)player_open(w);
	(void)player_open(w);
	loop_test_hurry(w->loop, true);
}

/* So many entries, the last first. */
static void
entries(struct text *t, unsigned from, unsigned count)
{
	for (unsigned i = from + count; i > from; i--)
		text_printf(t, "10.%u.%u.0/24\n", (i - 1) / 256, (i - 1) % 256);
}

static void
a_body_is_read_put_in_order_and_compared_in_slices(void **state)
{
	struct world *w = *state;
	struct text body = { 0 };

	start(w);
	entries(&body, 0, ENTRIES);
	command_with(w->player[0], 7, "set replace wanted", text_str(&body));
	/* reading alone is so many */
	assert_true(
	    turns_until(w, "wanted: 20000 entries, 20000 new, 1 gone") > ENTRIES / LINES + 100);
	text_fini(&body);
}

static void
one_entry_of_many_is_put_in_in_slices_and_one_of_few_at_once(void **state)
{
	struct world *w = *state;
	struct text body = { 0 };

	start(w);
	command_with(w->player[0], 7, "set add wanted 10.0.0.0/8", NULL);
	assert_int_equal(turns_until(w, "wanted: 2 entries, 1 new, 0 gone"), 0);
	entries(&body, 0, ENTRIES);
	command_with(w->player[0], 7, "set replace wanted", text_str(&body));
	(void)turns_until(w, "accepted");
	command_with(w->player[0], 7, "set add wanted 10.0.0.0/8", NULL);
	assert_true(turns_until(w, "wanted: 20001 entries, 1 new, 0 gone") > ENTRIES / 1024);
	command_with(w->player[0], 7, "set remove wanted 10.0.0.0/8", NULL);
	assert_true(turns_until(w, "wanted: 20000 entries, 0 new, 1 gone") > ENTRIES / 1024);
	command_with(w->player[0], 7, "set restore wanted", NULL);
	assert_true(turns_until(w, "wanted: 1 entry, 1 new, 20000 gone") > ENTRIES / 1024);
	text_fini(&body);
}

static void
changes_of_one_client_are_made_in_their_order(void **state)
{
	struct world *w = *state;
	struct text body = { 0 };

	start(w);
	entries(&body, 0, ENTRIES);
	command_with(w->player[0], 7, "set replace wanted", text_str(&body));
	command_with(w->player[0], 8, "set replace wanted 10.0.0.0/8", NULL);
	(void)turns_until(w, "reply 7 ");
	(void)turns_until(w, "wanted: 1 entry, 1 new, 20000 gone");
	text_fini(&body);
}

static void
what_two_clients_add_at_a_time_is_all_in_it(void **state)
{
	struct world *w = *state;
	struct text body = { 0 };

	start(w);
	entries(&body, 0, ENTRIES);
	command_with(w->player[0], 7, "set replace wanted", text_str(&body));
	(void)turns_until(w, "accepted");
	command_with(w->player[0], 7, "set add wanted 11.0.0.0/8", NULL);
	turns(w, 15);
	command_with(w->player[1], 8, "set add wanted 12.0.0.0/8", NULL);
	turns(w, 400);
	assert_has(next(w->player[0]), "wanted: 20001 entries, 1 new, 0 gone");
	assert_has(next(w->player[1]), "wanted: 20002 entries, 1 new, 0 gone");
	assert_int_equal(
	    named_list_count(named_find(&w->c.config->sets, "wanted")->now), ENTRIES + 2);
	text_fini(&body);
}

static void
one_who_changes_it_in_every_turn_does_not_keep_a_long_change_from_its_end(void **state)
{
	struct world *w = *state;
	struct text body = { 0 };

	start(w);
	entries(&body, 0, ENTRIES);
	command_with(w->player[0], 7, "set replace wanted", text_str(&body));
	for (unsigned n = 0; w->player[0]->read == w->player[0]->count; n++) {
		assert_true(n < 1000);
		command_with(w->player[1], 8,
		    n % 2 ? "set add wanted 12.0.0.0/8" : "set remove wanted 12.0.0.0/8", NULL);
		turns(w, 1);
	}
	assert_has(next(w->player[0]), "20000 entries");
	text_fini(&body);
}

static void
what_is_shown_has_what_its_client_said_before(void **state)
{
	struct world *w = *state;
	struct text body = { 0 };

	start(w);
	entries(&body, 0, ENTRIES);
	command_with(w->player[0], 7, "set replace wanted", text_str(&body));
	command_with(w->player[0], 8, "set add wanted 9.0.0.0/8", NULL);
	command_with(w->player[0], 9, "show sets wanted", NULL);
	(void)turns_until(w, "wanted: 20000 entries, 20000 new, 1 gone");
	(void)turns_until(w, "wanted: 20001 entries, 1 new, 0 gone");
	(void)turns_until(w, "9.0.0.0/8");
	text_fini(&body);
}

/* As many as there may be, all odd. */
static struct named_list *
full(void)
{
	struct named_list *l = named_list_new(NAMED_AS);
	struct named_sorting sorting = { 0 };
	struct named_text text = { 0 };
	struct reason why = { 0 };
	struct text t = { 0 };

	for (unsigned i = 0; i < NAMED_ENTRIES_MAX; i++)
		text_printf(&t, "%u\n", 2 * i + 1);
	text.text = text_str(&t);
	text.len = t.len;
	assert_int_equal(named_list_read(l, &text, UINT_MAX, &why), 0);
	while (!named_list_make(l, &sorting, SIZE_MAX))
		;
	assert_int_equal(named_list_count(l), NAMED_ENTRIES_MAX);
	named_sorting_fini(&sorting);
	named_text_fini(&text);
	text_fini(&t);
	return l;
}

static void
nothing_is_added_to_a_set_that_is_full(void **state)
{
	struct world *w = *state;

	start(w);
	named_replace(named_find(&w->c.config->sets, "few"), full(), "a test");
	command_with(w->player[0], 7, "set add few 2", NULL);
	(void)turns_until(w, "'few' would have 1000001 entries: at most a million");
	command_with(w->player[0], 7, "set add few 1", NULL);
	(void)turns_until(w, "few: 1000000 entries, 0 new, 0 gone");
	command_with(w->player[0], 7, "set remove few 1", NULL);
	(void)turns_until(w, "few: 999999 entries, 0 new, 1 gone");
	command_with(w->player[0], 7, "set add few 2", NULL);
	(void)turns_until(w, "few: 1000000 entries, 1 new, 0 gone");
}

static void
a_client_that_goes_takes_its_change_with_it(void **state)
{
	struct world *w = *state;
	struct text body = { 0 };

	start(w);
	entries(&body, 0, ENTRIES);
	command_with(w->player[0], 7, "set replace wanted", text_str(&body));
	turns(w, ENTRIES / LINES + 60);
	client_lost(&w->player[0]->client);
	turns(w, 400);
	assert_int_equal(named_list_count(named_find(&w->c.config->sets, "wanted")->now), 1);
	text_fini(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_body_is_read_put_in_order_and_compared_in_slices),
		WORLD_TEST(one_entry_of_many_is_put_in_in_slices_and_one_of_few_at_once),
		WORLD_TEST(changes_of_one_client_are_made_in_their_order),
		WORLD_TEST(what_two_clients_add_at_a_time_is_all_in_it),
		WORLD_TEST(
		    one_who_changes_it_in_every_turn_does_not_keep_a_long_change_from_its_end),
		WORLD_TEST(what_is_shown_has_what_its_client_said_before),
		WORLD_TEST(nothing_is_added_to_a_set_that_is_full),
		WORLD_TEST(a_client_that_goes_takes_its_change_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
