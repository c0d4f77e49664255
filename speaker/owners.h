/* Owners: whose a route of rib_out is, as a number in its entry. The names are the controller's, and opaque; they
 * outlive it, and the next one numbers them anew. So the numbers in entries are our own, each lane's are
 * translated, and a name stays as long as an entry or the lane has a use for it. 0 is nobody. */
#ifndef SPEAKER_OWNERS_H
#define SPEAKER_OWNERS_H
#include <stdbool.h>
#include <stdint.h>

enum { OWNERS_MAX = 65536 };

struct owners;
struct owners *owners_new(void);
void owners_free(struct owners *);

/* Another lane: what the numbers of the one before mean is forgotten, but no name. */
void owners_lane(struct owners *);
/* On this lane their number means this name. */
void owners_said(struct owners *, uint32_t theirs, const char *name);
/* So many changes a second of its routes are told to each peer (limit.h), until it is said otherwise; 0: no bound. */
void owners_set_limit(struct owners *, uint32_t ours, uint32_t limit);
/* Our number for theirs; 0 when it was not said, or past OWNERS_MAX names. */
uint32_t owners_ours(const struct owners *, uint32_t theirs);
const char *owners_name(const struct owners *, uint32_t ours); /* NULL: nobody's */
uint32_t owners_limit(const struct owners *, uint32_t ours);
bool owners_limits(const struct owners *); /* has one of them a limit? */
/* One more, or one less, waits under the limit of this owner: as long as somebody does its name stays. */
void owners_wait(struct owners *, uint32_t ours, int change);
bool owners_waited(const struct owners *, uint32_t ours);
bool owners_waited_any(const struct owners *);
uint32_t owners_end(const struct owners *); /* our numbers are below it */

/* Names of which there is no use any more: begin, say which numbers entries carry, end. */
void owners_count_begin(struct owners *);
void owners_carried(struct owners *, uint32_t ours);
void owners_count_end(struct owners *);
#endif
