/* Static routes: those of the configuration, into intent. Neighbors that have the same route share its entry. */
#ifndef CONTROLLER_STATICS_H
#define CONTROLLER_STATICS_H
#include "controller/controller.h"
#include "controller/intent.h"
#include "controller/neighbor.h"

/* All of the current configuration: what it does not say any more is withdrawn, what is the same is not touched. */
void statics_apply(struct controller *);
/* Those of one neighbor, once its session told what the configuration left open. */
void statics_apply_one(struct neighbor *);
/* Those of one watchdog, raised or lowered: to be said of neighbors before watchdog_up says so. */
void statics_watchdog(struct controller *, const char *name, bool up, struct neighbor *const *,
    size_t count, struct intent_result *);
#endif
