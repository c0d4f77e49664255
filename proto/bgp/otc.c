#include "proto/bgp/otc.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/role.h"

static bool
applies(const struct session_params *p, enum family family)
{
	return p->role != BGP_ROLE_NONE && !params_ibgp(p) &&
	       (family == IPV4_UNICAST || family == IPV6_UNICAST);
}

static bool
only_to_customer(struct reader block, uint32_t *asn)
{
	struct attr a;

	if (!attrs_find(block, ATTR_OTC, &a))
		return false;
	*asn = reader_u32(&a.value);
	return true;
}

enum otc
otc_received(const struct session_params *p, enum family family, struct reader block)
{
	uint32_t asn = 0;
	bool is;

	if (!applies(p, family))
		return OTC_NOTHING;
	is = only_to_customer(block, &asn);
	switch ((enum bgp_role)p->role) {
	case BGP_ROLE_PROVIDER: /* so the peer is a customer */
	case BGP_ROLE_RS:
		return is ? OTC_LEAK : OTC_NOTHING;
	case BGP_ROLE_PEER:
		return !is ? OTC_ADD : asn != p->peer_as ? OTC_LEAK : OTC_NOTHING;
	default:
		return is ? OTC_NOTHING : OTC_ADD;
	}
}

enum otc
otc_told(const struct session_params *p, enum family family, struct reader block, struct reader raw)
{
	uint32_t asn;
	bool is;

	if (!applies(p, family))
		return OTC_NOTHING;
	is = only_to_customer(block, &asn) || only_to_customer(raw, &asn);
	switch ((enum bgp_role)p->role) {
	case BGP_ROLE_PROVIDER:
	case BGP_ROLE_RS:
		return is ? OTC_NOTHING : OTC_ADD;
	case BGP_ROLE_PEER:
		return is ? OTC_LEAK : OTC_ADD;
	default:
		return is ? OTC_LEAK : OTC_NOTHING;
	}
}

void
otc_put(struct writer *w, struct reader block, uint32_t asn)
{
	uint8_t memory[OTC_SIZE], value[4];
	struct writer number = writer_of(value, sizeof value),
		      put = writer_of(memory, sizeof memory);

	writer_u32(&number, asn);
	attrs_put(&put, ATTR_OPTIONAL | ATTR_TRANSITIVE, ATTR_OTC, writer_read(&number));
	attrs_overlay(w, block, writer_read(&put));
}
