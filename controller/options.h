/* The command line of ambo-controller. */
#ifndef CONTROLLER_OPTIONS_H
#define CONTROLLER_OPTIONS_H
#include "common/log_options.h"
#include "controller/controller.h"

struct program_options {
	struct log_options log;
	bool parent; /* die with it: started by `ambo run` */
};

/* Exit status of an embedded controller that a client told to shut down. */
enum { CONTROLLER_SHUTDOWN = 10 };

/* -1: go on; else the exit status (usage errors are told on stderr). Text options borrow from argv. */
int options_parse(int argc, char **argv, struct controller_options *, struct program_options *);
#endif
