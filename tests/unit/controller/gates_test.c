/* Gates: policies between what is said and what is told. Single cases, and by chance against a model that keeps what was
 * said and works everything out anew, with generations of owners, other policies and neighbors that go and come. */
#include "controller/gates.h"
#include "controller/config/config.h"
#include "controller/fleet.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "controller/said.h"
#include "tests/unit/controller/api/world.h"

enum {
	NEIGHBORS = 3,
	PREFIXES = 6,
	OWNERS = 4,
	CONFIGS = 5,
	SEEDS = 60,
	STRETCHES = 10,
	STEPS = 25
};

static const char *const owners[OWNERS] = { "a", "b", "process p", "configuration" };

static const char policies[] =
    "policy in {\nrule three {\nmatch {\nmed 3;\n}\nthen {\nreject;\n}\n}\n"
    "rule rest {\nthen {\nmed 9;\naccept;\n}\n}\n}\n"
    "policy out {\nrule a {\nmatch {\nsource client [ a p ];\ncommunity 1:7;\n}\nthen "
    "{\nreject;\n}\n}\n"
    "rule four {\nmatch {\nmed 4;\n}\nthen {\nreject;\n}\n}\n"
    "rule rest {\nthen {\ncommunity add 2:2;\nlocal-preference 7;\naccept;\n}\n}\n}\n";

/* Who has `in` as import, and whose routes the neighbors' `out` covers: 1 clients, 2 the configuration. */
static const struct setting {
	bool import[OWNERS], all;
	unsigned covers[NEIGHBORS];
	bool there[NEIGHBORS];
} settings[CONFIGS] = {
	{ .there = { true, true, true } },
	{ .import = { true }, .covers = { 1, 0, 3 }, .there = { true, true, true } },
	{ .all = true, .covers = { 0, 1, 2 }, .there = { true, true, true } },
	{ .import = { false, true, true }, .covers = { 3, 3, 3 }, .there = { true, true, false } },
	{ .covers = { 1, 1, 0 }, .there = { true, false, true } },
};
static unsigned config;

static const char *
address_of(unsigned n)
{
	static const char *const addresses[NEIGHBORS] = { "192.0.2.1", "192.0.2.2", "192.0.2.3" };

	return addresses[n];
}

static void
configure(struct world *w, unsigned which)
{
	const struct setting *s = &settings[which];
	struct text text = { 0 };

	config = which;
	text_printf(&text, "%sspeaker edge {\n}\nspeaker far {\n}\n%s%s", policies,
	    s->import[0] ? "client a {\nimport in;\n}\n" : "",
	    s->import[1] ? "client b {\nimport in;\n}\n" : "");
	text_printf(&text, "process p {\nrun /bin/cat;\n%s}\n", s->import[2] ? "import in;\n" : "");
	if (s->all)
		text_add(&text, "controller {\nclient-import in;\n}\n");
	for (unsigned i = 0; i < NEIGHBORS; i++)
		if (s->there[i])
			text_printf(&text,
			    "neighbor %s { speaker %s; local-address 192.0.2.25%u; local-as 65000; "
			    "peer-as %u; "
			    "router-id 192.0.2.254; family { ipv4 unicast; } export out; %s%s%s "
			    "}\n",
			    address_of(i), i == 2 ? "far" : "edge", i, i == 1 ? 65000 : 65001,
			    s->covers[i] ? "export-covers [ " : "",
			    s->covers[i] == 3   ? "client configuration"
			    : s->covers[i] == 2 ? "configuration"
			    : s->covers[i] == 1 ? "client"
						: "",
			    s->covers[i] ? " ];" : "");
	world_write_config(w, text_str(&text));
	text_fini(&text);
	text = (struct text){ 0 };
	if (controller_reload(&w->c, &text) < 0)
		fail_msg("%s", text_str(&text));
	text_fini(&text);
	LIST_EACH(link, fleet_speakers(w->c.fleet)) {
		struct speaker_entry *e = LIST_ENTRY(link, struct speaker_entry, link);

		if (!e->adopted) {
			e->adopted = true;
			intent_adopted(&e->intent);
		}
	}
}

/* --- saying --- */

static struct intent_result result;

static void
draft_of(struct route_draft *d, const char *route)
{
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct words words;

	*d = (struct route_draft){ 0 };
	assert_int_equal(words_cut(&line, route, strlen(route), 1, WORDS_API, &why), 0);
	words = words_of(&line);
	assert_int_equal(route_scan(&words, d, &why), 0);
	words_line_fini(&line);
}

static int
try(struct world *w, uint32_t owner, struct neighbor *to, const char *route, struct reason *why)
{
	struct route_draft d;
	int ok;

	result = (struct intent_result){ 0 };
	draft_of(&d, route);
	ok = intent_announce(&w->c, &d, &to, 1, owner, &result, why);
	route_draft_fini(&d);
	return ok;
}

static void
speak_to(struct world *w, bool up, uint32_t owner, struct neighbor *const *list, size_t n,
    const char *route)
{
	struct route_draft d;
	struct reason why = { 0 };

	result = (struct intent_result){ 0 };
	draft_of(&d, route);
	if (!up)
		intent_withdraw(&w->c, &d, list, n, &result);
	else if (intent_announce(&w->c, &d, list, n, owner, &result, &why) < 0)
		fail_msg("%s", why.text);
	route_draft_fini(&d);
}

static void
speak(struct world *w, bool up, uint32_t owner, const bool to[NEIGHBORS], const char *route)
{
	struct neighbor *list[NEIGHBORS];
	size_t n = 0;

	for (unsigned i = 0; i < NEIGHBORS; i++)
		if (to[i] && settings[config].there[i])
			list[n++] = neighbor_at(w, address_of(i));
	speak_to(w, up, owner, list, n, route);
}

struct shown {
	struct text text;
	const struct controller *c;
};

static void
show_one(void *arg, struct neighbor *n, const struct intent_route *r)
{
	struct shown *s = arg;

	(void)n;
	route_print(r->family, false, &r->nlri, &r->value, &s->text);
	text_printf(&s->text, " of %s\n", owner_name(s->c->owners, r->owner));
}

/* --- single cases --- */

static struct world *
open_at(void **state, unsigned which)
{
	struct world *w;

	world_open(state);
	w = *state;
	configure(w, which);
	turns(w, 3);
	return w;
}

static void
nothing_is_there_without_a_policy(void **state)
{
	static const bool all[NEIGHBORS] = { true, true, true };
	struct world *w = open_at(state, 0);

	speak(w, true, owner_by_name(w->c.owners, "a"), all,
	    "route 10.0.0.0/24 next-hop 192.0.2.9 med 3");
	assert_null(w->c.gates);
	assert_null(neighbor_at(w, address_of(0))->speaker->intent.said);
	assert_int_equal(result.refused.count, 0);
	assert_int_equal(result.news, 3);
	world_close(state);
}

static void
who_rejects_is_named(void **state)
{
	static const bool first[NEIGHBORS] = { true, true, false };
	struct world *w = open_at(state, 1);
	struct said_route said;
	struct text t = { 0 };
	uint8_t key[] = { 24, 10, 0, 0 };

	speak(w, true, owner_by_name(w->c.owners, "a"), first,
	    "route 10.0.0.0/24 next-hop 192.0.2.9 med 3");
	assert_int_equal(result.refused.count, 2);
	refusal_print(&result.refused, &t);
	assert_string_equal(
	    text_str(&t), "the import of client a, policy in rule three (line 2), rejects it");
	assert_true(said_explain(
	    neighbor_at(w, address_of(0)), IPV4_UNICAST, reader_of(key, sizeof key), &said));
	assert_false(said.told);
	assert_false(said_explain(
	    neighbor_at(w, address_of(2)), IPV4_UNICAST, reader_of(key, sizeof key), &said));
	/* past the import of b there is none, and to the first the export */
	speak(w, true, owner_by_name(w->c.owners, "b"), first,
	    "route 10.0.0.0/24 next-hop 192.0.2.9 med 4");
	assert_int_equal(result.refused.count, 1);
	assert_int_equal(result.news, 1);
	text_clear(&t);
	refusal_print(&result.refused, &t);
	assert_has(text_str(&t), "its export, policy out rule four (line ");
	text_fini(&t);
	world_close(state);
}

static void
what_there_is_no_room_to_keep_is_refused(void **state)
{
	static const bool first[NEIGHBORS] = { true, false, false };
	struct world *w = open_at(state, 1);
	struct neighbor *n = neighbor_at(w, address_of(0));
	struct reason why = { 0 };
	uint32_t a = owner_by_name(w->c.owners, "a");
	struct ledger *kept;

	speak(w, true, a, first, "route 10.0.0.0/24 next-hop 192.0.2.9 med 3");
	assert_int_equal(result.refused.count, 1);
	kept = said_kept(&n->speaker->intent, IPV4_UNICAST)->ledger;
	ledger_most(kept, 1);
	assert_int_equal(try(w, a, n, "route 10.0.1.0/24 next-hop 192.0.2.9 med 5", &why), -1);
	assert_int_equal(result.refused.full, 1);
	assert_int_equal(ledger_count(kept), 1);
	assert_int_equal(intent_count(&n->speaker->intent), 0);
	/* the same key may be said otherwise */
	assert_int_equal(try(w, a, n, "route 10.0.0.0/24 next-hop 192.0.2.9 med 5", &why), 0);
	assert_int_equal(intent_count(&n->speaker->intent), 1);
	world_close(state);
}

/* Enough of them that the table of owners moves; they overwrite no verdict, as nothing stands before them there. */
static void
a_verdict_stays_when_new_owners_come(void **state)
{
	static const bool second[NEIGHBORS] = { false, true, false };
	struct world *w = open_at(state, 1);
	uint32_t a = owner_by_name(w->c.owners, "a");
	struct text t = { 0 };

	speak(w, true, a, second, "route 10.0.0.0/24 next-hop 192.0.2.9 med 3");
	for (unsigned i = 0; i < 200; i++) {
		char name[16];

		snprintf(name, sizeof name, "z%u", i);
		speak(w, true, owner_by_name(w->c.owners, name), second,
		    "route 10.0.1.0/24 next-hop 192.0.2.9");
	}
	speak(w, true, a, second, "route 10.0.2.0/24 next-hop 192.0.2.9 med 3");
	refusal_print(&result.refused, &t);
	assert_string_equal(
	    text_str(&t), "the import of client a, policy in rule three (line 2), rejects it");
	text_fini(&t);
	world_close(state);
}

static void
what_no_gate_stands_before_any_more_is_not_explained_by_one(void **state)
{
	static const bool first[NEIGHBORS] = { true, false, false };
	struct world *w = open_at(state, 1);
	uint8_t key[] = { 24, 10, 0, 0 };
	struct said_route said;

	speak(w, true, owner_by_name(w->c.owners, "a"), first,
	    "route 10.0.0.0/24 next-hop 192.0.2.9 med 3");
	configure(w, 0); /* and nothing is decided anew yet */
	assert_false(said_explain(
	    neighbor_at(w, address_of(0)), IPV4_UNICAST, reader_of(key, sizeof key), &said));
	world_close(state);
}

static void
a_reload_goes_through_nothing_once_all_policies_are_gone(void **state)
{
	static const bool first[NEIGHBORS] = { true, false, false };
	struct world *w = open_at(state, 1);

	speak(w, true, owner_by_name(w->c.owners, "a"), first,
	    "route 10.0.0.0/24 next-hop 192.0.2.9 med 3");
	turns(w, 3);
	assert_false(said_idle(&w->c));
	configure(w, 0);
	assert_false(said_idle(&w->c));
	turns(w, 10);
	assert_true(said_idle(&w->c));
	configure(w, 0);
	assert_true(said_idle(&w->c));
	configure(w, 1);
	assert_false(said_idle(&w->c));
	world_close(state);
}

static void
counters_of_a_session_leave_the_classes_as_they_are(void **state)
{
	struct world *w = open_at(state, 1);
	struct neighbor *n = neighbor_at(w, address_of(0));
	struct link_peer_state s = n->state;
	uint64_t before = w->c.standings, grounds = w->c.grounds;

	neighbor_state(n, &s);
	assert_int_equal(w->c.standings, before);
	assert_int_not_equal(w->c.grounds, grounds);
	configure(w, 3); /* one is gone */
	assert_int_not_equal(w->c.standings, before);
	world_close(state);
}

static void
a_neighbor_that_comes_joins_the_gates_that_stand(void **state)
{
	struct world *w = open_at(state, 1);
	struct addr address = { .family = 4, .bytes = { 192, 0, 2, 77 } };
	const struct gates *before = w->c.gates;
	struct neighbor *n;
	struct text t = { 0 };

	neighbor_create(
	    &w->c, config_neighbor_at(neighbor_at(w, address_of(0))->config, &address));
	assert_ptr_equal(w->c.gates, before);
	n = neighbor_at(w, "192.0.2.77");
	speak_to(w, true, owner_by_name(w->c.owners, "b"), &n, 1,
	    "route 10.0.0.0/24 next-hop 192.0.2.9 med 4");
	assert_int_equal(result.refused.count, 1);
	refusal_print(&result.refused, &t);
	assert_has(text_str(&t), "its export, policy out rule four (line ");
	text_fini(&t);
	world_close(state);
}

/* --- by chance --- */

struct entry {
	int owner; /* -1: nothing is said */
	unsigned med; /* 0: none */
	bool marked, restated;
};
static struct entry said[NEIGHBORS][PREFIXES];

static bool
passes(const struct entry *e, unsigned n, unsigned *med, bool *covered)
{
	const struct setting *s = &settings[config];
	bool client = e->owner < 3;

	*med = e->med;
	*covered = s->covers[n] & (client ? 1 : 2);
	if (client && (s->import[e->owner] || s->all)) {
		if (*med == 3)
			return false;
		*med = 9;
	}
	return !*covered || (!((e->owner == 0 || e->owner == 2) && e->marked) && *med != 4);
}

static void
expect(unsigned n, unsigned p, struct text *t)
{
	const struct entry *e = &said[n][p];
	bool covered;
	unsigned med;

	if (e->owner < 0 || !passes(e, n, &med, &covered))
		return;
	text_printf(t, "10.0.%u.0/24 next-hop 192.0.2.9 origin igp as-path [ %s]", p,
	    n == 1 ? "" : "65000 ");
	if (med)
		text_printf(t, " med %u", med);
	if (n == 1)
		text_printf(t, " local-preference %u", covered ? 7 : 100);
	if (e->marked || covered)
		text_printf(t, " community %s",
		    !covered    ? "1:7"
		    : e->marked ? "[ 1:7 2:2 ]"
				: "2:2");
	text_printf(t, " of %s\n", owners[e->owner]);
}

static void
announce(
    struct world *w, int owner, unsigned p, unsigned med, bool marked, const bool to[NEIGHBORS])
{
	uint32_t number = owner_by_name(w->c.owners, owners[owner]);
	char route[128];

	for (unsigned n = 0; n < NEIGHBORS; n++) {
		struct entry now = { owner, med, marked, true }, *was = &said[n][p];
		bool covered;
		unsigned m;

		if (!to[n] || !settings[config].there[n])
			continue;
		/* what is told of another is not disturbed by what is rejected */
		if (!passes(&now, n, &m, &covered) && was->owner >= 0 && was->owner != owner &&
		    passes(was, n, &m, &covered))
			continue;
		*was = now;
	}
	snprintf(route, sizeof route, "route 10.0.%u.0/24 next-hop 192.0.2.9 %s%.0u%s", p,
	    med ? "med " : "", med, marked ? " community 1:7" : "");
	speak(w, true, number, to, route);
}

/* What a neighbor was to be told goes with it. */
static void
change(struct world *w)
{
	configure(w, (unsigned)rand() % CONFIGS);
	for (unsigned n = 0; n < NEIGHBORS; n++)
		for (unsigned p = 0; p < PREFIXES && !settings[config].there[n]; p++)
			said[n][p].owner = -1;
}

/* An owner says again some of what it had, and the rest goes. */
static void
restate(struct world *w, int owner)
{
	uint32_t number = owner_by_name(w->c.owners, owners[owner]);

	intent_begin(&w->c, number);
	for (unsigned n = 0; n < NEIGHBORS; n++)
		for (unsigned p = 0; p < PREFIXES; p++)
			if (said[n][p].owner == owner)
				said[n][p].restated = false;
	if (rand() % 3 == 0)
		change(w);
	for (unsigned n = 0; n < NEIGHBORS; n++)
		for (unsigned p = 0; p < PREFIXES; p++) {
			struct entry e = said[n][p];
			bool to[NEIGHBORS] = { false };

			to[n] = true;
			if (e.owner == owner && rand() % 2)
				announce(w, owner, p, rand() % 3 ? e.med : 3, e.marked, to);
		}
	turns(w, 20);
	intent_sweep(&w->c, number);
	turns(w, 20);
	for (unsigned n = 0; n < NEIGHBORS; n++)
		for (unsigned p = 0; p < PREFIXES; p++)
			if (said[n][p].owner == owner && !said[n][p].restated)
				said[n][p].owner = -1;
}

static void
step(struct world *w)
{
	bool to[NEIGHBORS];
	unsigned p = (unsigned)rand() % PREFIXES;
	char route[64];

	for (unsigned n = 0; n < NEIGHBORS; n++)
		to[n] = rand() % 3;
	if (rand() % 4) {
		announce(w, rand() % 3, p, (unsigned)rand() % 6, rand() % 2, to);
		return;
	}
	snprintf(route, sizeof route, "route 10.0.%u.0/24 next-hop 192.0.2.9", p);
	speak(w, false, 0, to, route);
	for (unsigned n = 0; n < NEIGHBORS; n++)
		if (to[n] && settings[config].there[n])
			said[n][p].owner = -1;
}

static int
line_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines in order. */
static void
sort_lines(struct text *t)
{
	char *line[PREFIXES * 2], *text = mem_text(text_str(t), t->len), *next = text;
	size_t n = 0;

	while (*next && n < PREFIXES * 2) {
		line[n++] = next;
		next += strcspn(next, "\n");
		*next++ = '\0';
	}
	qsort(line, n, sizeof *line, line_order);
	text_clear(t);
	for (size_t i = 0; i < n; i++)
		text_printf(t, "%s\n", line[i]);
	mem_free(text);
}

static void
compare(struct world *w, int seed, int stretch)
{
	for (unsigned n = 0; n < NEIGHBORS; n++) {
		struct shown is = { .c = &w->c };
		struct text should = { 0 };
		uint64_t state = 0;

		if (!settings[config].there[n])
			continue;
		while (!intent_visit(neighbor_at(w, address_of(n)), &state, 64, show_one, &is))
			;
		for (unsigned p = 0; p < PREFIXES; p++)
			expect(n, p, &should);
		sort_lines(&is.text);
		sort_lines(&should);
		if (strcmp(text_str(&is.text), text_str(&should)) != 0)
			fail_msg(
			    "seed %d, stretch %d, configuration %u: %s is told\n%s\nand not\n%s",
			    seed, stretch, config, address_of(n), text_str(&is.text),
			    text_str(&should));
		text_fini(&is.text);
		text_fini(&should);
	}
}

static void
play(int seed)
{
	void *state;
	struct world *w;

	srand((unsigned)seed);
	for (unsigned n = 0; n < NEIGHBORS; n++)
		for (unsigned p = 0; p < PREFIXES; p++)
			said[n][p].owner = -1;
	w = open_at(&state, 0);
	for (int stretch = 0; stretch < STRETCHES; stretch++) {
		for (int i = 0; i < STEPS; i++)
			step(w);
		if (rand() % 2)
			restate(w, rand() % 3);
		else
			change(w);
		turns(w, 40);
		change(w);
		turns(w, 40);
		compare(w, seed, stretch);
	}
	world_close(&state);
}

static void
every_neighbor_is_told_what_the_model_says(void **state)
{
	(void)state;
	for (int seed = 1; seed <= SEEDS; seed++)
		play(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_there_without_a_policy),
		cmocka_unit_test(who_rejects_is_named),
		cmocka_unit_test(a_verdict_stays_when_new_owners_come),
		cmocka_unit_test(what_no_gate_stands_before_any_more_is_not_explained_by_one),
		cmocka_unit_test(a_reload_goes_through_nothing_once_all_policies_are_gone),
		cmocka_unit_test(counters_of_a_session_leave_the_classes_as_they_are),
		cmocka_unit_test(a_neighbor_that_comes_joins_the_gates_that_stand),
		cmocka_unit_test(every_neighbor_is_told_what_the_model_says),
		cmocka_unit_test(what_there_is_no_room_to_keep_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
