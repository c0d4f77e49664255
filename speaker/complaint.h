/* What is said in the log of an UPDATE that was not taken as it came (RFC 7606 section 8): why, the routes it is
 * about, and the whole message. */
#ifndef SPEAKER_COMPLAINT_H
#define SPEAKER_COMPLAINT_H
#include "proto/bgp/message.h"
#include "proto/bgp/update.h"
#include "speaker/peer.h"

/* At most three a second and peer, of those longer than 4096 octets one; the next one says how many there were. */
void complaint_log(struct peer *, const struct update *, const struct message *);
#endif
