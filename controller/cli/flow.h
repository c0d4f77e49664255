/* One direction of a TCP connection, put together from segments that were captured: what came twice is dropped, what
 * came early waits. Memory is bounded: when too much waits for octets that do not come, it is crowded, and the owner
 * has them skipped. */
#ifndef CONTROLLER_CLI_FLOW_H
#define CONTROLLER_CLI_FLOW_H
#include <stdbool.h>
#include "common/octets.h"

enum { FLOW_EARLY_MAX = 1 << 20, FLOW_ALL_EARLY_MAX = 64 << 20 };

struct flow {
	bool started;
	uint32_t next; /* the sequence number that comes next */
	uint32_t hole; /* octets behind `in` that nobody kept */
	struct octets in; /* in order: the owner drops from its front what it has taken */
	struct early *early; /* ascending */
	size_t waiting; /* octets in those */
	size_t *all; /* ... of all flows */
};

/* Zero-initialise but for `all`. Forget everything, and begin there. */
void flow_start(struct flow *, uint32_t sequence);
void flow_fini(struct flow *);
/* `missing` octets more stand behind the payload, and were not kept. */
void flow_add(struct flow *, uint32_t sequence, struct reader payload, uint32_t missing);
bool flow_crowded(const struct flow *);
/* Go on behind the next hole: how wide it was; 0: nothing waits. The owner has taken what it can from `in`. */
uint32_t flow_skip(struct flow *);
#endif
