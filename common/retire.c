#include "common/retire.h"
#include "common/mem.h"

enum { STEPS = 256 };

struct retire {
	struct loop_item *work;
	struct loop *loop;
	struct ledger **ledger;
	size_t count, cap;
	uint32_t at;
};

static enum loop_verdict
step(void *self)
{
	struct retire *r = self;

	while (r->count > 0) {
		if (ledger_leave(r->ledger[r->count - 1], &r->at, STEPS)) {
			ledger_free(r->ledger[--r->count]);
			r->at = 0;
		}
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
		ledger_free(r->ledger[--r->count]);
	loop_close(r->work);
	mem_free(r->ledger);
	mem_free(r);
}

void
retire_ledger(struct retire *r, struct ledger **ledger)
{
	if (!*ledger)
		return;
	r->ledger = mem_grow(r->ledger, &r->cap, r->count + 1, sizeof *r->ledger);
	/* behind the one that is being emptied, if any */
	r->ledger[r->count++] = *ledger;
	if (r->count > 1) {
		struct ledger *last = r->ledger[r->count - 2];

		r->ledger[r->count - 2] = r->ledger[r->count - 1];
		r->ledger[r->count - 1] = last;
	}
	*ledger = NULL;
	loop_wake(r->work);
}
