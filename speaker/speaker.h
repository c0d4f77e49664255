/* The speaker: BGP sessions and what was said on them. It stores and forwards; it never decides what is
 * said. This is the one struct that its parts share.
 *
 *      peer bytes -> session -> rib_in -> mirror -> link -> controller
 *      controller -> link -> rib_out -> advertise -> session -> peer bytes
 */
#ifndef SPEAKER_SPEAKER_H
#define SPEAKER_SPEAKER_H
#include <stdint.h>
#include "common/addr.h"
#include "common/blob.h"
#include "common/index.h"
#include "common/loop.h"
#include "common/set.h"
#include "proto/frame/link.h"

struct peer;
struct listener;
struct rib_out;
struct advertise;
struct mirror;
struct link;
struct retire;
struct arrivals;

struct speaker_options {
	char name[LINK_NAME];
	char controller[256];           /* endpoint to connect to */
	const char *key_file;           /* our CURVE keys; NULL: none (ipc only, or insecure) */
	const char *controller_key;     /* Z85 text or file of the controller's public key */
	struct addr listen[16];         /* where to accept sessions; none given: nowhere but on peers' `listen` */
	unsigned listens;
	uint16_t port;                  /* 179: to listen on and to connect to */
	uint64_t max_routes;            /* cap on routes of the process, rib_in; 0: none (6/8 to the newest) */
	bool insecure;                  /* tcp without keys is allowed */
	const char *alive;              /* file for a sign of life (alive.h); NULL: none */
};

struct speaker {
	struct loop *loop;
	struct speaker_options options;
	struct blobs *values;           /* route values: rib_in and rib_out share them */
	struct sets *sets;              /* peers, as numbers */
	struct peer **peers;            /* by number; NULL where there is none */
	uint32_t peers_cap, peer_count;
	struct index addresses;         /* of peers: their numbers (peer_at) */
	struct loop_item *keyless;      /* peers whose TCP-AO key others were in the way of: tried again from that number */
	uint32_t keyless_at;
	uint64_t routes_in;             /* entries in all rib_in */
	struct listener *listener;
	struct arrivals *arrivals;
	struct rib_out *out;
	struct advertise *advertise;
	struct mirror *mirror;
	struct link *link;
	struct retire *retire;          /* ledgers of sessions that ended */
	uint64_t epoch, started;        /* the second: loop time */
	struct loop_timer ending;
	uint64_t ends;                  /* at the latest; 0: it is not ending */
};

/* Everything is made; nothing runs until loop_run. -1: logged. */
int speaker_open(struct speaker *, struct loop *, const struct speaker_options *);
/* Tell the peers that it ends (peer_end), and stop the loop once they have heard it, or after a second. */
void speaker_end(struct speaker *);
/* What is left is closed without a word, then freed. */
void speaker_close(struct speaker *);
#endif
