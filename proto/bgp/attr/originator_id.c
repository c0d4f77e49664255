/* ORIGINATOR_ID (RFC 4456 section 8). */
#include "proto/bgp/attr/value.h"

const struct attr_ops attr_originator_id = {
	.code = ATTR_ORIGINATOR_ID,
	.flags = ATTR_OPTIONAL,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "originator-id",
	.name = "originator-id",
	.check = u32_value_check,
	.unwanted = value_from_outside,
	.scan = ipv4_value_scan,
	.print = ipv4_value_print,
	.tree = ipv4_value_tree,
};
