#include "proto/bgp/family.h"
#include <stddef.h>
#include <string.h>

/* BGP-LS-VPN has the eight zero octets too (RFC 7752 section 3.4); flow-vpn has not. */
const struct family_info family_table[FAMILIES] = {
	[IPV4_UNICAST] = { 1, 1, "ipv4", "unicast", "ipv4 unicast", .packs = true, .sparse = true },
	[IPV4_MULTICAST] = { 1, 2, "ipv4", "multicast", "ipv4 multicast", .sparse = true },
	[IPV4_NLRI_MPLS] = { 1, 4, "ipv4", "nlri-mpls", "ipv4 nlri-mpls" },
	[IPV4_MCAST_VPN] = { 1, 5, "ipv4", "mcast-vpn", "ipv4 mcast-vpn", .packs = true },
	[IPV4_SR_POLICY] = { 1, 73, "ipv4", "sr-policy", "ipv4 sr-policy", .bare_hop = true },
	[IPV4_MUP] = { 1, 85, "ipv4", "mup", "ipv4 mup" },
	[IPV4_MPLS_VPN] = { 1, 128, "ipv4", "mpls-vpn", "ipv4 mpls-vpn", .rd = true },
	[IPV4_RTC] = { 1, 132, "ipv4", "rtc", "ipv4 rtc" },
	[IPV4_FLOW] = { 1, 133, "ipv4", "flow", "ipv4 flow", .bare_hop = true, .no_hop = true },
	[IPV4_FLOW_VPN] = { 1, 134, "ipv4", "flow-vpn", "ipv4 flow-vpn", .bare_hop = true, .no_hop = true },
	[IPV6_UNICAST] = { 2, 1, "ipv6", "unicast", "ipv6 unicast", .sparse = true },
	[IPV6_MULTICAST] = { 2, 2, "ipv6", "multicast", "ipv6 multicast", .sparse = true },
	[IPV6_NLRI_MPLS] = { 2, 4, "ipv6", "nlri-mpls", "ipv6 nlri-mpls" },
	[IPV6_MCAST_VPN] = { 2, 5, "ipv6", "mcast-vpn", "ipv6 mcast-vpn", .packs = true },
	[IPV6_SR_POLICY] = { 2, 73, "ipv6", "sr-policy", "ipv6 sr-policy", .bare_hop = true },
	[IPV6_MUP] = { 2, 85, "ipv6", "mup", "ipv6 mup", .bare_hop = true, .mapped = true },
	[IPV6_MPLS_VPN] = { 2, 128, "ipv6", "mpls-vpn", "ipv6 mpls-vpn", .rd = true, .mapped = true },
	[IPV6_FLOW] = { 2, 133, "ipv6", "flow", "ipv6 flow", .bare_hop = true, .no_hop = true },
	[IPV6_FLOW_VPN] = { 2, 134, "ipv6", "flow-vpn", "ipv6 flow-vpn", .bare_hop = true, .no_hop = true },
	[L2VPN_VPLS] = { 25, 65, "l2vpn", "vpls", "l2vpn vpls", .bare_hop = true },
	[L2VPN_EVPN] = { 25, 70, "l2vpn", "evpn", "l2vpn evpn" },
	[BGP_LS] = { 16388, 71, "bgp-ls", "bgp-ls", "bgp-ls bgp-ls" },
	[BGP_LS_VPN] = { 16388, 72, "bgp-ls", "bgp-ls-vpn", "bgp-ls bgp-ls-vpn", .rd = true },
};

enum family
family_of(uint16_t afi, uint8_t safi)
{
	for (int f = 0; f < FAMILIES; f++)
		if (family_table[f].afi == afi && family_table[f].safi == safi)
			return (enum family)f;
	return FAMILY_UNKNOWN;
}

enum family
family_by_name(const char *afi, const char *safi)
{
	if (strcmp(safi, "labeled-unicast") == 0)
		safi = "nlri-mpls";
	for (int f = 0; f < FAMILIES; f++)
		if (strcmp(family_table[f].afi_name, afi) == 0 &&
		    strcmp(family_table[f].safi_name, safi) == 0)
			return (enum family)f;
	return FAMILY_UNKNOWN;
}

const char *
family_name(enum family f)
{
	return f < FAMILIES ? family_table[f].name : "unknown";
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
