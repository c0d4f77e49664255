/* What a speaker was asked and has not answered: commands, answered once, and receipts, answered once for each
 * neighbor that is still there. Every callback may ask again or forget others: the list is looked at anew after each. Many are asked at
 * once (a client that waits for "sent" and a peer that reads nothing): no answer and no forgetting goes through all. */
#ifndef CONTROLLER_ASKED_H
#define CONTROLLER_ASKED_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/index.h"
#include "common/list.h"
#include "controller/neighbor.h"
#include "proto/frame/link.h"

struct asked;

struct asked_list {
	struct list list; /* in the order of the asking */
	struct asked **at; /* [place]; NULL: free */
	uint32_t *free; /* places */
	uint32_t places, free_count;
	size_t room, free_room;
	struct index by_self; /* places */
	uint64_t reused; /* how often a place was taken again */
	struct controller *controller;
};

typedef void asked_done(void *self, bool failed, const char *text);
typedef void asked_sent(void *self, struct neighbor *, enum sent_status);

void asked_init(struct asked_list *, struct controller *);
void asked_fini(struct asked_list *); /* all was answered, or is forgotten */
/* Both give the id under which the speaker answers. */
uint64_t asked_command(struct asked_list *, asked_done *, void *self);
/* About those of `to` that are established, one at least. */
uint64_t asked_receipt(
    struct asked_list *, struct neighbor *const *to, size_t count, asked_sent *, void *self);
/* The neighbors of a receipt, as our numbers (NUMBER_NONE: told already); NULL when it is gone. */
const uint32_t *asked_about(const struct asked_list *, uint64_t id, size_t *count);

void asked_reply(struct asked_list *, uint64_t id, bool failed, const char *text);
void asked_written(struct asked_list *, uint64_t id, struct neighbor *, enum sent_status);
void asked_forget(struct asked_list *, void *self); /* nobody calls self any more */
void asked_fail(
    struct asked_list *, const char *why); /* the speaker is lost: everything is answered */
#endif
