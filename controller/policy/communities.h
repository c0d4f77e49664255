/* Patterns of communities of all three kinds:
 *      65001:1  65001:*  *:100-199  no-export          community
 *      65001:1:*  65001:*:7                            large-community
 *      target:65001:1  target:65001:*                  extended-community: the last part may be any
 * A condition holds when one of a route's communities fits one of them. */
#ifndef CONTROLLER_POLICY_COMMUNITIES_H
#define CONTROLLER_POLICY_COMMUNITIES_H
#include <stdbool.h>
#include "common/reader.h"
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"
#include "common/writer.h"
#include "controller/policy/sorted.h"

struct communities;

/* `code`: of the attribute. One pattern, or several in [ ]. NULL with a reason. */
struct communities *communities_scan(uint8_t code, struct words *, struct reason *);
/* One after the other; then communities_done, before anything is asked. -1 with a reason. */
struct communities *communities_new(uint8_t code);
int communities_add(struct communities *, struct words *, struct reason *);
void communities_done(struct communities *);
bool communities_make(
    struct communities *, struct sorting *, size_t steps); /* the same by and by */
void communities_free(struct communities *);
size_t communities_count(const struct communities *);
void communities_print(const struct communities *, size_t which, struct text *);
/* Two into a new one, which is empty at first, by and by (sorted.h): true at the end. */
bool communities_merge(struct communities *out, const struct communities *,
    const struct communities *, unsigned keep, struct sorted_place *, size_t steps);
bool communities_equal(const struct communities *, const struct communities *);
/* Does one of the values fit one of the patterns? */
bool communities_meet(const struct communities *, struct reader value);
/* Append the values that fit none; true when that is fewer. */
bool communities_without(const struct communities *, struct reader value, struct writer *);
#endif
