/* Reload: the configuration is read, and applied as a whole when all of it was read; on an error the old one stays.
 * It is read in slices, one at a time: who asks meanwhile has his own behind it. Its neighbors, policies and clients are there in
 * one go, its routes are told in slices behind that; what is not said any more is withdrawn when all were. */
#ifndef CONTROLLER_RELOAD_H
#define CONTROLLER_RELOAD_H
#include "common/text.h"
#include "controller/controller.h"

struct config;
struct reload_ask;

enum reload_kind {
	RELOAD,
	RELOAD_HELPERS, /* those whose definition changed are started anew, too */
	RELOAD_RESTART /* and every session and every helper begins anew */
};

/* Said once, when it was applied or failed: what has changed, or why. */
typedef void reload_done(void *self, int failed, const struct text *said);
/* `done` may be NULL: then, where the last that is asked for is of that kind and not begun, it is enough and NULL is
 * given, which one with `done` never is. What is given is good until `done` is called or reload_unask or reload_free,
 * whichever comes first; without `done` nobody is told when it ends, and it is not to be kept. */
struct reload_ask *reload_ask(struct controller *, enum reload_kind, reload_done *, void *self);
void reload_unask(struct reload_ask *); /* whoever asked is gone: it is done, and nobody is told */
void reload_free(struct controller *); /* those that are not done never are */

/* The first one, and that of tests: at once. NULL with why; applied by the caller. */
struct config *reload_read(struct controller *, struct text *why);
void reload_apply(struct controller *, struct config *);
#endif
