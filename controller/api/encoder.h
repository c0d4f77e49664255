/* How a helper is told what happened: ExaBGP's text, or its JSON. Each function appends whole lines to the text, or
 * nothing where its language has no words for it. */
#ifndef CONTROLLER_API_ENCODER_H
#define CONTROLLER_API_ENCODER_H
#include "common/text.h"
#include "controller/neighbor.h"
#include "proto/bgp/open.h"
#include "proto/frame/routes.h"

/* Whose API is spoken. ExaBGP 4.2 and what 6 has as version 4 both call themselves 4.0.1; they differ in AS paths. Who
 * comes from 4.2 says nothing about it: there is no such setting there. */
enum { API_42 = 0, API_4 = 4, API_6 = 6 };

/* One event being written. */
struct speech {
	struct text *text;
	const struct neighbor *neighbor;
	unsigned version;        /* API_42 and so on */
	uint64_t *counter;       /* JSON events about this neighbor so far */
	bool sent;               /* a message that went to the peer; else one that came from it */
	bool negotiated;         /* the neighbor's `api` asks for what was negotiated */
	bool decoded;            /* shown without any session: `ambo decode` */
	double time;             /* ... kept since then; 0: now */
	struct reader attributes, next_hop; /* ... of a message that announces nothing */
	bool compact;            /* exabgp.api.compact: an NLRI that is only a prefix is a text */
};

/* How an OPEN is shown. */
enum open_whose speech_whose(const struct speech *);

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
void encoder_text_attributes(enum family, struct reader block, unsigned version, struct text *);
extern const struct encoder encoder_text, encoder_json;
#endif
