/* ExaBGP's exabgp.daemon.daemonize and exabgp.daemon.pid. */
#ifndef CONTROLLER_CLI_DAEMON_H
#define CONTROLLER_CLI_DAEMON_H
#include <stdbool.h>

struct daemon {
	char pid_file[256]; /* "": none */
	bool background;
};

/* Go to the background and write the file. -1: go on; else the status to end with: 0 in the one that was started,
 * 1 when the file is of another that runs, or cannot be written. */
int daemon_begin(struct daemon *);
void daemon_end(const struct daemon *); /* the file goes */
#endif
