/* Watchdogs: names under which routes are raised and dropped together, neighbor by neighbor. A route of the
 * configuration keeps to what was said last of its watchdog, through reloads too; before anything was said it is
 * announced unless it says `withdraw`. Routes that clients announce with a watchdog are remembered here. */
#ifndef CONTROLLER_WATCHDOG_H
#define CONTROLLER_WATCHDOG_H
#include "controller/intent.h"
#include "controller/neighbor.h"

/* What was said last of a name to a neighbor. */
enum watchdog_was { WATCHDOG_UNSAID, WATCHDOG_DOWN, WATCHDOG_UP };

/* Is this route of the configuration to be told to the neighbor? */
bool watchdog_up(const struct neighbor *, const struct route_draft *);
/* A client's draft with a watchdog: kept until the same client withdraws its routes (watchdog_leave, for any
 * draft) or the neighbor goes. */
void watchdog_join(struct controller *, const struct route_draft *, uint32_t owner,
    struct neighbor *const *, size_t count);
void watchdog_leave(struct controller *, const struct route_draft *, struct neighbor *const *, size_t count);
bool watchdog_any(const struct controller *); /* is there one? */
/* Announce (up), or withdraw, all routes of that name to these neighbors, in slices: `done` is called once, at the end of it
 * (perhaps before this returns) or of the controller, with a reason where not all could be said. */
typedef void watchdog_done(
    void *self, int failed, const struct intent_result *, const struct reason *);
void watchdog_ask(struct controller *, const char *name, bool up, struct neighbor *const *,
    size_t count, watchdog_done *, void *self);
void watchdog_forget(struct neighbor *);   /* it goes */
void watchdogs_free(struct controller *);
#endif
