/* RPKI: the caches of the configuration, what they say, and which of them are heard.
 *
 *      cache -> librtr -> feed -> roas -> policy (rpki valid), rib (what changed), show
 *
 * Of the caches that are in step with us those of the lowest preference count, all of them where several have it;
 * when none is, those of the lowest preference whose data has not expired. What nobody knows is not-found: a route
 * is never lost because a cache is gone.
 *
 * A change of ROAs is not acted on here: it is noted by its prefix, and the RIB, which is told that there is
 * something when a cache has said all of it, takes the notes and looks at the routes under them. */
#ifndef CONTROLLER_RPKI_RPKI_H
#define CONTROLLER_RPKI_RPKI_H
#include "common/list.h"
#include "controller/controller.h"
#include "controller/rpki/feed.h"

struct rpki;

enum cache_state { CACHE_DOWN, CACHE_UP, CACHE_LEAVING };

struct cache {
	struct list link;
	struct rpki *rpki;
	char name[64];
	struct feed_options options;
	uint8_t preference;
	unsigned number; /* its bit in roas */
	struct feed *feed; /* NULL: it could not be made; tried again */
	struct loop_item *item;
	enum cache_state state; /* up: in step with us */
	bool syncing; /* changes are coming */
	bool overfull; /* the log said that some of its ROAs are left out */
	bool known; /* it was up, and what it said has not expired */
	uint64_t since; /* of state */
	uint64_t heard, expires; /* when it said all it knows; when that is no longer believed */
	uint32_t serial, session, refresh, retry, expire; /* as agreed */
	size_t count; /* of ROAs */
	uint32_t ups; /* how often it came up */
	uint32_t swept; /* leaving: of its ROAs */
	char why[96]; /* it is down */
};

/* The configuration is a new one: caches come and go. */
void rpki_apply(struct controller *);
/* Waits for librtr's threads: a second where there are a million ROAs, and five at most. */
void rpki_free(struct controller *);

/* NULL: there is no cache. What it says changes with the next turn. */
const struct roas *rpki_roas(const struct controller *);
const struct list *rpki_caches(const struct rpki *);
bool rpki_heard(const struct cache *); /* does it count now? */

/* What changed since this was asked last: the prefixes of ROAs that came or went, to be freed; or NULL, and *all
 * when it is to be taken as everything. */
struct roas *rpki_changes(struct rpki *, bool *all);
#endif
