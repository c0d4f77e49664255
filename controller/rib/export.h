/* Export: may a route that one neighbor said be told to another, and what does it come to on the way?
 *
 *      to another AS: our AS before the path (RFC 4271 5.1.2), next hop ourselves, LOCAL_PREF, MED of others and
 *      what belongs to reflection stay inside; to a client of the route server nothing of that (RFC 7947);
 *      to another member AS of a confederation (RFC 5065): our member AS before the path, in a segment of its own kind;
 *      else as inside the AS, but for what belongs to reflection;
 *      inside the AS: LOCAL_PREF is there (5.1.5), the next hop stays, a reflected route carries ORIGINATOR_ID
 *      and our cluster (RFC 4456).
 *
 * Pure. */
#ifndef CONTROLLER_RIB_EXPORT_H
#define CONTROLLER_RIB_EXPORT_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/writer.h"
#include "controller/policy/policy.h"
#include "controller/rib/view.h"

/* What we are to a neighbor when routes go from peer to peer; configuration's `propagate`. */
enum propagate {
	PROPAGATE_NONE,
	PROPAGATE_ROUTER,
	PROPAGATE_REFLECTOR_CLIENT,
	PROPAGATE_ROUTE_SERVER_CLIENT
};

/* Where a route comes from. */
struct export_source {
	enum propagate role;
	bool internal; /* its AS is ours */
	uint32_t router_id; /* the peer's */
	bool long_lived; /* we offered to keep its routes long-lived (RFC 9494) */
	bool member; /* it is of another member AS of our confederation (RFC 5065) */
};

/* To whom it goes: neighbors that are alike in this are told the same octets. */
struct export_target {
	enum propagate role;
	bool internal, member, aigp;
	bool long_lived; /* it is one of those with whom RFC 9494 is configured */
	uint32_t local_as;
	uint32_t cluster;
	uint32_t paths; /* so many of a prefix; 1 without ADD-PATH; 0: all */
	struct addr self; /* what we are as a next hop; no address: not known yet */
};

bool export_target_equal(const struct export_target *, const struct export_target *);
/* By the kinds of the two neighbors alone: from inside to inside only by reflection. */
bool export_allowed(const struct export_source *, const struct export_target *);
/* Is it one that its speaker keeps for long, and the target knows of no such (RFC 9494)? Inside the AS it goes there all
 * the same, as nobody's first choice (section 4.6), to another AS it does not (4.3). */
bool export_last_resort(
    struct reader attributes, const struct export_source *, const struct export_target *);
/* By what the route says: NO_ADVERTISE, NO_EXPORT, NO_EXPORT_SUBCONFED (RFC 1997), LLGR_STALE. */
bool export_carries(
    struct reader attributes, const struct export_source *, const struct export_target *);
/* Can a next hop of so many octets be that of the family? IPv4 may have IPv6 ones (RFC 8950): the session says. */
bool export_hop_fits(enum family, size_t len);
/* What the rules said, or ourselves to another AS that is no client of the route server. -1: it is none of the
 * family. */
int export_hop(const struct export_target *, const struct policy_route *, struct reader *hop);
/* Append the value (proto/bgp/route.h) that the target is told of a route that its policy has let through: what the
 * rules said of MED and the next hop stands. A last resort goes with LOCAL_PREF 0 and NO_EXPORT, whatever the rules
 * said. -1: it can't be: too long, or no next hop. */
int export_value(const struct export_source *, const struct export_target *,
    const struct policy_route *, bool last_resort, struct writer *);
#endif
