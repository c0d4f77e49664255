/* For test programs of the speaker: a speaker on a loop whose clock stands until it is moved, with a fake lane
 * (lane.h), and the far ends of its sessions, played over real TCP on the loopback addresses.
 *
 * Peer n is 127.0.0.(10 + n); the speaker listens on 127.0.0.1, and dials and accepts on one port. */
#ifndef TESTS_TOOLS_FAR_H
#define TESTS_TOOLS_FAR_H
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/log.h"
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "proto/bgp/open.h"
#include "proto/bgp/params.h"
#include "proto/bgp/refresh.h"
#include "proto/bgp/update.h"
#include "speaker/advertise.h"
#include "speaker/mirror.h"
#include "speaker/peer.h"
#include "speaker/rib_in.h"
#include "speaker/rib_out.h"
#include "speaker/session.h"
#include "speaker/speaker.h"
#include "tests/tools/lane.h"

enum { SECOND = 1000000, FAR_TURNS = 2000, FAR_ADDRESS = 10 };

static struct speaker speaker;
static struct loop *loop;

static inline uint16_t
free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static inline void
turns(int n)
{
	while (n-- > 0)
		assert_int_equal(loop_turn(loop, 1), 0);
}

static inline int
speaker_start(void **state)
{
	struct speaker_options o = { .name = "edge", .controller = "none", .listens = 1 };

	(void)state;
	log_open(STDERR_FILENO, LOG_TEXT,
	    getenv("AMBO_TEST_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR, "test");
	o.port = free_port();
	o.listen[0] = addr_v4(INADDR_LOOPBACK);
	loop = loop_new_test();
	return speaker_open(&speaker, loop, &o);
}

static inline int
speaker_stop(void **state)
{
	(void)state;
	speaker_close(&speaker);
	loop_test_advance(loop, 2 * SECOND); /* connections that linger */
	turns(1);
	loop_free(loop);
	return 0;
}

static inline void
advance(uint64_t microseconds)
{
	loop_test_advance(loop, microseconds);
	turns(3);
}

static inline struct addr
far_address(uint32_t n)
{
	return addr_v4(INADDR_LOOPBACK - 1 + FAR_ADDRESS + n);
}

/* An eBGP neighbour of IPv4 unicast that dials us. */
static inline struct link_peer
config_of(uint32_t n)
{
	struct link_peer c;

	memset(&c, 0, sizeof c);
	c.peer = n;
	c.address = far_address(n);
	c.local = addr_v4(INADDR_LOOPBACK);
	c.passive = true;
	c.local_as = 65000;
	c.peer_as = 65000 + n;
	c.router_id = 0x0a000001;
	c.hold_time = 90;
	c.ttl_in = c.ttl_out = -1;
	c.families = family_bit(IPV4_UNICAST);
	c.refresh = true;
	c.group = GROUP_ALL;
	return c;
}

/* --- the far end --- */

struct far {
	uint32_t n;
	int fd;
	struct octets in;
	struct message message; /* the last one taken; its body is in `body` */
	uint8_t body[MESSAGE_MAX_EXTENDED];
	struct open open; /* what it says of itself, and the speaker's */
	struct open ours;
};

/* What its OPEN says: the capabilities that config_of has. */
static inline struct far
far_of(uint32_t n)
{
	struct far f = { .n = n, .fd = -1 };

	f.open = (struct open){
		.version = 4, .asn = 65000 + n, .hold_time = 180, .router_id = 0x0a000100 + n
	};
	f.open.caps.families = family_bit(IPV4_UNICAST);
	f.open.caps.asn4 = f.open.asn;
	caps_add(&f.open.caps, CAP_MULTIPROTOCOL);
	caps_add(&f.open.caps, CAP_ASN4);
	caps_add(&f.open.caps, CAP_ROUTE_REFRESH);
	return f;
}

static inline void
far_close(struct far *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	octets_fini(&f->in);
}

static inline struct sockaddr_in
far_sockaddr(struct addr a, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(addr_u32(&a)) };
}

/* It dials the speaker. */
static inline void
far_connect(struct far *f)
{
	struct sockaddr_in from = far_sockaddr(far_address(f->n), 0),
			   to = far_sockaddr(addr_v4(INADDR_LOOPBACK), speaker.options.port);
	int one = 1;

	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&from, sizeof from), 0);
	assert_int_equal(connect(f->fd, (struct sockaddr *)&to, sizeof to), 0);
	setsockopt(f->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	octets_clear(&f->in);
	turns(2);
}

/* It listens; the speaker dials it. */
static inline int
far_listen(uint32_t n)
{
	struct sockaddr_in a = far_sockaddr(far_address(n), speaker.options.port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static inline void
far_accept(struct far *f, int listening)
{
	for (int i = 0; i < FAR_TURNS; i++) {
		f->fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
		if (f->fd >= 0)
			break;
		turns(1);
	}
	assert_true(f->fd >= 0);
	octets_clear(&f->in);
	turns(2);
}

static inline void
far_send(struct far *f, const void *octets, size_t len)
{
	const uint8_t *at = octets;

	for (int i = 0; i < FAR_TURNS && len > 0; i++) {
		ssize_t sent = send(f->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent > 0) {
			at += sent;
			len -= (size_t)sent;
		} else if (errno != EAGAIN) {
			break;
		}
		turns(1);
	}
	assert_int_equal(len, 0);
	turns(2);
}

static inline void
far_send_open(struct far *f)
{
	uint8_t memory[MESSAGE_MAX];
	struct writer w = writer_of(memory, sizeof memory);

	open_encode(&f->open, &w);
	far_send(f, memory, w.len);
}

static inline void
far_send_keepalive(struct far *f)
{
	uint8_t memory[MESSAGE_HEADER];
	struct writer w = writer_of(memory, sizeof memory);

	keepalive_encode(&w);
	far_send(f, memory, w.len);
}

static inline void
far_send_message(struct far *f, enum message_type type, const void *body, size_t len)
{
	static uint8_t memory[MESSAGE_MAX_EXTENDED];
	struct writer w = writer_of(memory, sizeof memory);
	size_t mark = message_begin(&w, type);

	writer_bytes(&w, body, len);
	message_end(&w, mark);
	far_send(f, memory, w.len);
}

/* What the kernel has for it, added to what is there. 0 when the connection has ended. */
static inline int
far_read(struct far *f)
{
	static uint8_t octets[1 << 16];
	ssize_t got;

	while ((got = recv(f->fd, octets, sizeof octets, MSG_DONTWAIT)) > 0)
		octets_add(&f->in, octets, (size_t)got);
	return got == 0 || (got < 0 && errno != EAGAIN) ? 0 : 1;
}

/* The next message, or 0 when the connection ends before one is whole. */
static inline uint8_t
far_next(struct far *f)
{
	static const struct message_limits any = {
		.extended = true, .refresh = true, .operational = true
	};
	struct fault fault;
	bool open = true;

	for (int i = 0; i < FAR_TURNS; i++) {
		int got;

		open = far_read(f) && open;
		got = message_parse(&f->message, octets_read(&f->in), &any, &fault);
		assert_true(got >= 0);
		if (got > 0) {
			memcpy(f->body, f->message.body.at, f->message.body.left);
			f->message.body.at = f->body;
			octets_drop_front(&f->in, f->message.length);
			return f->message.type;
		}
		if (!open)
			return 0;
		turns(1);
	}
	fail_msg("no message came");
	return 0;
}

static inline void
far_expect(struct far *f, enum message_type type)
{
	assert_string_equal(message_type_name(far_next(f)), message_type_name((uint8_t)type));
}

static inline void
far_expect_open(struct far *f)
{
	struct fault fault;

	far_expect(f, MESSAGE_OPEN);
	assert_int_equal(open_parse(&f->ours, f->message.body, &fault), 0);
}

static inline void
far_expect_end(struct far *f)
{
	assert_int_equal(far_next(f), 0);
	assert_int_equal(f->in.len, 0);
	far_close(f);
}

/* This NOTIFICATION (its text, unless NULL), and the end of the connection. */
static inline void
far_expect_notification(struct far *f, uint8_t code, uint8_t subcode, const char *text)
{
	struct notification n;
	struct fault fault;

	far_expect(f, MESSAGE_NOTIFICATION);
	assert_int_equal(notification_parse(&n, f->message.body, &fault), 0);
	assert_int_equal(n.code, code);
	assert_int_equal(n.subcode, subcode);
	if (text)
		assert_string_equal(n.communication, text);
	far_expect_end(f);
}

/* Nothing comes, and the connection stays. */
static inline void
far_expect_nothing(struct far *f)
{
	turns(10);
	assert_int_equal(far_read(f), 1);
	assert_int_equal(f->in.len, 0);
}

/* OPENs and KEEPALIVEs, over a connection that stands. */
static inline struct peer *
far_establish(struct far *f)
{
	struct peer *peer = peer_by_number(&speaker, f->n);

	far_expect_open(f);
	far_send_open(f);
	far_expect(f, MESSAGE_KEEPALIVE);
	far_send_keepalive(f);
	for (int i = 0; i < FAR_TURNS && peer->state != PEER_ESTABLISHED; i++)
		turns(1);
	assert_int_equal(peer->state, PEER_ESTABLISHED);
	return peer;
}

/* A neighbour that is configured, and established over a connection of its own. */
static inline struct far
far_up(const struct link_peer *c, struct peer **peer)
{
	struct far f = far_of(c->peer);
	struct peer *p = peer_configure(&speaker, c);

	assert_non_null(p);
	f.open.caps.families = c->families;
	if (c->graceful)
		caps_add(&f.open.caps, CAP_GRACEFUL_RESTART);
	far_connect(&f);
	assert_ptr_equal(far_establish(&f), p);
	if (peer)
		*peer = p;
	return f;
}
#endif
