/* What is said to a speaker and heard from it, in order. */
#include "controller/lane.h"
#include <fcntl.h>
#include "tests/unit/controller/spoken.h"

#define PATH " origin igp as-path [ 65000 ]"
#define SAID "via 192.0.2.9" PATH "\n"

static struct spoken *edge;
static struct text answers; /* of receipts and commands */

static int
start(void **state)
{
	int opened = world_open(state);

	log_open(open("/dev/null", O_WRONLY), LOG_TEXT, LOG_LEVEL_ERROR, "test");
	edge = spoken_open(*state, "edge", 1);
	return opened;
}

static int
end(void **state)
{
	spoken_close(edge);
	spoken_heard(NULL);
	world_close(state);
	text_fini(&answers);
	return 0;
}

static void
hears(const char *want)
{
	assert_string_equal(spoken_heard(edge), want);
}

static struct speaker_entry *
entry(struct world *w)
{
	return fleet_speaker(w->c.fleet, "edge");
}

/* By way of a client, whose owner number is 2: the configuration is 1. */
static void
api(struct world *w, const char *command)
{
	static char line[256];

	if (w->players == 0)
		player_open(w);
	snprintf(line, sizeof line, "%s", command);
	assert_has(ask(w->player[0], line), "accepted");
}

static void
on_sent(void *self, struct neighbor *n, enum sent_status status)
{
	static const char *const names[] = { "written", "superseded", "down" };

	(void)self;
	text_printf(&answers, "%u %s\n", n->peer.address.bytes[3], names[status]);
}

static void
on_done(void *self, bool failed, const char *text)
{
	(void)self;
	text_printf(&answers, "%s: %s\n", failed ? "failed" : "done", text);
}

/* --- coming up --- */

static void
everything_is_said_in_its_order(void **state)
{
	struct world *w = *state;

	api(w, "announce route 10.0.0.0/24 next-hop 192.0.2.9");
	api(w, "neighbor 192.0.2.1 announce route 10.0.1.0/24 next-hop 192.0.2.9");
	mirror_need(neighbor_at(w, "192.0.2.2"));
	spoken_hello(edge);
	hears("welcome adopt\n");
	/* nothing before the speaker has said what it holds */
	api(w, "announce route 10.0.2.0/24 next-hop 192.0.2.9");
	hears("");
	spoken_bare(edge, FRAME_HELD_END);
	hears("peer 0 192.0.2.1\npeer 1 192.0.2.2\npeers-end\ninterest 1 updates\n"
	      "owner 1 configuration\nowner 2 client\nbegin\n"
	      "routes 0,1 of 2 +10.0.0.0/24 +10.0.2.0/24 " SAID "routes 0 of 2 +10.0.1.0/24 " SAID
	      "end\ncomplete 0\ncomplete 1\n");
	mirror_done(neighbor_at(w, "192.0.2.2"));
}

static void
changes_follow_as_they_come(void **state)
{
	struct world *w = *state;

	spoken_join(edge);
	api(w, "announce route 10.0.0.0/24 next-hop 192.0.2.9");
	hears("owner 2 client\nroutes 0,1 of 2 +10.0.0.0/24 " SAID);
	api(w, "announce route 10.0.0.0/24 next-hop 192.0.2.9");
	hears("");
	api(w, "neighbor 192.0.2.2 withdraw route 10.0.0.0/24");
	hears("routes 1 of 2 -10.0.0.0/24\n");
	api(w, "neighbor 192.0.2.3 announce route 10.0.0.0/24 next-hop 192.0.2.9");
	hears(""); /* on another speaker */
	api(w, "neighbor 192.0.2.1 announce ipv6 unicast 2001:db8::/32 next-hop 2001:db8::9");
	hears("routes 0 of 2 +2001:db8::/32 via 2001:db8::9" PATH "\n");
}

/* What it is for stands before each group of routes, and numbers may be high: in few octets all the same. */
static void
a_frame_has_a_bound_however_high_the_numbers_are(void **state)
{
	struct world *w = *state;
	char command[128];
	const char *heard;
	unsigned routes = 0;

	for (unsigned i = 0; i < 700; i++) {
		snprintf(command, sizeof command,
		    "neighbor 192.0.2.2 announce route 10.%u.%u.0/24 next-hop 192.0.2.9 med %u", i / 250,
		    i % 250, i);
		api(w, command);
	}
	spoken_hello(edge);
	(void)spoken_heard(edge);
	spoken_state(edge, LINK_PEERS_MAX - 1, "192.0.2.2", PEER_ESTABLISHED, 4);
	spoken_bare(edge, FRAME_HELD_END);
	for (int i = 0; i < 200 && routes < 700; i++) {
		heard = spoken_heard(edge);
		for (; (heard = strstr(heard, "routes ")); heard++)
			routes++;
		spoken_bare(edge, FRAME_PING); /* acknowledges */
	}
	assert_int_equal(routes, 700);
	assert_true(edge->longest < 256 * 1024);
}

/* The speaker keeps its numbers through our restart; its other peers' are given to nobody. */
static void
numbers_are_the_speakers(void **state)
{
	struct world *w = *state;

	api(w, "announce route 10.0.0.0/24 next-hop 192.0.2.9");
	spoken_hello(edge);
	(void)spoken_heard(edge);
	spoken_state(edge, 9, "192.0.2.2", PEER_ESTABLISHED, 4);
	spoken_state(edge, 12, "203.0.113.1", PEER_ESTABLISHED, 1);
	assert_true(neighbor_established(neighbor_at(w, "192.0.2.2")));
	spoken_bare(edge, FRAME_HELD_END);
	hears("peer 13 192.0.2.1\npeer 9 192.0.2.2\npeers-end\nowner 1 configuration\nowner 2 "
	      "client\nbegin\n"
	      "routes 9,13 of 2 +10.0.0.0/24 " SAID "end\ncomplete 13\ncomplete 9\n");
	spoken_state(edge, 13, "192.0.2.1", PEER_ESTABLISHED, 1);
	assert_true(neighbor_established(neighbor_at(w, "192.0.2.1")));
	/* numbers and states that cannot be */
	spoken_state(edge, 77, "192.0.2.1", PEER_IDLE, 1);
	spoken_state(edge, LINK_PEER_ANY, "192.0.2.1", PEER_IDLE, 1);
	spoken_state(edge, 13, "192.0.2.1", PEER_STATES, 1);
	assert_true(neighbor_established(neighbor_at(w, "192.0.2.1")));
}

static void
what_the_speaker_held_is_adopted_and_stated_again(void **state)
{
	static const uint8_t both[] = { 1 << 4 | 1 << 5 };
	struct link_owner o = { .owner = 3, .name = "anycast" };
	struct pack p = { 0 };
	struct world *w = *state;

	spoken_hello(edge);
	(void)spoken_heard(edge);
	spoken_state(edge, 4, "192.0.2.1", PEER_ESTABLISHED, 4);
	spoken_state(edge, 5, "192.0.2.2", PEER_ESTABLISHED, 4);
	link_owner_pack(&o, &p);
	spoken_say(edge, &p);
	spoken_route(edge, reader_of(both, 1), 0, ROUTES_HELD, 3, "10.7.0.0/24");
	o = (struct link_owner){ .owner = 1, .name = "configuration" };
	link_owner_pack(&o, &p);
	spoken_say(edge, &p);
	spoken_route(edge, reader_of(both, 1), 0, ROUTES_HELD, 1, "10.8.0.0/24");
	assert_int_equal(intent_count(&entry(w)->intent), 1);
	spoken_bare(edge, FRAME_HELD_END);
	/* its owner has a number of ours now */
	hears(
	    "peer 4 192.0.2.1\npeer 5 192.0.2.2\npeers-end\nowner 1 configuration\nowner 2 "
	    "anycast\nbegin\n"
	    "routes 4,5 of 2 +10.7.0.0/24 via 192.0.2.8 origin igp\nend\ncomplete 4\ncomplete 5\n");
	assert_true(entry(w)->adopted);
	/* the next lane is not asked again */
	spoken_hello(edge);
	hears("welcome\n");
}

static void
a_reload_says_the_difference(void **state)
{
	struct world *w = *state;

	spoken_join(edge);
	world_write_config(w,
	    "speaker edge {\n}\n"
	    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as "
	    "65001; router-id 192.0.2.254; "
	    "family { ipv4 unicast; ipv6 unicast; } }\n"
	    "neighbor 192.0.2.5 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as "
	    "65005; router-id 192.0.2.254; "
	    "family { ipv4 unicast; } static { route 10.5.0.0/24 next-hop 192.0.2.9; } }\n");
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	hears("peer-remove 1\npeer 2 192.0.2.5\nroutes 2 of 1 +10.5.0.0/24 " SAID
	      "complete 0\ncomplete 2\n");
}

static void
end_of_rib_waits_for_what_the_session_has_to_tell(void **state)
{
	struct world *w = *state;

	world_write_config(w,
	    "speaker edge {\n}\n"
	    "neighbor 192.0.2.1 { speaker edge; local-address auto; local-as 65000; peer-as 65001; "
	    "router-id 192.0.2.254; "
	    "family { ipv4 unicast; } static { route 10.5.0.0/24 next-hop self; } }\n");
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	assert_string_equal(
	    spoken_join(edge), "peer 0 192.0.2.1\npeers-end\nowner 1 configuration\nbegin\nend\n");
	spoken_state(edge, 0, "192.0.2.1", PEER_ESTABLISHED, 1);
	hears("routes 0 of 1 +10.5.0.0/24 via 192.0.2.254" PATH "\ncomplete 0\n");
}

/* --- life --- */

static void
a_frame_that_was_lost_ends_the_lane(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");

	spoken_join(edge);
	spoken_state(edge, 0, "192.0.2.1", PEER_ESTABLISHED, 1);
	assert_true(n->known);
	edge->sequence++;
	spoken_bare(edge, FRAME_PING);
	hears("reset\n");
	assert_null(entry(w)->lane);
	assert_false(n->known);
	assert_false(neighbor_established(n));
	/* and everything is said again to the next hello */
	assert_has(spoken_join(edge), "peer 0 192.0.2.1\n");
}

static void
a_speaker_that_lost_count_says_so(void **state)
{
	struct world *w = *state;

	spoken_join(edge);
	spoken_bare(edge, FRAME_RESET);
	hears("reset\n");
	assert_null(entry(w)->lane);
}

static void
silence_of_five_seconds_is_death_and_pings_are_life(void **state)
{
	struct world *w = *state;

	spoken_join(edge);
	for (int i = 0; i < 8; i++) {
		edge->pings = 0;
		advance(w, SECOND);
		hears("");
		assert_true(edge->pings > 0);
		spoken_bare(edge, FRAME_PING);
		assert_non_null(entry(w)->lane);
	}
	for (int i = 0; i < 4; i++)
		advance(w, SECOND);
	assert_non_null(entry(w)->lane);
	advance(w, 2 * SECOND);
	assert_null(entry(w)->lane);
}

static void
a_ping_that_wants_an_answer_gets_one(void **state)
{
	struct link_ping ping = { .answer = true };
	struct pack p = { 0 };

	spoken_join(edge);
	edge->pings = 0;
	link_ping_pack(&ping, &p);
	spoken_say(edge, &p);
	hears("");
	assert_int_equal(edge->pings, 1);
	(void)state;
}

static void
frames_of_a_later_release_and_malformed_bodies_are_ignored(void **state)
{
	static const enum frame_type types[] = { (enum frame_type)99, FRAME_PEER_STATE, FRAME_OWNER,
		FRAME_ROUTES, FRAME_REPLY, FRAME_SENT, FRAME_BEGIN, FRAME_PING };
	struct world *w = *state;
	struct pack p = { 0 };

	spoken_join(edge);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		frame_begin(&p, types[i]);
		pack_array(&p, 1);
		pack_text(&p, "nonsense");
		spoken_say(edge, &p);
	}
	assert_non_null(entry(w)->lane);
	api(w, "announce route 10.0.0.0/24 next-hop 192.0.2.9");
	assert_has(spoken_heard(edge), "+10.0.0.0/24");
}

/* --- credit --- */

static void
without_acknowledgements_only_so_much_is_sent(void **state)
{
	struct world *w = *state;
	struct link_command c = { .what = "flush", .peer = neighbor_at(w, "192.0.2.1")->number };
	char line[128];
	size_t before;
	const char *text;

	spoken_join(edge);
	w->players = w->players ? w->players : (unsigned)(player_open(w) != NULL);
	/* a value each: 60 octets a route; not one is acknowledged */
	for (int i = 0; i < 12000; i++) {
		snprintf(line, sizeof line,
		    "announce route 10.%d.%d.0/24 next-hop 192.0.2.9 med %d", i / 250, i % 250, i);
		command_as(w->player[0], 1, line, API_WAIT_ACCEPTED, false);
		w->player[0]->read = w->player[0]->count;
	}
	text = spoken_heard(edge);
	before = strlen(text);
	assert_has(text, "med 0\n");
	assert_has_not(text, "med 11999\n");
	/* a command does not wait for credit */
	lane_command(entry(w), &c, on_done, w);
	hears("command 1 flush 0\n");
	/* what changes meanwhile is said once, in its newest state */
	api(w, "announce route 10.47.249.0/24 next-hop 192.0.2.9 med 77777");
	api(w, "announce route 10.47.249.0/24 next-hop 192.0.2.9 med 88888");
	for (int i = 0; i < 40; i++) {
		spoken_bare(edge, FRAME_PING); /* acknowledges */
		text = spoken_heard(edge);
		before += strlen(text);
		assert_has_not(text, "med 77777");
		if (strstr(text, "med 88888"))
			return;
	}
	fail_msg("it did not all come: %zu octets of text", before);
}

/* Marks that pile up behind it: the lane begins again instead of holding them for ever. The call that was one
 * too many, maybe made by a frame of this lane, ends first. */
static void
a_lane_that_is_far_too_slow_begins_again(void **state)
{
	struct world *w = *state;
	char line[64];

	spoken_join(edge);
	api(w, "announce route 12.0.0.0/24 next-hop 192.0.2.9");
	(void)spoken_heard(edge);
	for (int i = 1; i <= 3; i++) {
		snprintf(line, sizeof line, "withdraw route %d.0.0.0/8 split /24", i);
		command_as(w->player[0], 1, line, API_WAIT_ACCEPTED, false);
	}
	assert_has(spoken_heard(edge), "reset\n");
	assert_null(entry(w)->lane);
	assert_has(spoken_join(edge), "begin\nroutes 0,1 of 2 +12.0.0.0/24 " SAID);
}

/* --- receipts and commands --- */

static void
answered(const char *want)
{
	assert_string_equal(text_str(&answers), want);
	text_fini(&answers);
}

static void
a_receipt_follows_its_routes_and_is_answered_by_each(void **state)
{
	struct world *w = *state;
	struct neighbor *to[2] = { neighbor_at(w, "192.0.2.1"), neighbor_at(w, "192.0.2.2") };
	int self;

	spoken_join(edge);
	spoken_state(edge, 0, "192.0.2.1", PEER_ESTABLISHED, 1);
	spoken_state(edge, 1, "192.0.2.2", PEER_ESTABLISHED, 1);
	api(w, "announce route 10.0.0.0/24 next-hop 192.0.2.9");
	lane_receipt(entry(w), to, 2, on_sent, &self);
	hears("owner 2 client\nroutes 0,1 of 2 +10.0.0.0/24 " SAID "receipt 1: 0,1\n");
	answered("");
	spoken_sent(edge, 1, 1, SENT_WRITTEN);
	answered("2 written\n");
	spoken_sent(edge, 1, 1, SENT_WRITTEN); /* twice; of another; with a status that is none */
	spoken_sent(edge, 2, 0, SENT_WRITTEN);
	spoken_sent(edge, 1, 0, 9);
	spoken_sent(edge, 1, 7, SENT_WRITTEN);
	answered("");
	spoken_sent(edge, 1, 0, SENT_SUPERSEDED);
	answered("1 superseded\n");
}

static void
a_receipt_of_those_that_are_down_is_answered_at_once(void **state)
{
	struct world *w = *state;
	struct neighbor *to[2] = { neighbor_at(w, "192.0.2.1"), neighbor_at(w, "192.0.2.2") };
	int self;

	lane_receipt(entry(w), to, 2, on_sent, &self);
	answered("1 down\n2 down\n");
	spoken_join(edge);
	spoken_state(edge, 1, "192.0.2.2", PEER_ESTABLISHED, 1);
	lane_receipt(entry(w), to, 2, on_sent, &self);
	answered("1 down\n");
	hears("receipt 1: 1\n");
	/* nobody is told when the one who asked has gone */
	lane_forget(entry(w), &self);
	spoken_sent(edge, 1, 1, SENT_WRITTEN);
	answered("");
}

static void
what_is_awaited_is_answered_when_the_lane_is_lost(void **state)
{
	struct world *w = *state;
	struct neighbor *to[1] = { neighbor_at(w, "192.0.2.1") };
	struct link_command c = { .what = "teardown", .peer = to[0]->number };
	int self;

	lane_command(entry(w), &c, on_done, &self);
	answered("failed: speaker edge is not connected\n");
	spoken_join(edge);
	spoken_state(edge, 0, "192.0.2.1", PEER_ESTABLISHED, 1);
	lane_receipt(entry(w), to, 1, on_sent, &self);
	lane_command(entry(w), &c, on_done, &self);
	assert_has(spoken_heard(edge), "teardown 0\n");
	lane_close(entry(w)->lane, "test");
	assert_has(text_str(&answers), "1 down\n");
	assert_has(text_str(&answers), "failed: the speaker was lost\n");
	text_fini(&answers);
}

static void
a_neighbor_that_goes_is_not_waited_for(void **state)
{
	struct world *w = *state;
	struct neighbor *to[1] = { neighbor_at(w, "192.0.2.2") };
	int self;

	spoken_join(edge);
	spoken_state(edge, 1, "192.0.2.2", PEER_ESTABLISHED, 1);
	lane_receipt(entry(w), to, 1, on_sent, &self);
	world_write_config(w, "speaker edge {\n}\n"
			      "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; "
			      "local-as 65000; peer-as 65001; router-id 192.0.2.254; "
			      "family { ipv4 unicast; ipv6 unicast; } }\n");
	assert_int_equal(controller_reload(&w->c, NULL), 0);
	assert_has(spoken_heard(edge), "peer-remove 1\n");
	/* what comes of it late, or when the lane ends, is nobody's */
	spoken_sent(edge, 1, 1, SENT_WRITTEN);
	lane_close(entry(w)->lane, "test");
	answered("");
}

static void
a_command_is_answered(void **state)
{
	struct world *w = *state;
	struct link_command c = { .what = "flush", .peer = neighbor_at(w, "192.0.2.2")->number };
	struct link_reply r = { .id = 1, .text = "told again" };
	struct pack p = { 0 };
	int self;

	spoken_join(edge);
	lane_command(entry(w), &c, on_done, &self);
	hears("command 1 flush 1\n");
	link_reply_pack(&r, &p);
	spoken_say(edge, &p);
	answered("done: told again\n");
	link_reply_pack(&r, &p);
	spoken_say(edge, &p);
	answered("");
}

/* --- what peers said --- */

static void
an_interest_fills_a_mirror(void **state)
{
	struct link_border b = { .received = true, .peer = 1 };
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.2");
	struct mirror *m;
	struct pack p = { 0 };

	spoken_join(edge);
	spoken_state(edge, 1, "192.0.2.2", PEER_ESTABLISHED, 1);
	m = mirror_need(n);
	hears("interest 1 updates\n");
	link_border_pack(&b, FRAME_BEGIN, &p);
	spoken_say(edge, &p);
	spoken_route(edge, (struct reader){ 0 }, 1, ROUTES_REPLAY, 0, "10.1.0.0/24");
	spoken_route(edge, (struct reader){ 0 }, 1, ROUTES_REPLAY, 0, "10.2.0.0/24");
	assert_false(m->whole);
	link_border_pack(&b, FRAME_END, &p);
	spoken_say(edge, &p);
	assert_true(m->whole);
	assert_int_equal(mirror_count(m), 2);
	/* said anew, with one route less */
	link_border_pack(&b, FRAME_BEGIN, &p);
	spoken_say(edge, &p);
	spoken_route(edge, (struct reader){ 0 }, 1, ROUTES_REPLAY, 0, "10.2.0.0/24");
	link_border_pack(&b, FRAME_END, &p);
	spoken_say(edge, &p);
	assert_int_equal(mirror_count(m), 1);
	/* of a peer that is none of ours */
	spoken_route(edge, (struct reader){ 0 }, 44, 0, 0, "10.3.0.0/24");
	assert_int_equal(mirror_count(m), 1);
	spoken_state(edge, 1, "192.0.2.2", PEER_IDLE, 1);
	assert_int_equal(mirror_count(m), 0);
	mirror_done(n);
	hears("interest 1\n");
}

/* --- whose OPEN is wanted --- */

static const char watched[] =
    "speaker edge {\n}\n"
    "process watcher {\n\trun /bin/cat;\n\tencoder text;\n}\n"
    "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65001; "
    "router-id 192.0.2.254; family { ipv4 unicast; } }\n%s";

static void
reload_watched(struct world *w, const char *more)
{
	static char text[2048];

	snprintf(text, sizeof text, watched, more);
	world_write_config(w, text);
	assert_int_equal(controller_reload(&w->c, NULL), 0);
}

static const char *const opened =
    "neighbor 192.0.2.9 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65009; "
    "router-id 192.0.2.254; family { ipv4 unicast; } api { processes [ watcher ]; "
    "send { parsed; open; } receive { parsed; open; update; } } }\n";

/* Else its OPEN is on its way before the speaker knows that it is wanted. */
static void
what_is_wanted_of_a_neighbor_that_a_reload_brings_is_said_before_it(void **state)
{
	struct world *w = *state;

	spoken_join(edge);
	reload_watched(w, "");
	(void)spoken_heard(edge);
	reload_watched(w, opened);
	assert_has(spoken_heard(edge), "interest 2 updates\npeer 2 192.0.2.9\n");
}

static void
and_when_the_reload_brings_the_helper_too(void **state)
{
	spoken_join(edge);
	reload_watched(*state, opened);
	assert_has(spoken_heard(edge), "interest 2 updates\npeer 2 192.0.2.9\n");
}

/* It has connected already. */
static void
and_of_one_that_comes_from_a_range(void **state)
{
	struct link_arrival arrival = { .peer = 2 };
	struct pack p = { 0 };

	spoken_join(edge);
	reload_watched(*state,
	    "neighbor 198.51.100.0/24 { speaker edge; local-address 192.0.2.254; local-as 65000; peer-as 65009; "
	    "router-id 192.0.2.254; family { ipv4 unicast; } passive true; "
	    "api { processes [ watcher ]; send { parsed; open; } } }\n");
	(void)spoken_heard(edge);
	assert_int_equal(addr_scan(&arrival.address, "198.51.100.7"), 0);
	link_arrival_pack(&arrival, &p);
	spoken_say(edge, &p);
	assert_has(spoken_heard(edge), "interest 3\npeer 3 198.51.100.7\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
		TEST(everything_is_said_in_its_order),
		TEST(changes_follow_as_they_come),
		TEST(a_frame_has_a_bound_however_high_the_numbers_are),
		TEST(numbers_are_the_speakers),
		TEST(what_the_speaker_held_is_adopted_and_stated_again),
		TEST(a_reload_says_the_difference),
		TEST(end_of_rib_waits_for_what_the_session_has_to_tell),
		TEST(a_frame_that_was_lost_ends_the_lane),
		TEST(a_speaker_that_lost_count_says_so),
		TEST(silence_of_five_seconds_is_death_and_pings_are_life),
		TEST(a_ping_that_wants_an_answer_gets_one),
		TEST(frames_of_a_later_release_and_malformed_bodies_are_ignored),
		TEST(without_acknowledgements_only_so_much_is_sent),
		TEST(a_lane_that_is_far_too_slow_begins_again),
		TEST(what_is_wanted_of_a_neighbor_that_a_reload_brings_is_said_before_it),
		TEST(and_when_the_reload_brings_the_helper_too),
		TEST(and_of_one_that_comes_from_a_range),
		TEST(a_receipt_follows_its_routes_and_is_answered_by_each),
		TEST(a_receipt_of_those_that_are_down_is_answered_at_once),
		TEST(what_is_awaited_is_answered_when_the_lane_is_lost),
		TEST(a_neighbor_that_goes_is_not_waited_for),
		TEST(a_command_is_answered),
		TEST(an_interest_fills_a_mirror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
