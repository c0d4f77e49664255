/* A feed: the connection to one cache, by librtr (RFC 8210), and what comes of it.
 *
 * librtr runs a thread for it. What that says goes through an inproc PAIR, which the loop reads: a message for each
 * ROA, and one for each state of the connection. The thread waits while the loop is behind (the pair has a bound),
 * and no longer than until the feed is stopped; nothing is lost or merged on the way, so the reader's table is the
 * cache's. The callbacks touch the feed's own end of the pair, what is constant, and flags that are atomic.
 *
 * Stopping may take librtr a second (a table of a million ROAs is freed), so a thread of its own waits for that. */
#ifndef CONTROLLER_RPKI_FEED_H
#define CONTROLLER_RPKI_FEED_H
#include <stdbool.h>
#include <stdint.h>
#include "common/addr.h"
#include "controller/rpki/roas.h"

struct feed;

enum {
	FEED_REFRESH =
	    3600, /* seconds, while neither the configuration nor the cache says another: RFC 8210 section 6 */
	FEED_RETRY = 600,
	FEED_EXPIRE = 7200
};

struct feed_options {
	struct addr address;
	uint16_t port;
	uint32_t refresh, retry, expire; /* seconds; 0: what the cache says */
};

struct feed_intervals {
	uint32_t refresh, retry, expire; /* seconds */
};
/* What holds of what a cache says: what the configuration says goes before. Where that would have it asked no sooner
 * than what it said expires (RFC 8210 section 6 forbids it), it is asked after half of that time: else its data came
 * and went. */
struct feed_intervals feed_agree(const struct feed_options *, struct feed_intervals said);

enum feed_kind { FEED_ADD, FEED_REMOVE, FEED_STATE };
enum feed_state {
	FEED_CONNECTING, /* and what belongs to it: what was known is what is known */
	FEED_SYNCING, /* changes follow, up to the next state */
	FEED_SYNCED,
	FEED_EMPTY, /* the cache has nothing to say yet */
	FEED_LOST, /* the connection could not be made, or ended */
	FEED_REFUSED /* the cache said what RTR does not, or did not like what we said */
};

struct feed_message {
	enum feed_kind kind;
	struct roa roa; /* FEED_ADD, FEED_REMOVE */
	enum feed_state state;
	uint32_t serial, session, refresh, retry, expire;
	int error; /* FEED_LOST: errno of the connection, or 0 */
};

/* NULL: logged by nobody, errno says. */
struct feed *feed_open(const struct feed_options *);
void *feed_socket(struct feed *); /* of ZeroMQ; readable when there is something */
/* False: there is nothing now. */
bool feed_next(struct feed *, struct feed_message *);
/* From now on nothing more is said. Said again it tries again, where there was no thread to be had. */
void feed_stop(struct feed *);
bool feed_ended(const struct feed *);
/* When it has ended, or before: then so many milliseconds are waited for that. False: it has not, and is left as it
 * is, for the process ends. */
bool feed_free(struct feed *, unsigned patience);
#endif
