/* Address families: number, name and wire of each of the 23 that ExaBGP knows. An enum family is our
 * small index; AFI and SAFI are the wire's; text is ExaBGP's ("ipv4 unicast").
 *
 * A few more can be named by number ("ipv4 81"): by a configuration, by the controller's frames, and on a command
 * line, never by what a peer says. They keep their index as long as the process lives, and what they carry is
 * octets to us (nlri/raw.c). */
#ifndef PROTO_BGP_FAMILY_H
#define PROTO_BGP_FAMILY_H
#include <stdbool.h>
#include <stdint.h>

enum family {
	IPV4_UNICAST, IPV4_MULTICAST, IPV4_NLRI_MPLS, IPV4_MCAST_VPN, IPV4_SR_POLICY, IPV4_MUP,
	IPV4_MPLS_VPN, IPV4_RTC, IPV4_FLOW, IPV4_FLOW_VPN,
	IPV6_UNICAST, IPV6_MULTICAST, IPV6_NLRI_MPLS, IPV6_MCAST_VPN, IPV6_SR_POLICY, IPV6_MUP,
	IPV6_MPLS_VPN, IPV6_FLOW, IPV6_FLOW_VPN,
	L2VPN_VPLS, L2VPN_EVPN, BGP_LS, BGP_LS_VPN,
	FAMILIES_NAMED,
	FAMILIES = FAMILIES_NAMED + 8, /* those behind are known by number */
	FAMILY_UNKNOWN = 0xff
};

enum afi { AFI_IPV4 = 1, AFI_IPV6 = 2, AFI_L2VPN = 25, AFI_BGP_LS = 16388 };

struct family_info {
	uint16_t afi;
	uint8_t safi;
	const char *afi_name, *safi_name; /* "ipv4", "unicast" */
	const char *name;                 /* "ipv4 unicast" */
	bool rd;                          /* next hops travel behind eight zero octets (VPN, not flow-vpn) */
	bool bare_hop;                    /* no NEXT_HOP attribute beside an IPv4 next hop in MP_REACH_NLRI */
	bool mapped;                      /* an IPv4 next hop is written as IPv6 (::ffff:10.0.0.1) */
	bool no_hop;                      /* routes may have no next hop at all */
	bool packs;                       /* ExaBGP packs it even where it packs little */
	bool sparse;                      /* its withdraws go without attributes (ExaBGP's have them otherwise) */
	bool bare_withdraw;               /* sparse, but for those that the withdraw itself was given, as ExaBGP's */
};

/* FAMILIES of them: the named ones in order of AFI, then SAFI; behind them AFI 0 until somebody names one. */
extern const struct family_info *const family_table;

enum family family_of(uint16_t afi, uint8_t safi); /* FAMILY_UNKNOWN when none of ours */
/* By ExaBGP's words ("labeled-unicast" too), or numbers; FAMILY_UNKNOWN when there is none. */
enum family family_by_name(const char *afi, const char *safi);
/* The same, and one that has no name is known by its number from now on. FAMILY_UNKNOWN when there are too many
 * of those, or none has these numbers (RFC 4760: 0 is reserved). */
enum family family_by_numbers(uint16_t afi, uint8_t safi);
enum family family_by_words(const char *afi, const char *safi);
const char *family_name(enum family);              /* "ipv4 unicast"; "unknown" */
enum { FAMILY_CODE_MAX = 0xffffff };
uint32_t family_code(enum family);                 /* afi * 256 + safi: what frames carry */
enum family family_by_code(uint32_t code);
static inline uint32_t
family_bit(enum family f)
{
	return UINT32_C(1) << f;
}
#endif
