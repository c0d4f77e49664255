/* A client, whatever the transport: who it is, what it is owed, what waits to be sent to it.
 *
 * Nothing here blocks and nothing grows without bound: what the transport does not take now waits in a queue
 * of at most CLIENT_QUEUE_MAX octets (beside answers that had room while they were waited for), and a client that
 * lets it fill is cut; requests are refused while too many are under way. A client is never freed in the middle of other work: client_lost and client_cut mark it, and the
 * end of the turn looks after it. */
#ifndef CONTROLLER_API_CLIENT_H
#define CONTROLLER_API_CLIENT_H
#include "controller/api/parts.h"
#include "controller/config/config.h"

enum {
	CLIENT_QUEUE_MAX = 4 * 1024 * 1024,
	CLIENT_QUEUE_LOW = 1024 * 1024,     /* below it, events and long answers are made */
	/* Memory of requests: with more under way the next is refused; with more that wait for "sent" no other
	 * is waited for. */
	CLIENT_OPEN_MAX = 8 * 1024 * 1024,
	CLIENT_LATER_MAX = 16 * 1024 * 1024,
	CLIENT_MALFORMED_MAX = 100,
	CLIENT_CUT_SECONDS = 60,            /* so long is a cut client not read */
	CLIENTS_MAX = 8192
};

struct client;
struct deciding;
struct bulk;
struct request;
struct api_reply;

struct transport {
	/* 0 taken; -1: EAGAIN (not now: ask again), else the client is gone. Never blocks. */
	int (*send)(struct client *, const void *, size_t);
	/* The client is about to be forgotten: frees it and what the transport holds of it. */
	void (*forget)(struct client *);
	const char *name;
	/* An answer in the client's own language, to be handed to send when its turn has come. NULL: a frame.
	 * Such a client has one answer a request, and is never cut: what comes from it waits instead. */
	void (*encode)(struct request *, const struct api_reply *, const struct pack *data,
	    struct pack *out);
	/* May it act on this neighbor? NULL: on all. */
	bool (*may)(const struct client *, const struct neighbor *);
};

struct client {
	struct list link;               /* in api.clients */
	struct api *api;
	uint64_t number;                /* no other has had it */
	const struct transport *transport;
	char user[64];                  /* whom its key proved; "": no key (ipc) */
	char name[64];                  /* from hello */
	bool named;
	uint32_t owner;                 /* of what it announces */
	struct list requests;           /* struct request: answers owed, in order */
	struct list later;              /* ... whose last answer comes when it comes */
	struct bulk *bulk;              /* under way; what it asks meanwhile waits (api/bulk.h) */
	struct list beside;             /* struct bulk: those that wait for nothing else of it */
	bool busy;                      /* ... and while it has something else under way */
	struct list delayed;            /* struct request: ... */
	struct list behind;             /* in api.behind while there are such */
	struct list subscriptions;
	struct deciding *deciding;      /* policies ask it (deciding.h); NULL: they do not */
	struct list queue;              /* struct output */
	size_t queued;                  /* octets in it, and in answers held back for their order */
	size_t open;                    /* memory of requests under way */
	size_t waiting;                 /* ... of those that wait for "sent", and of what they came to until it is taken */
	bool held;                      /* what is said to it waits there until client_release */
	struct loop_timer retry;
	uint64_t retry_wait;
	uint64_t since, heard, spoken;  /* loop time */
	bool lost, cut;
	bool unread;                    /* it was cut for what it does not read: that is dropped */
	uint64_t cut_until;
	uint64_t asked, malformed, answers, events, octets; /* counts */
};

void client_init(struct client *, struct api *, const struct transport *);
void client_send(struct client *, const void *, size_t len);
/* The same of an answer for which so many octets were kept while it was waited for: a client that had tens of thousands
 * of such is not cut for all coming at once. What it does not read counts with what it waits for. */
void client_send_kept(struct client *, const void *, size_t len, size_t kept);
/* Try again what waits: the client shows that it is there. */
void client_flush(struct client *);
void client_release(struct client *);                 /* it is held no longer */
bool client_ready(const struct client *);             /* its queue is low: more may be made for it */
bool client_may_ask(const struct client *);           /* one request more may be under way */
bool client_may_wait(const struct client *);          /* one "sent" more may be waited for */
bool client_gone(const struct client *);              /* lost or cut: nothing new is said to it */
void client_lost(struct client *);
void client_cut(struct client *, const char *why);
enum config_role client_role(const struct client *);
/* At the end of the turn: everything it has is given up; a lost one is freed. */
void client_reap(struct client *);
/* Octets that wait outside of the queue but count with it. Cuts the client when they are too many. */
void client_hold(struct client *, size_t len);
const char *client_who(const struct client *, char out[160]); /* for the log */

/* One message that waits. */
struct output {
	struct list link;
	size_t len, kept; /* kept: octets of it that are counted with what waits for "sent" */
	uint8_t data[];
};
struct output *output_new(const void *, size_t len);
#endif
