#include "speaker/outbox.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "common/mem.h"

enum { VECTORS = 64 };

struct chunk *
chunk_new(const void *data, size_t len, uint32_t messages)
{
	struct chunk *c = mem_alloc(sizeof *c + len);

	c->refs = 1;
	c->messages = messages;
	c->first = false;
	c->len = len;
	memcpy(c->data, data, len);
	return c;
}

struct chunk *
chunk_get(struct chunk *c)
{
	c->refs++;
	return c;
}

void
chunk_put(struct chunk *c)
{
	if (c && --c->refs == 0)
		mem_free(c);
}

void
outbox_fini(struct outbox *o)
{
	for (size_t i = 0; i < o->count; i++)
		chunk_put(o->chunk[(o->first + i) % o->cap]);
	mem_free(o->chunk);
	*o = (struct outbox){ 0 };
}

static void
make_room(struct outbox *o)
{
	size_t cap = o->cap ? 2 * o->cap : 4;
	struct chunk **ring;

	if (o->count < o->cap)
		return;
	ring = mem_alloc(cap * sizeof(struct chunk *));
	for (size_t i = 0; i < o->count; i++)
		ring[i] = o->chunk[(o->first + i) % o->cap];
	mem_free(o->chunk);
	o->chunk = ring;
	o->cap = cap;
	o->first = 0;
}

void
outbox_add(struct outbox *o, struct chunk *c)
{
	make_room(o);
	o->chunk[(o->first + o->count++) % o->cap] = c;
	o->octets += c->len;
	o->total += c->len;
}

void
outbox_add_first(struct outbox *o, struct chunk *c)
{
	size_t place = o->begun > 0 ? 1 : 0;

	c->first = true;
	while (place < o->count && o->chunk[(o->first + place) % o->cap]->first)
		place++;
	make_room(o);
	for (size_t i = o->count; i > place; i--)
		o->chunk[(o->first + i) % o->cap] = o->chunk[(o->first + i - 1) % o->cap];
	o->chunk[(o->first + place) % o->cap] = c;
	o->count++;
	o->octets += c->len;
}

static void
done(struct outbox *o, size_t len)
{
	o->octets -= len;
	while (len > 0) {
		struct chunk *c = o->chunk[o->first];
		size_t left = c->len - o->begun, of_this = len < left ? len : left;

		if (!c->first)
			o->written += of_this;
		if (len < left) {
			o->begun += len;
			return;
		}
		len -= left;
		o->begun = 0;
		o->messages += c->messages;
		chunk_put(c);
		o->first = (o->first + 1) % o->cap;
		o->count--;
	}
}

size_t
outbox_front(const struct outbox *o, uint32_t messages)
{
	size_t octets = 0, left = messages;

	for (size_t i = 0; i < o->count; i++) {
		const struct chunk *c = o->chunk[(o->first + i) % o->cap];

		if (c->messages > 0 && left == 0)
			break;
		left -= c->messages < left ? c->messages : left;
		octets += c->len - (i == 0 ? o->begun : 0);
	}
	return octets;
}

int
outbox_write(struct outbox *o, int fd, size_t limit)
{
	struct iovec v[VECTORS];
	struct msghdr m = { .msg_iov = v };
	size_t n = 0, octets = 0;
	ssize_t got;

	for (; n < o->count && n < VECTORS && octets < limit; n++) {
		struct chunk *c = o->chunk[(o->first + n) % o->cap];
		size_t from = n == 0 ? o->begun : 0, len = c->len - from;

		if (len > limit - octets)
			len = limit - octets;
		v[n] = (struct iovec){ c->data + from, len };
		octets += len;
	}
	if (n == 0)
		return 1;
	m.msg_iovlen = n;
	got = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
	done(o, (size_t)got);
	return 1;
}
