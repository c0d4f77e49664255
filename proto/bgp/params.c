#include "proto/bgp/params.h"

/* RFC 4760 section 8: who says nothing of families speaks IPv4 unicast. */
static uint32_t
families_of(const struct open *o)
{
	return caps_have(&o->caps, CAP_MULTIPROTOCOL) ? o->caps.families : family_bit(IPV4_UNICAST);
}

static void
order_family(struct session_params *p, enum family f)
{
	if (f == FAMILY_UNKNOWN || !(p->families & family_bit(f)))
		return;
	for (unsigned i = 0; i < p->family_count; i++)
		if (p->family_order[i] == f)
			return;
	p->family_order[p->family_count++] = (uint8_t)f;
}

static void
agree_families(struct session_params *p, const struct open *ours, const struct open *theirs)
{
	p->families = families_of(ours) & families_of(theirs);
	p->family_count = 0;
	if (caps_have(&theirs->caps, CAP_MULTIPROTOCOL))
		for (unsigned i = 0; i < theirs->caps.family_count; i++)
			order_family(p, family_by_code(theirs->caps.family_code[i]));
	for (int f = 0; f < FAMILIES; f++) /* those of which no order was told */
		order_family(p, (enum family)f);
}

/* RFC 7911 section 4: one side's send meets the other's receive. */
static void
agree_add_path(struct session_params *p, const struct caps *ours, const struct caps *theirs)
{
	p->add_path_receive = p->add_path_send = 0;
	for (int f = 0; f < FAMILIES; f++) {
		uint32_t bit = family_bit((enum family)f) & p->families;

		if ((ours->add_path[f] & ADD_PATH_RECEIVE) && (theirs->add_path[f] & ADD_PATH_SEND))
			p->add_path_receive |= bit;
		if ((ours->add_path[f] & ADD_PATH_SEND) && (theirs->add_path[f] & ADD_PATH_RECEIVE))
			p->add_path_send |= bit;
	}
}

void
params_negotiate(struct session_params *p, const struct open *ours, const struct open *theirs)
{
	const struct caps *a = &ours->caps, *b = &theirs->caps;

	p->peer_as = theirs->asn;
	p->local_as =
	    ours->asn ? ours->asn : theirs->asn; /* auto: the peer's own, an iBGP session */
	p->local_id = ours->router_id;
	p->peer_id = theirs->router_id;
	p->hold_time = ours->hold_time < theirs->hold_time ? ours->hold_time : theirs->hold_time;
	p->asn4 = caps_have(a, CAP_ASN4) && caps_have(b, CAP_ASN4);
	p->extended_message =
	    caps_have(a, CAP_EXTENDED_MESSAGE) && caps_have(b, CAP_EXTENDED_MESSAGE);
	p->refresh = caps_have(a, CAP_ROUTE_REFRESH) && caps_have(b, CAP_ROUTE_REFRESH);
	p->enhanced_refresh =
	    caps_have(a, CAP_ENHANCED_REFRESH) && caps_have(b, CAP_ENHANCED_REFRESH);
	p->operational = caps_have(a, CAP_OPERATIONAL) && caps_have(b, CAP_OPERATIONAL);
	p->multisession = caps_have(a, CAP_MULTISESSION) && caps_have(b, CAP_MULTISESSION);
	p->link_local_nexthop =
	    caps_have(a, CAP_LINK_LOCAL_NEXTHOP) && caps_have(b, CAP_LINK_LOCAL_NEXTHOP);
	p->graceful = caps_have(a, CAP_GRACEFUL_RESTART) && caps_have(b, CAP_GRACEFUL_RESTART);
	p->peer_restarting = p->graceful && (b->graceful.flags & GRACEFUL_RESTARTED) != 0;
	p->graceful_notification =
	    p->graceful && (a->graceful.flags & b->graceful.flags & GRACEFUL_NOTIFICATION) != 0;
	/* RFC 9494 section 4.5: without the other it is disregarded */
	p->long_lived = p->graceful && caps_have(a, CAP_LONG_LIVED) && caps_have(b, CAP_LONG_LIVED);
	agree_families(p, ours, theirs);
	agree_add_path(p, a, b);
	p->nexthop6 = a->nexthop6 & b->nexthop6 & p->families;
}

/* The families are not compared: a route is of one that both take. */
bool
params_same_encoding(const struct session_params *a, const struct session_params *b)
{
	return params_ibgp(a) == params_ibgp(b) && a->member == b->member && a->asn4 == b->asn4 &&
	       a->extended_message == b->extended_message &&
	       addr_equal(&a->link_local, &b->link_local) && a->add_path_send == b->add_path_send &&
	       a->nexthop6 == b->nexthop6 && a->group == b->group && a->aigp == b->aigp &&
	       a->role == b->role && (a->role == 0 || a->local_as == b->local_as);
}
