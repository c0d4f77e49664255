/* Watchdogs: names under which routes are raised and dropped together, neighbor by neighbor. A route of the
 * configuration keeps to what was said last of its watchdog, through reloads too; before anything was said it is
 * announced unless it says `withdraw`. Routes that clients announce with a watchdog are remembered here. */
#ifndef CONTROLLER_WATCHDOG_H
#define CONTROLLER_WATCHDOG_H
#include "controller/intent.h"
#include "controller/neighbor.h"

/* Is this route of the configuration to be told to the neighbor? */
bool watchdog_up(const struct neighbor *, const struct route_draft *);
/* A client's draft with a watchdog: kept until the same client withdraws its routes (watchdog_leave, for any
 * draft) or the neighbor goes. */
void watchdog_join(struct controller *, const struct route_draft *, uint32_t owner,
    struct neighbor *const *, size_t count);
void watchdog_leave(struct controller *, const struct route_draft *, struct neighbor *const *, size_t count);
bool watchdog_any(const struct controller *); /* is there one? */
/* Announce, or withdraw, all routes of that name to these neighbors. -1 with a reason. */
int watchdog_raise(struct controller *, const char *name, struct neighbor *const *, size_t count,
    struct intent_result *, struct reason *);
void watchdog_lower(struct controller *, const char *name, struct neighbor *const *, size_t count,
    struct intent_result *);
void watchdog_forget(struct neighbor *);   /* it goes */
void watchdogs_free(struct controller *);
#endif
