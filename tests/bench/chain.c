/* The machine's own floor: processes that only read and write, pipe -> unix socket -> TCP.
 *
 *      this one -pipe-> a child -unix socket-> another child -TCP-> this one
 *
 * usage: chain PAUSE_US OCTETS
 * For each number N read as a line from standard input, sends N messages of so many octets one by one, that
 * far apart, and answers with a line of N times from the write to the read of the last octet, in
 * nanoseconds. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "clock.h"

enum { OCTETS_MAX = 4096 };

static void
copy(int from, int to)
{
	char memory[OCTETS_MAX];
	ssize_t n;

	while ((n = read(from, memory, sizeof memory)) > 0)
		if (write(to, memory, (size_t)n) != n)
			die("write");
	exit(0);
}

static void
child(int from, int to, int other)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0) {
		close(from);
		close(to);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(other);
	copy(from, to);
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
once(int out, int in, size_t octets)
{
	static char memory[OCTETS_MAX];
	uint64_t start = now();
	size_t got = 0;
	ssize_t n;

	if (write(out, memory, octets) != (ssize_t)octets)
		die("write");
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
	int first[2], second[2], third[2];
	char line[32];

	if (octets == 0 || octets > OCTETS_MAX || pipe(first) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, second) < 0)
		die("chain");
	tcp_pair(third);
	child(first[0], second[0], first[1]);
	child(second[1], third[0], first[1]);
	while (fgets(line, sizeof line, stdin)) {
		for (int i = atoi(line); i > 0; i--) {
			usleep(pause_us);
			printf("%llu%c", (unsigned long long)once(first[1], third[1], octets), i == 1 ? '\n' : ' ');
		}
		fflush(stdout);
	}
	return 0;
}
