/* A bulk: one request that says many things, with one answer. It is done in slices by a runner, an element after the
 * other; what is wrong with one is told by its index and loses none of the others.
 *
 *      bulk_routes      routes in groups, as the wire has them
 *      bulk_commands    announces and withdraws, as they are typed
 *      deciding         verdicts on routes, which are not answered, and wait for nothing else of the client
 *
 * What the client asks meanwhile is done behind it, in order: such a request is kept as it came (bulk_delay). So it is
 * while a reload that it asked for is under way; the lines of a helper wait in its pipe then. */
#ifndef CONTROLLER_API_BULK_H
#define CONTROLLER_API_BULK_H
#include "controller/api/command.h"
#include "controller/api/left_out.h"

enum {
	BULK_MAX = 16384, /* elements of one request */
	BULK_FAILURES_MAX =
	    500 /* of them so many are told why they failed; the others are counted */
};

/* Whom it was for: some of its routes; none, as the neighbor has no family of theirs. */
enum touched { TOUCHED_NOT, TOUCHED, TOUCHED_WITHOUT };

struct bulk;

struct bulk_ops {
	bool (*step)(struct bulk *); /* a little of it; true at the end */
	void (*fini)(struct bulk *);
	bool beside; /* nothing is said at its end, and it waits for nothing else of its client */
};

struct bulk {
	struct list link; /* in api.bulks */
	struct list beside; /* in client.beside, or alone */
	const struct bulk_ops *ops;
	struct api *api;
	struct request *request;
	uint8_t *memory; /* a copy of the request, which its elements borrow */
	size_t count, at; /* elements; the one that is under way */
	size_t routes, news, skipped;
	size_t failed;
	size_t refused, left; /* what policies kept back (and of it is not kept either), */
	char refusal[256]; /* and which, of the first */
	struct pack failures; /* [index, why], the first of them */
	uint32_t failures_told;
	uint8_t *touched; /* by neighbor number, enum touched: only for "sent" */
	size_t touched_cap;
	struct left_out left_out; /* and of those, who is not sent some of them; only for "sent" */
	struct bulk_routes *of_routes;
	struct bulk_commands *of_commands;
	struct bulk_verdicts *of_verdicts;
};

/* Takes the request over. `message` is copied; bulk_lent gives where what was borrowed of it lies in the copy. */
struct bulk *bulk_new(
    struct request *, const struct bulk_ops *, struct reader message, size_t count);
struct reader bulk_lent(const struct bulk *, struct reader message, struct reader);
void bulk_drop(
    struct bulk *); /* before anything of it is done: the request is the caller's again */
/* Element `index` failed. */
void bulk_fail(struct bulk *, size_t index, const struct reason *);
/* Policies refused something of it. */
void bulk_refused(struct bulk *, const struct refusal *);
/* Routes of this family were told to these neighbors, as many of them as have it. */
void bulk_touch(struct bulk *, struct neighbor *const *, size_t count, enum family);

/* The requests. They answer, now or later. */
void bulk_routes_request(struct request *, const struct api_request *);
void bulk_commands_request(struct request *, const struct api_request *);

/* Is something of this client under way, so that what it asks now has to wait? Keep the request for then. */
bool bulk_under_way(const struct client *);
void bulk_hold(struct client *, bool); /* something else is that has to end before what it asks behind it; or no more */
void bulk_delay(struct request *, struct reader message);
enum loop_verdict bulks_run(void *api);
#endif
