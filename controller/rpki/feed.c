#include "controller/rpki/feed.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <rtrlib/rtrlib.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "common/mem.h"
#include "common/sock_raw.h"
#include "common/tcp.h"
#include "controller/rpki/hush.h"

enum {
	HWM = 32768, /* messages, at each end */
	PATIENCE = 100, /* ms after which a thread that waits looks whether it is to stop */
	CONNECT = 30000, /* ms */
	STARTED = 1000, /* ms; for a thread that was never told to do anything */
	/* librtr takes no others; an earlier expiry is ours alone */
	EXPIRE_LEAST = 600
};

struct feed {
	/* set before the thread starts, and never after */
	struct feed_options options;
	char host[ADDR_TEXT], port[8];
	void *here, *there; /* the two ends of the pair */
	int stop; /* an eventfd: connecting ends */
	struct tr_socket transport;
	struct rtr_socket socket; /* librtr's thread alone reads and writes it */
	struct rtr_socket *sockets[1];
	struct rtr_mgr_config *manager;
	rtr_connection_state_fp manage; /* what librtr does with a state */
	/* of librtr's thread */
	enum rtr_socket_state state;
	int error;
	/* of both */
	atomic_bool stopping, ended;
	/* Held by librtr's thread while its manager looks at a state: the manager's lock is held by who stops it, and who
	 * stops it waits for the thread. */
	pthread_mutex_t managing;
	/* of the loop */
	pthread_t stopper;
	bool stopped;
};

/* What travels: within the process, and short enough to be kept in a ZeroMQ message itself. */
struct wire {
	uint8_t kind, state, family, len, max;
	uint8_t unused[3];
	union {
		struct {
			uint32_t asn;
			uint8_t bytes[16];
		} roa;
		struct {
			uint32_t serial, session, refresh, retry, expire;
		} at;
	};
	int32_t error;
};
_Static_assert(sizeof(struct wire) <= 33, "no message needs memory of its own");

/* --- in librtr's threads --- */

/* They may be cancelled where librtr waits, and nowhere in here. */
static void
send_on(struct feed *f, const struct wire *w)
{
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	while (!atomic_load(&f->stopping) && zmq_send(f->there, w, sizeof *w, 0) < 0 &&
	       (errno == EAGAIN || errno == EINTR))
		;
	pthread_setcancelstate(before, &before);
}

static void
copy_address(const struct lrtr_ip_addr *a, struct wire *w)
{
	size_t words = a->ver == LRTR_IPV4 ? 1 : 4;

	w->family = a->ver == LRTR_IPV4 ? 4 : 6;
	for (size_t i = 0; i < words; i++) {
		uint32_t v = words == 1 ? a->u.addr4.addr : a->u.addr6.addr[i];

		for (size_t k = 0; k < 4; k++)
			w->roa.bytes[i * 4 + k] = (uint8_t)(v >> (24 - 8 * k));
	}
}

static void
on_record(struct pfx_table *table, const struct pfx_record r, const bool added)
{
	const char *socket = (const char *)r.socket;
	struct feed *f = (struct feed *)(socket - offsetof(struct feed, socket));
	struct wire w = { .kind = added ? FEED_ADD : FEED_REMOVE,
		.len = r.min_len,
		.max = r.max_len,
		.roa = { .asn = r.asn } };

	(void)table;
	copy_address(&r.prefix, &w);
	send_on(f, &w);
}

static enum feed_state
state_of(enum rtr_socket_state before, enum rtr_socket_state now)
{
	switch (now) {
	case RTR_SYNC:
		return FEED_SYNCING;
	case RTR_ESTABLISHED:
		return FEED_SYNCED;
	case RTR_ERROR_NO_DATA_AVAIL:
		return FEED_EMPTY;
	case RTR_ERROR_TRANSPORT:
		return FEED_LOST;
	case RTR_ERROR_FATAL:
		return before == RTR_ESTABLISHED
			   ? FEED_LOST
			   : FEED_REFUSED; /* the end of a connection is fatal */
	default:
		return FEED_CONNECTING;
	}
}

static uint32_t
or_else(uint32_t said, uint32_t otherwise)
{
	return said ? said : otherwise;
}

static uint32_t
sooner_than(uint32_t asked, uint32_t expires)
{
	return asked < expires ? asked : expires / 2 > 0 ? expires / 2 : 1;
}

struct feed_intervals
feed_agree(const struct feed_options *o, struct feed_intervals said)
{
	uint32_t expire = or_else(o->expire, said.expire);

	return (struct feed_intervals){ sooner_than(or_else(o->refresh, said.refresh), expire),
		sooner_than(or_else(o->retry, said.retry), expire), expire };
}

/* librtr has taken what the cache says in its End of Data. */
static void
settle_intervals(struct feed *f)
{
	struct rtr_socket *s = &f->socket;
	struct feed_intervals i = feed_agree(&f->options,
	    (struct feed_intervals){ s->refresh_interval, s->retry_interval, s->expire_interval });

	s->refresh_interval = i.refresh;
	s->retry_interval = i.retry;
	s->expire_interval = i.expire < EXPIRE_LEAST ? EXPIRE_LEAST : i.expire;
}

static void
tell_state(struct feed *f, enum rtr_socket_state before, enum rtr_socket_state now)
{
	const struct rtr_socket *s = &f->socket;
	struct wire w = { .kind = FEED_STATE, .state = (uint8_t)state_of(before, now) };

	w.error = w.state == FEED_LOST ? f->error : 0;
	w.at.serial = s->serial_number;
	w.at.session = s->session_id;
	w.at.refresh = s->refresh_interval;
	w.at.retry = s->retry_interval;
	w.at.expire = f->options.expire ? f->options.expire : s->expire_interval;
	f->error = 0;
	send_on(f, &w);
}

/* In librtr's thread. */
static void
take_state(struct feed *f, enum rtr_socket_state state, void *config, void *group)
{
	enum rtr_socket_state before = f->state;

	f->state = state;
	if (state == RTR_ESTABLISHED)
		settle_intervals(f);
	/* A cache that was started anew calls our session an error, and librtr would ask for it again and again. It
	 * asks for everything now, and tells us the difference. */
	if (state == RTR_ERROR_FATAL && before == RTR_SYNC)
		f->socket.request_session_id = true;
	tell_state(f, before, state);
	f->manage(&f->socket, state, config, group);
}

/* librtr's manager tells nobody of a second synchronisation, so this stands before it. */
static void
on_state(
    const struct rtr_socket *socket, const enum rtr_socket_state state, void *config, void *group)
{
	struct feed *f = (struct feed *)((const char *)socket - offsetof(struct feed, socket));

	if (state == RTR_SHUTDOWN) {
		f->manage(socket, state, config, group); /* in the thread of who stops it */
		return;
	}
	pthread_mutex_lock(&f->managing);
	if (!atomic_load(&f->stopping))
		take_state(f, state, config, group);
	pthread_mutex_unlock(&f->managing);
}

/* Wait until it is connected; -1 with errno when it can't be. */
static int
await(const struct feed *f, int fd)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLOUT },
		{ .fd = f->stop, .events = POLLIN } };
	int n = poll(p, 2, CONNECT);

	if (n > 0 && p[1].revents == 0)
		return tcp_connected(fd);
	if (n >= 0)
		errno = n > 0 ? ECANCELED : ETIMEDOUT;
	return -1;
}

/* A cache that is gone without a word is found out while nothing is to be said. */
static void
keep_alive(int fd)
{
	static const int on = 1, idle = 60, interval = 15, count = 4;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

static int
connected(struct feed *f)
{
	static const struct tcp_options options = { .ttl_out = -1, .ttl_min = -1 };
	int fd = tcp_connect(&f->options.address, f->options.port, &options);

	if (fd >= 0 && await(f, fd) == 0 && fcntl(fd, F_SETFL, 0) == 0) {
		keep_alive(fd);
		return fd;
	}
	f->error = errno;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* librtr asks for a connected socket, in which it waits from then on, and which it closes. */
static int
connect_to(void *self)
{
	int before, fd;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	fd = connected(self);
	pthread_setcancelstate(before, &before);
	return fd;
}

/* --- in the loop's thread --- */

static int
open_pair(struct feed *f)
{
	static unsigned long count; /* ZeroMQ closes in its own time: no name is used twice */
	char name[64];

	snprintf(name, sizeof name, "inproc://rpki-%lu", count++);
	f->here = sock_raw_open(ZMQ_PAIR);
	f->there = f->here ? sock_raw_open(ZMQ_PAIR) : NULL;
	if (!f->there || sock_raw_set(f->here, ZMQ_RCVHWM, HWM) < 0 ||
	    sock_raw_set(f->there, ZMQ_SNDHWM, HWM) < 0 ||
	    sock_raw_set(f->there, ZMQ_SNDTIMEO, PATIENCE) < 0)
		return -1;
	return zmq_bind(f->here, name) < 0 || zmq_connect(f->there, name) < 0 ? -1 : 0;
}

static int
start(struct feed *f)
{
	const struct feed_options *o = &f->options;
	uint32_t expire = or_else(o->expire, FEED_EXPIRE);
	struct rtr_mgr_group group = { .sockets = f->sockets, .sockets_len = 1, .preference = 1 };
	struct tr_tcp_config tcp = {
		.host = f->host, .port = f->port, .data = f, .new_socket = connect_to
	};

	if (tr_tcp_init(&tcp, &f->transport) != TR_SUCCESS)
		return -1;
	f->socket.tr_socket = &f->transport;
	f->sockets[0] = &f->socket;
	if (rtr_mgr_init(&f->manager, &group, 1, or_else(o->refresh, FEED_REFRESH),
		expire < EXPIRE_LEAST ? EXPIRE_LEAST : expire, or_else(o->retry, FEED_RETRY),
		on_record, NULL, NULL, NULL) != RTR_SUCCESS) {
		f->manager = NULL;
		f->transport.free_fp(&f->transport);
		return -1;
	}
	f->manage = f->socket.connection_state_fp;
	f->socket.connection_state_fp = on_state;
	return rtr_mgr_start(f->manager) == RTR_SUCCESS ? 0 : -1;
}

static void
release(struct feed *f)
{
	sock_raw_close(f->there);
	sock_raw_close(f->here);
	if (f->stop >= 0)
		close(f->stop);
	pthread_mutex_destroy(&f->managing);
	mem_free(f);
}

struct feed *
feed_open(const struct feed_options *o)
{
	struct feed *f = mem_zero(sizeof *f);
	int why = 0;

	pthread_mutex_init(&f->managing, NULL);
	f->options = *o;
	addr_print(&o->address, f->host);
	snprintf(f->port, sizeof f->port, "%u", o->port);
	f->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->stop < 0 || open_pair(f) < 0)
		why = errno;
	hush();
	if (why == 0 && start(f) < 0)
		why = EAGAIN;
	unhush();
	if (why == 0)
		return f;
	if (f->manager)
		(void)feed_free(f, STARTED); /* it has said nothing yet */
	else
		release(f);
	errno = why;
	return NULL;
}

void *
feed_socket(struct feed *f)
{
	return f->here;
}

static struct roa
roa_of(const struct wire *w)
{
	struct roa a = { .prefix = { .addr.family = w->family, .len = w->len },
		.max = w->max,
		.asn = w->roa.asn };

	memcpy(a.prefix.addr.bytes, w->roa.bytes, sizeof w->roa.bytes);
	return a;
}

bool
feed_next(struct feed *f, struct feed_message *m)
{
	struct wire w;

	if (zmq_recv(f->here, &w, sizeof w, ZMQ_DONTWAIT) != sizeof w)
		return false;
	*m = (struct feed_message){ .kind = (enum feed_kind)w.kind };
	if (m->kind != FEED_STATE) {
		m->roa = roa_of(&w);
		return true;
	}
	m->state = (enum feed_state)w.state;
	m->serial = w.at.serial;
	m->session = w.at.session;
	m->refresh = w.at.refresh;
	m->retry = w.at.retry;
	m->expire = w.at.expire;
	m->error = w.error;
	return true;
}

/* --- the end --- */

static void *
stop(void *self)
{
	struct feed *f = self;

	if (f->manager) {
		/* what looks at a state has done so, and what comes now sees that we stop */
		pthread_mutex_lock(&f->managing);
		pthread_mutex_unlock(&f->managing);
		rtr_mgr_stop(f->manager);
		rtr_mgr_free(f->manager);
	}
	atomic_store(&f->ended, true);
	return NULL;
}

void
feed_stop(struct feed *f)
{
	static const uint64_t one = 1;

	if (f->stopped)
		return;
	atomic_store(&f->stopping, true);
	(void)!write(f->stop, &one, sizeof one);
	f->stopped = pthread_create(&f->stopper, NULL, stop, f) == 0;
}

bool
feed_ended(const struct feed *f)
{
	return atomic_load(&f->ended);
}

/* What librtr does may be anything: who ends waits for it so long and no longer. */
static bool
join(struct feed *f, unsigned patience)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += patience / 1000;
	until.tv_nsec += patience % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	return pthread_clockjoin_np(f->stopper, NULL, CLOCK_MONOTONIC, &until) == 0;
}

bool
feed_free(struct feed *f, unsigned patience)
{
	feed_stop(f);
	if (!f->stopped || !join(f, patience))
		return false;
	release(f);
	return true;
}
