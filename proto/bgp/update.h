/* UPDATE (RFC 4271 section 4.3, RFC 4760, RFC 7606, RFC 7911): a received body becomes a message of
 * canonical routes; canonical routes become whole messages for a session. */
#ifndef PROTO_BGP_UPDATE_H
#define PROTO_BGP_UPDATE_H
#include <stdbool.h>
#include <stdint.h>
#include "common/octets.h"
#include "proto/bgp/attrs.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/params.h"
#include "proto/bgp/route.h"

/* NLRI of one family that came together. */
struct update_part {
	enum family family;
	bool path_ids;
	struct reader next_hop;  /* 0, 4, 16 or 32 octets; announces only */
	struct reader nlri;      /* a canonical bin */
};

enum { UPDATE_PARTS = 4, UPDATE_SCRATCH = 400 * 1024 };

struct update {
	enum penalty worst;          /* WITHDRAW: announces were turned into withdraws; RESET: see fault */
	struct fault fault;
	struct update_part announce[UPDATE_PARTS], withdraw[UPDATE_PARTS];
	uint8_t announces, withdraws;
	struct reader attributes;    /* canonical block; beside withdraws alone they say nothing of a route */
	struct reader next_hop;      /* NEXT_HOP of a message that announces nothing, else empty */
	struct reader with_otc;      /* of what it was added to (otc.h); empty: of nothing */
	bool end_of_rib;
	enum family end_of_rib_family;
	unsigned ignored;            /* NLRI and parts that were left out: martians, families not negotiated */
	struct complaint complaint[COMPLAINTS];
	uint8_t complaints;
};

/* `scratch` (UPDATE_SCRATCH octets, reset by the call) holds what *u points to, besides the body.
 * Withdraws are done before announces: a prefix that is in both is announced (RFC 4271 section 4.3). */
void update_parse(struct update *, struct reader body, const struct session_params *, struct writer *scratch);

/* The NLRI of RFC 4271's own field, as they stand in a body that nobody has judged: for what is asked for before the body's
 * turn. Empty where there are none, or the lengths are wrong. */
struct reader update_ahead(struct reader body);

/* The attributes of a part that is announced. */
struct reader update_said(const struct update *, const struct update_part *);

/* Append whole messages that announce `count` NLRI which share a value, packed as params->group says (and
 * ADD-PATH, next-hop family, message size), with OTC where the role of the session adds it. -1 and nothing
 * appended when the attributes do not fit into a message of this session, its next hop cannot be carried, or OTC
 * keeps it back (otc.h). */
int update_announce(struct octets *, const struct session_params *, enum family,
    const struct route_value *, const struct nlri *, size_t count);
/* Why it gives -1 for those; false: it does not. */
bool update_hindered(const struct session_params *, enum family, const struct route_value *,
    const struct nlri *, size_t count, struct reason *);
/* It does not, whatever the session: found at once. False: who wants to know has to ask for each. */
bool update_unhindered(enum family, const struct route_value *, const struct nlri *);
/* `value`, or NULL: attributes that go along with an MP_UNREACH_NLRI, unless they leave no room. */
void update_withdraw(struct octets *, const struct session_params *, enum family,
    const struct route_value *, const struct nlri *, size_t count);
/* Attributes only, no NLRI (ExaBGP's `attributes` without nlri). */
int update_attributes(struct octets *, const struct session_params *, const struct route_value *);
void update_end_of_rib(struct octets *, enum family);
#endif
