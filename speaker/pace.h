/* How fast something may go: UPDATEs of a session (`rate-limit`), changes of a limit (`limit N/s`, limit.h). So many a second,
 * evenly, a few together where there are many. */
#ifndef SPEAKER_PACE_H
#define SPEAKER_PACE_H
#include <stdint.h>

struct pace {
	uint64_t paid_at; /* when what went is paid for */
};

/* How many may go now; limit 0: no bound. */
uint32_t pace_allows(const struct pace *, uint32_t limit, uint64_t now);
void pace_took(struct pace *, uint32_t limit, uint64_t now, uint64_t count);
/* When the next one may go. */
uint64_t pace_next(const struct pace *, uint64_t now);
#endif
