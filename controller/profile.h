/* What of a neighbor a route depends on, and what the route comes to for it: neighbors with equal profiles are told
 * the same octets. */
#ifndef CONTROLLER_PROFILE_H
#define CONTROLLER_PROFILE_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/writer.h"
#include "proto/bgp/route.h"

struct profile {
	struct addr self; /* what `next-hop self` means; no address: it cannot be told */
	uint32_t local_as;
	bool ibgp, aigp;
	bool member; /* it is of another member AS of our confederation (RFC 5065) */
};

/* None while only the session can tell; of IPv4 over a session of IPv6 the router id, as with ExaBGP. */
struct addr profile_self(struct addr local, uint32_t router_id, enum family);
bool profile_equal(const struct profile *, const struct profile *);
/* Append the value of a route (proto/bgp/route.h). -1: it is too long. */
int profile_value(const struct profile *, const struct route_draft *, struct writer *);
/* The same of what goes with a withdraw. It has no octets where nothing does. */
int profile_withdraw(const struct profile *, const struct route_draft *, struct writer *);
#endif
