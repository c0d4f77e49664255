/* What peers are to be told: kept without its controller, restated, swept, forgotten. */
#include "speaker/owners.h"
#include "tests/tools/fars.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, fars_stop)
#define PATH        " origin igp as-path [ 65000 ]"
#define VIA         " next-hop 10.9.9.9" PATH
#define SAID_VIA    " via 10.9.9.9" PATH

enum { ONE = 1 << 1, TWO = 1 << 2, THREE = 1 << 3 };

static void
said(uint32_t n, const char *want)
{
	assert_string_equal(far_said(&far[n]), want);
}

static struct ledger *ledger; /* of the entry that was looked for last */

static struct ledger_entry *
entry(const char *route)
{
	struct ledger_entry *e;
	struct route_draft d;
	struct nlri n;
	uint64_t state = 0;
	uint8_t memory[ROUTE_PIECE_MAX];

	draft_of(&d, route);
	assert_true(route_draft_next(&d, &state, memory, &n));
	ledger = rib_out_ledger(speaker.out, d.family);
	e = ledger_find(ledger, d.path_id, n.octets);
	route_draft_fini(&d);
	return e;
}

static const char *
owner(const char *route)
{
	const struct ledger_entry *e = entry(route); /* says of which ledger */

	return owners_name(speaker.out->owners, ledger_owner(ledger, e));
}

static void
routes_are_kept_with_owner_and_audience(void **state)
{
	struct reader members;

	owners_said(speaker.out->owners, 7, "seven");
	owners_said(speaker.out->owners, 8, "eight");
	told(ONE | THREE, 7, "10.0.0.0/24" VIA, NULL);
	told(TWO, 8, "2001:db8::/32 next-hop 2001:db8::1" PATH, NULL);
	assert_int_equal(rib_out_count(speaker.out), 2);
	assert_string_equal(owner("10.0.0.0/24"), "seven");
	members = set_bitmap(speaker.sets,
	    ledger_audience(speaker.out->told[IPV4_UNICAST].ledger, entry("10.0.0.0/24")));
	assert_int_equal(members.left, 1);
	assert_int_equal(members.at[0], ONE | THREE);
	assert_string_equal(owner("2001:db8::/32"), "eight");
	told(ONE | THREE, 7, NULL, "10.0.0.0/24");
	told(TWO, 7, NULL, "2001:db8::/32");
	assert_int_equal(rib_out_count(speaker.out), 0);
	(void)state;
}

static void
a_peer_that_is_told_otherwise_leaves_the_others(void **state)
{
	up(1);
	up(2);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	(void)far_said(&far[2]);
	told(TWO, 0, "10.0.0.0/24" VIA " med 5", NULL);
	said(1, "");
	said(2, " +10.0.0.0/24" SAID_VIA " med 5\n");
	assert_int_equal(rib_out_count(speaker.out), 2);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA " med 5", NULL);
	said(1, " +10.0.0.0/24" SAID_VIA " med 5\n");
	said(2, "");
	told(ONE, 0, NULL, "10.0.0.0/24");
	said(1, " -10.0.0.0/24\n");
	said(2, "");
	assert_int_equal(rib_out_count(speaker.out), 1);
	(void)state;
}

/* An operator who withdraws what was never announced has it sent all the same. */
static void
a_withdraw_of_what_is_not_known_is_sent(void **state)
{
	up(1);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	said(1, " +10.0.1.0/24" SAID_VIA "\n");
	told(ONE, 0, NULL, "10.0.0.0/24");
	said(1, " -10.0.0.0/24\n");
	assert_int_equal(rib_out_count(speaker.out), 1);
	(void)state;
}

static void
routes_for_peers_that_are_not_there_yet_are_kept(void **state)
{
	static struct routes_message m = { .one_peer = true };

	told(ONE | TWO | THREE, 0, "10.0.0.0/24" VIA, NULL);
	up(2);
	said(2, " +10.0.0.0/24" SAID_VIA "\n");
	/* numbers that no peer can have */
	m.peer = LINK_PEERS_MAX;
	rib_out_message(speaker.out, &m);
	m.peer = LINK_PEER_ANY;
	rib_out_message(speaker.out, &m);
	(void)state;
}

/* 10.0.n.0/24 with this MED, in memory of the message's number. */
static void
write_message(struct routes_message *m, uint8_t n, uint8_t med)
{
	static uint8_t nlri[4][4], block[4][7], bitmap = ONE;

	memcpy(nlri[n], (uint8_t[]){ 24, 10, 0, n }, 4);
	memcpy(block[n], (uint8_t[]){ 0x80, 4, 4, 0, 0, 0, med }, 7);
	*m = (struct routes_message){ .peers = reader_of(&bitmap, 1), .announces = 1 };
	m->announce[0] = (struct routes_part){ .family = IPV4_UNICAST,
		.nlri = reader_of(nlri[n], 4),
		.value = { .next_hop = reader_of("\x0a\x09\x09\x09", 4),
		    .attributes = reader_of(block[n], 7) } };
}

static void
said_with_med(const char *route, uint8_t med)
{
	struct route_value v = route_value_of(blob_read(ledger_value(entry(route))));

	assert_int_equal(v.attributes.left, 7);
	assert_int_equal(v.attributes.at[6], med);
}

static void
messages_that_were_asked_for_beforehand_say_what_they_say(void **state)
{
	static struct routes_message m[4];

	for (uint8_t i = 0; i < 4; i++) {
		write_message(&m[i], i, i);
		rib_out_soon(speaker.out, &m[i]); /* of more than two nothing is asked */
	}
	for (unsigned i = 0; i < 4; i++)
		rib_out_message(speaker.out, &m[i]);
	said_with_med("10.0.0.0/24", 0);
	said_with_med("10.0.1.0/24", 1);
	said_with_med("10.0.3.0/24", 3);
	/* another one in its place */
	write_message(&m[0], 0, 7);
	write_message(&m[1], 1, 8);
	rib_out_soon(speaker.out, &m[1]);
	rib_out_message(speaker.out, &m[0]);
	rib_out_message(speaker.out, &m[1]);
	said_with_med("10.0.0.0/24", 7);
	said_with_med("10.0.1.0/24", 8);
	(void)state;
}

/* The names of its owners are said for the lane that is there. */
static void
names(const char *one, const char *two)
{
	owners_said(speaker.out->owners, 1, one);
	owners_said(speaker.out->owners, 2, two);
}

/* A controller that dies before it has said all again leaves some with the numbers of the one before. */
static void
owners_keep_their_names_when_another_controller_numbers_them_otherwise(void **state)
{
	names("configuration", "anycast");
	told(ONE, 2, "10.0.0.0/24" VIA, NULL);
	told(ONE, 2, "10.0.1.0/24" VIA, NULL);
	told(ONE, 1, "10.0.2.0/24" VIA, NULL);
	for (int i = 0; i < 2; i++) {
		rib_out_lane(speaker.out);
		rib_out_begin(speaker.out);
		names(i ? "blackhole" : "anycast", "configuration");
		told(ONE, i ? 2 : 1, i ? "10.0.2.0/24" VIA : "10.0.0.0/24" VIA, NULL);
		assert_string_equal(owner("10.0.0.0/24"), "anycast");
		assert_string_equal(owner("10.0.1.0/24"), "anycast");
		assert_string_equal(owner("10.0.2.0/24"), "configuration");
		told(ONE, 3, "10.0.3.0/24" VIA, NULL); /* a number that was not said on this lane */
		assert_null(owner("10.0.3.0/24"));
	}
	(void)state;
}

static uint32_t
owner_names(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < owners_end(speaker.out->owners); i++)
		n += owners_name(speaker.out->owners, i) != NULL;
	return n;
}

static void
a_name_that_no_route_has_goes_after_a_sweep(void **state)
{
	names("configuration", "anycast");
	told(ONE, 1, "10.0.0.0/24" VIA, NULL);
	told(ONE, 2, "2001:db8::/32 next-hop 2001:db8::1" PATH, NULL);
	rib_out_lane(speaker.out);
	rib_out_begin(speaker.out);
	names("configuration", "blackhole"); /* of whom nothing comes yet */
	told(ONE, 1, "10.0.0.0/24" VIA, NULL);
	turns(5);
	assert_int_equal(owner_names(), 3);
	rib_out_end(speaker.out);
	turns(10);
	assert_int_equal(owner_names(), 2);
	told(ONE, 2, "10.0.1.0/24" VIA, NULL);
	assert_string_equal(owner("10.0.0.0/24"), "configuration");
	assert_string_equal(owner("10.0.1.0/24"), "blackhole");
	/* while it is counted the lane is lost: what was told meanwhile may not have been seen */
	rib_out_begin(speaker.out);
	rib_out_end(speaker.out);
	told(ONE, 1, "10.0.2.0/24" VIA, NULL);
	rib_out_lane(speaker.out);
	turns(10);
	assert_string_equal(owner("10.0.2.0/24"), "configuration");
	assert_int_equal(owner_names(), 2);
	(void)state;
}

static void
what_is_not_restated_is_withdrawn_and_the_rest_is_silence(void **state)
{
	up(1);
	for (int i = 0; i < 4; i++) {
		char route[80];

		snprintf(route, sizeof route, "10.0.%d.0/24" VIA, i);
		told(ONE, 0, route, NULL);
	}
	told(TWO, 0, "2001:db8::/32 next-hop 2001:db8::1" PATH, NULL);
	(void)far_said(&far[1]);
	rib_out_begin(speaker.out);
	owners_said(speaker.out->owners, 5, "five");
	told(ONE, 5, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "10.0.1.0/24" VIA " med 1", NULL);
	told(ONE, 0, "10.0.9.0/24" VIA, NULL);
	said(1, " +10.0.1.0/24" SAID_VIA " med 1\n +10.0.9.0/24" SAID_VIA "\n");
	rib_out_end(speaker.out);
	said(1, " -10.0.2.0/24 -10.0.3.0/24\n");
	assert_int_equal(rib_out_count(speaker.out), 3);
	assert_string_equal(owner("10.0.0.0/24"), "five");
	(void)state;
}

static void
a_restatement_that_is_equal_says_nothing_to_anybody(void **state)
{
	up(1);
	up(2);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	(void)far_said(&far[2]);
	for (int i = 0; i < 3; i++) {
		rib_out_begin(speaker.out);
		told(ONE, 0, "10.0.1.0/24" VIA, NULL);
		told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
		rib_out_end(speaker.out);
		said(1, "");
		said(2, "");
	}
	(void)state;
}

/* Whose configuration has no adj-rib-out. */
static void
a_peer_without_memory_is_told_again(void **state)
{
	struct link_peer c = config_of(2);

	c.no_rib_out = true;
	up(1);
	far[2] = far_up(&c, &peer[2]);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	said(2, " +10.0.0.0/24" SAID_VIA "\n");
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	said(1, "");
	said(2, " +10.0.0.0/24" SAID_VIA "\n");
	/* a restatement is nothing said again */
	rib_out_begin(speaker.out);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	rib_out_end(speaker.out);
	said(2, "");
	/* and the configuration may change while it is up */
	c.no_rib_out = false;
	assert_ptr_equal(peer_configure(&speaker, &c), peer[2]);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	said(2, "");
	assert_non_null(peer[2]->session);
	(void)state;
}

/* One of two peers of an entry is not told any more: it alone gets the withdraw. */
static void
a_restatement_for_fewer_withdraws_from_the_others(void **state)
{
	up(1);
	up(2);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	(void)far_said(&far[2]);
	rib_out_begin(speaker.out);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	rib_out_end(speaker.out);
	said(1, "");
	said(2, " -10.0.0.0/24\n");
	(void)state;
}

static void
a_newer_begin_replaces_an_unfinished_one(void **state)
{
	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	rib_out_begin(speaker.out);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	/* the lane was lost; without an end nothing goes */
	said(1, "");
	rib_out_begin(speaker.out);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	rib_out_end(speaker.out);
	said(1, " -10.0.0.0/24\n");
	(void)state;
}

static void
a_begin_stops_the_sweep_before_it(void **state)
{
	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	rib_out_begin(speaker.out);
	rib_out_end(speaker.out);
	rib_out_begin(speaker.out);
	said(1, "");
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	rib_out_end(speaker.out);
	said(1, "");
	(void)state;
}

static void
a_family_that_came_inside_a_restatement_is_whole(void **state)
{
	rib_out_begin(speaker.out);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	rib_out_end(speaker.out);
	turns(3);
	assert_int_equal(rib_out_count(speaker.out), 1);
	(void)state;
}

static void
a_peer_that_is_gone_leaves_every_audience(void **state)
{
	up(1);
	up(2);
	for (int i = 0; i < 1000; i++) {
		char route[80];

		snprintf(route, sizeof route, "10.%d.%d.0/24" VIA, i / 250, i % 250);
		told(i % 2 ? ONE | TWO : TWO, 0, route, NULL);
	}
	(void)far_said(&far[1]);
	peer_remove(peer[2], "gone");
	rib_out_forget(speaker.out, 3);
	turns(10);
	assert_int_equal(rib_out_count(speaker.out), 500);
	assert_int_equal(
	    set_count(speaker.sets,
		ledger_audience(speaker.out->told[IPV4_UNICAST].ledger, entry("10.0.1.0/24"))),
	    1);
	assert_null(entry("10.0.0.0/24"));
	said(1, "");
	/* its number may be another's now */
	told(TWO, 0, "10.0.0.0/24" VIA, NULL);
	turns(10);
	assert_int_equal(rib_out_count(speaker.out), 501);
	assert_int_equal(sets_live(speaker.sets), 2);
	(void)state;
}

/* What the one before was told is not another's, and what the next is told is not forgotten with it. */
static void
a_number_may_be_another_peers_while_the_first_is_forgotten(void **state)
{
	struct link_peer c = config_of(2);

	up(1);
	peer_configure(&speaker, &c);
	for (int i = 0; i < 1000; i++) {
		char route[80];

		snprintf(route, sizeof route, "10.%d.%d.0/24" VIA, i / 250, i % 250);
		told(ONE | TWO, 0, route, NULL);
	}
	(void)far_said(&far[1]);
	c = config_of(3);
	c.peer = 2; /* by its configuration alone, */
	peer_configure(&speaker, &c);
	told(TWO, 0, "10.9.0.0/24" VIA, NULL);
	peer_remove(peer_by_number(&speaker, 2), "gone"); /* and when it was removed */
	c = config_of(2);
	peer_configure(&speaker, &c);
	told(ONE | TWO, 0, "10.8.0.0/24" VIA, NULL);
	up(2);
	said(2, " +10.8.0.0/24" SAID_VIA "\n");
	said(1, " +10.8.0.0/24" SAID_VIA "\n");
	assert_int_equal(rib_out_count(speaker.out), 1001);
	assert_null(entry("10.9.0.0/24"));
	assert_int_equal(
	    set_count(speaker.sets,
		ledger_audience(speaker.out->told[IPV4_UNICAST].ledger, entry("10.0.1.0/24"))),
	    1);
	/* numbers are what they were, when nothing is left to be forgotten */
	peer_remove(peer_by_number(&speaker, 2), "gone");
	turns(10);
	peer[2] = peer_configure(&speaker, &c);
	assert_int_equal(peer[2]->slot, 2);
	(void)state;
}

static void
forgetting_and_sweeping_go_together(void **state)
{
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	told(TWO, 0, "10.0.1.0/24" VIA, NULL);
	told(ONE, 0, "10.0.2.0/24" VIA, NULL);
	rib_out_begin(speaker.out);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	rib_out_forget(speaker.out, 2);
	rib_out_end(speaker.out);
	turns(10);
	assert_int_equal(rib_out_count(speaker.out), 1);
	(void)state;
}

/* Marks pile up behind a peer that takes nothing: it is closed instead of holding them for ever. */
static void
a_peer_that_is_far_too_slow_is_closed(void **state)
{
	static struct routes_message m;
	static uint8_t block[1024], nlri[5];
	uint8_t bitmap = ONE;

	up(1);
	for (uint32_t i = 0; i < 12000; i++) { /* more than the kernel takes */
		struct writer w = writer_of(block, sizeof block), n = writer_of(nlri, sizeof nlri);

		writer_bytes(&w, "\x40\x01\x01\x00\x40\x02\x00\xd0\x08\x03\xc0", 11);
		memset(writer_room(&w, 960), 1, 960);
		writer_u8(&n, 32);
		writer_u32(&n, 0x0a000000 + i);
		m = (struct routes_message){ .peers = reader_of(&bitmap, 1), .announces = 1 };
		m.announce[0] = (struct routes_part){ .family = IPV4_UNICAST,
			.nlri = writer_read(&n),
			.value = { .next_hop = reader_of("\x0a\x09\x09\x09", 4),
			    .attributes = writer_read(&w) } };
		block[20] = (uint8_t)(i >> 8);
		block[21] = (uint8_t)i;
		rib_out_message(speaker.out, &m);
	}
	turns(20);
	assert_false(ledger_reader_live(peer[1]->out->reader[IPV4_UNICAST]));
	for (uint32_t i = 0; i < 2 * LEDGER_MARKS_SPARE && peer[1]->session; i++) {
		struct writer n = writer_of(nlri, sizeof nlri);

		writer_u8(&n, 32);
		writer_u32(&n, 0x0b000000 + i);
		m = (struct routes_message){ .peers = reader_of(&bitmap, 1), .withdraws = 1 };
		m.withdraw[0] =
		    (struct routes_part){ .family = IPV4_UNICAST, .nlri = writer_read(&n) };
		rib_out_message(speaker.out, &m);
	}
	assert_null(peer[1]->session);
	assert_int_equal(peer[1]->notify_code, NOTIFY_CEASE);
	assert_int_equal(peer[1]->notify_subcode, CEASE_RESOURCES);
	turns(10);
	assert_int_equal(rib_out_count(speaker.out), 12000);
	(void)state;
}

static void
what_there_is_no_room_for_is_told_to_nobody(void **state)
{
	up(1);
	ledger_most(rib_out_ledger(speaker.out, IPV4_UNICAST), 1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	assert_int_equal(rib_out_count(speaker.out), 1);
	told(ONE, 0, NULL, "10.0.0.0/24");
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	assert_int_equal(rib_out_count(speaker.out), 1);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(routes_are_kept_with_owner_and_audience),
		START(a_peer_that_is_told_otherwise_leaves_the_others),
		START(a_withdraw_of_what_is_not_known_is_sent),
		START(routes_for_peers_that_are_not_there_yet_are_kept),
		START(messages_that_were_asked_for_beforehand_say_what_they_say),
		START(owners_keep_their_names_when_another_controller_numbers_them_otherwise),
		START(a_name_that_no_route_has_goes_after_a_sweep),
		START(what_is_not_restated_is_withdrawn_and_the_rest_is_silence),
		START(a_restatement_that_is_equal_says_nothing_to_anybody),
		START(a_peer_without_memory_is_told_again),
		START(a_restatement_for_fewer_withdraws_from_the_others),
		START(a_newer_begin_replaces_an_unfinished_one),
		START(a_begin_stops_the_sweep_before_it),
		START(a_family_that_came_inside_a_restatement_is_whole),
		START(a_peer_that_is_gone_leaves_every_audience),
		START(a_number_may_be_another_peers_while_the_first_is_forgotten),
		START(forgetting_and_sweeping_go_together),
		START(a_peer_that_is_far_too_slow_is_closed),
		START(what_there_is_no_room_for_is_told_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
