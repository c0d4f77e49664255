/* The BGP message on a TCP stream: marker, length, type (RFC 4271 section 4.1, RFC 8654). */
#ifndef PROTO_BGP_MESSAGE_H
#define PROTO_BGP_MESSAGE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/octets.h"
#include "common/reader.h"
#include "common/writer.h"
#include "proto/bgp/fault.h"

enum message_type {
	MESSAGE_OPEN = 1,
	MESSAGE_UPDATE = 2,
	MESSAGE_NOTIFICATION = 3,
	MESSAGE_KEEPALIVE = 4,
	MESSAGE_REFRESH = 5,     /* RFC 2918 */
	MESSAGE_OPERATIONAL = 6  /* ExaBGP's, when negotiated */
};

enum { MESSAGE_HEADER = 19, MESSAGE_MAX = 4096, MESSAGE_MAX_EXTENDED = 65535 };

struct message {
	uint8_t type;
	size_t length;       /* all of it, header included */
	struct reader header; /* the 19 octets */
	struct reader body;
};

/* What the stream may carry at this moment. */
struct message_limits {
	bool extended;    /* RFC 8654 negotiated */
	bool refresh;     /* ROUTE-REFRESH is a type we know: always */
	bool operational; /* type 6 negotiated */
};

/* Look at the front of a stream. 1: *m is a whole message (borrowed from data), 0: more octets are
 * needed, -1: the stream is lost and *f says which NOTIFICATION ends it. A wrong header is told as soon
 * as its 19 octets are there, before any body. A NOTIFICATION too short for its two codes is a message all
 * the same: no NOTIFICATION may answer it (RFC 4271 section 6.4), and notification_parse refuses it. */
int message_parse(struct message *, struct reader stream, const struct message_limits *, struct fault *);

/* Writing: begin leaves room for the length, end patches it. */
size_t message_begin(struct writer *, enum message_type);
void message_end(struct writer *, size_t mark);
void message_end_as(struct writer *, size_t mark, size_t length); /* ... as if it were that long */
const char *message_type_name(uint8_t type); /* "open", "update", ...; "unknown" */
void keepalive_encode(struct writer *);
#endif
