/* What the files that scan a route share. */
#ifndef PROTO_BGP_ROUTE_INNER_H
#define PROTO_BGP_ROUTE_INNER_H
#include "proto/bgp/attr.h"
#include "proto/bgp/route.h"

/* --- route_attributes.c: what stands behind the word of an attribute; -1 with a reason --- */

int route_scan_attribute(
    const struct attr_ops *, struct words *, struct route_draft *, struct reason *);
/* attribute [ 0xCODE 0xFLAGS 0xVALUE ]: goes out as it is. */
int route_scan_raw(struct words *, struct route_draft *, struct reason *);
#endif
