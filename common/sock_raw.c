#include "common/sock_raw.h"
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include "common/mem.h"
#include "common/sock.h"

enum { IO_THREADS = 2 }; /* CURVE costs a thread as much as the octets do */

static void *context; /* NULL: not started */
static void **opened;
static size_t count, cap;

int
sock_start(void)
{
	if (context)
		return 0;
	if (!zmq_has("curve")) {
		errno = ENOTSUP;
		return -1;
	}
	zsys_handler_set(NULL); /* signals are the loop's */
	context = zsys_init();
	if (!context)
		return -1;
	zmq_ctx_set(context, ZMQ_IO_THREADS, IO_THREADS);
	/* czmq ends its context at exit and waits for the sockets; this runs before and closes them */
	atexit(sock_stop);
	return 0;
}

void
sock_stop(void)
{
	if (!context)
		return;
	while (count > 0)
		zmq_close(opened[--count]);
	mem_free(opened);
	opened = NULL;
	cap = 0;
	context = NULL;
	zsys_shutdown();
}

void *
sock_raw_open(int type)
{
	void *raw;

	if (!context) {
		errno = ENOTCONN;
		return NULL;
	}
	raw = zmq_socket(context, type);
	if (!raw)
		return NULL;
	sock_raw_set(raw, ZMQ_LINGER, 0);
	opened = mem_grow(opened, &cap, count + 1, sizeof *opened);
	opened[count++] = raw;
	return raw;
}

void
sock_raw_close(void *raw)
{
	for (size_t i = 0; raw && i < count; i++) {
		if (opened[i] == raw) {
			opened[i] = opened[--count];
			zmq_close(raw);
			return;
		}
	}
}

int
sock_raw_set(void *raw, int option, int value)
{
	return zmq_setsockopt(raw, option, &value, sizeof value);
}

unsigned
sock_raw_receive(void *raw, zmq_msg_t *part, unsigned max)
{
	unsigned got = 0;
	zmq_msg_t more;
	bool last;

	do {
		zmq_msg_init(&more);
		if (zmq_msg_recv(&more, raw, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&more);
			break;
		}
		last = !zmq_msg_more(&more);
		if (got < max) {
			zmq_msg_init(&part[got]);
			zmq_msg_move(&part[got], &more);
		}
		zmq_msg_close(&more);
		got++;
	} while (!last);
	return got;
}

void
sock_raw_done(zmq_msg_t *part, unsigned n, unsigned max)
{
	for (unsigned i = 0; i < n && i < max; i++)
		zmq_msg_close(&part[i]);
}
