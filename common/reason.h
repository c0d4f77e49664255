/* Why something that a person or program wrote was refused: one sentence and the place.
 * Zero-initialise; the first failure stands (reason_set keeps what is already there). */
#ifndef COMMON_REASON_H
#define COMMON_REASON_H
#include <stdbool.h>
#include <stddef.h>

struct reason {
	char text[240];
	unsigned line, column; /* 1-based; 0 when there is no place */
};

/* Always returns -1, so that a scan can `return reason_set(...)`. */
int reason_set(struct reason *, unsigned line, unsigned column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool reason_given(const struct reason *);
/* The member of NULL-terminated `names` nearest to `word` (edit distance at most 2), or NULL. */
const char *reason_nearest(const char *word, size_t len, const char *const *names);
#endif
