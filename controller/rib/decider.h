/* Deciders: the clients whom policies ask about routes (`via client NAME`), whether they are there or not.
 *
 * What is asked takes a *place*, which it has until its verdict comes or the client goes, however late that is: so a
 * client that does not answer is asked no more than it has places for, and costs nothing then. The place is the
 * number of the ask; the version of the route, never the same twice, says whether a verdict is still about it.
 * Which routes are asked about, and what becomes of the answers, is the RIB's (verdicts.h). How a client is told is
 * the API's (struct decider_ops). */
#ifndef CONTROLLER_RIB_DECIDER_H
#define CONTROLLER_RIB_DECIDER_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "common/list.h"
#include "controller/neighbor.h"
#include "proto/bgp/nlri.h"
#include "proto/bgp/route.h"

enum {
	DECIDER_PLACES = 1024, /* when the client does not say how many it takes */
	DECIDER_PLACES_MAX = 16384,
	DECIDER_WAITS = 1024, /* of so many answers the time is kept, for show */
	DECIDER_NAME = 64
};

struct rib;
struct opinion;

/* What is asked: views, for the time of the call. */
struct ask {
	uint64_t number, version;
	const struct neighbor *neighbor; /* who said the route */
	const struct neighbor *to; /* export: who is to be told; NULL: import */
	enum family family;
	struct nlri nlri;
	struct route_value value;
};

struct decider_ops {
	bool (*can)(void *client); /* may it be sent more now? */
	void (*ask)(void *client, const struct ask *);
	void (*replaced)(void *client); /* another of that name has come: it is asked no more */
};

struct place {
	uint64_t version; /* 0: free */
	uint64_t since; /* loop time */
	struct opinion *opinion; /* NULL: the route is gone, or another by now */
	uint32_t next; /* free one */
};

struct decider {
	struct list link; /* in controller.deciders */
	struct controller *controller;
	char name[DECIDER_NAME];
	const struct decider_ops *ops; /* NULL: it is not there */
	void *client;
	struct place *place;
	uint32_t places, taken, free; /* taken: asked and not answered yet */
	struct list
	    missed; /* struct opinion: those that it could not be asked about, the oldest first */
	uint64_t opinions; /* that are about it */
	/* For show. */
	uint64_t asked, answered, accepted, rejected;
	uint64_t defaulted; /* no verdict in time, or the client went */
	uint64_t missing; /* not asked when the route came, for want of a place or of the client */
	uint64_t late; /* of the answered: the default held already */
	uint64_t stale; /* of the answered: the route was another one by then, or gone */
	uint64_t refused; /* verdicts that could not be read, or that nobody had asked for */
	uint32_t open; /* routes that wait */
	uint32_t overdue; /* microseconds: the most that a default came behind its time */
	uint32_t wait[DECIDER_WAITS]; /* microseconds of the last answers, a ring of `answered` */
};

/* What a client said of a route. */
struct verdict {
	bool accepts;
	bool changes; /* accepted with other attributes, or another next hop: */
	bool whole; /* `attributes` are all of them; else they are laid over the route's */
	bool med; /* MED is among what it said */
	struct reader attributes; /* canonical */
	struct reader next_hop; /* empty: as it is */
	bool self; /* the next hop is ourselves */
};

/* The one of that name, made if there is none. */
struct decider *decider_named(struct controller *, const char *name);
/* A client of that name takes the asks from now on, so many open ones at a time; who did before is told. */
void decider_attach(struct decider *, const struct decider_ops *, void *client, uint32_t places);
/* It is gone, or does not want to any more. Forgotten where no policy has it. */
void decider_detach(struct decider *);
void decider_wake(struct decider *); /* it can be sent more */
/* Its verdict on an ask; NULL: one that could not be read, after which the default holds. -1: there is no such ask. */
int decider_verdict(struct decider *, uint64_t number, uint64_t version, const struct verdict *);
/* Microseconds within which that part (0.5, 0.99) of the last answers came; 0: none did. */
uint32_t decider_wait(const struct decider *, double part);
/* Those that the configuration's policies name are there to be shown. */
void deciders_apply(struct controller *);
void deciders_free(struct controller *);
/* Those that are not there, of whom nothing is known and whom no policy names are forgotten. */
void deciders_tidy(struct controller *);

/* For the RIB: a place for an ask, or -1: the client is not there, or takes no more now. */
int decider_place(struct decider *, struct opinion *, uint64_t version, uint64_t *number);
#endif
