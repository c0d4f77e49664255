/* A block of attributes in canonical form: sorted by code, four-octet ASNs, shortest length form (but what we
 * don't know has that it came with, which is shown), without MP_REACH, MP_UNREACH and NEXT_HOP. Equal routes are
 * equal bytes.
 *
 * The driver does what is common once: framing, flags, duplicates, unknown ones, RFC 7606 penalties, and
 * RFC 6793 4.2.3 (AS4_PATH and AS4_AGGREGATOR merged into AS_PATH and AGGREGATOR). */
#ifndef PROTO_BGP_ATTRS_H
#define PROTO_BGP_ATTRS_H
#include <stdbool.h>
#include <stdint.h>
#include "common/octets.h"
#include "proto/bgp/attr.h"

struct attr {
	uint8_t flags, code; /* flags without the extended-length bit */
	bool extended; /* ... which was set */
	struct reader value;
};

/* Walk a canonical block (or any well-framed one). False at the end. */
bool attrs_next(struct reader *block, struct attr *);
bool attrs_find(struct reader block, uint8_t code, struct attr *);
/* Append one attribute, shortest length form; with ATTR_EXTENDED in flags the longer one. */
void attrs_put(struct writer *, uint8_t flags, uint8_t code, struct reader value);
/* The same when the value is still to be written: between begin and end. `end` gives -1 and leaves nothing
 * when it is longer than a length field can say; `undo` leaves nothing and gives -1. */
size_t attrs_begin(struct writer *, uint8_t flags, uint8_t code);
int attrs_end(struct writer *, size_t mark);
int attrs_undo(struct writer *, size_t mark);

enum { COMPLAINTS = 8 };
struct complaint {
	uint8_t code;        /* attribute; 0: it is about none, or about all of them */
	enum penalty penalty;
	const char *what;    /* static text: "wrong flags", "malformed", "given twice"; of code 0 all that is to be said */
};
/* "attribute 1 malformed", "an attribute runs past the end of the list" */
void complaint_print(const struct complaint *, struct text *);
int complaint_refuse(const struct complaint *, struct reason *); /* the same as a reason; always -1 */

/* What became of a received list. */
struct attrs_in {
	enum penalty worst;
	struct fault fault;              /* when worst is PENALTY_RESET */
	bool lost;                       /* framing lost (RFC 7606 section 4): what follows was not seen */
	struct reader block;             /* canonical, in the writer that was given */
	bool has_next_hop;
	uint8_t next_hop[4];
	bool has_mp_reach, has_mp_unreach;
	struct reader mp_reach, mp_unreach; /* values as received */
	uint64_t seen[4];                /* bit per code that was there */
	struct complaint complaint[COMPLAINTS];
	uint8_t complaints;
};
void attrs_parse(struct attrs_in *, struct reader list, const struct session_params *, struct writer *);
bool attrs_seen(const struct attrs_in *, uint8_t code);

/* Canonical block -> this session's octets, in ascending code, AS4_PATH and AS4_AGGREGATOR right behind
 * AS_PATH and AGGREGATOR when a two-octet session needs them. `raw` is a block of attributes that an
 * operator typed by number: verbatim at their code's place, and an attribute of the same code in the
 * canonical block gives way to it. `next_hop`: NEXT_HOP (code 3) of 4 octets, or empty. */
void attrs_encode(struct writer *, struct reader block, struct reader raw, struct reader next_hop,
    const struct session_params *);

/* " origin igp as-path [ 1 2 ] med 5" as ExaBGP's route text (each behind a blank, unknown ones as
 * attribute [ 0xCODE 0xFLAGS 0xHEX ]), and the members of ExaBGP's "attribute" map. */
void attrs_print(struct reader block, struct text *);
void attrs_tree(struct reader block, struct tree *);
/* All of them by number: for `raw`, which nobody parses. */
void attrs_print_opaque(struct reader block, struct text *);
/* A block with `put` (a canonical block of attributes) laid over `block`: same codes are replaced. */
void attrs_overlay(struct writer *, struct reader block, struct reader put);
#endif
