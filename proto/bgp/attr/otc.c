/* Only to Customer (RFC 9234 section 5): the AS that said so. What it does to a route is in otc.h. */
#include "proto/bgp/attr.h"
#include "proto/bgp/attr/value.h"

const struct attr_ops attr_otc = {
	.code = ATTR_OTC,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "otc",
	.name = "otc",
	.check = u32_value_check,
	.scan = u32_value_scan,
	.print = u32_value_print,
	.tree = u32_value_tree,
};
