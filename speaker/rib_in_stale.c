#include "speaker/rib_in_stale.h"
#include "common/log.h"
#include "speaker/mirror.h"

enum { SWEEP_STEPS = 256 };

static void
gone(void *arg, struct ledger *l, struct ledger_entry *e)
{
	ledger_withdraw(l, e, NULL);
	rib_in_count(arg, -1);
}

static enum loop_verdict
sweep(void *self)
{
	struct rib_in *in = self;

	for (int f = 0; f < FAMILIES; f++) {
		while (in->sweeping & family_bit((enum family)f)) {
			if (ledger_sweep(in->ledger[f], &in->sweep_at[f], SWEEP_STEPS, LEDGER_ANY,
				in->sweep_generation[f], gone, in))
				in->sweeping &= ~family_bit((enum family)f);
			mirror_changed(in->peer);
			if (loop_spent(in->peer->speaker->loop))
				return LOOP_NOW;
		}
	}
	return LOOP_LATER;
}

/* The timer stands at the first bound of all families. */
static void
arm(struct rib_in *in)
{
	struct loop *loop = in->peer->speaker->loop;
	uint64_t first = UINT64_MAX;

	for (int f = 0; f < FAMILIES; f++)
		if ((in->stale & family_bit((enum family)f)) && in->stale_until[f] &&
		    in->stale_until[f] < first)
			first = in->stale_until[f];
	if (first == UINT64_MAX)
		loop_timer_stop(loop, &in->stale_timer);
	else
		loop_timer_set(loop, &in->stale_timer, first);
}

static void
on_bound(void *self)
{
	struct rib_in *in = self;
	uint64_t now = loop_now(in->peer->speaker->loop);

	for (int f = 0; f < FAMILIES; f++) {
		if (!(in->stale & family_bit((enum family)f)) || !in->stale_until[f] ||
		    in->stale_until[f] > now)
			continue;
		log_info(in->peer->name,
		    "%s: what was not said again is stale for too long and goes",
		    family_name((enum family)f));
		rib_in_stale_end(in, (enum family)f);
	}
	arm(in);
}

void
rib_in_sweep(struct rib_in *in, enum family f, uint32_t generation)
{
	in->sweeping |= family_bit(f);
	in->sweep_generation[f] = generation;
	in->sweep_at[f] = 0;
	if (!in->sweeper)
		in->sweeper = loop_work(in->peer->speaker->loop, LOOP_WORK, sweep, in);
	loop_wake(in->sweeper);
}

void
rib_in_stale_begin(struct rib_in *in, enum family f)
{
	uint64_t bound = in->peer->config.stale_time;

	in->generation[f] = ledger_begin(in->ledger[f]);
	in->stale |= family_bit(f);
	in->sweeping &= ~family_bit(f);
	in->stale_until[f] = bound ? loop_now(in->peer->speaker->loop) + bound * 1000000 : 0;
	arm(in);
}

void
rib_in_stale_end(struct rib_in *in, enum family f)
{
	if (!(in->stale & family_bit(f)))
		return;
	in->stale &= ~family_bit(f);
	rib_in_sweep(in, f, in->generation[f]);
	arm(in);
}

void
rib_in_stale_forget(struct rib_in *in)
{
	in->stale = 0;
	arm(in);
}

/* RFC 7313 section 4. */
void
rib_in_refresh(struct peer *peer, enum family family, enum refresh_kind kind)
{
	struct rib_in *in = peer->in;

	if (!in || !in->ledger[family])
		return;
	if (kind == REFRESH_BEGIN)
		rib_in_stale_begin(in, family);
	else if (kind == REFRESH_END)
		rib_in_stale_end(in, family);
}

void
rib_in_stale_open(struct rib_in *in)
{
	in->stale_timer = (struct loop_timer){ .fire = on_bound, .self = in };
}

void
rib_in_stale_close(struct rib_in *in)
{
	loop_timer_stop(in->peer->speaker->loop, &in->stale_timer);
	loop_close(in->sweeper);
}
