/* Standard output of what runs on: written through the loop, so that a reader who is slow (a pager) or gone (head)
 * holds up nothing and is noticed. */
#ifndef CONTROLLER_CLI_OUT_H
#define CONTROLLER_CLI_OUT_H
#include "common/loop.h"
#include "common/text.h"

struct out {
	struct text text; /* append to it, then out_flush */
	size_t written; /* of it */
	struct loop *loop;
	struct loop_item *item; /* NULL: a file, which is always ready */
	bool gone, pipe;
	void (*drained)(void *self); /* everything was written; NULL: does not care */
	void (*closed)(void *self); /* nobody reads any more */
	void *self;
};

void out_open(struct out *, struct loop *);
void out_close(struct out *);
void out_flush(struct out *);
/* Octets that wait. */
size_t out_left(const struct out *);
#endif
