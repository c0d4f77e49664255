/* LOCAL_PREF (RFC 4271 section 5.1.5): between internal peers only, both ways; and between members of
 * a confederation (RFC 5065 section 4). */
#include "proto/bgp/attr/value.h"

static bool
local_pref_unwanted(const struct session_params *p)
{
	return !params_inside(p);
}

static int
local_pref_wire(struct reader value, const struct session_params *p, struct writer *w)
{
	if (!params_inside(p))
		return -1;
	writer_copy(w, value);
	return 0;
}

const struct attr_ops attr_local_pref = {
	.code = ATTR_LOCAL_PREF,
	.flags = ATTR_TRANSITIVE,
	.penalty = PENALTY_WITHDRAW,
	.flag_penalty = PENALTY_WITHDRAW,
	.word = "local-preference",
	.name = "local-preference",
	.check = u32_value_check,
	.unwanted = local_pref_unwanted,
	.wire = local_pref_wire,
	.scan = u32_value_scan,
	.print = u32_value_print,
	.tree = u32_value_tree,
};
