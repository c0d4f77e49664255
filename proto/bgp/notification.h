/* NOTIFICATION (RFC 4271 section 4.5) with the shutdown communication of RFC 9003. */
#ifndef PROTO_BGP_NOTIFICATION_H
#define PROTO_BGP_NOTIFICATION_H
#include "common/reader.h"
#include "common/text.h"
#include "common/tree.h"
#include "common/writer.h"
#include "proto/bgp/fault.h"

struct notification {
	uint8_t code, subcode;
	struct reader data;
	char communication[256]; /* RFC 9003 text, sanitised (no control characters, valid UTF-8); "" when none */
	bool communication_bad;  /* there was one and it was no UTF-8 or its length was wrong */
};

int notification_parse(struct notification *, struct reader body, struct fault *);
/* A whole message. For 6/2 and 6/4 an `f->data` is the communication's text: its length octet is added
 * (RFC 9003); with no data ExaBGP's default applies: the subcode's name. */
void notification_encode(const struct fault *, struct writer *);
/* The same inside a Hard Reset (RFC 8538 section 3.1). */
void notification_encode_hard(const struct fault *, struct writer *);
void notification_print(const struct notification *, struct text *); /* "Cease / Administrative Reset: text" */
void notification_tree(const struct notification *, struct tree *);
#endif
