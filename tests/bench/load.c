/* A BGP peer that costs little: sends the table of table.h, or counts and sums what it is sent; one or thousands of
 * sessions.
 *
 * usage: load DAEMON LOCAL ASN [count=N] [first=N] [sharing=real|each|one|few] [sessions=N] [hold=SECONDS]
 *
 * Connects from LOCAL (and the addresses behind it, a session each) to DAEMON, again after half a second where that
 * gives nothing. Orders on standard input, a line each: "go" sends the table, "churn TOTAL" withdraws and announces it
 * over and over until so many prefixes were announced, "sums" answers with a line a session. It ends with its input.
 * Says with the time (CLOCK_MONOTONIC, seconds): "up", "sending", "sent", "first" (UPDATE), "done" (every session
 * has `expect`=N prefixes), "down". */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "clock.h"
#include "table.h"

enum {
	HEADER = 19,
	MESSAGE_MOST = 4096,
	OPEN = 1,
	UPDATE = 2,
	KEEPALIVE = 4,
	NLRI_MOST = 5,
	IN_SIZE = 1 << 18,
	SMALL = 256,
	EVENTS = 256
};

struct peer {
	int fd;
	bool connecting, up;
	uint32_t local;
	uint8_t *in;
	size_t have;
	uint8_t out[SMALL]; /* OPEN, KEEPALIVE: before what is of the table */
	size_t out_length;
	size_t at; /* of `bulk` */
	uint64_t dialled, said;
	struct sum sum;
	uint64_t updates;
	bool done;
};

static struct {
	uint32_t daemon, local, asn, count, first, sessions, hold, expect;
	enum sharing sharing;
} opt = { .sessions = 1, .hold = 90 };

static struct peer *peers;
static struct table *table;
static uint8_t *bulk; /* what "go" sends */
static size_t bulk_length, bulk_room;
static uint64_t churn_left;
static bool going, first_said;
static unsigned up_count, done_count;
static int epoll;

static void
say(const char *what, uint64_t number)
{
	printf("%s %.6f %llu\n", what, (double)now() / 1e9, (unsigned long long)number);
	fflush(stdout);
}

/* --- what is sent --- */

static uint8_t *
begin(uint8_t *p, uint8_t type)
{
	memset(p, 0xff, 16);
	p[18] = type;
	return p + HEADER;
}

static size_t
finish(uint8_t *message, const uint8_t *end)
{
	size_t length = (size_t)(end - message);

	message[16] = (uint8_t)(length >> 8);
	message[17] = (uint8_t)length;
	return length;
}

static uint8_t *
bulk_message(void)
{
	if (bulk_room - bulk_length < MESSAGE_MOST) {
		bulk_room = bulk_room ? bulk_room * 2 : 1 << 20;
		bulk = realloc(bulk, bulk_room);
	}
	return begin(bulk + bulk_length, UPDATE);
}

static uint8_t *
put_prefix(uint8_t *p, const struct item *i)
{
	*p++ = i->length;
	for (int shift = 24; shift > 24 - i->length; shift -= 8)
		*p++ = (uint8_t)(i->address >> shift);
	return p;
}

static void
put_length(uint8_t *at, const uint8_t *end)
{
	size_t length = (size_t)(end - at - 2);

	at[0] = (uint8_t)(length >> 8);
	at[1] = (uint8_t)length;
}

/* An UPDATE for the run of items from `i` on that share a set; → behind them */
static uint32_t
announce(uint32_t i, uint32_t med)
{
	uint8_t *body = bulk_message(), *message = body - HEADER, *p = body + 4;
	uint32_t number = table->item[i].set;
	struct set s;

	set_of(number, &s);
	s.med = med ? med : s.med;
	p += set_wire(&s, opt.local, p);
	memset(body, 0, 2);
	put_length(body + 2, p);
	while (i < table->count && table->item[i].set == number &&
	       p - message < MESSAGE_MOST - NLRI_MOST)
		p = put_prefix(p, &table->item[i++]);
	bulk_length += finish(message, p);
	return i;
}

static uint32_t
withdraw(uint32_t i)
{
	uint8_t *body = bulk_message(), *message = body - HEADER, *p = body + 2;

	while (i < table->count && p - message < MESSAGE_MOST - NLRI_MOST - 2)
		p = put_prefix(p, &table->item[i++]);
	put_length(body, p);
	memset(p, 0, 2);
	bulk_length += finish(message, p + 2);
	return i;
}

static void
table_messages(void)
{
	uint8_t *p;

	for (uint32_t i = 0; i < table->count;)
		i = announce(i, 0);
	p = bulk_message(); /* End-of-RIB */
	memset(p, 0, 4);
	bulk_length += finish(p - HEADER, p + 4);
}

static void
churn_messages(void)
{
	bulk_length = 0;
	for (uint32_t i = 0; i < table->count;)
		i = withdraw(i);
	for (uint32_t i = 0; i < table->count;)
		i = announce(i, (uint32_t)(1 + churn_left / table->count % 4000000));
	churn_left -= churn_left < table->count ? churn_left : table->count;
	peers[0].at = 0;
}

static void
put_open(struct peer *p)
{
	uint16_t as = (uint16_t)(opt.asn > 0xffff ? 23456 : opt.asn);
	uint8_t *at = begin(p->out, OPEN);
	const uint8_t head[] = { 4, (uint8_t)(as >> 8), (uint8_t)as, (uint8_t)(opt.hold >> 8),
		(uint8_t)opt.hold, (uint8_t)(p->local >> 24), (uint8_t)(p->local >> 16),
		(uint8_t)(p->local >> 8), (uint8_t)p->local, 14, 2, 12, 1, 4, 0, 1, 0, 1, 65, 4,
		(uint8_t)(opt.asn >> 24), (uint8_t)(opt.asn >> 16), (uint8_t)(opt.asn >> 8),
		(uint8_t)opt.asn };

	memcpy(at, head, sizeof head);
	p->out_length = finish(p->out, at + sizeof head);
}

static void
put_keepalive(struct peer *p)
{
	uint8_t *m = p->out + p->out_length;

	if (p->out_length + HEADER <= SMALL && !(p->at && p->at < bulk_length))
		p->out_length += finish(m, begin(m, KEEPALIVE));
	p->said = now();
}

/* --- what comes --- */

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* As table.h says it: the path behind our AS, the communities. */
static uint64_t
attributes_hash(const uint8_t *p, const uint8_t *end)
{
	uint64_t path = 0, hash = 0;

	while (end - p >= 4) {
		size_t head = p[0] & 0x10 ? 4 : 3,
		       length = p[0] & 0x10 ? (size_t)p[2] << 8 | p[3] : p[2];
		uint8_t code = p[1];

		p += head;
		if ((size_t)(end - p) < length)
			break;
		if (code == 2)
			for (size_t i = 2; i + 4 <= length; i += 4)
				if (get32(p + i) != US)
					path = hash_add(path, get32(p + i));
		if (code == 8)
			for (size_t i = 0; i + 4 <= length; i += 4)
				hash = hash_add(i ? hash : path, get32(p + i));
		p += length;
	}
	return hash ? hash : path;
}

static size_t
each_prefix(const uint8_t *p, const uint8_t *end, struct sum *sum, uint64_t hash)
{
	size_t count = 0;

	for (; p < end; count++) {
		uint8_t length = *p++;
		uint32_t address = 0;

		if (length > 32 || end - p < (length + 7) / 8)
			break;
		for (int i = 0; i < (length + 7) / 8; i++)
			address |= (uint32_t)*p++ << (24 - 8 * i);
		if (sum)
			sum_add(sum, address, length, hash);
	}
	return count;
}

static void
take_update(struct peer *p, const uint8_t *body, size_t length)
{
	size_t withdrawn, attributes;
	const uint8_t *end = body + length, *at;

	if (length < 4 || (withdrawn = (size_t)body[0] << 8 | body[1]) > length - 4)
		return;
	at = body + 2 + withdrawn;
	attributes = (size_t)at[0] << 8 | at[1];
	if (attributes > (size_t)(end - at - 2))
		return;
	p->updates++;
	/* sums are of tables that only grow; a withdrawn one shows in the count */
	p->sum.count -= each_prefix(body + 2, at, NULL, 0);
	each_prefix(
	    at + 2 + attributes, end, &p->sum, attributes_hash(at + 2, at + 2 + attributes));
	if (!first_said && p->sum.count) {
		first_said = true;
		say("first", p->sum.count);
	}
	if (!p->done && opt.expect && p->sum.count >= opt.expect) {
		p->done = true;
		if (++done_count == opt.sessions)
			say("done", opt.sessions);
	}
}

static void
take(struct peer *p, uint8_t type, const uint8_t *body, size_t length)
{
	if (type == OPEN)
		put_keepalive(p);
	else if (type == UPDATE)
		take_update(p, body, length);
	else if (type == KEEPALIVE && !p->up) {
		p->up = true;
		if (++up_count == opt.sessions)
			say("up", up_count);
	}
}

/* --- sessions --- */

static void
watch(struct peer *p, int operation)
{
	bool more = p->connecting || p->out_length || (going && p->up && p->at < bulk_length);
	struct epoll_event e = { .events = EPOLLIN | (more ? EPOLLOUT : 0),
		.data.u32 = (uint32_t)(p - peers) };

	if (epoll_ctl(epoll, operation, p->fd, &e) < 0)
		die("epoll_ctl");
}

static void
dial(struct peer *p)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(p->local) };
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(179), .sin_addr.s_addr = htonl(opt.daemon)
	};
	int one = 1, buffer = 1 << 21;

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (opt.sessions < 8)
		setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&from, sizeof from) < 0)
		die("bind");
	if (connect(p->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
		die("connect");
	p->connecting = true;
	p->dialled = now();
	put_open(p);
	watch(p, EPOLL_CTL_ADD);
}

static void
hang_up(struct peer *p)
{
	if (p->up) {
		up_count--;
		say("down", (uint64_t)(p - peers));
	}
	close(p->fd);
	p->fd = -1;
	p->up = p->connecting = false;
	p->have = p->out_length = p->at = 0;
}

static void
readable(struct peer *p)
{
	ssize_t got;
	size_t at = 0, length;

	if (!p->in)
		p->in = malloc(opt.sessions < 200 ? IN_SIZE : 2 * MESSAGE_MOST);
	got = read(
	    p->fd, p->in + p->have, (opt.sessions < 200 ? IN_SIZE : 2 * MESSAGE_MOST) - p->have);
	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			hang_up(p);
		return;
	}
	p->have += (size_t)got;
	while (p->have - at >= HEADER &&
	       p->have - at >= (length = (size_t)p->in[at + 16] << 8 | p->in[at + 17])) {
		if (length < HEADER || length > MESSAGE_MOST) {
			hang_up(p);
			return;
		}
		take(p, p->in[at + 18], p->in + at + HEADER, length - HEADER);
		at += length;
	}
	p->have -= at;
	memmove(p->in, p->in + at, p->have);
}

/* → -1: the session has ended */
static int
write_some(struct peer *p, const uint8_t *from, size_t length, size_t *written)
{
	ssize_t n = write(p->fd, from, length);

	*written = n > 0 ? (size_t)n : 0;
	if (n < 0 && errno != EAGAIN) {
		hang_up(p);
		return -1;
	}
	return 0;
}

static void
writable(struct peer *p)
{
	size_t n;

	p->connecting = false;
	if (p->out_length) {
		if (write_some(p, p->out, p->out_length, &n) < 0)
			return;
		p->out_length -= n;
		memmove(p->out, p->out + n, p->out_length);
	}
	if (p->out_length || !going || !p->up || p->at == bulk_length)
		return;
	if (p->at == 0 && !churn_left)
		say("sending", bulk_length);
	if (write_some(p, bulk + p->at, bulk_length - p->at, &n) < 0)
		return;
	p->at += n;
	if (p->at < bulk_length)
		return;
	if (churn_left)
		churn_messages();
	else
		say("sent", bulk_length);
}

static void
sums(void)
{
	for (uint32_t i = 0; i < opt.sessions; i++) {
		const struct peer *p = &peers[i];

		printf("sum %llu %016llx %016llx %llu\n", (unsigned long long)p->sum.count,
		    (unsigned long long)p->sum.prefixes, (unsigned long long)p->sum.routes,
		    (unsigned long long)p->updates);
	}
	printf("end\n");
	fflush(stdout);
}

static void
order(char *line)
{
	unsigned long long n;

	if (strncmp(line, "sums", 4) == 0) {
		sums();
		return;
	}
	if (sscanf(line, "churn %llu", &n) == 1) {
		churn_left = n;
		churn_messages();
	}
	going = true;
	for (uint32_t i = 0; i < opt.sessions; i++)
		if (peers[i].fd >= 0)
			watch(&peers[i], EPOLL_CTL_MOD);
}

static void
orders(void)
{
	char text[4096];
	ssize_t n = read(STDIN_FILENO, text, sizeof text - 1);

	if (n <= 0)
		exit(0);
	text[n] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		order(line);
}

static void
timers(uint64_t at)
{
	for (uint32_t i = 0; i < opt.sessions; i++) {
		struct peer *p = &peers[i];

		if (p->fd >= 0 && p->connecting && at - p->dialled > 500000000)
			hang_up(p);
		if (p->fd < 0 && at - p->dialled > 500000000)
			dial(p);
		else if (p->up && opt.hold && at - p->said > opt.hold * 1000000000ull / 3) {
			put_keepalive(p);
			watch(p, EPOLL_CTL_MOD);
		}
	}
}

static void
turn(void)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(epoll, events, EVENTS, 100);

	for (int i = 0; i < n; i++) {
		struct peer *p;

		if (events[i].data.u32 == UINT32_MAX) {
			orders();
			continue;
		}
		p = &peers[events[i].data.u32];
		if (p->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			readable(p);
		if (p->fd >= 0 && (events[i].events & EPOLLOUT || p->out_length))
			writable(p);
		if (p->fd >= 0)
			watch(p, EPOLL_CTL_MOD);
	}
}

static void
options(int argc, char **argv)
{
	struct in_addr daemon, local;

	if (argc < 4 || !inet_aton(argv[1], &daemon) || !inet_aton(argv[2], &local)) {
		fprintf(stderr, "usage: load DAEMON LOCAL ASN [WORD=VALUE ...]\n");
		exit(2);
	}
	opt.daemon = ntohl(daemon.s_addr);
	opt.local = ntohl(local.s_addr);
	opt.asn = (uint32_t)strtoul(argv[3], NULL, 10);
	for (int i = 4; i < argc; i++) {
		static const struct {
			const char *word;
			uint32_t *value;
		} words[] = { { "count", &opt.count }, { "first", &opt.first },
			{ "sessions", &opt.sessions }, { "hold", &opt.hold },
			{ "expect", &opt.expect } };
		char *value = strchr(argv[i], '=');

		if (!value)
			die(argv[i]);
		*value++ = '\0';
		if (strcmp(argv[i], "sharing") == 0)
			opt.sharing = sharing_of(value);
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			if (strcmp(argv[i], words[k].word) == 0)
				*words[k].value = (uint32_t)strtoul(value, NULL, 10);
	}
}

int
main(int argc, char **argv)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = UINT32_MAX };
	uint64_t last = 0;

	options(argc, argv);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &e);
	if (opt.count) {
		struct sum sum;

		table = table_new(opt.first, opt.count, opt.sharing);
		sum = table_sum(table);
		table_messages();
		printf("table %llu %016llx %016llx %zu\n", (unsigned long long)sum.count,
		    (unsigned long long)sum.prefixes, (unsigned long long)sum.routes, bulk_length);
		fflush(stdout);
	}
	peers = calloc(opt.sessions, sizeof *peers);
	for (uint32_t i = 0; i < opt.sessions; i++) {
		peers[i].local = opt.local + i;
		dial(&peers[i]);
	}
	for (;;) {
		uint64_t at = now();

		if (at - last > 50000000) {
			timers(at);
			last = at;
		}
		turn();
	}
}
