/* Actions on any attribute: `set WORD VALUE` as in a route, `remove WORD` or `remove 0xNN`, and changes of the AS path. */
#ifndef CONTROLLER_POLICY_ACT_ATTRIBUTE_H
#define CONTROLLER_POLICY_ACT_ATTRIBUTE_H
#include "controller/policy/policy.h"

/* For the rows of act.c. scan: what stands behind the action's word; -1 with a reason. apply: changes the
 * route's attributes. fini: what scan has kept, also when it failed. */
int act_set_scan(struct words *, struct policy_action *, struct reason *);
void act_set_apply(const struct policy_action *, struct policy_route *);
void act_set_fini(struct policy_action *);
int act_remove_scan(struct words *, struct policy_action *, struct reason *);
void act_remove_apply(const struct policy_action *, struct policy_route *);
int act_path_scan(struct words *, struct policy_action *, struct reason *);
void act_path_apply(const struct policy_action *, struct policy_route *);
void act_path_fini(struct policy_action *);
#endif
