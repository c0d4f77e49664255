/* How a helper is told what happened: ExaBGP's text, or its JSON. Each function appends whole lines to the text, or
 * nothing where its language has no words for it. */
#ifndef CONTROLLER_API_ENCODER_H
#define CONTROLLER_API_ENCODER_H
#include "common/text.h"
#include "controller/neighbor.h"
#include "proto/frame/routes.h"

/* One event being written. */
struct speech {
	struct text *text;
	const struct neighbor *neighbor;
	unsigned version;        /* of ExaBGP's API: 4 or 6 */
	uint64_t *counter;       /* JSON events about this neighbor so far */
	bool sent;               /* a message that went to the peer; else one that came from it */
	bool compact;            /* exabgp.api.compact: an NLRI that is only a prefix is a text */
};

struct encoder {
	void (*state)(struct speech *, const char *state, const char *reason);
	void (*fsm)(struct speech *, enum peer_state);
	void (*negotiated)(struct speech *);
	/* What an UPDATE says; `original` when its octets are wanted with it, else empty. */
	void (*update)(struct speech *, const struct routes_message *, struct reader original);
	/* The same for the other messages, of which this is the body. */
	void (*message)(struct speech *, uint8_t type, struct reader body, struct reader original);
	/* The octets of a message alone. */
	void (*packet)(struct speech *, uint8_t type, struct reader original);
	void (*signal)(struct speech *, int number);
	void (*shutdown)(unsigned version, struct text *);
};
/* " med 5 as-path ( 1 2 )": as ExaBGP prints attributes. */
void encoder_text_attributes(struct reader block, struct text *);
extern const struct encoder encoder_text, encoder_json;
#endif
