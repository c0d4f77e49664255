/* Tellings: what may be long to be said to neighbors, the routes of a configuration or of a watchdog. One after the other, in the
 * order in which they were asked for, each in slices: nobody waits for one but who asked for it, for those behind it, and for what
 * clients say of routes meanwhile. So of two that say something of the same route the last one holds. */
#ifndef CONTROLLER_TELLING_H
#define CONTROLLER_TELLING_H
#include <stdbool.h>
#include "common/list.h"
#include "controller/controller.h"

struct telling;
struct telling_ops {
	void (*begin)(
	    struct telling *); /* its turn has come: what there is now is what it is about */
	bool (*step)(struct telling *); /* a little of it; true at the end */
	/* It has ended, and the next may begin; or the controller ends before it does. The owner frees it, or keeps it. */
	void (*end)(struct telling *, bool done);
};

/* Embedded in its owner. */
struct telling {
	struct list link; /* in controller.tellings */
	const struct telling_ops *ops;
	bool begun;
};

/* Where nothing is before it, it begins at once, and what fits into this turn of the caller's is done: it may have ended when
 * this returns. */
void telling_ask(struct controller *, struct telling *);
/* Is there one that did not fit into the turn in which it was asked for? What clients and helpers would change of routes waits
 * (api_told). */
bool telling_under_way(const struct controller *);
void tellings_finish(struct controller *); /* all of them, now: at the start, and for tests */
void tellings_free(struct controller *); /* none of them ends */
#endif
