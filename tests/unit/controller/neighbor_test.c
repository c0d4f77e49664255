/* Neighbors: made from the configuration, kept through reloads, told by reports. */
#include "controller/neighbor.h"
#include "tests/unit/controller/api/world.h"

static void
reload(struct world *w, const char *config)
{
	world_write_config(w, config);
	assert_int_equal(controller_reload(&w->c, NULL), 0);
}

static const char everything[] =
    "neighbor 192.0.2.7 {\n"
    "	local-address 192.0.2.254;\n"
    "	local-as 65000;\n"
    "	peer-as 4200000000;\n"
    "	router-id 10.0.0.1;\n"
    "	hold-time 33;\n"
    "	passive true;\n"
    "	listen 1790;\n"
    "	connect 1791;\n"
    "	md5-password secret;\n"
    "	outgoing-ttl 200;\n"
    "	incoming-ttl 254;\n"
    "	group-updates false;\n"
    "	manual-eor true;\n"
    "	host-name edge;\n"
    "	domain-name example.net;\n"
    "	rate-limit 50;\n"
    "	capability { graceful-restart 100; asn4 false; extended-message false; route-refresh true; "
    "operational true; add-path send/receive; nexthop true; }\n"
    "	family { ipv4 unicast; ipv6 unicast; }\n"
    "	nexthop { ipv4 unicast ipv6; }\n"
    "	add-path { ipv4 unicast; }\n"
    "}\n";

static void
its_peer_says_what_the_configuration_says(void **state)
{
	struct world *w = *state;
	struct link_peer p;

	reload(w, everything);
	neighbor_peer(neighbor_at(w, "192.0.2.7"), &p);
	assert_int_equal(p.local_as, 65000);
	assert_int_equal(p.peer_as, 4200000000);
	assert_int_equal(p.router_id, 0x0a000001);
	assert_int_equal(p.hold_time, 33);
	assert_true(p.passive);
	assert_int_equal(p.listen, 1790);
	assert_int_equal(p.connect, 1791);
	assert_string_equal(p.md5, "secret");
	assert_false(p.tcp_ao);
	assert_int_equal(p.ttl_out, 200);
	assert_int_equal(p.ttl_in, 254);
	assert_int_equal(p.group, GROUP_NONE);
	assert_true(p.manual_eor);
	assert_string_equal(p.host_name, "edge");
	assert_string_equal(p.domain_name, "example.net");
	assert_int_equal(p.rate_limit, 50);
	assert_true(p.graceful && p.no_asn4 && p.no_extended_message && p.refresh && p.operational);
	assert_int_equal(p.graceful_time, 100);
	assert_int_equal(p.add_path[IPV4_UNICAST], ADD_PATH_BOTH);
	assert_int_equal(p.add_path[IPV6_UNICAST], ADD_PATH_NONE);
	assert_true(p.nexthop);
	assert_int_equal(p.nexthop6, family_bit(IPV4_UNICAST));
	assert_int_equal(p.families, family_bit(IPV4_UNICAST) | family_bit(IPV6_UNICAST));
}

static void
what_was_not_said_has_its_default(void **state)
{
	struct world *w = *state;
	struct link_peer p;

	neighbor_peer(neighbor_at(w, "192.0.2.1"), &p);
	assert_int_equal(p.hold_time, 180);
	assert_false(p.passive || p.no_asn4 || p.no_extended_message || p.graceful || p.manual_eor);
	assert_int_equal(p.ttl_in, -1);
	assert_int_equal(p.ttl_out, -1);
	assert_int_equal(p.listen, 0);
	assert_int_equal(p.connect, 0);
	assert_string_equal(p.md5, "");
	assert_int_equal(p.graceful_time, 0);
	assert_int_equal(p.max_prefix_in, 0);
}

static void
equal_configurations_make_equal_octets(void **state)
{
	struct world *w = *state;
	struct link_peer a, b;

	reload(w, everything);
	neighbor_peer(neighbor_at(w, "192.0.2.7"), &a);
	reload(w, everything);
	neighbor_peer(neighbor_at(w, "192.0.2.7"), &b);
	assert_memory_equal(&a, &b, sizeof a);
}

static void
a_reload_keeps_neighbors_and_their_numbers(void **state)
{
	struct world *w = *state;
	struct neighbor *one = neighbor_at(w, "192.0.2.1"), *three = neighbor_at(w, "192.0.2.3");
	uint32_t number = three->number, next = w->c.next_number;

	report(one, PEER_ESTABLISHED, 1, "");
	/* in another order, one gone and one new */
	reload(w, "speaker edge {\n}\nspeaker far {\n}\n"
		  "neighbor 192.0.2.3 { speaker far; local-address 192.0.2.253; local-as 65000; "
		  "peer-as 65000; router-id 192.0.2.253; "
		  "family { ipv4 unicast; } }\n"
		  "neighbor 192.0.2.9 { speaker far; local-address 192.0.2.253; local-as 65000; "
		  "peer-as 65000; router-id 192.0.2.253; "
		  "family { ipv4 unicast; } }\n"
		  "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; "
		  "peer-as 65001; router-id 192.0.2.254; "
		  "family { ipv4 unicast; } }\n");
	assert_int_equal(w->c.neighbor_count, 3);
	assert_ptr_equal(neighbor_at(w, "192.0.2.1"), one);
	assert_ptr_equal(neighbor_at(w, "192.0.2.3"), three);
	assert_int_equal(three->number, number);
	assert_true(neighbor_established(one));
	assert_int_equal(one->families, family_bit(IPV4_UNICAST));
	/* a number is not given again soon */
	assert_int_equal(neighbor_at(w, "192.0.2.9")->number, next);
	assert_ptr_equal(neighbor_by_number(&w->c, next), neighbor_at(w, "192.0.2.9"));
	assert_ptr_equal(LIST_ENTRY(w->c.neighbors.next, struct neighbor, link), three);
	assert_ptr_equal(LIST_ENTRY(w->c.neighbors.prev, struct neighbor, link), one);
}

/* Neighbors with the addresses from..to on one of two speakers; `from` on both. */
static void
reload_many(struct world *w, int from, int to)
{
	struct text t = { 0 };

	text_add(&t, "speaker edge {\n}\nspeaker far {\n}\n");
	for (int i = from; i <= to; i++)
		for (int both = 0; both <= (i == from); both++)
			text_printf(&t,
			    "neighbor 10.1.%d.%d { speaker %s; local-address 192.0.2.253; "
			    "local-as 65000; peer-as 65000; router-id 192.0.2.253; "
			    "family { ipv4 unicast; } }\n",
			    i >> 8, i & 255, (i + both) % 2 ? "edge" : "far");
	reload(w, text_str(&t));
	text_fini(&t);
}

static struct neighbor *
one_of_many(struct world *w, int i, bool edge)
{
	struct addr a = addr_v4(0x0a010000u + (uint32_t)i);

	return neighbor_by_address(fleet_speaker(w->c.fleet, edge ? "edge" : "far"), &a);
}

static void
each_of_many_is_found_by_speaker_and_address(void **state)
{
	struct world *w = *state;

	reload_many(w, 0, 1500);
	assert_int_equal(w->c.neighbor_count, 1502);
	reload_many(w, 1000, 2500); /* a thousand go, a thousand come */
	assert_int_equal(w->c.neighbor_count, 1502);
	for (int i = 0; i < 3000; i++)
		for (int edge = 0; edge < 2; edge++) {
			bool there = i >= 1000 && i <= 2500 && (i == 1000 || i % 2 == edge);
			struct neighbor *n = one_of_many(w, i, edge);

			assert_int_equal(n != NULL, there);
			if (n)
				assert_int_equal(
				    addr_u32(&n->peer.address), 0x0a010000u + (uint32_t)i);
		}
}

static void
a_neighbor_that_moves_to_another_speaker_is_another_neighbor(void **state)
{
	struct world *w = *state;
	uint32_t number = neighbor_at(w, "192.0.2.1")->number;

	report(neighbor_at(w, "192.0.2.1"), PEER_ESTABLISHED, 1, "");
	reload(w, "speaker edge {\n}\nspeaker far {\n}\n"
		  "neighbor 192.0.2.1 { speaker far; local-address 192.0.2.254; local-as 65000; "
		  "peer-as 65001; router-id 192.0.2.254; "
		  "family { ipv4 unicast; } }\n");
	assert_int_equal(w->c.neighbor_count, 1);
	assert_int_not_equal(neighbor_at(w, "192.0.2.1")->number, number);
	assert_false(neighbor_established(neighbor_at(w, "192.0.2.1")));
	assert_string_equal(neighbor_at(w, "192.0.2.1")->name, "neighbor 192.0.2.1 speaker far");
}

static void
the_same_address_may_stand_on_two_speakers(void **state)
{
	struct world *w = *state;
	struct addr a;

	reload(w, "speaker edge {\n}\nspeaker far {\n}\n"
		  "neighbor 192.0.2.1 { speaker far; local-address 192.0.2.254; local-as 65000; "
		  "peer-as 65001; router-id 192.0.2.254; "
		  "family { ipv4 unicast; } }\n"
		  "neighbor 192.0.2.1 { speaker edge; local-address 192.0.2.254; local-as 65000; "
		  "peer-as 65001; router-id 192.0.2.254; "
		  "family { ipv4 unicast; } }\n");
	addr_scan(&a, "192.0.2.1");
	assert_int_equal(w->c.neighbor_count, 2);
	assert_ptr_not_equal(neighbor_by_address(fleet_speaker(w->c.fleet, "edge"), &a),
	    neighbor_by_address(fleet_speaker(w->c.fleet, "far"), &a));
	addr_scan(&a, "192.0.2.2");
	assert_null(neighbor_by_address(fleet_speaker(w->c.fleet, "edge"), &a));
}

static void
what_is_auto_is_what_the_session_told(void **state)
{
	struct world *w = *state;
	struct link_peer_state up = {
		.state = PEER_ESTABLISHED, .session = 1, .local_as = 65009, .peer_as = 65009
	};
	struct neighbor *n;
	struct addr local;

	reload(w, "neighbor 192.0.2.1 { local-address auto; local-as auto; peer-as auto; router-id "
		  "192.0.2.254; "
		  "family { ipv4 unicast; } }\n");
	n = neighbor_at(w, "192.0.2.1");
	assert_int_equal(neighbor_local_as(n), 0);
	assert_int_equal(neighbor_peer_as(n), 0);
	assert_int_equal(neighbor_local_address(n).family, 0);
	assert_false(neighbor_settled(n));
	addr_scan(&up.local, "192.0.2.77");
	neighbor_state(n, &up);
	local = neighbor_local_address(n);
	assert_int_equal(neighbor_local_as(n), 65009);
	assert_int_equal(neighbor_peer_as(n), 65009);
	assert_true(addr_equal(&local, &up.local));
	assert_true(neighbor_settled(n));
	neighbor_unknown(n);
	assert_false(neighbor_settled(n));
	/* what is configured does not ask the session */
	reload(w, world_config);
	assert_true(neighbor_settled(neighbor_at(w, "192.0.2.1")));
}

static void
states_are_known_only_while_the_speaker_tells_them(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");

	assert_false(n->known);
	report(n, PEER_OPEN_SENT, 0, "connected");
	assert_true(n->known);
	assert_false(neighbor_established(n));
	report(n, PEER_ESTABLISHED, 1, "the session is up");
	assert_true(neighbor_established(n));
	neighbor_unknown(n);
	assert_false(neighbor_established(n));
	/* the same session again: it never went */
	report(n, PEER_ESTABLISHED, 1, "the session is up");
	assert_true(neighbor_established(n));
}

static void
a_mirror_is_emptied_when_its_session_ends_and_not_before(void **state)
{
	struct world *w = *state;
	struct neighbor *n = neighbor_at(w, "192.0.2.1");
	struct mirror *m;

	report(n, PEER_ESTABLISHED, 1, "");
	m = mirror_need(n);
	heard(n, false, 0, "route 10.0.0.0/24 next-hop 192.0.2.1");
	report(n, PEER_ESTABLISHED, 1, ""); /* counters moved */
	assert_int_equal(mirror_count(m), 1);
	report(n, PEER_ESTABLISHED, 2, ""); /* a session in between was not seen */
	turns(w, 5);
	assert_int_equal(mirror_count(m), 0);
	mirror_done(n);
}

static void
its_full_name_is_exabgps(void **state)
{
	struct world *w = *state;
	struct text t = { 0 };

	neighbor_full_name(neighbor_at(w, "192.0.2.1"), &t);
	assert_string_equal(text_str(&t), "neighbor 192.0.2.1 local-ip 192.0.2.254 local-as 65000 "
					  "peer-as 65001 router-id 192.0.2.254 "
					  "family-allowed in-open speaker edge");
	text_clear(&t);
	reload(w, "neighbor 192.0.2.1 { local-address auto; local-as auto; peer-as auto; router-id "
		  "192.0.2.254; "
		  "family { ipv4 unicast; } }\n");
	neighbor_full_name(neighbor_at(w, "192.0.2.1"), &t);
	assert_string_equal(text_str(&t), "neighbor 192.0.2.1 local-ip auto local-as auto peer-as "
					  "auto router-id 192.0.2.254 family-allowed in-open");
	text_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(its_peer_says_what_the_configuration_says),
		WORLD_TEST(what_was_not_said_has_its_default),
		WORLD_TEST(equal_configurations_make_equal_octets),
		WORLD_TEST(a_reload_keeps_neighbors_and_their_numbers),
		WORLD_TEST(each_of_many_is_found_by_speaker_and_address),
		WORLD_TEST(a_neighbor_that_moves_to_another_speaker_is_another_neighbor),
		WORLD_TEST(the_same_address_may_stand_on_two_speakers),
		WORLD_TEST(what_is_auto_is_what_the_session_told),
		WORLD_TEST(states_are_known_only_while_the_speaker_tells_them),
		WORLD_TEST(a_mirror_is_emptied_when_its_session_ends_and_not_before),
		WORLD_TEST(its_full_name_is_exabgps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
