/* The capabilities that cap_table lists: one file each. */
#ifndef PROTO_BGP_CAP_CAPS_H
#define PROTO_BGP_CAP_CAPS_H
#include "proto/bgp/cap.h"

extern const struct cap_ops cap_multiprotocol, cap_asn4, cap_nexthop, cap_add_path, cap_paths_limit,
    cap_graceful_restart, cap_long_lived, cap_route_refresh, cap_enhanced_refresh, cap_operational,
    cap_extended_message, cap_hostname, cap_software_version, cap_link_local_nexthop,
    cap_multisession;

/* Ways that several share. A text is all octets of the reader, cut to what fits; -1: it is no UTF-8, or has
 * something in it that is not to be shown. */
int cap_text_parse(struct reader, char out[CAP_TEXT]);
typedef void cap_param(void *arg, uint8_t code, struct reader value);
void cap_put_empty(uint8_t code, cap_param *, void *arg);
/* "ipv4/unicast": how capabilities name a family. */
void cap_family_text(uint16_t afi, uint8_t safi, struct text *);
void cap_family_tree(uint16_t afi, uint8_t safi, struct tree *);
void cap_name_tree(
    struct tree *, const char *name); /* { "name": ... } begun: the caller ends the map */
#endif
