/* EVPN: what its routes are made of, for the wire and for text. Inner to evpn*.c. */
#ifndef PROTO_BGP_NLRI_EVPN_H
#define PROTO_BGP_NLRI_EVPN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "proto/bgp/nlri/part.h"

enum {
	EVPN_ETHERNET_AD = 1,
	EVPN_MAC_IP = 2,
	EVPN_MULTICAST = 3,
	EVPN_SEGMENT = 4,
	EVPN_PREFIX = 5,
	EVPN_LAST_TYPE = 11, /* leaf A-D, RFC 9572 */
	EVPN_HEAD = 2, /* type and length */
	EVPN_ESI_SIZE = 10,
	EVPN_MAC_SIZE = 6,
	EVPN_MAX = EVPN_HEAD + 255
};

/* What the routes are made of, in the order of the wire behind their RD. */
enum {
	EVPN_HAS_ESI = 1,
	EVPN_HAS_TAG = 2,
	EVPN_HAS_MAC = 4,
	EVPN_HAS_IP = 8,
	EVPN_HAS_ANY_IP = 16,
	EVPN_HAS_NETWORK = 32,
	EVPN_HAS_LABEL = 64,
	EVPN_HAS_LABEL2 = 128
};

struct evpn_kind {
	uint8_t type, has; /* ANY_IP: or none, LABEL2: a second one may be there */
	const char *word, *name; /* name: in JSON */
};

enum { EVPN_KINDS = 5 };
extern const struct evpn_kind evpn_kinds[EVPN_KINDS];
const struct evpn_kind *evpn_kind(uint8_t type); /* NULL: no type whose fields we know */

struct evpn {
	const struct evpn_kind *kind; /* NULL: carried as it came */
	struct reader rd, esi, tag, mac, ip, gateway, labels;
	uint8_t bits; /* of the IP prefix; its octets are in `ip` */
};

/* An NLRI in its fields; false when it is no such route. */
bool evpn_cut(struct reader nlri, struct evpn *);
/* Take one off a reader and append it: as nlri_ops has it. */
int evpn_parse(struct reader *, struct writer *);
bool evpn_is_zero(struct reader);

int evpn_scan(struct words *, struct writer *, struct reason *);
extern const struct nlri_word evpn_words[];
int evpn_build(struct route_draft *, struct reader typed, struct writer *, struct reason *);

void evpn_print(struct reader nlri, struct text *);
void evpn_tree(struct reader nlri, struct tree *);
#endif
