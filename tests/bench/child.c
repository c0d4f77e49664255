/* A helper program of ours, as ExaBGP's users write them: announces the table of table.h, a line a route, or counts
 * and sums what it is told as JSON.
 *
 * usage: child ORDERS ANSWERS read EXPECT
 *        child ORDERS ANSWERS write COUNT SHARING
 *
 * ORDERS and ANSWERS are fifos; what goes through them is as with load.c: "go", "sums" in; "ready", "sending",
 * "written", "acked" (so many lines "done"), "done" out. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "table.h"

enum { IN_SIZE = 1 << 20, OUT_SIZE = 1 << 18, LINE_MOST = 512 };

static FILE *answers;
static struct table *table;
static struct sum sum;
static uint64_t expect, lines, acked;
static char in[IN_SIZE], out[OUT_SIZE];
static size_t in_have, out_have, out_at;
static uint32_t next;
static bool going;

static void
say(const char *what, uint64_t number)
{
	fprintf(answers, "%s %.6f %llu\n", what, (double)now() / 1e9, (unsigned long long)number);
	fflush(answers);
}

/* --- JSON --- */

static const char *
number(const char *p, uint32_t *v)
{
	for (*v = 0; *p >= '0' && *p <= '9'; p++)
		*v = *v * 10 + (uint32_t)(*p - '0');
	return p;
}

/* Numbers up to the bracket that closes the first one behind p, at `depth` within; each, or pairs of them. */
static uint64_t
hash_list(const char *p, bool pairs, uint64_t hash)
{
	uint32_t high = 0, v;
	unsigned depth = 0, n = 0;

	while (*p && *p != '[')
		p++;
	for (; *p; p++) {
		depth += *p == '[';
		if (*p == ']' && --depth == 0)
			break;
		if (*p < '0' || *p > '9')
			continue;
		p = number(p, &v) - 1;
		if (!pairs)
			hash = hash_add(hash, v);
		else if (n++ % 2)
			hash = hash_add(hash, high << 16 | v);
		high = v;
	}
	return hash;
}

static void
add_prefix(const char *p, uint64_t hash)
{
	uint32_t address = 0, v = 0;

	for (p = strchr(p, '"') + 1; *p && *p != '"'; p++) {
		if (*p >= '0' && *p <= '9') {
			p = number(p, &v) - 1;
			continue;
		}
		address = address << 8 | v;
	}
	sum_add(&sum, address, (uint8_t)v, hash);
}

/* `line` ends in NUL */
static void
take_line(const char *line)
{
	static const char as_path[] = "as-path\":", community[] = "community\":",
			  nlri[] = "nlri\":";
	uint64_t hash = 0, before = sum.count;

	lines++;
	for (const char *p = strchr(line, '"'); p; p = strchr(p, '"')) {
		p++;
		if (strncmp(p, nlri, sizeof nlri - 1) == 0)
			add_prefix(p + sizeof nlri - 1, hash);
		else if (strncmp(p, as_path, sizeof as_path - 1) == 0)
			hash = hash_list(p, false, hash);
		else if (strncmp(p, community, sizeof community - 1) == 0)
			hash = hash_list(p, true, hash);
	}
	if (before < expect && sum.count >= expect)
		say("done", lines);
}

static void
read_some(void)
{
	ssize_t n = read(STDIN_FILENO, in + in_have, sizeof in - in_have);
	char *at = in, *end;

	if (n <= 0)
		exit(0);
	in_have += (size_t)n;
	for (; (end = memchr(at, '\n', in_have - (size_t)(at - in))); at = end + 1) {
		*end = '\0';
		if (expect)
			take_line(at);
		else if (strcmp(at, "done") == 0 && ++acked == table->count)
			say("acked", acked);
	}
	in_have -= (size_t)(at - in);
	memmove(in, at, in_have);
}

/* --- what is written --- */

static void
write_some(void)
{
	static uint32_t set = UINT32_MAX;
	static struct set s;
	ssize_t n;

	if (out_at == out_have) {
		out_at = out_have = 0;
		for (; next < table->count && OUT_SIZE - out_have >= LINE_MOST; next++) {
			const struct item *i = &table->item[next];

			if (i->set != set)
				set_of(set = i->set, &s);
			out_have += item_text(i, &s, out + out_have, OUT_SIZE - out_have);
		}
	}
	n = write(STDOUT_FILENO, out + out_at, out_have - out_at);
	if (n < 0 && errno != EAGAIN)
		exit(0);
	out_at += n > 0 ? (size_t)n : 0;
	if (next < table->count || out_at < out_have)
		return;
	going = false;
	say("written", next);
}

static void
order(int fd)
{
	char text[256];
	ssize_t n = read(fd, text, sizeof text - 1);

	if (n <= 0)
		exit(0);
	text[n] = '\0';
	if (strncmp(text, "go", 2) == 0) {
		going = true;
		say("sending", table->count);
		return;
	}
	fprintf(answers, "sum %llu %016llx %016llx %llu\nend\n", (unsigned long long)sum.count,
	    (unsigned long long)sum.prefixes, (unsigned long long)sum.routes,
	    (unsigned long long)lines);
	fflush(answers);
}

static void
begin_writing(const char *count, const char *sharing)
{
	struct sum s;

	table = table_new(0, (uint32_t)atoi(count), sharing_of(sharing));
	s = table_sum(table);
	fprintf(answers, "table %llu %016llx %016llx 0\n", (unsigned long long)s.count,
	    (unsigned long long)s.prefixes, (unsigned long long)s.routes);
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
}

int
main(int argc, char **argv)
{
	int orders;

	if (argc < 5)
		return 2;
	orders = open(argv[1], O_RDONLY | O_CLOEXEC);
	answers = fopen(argv[2], "w");
	if (orders < 0 || !answers)
		die("orders");
	if (strcmp(argv[3], "read") == 0)
		expect = (uint64_t)atoll(argv[4]);
	else
		begin_writing(argv[4], argc > 5 ? argv[5] : "real");
	say("ready", 0);
	for (;;) {
		struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = orders, .events = POLLIN },
			{ .fd = going ? STDOUT_FILENO : -1, .events = POLLOUT } };

		poll(fds, 3, -1);
		if (fds[1].revents)
			order(orders);
		if (fds[0].revents)
			read_some();
		if (fds[2].revents)
			write_some();
	}
}
