/* Where an `ambo run` lives, so that several run side by side and the other subcommands find them.
 *
 * Each has a directory named for its process id in the runtime directory: its sockets (api.sock, lane.sock)
 * and a file `info` that it keeps locked as long as it lives. A lock that can be taken is of one that is dead:
 * whoever notices removes its directory. */
#ifndef CONTROLLER_CLI_INSTANCE_H
#define CONTROLLER_CLI_INSTANCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* An ipc endpoint must fit into the 107 octets of a unix socket's path: what is longer is refused. */
enum { INSTANCE_DIR = 96, INSTANCE_NAME = 64 };

struct instance {
	pid_t pid;
	char name[INSTANCE_NAME];
	char dir[INSTANCE_DIR];
	char api[256]; /* the endpoint of its controller */
	char files[512]; /* its configuration, for people */
	uint64_t started; /* wall time, seconds */
	int lock; /* of our own instance: the info file; else -1 */
};

/* The runtime directory, made when it is not there: $AMBO_RUN, else /run/ambo when we may write there, else
 * $XDG_RUNTIME_DIR/ambo, else /tmp/ambo-UID; mode 0700 and ours. -1: told in `why`. */
int instance_base(char base[INSTANCE_DIR], char *why, size_t size);

/* Make ours: the directory, and the endpoints of its sockets when api is empty. -1: told in `why`; a name that one
 * that lives has is refused. */
int instance_open(struct instance *, const char *base, char *why, size_t size);
void instance_close(struct instance *);

/* Those that live below `base`, by process id; the dead ones are removed. Gives how many there are, of which at
 * most `max` are filled in. */
size_t instance_list(const char *base, struct instance *, size_t max);
/* The directories that instance_base chooses from, whether or not they are there. Gives how many. */
size_t instance_bases(char base[4][INSTANCE_DIR]);
#endif
