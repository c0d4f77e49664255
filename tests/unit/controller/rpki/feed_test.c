/* The end of a feed, whatever librtr does: what stops it is replaced here by what hangs. */
#include "controller/rpki/feed.h"
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <rtrlib/rtrlib.h>
#include <sys/socket.h>
#include <cmocka.h>
#include "common/clock.h"
#include "common/sock.h"

static bool hangs;
static struct feed *left; /* nobody frees it */

/* Stands before librtr's. */
void
rtr_mgr_stop(struct rtr_mgr_config *config)
{
	void (*stop)(struct rtr_mgr_config *) =
	    (void (*)(struct rtr_mgr_config *))dlsym(RTLD_NEXT, "rtr_mgr_stop");

	while (hangs)
		pause();
	stop(config);
}

/* One that is connected to a cache which says nothing. */
static struct feed *
start(int *listener)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	struct feed_options o = { .retry = 1 };
	struct feed *f;

	*listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(*listener, 5), 0);
	assert_int_equal(getsockname(*listener, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(addr_scan(&o.address, "127.0.0.1"), 0);
	o.port = ntohs(at.sin_port);
	f = feed_open(&o);
	assert_non_null(f);
	close(accept(*listener, NULL, NULL));
	return f;
}

static void
a_cache_is_asked_before_what_it_said_expires(void **state)
{
	static const struct {
		struct feed_options o;
		struct feed_intervals said, agreed;
	} cases[] = {
		{ { .port = 0 }, { 3600, 600, 7200 }, { 3600, 600, 7200 } },
		{ { .refresh = 10, .retry = 5, .expire = 20 }, { 3600, 600, 7200 }, { 10, 5, 20 } },
		{ { .port = 0 }, { 3600, 600, 600 }, { 300, 300, 600 } },
		{ { .port = 0 }, { 599, 60, 600 }, { 599, 60, 600 } },
		{ { .refresh = 900 }, { 60, 60, 600 }, { 300, 60, 600 } },
		{ { .expire = 3 }, { 3600, 600, 7200 }, { 1, 1, 3 } },
		{ { .expire = 1 }, { 3600, 600, 7200 }, { 1, 1, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct feed_intervals is = feed_agree(&cases[i].o, cases[i].said);

		assert_int_equal(is.refresh, cases[i].agreed.refresh);
		assert_int_equal(is.retry, cases[i].agreed.retry);
		assert_int_equal(is.expire, cases[i].agreed.expire);
	}
}

static uint64_t
milliseconds(void)
{
	return clock_monotonic() / 1000;
}

static void
one_that_ends_is_freed(void **state)
{
	int listener;
	struct feed *f = start(&listener);

	(void)state;
	feed_stop(f);
	assert_true(feed_free(f, 5000));
	close(listener);
}

static void
one_that_does_not_end_is_waited_for_so_long_and_no_longer(void **state)
{
	int listener;
	uint64_t began;

	(void)state;
	left = start(&listener);
	hangs = true;
	began = milliseconds();
	feed_stop(left);
	assert_false(feed_ended(left));
	assert_true(milliseconds() - began < 300);
	assert_false(feed_free(left, 500));
	assert_in_range(milliseconds() - began, 500, 3000);
	close(listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cache_is_asked_before_what_it_said_expires),
		cmocka_unit_test(one_that_ends_is_freed),
		cmocka_unit_test(one_that_does_not_end_is_waited_for_so_long_and_no_longer),
	};
	int failed;

	if (sock_start() < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sock_stop(); /* which does not wait for it either */
	return failed;
}
