/* A request until its last answer. Answers of one client leave in the order of its requests: one that is ready
 * before its turn is held. Who works on a request keeps the pointer and sets `cancel`; the final answer frees
 * it. */
#ifndef CONTROLLER_API_REQUEST_H
#define CONTROLLER_API_REQUEST_H
#include "common/octets.h"
#include "controller/api/client.h"
#include "proto/frame/api.h"

struct request {
	struct list link;          /* in client.requests, then in client.later */
	struct client *client;
	uint64_t id;
	uint64_t came;             /* later ones of its client have more */
	enum api_wait wait;
	bool json;
	struct reader body;        /* lent while its command is run */
	/* Of helpers: */
	bool silent;               /* not acknowledged: they may ask for that */
	bool bare;                 /* what it shows is all of its answer, unless that is an error */
	bool lines;                /* data is a list and each of its values a line; else it is one value */
	bool begun;                /* some of such a list was written */
	struct list held;          /* struct output: answers before their turn */
	bool answered, finished;   /* ... and what becomes of it when its turn comes */
	struct list delayed;       /* in client.delayed, with the message as it came: it is behind a bulk */
	struct octets message;
	size_t weight;             /* memory that it stands for */
	bool waits;                /* for "sent" */
	/* The client is gone: stop working; do not answer. */
	void (*cancel)(void *self);
	void *self;
};

enum answer {
	ANSWER_PART,   /* more comes, in order */
	ANSWER_LATER,  /* in order now; a last one comes when it comes */
	ANSWER_FINAL   /* frees the request and nulls the pointer */
};

struct request *request_new(struct client *, const struct api_request *);
bool request_turn(const struct request *);   /* nothing before it is owed: a long answer may be made */
/* It takes so much memory more; and: it waits for "sent". */
void request_weigh(struct request *, size_t octets);
void request_wait(struct request *, size_t octets);
/* `data`: one msgpack value, or NULL. */
void request_answer(struct request **, enum answer, const char *status, struct reader text,
    const struct pack *data);
void request_done(struct request **, const char *status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Nothing is said to it, and it is forgotten at once. */
void request_unanswered(struct request **);
/* status "error", with the place where there is one: "column 7: expected ...". */
void request_refuse(struct request **, const struct reason *);
void request_cancel(struct request *);
/* One message of a client: reads it and does what it says. */
void request_receive(struct client *, struct unpack *, struct reader message);
/* What it sent is no message at all: answered with an error, and counted. */
void request_malformed(struct client *, uint64_t id, const struct reason *);
void request_resume(struct request *); /* what was delayed */
/* No number was left for the name of its client, and policies go by it: who says it cannot announce, or its routes would
 * pass policies of nobody. True: the request was refused for that, and is no more. */
bool request_nameless(struct request **);
/* Routes pass the policies of their owner: who has a key does not take another's name to get past its own, nor a name
 * that has some; and where a policy asks whose a route is (match source), it is nobody but itself. */
bool client_may_be(const struct client *, const char *name);
#endif
