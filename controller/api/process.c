/* One helper: it is started and ended, and what it is. */
#include "controller/api/process.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/mem.h"
#include "controller/api/group.h"
#include "controller/api/helper.h"
#include "controller/api/process_inner.h"
#include "controller/api/processes.h"
#include "controller/owners.h"

enum {
	TERM_AFTER = 100000, /* microseconds behind the shutdown line */
	KILL_AFTER = 1900000 /* ... behind that */
};

struct loop *
process_loop(const struct process *p)
{
	return p->client.api->controller->loop;
}

bool
process_runs(const struct process *p)
{
	return p->state == PROCESS_RUNNING || p->state == PROCESS_STOPPING;
}

static void
close_pipes(struct process *p)
{
	loop_close(p->from);
	loop_close(p->to);
	loop_close(p->say);
	loop_close(p->ended);
	p->from = p->to = p->say = p->ended = NULL;
	if (p->child.in >= 0)
		close(p->child.in);
	if (p->child.out >= 0)
		close(p->child.out);
	if (p->pidfd >= 0)
		close(p->pidfd);
	if (p->watch >= 0)
		close(p->watch);
	p->child.in = p->child.out = p->pidfd = p->watch = -1;
}

void
process_over(struct process *p)
{
	loop_timer_stop(process_loop(p), &p->signals);
	close_pipes(p);
	client_reap(&p->client);
	group_drop(p);
	list_remove(&p->held);
	owed_clear(&p->owed);
	octets_clear(&p->out);
	lines_clear(&p->lines);
	p->out_at = p->open = p->left = p->client.queued = 0;
	p->paused = p->full = false;
	p->subscription = NULL;
	processes_over(p);
}

/* --- its life --- */

static enum loop_verdict
ended(void *self)
{
	struct process *p = self;

	if (child_reap(&p->child, &p->status) == 0)
		return LOOP_LATER;
	loop_close(p->ended);
	p->ended = NULL;
	p->exited = true;
	p->paused = false;
	if (p->from)
		loop_wake(p->from);
	else
		process_over(p);
	return LOOP_CLOSE;
}

bool
process_reap(struct process *p, pid_t pid)
{
	if (!process_runs(p) || p->exited || p->child.pid != pid)
		return false;
	(void)ended(p);
	return true;
}

void
process_signal(struct process *p, int number)
{
	if (process_runs(p) && !p->exited)
		(void)kill(-p->child.pid, number);
}

static void
next_signal(void *self)
{
	struct process *p = self;

	process_signal(p, p->next_signal);
	if (p->next_signal == SIGKILL)
		return;
	p->next_signal = SIGKILL;
	loop_timer_set(process_loop(p), &p->signals, loop_now(process_loop(p)) + KILL_AFTER);
}

void
process_end_later(struct process *p)
{
	p->next_signal = SIGTERM;
	loop_timer_set(process_loop(p), &p->signals, loop_now(process_loop(p)) + TERM_AFTER);
}

static void
listen_to(struct process *p)
{
	struct loop *loop = process_loop(p);

	p->from = loop_fd(loop, p->child.out, LOOP_COMMANDS, process_readable, NULL, p);
	p->to = loop_fd(loop, p->child.in, LOOP_COMMANDS, NULL, process_writable, p);
	p->say = loop_work(loop, LOOP_FRAMES_OUT, process_writable, p);
	loop_want(p->from, true, false);
}

static int
open_pipes(struct process *p)
{
	p->pidfd = (int)syscall(SYS_pidfd_open, p->child.pid, 0);
	if (p->pidfd < 0)
		return -1;
	p->watch = child_watch(&p->child);
	p->ended = loop_fd(process_loop(p), p->pidfd, LOOP_COMMANDS, ended, NULL, p);
	loop_want(p->ended, true, false);
	listen_to(p);
	return 0;
}

void
process_break(struct process *p, const char *why)
{
	p->state = PROCESS_BROKEN;
	snprintf(p->why, sizeof p->why, "%s", why);
	log_error(p->client.name, "is broken: %s", why);
}

int
process_start(struct process *p)
{
	static const char *const env[] = { "TERM=dumb", NULL };
	struct child_options o = { .argv = (const char *const *)p->argv,
		.env = env,
		.pipes = true,
		.new_group = true,
		.die_with_parent = SIGTERM };
	const struct config *config = p->client.api->controller->config;
	char why[sizeof p->why];

	p->starts++;
	p->again = p->exited = p->deaf = p->sync = false;
	p->silent = config && !config->env.api_ack;
	p->version = p->version_next;
	/* version 6 is JSON, whatever the section says */
	p->encoder = p->json || helper_version(p) == API_6 ? &encoder_json : &encoder_text;
	p->why[0] = '\0';
	if (child_start(&p->child, &o) < 0) {
		struct reason no = { 0 };

		snprintf(why, sizeof why, "%.80s: %s", p->argv[0], strerror(errno));
		if (program_interpreter(p->argv[0], &no) < 0)
			snprintf(why, sizeof why, "%.127s", no.text);
		process_break(p, why);
		return -1;
	}
	p->state = PROCESS_RUNNING;
	p->since = api_now(p->client.api);
	if (open_pipes(p) < 0) {
		snprintf(why, sizeof why, "pidfd: %s", strerror(errno));
		process_signal(p, SIGKILL);
		close_pipes(p);
		process_break(p, why);
		return -1;
	}
	log_info(p->client.name, "started: pid %d", (int)p->child.pid);
	return 0;
}

void
process_stop(struct process *p)
{
	if (p->state != PROCESS_RUNNING)
		return;
	text_clear(&p->scratch);
	p->encoder->shutdown(helper_version(p), &p->scratch);
	process_say(p, text_str(&p->scratch), p->scratch.len);
	p->state = PROCESS_STOPPING;
	process_end_later(p);
}

/* --- what it is --- */

static void
process_forget(struct client *c)
{
	struct process *p = process_of(c);

	list_remove(&p->link);
	list_remove(&p->held);
	group_drop(p);
	loop_timer_stop(process_loop(p), &p->signals);
	close_pipes(p);
	owed_clear(&p->owed);
	octets_fini(&p->out);
	lines_fini(&p->lines);
	text_fini(&p->scratch);
	for (char **a = p->argv; a && *a; a++)
		mem_free(*a);
	mem_free(p->argv);
	mem_free(p->name);
	mem_free(p->may);
	mem_free(p);
}

static const struct transport pipe_transport = { process_send, process_forget, "pipe",
	process_answer, process_may };
static const struct transport channel_transport = { process_send, process_forget, "channel",
	process_answer, NULL };

struct process *
process_of(struct client *c)
{
	return c->transport == &pipe_transport || c->transport == &channel_transport
		   ? (struct process *)(void *)c
		   : NULL;
}

const char *
process_state_name(const struct process *p)
{
	static const char *const names[] = { "ended", "running", "stopping", "broken" };

	return names[p->state];
}

void
process_define(struct process *p, const struct config_process *config)
{
	for (char **a = p->argv; a && *a; a++)
		mem_free(*a);
	mem_free(p->argv);
	p->argv = mem_zero((config->run.count + 1) * sizeof *p->argv);
	for (size_t i = 0; i < config->run.count; i++)
		p->argv[i] = mem_text(config->run.name[i], strlen(config->run.name[i]));
	p->json = config->encoder == ENCODER_JSON;
	p->encoder = p->json ? &encoder_json : &encoder_text;
	p->respawn = config->respawn;
}

bool
process_same(const struct process *p, const struct config_process *config)
{
	size_t i;

	if (p->json != (config->encoder == ENCODER_JSON) || p->respawn != config->respawn)
		return false;
	for (i = 0; i < config->run.count; i++)
		if (!p->argv[i] || strcmp(p->argv[i], config->run.name[i]) != 0)
			return false;
	return !p->argv[i];
}

static struct process *
make(struct processes *all, const char *name, const struct transport *transport)
{
	struct process *p = mem_zero(sizeof *p);

	p->all = all;
	p->name = mem_text(name, strlen(name));
	p->child = (struct child){ -1, -1, -1 };
	p->pidfd = p->watch = -1;
	p->signals = (struct loop_timer){ .fire = next_signal, .self = p };
	owed_init(&p->owed);
	list_init(&p->held);
	list_init(&p->link);
	client_init(&p->client, all->api, transport);
	p->client.named = true;
	return p;
}

static void
own(struct process *p, const char *kind)
{
	char owner[64];

	snprintf(owner, sizeof owner, "%s%s", kind, p->name);
	memcpy(p->client.name, owner, sizeof owner);
	p->client.owner = owner_by_name(p->all->api->controller->owners, owner);
}

struct process *
process_new(struct processes *all, const struct config_process *config)
{
	struct process *p = make(all, config->name, &pipe_transport);

	own(p, "process ");
	process_define(p, config);
	list_add(&all->list, &p->link);
	return p;
}

struct process *
process_attach(struct processes *all, const char *name, int input, int output)
{
	struct process *p = make(all, name, &channel_transport);

	own(p, "");
	p->attached = true;
	p->encoder = &encoder_text;
	p->state = PROCESS_RUNNING;
	p->since = api_now(all->api);
	p->child.out = input;
	p->child.in = output;
	listen_to(p);
	return p;
}
