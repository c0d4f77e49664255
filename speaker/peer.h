/* A peer: what the controller configured, its state, and the one or (during a collision) two connections
 * that try to become its session. */
#ifndef SPEAKER_PEER_H
#define SPEAKER_PEER_H
#include <stdbool.h>
#include <stdint.h>
#include "common/list.h"
#include "common/log.h"
#include "common/loop.h"
#include "proto/bgp/fault.h"
#include "proto/bgp/params.h"
#include "proto/bgp/update.h"
#include "proto/frame/link.h"
#include "speaker/speaker.h"

struct session;
struct rib_in;
struct outlet;

enum { PEER_TYPES = 7 };

struct peer {
	struct speaker *speaker;
	struct link_peer config;
	uint32_t slot;                  /* what it is in the audiences of rib_out (slots.h) */
	char name[112];                 /* "peer 192.0.2.1", " from 192.0.2.9" where several have it: for the log */
	enum peer_state state;          /* of the connection that is furthest */
	char why[LINK_TEXT];            /* of the last change */
	char ended[128];                /* why the last connection ended: said while it is tried again */
	char refused[128];              /* the last NOTIFICATION in place of a session: the same, while none comes up */
	uint8_t notify_code, notify_subcode;
	bool notify_sent;
	uint64_t since;                 /* loop time of the last change */
	uint64_t session_number;        /* counts times Established */
	uint64_t messages_in, messages_out, updates_in, updates_out;
	uint64_t types_in[PEER_TYPES], types_out[PEER_TYPES]; /* the same by type of message */
	uint64_t updates_told;          /* in and out, when its state was told last (link.c) */
	bool waiting_told;              /* ... something waited under a limit then */

	struct session *session;        /* the established one; NULL when not */
	struct session_params params;   /* while established; and while something is kept, of the last session */
	struct open open_received;      /* the same */

	struct rib_in *in;              /* while established, or something is kept for it (rib_in_kept.h) */
	struct outlet *out;             /* while established (advertise.h) */
	bool complete;                  /* the controller said all once: End-of-RIB may go (advertise.h) */
	bool changed;                   /* since then: it is told nothing of what was said before (advertise.h) */
	bool told_all;                  /* End-of-RIB of all families was sent, in this session or one before it */
	bool removing;                  /* its sessions are being ended for good: nothing is dialled */

	struct list of_ranges;          /* while its configuration is a range (arrivals.h) */

	/* of peer*.c alone: */
	struct session *incoming, *outgoing;
	struct loop_timer retry;
	unsigned attempts;              /* since it was last established: the back-off */
	uint32_t tried;                 /* attempts to get a session, either way: config.attempts is the limit */
	bool exhausted;                 /* the last of them is over */
	int keyless;                    /* errno: its TCP-AO key cannot be set, and there is no session without it; 0: none is missing */
	bool orphaned;                  /* no session until there is a controller (orphan.h) */
	uint64_t held;                  /* no session until then: the last had more routes than a limit */
	struct log_limit complaints;
};

void peers_open(struct speaker *);
void peers_close(struct speaker *);     /* abandons those that are left */
/* Make or change a peer. Equal configuration: nothing. A change that the session can't take resets it
 * (6/6). Changes that can be taken live (limits, manual_eor, rate_limit, group) are. An address that another
 * number has leaves that one. NULL: logged (number out of range, no address, no slot left). Nothing once the speaker
 * is ending: the peer as it is, or NULL. */
struct peer *peer_configure(struct speaker *, const struct link_peer *);
/* Gone: 6/3 when established, what it was to be told is forgotten (rib_out keeps what others are told). */
void peer_remove(struct peer *, const char *why);
/* The speaker ends: 6/2, and nothing is begun any more. A session that has agreed on a graceful restart is left
 * to peer_abandon, for the NOTIFICATION would cost the routes that the peer is to keep (RFC 4724 section 4). */
void peer_end(struct peer *);
/* Gone without a word to the peer, who sees the connection close. */
void peer_abandon(struct peer *);
struct peer *peer_by_number(struct speaker *, uint32_t number);     /* or NULL */
/* The peers of an address, which differ in our local one: start with { 0 }; NULL at the end. */
struct peer *peer_at(const struct speaker *, const struct addr *, struct index_walk *);
/* End its sessions with this NOTIFICATION (text of a shutdown communication in f->data for 6/2, 6/4) and
 * start again after the back-off. */
void peer_reset(struct peer *, const struct fault *);
/* Shut down (6/2), and nothing begun until it is adopted (orphan.h). */
void peer_orphan(struct peer *);
void peer_adopt(struct peer *);
/* An accepted connection from this address; the fd becomes ours whatever happens. */
void peer_incoming(struct speaker *, int fd, const struct addr *from, const struct addr *to);
/* For the link: fills a frame from the peer. */
void peer_state_of(const struct peer *, struct link_peer_state *);

/* The OPEN that it is sent, and what both OPENs agree on together with its configuration. */
void peer_open(const struct peer *, struct open *);
/* Codes of the capabilities without which there is no session with it, 0 behind them. */
enum { PEER_NEEDS = 4 };
void peer_needs(const struct peer *, uint8_t codes[PEER_NEEDS]);
void peer_agree(const struct peer *, const struct session *, struct session_params *, const struct open *ours,
    const struct open *theirs);

/* --- what a session tells its peer (session*.c call) --- */

/* It came to another state: OpenSent, OpenConfirm. */
void peer_session_state(struct peer *, struct session *, enum peer_state, const char *why);
/* With multi-session: which peer is this OPEN's for? *peer is who has the connection, and is moved to whom it goes.
 * PEER_TAKEN: that one has a session; PEER_NONE: *f says why not. */
enum peer_move { PEER_STAYS, PEER_TAKEN, PEER_NONE };
enum peer_move peer_session_for(struct peer **peer, struct session *, const struct open *theirs, struct fault *f);
/* An OPEN was accepted: does this connection go on (RFC 4271 section 6.8)? False: it lost to another, and the
 * caller ends it. The other may be ended by this call. */
bool peer_session_open(struct peer *, struct session *);
void peer_session_established(struct peer *, struct session *);
/* Why a connection ended. */
struct peer_end {
	const char *why;
	uint8_t code, subcode;      /* of a NOTIFICATION, as it was meant where it was wrapped; 0: none */
	bool sent;                  /* by us */
	bool notified;              /* there was one, malformed or not */
	bool hard;                  /* ... a Hard Reset (RFC 8538) */
};
void peer_session_closed(struct peer *, struct session *, const struct peer_end *);
#endif
