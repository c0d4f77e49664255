/* The condition about a flow specification (RFC 8955): what it says of one component.
 *
 *      flow destination [ 10.0.0.0/8 longer ]      flow protocol tcp      flow port [ 80 8000-8080 ]      flow fragment
 *
 * A prefix as for `prefix`; of numbers: it lets one of these through; of flags: it names these; without a value: it has
 * that component. */
#ifndef CONTROLLER_POLICY_MATCH_FLOW_H
#define CONTROLLER_POLICY_MATCH_FLOW_H
#include "controller/policy/policy.h"

int match_flow_scan(struct words *, struct policy_condition *, struct reason *);
bool match_flow_holds(const struct policy_condition *, const struct policy_route *);
void match_flow_fini(struct policy_condition *);
#endif
