#include "controller/owners.h"
#include "world.h"

static void
malformed_requests_are_answered_and_a_hundred_cut_the_client(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct pack ping = { 0 };

	request_receive(&p->client, w->in, reader_of("garbage", 7));
	assert_has(next(p), "reply 0 { \"status\": \"error\"");
	api_simple_pack(&ping, API_PING, 5);
	say(p, &ping);
	assert_has(next(p), "reply 5 { \"status\": \"pong\"");
	for (unsigned i = 1; i < CLIENT_MALFORMED_MAX; i++)
		request_receive(&p->client, w->in, reader_of("\xff\xff\xff", 3));
	assert_true(p->client.cut);
	turns(w, 2);
	assert_int_equal(p->count, CLIENT_MALFORMED_MAX + 1);
	pack_fini(&ping);
}

static void
who_is_cut_for_what_it_said_is_still_told_what_it_was_owed(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	const struct reader garbage = reader_of("garbage", 7);

	p->full = true;
	for (int i = 0; i < CLIENT_MALFORMED_MAX + 5; i++)
		request_receive(&p->client, w->in, garbage);
	turns(w, 2);
	assert_true(p->client.cut);
	assert_int_equal(p->count, 0);
	p->full = false;
	for (int i = 0; i < 10; i++) {
		loop_test_advance(w->loop, 1000000);
		turns(w, 2);
	}
	assert_in_range(p->count, CLIENT_MALFORMED_MAX - 1, CLIENT_MALFORMED_MAX + 5);
	assert_has(next(p), "\"error\"");
	assert_int_equal(p->client.queued, 0);
	assert_true(p->client.cut);
}

static void
a_client_that_reads_no_answers_is_cut_at_the_bound(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	p->full = true;
	for (unsigned i = 0; i < 4000 && !p->client.cut; i++)
		command_as(p, i, "help", API_WAIT_ACCEPTED, false);
	assert_true(p->client.cut);
	assert_int_equal(p->client.queued, 0);
	assert_true(list_empty(&p->client.queue));
}

/* What a player holds it has read. */
static void
read_all(struct player *p)
{
	for (size_t i = 0; i < p->count; i++)
		octets_fini(&p->message[i]);
	p->count = p->read = 0;
}

static void
ends_at_once(struct world *w, bool behind)
{
	enum { WEIGHT = 600, TEXT = 300, MOST = CLIENT_LATER_MAX / WEIGHT + 1 };
	const struct api_request front = { .id = UINT64_MAX, .wait = API_WAIT_ACCEPTED };
	struct player *p = player_open(w);
	struct request *first = behind ? request_new(&p->client, &front) : NULL,
		       **waits = mem_zero(MOST * sizeof(struct request *));
	char text[TEXT];
	size_t count = 0, got = 0;

	memset(text, 'x', TEXT);
	while (p->client.waiting < CLIENT_LATER_MAX) {
		const struct api_request from = { .id = count, .wait = API_WAIT_SENT };
		struct request *r = request_new(&p->client, &from);

		assert_true(count < MOST);
		waits[count++] = r;
		request_wait(r, WEIGHT);
		request_answer(&r, ANSWER_LATER, "accepted", reader_of("", 0), NULL);
		read_all(p);
	}
	p->full = true;
	for (size_t i = 0; i < count; i++)
		request_answer(&waits[i], ANSWER_FINAL, "done", reader_of(text, TEXT), NULL);
	turns(w, 2);
	assert_true(count * TEXT > CLIENT_QUEUE_MAX);
	assert_false(p->client.cut);
	/* it is not read: nothing else is waited for instead */
	assert_in_range(p->client.waiting, count * TEXT, CLIENT_LATER_MAX + 1024);
	p->full = false;
	if (first)
		request_answer(&first, ANSWER_FINAL, "done", reader_of("", 0), NULL);
	for (int i = 0; i < 10; i++) {
		loop_test_advance(w->loop, 1000000);
		turns(w, 1);
		got += p->count;
		read_all(p);
	}
	assert_int_equal(got, behind ? 2 * count + 1 : count);
	assert_int_equal(p->client.waiting, 0);
	assert_int_equal(p->client.queued, 0);
	mem_free(waits);
}

static void
what_was_waited_for_and_ends_at_once_cuts_nobody_who_reads(void **state)
{
	ends_at_once(*state, false);
}

/* The answer of a long command is in front of them. */
static void
what_waits_for_its_turn_then_cuts_nobody_either(void **state)
{
	ends_at_once(*state, true);
}

static void
requests_are_refused_while_too_many_are_under_way(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	static const char show[] = "show routes received neighbor 192.0.2.1";
	struct pack r = { 0 };
	size_t n = 0;

	/* there is no mirror, and nobody makes it: each of them waits */
	report(neighbor_at(w, "192.0.2.1"), PEER_ESTABLISHED, 1, "");
	api_command_pack(&r, 7, show, strlen(show), API_WAIT_ACCEPTED, false);
	for (; p->client.open < CLIENT_OPEN_MAX; n++)
		say(p, &r);
	assert_true(n > 1000);
	assert_int_equal(p->client.queued, 0);
	for (unsigned i = 0; i < 100; i++)
		say(p, &r);
	/* refused in their order: that is, not yet */
	assert_true(p->client.open < CLIENT_OPEN_MAX + 64 * 1024);
	assert_true(p->client.queued > 0);
	assert_int_equal(p->count, 0);
	client_lost(&p->client);
	turns(w, 2);
	assert_int_equal(p->client.open, 0);
	pack_fini(&r);
}

static void
answers_keep_the_order_of_the_requests(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n = neighbor_at(w, "192.0.2.1");

	report(n, PEER_ESTABLISHED, 1, "");
	command_as(p, 1, "version", API_WAIT_ACCEPTED, false);
	command_as(p, 2, "show routes received neighbor 192.0.2.1", API_WAIT_ACCEPTED, false);
	command_as(p, 3, "neighbor 192.0.2.2 announce route 10.0.0.0/24 next-hop self",
	    API_WAIT_SENT, false);
	command_as(p, 4, "show adj-rib out", API_WAIT_ACCEPTED, false);
	command_as(p, 5, "nonsense", API_WAIT_ACCEPTED, false);
	assert_has(next(p), "reply 1 ");
	assert_string_equal(next(p), "");
	mirror_begin(n);
	mirror_end(n);
	turns(w, 6);
	assert_has(next(p), "reply 2 ");
	assert_has(next(p), "reply 3 { \"status\": \"accepted\"");
	assert_has(next(p), "reply 3 { \"status\": \"pending\"");
	assert_has(next(p), "reply 4 ");
	assert_has(text_str(&p->json), "192.0.2.2 ipv4 unicast 10.0.0.0/24");
	assert_has(next(p), "reply 5 { \"status\": \"error\"");
	assert_string_equal(next(p), "");
}

static void
end_of_sync_withdraws_what_its_owner_did_not_say_again(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w), *q = player_open(w);
	struct pack hello = { 0 }, end = { 0 };

	api_simple_pack(&end, API_END_OF_SYNC, 2);
	say(p, &end);
	assert_has(next(p), "say hello first");
	api_hello_pack(&hello, 1, "anycast");
	say(p, &hello);
	assert_has(next(p), "accepted");
	ask(p, "neighbor 192.0.2.1 announce route 10.0.0.0/24 next-hop self");
	ask(p, "neighbor 192.0.2.1 announce route 10.0.1.0/24 next-hop self");
	ask(q, "neighbor 192.0.2.1 announce route 10.0.2.0/24 next-hop self");
	say(p, &hello);
	assert_has(next(p), "accepted");
	ask(p, "neighbor 192.0.2.1 announce route 10.0.1.0/24 next-hop self");
	say(p, &end);
	assert_has(next(p), "accepted");
	turns(w, 3);
	assert_has(ask(p, "show adj-rib out"), "10.0.1.0/24");
	assert_has(text_str(&p->json), "10.0.2.0/24");
	assert_has_not(text_str(&p->json), "10.0.0.0/24");
	api_hello_pack(&hello, 1, "configuration");
	say(p, &hello);
	assert_has(next(p), "the configuration's own name");
	api_hello_pack(&hello, 1, "two words");
	say(p, &hello);
	assert_has(next(p), "no blanks");
	pack_fini(&hello);
	pack_fini(&end);
}

static void
a_key_may_do_what_its_role_says(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	strcpy(p->client.user, "looker");
	assert_has(ask(p, "announce route 10.0.0.0/24 next-hop self"), "looker may not say");
	assert_has(ask(p, "shutdown"), "its role is read");
	assert_has(ask(p, "show neighbors"), "\"done\"");
}

static void
configure(struct world *w, const char *text)
{
	struct text why = { 0 };

	world_write_config(w, text);
	if (controller_reload(&w->c, &why) < 0)
		fail_msg("%s", text_str(&why));
	text_fini(&why);
}

static const char *
hello_as(struct player *p, const char *name)
{
	struct pack hello = { 0 };

	api_hello_pack(&hello, 1, name);
	say(p, &hello);
	pack_fini(&hello);
	return next(p);
}

#define KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
/* A client with a key and its role; and a policy that asks for something. */
#define FEEDER(role) "client feeder { key \"" KEY "\"; role " role "; }\n"
#define ASKS(word)   "policy out { rule a { match { " word "; } then { accept; } } }\n"

static void
who_has_a_key_takes_no_other_name_where_a_policy_asks_whose_a_route_is(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w), *q = player_open(w);

	strcpy(p->client.user, "feeder");
	configure(w, ASKS("prefix 10.0.0.0/8") FEEDER("announce"));
	assert_has(hello_as(p, "portal"), "accepted");
	configure(w, ASKS("source client portal") FEEDER("announce"));
	assert_true(p->client.cut);
	strcpy(q->client.user, "feeder");
	assert_has(hello_as(q, "portal"), "feeder may not say hello as portal");
	assert_has(hello_as(q, "feeder"), "accepted");
	strcpy(q->client.user, "");
	assert_has(hello_as(q, "portal"), "accepted");
}

static void
who_announces_nothing_may_have_any_name_until_it_may_announce(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	strcpy(p->client.user, "feeder");
	configure(w, ASKS("source client portal") FEEDER("read"));
	assert_has(hello_as(p, "portal"), "accepted");
	assert_false(p->client.cut);
	configure(w, ASKS("source client portal") FEEDER("announce"));
	assert_true(p->client.cut);
}

static void
who_has_policies_and_no_number_announces_nothing(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w), *q;
	char name[32];

	owners_free(w->c.owners);
	w->c.owners = owners_of(12);
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof name, "name%d", i);
		(void)owner_by_name(w->c.owners, name);
	}
	configure(w, ASKS("prefix 10.0.0.0/8") "client portal { import out; }\n");
	assert_has(hello_as(p, "other"), "accepted");
	command_with(p, 7, "announce route 10.0.0.0/24 next-hop 192.0.2.9", NULL);
	turns(w, 10);
	assert_has(next(p), "accepted");
	q = player_open(w);
	(void)hello_as(q, "portal");
	command_with(q, 8, "announce route 10.0.1.0/24 next-hop 192.0.2.9", NULL);
	turns(w, 10);
	assert_has(next(q), "policies go by that of portal");
	command_with(q, 9, "show clients", NULL);
	turns(w, 10);
	assert_has(next(q), "done");
}

static void
what_waits_behind_a_reload_is_asked_for_the_role_that_it_has_then(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct pack end = { 0 };

	strcpy(p->client.user, "feeder");
	configure(w, FEEDER("admin"));
	assert_has(hello_as(p, "feeder"), "accepted");
	world_write_config(w, FEEDER("read"));
	command_with(p, 7, "reload", NULL);
	api_simple_pack(&end, API_END_OF_SYNC, 8);
	say(p, &end);
	assert_string_equal(next(p), "");
	turns(w, 10);
	assert_has(next(p), "reply 7 { \"status\": \"accepted\"");
	assert_has(next(p), "feeder may not say end-of-sync: its role is read");
	pack_fini(&end);
}

/* Requests with octets changed, and commands with words changed: each is answered, nothing breaks. */
static void
mutated_requests_do_no_harm(void **state)
{
	struct world *w = *state;
	static const char *const lines[] = {
		"announce route 10.0.0.0/24 next-hop 192.0.2.9 med 5 community [ 1:2 ]",
		"neighbor 192.0.2.1 local-as 65000 , neighbor * withdraw route 10.0.0.0/24 sync",
		("peer [ 192.0.2.1 , 192.0.2.2 ] announce attributes next-hop self nlri 10.0.0.0/8 "
		 "10.1.0.0/16"),
		"show routes received neighbor 192.0.2.3 ipv4 unicast 10.0.0.0/24 json",
		"neighbor 192.0.2.1 teardown 4 \"text\"",
		"show neighbors 192.0.2.1 extensive",
	};
	struct player *p = player_open(w);
	struct pack pack = { 0 };
	uint32_t random = 1;

	report(neighbor_at(w, "192.0.2.1"), PEER_ESTABLISHED, 1, "");
	for (unsigned i = 0; i < 12000; i++) {
		const char *line = lines[i % (sizeof lines / sizeof *lines)];

		if (i % 7 == 0) {
			struct api_request r = { .id = i, .snapshot = true, .updates = true };

			api_subscribe_pack(&pack, &r);
		} else {
			api_command_pack(
			    &pack, i, line, strlen(line), (enum api_wait)(i & 1), i & 2);
		}
		for (unsigned k = i % 4; k > 0; k--) {
			random = random * 1664525 + 1013904223;
			pack.base[(random >> 8) % pack.len] = (uint8_t)(random >> 24);
		}
		p->client.malformed = 0;
		say(p, &pack);
		if (i % 16 == 0)
			turns(w, 1);
		for (; p->count > KEPT / 2; p->count--)
			octets_fini(&p->message[p->count - 1]);
	}
	assert_false(p->client.cut);
	assert_int_equal(p->client.asked, 12000);
	pack_fini(&pack);
}

/* Three prefixes in wire form, and two lines: the neighbors have room for two more. */
static void
what_a_bulk_says_and_has_no_room_is_refused_by_its_place(void **state)
{
	static const uint8_t nlri[] = { 24, 10, 0, 0, 24, 10, 0, 1, 24, 10, 0, 2 };
	struct world *w = *state;
	struct player *p = player_open(w);
	struct intent *in = &neighbor_at(w, "192.0.2.1")->speaker->intent;
	struct pack r = { 0 };

	ledger_most(intent_told(in, IPV4_UNICAST)->ledger, 2);
	pack_array(&r, 4);
	pack_uint(&r, API_VERSION);
	pack_text(&r, "bulk");
	pack_uint(&r, 3);
	pack_map(&r, 3);
	pack_text(&r, "op");
	pack_text(&r, "announce");
	pack_text(&r, "neighbor");
	pack_text(&r, "192.0.2.1");
	pack_text(&r, "groups");
	pack_array(&r, 1);
	pack_array(&r, 4);
	pack_text(&r, "ipv4 unicast");
	pack_text(&r, "self");
	pack_text(&r, "med 5");
	pack_bin(&r, nlri, sizeof nlri);
	say(p, &r);
	turns(w, 3);
	assert_has(next(p), "reply 3 { \"status\": \"error\"");
	assert_has(text_str(&p->json),
	    "NLRI 2: no room: speaker edge is told of 2 routes of ipv4 unicast");
	assert_int_equal(intent_count(in), 2);
	assert_has(ask(p, "neighbor 192.0.2.1 announce route 10.0.3.0/24 next-hop self"),
	    "\"text\": \"no room: ");
	/* a line like one that was said before is not read, and refused all the same */
	assert_has(ask(p, "neighbor 192.0.2.1 withdraw route 10.0.2.0/24"), "accepted");
	for (unsigned i = 4; i < 9; i++) {
		char line[80];

		snprintf(line, sizeof line,
		    "neighbor 192.0.2.1 announce route 10.0.%u.0/24 next-hop self", i);
		assert_has(ask(p, line), "\"text\": \"no room: ");
	}
	assert_has(ask(p, "neighbor 192.0.2.1 withdraw route 10.0.1.0/24"), "accepted");
	assert_has(
	    ask(p, "neighbor 192.0.2.1 announce route 10.0.9.0/24 next-hop self"), "accepted");
	pack_fini(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(malformed_requests_are_answered_and_a_hundred_cut_the_client),
		WORLD_TEST(who_is_cut_for_what_it_said_is_still_told_what_it_was_owed),
		WORLD_TEST(a_client_that_reads_no_answers_is_cut_at_the_bound),
		WORLD_TEST(what_was_waited_for_and_ends_at_once_cuts_nobody_who_reads),
		WORLD_TEST(what_waits_for_its_turn_then_cuts_nobody_either),
		WORLD_TEST(requests_are_refused_while_too_many_are_under_way),
		WORLD_TEST(answers_keep_the_order_of_the_requests),
		WORLD_TEST(end_of_sync_withdraws_what_its_owner_did_not_say_again),
		WORLD_TEST(mutated_requests_do_no_harm),
		WORLD_TEST(a_key_may_do_what_its_role_says),
		WORLD_TEST(what_waits_behind_a_reload_is_asked_for_the_role_that_it_has_then),
		WORLD_TEST(who_has_a_key_takes_no_other_name_where_a_policy_asks_whose_a_route_is),
		WORLD_TEST(who_has_policies_and_no_number_announces_nothing),
		WORLD_TEST(who_announces_nothing_may_have_any_name_until_it_may_announce),
		WORLD_TEST(what_a_bulk_says_and_has_no_room_is_refused_by_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
