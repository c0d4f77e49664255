/* Listening sockets by (address, port), counted by those who need them. */
#include "speaker/listener.h"
#include <errno.h>
#include <string.h>
#include "common/list.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/tcp.h"
#include "speaker/arrivals.h"
#include "speaker/peer.h"
#include <unistd.h>

enum { ACCEPTS = 64, PAUSE = 1000000 /* microseconds */ };

struct listener {
	struct speaker *speaker;
	struct list doors;
};

struct door {
	struct list link;
	struct listener *listener;
	struct addr address;
	uint16_t port;
	unsigned needed;
	int fd;
	struct loop_item *item;
	struct loop_timer pause;
	struct log_limit complaints;
};

static void
open_again(void *self)
{
	struct door *d = self;

	loop_want(d->item, true, false);
}

static enum loop_verdict
on_accept(void *self)
{
	struct door *d = self;
	struct loop *loop = d->listener->speaker->loop;
	struct addr from, to;
	uint16_t port;

	for (int i = 0; i < ACCEPTS; i++) {
		int fd = tcp_accept(d->fd, &from, &port, &to);

		if (fd >= 0) {
			peer_incoming(d->listener->speaker, fd, &from, &to);
			continue;
		}
		if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
			return LOOP_LATER;
		/* EMFILE, ENFILE, ENOMEM: the connection stays in the kernel's queue; looking at it again at
		 * once would spin */
		if (log_allow(&d->complaints, 1))
			log_error("listener", "accept: %s; pausing for a second", strerror(errno));
		loop_want(d->item, false, false);
		loop_timer_set(loop, &d->pause, loop_now(loop) + PAUSE);
		return LOOP_LATER;
	}
	return LOOP_NOW;
}

static struct door *
door_of(struct listener *l, const struct addr *address, uint16_t port)
{
	LIST_EACH(link, &l->doors) {
		struct door *d = LIST_ENTRY(link, struct door, link);

		if (d->port == port && addr_equal(&d->address, address))
			return d;
	}
	return NULL;
}

/* --- TCP-AO keys that several peers share --- */

/* How much of its address counts. */
static uint8_t
length_of(const struct link_peer *c)
{
	return (uint8_t)(c->range ? c->range - 1u : addr_size(&c->address) * 8);
}

/* What it signs with, if its key may be at the doors. */
static const struct link_peer *
signer_of(const struct peer *p)
{
	return p && p->config.tcp_ao && p->keyless == 0 ? &p->config : NULL;
}

/* Does the key of `a` hold for `c` too? The kernel takes one key of a number for an address (RFC 5925 section 3.1): a
 * range's is that of its members, and peers of one address have one. */
static bool
shares(const struct link_peer *a, const struct link_peer *c)
{
	struct prefix range = { .addr = a->address, .len = length_of(a) };

	return a->peer != c->peer && memcmp(&a->ao, &c->ao, sizeof a->ao) == 0 &&
	       range.len <= length_of(c) && prefix_holds(&range, &c->address);
}

/* Does the key of one with that address hold for `c`, or that of a range? Nobody else's can. `but` is not asked; `first`:
 * only those who go before `c`. There may be thousands of peers, and all of them change their keys at once. */
static bool
shared_by_any(const struct speaker *s, const struct link_peer *c, uint32_t but, bool first)
{
	struct index_walk w = { 0 };
	struct peer *p;

	while ((p = peer_at(s, &c->address, &w)))
		if (p->config.peer != but && signer_of(p) && shares(&p->config, c) &&
		    (!first || p->config.peer < c->peer))
			return true;
	LIST_EACH(link, arrivals_ranges(s->arrivals)) {
		const struct link_peer *a = signer_of(LIST_ENTRY(link, struct peer, of_ranges));

		if (a && a->peer != but && shares(a, c) &&
		    (!first || a->peer < c->peer || length_of(a) < length_of(c)))
			return true;
	}
	return false;
}

/* Of those that share one, whose is at the doors? The widest; `but` is not asked. */
static bool
leads(const struct speaker *s, const struct link_peer *c, uint32_t but)
{
	return !shared_by_any(s, c, but, true);
}

static bool
is_shared(const struct speaker *s, const struct link_peer *c)
{
	return shared_by_any(s, c, LINK_PEER_ANY, false);
}

static int
set_key_at(struct door *d, const struct link_peer *c, const char *key)
{
	char text[ADDR_TEXT];

	if (d->address.family != c->address.family ||
	    tcp_listen_key(d->fd, &c->address, c->range ? (uint8_t)(c->range - 1) : 0, key) == 0 ||
	    !key)
		return 0;
	log_error("listener", "MD5 key for %s: %s", addr_print(&c->address, text), strerror(errno));
	return -1;
}

static int
sign_at(struct door *d, const struct link_peer *c)
{
	if (d->address.family != c->address.family)
		return 0;
	return tcp_ao_add(d->fd, &c->address, length_of(c), &c->ao);
}

static void
unsign_at(struct door *d, const struct link_peer *c)
{
	if (d->address.family == c->address.family)
		(void)tcp_ao_remove(d->fd, &c->address, length_of(c), c->ao.id);
}

static void
sign_for(struct door *d, const struct link_peer *c)
{
	char text[ADDR_TEXT];

	if (sign_at(d, c) < 0)
		log_error("listener", "TCP-AO key for %s: %s", addr_print(&c->address, text),
		    tcp_ao_why(errno));
}

/* A door that opens late must ask all peers for their keys: without one it would take who does not sign. */
static void
set_keys(struct door *d)
{
	struct speaker *s = d->listener->speaker;

	for (uint32_t i = 0; i < s->peers_cap; i++) {
		const struct link_peer *signer = signer_of(s->peers[i]);

		if (s->peers[i] && s->peers[i]->config.md5[0])
			(void)set_key_at(d, &s->peers[i]->config, s->peers[i]->config.md5);
		if (signer && leads(s, signer, LINK_PEER_ANY))
			sign_for(d, signer);
	}
}

/* With what an operator can do about it. */
static const char *
why_not(int error)
{
	switch (error) {
	case EACCES:
		return "Permission denied: a port below 1024 wants CAP_NET_BIND_SERVICE, or take "
		       "another (--port)";
	case EADDRINUSE:
		return "Address already in use: another program listens there (ss -ltnp says "
		       "which)";
	case EADDRNOTAVAIL:
		return "Cannot assign requested address: this machine does not have it";
	default:
		return strerror(error);
	}
}

static struct door *
open_door(struct listener *l, const struct addr *address, uint16_t port)
{
	struct door *d = door_of(l, address, port);
	struct tcp_options none = { .ttl_out = -1, .ttl_min = -1 };
	char text[ADDR_TEXT];
	int fd;

	if (d) {
		d->needed++;
		return d;
	}
	fd = tcp_listen(address, port, &none);
	if (fd < 0) {
		log_error("listener", "listen on %s port %u: %s", addr_print(address, text), port,
		    why_not(errno));
		return NULL;
	}
	d = mem_zero(sizeof *d);
	d->listener = l;
	d->address = *address;
	d->port = port;
	d->needed = 1;
	d->fd = fd;
	set_keys(d);
	d->item = loop_fd(l->speaker->loop, fd, LOOP_SESSIONS_IN, on_accept, NULL, d);
	d->pause = (struct loop_timer){ .fire = open_again, .self = d };
	loop_want(d->item, true, false);
	list_add(&l->doors, &d->link);
	return d;
}

static void
close_door(struct door *d)
{
	if (--d->needed > 0)
		return;
	loop_timer_stop(d->listener->speaker->loop, &d->pause);
	loop_close(d->item);
	close(d->fd);
	list_remove(&d->link);
	mem_free(d);
}

struct listener *
listener_open(struct speaker *speaker)
{
	struct listener *l = mem_zero(sizeof *l);
	const struct speaker_options *o = &speaker->options;

	l->speaker = speaker;
	list_init(&l->doors);
	for (unsigned i = 0; i < o->listens; i++)
		if (!open_door(l, &o->listen[i], o->port)) {
			listener_close(l);
			return NULL;
		}
	return l;
}

void
listener_close(struct listener *l)
{
	if (!l)
		return;
	LIST_EACH(link, &l->doors) {
		struct door *d = LIST_ENTRY(link, struct door, link);

		d->needed = 1;
		close_door(d);
	}
	mem_free(l);
}

/* The peer's key on every door that its connections may come to. */
static int
set_key(struct listener *l, const struct link_peer *c, const char *key)
{
	int result = 0;

	LIST_EACH(link, &l->doors)
		if (set_key_at(LIST_ENTRY(link, struct door, link), c, key) < 0)
			result = -1;
	return result;
}

int
listener_add(struct listener *l, const struct link_peer *c)
{
	if (c->listen != 0 && !open_door(l, &c->local, c->listen))
		return -1;
	return c->md5[0] ? set_key(l, c, c->md5) : 0;
}

/* Keys are the kernel's by address: another peer's of this address goes back to its place. */
static void
drop_key(struct listener *l, const struct link_peer *c)
{
	struct index_walk w = { 0 };
	struct peer *p;

	(void)set_key(l, c, NULL);
	while ((p = peer_at(l->speaker, &c->address, &w)))
		if (p->config.peer != c->peer && p->config.md5[0])
			(void)set_key(l, &p->config, p->config.md5);
}

/* Those for whom the key of `c` holds too: theirs would be in its way, and is needed once it goes. */
static void
turn(struct door *d, const struct link_peer *c,
    void (*what)(struct door *, const struct link_peer *))
{
	const struct speaker *s = d->listener->speaker;

	for (uint32_t i = 0; i < s->peers_cap; i++) {
		const struct link_peer *signer = signer_of(s->peers[i]);

		if (signer && shares(c, signer) && leads(s, signer, c->peer))
			what(d, signer);
	}
}

int
listener_sign(struct listener *l, const struct link_peer *c)
{
	struct list *at;
	int why;

	if (is_shared(l->speaker, c))
		return 0;
	for (at = l->doors.next; at != &l->doors; at = at->next) {
		struct door *d = LIST_ENTRY(at, struct door, link);

		turn(d, c, unsign_at);
		if (sign_at(d, c) == 0)
			continue;
		why = errno;
		turn(d, c, sign_for);
		while ((at = at->prev) != &l->doors) {
			d = LIST_ENTRY(at, struct door, link);
			unsign_at(d, c);
			turn(d, c, sign_for);
		}
		errno = why;
		return -1;
	}
	return 0;
}

void
listener_unsign(struct listener *l, const struct link_peer *c)
{
	if (is_shared(l->speaker, c))
		return;
	LIST_EACH(link, &l->doors) {
		struct door *d = LIST_ENTRY(link, struct door, link);

		unsign_at(d, c);
		turn(d, c, sign_for);
	}
}

void
listener_remove(struct listener *l, const struct link_peer *c)
{
	struct door *d = c->listen ? door_of(l, &c->local, c->listen) : NULL;

	if (c->md5[0])
		drop_key(l, c);
	if (d)
		close_door(d);
}
