/* What the controller is told of what peers said: live, behind, and all again. */
#include "tests/tools/fars.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, fars_stop)
#define PATH        " origin igp as-path [ 65001 ]"
#define VIA         " next-hop 127.0.0.11" PATH
#define SAID_VIA    " via 127.0.0.11" PATH

static void
interest(uint32_t n, bool updates, bool packets)
{
	struct link_interest i = { .peer = n, .updates = updates, .packets = packets };

	mirror_interest(speaker.mirror, &i);
	turns(3);
}

static void
said(const char *want)
{
	turns(3);
	assert_string_equal(lane_said(), want);
}

static void
nothing_is_told_that_nobody_asked_for(void **state)
{
	up(1);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	said("");
	(void)state;
}

static void
an_interest_is_answered_with_what_is_there_and_then_each_message(void **state)
{
	up(1);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_announce(&far[1], "10.0.1.0/24" VIA " med 1");
	far_announce(&far[1], "10.0.2.0/24" VIA);
	interest(1, true, false);
	said("begin 1\nroutes 1 again +10.0.0.0/24 +10.0.2.0/24" SAID_VIA "\n"
	     "routes 1 again +10.0.1.0/24" SAID_VIA " med 1\nend 1\n");
	far_announce(&far[1], "10.0.3.0/24" VIA);
	said("routes 1 +10.0.3.0/24" SAID_VIA "\n");
	far_announce(&far[1], "10.0.3.0/24" VIA); /* a duplicate is a message too */
	far_withdraw(&far[1], "10.0.3.0/24");
	far_withdraw(&far[1], "10.77.0.0/24");
	said("routes 1 +10.0.3.0/24" SAID_VIA "\nroutes 1 -10.0.3.0/24\nroutes 1 -10.77.0.0/24\n");
	far_end_of_rib(&far[1], IPV4_UNICAST);
	said("routes 1 end-of-rib -(ipv4 unicast)\n");
	interest(1, true, false); /* once more changes nothing */
	said("");
	(void)state;
}

static void
an_interest_in_packets_gets_them_along(void **state)
{
	up(1);
	interest(1, true, true);
	said("begin 1\nend 1\n");
	far_announce(&far[1], "10.0.3.0/24" VIA);
	said("routes 1 original +10.0.3.0/24" SAID_VIA "\n");
	interest(1, true, false);
	far_announce(&far[1], "10.0.4.0/24" VIA);
	said("routes 1 +10.0.4.0/24" SAID_VIA "\n");
	(void)state;
}

static void
other_messages_and_sent_ones_are_told_where_they_are_wanted(void **state)
{
	static const uint8_t refresh[] = { 0, 1, 0, 1 };
	struct link_interest i = { .peer = 1,
		.messages = 1u << MESSAGE_OPEN | 1u << MESSAGE_REFRESH |
			    (uint32_t)LINK_SENT << MESSAGE_OPEN | (uint32_t)LINK_SENT << MESSAGE_UPDATE };
	struct link_peer c = config_of(1);

	peer_configure(&speaker, &c);
	mirror_interest(speaker.mirror, &i);
	up(1);
	said("sent 1 type 1\nheard 1 type 1\n");
	far_send_message(&far[1], MESSAGE_REFRESH, refresh, sizeof refresh);
	far_send_keepalive(&far[1]); /* nobody wants it */
	said("heard 1 type 5\n");
	told(1 << 1, 0, "10.0.0.0/24" VIA, NULL);
	said("sent 1 type 2\n");
	far_announce(&far[1], "10.0.0.0/24" VIA); /* received UPDATEs are another interest */
	said("");
	assert_int_equal(peer[1]->types_in[MESSAGE_KEEPALIVE], 2);
	assert_int_equal(peer[1]->types_in[MESSAGE_REFRESH], 1);
	assert_int_equal(peer[1]->types_out[MESSAGE_UPDATE], 1);
	i.messages = 0;
	mirror_interest(speaker.mirror, &i);
	far_send_message(&far[1], MESSAGE_REFRESH, refresh, sizeof refresh);
	said("");
	(void)state;
}

static void
no_interest_any_more_ends_it(void **state)
{
	up(1);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	interest(1, true, false);
	(void)lane_said();
	interest(1, false, false);
	far_announce(&far[1], "10.0.3.0/24" VIA);
	said("");
	assert_null(peer[1]->in->reader[IPV4_UNICAST]);
	interest(1, true, false);
	said("begin 1\nroutes 1 again +10.0.0.0/24 +10.0.3.0/24" SAID_VIA "\nend 1\n");
	(void)state;
}

static void
an_interest_that_was_there_before_the_session_begins_with_it(void **state)
{
	struct link_peer c = config_of(1);

	peer_configure(&speaker, &c);
	interest(1, true, false);
	said("");
	up(1);
	said("begin 1\nend 1\n");
	far_announce(&far[1], "10.0.0.0/24" VIA);
	said("routes 1 +10.0.0.0/24" SAID_VIA "\n");
	far_close(&far[1]);
	said("");
	up(1);
	said("begin 1\nend 1\n");
	(void)state;
}

static void
a_message_treated_as_withdraw_is_marked(void **state)
{
	static const char bad[] =
	    "\0\0\0\x14\x40\1\1\x09\x40\2\6\2\1\0\0\xfd\xe9\x40\3\4\x0a\0\0\1\x18\x0a\0\0";

	log_open(open("/dev/null", O_WRONLY), LOG_TEXT, LOG_LEVEL_ERROR, "test");
	up(1);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	interest(1, true, false);
	(void)lane_said();
	far_send_message(&far[1], MESSAGE_UPDATE, bad, sizeof bad - 1);
	said("routes 1 treated -10.0.0.0/24\n");
	/* nobody knew of it: no news, but for who wants all octets */
	far_send_message(&far[1], MESSAGE_UPDATE, bad, sizeof bad - 1);
	said("");
	interest(1, true, true);
	(void)lane_said();
	far_send_message(&far[1], MESSAGE_UPDATE, bad, sizeof bad - 1);
	said("routes 1 treated original -10.0.0.0/24\n");
	(void)state;
}

static void
without_credit_the_newest_state_is_told_once_when_there_is_some(void **state)
{
	up(1);
	interest(1, true, false);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_announce(&far[1], "10.0.9.0/24" VIA);
	(void)lane_said();
	lane->credit = 0;
	far_announce(&far[1], "10.0.1.0/24" VIA);
	for (int i = 0; i < 5; i++) {
		far_announce(&far[1], "10.0.0.0/24" VIA " med 3");
		far_announce(&far[1], "10.0.0.0/24" VIA " med 4");
	}
	far_withdraw(&far[1], "10.0.9.0/24");
	far_announce(&far[1], "10.0.2.0/24" VIA);
	far_withdraw(&far[1], "10.0.2.0/24");
	said("");
	lane->credit = 1000;
	mirror_credit(speaker.mirror);
	said("routes 1 replay +10.0.1.0/24" SAID_VIA "\nroutes 1 replay +10.0.0.0/24" SAID_VIA
	     " med 4\nroutes 1 replay -10.0.9.0/24 -10.0.2.0/24\n");
	/* live again */
	far_announce(&far[1], "10.0.0.0/24" VIA " med 4");
	said("routes 1 +10.0.0.0/24" SAID_VIA " med 4\n");
	(void)state;
}

static void
kept(uint32_t n, size_t want)
{
	struct ledger *l = peer[n]->in->ledger[IPV4_UNICAST];

	assert_int_equal(l ? ledger_count(l) + ledger_marks(l) : 0, want);
	assert_int_equal(peer[n]->in->count, 0);
}

/* adj-rib-in false: everything is told, the withdraws of what nobody remembers too; nothing is kept. */
static void
without_a_rib_in_what_was_told_is_not_kept(void **state)
{
	struct link_peer c = config_of(1);

	c.no_rib_in = true;
	far[1] = far_up(&c, &peer[1]);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	kept(1, 0);
	interest(1, true, false);
	said("begin 1\nend 1\n");
	far_announce(&far[1], "10.0.1.0/24" VIA);
	said("routes 1 +10.0.1.0/24" SAID_VIA "\n");
	kept(1, 0);
	far_announce(&far[1], "10.0.1.0/24" VIA);
	said("routes 1 +10.0.1.0/24" SAID_VIA "\n");
	far_withdraw(&far[1], "10.0.0.0/24");
	said("routes 1 -10.0.0.0/24\n");
	kept(1, 0);
	(void)state;
}

static void
without_a_rib_in_what_was_not_told_yet_is_kept_until_it_is(void **state)
{
	struct link_peer c = config_of(1);

	c.no_rib_in = true;
	far[1] = far_up(&c, &peer[1]);
	interest(1, true, false);
	said("begin 1\nend 1\n");
	lane->credit = 0;
	far_announce(&far[1], "10.0.1.0/24" VIA);
	far_announce(&far[1], "10.0.2.0/24" VIA);
	far_withdraw(&far[1], "10.0.0.0/24");
	far_withdraw(&far[1], "10.0.1.0/24");
	kept(1, 3);
	said("");
	lane->credit = 1000;
	mirror_credit(speaker.mirror);
	said("routes 1 replay +10.0.2.0/24" SAID_VIA "\nroutes 1 replay -10.0.0.0/24 -10.0.1.0/24\n");
	kept(1, 0);
	far_announce(&far[1], "10.0.3.0/24" VIA);
	said("routes 1 +10.0.3.0/24" SAID_VIA "\n");
	kept(1, 0);
	(void)state;
}

static void
an_end_of_rib_waits_for_the_routes_before_it(void **state)
{
	up(1);
	interest(1, true, false);
	(void)lane_said();
	lane->credit = 0;
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_end_of_rib(&far[1], IPV4_UNICAST);
	said("");
	lane->credit = 1;
	mirror_credit(speaker.mirror);
	said("routes 1 replay +10.0.0.0/24" SAID_VIA "\n");
	lane->credit = 1;
	mirror_credit(speaker.mirror);
	said("routes 1 end-of-rib replay -(ipv4 unicast)\n");
	lane->credit = 100;
	mirror_credit(speaker.mirror);
	said("");
	(void)state;
}

static void
a_restatement_ends_only_when_all_was_told(void **state)
{
	up(1);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_announce(&far[1], "10.0.1.0/24" VIA " med 1");
	far_end_of_rib(&far[1], IPV4_UNICAST);
	lane->credit = 0;
	interest(1, true, false);
	said("begin 1\n");
	/* what comes meanwhile is news, and in it */
	far_announce(&far[1], "10.0.2.0/24" VIA);
	said("");
	lane->credit = 4;
	mirror_credit(speaker.mirror);
	said("routes 1 replay +10.0.2.0/24" SAID_VIA "\nroutes 1 again +10.0.0.0/24 +10.0.2.0/24" SAID_VIA
	     "\nroutes 1 again +10.0.1.0/24" SAID_VIA
	     " med 1\nroutes 1 end-of-rib again -(ipv4 unicast)\nend 1\n");
	(void)state;
}

static void
live(uint32_t n, bool only)
{
	struct link_interest i = { .peer = n, .updates = true, .live = only };

	mirror_interest(speaker.mirror, &i);
	turns(3);
}

static void
who_wants_only_what_happens_is_restated_nothing(void **state)
{
	up(1);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	live(1, true);
	said("");
	far_announce(&far[1], "10.0.1.0/24" VIA);
	said("routes 1 +10.0.1.0/24" SAID_VIA "\n");
	lane->credit = 0;
	far_withdraw(&far[1], "10.0.0.0/24");
	far_announce(&far[1], "10.0.2.0/24" VIA);
	far_end_of_rib(&far[1], IPV4_UNICAST);
	lane->credit = 1000;
	mirror_credit(speaker.mirror);
	said("routes 1 replay -10.0.0.0/24\nroutes 1 replay +10.0.2.0/24" SAID_VIA
	     "\nroutes 1 end-of-rib replay -(ipv4 unicast)\n");
	far_close(&far[1]);
	said("");
	up(1);
	said("");
	far_announce(&far[1], "10.0.3.0/24" VIA);
	said("routes 1 +10.0.3.0/24" SAID_VIA "\n");
	(void)state;
}

/* Every message goes on to be told as it comes while what there is is said. */
static void
the_table_is_restated_beside_what_happens(void **state)
{
	up(1);
	live(1, true);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	said("routes 1 +10.0.0.0/24" SAID_VIA "\n");
	lane->credit = 1;
	live(1, false);
	said("begin 1\nroutes 1 again +10.0.0.0/24" SAID_VIA "\nend 1\n");
	live(1, true);
	lane->credit = 0;
	live(1, false);
	said("begin 1\n");
	lane->credit = 1;
	far_announce(&far[1], "10.0.1.0/24" VIA);
	said("routes 1 +10.0.1.0/24" SAID_VIA "\n");
	/* not wanted any more: it does not come to its end */
	live(1, true);
	lane->credit = 1000;
	mirror_credit(speaker.mirror);
	said("");
	assert_null(peer[1]->in->again[IPV4_UNICAST]);
	far_withdraw(&far[1], "10.0.1.0/24");
	said("routes 1 -10.0.1.0/24\n");
	ledger_reap(peer[1]->in->ledger[IPV4_UNICAST], 100);
	assert_int_equal(ledger_marks(peer[1]->in->ledger[IPV4_UNICAST]), 0);
	(void)state;
}

static void
a_session_that_ends_without_credit_leaves_nothing_to_tell(void **state)
{
	up(1);
	interest(1, true, false);
	(void)lane_said();
	lane->credit = 0;
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	lane->credit = 1000;
	mirror_credit(speaker.mirror);
	said("");
	up(1);
	said("begin 1\nend 1\n");
	(void)state;
}

static void
a_lane_that_is_lost_takes_the_interests_with_it(void **state)
{
	up(1);
	interest(1, true, false);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	(void)lane_said();
	lane->up = false;
	mirror_lane_down(speaker.mirror);
	far_announce(&far[1], "10.0.1.0/24" VIA);
	said("");
	lane->up = true;
	far_announce(&far[1], "10.0.2.0/24" VIA);
	said("");
	interest(1, true, false);
	said(
	    "begin 1\nroutes 1 again +10.0.0.0/24 +10.0.1.0/24 +10.0.2.0/24" SAID_VIA "\nend 1\n");
	(void)state;
}

static void
what_a_refresh_swept_is_told(void **state)
{
	up(1);
	interest(1, true, false);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_announce(&far[1], "10.0.1.0/24" VIA);
	(void)lane_said();
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_BEGIN);
	far_announce(&far[1], "10.0.1.0/24" VIA);
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_END);
	said("routes 1 +10.0.1.0/24" SAID_VIA "\nroutes 1 replay -10.0.0.0/24\n");
	(void)state;
}

static void
peers_take_turns(void **state)
{
	for (uint32_t n = 1; n <= 3; n++) {
		up(n);
		interest(n, true, false);
	}
	(void)lane_said();
	lane->credit = 0;
	far_announce(&far[1], "10.1.0.0/24" VIA);
	far_announce(&far[2], "10.2.0.0/24" VIA);
	far_announce(&far[3], "10.3.0.0/24" VIA);
	for (int i = 0; i < 3; i++) {
		const char *text;

		lane->credit = 1;
		mirror_credit(speaker.mirror);
		turns(3);
		text = lane_said();
		assert_non_null(strstr(text, "routes "));
		/* one each: nobody twice */
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	}
	said("");
	(void)state;
}

static void
path_ids_are_told_where_they_were_agreed(void **state)
{
	struct link_peer c = config_of(1);

	c.add_path[IPV4_UNICAST] = ADD_PATH_BOTH;
	far[1] = far_of(1);
	far[1].open.caps.add_path[IPV4_UNICAST] = ADD_PATH_BOTH;
	caps_add(&far[1].open.caps, CAP_ADD_PATH);
	peer[1] = peer_configure(&speaker, &c);
	far_connect(&far[1]);
	far_establish(&far[1]);
	far_announce(&far[1], "10.0.0.0/24 path-information 0.0.0.5" VIA);
	interest(1, true, false);
	said("begin 1\nroutes 1 again +10.0.0.0/24#5" SAID_VIA "\nend 1\n");
	far_announce(&far[1], "10.0.0.0/24 path-information 0.0.0.6" VIA);
	said("routes 1 +10.0.0.0/24#6" SAID_VIA "\n");
	(void)state;
}

static void
an_interest_in_a_number_that_no_peer_can_have_is_nothing(void **state)
{
	interest(LINK_PEERS_MAX, true, true);
	interest(LINK_PEER_ANY, true, true);
	interest(LINK_PEERS_MAX - 1, true, true);
	said("");
	(void)state;
}

/* Marks that pile up behind the lane: it begins again instead of holding them for ever. */
static void
a_lane_that_is_far_too_slow_begins_again(void **state)
{
	enum { MANY = LEDGER_MARKS_SPARE + 1500 };
	static uint8_t body[4 + 5 * 700];
	struct writer w;
	const char *text;

	log_open(open("/dev/null", O_WRONLY), LOG_TEXT, LOG_LEVEL_ERROR, "test");
	up(1);
	interest(1, true, false);
	(void)lane_said();
	lane->credit = 0;
	for (uint32_t i = 0; i < MANY; i += 700)
		for (int withdraw = 0; withdraw < 2; withdraw++) {
			w = writer_of(body, sizeof body);
			writer_u16(&w, withdraw ? 5 * 700 : 0);
			if (!withdraw) {
				writer_u16(&w, 20);
				writer_bytes(&w,
				    "\x40\x01\x01\x00\x40\x02\x06\x02\x01\x00\x00\xfd\xe9\x40\x03"
				    "\x04\x7f\x00\x00\x0b",
				    20);
			}
			for (uint32_t k = 0; k < 690; k++) {
				writer_u8(&w, 32);
				writer_u32(&w, 0x0b000000 + i + k);
			}
			if (withdraw) {
				body[0] = (5 * 690) >> 8;
				body[1] = (5 * 690) & 255;
				writer_u16(&w, 0);
			}
			assert_true(writer_ok(&w));
			far_send_message(&far[1], MESSAGE_UPDATE, body, w.len);
		}
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	assert_int_equal(peer[1]->in->count, 0);
	assert_true(ledger_marks(peer[1]->in->ledger[IPV4_UNICAST]) <= LEDGER_MARKS_SPARE + 690);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	lane->credit = 1L << 30;
	mirror_credit(speaker.mirror);
	turns(50);
	text = lane_said();
	assert_int_equal(strncmp(text, "begin 1 lost\n", 13), 0);
	assert_non_null(strstr(text, "+10.0.0.0/24"));
	assert_string_equal(text + strlen(text) - 6, "end 1\n");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(nothing_is_told_that_nobody_asked_for),
		START(an_interest_is_answered_with_what_is_there_and_then_each_message),
		START(an_interest_in_packets_gets_them_along),
		START(other_messages_and_sent_ones_are_told_where_they_are_wanted),
		START(no_interest_any_more_ends_it),
		START(an_interest_that_was_there_before_the_session_begins_with_it),
		START(a_message_treated_as_withdraw_is_marked),
		START(without_credit_the_newest_state_is_told_once_when_there_is_some),
		START(without_a_rib_in_what_was_told_is_not_kept),
		START(without_a_rib_in_what_was_not_told_yet_is_kept_until_it_is),
		START(an_end_of_rib_waits_for_the_routes_before_it),
		START(a_restatement_ends_only_when_all_was_told),
		START(who_wants_only_what_happens_is_restated_nothing),
		START(the_table_is_restated_beside_what_happens),
		START(a_session_that_ends_without_credit_leaves_nothing_to_tell),
		START(a_lane_that_is_lost_takes_the_interests_with_it),
		START(what_a_refresh_swept_is_told),
		START(peers_take_turns),
		START(path_ids_are_told_where_they_were_agreed),
		START(an_interest_in_a_number_that_no_peer_can_have_is_nothing),
		START(a_lane_that_is_far_too_slow_begins_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
