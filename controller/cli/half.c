#include "controller/cli/half.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include "common/log.h"

enum {
	WAIT_FIRST = 100000, /* microseconds */
	WAIT_MOST = 10000000,
	LIVED = 30000000, /* its death is not one of a row */
	SETTLED = 10000000 /* who ends with an error before that has never begun */
};

static void
start_again(void *self)
{
	struct half *h = self;

	if (half_start(h) == 0)
		return;
	h->wait = WAIT_MOST;
	loop_timer_set(h->loop, &h->again, loop_now(h->loop) + h->wait);
}

int
half_start(struct half *h)
{
	struct child_options o = { .argv = h->argv, .new_group = true, .die_with_parent = SIGTERM };

	h->again.self = h;
	h->again.fire = start_again;
	if (child_start(&h->child, &o) < 0) {
		log_error(h->name, "%s: %s", h->argv[0], strerror(errno));
		return -1;
	}
	h->running = true;
	h->since = loop_now(h->loop);
	log_debug(h->name, "started, pid %d", (int)h->child.pid);
	return 0;
}

static void
schedule(struct half *h, int status, uint64_t lived)
{
	if (lived >= LIVED || h->wait == 0)
		h->wait = WAIT_FIRST;
	else
		h->wait = h->wait * 2 < WAIT_MOST ? h->wait * 2 : WAIT_MOST;
	if (WIFSIGNALED(status))
		log_error(h->name, "killed by signal %d; again in %g s", WTERMSIG(status),
		    (double)h->wait / 1e6);
	else
		log_error(h->name, "ended with status %d; again in %g s", WEXITSTATUS(status),
		    (double)h->wait / 1e6);
	loop_timer_set(h->loop, &h->again, loop_now(h->loop) + h->wait);
}

enum half_end
half_reap(struct half *h)
{
	uint64_t lived = loop_now(h->loop) - h->since;
	int status;

	if (!h->running || child_reap(&h->child, &status) == 0)
		return HALF_RUNS;
	h->running = false;
	if (h->stopping)
		return HALF_OVER;
	if (h->done != 0 && WIFEXITED(status) && WEXITSTATUS(status) == h->done)
		return HALF_DONE;
	h->settled = h->settled || lived >= SETTLED || WIFSIGNALED(status);
	if (!h->settled && WIFEXITED(status) && WEXITSTATUS(status) != 0)
		return HALF_HOPELESS;
	h->settled = true;
	schedule(h, status, lived);
	return HALF_AGAIN;
}

void
half_signal(struct half *h, int number)
{
	if (h->running)
		(void)kill(h->child.pid, number);
}

void
half_stop(struct half *h)
{
	if (h->stopping)
		return;
	h->stopping = true;
	loop_timer_stop(h->loop, &h->again);
	half_signal(h, SIGTERM);
	half_signal(h, SIGCONT);
}
