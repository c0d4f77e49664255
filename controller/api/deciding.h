/* A client that decides on routes which policies ask about (`via client NAME`): the asks of a turn leave as one
 * frame of events, its verdicts are read here. How many may be open, and what becomes of those that are not asked
 * or not answered, is the RIB's (rib/decider.h). One a connection; under its name the last one that came. */
#ifndef CONTROLLER_API_DECIDING_H
#define CONTROLLER_API_DECIDING_H
#include "controller/api/client.h"
#include "controller/api/request.h"
#include "proto/frame/api.h"

struct deciding;

void deciding_request(struct request *, const struct api_request *); /* answers */
/* Verdicts are not answered, unless one can't be read. Few are taken when they come; many in slices, as a bulk. */
void deciding_verdicts(struct client *, const struct api_request *);
bool deciding_is(const struct client *, uint64_t id);
void deciding_ready(struct client *); /* its queue has room */
void deciding_flush(struct api *); /* every open frame is sent */
void deciding_close(struct client *); /* it may be none */
#endif
