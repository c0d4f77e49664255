/* Child processes on pipes. Started only to exec at once; no fd of ours past stderr goes along; empty signal
 * mask and default SIGPIPE in the child, which on request is its own process group. stderr is inherited. */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H
#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int in, out; /* our ends, non-blocking: in is the child's stdin, out its stdout; -1 when not asked for */
};

struct child_options {
	const char *const *argv;  /* argv[0] is looked up in PATH when it has no slash */
	const char *const *env;   /* NULL: ours; else added to ours as NAME=value */
	bool pipes;               /* false: stdin and stdout are inherited */
	bool new_group;
	int die_with_parent;      /* a signal the kernel sends it when we die (PR_SET_PDEATHSIG), 0: none */
};

/* 0, or -1 with errno: exec's own failure is reported here too. */
int child_start(struct child *, const struct child_options *);
/* Reap without waiting: 1 and its status (waitpid's) when it ended, 0 while it runs, -1 when it is not ours. */
int child_reap(struct child *, int *status);

/* An fd by which child_sleeps asks, the caller's to close; -1 with errno where there is no /proc. */
int child_watch(const struct child *);
/* Whether its first thread waits for something just now: 1, 0, or -1 when that cannot be told. */
int child_sleeps(int watch);
#endif
