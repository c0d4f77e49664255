/* What peers are told: routes, End-of-RIBs, refreshes, receipts; shared where they can be. */
#include <time.h>
#include "speaker/border.h"
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

static void
routes_are_told_to_those_they_are_for(void **state)
{
	up(1);
	up(2);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE | TWO, 0, "10.0.1.0/24" VIA, NULL);
	told(TWO, 0, "10.0.2.0/24" VIA, NULL);
	said(1, " +10.0.0.0/24 +10.0.1.0/24" SAID_VIA "\n");
	said(2, " +10.0.1.0/24 +10.0.2.0/24" SAID_VIA "\n");
	told(ONE | TWO, 0, NULL, "10.0.1.0/24");
	said(1, " -10.0.1.0/24\n");
	said(2, " -10.0.1.0/24\n");
	(void)state;
}

static void
the_same_again_is_not_told_again(void **state)
{
	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	said(1, "");
	told(ONE, 0, "10.0.0.0/24" VIA " med 5", NULL);
	said(1, " +10.0.0.0/24" SAID_VIA " med 5\n");
	(void)state;
}

static void
of_several_changes_the_newest_is_told_and_withdraws_go_first(void **state)
{
	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	told(ONE, 0, "10.0.0.0/24" VIA " med 1", NULL);
	told(ONE, 0, "10.0.0.0/24" VIA " med 2", NULL);
	told(ONE, 0, NULL, "10.0.1.0/24");
	said(1, " -10.0.1.0/24\n +10.0.0.0/24" SAID_VIA " med 2\n");
	(void)state;
}

static void
nothing_is_withdrawn_before_a_route_was_sent_and_what_was_never_told_is_after(void **state)
{
	up(1);
	up(2);
	told(ONE | TWO, 0, NULL, "10.0.1.0/24");
	said(1, "");
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE | TWO, 0, NULL, "10.0.1.0/24"); /* of the same pass */
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	told(ONE | TWO, 0, NULL, "10.0.2.0/24");
	said(1, " -10.0.2.0/24\n");
	said(2, "");
	/* its next session begins as the first did */
	far_close(&far[1]);
	told(ONE, 0, NULL, "10.0.0.0/24");
	UNTIL(!peer[1]->session);
	up(1);
	told(ONE, 0, NULL, "10.0.3.0/24");
	said(1, "");
	(void)state;
}

static void
what_two_owners_say_is_not_packed_together(void **state)
{
	struct link_peer c = config_of(1);

	peer_configure(&speaker, &c);
	owners_said(speaker.out->owners, 1, "configuration");
	owners_said(speaker.out->owners, 2, "helper");
	told(ONE, 1, "10.0.0.0/24" VIA, NULL);
	told(ONE, 2, "10.0.1.0/24" VIA, NULL);
	told(ONE, 1, "10.0.2.0/24" VIA, NULL);
	up(1);
	said(1, " +10.0.0.0/24 +10.0.2.0/24" SAID_VIA "\n +10.0.1.0/24" SAID_VIA "\n");
	(void)state;
}

static void
a_peer_that_comes_up_is_told_all_there_is(void **state)
{
	struct link_peer c = config_of(1);

	peer_configure(&speaker, &c);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE | TWO, 0, "10.0.1.0/24" VIA " med 7", NULL);
	told(ONE, 0, "10.0.2.0/24" VIA, NULL);
	told(ONE, 0, NULL, "10.0.2.0/24");
	up(1);
	said(1, " +10.0.0.0/24" SAID_VIA "\n +10.0.1.0/24" SAID_VIA " med 7\n");
	/* again after its next session */
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	up(1);
	said(1, " +10.0.0.0/24" SAID_VIA "\n +10.0.1.0/24" SAID_VIA " med 7\n");
	(void)state;
}

static void
families_that_were_not_agreed_are_not_told(void **state)
{
	up(1);
	told(ONE, 0, "2001:db8::/32 next-hop 2001:db8::1" PATH, NULL);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	(void)state;
}

static void
peers_that_are_told_the_same_go_in_step_with_as_few_messages_as_values(void **state)
{
	struct link_peer c = config_of(3);

	up(1);
	up(2);
	c.no_extended_message = true; /* nobody has it agreed, so this makes no difference */
	far[3] = far_up(&c, &peer[3]);
	for (int i = 0; i < 40; i++) {
		char route[80];

		snprintf(route, sizeof route, "10.1.%d.0/24" VIA " med %d", i, i % 4);
		told(ONE | TWO | THREE, 0, route, NULL);
	}
	for (uint32_t n = 1; n <= 3; n++) {
		const char *text = far_said(&far[n]);
		int lines = 0;

		for (; *text; text++)
			lines += *text == '\n';
		assert_int_equal(lines, 4);
		assert_int_equal(peer[n]->out->advertised, 40);
		assert_true(ledger_reader_live(peer[n]->out->reader[IPV4_UNICAST]));
	}
	assert_true(
	    peer[1]->updates_out == 4 && peer[2]->updates_out == 4 && peer[3]->updates_out == 4);
	(void)state;
}

/* Peers without ADD-PATH know one path of a prefix: when that goes, another is told in its stead. */
static void
a_path_without_an_identifier_gives_way_to_another(void **state)
{
	up(1);
	up(2);
	told(ONE, 0, "10.0.0.0/24 path-information 7" VIA " med 7", NULL);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	(void)far_said(&far[2]);
	told(ONE | TWO, 0, NULL, "10.0.0.0/24");
	said(1, " +10.0.0.0/24" SAID_VIA " med 7\n");
	said(2, " -10.0.0.0/24\n");
	told(ONE, 0, NULL, "10.0.0.0/24 path-information 7");
	said(1, " -10.0.0.0/24\n");
	(void)state;
}

static void
peers_with_other_parameters_are_packed_for_by_themselves(void **state)
{
	struct link_peer c = config_of(2);

	up(1);
	c.no_asn4 = true;
	far[2] = far_up(&c, &peer[2]);
	told(ONE | TWO, 0, "10.0.0.0/24 next-hop 10.9.9.9 origin igp as-path [ 4200000000 65000 ]",
	    NULL);
	said(1, " +10.0.0.0/24 via 10.9.9.9 origin igp as-path [ 4200000000 65000 ]\n");
	said(2, " +10.0.0.0/24 via 10.9.9.9 origin igp as-path [ 4200000000 65000 ]\n");
	assert_false(peer[2]->params.asn4);
	(void)state;
}

/* Routes 10.0.0.0/32 and on; each has a value of its own, of about a kilobyte: a message a route. */
static void
fill(uint32_t peers, uint32_t from, uint32_t to)
{
	static struct routes_message m;
	static uint8_t block[1024];
	uint8_t nlri[5], bitmap = (uint8_t)peers;

	for (uint32_t i = from; i < to; i++) {
		struct writer w = writer_of(block, sizeof block), n = writer_of(nlri, sizeof nlri);

		writer_bytes(
		    &w, "\x40\x01\x01\x00\x40\x02\x06\x02\x01\x00\x00\xfd\xe8\x80\x04\x04", 16);
		writer_u32(&w, i);
		writer_bytes(&w, "\xd0\x08\x03\xc0", 4);
		memset(writer_room(&w, 960), 1, 960);
		writer_u8(&n, 32);
		writer_u32(&n, 0x0a000000 + i);
		m = (struct routes_message){ .peers = reader_of(&bitmap, 1), .announces = 1 };
		m.announce[0] = (struct routes_part){ .family = IPV4_UNICAST,
			.nlri = writer_read(&n),
			.value = { .next_hop = reader_of("\x0a\x09\x09\x09", 4),
			    .attributes = writer_read(&w) } };
		rib_out_message(speaker.out, &m);
	}
}

/* Everything that came: how many prefixes, the last state of each counted once. */
static size_t
prefixes_of(uint32_t n, size_t want)
{
	size_t count = 0;

	for (int i = 0; i < 3000 && count < want; i++) {
		const char *text = far_said(&far[n]);

		for (; *text; text++)
			count += *text == '+';
	}
	return count;
}

static void
a_slow_peer_is_left_behind_and_catches_up(void **state)
{
	enum { MANY = 12000 };
	up(1);
	up(2);
	for (int i = 0; i < MANY; i += 1000) {
		fill(ONE | TWO, i, i + 1000);
		prefixes_of(1, 1000);
	}
	/* the first has been told all; the second takes nothing and its queue is bounded */
	assert_int_equal(peer[1]->out->advertised, MANY);
	assert_true(ledger_reader_live(peer[1]->out->reader[IPV4_UNICAST]));
	assert_false(ledger_reader_live(peer[2]->out->reader[IPV4_UNICAST]));
	assert_in_range(
	    session_queued(peer[2]->session), SESSION_QUEUE_LOW, 2 * SESSION_QUEUE_HIGH);
	assert_true(peer[2]->out->advertised < MANY);
	/* what changes meanwhile is told once, in its newest state */
	for (int i = 0; i < 10; i++) {
		char route[100];

		snprintf(route, sizeof route, "10.0.46.223/32" VIA " med %d", 100000 + i);
		told(ONE | TWO, 0, route, NULL);
		turns(2);
	}
	assert_int_equal(prefixes_of(2, MANY), MANY);
	for (int i = 0; i < 100; i++)
		turns(1);
	assert_true(ledger_reader_live(peer[2]->out->reader[IPV4_UNICAST]));
	assert_int_equal(session_queued(peer[2]->session), 0);
	/* and shares again */
	(void)far_said(&far[1]);
	told(ONE | TWO, 0, "10.200.0.0/24" VIA, NULL);
	said(1, " +10.200.0.0/24" SAID_VIA "\n");
	said(2, " +10.200.0.0/24" SAID_VIA "\n");
	(void)state;
}

/* --- End-of-RIB --- */

static void
end_of_rib_waits_for_the_controllers_complete_and_for_the_routes(void **state)
{
	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	advance(20 * SECOND);
	said(1, "");
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	advertise_complete(peer[1]);
	told(ONE, 0, "10.0.2.0/24" VIA, NULL);
	said(1, " +10.0.1.0/24" SAID_VIA "\nend-of-rib ipv4 unicast\n +10.0.2.0/24" SAID_VIA "\n");
	advertise_complete(peer[1]); /* once a session */
	said(1, "");
	/* of a session after it, all was said long ago */
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	up(1);
	said(1, " +10.0.0.0/24 +10.0.1.0/24 +10.0.2.0/24" SAID_VIA "\nend-of-rib ipv4 unicast\n");
	(void)state;
}

/* What it was to be told is of the configuration before: another AS may be missing in front of it. */
static void
a_peer_that_was_changed_is_told_nothing_before_the_controllers_complete(void **state)
{
	struct link_peer c = config_of(1);

	up(1);
	up(2);
	told(ONE | TWO, 0, "10.0.0.0/24" VIA, NULL);
	advertise_complete(peer[1]);
	said(1, " +10.0.0.0/24" SAID_VIA "\nend-of-rib ipv4 unicast\n");
	c.hold_time = 30;
	peer_configure(&speaker, &c);
	far_expect_notification(&far[1], NOTIFY_CEASE, CEASE_CONFIGURATION, NULL);
	far[1] = far_up(&c, &peer[1]);
	far_send_message(&far[1], MESSAGE_REFRESH, "\0\1\0\1", 4);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	said(1, "");
	(void)lane_said();
	border_receipt(peer[1], 7);
	assert_string_equal(lane_said(), "sent 7 to 1: peer down\n");
	told(ONE | TWO, 0, "10.0.0.0/24" VIA " med 5", NULL);
	advertise_complete(peer[1]);
	said(1, " +10.0.1.0/24" SAID_VIA "\n +10.0.0.0/24" SAID_VIA " med 5\nend-of-rib ipv4 unicast\n");
	/* as it is, or changed in what a session takes: nothing is held back */
	c.max_prefix_out = 10;
	peer_configure(&speaker, &c);
	advertise_complete(peer[1]);
	told(ONE, 0, "10.0.2.0/24" VIA, NULL);
	said(1, " +10.0.2.0/24" SAID_VIA "\n");
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	far[1] = far_up(&c, &peer[1]);
	assert_non_null(strstr(far_said(&far[1]), "end-of-rib"));
	(void)state;
}

static void
end_of_ribs_come_in_the_peers_order_when_all_is_told(void **state)
{
	struct link_peer c = config_of(1);

	c.families |= family_bit(IPV6_UNICAST) | family_bit(IPV4_MULTICAST);
	far[1] = far_up(&c, &peer[1]);
	told(ONE, 0, "2001:db8::/32 next-hop 2001:db8::1" PATH, NULL);
	advertise_complete(peer[1]);
	said(1, " +2001:db8::/32 via 2001:db8::1" PATH "\n"
		"end-of-rib ipv4 unicast\nend-of-rib ipv4 multicast\nend-of-rib ipv6 unicast\n");
	(void)state;
}

static void
with_nothing_to_say_end_of_rib_comes_at_once(void **state)
{
	up(1);
	advertise_complete(peer[1]);
	said(1, "end-of-rib ipv4 unicast\n");
	(void)state;
}

static void
who_takes_us_for_an_exabgp_is_read_before_it_is_told_anything(void **state)
{
	struct link_peer c = config_of(1);

	c.as_exabgp = true;
	far[1] = far_up(&c, &peer[1]);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	advertise_complete(peer[1]);
	said(1, "");
	advance(1900);
	said(1, "");
	advance(100);
	said(1, " +10.0.0.0/24" SAID_VIA "\nend-of-rib ipv4 unicast\n");
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	said(1, " +10.0.1.0/24" SAID_VIA "\n");
	/* and one that goes before it was told anything leaves nothing behind */
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	far[1] = far_up(&c, &peer[1]);
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	advance(SECOND);
	(void)state;
}

static void
by_hand_only_the_operators_end_of_rib_comes(void **state)
{
	struct link_peer c = config_of(1);

	c.manual_eor = true;
	far[1] = far_up(&c, &peer[1]);
	advertise_complete(peer[1]);
	said(1, "");
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	border_end_of_rib(peer[1], IPV4_UNICAST);
	border_end_of_rib(peer[1], IPV6_UNICAST); /* not agreed */
	said(1, " +10.0.0.0/24" SAID_VIA "\nend-of-rib ipv4 unicast\n");
	(void)state;
}

/* --- route refresh --- */

static void
a_refresh_tells_everything_again(void **state)
{
	static const uint8_t request[4] = { 0, 1, 0, 1 };

	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	told(ONE, 0, NULL, "10.0.1.0/24");
	told(TWO, 0, "10.0.2.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	(void)state;
}

static void
an_enhanced_refresh_stands_between_its_borders(void **state)
{
	static const uint8_t request[4] = { 0, 1, 0, 1 };

	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	said(1, "refresh begin ipv4 unicast\n +10.0.0.0/24" SAID_VIA "\nrefresh end ipv4 unicast\n"
		" +10.0.1.0/24" SAID_VIA "\n");
	/* of nothing too */
	told(ONE, 0, NULL, "10.0.0.0/24");
	told(ONE, 0, NULL, "10.0.1.0/24");
	(void)far_said(&far[1]);
	far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	said(1, "refresh begin ipv4 unicast\nrefresh end ipv4 unicast\n");
	(void)state;
}

static void
families_that_are_told_again_at_once_begin_and_end_together(void **state)
{
	static const uint8_t request[4] = { 0, 1, 0, 1 }, of_ipv6[4] = { 0, 2, 0, 1 };

	up_with_enhanced_refresh(family_bit(IPV4_UNICAST) | family_bit(IPV4_MULTICAST) | family_bit(IPV6_UNICAST));
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "2001:db8::/32 next-hop 2001:db8::1" PATH, NULL);
	(void)far_said(&far[1]);
	advertise_refresh(peer[1], UINT32_MAX, true);
	said(1, "refresh begin ipv4 unicast\nrefresh begin ipv4 multicast\nrefresh begin ipv6 unicast\n"
		" +10.0.0.0/24" SAID_VIA "\n +2001:db8::/32 via 2001:db8::1" PATH "\n"
		"refresh end ipv4 unicast\nrefresh end ipv4 multicast\nrefresh end ipv6 unicast\n");
	/* the next of each is one of its own */
	far_send_message(&far[1], MESSAGE_REFRESH, of_ipv6, 4);
	said(1, "refresh begin ipv6 unicast\n +2001:db8::/32 via 2001:db8::1" PATH "\nrefresh end ipv6 unicast\n");
	far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	said(1, "refresh begin ipv4 unicast\n +10.0.0.0/24" SAID_VIA "\nrefresh end ipv4 unicast\n");
	(void)state;
}

static unsigned
count_of(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void
a_peer_that_goes_on_asking_for_refreshes_does_not_fill_its_queue(void **state)
{
	static const uint8_t request[4] = { 0, 1, 0, 1 };
	unsigned begun = 0, ended = 0;

	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	fill(ONE, 0, 6000);
	for (int i = 0; i < 1000; i++)
		far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	turns(40);
	assert_false(ledger_reader_live(peer[1]->out->reader[IPV4_UNICAST]));
	for (int quiet = 0; quiet < 20; quiet++) {
		const char *text = far_said(&far[1]);

		if (*text)
			quiet = 0;
		begun += count_of(text, "refresh begin");
		ended += count_of(text, "refresh end");
	}
	/* those that came while one went on are one more together */
	assert_int_equal(begun, 2);
	assert_int_equal(ended, 2);
	assert_true(ledger_reader_live(peer[1]->out->reader[IPV4_UNICAST]));
	(void)state;
}

static void
a_refresh_does_not_lose_a_withdraw_on_its_way(void **state)
{
	static const uint8_t request[4] = { 0, 1, 0, 1 };

	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	told(ONE, 0, "10.0.1.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	told(ONE, 0, NULL, "10.0.1.0/24");
	advertise_refresh(peer[1], family_bit(IPV4_UNICAST), false);
	far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	assert_non_null(strstr(far_said(&far[1]), " -10.0.1.0/24\n"));
	(void)state;
}

/* --- receipts --- */

static void
a_receipt_is_told_when_all_before_it_is_written(void **state)
{
	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	border_receipt(peer[1], 7);
	assert_string_equal(lane_said(), "");
	said(1, " +10.0.0.0/24" SAID_VIA "\n");
	assert_string_equal(lane_said(), "sent 7 to 1: written\n");
	border_receipt(peer[1], 8); /* nothing on its way: at once */
	assert_string_equal(lane_said(), "sent 8 to 1: written\n");
	(void)state;
}

static void
a_receipt_waits_for_a_slow_peer_and_comes_in_order(void **state)
{
	up(1);
	fill(ONE, 0, 12000);
	border_receipt(peer[1], 1);
	fill(ONE, 12000, 12100);
	border_receipt(peer[1], 2);
	turns(50);
	advance(31 * SECOND); /* a KEEPALIVE overtakes: it must not count for them */
	assert_string_equal(lane_said(), "");
	assert_int_equal(prefixes_of(1, 12100), 12100);
	turns(20);
	assert_string_equal(lane_said(), "sent 1 to 1: written\nsent 2 to 1: written\n");
	(void)state;
}

static void
a_receipt_of_a_peer_that_is_down_says_so(void **state)
{
	struct link_peer c = config_of(2);
	up(1);
	peer[2] = peer_configure(&speaker, &c);
	border_receipt(peer[2], 4);
	assert_string_equal(lane_said(), "sent 4 to 2: peer down\n");
	fill(ONE, 0, 12000);
	border_receipt(peer[1], 5); /* the reader is behind it */
	turns(50);
	assert_string_equal(lane_said(), "");
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	assert_string_equal(lane_said(), "sent 5 to 1: peer down\n");
	(void)state;
}

/* Packed is not written: each write is looked at, and only the one that ends it tells. */
static void
a_receipt_that_is_packed_waits_for_its_last_octet(void **state)
{
	uint8_t *run = calloc(1, 1 << 22);
	size_t before;

	up(1);
	for (int i = 0; i < 4; i++)
		session_send(peer[1]->session, chunk_new(run, 1 << 22, 1));
	free(run);
	turns(20);
	border_receipt(peer[1], 5);
	before = session_queued(peer[1]->session);
	assert_true(before > 0);
	for (int i = 0; i < FAR_TURNS && session_queued(peer[1]->session) == before; i++) {
		far_read(&far[1]);
		octets_clear(&far[1].in);
		turns(1);
	}
	assert_in_range(session_queued(peer[1]->session), 1, before - 1);
	assert_string_equal(lane_said(), "");
	for (int i = 0; i < FAR_TURNS && session_queued(peer[1]->session) > 0; i++) {
		far_read(&far[1]);
		octets_clear(&far[1].in);
		turns(1);
	}
	assert_string_equal(lane_said(), "sent 5 to 1: written\n");
	(void)state;
}

static void
a_receipt_that_is_packed_but_not_written_is_down_with_its_peer(void **state)
{
	uint8_t *run = calloc(1, 1 << 22);

	up(1);
	for (int i = 0; i < 4; i++)
		session_send(peer[1]->session, chunk_new(run, 1 << 22, 1));
	free(run);
	turns(20);
	border_receipt(peer[1], 5);
	assert_false(list_empty(&peer[1]->out->receipts));
	assert_string_equal(lane_said(), "");
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	assert_string_equal(lane_said(), "sent 5 to 1: peer down\n");
	(void)state;
}

/* --- limits and what cannot be sent --- */

static void
more_than_maximum_prefix_out_closes_the_session(void **state)
{
	struct link_peer c = config_of(1);

	c.max_prefix_out = 10;
	far[1] = far_up(&c, &peer[1]);
	fill(ONE | TWO, 0, 10);
	fill(TWO, 10, 30);
	assert_int_equal(prefixes_of(1, 10), 10);
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	fill(ONE, 40, 41);
	turns(10);
	assert_int_equal(peer[1]->notify_code, NOTIFY_CEASE);
	assert_int_equal(peer[1]->notify_subcode, CEASE_MAX_PREFIX);
	assert_int_equal(peer[1]->state, PEER_ACTIVE);
	(void)state;
}

static void
what_is_told_again_does_not_count_twice_for_the_limit(void **state)
{
	static const uint8_t request[4] = { 0, 1, 0, 1 };
	struct link_peer c = config_of(1);

	c.max_prefix_out = 10;
	far[1] = far_up(&c, &peer[1]);
	fill(ONE, 0, 10);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(prefixes_of(1, 10), 10);
		far_send_message(&far[1], MESSAGE_REFRESH, request, 4);
	}
	assert_int_equal(prefixes_of(1, 10), 10);
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	/* and what is behind it still comes */
	told(ONE, 0, NULL, "10.0.0.1/32");
	fill(ONE, 100, 101);
	assert_non_null(strstr(far_said(&far[1]), "+10.0.0.100/32"));
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	(void)state;
}

/* A peer that has as much as it may is not looked for in all that the others have, slice by slice. */
static void
at_its_limit_a_peer_costs_what_the_others_do(void **state)
{
	static struct routes_message m;
	static uint8_t nlri[5 * 300000];
	struct writer w = writer_of(nlri, sizeof nlri);
	struct link_peer c = config_of(1);
	uint8_t bitmap = TWO;
	clock_t begun;

	for (uint32_t i = 0; i < sizeof nlri / 5; i++) {
		writer_u8(&w, 32);
		writer_u32(&w, 0x0b000000 + i);
	}
	m = (struct routes_message){ .peers = reader_of(&bitmap, 1), .announces = 1 };
	m.announce[0] = (struct routes_part){ .family = IPV4_UNICAST,
		.nlri = writer_read(&w),
		.value = { .next_hop = reader_of("\x0a\x09\x09\x09", 4),
		    .attributes = reader_of("\x40\x01\x01\x00\x40\x02\x00", 7) } };
	rib_out_message(speaker.out, &m);
	c.max_prefix_out = 10;
	far[1] = far_up(&c, &peer[1]);
	fill(ONE, 0, 10);
	assert_int_equal(prefixes_of(1, 10), 10);
	begun = clock();
	for (int i = 0; i < 1000; i++) {
		fill(ONE, 9, 10);
		told(ONE, 0, "10.0.0.9/32" VIA, NULL);
		turns(1);
	}
	assert_true(clock() - begun < 2 * CLOCKS_PER_SEC);
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	assert_int_equal(peer[1]->out->advertised, 10);
	(void)state;
}

/* A new value that does not fit leaves nothing behind: the old one would go on being believed. */
static void
a_route_that_does_not_fit_any_more_is_withdrawn(void **state)
{
	struct text route = { 0 };

	log_open(open("/dev/null", O_WRONLY), LOG_TEXT, LOG_LEVEL_ERROR, "test");
	up(1);
	told(ONE, 0, "10.0.0.0/24" VIA, NULL);
	(void)far_said(&far[1]);
	text_add(&route, "10.0.0.0/24" VIA " community [");
	for (int i = 0; i < 1100; i++)
		text_printf(&route, " 65000:%d", i);
	text_add(&route, " ]");
	told(ONE, 0, text_str(&route), NULL);
	said(1, " -10.0.0.0/24\n");
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	text_fini(&route);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(routes_are_told_to_those_they_are_for),
		START(the_same_again_is_not_told_again),
		START(of_several_changes_the_newest_is_told_and_withdraws_go_first),
		START(
		    nothing_is_withdrawn_before_a_route_was_sent_and_what_was_never_told_is_after),
		START(what_two_owners_say_is_not_packed_together),
		START(a_peer_that_comes_up_is_told_all_there_is),
		START(families_that_were_not_agreed_are_not_told),
		START(peers_that_are_told_the_same_go_in_step_with_as_few_messages_as_values),
		START(a_path_without_an_identifier_gives_way_to_another),
		START(peers_with_other_parameters_are_packed_for_by_themselves),
		START(a_slow_peer_is_left_behind_and_catches_up),
		START(end_of_rib_waits_for_the_controllers_complete_and_for_the_routes),
		START(a_peer_that_was_changed_is_told_nothing_before_the_controllers_complete),
		START(end_of_ribs_come_in_the_peers_order_when_all_is_told),
		START(with_nothing_to_say_end_of_rib_comes_at_once),
		START(who_takes_us_for_an_exabgp_is_read_before_it_is_told_anything),
		START(by_hand_only_the_operators_end_of_rib_comes),
		START(a_refresh_tells_everything_again),
		START(an_enhanced_refresh_stands_between_its_borders),
		START(families_that_are_told_again_at_once_begin_and_end_together),
		START(a_peer_that_goes_on_asking_for_refreshes_does_not_fill_its_queue),
		START(a_refresh_does_not_lose_a_withdraw_on_its_way),
		START(a_receipt_is_told_when_all_before_it_is_written),
		START(a_receipt_waits_for_a_slow_peer_and_comes_in_order),
		START(a_receipt_of_a_peer_that_is_down_says_so),
		START(a_receipt_that_is_packed_waits_for_its_last_octet),
		START(a_receipt_that_is_packed_but_not_written_is_down_with_its_peer),
		START(more_than_maximum_prefix_out_closes_the_session),
		START(what_is_told_again_does_not_count_twice_for_the_limit),
		START(at_its_limit_a_peer_costs_what_the_others_do),
		START(a_route_that_does_not_fit_any_more_is_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
