/* For the tests of the loop: actors that note when they are called, on a clock that is moved by hand. */
#ifndef TESTS_UNIT_COMMON_ACTORS_H
#define TESTS_UNIT_COMMON_ACTORS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "common/loop.h"

/* What was called, in order: one letter an actor. */
static char story[512];

struct actor {
	struct loop *loop;
	struct loop_item *item;
	char name;
	int calls;
	int now_for; /* says LOOP_NOW so many times */
	enum loop_verdict verdict; /* after that */
	uint64_t takes; /* microseconds of the test clock */
	void (*does)(struct actor *);
	struct actor *other;
	struct loop_timer timer;
	void *socket;
	int fd;
	ssize_t got; /* of the last read */
};

static inline void
note(char c)
{
	size_t len = strlen(story);

	if (len + 1 < sizeof story) {
		story[len] = c;
		story[len + 1] = '\0';
	}
}

static inline enum loop_verdict
act(void *self)
{
	struct actor *a = self;

	a->calls++;
	note(a->name);
	if (a->takes)
		loop_test_advance(a->loop, a->takes);
	if (a->does)
		a->does(a);
	if (a->now_for > 0) {
		a->now_for--;
		return LOOP_NOW;
	}
	return a->verdict;
}

static inline void
fire(void *self)
{
	(void)act(self);
}

static inline int
setup(void **state)
{
	story[0] = '\0';
	*state = loop_new_test();
	return 0;
}

static inline int
teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static inline void
work(struct loop *l, struct actor *a, char name, enum loop_stage stage)
{
	a->loop = l;
	a->name = name;
	a->item = loop_work(l, stage, act, a);
}

static inline void
pair(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd), 0);
}

static inline void
read_some(struct actor *a)
{
	char octets[16];

	a->got = read(a->fd, octets, sizeof octets);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#endif
