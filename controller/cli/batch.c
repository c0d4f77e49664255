/* ambo announce --file FILE: commands out of a file, one a line, thousands in one request. A line that is refused is
 * told with its number and costs nobody else anything; at the end one line says what came of all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "common/tree.h"
#include "controller/cli/cli.h"
#include "controller/cli/dial.h"
#include "controller/cli/input.h"
#include "controller/cli/print.h"

enum {
	LINES_MAX = 2048,
	OCTETS_MAX = 512 * 1024, /* of the lines of a request, but for its last one */
	UNDER_WAY = 4
};

/* A request: the numbers of its lines. */
struct sent {
	unsigned line[LINES_MAX];
	uint64_t id;
	bool open; /* the last answer is waited for; one "sent" may come before another */
	bool told; /* the first answer came */
};

struct batch {
	struct dial dial;
	struct cli *cli;
	struct input in;
	const char *name;
	struct pack lines;
	struct sent sent[UNDER_WAY]; /* by id modulo UNDER_WAY */
	uint64_t requests, answered; /* ids count from 1; how many have had their last answer */
	uint32_t count; /* lines that are not sent yet */
	uint64_t all, routes, news, failed;
	char status[16]; /* "sent", or "pending" once one was */
	struct text outcome; /* what that says */
	int result;
};

/* --- answers --- */

static void
tell_failed(struct batch *b, const struct sent *s, const struct node *data)
{
	const struct node *failed = node_find(data, "failed");
	uint64_t more = node_uint(node_find(data, "failures"), 0) - node_count(failed);
	struct text why = { 0 };

	for (uint32_t i = 0; i < node_count(failed); i++) {
		uint64_t index = node_uint(node_at(node_at(failed, i), 0), LINES_MAX);

		text_clear(&why);
		print_word(&why, node_bytes(node_at(node_at(failed, i), 1)));
		(void)cli_fail(CLI_REFUSED, "%s:%u: %s", b->name,
		    index < LINES_MAX ? s->line[index] : 0, text_str(&why));
	}
	if (more > 0)
		(void)cli_fail(
		    CLI_REFUSED, "%s: %llu more were refused", b->name, (unsigned long long)more);
	text_fini(&why);
}

static void
take_counts(struct batch *b, struct sent *s, const struct node *body)
{
	const struct node *data = node_find(body, "data");
	struct text why = { 0 };

	s->told = true;
	b->routes += node_uint(node_find(data, "routes"), 0);
	b->news += node_uint(node_find(data, "news"), 0);
	b->failed += node_uint(node_find(data, "failures"), 0);
	if (node_find(data, "failed")) {
		tell_failed(b, s, data);
	} else { /* of the request itself */
		print_word(&why, node_bytes(node_find(body, "text")));
		(void)cli_fail(CLI_REFUSED, "%s", text_str(&why));
		b->result = CLI_REFUSED;
		text_fini(&why);
	}
	if (b->failed > 0)
		b->result = CLI_REFUSED;
}

static void go_on(void *self);

static void
answer(void *self, const struct api_answer *a, size_t octets)
{
	struct batch *b = self;
	struct sent *s = &b->sent[a->id % UNDER_WAY];
	char status[16];

	(void)octets;
	if (a->type != API_REPLY || !s->open || s->id != a->id)
		return;
	node_text(node_find(a->body, "status"), status, sizeof status);
	if (!s->told) {
		take_counts(b, s, a->body);
	} else if (strcmp(b->status, "pending") != 0) {
		snprintf(b->status, sizeof b->status, "%s", status);
		text_clear(&b->outcome);
		print_word(&b->outcome, node_bytes(node_find(a->body, "text")));
	}
	if (node_bool(node_find(a->body, "final"), true)) {
		s->open = s->told = false;
		b->answered++;
	}
	go_on(b);
}

static void
summary_json(const struct batch *b)
{
	struct text t = { 0 };
	struct tree tree = tree_json(&t);

	tree_map(&tree);
	tree_put_uint(&tree, "routes", b->routes);
	tree_put_uint(&tree, "news", b->news);
	tree_put_uint(&tree, "lines", b->all);
	tree_put_uint(&tree, "refused", b->failed);
	if (b->outcome.len > 0)
		tree_put_text(&tree, b->status, text_str(&b->outcome));
	tree_map_end(&tree);
	puts(text_str(&t));
	text_fini(&t);
}

static void
summary(const struct batch *b)
{
	printf("%llu route%s, %llu news", (unsigned long long)b->routes, b->routes == 1 ? "" : "s",
	    (unsigned long long)b->news);
	if (b->failed > 0)
		printf("; %llu of %llu lines refused", (unsigned long long)b->failed,
		    (unsigned long long)b->all);
	printf("%s%s\n", b->outcome.len > 0 ? "; " : "", text_str(&b->outcome));
}

/* --- lines --- */

static void
send_batch(struct batch *b)
{
	enum api_wait wait = b->cli->wait == CLI_WAIT_SENT ? API_WAIT_SENT : API_WAIT_ACCEPTED;
	size_t mark = api_commands_begin(&b->dial.pack, ++b->requests, wait);
	struct sent *s = &b->sent[b->requests % UNDER_WAY];

	pack_copy(&b->dial.pack, b->lines.base, b->lines.len);
	pack_end(&b->dial.pack, mark, b->count);
	pack_clear(&b->lines);
	b->count = 0;
	s->id = b->requests;
	s->open = true;
	dial_send(&b->dial);
}

/* False when there is no line (yet). */
static bool
take_line(struct batch *b)
{
	struct reader line;

	if (!input_next(&b->in, &line))
		return false;
	b->sent[(b->requests + 1) % UNDER_WAY].line[b->count++] = b->in.line;
	b->all++;
	pack_textn(&b->lines, (const char *)line.at, line.left);
	if (b->count == LINES_MAX || b->lines.len >= OCTETS_MAX)
		send_batch(b);
	return true;
}

static bool
has_room(const struct batch *b)
{
	return !b->dial.waiting && !b->sent[(b->requests + 1) % UNDER_WAY].open;
}

static void
go_on(void *self)
{
	struct batch *b = self;
	bool more = true;

	while (more && has_room(b))
		more = take_line(b);
	if (!more && b->count > 0 &&
	    has_room(b)) /* what came so far, without waiting for the rest */
		send_batch(b);
	if (b->requests > b->answered)
		dial_hold(&b->dial);
	else
		loop_timer_stop(b->dial.loop, &b->dial.deadline);
	input_want(&b->in, !more && !b->in.end);
	if (b->in.end && !more && b->count == 0 && b->requests == b->answered)
		loop_stop(b->dial.loop, b->result);
}

static int
run(struct batch *b, int fd)
{
	struct loop *loop = loop_new();
	int status;

	b->dial.self = b;
	b->dial.answer = answer;
	b->dial.ready = go_on;
	status = dial_open(&b->dial, b->cli, loop);
	if (status < 0) {
		input_open(&b->in, loop, fd, go_on, b);
		status = dial_status(&b->dial, loop_run(loop), "an answer");
		if (b->in.too_long)
			status = cli_fail(CLI_USAGE, "%s:%u: a line of more than %d octets",
			    b->name, b->in.line + 1, API_COMMAND_MAX);
		else if (status == b->result && b->cli->wait != CLI_WAIT_NONE)
			b->cli->json ? summary_json(b) : summary(b);
		input_close(&b->in);
	}
	dial_close(&b->dial);
	loop_free(loop);
	return status;
}

int
cli_batch(struct cli *cli)
{
	static struct batch b;
	bool standard = strcmp(cli->file, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(cli->file, O_RDONLY | O_CLOEXEC), status;

	if (fd < 0)
		return cli_fail(CLI_USAGE, "%s: %s", cli->file, strerror(errno));
	b.cli = cli;
	b.name = standard ? "standard input" : cli->file;
	status = run(&b, fd);
	if (!standard)
		close(fd);
	pack_fini(&b.lines);
	text_fini(&b.outcome);
	if (fflush(stdout) != 0 && status == CLI_OK)
		status = CLI_REFUSED;
	return status;
}
