#include "common/retire.h"
#include <limits.h>
#include "common/mem.h"

enum { STEPS = 256 };

struct retired {
	bool (*leave)(void *thing, unsigned steps); /* NULL: it is a ledger */
	void *thing;
	uint32_t at;
};

struct retire {
	struct loop_item *work;
	struct loop *loop;
	struct retired *retired;
	size_t count, cap;
};

/* True when it is gone. */
static bool
leave_some(struct retired *r)
{
	if (r->leave)
		return r->leave(r->thing, STEPS);
	if (!ledger_leave(r->thing, &r->at, STEPS))
		return false;
	ledger_free(r->thing);
	return true;
}

static void
leave_at_once(struct retired *r)
{
	if (!r->leave)
		ledger_free(r->thing);
	else
		while (!r->leave(r->thing, UINT_MAX))
			;
}

static enum loop_verdict
step(void *self)
{
	struct retire *r = self;

	while (r->count > 0) {
		if (leave_some(&r->retired[r->count - 1]))
			r->count--;
		if (loop_spent(r->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

struct retire *
retire_new(struct loop *loop)
{
	struct retire *r = mem_zero(sizeof *r);

	r->loop = loop;
	r->work = loop_work(loop, LOOP_WORK, step, r);
	return r;
}

void
retire_free(struct retire *r)
{
	if (!r)
		return;
	while (r->count > 0)
		leave_at_once(&r->retired[--r->count]);
	loop_close(r->work);
	mem_free(r->retired);
	mem_free(r);
}

static void
retire(struct retire *r, struct retired one)
{
	if (!one.thing)
		return;
	r->retired = mem_grow(r->retired, &r->cap, r->count + 1, sizeof *r->retired);
	r->retired[r->count++] = one;
	loop_wake(r->work);
}

void
retire_ledger(struct retire *r, struct ledger **ledger)
{
	retire(r, (struct retired){ .thing = *ledger });
	*ledger = NULL;
}

void
retire_thing(struct retire *r, bool (*leave)(void *thing, unsigned steps), void *thing)
{
	retire(r, (struct retired){ leave, thing, 0 });
}
