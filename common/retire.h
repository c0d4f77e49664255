/* What nobody needs any more, freed step by step: a table of a million entries must not cost a turn. */
#ifndef COMMON_RETIRE_H
#define COMMON_RETIRE_H
#include "common/ledger.h"
#include "common/loop.h"

struct retire;
struct retire *retire_new(struct loop *);
void retire_free(struct retire *);                           /* and what is left in it, at once */
/* Takes the ledger over and nulls the pointer; NULL is fine. Its readers must be closed; the `self` of its ops
 * must live until it is freed. */
void retire_ledger(struct retire *, struct ledger **);
/* The same of anything else: `leave` frees at most so much of it; true: all of it is freed. NULL is fine. */
void retire_thing(struct retire *, bool (*leave)(void *thing, unsigned steps), void *thing);
#endif
