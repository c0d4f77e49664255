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
#include <unistd.h>
#include "common/child.h"
#include "common/clock.h"
#include "common/sock_raw.h"
#include <cmocka.h>

enum {
	PATIENCE = 5000000, /* microseconds for what is to come */
	SILENCE = 400000, /* and for what is not to come */
	MESSAGE_MOST = 65536
};

static const char *self_path;
static char directory[64];
static struct loop *loop;
static struct sock_keys server_keys, client_keys, other_keys;
static char events[4096]; /* what the watches said */
static unsigned asked; /* how often ZAP was */

/* --- the common part --- */

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
	/* a file that was left by somebody who was killed */
	snprintf(endpoint, sizeof endpoint, "ipc://%s/left", directory);
	close(open(endpoint + 6, O_CREAT | O_WRONLY, 0644));
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

/* --- keys --- */

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

/* --- key files --- */

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

static void
keys_are_saved_and_loaded_and_the_secret_is_ours_alone(void **state)
{
	struct sock_keys got;
	char key[SOCK_KEY_TEXT];
	struct stat st;

	(void)state;
	close(open(path_of("a.key"), O_CREAT | O_WRONLY, 0644)); /* replaced, mode and all */
	umask(0);
	assert_int_equal(sock_keys_save(&client_keys, path_of("a.key")), 0);
	umask(022);
	assert_int_equal(stat(path_of("a.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(path_of("a.key.pub"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(sock_keys_load(&got, path_of("a.key")), 0);
	assert_memory_equal(&got, &client_keys, sizeof got);
	assert_int_equal(sock_public_load(key, path_of("a.key.pub")), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_public_load(key, path_of("a.key")), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_keys_load(&got, path_of("a.key.pub")), -1); /* no secret in it */
	assert_true(errno == EPERM || errno == EINVAL);
	assert_int_equal(sock_keys_save(&client_keys, path_of("none/a.key")), -1);
	assert_int_equal(errno, ENOENT);
}

static void
czmq_reads_our_files_and_we_read_its(void **state)
{
	zcert_t *cert;
	struct sock_keys got;
	char key[SOCK_KEY_TEXT];

	(void)state;
	assert_int_equal(sock_keys_save(&client_keys, path_of("b.key")), 0);
	cert = zcert_load(path_of("b.key"));
	assert_non_null(cert);
	assert_string_equal(zcert_public_txt(cert), client_keys.public_key);
	assert_string_equal(zcert_secret_txt(cert), client_keys.secret_key);
	zcert_destroy(&cert);
	cert = zcert_new();
	zcert_set_meta(cert, "name", "%s", "somebody");
	assert_int_equal(zcert_save(cert, path_of("c")), 0);
	assert_int_equal(sock_keys_load(&got, path_of("c_secret")), 0);
	assert_string_equal(got.secret_key, zcert_secret_txt(cert));
	assert_string_equal(got.public_key, zcert_public_txt(cert));
	assert_int_equal(sock_public_load(key, path_of("c")), 0);
	assert_string_equal(key, zcert_public_txt(cert));
	zcert_destroy(&cert);
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
a_secret_that_others_can_read_is_refused(void **state)
{
	static const mode_t loose[] = { 0640, 0604, 0644, 0660, 0620 };
	struct sock_keys got;

	(void)state;
	assert_int_equal(sock_keys_save(&client_keys, path_of("d.key")), 0);
	for (size_t i = 0; i < sizeof loose / sizeof loose[0]; i++) {
		assert_int_equal(chmod(path_of("d.key"), loose[i]), 0);
		assert_int_equal(sock_keys_load(&got, path_of("d.key")), -1);
		assert_int_equal(errno, EPERM);
	}
	assert_int_equal(chmod(path_of("d.key"), 0400), 0);
	assert_int_equal(sock_keys_load(&got, path_of("d.key")), 0);
}

static void
a_public_key_is_given_as_text_or_as_a_file(void **state)
{
	char key[SOCK_KEY_TEXT];

	(void)state;
	assert_int_equal(sock_keys_save(&client_keys, path_of("f.key")), 0);
	assert_int_equal(sock_public_of(key, client_keys.public_key), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_public_of(key, path_of("f.key.pub")), 0);
	assert_string_equal(key, client_keys.public_key);
	assert_int_equal(sock_public_of(key, "not there"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(sock_public_of(key, "0123456789012345678901234567890123456~~~"), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(sock_keys_why(ENOENT), "No such file or directory");
	assert_non_null(strstr(sock_keys_why(EPERM), "chmod 600"));
	assert_non_null(strstr(sock_keys_why(EINVAL), "ambo keys"));
}

static void
a_file_that_holds_no_pair_of_keys_is_refused(void **state)
{
	static char large[70000];
	struct sock_keys got, mixed = client_keys;
	char key[SOCK_KEY_TEXT];
	const char *path = path_of("e.key");

	(void)state;
	assert_int_equal(sock_keys_load(&got, path_of("none")), -1);
	assert_int_equal(errno, ENOENT);
	memcpy(mixed.secret_key, other_keys.secret_key, SOCK_KEY_TEXT);
	assert_int_equal(sock_keys_save(&mixed, path_of("e.key")), 0);
	assert_int_equal(sock_keys_load(&got, path), -1); /* of two different pairs */
	assert_int_equal(errno, EINVAL);
	memset(large, '#', sizeof large - 1);
	const char *const texts[] = { "", "curve\n", "curve\n    public-key = \"short\"\n",
		"curve\n    public-key = \"0123456789012345678901234567890123456~~~\"\n", large };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		write_file(path, texts[i]);
		assert_int_equal(sock_keys_load(&got, path), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(sock_public_load(key, path), -1);
		assert_int_equal(errno, EINVAL);
	}
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
	strcpy(directory, "/tmp/ambo-sock-test.XXXXXX");
	if (!mkdtemp(directory) || sock_start() < 0)
		return -1;
	sock_keys_make(&server_keys);
	sock_keys_make(&client_keys);
	sock_keys_make(&other_keys);
	return 0;
}

static int
stop(void **state)
{
	static const char *const names[] = { "sock", "left", "a.key", "a.key.pub", "b.key",
		"b.key.pub", "c", "c_secret", "d.key", "d.key.pub", "e.key", "e.key.pub", "f.key",
		"f.key.pub" };

	(void)state;
	sock_stop();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unlink(path_of(names[i]));
	return rmdir(directory); /* nothing else was left there */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(czmq_leaves_the_signals_alone),
		TEST(there_and_back_over_tcp),
		TEST(there_and_back_over_ipv6),
		TEST(there_and_back_over_ipc_whose_file_is_ours_alone),
		TEST(an_address_that_cannot_be_bound_or_understood_is_an_error),
		TEST(the_right_key_comes_in_under_the_name_that_zap_gave),
		TEST(a_key_that_is_not_allowed_stays_outside),
		TEST(no_key_at_all_stays_outside),
		TEST(who_expects_another_server_stays_outside),
		TEST(a_lock_that_nobody_watches_is_not_opened),
		TEST(without_its_handler_a_locked_socket_lets_nobody_in),
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
		TEST(keys_are_saved_and_loaded_and_the_secret_is_ours_alone),
		TEST(czmq_reads_our_files_and_we_read_its),
		TEST(a_secret_that_others_can_read_is_refused),
		TEST(a_public_key_is_given_as_text_or_as_a_file),
		TEST(a_file_that_holds_no_pair_of_keys_is_refused),
		TEST(a_process_that_ends_with_open_sockets_ends),
		TEST(stopping_takes_no_time_and_one_can_start_again),
	};

	self_path = argv[0];
	if (argc > 1 && strcmp(argv[1], "end-in-the-middle") == 0)
		return end_in_the_middle();
	return cmocka_run_group_tests(tests, start, stop);
}
