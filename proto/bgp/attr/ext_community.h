/* One extended community as a word, for what carries them elsewhere (route targets as NLRI, flows). */
#ifndef PROTO_BGP_ATTR_EXT_COMMUNITY_H
#define PROTO_BGP_ATTR_EXT_COMMUNITY_H
#include <stdint.h>
#include "common/text.h"

/* target:65000:1, 65000:1 or 0x and sixteen digits; -1 when it is none. */
int ext_community_of(const char *text, uint64_t *value);
/* [transitive:|non-transitive:]input:65000:1 as the words of flows have it */
int ext_community_interface_set(const char *text, uint64_t *value);
/* A word without blanks that ext_community_of takes. */
void ext_community_word(uint64_t value, struct text *);
#endif
