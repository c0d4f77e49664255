/* MRT (RFC 6396, RFC 8050): the records of a file in which messages of BGP sessions were kept. */
#ifndef PROTO_BGP_MRT_H
#define PROTO_BGP_MRT_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/reader.h"

/* A record: a header of MRT_HEADER octets, then `length` more. */
enum { MRT_HEADER = 12, MRT_RECORD_MAX = 1 << 20 };

struct mrt_header {
	uint32_t seconds;
	uint16_t type, subtype;
	uint32_t length;
};

/* A message of a session (BGP4MP, BGP4MP_ET). */
struct mrt_message {
	uint32_t seconds, microseconds;
	uint32_t peer_as, local_as;
	struct addr peer, local;
	bool asn4, add_path; /* what the session had, as far as the record says */
	bool sent; /* by the one who kept it */
	struct reader message; /* whole, header included */
};

/* -1: it is too short, or the record longer than MRT_RECORD_MAX. */
int mrt_header(struct mrt_header *, struct reader);
/* 1; 0: a record of another kind (a change of state, a table); -1: malformed. */
int mrt_message(struct mrt_message *, const struct mrt_header *, struct reader body);
#endif
