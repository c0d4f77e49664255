/* What a flow specification says of one of its components, for those who ask (policy). */
#ifndef PROTO_BGP_NLRI_FLOW_LOOK_H
#define PROTO_BGP_NLRI_FLOW_LOOK_H
#include <stdbool.h>
#include "common/addr.h"
#include "proto/bgp/nlri/flow.h"

/* The type of the component of that name, of IPv4 or IPv6; 0: there is none. */
unsigned flow_look_type(const char *word);
enum flow_form flow_look_form(unsigned type);
/* "tcp", "syn": a value that has a name. */
bool flow_look_name(unsigned type, const char *name, uint32_t *value);
/* The component's octets; false when the NLRI (of any family) has none of that type. */
bool flow_look(enum family, struct reader nlri, unsigned type, struct reader *component);
/* Of FLOW_PREFIX: the prefix, when it begins at the first bit. */
bool flow_look_prefix(enum family, struct reader component, struct prefix *);
/* Of FLOW_NUMBERS: is there a value from low to high that it lets through? */
bool flow_look_lets(struct reader component, uint32_t low, uint32_t high);
/* Of FLOW_BITS: does one of its values name all of these bits, whatever its operator? Without bits: one that has none. */
bool flow_look_bits(struct reader component, uint32_t bits);
#endif
