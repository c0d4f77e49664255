/* What a condition lists: entries as they are typed, names of sets (named.h), one or several of both in [ ]. It
 * holds when one of it does. */
#ifndef CONTROLLER_POLICY_CALLED_H
#define CONTROLLER_POLICY_CALLED_H
#include "controller/policy/named.h"

struct called;

/* `code`: of the attribute, for communities. `sets` NULL: there are none to be called. NULL with a reason. */
struct called *called_scan(
    enum named_kind, uint8_t code, struct named_sets *, struct words *, struct reason *);
void called_free(struct called *);
bool called_hold_prefix(const struct called *, const struct prefix *);
bool called_meet(const struct called *, struct reader value); /* an attribute of communities */
/* AS_PATH, four octets an ASN: its first AS (NEIGHBOR), its last (ORIGIN), or any. A set has no first or last. */
enum called_as { CALLED_ORIGIN = 1, CALLED_CONTAINS, CALLED_NEIGHBOR };
bool called_hold_path(const struct called *, enum called_as, struct reader path);
#endif
