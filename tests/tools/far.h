/* For test programs of the speaker: a speaker on a loop whose clock stands until it is moved, with a fake lane
 * (lane.h), and the far ends of its sessions, played over real TCP on the loopback addresses.
 *
 * Peer n is 127.0.0.(10 + n); the speaker listens on 127.0.0.1, and dials and accepts on one port. */
#ifndef TESTS_TOOLS_FAR_H
#define TESTS_TOOLS_FAR_H
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
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
#include "common/words.h"
#include "proto/bgp/message.h"
#include "proto/bgp/notification.h"
#include "proto/bgp/open.h"
#include "proto/bgp/params.h"
#include "proto/bgp/refresh.h"
#include "proto/bgp/route.h"
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

/* Below those that the kernel gives to connections, and nobody's on any address. */
static inline uint16_t
free_port(void)
{
	static unsigned next;
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd, bound;

	do {
		a.sin_port = htons((uint16_t)(20000 + ((unsigned)getpid() * 37u + next++) % 12000));
		fd = socket(AF_INET, SOCK_STREAM, 0);
		bound = bind(fd, (struct sockaddr *)&a, sizeof a);
		close(fd);
	} while (bound < 0);
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

/* Turns until it is so. */
#define UNTIL(condition)                                                                           \
	do {                                                                                       \
		for (int turn_ = 0; turn_ < FAR_TURNS && !(condition); turn_++)                    \
			turns(1);                                                                  \
		assert_true(condition);                                                            \
	} while (0)

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
	int left;

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
	/* until the speaker's kernel has it all, and the speaker as well */
	for (int i = 0; i < 100 && ioctl(f->fd, SIOCOUTQ, &left) == 0 && left > 0; i++)
		turns(1);
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

/* --- routes --- */

/* What came since the last look, a line a message; KEEPALIVEs are left out:
 *      -10.1.0.0/16 +10.0.0.0/24 via 10.0.0.1 origin igp
 *      end-of-rib ipv4 unicast
 *      refresh begin ipv4 unicast */
static inline void
far_line(struct far *f, struct text *t)
{
	static const char *const kinds[] = { "request", "begin", "end" };
	static uint8_t memory[UPDATE_SCRATCH];
	struct writer w = writer_of(memory, sizeof memory);
	struct session_params p = { 0 };
	struct fault fault;
	struct refresh r;
	struct update u;

	params_negotiate(&p, &f->open, &f->ours);
	p.aigp = true;
	if (f->message.type == MESSAGE_REFRESH) {
		p.refresh = p.enhanced_refresh = true;
		assert_int_equal(refresh_parse(&r, f->message.body, &p, &fault), 0);
		text_printf(t, "refresh %s %s\n", kinds[r.kind], family_name(r.family));
		return;
	}
	if (f->message.type != MESSAGE_UPDATE) {
		text_printf(t, "%s\n", message_type_name(f->message.type));
		return;
	}
	update_parse(&u, f->message.body, &p, &w);
	assert_int_equal(u.worst, PENALTY_NONE);
	if (u.end_of_rib)
		text_printf(t, "end-of-rib %s", family_name(u.end_of_rib_family));
	for (unsigned i = 0; i < u.withdraws + u.announces; i++) {
		bool announced = i >= u.withdraws;
		const struct update_part *from =
		    announced ? &u.announce[i - u.withdraws] : &u.withdraw[i];
		struct routes_part part = {
			.family = from->family, .path_ids = from->path_ids, .nlri = from->nlri
		};

		part.value.next_hop = from->next_hop;
		if (announced)
			part.value.attributes = u.attributes;
		lane_part(t, &part, announced ? '+' : '-');
	}
	text_char(t, '\n');
}

static inline const char *
far_said(struct far *f)
{
	static const struct message_limits any = {
		.extended = true, .refresh = true, .operational = true
	};
	static struct text said;
	struct reader stream;
	struct fault fault;

	text_clear(&said);
	if (!f) { /* the end of a program */
		text_fini(&said);
		return "";
	}
	for (int quiet = 0; quiet < 5;) {
		size_t before = f->in.len;

		turns(1);
		far_read(f);
		quiet = f->in.len == before ? quiet + 1 : 0;
	}
	stream = octets_read(&f->in);
	while (message_parse(&f->message, stream, &any, &fault) > 0) {
		reader_take(&stream, f->message.length);
		if (f->message.type != MESSAGE_KEEPALIVE)
			far_line(f, &said);
	}
	octets_drop_front(&f->in, f->in.len - stream.left);
	return text_str(&said);
}

/* It announces or withdraws. A route is "PREFIX next-hop ADDRESS ..." as an operator types it. */
static inline void
draft_of(struct route_draft *d, const char *route)
{
	struct words_line line = { 0 };
	struct reason why = { 0 };
	struct text t = { 0 };
	struct words w;

	*d = (struct route_draft){ 0 };
	text_printf(&t, "route %s", route);
	if (words_cut(&line, text_str(&t), t.len, 1, WORDS_API, &why) < 0)
		fail_msg("%s: %s", route, why.text);
	w = words_of(&line);
	if (route_scan(&w, d, &why) < 0)
		fail_msg("%s: %s", route, why.text);
	words_line_fini(&line);
	text_fini(&t);
}

static inline void
far_routes(struct far *f, const char *route, bool announce)
{
	struct session_params p = { 0 };
	struct octets out = { 0 };
	struct route_draft d;
	struct nlri n[64];
	uint8_t memory[64][32];
	size_t count = 0;
	uint64_t state = 0;

	draft_of(&d, route);
	params_negotiate(&p, &f->open, &f->ours);
	p.group = GROUP_ALL;
	while (count < 64 && route_draft_next(&d, &state, memory[count], &n[count])) {
		n[count].path_id = d.path_id;
		count++;
	}
	if (announce) {
		struct route_value v = { reader_of(d.next_hop, d.next_hop_len), octets_read(&d.raw),
			octets_read(&d.attributes) };

		assert_int_equal(update_announce(&out, &p, d.family, &v, n, count), 0);
	} else {
		update_withdraw(&out, &p, d.family, NULL, n, count);
	}
	far_send(f, out.base, out.len);
	octets_fini(&out);
	route_draft_fini(&d);
}

static inline void
far_announce(struct far *f, const char *route)
{
	far_routes(f, route, true);
}

static inline void
far_withdraw(struct far *f, const char *route)
{
	far_routes(f, route, false);
}

static inline void
far_end_of_rib(struct far *f, enum family family)
{
	struct octets out = { 0 };

	update_end_of_rib(&out, family);
	far_send(f, out.base, out.len);
	octets_fini(&out);
}

/* The controller says it: to the peers of the bits of `peers`. Either route may be NULL. */
static inline void
told(uint32_t peers, uint32_t owner, const char *announce, const char *withdraw)
{
	static struct routes_message m;
	uint8_t bitmap[4] = { (uint8_t)peers, (uint8_t)(peers >> 8), (uint8_t)(peers >> 16),
		(uint8_t)(peers >> 24) };
	struct route_draft a = { 0 }, d = { 0 };
	struct octets bin[2] = { 0 };

	m = (struct routes_message){ .peers = reader_of(bitmap, 4), .owner = owner };
	for (int i = 0; i < 2; i++) {
		const char *route = i ? withdraw : announce;
		struct routes_part *part = i ? &m.withdraw[0] : &m.announce[0];
		struct route_draft *draft = i ? &d : &a;
		uint64_t state = 0;
		uint8_t memory[ROUTE_PIECE_MAX], id[4];
		struct nlri n;

		if (!route)
			continue;
		draft_of(draft, route);
		part->family = draft->family;
		part->path_ids = true;
		while (route_draft_next(draft, &state, memory, &n)) {
			struct writer w = writer_of(id, sizeof id);

			writer_u32(&w, draft->path_id);
			octets_add(&bin[i], id, sizeof id);
			octets_add(&bin[i], n.octets.at, n.octets.left);
		}
		part->nlri = octets_read(&bin[i]);
		if (i) {
			m.withdraws = 1;
			continue;
		}
		part->value = (struct route_value){ reader_of(draft->next_hop, draft->next_hop_len),
			octets_read(&draft->raw), octets_read(&draft->attributes) };
		m.announces = 1;
	}
	rib_out_message(speaker.out, &m);
	octets_fini(&bin[0]);
	octets_fini(&bin[1]);
	route_draft_fini(&a);
	route_draft_fini(&d);
}
#endif
