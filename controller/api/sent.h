/* An UPDATE that was sent to a neighbor, read as its session agreed to write it. */
#ifndef CONTROLLER_API_SENT_H
#define CONTROLLER_API_SENT_H
#include "controller/neighbor.h"
#include "proto/frame/routes.h"

/* Points into the body and into memory that the next call uses again. -1: it can't be read. */
int sent_update(const struct neighbor *, struct reader body, struct routes_message *);
#endif
