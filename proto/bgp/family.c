#include "proto/bgp/family.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* BGP-LS-VPN has the eight zero octets too (RFC 7752 section 3.4); flow-vpn has not. */
static struct family_info rows[FAMILIES] = {
	[IPV4_UNICAST] = { 1, 1, "ipv4", "unicast", "ipv4 unicast", .packs = true, .sparse = true },
	[IPV4_MULTICAST] = { 1, 2, "ipv4", "multicast", "ipv4 multicast", .sparse = true },
	[IPV4_NLRI_MPLS] = { 1, 4, "ipv4", "nlri-mpls", "ipv4 nlri-mpls" },
	[IPV4_MCAST_VPN] = { 1, 5, "ipv4", "mcast-vpn", "ipv4 mcast-vpn", .packs = true },
	[IPV4_SR_POLICY] = { 1, 73, "ipv4", "sr-policy", "ipv4 sr-policy", .bare_hop = true },
	[IPV4_MUP] = { 1, 85, "ipv4", "mup", "ipv4 mup" },
	[IPV4_MPLS_VPN] = { 1, 128, "ipv4", "mpls-vpn", "ipv4 mpls-vpn", .rd = true },
	[IPV4_RTC] = { 1, 132, "ipv4", "rtc", "ipv4 rtc" },
	[IPV4_FLOW] = { 1, 133, "ipv4", "flow", "ipv4 flow", .bare_hop = true, .no_hop = true },
	[IPV4_FLOW_VPN] = { 1, 134, "ipv4", "flow-vpn", "ipv4 flow-vpn", .bare_hop = true,
	    .no_hop = true },
	[IPV6_UNICAST] = { 2, 1, "ipv6", "unicast", "ipv6 unicast", .sparse = true,
	    .bare_withdraw = true },
	[IPV6_MULTICAST] = { 2, 2, "ipv6", "multicast", "ipv6 multicast", .sparse = true,
	    .bare_withdraw = true },
	[IPV6_NLRI_MPLS] = { 2, 4, "ipv6", "nlri-mpls", "ipv6 nlri-mpls" },
	[IPV6_MCAST_VPN] = { 2, 5, "ipv6", "mcast-vpn", "ipv6 mcast-vpn", .packs = true },
	[IPV6_SR_POLICY] = { 2, 73, "ipv6", "sr-policy", "ipv6 sr-policy", .bare_hop = true },
	[IPV6_MUP] = { 2, 85, "ipv6", "mup", "ipv6 mup", .bare_hop = true, .mapped = true },
	[IPV6_MPLS_VPN] = { 2, 128, "ipv6", "mpls-vpn", "ipv6 mpls-vpn", .rd = true,
	    .mapped = true },
	[IPV6_FLOW] = { 2, 133, "ipv6", "flow", "ipv6 flow", .bare_hop = true, .no_hop = true },
	[IPV6_FLOW_VPN] = { 2, 134, "ipv6", "flow-vpn", "ipv6 flow-vpn", .bare_hop = true,
	    .no_hop = true },
	[L2VPN_VPLS] = { 25, 65, "l2vpn", "vpls", "l2vpn vpls", .bare_hop = true },
	[L2VPN_EVPN] = { 25, 70, "l2vpn", "evpn", "l2vpn evpn" },
	[BGP_LS] = { 16388, 71, "bgp-ls", "bgp-ls", "bgp-ls bgp-ls", .bare_hop = true,
	    .sparse = true },
	[BGP_LS_VPN] = { 16388, 72, "bgp-ls", "bgp-ls-vpn", "bgp-ls bgp-ls-vpn", .rd = true,
	    .bare_hop = true, .sparse = true },
};

const struct family_info *const family_table = rows;

/* Of those known by number. */
static struct {
	char afi[8], safi[4], both[16];
} names[FAMILIES - FAMILIES_NAMED];

static const char *const afi_names[] = { "ipv4", "ipv6", "l2vpn", "bgp-ls" };
static const uint16_t afi_numbers[] = { AFI_IPV4, AFI_IPV6, AFI_L2VPN, AFI_BGP_LS };
enum { AFI_NAMES = sizeof afi_numbers / sizeof *afi_numbers };

enum family
family_of(uint16_t afi, uint8_t safi)
{
	for (int f = 0; f < FAMILIES && afi != 0; f++)
		if (rows[f].afi == afi && rows[f].safi == safi)
			return (enum family)f;
	return FAMILY_UNKNOWN;
}

/* Up to `max`, in digits alone; 0: it is none. */
static unsigned
number_of(const char *word, unsigned max)
{
	unsigned long n;

	if (word[0] == '\0' || strspn(word, "0123456789") != strlen(word) || strlen(word) > 5)
		return 0;
	n = strtoul(word, NULL, 10);
	return n <= max ? (unsigned)n : 0;
}

static uint16_t
afi_of(const char *word)
{
	for (int i = 0; i < AFI_NAMES; i++)
		if (strcmp(word, afi_names[i]) == 0)
			return afi_numbers[i];
	return (uint16_t)number_of(word, UINT16_MAX);
}

/* One of this AFI: its word or its number. */
static uint8_t
safi_of(uint16_t afi, const char *word)
{
	if (strcmp(word, "labeled-unicast") == 0)
		word = "nlri-mpls";
	for (int f = 0; f < FAMILIES_NAMED; f++)
		if (rows[f].afi == afi && strcmp(rows[f].safi_name, word) == 0)
			return rows[f].safi;
	return (uint8_t)number_of(word, UINT8_MAX);
}

enum family
family_by_name(const char *afi, const char *safi)
{
	uint16_t number = afi_of(afi);

	return family_of(number, safi_of(number, safi));
}

static const char *
afi_word(uint16_t afi, char *room, size_t size)
{
	for (int i = 0; i < AFI_NAMES; i++)
		if (afi_numbers[i] == afi)
			return afi_names[i];
	snprintf(room, size, "%u", afi);
	return room;
}

static void
name_row(struct family_info *row, unsigned i)
{
	row->afi_name = afi_word(row->afi, names[i].afi, sizeof names[i].afi);
	row->safi_name = names[i].safi;
	row->name = names[i].both;
	snprintf(names[i].safi, sizeof names[i].safi, "%u", row->safi);
	snprintf(names[i].both, sizeof names[i].both, "%.7s %u", row->afi_name, row->safi);
}

enum family
family_by_numbers(uint16_t afi, uint8_t safi)
{
	enum family f = family_of(afi, safi);

	if (f != FAMILY_UNKNOWN || afi == 0 || safi == 0)
		return f;
	for (f = FAMILIES_NAMED; f < FAMILIES && rows[f].afi != 0;)
		f++;
	if (f == FAMILIES)
		return FAMILY_UNKNOWN;
	rows[f] = (struct family_info){
		.afi = afi, .safi = safi, .bare_hop = true, .no_hop = true, .sparse = true
	};
	name_row(&rows[f], f - FAMILIES_NAMED);
	return f;
}

enum family
family_by_words(const char *afi, const char *safi)
{
	uint16_t number = afi_of(afi);

	return family_by_numbers(number, safi_of(number, safi));
}

const char *
family_name(enum family f)
{
	return f < FAMILIES && rows[f].name ? rows[f].name : "unknown";
}

uint32_t
family_code(enum family f)
{
	return f < FAMILIES ? family_table[f].afi * 256u + family_table[f].safi : 0;
}

enum family
family_by_code(uint32_t code)
{
	return code >> 8 > UINT16_MAX ? FAMILY_UNKNOWN
				      : family_of((uint16_t)(code >> 8), (uint8_t)(code & 0xff));
}
