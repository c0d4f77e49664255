#include "common/sock_unix.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
#include "common/list.h"
#include "common/mem.h"
#include "common/octets.h"

enum {
	LENGTH = 4, /* octets before each message */
	ID_MAX = 255,
	CHUNK = 64 * 1024, /* read at a time */
	KEEP = 1024 * 1024, /* memory that an empty buffer keeps */
	CONNECTIONS_MAX = 64,
	AGAIN = 5000,
	AGAIN_MAX = 1000000 /* microseconds between attempts to connect */
};

struct conn {
	struct list link; /* in sock_unix.conns */
	struct sock_unix *u;
	int fd;
	struct loop_item *item;
	struct octets in, out;
	size_t taken; /* of `in`, by what has been received */
	size_t written; /* of `out` */
	unsigned queued; /* messages since `out` was empty */
	bool drained; /* the last read took all there was: the loop says when there is more */
	bool ended; /* nothing more comes; what came is still received */
	uint8_t id[ID_MAX];
	size_t id_len; /* 0: it has not said */
};

struct sock_unix {
	bool router;
	struct sockaddr_un at;
	size_t max_message;
	unsigned hwm;
	uint8_t id[ID_MAX];
	size_t id_len;
	int fd; /* ROUTER: where they connect */
	struct loop_item *door;
	struct list conns;
	unsigned count;
	struct conn *gone; /* what was received last is from it */
	struct loop *loop;
	loop_handler *readable;
	void *self;
	struct loop_timer again;
	uint64_t pause;
	sock_event *event;
	void *event_self;
};

static void
tell(struct sock_unix *u, const char *what)
{
	if (u->event)
		u->event(u->event_self, what, u->at.sun_path);
}

/* --- connections --- */

/* One that was long once is not kept so for ever. */
static void
empty(struct octets *o)
{
	if (o->cap > KEEP)
		octets_fini(o);
	else
		octets_clear(o);
}

static void
free_conn(struct conn *c)
{
	if (!c)
		return;
	octets_fini(&c->in);
	octets_fini(&c->out);
	mem_free(c);
}

static void
connect_later(struct sock_unix *u)
{
	if (!u->loop)
		return;
	loop_timer_set(u->loop, &u->again, loop_now(u->loop) + u->pause + 1);
	u->pause = u->pause ? 2 * u->pause : AGAIN;
	if (u->pause > AGAIN_MAX)
		u->pause = AGAIN_MAX;
}

/* Its memory stays until the next receive: the message given last lies there. The others are woken, for who was
 * to be called again may have been this one. */
static void
end_conn(struct conn *c)
{
	struct sock_unix *u = c->u;

	list_remove(&c->link);
	u->count--;
	LIST_EACH(link, &u->conns)
		loop_wake(LIST_ENTRY(link, struct conn, link)->item);
	loop_close(c->item);
	close(c->fd);
	free_conn(u->gone);
	u->gone = c;
	if (!u->router)
		connect_later(u);
	tell(u, "disconnected");
}

/* What does not fit goes on when the other side reads. */
static enum loop_verdict
flush(void *self)
{
	struct conn *c = self;
	ssize_t n;

	while (c->written < c->out.len) {
		n = send(c->fd, c->out.base + c->written, c->out.len - c->written, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			loop_want(c->item, true, true);
			return LOOP_LATER;
		}
		if (n < 0)
			break; /* the reading side finds the end */
		c->written += (size_t)n;
	}
	empty(&c->out);
	c->written = 0;
	c->queued = 0;
	loop_want(c->item, true, false);
	return LOOP_LATER;
}

static enum loop_verdict
on_readable(void *self)
{
	struct conn *c = self;

	c->drained = false;
	return c->u->readable(c->u->self);
}

static struct conn *
add_conn(struct sock_unix *u, int fd)
{
	struct conn *c = mem_zero(sizeof *c);

	c->u = u;
	c->fd = fd;
	list_add(&u->conns, &c->link);
	u->count++;
	c->item = loop_fd(u->loop, fd, LOOP_COMMANDS, on_readable, flush, c);
	loop_want(c->item, true, false);
	return c;
}

/* --- receiving --- */

static uint32_t
length_at(const uint8_t *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof n);
	return ntohl(n);
}

/* A whole message that is there. 1, 0, -1 when it is longer than is allowed. */
static int
whole(struct conn *c, struct reader *body)
{
	const uint8_t *at = c->in.base + c->taken;
	size_t there = c->in.len - c->taken, len;

	if (there < LENGTH)
		return 0;
	len = length_at(at);
	if (c->u->max_message && len > c->u->max_message)
		return -1;
	if (there - LENGTH < len)
		return 0;
	*body = reader_of(at + LENGTH, len);
	c->taken += LENGTH + len;
	return 1;
}

/* false: nothing more now. */
static bool
read_more(struct conn *c)
{
	uint8_t *room;
	ssize_t n;

	if (c->taken == c->in.len)
		empty(&c->in);
	else
		octets_drop_front(&c->in, c->taken);
	c->taken = 0;
	room = octets_room(&c->in, CHUNK);
	do
		n = recv(c->fd, room, CHUNK, 0);
	while (n < 0 && errno == EINTR);
	c->in.len -= CHUNK - (n > 0 ? (size_t)n : 0);
	c->drained = n > 0 && n < CHUNK;
	if (n == 0 || (n < 0 && errno != EAGAIN))
		c->ended = true;
	return n > 0;
}

static void
name_conn(struct conn *c, struct reader id)
{
	struct sock_unix *u = c->u;

	if (id.left == 0 || id.left > ID_MAX) {
		c->ended = true;
		return;
	}
	LIST_EACH(link, &u->conns) {
		struct conn *other = LIST_ENTRY(link, struct conn, link);

		/* who returns takes over */
		if (other->id_len == id.left && memcmp(other->id, id.at, id.left) == 0) {
			other->ended = true;
			loop_wake(other->item);
		}
	}
	memcpy(c->id, id.at, id.left);
	c->id_len = id.left;
	tell(u, "connected");
}

/* 1: a message; 0: none now; -1: the connection is over. */
static int
take(struct conn *c, struct sock_message *m)
{
	int got;

	for (;;) {
		got = whole(c, &m->body);
		if (got < 0)
			return -1;
		if (got > 0 && (!c->u->router || c->id_len > 0))
			return 1;
		if (got > 0)
			name_conn(c, m->body);
		else if (c->ended || c->drained || !read_more(c))
			return c->ended ? -1 : 0;
	}
}

int
sock_unix_receive(struct sock_unix *u, struct sock_message *m)
{
	free_conn(u->gone);
	u->gone = NULL;
	*m = (struct sock_message){ .user_id = "" };
	LIST_EACH(link, &u->conns) {
		struct conn *c = LIST_ENTRY(link, struct conn, link);
		int got = take(c, m);

		if (got < 0) {
			end_conn(c);
		} else if (got > 0) {
			/* the others come before its next one */
			list_remove(&c->link);
			list_add(&u->conns, &c->link);
			m->routing_id = reader_of(c->id, u->router ? c->id_len : 0);
			return 1;
		}
	}
	return 0;
}

/* --- sending --- */

static struct conn *
find(struct sock_unix *u, struct reader id)
{
	LIST_EACH(link, &u->conns) {
		struct conn *c = LIST_ENTRY(link, struct conn, link);

		if (!c->ended &&
		    (!u->router || (c->id_len == id.left && memcmp(c->id, id.at, id.left) == 0)))
			return c;
	}
	return NULL;
}

/* What the kernel takes goes at once, the rest when it takes more. */
static void
put(struct conn *c, const void *body, size_t len)
{
	uint32_t length = htonl((uint32_t)len);
	struct iovec part[2] = { { &length, LENGTH }, { (void *)(uintptr_t)body, len } };
	struct msghdr message = { .msg_iov = part, .msg_iovlen = 2 };
	ssize_t n = 0;

	if (c->out.len == 0)
		n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
	if (n < 0)
		n = 0; /* full, or broken: the reading side finds the end */
	if ((size_t)n < LENGTH)
		octets_add(&c->out, (const uint8_t *)&length + n, LENGTH - (size_t)n);
	n = n > LENGTH ? n - LENGTH : 0;
	octets_add(&c->out, (const uint8_t *)body + n, len - (size_t)n);
	if (c->out.len == 0)
		return;
	c->queued++;
	loop_want(c->item, true, true);
}

int
sock_unix_send(struct sock_unix *u, struct reader routing_id, const void *body, size_t len)
{
	struct conn *c = find(u, routing_id);

	if (!c || c->queued >= u->hwm) {
		errno = c || !u->router ? EAGAIN : EHOSTUNREACH;
		return -1;
	}
	if (len > UINT32_MAX || (u->max_message && len > u->max_message)) {
		errno = EMSGSIZE;
		return -1;
	}
	put(c, body, len);
	return 0;
}

/* --- life --- */

static int
socket_new(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static enum loop_verdict
on_door(void *self)
{
	struct sock_unix *u = self;
	int fd;

	while ((fd = accept4(u->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (u->count < CONNECTIONS_MAX)
			(void)add_conn(u, fd);
		else
			close(fd);
		if (loop_spent(u->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

/* On a stream socket of this machine it is there at once or not at all. */
static void
try_connect(void *self)
{
	struct sock_unix *u = self;
	struct conn *c;
	int fd = socket_new();

	if (fd < 0 || connect(fd, (struct sockaddr *)&u->at, sizeof u->at) < 0) {
		if (fd >= 0)
			close(fd);
		connect_later(u);
		return;
	}
	u->pause = 0;
	c = add_conn(u, fd);
	put(c, u->id, u->id_len);
	tell(u, "connected");
}

/* We may not ask him: it is somebody else's. */
static bool
is_foreign(const char *path, int error)
{
	struct stat st;

	return (error == EACCES || error == EPERM) && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

bool
sock_unix_taken(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	bool taken;
	int fd;

	if (strlen(path) >= sizeof at.sun_path)
		return false;
	strcpy(at.sun_path, path);
	fd = socket_new();
	taken = fd >= 0 && (connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ||
			       errno == EAGAIN || is_foreign(path, errno));
	if (fd >= 0)
		close(fd);
	return taken;
}

/* A socket that nobody listens on any more is in the way of the next one. */
static int
bind_door(struct sock_unix *u, mode_t mode)
{
	mode_t mask;
	struct stat st;
	int got;

	if (sock_unix_taken(u->at.sun_path)) {
		errno = EADDRINUSE;
		return -1;
	}
	u->fd = socket_new();
	if (u->fd < 0)
		return -1;
	if (lstat(u->at.sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(u->at.sun_path);
	mask = umask(mode ? 0777 & ~mode : 0077);
	got = bind(u->fd, (struct sockaddr *)&u->at, sizeof u->at);
	umask(mask);
	return got < 0 ? -1 : listen(u->fd, CONNECTIONS_MAX);
}

static int
set_up(struct sock_unix *u, const struct sock_options *o)
{
	const char *path = o->endpoint + strlen(SOCK_UNIX_SCHEME);

	if (*path != '/' ||
	    (o->kind == SOCK_DEALER && (o->routing_id_len == 0 || o->routing_id_len > ID_MAX))) {
		errno = EINVAL;
		return -1;
	}
	if (strlen(path) >= sizeof u->at.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	u->at.sun_family = AF_UNIX;
	strcpy(u->at.sun_path, path);
	if (o->kind == SOCK_ROUTER)
		return bind_door(u, (mode_t)o->ipc_mode);
	memcpy(u->id, o->routing_id, o->routing_id_len);
	u->id_len = o->routing_id_len;
	return 0;
}

struct sock_unix *
sock_unix_open(const struct sock_options *o)
{
	struct sock_unix *u = mem_zero(sizeof *u);
	int why;

	list_init(&u->conns);
	u->fd = -1;
	u->router = o->kind == SOCK_ROUTER;
	u->max_message = o->max_message;
	u->hwm = (unsigned)(o->hwm ? o->hwm : SOCK_HWM);
	u->again = (struct loop_timer){ .fire = try_connect, .self = u };
	if (set_up(u, o) == 0)
		return u;
	why = errno;
	sock_unix_close(u);
	errno = why;
	return NULL;
}

void
sock_unix_readable(struct sock_unix *u, struct loop *loop, loop_handler *readable, void *self)
{
	u->loop = loop;
	u->readable = readable;
	u->self = self;
	if (!u->router) {
		loop_timer_set(loop, &u->again, loop_now(loop) + 1);
		return;
	}
	u->door = loop_fd(loop, u->fd, LOOP_COMMANDS, on_door, NULL, u);
	loop_want(u->door, true, false);
}

void
sock_unix_watch(struct sock_unix *u, sock_event *event, void *self)
{
	u->event = event;
	u->event_self = self;
}

void
sock_unix_close(struct sock_unix *u)
{
	if (!u)
		return;
	u->event = NULL;
	LIST_EACH(link, &u->conns)
		end_conn(LIST_ENTRY(link, struct conn, link));
	free_conn(u->gone);
	if (u->loop)
		loop_timer_stop(u->loop, &u->again);
	loop_close(u->door);
	if (u->fd >= 0)
		close(u->fd);
	mem_free(u);
}
