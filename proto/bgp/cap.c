#include "proto/bgp/cap.h"
#include <stddef.h>
#include "proto/bgp/cap/caps.h"

const struct cap_ops *const cap_table[] = { &cap_multiprotocol, &cap_asn4, &cap_nexthop,
	&cap_add_path, &cap_paths_limit, &cap_graceful_restart, &cap_long_lived, &cap_route_refresh,
	&cap_enhanced_refresh, &cap_operational, &cap_extended_message, &cap_hostname,
	&cap_software_version, &cap_link_local_nexthop, &cap_multisession };
const unsigned cap_count = sizeof cap_table / sizeof cap_table[0];

bool
caps_have(const struct caps *c, enum cap_code code)
{
	return (c->has[code >> 6] >> (code & 63) & 1) != 0;
}

void
caps_add(struct caps *c, enum cap_code code)
{
	c->has[code >> 6] |= UINT64_C(1) << (code & 63);
}

const struct cap_ops *
cap_by_code(uint8_t code)
{
	for (unsigned i = 0; i < cap_count; i++)
		if (cap_table[i]->code == code)
			return cap_table[i];
	return NULL;
}
