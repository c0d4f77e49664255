#include "controller/cli/input.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "proto/frame/api.h"

enum { CHUNK = 65536 };

/* A file is always readable, and epoll does not take it. */
void
input_want(struct input *in, bool wanted)
{
	if (!in->file)
		loop_want(in->item, wanted, false);
	else if (wanted)
		loop_wake(in->item);
}

static enum loop_verdict
read_some(void *self)
{
	struct input *in = self;
	ssize_t n;

	octets_drop_front(&in->octets, in->start);
	in->start = 0;
	n = read(in->fd, octets_room(&in->octets, CHUNK), CHUNK);
	in->octets.len -= (size_t)(n > 0 ? CHUNK - n : CHUNK);
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		in->end = true;
	in->ready(in->self);
	return LOOP_LATER;
}

void
input_open(struct input *in, struct loop *loop, int fd, void (*ready)(void *self), void *self)
{
	struct stat st;

	in->fd = fd;
	in->ready = ready;
	in->self = self;
	in->file =
	    fstat(fd, &st) < 0 || (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode) && !isatty(fd));
	in->item = in->file ? loop_work(loop, LOOP_COMMANDS, read_some, in)
			    : loop_fd(loop, fd, LOOP_COMMANDS, read_some, NULL, in);
	input_want(in, true);
}

void
input_close(struct input *in)
{
	loop_close(in->item);
	octets_fini(&in->octets);
	in->item = NULL;
}

static struct reader
trimmed(const char *line, size_t len)
{
	while (len > 0 && strchr(" \t\r", line[len - 1]))
		len--;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	return reader_of(line, len);
}

bool
input_next(struct input *in, struct reader *line)
{
	for (;;) {
		const char *at = (const char *)in->octets.base + in->start;
		size_t left = in->octets.len - in->start;
		const char *newline = left > 0 ? memchr(at, '\n', left) : NULL;
		size_t len = newline ? (size_t)(newline - at) : left;

		if (len > API_COMMAND_MAX) {
			in->too_long = in->end = true;
			in->start = in->octets.len;
			return false;
		}
		if (!newline && (!in->end || left == 0))
			return false;
		in->start += len + (newline ? 1 : 0);
		in->line++;
		*line = trimmed(at, len);
		if (line->left > 0 && *line->at != '#')
			return true;
	}
}
