/* Static routes: those of the configuration, into intent, in slices (telling.h). Neighbors that have the same route share its
 * entry, and of a neighbor's routes about the same the last holds. */
#ifndef CONTROLLER_STATICS_H
#define CONTROLLER_STATICS_H
#include "controller/controller.h"
#include "controller/intent.h"
#include "controller/neighbor.h"
#include "controller/watchdog.h"

/* All routes of some neighbors that are up, or those of one watchdog. The configuration stays the same meanwhile; neighbors may
 * go. */
struct statics;
struct statics *statics_new(struct controller *, const char *watchdog /* or NULL */, bool up);
void statics_add(struct statics *, const struct neighbor *, enum watchdog_was);
/* A little of it; what came of that is added up. True at the end. */
bool statics_step(struct statics *, struct intent_result *);
void statics_free(struct statics *); /* NULL is fine */

/* Before all of the current configuration is said, and behind it: what was not is withdrawn, what is the same is not touched. */
void statics_begin(struct controller *);
void statics_sweep(struct controller *);

/* Those of one neighbor, once its session told what the configuration left open: a telling. `told` at its end, unless the
 * neighbor has gone; that may be before this returns. */
void statics_tell(struct neighbor *, void (*told)(struct neighbor *));
#endif
