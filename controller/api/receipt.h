/* A receipt: a client wants to be told when what it said is written to the neighbors. One "accepted" now, one
 * "sent", "pending" or "error" when every neighbor has answered: written, superseded by something newer, down, or left out
 * (left_out.h), which no waiting mends. */
#ifndef CONTROLLER_API_RECEIPT_H
#define CONTROLLER_API_RECEIPT_H
#include "controller/api/command.h"
#include "controller/api/left_out.h"

/* Takes the request over; `accepted` is the text of its first answer. Behind the `count` neighbors stand those `without`
 * the family, of whom sixteen are named, and none is waited for. */
void receipt_ask(struct call *, struct neighbor *const *, size_t count, size_t without,
    const struct left_out *, const struct text *accepted);
/* ... of this status, with data. */
void receipt_ask_data(struct call *, struct neighbor *const *, size_t count, size_t without,
    const struct left_out *, const char *status, const struct text *, const struct pack *data);
void receipts_neighbor_gone(struct neighbor *); /* it is about to be freed */
#endif
