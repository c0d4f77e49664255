/* A helper as one that is told: which events of which neighbors the configuration has for it. Its subscription is
 * one like the others (behind when it does not read, told the newest state then); only what is said is in its own
 * language. */
#ifndef CONTROLLER_API_HELPER_H
#define CONTROLLER_API_HELPER_H
#include "controller/api/encoder.h"
#include "controller/api/process.h"

/* Types of messages are bits above these: WISH_OPEN .. in the order of their numbers. */
enum wish {
	WISH_STATES = 1, WISH_FSM = 2, WISH_NEGOTIATED = 4, WISH_SIGNAL = 8,
	WISH_PARSED = 16, WISH_PACKETS = 32, WISH_CONSOLIDATE = 64, /* of what is received */
	WISH_TYPES = 7,          /* bit of received messages of type 0; those sent likewise: */
	WISH_SENT = 14,          /* ... so much higher, forms and types */
	WISH_UPDATE = 1 << (WISH_TYPES + 2) /* received */
};

void helper_subscribe(struct process *);   /* it has been started */
void helper_ends(struct process *);        /* the sessions end with us: each is told down */
void helper_reconsider(struct process *);  /* the configuration is another */
unsigned helper_version(const struct process *); /* API_42 and so on */
/* Is it a helper, and spoken to as ExaBGP 4.2 does? */
bool helper_speaks42(struct client *);
#endif
