/* `via client NAME [timeout TIME] default accept | reject`: the end of a rule that leaves the decision to a client. */
#ifndef CONTROLLER_POLICY_VIA_H
#define CONTROLLER_POLICY_VIA_H
#include "controller/policy/policy.h"

enum {
	VIA_TIMEOUT = 50,
	VIA_TIMEOUT_MAX = 60000
}; /* milliseconds: when none is said; the longest */

/* The word itself is taken already; `label`: of its rule. NULL with a reason. */
struct policy_via *via_scan(struct words *, const char *label, struct reason *);
void via_free(struct policy_via *);
#endif
