/* The machine's own floor: processes that only read and write.
 *
 *      this one -first hop-> a child -second hop-> another child -TCP-> this one
 *
 * usage: chain PAUSE_US OCTETS [FIRST SECOND]
 * The first hop is "pipe" or a ZeroMQ endpoint (a DEALER here, a ROUTER in the child), the second "unix" or another
 * (a ROUTER in the first child, a DEALER in the second): what ZeroMQ's threads cost where Ambo has them.
 * For each number N read as a line from standard input, sends N messages of so many octets one by one, that
 * far apart, and answers with a line of N times from the write to the read of the last octet, in
 * nanoseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>
#include "clock.h"

enum { OCTETS_MAX = 4096, UNTIL_THERE = 1000 /* microseconds */ };

/* One end of a hop: a descriptor, or the ZeroMQ socket that is made by the process that uses it (a context does not
 * survive a fork). */
struct end {
	int fd;
	const char *endpoint; /* NULL: fd */
	int type;
	void *socket;
};

static const char name[] = "second"; /* of the DEALER that a ROUTER has to send to */

static bool
is_endpoint(const char *hop)
{
	return strstr(hop, "://") != NULL;
}

static void
begin(struct end *e)
{
	int none = 0, one = 1;

	if (!e->endpoint)
		return;
	e->socket = zmq_socket(zmq_ctx_new(), e->type);
	zmq_setsockopt(e->socket, ZMQ_LINGER, &none, sizeof none);
	if (e->type == ZMQ_ROUTER)
		zmq_setsockopt(e->socket, ZMQ_ROUTER_MANDATORY, &one, sizeof one);
	else
		zmq_setsockopt(e->socket, ZMQ_ROUTING_ID, name, sizeof name);
	if ((e->type == ZMQ_ROUTER ? zmq_bind : zmq_connect)(e->socket, e->endpoint) < 0)
		die(e->endpoint);
}

/* → octets; 0 or -1: it has ended */
static ssize_t
take(struct end *e, char *memory)
{
	if (!e->endpoint)
		return read(e->fd, memory, OCTETS_MAX);
	if (e->type == ZMQ_ROUTER && zmq_recv(e->socket, memory, OCTETS_MAX, 0) < 0) /* from whom */
		return -1;
	return zmq_recv(e->socket, memory, OCTETS_MAX, 0);
}

static void
give(struct end *e, const char *memory, size_t octets)
{
	ssize_t n;

	if (!e->endpoint) {
		if (write(e->fd, memory, octets) != (ssize_t)octets)
			die("write");
		return;
	}
	while (e->type == ZMQ_ROUTER && zmq_send(e->socket, name, sizeof name, ZMQ_SNDMORE) < 0) {
		if (errno != EHOSTUNREACH)
			die("zmq_send");
		usleep(UNTIL_THERE);
	}
	n = zmq_send(e->socket, memory, octets, 0);
	if (n != (ssize_t)octets)
		die("zmq_send");
}

static void
child(struct end *from, struct end *to, int other)
{
	char memory[OCTETS_MAX];
	pid_t pid = fork();
	ssize_t n;

	if (pid < 0)
		die("fork");
	if (pid > 0) {
		close(from->fd);
		close(to->fd);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(other);
	begin(from);
	begin(to);
	while ((n = take(from, memory)) > 0)
		give(to, memory, (size_t)n);
	exit(0);
}

/* A connected pair over loopback. */
static void
tcp_pair(int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) < 0)
		die("listen");
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd[0], (struct sockaddr *)&a, sizeof a) < 0)
		die("connect");
	fd[1] = accept(listener, NULL, NULL);
	if (fd[1] < 0 || setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
		die("accept");
	close(listener);
}

static uint64_t
once(struct end *out, int in, size_t octets)
{
	static char memory[OCTETS_MAX];
	uint64_t start = now();
	size_t got = 0;
	ssize_t n;

	give(out, memory, octets);
	while (got < octets) {
		n = read(in, memory, octets - got);
		if (n <= 0)
			die("read");
		got += (size_t)n;
	}
	return now() - start;
}

int
main(int argc, char **argv)
{
	unsigned pause_us = argc > 2 ? (unsigned)atoi(argv[1]) : 10000;
	size_t octets = argc > 2 ? (size_t)atoi(argv[2]) : 64;
	const char *hop[2] = { argc > 4 ? argv[3] : "pipe", argc > 4 ? argv[4] : "unix" };
	int first[2], second[2], third[2];
	char line[32];

	if (octets == 0 || octets > OCTETS_MAX || pipe(first) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, second) < 0)
		die("chain");
	for (unsigned i = 0; i < 2; i++)
		if (!is_endpoint(hop[i]))
			hop[i] = NULL;
	tcp_pair(third);
	child(&(struct end){ first[0], hop[0], ZMQ_ROUTER, NULL },
	    &(struct end){ second[0], hop[1], ZMQ_ROUTER, NULL }, first[1]);
	child(&(struct end){ second[1], hop[1], ZMQ_DEALER, NULL }, &(struct end){ .fd = third[0] },
	    first[1]);

	struct end out = { first[1], hop[0], ZMQ_DEALER, NULL };

	begin(&out);
	while (fgets(line, sizeof line, stdin)) {
		for (int i = atoi(line); i > 0; i--) {
			usleep(pause_us);
			printf("%llu%c", (unsigned long long)once(&out, third[1], octets),
			    i == 1 ? '\n' : ' ');
		}
		fflush(stdout);
	}
	return 0;
}
