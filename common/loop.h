/* The loop: one per process, and the only place that waits.
 *
 * It waits in zmq_poll on the ZeroMQ sockets and on one epoll fd that holds every raw fd. A turn is
 * always the same story:
 *
 *      (wait) -> timers -> commands -> work -> sessions out -> frames out -> sessions in
 *
 * What was commanded leaves before more is read from peers: one that floods us would stand in between, a quota in
 * each turn. What a peer said goes on in the next turn, which does not wait.
 *
 * Everything that can happen is an item with a handler at one of these stages. A handler does what it
 * can within its quota and says: LOOP_NOW (I have more: call me again next turn, poll with timeout 0),
 * LOOP_LATER (wake me when the fd is ready or somebody calls loop_wake; right only after EAGAIN or when
 * nothing is left), LOOP_CLOSE (I closed or am closing my item; the loop forgets it). The quota is
 * time: loop_spent answers true once the handler has used about 200 us while anybody else waits (2 ms
 * when alone); ask it every frame or every 32 items. A stage that has used 10 ms leaves the rest to the
 * next turn, which begins with them, so that no crowd delays the timers.
 *
 * Handlers may open and close any item, themselves included, at any time; a closed item is never called
 * again, and its memory goes with the end of the turn. One thread; no locks. */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H
#include <stdbool.h>
#include <stdint.h>

enum loop_stage { LOOP_COMMANDS, LOOP_WORK, LOOP_SESSIONS_OUT, LOOP_FRAMES_OUT, LOOP_SESSIONS_IN,
	LOOP_STAGES };
enum loop_verdict { LOOP_LATER, LOOP_NOW, LOOP_CLOSE };
typedef enum loop_verdict loop_handler(void *self);

struct loop;
struct loop_item;

struct loop *loop_new(void);
/* A loop whose clock stands still until loop_test_advance moves it; for tests. Its timers fire in the turn
 * that finds them due and do not end a wait. */
struct loop *loop_new_test(void);
void loop_test_advance(struct loop *, uint64_t microseconds);
void loop_test_hurry(struct loop *, bool); /* every quota is used up as soon as a handler asks */
void loop_free(struct loop *);

uint64_t loop_now(const struct loop *);   /* microseconds, read once at the start of each handler */
/* One turn, which begins with the wait: at most max_wait_ms, -1 as long as nothing is due. -1 with errno
 * when waiting itself failed. */
int loop_turn(struct loop *, int max_wait_ms);
int loop_run(struct loop *);              /* turns until loop_stop; returns its status */
void loop_stop(struct loop *, int status); /* after this turn */
bool loop_spent(struct loop *);           /* this handler has used its quota */

/* A raw fd, which stays the caller's (close it after loop_close). `read` runs at `stage`, `write` at
 * LOOP_SESSIONS_OUT; either may be NULL. Wants nothing until loop_want; an fd that wants nothing is
 * taken out of epoll. EPOLLHUP and EPOLLERR wake whichever handler is wanted. A handler that is no longer
 * wanted is not called, whatever it said, until it is wanted or woken again. */
struct loop_item *loop_fd(struct loop *, int fd, enum loop_stage, loop_handler *read,
    loop_handler *write, void *self);
void loop_want(struct loop_item *, bool read, bool write);
/* A ZeroMQ socket (void * of zmq_socket); readable wakes the handler; level triggered. */
struct loop_item *loop_zmq(struct loop *, void *socket, enum loop_stage, loop_handler *, void *self);
/* Long or deferred work: called at its stage in every turn after loop_wake until it says LOOP_LATER. */
struct loop_item *loop_work(struct loop *, enum loop_stage, loop_handler *, void *self);
void loop_wake(struct loop_item *);       /* NULL is fine; as if it had said LOOP_NOW; for an fd item: its read handler */
void loop_wake_write(struct loop_item *); /* for an fd item: its write handler, without waiting for POLLOUT */
void loop_close(struct loop_item *);      /* NULL is fine */

/* Timers: embedded in their owner; zero-initialise. Fire once, at the start of a turn, with the loop's
 * clock at or past `at`. Setting a set timer moves it. One that is set while timers fire, for a time that is
 * past, fires in the next turn. */
struct loop_timer {
	uint64_t at;            /* microseconds of loop_now; 0 when not set */
	void (*fire)(void *self);
	void *self;
	uint32_t slot;          /* place in the heap, the loop's */
};
void loop_timer_set(struct loop *, struct loop_timer *, uint64_t at);
void loop_timer_stop(struct loop *, struct loop_timer *);

/* Signals by signalfd (blocked for the process from here on); once a process. Call before any thread
 * starts, ZeroMQ's included. The list ends with 0. */
int loop_signals(struct loop *, const int *signals, void (*on_signal)(void *self, int number), void *self);

/* For show: turns, the longest turn in microseconds since asked last, items, timers. */
struct loop_stats {
	uint64_t turns, longest_turn;
	uint32_t items, timers;
};
struct loop_stats loop_stats(struct loop *);
#endif
