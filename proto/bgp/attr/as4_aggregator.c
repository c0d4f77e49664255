/* AS4_AGGREGATOR (RFC 6793): only between an old and a new speaker, as AS4_PATH. */
#include "proto/bgp/attr.h"

static int
as4_aggregator_check(struct reader value, const struct session_params *p)
{
	uint32_t asn = reader_u32(&value);

	(void)p;
	reader_u32(&value);
	return reader_done(&value) && asn != 0 ? 0 : -1; /* RFC 7607 */
}

static bool
as4_aggregator_unwanted(const struct session_params *p)
{
	return p->asn4;
}

const struct attr_ops attr_as4_aggregator = {
	.code = ATTR_AS4_AGGREGATOR,
	.flags = ATTR_OPTIONAL | ATTR_TRANSITIVE,
	.penalty = PENALTY_DISCARD,
	.flag_penalty = PENALTY_WITHDRAW,
	.name = "as4-aggregator",
	.check = as4_aggregator_check,
	.unwanted = as4_aggregator_unwanted,
};
