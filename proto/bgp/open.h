/* OPEN (RFC 4271 section 4.2; capabilities RFC 5492; long parameters RFC 9072). */
#ifndef PROTO_BGP_OPEN_H
#define PROTO_BGP_OPEN_H
#include <stdint.h>
#include "common/reader.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/writer.h"
#include "proto/bgp/cap.h"
#include "proto/bgp/fault.h"

enum { AS_TRANS = 23456 };

struct open {
	uint8_t version;
	uint16_t my_as;     /* the two octets */
	uint32_t asn;       /* capability 65 if there, else my_as */
	uint16_t hold_time; /* seconds */
	uint32_t router_id; /* host order */
	struct caps caps;
};

/* The body of an OPEN. -1: *f is the NOTIFICATION (2/x or 1/2). Unknown capabilities are kept, not judged. */
int open_parse(struct open *, struct reader body, struct fault *);
/* Whether we may go on with this OPEN: version was already judged; peer AS (expected 0: any; local 0: the
 * peer's own; 7607, 6793),
 * identifier (6286), hold time (0 or >= 3). */
int open_check(const struct open *, uint32_t local_as, uint32_t local_id, uint32_t expected_as,
    struct fault *);
/* RFC 5492 section 5: of these codes (0 ends them) theirs has all; or -1, and *f lists those that it lacks, as ours
 * has them. */
int open_check_needs(const uint8_t *codes, const struct caps *ours, const struct caps *theirs,
    struct fault *f);
/* A whole message; each capability in its own parameter, in ExaBGP's order; RFC 9072 form when the
 * parameters take 255 octets or more. my_as is AS_TRANS when asn needs four octets. */
void open_encode(const struct open *, struct writer *);
/* As ExaBGP's events have it, "version 4 asn ...". Of one that is ours the keys of the tree are names, not codes, and
 * the host name is shown even when there is none; 4.2 shows what there is. */
enum open_whose { OPEN_THEIRS, OPEN_OURS, OPEN_OURS_42 };
void open_print(const struct open *, struct text *, enum open_whose);
void open_tree(const struct open *, struct tree *, enum open_whose);
#endif
