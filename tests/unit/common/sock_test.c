#include "common/sock.h"
#include <arpa/inet.h>
#include <czmq.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "common/child.h"
#include "common/clock.h"
#include "common/sock_raw.h"
#include <cmocka.h>
#include "tests/unit/common/scratch.h"
#include "tests/unit/common/sockets.h"

static const char *self_path;

/* --- round trips --- */

static void
there_and_back_over_tcp(void **state)
{
	struct sock *r = router("tcp://127.0.0.1:*", NULL), *d;

	(void)state;
	assert_null(strchr(sock_endpoint(r), '*')); /* the port is filled in */
	d = dealer(sock_endpoint(r), "one", NULL, NULL);
	converse(d, r, "one", "");
	sock_close(d);
	sock_close(r);
}

static void
there_and_back_over_ipv6(void **state)
{
	struct sock_options o = { .kind = SOCK_ROUTER, .endpoint = "tcp://[::1]:*" };
	struct sock *r = sock_open(&o), *d;

	(void)state;
	if (!r)
		skip();
	d = dealer(sock_endpoint(r), "six", NULL, NULL);
	converse(d, r, "six", "");
	sock_close(d);
	sock_close(r);
}

static void
leave_socket(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(strlen(path) < sizeof at.sun_path);
	strcpy(at.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	close(fd);
}

static void
a_file_that_is_no_socket_is_not_replaced(void **state)
{
	char endpoint[128];
	struct sock_options o = { .kind = SOCK_ROUTER, .endpoint = endpoint, .ipc_mode = 0600 };
	struct stat st;

	(void)state;
	snprintf(endpoint, sizeof endpoint, "ipc://%s/file", directory);
	close(open(endpoint + 6, O_CREAT | O_WRONLY, 0644));
	assert_null(sock_open(&o));
	assert_int_equal(errno, EEXIST);
	assert_non_null(strstr(sock_why(errno), "no socket"));
	assert_int_equal(lstat(endpoint + 6, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(endpoint + 6);
}

static void
there_and_back_over_ipc_whose_file_is_ours_alone(void **state)
{
	char endpoint[128];
	struct sock *r, *d;
	struct stat st;

	(void)state;
	snprintf(endpoint, sizeof endpoint, "ipc://%s/sock", directory);
	r = router(endpoint, NULL);
	assert_int_equal(stat(endpoint + 6, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	d = dealer(endpoint, "two", NULL, NULL);
	converse(d, r, "two", "");
	/* another one does not take its place */
	assert_null(sock_open(&(struct sock_options){
	    .kind = SOCK_ROUTER, .endpoint = endpoint, .max_message = MESSAGE_MOST }));
	assert_int_equal(errno, EADDRINUSE);
	converse(d, r, "two", "");
	sock_close(d);
	sock_close(r);
	/* a socket that was left by somebody who was killed */
	snprintf(endpoint, sizeof endpoint, "ipc://%s/left", directory);
	leave_socket(endpoint + 6);
	r = router(endpoint, NULL);
	d = dealer(endpoint, "two", NULL, NULL);
	converse(d, r, "two", "");
	sock_close(d);
	sock_close(r);
}

static void
an_address_that_cannot_be_bound_or_understood_is_an_error(void **state)
{
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	struct sock_options o = { .kind = SOCK_ROUTER, .endpoint = sock_endpoint(r) };
	char longer[1024];

	(void)state;
	assert_null(sock_open(&o));
	assert_int_equal(errno, EADDRINUSE);
	o.endpoint = "nonsense";
	assert_null(sock_open(&o));
	assert_int_equal(errno, EINVAL);
	o.kind = SOCK_DEALER;
	assert_null(sock_open(&o));
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	o.endpoint = longer;
	assert_null(sock_open(&o));
	assert_int_equal(errno, ENAMETOOLONG);
	sock_close(r);
	sock_close(NULL);
}

/* --- what others send --- */

static void
a_req_client_has_its_delimiter_taken_off_and_put_back(void **state)
{
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	void *req = sock_raw_open(ZMQ_REQ);
	uint64_t end = clock_monotonic() + PATIENCE;
	struct sock_message m;
	char text[16] = "";

	(void)state;
	assert_int_equal(zmq_connect(req, sock_endpoint(r)), 0);
	assert_int_equal(zmq_send(req, "question", 8, 0), 8);
	assert_true(comes(r, &m, PATIENCE));
	assert_true(m.delimiter && !m.truncated && reads(m.body, "question"));
	assert_int_equal(sock_send(r, m.routing_id, m.delimiter, "answer", 6), 0);
	while (zmq_recv(req, text, sizeof text, ZMQ_DONTWAIT) < 0 && clock_monotonic() < end)
		loop_turn(loop, 5);
	assert_string_equal(text, "answer");
	sock_raw_close(req);
	sock_close(r);
}

static void
send_parts(void *raw, unsigned parts)
{
	for (unsigned i = 0; i < parts; i++)
		assert_int_equal(zmq_send(raw, "part", 4, i + 1 < parts ? ZMQ_SNDMORE : 0), 4);
}

static void
a_message_of_too_many_parts_is_told_and_the_next_one_is_whole(void **state)
{
	static const unsigned counts[] = { 2, 3, 100, 256, 257, 258, 259, 5000 };
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	void *raw = sock_raw_open(ZMQ_DEALER);
	struct sock_message m;

	(void)state;
	assert_int_equal(zmq_connect(raw, sock_endpoint(r)), 0);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		send_parts(raw, counts[i]);
		send_parts(raw, 1);
		assert_true(comes(r, &m, PATIENCE));
		assert_true(m.truncated && reads(m.body, "part"));
		assert_true(comes(r, &m, PATIENCE));
		assert_false(m.truncated);
		assert_true(reads(m.body, "part"));
	}
	assert_int_equal(sock_receive(r, &m), 0);
	sock_raw_close(raw);
	sock_close(r);
}

static void
an_empty_message_is_an_empty_body(void **state)
{
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	void *raw = sock_raw_open(ZMQ_DEALER);
	struct sock_message m;

	(void)state;
	assert_int_equal(zmq_connect(raw, sock_endpoint(r)), 0);
	assert_int_equal(zmq_send(raw, "", 0, 0), 0);
	assert_int_equal(zmq_send(raw, "", 0, ZMQ_SNDMORE), 0);
	assert_int_equal(zmq_send(raw, "", 0, 0), 0);
	assert_true(comes(r, &m, PATIENCE));
	assert_true(!m.delimiter && !m.truncated && m.body.left == 0);
	assert_true(comes(r, &m, PATIENCE));
	assert_true(m.delimiter && !m.truncated && m.body.left == 0);
	sock_raw_close(raw);
	sock_close(r);
}

static void
a_message_past_the_bound_cuts_the_connection_and_is_not_delivered(void **state)
{
	static char much[MESSAGE_MOST + 1];
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	struct sock *d = dealer(sock_endpoint(r), "one", NULL, NULL);
	struct sock_watch *w = sock_watch(loop, r, on_event, "router");
	struct sock_message m;

	(void)state;
	say_soon(d, "first");
	assert_true(comes(r, &m, PATIENCE));
	assert_int_equal(sock_send(d, (struct reader){ 0 }, false, much, MESSAGE_MOST), 0);
	assert_true(comes(r, &m, PATIENCE));
	assert_int_equal(m.body.left, MESSAGE_MOST);
	assert_int_equal(sock_send(d, (struct reader){ 0 }, false, much, sizeof much), 0);
	assert_true(happens("router disconnected", PATIENCE));
	assert_false(comes(r, &m, SILENCE));
	converse(d, r, "one", ""); /* it comes back by itself */
	sock_watch_close(w);
	sock_close(d);
	sock_close(r);
}

static int
connect_raw(const char *endpoint)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)atoi(strrchr(endpoint, ':') + 1));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void
junk_on_the_port_hurts_nobody(void **state)
{
	enum { STRANGERS = 60 };
	struct locked l = lock();
	struct sock *d = dealer(
			sock_endpoint(l.router), "one", &client_keys, server_keys.public_key),
		    *late;
	unsigned seed = 3;
	int fd[STRANGERS];
	char junk[600];

	(void)state;
	converse(d, l.router, "one", "alice");
	for (int i = 0; i < STRANGERS; i++) {
		fd[i] = connect_raw(sock_endpoint(l.router));
		for (size_t k = 0; k < sizeof junk; k++)
			junk[k] = (char)rand_r(&seed);
		if (i % 3 == 0) /* a greeting of ZMTP 3, and then junk */
			memcpy(
			    junk, "\xff\0\0\0\0\0\0\0\1\x7f\3\0CURVE\0\0\0\0\0\0\0\0\0\0\0\0", 29);
		if (i % 3 == 1)
			strcpy(junk, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
		if (i % 5 != 0)
			(void)send(fd[i], junk, sizeof junk, MSG_NOSIGNAL);
		loop_turn(loop, 0);
	}
	late = dealer(sock_endpoint(l.router), "two", &client_keys, server_keys.public_key);
	converse(late, l.router, "two", "alice");
	converse(d, l.router, "one", "alice");
	for (int i = 0; i < STRANGERS; i++)
		close(fd[i]);
	sock_close(late);
	sock_close(d);
	unlock(&l);
}

/* ZMTP 3.0 by hand: a peer's handshake may carry any property, "User-Id" too. */
static void
a_user_id_that_a_peer_claims_is_not_believed(void **state)
{
	static const char greeting[64] = "\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL";
	static const char ready[] = "\4\55"
				    "\5READY"
				    "\13Socket-Type\0\0\0\6DEALER"
				    "\7User-Id\0\0\0\5admin";
	static const char message[] = "\0\4root";
	enum { THEIRS = sizeof greeting + 2 + 41 }; /* their greeting and READY of a ROUTER */
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	int fd = connect_raw(sock_endpoint(r));
	struct timeval patience = { .tv_sec = 5 };
	struct sock_message m;
	char answer[THEIRS];

	(void)state;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	assert_int_equal(send(fd, greeting, sizeof greeting, MSG_NOSIGNAL), sizeof greeting);
	assert_int_equal(send(fd, ready, sizeof ready - 1, MSG_NOSIGNAL), sizeof ready - 1);
	assert_int_equal(recv(fd, answer, sizeof answer, MSG_WAITALL), sizeof answer);
	assert_int_equal(send(fd, message, sizeof message - 1, MSG_NOSIGNAL), sizeof message - 1);
	assert_true(comes(r, &m, PATIENCE));
	assert_true(reads(m.body, "root"));
	assert_string_equal(m.user_id, "");
	close(fd);
	sock_close(r);
}

/* --- not now, and nobody --- */

static void
nothing_is_kept_for_a_peer_that_is_not_there(void **state)
{
	struct sock *d = dealer("tcp://127.0.0.1:1", "one", NULL, NULL);
	struct sock *r = router("tcp://127.0.0.1:*", NULL);

	(void)state;
	assert_int_equal(say(d, "hello"), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(sock_send(r, reader_of("nobody", 6), true, "hello", 5), -1);
	assert_int_equal(errno, EHOSTUNREACH);
	assert_int_equal(sock_send(r, (struct reader){ 0 }, false, "hello", 5), -1);
	sock_close(d);
	sock_close(r);
}

static void
a_peer_that_died_with_a_full_queue_is_unreachable_after_a_turn(void **state)
{
	static char much[16384];
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	struct sock *d = dealer(sock_endpoint(r), "one", NULL, NULL), *again;
	struct sock_message m;
	uint64_t taken, began;
	int sent = 0;

	(void)state;
	say_soon(d, "hello");
	assert_true(comes(r, &m, PATIENCE));
	/* the kernel's buffers fill, too: until nothing was taken for a while */
	for (taken = clock_monotonic(); clock_monotonic() < taken + 200000;) {
		if (sock_send(r, reader_of("one", 3), false, much, sizeof much) == 0) {
			sent++;
			taken = clock_monotonic();
		} else {
			assert_int_equal(errno, EAGAIN);
		}
	}
	assert_true(sent > SOCK_HWM);
	sock_close(d);
	began = clock_monotonic();
	sock_readable(r, loop, NULL, NULL);
	while (
	    sock_send(r, reader_of("one", 3), false, much, sizeof much) == 0 || errno == EAGAIN) {
		assert_true(clock_monotonic() - began < PATIENCE);
		loop_turn(loop, 1);
	}
	assert_int_equal(errno, EHOSTUNREACH);
	print_message("a dead peer was told after %llu us\n",
	    (unsigned long long)(clock_monotonic() - began));
	again = dealer(sock_endpoint(r), "one", NULL, NULL);
	converse(again, r, "one", "");
	sock_close(again);
	sock_close(r);
}

static void
number(char text[24], int i)
{
	snprintf(text, 24, "message %d", i);
}

/* `from` says numbers as long as it is allowed to, `to` only begins to listen when it is not any more. */
static void
nothing_is_lost(struct sock *from, struct reader id, struct sock *to, const char *by)
{
	enum { MESSAGES = 20000 };
	uint64_t end = clock_monotonic() + 20 * PATIENCE;
	int sent = 0, received = 0, refused = 0, first = 0;
	struct sock_message m;
	char text[24];

	while (received < MESSAGES && clock_monotonic() < end) {
		for (number(text, sent); sent < MESSAGES; number(text, sent)) {
			if (sock_send(from, id, sent % 2, text, strlen(text)) < 0) {
				assert_int_equal(errno, EAGAIN);
				refused++;
				break;
			}
			sent++;
		}
		if (first == 0)
			first = sent;
		for (int i = 0; i < 50 && sock_receive(to, &m) == 1; i++) {
			number(text, received);
			assert_true(reads(m.body, text));
			assert_int_equal(m.delimiter, received % 2);
			assert_false(m.truncated);
			received++;
		}
		loop_turn(loop, 1);
	}
	assert_int_equal(received, MESSAGES);
	assert_true(refused > 0 && first < MESSAGES);
	print_message(
	    "%s: %d in one go, then %d times EAGAIN for %d messages, all arrived in order\n", by,
	    first, refused, MESSAGES);
}

static void
what_was_taken_at_the_mark_arrives_once_and_in_order(void **state)
{
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	struct sock *d = dealer(sock_endpoint(r), "one", NULL, NULL);
	struct sock_message m;

	(void)state;
	say_soon(d, "hello");
	assert_true(comes(r, &m, PATIENCE));
	nothing_is_lost(r, reader_of("one", 3), d, "ROUTER to DEALER");
	nothing_is_lost(d, (struct reader){ 0 }, r, "DEALER to ROUTER");
	sock_close(d);
	sock_close(r);
}

static void
who_returns_under_its_routing_id_takes_over(void **state)
{
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	struct sock *old = dealer(sock_endpoint(r), "one", NULL, NULL), *new;
	struct sock_message m;

	(void)state;
	say_soon(old, "old");
	assert_true(comes(r, &m, PATIENCE));
	new = dealer(sock_endpoint(r), "one", NULL, NULL);
	say_soon(new, "new");
	assert_true(comes(r, &m, PATIENCE));
	assert_true(reads(m.body, "new"));
	assert_int_equal(sock_send(r, m.routing_id, false, "answer", 6), 0);
	assert_true(comes(new, &m, PATIENCE));
	assert_true(reads(m.body, "answer"));
	assert_int_equal(sock_receive(old, &m), 0);
	sock_close(old);
	sock_close(new);
	sock_close(r);
}

static enum loop_verdict
count(void *self)
{
	(*(int *)self)++;
	return LOOP_LATER;
}

static void
a_message_wakes_the_loop(void **state)
{
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	struct sock *d = dealer(sock_endpoint(r), "one", NULL, NULL);
	struct sock_message m;
	int calls = 0;
	uint64_t began;

	(void)state;
	say_soon(d, "hello");
	sock_readable(r, loop, count, &calls);
	for (int i = 0; i < 100 && calls == 0; i++)
		loop_turn(loop, 1000);
	assert_true(calls > 0);
	assert_int_equal(sock_receive(r, &m), 1);
	calls = 0;
	began = clock_monotonic();
	while (clock_monotonic() - began < 20000)
		loop_turn(loop, 20);
	assert_int_equal(calls, 0);
	sock_close(d);
	sock_close(r);
}

/* --- the process --- */

static void
czmq_leaves_the_signals_alone(void **state)
{
	struct sigaction now;

	(void)state;
	sigaction(SIGINT, NULL, &now);
	assert_true(now.sa_handler == SIG_DFL);
	sigaction(SIGTERM, NULL, &now);
	assert_true(now.sa_handler == SIG_DFL);
}

/* As a program of its own: sockets with messages that nobody takes are open when it ends. */
static int
end_in_the_middle(void)
{
	struct sock *r, *d;

	if (sock_start() < 0)
		return 1;
	loop = loop_new();
	r = router("tcp://127.0.0.1:*", NULL);
	d = dealer(sock_endpoint(r), "one", NULL, NULL);
	say_soon(d, "to nobody");
	exit(0);
}

static void
a_process_that_ends_with_open_sockets_ends(void **state)
{
	const char *const argv[] = { self_path, "end-in-the-middle", NULL };
	static const char *const env[] = { "ASAN_OPTIONS=detect_leaks=0", NULL };
	struct child_options o = { .argv = argv, .env = env };
	uint64_t began = clock_monotonic();
	int status = -1, got = 0;
	struct child c;

	(void)state;
	assert_int_equal(child_start(&c, &o), 0);
	while (got == 0 && clock_monotonic() - began < PATIENCE) {
		got = child_reap(&c, &status);
		usleep(1000);
	}
	if (got == 0)
		kill(c.pid, SIGKILL);
	assert_int_equal(got, 1);
	assert_int_equal(status, 0);
}

static void
stopping_takes_no_time_and_one_can_start_again(void **state)
{
	static char much[16384];
	struct sock *r = router("tcp://127.0.0.1:*", NULL);
	struct sock *d = dealer(sock_endpoint(r), "one", NULL, NULL);
	uint64_t began;

	(void)state;
	say_soon(d, "hello");
	while (sock_send(d, (struct reader){ 0 }, false, much, sizeof much) == 0)
		;
	began = clock_monotonic();
	sock_stop();
	print_message("stopped within %llu us\n", (unsigned long long)(clock_monotonic() - began));
	assert_true(clock_monotonic() - began < 1000000);
	sock_close(d); /* no harm */
	sock_close(r);
	assert_null(sock_raw_open(ZMQ_DEALER));
	assert_int_equal(errno, ENOTCONN);
	sock_stop();
	assert_int_equal(sock_start(), 0);
	assert_int_equal(sock_start(), 0);
	there_and_back_over_tcp(NULL);
}

static int
start(void **state)
{
	(void)state;
	return scratch_make() < 0 ? -1 : sockets_start();
}

static int
stop(void **state)
{
	static const char *const names[] = { "sock", "left" };

	(void)state;
	sock_stop();
	return scratch_remove(names, sizeof names / sizeof names[0]);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(czmq_leaves_the_signals_alone),
		TEST(there_and_back_over_tcp),
		TEST(there_and_back_over_ipv6),
		TEST(a_file_that_is_no_socket_is_not_replaced),
		TEST(there_and_back_over_ipc_whose_file_is_ours_alone),
		TEST(an_address_that_cannot_be_bound_or_understood_is_an_error),
		TEST(a_req_client_has_its_delimiter_taken_off_and_put_back),
		TEST(a_message_of_too_many_parts_is_told_and_the_next_one_is_whole),
		TEST(an_empty_message_is_an_empty_body),
		TEST(a_message_past_the_bound_cuts_the_connection_and_is_not_delivered),
		TEST(junk_on_the_port_hurts_nobody),
		TEST(a_user_id_that_a_peer_claims_is_not_believed),
		TEST(nothing_is_kept_for_a_peer_that_is_not_there),
		TEST(a_peer_that_died_with_a_full_queue_is_unreachable_after_a_turn),
		TEST(what_was_taken_at_the_mark_arrives_once_and_in_order),
		TEST(who_returns_under_its_routing_id_takes_over),
		TEST(a_message_wakes_the_loop),
		TEST(a_process_that_ends_with_open_sockets_ends),
		TEST(stopping_takes_no_time_and_one_can_start_again),
	};

	self_path = argv[0];
	if (argc > 1 && strcmp(argv[1], "end-in-the-middle") == 0)
		return end_in_the_middle();
	return cmocka_run_group_tests(tests, start, stop);
}
