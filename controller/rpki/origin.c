#include "controller/rpki/origin.h"
#include <string.h>
#include "proto/bgp/attr.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri.h"

uint32_t
rpki_origin(struct reader attributes, uint32_t own)
{
	uint32_t origin = own;
	struct attr a;

	if (!attrs_find(attributes, ATTR_AS_PATH, &a))
		return own;
	while (a.value.left > 0) {
		unsigned type = reader_u8(&a.value), count = reader_u8(&a.value);
		struct reader asns = reader_sub(&a.value, (size_t)count * 4);

		if (!reader_ok(&a.value))
			return 0;
		if (count == 0)
			continue;
		(void)reader_sub(&asns, (size_t)(count - 1) * 4);
		origin = type == SEGMENT_SEQUENCE ? reader_u32(&asns)
			 : type == SEGMENT_SET    ? 0
						  : own;
	}
	return origin;
}

bool
rpki_concerns(enum family f)
{
	return f == IPV4_UNICAST || f == IPV4_MULTICAST || f == IPV4_NLRI_MPLS ||
	       f == IPV6_UNICAST || f == IPV6_MULTICAST || f == IPV6_NLRI_MPLS;
}

bool
rpki_prefix(enum family f, struct reader nlri, struct prefix *p)
{
	return rpki_concerns(f) && nlri_prefix(f, nlri, p);
}

enum rpki_state
rpki_validate(
    const struct roas *r, enum family f, struct reader nlri, struct reader attributes, uint32_t own)
{
	struct prefix p;

	if (!r || !roas_used(r) || !rpki_prefix(f, nlri, &p))
		return RPKI_NOT_FOUND;
	return roas_validate(r, &p, rpki_origin(attributes, own));
}
