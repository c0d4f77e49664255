/* Why a session went down, as helpers are told. Later versions of the API name the NOTIFICATION, and without one say
 * why in our words; ExaBGP 4.2 has a sentence, in which its helpers look for "notification received (6,2)" and the like:
 *
 *      later   notification received (6,2)
 *      4.2     peer reset, message [notification received (6,2)] error[Cease / Administrative Shutdown]
 *
 * Behind what we sent stands, in 4.2's, what was wrong, in our words. Its JSON has ( and ) in place of [ and ]. */
#ifndef CONTROLLER_API_DOWN_H
#define CONTROLLER_API_DOWN_H
#include <stdbool.h>
#include "common/text.h"
#include "proto/frame/link.h"

/* Why a neighbor goes that a reload or a command took away. */
#define DOWN_REMOVED "not in the configuration any more"

/* By what its state says of a NOTIFICATION; `why` in words. */
void down_print(const struct link_peer_state *, const char *why, struct text *);
void down_print42(const struct link_peer_state *, const char *why, bool json, struct text *);
void down_print42_shutdown(bool json, struct text *); /* of all, since we end */
#endif
