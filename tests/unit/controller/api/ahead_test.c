#include "controller/api/ahead.h"
#include "controller/intent.h"
#include "world.h"

/* What the neighbors are told of a prefix, with its number as @. */
static char *
told(struct player *p, unsigned number)
{
	char prefix[32], line[64];
	struct text t = { 0 };
	const char *text;
	char *copy;

	snprintf(prefix, sizeof prefix, "10.0.%u.0/24", number);
	snprintf(line, sizeof line, "show routes sent %s", prefix);
	text = ask(p, line);
	for (const char *at; (at = strstr(text, prefix)); text = at + strlen(prefix)) {
		text_addn(&t, text, (size_t)(at - text));
		text_char(&t, '@');
	}
	text_add(&t, text);
	copy = mem_text(text_str(&t), t.len);
	text_fini(&t);
	return copy;
}

static void
assert_told_alike(struct player *p, unsigned one, unsigned other)
{
	char *a = told(p, one), *b = told(p, other);

	assert_string_equal(a, b);
	assert_has(a, "next-hop");
	mem_free(a);
	mem_free(b);
}

static struct reader
of(const char *line)
{
	return reader_of(line, strlen(line));
}

/* Read while the line in front of it is done, then said. */
static const char *
say_ahead(struct player *p, const char *line)
{
	const struct api_request none = { .type = API_COMMAND, .wait = API_WAIT_ACCEPTED };

	ahead_read(p->world->c.api->ahead, of(line));
	command_run(request_new(&p->client, &none), of(line));
	ahead_forget(p->world->c.api->ahead);
	return next(p);
}

static bool
scanned(struct world *w, const char *line)
{
	const struct ahead_line *l = ahead_find(w->c.api->ahead, of(line));

	return l && l->from.at;
}

static void
a_line_read_ahead_is_told_as_one_that_was_not(void **state)
{
	static const char *const behind[] = { "next-hop 192.0.2.9 med 5",
		"next-hop self community [ 65001:1 65001:2 ]",
		"next-hop 192.0.2.9 as-path [ 65009 65010 ] local-preference 7",
		"next-hop 192.0.2.9 path-information 0.0.0.7 origin egp",
		"next-hop 192.0.2.9 attribute [ 0x63 0xc0 0x0102 ]" };
	struct world *w = *state;
	struct player *p = player_open(w);
	char line[256];

	for (unsigned i = 0; i < sizeof behind / sizeof *behind; i++) {
		snprintf(line, sizeof line, "announce route 10.0.%u.0/24 %s", 2 * i, behind[i]);
		assert_has(ask(p, line), "1 route for 3 neighbors, 3 new");
		snprintf(line, sizeof line, "announce route 10.0.%u.0/24 %s", 2 * i + 1, behind[i]);
		ahead_read(w->c.api->ahead, of(line));
		assert_true(scanned(w, line));
		assert_has(say_ahead(p, line), "1 route for 3 neighbors, 3 new");
		assert_told_alike(p, 2 * i, 2 * i + 1);
	}
}

static void
to_be_read_ahead_tells_nobody_anything(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	uint64_t changes;

	ask(p, "announce route 10.0.0.0/24 next-hop 192.0.2.9 med 1");
	changes = w->c.changes;
	ahead_read(w->c.api->ahead, of("announce route 10.0.1.0/24 next-hop 192.0.2.9 med 2"));
	assert_true(w->c.changes == changes);
	assert_int_equal(intent_count(&neighbor_at(w, "192.0.2.1")->speaker->intent), 1);
}

static void
what_is_wrong_with_it_is_told_when_its_turn_comes(void **state)
{
	struct player *p = player_open(*state);

	ask(p, "announce route 10.0.0.0/24 next-hop 192.0.2.9 med 1");
	assert_has(
	    say_ahead(p, "announce route 10.0.1.0/24 next-hop 192.0.2.9 med five"), "column 51");
	assert_has(say_ahead(p, "announce route 10.0.1.0/24 med 5"), "requires nexthop");
	assert_has(say_ahead(p, "announce route 10.0.1.0/24 next-hop \"192"), "quote without end");
	assert_has(say_ahead(p, "announce route 10.0.1.0/24 next-hop 192.0.2.9 } med 5"), "error");
	assert_has(say_ahead(p, "neighbor 192.0.2.9 announce route 10.0.1.0/24 next-hop self"),
	    "no neighbor matches");
	assert_has_not(ask(p, "show routes sent 10.0.1.0/24"), "192.0.2.9");
}

static void
its_last_words_and_other_commands_are_what_they_are(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	ask(p, "announce route 10.0.0.0/24 next-hop 192.0.2.9 med 1");
	assert_has(
	    say_ahead(p, "announce route 10.0.1.0/24 next-hop 192.0.2.9 med 2 async"), "3 new");
	assert_has(say_ahead(p, "withdraw route 10.0.1.0/24"), "3 had been told");
	assert_has(
	    say_ahead(p, "announce route 10.0.2.0/24 next-hop 192.0.2.9 withdraw watchdog dog"),
	    "kept for the watchdog dog");
	assert_has(say_ahead(p, "announce watchdog dog"), "1 route announced");
	assert_has(say_ahead(p, "neighbor 192.0.2.2 announce route 10.0.3.0/24 next-hop self"),
	    "1 neighbor, 1 new");
	assert_has(say_ahead(p, "# nothing"), "done");
}

static void
a_line_is_found_where_it_lies_and_nowhere_else(void **state)
{
	static const char text[] = "announce route 10.0.1.0/24 next-hop 192.0.2.9 med 22";
	struct world *w = *state;
	struct player *p = player_open(w);
	struct ahead *a = w->c.api->ahead;
	char copy[sizeof text];

	memcpy(copy, text, sizeof text);
	ask(p, "announce route 10.0.0.0/24 next-hop 192.0.2.9 med 1");
	ahead_read(a, of(text));
	assert_non_null(ahead_find(a, of(text)));
	assert_null(ahead_find(a, of(copy)));
	assert_null(ahead_find(a, reader_of(text, strlen(text) - 1)));
	assert_null(ahead_find(a, (struct reader){ 0 }));
	ahead_forget(a);
	assert_null(ahead_find(a, of(text)));
}

/* What it would have come to on other grounds is not what it comes to. */
static void
another_configuration_is_another_value(void **state)
{
	static const char line[] = "announce route 10.0.1.0/24 next-hop self med 2";
	struct world *w = *state;
	struct player *p = player_open(w);
	char *was;

	ask(p, "announce route 10.0.0.0/24 next-hop self med 2");
	was = told(p, 0);
	assert_has(was, "192.0.2.254");
	mem_free(was);
	ahead_read(w->c.api->ahead, of(line));
	assert_true(scanned(w, line));
	world_write_config(w,
	    "speaker edge {\n}\nneighbor 192.0.2.1 { speaker edge; local-address 192.0.2.99; "
	    "local-as 65000; peer-as 65001; router-id 192.0.2.254; family { ipv4 unicast; } }\n");
	assert_has(ask(p, "reload"), "accepted");
	command_run(
	    request_new(&p->client, &(struct api_request){ .type = API_COMMAND }), of(line));
	assert_has(next(p), "1 new");
	assert_has(ask(p, "show routes sent 10.0.1.0/24"), "192.0.2.99");
}

static void
of_many_lines_each_is_told_as_it_says(void **state)
{
	enum { COUNT = 100, WRONG = 41 };
	struct world *w = *state;
	struct player *p = player_open(w);
	struct pack r = { 0 };
	size_t list = api_commands_begin(&r, 1, API_WAIT_ACCEPTED);
	char text[128];

	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(text, sizeof text,
		    "announce route 10.0.%u.0/24 next-hop 192.0.2.9 med %s%u", i,
		    i == WRONG ? "x" : "", i + 1000);
		pack_text(&r, text);
	}
	pack_end(&r, list, COUNT);
	say(p, &r);
	pack_fini(&r);
	turns(w, 20);
	assert_has(next(p), "[ 41, \"column");
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(text, sizeof text, "show routes sent 10.0.%u.0/24", i);
		const char *said = ask(p, text);

		snprintf(text, sizeof text, "med %u ", i + 1000);
		if (i == WRONG)
			assert_has_not(said, "med");
		else
			assert_has(said, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_line_read_ahead_is_told_as_one_that_was_not),
		WORLD_TEST(to_be_read_ahead_tells_nobody_anything),
		WORLD_TEST(what_is_wrong_with_it_is_told_when_its_turn_comes),
		WORLD_TEST(its_last_words_and_other_commands_are_what_they_are),
		WORLD_TEST(a_line_is_found_where_it_lies_and_nowhere_else),
		WORLD_TEST(another_configuration_is_another_value),
		WORLD_TEST(of_many_lines_each_is_told_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
