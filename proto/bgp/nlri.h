/* NLRI: one file a family in nlri/, each exporting one nlri_ops; nlri_table lists them.
 *
 * Canonical NLRI is the wire form with host bits cleared, without its path id. A *bin* of NLRI is many of
 * them one after the other, each behind its path id (four octets) when the bin has them. Everything between
 * the two codecs (frames, ledgers, readers) carries canonical NLRI as octets and asks only these functions.
 *
 * How it is typed: `scan` reads what stands right behind the family's name (a prefix; a route type with its
 * words), `words` are keywords of its own that may stand anywhere among those of the route (rd, label, match
 * words), each leaves a *part*, and `build` makes the NLRI of what was typed and the parts. */
#ifndef PROTO_BGP_NLRI_H
#define PROTO_BGP_NLRI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/words.h"
#include "common/writer.h"
#include "proto/bgp/family.h"

struct route_draft;
struct attr;
struct ledger;

/* What became of an NLRI that was read. */
enum nlri_said {
	NLRI_MALFORMED = -1,  /* nothing was appended; it costs the session (RFC 7606 section 5.3) */
	NLRI_TAKEN = 0,
	NLRI_LEFT_OUT = 1,    /* nothing was appended: its length says where the next one starts */
	NLRI_TO_WITHDRAW = 2, /* appended, and not to be announced */
};
enum { NLRI_MAX = 4096, NLRI_KEY_MAX = 64, NLRI_PREFIX_MAX = 34 };

/* A keyword that belongs to the NLRI. The word itself is taken already. */
struct nlri_word {
	const char *word;
	int (*scan)(struct words *, struct route_draft *, struct reason *);
};

struct nlri_ops {
	/* Take one NLRI off the reader and append its canonical form, NLRI_MAX octets at most: enum nlri_said. Left
	 * out are multicast prefixes among unicast ones (RFC 4271 section 6.3), route types that nobody knows (RFC
	 * 7606 section 5.4), and where its RFC says so what is malformed within its length. To be withdrawn: RFC 9136
	 * section 3.2. */
	int (*parse)(struct reader *, struct writer *);
	/* Step over one canonical NLRI: its octets. */
	struct reader (*take)(struct reader *);
	/* The octets that are its identity by its RFC (no labels: RFC 8277, 4364): some of them, or put together
	 * in `room`. NULL: all of them. */
	struct reader (*key)(struct reader nlri, uint8_t room[NLRI_KEY_MAX]);
	uint8_t untold;                                 /* octets at its front that are ours alone: they do not travel */
	bool (*next_hop_length)(size_t len);            /* a length that MP_REACH may carry for it */
	/* What an announcement of it must have among its attributes (a canonical block) and has not; else it is
	 * taken as a withdraw. NULL: nothing, as without the function. */
	const char *(*lacks)(struct reader attributes);
	/* The prefix that it is about, as IPv4 or IPv6 unicast has it, in `room`. NULL: it is about none. */
	struct reader (*prefix)(struct reader nlri, uint8_t room[NLRI_PREFIX_MAX]);
	/* Text as an operator types it; scan, words and build accept what print gives. scan may be NULL (all is
	 * keywords), words too (all is scanned) and build (what was scanned is canonical). build may set the
	 * draft's family where the words decide on it. */
	int (*scan)(struct words *, struct writer *, struct reason *);
	const struct nlri_word *words;                  /* up to one without a word */
	int (*build)(struct route_draft *, struct reader typed, struct writer *, struct reason *);
	const char *const *blocks;                      /* words that may open { } around keywords (match, then) */
	int (*check)(struct reader nlri, struct reason *); /* enough to be announced? NULL: it always is */
	void (*print)(struct reader nlri, struct text *);
	/* An attribute of its routes in words of its own, behind a blank. False: as it is elsewhere. */
	bool (*print_attribute)(const struct attr *, struct text *);
	/* The members of ExaBGP's NLRI map ({ "nlri": "10.0.0.0/24" }), without the map itself. */
	void (*tree)(struct reader nlri, struct tree *);
	/* Instead of tree, where the next hop is among the members; empty: there is none. */
	void (*tree_hop)(struct reader nlri, struct reader next_hop, struct tree *);
	/* The members of ExaBGP 4.2's, where they are others. NULL: they are not. */
	void (*tree_42)(struct reader nlri, struct tree *);
};

/* Multicast has the NLRI of unicast, groups included. */
extern const struct nlri_ops nlri_ipv4_unicast, nlri_ipv4_multicast, nlri_ipv6_unicast,
    nlri_ipv6_multicast, nlri_ipv4_mpls, nlri_ipv6_mpls, nlri_ipv4_mpls_vpn, nlri_ipv6_mpls_vpn;
extern const struct nlri_ops nlri_ipv4_mcast_vpn, nlri_ipv6_mcast_vpn;
extern const struct nlri_ops nlri_ipv4_rtc;
extern const struct nlri_ops nlri_l2vpn_vpls, nlri_l2vpn_evpn;
extern const struct nlri_ops nlri_bgp_ls, nlri_bgp_ls_vpn;
extern const struct nlri_ops nlri_ipv4_mup, nlri_ipv6_mup;
extern const struct nlri_ops nlri_ipv4_sr_policy, nlri_ipv6_sr_policy;
extern const struct nlri_ops nlri_ipv4_flow, nlri_ipv4_flow_vpn, nlri_ipv6_flow, nlri_ipv6_flow_vpn;

extern const struct nlri_ops nlri_raw; /* of families that are known by number */

/* NULL for a family whose NLRI we cannot read yet. */
const struct nlri_ops *nlri_ops(enum family);

/* The prefix that an NLRI is about; false: it is about none. */
bool nlri_prefix(enum family, struct reader nlri, struct prefix *);

/* Are they a length and an IPv4 prefix? Five octets at most. */
static inline bool
nlri_is_short(enum family f)
{
	return f == IPV4_UNICAST || f == IPV4_MULTICAST;
}

/* The key of a family, for a ledger; NULL: all octets. */
struct reader (*nlri_key(enum family))(struct reader nlri, uint8_t room[NLRI_KEY_MAX]);

/* Walk a canonical bin. False at the end (or when what is left is no NLRI). */
struct nlri {
	uint32_t path_id;      /* 0 when the bin has none */
	struct reader octets;  /* canonical, without path id */
};
bool nlri_step(enum family, bool path_ids, struct reader *bin, struct nlri *);
/* The same; what most bins hold, IPv4 prefixes, without a call. */
static inline bool
nlri_next(enum family f, bool path_ids, struct reader *bin, struct nlri *n)
{
	size_t bits = bin->left > 0 ? *bin->at : 0, len = 1 + (bits + 7) / 8;

	if (path_ids || !nlri_is_short(f) || bits > 32 || len > bin->left)
		return nlri_step(f, path_ids, bin, n);
	*n = (struct nlri){ .octets = { .at = bin->at, .left = len } };
	bin->at += len;
	bin->left -= len;
	return true;
}
/* A ledger is asked for all of them soon: the cache is told. */
void nlri_prefetch(const struct ledger *, enum family, bool path_ids, struct reader bin);
size_t nlri_count(enum family, bool path_ids, struct reader bin);
/* Check and copy a bin from a session: NLRI_TAKEN, NLRI_MALFORMED, or NLRI_TO_WITHDRAW when there is one of those.
 * The ones that were left out are counted. */
int nlri_parse(enum family, bool path_ids, struct reader *, struct writer *, unsigned *ignored);
/* The members of ExaBGP's NLRI map, path-information included when there is a path id. */
void nlri_tree(enum family, bool path_ids, const struct nlri *, struct reader next_hop, struct tree *);
void nlri_tree_42(enum family, bool path_ids, const struct nlri *, struct reader next_hop, struct tree *);
/* Lengths of next hops: of IPv4; of IPv6 with or without a link-local one (RFC 2545 section 3); of either. */
bool nlri_hop_ipv4(size_t len);
bool nlri_hop_ipv6(size_t len);
bool nlri_hop_any(size_t len);
void path_id_print(uint32_t, struct text *);           /* dotted, "0.0.0.1" */
int path_id_scan(struct words *, uint32_t *, struct reason *); /* dotted or decimal */
#endif
