#include "controller/api/channel.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "common/log.h"
#include "common/loop.h"
#include "common/mem.h"
#include "controller/api/processes.h"

enum { CHUNK = 16 * 1024, PATH = 108, BACKLOG = 16, PAUSE = 1000000 /* microseconds */ };

/* Whose the routes are that are announced here, and what a watchdog without a name is called. */
#define OWNER "cli"

/* Answers on their way to NAME.out, which is open only while there are some and somebody reads: what nobody reads
 * must not wait there for the next one. */
struct relay {
	char path[PATH];
	int from, to;
	struct loop_item *in, *out;
	size_t len, at;
	uint8_t octets[CHUNK];
};

struct channel {
	struct api *api;
	struct relay relay;
	char socket[PATH]; /* its path, while it is ours */
	int listener;
	struct loop_item *accepting;
	struct loop_timer pause;
};

static struct loop *
loop_of(const struct channel *c)
{
	return c->api->controller->loop;
}

/* --- where they are --- */

/* ExaBGP's order. False at the end. */
static bool
directory(unsigned i, char out[PATH])
{
	static const char *const forms[] = { "/run/exabgp/", "/run/%u/", "/run/",
		"/var/run/exabgp/", "/var/run/%u/", "/var/run/" };
	const char *form;

	if (i >= sizeof forms / sizeof *forms)
		return false;
	form = forms[i];
	if (strstr(form, "%u"))
		snprintf(out, PATH, "%.*s%u/", (int)(strstr(form, "%u") - form), form,
		    (unsigned)getuid());
	else
		snprintf(out, PATH, "%s", form);
	return true;
}

/* -1: it is too long. */
static int
join(char out[PATH], const char *dir, const char *name, const char *suffix)
{
	size_t len = strlen(dir);

	return snprintf(out, PATH, "%s%s%s%s", dir, len > 0 && dir[len - 1] != '/' ? "/" : "", name,
		   suffix) < PATH
		   ? 0
		   : -1;
}

static bool
is_pipe(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

static bool
pipes_in(const char *dir, const char *name, char in[PATH], char out[PATH])
{
	return join(in, dir, name, ".in") == 0 && join(out, dir, name, ".out") == 0 &&
	       is_pipe(in) && is_pipe(out);
}

static bool
find_pipes(const struct config_env *env, char in[PATH], char out[PATH])
{
	char dir[PATH];

	if (env->cli_pipe[0])
		return pipes_in(env->cli_pipe, env->api_pipename, in, out);
	for (unsigned i = 0; directory(i, dir); i++)
		if (pipes_in(dir, env->api_pipename, in, out))
			return true;
	return false;
}

static bool
find_socket(const struct config_env *env, char path[PATH])
{
	char dir[PATH];

	if (env->api_socketpath[0])
		return snprintf(path, PATH, "%s", env->api_socketpath) < PATH;
	if (strcmp(env->cli_socket, "auto") != 0)
		return env->cli_socket[0] &&
		       join(path, env->cli_socket, env->api_socketname, ".sock") == 0;
	for (unsigned i = 0; directory(i, dir); i++)
		if (access(dir, W_OK | X_OK) == 0)
			return join(path, dir, env->api_socketname, ".sock") == 0;
	return false;
}

/* --- the pipes --- */

static void
let_go(struct relay *r)
{
	loop_close(r->out);
	r->out = NULL;
	if (r->to >= 0)
		close(r->to);
	r->to = -1;
	r->len = r->at = 0;
	if (r->in)
		loop_want(r->in, true, false);
}

/* Away with what is there. EAGAIN: the reader is slow, and waited for. */
static enum loop_verdict
relay_write(void *self)
{
	struct relay *r = self;

	while (r->at < r->len) {
		ssize_t n = write(r->to, r->octets + r->at, r->len - r->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return LOOP_LATER;
		if (n < 0)
			break;
		r->at += (size_t)n;
	}
	let_go(r);
	return LOOP_CLOSE;
}

static enum loop_verdict
relay_read(void *self)
{
	struct channel *c = self;
	struct relay *r = &c->relay;
	ssize_t n = read(r->from, r->octets, sizeof r->octets);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return LOOP_LATER;
	if (n <= 0) {
		loop_close(r->in);
		r->in = NULL;
		return LOOP_CLOSE;
	}
	r->to = open(r->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (r->to < 0) /* nobody reads */
		return LOOP_NOW;
	r->len = (size_t)n;
	r->at = 0;
	r->out = loop_fd(loop_of(c), r->to, LOOP_COMMANDS, NULL, relay_write, r);
	if (relay_write(r) == LOOP_LATER) {
		loop_want(r->in, false, false);
		loop_want(r->out, false, true);
		return LOOP_LATER;
	}
	return LOOP_NOW;
}

static void
open_pipes(struct channel *c, const struct config_env *env)
{
	char in[PATH];
	int ends[2], fd;

	if (!find_pipes(env, in, c->relay.path))
		return;
	fd = open(in, O_RDWR | O_NONBLOCK | O_CLOEXEC); /* so that it never ends */
	if (fd < 0 || pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) {
		log_warning("control", "%s: %s", in, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	c->relay.from = ends[0];
	c->relay.in = loop_fd(loop_of(c), ends[0], LOOP_COMMANDS, relay_read, NULL, c);
	loop_want(c->relay.in, true, false);
	process_attach(c->api->processes, OWNER, fd, ends[1]);
	log_info("control", "commands are taken from %s", in);
}

/* --- the socket --- */

static unsigned
guests(const struct channel *c)
{
	unsigned n = 0;

	LIST_EACH(link, &c->api->clients) {
		struct process *p = process_of(LIST_ENTRY(link, struct client, link));

		n += p && p->attached;
	}
	return n;
}

static void
go_on(void *self)
{
	struct channel *c = self;

	loop_want(c->accepting, true, false);
}

static enum loop_verdict
acceptable(void *self)
{
	struct channel *c = self;
	int fd = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), other;

	if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
		return LOOP_NOW;
	if (fd < 0 && errno != EAGAIN) {
		/* out of descriptors: who waits stays in the kernel's queue, and would be looked at again at once */
		loop_want(c->accepting, false, false);
		loop_timer_set(loop_of(c), &c->pause, loop_now(loop_of(c)) + PAUSE);
	}
	if (fd < 0)
		return LOOP_LATER;
	other = guests(c) < CHANNEL_CLIENTS_MAX ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
	if (other < 0)
		close(fd);
	else
		process_attach(c->api->processes, OWNER, fd, other);
	return LOOP_NOW;
}

/* Somebody else's is left alone, one that nobody answers is replaced. */
static bool
is_taken(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool taken = fd >= 0 && (connect(fd, (const void *)a, sizeof *a) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return taken;
}

static int
bind_socket(struct channel *c, const struct sockaddr_un *a)
{
	struct stat st;
	mode_t umask_before;
	int ok;

	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->listener < 0)
		return -1;
	if (stat(a->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(a->sun_path);
	umask_before = umask(0177);
	ok = bind(c->listener, (const void *)a, sizeof *a);
	umask(umask_before);
	return ok == 0 ? listen(c->listener, BACKLOG) : -1;
}

static void
open_socket(struct channel *c, const struct config_env *env)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (!find_socket(env, c->socket))
		c->socket[0] = '\0';
	if (!c->socket[0])
		return;
	memcpy(a.sun_path, c->socket, sizeof a.sun_path);
	if (is_taken(&a)) {
		log_info("control", "%s is somebody else's", c->socket);
		c->socket[0] = '\0';
		return;
	}
	if (bind_socket(c, &a) < 0) {
		log_warning("control", "%s: %s", c->socket, strerror(errno));
		c->socket[0] = '\0';
		return;
	}
	c->accepting = loop_fd(loop_of(c), c->listener, LOOP_COMMANDS, acceptable, NULL, c);
	loop_want(c->accepting, true, false);
	log_info("control", "commands are taken from %s", c->socket);
}

/* --- both --- */

struct channel *
channel_open(struct api *api, const struct config_env *env)
{
	struct channel *c;

	if (!env->api_cli)
		return NULL;
	c = mem_zero(sizeof *c);
	c->api = api;
	c->pause = (struct loop_timer){ .fire = go_on, .self = c };
	c->listener = c->relay.from = c->relay.to = -1;
	open_pipes(c, env);
	open_socket(c, env);
	return c;
}

void
channel_close(struct channel *c)
{
	if (!c)
		return;
	loop_close(c->relay.in);
	c->relay.in = NULL;
	let_go(&c->relay);
	if (c->relay.from >= 0)
		close(c->relay.from);
	loop_timer_stop(loop_of(c), &c->pause);
	loop_close(c->accepting);
	if (c->listener >= 0)
		close(c->listener);
	if (c->socket[0])
		(void)unlink(c->socket);
	mem_free(c);
}
