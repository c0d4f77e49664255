/* Clients over ZeroMQ: one ROUTER. A client is a routing id for as long as its connection lives; HANDOVER is
 * off, so that nobody takes another's answers. A ROUTER is not told when a client goes: a send to it fails,
 * so those who are owed something later are sent an empty event now and then. */
#ifndef CONTROLLER_API_REMOTE_H
#define CONTROLLER_API_REMOTE_H
#include "controller/api/client.h"

struct remote *remote_open(struct api *);   /* NULL: logged */
void remote_close(struct remote *);         /* its clients are gone already */
const char *remote_endpoint(struct remote *);
void remote_tick(struct remote *);          /* once a second: who is still there? */
#endif
