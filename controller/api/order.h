/* Commands that a speaker carries out: each neighbor's speaker is asked, and the answer waits for all. */
#ifndef CONTROLLER_API_ORDER_H
#define CONTROLLER_API_ORDER_H
#include "controller/api/command.h"

/* Take the request over: `what` and the rest of the command are filled in by the caller, `peer` here. */
void order_give(struct call *, struct link_command *, struct neighbor *const *, size_t count);
/* The session is there and has agreed on what the command needs. ExaBGP's `done` does not depend on that: its helpers are
 * not told of neighbors that have not. */
bool order_fits(const struct neighbor *, const struct link_command *);
#endif
