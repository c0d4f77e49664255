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

enum { ROUTE_VALUE_MAX = 200 * 1024 };

/* Views into the octets; all empty when they are none. */
struct route_value route_value_of(struct reader octets);
void route_value_write(const struct route_value *, struct writer *);

/* What somebody typed: ExaBGP's route words. Zero-initialise, route_draft_fini when done. */
struct route_draft {
	enum family family;
	bool has_family;
	struct octets nlri;           /* a canonical bin without path ids: one, or many after `nlri` */
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

/* The words of a route in any of ExaBGP's one-line forms, without a leading announce or withdraw:
 *      route PREFIX <attributes>            ipv4 unicast PREFIX <attributes>
 *      attributes <attributes> nlri P P P   (also `attribute`)
 * Ends at the end of the words, or before `;`. -1 with a reason (what was expected, the nearest word). */
int route_scan(struct words *, struct route_draft *, struct reason *);
/* The same in pieces, for the block form: the prefix, then one keyword with its value at a time. */
int route_scan_prefix(struct words *, struct route_draft *, struct reason *);
int route_scan_keyword(struct words *, struct route_draft *, struct reason *);
/* Is what was given enough to announce it (next hop)? */
int route_check(const struct route_draft *, struct reason *);
/* Step through the NLRI of a draft, pieces of `split` included: *state starts at 0. False at the end. */
bool route_draft_next(const struct route_draft *, uint64_t *state, uint8_t nlri[32], struct nlri *);
/* Sort the attributes of a draft into canonical order and drop later repeats; done by route_scan. */
void route_draft_finish(struct route_draft *);

/* "10.0.0.0/24 next-hop 1.2.3.4 med 5": what route_scan accepts behind `route` (or behind the family). */
void route_print(enum family, bool path_id, const struct nlri *, const struct route_value *, struct text *);
#endif
