/* Absence: a speaker that is gone. What its neighbors said stays meanwhile (their sessions may stand, and it is mostly
 * the controller's connection that broke), but not for ever: when it has not come back in time all of it is
 * withdrawn, as if the sessions had ended. When it comes back later it says everything again. The time of a neighbor
 * runs until all of its routes have been said again, so one that comes and goes and never gets that far keeps none. */
#ifndef CONTROLLER_ABSENCE_H
#define CONTROLLER_ABSENCE_H
#include "controller/fleet.h"

void absence_begin(struct speaker_entry *); /* its lane is lost */
void absence_end(struct speaker_entry *); /* there is one again, or it is about to be freed */
void absence_apply(struct speaker_entry *); /* the configuration may say another time */
#endif
