/* A program that runs on: the options that all of ours have, and how they begin. */
#ifndef COMMON_PROGRAM_H
#define COMMON_PROGRAM_H
#include <stdbool.h>
#include "common/log_options.h"

struct program {
	const char *name, *usage;
	struct log_options log;
	bool parent; /* die with it: started by `ambo run` */
};

/* For the usage, the table and the switch of a program that reads its options with getopt_long. */
enum program_option { PROGRAM_VERSION = 640, PROGRAM_HELP, PROGRAM_DIE_WITH_PARENT };
#define PROGRAM_USAGE "  --version, --help\n"
#define PROGRAM_TABLE                                                                              \
	LOG_OPTIONS_TABLE, { "die-with-parent", no_argument, NULL, PROGRAM_DIE_WITH_PARENT },      \
	    { "version", no_argument, NULL, PROGRAM_VERSION },                                     \
	{                                                                                          \
		"help", no_argument, NULL, PROGRAM_HELP                                            \
	}

/* An option that is none of the program's own. -1: go on; else the exit status. */
int program_option(struct program *, int opt, const char *arg);
/* An option has a wrong argument, which is said on stderr: the exit status. */
int program_wrong(const struct program *, const char *what, const char *got);
/* The same for what is wrong altogether; the usage follows. */
int program_misused(const struct program *, const char *what);
/* The log is opened, a descriptor each for as many sessions or clients as may be is ours, and nobody who closes a
 * pipe ends us. */
void program_start(const struct program *);
#endif
