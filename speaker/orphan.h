/* Peers whose controller is away longer than their `controller-loss` allows: their sessions are shut down (6/2), so that
 * nobody goes on by routes that nobody looks after, and not begun again before a controller is back. */
#ifndef SPEAKER_ORPHAN_H
#define SPEAKER_ORPHAN_H
#include <stdint.h>
#include "speaker/speaker.h"

void orphans_look(struct speaker *, uint64_t lost_at); /* while there is none; loop time */
void orphans_adopt(struct speaker *);                  /* there is one */
#endif
