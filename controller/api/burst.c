#include "controller/api/burst.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "common/log.h"
#include "controller/fleet.h"
#include "controller/lane.h"

static uint64_t
now_of(const struct burst *b)
{
	return loop_now(b->controller->loop);
}

static uint64_t
end_of(const struct burst *b)
{
	return b->quiet < b->last ? b->quiet : b->last;
}

static void
arm(struct burst *b)
{
	uint64_t end = end_of(b);
	struct itimerspec t = { .it_value = { .tv_sec = (time_t)(end / 1000000),
				    .tv_nsec = (long)(end % 1000000) * 1000 } };

	(void)timerfd_settime(b->fd, TFD_TIMER_ABSTIME, &t, NULL);
	b->armed = true;
}

/* 1 all who said something sleep, 0 one runs, -1 of one it cannot be told. */
static int
all_sleep(const struct burst *b)
{
	int sleeps = 1;

	LIST_EACH(link, &b->held) {
		int one = child_sleeps(LIST_ENTRY(link, struct process, held)->watch);

		if (one == 0)
			return 0;
		if (one < 0)
			sleeps = -1;
	}
	return sleeps;
}

/* Who has just written may be awake for no other reason than that we were woken by it on its processor: it goes on
 * now, and looked at again it sleeps. Without that it would be waited for, for longer than all the rest takes. */
static bool
have_said_all(const struct burst *b)
{
	int sleeps = all_sleep(b);

	if (sleeps == 0) {
		(void)sched_yield();
		sleeps = all_sleep(b);
	}
	return sleeps > 0;
}

/* Is there nothing to wait for any more? One who has been quiet and yet runs has more to say. */
static bool
is_over(struct burst *b)
{
	uint64_t now = now_of(b);

	if (now >= end_of(b) && (now >= b->last || all_sleep(b) != 0))
		return true;
	if (now >= b->quiet)
		b->quiet = now + BURST_QUIET;
	return false;
}

/* Lines came since it was set: it is set again then, not with each of them. */
static enum loop_verdict
on_time(void *self)
{
	struct burst *b = self;
	uint64_t times;

	if (read(b->fd, &times, sizeof times) < 0)
		return LOOP_LATER;
	b->armed = false;
	if (b->controller->holding && !is_over(b))
		arm(b);
	else
		burst_end(b);
	return LOOP_LATER;
}

static int
open_timer(struct burst *b)
{
	if (b->fd >= 0)
		return 0;
	b->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (b->fd < 0) {
		log_error("processes", "timerfd: %s", strerror(errno));
		return -1;
	}
	b->item = loop_fd(b->controller->loop, b->fd, LOOP_COMMANDS, on_time, NULL, b);
	loop_want(b->item, true, false);
	return 0;
}

static bool
is_first(struct neighbor *const *to, size_t count)
{
	bool first = false;

	for (size_t i = 0; i < count; i++) {
		first |= to[i]->fresh;
		to[i]->fresh = false;
	}
	return first;
}

void
burst_said(struct burst *b, struct process *p, struct neighbor *const *to, size_t count)
{
	bool began = !b->controller->holding;
	uint64_t now = now_of(b);

	if (b->leaving || (began && open_timer(b) < 0))
		return;
	if (began) {
		b->last = now + BURST_LONGEST;
		b->flat = false;
	}
	if (began || b->quiet < now + BURST_QUIET)
		b->quiet = now + BURST_QUIET;
	if (is_first(to, count)) {
		b->quiet = b->last = now + BURST_FIRST;
		b->flat = true;
	}
	b->controller->holding = true;
	if (list_empty(&p->held))
		list_add(&b->held, &p->held);
}

void
burst_read(struct burst *b, bool all)
{
	if (!b->controller->holding)
		return;
	if (all && !b->flat && have_said_all(b))
		burst_end(b);
	else if (!b->armed)
		arm(b);
}

void
burst_end(struct burst *b)
{
	if (!b->controller->holding)
		return;
	b->controller->holding = false;
	b->leaving = true; /* or one who never stops would hold up himself for ever */
	loop_wake(b->left);
	while (!list_empty(&b->held)) {
		struct process *p = LIST_ENTRY(b->held.next, struct process, held);

		list_remove(&p->held);
		loop_wake(p->say);
	}
	LIST_EACH(link, fleet_speakers(b->controller->fleet))
		lane_wake(LIST_ENTRY(link, struct speaker_entry, link)->lane);
}

static enum loop_verdict
has_left(void *self)
{
	((struct burst *)self)->leaving = false;
	return LOOP_LATER;
}

void
burst_open(struct burst *b, struct controller *c)
{
	*b = (struct burst){ .controller = c, .fd = -1 };
	b->left = loop_work(c->loop, LOOP_FRAMES_OUT, has_left, b);
	list_init(&b->held);
}

void
burst_close(struct burst *b)
{
	b->controller->holding = false;
	loop_close(b->item);
	loop_close(b->left);
	if (b->fd >= 0)
		close(b->fd);
}
