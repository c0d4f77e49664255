/* A helper: a program of the configuration, started by us, on two pipes. What it prints are commands, one a line;
 * what it reads are answers and events. It is a client like those over ZeroMQ, with another transport.
 *
 *      processes (which of them run, and when again)  ->  process (one)  ->  lines, owed
 *
 * Nothing that a helper does or leaves undone holds up anybody else: what it does not read waits as owed.h keeps
 * it, its commands are taken all the same, and only when too much is under way for it is it not read. */
#ifndef CONTROLLER_API_PROCESS_H
#define CONTROLLER_API_PROCESS_H
#include "common/child.h"
#include "common/log.h"
#include "controller/api/client.h"
#include "controller/api/encoder.h"
#include "controller/api/lines.h"
#include "controller/api/owed.h"

enum process_state {
	PROCESS_ENDED, /* or not started yet */
	PROCESS_RUNNING,
	PROCESS_STOPPING, /* it was told to end */
	PROCESS_BROKEN /* it could not be started, or ended too often */
};

struct process {
	struct client client; /* first */
	struct list link; /* in processes.list */
	struct list held; /* in burst.held while its answers wait, or alone */
	struct processes *all;
	char *name;
	char **argv; /* NULL-terminated */
	bool json, respawn;
	const struct encoder *encoder;
	enum process_state state;
	bool attached; /* no program of ours: it came by the control channel */
	bool configured; /* in the configuration now */
	bool begun; /* for that one, which is being applied: it is not read before */
	bool again; /* to be started when it has ended */
	struct child child;
	int pidfd, watch, status; /* watch: child_watch's */
	bool exited; /* what it left in its pipe is still read */
	size_t left; /* ... of that so much: somebody it started may go on writing */
	bool deaf; /* it closed its standard input */
	struct loop_item *ended, *from, *to;
	struct loop_item *say; /* what it is told leaves after what its commands did */
	struct loop_timer signals;
	int next_signal;
	struct lines lines;
	struct owed owed;
	struct octets out; /* being written */
	size_t out_at;
	bool full, paused;
	size_t open; /* commands not answered yet */
	/* What it asked for: no answers, and "sent" for each command. */
	bool silent, sync;
	uint8_t version,
	    version_next; /* of the API, when it said so itself; 0: the environment's */
	struct group *group; /* between `group start` and `group end` */
	unsigned waits; /* it is not read: what it said before is not done yet */
	uint8_t *may; /* by neighbor number: 0 not known, 1 yes, 2 no */
	size_t may_cap;
	struct subscription *subscription;
	struct text scratch;
	struct log_limit complaints, prints;
	const struct request *running; /* the command at hand, ... */
	struct reader line; /* ... and its line */
	uint64_t window, in_window, starts, since;
	char why[128]; /* it does not run */
};

struct config_process;

struct process *process_new(struct processes *, const struct config_process *);
/* Who came by himself, and is read and written at these (closed with it): he sees all neighbors and is told no events.
 * Gone with its input, when it has its answers. */
struct process *process_attach(struct processes *, const char *name, int input, int output);
/* Another program, encoder or respawn from now on; what runs is left alone. */
void process_define(struct process *, const struct config_process *);
bool process_same(const struct process *, const struct config_process *);
/* -1: broken, logged. */
int process_start(struct process *);
/* The shutdown line now, SIGTERM after 100 ms, SIGKILL after 2 s; processes_over when it has ended. */
void process_stop(struct process *);
void process_break(struct process *, const char *why);
void process_say(struct process *, const void *text, size_t len); /* events: whole lines */
void process_hold(struct process *, bool); /* it is not read until it was let go as often */
void process_flush(struct process *); /* write what the pipe takes now */
bool process_reap(struct process *, pid_t); /* that one has ended: is it this one? */
void process_signal(struct process *, int number); /* to its process group */
struct process *process_of(struct client *); /* NULL: no helper */
bool process_may(const struct client *, const struct neighbor *);
const char *process_state_name(const struct process *);
#endif
