/* What is said of a tunnel (RFC 9012): sub-TLVs. Those that have words are in tables, the ones of SR policies
 * (RFC 9830) apart; all others are carried, typed and shown as octets. */
#ifndef PROTO_BGP_ATTR_TUNNEL_H
#define PROTO_BGP_ATTR_TUNNEL_H
#include <stdbool.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/words.h"
#include "common/writer.h"

enum { TUNNEL_SR_POLICY = 15 };

/* A sub-TLV: a number between zeros, or what its functions say. */
struct tunnel_sub {
	uint8_t type;
	bool many;                   /* there may be more than one of them */
	uint8_t before, size, after; /* octets of zero, of the number, of zero; size 0: no number */
	const char *word;            /* the configuration's and JSON's */
	bool (*fits)(struct reader value); /* is it well-formed? */
	/* Of functions: the value behind `word`, out of words and into them. print says nothing and gives false
	 * where no words would make the value again. */
	int (*scan)(struct words *, struct writer *, struct reason *);
	bool (*print)(struct reader value, struct text *);
	void (*tree)(struct reader value, struct tree *);
	const char *key;             /* of JSON where it is another; its values are a list then */
};

extern const struct tunnel_sub tunnel_subs[], tunnel_policy_subs[]; /* up to one without a word */

/* Sub-TLVs one after the other: their length has two octets from type 128 on (RFC 9012 section 2). */
bool tunnel_next(struct reader *, uint8_t *type, struct reader *value);
size_t tunnel_begin(struct writer *, uint8_t type);
void tunnel_end(struct writer *, uint8_t type, size_t mark);
/* Do they end where they should? */
bool tunnel_framed(struct reader subs);

const struct tunnel_sub *tunnel_sub_of(const struct tunnel_sub *table, uint8_t type);
bool tunnel_sub_fits(const struct tunnel_sub *, struct reader value);
int tunnel_sub_scan(const struct tunnel_sub *, struct words *, struct writer *, struct reason *);
/* N 0x0102 behind sub-tlv: type and value. */
int tunnel_octets_scan(struct words *, struct writer *, struct reason *);
/* Keywords of a table, and sub-tlv, up to a word that is none of them. */
int tunnel_scan(const struct tunnel_sub *table, struct words *, struct writer *, struct reason *);
void tunnel_print(const struct tunnel_sub *table, struct reader subs, struct text *); /* each behind a blank */
void tunnel_tree(const struct tunnel_sub *table, struct reader subs, struct tree *); /* the members of a map */

/* The sub-TLVs of the SR policy in the value of a TUNNEL_ENCAP. False: there is none. */
bool tunnel_policy(struct reader value, struct reader *subs);
/* Of an SR policy: is everything in it as RFC 9830 has it? */
bool tunnel_policy_fits(struct reader subs);
#endif
