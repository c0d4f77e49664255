/* One extended community as a word, for what carries them elsewhere (route targets as NLRI, flows). */
#ifndef PROTO_BGP_ATTR_EXT_COMMUNITY_H
#define PROTO_BGP_ATTR_EXT_COMMUNITY_H
#include <stdint.h>
#include "common/reader.h"
#include "common/text.h"

/* Types of which more than one file knows. draft-ietf-idr-flowspec-redirect-ip: an address, and whether a copy goes there;
 * the second is an IPv6 extended community (RFC 5701). */
enum { FLOW_NEXT_HOP_IPV4 = 0x010c, FLOW_NEXT_HOP_IPV6 = 0x000c };

/* target:65000:1, 65000:1 or 0x and sixteen digits; -1 when it is none. */
int ext_community_of(const char *text, uint64_t *value);
/* [transitive:|non-transitive:]input:65000:1 as the words of flows have it */
int ext_community_interface_set(const char *text, uint64_t *value);
/* A word without blanks that ext_community_of takes. */
void ext_community_word(uint64_t value, struct text *);
/* All of an attribute's, as ExaBGP shows them: what JSON has for "string". */
void ext_community_show(struct reader value, struct text *);
#endif
