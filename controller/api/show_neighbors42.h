/* `show neighbor` as ExaBGP 4.2 answers it, to the octet where both know it; what the peer is is told as it is (there
 * its ID is ours). */
#ifndef CONTROLLER_API_SHOW_NEIGHBORS42_H
#define CONTROLLER_API_SHOW_NEIGHBORS42_H
#include "common/text.h"
#include "controller/neighbor.h"

void show42_usage(struct text *);
void show42_summary_head(struct text *);
/* `up`: for how long, or "down"; `state` in small letters. */
void show42_summary_row(struct text *, const struct neighbor *, const char *up, const char *state);
/* `since` when it is in its state, which is in capitals. */
void show42_extensive(struct text *, const struct neighbor *, const char *since, const char *state);
#endif
