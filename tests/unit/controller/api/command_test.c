#include "world.h"

static void
an_announcement_counts_routes_neighbors_and_news(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "announce route 10.0.0.0/24 next-hop 192.0.2.9 med 5"), "\"accepted\"");
	assert_has(text_str(&p->json), "1 route for 3 neighbors, 3 new");
	assert_has(
	    ask(p, "announce route 10.0.0.0/24 next-hop 192.0.2.9 med 5"), "3 neighbors, 0 new");
	assert_has(ask(p, "announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1"),
	    "1 route for 1 neighbor, 1 new; 2 without this family skipped");
	assert_has(ask(p, "announce attributes next-hop 192.0.2.9 nlri 10.1.0.0/24 10.2.0.0/24"),
	    "2 routes");
	assert_has(ask(p, "announce attributes next-hop 192.0.2.9 med 5"), "expected nlri");
	assert_has(ask(p, "withdraw attributes next-hop 192.0.2.9"), "expected nlri");
	assert_has(ask(p, "withdraw route 10.0.0.0/24"),
	    "1 route withdrawn from 3 neighbors, 3 had been told");
}

static void
a_selector_chooses_by_address_speaker_and_name(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "neighbor 192.0.2.1 announce route 10.0.0.0/24 next-hop self"),
	    "for 1 neighbor,");
	assert_has(
	    ask(p,
		"neighbor 192.0.2.1 , neighbor 192.0.2.3 announce route 10.0.1.0/24 next-hop self"),
	    "for 2 neighbors,");
	assert_has(
	    ask(p, "peer [ 192.0.2.1 , 192.0.2.2 ] announce route 10.0.2.0/24 next-hop self"),
	    "for 2 neighbors,");
	assert_has(ask(p, "neighbor * speaker edge announce route 10.0.3.0/24 next-hop self"),
	    "for 2 neighbors,");
	assert_has(
	    ask(p,
		"neighbor * peer-as 65002 local-as 65000 announce route 10.0.4.0/24 next-hop self"),
	    "for 1 neighbor,");
	assert_has(ask(p, "neighbor * peer-as 6500 announce route 10.0.4.0/24 next-hop self"),
	    "\"error\"");
	assert_has(
	    ask(p, "neighbor 192.0.2.1 peer-as 65002 announce route 10.0.4.0/24 next-hop self"),
	    "no neighbor matches; there are 192.0.2.1, 192.0.2.2, 192.0.2.3");
	assert_has(ask(p, "neighbor somewhere announce route 10.0.4.0/24 next-hop self"),
	    "expected the address of a neighbor, or *");
}

static void
what_is_wrong_is_told_with_its_place(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "announce route 10.0.0.0/24 next-hop nowhere"), "\"error\"");
	assert_has(text_str(&p->json), "\"column\": 37");
	assert_has(ask(p, "announce route 10.0.0.0/24 nxt-hop 1.2.3.4"), "next-hop");
	assert_has(ask(p, "announce route 10.0.0.0/24"), "\"error\"");
	assert_has(ask(p, "announce route 10.0.0.0/8 next-hop 192.0.2.9 split /28"),
	    "more than 65536 routes");
	assert_has(ask(p, "shwo neighbor"), "did you mean show?");
	assert_has(ask(p, "show nieghbors"), "did you mean neighbors?");
	assert_has(ask(p, "show"), "neighbors, routes, adj-rib");
	assert_has(ask(p, "neighbor 192.0.2.1 version"), "is not about neighbors");
	assert_has(ask(p, "version 4"), "expected the end of the line");
	assert_has(ask(p, "\"unfinished"), "\"error\"");
	assert_has(ask(p, "# a comment"), "\"done\"");
}

static void
neighbors_are_shown_with_why_they_are_not_up(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "show neighbors"), "speaker edge is not connected");
	report(neighbor_at(w, "192.0.2.1"), PEER_ESTABLISHED, 1, "");
	report(neighbor_at(w, "192.0.2.2"), PEER_IDLE, 0, "connection refused");
	assert_has(ask(p, "show neighbor 192.0.2.2"), "connection refused; next try in 4 s");
	assert_has_not(text_str(&p->json), "192.0.2.1 ");
	assert_has(ask(p, "show neighbor summary"),
	    "192.0.2.1       65001     0:00:00 established           0          0          0");
	assert_has(text_str(&p->json),
	    "Peer            AS        up/down state       |     #sent     #recvd    #pfx_in");
	assert_has(text_str(&p->json), "192.0.2.2       65002        down idle ");
	assert_has(ask(p, "show neighbors extensive"), "neighbor 192.0.2.1 local-ip 192.0.2.254");
	assert_has(text_str(&p->json), "    keepalive                          0               0\\n");
	assert_has(ask(p, "peer 192.0.2.1 show configuration"), "neighbor 192.0.2.1 {\\n");
	assert_has(text_str(&p->json), "\\tpeer-as 65001;\\n");
	assert_has(text_str(&p->json), "\\tfamily {\\n\\t\\tipv4 unicast;\\n\\t\\tipv6 unicast;\\n\\t}\\n");
	assert_has(
	    ask(p, "show neighbors json"), "\"why\": \"connection refused; next try in 4 s\"");
	assert_has(ask(p, "peer 192.0.2.1 show"), "Established");
	assert_has(ask(p, "peer list"),
	    "{ \"peer-address\": \"192.0.2.1\", \"peer-as\": 65001, \"state\": \"ESTABLISHED\" }");
}

static void
routes_to_be_told_are_shown_with_their_owner(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct pack hello = { 0 };

	api_hello_pack(&hello, 9, "anycast");
	say(p, &hello);
	pack_fini(&hello);
	assert_has(next(p), "reply 9 { \"status\": \"accepted\"");
	ask(p, "neighbor 192.0.2.1 announce route 10.0.0.0/24 next-hop 192.0.2.9 med 5");
	assert_has(ask(p, "show routes sent"),
	    "192.0.2.1 sent ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.9");
	assert_has(text_str(&p->json), " # anycast");
	assert_has(ask(p, "show adj-rib out"), "\"192.0.2.1 ipv4 unicast 10.0.0.0/24\\n\"");
	assert_has(
	    ask(p, "show adj-rib out extensive"), "router-id 192.0.2.254 family-allowed in-open");
	assert_has(text_str(&p->json),
	    "in-open speaker edge ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.9 med 5\\n");
	ask(p, "neighbor 192.0.2.1 announce route 10.0.1.0/24 next-hop 192.0.2.9 as-path [ 1 2 ]");
	assert_has(ask(p, "rib show out inet extensive"), "10.0.1.0/24 next-hop 192.0.2.9 as-path ( 1 2 )\\n");
	ask(p, "withdraw route 10.0.1.0/24");
	assert_has(ask(p, "show adj-rib out flow"), "\"text\": \"\"");
	assert_has(ask(p, "show adj-rib out json"),
	    "{ \"192.0.2.1\": { \"routes\": [ { \"family\": \"ipv4 unicast\", \"prefix\": "
	    "\"10.0.0.0/24\" } ] } }");
	assert_has(ask_json(p, "show routes sent neighbor 192.0.2.1"), "\"owner\": \"anycast\"");
	assert_has(ask(p, "show owners"), "anycast");
	assert_has(ask(p, "show clients"), "anycast");
}

static void
received_routes_come_from_a_mirror_made_for_the_show(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct player *p = player_open(w);

	report(n, PEER_ESTABLISHED, 1, "");
	command_as(p, 1, "show routes received neighbor 192.0.2.1", API_WAIT_ACCEPTED, false);
	assert_non_null(n->mirror);
	command_as(p, 2, "version", API_WAIT_ACCEPTED, false);
	assert_string_equal(next(p), ""); /* its answer waits for its turn */
	mirror_begin(n);
	heard(n, false, ROUTES_REPLAY, "route 10.0.0.0/24 next-hop 192.0.2.1 med 7");
	mirror_end(n);
	turns(w, 4);
	assert_has(next(p), "reply 1 ");
	assert_has(text_str(&p->json),
	    "192.0.2.1 received ipv4 unicast 10.0.0.0/24 next-hop 192.0.2.1 med 7");
	assert_has(next(p), "reply 2 ");
	assert_null(n->mirror);
}

static void
a_long_show_comes_in_pieces(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	size_t octets = 0;

	ask(p, "neighbor 192.0.2.1 announce route 10.0.0.0/16 next-hop 192.0.2.9 split /28");
	command_as(p, 1, "show adj-rib out", API_WAIT_ACCEPTED, false);
	turns(w, 1000);
	for (unsigned i = 0; p->read < p->count; i++) {
		assert_true(p->message[p->read].len <= 64 * 1024);
		octets += p->message[p->read].len;
		assert_has(next(p), p->read == p->count ? "\"final\": true" : "\"final\": false");
	}
	assert_true(octets > 4096 * strlen("192.0.2.1 ipv4 unicast 10.0.0.0/28\n"));
}

static void
sent_waits_for_every_neighbor_and_says_who_is_down(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	report(neighbor_at(w, "192.0.2.2"), PEER_IDLE, 0, "connection refused");
	command_as(p, 1, "neighbor 192.0.2.2 announce route 10.0.0.0/24 next-hop self",
	    API_WAIT_SENT, false);
	assert_has(next(p), "\"status\": \"accepted\", \"final\": false");
	assert_has(next(p), "\"status\": \"pending\", \"final\": true");
	assert_has(text_str(&p->json), "pending: 192.0.2.2 (down: connection refused)");
	assert_has(ask(p, "neighbor 192.0.2.2 announce route 10.0.0.0/24 next-hop self sync"),
	    "\"final\": false");
	assert_has(next(p), "\"status\": \"down\", \"why\": \"connection refused\"");
}

static void
orders_are_for_neighbors_that_are_up(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "teardown 4"), "no selected neighbor is up");
	report(neighbor_at(w, "192.0.2.1"), PEER_ESTABLISHED, 1, "");
	assert_has(
	    ask(p, "neighbor 192.0.2.1 teardown 4 \"so long\""), "speaker edge is not connected");
	assert_has(ask(p, "announce eor ipv4 unicast"), "speaker edge is not connected");
	assert_has(ask(p, "announce route-refresh ipv4 unicats"), "expected a family");
	assert_has(ask(p, "flush adj-rib out"), "flush: speaker edge is not connected");
}

static void
clear_withdraws_all_that_a_neighbor_is_told(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	ask(p, "announce route 10.0.0.0/16 next-hop 192.0.2.9 split /24");
	assert_has(ask(p, "neighbor 192.0.2.1 clear adj-rib out"),
	    "\"accepted\", \"final\": true, \"text\": \"256 routes withdrawn from 1 neighbor\"");
	assert_has(ask(p, "show adj-rib out 192.0.2.1"), "\"text\": \"\"");
	assert_has(ask(p, "show adj-rib out 192.0.2.2"), "10.0.255.0/24");
}

static void
say_command(struct player *p, uint64_t id, const char *text)
{
	struct pack r = { 0 };

	api_command_pack(&r, id, text, strlen(text), API_WAIT_ACCEPTED, false);
	say(p, &r);
	pack_fini(&r);
}

static void
what_is_announced_behind_a_clear_stays(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	ask(p, "announce route 10.0.0.0/24 next-hop 192.0.2.9");
	ask(p, "announce route 10.0.1.0/24 next-hop 192.0.2.9");
	/* in one turn: the clear is not done yet when the others come */
	say_command(p, 1, "clear adj-rib out");
	say_command(p, 2, "announce route 10.0.1.0/24 next-hop 192.0.2.9");
	say_command(p, 3, "announce route 10.0.2.0/24 next-hop 192.0.2.9");
	turns(w, 8);
	assert_has(next(p), "3 routes withdrawn from 3 neighbors");
	next(p);
	next(p);
	assert_has_not(ask(p, "show adj-rib out 192.0.2.1"), "10.0.0.0/24");
	assert_has(text_str(&p->json), "10.0.1.0/24");
	assert_has(text_str(&p->json), "10.0.2.0/24");
}

static void
routes_of_clients_have_watchdogs_too(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	ask(p, "neighbor 192.0.2.1 announce route 10.0.0.0/24 next-hop 192.0.2.9 watchdog dog");
	assert_has(ask(p, "announce route 10.0.1.0/24 next-hop 192.0.2.9 watchdog dog withdraw"),
	    "kept for the watchdog dog");
	assert_has_not(ask(p, "show adj-rib out"), "10.0.1.0/24");
	assert_has(ask(p, "withdraw watchdog dog"), "watchdog dog: 1 route withdrawn");
	assert_has(ask(p, "show adj-rib out"), "\"text\": \"\"");
	assert_has(ask(p, "neighbor 192.0.2.2 announce watchdog dog"), "1 route announced");
	assert_has(ask(p, "show adj-rib out"), "\"192.0.2.2 ipv4 unicast 10.0.1.0/24\\n\"");
	ask(p, "announce watchdog dog");
	assert_has(ask(p, "show adj-rib out 192.0.2.1"), "10.0.0.0/24");
	ask(p, "withdraw route 10.0.0.0/24");
	ask(p, "announce watchdog dog");
	assert_has_not(ask(p, "show adj-rib out"), "10.0.0.0/24");
	assert_has(ask(p, "announce watchdog"), "expected the name of a watchdog");
	assert_has(ask(p, "announce watchdog nobody"), "0 routes announced");
}

static void
one_prefix_or_family_is_shown(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	ask(p, "announce route 10.0.0.0/16 next-hop 192.0.2.9 split /24");
	ask(p, "announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::1");
	assert_has(ask(p, "show adj-rib out 192.0.2.1 10.0.7.0/24"),
	    "\"192.0.2.1 ipv4 unicast 10.0.7.0/24\\n\"");
	assert_has(ask(p, "show adj-rib out 2001:db8::/32"),
	    "\"192.0.2.1 ipv6 unicast 2001:db8::/32\\n\"");
	assert_has_not(ask(p, "show routes ipv6 unicast"), "10.0.7.0/24");
	assert_has(text_str(&p->json), "2001:db8::/32");
	assert_has(ask(p, "show routes 10.0.0.0/x"), "\"error\"");
	assert_has(ask(p, "show routes everything"), "expected the end of the line");
}

static void
help_version_status_and_ping_answer(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "help"), "[neighbor SELECTOR] announce ");
	assert_has(ask_json(p, "help"), "{ \"words\": \"show neighbors\"");
	assert_has(ask(p, "version"), "ambo " AMBO_VERSION);
	assert_has(ask(p, "system version json"), "\"application\": \"ambo\"");
	assert_has(ask(p, "status"), "neighbors  3, 0 up");
	assert_has(ask(p, "daemon status json"), "\"neighbors\": 3");
	assert_has(ask(p, "ping"), "active=true");
	assert_has(ask(p, "show speakers"), "far");
	assert_has(ask_json(p, "show speakers"), "\"state\": \"not connected\"");
}

static void
a_reload_drops_what_waits_for_a_neighbor_that_goes(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);
	struct neighbor *n = neighbor_at(w, "192.0.2.3");

	report(n, PEER_ESTABLISHED, 1, "");
	command_as(p, 1, "show routes received neighbor 192.0.2.3", API_WAIT_ACCEPTED, false);
	assert_string_equal(next(p), "");
	world_write_config(w, "speaker edge {\n}\n");
	command_as(p, 2, "reload", API_WAIT_ACCEPTED, false);
	assert_has(next(p), "reply 1 ");
	assert_has(next(p), "reply 2 { \"status\": \"accepted\"");
	world_write_config(w, "neighbor {");
	assert_has(ask(p, "reload"), "\"error\"");
}

static void
a_group_in_one_line_is_done_together(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	command_as(p, 1,
	    "peer 192.0.2.1 group announce route 10.0.0.0/24 next-hop 192.0.2.9 ; announce ipv4 unicast "
	    "10.0.1.0/24 next-hop 192.0.2.9 ; withdraw route 10.9.0.0/24 ; announce nonsense",
	    API_WAIT_ACCEPTED, true);
	assert_has(next(p), "{ \"status\": \"group processed\", \"announced\": 2, \"withdrawn\": 1, "
			    "\"errors\": [ \"");
	assert_has(ask(p, "show adj-rib out"), "192.0.2.1 ipv4 unicast 10.0.1.0/24");
	assert_has_not(text_str(&p->json), "192.0.2.2");
	assert_has(ask(p, "group attributes med 77 ; announce route 10.0.2.0/24 next-hop 192.0.2.9 ; "
			  "announce attributes next-hop 192.0.2.9 nlri 10.0.3.0/24 10.0.4.0/24"),
	    "group processed: 3 announced, 0 withdrawn");
	assert_has(ask(p, "show routes sent 10.0.2.0/24"), "med 77");
	assert_has(ask(p, "show routes sent 10.0.4.0/24"), "med 77");
	assert_has(ask(p, "group"), "group ended: 0 commands");
	assert_has(ask(p, "group start"), "a group of several lines is for helpers");
	assert_has(ask(p, "group end"), "\"error\"");
}

static void
routes_are_added_listed_and_removed_one_by_one(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "peer 192.0.2.1 routes add 10.8.0.0/24 next-hop 192.0.2.9 med 5"),
	    "[ { \"index\": \"3031303164697361626c6564180a0800\", \"route\": \"10.8.0.0/24 next-hop "
	    "192.0.2.9 med 5\", \"success\": true } ]");
	assert_has(ask(p, "peer 192.0.2.1 routes ipv6 add 2001:db8::/32 next-hop 2001:db8::1"),
	    "\"success\": true");
	assert_has(ask(p, "peer 192.0.2.1 routes add route 10.9.0.0/24 path-information 7 next-hop self"),
	    "30313031" "00000007" "180a0900");
	assert_has(ask(p, "peer * routes list"), "\"route\": \"10.8.0.0/24 next-hop 192.0.2.9");
	assert_has(text_str(&p->json), "\"neighbor\": \"192.0.2.1\"");
	assert_has(text_str(&p->json), "2001:db8::/32");
	assert_has_not(ask(p, "peer * routes ipv6 unicast list"), "10.8.0.0");
	assert_has(ask(p, "peer 192.0.2.1 routes remove index 3031303164697361626c6564180a0800"),
	    "\"removed\": true");
	assert_has(ask(p, "peer 192.0.2.1 routes remove 10.8.0.0/24"), "\"removed\": false");
	assert_has(ask(p, "peer 192.0.2.1 routes remove index 303130310000000718"), "\"error\"");
	assert_has(ask(p, "peer 192.0.2.1 routes remove index 3031303100000007180a0900"),
	    "\"removed\": true");
	assert_has(ask(p, "peer 192.0.2.1 routes remove index zz"), "expected the index");
	assert_has(ask(p, "peer 192.0.2.1 routes add 10.8.0.0 next-hop"), "\"error\"");
	assert_has(ask(p, "peer 192.0.2.1 routes nonsense"), "list, add or remove");
}

static void
neighbors_are_made_and_removed_by_command(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "create neighbor 192.0.2.7 local-address 192.0.2.254 local-as 65000 peer-as 65007 "
			  "router-id 192.0.2.254 speaker edge family-allowed ipv4-unicast/ipv6-unicast "
			  "graceful-restart 60 group-updates false"),
	    "neighbor 192.0.2.7 speaker edge created");
	assert_int_equal(neighbor_at(w, "192.0.2.7")->families,
	    family_bit(IPV4_UNICAST) | family_bit(IPV6_UNICAST));
	assert_int_equal(neighbor_at(w, "192.0.2.7")->peer.graceful_time, 60);
	assert_has(ask(p, "neighbor 192.0.2.7 announce route 10.0.0.0/24 next-hop self"), "1 neighbor,");
	assert_has(ask(p, "peer create 192.0.2.7 local-ip 192.0.2.254 local-as 65000 peer-as 65007 "
			  "speaker edge"),
	    "the neighbor is there already");
	assert_has(ask(p, "peer create 192.0.2.8 local-as 65000 peer-as 65007 speaker edge"), "\"error\"");
	assert_has(ask(p, "peer create 192.0.2.8 local-as \"1; }\" peer-as 1"), "expected a value");
	assert_has(ask(p, "peer create 192.0.2.8 color blue"), "color: expected");
	assert_has(ask(p, "peer create 192.0.2.8 api nobody"), "there is no process nobody");
	assert_has(ask(p, "peer create 192.0.2.8 family-allowed ipv4-unicats"), "there is no family");
	assert_has(ask(p, "delete neighbor 192.0.2.7, 192.0.2.2"), "2 neighbors deleted");
	assert_has(ask(p, "peer delete 192.0.2.7"), "no neighbors match the selector");
	assert_has(ask(p, "peer list"), "192.0.2.1");
	assert_has_not(text_str(&p->json), "192.0.2.2");
	/* a reload knows only of the file */
	assert_has(ask(p, "create neighbor 192.0.2.7 local-address 192.0.2.254 local-as 65000 peer-as 65007 "
			  "router-id 192.0.2.254 speaker edge"),
	    "created");
	ask(p, "reload");
	assert_has(ask(p, "peer list"), "192.0.2.2");
	assert_has_not(text_str(&p->json), "192.0.2.7");
}

static void
small_commands_answer(void **state)
{
	struct world *w = *state;
	struct player *p = player_open(w);

	assert_has(ask(p, "session reset"), "asynchronous queue cleared");
	assert_has(ask(p, "bye 1234"), "\"done\"");
	assert_has(ask(p, "quit"), "\"done\"");
	assert_has(ask(p, "system crash"), "\"error\"");
	assert_has(ask(p, "queue-status"), "\"done\"");
	assert_has(ask_json(p, "system api version"), "\"api_version\": 6");
	assert_has(ask(p, "api version 5"), "\"error\"");
	assert_has(ask(p, "rib clear in"), "\"accepted\"");
	assert_has(ask(p, "restart"), "\"accepted\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(an_announcement_counts_routes_neighbors_and_news),
		WORLD_TEST(a_selector_chooses_by_address_speaker_and_name),
		WORLD_TEST(what_is_wrong_is_told_with_its_place),
		WORLD_TEST(neighbors_are_shown_with_why_they_are_not_up),
		WORLD_TEST(routes_to_be_told_are_shown_with_their_owner),
		WORLD_TEST(received_routes_come_from_a_mirror_made_for_the_show),
		WORLD_TEST(a_long_show_comes_in_pieces),
		WORLD_TEST(sent_waits_for_every_neighbor_and_says_who_is_down),
		WORLD_TEST(orders_are_for_neighbors_that_are_up),
		WORLD_TEST(clear_withdraws_all_that_a_neighbor_is_told),
		WORLD_TEST(what_is_announced_behind_a_clear_stays),
		WORLD_TEST(routes_of_clients_have_watchdogs_too),
		WORLD_TEST(one_prefix_or_family_is_shown),
		WORLD_TEST(a_group_in_one_line_is_done_together),
		WORLD_TEST(routes_are_added_listed_and_removed_one_by_one),
		WORLD_TEST(neighbors_are_made_and_removed_by_command),
		WORLD_TEST(small_commands_answer),
		WORLD_TEST(help_version_status_and_ping_answer),
		WORLD_TEST(a_reload_drops_what_waits_for_a_neighbor_that_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
