/* OPERATIONAL (draft-ietf-idr-operational-message, as ExaBGP has it: message type 6): advisories that people write, and
 * counts of prefixes that are asked for and answered.
 *
 *      what (2)  length (2)  AFI (2)  SAFI (1)  advisory
 *                                               router id (4)  sequence (4)  [counter (4)]
 */
#ifndef PROTO_BGP_OPERATIONAL_H
#define PROTO_BGP_OPERATIONAL_H
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/words.h"
#include "common/writer.h"
#include "proto/bgp/family.h"

enum operational_what {
	OPERATIONAL_ADM = 1, /* advisory, on demand */
	OPERATIONAL_ASM,     /* advisory, static: said again at the start of each session */
	OPERATIONAL_RPCQ, OPERATIONAL_RPCP, /* reachable prefixes: question, answer */
	OPERATIONAL_APCQ, OPERATIONAL_APCP, /* prefixes of adj-rib-out */
	OPERATIONAL_LPCQ, OPERATIONAL_LPCP  /* prefixes of loc-rib */
};

/* Of an advisory; and of a body with one, what and length included. */
enum { OPERATIONAL_TEXT = 2048, OPERATIONAL_MAX = 7 + OPERATIONAL_TEXT };

struct operational {
	uint16_t what;
	uint16_t afi;
	uint8_t safi;
	enum family family;     /* FAMILY_UNKNOWN when none of ours */
	uint32_t router_id;     /* 0: not typed */
	uint32_t sequence, counter;
	struct reader advisory; /* borrowed */
	struct reader data;     /* of a kind that we do not know: all behind the length; borrowed */
};

/* The body of a message. 0; 1 for a kind that we do not know; -1 when it is malformed, with the reason. */
int operational_parse(struct operational *, struct reader body, struct reason *);
/* The body, of a kind that we know. */
void operational_encode(const struct operational *, struct writer *);
/* "asm afi ipv4 safi unicast advisory TEXT", "rpcq afi ipv4 safi unicast sequence 1 [router-id 192.0.2.1]", ...:
 * the advisory is borrowed from the words. */
int operational_scan(struct words *, struct operational *, struct reason *);
/* As it is typed, with the kind in capitals: ExaBGP's text event. */
void operational_print(const struct operational *, struct text *);
void operational_tree(const struct operational *, struct tree *); /* ExaBGP's map */
const char *const *operational_keywords(void);                   /* NULL behind them */
#endif
