/* A subscription: a client's wish for events, and the credit it gave. It covers neighbors (cover.h): those that
 * are there and those to come. Nothing is queued for it: without credit its covers fall behind. */
#ifndef CONTROLLER_API_SUBSCRIPTION_H
#define CONTROLLER_API_SUBSCRIPTION_H
#include "controller/api/client.h"
#include "controller/api/request.h"
#include "proto/frame/api.h"
#include "proto/frame/routes.h"

struct subscription;

enum {
	SUBSCRIPTION_FRAME = 32 * 1024,      /* a frame of events is sent when it is so long */
	SUBSCRIPTION_CREDIT = 1024 * 1024,   /* when none was said */
	SUBSCRIPTIONS_MAX = 64               /* of one client */
};

struct cover;
enum told { TOLD_NOTHING, TOLD_DOWN, TOLD_CONNECTED, TOLD_UP, TOLD_UNKNOWN };

/* Somebody who is told in another language than that of the API's frames: marks (synced, reset, lagged) are
 * nothing to it, and what it wants depends on the neighbor. */
struct listener {
	unsigned (*wish)(const struct subscription *, const struct neighbor *); /* 0: not covered */
	void (*state)(struct cover *, enum told, const char *reason);
	void (*report)(struct cover *, const struct link_peer_state *before);
	void (*message)(struct cover *, const struct routes_message *);
	void (*other)(struct cover *, const struct routes_message *); /* octets alone: api_message */
	void (*signal)(struct cover *, int number);
	void (*forget)(struct cover *);  /* its routes are told anew: what it holds of them is not to be trusted */
	uint32_t (*messages)(unsigned wish); /* which of those, as in link_interest */
	unsigned updates, packets;       /* bits of a wish that need the mirror, and octets as they came */
};

struct subscription {
	struct list link;                /* in client.subscriptions */
	struct list all;                 /* in api.subscriptions */
	struct list run;                 /* in api.runnable, or alone */
	struct list fill;                /* in api.filled while its frame is open, or alone */
	struct client *client;
	const struct listener *listener; /* NULL: frames of events */
	uint64_t id;
	bool updates, states, snapshot;
	struct addr address;             /* none: every neighbor */
	char speaker[LINK_NAME];         /* "": every speaker */
	int64_t credit;                  /* may be overdrawn by a frame */
	uint64_t missed;                 /* events that stand in no table, since it had credit */
	struct list covers;              /* struct cover */
	struct list behind;              /* those of them that have something to be told from a table */
	size_t unsynced;                 /* covers of the first snapshot that are not whole yet */
	bool opening, syncing;
	bool answered;                   /* its "accepted" has left: events may follow */
	struct pack frame;
	struct api_events events;
};

bool subscription_is(const struct client *, uint64_t id); /* is there one of that id? */
/* From requests; the first two answer. */
void subscription_request(struct request *, const struct api_request *);
void subscription_end(struct request *);
void subscription_credit(struct client *, uint64_t id, uint64_t credit);
/* For all neighbors, as far as the listener wishes; the tables first. Lives until the client is reaped. */
struct subscription *subscription_listen(struct client *, const struct listener *);
void subscription_reconsider(struct subscription *); /* its wishes may be others */
void subscription_close(struct subscription *);

bool subscription_can(struct subscription *);      /* may it be sent more now? */
void subscription_wake(struct subscription *);           /* it may be able to go on */
bool subscription_wants(const struct subscription *, const struct neighbor *);
/* Events: one map through the tree, then subscription_added; or one that is packed already. */
struct tree subscription_event(struct subscription *);
void subscription_added(struct subscription *);
void subscription_event_copy(struct subscription *, const struct pack *);
/* One that nobody can be told later: without credit it is counted, and `lagged` says so when there is some. */
void subscription_event_or_miss(struct subscription *, const struct pack *);
void subscriptions_flush(struct api *);                  /* every open frame is sent */
void subscription_synced(struct subscription *);         /* a cover of the first snapshot is whole */
#endif
