/* The command line of ambo-controller. */
#ifndef CONTROLLER_OPTIONS_H
#define CONTROLLER_OPTIONS_H
#include "common/program.h"
#include "controller/controller.h"

/* Exit status of an embedded controller that a client told to shut down. */
enum { CONTROLLER_SHUTDOWN = 10 };

/* -1: go on; else the exit status (usage errors are told on stderr). Text options borrow from argv. */
int options_parse(int argc, char **argv, struct controller_options *, struct program *);
#endif
