/* Why a session went down, as ExaBGP 4.2 tells its helpers, who look for "notification received (6,2)" and the like:
 *
 *      peer reset, message [notification received (6,2)] error[Cease / Administrative Shutdown]
 *
 * Behind what we sent stands what was wrong, in our words. Its JSON has ( and ) in place of [ and ]. */
#ifndef CONTROLLER_API_DOWN42_H
#define CONTROLLER_API_DOWN42_H
#include <stdbool.h>
#include "common/text.h"
#include "proto/frame/link.h"

/* Why a neighbor goes that a reload or a command took away. */
#define DOWN_REMOVED "not in the configuration any more"

/* What its state says, and `why` in words. */
void down42_print(const struct link_peer_state *, const char *why, bool json, struct text *);
void down42_print_shutdown(bool json, struct text *); /* of all, since we end */
/* As later versions tell it: "notification sent (6,4)"; without a NOTIFICATION in our words. */
void down_print(const struct link_peer_state *, const char *why, struct text *);
#endif
