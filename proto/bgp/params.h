/* What two OPENs agreed on: everything a codec must know of a session. */
#ifndef PROTO_BGP_PARAMS_H
#define PROTO_BGP_PARAMS_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "proto/bgp/open.h"

/* How announces are packed: as ExaBGP packs (IPv4 unicast, mcast-vpn), one a message, or every family. */
enum group_updates { GROUP_EXABGP, GROUP_NONE, GROUP_ALL };

struct session_params {
	uint32_t local_as, peer_as;
	uint32_t local_id, peer_id;
	struct addr local_address;
	struct addr link_local;    /* goes with the global next hop of IPv6 families; none: it does not */
	uint16_t hold_time;        /* the lower of both; 0: no keepalives */
	bool asn4;
	bool extended_message;
	bool refresh, enhanced_refresh, operational;
	bool multisession, link_local_nexthop;
	bool graceful, peer_restarting;
	bool graceful_notification; /* a NOTIFICATION but a Hard Reset costs no routes (RFC 8538) */
	bool long_lived;           /* RFC 9494 */
	uint8_t role;              /* enum bgp_role, ours where it is configured: otc.h */
	bool member;               /* the peer is of another member AS of our confederation (RFC 5065): configured */
	bool aigp;                 /* accept AIGP: configured (RFC 7311 section 3.3) */
	uint32_t families;         /* bit per enum family, in both OPENs; both without MP: IPv4 unicast */
	uint8_t family_order[FAMILIES], family_count; /* in the peer's order */
	uint32_t add_path_receive, add_path_send; /* families */
	uint32_t nexthop6;         /* IPv4 families whose next hop may be IPv6 (RFC 8950) */
	enum group_updates group;
	bool offline;              /* nobody uses these routes: what can be read is shown */
};

/* Pure: ours and theirs in, the agreement out. `group`, `aigp`, `member`, `role` and both addresses are left as they were. */
void params_negotiate(struct session_params *, const struct open *ours, const struct open *theirs);
static inline bool
params_ibgp(const struct session_params *p)
{
	return p->local_as == p->peer_as;
}
/* Is what belongs inside the AS said there? It is between members of a confederation, too. */
static inline bool
params_inside(const struct session_params *p)
{
	return params_ibgp(p) || p->member;
}
/* The octets a message may have. */
static inline uint32_t
params_message_max(const struct session_params *p)
{
	return p->extended_message ? 65535 : 4096;
}
/* Whether two sessions are sent the same octets for the same route: an audience can share them. */
bool params_same_encoding(const struct session_params *, const struct session_params *);
#endif
