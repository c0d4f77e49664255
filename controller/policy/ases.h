/* A list of ASes and ranges of them. */
#ifndef CONTROLLER_POLICY_ASES_H
#define CONTROLLER_POLICY_ASES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/reason.h"
#include "common/text.h"
#include "common/words.h"
#include "controller/policy/sorted.h"

struct ases;

struct ases *ases_new(void);
void ases_free(struct ases *);
/* "65001", "65001-65010". -1 with a reason. Then ases_done, before anything is asked. */
int ases_add(struct ases *, struct words *, struct reason *);
void ases_put(struct ases *, uint32_t low, uint32_t high); /* the same, of a range */
void ases_done(struct ases *);
bool ases_make(struct ases *, struct sorting *, size_t steps); /* the same by and by */
size_t ases_count(const struct ases *);
void ases_print(const struct ases *, size_t which, struct text *);
bool ases_hold(const struct ases *, uint32_t asn);
/* Two into a new one, which is empty at first, by and by (sorted.h): true at the end. */
bool ases_merge(struct ases *out, const struct ases *, const struct ases *, unsigned keep,
    struct sorted_place *, size_t steps);
bool ases_equal(const struct ases *, const struct ases *);
#endif
