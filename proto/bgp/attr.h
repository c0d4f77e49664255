/* Path attributes: one file an attribute in attr/, each exporting one attr_ops; attr_table lists them and
 * says what a malformed one costs.
 *
 * The value of an attribute is its canonical octets: RFC wire form with four-octet ASNs. Nothing is kept
 * decoded: print, tree and policy read the octets when they are asked. */
#ifndef PROTO_BGP_ATTR_H
#define PROTO_BGP_ATTR_H
#include <stdbool.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/words.h"
#include "common/writer.h"
#include "proto/bgp/fault.h"
#include "proto/bgp/params.h"

enum attr_code {
	ATTR_ORIGIN = 1, ATTR_AS_PATH = 2, ATTR_NEXT_HOP = 3, ATTR_MED = 4, ATTR_LOCAL_PREF = 5,
	ATTR_ATOMIC_AGGREGATE = 6, ATTR_AGGREGATOR = 7, ATTR_COMMUNITY = 8, ATTR_ORIGINATOR_ID = 9,
	ATTR_CLUSTER_LIST = 10, ATTR_MP_REACH = 14, ATTR_MP_UNREACH = 15, ATTR_EXT_COMMUNITY = 16,
	ATTR_AS4_PATH = 17, ATTR_AS4_AGGREGATOR = 18, ATTR_PMSI = 22, ATTR_TUNNEL_ENCAP = 23,
	ATTR_IPV6_EXT_COMMUNITY = 25, ATTR_AIGP = 26,
	ATTR_BGP_LS = 29, ATTR_LARGE_COMMUNITY = 32, ATTR_OTC = 35, ATTR_PREFIX_SID = 40
};

enum { ATTR_VALUE_MAX = 65535 }; /* its length has two octets */
enum { ATTR_OPTIONAL = 0x80, ATTR_TRANSITIVE = 0x40, ATTR_PARTIAL = 0x20, ATTR_EXTENDED = 0x10 };
enum origin { ORIGIN_IGP, ORIGIN_EGP, ORIGIN_INCOMPLETE };
enum { SEGMENT_SET = 1, SEGMENT_SEQUENCE = 2, SEGMENT_CONFED_SEQUENCE = 3, SEGMENT_CONFED_SET = 4 };

struct attr_ops {
	uint8_t code;
	uint8_t flags;          /* the optional and transitive bits it must carry */
	enum penalty penalty;   /* what a malformed one costs: RFC 7606 section 7 */
	enum penalty flag_penalty; /* what wrong flags cost: RFC 7606 section 3 (c) */
	bool empty;             /* length 0 is well-formed */
	const char *word;       /* the configuration's word: "local-preference"; NULL: none */
	const char *other_word; /* a second word that scan goes with; NULL: none */
	const char *(*word_of)(struct reader value); /* which of the two it is in text; NULL: word */
	const char *name;       /* the one name in JSON and logs */
	/* Is this value as received well-formed on this session? -1 when not. NULL: anything goes. */
	int (*check)(struct reader value, const struct session_params *);
	/* True when this session must not carry it inward (LOCAL_PREF from eBGP): discarded without fault. */
	bool (*unwanted)(const struct session_params *);
	/* Received form -> canonical, and canonical -> this session's form; NULL: the octets as they are.
	 * -1 when it cannot be carried (then the attribute is left out). */
	int (*canon)(struct reader value, const struct session_params *, struct writer *);
	int (*wire)(struct reader value, const struct session_params *, struct writer *);
	/* Text as an operator types it after `word`; appends the canonical value. scan accepts what print gives
	 * (print gives the value alone, without the word). */
	int (*scan)(struct words *, struct writer *, struct reason *);
	void (*print)(struct reader value, struct text *);
	/* ExaBGP's JSON value. NULL: not shown (next hop). */
	void (*tree)(struct reader value, struct tree *);
};

extern const struct attr_ops attr_origin, attr_as_path, attr_next_hop, attr_med, attr_local_pref,
    attr_atomic_aggregate, attr_aggregator, attr_community, attr_originator_id, attr_cluster_list,
    attr_ext_community, attr_as4_path, attr_as4_aggregator, attr_ipv6_ext_community, attr_aigp,
    attr_large_community, attr_pmsi, attr_otc, attr_prefix_sid, attr_tunnel_encap, attr_bgp_ls;

const struct attr_ops *attr_ops(uint8_t code);              /* NULL: opaque to us */
const struct attr_ops *attr_by_word(const char *word);      /* NULL: no such word */
const char *const *attr_words(void);                        /* NULL-terminated, for "nearest known word" */
#endif
