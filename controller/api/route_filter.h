/* Which routes a show is about: [AFI SAFI] [PREFIX [longer]], in any order. */
#ifndef CONTROLLER_API_ROUTE_FILTER_H
#define CONTROLLER_API_ROUTE_FILTER_H
#include "controller/api/command.h"

struct route_filter {
	uint32_t families;
	uint8_t prefix[NLRI_PREFIX_MAX], prefix_len; /* canonical; length 0: every prefix */
	uint16_t afi; /* of the prefix */
	bool longer; /* those within it too */
};

void route_filter_init(struct route_filter *);
/* Take the words in front that are the filter's: 1; 0 when they are not; -1 with the call's reason. */
int route_filter_scan(struct call *, struct route_filter *);
bool route_filter_family(const struct route_filter *, enum family);
bool route_filter_passes(const struct route_filter *, enum family, struct reader nlri);
/* The only key of the family that it can be about; empty: it may be about several. */
struct reader route_filter_key(const struct route_filter *, enum family);
#endif
