#include "proto/bgp/otc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "proto/bgp/message.h"
#include "proto/bgp/role.h"
#include "proto/bgp/update.h"

static const char origin[] = "\x40\1\1\0", marked[] = "\x40\1\1\0\xc0\x23\4\0\0\xfd\xe9",
		  typed[] = "\xc0\x23\4\0\0\0\1";
static const struct reader none;

static struct session_params
session(enum bgp_role role)
{
	return (struct session_params){
		.local_as = 65000, .peer_as = 65001, .asn4 = true, .role = (uint8_t)role
	};
}

static struct reader
block(bool otc)
{
	return otc ? reader_of(marked, sizeof marked - 1) : reader_of(origin, sizeof origin - 1);
}

static void
who_may_tell_what_to_whom(void **state)
{
	static const struct {
		enum bgp_role role;
		enum otc received, received_marked, told, told_marked;
	} rows[] = {
		{ BGP_ROLE_NONE, OTC_NOTHING, OTC_NOTHING, OTC_NOTHING, OTC_NOTHING },
		{ BGP_ROLE_PROVIDER, OTC_NOTHING, OTC_LEAK, OTC_ADD, OTC_NOTHING },
		{ BGP_ROLE_RS, OTC_NOTHING, OTC_LEAK, OTC_ADD, OTC_NOTHING },
		{ BGP_ROLE_RS_CLIENT, OTC_ADD, OTC_NOTHING, OTC_NOTHING, OTC_LEAK },
		{ BGP_ROLE_CUSTOMER, OTC_ADD, OTC_NOTHING, OTC_NOTHING, OTC_LEAK },
		{ BGP_ROLE_PEER, OTC_ADD, OTC_NOTHING, OTC_ADD, OTC_LEAK },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct session_params p = session(rows[i].role);

		assert_int_equal(otc_received(&p, IPV4_UNICAST, block(false)), rows[i].received);
		assert_int_equal(
		    otc_received(&p, IPV6_UNICAST, block(true)), rows[i].received_marked);
		assert_int_equal(otc_told(&p, IPV6_UNICAST, block(false), none), rows[i].told);
		assert_int_equal(
		    otc_told(&p, IPV4_UNICAST, block(true), none), rows[i].told_marked);
		assert_int_equal(
		    otc_told(&p, IPV4_UNICAST, block(false), reader_of(typed, sizeof typed - 1)),
		    rows[i].told_marked);
		assert_int_equal(otc_told(&p, IPV4_MPLS_VPN, block(true), none), OTC_NOTHING);
		assert_int_equal(otc_received(&p, IPV4_MULTICAST, block(true)), OTC_NOTHING);
		p.peer_as = p.local_as;
		assert_int_equal(otc_received(&p, IPV4_UNICAST, block(true)), OTC_NOTHING);
		assert_int_equal(otc_told(&p, IPV4_UNICAST, block(true), none), OTC_NOTHING);
	}
	(void)state;
}

static void
another_as_than_the_peer_marked_it(void **state)
{
	struct session_params p = session(BGP_ROLE_PEER);

	p.peer_as = 65002;
	assert_int_equal(otc_received(&p, IPV4_UNICAST, block(true)), OTC_LEAK);
	(void)state;
}

/* As update_announce sends it; nothing when it does not. */
static struct octets
sent(enum bgp_role role, bool otc)
{
	struct session_params p = session(role);
	struct route_value v = { .next_hop = reader_of("\1\2\3\4", 4), .attributes = block(otc) };
	struct nlri n = { .octets = reader_of("\x08\x0a", 2) };
	struct octets out = { 0 };
	int ok = update_announce(&out, &p, IPV4_UNICAST, &v, &n, 1);

	assert_int_equal(ok, out.len > 0 ? 0 : -1);
	return out;
}

static void
what_is_sent_is_marked_or_is_not_sent(void **state)
{
	static const char plain[] = "\0\0\0\x0b\x40\1\1\0\x40\3\4\1\2\3\4\x08\x0a",
			  ours[] =
			      "\0\0\0\x12\x40\1\1\0\x40\3\4\1\2\3\4\xc0\x23\4\0\0\xfd\xe8\x08\x0a",
			  theirs[] =
			      "\0\0\0\x12\x40\1\1\0\x40\3\4\1\2\3\4\xc0\x23\4\0\0\xfd\xe9\x08\x0a";
	struct octets out = sent(BGP_ROLE_CUSTOMER, false);

	assert_int_equal(out.len, MESSAGE_HEADER + sizeof plain - 1);
	assert_memory_equal(out.base + MESSAGE_HEADER, plain, sizeof plain - 1);
	octets_fini(&out);
	out = sent(BGP_ROLE_PROVIDER, false);
	assert_int_equal(out.len, MESSAGE_HEADER + sizeof ours - 1);
	assert_memory_equal(out.base + MESSAGE_HEADER, ours, sizeof ours - 1);
	octets_fini(&out);
	out = sent(BGP_ROLE_PROVIDER, true);
	assert_int_equal(out.len, MESSAGE_HEADER + sizeof theirs - 1);
	assert_memory_equal(out.base + MESSAGE_HEADER, theirs, sizeof theirs - 1);
	octets_fini(&out);
	out = sent(BGP_ROLE_PEER, true);
	assert_int_equal(out.len, 0);
	octets_fini(&out);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_tell_what_to_whom),
		cmocka_unit_test(another_as_than_the_peer_marked_it),
		cmocka_unit_test(what_is_sent_is_marked_or_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
