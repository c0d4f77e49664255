/* Which helpers run. */
#include "controller/api/processes.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "controller/api/helper.h"
#include "controller/api/process_inner.h"
#include "controller/intent.h"
#include "controller/owners.h"

enum { END_TERM = 100000, END_KILL = 2000000 /* microseconds */ };

#define EACH_PROCESS(link, all) LIST_EACH(link, &(all)->list)

static struct process *
process_at(struct list *link)
{
	return LIST_ENTRY(link, struct process, link);
}

struct process *
processes_find(struct processes *all, const char *name)
{
	EACH_PROCESS(link, all)
	if (!process_at(link)->client.lost && strcmp(process_at(link)->name, name) == 0)
		return process_at(link);
	return NULL;
}

void
processes_read_on(struct processes *all)
{
	EACH_PROCESS(link, all)
	process_read_on(process_at(link));
}

/* --- starting --- */

/* ExaBGP's rule, and its window: the time without its lower six bits. */
static bool
too_often(struct process *p)
{
	uint64_t window = (uint64_t)clock_wall() / STARTS_WINDOW;

	if (window != p->window)
		p->in_window = 0;
	p->window = window;
	return p->in_window++ >= STARTS_MAX;
}

static void
start(struct process *p)
{
	char why[64];

	if (too_often(p)) {
		snprintf(why, sizeof why, "it ended %d times within %d seconds", STARTS_MAX,
		    STARTS_WINDOW);
		process_break(p, why);
		return;
	}
	if (process_start(p) == 0)
		helper_subscribe(p);
}

static const char *
how_it_ended(int status, char out[64])
{
	if (WIFSIGNALED(status))
		snprintf(out, 64, "killed by signal %d", WTERMSIG(status));
	else
		snprintf(out, 64, "ended with status %d", WEXITSTATUS(status));
	return out;
}

static bool
may_respawn(const struct process *p)
{
	const struct config *config = p->client.api->controller->config;

	return p->respawn && (!config || config->env.api_respawn);
}

static bool
must_terminate(const struct process *p)
{
	const struct config *config = p->client.api->controller->config;

	return config && config->env.api_terminate;
}

void
processes_over(struct process *p)
{
	bool asked = p->state == PROCESS_STOPPING;

	if (p->attached) {
		p->state = PROCESS_ENDED;
		client_lost(&p->client);
		return;
	}
	how_it_ended(p->status, p->why);
	p->state = PROCESS_ENDED;
	if (asked)
		log_info(p->client.name, "stopped (%s)", p->why);
	else
		log_warning(p->client.name, "%s", p->why);
	if (p->all->closing)
		return;
	if (!asked && p->configured && must_terminate(p)) {
		log_error(p->client.name, "exabgp.api.terminate: its end is ours");
		loop_stop(p->all->api->controller->loop, 0);
		return;
	}
	if (!p->configured)
		client_lost(&p->client);
	else if (p->again || (!asked && may_respawn(p)))
		start(p);
	else if (!asked)
		log_warning(p->client.name, "is not started again: respawn is off");
}

/* --- the configuration --- */

void
processes_restart(struct process *p)
{
	p->in_window = 0;
	if (p->state == PROCESS_RUNNING || p->state == PROCESS_STOPPING) {
		p->again = true;
		process_stop(p);
	} else {
		start(p);
	}
}

static struct process *
add_one(struct processes *all, const struct config_process *config)
{
	struct process *p = process_new(all, config);

	p->configured = true;
	if (all->adopt.at != 0)
		intent_begin(all->api->controller, p->client.owner);
	start(p);
	return p;
}

/* What it says comes behind what the configuration does. */
void
processes_begin(struct processes *all, const struct config *config)
{
	for (size_t i = 0; i < config->process_count; i++) {
		struct process *p;

		if (processes_find(all, config->processes[i].name))
			continue;
		p = add_one(all, &config->processes[i]);
		p->begun = true;
		process_hold(p, true);
	}
}

static void
apply_one(struct processes *all, const struct config_process *config, bool changed)
{
	struct process *p = processes_find(all, config->name);
	bool same, begun;

	if (!p) {
		add_one(all, config);
		return;
	}
	begun = p->begun;
	if (begun)
		process_hold(p, false);
	p->begun = false;
	list_remove(&p->link); /* to the end: the configuration's order */
	list_add(&all->list, &p->link);
	same = process_same(p, config);
	if (!p->configured) { /* it was on its way out */
		p->configured = true;
		process_define(p, config);
		processes_restart(p);
	} else if (!same && (changed || p->state == PROCESS_BROKEN || p->state == PROCESS_ENDED)) {
		process_define(p, config);
		processes_restart(p);
	} else if (changed && p->state == PROCESS_BROKEN && !begun) {
		processes_restart(p);
	}
}

static void
remove_one(struct process *p)
{
	p->configured = p->again = false;
	if (p->state == PROCESS_RUNNING)
		process_stop(p);
	else if (p->state != PROCESS_STOPPING)
		client_lost(&p->client);
}

static void
forget_neighbors(struct process *p)
{
	if (p->may)
		memset(p->may, 0, p->may_cap);
}

void
processes_neighbors_changed(struct processes *all)
{
	all->api->controller->grounds++;
	EACH_PROCESS(link, all)
	{
		forget_neighbors(process_at(link));
		helper_reconsider(process_at(link));
	}
}

void
processes_apply(struct processes *all, const struct config *config, bool changed)
{
	EACH_PROCESS(link, all)
	{
		struct process *p = process_at(link);

		forget_neighbors(p);
		if (p->configured && !config_process(config, p->name))
			remove_one(p);
	}
	for (size_t i = 0; i < config->process_count; i++)
		apply_one(all, &config->processes[i], changed);
	EACH_PROCESS(link, all)
	helper_reconsider(process_at(link));
	if (all->adopt.at == 0 && !all->adopted) {
		all->adopted = true;
		EACH_PROCESS(link, all)
		intent_begin(all->api->controller, process_at(link)->client.owner);
		loop_timer_set(all->api->controller->loop, &all->adopt,
		    api_now(all->api) + config->controller.adopt_time * UINT64_C(1000000));
	}
}

static bool
is_ours(struct processes *all, uint32_t owner)
{
	EACH_PROCESS(link, all)
	if (process_at(link)->client.owner == owner)
		return true;
	return false;
}

/* Those who were here before us had their time to say again what they had said to the controller before. Owners
 * that are no process of the configuration any more have nobody to say it. */
static void
adopt_time_over(void *self)
{
	struct processes *all = self;
	struct controller *c = all->api->controller;

	for (uint32_t i = 1; i <= owners_count(c->owners); i++) {
		const char *name = owner_name(c->owners, i);

		if (strncmp(name, "process ", 8) != 0)
			continue;
		if (!is_ours(all, i))
			intent_begin(c, i);
		intent_sweep(c, i);
	}
}

bool
processes_reap(struct processes *all, pid_t pid)
{
	EACH_PROCESS(link, all)
	if (process_reap(process_at(link), pid))
		return true;
	return false;
}

/* --- opening and closing --- */

/* Wait for those that are told to end; true when none is left. */
static bool
wait_for(struct processes *all, uint64_t until)
{
	for (;;) {
		uint64_t now = clock_monotonic();
		struct pollfd fd = { .fd = -1, .events = POLLIN };
		struct process *first = NULL;

		EACH_PROCESS(link, all)
		if (process_at(link)->state == PROCESS_STOPPING && !process_at(link)->exited)
			first = process_at(link);
		if (!first)
			return true;
		if (now >= until)
			return false;
		fd.fd = first->pidfd;
		(void)poll(&fd, 1, (int)((until - now) / 1000) + 1);
		EACH_PROCESS(link, all)
		{
			struct process *p = process_at(link);

			if (p->state == PROCESS_STOPPING && !p->exited)
				p->exited = child_reap(&p->child, &p->status) != 0;
		}
	}
}

static void
signal_all(struct processes *all, int number)
{
	EACH_PROCESS(link, all)
	if (process_at(link)->state == PROCESS_STOPPING)
		process_signal(process_at(link), number);
}

void
processes_end(struct processes *all)
{
	uint64_t start = clock_monotonic();

	all->closing = true;
	EACH_PROCESS(link, all)
	{
		if (all->api->controller->options.embedded) /* our one speaker ends, too */
			helper_ends(process_at(link));
		process_stop(process_at(link));
		process_flush(process_at(link));
	}
	if (wait_for(all, start + END_TERM))
		return;
	signal_all(all, SIGTERM);
	if (wait_for(all, start + END_KILL))
		return;
	signal_all(all, SIGKILL);
	(void)wait_for(all, start + END_KILL + END_TERM);
}

struct processes *
processes_new(struct api *api)
{
	struct processes *all = mem_zero(sizeof *all);

	all->api = api;
	all->unpack = unpack_new();
	burst_open(&all->burst, api->controller);
	all->adopt = (struct loop_timer){ .fire = adopt_time_over, .self = all };
	list_init(&all->list);
	return all;
}

void
processes_free(struct processes *all)
{
	if (!all)
		return;
	loop_timer_stop(all->api->controller->loop, &all->adopt);
	burst_close(&all->burst);
	unpack_free(all->unpack);
	mem_free(all);
}
