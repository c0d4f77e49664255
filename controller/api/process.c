/* One helper: its pipes, its commands, its answers. */
#include "controller/api/process.h"
#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/log.h"
#include "common/mem.h"
#include "controller/api/command.h"
#include "controller/api/group.h"
#include "controller/api/helper.h"
#include "controller/api/processes.h"
#include "controller/api/request.h"
#include "controller/owners.h"

enum {
	CHUNK = 64 * 1024,
	OPEN_MAX = 1024, /* commands under way; with more it is not read */
	LEFT_MAX = 1024 * 1024, /* octets taken from a pipe whose process is gone */
	MESSAGES_MAX = 64 * 1024, /* octets owed; with more an error goes without its message */
	TERM_AFTER = 100000, /* microseconds behind the shutdown line */
	KILL_AFTER = 1900000 /* ... behind that */
};

/* The last octet of an encoded answer says what ends it. */
enum ending { ENDING_NONE, ENDING_DONE, ENDING_ERROR };

static void over(struct process *);

static struct loop *
loop_of(const struct process *p)
{
	return p->client.api->controller->loop;
}

/* --- what it is written --- */

static bool
runs(const struct process *p)
{
	return p->state == PROCESS_RUNNING || p->state == PROCESS_STOPPING;
}

static bool
writes(const struct process *p)
{
	return runs(p) && !p->deaf && !p->exited;
}

static bool
must_pause(const struct process *p)
{
	return p->open >= OPEN_MAX || p->client.queued >= CLIENT_QUEUE_MAX ||
	       p->client.waiting >= CLIENT_LATER_MAX;
}

static void
go_on_reading(struct process *p)
{
	if (!p->paused || p->waits > 0 || (must_pause(p) && !p->exited))
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
	go_on_reading(p);
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
		over(p);
	else
		go_on_reading(p);
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
	go_on_reading(p);
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

static enum loop_verdict
writable(void *self)
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
	} while (!loop_spent(loop_of(p)));
	if (has_all(p)) {
		over(p);
		return LOOP_CLOSE;
	}
	made_room(p, was_ready);
	return verdict;
}

void
process_flush(struct process *p)
{
	list_remove(&p->held);
	if (writes(p))
		(void)writable(p);
}

static void
added(struct process *p, size_t before)
{
	p->client.queued += p->owed.octets - before;
	if (!p->full)
		loop_wake(p->say);
}

void
process_say(struct process *p, const void *text, size_t len)
{
	size_t before = p->owed.octets;

	if (!writes(p) || len == 0)
		return;
	owed_text(&p->owed, text, len);
	added(p, before);
}

/* An encoded answer in its turn: what it shows, and how it ends. */
static int
process_send(struct client *c, const void *data, size_t len)
{
	struct process *p = process_of(c);
	size_t before = p->owed.octets;
	uint8_t ending;

	if (!writes(p) || len == 0)
		return 0;
	ending = ((const uint8_t *)data)[len - 1];
	owed_text(&p->owed, data, len - 1);
	if (ending != ENDING_NONE)
		owed_ack(&p->owed, ending == ENDING_ERROR);
	added(p, before);
	return 0;
}

/* --- answers as lines --- */

static void
print_lines(struct reader text, struct pack *out)
{
	pack_raw(out, text.at, text.left);
	if (text.left > 0 && text.at[text.left - 1] != '\n')
		pack_raw(out, "\n", 1);
}

static void
print_value(struct process *p, const struct node *value, const char *behind, struct pack *out)
{
	struct tree t = tree_json_dense(&p->scratch);

	text_clear(&p->scratch);
	api_node_json(value, &t);
	text_add(&p->scratch, behind);
	pack_raw(out, text_str(&p->scratch), p->scratch.len);
}

/* A list may come in several answers; it is one line all the same, or one a value. */
static void
print_list(
    struct process *p, struct request *r, const struct node *list, bool final, struct pack *out)
{
	for (uint32_t i = 0; i < node_count(list); i++) {
		if (!r->lines)
			pack_raw(out, r->begun ? ", " : "[", r->begun ? 2 : 1);
		print_value(p, node_at(list, i), r->lines ? "\n" : "", out);
		r->begun = true;
	}
	if (!final || r->lines)
		return;
	pack_raw(out, "[", r->begun ? 0 : 1);
	pack_raw(out, "]\n", 2);
}

static void
print_data(
    struct process *p, struct request *r, const struct pack *data, bool final, struct pack *out)
{
	const struct node *value = unpack_open(p->all->unpack, data->base, data->len);

	if (node_kind(value) == NODE_ARRAY)
		print_list(p, r, value, final, out);
	else
		print_value(p, value, "\n", out);
}

/* Those who speak version 6 are told what was wrong in a line of its own; to others, who know ExaBGP 4 and 5, each
 * command has exactly one line. The log has it in any case. */
static void
print_error(struct process *p, struct reader why, struct pack *out)
{
	if (log_allow(&p->complaints, 5))
		log_warning(p->client.name, "a command was refused: %.*s", (int)why.left,
		    (const char *)why.at);
	if (helper_version(p) != API_6 || p->owed.octets > MESSAGES_MAX)
		return;
	pack_raw(out, "error: ", 7);
	print_lines(why, out);
}

static void
encode(struct request *r, const struct api_reply *a, const struct pack *data, struct pack *out)
{
	struct process *p = process_of(r->client);
	bool error = strcmp(a->status, "error") == 0, quiet = r->silent || (r->bare && !error);
	uint8_t ending = !a->final || quiet ? ENDING_NONE : error ? ENDING_ERROR : ENDING_DONE;

	pack_clear(out);
	if (error) {
		if (!r->silent)
			print_error(p, a->text, out);
		else
			log_debug(p->client.name, "a command was refused");
	} else if (strcmp(a->status, "done") == 0) {
		print_lines(a->text, out);
		if (data)
			print_data(p, r, data, a->final, out);
	}
	pack_raw(out, &ending, 1);
	if (a->final && p->open > 0)
		p->open--;
	if (p->attached && !p->from)
		loop_wake(p->say);
	go_on_reading(p);
}

/* --- its commands --- */

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
	if (p->silent || !writes(p))
		return true;
	owed_ack(&p->owed, false);
	added(p, before);
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
	if (!group_take(p, line) && !take_again(p, line))
		command_run(request_of(p), line);
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
take_lines(struct process *p)
{
	enum { SOME = 32 };

	for (unsigned n = 1;; n++) {
		struct reader line;
		enum lines_got got;

		if (p->waits > 0 || (!p->exited && must_pause(p))) {
			p->paused = true;
			loop_want(p->from, false, false);
			return false;
		}
		got = lines_next(&p->lines, &line);
		if (got == LINES_NONE)
			return true;
		if (got == LINES_LINE)
			take_line(p, line);
		else
			refuse_long_line(p);
		if (n % SOME == 0 && loop_spent(loop_of(p)))
			return false;
	}
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

/* It is gone and nothing of it is left to take. */
static void
over(struct process *p)
{
	loop_timer_stop(loop_of(p), &p->signals);
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

/* Its standard output ended: whoever can't say anything any more is ended. */
static enum loop_verdict
no_more(struct process *p)
{
	if (p->exited) {
		over(p);
		return LOOP_CLOSE;
	}
	loop_close(p->from);
	p->from = NULL;
	close(p->child.out);
	p->child.out = -1;
	if (p->attached)
		loop_wake(p->say);
	else if (p->state == PROCESS_RUNNING && p->signals.at == 0) {
		p->next_signal = SIGTERM;
		loop_timer_set(loop_of(p), &p->signals, loop_now(loop_of(p)) + TERM_AFTER);
	}
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

static enum loop_verdict
readable(void *self)
{
	struct process *p = self;
	struct burst *burst = &p->all->burst;
	enum loop_verdict verdict = read_lines(p);

	burst_read(burst, verdict == LOOP_LATER && !p->paused);
	return verdict;
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
		over(p);
	return LOOP_CLOSE;
}

bool
process_reap(struct process *p, pid_t pid)
{
	if (!runs(p) || p->exited || p->child.pid != pid)
		return false;
	(void)ended(p);
	return true;
}

void
process_signal(struct process *p, int number)
{
	if (runs(p) && !p->exited)
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
	loop_timer_set(loop_of(p), &p->signals, loop_now(loop_of(p)) + KILL_AFTER);
}

static void
listen_to(struct process *p)
{
	struct loop *loop = loop_of(p);

	p->from = loop_fd(loop, p->child.out, LOOP_COMMANDS, readable, NULL, p);
	p->to = loop_fd(loop, p->child.in, LOOP_COMMANDS, NULL, writable, p);
	p->say = loop_work(loop, LOOP_FRAMES_OUT, writable, p);
	loop_want(p->from, true, false);
}

static int
open_pipes(struct process *p)
{
	p->pidfd = (int)syscall(SYS_pidfd_open, p->child.pid, 0);
	if (p->pidfd < 0)
		return -1;
	p->watch = child_watch(&p->child);
	p->ended = loop_fd(loop_of(p), p->pidfd, LOOP_COMMANDS, ended, NULL, p);
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
		snprintf(why, sizeof why, "%.80s: %s", p->argv[0], strerror(errno));
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
	p->next_signal = SIGTERM;
	loop_timer_set(loop_of(p), &p->signals, loop_now(loop_of(p)) + TERM_AFTER);
}

/* --- which neighbors --- */

static bool
matches(const char *pattern, const char *name)
{
	char anchored[512];
	regex_t regex;
	bool fits;

	snprintf(anchored, sizeof anchored, "^(%s)", pattern);
	if (regcomp(&regex, anchored, REG_EXTENDED | REG_NOSUB) != 0)
		return strcmp(pattern, name) == 0;
	fits = regexec(&regex, name, 0, NULL, 0) == 0;
	regfree(&regex);
	return fits;
}

static bool
listed(const char *name, const struct config_neighbor *n)
{
	for (size_t i = 0; i < n->api_count; i++) {
		const struct config_api *api = &n->apis[i];

		for (size_t k = 0; k < api->processes.count; k++)
			if (strcmp(api->processes.name[k], name) == 0)
				return true;
		for (size_t k = 0; k < api->processes_match.count; k++)
			if (matches(api->processes_match.name[k], name))
				return true;
	}
	return false;
}

bool
process_may(const struct client *c, const struct neighbor *n)
{
	struct process *p = (struct process *)(void *)(uintptr_t)c;
	size_t had = p->may_cap;

	if (n->number >= had) {
		p->may = mem_grow(p->may, &p->may_cap, n->number + 1u, 1);
		memset(p->may + had, 0, p->may_cap - had);
	}
	if (p->may[n->number] == 0)
		p->may[n->number] = listed(p->name, n->config) ? 1 : 2;
	return p->may[n->number] == 1;
}

/* --- what it is --- */

static void
process_forget(struct client *c)
{
	struct process *p = process_of(c);

	list_remove(&p->link);
	list_remove(&p->held);
	group_drop(p);
	loop_timer_stop(loop_of(p), &p->signals);
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

static const struct transport pipe_transport = { process_send, process_forget, "pipe", encode,
	process_may };
static const struct transport channel_transport = { process_send, process_forget, "channel", encode,
	NULL };

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
