#include "world.h"

enum { CREDIT = 1 << 20, SUBSCRIPTION = 7, RESTATED = ROUTES_REPLAY | ROUTES_RESTATED };

static void
subscribe(struct player *p, uint64_t id, bool snapshot, bool updates, bool states, uint64_t credit)
{
	struct api_request r = { .id = id,
		.snapshot = snapshot,
		.updates = updates,
		.states = states,
		.credit = credit };
	struct pack pack = { 0 };
	char accepted[64];

	snprintf(accepted, sizeof accepted, "reply %u { \"status\": \"accepted\"", (unsigned)id);
	api_subscribe_pack(&pack, &r);
	say(p, &pack);
	pack_fini(&pack);
	assert_has(next(p), accepted);
	turns(p->world, 3);
}

static void
give(struct player *p, uint64_t credit)
{
	struct pack pack = { 0 };

	api_credit_pack(&pack, SUBSCRIPTION, credit);
	say(p, &pack);
	pack_fini(&pack);
	turns(p->world, 10);
}

/* A session that is up, and its mirror whole when somebody needs it. */
static struct neighbor *
up(struct world *w, const char *address)
{
	struct neighbor *n = neighbor_at(w, address);

	report(n, PEER_ESTABLISHED, 1, "");
	mirror_begin(n);
	mirror_end(n);
	turns(w, 3);
	return n;
}

static size_t
occurrences(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		n++;
	return n;
}

/* Everything that has come, one after the other. */
static const char *
all(struct player *p)
{
	struct text t = { 0 };

	turns(p->world, 5);
	while (next(p)[0])
		text_add(&t, text_str(&p->json));
	text_clear(&p->json);
	text_add(&p->json, text_str(&t));
	text_fini(&t);
	return text_str(&p->json);
}

static void
every_message_is_an_event_as_it_happens(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;

	subscribe(p, SUBSCRIPTION, false, true, false, 0);
	n = up(w, "192.0.2.1");
	assert_string_equal(all(p), "");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1 med 5 as-path [ 65001 ]");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1 med 5 as-path [ 65001 ]");
	heard(n, true, 0, "route 10.0.0.0/24");
	heard(n, false, 0, NULL);
	assert_int_equal(occurrences(all(p), "\"type\": \"update\""), 4);
	assert_has(text_str(&p->json),
	    "\"speaker\": \"edge\", \"neighbor\": \"192.0.2.1\", \"live\": true");
	assert_has(text_str(&p->json), "\"med\": 5");
	assert_has(text_str(&p->json),
	    "\"announce\": { \"ipv4 unicast\": { \"192.0.2.1\": [ { \"nlri\": "
	    "\"10.0.0.0/24\" } ] } }");
	assert_has(text_str(&p->json),
	    "{ \"update\": { \"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": "
	    "\"10.0.0.0/24\" } ] } } }");
	assert_has(text_str(&p->json), "{ \"eor\": { \"afi\": \"ipv4\", \"safi\": \"unicast\" } }");
	assert_int_equal(p->count, 2); /* the answer, and one frame for the four */
}

static void
a_snapshot_is_the_table_then_synced_then_what_happens(void **state)
{
	struct world *w = *state;
	struct player *first = player_open(w), *p = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(first, SUBSCRIPTION, false, true, false, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1 med 5");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1 med 5");
	heard(n, false, 0, NULL);
	assert_int_equal(occurrences(all(first), "\"type\""), 3);
	assert_null(n->mirror); /* it is told what happens, and that is all */
	subscribe(p, SUBSCRIPTION, true, true, true, 0);
	mirror_begin(n);
	heard(n, false, RESTATED, "route 10.0.0.0/24 next-hop 192.0.2.1 med 5");
	heard(n, false, RESTATED, "route 10.0.1.0/24 next-hop 192.0.2.1 med 5");
	heard(n, false, RESTATED, NULL);
	mirror_end(n);
	turns(w, 5);
	heard(n, false, 0, "route 10.0.2.0/24 next-hop 192.0.2.1 med 5");
	text = all(first);
	assert_int_equal(occurrences(text, "\"type\""), 1);
	assert_has(text, "10.0.2.0/24");
	text = all(p);
	assert_has(text, "\"state\": \"up\", \"session\": 1");
	assert_has(text, "[ { \"nlri\": \"10.0.0.0/24\" }, { \"nlri\": \"10.0.1.0/24\" } ]");
	assert_has(text, "\"live\": false, \"message\": { \"eor\"");
	assert_has(strstr(text, "\"type\": \"synced\""), "\"live\": true");
	assert_has(strstr(text, "\"type\": \"synced\""), "10.0.2.0/24");
	assert_int_equal(occurrences(text, "synced"), 1);
}

static void
without_credit_the_newest_state_waits_and_lagged_says_how_much_was_skipped(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(p, SUBSCRIPTION, false, true, false, 1);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.9.0.0/24 next-hop 192.0.2.1");
	assert_has(all(p), "10.9.0.0/24"); /* overdraws */
	for (unsigned med = 1; med <= 9; med++) {
		char route[64];

		snprintf(route, sizeof route, "route 10.0.0.0/24 next-hop 192.0.2.1 med %u", med);
		heard(n, false, 0, route);
	}
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	heard(n, true, 0, "route 10.0.1.0/24");
	heard(n, false, 0, NULL);
	assert_string_equal(all(p), "");
	give(p, CREDIT);
	text = all(p);
	assert_has(text, "\"type\": \"lagged\"");
	assert_has(text, "\"skipped\": 11");
	assert_has(text, "\"med\": 9");
	assert_has_not(text, "\"med\": 8");
	assert_has(text, "\"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"10.0.1.0/24\" } ] }");
	assert_has(text, "\"eor\"");
	heard(n, false, 0, "route 10.0.2.0/24 next-hop 192.0.2.1");
	assert_has(all(p), "\"live\": true");
}

static void
states_are_told_once_each(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n = neighbor_at(w, "192.0.2.1");

	report(n, PEER_IDLE, 0, "");
	subscribe(p, SUBSCRIPTION, false, false, true, 0);
	report(n, PEER_CONNECT, 0, "");
	assert_string_equal(all(p), "");
	report(n, PEER_OPEN_SENT, 0, "");
	report(n, PEER_OPEN_CONFIRM, 0, "");
	assert_int_equal(occurrences(all(p), "\"state\": \"connected\""), 1);
	report(n, PEER_ESTABLISHED, 1, "");
	report(n, PEER_ESTABLISHED, 1, "");
	assert_int_equal(occurrences(all(p), "\"state\": \"up\", \"session\": 1"), 1);
	report(n, PEER_ESTABLISHED, 3, "");
	assert_has(all(p), "\"state\": \"down\"");
	assert_has(text_str(&p->json), "\"state\": \"up\", \"session\": 3");
	report(n, PEER_IDLE, 3, "hold timer expired");
	assert_has(
	    all(p), "\"state\": \"down\", \"reason\": \"hold timer expired\", \"session\": 3");
	neighbor_unknown(n);
	neighbor_unknown(n);
	assert_int_equal(
	    occurrences(all(p), "\"state\": \"unknown\", \"reason\": \"speaker edge is not "
				"connected\""),
	    1);
	report(n, PEER_ESTABLISHED, 4, "");
	assert_has(all(p), "\"state\": \"up\", \"session\": 4");
	assert_null(n->mirror); /* states alone need none */
}

static void
a_state_without_credit_is_told_as_it_is_when_there_is_some(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n = neighbor_at(w, "192.0.2.1");

	subscribe(p, SUBSCRIPTION, false, false, true, 1);
	report(n, PEER_ESTABLISHED, 1, "");
	assert_has(all(p), "\"up\"");
	report(n, PEER_IDLE, 1, "hold timer expired");
	report(n, PEER_ESTABLISHED, 2, "");
	report(n, PEER_IDLE, 2, "connection reset");
	assert_string_equal(all(p), "");
	give(p, CREDIT);
	assert_has(all(p), "\"state\": \"down\", \"reason\": \"connection reset\", \"session\": 2");
	assert_int_equal(occurrences(text_str(&p->json), "\"type\": \"state\""), 1);
}

static void
two_subscriptions_get_the_same_octets(void **state)
{
	struct world *w = *state;
	struct player *a = player_open(w), *b = player_open(w);
	struct neighbor *n;

	subscribe(a, SUBSCRIPTION, false, true, false, 0);
	subscribe(b, SUBSCRIPTION, false, true, false, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1 med 5");
	assert_has(all(a), "10.0.0.0/24");
	assert_string_equal(text_str(&a->json), all(b)); /* time and all */
	assert_int_equal(n->live, 2);
	assert_null(n->mirror);
}

static void
only_the_neighbor_that_was_asked_for(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct api_request r = { .id = SUBSCRIPTION,
		.updates = true,
		.neighbor = { (const uint8_t *)"192.0.2.2", 9, 0 } };
	struct pack pack = { 0 };

	api_subscribe_pack(&pack, &r);
	say(p, &pack);
	assert_has(next(p), "accepted");
	say(p, &pack);
	assert_has(next(p), "subscription 7 is there already");
	r.id = 8;
	r.neighbor = reader_of("nobody", 6);
	api_subscribe_pack(&pack, &r);
	say(p, &pack);
	assert_has(next(p), "\\\"neighbor\\\" is an address, not \\\"nobody\\\"");
	pack_fini(&pack);
	up(w, "192.0.2.1");
	up(w, "192.0.2.2");
	assert_null(neighbor_at(w, "192.0.2.1")->mirror);
	heard(neighbor_at(w, "192.0.2.1"), false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	heard(neighbor_at(w, "192.0.2.2"), false, 0, "route 10.0.2.0/24 next-hop 192.0.2.1");
	assert_has(all(p), "10.0.2.0/24");
	assert_has_not(text_str(&p->json), "10.0.1.0/24");
}

static void
an_equal_restatement_tells_nobody_and_a_different_one_the_difference(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(p, SUBSCRIPTION, true, true, false, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.2.0/24 next-hop 192.0.2.1");
	assert_has(all(p), "10.0.2.0/24");
	mirror_begin(n);
	heard(n, false, RESTATED, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, RESTATED, "route 10.0.1.0/24 next-hop 192.0.2.1 med 9");
	mirror_end(n);
	text = all(p);
	assert_has_not(text, "10.0.0.0/24");
	assert_has(text, "\"med\": 9");
	assert_has(text, "\"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"10.0.2.0/24\" } ] }");
	assert_has_not(text, "lagged");
	assert_has_not(text, "\"live\": true");
}

static void
who_wanted_no_snapshot_is_not_told_the_first_restatement(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n = neighbor_at(w, "192.0.2.1");

	report(n, PEER_ESTABLISHED, 1, "");
	subscribe(p, SUBSCRIPTION, false, true, false, 0);
	mirror_begin(n);
	heard(n, false, RESTATED, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.9.0/24 next-hop 192.0.2.1");
	heard(n, false, RESTATED, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	assert_has(all(p), "10.0.9.0/24");
	assert_int_equal(occurrences(text_str(&p->json), "\"type\""), 1);
}

static void
the_end_of_a_session_withdraws_what_was_told(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;

	subscribe(p, SUBSCRIPTION, true, true, true, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	all(p);
	report(n, PEER_IDLE, 1, "connection reset");
	assert_has(all(p), "connection reset");
	assert_has(text_str(&p->json),
	    "\"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"10.0.0.0/24\" }, { \"nlri\": "
	    "\"10.0.1.0/24\" } ] }");
}

/* Nobody knows what that was. */
static void
who_has_no_table_forgets_what_was_told_when_the_session_ends(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(p, SUBSCRIPTION, false, true, true, 0);
	n = up(w, "192.0.2.1");
	report(n, PEER_IDLE, 1, "connection reset");
	assert_has_not(all(p), "reset\", \"time"); /* it was told nothing */
	report(n, PEER_ESTABLISHED, 2, "");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	all(p);
	report(n, PEER_IDLE, 2, "connection reset");
	text = all(p);
	assert_has(text, "\"state\": \"down\"");
	assert_has(strstr(text, "\"type\": \"reset\""), "\"type\": \"synced\"");
	assert_null(n->mirror);
	report(n, PEER_ESTABLISHED, 3, "");
	heard(n, false, 0, "route 10.0.1.0/24 next-hop 192.0.2.1");
	assert_has(all(p), "\"live\": true");
	assert_int_equal(n->live, 1);
}

/* What is left from the session that ended is told again. */
static void
who_has_no_table_is_told_what_is_kept_from_a_session(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	struct link_peer_state s;
	const char *text;

	subscribe(p, SUBSCRIPTION, false, true, false, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	all(p);
	s = n->state;
	s.families = family_bit(IPV4_UNICAST) | family_bit(IPV6_UNICAST);
	neighbor_state(n, &s);
	s.state = PEER_IDLE;
	s.stale = family_bit(IPV4_UNICAST);
	neighbor_state(n, &s);
	assert_string_equal(all(p), ""); /* all that it was told is kept */
	s.stale = family_bit(IPV6_UNICAST);
	neighbor_state(n, &s);
	text = all(p);
	assert_has(text, "\"type\": \"reset\"");
	mirror_begin(n);
	heard(n, false, RESTATED | ROUTES_STALE, "route 2001:db8::/32 next-hop 2001:db8::1");
	mirror_end(n);
	text = all(p);
	assert_has(text, "2001:db8::/32");
	assert_has(strstr(text, "2001:db8::/32"), "\"type\": \"synced\"");
	assert_null(n->mirror);
}

static struct ledger *
table_of(struct neighbor *n)
{
	return n->mirror ? n->mirror->ledger[IPV4_UNICAST] : NULL;
}

static void
what_was_missed_is_kept_until_it_is_told_and_nothing_else(void **state)
{
	struct world *w = *state;
	struct player *a = player_open(w), *b = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(a, SUBSCRIPTION, false, true, false, 1);
	subscribe(b, SUBSCRIPTION, false, true, false, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "attributes next-hop 192.0.2.1 nlri 10.0.0.0/24 10.0.1.0/24 10.0.2.0/24");
	assert_has(all(a), "10.0.1.0/24");
	assert_null(n->mirror);
	heard(n, true, 0, "route 10.0.1.0/24"); /* nobody here has heard of it */
	heard(n, false, 0, "route 10.0.9.0/24 next-hop 192.0.2.1");
	heard(n, false, ROUTES_REPLAY, "route 10.0.8.0/24 next-hop 192.0.2.1");
	heard(n, false, 0, NULL);
	assert_int_equal(ledger_count(table_of(n)), 2);
	assert_int_equal(ledger_marks(table_of(n)), 1);
	assert_int_equal(occurrences(all(b), "\"live\": true"), 4);
	assert_string_equal(all(a), "");
	give(a, CREDIT);
	text = all(a);
	assert_has(text, "\"skipped\": 2");
	assert_has(text, "\"withdraw\": { \"ipv4 unicast\": [ { \"nlri\": \"10.0.1.0/24\" } ] }");
	assert_has(text, "10.0.9.0/24");
	assert_has(text, "10.0.8.0/24");
	assert_has(text, "\"eor\"");
	assert_has_not(text, "10.0.2.0/24");
	assert_null(n->mirror);
	heard(n, false, 0, "route 10.0.3.0/24 next-hop 192.0.2.1");
	assert_has(all(a), "\"live\": true");
}

/* A table that is made for another meanwhile does not hide what was missed. */
static void
who_is_behind_misses_nothing_while_the_table_comes_and_goes(void **state)
{
	struct world *w = *state;
	struct player *a = player_open(w), *b = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(a, SUBSCRIPTION, false, true, false, 1);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "attributes next-hop 192.0.2.1 nlri 10.0.0.0/24 10.0.1.0/24 10.0.2.0/24");
	all(a);
	heard(n, true, 0, "route 10.0.0.0/24");
	subscribe(b, SUBSCRIPTION, true, true, false, 0);
	mirror_begin(n);
	heard(n, true, 0, "route 10.0.1.0/24"); /* before it was restated */
	heard(n, false, RESTATED, "route 10.0.2.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	assert_has(strstr(all(b), "10.0.2.0/24"), "synced");
	b->gone = true;
	heard(n, true, 0, "route 10.0.2.0/24");
	turns(w, 5);
	assert_int_equal(n->mirror->needed, 0);
	give(a, CREDIT);
	text = all(a);
	assert_has(text, "[ { \"nlri\": \"10.0.0.0/24\" }, { \"nlri\": \"10.0.1.0/24\" }, "
			 "{ \"nlri\": \"10.0.2.0/24\" } ]");
	assert_null(n->mirror);
}

static void
what_a_lost_lane_may_have_hidden_is_told_by_a_snapshot(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(p, SUBSCRIPTION, false, true, false, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	all(p);
	neighbor_unknown(n);
	assert_string_equal(all(p), "");
	report(n, PEER_ESTABLISHED, 1, "");
	mirror_found_again(n);
	assert_has(all(p), "\"type\": \"reset\"");
	mirror_begin(n);
	heard(n, false, RESTATED, "route 10.0.1.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	text = all(p);
	assert_has(strstr(text, "10.0.1.0/24"), "synced");
	assert_null(n->mirror);
	/* the speaker could not say all */
	api_lost(n);
	mirror_begin(n);
	assert_has(all(p), "\"type\": \"reset\"");
	assert_int_equal(n->mirror->needed, 1);
}

static void
neighbors_that_come_are_covered_and_those_that_go_are_forgotten(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	struct text config = { 0 };
	const char *text;

	subscribe(p, SUBSCRIPTION, true, true, true, 0);
	text = all(p);
	assert_int_equal(occurrences(text, "synced"), 1); /* nobody is up: all are whole */
	text_printf(&config,
	    "%sneighbor 192.0.2.7 { speaker far; local-address 192.0.2.253; local-as 65000; "
	    "peer-as 65007; router-id 192.0.2.253; }\n",
	    world_config);
	world_write_config(w, text_str(&config));
	assert_has(ask(p, "reload"), "accepted");
	n = up(w, "192.0.2.7");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.7");
	text = all(p);
	assert_has(text, "\"neighbor\": \"192.0.2.7\", \"state\": \"up\"");
	assert_has(text, "10.0.0.0/24");
	world_write_config(w, world_config);
	assert_has(ask(p, "reload"), "accepted");
	text = all(p);
	assert_has(text, "\"neighbor\": \"192.0.2.7\", \"state\": \"removed\"");
	assert_has(strstr(text, "\"type\": \"reset\""), "\"type\": \"synced\"");
	text_fini(&config);
}

static void
come_and_go(struct neighbor *n, struct text *route)
{
	for (unsigned i = 0; i < 270; i++) {
		text_clear(route);
		text_printf(route, "attributes next-hop 192.0.2.1 nlri");
		for (unsigned k = 0; k < 256; k++)
			text_printf(route, " 10.%u.%u.0/24", i & 255, k);
		if (i >= 256)
			for (unsigned k = 0; k < 256; k++)
				text_printf(route, " 11.%u.%u.0/24", i & 255, k);
		heard(n, false, 0, text_str(route));
		heard(n, true, 0, text_str(route));
	}
}

/* The table that another one has is of before, until it is restated. */
static void
a_snapshot_after_a_lost_lane_waits_for_the_restatement(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w), *other = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(other, SUBSCRIPTION, true, true, false, 0);
	subscribe(p, SUBSCRIPTION, false, true, false, 0);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	all(p);
	neighbor_unknown(n);
	report(n, PEER_ESTABLISHED, 1, "");
	mirror_found_again(n);
	assert_has_not(all(p), "synced");
	mirror_begin(n);
	heard(n, false, RESTATED, "route 10.0.0.0/24 next-hop 192.0.2.1 med 4");
	mirror_end(n);
	text = all(p);
	assert_has(text, "\"med\": 4");
	assert_has(strstr(text, "\"med\": 4"), "synced");
}

/* Marks are bounded: who is too far behind begins anew. */
static void
who_is_overrun_gets_reset_and_the_table_again(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	struct text route = { 0 };
	const char *text;

	subscribe(p, SUBSCRIPTION, false, true, false, 1);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 192.0.2.0/24 next-hop 192.0.2.1");
	all(p);
	come_and_go(n, &route);
	assert_null(n->mirror); /* it has to begin anew: nothing is kept for it until it can */
	give(p, CREDIT);
	assert_has(all(p), "\"type\": \"reset\"");
	heard(n, false, 0, "route 192.0.3.0/24 next-hop 192.0.2.1");
	mirror_begin(n);
	heard(n, false, RESTATED, "route 192.0.2.0/24 next-hop 192.0.2.1");
	heard(n, false, RESTATED, "route 192.0.3.0/24 next-hop 192.0.2.1");
	mirror_end(n);
	text = all(p);
	assert_has(text, "192.0.3.0/24");
	assert_has(text, "192.0.2.0/24");
	assert_has(text, "\"type\": \"synced\"");
	assert_has_not(text, "lagged");
	assert_null(n->mirror);
	text_fini(&route);
}

static void
whoever_wants_the_table_is_overrun_too(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	struct text route = { 0 };
	const char *text;

	subscribe(p, SUBSCRIPTION, true, true, false, 1);
	n = up(w, "192.0.2.1");
	heard(n, false, 0, "route 192.0.2.0/24 next-hop 192.0.2.1");
	all(p);
	come_and_go(n, &route);
	give(p, CREDIT);
	text = all(p);
	assert_has(text, "\"type\": \"reset\"");
	assert_has(strstr(text, "\"type\": \"reset\""), "192.0.2.0/24");
	assert_has(strstr(text, "\"type\": \"reset\""), "\"type\": \"synced\"");
	assert_has_not(strstr(text, "\"type\": \"reset\""), "lagged");
	text_fini(&route);
}

static void
a_client_that_takes_nothing_falls_behind_and_goes_on_when_it_does(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;
	const char *text;

	subscribe(p, SUBSCRIPTION, false, true, false, UINT64_C(1) << 30);
	n = up(w, "192.0.2.1");
	p->full = true;
	for (unsigned i = 0; i < 12000; i++) {
		char route[64];

		snprintf(
		    route, sizeof route, "route 10.%u.%u.0/24 next-hop 192.0.2.1", i >> 8, i & 255);
		heard(n, false, 0, route);
		turns(w, 1);
	}
	assert_true(p->client.queued < 2 * CLIENT_QUEUE_LOW);
	assert_false(p->client.cut);
	p->full = false;
	loop_test_advance(w->loop, 100000);
	turns(w, 20);
	text = all(p);
	assert_has(text, "\"type\": \"lagged\"");
	assert_int_equal(occurrences(text, "\"nlri\""), 12000);
	assert_int_equal(p->client.queued, 0);
}

static void
events_come_behind_the_answer_to_subscribe(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct api_request r = { .id = SUBSCRIPTION, .states = true, .snapshot = true };
	struct pack pack = { 0 };

	report(n, PEER_ESTABLISHED, 1, "");
	command_as(p, 1, "show routes received neighbor 192.0.2.1", API_WAIT_ACCEPTED, false);
	api_subscribe_pack(&pack, &r);
	say(p, &pack);
	pack_fini(&pack);
	turns(w, 3);
	assert_string_equal(next(p), "");
	mirror_begin(n);
	mirror_end(n);
	turns(w, 5);
	assert_has(next(p), "reply 1 ");
	assert_has(next(p), "reply 7 ");
	assert_has(all(p), "\"state\": \"up\"");
}

static void
unsubscribing_frees_the_mirror(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n = up(w, "192.0.2.1");
	struct pack pack = { 0 };

	subscribe(p, SUBSCRIPTION, true, true, true, 0);
	assert_non_null(n->mirror);
	api_simple_pack(&pack, API_UNSUBSCRIBE, SUBSCRIPTION);
	say(p, &pack);
	assert_null(n->mirror);
	assert_has(all(p), "unsubscribed");
	say(p, &pack);
	assert_has(all(p), "there is no subscription 7");
	pack_fini(&pack);
}

static void
a_neighbor_that_is_not_there_yet_is_said_to_be_missing(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct api_request r = { .id = SUBSCRIPTION, .updates = true, .neighbor = reader_of("192.0.2.99", 10) };
	struct pack pack = { 0 };

	api_subscribe_pack(&pack, &r);
	say(p, &pack);
	assert_has(next(p), "\"subscribed; so far there is no such neighbor\"");
	r = (struct api_request){ .id = SUBSCRIPTION + 1, .updates = true, .neighbor = reader_of("192.0.2.1", 9) };
	pack_clear(&pack);
	api_subscribe_pack(&pack, &r);
	say(p, &pack);
	assert_has(next(p), "\"subscribed\"");
	pack_fini(&pack);
}

static void
a_client_that_is_gone_leaves_nothing(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n;

	subscribe(p, SUBSCRIPTION, false, true, true, 0);
	command_as(p, 1, "show routes", API_WAIT_ACCEPTED, false);
	n = up(w, "192.0.2.1");
	p->gone = true;
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	turns(w, 2);
	assert_true(p->forgotten);
	assert_null(n->mirror);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(every_message_is_an_event_as_it_happens),
		WORLD_TEST(a_snapshot_is_the_table_then_synced_then_what_happens),
		WORLD_TEST(
		    without_credit_the_newest_state_waits_and_lagged_says_how_much_was_skipped),
		WORLD_TEST(states_are_told_once_each),
		WORLD_TEST(a_state_without_credit_is_told_as_it_is_when_there_is_some),
		WORLD_TEST(two_subscriptions_get_the_same_octets),
		WORLD_TEST(only_the_neighbor_that_was_asked_for),
		WORLD_TEST(an_equal_restatement_tells_nobody_and_a_different_one_the_difference),
		WORLD_TEST(who_wanted_no_snapshot_is_not_told_the_first_restatement),
		WORLD_TEST(the_end_of_a_session_withdraws_what_was_told),
		WORLD_TEST(who_has_no_table_forgets_what_was_told_when_the_session_ends),
		WORLD_TEST(who_has_no_table_is_told_what_is_kept_from_a_session),
		WORLD_TEST(what_was_missed_is_kept_until_it_is_told_and_nothing_else),
		WORLD_TEST(who_is_behind_misses_nothing_while_the_table_comes_and_goes),
		WORLD_TEST(what_a_lost_lane_may_have_hidden_is_told_by_a_snapshot),
		WORLD_TEST(a_snapshot_after_a_lost_lane_waits_for_the_restatement),
		WORLD_TEST(neighbors_that_come_are_covered_and_those_that_go_are_forgotten),
		WORLD_TEST(who_is_overrun_gets_reset_and_the_table_again),
		WORLD_TEST(whoever_wants_the_table_is_overrun_too),
		WORLD_TEST(a_client_that_takes_nothing_falls_behind_and_goes_on_when_it_does),
		WORLD_TEST(events_come_behind_the_answer_to_subscribe),
		WORLD_TEST(unsubscribing_frees_the_mirror),
		WORLD_TEST(a_neighbor_that_is_not_there_yet_is_said_to_be_missing),
		WORLD_TEST(a_client_that_is_gone_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
