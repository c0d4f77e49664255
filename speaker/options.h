/* The command line of ambo-speaker. */
#ifndef SPEAKER_OPTIONS_H
#define SPEAKER_OPTIONS_H
#include "common/program.h"
#include "speaker/speaker.h"

/* -1: go on; else the exit status (usage errors are told on stderr). Text options borrow from argv. */
int options_parse(int argc, char **argv, struct speaker_options *, struct program *);
#endif
