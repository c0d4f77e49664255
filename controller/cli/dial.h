/* A connection to a controller: requests out, answers in. One loop, one socket; ZeroMQ connects again by itself
 * when the controller went away, and who subscribed must subscribe again then. */
#ifndef CONTROLLER_CLI_DIAL_H
#define CONTROLLER_CLI_DIAL_H
#include "common/loop.h"
#include "common/pack.h"
#include "common/sock.h"
#include "controller/cli/cli.h"
#include "proto/frame/api.h"

struct dial {
	struct loop *loop;
	struct sock *sock;
	struct sock_watch *watch;
	struct loop_timer deadline, again;
	struct unpack *unpack;
	struct pack pack; /* a request being made; sent by dial_send */
	char endpoint[256];
	char trouble[128]; /* what the connection said last; "" */
	bool connected, starting;
	bool waiting; /* `pack` could not be sent yet */
	bool heard; /* the controller has said something */
	uint64_t timeout;
	/* The owner's, set before dial_open. `octets`: length of the message. */
	void (*answer)(void *self, const struct api_answer *, size_t octets);
	void (*changed)(void *self); /* `connected` did; NULL: does not care */
	void (*ready)(void *self); /* what waited was sent; NULL: does not care */
	void *self;
};

/* Find the controller and connect, in `loop`. -1, or the exit status: told already. */
int dial_open(struct dial *, const struct cli *, struct loop *);
void dial_close(struct dial *);
/* Send what was packed: now, or as soon as there is a connection with room. While `waiting`, nothing else may be
 * packed. */
void dial_send(struct dial *);
/* End the loop with CLI_UNREACHABLE or CLI_TIMEOUT when dial_hold is not called again in time. */
void dial_hold(struct dial *);
/* What the loop's status means when it is one of those two: told, and given back. */
int dial_status(struct dial *, int status, const char *waited_for);
#endif
