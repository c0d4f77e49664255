/* What the files of a peer (peer*.c) share. */
#ifndef SPEAKER_PEER_INNER_H
#define SPEAKER_PEER_INNER_H
#include "speaker/peer.h"

enum { SHORT_SESSION = 1000000 }; /* microseconds: one that ends earlier is not dialled at once */

/* It comes to a state, or stays there for another reason: logged, and told to the controller. */
void peer_change(struct peer *, enum peer_state, const char *why);

/* An attempt to get a session has failed, with this end of a connection or without any: Idle. Logged when it is for
 * another reason than before: a peer that is away is tried for days. */
void peer_failed(struct peer *, const char *why, const struct peer_end *);

/* --- peer_dial.c --- */

/* Anew, as if nothing had been tried. */
void peer_start(struct peer *);
void peer_dial(void *peer); /* its timer: now */
void peer_dial_later(struct peer *); /* after the back-off, if it is to be dialled at all */
void peer_wait(struct peer *); /* for the peer to connect */
/* Has it had all its attempts? Then it stays down once the last of them is over. */
bool peer_spent(struct peer *);
bool peer_barred(const struct peer *); /* no session is begun, by whomever */
#endif
