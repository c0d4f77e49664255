/* The BGP-LS attribute: its TLVs, a table of how each is shown. Inner to attr/bgpls*.c. */
#ifndef PROTO_BGP_ATTR_BGPLS_H
#define PROTO_BGP_ATTR_BGPLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/tree.h"

/* How the members of a TLV are put. */
enum bgpls_form {
	BGPLS_ONE, /* "name": value; further ones of its type as octets */
	BGPLS_MANY, /* "name": [ all of its type ], each puts its elements */
	BGPLS_BARE /* it puts members of its own, "name" the first of them */
};

struct bgpls_flag {
	const char *name; /* NULL: the last one */
	uint8_t bit;
};

struct bgpls_tlv {
	uint16_t code;
	uint16_t min, max, step; /* octets: min, min + step .. max */
	enum bgpls_form form;
	const char *name;
	void (*tree)(const struct bgpls_tlv *, struct reader value, struct tree *);
	const struct bgpls_flag *flags;
	bool (*check)(struct reader value); /* what is inside; NULL: nothing is */
};

const struct bgpls_tlv *bgpls_tlv(uint16_t code); /* NULL: shown as octets */
/* The first code that has the name of this one: IPv4 and IPv6 are shown together. */
uint16_t bgpls_leader(uint16_t code);
bool bgpls_attr_next(struct reader *, uint16_t *code, struct reader *value);
/* Of a code that it knows, a value that it can have? Of others anything. */
bool bgpls_tlv_ok(uint16_t code, struct reader value);
/* "generic-lsid-266", for the list of octets behind it. */
void bgpls_generic_key(uint16_t code, struct tree *);

/* "flags": { "F": 0, ..., "RSV": 0 }; RSV: the bits that have no name. */
void bgpls_tree_flags(const char *key, const struct bgpls_flag *, uint8_t octet, struct tree *);

/* Segment routing: bgpls_sid.c (RFC 9085, 9514). tree: the value of that TLV, which has passed the row's bounds and
 * its check. check: is what is inside as long as it says? */
extern const struct bgpls_flag bgpls_adjacency_flags[], bgpls_prefix_sid_flags[],
    bgpls_srv6_flags[], bgpls_locator_flags[];
void bgpls_tree_ranges(const struct bgpls_tlv *, struct reader, struct tree *);
bool bgpls_check_ranges(struct reader);
void bgpls_tree_adjacency(const struct bgpls_tlv *, struct reader, struct tree *);
void bgpls_tree_prefix_sid(const struct bgpls_tlv *, struct reader, struct tree *);
void bgpls_tree_srv6_adjacency(const struct bgpls_tlv *, struct reader, struct tree *);
bool bgpls_check_srv6_adjacency(struct reader);
bool bgpls_check_srv6_isis(struct reader);
bool bgpls_check_srv6_ospf(struct reader);
void bgpls_tree_locator(const struct bgpls_tlv *, struct reader, struct tree *);
bool bgpls_check_locator(struct reader);
void bgpls_tree_behavior(const struct bgpls_tlv *, struct reader, struct tree *);
void bgpls_tree_peer_sid(const struct bgpls_tlv *, struct reader, struct tree *);
void bgpls_tree_structure(const struct bgpls_tlv *, struct reader, struct tree *);
#endif
