/* What a helper says: lines out of its pipe, each a command. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "controller/api/ahead.h"
#include "controller/api/command.h"
#include "controller/api/group.h"
#include "controller/api/process_inner.h"
#include "controller/api/processes.h"
#include "controller/api/request.h"
#include "controller/telling.h"

enum {
	CHUNK = 64 * 1024,
	OPEN_MAX = 1024, /* commands under way; with more it is not read */
	LEFT_MAX = 1024 * 1024 /* octets taken from a pipe whose process is gone */
};

static bool
must_pause(const struct process *p)
{
	return p->open >= OPEN_MAX || p->client.queued >= CLIENT_QUEUE_MAX ||
	       p->client.waiting >= CLIENT_LATER_MAX;
}

/* Its lines wait for something that has to end before them. */
static bool
must_wait(const struct process *p)
{
	return p->waits > 0 || telling_under_way(p->client.api->controller);
}

void
process_read_on(struct process *p)
{
	if (!p->paused || must_wait(p) || (must_pause(p) && !p->exited))
		return;
	p->paused = false;
	if (p->from) {
		loop_want(p->from, true, false);
		loop_wake(p->from);
	}
}

void
process_hold(struct process *p, bool hold)
{
	p->waits += hold ? 1u : -1u;
	process_read_on(p);
}

static bool
is_debug(struct reader line)
{
	return line.left > 6 && memcmp(line.at, "debug ", 6) == 0;
}

static struct request *
request_of(struct process *p)
{
	struct api_request none = { .type = API_COMMAND,
		.wait = p->sync ? API_WAIT_SENT : API_WAIT_ACCEPTED };
	struct request *r = request_new(&p->client, &none);

	r->silent = p->silent;
	p->open++;
	p->client.asked++;
	p->client.heard = api_now(p->client.api);
	return r;
}

/* Most of what a program says differs from what it said before in the prefix alone. */
static bool
take_again(struct process *p, struct reader line)
{
	struct client *c = &p->client;
	struct again again;
	size_t before = p->owed.octets;

	if (p->sync || !list_empty(&c->requests) || !command_again(c, line, &again))
		return false;
	c->asked++;
	c->answers++;
	c->heard = api_now(c->api);
	if (p->silent || !process_writes(p))
		return true;
	owed_ack(&p->owed, false);
	process_owes(p, before);
	return true;
}

static void
take_line(struct process *p, struct reader line)
{
	uint64_t before = p->client.api->controller->changes;

	if (is_debug(line)) {
		if (log_allow(&p->prints, 100))
			log_info(
			    p->client.name, "%.*s", (int)line.left - 6, (const char *)line.at + 6);
		return;
	}
	if (!group_take(p, line) && !take_again(p, line)) {
		struct request *r = request_of(p);

		p->running = r;
		p->line = line;
		command_run(r, line);
		p->running = NULL;
	}
	if (p->client.api->controller->changes != before)
		burst_said(&p->all->burst, p, p->client.api->chosen, p->client.api->chosen_count);
}

static void
refuse_long_line(struct process *p)
{
	struct reason why = { 0 };
	struct request *r = request_of(p);

	p->client.malformed++;
	reason_set(&why, 0, 0, "a line of more than %d octets", LINE_MAX_OCTETS);
	request_refuse(&r, &why);
}

/* What it said so far, as one change where the quota allows. True when all was taken. */
static bool
take_some(struct process *p)
{
	enum { SOME = 32 };
	struct ahead *ahead = p->client.api->ahead;

	for (unsigned n = 1;; n++) {
		struct reader line;
		enum lines_got got;

		if (must_wait(p) || (!p->exited && must_pause(p))) {
			p->paused = true;
			loop_want(p->from, false, false);
			return false;
		}
		got = lines_next(&p->lines, &line);
		if (got == LINES_NONE)
			return true;
		if (got == LINES_LINE) {
			ahead_read(ahead, lines_peek(&p->lines));
			take_line(p, line);
		} else {
			refuse_long_line(p);
		}
		if (n % SOME == 0 && loop_spent(process_loop(p)))
			return false;
	}
}

static bool
take_lines(struct process *p)
{
	bool all = take_some(p);

	ahead_forget(p->client.api->ahead);
	return all;
}

/* Its standard output ended: whoever can't say anything any more is ended. */
static enum loop_verdict
no_more(struct process *p)
{
	if (p->exited) {
		process_over(p);
		return LOOP_CLOSE;
	}
	loop_close(p->from);
	p->from = NULL;
	close(p->child.out);
	p->child.out = -1;
	if (p->attached)
		loop_wake(p->say);
	else if (p->state == PROCESS_RUNNING && p->signals.at == 0)
		process_end_later(p);
	return LOOP_CLOSE;
}

static enum loop_verdict
read_lines(struct process *p)
{
	for (;;) {
		ssize_t n;

		if (!take_lines(p))
			return p->paused ? LOOP_LATER : LOOP_NOW;
		n = read(p->child.out, lines_room(&p->lines, CHUNK), CHUNK);
		lines_came(&p->lines, CHUNK, n > 0 ? (size_t)n : 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN && !p->exited)
			return LOOP_LATER;
		if (p->exited)
			p->left += CHUNK;
		if (n <= 0 || p->left > LEFT_MAX)
			return no_more(p);
		/* the pipe is empty; the loop says when it is not */
		if (n < CHUNK && !p->exited && take_lines(p))
			return LOOP_LATER;
	}
}

enum loop_verdict
process_readable(void *self)
{
	struct process *p = self;
	struct burst *burst = &p->all->burst;
	enum loop_verdict verdict = read_lines(p);

	burst_read(burst, verdict == LOOP_LATER && !p->paused);
	return verdict;
}
