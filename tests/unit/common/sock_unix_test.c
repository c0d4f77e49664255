#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "common/clock.h"
#include "common/sock.h"
#include "common/sock_unix.h"
#include <cmocka.h>

enum { PATIENCE = 5000000 /* microseconds */, MOST = 1000000, MUCH = 300000 };

/* One end: what came to it, in order. */
struct end {
	struct sock *sock;
	struct sock_watch *watch;
	char name[16], from[16]; /* from: the routing id of the last message */
	unsigned messages, connected, disconnected;
	size_t octets;
	uint8_t last[64];
	size_t last_len;
	bool in_order; /* each message begins with its number */
	bool stopped; /* does not read */
};

static struct loop *loop;
static char directory[32], endpoint[64];

static enum loop_verdict
on_readable(void *self)
{
	struct end *e = self;
	struct sock_message m;
	uint32_t number;

	if (e->stopped)
		return LOOP_LATER;
	while (sock_receive(e->sock, &m) > 0) {
		snprintf(e->from, sizeof e->from, "%.*s", (int)m.routing_id.left, (const char *)m.routing_id.at);
		if (m.body.left >= sizeof number) {
			memcpy(&number, m.body.at, sizeof number);
			e->in_order = e->in_order && number == e->messages;
		}
		e->last_len = m.body.left < sizeof e->last ? m.body.left : sizeof e->last;
		if (e->last_len > 0)
			memcpy(e->last, m.body.at, e->last_len);
		e->octets += m.body.left;
		e->messages++;
		if (loop_spent(loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

static void
on_event(void *self, const char *what, const char *address)
{
	struct end *e = self;

	assert_string_equal(address, endpoint + strlen("unix://"));
	e->connected += strcmp(what, "connected") == 0;
	e->disconnected += strcmp(what, "disconnected") == 0;
}

static void
begin(struct end *e, enum sock_kind kind, const char *name)
{
	struct sock_options o = { .kind = kind, .endpoint = endpoint, .max_message = MOST, .handover = true,
		.ipc_mode = 0600 };

	*e = (struct end){ .in_order = true };
	snprintf(e->name, sizeof e->name, "%s", name);
	if (kind == SOCK_DEALER) {
		o.routing_id = e->name;
		o.routing_id_len = strlen(e->name);
	}
	e->sock = sock_open(&o);
	assert_non_null(e->sock);
	e->watch = sock_watch(loop, e->sock, on_event, e);
	assert_non_null(e->watch);
	sock_readable(e->sock, loop, on_readable, e);
}

static void
finish(struct end *e)
{
	sock_watch_close(e->watch);
	sock_close(e->sock);
	e->sock = NULL;
}

#define COMES_TRUE(condition)                                                                       \
	do {                                                                                         \
		uint64_t until = clock_monotonic() + PATIENCE;                                       \
		while (!(condition) && clock_monotonic() < until)                                    \
			loop_turn(loop, 5);                                                          \
		assert_true(condition);                                                              \
	} while (0)

static int
say(struct end *e, const char *to, const void *data, size_t len)
{
	return sock_send(e->sock, reader_of(to, strlen(to)), false, data, len);
}

static void
messages_go_both_ways_and_name_who_sent_them(void **state)
{
	struct end r, a, b;

	(void)state;
	begin(&r, SOCK_ROUTER, "r");
	begin(&a, SOCK_DEALER, "a");
	begin(&b, SOCK_DEALER, "b");
	COMES_TRUE(r.connected == 2 && a.connected == 1 && b.connected == 1);
	assert_int_equal(say(&a, "", "from a", 6), 0);
	COMES_TRUE(r.messages == 1);
	assert_string_equal(r.from, "a");
	assert_int_equal(say(&b, "", "from b", 6), 0);
	COMES_TRUE(r.messages == 2);
	assert_string_equal(r.from, "b");
	assert_memory_equal(r.last, "from b", 6);
	assert_int_equal(say(&r, "a", "to a", 4), 0);
	COMES_TRUE(a.messages == 1);
	assert_memory_equal(a.last, "to a", 4);
	assert_int_equal(b.messages, 0);
	assert_int_equal(say(&r, "b", "", 0), 0);
	COMES_TRUE(b.messages == 1);
	assert_int_equal(b.last_len, 0);
	finish(&a);
	finish(&b);
	finish(&r);
}

static void
nobody_there_is_told_at_once(void **state)
{
	struct end r, a;

	(void)state;
	begin(&r, SOCK_ROUTER, "r");
	assert_int_equal(say(&r, "a", "x", 1), -1);
	assert_int_equal(errno, EHOSTUNREACH);
	finish(&r);
	begin(&a, SOCK_DEALER, "a");
	loop_turn(loop, 1);
	assert_int_equal(say(&a, "", "x", 1), -1);
	assert_int_equal(errno, EAGAIN);
	finish(&a);
}

/* The kernel takes about 200 KiB; the rest waits for the reader, to the number of messages that is allowed. */
static void
what_the_kernel_does_not_take_goes_later_and_in_order(void **state)
{
	static uint32_t much[MUCH / sizeof(uint32_t)];
	struct end r, a;
	unsigned sent = 0;

	(void)state;
	begin(&r, SOCK_ROUTER, "r");
	begin(&a, SOCK_DEALER, "a");
	COMES_TRUE(a.connected == 1 && r.connected == 1);
	r.stopped = true;
	while (much[0] = sent, say(&a, "", much, sizeof much) == 0)
		sent++;
	assert_int_equal(errno, EAGAIN);
	assert_in_range(sent, SOCK_HWM, SOCK_HWM + 4);
	r.stopped = false;
	COMES_TRUE(r.messages == sent);
	assert_true(r.in_order);
	assert_int_equal(r.octets, sent * sizeof much);
	COMES_TRUE((much[0] = sent, say(&a, "", much, sizeof much) == 0));
	COMES_TRUE(r.messages == sent + 1);
	finish(&a);
	finish(&r);
}

static void
who_comes_back_takes_over(void **state)
{
	struct end r, first, second;

	(void)state;
	begin(&r, SOCK_ROUTER, "r");
	begin(&first, SOCK_DEALER, "same");
	COMES_TRUE(r.connected == 1);
	begin(&second, SOCK_DEALER, "same");
	COMES_TRUE(r.connected == 2);
	assert_int_equal(say(&r, "same", "new", 3), 0);
	COMES_TRUE(second.messages == 1);
	assert_int_equal(first.messages, 0);
	COMES_TRUE(first.disconnected > 0);
	finish(&first);
	finish(&second);
	finish(&r);
}

static void
a_router_that_starts_anew_is_found_again(void **state)
{
	struct end r, a;

	(void)state;
	begin(&a, SOCK_DEALER, "a");
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 10);
	assert_int_equal(a.connected, 0);
	for (unsigned i = 1; i <= 2; i++) {
		begin(&r, SOCK_ROUTER, "r");
		COMES_TRUE(a.connected == i && r.connected == 1);
		assert_int_equal(say(&a, "", "hello", 5), 0);
		COMES_TRUE(r.messages == 1);
		finish(&r);
		COMES_TRUE(a.disconnected == i);
	}
	finish(&a);
}

static int
bare_connection(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", endpoint + strlen("unix://"));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Octets that are no messages: a length beyond what is allowed, an id of no octets. */
static void
a_stream_of_something_else_is_cut(void **state)
{
	static const uint8_t bad[][9] = { { 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4 }, { 0 },
		{ 0, 0, 0, 1, 'x', 0x7f, 0, 0, 0 } };
	struct end r;
	char c;

	(void)state;
	begin(&r, SOCK_ROUTER, "r");
	for (unsigned i = 0; i < 3; i++) {
		int fd = bare_connection();

		assert_int_equal(write(fd, bad[i], sizeof bad[i]), sizeof bad[i]);
		COMES_TRUE(read(fd, &c, 1) == 0);
		close(fd);
	}
	assert_int_equal(r.messages, 0);
	finish(&r);
}

static void
messages_cut_anywhere_are_put_together(void **state)
{
	static const uint8_t stream[] = { 0, 0, 0, 2, 'm', 'e', 0, 0, 0, 0, 0, 0, 0, 3, 'o', 'n', 'e' };
	struct end r;
	int fd;

	(void)state;
	begin(&r, SOCK_ROUTER, "r");
	fd = bare_connection();
	for (size_t i = 0; i < sizeof stream; i++) {
		assert_int_equal(write(fd, stream + i, 1), 1);
		loop_turn(loop, 5);
		loop_turn(loop, 0);
	}
	COMES_TRUE(r.messages == 2);
	assert_string_equal(r.from, "me");
	assert_memory_equal(r.last, "one", 3);
	/* what came whole before the end still counts */
	assert_int_equal(write(fd, "\0\0\0\3two\0\0\0", 10), 10);
	close(fd);
	COMES_TRUE(r.messages == 3 && r.disconnected == 1);
	finish(&r);
}

static void
the_file_is_its_owners_alone_and_replaced_when_left(void **state)
{
	const char *path = endpoint + strlen("unix://");
	struct end r;
	struct stat st;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(&r, SOCK_ROUTER, "r");
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_null(sock_open(&(struct sock_options){
		    .kind = SOCK_ROUTER, .endpoint = endpoint, .max_message = MOST }));
		assert_int_equal(errno, EADDRINUSE);
		finish(&r);
	}
}

static void
what_we_may_not_connect_to_is_taken(void **state)
{
	char path[] = "/tmp/ambo-foreign-XXXXXX", at[64];
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool taken;

	(void)state;
	if (geteuid() != 0)
		skip(); /* we may connect to all that we can make */
	assert_non_null(mkdtemp(path));
	assert_int_equal(chmod(path, 0755), 0);
	snprintf(at, sizeof at, "%s/s", path);
	assert_false(sock_unix_taken(at));
	strcpy(a.sun_path, at);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(chmod(at, 0600), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(seteuid(65534), 0);
	taken = sock_unix_taken(at);
	assert_int_equal(seteuid(0), 0);
	assert_true(taken);
	close(fd);
	unlink(at);
	rmdir(path);
}

static void
keys_and_wrong_paths_are_refused(void **state)
{
	struct sock_options o = { .kind = SOCK_DEALER, .endpoint = "unix://relative", .routing_id = "a",
		.routing_id_len = 1 };
	struct sock_keys keys;
	char far[200];

	(void)state;
	sock_keys_make(&keys);
	assert_null(sock_open(&o));
	assert_int_equal(errno, EINVAL);
	o.endpoint = endpoint;
	o.keys = &keys;
	assert_null(sock_open(&o));
	assert_int_equal(errno, EINVAL);
	o.keys = NULL;
	o.routing_id_len = 0;
	assert_null(sock_open(&o));
	assert_int_equal(errno, EINVAL);
	memset(far, 'x', sizeof far);
	memcpy(far, "unix:///", 8);
	far[sizeof far - 1] = '\0';
	o.routing_id_len = 1;
	o.endpoint = far;
	assert_null(sock_open(&o));
	assert_int_equal(errno, ENAMETOOLONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_both_ways_and_name_who_sent_them),
		cmocka_unit_test(nobody_there_is_told_at_once),
		cmocka_unit_test(what_the_kernel_does_not_take_goes_later_and_in_order),
		cmocka_unit_test(who_comes_back_takes_over),
		cmocka_unit_test(a_router_that_starts_anew_is_found_again),
		cmocka_unit_test(a_stream_of_something_else_is_cut),
		cmocka_unit_test(messages_cut_anywhere_are_put_together),
		cmocka_unit_test(the_file_is_its_owners_alone_and_replaced_when_left),
		cmocka_unit_test(what_we_may_not_connect_to_is_taken),
		cmocka_unit_test(keys_and_wrong_paths_are_refused),
	};
	int failed;

	snprintf(directory, sizeof directory, "/tmp/ambo-sock-unix.XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	snprintf(endpoint, sizeof endpoint, "unix://%s/lane.sock", directory);
	loop = loop_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	loop_free(loop);
	unlink(endpoint + strlen("unix://"));
	rmdir(directory);
	return failed;
}
