/* Flow specifications (RFC 8955, 8956): what the components are, for the wire and for text. Inner to flow*.c.
 *
 * A canonical NLRI has its length in the shortest form, values in the fewest octets, no reserved bits, no host
 * bits. The octets of an IPv6 prefix begin at its first bit whatever its offset is, as ExaBGP writes them. */
#ifndef PROTO_BGP_NLRI_FLOW_H
#define PROTO_BGP_NLRI_FLOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "proto/bgp/nlri/part.h"

/* Components, by their type. */
enum {
	FLOW_DESTINATION = 1,
	FLOW_SOURCE,
	FLOW_PROTOCOL,
	FLOW_PORT,
	FLOW_DESTINATION_PORT,
	FLOW_SOURCE_PORT,
	FLOW_ICMP_TYPE,
	FLOW_ICMP_CODE,
	FLOW_TCP_FLAGS,
	FLOW_PACKET_LENGTH,
	FLOW_DSCP,
	FLOW_FRAGMENT,
	FLOW_LABEL,
	FLOW_TYPES
};

/* The operator in front of a value (RFC 8955 section 4.2.1). */
enum {
	FLOW_END = 0x80,
	FLOW_AND = 0x40,
	FLOW_LESS = 0x04,
	FLOW_MORE = 0x02,
	FLOW_EQUAL = 0x01,
	FLOW_NUMERIC = 0x07, /* the bits that say something of a number, and of a mask */
	FLOW_NOT = 0x02,
	FLOW_MATCH = 0x01,
	FLOW_BITMASK = 0x03
};

struct flow_name {
	const char *name;
	uint32_t value;
};

enum flow_form { FLOW_PREFIX = 1, FLOW_NUMBERS, FLOW_BITS };

struct flow_kind {
	enum flow_form form;
	const char *word[2]; /* of IPv4 and of IPv6; NULL: there is none */
	uint32_t max;
	const struct flow_name *names; /* up to one without a name; NULL: none */
	const char *what; /* what its values are */
	bool shown; /* values print as names */
};

/* NULL when there is no such component. */
const struct flow_kind *flow_kind(unsigned type, bool ipv6);
/* What is behind the length of an NLRI. */
struct reader flow_body(struct reader *nlri);
/* An operator and its value, in the fewest octets. */
void flow_operator(struct writer *, unsigned op, uint32_t value);
/* The value behind an operator; of a canonical NLRI at most 32 bits. */
uint64_t flow_value(struct reader *, unsigned op);
/* Length and components. -1 when they are too many. */
int flow_put(struct reader body, struct writer *);

extern const struct nlri_word flow_words[];
extern const char *const flow_blocks[];
int flow_build(struct route_draft *, struct reader typed, struct writer *, struct reason *);

/* What is done with the packets: keywords of `then` and `scope`. */
int flow_scan_accept(struct words *, struct route_draft *, struct reason *);
int flow_scan_discard(struct words *, struct route_draft *, struct reason *);
int flow_scan_rate_limit(struct words *, struct route_draft *, struct reason *);
int flow_scan_redirect(struct words *, struct route_draft *, struct reason *);
int flow_scan_redirect_next_hop(struct words *, struct route_draft *, struct reason *);
int flow_scan_redirect_ietf(struct words *, struct route_draft *, struct reason *);
int flow_scan_copy(struct words *, struct route_draft *, struct reason *);
int flow_scan_mark(struct words *, struct route_draft *, struct reason *);
int flow_scan_action(struct words *, struct route_draft *, struct reason *);
int flow_scan_interface_set(struct words *, struct route_draft *, struct reason *);
#endif
