/* What policies ask of an NLRI that was taken: all of it. */
#ifndef TESTS_FUZZ_LOOK_H
#define TESTS_FUZZ_LOOK_H
#include "proto/bgp/nlri.h"

void look(enum family, struct reader nlri);
#endif
