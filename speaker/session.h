/* A session: one TCP connection to a peer, its FSM, timers, input buffer and output queue.
 *
 * Output is a queue of chunks, each a run of whole messages that sessions may share. A KEEPALIVE or
 * NOTIFICATION goes in front of all that is not begun: it is never behind more than one write. */
#ifndef SPEAKER_SESSION_H
#define SPEAKER_SESSION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/addr.h"
#include "proto/bgp/fault.h"
#include "proto/bgp/open.h"
#include "speaker/outbox.h"
#include "speaker/peer.h"

enum { SESSION_QUEUE_HIGH = 256 * 1024, SESSION_QUEUE_LOW = 64 * 1024 };

/* Dial. NULL with errno when not even a socket could be had. */
struct session *session_connect(struct peer *);
/* Take over an accepted fd; session_start sends the OPEN, once the peer knows of it. */
struct session *session_accept(struct peer *, int fd);
void session_start(struct session *);
void session_free(struct session *);                 /* closes the fd at once, says nothing */
/* Stop it: this NOTIFICATION (best effort: one write) when it got as far as OPEN, then closed. The session is
 * gone when this returns. */
void session_stop(struct session *, const struct fault *);
/* Its connection is gone, although nobody said so: closed without a word. Gone when this returns. */
void session_lost(struct session *, const char *why);
/* It lost a collision: 6/7. Gone when this returns. */
void session_collide(struct session *);

/* The peer is asked for another TCP-AO key of another number (RFC 5925 section 6.1). The one before it holds until both
 * sides sign with the new one; when the peer never does, to the end of the session. -1 with errno. */
int session_roll(struct session *, const struct tcp_ao_key *);

enum peer_state session_state(const struct session *);
const struct open *session_open_received(const struct session *); /* from OpenConfirm on */
bool session_incoming(const struct session *);

/* What both OPENs agreed on: from OpenConfirm on. */
const struct session_params *session_params(const struct session *);

/* Queue a chunk (takes over the share). */
void session_send(struct session *, struct chunk *);
/* Queue a short message in front of what is not begun. */
void session_send_first(struct session *, const void *, size_t len);
size_t session_queued(const struct session *);       /* octets not written yet */
/* Octets ever queued, and of those ever given to the kernel; what was sent first is in neither. */
uint64_t session_queued_total(const struct session *);
uint64_t session_written(const struct session *);
void session_local(const struct session *, struct addr *, uint16_t *local_port, uint16_t *peer_port);
#endif
