/* Policies that ask a client: what becomes of a route while it is asked about, and when it is not answered. */
#include "controller/api/bulk.h"
#include "controller/rib/rib.h"
#include "tests/unit/controller/rib/decider.h"

static const char configuration[] =
    "speaker edge {\n}\n"
    "policy asked {\nrule bad {\nmatch {\ncommunity 6:6;\n}\nthen {\nreject;\n}\n}\n"
    "rule good {\nmatch {\ncommunity 7:7;\n}\nthen {\naccept;\n}\n}\n"
    "via client checker timeout 50ms default %s;\n}\n"
    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65001; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import %s; export accept; "
    "}\n"
    "neighbor 192.0.2.2 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65002; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import accept; export "
    "accept; }\n";

static void
configure(struct world *w, const char *otherwise, const char *import)
{
	struct text text = { 0 };

	text_printf(&text, configuration, otherwise, import);
	reload(w, text_str(&text));
	text_fini(&text);
}

static struct neighbor *
start(struct world *w, const char *otherwise)
{
	configure(w, otherwise, "asked");
	(void)comes_up(w, "192.0.2.2", 65002);
	return comes_up(w, "192.0.2.1", 65001);
}

static struct player *
checker(struct world *w, uint32_t open)
{
	struct player *p = player_open(w);

	decide_as(p, "checker", open);
	assert_has(next(p), "accepted");
	return p;
}

static const char *
told(struct world *w, const char *prefix)
{
	return told_to(w, "192.0.2.2", prefix);
}

static const char *
explain(struct world *w, const char *prefix)
{
	char line[64];
	struct player *p = w->player[0];

	p->read = p->count;
	snprintf(line, sizeof line, "explain route %s", prefix);
	return ask(p, line);
}

#define ROUTE "route 10.0.0.0/24 next-hop 192.0.2.1 as-path [ 65001 ] origin igp"

static void
a_new_route_waits_for_its_verdict(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE " med 5");
	assert_int_equal(asks(p, a, 4), 1);
	assert_string_equal(a[0].nlri, "10.0.0.0/24");
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_has(explain(w, "10.0.0.0/24"),
	    "not best: policy asked rule via (line 20): client checker is asked");
	later(w, TIMEOUT - 1);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	answer(p, &a[0], "accept", NULL);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	assert_has(explain(w, "10.0.0.0/24"),
	    "best; policy asked rule via (line 20): client checker accepted it");
	later(w, 2 * TIMEOUT);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	/* the same again is no other route */
	heard(n, false, 0, ROUTE " med 5");
	assert_int_equal(asks(p, a, 4), 0);
}

static void
a_rejected_one_is_not_told(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	later(w, 2 * TIMEOUT);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_has(explain(w, "10.0.0.0/24"), "client checker rejected it");
	assert_has(ask(w->player[0], "show policy"),
	    "checker               there   1          1          0          1          0 ");
}

static void
after_the_timeout_the_default_holds_until_the_verdict_comes_after_all(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 1);
	later(w, TIMEOUT);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	assert_has(
	    explain(w, "10.0.0.0/24"), "client checker did not answer in 50 ms, default accept");
	answer(p, &a[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_has(
	    ask_json(w->player[0], "show policy"), "\"defaulted\": 1, \"missed\": 0, \"late\": 1");
	/* nor does it count twice */
	answer(p, &a[0], "accept", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_has(ask_json(w->player[0], "show policy"),
	    "\"refused\": 1, \"open\": 0, \"unanswered\": 0");
}

static void
a_default_may_be_to_reject(void **state)
{
	struct world *w = *state;
	struct neighbor *n;

	(void)player_open(w);
	(void)checker(w, 0);
	n = start(w, "reject");
	heard(n, false, 0, ROUTE);
	later(w, TIMEOUT);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_has(explain(w, "10.0.0.0/24"), "did not answer in 50 ms, default reject");
}

static void
a_changed_route_stays_as_it_was_until_then(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4], b[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "reject");
	heard(n, false, 0, ROUTE " community [ 1:1 ]");
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], "accept", NULL);
	heard(n, false, 0, ROUTE " community [ 2:2 ]");
	assert_int_equal(asks(p, b, 4), 1);
	assert_has(told(w, "10.0.0.0/24"), "community 1:1");
	/* a verdict on what it was before is stale */
	heard(n, false, 0, ROUTE " community [ 3:3 ]");
	answer(p, &b[0], "accept", NULL);
	assert_has(told(w, "10.0.0.0/24"), "community 1:1");
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], "accept", NULL);
	assert_has(told(w, "10.0.0.0/24"), "community 3:3");
	assert_has(ask_json(w->player[0], "show policy"), "\"stale\": 1");
}

static void
the_time_runs_from_the_first_change_on(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE " community [ 1:1 ]");
	later(w, TIMEOUT / 2);
	heard(n, false, 0, ROUTE " community [ 2:2 ]");
	assert_int_equal(asks(p, a, 4), 2);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	later(w, TIMEOUT / 2);
	assert_has(told(w, "10.0.0.0/24"), "community 2:2");
}

static void
what_was_withdrawn_is_new_when_it_comes_again(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 1);
	heard(n, true, 0, "route 10.0.0.0/24");
	turns(w, 3);
	heard(n, false, 0, ROUTE);
	answer(p, &a[0], "accept", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], "accept", NULL);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
}

static void
rules_before_it_decide_without_it(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE " community [ 6:6 ]");
	assert_int_equal(asks(p, a, 4), 0);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	heard(n, false, 0, ROUTE " community [ 7:7 ]");
	assert_int_equal(asks(p, a, 4), 0);
	assert_has(told(w, "10.0.0.0/24"), "7:7");
	/* and what they have made of it stands while somebody is asked */
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 1);
	assert_has(told(w, "10.0.0.0/24"), "7:7");
	heard(n, false, 0, ROUTE " community [ 6:6 ]");
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	answer(p, &a[0], "accept", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_has(
	    ask_json(w->player[0], "show policy"), "\"stale\": 1, \"refused\": 0, \"open\": 0");
}

static void
a_verdict_may_change_the_route(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE " community [ 1:1 ]");
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], NULL, "community [ 5:5 ] local-preference 300 large-community [ 1:2:3 ]");
	assert_has(told(w, "10.0.0.0/24"), "community 5:5");
	assert_has(told(w, "10.0.0.0/24"), "large-community 1:2:3");
	assert_has(explain(w, "10.0.0.0/24"), "local-preference 300");
}

static void
one_that_cannot_be_read_leaves_the_default(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], NULL, "comunity [ 5:5 ]");
	assert_has(next(p), "community");
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	assert_has(ask_json(w->player[0], "show policy"), "\"refused\": 1, \"open\": 0");
	heard(n, false, 0, ROUTE " med 1");
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], "maybe", NULL);
	assert_has(next(p), "a verdict is");
}

static void
without_the_client_the_default_holds_at_once_and_it_is_asked_when_it_comes(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	turns(w, 3);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	assert_has(explain(w, "10.0.0.0/24"), "client checker could not be asked, default accept");
	assert_has(ask_json(w->player[0], "show policy"), "\"state\": \"away\"");
	p = checker(w, 0);
	assert_int_equal(asks(p, a, 4), 1);
	/* no time runs: the default holds already */
	later(w, TIMEOUT);
	assert_has(ask_json(w->player[0], "show policy"), "\"defaulted\": 0, \"missed\": 1");
	answer(p, &a[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
}

static void
a_slow_one_is_asked_no_more_than_it_has_places_for(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[8];
	char route[200];

	(void)player_open(w);
	p = checker(w, 2);
	n = start(w, "accept");
	for (int i = 0; i < 5; i++) {
		snprintf(route, sizeof route,
		    "route 10.0.%d.0/24 next-hop 192.0.2.1 as-path [ 65001 ] origin igp", i);
		heard(n, false, 0, route);
	}
	assert_int_equal(asks(p, a, 8), 2);
	assert_string_equal(told(w, "10.0.1.0/24"), "");
	assert_has(told(w, "10.0.2.0/24"), "10.0.2.0/24");
	assert_has(told(w, "10.0.4.0/24"), "10.0.4.0/24");
	later(w, TIMEOUT);
	assert_has(told(w, "10.0.1.0/24"), "10.0.1.0/24");
	assert_int_equal(asks(p, a + 2, 6), 0);
	/* an answer makes room for one of them, the oldest first */
	answer(p, &a[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_int_equal(asks(p, a + 2, 6), 1);
	assert_string_equal(a[2].nlri, "10.0.2.0/24");
	answer(p, &a[1], "accept", NULL);
	answer(p, &a[2], "reject", NULL);
	assert_string_equal(told(w, "10.0.2.0/24"), "");
	assert_int_equal(asks(p, a + 3, 5), 2);
}

static void
one_that_dies_leaves_the_default_at_once(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 1);
	client_lost(&p->client);
	turns(w, 4);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	/* another of its name is asked, and what it says counts */
	p = checker(w, 0);
	assert_int_equal(asks(p, a, 4), 1);
	answer(p, &a[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	/* a verdict stands when who gave it has gone */
	client_lost(&p->client);
	turns(w, 4);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
}

static void
the_last_of_a_name_decides(void **state)
{
	struct world *w = *state;
	struct player *p, *q;
	struct neighbor *n;
	struct asked a[4], b[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 1);
	q = checker(w, 0);
	assert_has(next(p), "replaced");
	assert_int_equal(asks(q, b, 4), 1);
	answer(p, &a[0], "reject", NULL);
	assert_has(next(p), "error");
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	answer(q, &b[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	/* to say it again changes nothing */
	decide_as(q, "checker", 0);
	assert_has(next(q), "accepted");
	assert_int_equal(asks(q, b, 4), 0);
	decide_as(q, "other", 0);
	assert_has(next(q), "this connection decides as");
}

static void
a_reload_asks_what_it_must_and_nothing_twice(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	configure(w, "accept", "accept");
	(void)comes_up(w, "192.0.2.2", 65002);
	n = comes_up(w, "192.0.2.1", 65001);
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 0);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	/* what was before the policy asked is not known: the default holds until it has answered */
	configure(w, "accept", "asked");
	assert_int_equal(asks(p, a, 4), 1);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	later(w, TIMEOUT);
	answer(p, &a[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	configure(w, "reject", "asked");
	assert_int_equal(asks(p, a, 4), 0);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	configure(w, "accept", "accept");
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	configure(w, "accept", "asked");
	assert_int_equal(asks(p, a, 4), 1);
}

/* --- many at a time --- */

enum { MANY = 320 };

static size_t
many_asks(struct world *w, struct player *p, struct neighbor *n, struct asked *a)
{
	char route[200];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(route, sizeof route,
		    "route 10.%u.%u.0/24 next-hop 192.0.2.1 as-path [ 65001 ] origin igp", i / 256,
		    i % 256);
		heard(n, false, 0, route);
	}
	turns(w, 5);
	return asks(p, a, MANY);
}

/* One that was asked of MANY routes, each turn of which is short. */
static struct player *
asked_of_many(struct world *w, struct asked a[MANY])
{
	struct player *p;

	(void)player_open(w);
	p = checker(w, 0);
	assert_int_equal(many_asks(w, p, start(w, "reject"), a), MANY);
	loop_test_hurry(w->loop, true);
	return p;
}

static unsigned
open_ones(struct world *w)
{
	return LIST_ENTRY(w->c.deciders.next, struct decider, link)->taken;
}

static void
many_verdicts_at_a_time_are_taken_in_slices(void **state)
{
	struct world *w = *state;
	static struct asked a[MANY];
	struct player *p;
	unsigned before;

	p = asked_of_many(w, a);
	before = open_ones(w);
	answer_all(p, a, MANY, "accept", NULL);
	for (unsigned turn = 0; open_ones(w) > 0; turn++) {
		assert_true(turn < MANY);
		assert_true(before - open_ones(w) <= 32); /* in one turn */
		before = open_ones(w);
		turns(w, 1);
	}
	turns(w, 1);
	assert_has(told(w, "10.1.63.0/24"), "10.1.63.0/24");
	assert_has(ask_json(w->player[0], "show policy"), "\"stale\": 0, \"refused\": 0");
}

static void
what_is_said_behind_many_verdicts_is_done_behind_them(void **state)
{
	struct world *w = *state;
	static struct asked a[MANY];
	struct player *p;
	struct pack r = { 0 };

	p = asked_of_many(w, a);
	answer_all(p, a, MANY - 1, "accept", NULL);
	answer_all(p, a + MANY - 1, 1, "accept", NULL);
	begin_request(&r, "unsubscribe");
	pack_map(&r, 0);
	say(p, &r);
	pack_fini(&r);
	assert_string_equal(next(p), "");
	turns(w, MANY);
	assert_has(next(p), "policies ask it no more");
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	assert_has(told(w, "10.1.63.0/24"), "10.1.63.0/24");
}

static void
verdicts_wait_for_nothing_else_of_their_client_and_are_never_refused(void **state)
{
	struct world *w = *state;
	static struct asked a[MANY];
	struct player *p;
	size_t open;

	p = asked_of_many(w, a);
	bulk_hold(&p->client, true); /* as while it reloads */
	command_as(p, 3, "version", API_WAIT_ACCEPTED, false);
	answer_all(p, a, 2, "accept", NULL);
	assert_int_equal(open_ones(w), MANY - 2);
	open = p->client.open;
	answer_all(p, a + 2, 100, "accept", NULL);
	turns(w, 100);
	assert_int_equal(open_ones(w), MANY - 102);
	assert_int_equal(p->client.open, open);
	p->client.open += CLIENT_OPEN_MAX;
	answer_all(p, a + 102, MANY - 102, "accept", NULL);
	assert_int_equal(open_ones(w), 0);
	p->client.open -= CLIENT_OPEN_MAX;
	assert_string_equal(next(p), "");
	bulk_hold(&p->client, false);
	turns(w, 5);
	assert_has(next(p), "ambo");
	assert_string_equal(next(p), "");
}

/* ... and not behind those that came later, which may never end. */
static void
what_is_said_waits_for_the_verdicts_before_it_alone(void **state)
{
	struct world *w = *state;
	static struct asked a[MANY];
	struct player *p;
	unsigned n;

	p = asked_of_many(w, a);
	answer_all(p, a, 64, "accept", NULL);
	command_as(p, 3, "version", API_WAIT_ACCEPTED, false);
	for (n = 0; p->read == p->count; n++) {
		assert_true(n < 100);
		answer_all(p, a + 64, MANY - 64, "accept", NULL);
		turns(w, 1);
	}
	assert_true(n > 1);
	assert_has(next(p), "ambo");
}

static void
one_that_dies_with_many_verdicts_under_way_has_said_those_that_were_taken(void **state)
{
	struct world *w = *state;
	static struct asked a[MANY];
	struct player *p;

	p = asked_of_many(w, a);
	answer_all(p, a, MANY, "accept", NULL);
	turns(w, 3);
	client_lost(&p->client);
	turns(w, 20);
	assert_has(told(w, "10.0.0.0/24"), "10.0.0.0/24");
	assert_string_equal(told(w, "10.1.63.0/24"), "");
}

/* --- export --- */

static const char gate[] =
    "speaker edge {\n}\npolicy gate {\n%svia client checker timeout 50ms default %s;\n}\n"
    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65001; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import accept; export "
    "reject; }\n"
    "neighbor 192.0.2.2 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65002; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import reject; export gate; "
    "}\n"
    "neighbor 192.0.2.3 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65003; "
    "router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import accept; export gate; "
    "}\n";

/* `rules` stand before the one that asks. */
static struct neighbor *
start_gate_behind(struct world *w, const char *rules, const char *otherwise)
{
	struct text text = { 0 };

	text_printf(&text, gate, rules, otherwise);
	reload(w, text_str(&text));
	text_fini(&text);
	(void)comes_up(w, "192.0.2.2", 65002);
	(void)comes_up(w, "192.0.2.3", 65003);
	return comes_up(w, "192.0.2.1", 65001);
}

static struct neighbor *
start_gate(struct world *w, const char *otherwise)
{
	return start_gate_behind(w, "", otherwise);
}

static void
each_neighbor_is_asked_about_by_itself(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start_gate(w, "reject");
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 2);
	assert_string_equal(a[0].neighbor, "192.0.2.1");
	assert_string_equal(a[0].to, "192.0.2.2");
	assert_string_equal(a[1].to, "192.0.2.3");
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	answer(p, &a[0], NULL, "med 9");
	assert_has(told(w, "10.0.0.0/24"), "med 9");
	assert_string_equal(told_to(w, "192.0.2.3", "10.0.0.0/24"), "");
	assert_has(explain(w, "10.0.0.0/24"),
	    "to neighbor 192.0.2.3 speaker edge: not told: policy gate "
	    "rule via (line 4): client checker is asked");
	later(w, TIMEOUT);
	assert_has(explain(w, "10.0.0.0/24"), "did not answer in 50 ms, default reject");
	answer(p, &a[1], "accept", NULL);
	assert_has(told_to(w, "192.0.2.3", "10.0.0.0/24"), "10.0.0.0/24");
	assert_has_not(told_to(w, "192.0.2.3", "10.0.0.0/24"), "med");
	heard(n, true, 0, "route 10.0.0.0/24");
	turns(w, 3);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	assert_string_equal(told_to(w, "192.0.2.3", "10.0.0.0/24"), "");
}

static void
what_a_neighbor_is_told_stays_until_it_may_be_told_another(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n, *other;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start_gate(w, "accept");
	other = neighbor_at(w, "192.0.2.3");
	heard(n, false, 0, ROUTE " community [ 1:1 ]");
	assert_int_equal(asks(p, a, 4), 2);
	answer(p, &a[0], "accept", NULL);
	answer(p, &a[1], "accept", NULL);
	heard(other, false, 0,
	    "route 10.0.0.0/24 next-hop 192.0.2.3 as-path [ ] origin igp community [ 3:3 ]");
	assert_int_equal(asks(p, a, 4), 1);
	assert_has(told(w, "10.0.0.0/24"), "community 1:1");
	/* its own it is not told, and nobody has to be asked for that */
	assert_string_equal(told_to(w, "192.0.2.3", "10.0.0.0/24"), "");
	answer(p, &a[0], "reject", NULL);
	assert_string_equal(told(w, "10.0.0.0/24"), "");
	/* what was said of the first one stands */
	heard(other, true, 0, "route 10.0.0.0/24");
	assert_int_equal(asks(p, a, 4), 0);
	assert_has(told(w, "10.0.0.0/24"), "community 1:1");
	heard(other, false, 0,
	    "route 10.0.0.0/24 next-hop 192.0.2.3 as-path [ ] origin igp community [ 3:3 ]");
	assert_int_equal(asks(p, a, 4), 1);
	later(w, TIMEOUT);
	assert_has(told(w, "10.0.0.0/24"), "community 3:3");
}

static void
where_no_rule_asks_nothing_is_kept_of_an_export(void **state)
{
	struct world *w = *state;
	struct player *p;
	struct neighbor *n;
	struct asked a[4];

	(void)player_open(w);
	p = checker(w, 0);
	n = start_gate_behind(
	    w, "rule good {\nmatch {\ncommunity 7:7;\n}\nthen {\naccept;\n}\n}\n", "reject");
	heard(n, false, 0, ROUTE " community [ 7:7 ]");
	assert_int_equal(asks(p, a, 4), 0);
	assert_has(told(w, "10.0.0.0/24"), "7:7");
	assert_int_equal(w->c.rib->verdicts.count, 0);
	heard(n, false, 0, ROUTE);
	assert_int_equal(asks(p, a, 4), 2);
	assert_int_equal(w->c.rib->verdicts.count, 2);
	assert_has(told(w, "10.0.0.0/24"), "7:7");
	heard(n, false, 0, ROUTE " community [ 7:7 ]");
	assert_int_equal(asks(p, a, 4), 0);
	assert_int_equal(w->c.rib->verdicts.count, 0);
	assert_has(ask_json(w->player[0], "show policy"), "\"open\": 0, \"unanswered\": 2");
}

/* --- who decides --- */

static void
one_that_no_policy_names_any_more_goes_with_its_last_route(void **state)
{
	struct world *w = *state;
	struct neighbor *n;

	(void)player_open(w);
	n = start(w, "accept");
	heard(n, false, 0, ROUTE);
	turns(w, 3);
	assert_has(ask_json(w->player[0], "show policy"), "\"client\": \"checker\"");
	loop_test_hurry(w->loop, true);
	reload(w,
	    "speaker edge {\n}\n"
	    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as "
	    "65001; router-id 192.0.2.254; family { ipv4 unicast; } propagate router; import "
	    "accept; "
	    "export accept; }\n");
	turns(w, 10);
	assert_has_not(ask_json(w->player[0], "show policy"), "checker");
	assert_true(list_empty(&w->c.deciders));
}

static void
nobody_decides_under_the_number_of_a_subscription(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct pack r = { 0 };

	(void)start(w, "accept");
	begin_request(&r, "subscribe");
	pack_map(&r, 1);
	pack_text(&r, "states");
	pack_bool(&r, true);
	say(p, &r);
	pack_fini(&r);
	turns(w, 3);
	assert_has(next(p), "accepted");
	p->read = p->count;
	decide_as(p, "checker", 0);
	assert_has(next(p), "9 is a subscription's");
	assert_null(p->client.deciding);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_new_route_waits_for_its_verdict),
		WORLD_TEST(a_rejected_one_is_not_told),
		WORLD_TEST(after_the_timeout_the_default_holds_until_the_verdict_comes_after_all),
		WORLD_TEST(a_default_may_be_to_reject),
		WORLD_TEST(a_changed_route_stays_as_it_was_until_then),
		WORLD_TEST(the_time_runs_from_the_first_change_on),
		WORLD_TEST(what_was_withdrawn_is_new_when_it_comes_again),
		WORLD_TEST(rules_before_it_decide_without_it),
		WORLD_TEST(a_verdict_may_change_the_route),
		WORLD_TEST(one_that_cannot_be_read_leaves_the_default),
		WORLD_TEST(
		    without_the_client_the_default_holds_at_once_and_it_is_asked_when_it_comes),
		WORLD_TEST(a_slow_one_is_asked_no_more_than_it_has_places_for),
		WORLD_TEST(one_that_dies_leaves_the_default_at_once),
		WORLD_TEST(the_last_of_a_name_decides),
		WORLD_TEST(a_reload_asks_what_it_must_and_nothing_twice),
		WORLD_TEST(many_verdicts_at_a_time_are_taken_in_slices),
		WORLD_TEST(what_is_said_behind_many_verdicts_is_done_behind_them),
		WORLD_TEST(verdicts_wait_for_nothing_else_of_their_client_and_are_never_refused),
		WORLD_TEST(what_is_said_waits_for_the_verdicts_before_it_alone),
		WORLD_TEST(
		    one_that_dies_with_many_verdicts_under_way_has_said_those_that_were_taken),
		WORLD_TEST(each_neighbor_is_asked_about_by_itself),
		WORLD_TEST(what_a_neighbor_is_told_stays_until_it_may_be_told_another),
		WORLD_TEST(where_no_rule_asks_nothing_is_kept_of_an_export),
		WORLD_TEST(one_that_no_policy_names_any_more_goes_with_its_last_route),
		WORLD_TEST(nobody_decides_under_the_number_of_a_subscription),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
