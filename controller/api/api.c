/* The API opened, closed, and what its parts wait for. */
#include "controller/api/api.h"
#include <sys/wait.h>
#include "common/mem.h"
#include "controller/api/ahead.h"
#include "controller/api/bulk.h"
#include "controller/api/channel.h"
#include "controller/api/cover.h"
#include "controller/api/deciding.h"
#include "controller/api/processes.h"
#include "controller/api/recent.h"
#include "controller/api/remote.h"
#include "controller/api/show.h"
#include "controller/fleet.h"
#include "controller/lane.h"
#include "controller/neighbor.h"
#include "proto/bgp/fault.h"

enum { TICK = 1000000, ANSWER_LEAVES = 20000 /* microseconds */ };

uint64_t
api_now(const struct api *api)
{
	return loop_now(api->controller->loop);
}

void
api_children(struct api *api)
{
	siginfo_t who = { 0 };

	while (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) == 0 && who.si_pid > 0) {
		if (!processes_reap(api->processes, who.si_pid))
			(void)waitpid(who.si_pid, NULL, WNOHANG);
		who = (siginfo_t){ 0 };
	}
}

void
api_client_ready(struct client *c)
{
	struct api *api = c->api;

	LIST_EACH(link, &c->subscriptions)
		subscription_wake(LIST_ENTRY(link, struct subscription, link));
	deciding_ready(c);
	if (!list_empty(&api->shows))
		loop_wake(api->show_work);
}

void
api_reap(struct api *api)
{
	api->reap = true;
	loop_wake(api->frames_out);
}

/* The end of a turn: events leave, and clients that are gone are looked after. */
static enum loop_verdict
frames_out(void *self)
{
	struct api *api = self;

	subscriptions_flush(api);
	deciding_flush(api);
	if (!api->reap)
		return LOOP_LATER;
	api->reap = false;
	LIST_EACH(link, &api->clients) {
		struct client *c = LIST_ENTRY(link, struct client, link);

		if (client_gone(c))
			client_reap(c);
	}
	return LOOP_LATER;
}

static void
tick(void *self)
{
	struct api *api = self;

	remote_tick(api->remote);
	loop_timer_set(api->controller->loop, &api->tick, api_now(api) + TICK);
}

static void
stop(void *self)
{
	struct api *api = self;

	loop_stop(api->controller->loop, 0);
}

/* --- all anew --- */

static void
ignore(void *self, bool failed, const char *text)
{
	(void)self;
	(void)failed;
	(void)text;
}

static void
restart(void *self)
{
	struct api *api = self;

	LIST_EACH(link, &api->controller->neighbors) {
		struct neighbor *n = LIST_ENTRY(link, struct neighbor, link);
		struct link_command teardown = {
			.what = "teardown", .peer = n->number, .subcode = CEASE_RESET
		};

		if (neighbor_established(n))
			lane_command(n->speaker, &teardown, ignore, api);
	}
	LIST_EACH(link, &api->processes->list) {
		struct process *p = LIST_ENTRY(link, struct process, link);

		if (p->configured)
			processes_restart(p);
	}
}

void
api_restart(struct api *api)
{
	loop_timer_set(api->controller->loop, &api->restart, api_now(api) + ANSWER_LEAVES);
}

/* Everything but the clients' sockets. */
struct api *
api_new(struct controller *c)
{
	struct api *api = mem_zero(sizeof *api);

	api->controller = c;
	list_init(&api->clients);
	list_init(&api->bulks);
	list_init(&api->behind);
	list_init(&api->shows);
	list_init(&api->orders);
	list_init(&api->subscriptions);
	list_init(&api->runnable);
	list_init(&api->filled);
	list_init(&api->deciding);
	api->processes = processes_new(api);
	api->recent = recent_new(c);
	api->ahead = ahead_new(api);
	api->stop = (struct loop_timer){ .fire = stop, .self = api };
	api->restart = (struct loop_timer){ .fire = restart, .self = api };
	api->tick = (struct loop_timer){ .fire = tick, .self = api };
	api->unpack = unpack_new();
	api->bulk_work = loop_work(c->loop, LOOP_WORK, bulks_run, api);
	api->show_work = loop_work(c->loop, LOOP_WORK, shows_run, api);
	api->catch_up = loop_work(c->loop, LOOP_WORK, covers_catch_up, api);
	api->frames_out = loop_work(c->loop, LOOP_FRAMES_OUT, frames_out, api);
	return api;
}

struct api *
api_open(struct controller *c)
{
	struct api *api = api_new(c);

	api->remote = remote_open(api);
	if (!api->remote) {
		api_close(api);
		return NULL;
	}
	loop_timer_set(c->loop, &api->tick, api_now(api) + TICK);
	return api;
}

void
api_close(struct api *api)
{
	if (!api)
		return;
	processes_end(api->processes);
	channel_close(api->channel);
	LIST_EACH(link, &api->clients) {
		struct client *c = LIST_ENTRY(link, struct client, link);

		c->lost = true;
		client_reap(c);
	}
	remote_close(api->remote);
	processes_free(api->processes);
	recent_free(api->recent);
	ahead_free(api->ahead);
	unpack_free(api->unpack);
	loop_close(api->bulk_work);
	loop_close(api->show_work);
	loop_close(api->catch_up);
	loop_close(api->frames_out);
	loop_timer_stop(api->controller->loop, &api->tick);
	loop_timer_stop(api->controller->loop, &api->stop);
	loop_timer_stop(api->controller->loop, &api->restart);
	words_line_fini(&api->line);
	route_draft_fini(&api->draft);
	pack_fini(&api->event);
	pack_fini(&api->reply);
	mem_free(api->chosen);
	mem_free(api);
}

/* A new configuration may not let them be who they said they are: they come again, and say another name. */
static void
cut_pretenders(struct api *api)
{
	LIST_EACH(link, &api->clients) {
		struct client *c = LIST_ENTRY(link, struct client, link);

		if (c->named && !client_may_be(c, c->name))
			client_cut(c,
			    "policies of its key, or of the name that it took, would not be "
			    "passed, or one asks whose a route is");
	}
}

void
api_helpers(struct api *api, const struct config *config)
{
	processes_begin(api->processes, config);
}

void
api_config(struct api *api, const struct config *config, bool changed)
{
	api->controller->grounds++; /* who may say what */
	cut_pretenders(api);
	processes_apply(api->processes, config, changed);
	if (!api->channel)
		api->channel = channel_open(api, &config->env);
}

void
api_told(struct api *api)
{
	if (!api)
		return;
	processes_read_on(api->processes);
	loop_wake(api->bulk_work);
}

const char *
api_endpoint(struct api *api)
{
	return api->remote ? remote_endpoint(api->remote) : "";
}
