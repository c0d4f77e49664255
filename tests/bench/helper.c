/* Who commands and the peer of its routes in one process, as chain.c is the start and the end of its chain: how long
 * from the write of a command to the octets at the peer. A helper program on pipes, or with an ENDPOINT a client of the
 * API over ZeroMQ.
 *
 * usage: helper ADDRESS ASN PAUSE_US ORDERS ANSWERS [ENDPOINT]
 * Takes one BGP session at that address as that AS. For each number N read as a line from the file (a fifo) ORDERS,
 * announces N routes one by one, that far apart, and writes a line of N times, in nanoseconds, to ANSWERS; a client
 * writes a second one, of the times until its command was answered. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>
#include "clock.h"

enum {
	BGP_HEADER = 19,
	BGP_MOST = 4096,
	OPEN = 1,
	UPDATE = 2,
	KEEPALIVE = 4,
	NLRI = 5 /* of a /32 */,
	LINE_MOST = 256,
	SAMPLES_MOST = 1000
};

static uint8_t memory[65536];
static size_t have;
static void *api; /* NULL: our commands are lines on standard output */

static int
accept_peer(const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(179) };
	int one = 1, fd, listener = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 1) < 0)
		die("listen");
	fd = accept(listener, NULL, NULL);
	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
		die("accept");
	return fd;
}

/* With multiprotocol IPv4 unicast: without it exabgp says nothing to us. */
static void
greet(int fd, const char *address, unsigned asn)
{
	static const uint8_t capability[] = { 8, 2, 6, 1, 4, 0, 1, 0, 1 };
	uint8_t message[BGP_HEADER * 2 + 9 + sizeof capability] = { 0 };
	uint8_t *body = message + BGP_HEADER, *next = body + 9 + sizeof capability;

	memset(message, 0xff, 16);
	message[17] = BGP_HEADER + 9 + sizeof capability;
	message[18] = OPEN;
	body[0] = 4;
	body[1] = (uint8_t)(asn >> 8);
	body[2] = (uint8_t)asn;
	inet_pton(AF_INET, address, body + 5); /* hold time 0: nobody has to say a thing */
	memcpy(body + 9, capability, sizeof capability);
	memset(next, 0xff, 16);
	next[17] = BGP_HEADER;
	next[18] = KEEPALIVE;
	if (write(fd, message, sizeof message) != sizeof message)
		die("write");
}

/* Read on until an UPDATE has come that ends in these octets. */
static void
wait_update(int fd, const uint8_t nlri[NLRI])
{
	size_t len;
	ssize_t n;

	for (;;) {
		for (; have >= BGP_HEADER; have -= len, memmove(memory, memory + len, have)) {
			len = (size_t)memory[16] << 8 | memory[17];
			if (have < len)
				break;
			if (memory[18] == UPDATE && len > BGP_HEADER + NLRI &&
			    memcmp(memory + len - NLRI, nlri, NLRI) == 0) {
				have -= len;
				memmove(memory, memory + len, have);
				return;
			}
		}
		n = read(fd, memory + have, sizeof memory - have);
		if (n <= 0)
			die("the session ended");
		have += (size_t)n;
	}
}

/* [ 1, "command", id, { "text": line } ] in msgpack */
static size_t
frame_of(const char *line, size_t len, uint16_t id, char *frame)
{
	static const char head[] = "\x94\x01\xa7"
				   "command\xcd",
			  middle[] = "\x81\xa4"
				     "text\xd9";
	char *p = frame;

	p = mempcpy(p, head, sizeof head - 1);
	*p++ = (char)(id >> 8);
	*p++ = (char)id;
	p = mempcpy(p, middle, sizeof middle - 1);
	*p++ = (char)len;
	p = mempcpy(p, line, len);
	return (size_t)(p - frame);
}

static void
command(const char *line, size_t len, uint16_t id)
{
	char frame[LINE_MOST + 32];

	if (!api) {
		if (write(1, line, len) != (ssize_t)len)
			die("write");
		return;
	}
	len = frame_of(line, len - 1, id, frame); /* no newline in a frame */
	if (zmq_send(api, frame, len, 0) < 0)
		die("zmq_send");
}

/* → nanoseconds until the octets; *answered: until the answer */
static uint64_t
once(int fd, const char *address, uint64_t *answered)
{
	static unsigned before;
	unsigned made = ++before;
	uint8_t nlri[NLRI] = { 32, 172, 16, (uint8_t)(made >> 8), (uint8_t)made };
	char line[LINE_MOST];
	int len = snprintf(line, sizeof line,
	    "neighbor %s announce route 172.16.%u.%u/32 next-hop self\n", address, nlri[3],
	    nlri[4]);
	uint64_t start = now(), arrived;

	command(line, (size_t)len, (uint16_t)made);
	wait_update(fd, nlri);
	arrived = now() - start;
	if (api && zmq_recv(api, line, sizeof line, 0) < 0)
		die("zmq_recv");
	*answered = now() - start;
	while (!api && read(0, line, sizeof line) > 0) /* the answers, that nobody wants */
		;
	return arrived;
}

static void
tell(FILE *to, const uint64_t *times, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		fprintf(to, "%llu%c", (unsigned long long)times[i], i + 1 == count ? '\n' : ' ');
	fflush(to);
}

static void
connect_api(const char *endpoint)
{
	int none = 0;

	api = zmq_socket(zmq_ctx_new(), ZMQ_DEALER);
	zmq_setsockopt(api, ZMQ_LINGER, &none, sizeof none);
	if (zmq_connect(api, endpoint) < 0)
		die(endpoint);
}

int
main(int argc, char **argv)
{
	static uint64_t arrived[SAMPLES_MOST], answered[SAMPLES_MOST];
	FILE *orders, *answers;
	char line[32];
	unsigned pause_us;
	int fd;

	if (argc < 6)
		return 2;
	pause_us = (unsigned)atoi(argv[3]);
	fd = accept_peer(argv[1]);
	greet(fd, argv[1], (unsigned)atoi(argv[2]));
	fcntl(0, F_SETFL, O_NONBLOCK);
	orders = fopen(argv[4], "r");
	answers = fopen(argv[5], "w");
	if (!orders || !answers)
		die("fopen");
	if (argc > 6)
		connect_api(argv[6]);
	while (fgets(line, sizeof line, orders)) {
		unsigned count = (unsigned)atoi(line);

		for (unsigned i = 0; i < count && i < SAMPLES_MOST; i++) {
			usleep(pause_us);
			arrived[i] = once(fd, argv[1], &answered[i]);
		}
		tell(answers, arrived, count);
		if (api)
			tell(answers, answered, count);
	}
	return 0;
}
