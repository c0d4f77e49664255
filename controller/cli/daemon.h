/* ExaBGP's exabgp.daemon.daemonize and exabgp.daemon.pid. */
#ifndef CONTROLLER_CLI_DAEMON_H
#define CONTROLLER_CLI_DAEMON_H
#include <stdbool.h>

struct daemon {
	char pid_file[256]; /* "": none */
	bool background, marked; /* marked: the file is ours */
};

/* Go to the background, when asked to. -1: go on; else the status to end with: 0 in the one that was started, 1 when
 * there is no process to be had. */
int daemon_begin(const struct daemon *);
/* Write the file. Who reads it may send a signal: be ready for one before. -1: go on; 1 when the file is of another that
 * runs, or cannot be written (said on standard error). */
int daemon_mark(struct daemon *);
void daemon_end(const struct daemon *); /* the file goes, if it was written */
#endif
