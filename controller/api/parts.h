/* What the files of this directory share: the one struct api.
 *
 *      remote (ROUTER) -> request -> command -> announce, control, show ...
 *      neighbor, mirror -> subscription (cover) -> event -> client queue -> remote
 */
#ifndef CONTROLLER_API_PARTS_H
#define CONTROLLER_API_PARTS_H
#include "common/pack.h"
#include "common/slice.h"
#include "common/text.h"
#include "common/words.h"
#include "controller/api/api.h"
#include "proto/bgp/route.h"

struct remote;
struct processes;
struct channel;
struct recent;
struct ahead;

struct api {
	struct controller *controller;
	struct remote *remote; /* clients over ZeroMQ */
	struct processes *processes; /* helpers */
	struct recent *recent; /* lines said a moment ago */
	struct ahead *ahead; /* the line that is said next */
	struct channel *channel; /* the pipes and the socket of ExaBGP's command line */
	struct list clients; /* struct client */
	struct list bulks; /* struct bulk: requests that say much */
	struct list behind; /* struct client: those with requests behind one */
	struct list shows; /* struct show: long answers under way */
	struct list orders; /* struct order, of order.c */
	struct list subscriptions; /* struct subscription */
	struct list runnable; /* subscriptions that may catch up now */
	struct list deciding; /* struct deciding: clients whom policies ask */
	struct list filled; /* subscriptions with an event frame that was begun */
	struct loop_item *bulk_work, *show_work, *catch_up, *frames_out;
	struct loop_timer tick; /* clients that fell silent */
	struct loop_timer stop; /* `shutdown`, after its answer left */
	struct loop_timer restart; /* ... and `restart` */
	bool reap; /* a client is gone or was cut */
	/* Reused by every command and event. */
	struct words_line line;
	struct route_draft draft;
	struct neighbor **chosen;
	size_t chosen_count, chosen_cap;
	struct pack event, reply;
	struct unpack *unpack; /* of requests that were delayed */
	struct slice slice;
	uint64_t commands, cut, met; /* counts */
};

struct api *api_new(struct controller *); /* all but the sockets: tests */
uint64_t api_now(const struct api *);
/* The client's queue has room again: what waited for it goes on. */
struct client;
void api_client_ready(struct client *);
/* Something happened to a client in the middle of other work: look after it when the turn is done. */
void api_reap(struct api *);
#endif
