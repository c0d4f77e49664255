/* What a helper is still to be written: its answers and events, in order. Answers that are one word ("done",
 * "error") are kept as run lengths: a helper may say a million commands before it reads the first answer, and
 * each of them is there when it does. */
#ifndef CONTROLLER_API_OWED_H
#define CONTROLLER_API_OWED_H
#include <stdbool.h>
#include <stdint.h>
#include "common/list.h"
#include "common/octets.h"

struct owed {
	struct list parts;       /* struct part */
	size_t octets;           /* of memory in them */
	uint64_t acks;           /* answers in them */
};

void owed_init(struct owed *);
void owed_clear(struct owed *);
void owed_text(struct owed *, const void *, size_t len);
void owed_ack(struct owed *, bool error);
bool owed_empty(const struct owed *);
/* Move some to the end of `out`, about `want` octets or all that there is. */
void owed_take(struct owed *, struct octets *out, size_t want);
#endif
