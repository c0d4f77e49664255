/* A configuration is read in slices, which are as small as they can be here, while others are answered. */
#include "controller/reload.h"
#include "controller/config/config.h"
#include "tests/unit/controller/api/world.h"

enum { ENTRIES = 20000 };

#define SETS "speaker edge {\n}\nset prefixes wanted { file entries; }\n"
static const char policies[] =
    "policy in {\nrule a {\nmatch {\nprefix wanted;\n}\nthen {\naccept;\n}\n}\n}\n"
    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65001; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import in; export accept; "
    "}\n";

static void
write_entries(struct world *w, unsigned count)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/entries", w->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	for (unsigned i = count; i > 0; i--)
		fprintf(f, "10.%u.%u.0/24\n", i / 256, i % 256);
	fclose(f);
}

static void
start(struct world *w)
{
	struct text text = { 0 };

	write_entries(w, ENTRIES);
	text_printf(&text, SETS "%s", policies);
	world_write_config(w, text_str(&text));
	(void)player_open(w);
	(void)player_open(w);
	loop_test_hurry(w->loop, true);
	text_fini(&text);
}

static size_t
count_of(struct world *w)
{
	const struct named_set *set = named_find(&w->c.config->sets, "wanted");

	return set ? named_list_count(set->now) : 0;
}

static void
others_are_answered_while_it_is_read(void **state)
{
	struct world *w = *state;

	start(w);
	command_with(w->player[0], 7, "reload", NULL);
	assert_true(turns_until(w, "reply 7 ") > ENTRIES / 256);
	assert_int_equal(count_of(w), ENTRIES);
}

static void
what_its_client_asks_meanwhile_is_answered_by_what_was_read(void **state)
{
	struct world *w = *state;

	start(w);
	command_with(w->player[0], 7, "reload", NULL);
	command_with(w->player[0], 8, "set add wanted 192.0.2.0/24", NULL);
	command_with(w->player[1], 9, "set add wanted 192.0.2.0/24", NULL);
	assert_has(next(w->player[1]), "there is no set");
	(void)turns_until(w, "reply 7 ");
	(void)turns_until(w, "wanted: 20001 entries, 1 new, 0 gone");
}

static void
one_that_is_asked_for_meanwhile_comes_behind(void **state)
{
	struct world *w = *state;

	start(w);
	command_with(w->player[0], 7, "reload", NULL);
	turns(w, 3);
	assert_non_null(reload_ask(&w->c, RELOAD, NULL, NULL));
	assert_null(reload_ask(&w->c, RELOAD, NULL, NULL)); /* one is enough */
	(void)turns_until(w, "reply 7 ");
	write_entries(w, 5);
	turns(w, 4 * ENTRIES / 128);
	assert_int_equal(count_of(w), 5);
}

static void
who_asked_may_go(void **state)
{
	struct world *w = *state;

	start(w);
	command_with(w->player[0], 7, "reload", NULL);
	turns(w, 3);
	client_lost(&w->player[0]->client);
	turns(w, 4 * ENTRIES / 128);
	assert_int_equal(count_of(w), ENTRIES);
}

static void
one_that_is_wrong_leaves_the_old_one(void **state)
{
	struct world *w = *state;
	char path[64];
	FILE *f;

	start(w);
	command_with(w->player[0], 7, "reload", NULL);
	(void)turns_until(w, "reply 7 ");
	snprintf(path, sizeof path, "%s/entries", w->dir);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs("10.0.0.0/33\n", f);
	fclose(f);
	command_with(w->player[0], 8, "reload", NULL);
	assert_true(turns_until(w, "/entries:20001:1: expected a prefix") > ENTRIES / 256);
	assert_int_equal(count_of(w), ENTRIES);
}

static void
the_controller_may_end_in_the_middle(void **state)
{
	struct world *w = *state;

	start(w);
	command_with(w->player[0], 7, "reload", NULL);
	turns(w, 5);
}

static void
a_candidate_is_read_in_slices_too(void **state)
{
	struct world *w = *state;
	struct text text = { 0 };

	start(w);
	/* nobody takes part in it who would have to be heard first */
	text_printf(&text, "speaker edge {\n}\nset prefixes wanted { file %s/entries; }\n", w->dir);
	command_with(w->player[0], 7, "policy diff other.conf", text_str(&text));
	assert_true(
	    turns_until(w, "# in all: 0 announced, 0 withdrawn, 0 changed") > ENTRIES / 256);
	text_add(&text, "neighbor {\n");
	command_with(w->player[0], 8, "policy diff other.conf", text_str(&text));
	assert_true(turns_until(w, "other.conf:") > ENTRIES / 256);
	assert_int_equal(count_of(w), 0);
	/* and one that is given up in the middle */
	command_with(w->player[0], 9, "policy diff other.conf", text_str(&text));
	turns(w, 5);
	text_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(others_are_answered_while_it_is_read),
		WORLD_TEST(what_its_client_asks_meanwhile_is_answered_by_what_was_read),
		WORLD_TEST(one_that_is_asked_for_meanwhile_comes_behind),
		WORLD_TEST(who_asked_may_go),
		WORLD_TEST(one_that_is_wrong_leaves_the_old_one),
		WORLD_TEST(the_controller_may_end_in_the_middle),
		WORLD_TEST(a_candidate_is_read_in_slices_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
