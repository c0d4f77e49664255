/* The helpers of the configuration: which of them run, and which are started again. */
#ifndef CONTROLLER_API_PROCESSES_H
#define CONTROLLER_API_PROCESSES_H
#include "controller/api/burst.h"
#include "controller/api/process.h"

enum {
	STARTS_MAX = 5,          /* within one window, whose number is the time's without the lower 6 bits */
	STARTS_WINDOW = 64
};

struct processes {
	struct api *api;
	struct list list;        /* struct process, in the configuration's order */
	struct burst burst;
	struct unpack *unpack;   /* answers with data, to print them */
	struct loop_timer adopt; /* what a controller before us had from them and they have not said again goes */
	bool closing, adopted;
};

struct processes *processes_new(struct api *);
/* Ends them: waits for at most 2 s, and only here. */
void processes_end(struct processes *);
void processes_free(struct processes *);   /* their clients are gone already */
/* Start those of a configuration that are not there, before the rest of it is applied. */
void processes_begin(struct processes *, const struct config *);
/* ... behind it: start those that do not run, stop those that it has not. `changed`: start those anew whose
 * definition is another one. */
void processes_apply(struct processes *, const struct config *, bool changed);
void processes_neighbors_changed(struct processes *); /* some came or went by command */
void processes_over(struct process *);     /* it has ended, all it said was taken */
bool processes_reap(struct processes *, pid_t); /* that one has ended: is it one of them? */
void processes_read_on(struct processes *); /* those whose lines waited */
/* A person wants it: as often as it takes. */
void processes_restart(struct process *);
struct process *processes_find(struct processes *, const char *name);
#endif
