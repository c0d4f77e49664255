/* Packing: a slice of what is in front of a reader becomes UPDATEs. It is grouped by value and encoded once, and the chunk
 * is handed to every outlet whose reader stands at the same place, whose session is sent the same octets for the same
 * route, and for whom the same entries are meant; their readers pass it. What limits hold of it stays for the limits' own
 * readers (limit.h). Whose turn it is, is advertise.h's. */
#ifndef SPEAKER_PACKING_H
#define SPEAKER_PACKING_H
#include "speaker/advertise.h"
#include "speaker/limit.h"

struct packing;
struct packing *packing_new(struct speaker *);
void packing_free(struct packing *);

bool packing_room(const struct outlet *); /* may its session be given more? */
/* A slice of what is in front of its own reader, to it and to those beside it. */
void packing_tell(struct packing *, struct outlet *lead, enum family);
/* Of what waits under a limit, at most so many changes, to its outlet alone. */
void packing_tell_limited(struct packing *, struct limit *, enum family, uint32_t most);
#endif
