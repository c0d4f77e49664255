/* For the tests of sock_*: sockets on loopback and a loop, and the wait for what comes. */
#ifndef TESTS_UNIT_COMMON_SOCKETS_H
#define TESTS_UNIT_COMMON_SOCKETS_H
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "common/clock.h"
#include "common/sock.h"

enum {
	PATIENCE = 5000000, /* microseconds for what is to come */
	SILENCE = 400000, /* and for what is not to come */
	MESSAGE_MOST = 65536
};

static struct loop *loop;
static struct sock_keys server_keys, client_keys, other_keys;
static char events[4096]; /* what the watches said */
static unsigned asked; /* how often ZAP was */

static bool
allow(void *self, const char *domain, const char *key, const char *address, char user_id[64])
{
	asked++;
	assert_string_equal(domain, "test");
	assert_string_equal(address, "127.0.0.1");
	if (strcmp(key, client_keys.public_key) != 0)
		return false;
	snprintf(user_id, 64, "%s", (const char *)self);
	return true;
}

static void
on_event(void *self, const char *what, const char *address)
{
	size_t len = strlen(events);

	(void)address;
	snprintf(events + len, sizeof events - len, "%s %s\n", (const char *)self, what);
}

static bool
comes(struct sock *s, struct sock_message *m, uint64_t wait)
{
	uint64_t end = clock_monotonic() + wait;
	int got;

	while ((got = sock_receive(s, m)) == 0 && clock_monotonic() < end)
		loop_turn(loop, 5);
	assert_true(got >= 0);
	return got == 1;
}

static bool
happens(const char *what, uint64_t wait)
{
	uint64_t end = clock_monotonic() + wait;

	while (!strstr(events, what) && clock_monotonic() < end)
		loop_turn(loop, 5);
	return strstr(events, what);
}

static bool
reads(struct reader r, const char *text)
{
	return reader_equal(r, reader_of(text, strlen(text)));
}

static int
say(struct sock *s, const char *text)
{
	return sock_send(s, (struct reader){ 0 }, false, text, strlen(text));
}

/* Until there is a connection, and it has room. */
static void
say_soon(struct sock *s, const char *text)
{
	uint64_t end = clock_monotonic() + PATIENCE;

	while (say(s, text) < 0) {
		assert_int_equal(errno, EAGAIN);
		assert_true(clock_monotonic() < end);
		loop_turn(loop, 5);
	}
}

static struct sock *
router(const char *endpoint, const struct sock_keys *keys)
{
	struct sock_options o = { .kind = SOCK_ROUTER,
		.endpoint = endpoint,
		.max_message = MESSAGE_MOST,
		.keys = keys,
		.zap_domain = keys ? "test" : NULL,
		.ipc_mode = 0600,
		.handover = true };
	struct sock *s = sock_open(&o);

	assert_non_null(s);
	return s;
}

static struct sock *
dealer(const char *endpoint, const char *id, const struct sock_keys *keys, const char *server_key)
{
	struct sock_options o = { .kind = SOCK_DEALER,
		.endpoint = endpoint,
		.routing_id = id,
		.routing_id_len = strlen(id),
		.max_message = MESSAGE_MOST,
		.keys = keys,
		.server_key = server_key };
	struct sock *s = sock_open(&o);

	assert_non_null(s);
	return s;
}

static int
setup(void **state)
{
	(void)state;
	loop = loop_new();
	events[0] = '\0';
	asked = 0;
	return loop ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

/* There and back, twice. */
static void
converse(struct sock *d, struct sock *r, const char *id, const char *user)
{
	struct sock_message m;

	for (int i = 0; i < 2; i++) {
		say_soon(d, "question");
		assert_true(comes(r, &m, PATIENCE));
		assert_true(reads(m.routing_id, id) && reads(m.body, "question"));
		assert_string_equal(m.user_id, user);
		assert_false(m.delimiter || m.truncated);
		assert_int_equal(sock_send(r, m.routing_id, false, "answer", 6), 0);
		assert_true(comes(d, &m, PATIENCE));
		assert_true(reads(m.body, "answer") && m.routing_id.left == 0);
		assert_string_equal(m.user_id, "");
	}
	assert_int_equal(sock_receive(r, &m), 0);
	assert_int_equal(sock_receive(d, &m), 0);
}

struct locked {
	struct sock_zap *zap;
	struct sock *router;
	struct sock_watch *watch;
};

static struct locked
lock(void)
{
	struct locked l;

	l.zap = sock_zap_open(loop, allow, "alice");
	assert_non_null(l.zap);
	l.router = router("tcp://127.0.0.1:*", &server_keys);
	l.watch = sock_watch(loop, l.router, on_event, "router");
	assert_non_null(l.watch);
	return l;
}

static void
unlock(struct locked *l)
{
	sock_watch_close(l->watch);
	sock_close(l->router);
	sock_zap_close(l->zap);
}

static int
sockets_start(void)
{
	if (sock_start() < 0)
		return -1;
	sock_keys_make(&server_keys);
	sock_keys_make(&client_keys);
	sock_keys_make(&other_keys);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#endif
