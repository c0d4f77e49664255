/* Segments of an SR policy, types A to K (RFC 9830 section 2.4.4.2, RFC 9831 section 2), and what segments and
 * binding SIDs are made of: label stack entries and SRv6 endpoint behaviors. */
#ifndef PROTO_BGP_ATTR_SEGMENT_H
#define PROTO_BGP_ATTR_SEGMENT_H
#include <stdbool.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/words.h"
#include "common/writer.h"

enum { STACK_ENTRY_SIZE = 4, SRV6_SID_SIZE = 16, BEHAVIOR_SIZE = 8 };

/* Is this sub-TLV of a segment list a segment that we know, and is it well-formed? */
bool segment_known(uint8_t type);
bool segment_fits(uint8_t type, struct reader value);
/* type-a mpls 16001: the whole sub-TLV. */
int segment_scan(struct words *, struct writer *, struct reason *);
bool segment_print(uint8_t type, struct reader value, struct text *); /* false: no words for it */
void segment_tree(uint8_t type, struct reader value, struct tree *);

/* LABEL [tc N] [s N] [ttl N]: four octets, the last of a stack where nothing else is said, as ExaBGP has it. */
int stack_entry_scan(struct words *, struct writer *, struct reason *);
void stack_entry_print(struct reader entry, struct text *); /* behind a blank */
void stack_entry_tree(struct reader entry, struct tree *);  /* members: label, tc, s, ttl */

int srv6_sid_scan(struct words *, struct writer *, struct reason *);
void srv6_sid_print(struct reader sid, struct text *);
void srv6_sid_tree(struct reader sid, struct tree *); /* the member sid */

/* endpoint-behavior BEHAVIOR LB LN FUN ARG: eight octets, two of them reserved. */
int behavior_scan(struct words *, struct writer *, struct reason *);
bool behavior_print(struct reader behavior, struct text *); /* false where the reserved ones say something */
void behavior_tree(struct reader behavior, struct tree *);
#endif
