/* One half of an embedded Ambo, kept running: started again when it dies, after 0.1 s, then twice as long each
 * time up to 10 s, and from 0.1 s anew once it has lived for 30 s. */
#ifndef CONTROLLER_CLI_HALF_H
#define CONTROLLER_CLI_HALF_H
#include <stdbool.h>
#include <sys/types.h>
#include "common/child.h"
#include "common/loop.h"

enum half_end {
	HALF_RUNS, /* it had not ended */
	HALF_AGAIN, /* it died, and will be started again */
	HALF_OVER, /* it was stopped */
	HALF_HOPELESS, /* it could not start; it has said why */
	HALF_DONE /* it ended with the status `done`: all is to end */
};

struct half {
	const char *name;
	const char *const *argv;
	int done; /* exit status that means: all is to end; 0: there is none */
	struct loop *loop;
	struct child child;
	bool running, stopping;
	bool settled; /* it has lived for a while, once */
	uint64_t since, wait; /* loop time; microseconds until the next start */
	struct loop_timer again;
};

/* -1: it cannot be executed, told in the log. */
int half_start(struct half *);
/* After a SIGCHLD. */
enum half_end half_reap(struct half *);
void half_signal(struct half *, int number);
/* A SIGTERM, and no new start. */
void half_stop(struct half *);
#endif
