/* The segments of AS_PATH and AS4_PATH (RFC 4271 section 4.3, RFC 5065 section 3), with ASNs of two or
 * four octets, and what RFC 6793 does with them between old and new speakers. */
#ifndef PROTO_BGP_ATTR_PATH_H
#define PROTO_BGP_ATTR_PATH_H
#include <stdbool.h>
#include <stdint.h>
#include "proto/bgp/attr.h"

enum { SEGMENT_ASNS = 255 };

struct segment {
	uint8_t type, count;
	struct reader asns;
	unsigned width; /* octets of an ASN: 2 or 4 */
};

/* Step to the next segment. False at the end; a path cut short fails the reader. */
bool segment_next(struct reader *path, unsigned width, struct segment *);
uint32_t segment_asn(struct segment *); /* its next ASN */
static inline bool
segment_is_confed(const struct segment *s)
{
	return s->type == SEGMENT_CONFED_SEQUENCE || s->type == SEGMENT_CONFED_SET;
}

/* RFC 7606 section 7.2, RFC 7607 (no AS 0), RFC 5065 section 5 (confederation segments only if `confed`). */
int path_check(struct reader, unsigned width, bool confed);
/* Does it begin with a sequence of a confederation? What another member says does (RFC 5065 section 5). */
bool path_leads_confed(struct reader);
/* How long it is to route selection: a set is one, confederation segments are none. */
unsigned path_length(struct reader, unsigned width);
void path_widen(struct reader, struct writer *);  /* two octets to four */
void path_narrow(struct reader, struct writer *); /* four to two: AS_TRANS for what is wider */
/* Would path_narrow lose an ASN outside of confederation segments, the ones that AS4_PATH can carry? */
bool path_needs_as4(struct reader);
void path_without_confed(struct reader, struct writer *);
/* RFC 6793 section 4.2.3: a two-octet AS_PATH and the AS4_PATH that came with it. */
void path_merge(struct reader as_path, struct reader as4_path, struct writer *);
#endif
