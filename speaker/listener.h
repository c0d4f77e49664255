/* Listening sockets, one for each (address, port) that options or peers ask for; accepted connections go to
 * peer_incoming. On EMFILE it pauses for a second instead of spinning. */
#ifndef SPEAKER_LISTENER_H
#define SPEAKER_LISTENER_H
#include "speaker/speaker.h"

struct listener *listener_open(struct speaker *);       /* those of the options; NULL: logged */
void listener_close(struct listener *);
/* Make sure that connections for this peer can be accepted, with its MD5 key; and take it back. -1: logged; the peer
 * can still be dialled. */
int listener_add(struct listener *, const struct link_peer *);
void listener_remove(struct listener *, const struct link_peer *);
/* Its TCP-AO key, likewise: 0, or -1 with errno (tcp_ao_why), and nobody may be taken for this peer. One that another
 * peer has put there for the same addresses is shared. */
int listener_sign(struct listener *, const struct link_peer *);
void listener_unsign(struct listener *, const struct link_peer *);
#endif
