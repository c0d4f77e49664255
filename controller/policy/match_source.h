/* The condition about whose a route is: a peer's, a client's or the configuration's.
 *
 *      source client      source client [ feeder watcher ]      source configuration
 *      source peer        source peer [ 192.0.2.1 10.0.0.0/8 "transit b" ]      source [ client configuration ]
 *
 * A helper is a client whose name is its process's. A peer is meant by its address, a prefix around that, or its
 * description. */
#ifndef CONTROLLER_POLICY_MATCH_SOURCE_H
#define CONTROLLER_POLICY_MATCH_SOURCE_H
#include "controller/policy/policy.h"

int match_source_scan(struct words *, struct policy_condition *, struct reason *);
bool match_source_holds(const struct policy_condition *, const struct policy_route *);
void match_source_fini(struct policy_condition *);
#endif
