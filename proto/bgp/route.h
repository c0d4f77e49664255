/* A route: NLRI and what is said of it, and its text.
 *
 * The *value* of a route is one run of octets (so that it can be interned):
 *      next hop length (1), next hop, raw length (2), raw, canonical attribute block
 * next hop: 0, 4, 16 or 32 octets. raw: attributes typed by number, as a framed block, never parsed. */
#ifndef PROTO_BGP_ROUTE_H
#define PROTO_BGP_ROUTE_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/blob.h"
#include "common/octets.h"
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"
#include "common/writer.h"
#include "proto/bgp/family.h"
#include "proto/bgp/nlri.h"

struct route_value {
	struct reader next_hop, raw, attributes;
};

enum {
	ROUTE_VALUE_MAX = 200 * 1024,
	/* Octets of attributes that a route from a peer may have: those that come to them here (OTC, a community) have room. AS paths
	 * become twice as long where a session has two-octet ASes. */
	ROUTE_HEARD_MAX = UINT16_MAX - 16
};

/* Views into the octets; all empty when they are none. */
struct route_value route_value_of(struct reader octets);
void route_value_write(const struct route_value *, struct writer *);
/* A share of it, as it is kept; NULL: it is longer than ROUTE_VALUE_MAX. */
struct blob *route_value_intern(const struct route_value *, struct blobs *);

/* What somebody typed: ExaBGP's route words. Zero-initialise, route_draft_fini when done. */
struct route_draft {
	enum family family;
	bool has_family;
	bool guessed;                 /* nobody said the family: a label or an RD makes it another */
	bool of_form;                 /* ... but what kind of route it is: its words say of which AFI */
	struct octets nlri;           /* a canonical bin without path ids: one, or many after `nlri` */
	struct octets parts;          /* of the NLRI, until it is built: nlri/part.h */
	bool has_path_id;
	uint32_t path_id;
	uint8_t next_hop_len;         /* 0: none given */
	uint8_t next_hop[32];
	bool next_hop_self;           /* resolved by the controller, per neighbour */
	struct octets attributes;     /* canonical block of what was given, nothing added */
	struct octets raw;            /* attributes typed by number, sorted by code */
	uint8_t split;                /* 0: none, else the length of the pieces */
	bool withdrawn;               /* the word `withdraw`: starts in withdrawn state (watchdog) */
	char name[64], watchdog[64];
};
void route_draft_fini(struct route_draft *);
void route_draft_clear(struct route_draft *); /* empty; some memory is kept for the next one */

/* The words of a route in any of ExaBGP's one-line forms, without a leading announce or withdraw:
 *      route PREFIX <attributes>            ipv4 unicast PREFIX <attributes>
 *      attributes <attributes> nlri P P P   (also `attribute`)
 * Ends at the end of the words, or before `;`. -1 with a reason (what was expected, the nearest word). */
int route_scan(struct words *, struct route_draft *, struct reason *);
/* The same in pieces, for the block form: the prefix, then one keyword with its value at a time. */
int route_scan_prefix(struct words *, struct route_draft *, struct reason *);
/* What opens a route of families that are no prefixes: flow, vpls, sr-policy. The draft gets the family. -1
 * with a reason when it is none, or not built. */
int route_scan_form(const char *form, struct route_draft *, struct reason *);
/* Does this word open { } around more keywords of this route (match, then)? */
bool route_opens(const struct route_draft *, const char *word);
int route_scan_keyword(struct words *, struct route_draft *, struct reason *);
/* Add an attribute to a draft as if its keyword was given: one that is there stays, but extended communities
 * add up. */
int route_draft_attribute(struct route_draft *, uint8_t code, struct reader value, struct reason *);
/* Words of a route that are no attributes and belong to no family; NULL behind the last. */
const char *route_keyword(size_t);
/* Is what was given enough to announce it (next hop)? */
int route_check(const struct route_draft *, struct reason *);
/* Does it say of which routes? `attributes` without `nlri` does not. -1 with a reason. */
int route_check_nlri(const struct route_draft *, struct reason *);
/* Step through the NLRI of a draft, pieces of `split` included: *state starts at 0. False at the end. */
enum { ROUTE_PIECE_MAX = 64 };
bool route_draft_next(const struct route_draft *, uint64_t *state, uint8_t piece[ROUTE_PIECE_MAX],
    struct nlri *);
/* Build the NLRI of what was typed, sort the attributes typed by number and drop later repeats. Done by
 * route_scan; -1 with a reason when the words make no NLRI. */
int route_draft_finish(struct route_draft *, struct reason *);

/* "10.0.0.0/24 next-hop 1.2.3.4 med 5": what route_scan accepts behind `route` (or behind the family). */
void route_print(enum family, bool path_id, const struct nlri *, const struct route_value *, struct text *);
/* The attributes of a route of that family, each behind a blank. */
void route_print_attributes(enum family, struct reader block, struct text *);
#endif
