/* ROUTE-REFRESH (RFC 2918) with the borders of enhanced refresh (RFC 7313). */
#ifndef PROTO_BGP_REFRESH_H
#define PROTO_BGP_REFRESH_H
#include "common/reader.h"
#include "common/tree.h"
#include "common/writer.h"
#include "proto/bgp/family.h"
#include "proto/bgp/fault.h"
#include "proto/bgp/params.h"

enum refresh_kind { REFRESH_REQUEST = 0, REFRESH_BEGIN = 1, REFRESH_END = 2 };

struct refresh {
	uint16_t afi;
	uint8_t safi;
	uint8_t kind;
	enum family family; /* FAMILY_UNKNOWN when none of ours */
};

/* 0 act on it; 1 ignore it (not negotiated, unknown subtype, ORF body: *f->text says why); -1 *f is the
 * NOTIFICATION (7/1 with the whole message as data, cut at 255 octets). *r is what was read, in each case. */
int refresh_parse(struct refresh *, struct reader body, const struct session_params *, struct fault *);
void refresh_encode(enum family, enum refresh_kind, struct writer *); /* a whole message */
void refresh_tree(const struct refresh *, struct tree *);
#endif
