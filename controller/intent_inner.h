/* What the files of intent (intent*.c) share. */
#ifndef CONTROLLER_INTENT_INNER_H
#define CONTROLLER_INTENT_INNER_H
#include "common/loop.h"
#include "controller/intent.h"

enum { INTENT_STEPS = 256 }; /* entries of a ledger that a runner looks at in one go */

/* --- intent_restate.c --- */

/* The speaker is adopted, or goes: marks are kept for nobody any more. */
void intent_close_keepers(struct intent *);
/* A speaker goes, and its ledgers: no restatement waits for them. */
void intent_leave_restatements(struct intent *);

/* --- intent_lose.c --- */

enum loop_verdict intent_lose_on(void *intent); /* the runner of intent_lose */
void intent_free_losses(struct intent *);
#endif
