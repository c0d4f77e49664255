/* NEXT_HOP (RFC 4271 section 5.1.3). It travels outside of the canonical block: a route has its next hop
 * beside it, whatever the family. */
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/value.h"

/* RFC 4271 section 6.3: a host's unicast address. Any address can be shown. */
static int
next_hop_check(struct reader value, const struct session_params *p)
{
	uint32_t address = reader_u32(&value);

	if (!reader_done(&value))
		return -1;
	return (p && p->offline) || (address != 0 && address >> 24 < 224) ? 0 : -1;
}

const struct attr_ops attr_next_hop = {
	.code = ATTR_NEXT_HOP,
	.flags = ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "next-hop",
	.name = "next-hop",
	.check = next_hop_check,
	.scan = ipv4_value_scan,
	.print = ipv4_value_print,
};
