/* What `ambo run` was called with: its own options, and those of ExaBGP in whose place it stands. */
#ifndef CONTROLLER_CLI_RUN_OPTIONS_H
#define CONTROLLER_CLI_RUN_OPTIONS_H
#include <stdbool.h>

enum { RUN_LISTENS = 16, RUN_FILES = 48, RUN_NOTES = 16 };

/* Texts borrow from argv. */
struct run_options {
	const char *name, *api; /* NULL: not said */
	const char *listen[RUN_LISTENS];
	unsigned listens;
	const char *port, *max_routes, *format, *level, *key;
	bool insecure;
	bool test; /* only say whether the configuration is good */
	unsigned reload_after; /* seconds; 0: never */
	const char *note[RUN_NOTES]; /* options that have no effect here, as written, and why */
	const char *why[RUN_NOTES];
	unsigned notes;
	const char *const *files;
	unsigned file_count;
};

/* -1, or the exit status: told already. What ExaBGP's options say beside the configuration goes to the
 * environment, where both halves find it. */
int run_options_parse(struct run_options *, int argc, char **argv);
/* Is this first word an option that is ExaBGP's, and not one of `ambo`? */
bool run_options_known(const char *word);
#endif
