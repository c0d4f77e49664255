/* The cold frames of the link as structs. Each has a pack (a whole frame into an empty pack) and an unpack
 * (-1 with a reason). All are flat: one field table each, in link.c. */
#ifndef PROTO_FRAME_LINK_H
#define PROTO_FRAME_LINK_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/pack.h"
#include "common/reason.h"
#include "common/tcp_ao.h"
#include "proto/bgp/family.h"
#include "proto/bgp/params.h"
#include "proto/frame/frame.h"

enum { LINK_NAME = 64, LINK_TEXT = 256, LINK_BODY = 2056, LINK_PEERS_MAX = 65535, LINK_PEER_ANY = 0xffffffff };

struct link_hello {
	char name[LINK_NAME];     /* the speaker's name */
	uint64_t epoch;           /* random, one a start of the speaker */
	uint32_t oldest, newest;  /* protocol versions */
	char software[LINK_NAME];
	uint64_t held;            /* routes in rib_out */
	uint64_t number;          /* of this attempt to get a lane; a HELLO said again has it again */
};

struct link_welcome {
	uint64_t epoch;           /* the controller's start */
	uint64_t term;            /* commands of a lower term are refused */
	uint32_t version;
	bool adopt;               /* give me your rib_out first: I know nothing */
	uint64_t number;          /* of the HELLO that this answers: of an earlier one it counts for nothing */
};

struct link_refuse {
	char why[LINK_TEXT];
};

struct link_ping {
	bool answer;
};

/* A peer as the speaker needs it. Equal configuration is no change. */
struct link_peer {
	uint32_t peer;            /* number: ours to choose, kept for the life of the peer on the speaker */
	struct addr address, local, md5_address, link_local;
	uint8_t range;            /* `address` is a prefix of this length less one, each address of which may become a
	                             peer; 0: it is a peer's */
	uint32_t only;            /* multi-session: the code of the one family of this session; 0: of all */
	struct addr apart;        /* several peers have the address: what tells this one apart; none: it is the first */
	uint16_t connect, listen; /* ports; 0: the speaker's default */
	bool passive;
	uint32_t local_as, peer_as; /* 0: auto */
	bool member;              /* it is of another member AS of our confederation (RFC 5065) */
	uint32_t router_id;
	uint16_t hold_time;
	uint32_t open_wait;       /* seconds to wait for the peer's OPEN (RFC 4271: a large hold time) */
	uint32_t send_hold;       /* seconds (RFC 9687); 0: as its default has it */
	uint32_t stale_time;      /* seconds that what is stale is kept at most; 0: no bound */
	int32_t ttl_out, ttl_in;  /* -1: not set */
	char interface[16];
	char md5[81];
	bool tcp_ao;              /* it is to be signed by TCP-AO (RFC 5925): there is no session that is not */
	struct tcp_ao_key ao;     /* with this key */
	uint32_t families;        /* bit per enum family; in frames all families are codes */
	bool no_asn4, no_extended_message; /* both are on by default */
	bool refresh, operational, multisession, aigp, link_local_nexthop, nexthop;
	bool need_asn4, need_extended_message, need_refresh; /* no session with a peer that has it not */
	uint8_t role;             /* enum bgp_role: ours */
	bool role_strict;
	bool graceful;
	uint16_t graceful_time;
	bool graceful_notification; /* RFC 8538 */
	uint32_t long_lived_time; /* seconds (RFC 9494); 0: it is not offered */
	uint8_t add_path[FAMILIES];
	uint16_t paths_limit[FAMILIES];
	uint32_t nexthop6;        /* families */
	char host_name[CAP_TEXT], domain_name[CAP_TEXT], software[CAP_TEXT];
	bool as_exabgp;           /* it is told the version of an ExaBGP: answers are worded as that one's */
	uint8_t group;            /* enum group_updates */
	bool manual_eor;
	bool no_rib_in;
	bool no_rib_out;          /* what is said again is told again */
	uint32_t max_prefix_in, max_prefix_out; /* 0: none */
	uint32_t rate_limit;      /* UPDATEs a second; 0: none */
	uint32_t controller_loss; /* seconds without a controller before it is shut down; 0: never */
	uint32_t attempts;        /* to get a session, then no more; 0: no limit */
};

struct link_peer_remove {
	uint32_t peer;
	char why[LINK_TEXT];
};

/* States as RFC 4271 names them, and what led there. */
enum peer_state { PEER_IDLE, PEER_CONNECT, PEER_ACTIVE, PEER_OPEN_SENT, PEER_OPEN_CONFIRM,
	PEER_ESTABLISHED, PEER_STATES };
const char *peer_state_name(enum peer_state); /* "Established" */

struct link_peer_state {
	uint32_t peer;
	struct addr address;      /* so that a new controller finds the peer again */
	uint8_t range;            /* of its configuration: likewise */
	uint32_t only;
	struct addr apart;
	uint8_t state;            /* enum peer_state */
	char why[LINK_TEXT];      /* "hold timer expired", "connection refused", ... */
	uint8_t notify_code, notify_subcode; /* when a NOTIFICATION ended it */
	bool notify_sent;         /* by us; else by the peer */
	uint64_t session;         /* counts sessions that reached Established; events of one carry one number */
	uint64_t since;           /* milliseconds in this state */
	uint64_t retry;           /* milliseconds until the next try, when down */
	bool exhausted;           /* its last attempt is over: it will not come up again */
	/* Of a session that is established, or has both OPENs (OpenConfirm); 0 before: */
	struct addr local;
	uint16_t local_port, peer_port;
	uint32_t local_as, peer_as, local_id, peer_id;
	uint16_t hold_time;
	bool asn4, extended_message, enhanced_refresh, refresh, operational, multisession, graceful;
	uint32_t families, add_path_receive, add_path_send, nexthop6; /* enum family bits; codes in frames. While
	                           * something is kept (stale), add_path_receive and peer_id are of that session */
	bool graceful_notification;
	uint16_t restart_time;    /* seconds that the peer asked for */
	uint32_t long_lived;      /* families that would be kept for longer (RFC 9494) */
	/* Of what the peer said in a session that ended, and is kept for it to come back: families, those of them that
	 * are past the restart time, and the milliseconds until the next of them goes (0: none will by itself) */
	uint32_t stale, stale_long;
	uint64_t stale_left;
	uint8_t offered[32];      /* bit per capability code of the peer's OPEN */
	char host_name[CAP_TEXT], domain_name[CAP_TEXT], software[CAP_TEXT]; /* the peer's, told there */
	uint64_t received, sent, updates_in, updates_out, prefixes_in, prefixes_out; /* messages; prefixes */
	uint64_t opens_in, opens_out, notifications_in, notifications_out, keepalives_in, keepalives_out,
	    refreshes_in, refreshes_out;
	/* Changes that wait under a limit (speaker/limit.h): how many, for how many milliseconds, of how many limits, and
	 * of the one that has waited longest its name and changes a second. */
	uint64_t waiting, waiting_for;
	uint32_t waiting_limits, waiting_rate;
	char waiting_limit[LINK_NAME];
};

struct link_owner {
	uint32_t owner;
	char name[LINK_NAME];
	uint32_t limit; /* changes a second of its routes to each peer; 0: no bound */
};

/* Begin and end of a restatement. Received: of one peer's rib_in. Else: of all that the peers are told. */
struct link_border {
	bool received;
	uint32_t peer;
	bool lost;                /* BEGIN: changes were left out before it */
};

struct link_complete {
	uint32_t peer;
};

enum { LINK_SENT = 1 << 16 };
struct link_interest {
	uint32_t peer;
	bool updates;             /* restate rib_in, and every message */
	bool live;                /* ... every message from now on alone */
	bool packets;             /* the octets of every message too */
	uint32_t messages;        /* bit 1 << type: those received; LINK_SENT << type: those sent to the peer */
};

struct link_command {
	uint64_t id;
	uint64_t term;
	char what[32];            /* "teardown", "refresh", "flush", "eor", "operational" */
	uint32_t peer;
	uint32_t family;          /* code; 0: all */
	uint8_t subcode;
	char text[LINK_TEXT];     /* shutdown communication */
	uint8_t body[LINK_BODY];  /* of an OPERATIONAL, which says itself how long it is */
};

struct link_reply {
	uint64_t id;
	bool failed;
	char text[LINK_TEXT];
};

struct link_receipt {
	uint64_t id;
	uint8_t peers[512];       /* bitmap; peers above 4095 are asked in frames of their own: base */
	uint32_t base;
};

enum sent_status { SENT_WRITTEN, SENT_SUPERSEDED, SENT_PEER_DOWN };
struct link_sent {
	uint64_t id;
	uint32_t peer;
	uint8_t status;
};

/* A connection from an address of a range; it waits for a PEER of that address. */
struct link_arrival {
	uint32_t peer;            /* the range's */
	struct addr address;
};

#define LINK_FRAMES(X)                                                                               \
	X(hello, HELLO) X(welcome, WELCOME) X(refuse, REFUSE) X(ping, PING) X(peer, PEER)            \
	X(peer_remove, PEER_REMOVE) X(peer_state, PEER_STATE) X(owner, OWNER) X(complete, COMPLETE)  \
	X(interest, INTEREST) X(command, COMMAND) X(reply, REPLY) X(receipt, RECEIPT) X(sent, SENT)    \
	X(arrival, ARRIVAL)

#define LINK_DECLARE(name, type)                                                                     \
	void link_##name##_pack(const struct link_##name *, struct pack *);                          \
	int link_##name##_unpack(struct link_##name *, const struct node *, struct reason *);        \
	void link_##name##_print(const struct link_##name *, struct text *);
LINK_FRAMES(LINK_DECLARE)
void link_border_pack(const struct link_border *, enum frame_type begin_or_end, struct pack *);
int link_border_unpack(struct link_border *, const struct node *, struct reason *);
void link_bare_pack(enum frame_type, struct pack *); /* PEERS_END, HELD_END, RESET: an empty map */
#endif
