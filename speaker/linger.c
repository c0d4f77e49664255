#include "speaker/linger.h"
#include <sys/socket.h>
#include <unistd.h>
#include "common/mem.h"

enum { LINGER_FOR = 1000000, READS = 16 };

struct lingering {
	struct loop *loop;
	struct loop_item *item;
	struct loop_timer timer;
	int fd;
};

static unsigned count;

unsigned
linger_count(void)
{
	return count;
}

static void
end(void *self)
{
	struct lingering *l = self;

	count--;
	loop_timer_stop(l->loop, &l->timer);
	loop_close(l->item);
	close(l->fd);
	mem_free(l);
}

static enum loop_verdict
drain(void *self)
{
	static uint8_t away[65536];
	struct lingering *l = self;

	for (int i = 0; i < READS; i++) {
		ssize_t got = recv(l->fd, away, sizeof away, MSG_DONTWAIT);

		if (got > 0)
			continue;
		if (got < 0)
			return LOOP_LATER;
		end(l);
		return LOOP_CLOSE;
	}
	return LOOP_NOW;
}

void
linger(struct loop *loop, int fd)
{
	struct lingering *l = mem_zero(sizeof *l);

	count++;
	shutdown(fd, SHUT_WR);
	l->loop = loop;
	l->fd = fd;
	l->item = loop_fd(loop, fd, LOOP_WORK, drain, NULL, l);
	loop_want(l->item, true, false);
	l->timer = (struct loop_timer){ .fire = end, .self = l };
	loop_timer_set(loop, &l->timer, loop_now(loop) + LINGER_FOR);
}
