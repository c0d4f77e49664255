#include "common/tcp.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	PATIENCE = 5000, /* milliseconds for what is to come */
	SILENCE = 300 /* and for what is not to come */
};

static const struct tcp_options plain = { .ttl_out = -1, .ttl_min = -1 };

static struct addr
address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_scan(&a, text), 0);
	return a;
}

static bool
ready(int fd, short events, int wait)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, wait) == 1;
}

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void
expect_session_socket(int fd, bool v6)
{
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(
	    v6 ? option(fd, IPPROTO_IPV6, IPV6_TCLASS) : option(fd, IPPROTO_IP, IP_TOS), 0xc0);
}

static uint16_t
port_of(int fd)
{
	struct addr a;
	uint16_t port;

	assert_int_equal(tcp_local(fd, &a, &port), 0);
	return port;
}

/* A listener at `text`, any port; -1 when this machine has no such address. */
static int
listener(const char *text, uint16_t *port, const struct tcp_options *o)
{
	struct addr a = address(text);
	int fd = tcp_listen(&a, 0, o);

	if (fd < 0 && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT))
		return -1;
	assert_true(fd >= 0);
	*port = port_of(fd);
	return fd;
}

static int
dial(const char *text, uint16_t port, const struct tcp_options *o)
{
	struct addr a = address(text);
	int fd = tcp_connect(&a, port, o);

	assert_true(fd >= 0);
	return fd;
}

static bool
connects(int fd)
{
	return ready(fd, POLLOUT, PATIENCE) && tcp_connected(fd) == 0;
}

static int
take(int listening)
{
	struct addr peer, local;
	uint16_t port;
	int fd;

	assert_true(ready(listening, POLLIN, PATIENCE));
	fd = tcp_accept(listening, &peer, &port, &local);
	assert_true(fd >= 0);
	return fd;
}

static bool
passes(int from, int to, int wait)
{
	char octet = 0;

	assert_int_equal(write(from, "x", 1), 1);
	return ready(to, POLLIN, wait) && read(to, &octet, 1) == 1 && octet == 'x';
}

static void
session_over(const char *text)
{
	struct addr where = address(text), peer, local, ours;
	uint16_t port, peer_port = 0, our_port;
	int listening = listener(text, &port, &plain), near, far;

	if (listening < 0) {
		print_message("no %s on this machine\n", text);
		skip();
	}
	assert_int_equal(tcp_accept(listening, &peer, &peer_port, &local), -1);
	assert_int_equal(errno, EAGAIN);
	near = dial(text, port, &plain);
	assert_true(connects(near));
	assert_true(ready(listening, POLLIN, PATIENCE));
	far = tcp_accept(listening, &peer, &peer_port, &local);
	assert_true(far >= 0);
	assert_int_equal(tcp_local(near, &ours, &our_port), 0);
	assert_true(
	    addr_equal(&peer, &ours) && addr_equal(&local, &where) && peer_port == our_port);
	expect_session_socket(listening, where.family == 6);
	expect_session_socket(near, where.family == 6);
	expect_session_socket(far, where.family == 6);
	assert_true(passes(near, far, PATIENCE) && passes(far, near, PATIENCE));
	close(far); /* the listener's side: TIME_WAIT, which does not keep the port */
	close(near);
	close(listening);
	listening = tcp_listen(&where, port, &plain);
	assert_true(listening >= 0);
	close(listening);
}

static void
a_session_over_ipv4(void **state)
{
	session_over("127.0.0.1");
	(void)state;
}

static void
a_session_over_ipv6(void **state)
{
	session_over("::1");
	(void)state;
}

static void
refused_is_told(void **state)
{
	uint16_t port;
	int fd = listener("127.0.0.1", &port, &plain);

	(void)state;
	close(fd);
	fd = dial("127.0.0.1", port, &plain);
	assert_true(ready(fd, POLLOUT, PATIENCE));
	assert_int_equal(tcp_connected(fd), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
}

static void
the_two_families_listen_side_by_side(void **state)
{
	struct addr any6 = address("::"), any4 = address("0.0.0.0");
	int six = tcp_listen(&any6, 0, &plain), four;

	(void)state;
	if (six < 0)
		skip();
	four = tcp_listen(&any4, port_of(six), &plain);
	assert_true(four >= 0);
	close(six);
	close(four);
}

static void
a_session_comes_from_the_address_and_port_that_were_asked_for(void **state)
{
	struct tcp_options o = plain;
	struct addr peer, local;
	uint16_t port, other_port, peer_port;
	int listening = listener("127.0.0.1", &port, &plain);
	int spare = listener("127.0.0.2", &other_port, &plain), near, far;

	(void)state;
	close(spare); /* a port that is free */
	o.local = address("127.0.0.2");
	o.local_port = other_port;
	near = dial("127.0.0.1", port, &o);
	assert_true(connects(near));
	far = tcp_accept(listening, &peer, &peer_port, &local);
	assert_true(addr_equal(&peer, &o.local) && peer_port == other_port);
	close(near);
	close(far);
	o.local = address("192.0.2.1"); /* not ours */
	assert_int_equal(tcp_connect(&local, port, &o), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
	o.local = address("::1");
	assert_int_equal(tcp_connect(&local, port, &o), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(tcp_connect(&(struct addr){ 0 }, port, &plain), -1);
	assert_int_equal(errno, EINVAL);
	close(listening);
	listening = listener("::1", &port, &plain);
	if (listening < 0)
		return;
	near = dial("::1", port, &o);
	assert_true(connects(near));
	close(near);
	close(listening);
}

static void
an_interface_is_bound_to(void **state)
{
	struct tcp_options o = plain;
	struct addr a = address("127.0.0.1");
	uint16_t port;
	int listening = listener("127.0.0.1", &port, &plain), near;

	(void)state;
	o.interface = "no-such-device";
	assert_int_equal(tcp_connect(&a, port, &o), -1);
	if (errno == EPERM)
		skip();
	assert_int_equal(errno, ENODEV);
	o.interface = "lo";
	near = dial("127.0.0.1", port, &o);
	assert_true(connects(near));
	close(near);
	close(listening);
}

static void
the_buffer_is_as_asked_on_both_sides(void **state)
{
	struct tcp_options o = plain;
	uint16_t port;
	int listening = listener("127.0.0.1", &port, &plain), near, far;

	(void)state;
	o.buffer = 16384;
	near = dial("127.0.0.1", port, &o);
	assert_true(connects(near));
	far = take(listening);
	assert_int_equal(tcp_apply(far, &o), 0);
	assert_int_equal(
	    option(near, SOL_SOCKET, SO_SNDBUF), 2 * 16384); /* the kernel doubles it */
	assert_int_equal(option(far, SOL_SOCKET, SO_SNDBUF), 2 * 16384);
	close(near);
	close(far);
	close(listening);
}

/* --- TTL --- */

static int
ttl_of(int fd, bool v6)
{
	return v6 ? option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS) : option(fd, IPPROTO_IP, IP_TTL);
}

static void
ttl_security_over(const char *text)
{
	struct tcp_options o = plain, far_away = plain;
	bool v6 = strchr(text, ':');
	uint16_t port;
	int listening = listener(text, &port, &plain), near, far;

	if (listening < 0)
		skip();
	o.ttl_out = o.ttl_min = 255;
	far_away.ttl_out = 64;
	/* we ask for 255 from the first segment on, and a listener that knows nothing of us gives it */
	near = dial(text, port, &o);
	assert_true(connects(near));
	far = take(listening);
	assert_int_equal(tcp_apply(far, &o), 0);
	assert_true(ttl_of(near, v6) == 255 && ttl_of(far, v6) == 255);
	assert_true(passes(near, far, PATIENCE) && passes(far, near, PATIENCE));
	/* once the session is one without, it sends as the kernel does, and is not heard any more */
	assert_int_equal(tcp_apply(far, &plain), 0);
	assert_true(ttl_of(far, v6) < 255);
	assert_false(passes(far, near, SILENCE));
	close(near);
	close(far);
	/* nor is one from farther away */
	near = dial(text, port, &far_away);
	assert_true(connects(near));
	far = take(listening);
	assert_int_equal(tcp_syn_ttl(far), 64);
	assert_int_equal(tcp_syn_ttl(far), -1); /* it is kept till it was asked for */
	assert_int_equal(tcp_apply(far, &o), 0);
	assert_false(passes(near, far, SILENCE));
	assert_int_equal(tcp_apply(far, &plain), 0); /* off again: the retransmission comes */
	assert_true(ready(far, POLLIN, PATIENCE));
	close(near);
	close(far);
	close(listening);
}

static void
ttl_security_drops_what_comes_from_far_over_ipv4(void **state)
{
	ttl_security_over("127.0.0.1");
	(void)state;
}

static void
ttl_security_drops_what_comes_from_far_over_ipv6(void **state)
{
	ttl_security_over("::1");
	(void)state;
}

/* --- MD5 --- */

static struct tcp_options
with_key(const char *password, const char *peer, uint8_t prefix)
{
	struct tcp_options o = plain;

	o.md5_password = password;
	o.md5_address = address(peer);
	o.md5_prefix = prefix;
	return o;
}

static bool
key_connects(const char *text, uint16_t port, const char *password, int wait)
{
	struct tcp_options o = password ? with_key(password, text, 0) : plain;
	int fd = dial(text, port, &o);
	bool yes = ready(fd, POLLOUT, wait) && tcp_connected(fd) == 0;

	if (!yes)
		assert_true(tcp_connected(fd) == -1 && errno == EINPROGRESS);
	close(fd);
	return yes;
}

/* Skips when the kernel has no TCP_MD5SIG, and only then. */
static void
need_md5(void)
{
	struct tcp_options o = with_key("secret", "127.0.0.1", 0);
	struct addr a = address("127.0.0.1");
	int fd = tcp_listen(&a, 0, &o);

	if (fd < 0 && (errno == ENOPROTOOPT || errno == EPERM)) {
		print_message("this kernel has no TCP_MD5SIG: %s\n", strerror(errno));
		skip();
	}
	assert_true(fd >= 0);
	close(fd);
}

static void
md5_over(const char *text)
{
	struct addr peer = address(text);
	uint16_t port;
	int listening, far;

	need_md5();
	listening = listener(text, &port, &plain);
	if (listening < 0)
		skip();
	assert_true(key_connects(text, port, NULL, PATIENCE));
	close(take(listening));
	assert_int_equal(tcp_listen_key(listening, &peer, 0, "secret"), 0);
	assert_false(key_connects(text, port, NULL, SILENCE));
	assert_false(key_connects(text, port, "other", SILENCE));
	assert_true(key_connects(text, port, "secret", PATIENCE));
	far = take(listening);
	close(far);
	assert_int_equal(tcp_listen_key(listening, &peer, 0, "other"), 0); /* replaced */
	assert_true(key_connects(text, port, "other", PATIENCE));
	close(take(listening));
	assert_int_equal(tcp_listen_key(listening, &peer, 0, NULL), 0);
	assert_false(key_connects(text, port, "other", SILENCE));
	assert_true(key_connects(text, port, NULL, PATIENCE));
	assert_int_equal(tcp_listen_key(listening, &peer, 0, NULL), -1); /* none is left */
	close(listening);
}

static void
a_wrong_md5_key_or_none_does_not_connect_over_ipv4(void **state)
{
	md5_over("127.0.0.1");
	(void)state;
}

static void
a_wrong_md5_key_or_none_does_not_connect_over_ipv6(void **state)
{
	md5_over("::1");
	(void)state;
}

static void
an_md5_key_of_a_range_is_for_each_address_in_it(void **state)
{
	struct tcp_options o = with_key("secret", "127.1.0.0", 16),
			   from = with_key("secret", "127.0.0.1", 0);
	uint16_t port;
	int listening, near, far;

	(void)state;
	need_md5();
	listening = listener("127.0.0.1", &port, &o);
	from.local = address("127.1.2.3");
	near = dial("127.0.0.1", port, &from);
	assert_true(connects(near));
	far = take(listening);
	assert_true(passes(near, far, PATIENCE) && passes(far, near, PATIENCE));
	close(near);
	close(far);
	from.md5_password = NULL;
	near = dial("127.0.0.1", port, &from);
	assert_false(ready(near, POLLOUT, SILENCE));
	close(near);
	from.local = address("127.2.2.3"); /* outside: no key is asked for */
	near = dial("127.0.0.1", port, &from);
	assert_true(connects(near));
	close(near);
	close(listening);
}

static void
a_password_longer_than_the_kernel_takes_is_refused(void **state)
{
	char password[82];
	struct addr a = address("127.0.0.1");
	uint16_t port;
	int fd;

	(void)state;
	need_md5();
	memset(password, 'p', sizeof password - 1);
	password[81] = '\0';
	fd = listener("127.0.0.1", &port, &plain);
	assert_int_equal(tcp_listen_key(fd, &a, 0, password), -1);
	assert_int_equal(errno, EINVAL);
	password[80] = '\0';
	assert_int_equal(tcp_listen_key(fd, &a, 0, password), 0);
	assert_true(key_connects("127.0.0.1", port, password, PATIENCE));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_over_ipv4),
		cmocka_unit_test(a_session_over_ipv6),
		cmocka_unit_test(refused_is_told),
		cmocka_unit_test(the_two_families_listen_side_by_side),
		cmocka_unit_test(a_session_comes_from_the_address_and_port_that_were_asked_for),
		cmocka_unit_test(an_interface_is_bound_to),
		cmocka_unit_test(the_buffer_is_as_asked_on_both_sides),
		cmocka_unit_test(ttl_security_drops_what_comes_from_far_over_ipv4),
		cmocka_unit_test(ttl_security_drops_what_comes_from_far_over_ipv6),
		cmocka_unit_test(a_wrong_md5_key_or_none_does_not_connect_over_ipv4),
		cmocka_unit_test(a_wrong_md5_key_or_none_does_not_connect_over_ipv6),
		cmocka_unit_test(an_md5_key_of_a_range_is_for_each_address_in_it),
		cmocka_unit_test(a_password_longer_than_the_kernel_takes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
