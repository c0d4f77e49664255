/* Every handler is a task, and a task that is to be called stands in the queue of its stage. A turn waits,
 * lets what became ready join the queues, fires the timers, and serves each queue as it stood when its
 * stage began: who joins later comes behind a mark, so nobody comes twice before everybody came once. A
 * stage that has used its time leaves the rest at the head of its queue, where the next turn goes on. */
#include "common/loop.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>
#include "common/clock.h"
#include "common/heap.h"
#include "common/list.h"
#include "common/log.h"
#include "common/mem.h"

enum {
	QUOTA = 200, /* microseconds of a handler while anybody else waits */
	QUOTA_ALONE = 2000,
	STAGE_TIME = 10000, /* microseconds of a stage in a turn */
	HARVEST = 1024, /* fds that become ready in a turn; the kernel rotates them */
	TEST_CLOCK = 1000000 /* where the clock of a test loop stands at first */
};

/* In loop_timer.slot: the timer is in `again`. */
#define AGAIN (UINT32_C(1) << 31)

struct task {
	struct list link; /* in a queue, or alone */
	struct loop_item *item;
	loop_handler *handler;
	enum loop_stage stage;
	bool queued;
	bool wanted; /* the fd's readiness wakes it */
	bool muted; /* loop_want took it away while it ran: what it says then is not heard */
};

struct loop_item {
	struct list link; /* in loop->items or ->sockets; in ->closed until the turn ends */
	struct loop *loop;
	void *self;
	void *socket; /* ZeroMQ's */
	int fd;
	uint32_t events; /* as epoll has them; 0: not in epoll */
	bool closed;
	struct task read, write;
};

struct loop {
	struct list queue[LOOP_STAGES];
	struct list items, sockets, closed;
	struct heap timers;
	struct heap
	    again; /* set by timers that fire, for a time that is past: they fire next turn */
	uint64_t now, due, test_clock;
	uint32_t queued, count;
	int epoll, signal_fd, status;
	bool test, hurry, turning, firing, stopped, sockets_changed;
	zmq_pollitem_t *polled; /* the epoll fd, then the sockets in their order */
	size_t polled_count, polled_cap;
	uint64_t turns, longest_turn;
	void (*on_signal)(void *self, int number);
	void *on_signal_self;
	struct epoll_event ready[HARVEST];
};

static uint64_t
clock_of(const struct loop *l)
{
	return l->test ? l->test_clock : clock_monotonic();
}

/* --- queues --- */

static void
enqueue(struct task *t)
{
	struct loop *l = t->item->loop;

	if (t->queued || t->item->closed || !t->handler)
		return;
	t->queued = true;
	l->queued++;
	list_add(&l->queue[t->stage], &t->link);
}

static void
dequeue(struct task *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	t->item->loop->queued--;
	list_remove(&t->link);
}

static void
call(struct task *t)
{
	enum loop_verdict verdict;

	dequeue(t);
	t->muted = false;
	verdict = t->handler(t->item->self);
	if (verdict == LOOP_CLOSE)
		loop_close(t->item);
	else if (verdict == LOOP_NOW && !t->muted)
		enqueue(t);
}

static void
serve(struct loop *l, enum loop_stage stage)
{
	struct list *queue = &l->queue[stage], mark;
	uint64_t began;

	if (list_empty(queue))
		return;
	list_add(queue, &mark);
	began = clock_of(l);
	while (queue->next != &mark) {
		l->now = clock_of(l);
		if (l->now - began >= STAGE_TIME)
			break;
		call(LIST_ENTRY(queue->next, struct task, link));
	}
	list_remove(&mark);
}

/* --- items --- */

static void
task_init(struct task *t, struct loop_item *i, enum loop_stage stage, loop_handler *handler)
{
	list_init(&t->link);
	t->item = i;
	t->stage = stage;
	t->handler = handler;
}

static struct loop_item *
item_new(
    struct loop *l, struct list *among, enum loop_stage stage, loop_handler *handler, void *self)
{
	struct loop_item *i = mem_zero(sizeof *i);

	i->loop = l;
	i->self = self;
	i->fd = -1;
	task_init(&i->read, i, stage, handler);
	task_init(&i->write, i, LOOP_SESSIONS_OUT, NULL);
	list_add(among, &i->link);
	l->count++;
	return i;
}

struct loop_item *
loop_fd(struct loop *l, int fd, enum loop_stage stage, loop_handler *read, loop_handler *write,
    void *self)
{
	struct loop_item *i = item_new(l, &l->items, stage, read, self);

	i->fd = fd;
	i->write.handler = write;
	return i;
}

struct loop_item *
loop_zmq(struct loop *l, void *socket, enum loop_stage stage, loop_handler *handler, void *self)
{
	struct loop_item *i = item_new(l, &l->sockets, stage, handler, self);

	i->socket = socket;
	l->sockets_changed = true;
	return i;
}

struct loop_item *
loop_work(struct loop *l, enum loop_stage stage, loop_handler *handler, void *self)
{
	return item_new(l, &l->items, stage, handler, self);
}

/* What nobody waits for any more is not called, even if it became ready before. */
static void
want(struct task *t, bool wanted)
{
	wanted = wanted && t->handler;
	if (t->wanted && !wanted) {
		dequeue(t);
		t->muted = true;
	} else if (wanted) {
		t->muted = false;
	}
	t->wanted = wanted;
}

void
loop_want(struct loop_item *i, bool read, bool write)
{
	struct epoll_event e = { .data.ptr = i };
	int op;

	if (i->closed || i->fd < 0)
		return;
	want(&i->read, read);
	want(&i->write, write);
	e.events = (i->read.wanted ? EPOLLIN : 0u) | (i->write.wanted ? EPOLLOUT : 0u);
	if (e.events == i->events)
		return;
	/* with no events an fd would still wake us for a closed peer, again and again */
	op = !e.events ? EPOLL_CTL_DEL : !i->events ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	if (epoll_ctl(i->loop->epoll, op, i->fd, &e) == 0 || op == EPOLL_CTL_DEL) {
		i->events = e.events;
		return;
	}
	log_error("loop", "watching fd %d: %s", i->fd, strerror(errno));
	if (i->read.wanted) /* so that its owner finds out */
		enqueue(&i->read);
	if (i->write.wanted)
		enqueue(&i->write);
}

void
loop_wake(struct loop_item *i)
{
	if (i)
		enqueue(&i->read);
}

void
loop_wake_write(struct loop_item *i)
{
	if (i)
		enqueue(&i->write);
}

/* During a turn the memory stays until its end: the item may be the one that is being called. */
void
loop_close(struct loop_item *i)
{
	struct loop *l;

	if (!i || i->closed)
		return;
	l = i->loop;
	dequeue(&i->read);
	dequeue(&i->write);
	i->closed = true;
	if (i->events)
		(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, i->fd, NULL);
	if (i->socket)
		l->sockets_changed = true;
	list_remove(&i->link);
	l->count--;
	if (l->turning)
		list_add(&l->closed, &i->link);
	else
		mem_free(i);
}

static void
free_all(struct list *items)
{
	LIST_EACH(link, items)
		mem_free(LIST_ENTRY(link, struct loop_item, link));
	list_init(items);
}

/* --- timers --- */

static void
placed_in_timers(void *item, uint32_t slot)
{
	((struct loop_timer *)item)->slot = slot;
}

static void
placed_in_again(void *item, uint32_t slot)
{
	((struct loop_timer *)item)->slot = slot ? slot | AGAIN : 0;
}

void
loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t at)
{
	bool again = l->firing && at <= l->due;

	if (at == 0)
		at = 1;
	if (t->slot && !(t->slot & AGAIN) && !again) {
		heap_move(&l->timers, t->slot, at);
	} else {
		loop_timer_stop(l, t);
		heap_insert(again ? &l->again : &l->timers, at, t);
	}
	t->at = at;
}

void
loop_timer_stop(struct loop *l, struct loop_timer *t)
{
	if (t->slot & AGAIN)
		heap_remove(&l->again, t->slot & ~AGAIN);
	else if (t->slot)
		heap_remove(&l->timers, t->slot);
	t->at = 0;
}

static void
fire(struct loop *l)
{
	struct loop_timer *t;
	uint64_t at;

	l->firing = true;
	l->due = l->now = clock_of(l);
	while ((t = heap_first(&l->timers, &at)) && at <= l->due) {
		heap_remove(&l->timers, t->slot);
		t->at = 0;
		l->now = clock_of(l);
		t->fire(t->self); /* may be the end of t */
	}
	l->firing = false;
	while ((t = heap_first(&l->again, &at))) {
		heap_remove(&l->again, 1);
		heap_insert(&l->timers, at, t);
	}
}

/* --- waiting --- */

static void
collect_sockets(struct loop *l)
{
	size_t n = 0;

	LIST_EACH(link, &l->sockets) {
		struct loop_item *i = LIST_ENTRY(link, struct loop_item, link);

		l->polled = mem_grow(l->polled, &l->polled_cap, n + 2, sizeof *l->polled);
		l->polled[++n] = (zmq_pollitem_t){ .socket = i->socket, .events = ZMQ_POLLIN };
	}
	l->polled_count = n + 1;
	l->sockets_changed = false;
}

/* Milliseconds that may be waited now. The clock of a test loop does not move while it waits: its timers
 * do not end the wait. */
static int
patience(const struct loop *l, int max_wait_ms)
{
	uint64_t at, now = clock_of(l), ms;

	if (l->queued > 0)
		return 0;
	if (!heap_first(&l->timers, &at))
		return max_wait_ms;
	if (at <= now)
		return 0;
	ms = (at - now + 999) / 1000;
	if (l->test || (max_wait_ms >= 0 && ms >= (uint64_t)max_wait_ms))
		return max_wait_ms;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int
wake_ready(struct loop *l, int wait_ms)
{
	int n = epoll_wait(l->epoll, l->ready, HARVEST, wait_ms);

	for (int k = 0; k < n; k++) {
		struct loop_item *i = l->ready[k].data.ptr;
		uint32_t events = l->ready[k].events;

		if (i->read.wanted && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			enqueue(&i->read);
		if (i->write.wanted && events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
			enqueue(&i->write);
	}
	return n;
}

/* The only place that waits; through ZeroMQ where there is a socket of its. */
static int
await(struct loop *l, int max_wait_ms)
{
	size_t n = 0;

	if (l->sockets_changed)
		collect_sockets(l);
	if (l->polled_count == 1)
		return wake_ready(l, patience(l, max_wait_ms)) < 0 && errno != EINTR ? -1 : 0;
	if (zmq_poll(l->polled, (int)l->polled_count, patience(l, max_wait_ms)) < 0)
		return errno == EINTR ? 0 : -1;
	if (l->polled[0].revents)
		wake_ready(l, 0);
	LIST_EACH(link, &l->sockets) {
		if (l->polled[++n].revents)
			enqueue(&LIST_ENTRY(link, struct loop_item, link)->read);
	}
	return 0;
}

/* --- turns --- */

int
loop_turn(struct loop *l, int max_wait_ms)
{
	uint64_t began, took;

	assert(!l->turning);
	if (await(l, max_wait_ms) < 0)
		return -1;
	l->turning = true;
	began = clock_of(l);
	fire(l);
	for (int stage = 0; stage < LOOP_STAGES; stage++)
		serve(l, (enum loop_stage)stage);
	l->turning = false;
	free_all(&l->closed);
	took = clock_of(l) - began;
	if (took > l->longest_turn)
		l->longest_turn = took;
	l->turns++;
	return 0;
}

int
loop_run(struct loop *l)
{
	while (!l->stopped) {
		if (loop_turn(l, -1) < 0) {
			log_error("loop", "waiting: %s", strerror(errno));
			return EXIT_FAILURE;
		}
	}
	l->stopped = false;
	return l->status;
}

void
loop_stop(struct loop *l, int status)
{
	l->stopped = true;
	l->status = status;
}

uint64_t
loop_now(const struct loop *l)
{
	return l->now;
}

/* A timer that is due waits too: keepalives are timers. */
bool
loop_spent(struct loop *l)
{
	uint64_t clock = clock_of(l), used = clock - l->now, at;

	if (used < QUOTA)
		return l->hurry;
	return used >= QUOTA_ALONE || l->queued > 0 || (heap_first(&l->timers, &at) && at <= clock);
}

struct loop_stats
loop_stats(struct loop *l)
{
	struct loop_stats s = {
		.turns = l->turns, .longest_turn = l->longest_turn, .items = l->count
	};

	s.timers = (uint32_t)(l->timers.count + l->again.count);
	l->longest_turn = 0;
	return s;
}

/* --- signals --- */

static enum loop_verdict
on_signals(void *self)
{
	struct loop *l = self;
	struct signalfd_siginfo info;

	while (read(l->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		l->on_signal(l->on_signal_self, (int)info.ssi_signo);
	return LOOP_LATER;
}

int
loop_signals(
    struct loop *l, const int *signals, void (*on_signal)(void *self, int number), void *self)
{
	sigset_t set;

	assert(l->signal_fd < 0);
	sigemptyset(&set);
	for (; *signals; signals++)
		sigaddset(&set, *signals);
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->signal_fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	l->on_signal = on_signal;
	l->on_signal_self = self;
	loop_want(loop_fd(l, l->signal_fd, LOOP_COMMANDS, on_signals, NULL, l), true, false);
	return 0;
}

/* --- life --- */

static struct loop *
new_loop(bool test)
{
	struct loop *l;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return NULL;
	l = mem_zero(sizeof *l);
	l->epoll = epoll;
	l->signal_fd = -1;
	l->test = test;
	l->test_clock = TEST_CLOCK;
	l->now = clock_of(l);
	for (int stage = 0; stage < LOOP_STAGES; stage++)
		list_init(&l->queue[stage]);
	list_init(&l->items);
	list_init(&l->sockets);
	list_init(&l->closed);
	l->timers.placed = placed_in_timers;
	l->again.placed = placed_in_again;
	l->polled = mem_grow(NULL, &l->polled_cap, 1, sizeof *l->polled);
	l->polled[0] = (zmq_pollitem_t){ .fd = epoll, .events = ZMQ_POLLIN };
	l->polled_count = 1;
	return l;
}

struct loop *
loop_new(void)
{
	return new_loop(false);
}

struct loop *
loop_new_test(void)
{
	return new_loop(true);
}

void
loop_test_advance(struct loop *l, uint64_t microseconds)
{
	assert(l->test);
	l->test_clock += microseconds;
	l->now = l->test_clock;
}

void
loop_test_hurry(struct loop *l, bool hurry)
{
	assert(l->test);
	l->hurry = hurry;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	free_all(&l->items);
	free_all(&l->sockets);
	heap_fini(&l->timers);
	heap_fini(&l->again);
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	close(l->epoll);
	mem_free(l->polled);
	mem_free(l);
}
