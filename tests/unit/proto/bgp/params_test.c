#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include "proto/bgp/params.h"

/* An OPEN of that AS which tells these families, ended by FAMILIES, in this order. */
static struct open
open_of(uint32_t asn, const int *families)
{
	struct open o = { .version = 4, .asn = asn, .hold_time = 180, .router_id = asn };

	for (; *families != FAMILIES; families++) {
		caps_add(&o.caps, CAP_MULTIPROTOCOL);
		o.caps.families |= family_bit((enum family) * families);
		o.caps.family_code[o.caps.family_count++] = family_code((enum family) * families);
	}
	return o;
}

#define OPEN(asn, ...) open_of(asn, (const int[]){ __VA_ARGS__, FAMILIES })

static struct session_params
agree(const struct open *ours, const struct open *theirs)
{
	struct session_params p = { 0 };

	params_negotiate(&p, ours, theirs);
	return p;
}

static void
families_are_those_of_both_in_the_order_of_the_peer(void **state)
{
	struct open ours = OPEN(1, IPV4_UNICAST, IPV4_FLOW, IPV6_UNICAST);
	struct open theirs = OPEN(2, IPV6_UNICAST, L2VPN_EVPN, IPV4_UNICAST);
	struct session_params p = agree(&ours, &theirs);

	assert_int_equal(p.families, family_bit(IPV4_UNICAST) | family_bit(IPV6_UNICAST));
	assert_int_equal(p.family_count, 2);
	assert_int_equal(p.family_order[0], IPV6_UNICAST);
	assert_int_equal(p.family_order[1], IPV4_UNICAST);
	(void)state;
}

/* O60, O62 */
static void
who_says_nothing_of_families_speaks_ipv4_unicast(void **state)
{
	struct open silent = OPEN(1, FAMILIES), six = OPEN(2, IPV6_UNICAST);
	struct open both = OPEN(3, IPV6_UNICAST, IPV4_UNICAST);

	assert_int_equal(agree(&silent, &silent).families, family_bit(IPV4_UNICAST));
	assert_int_equal(agree(&silent, &both).families, family_bit(IPV4_UNICAST));
	assert_int_equal(agree(&both, &silent).families, family_bit(IPV4_UNICAST));
	assert_int_equal(agree(&both, &silent).family_count, 1);
	assert_int_equal(agree(&silent, &six).families, 0);
	assert_int_equal(agree(&six, &silent).family_count, 0);
	(void)state;
}

/* O30 */
static void
families_that_nobody_knows_are_not_negotiated(void **state)
{
	struct open ours = OPEN(1, IPV4_UNICAST), theirs = OPEN(2, IPV4_UNICAST);

	theirs.caps.family_code[1] = theirs.caps.family_code[0];
	theirs.caps.family_code[0] = 9999 << 8 | 250;
	theirs.caps.family_count = 2;
	assert_int_equal(agree(&ours, &theirs).families, family_bit(IPV4_UNICAST));
	assert_int_equal(agree(&ours, &theirs).family_count, 1);
	(void)state;
}

/* What we make up ourselves has no list of codes. */
static void
without_an_order_it_is_that_of_the_table(void **state)
{
	struct open ours = OPEN(1, IPV6_UNICAST, IPV4_UNICAST);
	struct session_params p;

	ours.caps.family_count = 0;
	p = agree(&ours, &ours);
	assert_int_equal(p.family_count, 2);
	assert_int_equal(p.family_order[0], IPV4_UNICAST);
	assert_int_equal(p.family_order[1], IPV6_UNICAST);
	(void)state;
}

static void
the_lower_hold_time_counts(void **state)
{
	struct open ours = OPEN(1, IPV4_UNICAST), theirs = OPEN(2, IPV4_UNICAST);

	theirs.hold_time = 65535;
	assert_int_equal(agree(&ours, &theirs).hold_time, 180);
	theirs.hold_time = 3;
	assert_int_equal(agree(&ours, &theirs).hold_time, 3);
	theirs.hold_time = 0;
	assert_int_equal(agree(&ours, &theirs).hold_time, 0);
	(void)state;
}

static void
who_is_who(void **state)
{
	struct open ours = OPEN(1, IPV4_UNICAST), theirs = OPEN(2, IPV4_UNICAST);
	struct session_params p = agree(&ours, &theirs);

	assert_int_equal(p.local_as, 1);
	assert_int_equal(p.peer_as, 2);
	assert_int_equal(p.local_id, 1);
	assert_int_equal(p.peer_id, 2);
	assert_false(params_ibgp(&p));
	ours.asn = 0; /* to be what the peer's is */
	p = agree(&ours, &theirs);
	assert_int_equal(p.local_as, 2);
	assert_true(params_ibgp(&p));
	(void)state;
}

/* Which of the flags are up. */
static unsigned
flags(const struct session_params *p)
{
	return p->asn4 | p->extended_message << 1 | p->refresh << 2 | p->enhanced_refresh << 3 |
	       p->operational << 4 | p->multisession << 5 | p->link_local_nexthop << 6 |
	       p->graceful << 7;
}

static void
a_capability_counts_when_both_have_it(void **state)
{
	static const uint8_t codes[] = { CAP_ASN4, CAP_EXTENDED_MESSAGE, CAP_ROUTE_REFRESH,
		CAP_ENHANCED_REFRESH, CAP_OPERATIONAL, CAP_MULTISESSION, CAP_LINK_LOCAL_NEXTHOP,
		CAP_GRACEFUL_RESTART };

	for (unsigned i = 0; i < sizeof codes; i++) {
		struct open without = OPEN(1, IPV4_UNICAST), with = without;
		struct session_params p;

		caps_add(&with.caps, (enum cap_code)codes[i]);
		p = agree(&with, &with);
		assert_int_equal(flags(&p), 1U << i);
		p = agree(&with, &without);
		assert_int_equal(flags(&p), 0);
		p = agree(&without, &with);
		assert_int_equal(flags(&p), 0);
	}
	(void)state;
}

static void
long_lived_and_past_a_notification_are_of_both_and_of_a_graceful_restart(void **state)
{
	struct open ours = { .asn = 1 }, theirs = { .asn = 2 };
	struct session_params p = { 0 };

	caps_add(&ours.caps, CAP_LONG_LIVED);
	caps_add(&theirs.caps, CAP_LONG_LIVED);
	ours.caps.graceful.flags = theirs.caps.graceful.flags = GRACEFUL_NOTIFICATION;
	caps_add(&theirs.caps, CAP_GRACEFUL_RESTART);
	params_negotiate(&p, &ours, &theirs);
	assert_false(p.graceful || p.long_lived || p.graceful_notification);
	caps_add(&ours.caps, CAP_GRACEFUL_RESTART);
	params_negotiate(&p, &ours, &theirs);
	assert_true(p.graceful && p.long_lived && p.graceful_notification);
	theirs.caps.graceful.flags = GRACEFUL_RESTARTED;
	memset(theirs.caps.has, 0, sizeof theirs.caps.has);
	caps_add(&theirs.caps, CAP_GRACEFUL_RESTART);
	params_negotiate(&p, &ours, &theirs);
	assert_true(p.graceful && p.peer_restarting);
	assert_false(p.long_lived || p.graceful_notification);
	(void)state;
}

static void
only_a_peer_that_speaks_graceful_restart_is_restarting(void **state)
{
	struct open ours = OPEN(1, IPV4_UNICAST), theirs = ours;

	caps_add(&theirs.caps, CAP_GRACEFUL_RESTART);
	theirs.caps.graceful.flags = 8;
	assert_false(agree(&ours, &theirs).peer_restarting);
	caps_add(&ours.caps, CAP_GRACEFUL_RESTART);
	assert_true(agree(&ours, &theirs).peer_restarting);
	theirs.caps.graceful.flags = 7;
	assert_false(agree(&ours, &theirs).peer_restarting);
	(void)state;
}

/* Every pair of modes: paths go one way when that side sends and the other receives. */
static void
paths_go_where_one_sends_and_the_other_receives(void **state)
{
	for (int a = ADD_PATH_NONE; a <= ADD_PATH_BOTH; a++)
		for (int b = ADD_PATH_NONE; b <= ADD_PATH_BOTH; b++) {
			struct open ours = OPEN(1, IPV4_UNICAST), theirs = OPEN(2, IPV4_UNICAST);
			struct session_params p;

			caps_add(&ours.caps, CAP_ADD_PATH);
			caps_add(&theirs.caps, CAP_ADD_PATH);
			ours.caps.add_path[IPV4_UNICAST] = (uint8_t)a;
			theirs.caps.add_path[IPV4_UNICAST] = (uint8_t)b;
			theirs.caps.add_path[IPV6_UNICAST] = ours.caps.add_path[IPV6_UNICAST] =
			    ADD_PATH_BOTH; /* not negotiated */
			p = agree(&ours, &theirs);
			assert_int_equal(p.add_path_send,
			    a >= ADD_PATH_SEND && (b & 1) ? family_bit(IPV4_UNICAST) : 0);
			assert_int_equal(p.add_path_receive,
			    (a & 1) && b >= ADD_PATH_SEND ? family_bit(IPV4_UNICAST) : 0);
		}
	(void)state;
}

static void
ipv6_next_hops_need_both_and_the_family(void **state)
{
	struct open ours = OPEN(1, IPV4_UNICAST), theirs = OPEN(2, IPV4_UNICAST);

	caps_add(&ours.caps, CAP_NEXTHOP);
	caps_add(&theirs.caps, CAP_NEXTHOP);
	ours.caps.nexthop6 = family_bit(IPV4_UNICAST) | family_bit(IPV4_MPLS_VPN);
	assert_int_equal(agree(&ours, &theirs).nexthop6, 0);
	theirs.caps.nexthop6 = ours.caps.nexthop6;
	assert_int_equal(agree(&ours, &theirs).nexthop6, family_bit(IPV4_UNICAST));
	(void)state;
}

static void
what_was_agreed_before_is_forgotten(void **state)
{
	struct open ours = OPEN(1, IPV4_UNICAST);
	struct session_params p, clean = { .group = GROUP_ALL, .aigp = true };

	memset(&p, 0xff, sizeof p);
	p.group = GROUP_ALL;
	p.aigp = true;
	params_negotiate(&p, &ours, &ours);
	params_negotiate(&clean, &ours, &ours);
	assert_int_equal(flags(&p), 0);
	assert_int_equal(p.families, clean.families);
	assert_int_equal(p.family_count, clean.family_count);
	assert_int_equal(p.add_path_send | p.add_path_receive | p.nexthop6, 0);
	assert_false(p.peer_restarting);
	assert_true(p.aigp);
	assert_int_equal(p.group, GROUP_ALL);
	(void)state;
}

static void
sessions_share_octets_when_nothing_that_shapes_them_differs(void **state)
{
	const struct session_params a = { .local_as = 1, .peer_as = 2, .asn4 = true, .peer_id = 1 };
	struct session_params b = a;

	b.peer_as = 3;
	b.peer_id = 9;
	b.hold_time = 90;
	b.families = family_bit(IPV6_UNICAST);
	assert_true(params_same_encoding(&a, &b));
	b.peer_as = 1; /* of our own AS */
	assert_false(params_same_encoding(&a, &b));
	b = a, b.asn4 = false;
	assert_false(params_same_encoding(&a, &b));
	b = a, b.extended_message = true;
	assert_false(params_same_encoding(&a, &b));
	b = a, b.add_path_send = 1;
	assert_false(params_same_encoding(&a, &b));
	b = a, b.nexthop6 = 1;
	assert_false(params_same_encoding(&a, &b));
	b = a, addr_scan(&b.link_local, "fe80::1");
	assert_false(params_same_encoding(&a, &b));
	b = a, b.group = GROUP_NONE;
	assert_false(params_same_encoding(&a, &b));
	b = a, b.aigp = true;
	assert_false(params_same_encoding(&a, &b));
	b = a, b.role = 1; /* what it adds is our AS */
	assert_false(params_same_encoding(&a, &b));
	b = a, b.local_as = 4;
	assert_true(params_same_encoding(&a, &b));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_those_of_both_in_the_order_of_the_peer),
		cmocka_unit_test(who_says_nothing_of_families_speaks_ipv4_unicast),
		cmocka_unit_test(families_that_nobody_knows_are_not_negotiated),
		cmocka_unit_test(without_an_order_it_is_that_of_the_table),
		cmocka_unit_test(the_lower_hold_time_counts),
		cmocka_unit_test(who_is_who),
		cmocka_unit_test(a_capability_counts_when_both_have_it),
		cmocka_unit_test(only_a_peer_that_speaks_graceful_restart_is_restarting),
		cmocka_unit_test(long_lived_and_past_a_notification_are_of_both_and_of_a_graceful_restart),
		cmocka_unit_test(paths_go_where_one_sends_and_the_other_receives),
		cmocka_unit_test(ipv6_next_hops_need_both_and_the_family),
		cmocka_unit_test(what_was_agreed_before_is_forgotten),
		cmocka_unit_test(sessions_share_octets_when_nothing_that_shapes_them_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
