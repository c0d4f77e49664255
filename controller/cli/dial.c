#include "controller/cli/dial.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "controller/cli/find.h"

enum {
	ANSWER_MAX = 1 << 30,
	CONNECT_LOCAL = 1000000, /* microseconds: a unix socket that is there answers at once */
	AGAIN = 2000 /* ... until a request that found no room is tried again */
};

static enum loop_verdict
receive(void *self)
{
	struct dial *d = self;
	struct sock_message msg;
	struct api_answer answer;
	struct reason why = { 0 };

	while (sock_receive(d->sock, &msg) > 0) {
		d->heard = true;
		if (!msg.truncated &&
		    api_answer_open(d->unpack, msg.body.at, msg.body.left, &answer, &why) == 0)
			d->answer(d->self, &answer, msg.body.left);
		if (loop_spent(d->loop))
			return LOOP_NOW;
	}
	return LOOP_LATER;
}

static void
happened(void *self, const char *what, const char *address)
{
	struct dial *d = self;
	bool connected = strcmp(what, "connected") == 0;

	(void)address;
	/* what failed says more than the disconnection that follows */
	if (!connected && !strstr(d->trouble, "failed"))
		snprintf(d->trouble, sizeof d->trouble, "%s", what);
	/* a wrong key does not become right by trying again */
	if (strstr(what, "failed") && !d->heard)
		loop_stop(d->loop, CLI_UNREACHABLE);
	if (connected == d->connected)
		return;
	d->connected = connected;
	if (d->changed)
		d->changed(d->self);
}

/* --- opening --- */

/* Over ipc the mode of the socket's file decides. */
static bool
is_local(const struct dial *d)
{
	return strncmp(d->endpoint, "ipc://", 6) == 0;
}

/* Which keys, if any. -1 or the exit status. */
static int
keys(const struct dial *d, const struct cli *cli, struct sock_keys *own, char server[SOCK_KEY_TEXT],
    bool *have)
{
	*have = false;
	if (is_local(d) || (!cli->key && cli->insecure))
		return -1;
	if (!cli->key || !cli->controller_key)
		return cli_fail(CLI_USAGE,
		    "%s wants --key FILE and --controller-key KEY (or --insecure)", d->endpoint);
	if (sock_keys_load(own, cli->key) < 0)
		return cli_fail(CLI_USAGE, "--key %s: %s", cli->key, sock_keys_why(errno));
	if (sock_public_of(server, cli->controller_key) < 0)
		return cli_fail(CLI_USAGE,
		    "--controller-key %s is no public key (40 characters), and no file of one: %s",
		    cli->controller_key, sock_keys_why(errno));
	*have = true;
	return -1;
}

static int
connect_to(struct dial *d, const struct cli *cli)
{
	struct sock_keys own;
	char server[SOCK_KEY_TEXT];
	bool have;
	struct sock_options o = {
		.kind = SOCK_DEALER, .endpoint = d->endpoint, .max_message = ANSWER_MAX
	};
	int status = keys(d, cli, &own, server, &have);

	if (status >= 0)
		return status;
	if (have) {
		o.keys = &own;
		o.server_key = server;
	}
	d->sock = sock_open(&o);
	memset(&own, 0, sizeof own);
	if (!d->sock)
		return cli_fail(CLI_UNREACHABLE, "%s: %s", d->endpoint, strerror(errno));
	return -1;
}

int
dial_open(struct dial *d, const struct cli *cli, struct loop *loop)
{
	struct found found;
	struct stat st;
	int status = find_controller(cli, &found);

	if (status >= 0)
		return status;
	d->loop = loop;
	d->timeout = cli->timeout;
	d->starting = found.starting;
	snprintf(d->endpoint, sizeof d->endpoint, "%s", found.endpoint);
	if (is_local(d) && !d->starting && stat(d->endpoint + 6, &st) < 0)
		return cli_fail(
		    CLI_UNREACHABLE, "no controller at %s: %s", d->endpoint, strerror(errno));
	if (sock_start() < 0)
		return cli_fail(CLI_UNREACHABLE, "start: %s", strerror(errno));
	status = connect_to(d, cli);
	if (status >= 0) {
		sock_stop();
		return status;
	}
	d->unpack = unpack_new();
	d->watch = sock_watch(loop, d->sock, happened, d);
	sock_readable(d->sock, loop, receive, d);
	return -1;
}

void
dial_close(struct dial *d)
{
	if (!d->sock)
		return;
	loop_timer_stop(d->loop, &d->deadline);
	loop_timer_stop(d->loop, &d->again);
	sock_watch_close(d->watch);
	sock_close(d->sock);
	sock_stop();
	unpack_free(d->unpack);
	pack_fini(&d->pack);
	d->sock = NULL;
}

static void
send_again(void *self)
{
	struct dial *d = self;

	dial_send(d);
	if (!d->waiting && d->ready)
		d->ready(d->self);
}

void
dial_send(struct dial *d)
{
	d->waiting = sock_send(d->sock, (struct reader){ 0 }, false, d->pack.base, d->pack.len) < 0;
	d->again.self = d;
	d->again.fire = send_again;
	if (d->waiting)
		loop_timer_set(d->loop, &d->again, loop_now(d->loop) + AGAIN);
}

/* --- waiting --- */

static void
overdue(void *self)
{
	struct dial *d = self;

	loop_stop(d->loop, d->connected ? CLI_TIMEOUT : CLI_UNREACHABLE);
}

static void
look_for_connection(void *self)
{
	struct dial *d = self;

	if (!d->connected) {
		overdue(d);
		return;
	}
	d->deadline.fire = overdue;
	loop_timer_set(d->loop, &d->deadline, loop_now(d->loop) + d->timeout - CONNECT_LOCAL);
}

void
dial_hold(struct dial *d)
{
	uint64_t wait = d->timeout;

	d->deadline.self = d;
	d->deadline.fire = overdue;
	if (!d->connected && is_local(d) && !d->starting && wait > CONNECT_LOCAL) {
		d->deadline.fire = look_for_connection;
		wait = CONNECT_LOCAL;
	}
	loop_timer_set(d->loop, &d->deadline, loop_now(d->loop) + wait);
}

int
dial_status(struct dial *d, int status, const char *waited_for)
{
	if (status == CLI_UNREACHABLE)
		return cli_fail(status, "no controller answers at %s%s%s", d->endpoint,
		    d->trouble[0] ? ": " : "", d->trouble);
	if (status == CLI_TIMEOUT)
		return cli_fail(
		    status, "%s: not within %g s", waited_for, (double)d->timeout / 1e6);
	return status;
}
