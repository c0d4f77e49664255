/* MULTI_EXIT_DISC (RFC 4271 section 5.1.4). */
#include "proto/bgp/attr/value.h"

const struct attr_ops attr_med = {
	.code = ATTR_MED,
	.flags = ATTR_OPTIONAL,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "med",
	.name = "med",
	.check = u32_value_check,
	.scan = u32_value_scan,
	.print = u32_value_print,
	.tree = u32_value_tree,
};
