/* While one message of a ROUTES frame is worked on, the cache looks for what the next one says: its first value is written
 * and hashed beforehand, and what is needed of it then is kept here. */
#ifndef PROTO_FRAME_ROUTES_AHEAD_H
#define PROTO_FRAME_ROUTES_AHEAD_H
#include "common/blob.h"
#include "proto/frame/routes.h"

enum { ROUTES_AHEAD = 2 }; /* messages: the one that is applied, and the next */

struct routes_ahead {
	struct {
		const struct routes_message *of; /* NULL: free */
		uint32_t hash;
		size_t len;
		uint8_t memory[ROUTE_VALUE_MAX];
	} value[ROUTES_AHEAD];
};

/* This message is applied next but one, and stays where it is until then. False: nothing was asked for, because it announces
 * nothing, or there is no room. */
bool routes_ahead_soon(struct routes_ahead *, const struct blobs *, const struct routes_message *);
/* Was it asked for? */
bool routes_ahead_has(const struct routes_ahead *, const struct routes_message *);
/* A share of the value of its announce `i`, asked for or not; NULL: it is too long. */
struct blob *routes_ahead_value(
    const struct routes_ahead *, struct blobs *, const struct routes_message *, unsigned i);
void routes_ahead_done(struct routes_ahead *, const struct routes_message *);
#endif
