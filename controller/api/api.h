/* The API: clients over ZeroMQ, helpers on pipes (later HTTP), one struct client whatever the
 * transport. */
#ifndef CONTROLLER_API_API_H
#define CONTROLLER_API_API_H
#include "controller/config/config.h"
#include "controller/controller.h"
#include "controller/mirror.h"
#include "proto/frame/routes.h"

struct api *api_open(struct controller *);   /* binds; NULL: logged */
void api_close(struct api *);
const char *api_endpoint(struct api *);
/* The configuration is a new one, and not applied yet: helpers that are not there are started, so that what they want of
 * a neighbor is known before its session is begun. */
void api_helpers(struct api *, const struct config *);
/* ... and applied: helpers are started and stopped. `changed`: also those anew whose
 * definition has changed. */
void api_config(struct api *, const struct config *, bool changed);
/* No telling is under way any more (controller/telling.h): what clients and helpers would change of routes has waited. NULL
 * is fine. */
void api_told(struct api *);
/* Sessions that are up are torn down, helpers are started anew. */
void api_restart(struct api *);

/* --- what happened: from neighbor.c, mirror.c and the lanes --- */
void api_neighbor_configured(struct neighbor *); /* it is new or another; its speaker is told behind this */
void api_neighbor_state(struct neighbor *, const struct link_peer_state *before); /* each report */
void api_neighbor_unknown(struct neighbor *); /* its speaker is lost */
void api_neighbors_go(struct api *);          /* before that: all that are `going` */
void api_neighbor_gone(struct neighbor *);    /* about to be freed: drop every pointer to it */
/* A message of a neighbor. If there is a mirror it applies the message between the two calls: the first notes which
 * subscriptions are live, and is true when one of those that have no table cannot take the message; the second tells. */
bool api_update_before(struct neighbor *, const struct routes_message *);
void api_update(struct neighbor *, const struct routes_message *);
void api_mirror_whole(struct mirror *);
/* Subscriptions without a table: is one of them to be told something by the mirror? */
bool api_is_behind(const struct neighbor *);
/* ... what the neighbor said of these families is void, with its session or since (`over`: the session ends now). */
void api_forgotten(struct neighbor *, uint32_t families, bool over);
/* ... not all was heard that happened. */
void api_lost(struct neighbor *);
/* The lane of its speaker is back. */
void api_found_again(struct neighbor *);
/* Octets of another message, or of one that was sent: message.original. */
void api_message(struct neighbor *, const struct routes_message *);
/* A cache of RPKI came ("up"), went, "expired" or was "removed"; and ROAs made another state of a route. */
struct cache;
void api_cache(struct api *, const struct cache *, const char *what);
void api_origin(const struct neighbor *, enum family, struct reader nlri, uint32_t origin, const char *before, const char *state);
/* The controller was sent a signal. */
void api_signal(struct api *, int number);
/* SIGCHLD: a helper has ended, or, when we are the first process of a container, an orphan of one. */
void api_children(struct api *);
#endif
