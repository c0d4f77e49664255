/* A burst: what helpers say one line after the other is one change. Nothing of it leaves towards the speakers, and
 * none of its answers, before the helpers have been quiet for a moment: at once where they sleep, for they have
 * said it all then; one who goes on and on waits a little longer at most. Somebody else's request ends it. */
#ifndef CONTROLLER_API_BURST_H
#define CONTROLLER_API_BURST_H
#include "controller/api/process.h"

/* Microseconds. The first burst that a session is told is one of a program that starts, and such are slow. */
enum { BURST_QUIET = 80, BURST_LONGEST = 1000, BURST_FIRST = 10000 };

struct burst {
	struct controller *controller;
	struct list held;        /* struct process: their answers wait */
	struct loop_item *item, *left;
	bool leaving;            /* one is over and has its turn: what is said now goes with it */
	int fd;                  /* a timerfd: the loop's own timers count milliseconds */
	bool flat;               /* the first of a session */
	bool armed;
	uint64_t quiet, last;    /* loop time: it ends then without another line; it ends then */
};

void burst_open(struct burst *, struct controller *);
void burst_close(struct burst *);
/* A command of this helper changed what these neighbors are to be told. */
void burst_said(struct burst *, struct process *, struct neighbor *const *, size_t count);
/* One of them was read: `all` that was in its pipe is taken. */
void burst_read(struct burst *, bool all);
void burst_end(struct burst *);
#endif
