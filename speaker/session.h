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
#include "speaker/peer.h"

/* Octets that several sessions write: counted. */
struct chunk {
	uint32_t refs;
	uint32_t messages;          /* UPDATEs in it */
	size_t len;
	uint8_t data[];
};
struct chunk *chunk_new(const void *, size_t len, uint32_t messages); /* one share */
struct chunk *chunk_get(struct chunk *);
void chunk_put(struct chunk *);

enum { SESSION_QUEUE_HIGH = 256 * 1024, SESSION_QUEUE_LOW = 64 * 1024 };

/* Dial. NULL with errno when not even a socket could be had. */
struct session *session_connect(struct peer *);
/* Take over an accepted fd. */
struct session *session_accept(struct peer *, int fd, const struct addr *local);
void session_free(struct session *);                 /* closes the fd at once, says nothing */
/* Send a NOTIFICATION (best effort: one write) and close. */
void session_notify(struct session *, const struct fault *, const char *why);

enum peer_state session_state(const struct session *);
const struct open *session_open_received(const struct session *); /* from OpenConfirm on */
bool session_incoming(const struct session *);

/* Queue a chunk (takes over the share). */
void session_send(struct session *, struct chunk *);
/* Queue a short message in front of what is not begun. */
void session_send_first(struct session *, const void *, size_t len);
size_t session_queued(const struct session *);       /* octets not written yet */
/* Tells when all that was queued so far has been given to the kernel: a running count. */
uint64_t session_written(const struct session *);    /* octets written since the start */
uint64_t session_queued_total(const struct session *); /* octets ever queued */
void session_local(const struct session *, struct addr *, uint16_t *local_port, uint16_t *peer_port);
#endif
