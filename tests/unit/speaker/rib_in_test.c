/* What peers said: kept, counted, limited, refreshed. */
#include "tests/tools/fars.h"

#define START(name) cmocka_unit_test_setup_teardown(name, speaker_start, fars_stop)
#define VIA         " next-hop 127.0.0.11 origin igp as-path [ 65001 ]"

/* The value that is kept for a prefix, as text; "" when there is none. */
static const char *
kept(uint32_t n, enum family f, const char *prefix)
{
	static struct text t;
	struct ledger *l = peer[n]->in->ledger[f];
	struct ledger_entry *e;
	struct route_draft d;
	struct nlri nlri;
	struct route_value v;
	uint64_t state = 0;
	uint8_t memory[ROUTE_PIECE_MAX];

	if (!prefix) {
		text_fini(&t);
		return "";
	}
	text_clear(&t);
	draft_of(&d, prefix);
	assert_true(route_draft_next(&d, &state, memory, &nlri));
	e = l ? ledger_find(l, d.path_id, nlri.octets) : NULL;
	if (e && !e->mark) {
		struct addr hop;
		char out[ADDR_TEXT];

		v = route_value_of(blob_read(ledger_value(e)));
		hop = addr_of(v.next_hop.at, v.next_hop.left);
		text_printf(&t, "via %s", addr_print(&hop, out));
		attrs_print(v.attributes, &t);
	}
	route_draft_fini(&d);
	return text_str(&t);
}

static void
announces_and_withdraws_are_kept_and_counted(void **state)
{
	struct link_peer c = config_of(1);

	c.families |= family_bit(IPV6_UNICAST);
	far[1] = far_up(&c, &peer[1]);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	assert_string_equal(
	    kept(1, IPV4_UNICAST, "10.0.0.0/24"), "via 127.0.0.11 origin igp as-path [ 65001 ]");
	far_announce(&far[1], "10.0.0.0/22" VIA " med 5 split /24");
	assert_int_equal(peer[1]->in->count, 4);
	assert_int_equal(speaker.routes_in, 4);
	/* said anew: still one */
	far_announce(&far[1], "10.0.0.0/24" VIA " med 6");
	assert_int_equal(peer[1]->in->count, 4);
	assert_string_equal(kept(1, IPV4_UNICAST, "10.0.0.0/24"),
	    "via 127.0.0.11 origin igp as-path [ 65001 ] med 6");
	far_announce(&far[1], "2001:db8::/32 next-hop 2001:db8::1 origin igp as-path [ 65001 ]");
	assert_int_equal(peer[1]->in->count, 5);
	far_withdraw(&far[1], "10.0.1.0/24");
	far_withdraw(&far[1], "10.0.1.0/24"); /* again, and one that never was */
	far_withdraw(&far[1], "10.99.0.0/24");
	assert_int_equal(peer[1]->in->count, 4);
	assert_string_equal(kept(1, IPV4_UNICAST, "10.0.1.0/24"), "");
	far_withdraw(&far[1], "2001:db8::/32");
	assert_int_equal(speaker.routes_in, 3);
	assert_int_equal(ledger_count(peer[1]->in->ledger[IPV4_UNICAST]), 3);
	/* and announced once more */
	far_announce(&far[1], "10.0.1.0/24" VIA);
	assert_int_equal(peer[1]->in->count, 4);
	(void)kept(1, IPV4_UNICAST, NULL);
	(void)state;
}

/* Withdrawn with the mirror as a reader, an entry stays as a mark: it must count as gone all the same. */
static void
a_route_that_comes_back_before_its_mark_was_seen_is_counted(void **state)
{
	struct link_interest i = { .peer = 1, .updates = true };

	up(1);
	mirror_interest(speaker.mirror, &i);
	turns(2);
	lane->credit = 0;
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_withdraw(&far[1], "10.0.0.0/24");
	assert_int_equal(peer[1]->in->count, 0);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	assert_int_equal(peer[1]->in->count, 1);
	assert_int_equal(speaker.routes_in, 1);
	(void)state;
}

static void
equal_values_are_one_blob_for_all_peers(void **state)
{
	size_t before;

	up(1);
	up(2);
	before = blobs_count(speaker.values);
	far_announce(&far[1], "10.0.0.0/20" VIA " split /24");
	far_announce(&far[2], "10.1.0.0/20" VIA " split /24");
	assert_int_equal(blobs_count(speaker.values), before + 1);
	assert_int_equal(speaker.routes_in, 32);
	(void)state;
}

static void
with_add_path_each_path_is_a_route(void **state)
{
	struct link_peer c = config_of(1);

	c.add_path[IPV4_UNICAST] = ADD_PATH_BOTH;
	far[1] = far_of(1);
	far[1].open.caps.add_path[IPV4_UNICAST] = ADD_PATH_BOTH;
	caps_add(&far[1].open.caps, CAP_ADD_PATH);
	peer[1] = peer_configure(&speaker, &c);
	far_connect(&far[1]);
	far_establish(&far[1]);
	far_announce(&far[1], "10.0.0.0/24 path-information 0.0.0.1" VIA);
	far_announce(&far[1], "10.0.0.0/24 path-information 0.0.0.2" VIA " med 2");
	assert_int_equal(peer[1]->in->count, 2);
	far_withdraw(&far[1], "10.0.0.0/24 path-information 0.0.0.1");
	assert_int_equal(peer[1]->in->count, 1);
	assert_string_equal(kept(1, IPV4_UNICAST, "10.0.0.0/24 path-information 0.0.0.2"),
	    "via 127.0.0.11 origin igp as-path [ 65001 ] med 2");
	(void)kept(1, IPV4_UNICAST, NULL);
	(void)state;
}

static void
the_end_of_the_session_takes_its_routes(void **state)
{
	up(1);
	up(2);
	far_announce(&far[1], "10.0.0.0/20" VIA " split /24");
	far_announce(&far[2], "10.1.0.0/24" VIA);
	far_end_of_rib(&far[1], IPV4_UNICAST);
	assert_int_equal(peer[1]->in->end_of_rib, family_bit(IPV4_UNICAST));
	assert_int_equal(speaker.routes_in, 17);
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	assert_null(peer[1]->in);
	assert_int_equal(speaker.routes_in, 1);
	(void)state;
}

static void
more_than_maximum_prefix_closes_the_session(void **state)
{
	static const uint8_t data[7] = { 0, 1, 1, 0, 0, 0, 3 };
	struct link_peer c = config_of(1);

	c.max_prefix_in = 3;
	far[1] = far_up(&c, &peer[1]);
	for (int i = 0; i < 6; i++) {
		char route[100];

		/* never more than three at once */
		snprintf(route, sizeof route, "10.0.%d.0/24" VIA, i);
		far_announce(&far[1], route);
		if (i > 1) {
			snprintf(route, sizeof route, "10.0.%d.0/24", i);
			far_withdraw(&far[1], route);
		}
	}
	far_announce(&far[1], "10.0.9.0/24" VIA);
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	far_announce(&far[1], "10.0.10.0/24" VIA);
	far_expect(&far[1], MESSAGE_NOTIFICATION);
	assert_memory_equal(far[1].body, "\6\1", 2);
	/* RFC 4486: family and limit */
	assert_int_equal(far[1].message.body.left, 9);
	assert_memory_equal(far[1].body + 2, data, 7);
	assert_int_equal(speaker.routes_in, 0);
	assert_int_equal(peer[1]->state, PEER_ACTIVE);
	(void)state;
}

static void
past_the_cap_of_the_process_the_newest_peer_goes(void **state)
{
	speaker.options.max_routes = 20;
	up(1);
	advance(SECOND);
	up(2);
	advance(SECOND);
	up(3); /* has said nothing: its going would help nobody */
	far_announce(&far[1], "10.0.0.0/21" VIA " split /24");
	far_announce(&far[2], "10.1.0.0/21" VIA " split /24");
	assert_int_equal(speaker.routes_in, 16);
	far_announce(&far[1], "10.2.0.0/21" VIA " split /24");
	far_expect_notification(&far[2], NOTIFY_CEASE, CEASE_RESOURCES, NULL);
	assert_int_equal(speaker.routes_in, 16);
	assert_int_equal(peer[1]->state, PEER_ESTABLISHED);
	assert_int_equal(peer[3]->state, PEER_ESTABLISHED);
	/* the one that speaks is the newest */
	far_announce(&far[3], "10.3.0.0/21" VIA " split /24");
	far_expect_notification(&far[3], NOTIFY_CEASE, CEASE_RESOURCES, NULL);
	assert_int_equal(speaker.routes_in, 16);
	assert_int_equal(peer[1]->in->count, 16);
	(void)state;
}

/* --- enhanced refresh, RFC 7313 --- */

static void
refresh(uint32_t n, enum refresh_kind kind)
{
	uint8_t body[4] = { 0, 1, (uint8_t)kind, 1 };

	far_send_message(&far[n], MESSAGE_REFRESH, body, 4);
}

static void
what_a_refresh_does_not_say_again_is_gone(void **state)
{
	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	far_announce(&far[1], "10.0.0.0/22" VIA " split /24");
	refresh(1, REFRESH_BEGIN);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_announce(&far[1], "10.0.1.0/24" VIA " med 1");
	far_announce(&far[1], "10.9.0.0/24" VIA);
	assert_int_equal(peer[1]->in->count, 5);
	refresh(1, REFRESH_END);
	turns(5);
	assert_int_equal(peer[1]->in->count, 3);
	assert_int_equal(speaker.routes_in, 3);
	assert_string_not_equal(kept(1, IPV4_UNICAST, "10.0.0.0/24"), "");
	assert_string_equal(kept(1, IPV4_UNICAST, "10.0.2.0/24"), "");
	(void)kept(1, IPV4_UNICAST, NULL);
	(void)state;
}

static void
an_end_without_a_begin_and_a_begin_anew_lose_nothing(void **state)
{
	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	refresh(1, REFRESH_BEGIN); /* before there is anything */
	refresh(1, REFRESH_END);
	far_announce(&far[1], "10.0.0.0/22" VIA " split /24");
	refresh(1, REFRESH_END);
	turns(5);
	assert_int_equal(peer[1]->in->count, 4);
	/* a begin inside a refresh: what counts is what is said behind the last */
	refresh(1, REFRESH_BEGIN);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	refresh(1, REFRESH_BEGIN);
	far_announce(&far[1], "10.0.1.0/24" VIA);
	refresh(1, REFRESH_END);
	turns(5);
	assert_int_equal(peer[1]->in->count, 1);
	assert_string_not_equal(kept(1, IPV4_UNICAST, "10.0.1.0/24"), "");
	(void)kept(1, IPV4_UNICAST, NULL);
	(void)state;
}

static void
a_begin_stops_the_sweep_of_the_refresh_before(void **state)
{
	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	far_announce(&far[1], "10.0.0.0/22" VIA " split /24");
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_BEGIN);
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_END);
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_BEGIN);
	turns(5);
	assert_int_equal(peer[1]->in->count, 4);
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_END);
	turns(5);
	assert_int_equal(peer[1]->in->count, 0);
	(void)state;
}

static void
the_end_of_the_session_inside_a_refresh_is_the_end(void **state)
{
	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	far_announce(&far[1], "10.0.0.0/22" VIA " split /24");
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_BEGIN);
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_END);
	far_close(&far[1]);
	UNTIL(!peer[1]->session);
	assert_null(peer[1]->in);
	assert_int_equal(speaker.routes_in, 0);
	(void)state;
}

static void
a_refresh_that_never_ends_is_ended_by_stale_time_where_there_is_one(void **state)
{
	up_with_enhanced_refresh(family_bit(IPV4_UNICAST));
	far_announce(&far[1], "10.0.0.0/22" VIA " split /24");
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_BEGIN);
	for (int i = 0; i < 60; i++) {
		advance(60 * SECOND);
		far_send_keepalive(&far[1]);
	}
	assert_int_equal(peer[1]->in->count, 4);
	peer[1]->config.stale_time = 10;
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_BEGIN);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	advance(10 * SECOND - 1);
	assert_int_equal(peer[1]->in->count, 4);
	advance(1);
	turns(5);
	assert_int_equal(peer[1]->in->count, 1);
	/* one that ends in time needs none */
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_BEGIN);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	rib_in_refresh(peer[1], IPV4_UNICAST, REFRESH_END);
	advance(20 * SECOND);
	assert_int_equal(peer[1]->in->count, 1);
	(void)state;
}

static void
more_than_a_ledger_has_room_for_ends_the_session(void **state)
{
	up(1);
	up(2);
	far_announce(&far[1], "10.0.0.0/24" VIA);
	far_announce(&far[2], "10.0.0.0/24" VIA);
	ledger_most(peer[1]->in->ledger[IPV4_UNICAST], 2);
	far_announce(&far[1], "10.0.1.0/24" VIA);
	far_announce(&far[1], "10.0.1.0/24" VIA " med 5");
	assert_int_equal(peer[1]->in->count, 2);
	far_announce(&far[1], "10.0.2.0/24" VIA);
	far_expect_notification(&far[1], NOTIFY_CEASE, CEASE_RESOURCES, NULL);
	assert_int_equal(peer[2]->in->count, 1);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		START(announces_and_withdraws_are_kept_and_counted),
		START(a_route_that_comes_back_before_its_mark_was_seen_is_counted),
		START(equal_values_are_one_blob_for_all_peers),
		START(with_add_path_each_path_is_a_route),
		START(the_end_of_the_session_takes_its_routes),
		START(more_than_maximum_prefix_closes_the_session),
		START(past_the_cap_of_the_process_the_newest_peer_goes),
		START(what_a_refresh_does_not_say_again_is_gone),
		START(an_end_without_a_begin_and_a_begin_anew_lose_nothing),
		START(a_begin_stops_the_sweep_of_the_refresh_before),
		START(the_end_of_the_session_inside_a_refresh_is_the_end),
		START(a_refresh_that_never_ends_is_ended_by_stale_time_where_there_is_one),
		START(more_than_a_ledger_has_room_for_ends_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
