/* What is decided anew when a named set changes: in slices, which are as small as they can be here. */
#include "controller/config/config.h"
#include "controller/policy/named.h"
#include "controller/rib/rib_inner.h"
#include "tests/unit/controller/rib/decider.h"

enum { ROUTES = 2000, SLICE = 256, LAST = ROUTES - 1 };

static const char configuration[] =
    "speaker edge {\n}\nset prefixes wanted { 172.16.0.0/12; }\n"
    "policy in {\nrule a {\nmatch {\nprefix wanted;\n}\nthen {\naccept;\n}\n}\n}\n"
    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65001; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import in; export accept; "
    "}\n"
    "neighbor 192.0.2.2 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65002; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import accept; export "
    "accept; }\n";

static const char *
prefix_of(unsigned i)
{
	static char text[32];

	snprintf(text, sizeof text, "10.%u.%u.0/24", i / 256, i % 256);
	return text;
}

static void
start(struct world *w)
{
	struct neighbor *n;
	char route[128];

	(void)player_open(w);
	reload(w, configuration);
	(void)comes_up(w, "192.0.2.2", 65002);
	n = comes_up(w, "192.0.2.1", 65001);
	for (unsigned i = 0; i < ROUTES; i++) {
		snprintf(route, sizeof route, "route %s next-hop 192.0.2.1 as-path [ 65001 ]",
		    prefix_of(i));
		heard(n, false, 0, route);
	}
	turns(w, 20);
	loop_test_hurry(w->loop, true);
}

/* The set is another by one entry from here on; nothing is decided before a turn. */
static void
change(struct world *w, const char *verb, const char *prefix)
{
	struct pack r = { 0 };
	char line[64];

	snprintf(line, sizeof line, "set %s wanted %s", verb, prefix);
	api_command_pack(&r, 1, line, strlen(line), API_WAIT_ACCEPTED, false);
	say(w->player[0], &r);
	pack_fini(&r);
	assert_has(next(w->player[0]), "accepted");
}

static const char *
told(struct world *w, unsigned i)
{
	return told_to(w, "192.0.2.2", prefix_of(i));
}

static void
a_set_that_changes_in_every_turn_does_not_hold_the_walk_up(void **state)
{
	struct world *w = *state;
	unsigned turn;

	start(w);
	assert_string_equal(told(w, LAST), "");
	change(w, "add", prefix_of(LAST));
	for (turn = 0; turn < 3 * ROUTES / SLICE && !told(w, LAST)[0]; turn++) {
		turns(w, 1);
		change(w, turn % 2 ? "remove" : "add", "10.255.0.0/24");
	}
	assert_has(told(w, LAST), prefix_of(LAST));
}

static void
what_changed_under_way_is_looked_at_behind_it(void **state)
{
	struct world *w = *state;

	start(w);
	change(w, "add", prefix_of(LAST));
	turns(w, 3);
	assert_true(w->c.rib->revising);
	/* the walk is past this one already */
	change(w, "add", prefix_of(0));
	turns(w, 3);
	assert_string_equal(told(w, 0), "");
	turns(w, 3 * ROUTES / SLICE);
	assert_has(told(w, 0), prefix_of(0));
	assert_false(w->c.rib->revising);
}

/* A set changes by so many prefixes. */
static void
changes_by(struct world *w, unsigned from, unsigned count)
{
	struct named_list *l = named_list_new(NAMED_PREFIXES);
	struct named_text t = { 0 };
	struct reason why = { 0 };
	struct text text = { 0 };

	for (unsigned i = from; i < from + count; i++)
		text_printf(&text, "172.%u.%u.0/24\n", 16 + i / 256, i % 256);
	t.text = text_str(&text);
	t.len = text.len;
	assert_int_equal(named_list_read(l, &t, count + 1, &why), 0);
	named_list_done(l);
	rib_set_changed(&w->c, l);
	named_list_put(l);
	named_text_fini(&t);
	text_fini(&text);
}

static void
what_is_noted_meanwhile_has_a_bound(void **state)
{
	struct world *w = *state;
	const struct rib_touched *next;

	start(w);
	next = &w->c.rib->revise_next;
	change(w, "add", prefix_of(0));
	turns(w, 1);
	for (unsigned i = 0; i < 6000; i++)
		changes_by(w, i, 1);
	/* what is small goes together */
	assert_false(next->whole);
	assert_int_equal(next->count, 2);
	assert_int_equal(next->entries, 6000);
	for (unsigned i = 0; i < 2 * RIB_TOUCHED; i++) {
		changes_by(w, 0, 5000);
		assert_true(next->count <= RIB_TOUCHED);
	}
	/* and when it is too much all is looked at */
	assert_true(next->whole);
	assert_int_equal(next->count, 0);
	turns(w, 4 * ROUTES / SLICE);
	assert_false(w->c.rib->revising);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_set_that_changes_in_every_turn_does_not_hold_the_walk_up),
		WORLD_TEST(what_changed_under_way_is_looked_at_behind_it),
		WORLD_TEST(what_is_noted_meanwhile_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
