/* A list of prefixes with what is wanted of the length of a route's: a condition of policy, or a named set. */
#ifndef CONTROLLER_POLICY_PREFIXES_H
#define CONTROLLER_POLICY_PREFIXES_H
#include "common/addr.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"
#include "controller/policy/sorted.h"

struct prefixes;

struct prefixes *prefixes_new(void);
/* One entry more: "10.0.0.0/8", "10.0.0.0/8 ge 16 le 24", "10.0.0.0/8 longer" (or as long). -1 with a reason. Behind
 * the last one prefixes_done, before anything is asked. */
int prefixes_add(struct prefixes *, struct words *, struct reason *);
void prefixes_done(struct prefixes *);
bool prefixes_make(struct prefixes *, struct sorting *, size_t steps); /* the same by and by */
/* A whole list without lengths, one or several in [ ]: each stands for all that is within it. NULL with a reason. */
struct prefixes *prefixes_scan_within(struct words *, struct reason *);
void prefixes_free(struct prefixes *);
size_t prefixes_count(const struct prefixes *);
void prefixes_print(const struct prefixes *, size_t which, struct text *);
/* Two into a new one, which is empty at first, by and by (sorted.h): true at the end. */
bool prefixes_merge(struct prefixes *out, const struct prefixes *, const struct prefixes *,
    unsigned keep, struct sorted_place *, size_t steps);
bool prefixes_equal(const struct prefixes *, const struct prefixes *);
/* Is it in one of them, and as long as is wanted there? */
bool prefixes_hold(const struct prefixes *, const struct prefix *);
#endif
