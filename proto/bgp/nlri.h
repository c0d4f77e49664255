/* NLRI: one file a family in nlri/, each exporting one nlri_ops; nlri_table lists them.
 *
 * Canonical NLRI is the wire form with host bits cleared, without its path id. A *bin* of NLRI is many of
 * them one after the other, each behind its path id (four octets) when the bin has them. */
#ifndef PROTO_BGP_NLRI_H
#define PROTO_BGP_NLRI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/words.h"
#include "common/writer.h"
#include "proto/bgp/family.h"

struct nlri_ops {
	/* Take one NLRI off the reader and append its canonical form. 0; 1: well-formed, to be ignored
	 * (224/4 and ff00::/8, RFC 4271 6.3), nothing appended; -1: malformed, nothing appended. */
	int (*parse)(struct reader *, struct writer *);
	/* Step over one canonical NLRI: its octets. */
	struct reader (*take)(struct reader *);
	/* The octets that are its identity by its RFC; for unicast all of them. */
	struct reader (*key)(struct reader nlri);
	bool (*next_hop_length)(size_t len);            /* a length that MP_REACH may carry for it */
	/* Text as an operator types it; scan accepts what print gives and appends canonical form. */
	int (*scan)(struct words *, struct writer *, struct reason *);
	void (*print)(struct reader nlri, struct text *);
	/* The members of ExaBGP's NLRI map ({ "nlri": "10.0.0.0/24" }), without the map itself. */
	void (*tree)(struct reader nlri, struct tree *);
};

/* Multicast has the NLRI of unicast, groups included. */
extern const struct nlri_ops nlri_ipv4_unicast, nlri_ipv4_multicast, nlri_ipv6_unicast,
    nlri_ipv6_multicast;

/* NULL for a family whose NLRI we cannot read yet. */
const struct nlri_ops *nlri_ops(enum family);

/* Walk a canonical bin. False at the end (or when what is left is no NLRI). */
struct nlri {
	uint32_t path_id;      /* 0 when the bin has none */
	struct reader octets;  /* canonical, without path id */
};
bool nlri_next(enum family, bool path_ids, struct reader *bin, struct nlri *);
size_t nlri_count(enum family, bool path_ids, struct reader bin);
/* Check and copy a bin from a session: 0, or -1 malformed (RFC 7606 5.3). Ignored ones are counted. */
int nlri_parse(enum family, bool path_ids, struct reader *, struct writer *, unsigned *ignored);
/* The members of ExaBGP's NLRI map, path-information included when there is a path id. */
void nlri_tree(enum family, bool path_ids, const struct nlri *, struct tree *);
void path_id_print(uint32_t, struct text *);           /* dotted, "0.0.0.1" */
int path_id_scan(struct words *, uint32_t *, struct reason *); /* dotted or decimal */
#endif
