/* BGP-LS (RFC 9552): what its NLRI are made of, for the wire and for text. Inner to bgpls*.c. */
#ifndef PROTO_BGP_NLRI_BGPLS_H
#define PROTO_BGP_NLRI_BGPLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "proto/bgp/nlri/part.h"

enum {
	BGPLS_NODE = 1,
	BGPLS_LINK = 2,
	BGPLS_PREFIX_V4 = 3,
	BGPLS_PREFIX_V6 = 4,
	BGPLS_SRV6_SID = 6, /* RFC 9514 */
	BGPLS_HEAD = 4, /* type and length */
	BGPLS_TLV_HEAD = 4
};

/* Descriptors: RFC 9552 section 5.2, RFC 9086 section 4, RFC 9514 section 6.1. */
enum {
	BGPLS_LOCAL_NODE = 256,
	BGPLS_REMOTE_NODE = 257,
	BGPLS_LINK_IDS = 258,
	BGPLS_INTERFACE_V4 = 259,
	BGPLS_NEIGHBOR_V4 = 260,
	BGPLS_INTERFACE_V6 = 261,
	BGPLS_NEIGHBOR_V6 = 262,
	BGPLS_TOPOLOGIES = 263,
	BGPLS_OSPF_ROUTE_TYPE = 264,
	BGPLS_REACHABILITY = 265,
	BGPLS_AS = 512,
	BGPLS_IDENTIFIER = 513,
	BGPLS_AREA = 514,
	BGPLS_ROUTER_ID = 515,
	BGPLS_BGP_ROUTER_ID = 516,
	BGPLS_MEMBER_AS = 517,
	BGPLS_SID = 518
};

struct bgpls_kind {
	uint16_t type;
	uint16_t needs; /* a descriptor besides that of the local node; 0: none */
	bool hop; /* its next hop is among its members */
	const char *word, *name; /* name: in JSON */
};

const struct bgpls_kind *bgpls_kind(uint16_t type); /* NULL: carried as it came */

struct bgpls {
	const struct bgpls_kind *kind; /* NULL: body is all there is */
	uint16_t type;
	struct reader rd; /* empty where the family has none */
	struct reader body; /* behind the RD */
	uint8_t protocol;
	uint64_t identifier;
	struct reader tlvs; /* all descriptors */
};

/* An NLRI in its fields; false when it is malformed (RFC 9552 section 8.2.2). */
bool bgpls_cut(struct reader nlri, bool vpn, struct bgpls *);
/* Take one off a reader and append it: as nlri_ops has it. */
int bgpls_parse(struct reader *, bool vpn, struct writer *);

bool bgpls_tlv_next(struct reader *, uint16_t *type, struct reader *value);
/* The first descriptor of a type; empty when there is none. */
struct reader bgpls_find(struct reader tlvs, uint16_t type);
/* The prefix in 265: missing octets are zero, host bits are cleared. */
struct prefix bgpls_prefix(struct reader reachability, bool v6);

int bgpls_scan(struct words *, struct writer *, struct reason *);
extern const struct nlri_word bgpls_words[], bgpls_vpn_words[];
int bgpls_build(struct route_draft *, struct reader typed, struct writer *, struct reason *);
/* NULL where it has none: "isis-l2". */
const char *bgpls_protocol(uint8_t);
/* The word of a node's descriptor; NULL where it has none. */
const char *bgpls_node_word(uint16_t type);

void bgpls_print(struct reader nlri, bool vpn, struct text *);
void bgpls_tree(struct reader nlri, bool vpn, struct reader next_hop, struct tree *);
#endif
