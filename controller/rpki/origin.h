/* The origin of a route, and what it is asked by: RFC 6811 section 2. Pure. */
#ifndef CONTROLLER_RPKI_ORIGIN_H
#define CONTROLLER_RPKI_ORIGIN_H
#include "common/reader.h"
#include "controller/rpki/roas.h"
#include "proto/bgp/family.h"

/* The last AS of the path when it ends with a sequence; `own`, the AS that we are, when there is no path or it ends
 * with segments of a confederation; 0, none, when it ends with a set. */
uint32_t rpki_origin(struct reader attributes, uint32_t own);
/* Is the family one whose prefixes ROAs are about? Not those of VPNs: their addresses are their own. */
bool rpki_concerns(enum family);
/* False: the family is none of those. */
bool rpki_prefix(enum family, struct reader nlri, struct prefix *);
enum rpki_state rpki_validate(
    const struct roas *, enum family, struct reader nlri, struct reader attributes, uint32_t own);
#endif
