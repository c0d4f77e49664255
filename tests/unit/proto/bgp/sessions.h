/* For the tests of both ways of an UPDATE: what was agreed on with a peer, a body that is read, and chance that is always
 * the same. */
#ifndef TESTS_UNIT_PROTO_BGP_SESSIONS_H
#define TESTS_UNIT_PROTO_BGP_SESSIONS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "common/addr.h"
#include "proto/bgp/role.h"
#include "proto/bgp/update.h"

static uint8_t scratch_memory[UPDATE_SCRATCH];

/* By words: ebgp, asn2, add-path, nexthop6, offline, loopback, no-ipv4, no-ipv6; else a four-octet iBGP session that speaks every
 * family; role-ROLE; for our role (RFC 9234). NULL: none. */
static struct session_params
session_of(const char *words)
{
	struct session_params p = {
		.local_as = 65000,
		.peer_as = 65000,
		.asn4 = true,
		.families = (UINT32_C(1) << FAMILIES_NAMED) - 1,
	};

	words = words ? words : "";
	addr_scan(&p.local_address, strstr(words, "loopback") ? "127.0.0.1" : "10.9.9.9");
	if (strstr(words, "ebgp"))
		p.peer_as = 65001;
	for (unsigned role = BGP_ROLE_PROVIDER; role < BGP_ROLES; role++) {
		char word[32];

		snprintf(word, sizeof word, "role-%s;", role_name(role));
		if (strstr(words, word))
			p.role = (uint8_t)role;
	}
	if (strstr(words, "asn2"))
		p.asn4 = false;
	if (strstr(words, "add-path"))
		p.add_path_receive = p.add_path_send = p.families;
	if (strstr(words, "nexthop6"))
		p.nexthop6 = p.families;
	p.offline = strstr(words, "offline");
	if (strstr(words, "no-ipv4"))
		p.families &= ~family_bit(IPV4_UNICAST);
	if (strstr(words, "no-ipv6"))
		p.families &= ~family_bit(IPV6_UNICAST);
	return p;
}

static struct update
parse(struct reader body, const struct session_params *p)
{
	struct writer w = writer_of(scratch_memory, sizeof scratch_memory);
	struct update u;

	update_parse(&u, body, p, &w);
	assert_true(writer_ok(&w));
	return u;
}

static uint64_t seed;

static uint32_t
rnd(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}
#endif
