/* `ambo` in the place of `exabgp`: called by that name, or with its arguments. */
#ifndef CONTROLLER_CLI_PLACE_H
#define CONTROLLER_CLI_PLACE_H
#include <stdbool.h>

struct cli;

bool place_named(const char *program); /* argv[0] is exabgp */
/* All of it, when called by that name; exit status as ExaBGP's: 0, or 1. */
int place_main(struct cli *, int argc, char **argv);
/* Is this word a configuration file that is there? */
bool place_file(const char *word);
#endif
