/* Policies that ask a client: what becomes of a route while it is asked about, and when it is not answered. */
#include "controller/rib/decider.h"
#include "controller/intent.h"
#include "controller/owners.h"
#include "tests/unit/controller/api/world.h"

enum { DECIDE = 9, TIMEOUT = 50000 };

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
	struct text text = { 0 }, why = { 0 };

	text_printf(&text, configuration, otherwise, import);
	world_write_config(w, text_str(&text));
	if (controller_reload(&w->c, &why) < 0)
		fail_msg("%s", text_str(&why));
	text_fini(&text);
	text_fini(&why);
	turns(w, 4);
}

static struct neighbor *
up(struct world *w, const char *address, uint32_t as)
{
	struct neighbor *n = neighbor_at(w, address);
	struct link_peer_state s = { .state = PEER_ESTABLISHED,
		.session = 1,
		.peer_as = as,
		.local_as = 65000,
		.address = n->peer.address,
		.families = family_bit(IPV4_UNICAST) };

	neighbor_state(n, &s);
	mirror_begin(n);
	mirror_end(n);
	turns(w, 3);
	return n;
}

static struct neighbor *
start(struct world *w, const char *otherwise)
{
	configure(w, otherwise, "asked");
	(void)up(w, "192.0.2.2", 65002);
	return up(w, "192.0.2.1", 65001);
}

static void
decide_as(struct player *p, const char *name, uint32_t open)
{
	struct pack r = { 0 };

	pack_array(&r, 4);
	pack_uint(&r, API_VERSION);
	pack_text(&r, "decide");
	pack_uint(&r, DECIDE);
	pack_map(&r, 2);
	pack_text(&r, "name");
	pack_text(&r, name);
	pack_text(&r, "open");
	pack_uint(&r, open);
	say(p, &r);
	pack_fini(&r);
	turns(p->world, 3);
}

static struct player *
checker(struct world *w, uint32_t open)
{
	struct player *p = player_open(w);

	decide_as(p, "checker", open);
	assert_has(next(p), "accepted");
	return p;
}

/* What was asked: number and version of each ask that has come. */
struct asked {
	uint64_t number, version;
	char nlri[32];
};

static size_t
asks(struct player *p, struct asked *out, size_t max)
{
	size_t n = 0;

	turns(p->world, 3);
	for (; p->read < p->count; p->read++) {
		struct api_answer a;
		struct reason why = { 0 };
		char type[16];

		assert_int_equal(api_answer_open(p->world->out, p->message[p->read].base,
				     p->message[p->read].len, &a, &why),
		    0);
		for (uint32_t i = 0; a.type == API_EVENT && i < node_count(a.body); i++) {
			const struct node *e = node_at(a.body, i);

			if (strcmp(node_text(node_find(e, "type"), type, sizeof type), "ask") != 0)
				continue;
			assert_true(n < max);
			out[n].number = node_uint(node_find(e, "number"), 0);
			out[n].version = node_uint(node_find(e, "version"), 0);
			node_text(node_find(node_find(e, "nlri"), "nlri"), out[n].nlri,
			    sizeof out[n].nlri);
			n++;
		}
	}
	return n;
}

/* `set`: words, instead of the verdict */
static void
answer(struct player *p, const struct asked *a, const char *verdict, const char *set)
{
	struct pack r = { 0 };

	pack_array(&r, 4);
	pack_uint(&r, API_VERSION);
	pack_text(&r, "verdicts");
	pack_uint(&r, DECIDE);
	pack_map(&r, 1);
	pack_text(&r, "verdicts");
	pack_array(&r, 1);
	pack_array(&r, 3);
	pack_uint(&r, a->number);
	pack_uint(&r, a->version);
	if (set) {
		pack_map(&r, 1);
		pack_text(&r, "set");
		pack_text(&r, set);
	} else {
		pack_text(&r, verdict);
	}
	say(p, &r);
	pack_fini(&r);
	turns(p->world, 3);
}

static void
later(struct world *w, uint64_t microseconds)
{
	loop_test_advance(w->loop, microseconds);
	turns(w, 4);
}

struct looking {
	char nlri[32], text[256];
};

static void
see(void *arg, struct neighbor *n, const struct intent_route *r)
{
	struct looking *l = arg;
	struct text nlri = { 0 }, text = { 0 };

	(void)n;
	nlri_ops(r->family)->print(r->nlri.octets, &nlri);
	if (strcmp(text_str(&nlri), l->nlri) == 0) {
		route_print(r->family, false, &r->nlri, &r->value, &text);
		snprintf(l->text, sizeof l->text, "%s", text_str(&text));
	}
	text_fini(&nlri);
	text_fini(&text);
}

/* What the other neighbor is to be told of a prefix; "" when nothing. */
static const char *
told(struct world *w, const char *prefix)
{
	static struct looking l;
	uint64_t state = 0;

	l.text[0] = '\0';
	snprintf(l.nlri, sizeof l.nlri, "%s", prefix);
	while (!intent_visit(neighbor_at(w, "192.0.2.2"), &state, 64, see, &l))
		;
	return l.text;
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
	(void)up(w, "192.0.2.2", 65002);
	n = up(w, "192.0.2.1", 65001);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
