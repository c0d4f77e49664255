/* AS4_PATH (RFC 6793): only between an old and a new speaker. The driver merges it into AS_PATH as it comes
 * and makes it as it goes; it is never part of a canonical block. */
#include "proto/bgp/attr/path.h"

/* RFC 6793 section 6: confederation segments are dropped, not an error; an empty one is. */
static int
as4_path_check(struct reader value, const struct session_params *p)
{
	(void)p;
	return value.left == 0 ? -1 : path_check(value, 4, true);
}

static bool
as4_path_unwanted(const struct session_params *p)
{
	return p->asn4;
}

const struct attr_ops attr_as4_path = {
	.code = ATTR_AS4_PATH,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_DISCARD,
	.flag_penalty = PENALTY_WITHDRAW,
	.name = "as4-path",
	.check = as4_path_check,
	.unwanted = as4_path_unwanted,
};
