#include "common/sock.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>
#include "common/mem.h"
#include "common/sock_raw.h"
#include "common/sock_unix.h"

enum {
	ENDPOINT = 512,
	DRAIN = 256, /* parts of a bad message that are thrown away in one go */
	ENFORCE_DOMAIN = 93, /* ZMQ_ZAP_ENFORCE_DOMAIN, which the header hides */
	TRAFFIC_CLASS = 0xc0 /* CS6, as the BGP sessions */
};

struct sock {
	void *raw; /* or: */
	struct sock_unix *local;
	struct loop_item *in;
	bool router;
	bool proves; /* CURVE proves who sent it */
	bool draining; /* the rest of a message of too many parts is still to be thrown away */
	zmq_msg_t id, body;
	char endpoint[ENDPOINT];
};

/* --- opening --- */

static int
set_transport(void *raw, const struct sock_options *o)
{
	const struct {
		int option, value;
	} values[] = {
		{ ZMQ_SNDHWM, o->hwm ? o->hwm : SOCK_HWM },
		{ ZMQ_RCVHWM, o->hwm ? o->hwm : SOCK_HWM },
		{ ZMQ_IPV6, 1 },
		{ ZMQ_TOS, TRAFFIC_CLASS },
		{ ZMQ_BACKLOG, 1024 },
		{ ZMQ_RECONNECT_IVL, 100 },
		{ ZMQ_RECONNECT_IVL_MAX, 10000 },
		{ ZMQ_CONNECT_TIMEOUT, 3000 },
		{ ZMQ_HANDSHAKE_IVL, 5000 },
		/* peers that vanished: our own liveness tells the owner, these free the fd */
		{ ZMQ_TCP_KEEPALIVE, 1 },
		{ ZMQ_TCP_KEEPALIVE_IDLE, 15 },
		{ ZMQ_TCP_KEEPALIVE_INTVL, 5 },
		{ ZMQ_TCP_KEEPALIVE_CNT, 3 },
		{ ZMQ_TCP_MAXRT, 15000 },
	};
	int64_t most = (int64_t)o->max_message;

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (sock_raw_set(raw, values[i].option, values[i].value) < 0)
			return -1;
	return o->max_message ? zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, &most, sizeof most) : 0;
}

static int
set_key(void *raw, int option, const char *text)
{
	uint8_t key[32];
	int got;

	if (strlen(text) != SOCK_KEY_TEXT - 1 || !zmq_z85_decode(key, text)) {
		errno = EINVAL;
		return -1;
	}
	got = zmq_setsockopt(raw, option, key, sizeof key);
	explicit_bzero(key, sizeof key);
	return got;
}

static int
set_dealer(void *raw, const struct sock_options *o)
{
	/* without it, what is sent to nobody waits for whoever comes */
	if (sock_raw_set(raw, ZMQ_IMMEDIATE, 1) < 0)
		return -1;
	if (o->routing_id &&
	    zmq_setsockopt(raw, ZMQ_ROUTING_ID, o->routing_id, o->routing_id_len) < 0)
		return -1;
	if (!o->keys)
		return 0;
	if (!o->server_key) {
		errno = EINVAL;
		return -1;
	}
	if (set_key(raw, ZMQ_CURVE_PUBLICKEY, o->keys->public_key) < 0 ||
	    set_key(raw, ZMQ_CURVE_SECRETKEY, o->keys->secret_key) < 0)
		return -1;
	return set_key(raw, ZMQ_CURVE_SERVERKEY, o->server_key);
}

/* CURVE without ZAP encrypts and lets everybody in; so it is refused, and so is a domain that nobody
 * answers for. */
static int
set_router(void *raw, const struct sock_options *o)
{
	if (sock_raw_set(raw, ZMQ_ROUTER_MANDATORY, 1) < 0 ||
	    sock_raw_set(raw, ZMQ_ROUTER_HANDOVER, o->handover) < 0)
		return -1;
	if (!o->keys)
		return 0;
	if (!o->zap_domain || !o->zap_domain[0]) {
		errno = EINVAL;
		return -1;
	}
	if (!sock_zap_is_open()) {
		errno = ENOTCONN;
		return -1;
	}
	if (zmq_setsockopt(raw, ZMQ_ZAP_DOMAIN, o->zap_domain, strlen(o->zap_domain)) < 0 ||
	    sock_raw_set(raw, ENFORCE_DOMAIN, 1) < 0 || sock_raw_set(raw, ZMQ_CURVE_SERVER, 1) < 0)
		return -1;
	return set_key(raw, ZMQ_CURVE_SECRETKEY, o->keys->secret_key);
}

/* ZeroMQ unlinks whatever has the name: a file that is no socket is nobody's left one, and stays. */
static bool
is_other_file(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode);
}

/* The ipc file is born with its mode: ZeroMQ binds in our thread, under our umask. It would also take the place of one
 * that somebody listens on, who is reached by nobody then. */
static int
bind_router(struct sock *s, const struct sock_options *o)
{
	bool ipc = strncmp(o->endpoint, "ipc://", 6) == 0 && o->endpoint[6] != '@';
	bool file = o->ipc_mode && ipc;
	mode_t mode = (mode_t)o->ipc_mode & 0777, mask = 0;
	size_t len = sizeof s->endpoint;
	int got;

	if (ipc && sock_unix_taken(o->endpoint + 6)) {
		errno = EADDRINUSE;
		return -1;
	}
	if (ipc && is_other_file(o->endpoint + 6)) {
		errno = EEXIST;
		return -1;
	}
	if (file)
		mask = umask(0777 & ~mode);
	got = zmq_bind(s->raw, o->endpoint);
	if (file)
		umask(mask);
	if (got < 0 || zmq_getsockopt(s->raw, ZMQ_LAST_ENDPOINT, s->endpoint, &len) < 0)
		return -1;
	return file ? chmod(s->endpoint + 6, mode) : 0;
}

static int
set_up(struct sock *s, const struct sock_options *o)
{
	if (strlen(o->endpoint) >= sizeof s->endpoint) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(s->endpoint, o->endpoint);
	s->router = o->kind == SOCK_ROUTER;
	s->proves = s->router && o->keys;
	if (set_transport(s->raw, o) < 0)
		return -1;
	if (s->router)
		return set_router(s->raw, o) < 0 ? -1 : bind_router(s, o);
	return set_dealer(s->raw, o) < 0 ? -1 : zmq_connect(s->raw, o->endpoint);
}

/* A key would promise what nobody keeps: here the mode of the file says who may connect. */
static struct sock *
open_local(const struct sock_options *o)
{
	struct sock_unix *local;
	struct sock *s;

	if (o->keys || strlen(o->endpoint) >= ENDPOINT) {
		errno = o->keys ? EINVAL : ENAMETOOLONG;
		return NULL;
	}
	local = sock_unix_open(o);
	if (!local)
		return NULL;
	s = mem_zero(sizeof *s);
	s->local = local;
	zmq_msg_init(&s->id);
	zmq_msg_init(&s->body);
	strcpy(s->endpoint, o->endpoint);
	return s;
}

static struct sock *
open_zmq(const struct sock_options *o)
{
	void *raw = sock_raw_open(o->kind == SOCK_ROUTER ? ZMQ_ROUTER : ZMQ_DEALER);
	struct sock *s;
	int why;

	if (!raw)
		return NULL;
	s = mem_zero(sizeof *s);
	s->raw = raw;
	zmq_msg_init(&s->id);
	zmq_msg_init(&s->body);
	if (set_up(s, o) == 0)
		return s;
	why = errno;
	sock_close(s);
	errno = why;
	return NULL;
}

struct sock *
sock_open(const struct sock_options *o)
{
	bool local = strncmp(o->endpoint, SOCK_UNIX_SCHEME, strlen(SOCK_UNIX_SCHEME)) == 0;

	return local ? open_local(o) : open_zmq(o);
}

void
sock_close(struct sock *s)
{
	if (!s)
		return;
	loop_close(s->in);
	sock_unix_close(s->local);
	zmq_msg_close(&s->id);
	zmq_msg_close(&s->body);
	sock_raw_close(s->raw);
	mem_free(s);
}

void *
sock_handle(struct sock *s)
{
	return s->raw;
}

struct sock_unix *
sock_local(struct sock *s)
{
	return s->local;
}

void
sock_readable(struct sock *s, struct loop *loop, loop_handler *readable, void *self)
{
	if (s->local)
		sock_unix_readable(s->local, loop, readable, self);
	else
		s->in = loop_zmq(loop, s->raw, LOOP_COMMANDS, readable, self);
}

const char *
sock_endpoint(struct sock *s)
{
	return s->endpoint;
}

/* --- receiving --- */

/* The next part, in place of the one that is there. 1, 0 when there is none, -1. */
static int
take(struct sock *s, zmq_msg_t *part)
{
	int got;

	do
		got = zmq_msg_recv(part, s->raw, ZMQ_DONTWAIT);
	while (got < 0 && errno == EINTR);
	return got >= 0 ? 1 : errno == EAGAIN ? 0 : -1;
}

/* Throw away the rest of a message: a peer can make one of any number of parts, so in slices. 1 when the
 * next part begins a message. */
static int
drain(struct sock *s)
{
	zmq_msg_t part;
	int got = 1;

	zmq_msg_init(&part);
	for (int i = 0; s->draining && i < DRAIN && got > 0; i++) {
		got = take(s, &part);
		if (got > 0)
			s->draining = zmq_msg_more(&part);
	}
	zmq_msg_close(&part);
	return got < 0 ? -1 : !s->draining;
}

static int
take_body(struct sock *s, struct sock_message *m)
{
	int got = take(s, &s->body);

	if (got > 0 && zmq_msg_size(&s->body) == 0 && zmq_msg_more(&s->body)) {
		m->delimiter = true;
		got = take(s, &s->body);
	}
	return got;
}

/* Only what CURVE proved and the ZAP handler said: without them the peer's own handshake may carry a
 * property of that name. */
static const char *
user_of(const struct sock *s)
{
	const char *user = s->proves ? zmq_msg_gets(&s->body, "User-Id") : NULL;

	return user ? user : "";
}

int
sock_receive(struct sock *s, struct sock_message *m)
{
	int got;

	if (s->local)
		return sock_unix_receive(s->local, m);
	got = drain(s);
	*m = (struct sock_message){ .user_id = "" };
	if (got <= 0)
		return got;
	if (s->router) {
		got = take(s, &s->id);
		if (got <= 0)
			return got;
		m->routing_id = reader_of(zmq_msg_data(&s->id), zmq_msg_size(&s->id));
	}
	/* a message arrives whole, so what has begun goes on */
	got = take_body(s, m);
	if (got <= 0)
		return s->router || m->delimiter ? -1 : got;
	m->body = reader_of(zmq_msg_data(&s->body), zmq_msg_size(&s->body));
	m->user_id = user_of(s);
	s->draining = m->truncated = zmq_msg_more(&s->body);
	return drain(s) < 0 ? -1 : 1;
}

/* --- sending --- */

static int
put(struct sock *s, const void *data, size_t len, int flags)
{
	int got;

	do
		got = zmq_send(s->raw, data, len, ZMQ_DONTWAIT | flags);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -1 : 0;
}

/* The first part decides: when ZeroMQ took it, it takes the rest. */
int
sock_send(struct sock *s, struct reader routing_id, bool delimiter, const void *body, size_t len)
{
	if (s->local)
		return sock_unix_send(s->local, routing_id, body, len);
	if (s->router && put(s, routing_id.at, routing_id.left, ZMQ_SNDMORE) < 0)
		return -1;
	if (delimiter && put(s, "", 0, ZMQ_SNDMORE) < 0)
		return -1;
	return put(s, body, len, 0);
}

const char *
sock_why(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "Address already in use: another program is there, or the same one twice";
	case EADDRNOTAVAIL:
	case ENODEV:
		return "this machine does not have that address";
	case EEXIST:
		return "a file is there that is no socket, and is left as it is";
	case ENOENT:
		return "No such file or directory: the directory has to be there";
	case EINVAL:
	case EPROTONOSUPPORT:
		return "an endpoint is tcp://ADDRESS:PORT, ipc:///PATH or unix:///PATH";
	default:
		return strerror(error);
	}
}
