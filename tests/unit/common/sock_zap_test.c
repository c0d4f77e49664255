/* Who comes in, and who stays outside. */
#include "tests/unit/common/sockets.h"
#include <stddef.h>

static void
the_right_key_comes_in_under_the_name_that_zap_gave(void **state)
{
	struct locked l = lock();
	struct sock *d =
	    dealer(sock_endpoint(l.router), "one", &client_keys, server_keys.public_key);

	(void)state;
	converse(d, l.router, "one", "alice");
	assert_int_equal(asked, 1);
	assert_true(happens("router connected", PATIENCE));
	sock_close(d);
	assert_true(happens("router disconnected", PATIENCE));
	unlock(&l);
}

static void
expect_outside(const struct sock_keys *keys, const char *server_key, const char *router_says,
    const char *dealer_says)
{
	struct locked l = lock();
	struct sock *d = dealer(sock_endpoint(l.router), "one", keys, server_key), *good;
	struct sock_watch *w = sock_watch(loop, d, on_event, "dealer");
	struct sock_message m;
	uint64_t end = clock_monotonic() + SILENCE;

	while (clock_monotonic() < end) {
		assert_int_equal(say(d, "let me in"), -1); /* never connected, so never taken */
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(sock_receive(l.router, &m), 0);
		loop_turn(loop, 5);
	}
	assert_true(happens(router_says, PATIENCE));
	assert_true(!dealer_says || happens(dealer_says, PATIENCE));
	/* what never was does not end */
	assert_false(happens("dealer disconnected", SILENCE));
	good = dealer(sock_endpoint(l.router), "good", &client_keys, server_keys.public_key);
	converse(good, l.router, "good", "alice");
	sock_watch_close(w);
	sock_close(good);
	sock_close(d);
	unlock(&l);
}

static void
a_key_that_is_not_allowed_stays_outside(void **state)
{
	expect_outside(&other_keys, server_keys.public_key,
	    "router handshake failed: the key is not allowed",
	    "dealer handshake failed: the key is not allowed (status 400)");
	assert_true(asked >= 2);
	(void)state;
}

static void
no_key_at_all_stays_outside(void **state)
{
	expect_outside(NULL, NULL, "router handshake failed", NULL);
	assert_int_equal(asked, 1); /* for the good one */
	(void)state;
}

static void
who_expects_another_server_stays_outside(void **state)
{
	expect_outside(&client_keys, other_keys.public_key,
	    "router handshake failed: it does not decrypt", NULL);
	assert_int_equal(asked, 1);
	(void)state;
}

static void
a_lock_that_nobody_watches_is_not_opened(void **state)
{
	struct sock_options o = { .kind = SOCK_ROUTER,
		.endpoint = "tcp://127.0.0.1:*",
		.keys = &server_keys,
		.zap_domain = "test" };
	struct sock_options to = {
		.kind = SOCK_DEALER, .endpoint = "tcp://127.0.0.1:1", .keys = &client_keys
	};
	struct sock_zap *zap;

	(void)state;
	assert_null(sock_open(&o));
	assert_int_equal(errno, ENOTCONN);
	zap = sock_zap_open(loop, allow, "alice");
	assert_null(sock_zap_open(loop, allow, "bob"));
	assert_int_equal(errno, EADDRINUSE);
	o.zap_domain = NULL; /* encrypted, and open to everybody */
	assert_null(sock_open(&o));
	assert_int_equal(errno, EINVAL);
	assert_null(sock_open(&to)); /* keys, and nobody in particular to talk to */
	assert_int_equal(errno, EINVAL);
	to.server_key = "not a key";
	assert_null(sock_open(&to));
	sock_zap_close(zap);
	sock_zap_close(NULL);
}

/* When the handler is gone, nobody enters any more. */
static void
without_its_handler_a_locked_socket_lets_nobody_in(void **state)
{
	struct locked l = lock();
	struct sock *d;
	struct sock_message m;

	(void)state;
	sock_zap_close(l.zap);
	l.zap = NULL;
	d = dealer(sock_endpoint(l.router), "one", &client_keys, server_keys.public_key);
	assert_false(comes(d, &m, SILENCE));
	assert_int_equal(say(d, "let me in"), -1);
	assert_false(comes(l.router, &m, SILENCE));
	sock_close(d);
	unlock(&l);
}

static int
start(void **state)
{
	(void)state;
	return sockets_start();
}

static int
stop(void **state)
{
	(void)state;
	sock_stop();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_right_key_comes_in_under_the_name_that_zap_gave),
		TEST(a_key_that_is_not_allowed_stays_outside),
		TEST(no_key_at_all_stays_outside),
		TEST(who_expects_another_server_stays_outside),
		TEST(a_lock_that_nobody_watches_is_not_opened),
		TEST(without_its_handler_a_locked_socket_lets_nobody_in),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
