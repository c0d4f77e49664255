/* The control channel, by which ExaBGP's command lines find us: a pair of pipes that somebody made (NAME.in, NAME.out),
 * and a unix socket that we make. Who speaks there is answered as a helper is, and sees all neighbors.
 *
 * The pipes are one client: what comes from NAME.in, whoever wrote it, is answered to who has NAME.out open, and to
 * nobody when nobody has. Each connection of the socket is a client of its own. */
#ifndef CONTROLLER_API_CHANNEL_H
#define CONTROLLER_API_CHANNEL_H
#include "controller/api/parts.h"
#include "controller/config/config.h"

enum { CHANNEL_CLIENTS_MAX = 64 };

/* What cannot be opened is logged, and left out. NULL: exabgp.api.cli is off. */
struct channel *channel_open(struct api *, const struct config_env *);
void channel_close(struct channel *); /* NULL is fine; its clients are the API's */
#endif
