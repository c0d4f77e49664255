/* API frames: what clients and the controller say to each other. FRAMES.md is the whole language.
 *
 *      request = [ version, type, id, body ]         type is text, id is the client's own number
 *      answer  = [ version, type, id, body ]         "reply" with the id of its request, "event" with the
 *                                                    id of its subscription
 */
#ifndef PROTO_FRAME_API_H
#define PROTO_FRAME_API_H
#include <stdbool.h>
#include <stdint.h>
#include "common/pack.h"
#include "common/reason.h"
#include "common/tree.h"

enum {
	API_VERSION = 1,
	API_COMMAND_MAX = 1024 * 1024,
	API_BODY_MAX = 3 * 1024 * 1024,
	API_OCTETS_MAX = 4 * 1024 * 1024
};

enum api_request_type {
	API_COMMAND,      /* {"text": "announce route ...", "wait": "accepted" | "sent", "format": "text" | "json", "body": a file's content} */
	API_HELLO,        /* {"name": "anycast"}: names the owner of what this connection announces */
	API_SUBSCRIBE,    /* {"neighbor", "speaker", "updates", "states", "snapshot", "credit"}: as in struct api_request */
	API_CREDIT,       /* {"credit": octets}: more of the subscription `id` */
	API_UNSUBSCRIBE,  /* the subscription `id` */
	API_END_OF_SYNC,  /* all that I announced before was said again: the rest of mine goes */
	API_PING,
	API_DECIDE,       /* {"name": "checker", "open": 1000, "tree": true}: policies ask this one; events under `id` */
	API_VERDICTS,     /* {"verdicts": [[number, version, verdict], ...]}: on asks of `id` */
	API_BULK,         /* {"op": "announce" | "withdraw", "neighbor": selector, "wait", "groups": [ ... ]} */
	API_COMMANDS,     /* {"commands": [text, ...], "wait"} */
	API_REQUESTS
};

enum api_wait { API_WAIT_ACCEPTED, API_WAIT_SENT };

struct api_request {
	enum api_request_type type;
	uint64_t id;
	/* command */
	struct reader text;   /* the command line, UTF-8 */
	struct reader body;   /* what some commands take beside it: lines */
	enum api_wait wait;
	bool json;
	/* hello */
	char name[64];
	/* subscribe, credit */
	uint64_t credit;      /* octets of events that may be sent; 0 in a subscribe: 1 MiB */
	bool snapshot;        /* first the table as it is, then changes */
	bool updates, states; /* which events; neither given: both */
	struct reader neighbor; /* address text, empty: all */
	struct reader speaker;
	/* decide: `name`, and */
	uint32_t open;        /* so many asks that are not answered; 0: as the controller likes */
	bool tree;            /* attributes as a map too */
	/* verdicts */
	const struct node *verdicts; /* a list; borrowed from the unpacked message */
	/* bulk (`neighbor` is a selector), commands */
	struct reader message; /* all of the request */
	bool withdraw;
	const struct node *list; /* groups, commands */
};

/* -1 with a reason; req->id is set when it could be read, so that the error finds its way. */
int api_request_open(struct unpack *, const void *bytes, size_t len, struct api_request *, struct reason *);
/* What it is and its id alone, without a look at the rest, which may be long. False where that does not tell. */
bool api_request_glance(struct unpack *, const void *bytes, size_t len, struct api_request *);
const char *api_request_name(enum api_request_type);

/* Requests, for clients. */
void api_command_pack(struct pack *, uint64_t id, const char *text, size_t len, enum api_wait, bool json);
void api_command_pack_body(
    struct pack *, uint64_t id, const char *text, size_t len, struct reader body, bool json);
void api_hello_pack(struct pack *, uint64_t id, const char *name);
void api_subscribe_pack(struct pack *, const struct api_request *);
void api_credit_pack(struct pack *, uint64_t id, uint64_t credit);
void api_simple_pack(struct pack *, enum api_request_type, uint64_t id);
/* Up to an array of texts, which the caller appends; gives the mark for pack_end. */
size_t api_commands_begin(struct pack *, uint64_t id, enum api_wait);

/* Answers. A reply's body: {"status": ..., "final": bool, "text": ...} and "data", a tree, where there is
 * something to show. Statuses: "accepted" "sent" "pending" "error" "done" (a show), "pong". */
struct api_reply {
	uint64_t id;
	const char *status;
	bool final;            /* nothing more comes for this id */
	struct reader text;    /* for a person: the answer, or what was wrong */
};
void api_reply_pack(struct pack *, const struct api_reply *);
/* The same with a "data" member: the caller writes one value through the tree. */
struct tree api_reply_begin(struct pack *, const struct api_reply *);

/* An event frame: [ version, "event", subscription id, [ event... ] ]; each event is a map, written through
 * the tree; at least its "type". */
struct api_events {
	struct pack *pack;
	size_t mark;
	uint32_t count;
};
void api_events_begin(struct api_events *, struct pack *, uint64_t subscription);
struct tree api_event(struct api_events *);  /* one more; the caller writes one map */
void api_event_copy(struct api_events *, const void *, size_t); /* one more, packed already */
void api_events_end(struct api_events *);

/* Reading an answer, for clients. */
enum api_answer_type { API_REPLY, API_EVENT };
struct api_answer {
	enum api_answer_type type;
	uint64_t id;
	const struct node *body;
};
int api_answer_open(struct unpack *, const void *bytes, size_t len, struct api_answer *, struct reason *);
/* Print a msgpack node as JSON (clients: ambo watch -j). */
void api_node_json(const struct node *, struct tree *);
#endif
