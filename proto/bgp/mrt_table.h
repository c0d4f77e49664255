/* Tables in MRT (RFC 6396 sections 4.2 and 4.3, RFC 8050): TABLE_DUMP and TABLE_DUMP_V2. Each route in them is given
 * as the UPDATE by which its peer would say it, so that who reads messages reads tables too.
 *
 * The index of peers, which precedes what refers to it, is kept; one at a time. */
#ifndef PROTO_BGP_MRT_TABLE_H
#define PROTO_BGP_MRT_TABLE_H
#include "common/octets.h"
#include "proto/bgp/family.h"
#include "proto/bgp/mrt.h"

struct mrt_peer {
	uint32_t asn;
	struct addr address;
};

/* Zero-initialise, mrt_table_fini when done. */
struct mrt_table {
	struct mrt_peer *peers;
	size_t peer_count;
	uint32_t collector; /* its BGP identifier, 0 when it keeps it for itself */
	/* the record at hand */
	uint32_t seconds;
	bool add_path, first; /* TABLE_DUMP has one route a record */
	uint16_t afi;
	uint8_t safi;
	struct reader nlri, entries;
	unsigned entry_count;
	struct octets message; /* the route at hand */
};

/* Take a record up. 1: its routes follow from mrt_table_next; 0: there are none in it (an index of peers, or of another
 * kind: *other); -1: malformed, and *why says how. The body is borrowed until the record is walked. */
int mrt_table_record(struct mrt_table *, const struct mrt_header *, struct reader body, bool *other,
    const char **why);
/* The next route: 1, and the message is valid until the next call; 0 at the end; -1 malformed. */
int mrt_table_next(struct mrt_table *, struct mrt_message *, const char **why);
void mrt_table_fini(struct mrt_table *);
#endif
