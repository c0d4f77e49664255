/* What a neighbor is told in OPERATIONAL messages: what its configuration has, once; static advisories (ASM) at the start
 * of each session, those that were announced in place of the configuration's of that family. */
#ifndef CONTROLLER_ADVISORY_H
#define CONTROLLER_ADVISORY_H
#include "common/list.h"
#include "controller/neighbor.h"
#include "proto/bgp/operational.h"

/* A new session stands. */
void advisories_say(struct neighbor *);
/* An ASM was announced: it is copied. */
void advisory_keep(struct neighbor *, const struct operational *);
void advisories_forget(struct neighbor *);
/* The command that makes a speaker say it. */
struct link_command advisory_command(const struct operational *);
#endif
