/* View: what the decision process and the rules of propagation look at of a route's attributes, read from their
 * canonical octets. Nothing is kept decoded. */
#ifndef CONTROLLER_RIB_VIEW_H
#define CONTROLLER_RIB_VIEW_H
#include <stdbool.h>
#include <stdint.h>
#include "common/reader.h"

enum { VIEW_LOCAL_PREF = 100 }; /* of a route that says none */

/* Well-known communities (RFC 1997, 9494). */
enum {
	COMMUNITY_NO_EXPORT = 0xffffff01,
	COMMUNITY_NO_ADVERTISE = 0xffffff02,
	COMMUNITY_NO_EXPORT_SUBCONFED = 0xffffff03,
	COMMUNITY_LLGR_STALE = 0xffff0006
};
enum { VIEW_NO_EXPORT = 1, VIEW_NO_ADVERTISE = 2, VIEW_NO_EXPORT_SUBCONFED = 4, VIEW_STALE = 8 };

struct view {
	uint32_t local_pref;
	uint32_t med; /* has_med; else 0 */
	uint64_t aigp; /* has_aigp: the metric (RFC 7311) */
	uint32_t
	    as_length; /* a set is one; segments of a confederation are none (RFC 4271 9.1.2.2 a, RFC 5065) */
	uint32_t
	    neighbor_as; /* the leftmost of the path outside of our confederation (RFC 5065 section 5.3); 0: there is
				 none, or a set */
	uint32_t originator; /* ORIGINATOR_ID; 0: none */
	uint32_t clusters; /* length of CLUSTER_LIST */
	uint8_t origin;
	bool has_med, has_aigp;
};

void view_of(struct reader attributes, struct view *);
/* The well-known communities that it has: VIEW_ bits. */
unsigned view_known(struct reader attributes);
/* The same of a value of COMMUNITIES. */
unsigned view_known_among(struct reader list);
/* How often an AS stands in AS_PATH: in segments of a confederation (RFC 5065), and in the others. */
struct view_count {
	unsigned confed, plain;
};
struct view_count view_as_count(struct reader attributes, uint32_t asn);
bool view_has_cluster(struct reader attributes, uint32_t cluster);
#endif
