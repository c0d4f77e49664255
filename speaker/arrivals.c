#include "speaker/arrivals.h"
#include <unistd.h>
#include "common/mem.h"
#include "speaker/link.h"
#include "speaker/peer.h"

enum { HELD_MOST = 256, HELD_WAIT = 10000000 /* microseconds */ };

struct arrivals {
	struct speaker *speaker;
	struct list ranges; /* of peers */
	struct list held; /* the oldest first */
	unsigned count;
};

struct arrival {
	struct list link;
	struct arrivals *arrivals;
	int fd;
	struct addr from, to;
	struct loop_timer timer;
};

struct arrivals *
arrivals_open(struct speaker *speaker)
{
	struct arrivals *a = mem_zero(sizeof *a);

	a->speaker = speaker;
	list_init(&a->ranges);
	list_init(&a->held);
	return a;
}

/* → its fd, which is the caller's */
static int
let_go(struct arrival *h)
{
	int fd = h->fd;

	loop_timer_stop(h->arrivals->speaker->loop, &h->timer);
	list_remove(&h->link);
	h->arrivals->count--;
	mem_free(h);
	return fd;
}

static void
on_wait(void *self)
{
	close(let_go(self));
}

void
arrivals_close(struct arrivals *a)
{
	if (!a)
		return;
	LIST_EACH(link, &a->held)
		close(let_go(LIST_ENTRY(link, struct arrival, link)));
	mem_free(a);
}

void
arrivals_range(struct arrivals *a, struct peer *peer)
{
	list_add(&a->ranges, &peer->of_ranges);
}

struct list *
arrivals_ranges(struct arrivals *a)
{
	return &a->ranges;
}

void
arrivals_range_gone(struct peer *peer)
{
	list_remove(&peer->of_ranges);
}

static bool
covers(const struct peer *p, const struct addr *from, const struct addr *to)
{
	struct prefix range = { .addr = p->config.address, .len = (uint8_t)(p->config.range - 1) };

	return prefix_holds(&range, from) &&
	       (p->config.local.family == 0 || addr_equal(&p->config.local, to));
}

/* The narrowest. */
static struct peer *
range_of(struct arrivals *a, const struct addr *from, const struct addr *to)
{
	struct peer *best = NULL;

	LIST_EACH(link, &a->ranges) {
		struct peer *p = LIST_ENTRY(link, struct peer, of_ranges);

		if (covers(p, from, to) && (!best || p->config.range > best->config.range))
			best = p;
	}
	return best;
}

static struct arrival *
held_of(struct arrivals *a, const struct addr *from)
{
	LIST_EACH(link, &a->held) {
		struct arrival *h = LIST_ENTRY(link, struct arrival, link);

		if (addr_equal(&h->from, from))
			return h;
	}
	return NULL;
}

bool
arrivals_hold(struct arrivals *a, int fd, const struct addr *from, const struct addr *to)
{
	struct peer *range = range_of(a, from, to);
	struct loop *loop = a->speaker->loop;
	struct arrival *h;

	if (!range)
		return false;
	if (range->orphaned || range->keyless || !link_up(a->speaker->link)) {
		close(fd); /* nobody is there to make it a peer, or it is not signed */
		return true;
	}
	h = held_of(a, from);
	if (!h && a->count == HELD_MOST)
		h = LIST_ENTRY(a->held.next, struct arrival, link);
	if (h)
		close(let_go(h));
	h = mem_zero(sizeof *h);
	*h = (struct arrival){ .arrivals = a, .fd = fd, .from = *from, .to = *to };
	h->timer = (struct loop_timer){ .fire = on_wait, .self = h };
	list_add(&a->held, &h->link);
	a->count++;
	loop_timer_set(loop, &h->timer, loop_now(loop) + HELD_WAIT);
	link_arrival(a->speaker->link, range->config.peer, from);
	return true;
}

void
arrivals_met(struct arrivals *a, const struct addr *address)
{
	struct arrival *h = held_of(a, address);
	struct addr from, to;

	if (!h)
		return;
	from = h->from;
	to = h->to;
	peer_incoming(a->speaker, let_go(h), &from, &to);
}
