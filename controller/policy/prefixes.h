/* A list of prefixes with what is wanted of the length of a route's: a condition of policy. */
#ifndef CONTROLLER_POLICY_PREFIXES_H
#define CONTROLLER_POLICY_PREFIXES_H
#include "common/addr.h"
#include "common/reason.h"
#include "common/words.h"

struct prefixes;

/* "10.0.0.0/8", "10.0.0.0/8 ge 16 le 24", "10.0.0.0/8 longer" (or as long), one or several in [ ]. NULL with a
 * reason. */
struct prefixes *prefixes_scan(struct words *, struct reason *);
/* The same without lengths: each stands for all that is within it. */
struct prefixes *prefixes_scan_within(struct words *, struct reason *);
void prefixes_free(struct prefixes *);
bool prefixes_hold(const struct prefixes *, const struct prefix *);
#endif
