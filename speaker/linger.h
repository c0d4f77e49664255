/* Connections that were told NOTIFICATION and are to be closed: what the peer still sends is read away until it
 * closes or a second has passed. Closing at once with unread octets would make the kernel send RST, and
 * the peer would lose the NOTIFICATION. */
#ifndef SPEAKER_LINGER_H
#define SPEAKER_LINGER_H
#include "common/loop.h"

void linger(struct loop *, int fd); /* takes the fd over */
unsigned linger_count(void);        /* those that are not closed yet */
#endif
