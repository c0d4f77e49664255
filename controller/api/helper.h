/* A helper as one that is told: which events of which neighbors the configuration has for it. Its subscription is
 * one like the others (behind when it does not read, told the newest state then); only what is said is in its own
 * language. */
#ifndef CONTROLLER_API_HELPER_H
#define CONTROLLER_API_HELPER_H
#include "controller/api/process.h"

enum wish {
	WISH_STATES = 1, WISH_FSM = 2, WISH_NEGOTIATED = 4,
	WISH_PARSED = 8, WISH_PACKETS = 16, WISH_CONSOLIDATE = 32,
	WISH_UPDATES = WISH_PARSED | WISH_PACKETS | WISH_CONSOLIDATE
};

void helper_subscribe(struct process *);   /* it has been started */
void helper_reconsider(struct process *);  /* the configuration is another */
unsigned helper_version(const struct process *);
/* What an api section (of a neighbor that lists the process) asks for. */
unsigned helper_wish(const char *process, const struct config_neighbor *);
#endif
