#include "controller/cli/out.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe that poll calls writable takes so many octets at once (PIPE_BUF), so the descriptor, which others
 * share, need not be made non-blocking. */
enum { CHUNK = 4096 };

size_t
out_left(const struct out *o)
{
	return o->text.len - o->written;
}

static void
gone(struct out *o)
{
	if (o->gone)
		return;
	o->gone = true;
	if (o->item)
		loop_want(o->item, false, false);
	o->closed(o->self);
}

static bool
write_chunk(struct out *o)
{
	size_t left = out_left(o);
	ssize_t n = write(STDOUT_FILENO, o->text.base + o->written, left < CHUNK ? left : CHUNK);

	if (n < 0 && errno != EINTR && errno != EAGAIN) {
		gone(o);
		return false;
	}
	o->written += n > 0 ? (size_t)n : 0;
	return n > 0 || errno == EINTR;
}

static void
emptied(struct out *o)
{
	text_clear(&o->text);
	o->written = 0;
	if (o->item)
		loop_want(o->item, o->pipe, false);
	if (o->drained)
		o->drained(o->self);
}

static bool
has_room(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && p.revents != 0;
}

static enum loop_verdict
writable(void *self)
{
	struct out *o = self;

	while (!o->gone && out_left(o) > 0 && has_room()) {
		(void)write_chunk(o);
		if (loop_spent(o->loop))
			return LOOP_NOW;
	}
	if (!o->gone && out_left(o) == 0)
		emptied(o);
	return LOOP_LATER;
}

/* A pipe's writing end is never readable: what wakes this is that nobody reads it. */
static enum loop_verdict
broken(void *self)
{
	struct out *o = self;
	struct pollfd p = { .fd = STDOUT_FILENO };

	if (poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP | POLLNVAL)))
		gone(o);
	return LOOP_LATER;
}

void
out_open(struct out *o, struct loop *loop)
{
	struct stat st;

	o->loop = loop;
	if (fstat(STDOUT_FILENO, &st) < 0 || S_ISREG(st.st_mode))
		return;
	if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode) && !isatty(STDOUT_FILENO))
		return;
	o->pipe = S_ISFIFO(st.st_mode);
	o->item = loop_fd(loop, STDOUT_FILENO, LOOP_COMMANDS, broken, writable, o);
	loop_want(o->item, o->pipe, false);
}

void
out_close(struct out *o)
{
	loop_close(o->item);
	o->item = NULL;
	text_fini(&o->text);
}

void
out_flush(struct out *o)
{
	if (o->gone || out_left(o) == 0)
		return;
	if (o->item) {
		loop_want(o->item, o->pipe, true);
		return;
	}
	while (!o->gone && out_left(o) > 0)
		(void)write_chunk(o);
	if (!o->gone)
		emptied(o);
}
