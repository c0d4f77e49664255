/* Arrivals: connections from addresses of a range (a neighbor that is a prefix). The controller is told; it makes a peer
 * of the address, which the connection, held here meanwhile, then goes to. */
#ifndef SPEAKER_ARRIVALS_H
#define SPEAKER_ARRIVALS_H
#include <stdbool.h>
#include "common/addr.h"
#include "speaker/speaker.h"

struct peer;

struct arrivals *arrivals_open(struct speaker *);
void arrivals_close(struct arrivals *); /* what is held is closed */
/* This peer's configuration is a range; not any more. */
void arrivals_range(struct arrivals *, struct peer *);
void arrivals_range_gone(struct peer *);
struct list *arrivals_ranges(struct arrivals *); /* those peers, by of_ranges */
/* True when `from` is of a range at `to`: the fd is held, or closed where it cannot be. */
bool arrivals_hold(struct arrivals *, int fd, const struct addr *from, const struct addr *to);
/* There is a peer of this address now: what is held of it goes there. */
void arrivals_met(struct arrivals *, const struct addr *);
#endif
