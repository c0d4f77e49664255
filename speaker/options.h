/* The command line of ambo-speaker. */
#ifndef SPEAKER_OPTIONS_H
#define SPEAKER_OPTIONS_H
#include "common/log_options.h"
#include "speaker/speaker.h"

struct program_options {
	struct log_options log;
	const char *alive; /* file for a sign of life (alive.h); NULL: none */
	int parent; /* die with it: started by `ambo run` */
};

/* -1: go on; else the exit status (usage errors are told on stderr). Text options borrow from argv. */
int options_parse(int argc, char **argv, struct speaker_options *, struct program_options *);
#endif
