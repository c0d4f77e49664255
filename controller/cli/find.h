/* Which controller is meant. */
#ifndef CONTROLLER_CLI_FIND_H
#define CONTROLLER_CLI_FIND_H
#include "controller/cli/cli.h"

struct found {
	char endpoint[256];
	bool starting; /* of an `ambo run` that lives: worth waiting for */
};

/* -c, else -i, else AMBO_API, else the only `ambo run` of ours, else ipc:///run/ambo/api.sock.
 * -1, or the exit status: told already. */
int find_controller(const struct cli *, struct found *);
#endif
