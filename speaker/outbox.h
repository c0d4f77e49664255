/* What a session has still to write: a queue of chunks, each a run of whole messages that sessions may share.
 * A short message can go in front of all that is not begun. */
#ifndef SPEAKER_OUTBOX_H
#define SPEAKER_OUTBOX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets that several sessions write: counted. */
struct chunk {
	uint32_t refs;
	uint32_t messages;          /* UPDATEs in it */
	bool first;                 /* it was added by outbox_add_first */
	size_t len;
	uint8_t data[];
};
struct chunk *chunk_new(const void *, size_t len, uint32_t messages); /* one share */
struct chunk *chunk_get(struct chunk *);
void chunk_put(struct chunk *);    /* NULL is fine */

struct outbox {
	struct chunk **chunk;       /* a ring */
	size_t cap, first, count;
	size_t begun;               /* octets of the first chunk that are written */
	size_t octets;              /* not written yet */
	uint64_t total, written;    /* octets ever queued by outbox_add, and of those ever written */
	uint64_t messages;          /* UPDATEs ever written */
};

void outbox_fini(struct outbox *);
void outbox_add(struct outbox *, struct chunk *);        /* takes the share over */
/* In front of what was added otherwise, but behind the chunk that is begun and behind earlier ones of its
 * kind: an OPEN and its KEEPALIVE keep their order. The chunk must not be shared. */
void outbox_add_first(struct outbox *, struct chunk *);
/* Octets up to the end of the chunk with the last of so many UPDATEs; what is no UPDATE counts for none. */
size_t outbox_front(const struct outbox *, uint32_t messages);
/* One write of at most `limit` octets: 1 some went, 0 the kernel takes none now, -1 with errno. Does nothing
 * and gives 1 when empty. */
int outbox_write(struct outbox *, int fd, size_t limit);
#endif
