/* What a helper is written: its answers and its events, as its pipe takes them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "controller/api/process_inner.h"

enum { CHUNK = 64 * 1024 };

bool
process_writes(const struct process *p)
{
	return process_runs(p) && !p->deaf && !p->exited;
}

/* It closed its standard input: that is its right, and its commands are still taken. */
static void
become_deaf(struct process *p, const char *why)
{
	if (!p->exited && !p->attached)
		log_warning(p->client.name, "does not take its answers any more: %s", why);
	p->deaf = true;
	loop_close(p->say);
	p->say = NULL;
	loop_close(p->to);
	p->to = NULL;
	close(p->child.in);
	p->child.in = -1;
	p->client.queued -= p->owed.octets < p->client.queued ? p->owed.octets : p->client.queued;
	owed_clear(&p->owed);
	octets_clear(&p->out);
	p->out_at = 0;
	if (p->attached)
		process_over(p);
	else
		process_read_on(p);
}

/* The next octets to write are in `out`. False: there are none. */
static bool
fill(struct process *p)
{
	size_t before = p->owed.octets;

	if (p->out_at < p->out.len)
		return true;
	octets_clear(&p->out);
	p->out_at = 0;
	owed_take(&p->owed, &p->out, CHUNK);
	p->client.queued -= before - p->owed.octets;
	return p->out.len > 0;
}

static void
made_room(struct process *p, bool was_ready)
{
	if (!was_ready && client_ready(&p->client))
		api_client_ready(&p->client);
	process_read_on(p);
}

/* In the middle of a burst its answers wait, so that what it said leaves before them. */
static bool
holds(const struct process *p)
{
	return !list_empty(&p->held);
}

/* Who came by himself has said all, and has all of his answers. */
static bool
has_all(const struct process *p)
{
	return p->attached && !p->from && p->open == 0 && owed_empty(&p->owed) &&
	       p->out_at == p->out.len;
}

enum loop_verdict
process_writable(void *self)
{
	struct process *p = self;
	bool was_ready = client_ready(&p->client);
	enum loop_verdict verdict = LOOP_NOW;

	if (holds(p)) {
		loop_want(p->to, false, false);
		return LOOP_LATER;
	}
	p->full = false;
	do {
		ssize_t n;

		if (!fill(p)) {
			loop_want(p->to, false, false);
			verdict = LOOP_LATER;
			break;
		}
		n = write(p->child.in, p->out.base + p->out_at, p->out.len - p->out_at);
		if (n < 0 && errno == EAGAIN) {
			p->full = true;
			loop_want(p->to, false, true);
			verdict = LOOP_LATER;
			break;
		}
		if (n < 0 && errno != EINTR) {
			become_deaf(p, strerror(errno));
			return LOOP_CLOSE;
		}
		p->out_at += n > 0 ? (size_t)n : 0;
		p->client.octets += n > 0 ? (uint64_t)n : 0;
	} while (!loop_spent(process_loop(p)));
	if (has_all(p)) {
		process_over(p);
		return LOOP_CLOSE;
	}
	made_room(p, was_ready);
	return verdict;
}

void
process_flush(struct process *p)
{
	list_remove(&p->held);
	if (process_writes(p))
		(void)process_writable(p);
}

void
process_owes(struct process *p, size_t before)
{
	p->client.queued += p->owed.octets - before;
	if (!p->full)
		loop_wake(p->say);
}

void
process_say(struct process *p, const void *text, size_t len)
{
	size_t before = p->owed.octets;

	if (!process_writes(p) || len == 0)
		return;
	owed_text(&p->owed, text, len);
	process_owes(p, before);
}
