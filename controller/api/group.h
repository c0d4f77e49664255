/* A group: announces and withdraws that are taken together. `group start`, lines that have no answer of their own,
 * `group end`; or all in one line, `peer SELECTOR group announce ... ; withdraw ...`. A first element `attributes ...`
 * stands behind each of those that follow. */
#ifndef CONTROLLER_API_GROUP_H
#define CONTROLLER_API_GROUP_H
#include "common/words.h"
#include "controller/api/process.h"

enum { GROUP_LINES_MAX = 100000, GROUP_OCTETS_MAX = 100 * 1024 * 1024 };

/* A line of a helper whose group is open: true when it belongs to the group. It was taken, or, when the group is full,
 * left out, which the end of the group tells. */
bool group_take(struct process *, struct reader line);
/* The words with shared ones where attributes may stand: before `nlri`, else at the end. Good until the next call
 * with this memory, which is the caller's to free. */
struct words group_words(struct word **memory, size_t *cap, struct words shared, struct words);
void group_drop(struct process *); /* without doing anything */
#endif
