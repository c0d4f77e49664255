/* An UPDATE that was sent to a neighbor, read as its session agreed to write it. */
#ifndef CONTROLLER_API_SENT_H
#define CONTROLLER_API_SENT_H
#include "controller/neighbor.h"
#include "proto/frame/routes.h"

/* Points into the body and into memory that the next call uses again. -1: it can't be read. */
int sent_update(const struct neighbor *, struct reader body, struct routes_message *);
/* What the sessions of it agreed on about what is sent to it; without the link-local address beside next hops. */
struct session_params sent_params(const struct neighbor *);
#endif
