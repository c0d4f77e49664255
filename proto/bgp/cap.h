/* Capabilities (RFC 5492): decoded together into one value, one file a capability in cap/. */
#ifndef PROTO_BGP_CAP_H
#define PROTO_BGP_CAP_H
#include <stdbool.h>
#include <stdint.h>
#include "common/reader.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/writer.h"
#include "proto/bgp/family.h"

enum cap_code {
	CAP_MULTIPROTOCOL = 1, CAP_ROUTE_REFRESH = 2, CAP_NEXTHOP = 5, CAP_EXTENDED_MESSAGE = 6, CAP_ROLE = 9,
	CAP_GRACEFUL_RESTART = 64, CAP_ASN4 = 65, CAP_MULTISESSION = 68, CAP_ADD_PATH = 69,
	CAP_ENHANCED_REFRESH = 70, CAP_LONG_LIVED = 71, CAP_HOSTNAME = 73, CAP_SOFTWARE_VERSION = 75, CAP_PATHS_LIMIT = 76,
	CAP_LINK_LOCAL_NEXTHOP = 77, CAP_OPERATIONAL = 185
};

enum { CAP_TEXT = 65, CAP_FAMILIES_MAX = 64, CAP_UNKNOWN_MAX = 32 };
enum add_path { ADD_PATH_NONE, ADD_PATH_RECEIVE, ADD_PATH_SEND, ADD_PATH_BOTH };

/* What one side says it can do. Families that are none of ours are kept as numbers for show. */
struct caps {
	uint64_t has[4];                     /* bit per capability code that was there (well-formed) */
	uint32_t families;                   /* bit per enum family */
	uint32_t family_code[CAP_FAMILIES_MAX]; /* in the order they were told, unknown ones too; none in ours */
	uint8_t family_count;
	uint32_t asn4;                       /* the number in capability 65 */
	uint8_t add_path[FAMILIES];          /* enum add_path */
	uint16_t paths_limit[FAMILIES];      /* 0: none */
	uint32_t nexthop6;                   /* families whose IPv4 NLRI may have IPv6 next hops */
	struct {
		uint8_t flags;               /* high nibble of the first octet, shifted down: below */
		uint16_t time;               /* seconds */
		uint32_t families;
		uint32_t forwarding;         /* families with the F bit */
	} graceful;
	struct {
		uint32_t families, forwarding;
		uint32_t time[FAMILIES];     /* seconds; 0: the family is not kept */
	} long_lived;
	char host_name[CAP_TEXT], domain_name[CAP_TEXT];
	char software[CAP_TEXT];
	uint8_t role;                        /* enum bgp_role; received ones are shown as unknown */
	bool role_bad;                       /* one that is none, or several */
	uint8_t multisession[8], multisession_len;
	struct { uint8_t code, len; uint8_t data[16]; } unknown[CAP_UNKNOWN_MAX]; /* first 16 octets kept */
	uint8_t unknown_count;
};

/* Of graceful.flags: it has restarted (RFC 4724); a NOTIFICATION does not cost the routes (RFC 8538). */
enum { GRACEFUL_RESTARTED = 8, GRACEFUL_NOTIFICATION = 4 };

bool caps_have(const struct caps *, enum cap_code);
void caps_add(struct caps *, enum cap_code);

struct cap_ops {
	uint8_t code;
	const char *name;   /* as in text and JSON: "multiprotocol", "asn4", ... */
	/* The reader holds exactly the value. -1 malformed: the capability is ignored or the OPEN refused, as
	 * `strict` says (2/0). */
	int (*parse)(struct caps *, struct reader *);
	bool strict;
	/* Write all optional parameters' values of this capability that these caps call for: one call of
	 * `param` for each (MP: one a family). */
	void (*encode)(const struct caps *, void (*param)(void *arg, uint8_t code, struct reader value),
	    void *arg);
	void (*print)(const struct caps *, struct text *);  /* ExaBGP's text event words */
	void (*tree)(const struct caps *, struct tree *);   /* ExaBGP's JSON value */
};

/* In the order in which an OPEN carries them: 1, 65, 5, 69, 76, 64, 71, 2, 70, 185, 6, 73, 75, 77, 68. */
extern const struct cap_ops *const cap_table[];
extern const unsigned cap_count;
const struct cap_ops *cap_by_code(uint8_t code); /* NULL when none of ours */
#endif
