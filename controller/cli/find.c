#include "controller/cli/find.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "controller/cli/instance.h"

enum { INSTANCES = 64 };
#define DAEMON_SOCKET "/run/ambo/api.sock"

static int
take(struct found *f, const char *endpoint, bool starting)
{
	/* a bare path is a unix socket */
	int len = snprintf(
	    f->endpoint, sizeof f->endpoint, "%s%s", *endpoint == '/' ? "ipc://" : "", endpoint);

	if (len >= (int)sizeof f->endpoint || !strstr(f->endpoint, "://"))
		return cli_fail(CLI_USAGE,
		    "an endpoint is tcp://HOST:PORT or ipc:///PATH, not \"%s\"", endpoint);
	f->starting = starting;
	return -1;
}

static void
tell(const struct instance *list, size_t count)
{
	for (size_t i = 0; i < count && i < INSTANCES; i++) {
		char since[32] = "";
		time_t started = (time_t)list[i].started;
		struct tm tm;

		if (gmtime_r(&started, &tm))
			strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", &tm);
		fprintf(stderr, "  -i %-12s pid %d, since %s, %s\n", list[i].name, (int)list[i].pid,
		    since, list[i].files);
	}
}

static bool
is_called(const struct instance *in, const char *what)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d", (int)in->pid);
	return strcmp(in->name, what) == 0 || strcmp(pid, what) == 0;
}

static int
choose(const struct cli *cli, const struct instance *list, size_t count, struct found *f)
{
	const struct instance *it = NULL;
	size_t fits = 0;

	for (size_t i = 0; i < count && i < INSTANCES; i++)
		if (!cli->instance || is_called(&list[i], cli->instance)) {
			it = &list[i];
			fits++;
		}
	if (fits == 1)
		return take(f, it->api, true);
	if (fits > 1) {
		(void)cli_fail(CLI_USAGE, "%zu of `ambo run` are here: say which", fits);
		tell(list, count);
		return CLI_USAGE;
	}
	if (cli->instance) {
		(void)cli_fail(CLI_UNREACHABLE, "no `ambo run` here is called \"%s\"%s",
		    cli->instance, count > 0 ? "; there are" : "");
		tell(list, count);
		return CLI_UNREACHABLE;
	}
	struct stat st;

	if (stat(DAEMON_SOCKET, &st) == 0)
		return take(f, DAEMON_SOCKET, false);
	return cli_fail(CLI_UNREACHABLE,
	    "no Ambo is here: start one with `ambo run FILE`, or say where it is "
	    "with -c ENDPOINT");
}

int
find_controller(const struct cli *cli, struct found *f)
{
	char base[4][INSTANCE_DIR];
	static struct instance list[INSTANCES];
	size_t bases, count = 0;

	if (cli->endpoint && *cli->endpoint != '\0')
		return take(f, cli->endpoint, false);
	bases = instance_bases(base);
	for (size_t i = 0; i < bases && count < INSTANCES; i++)
		count += instance_list(base[i], list + count, INSTANCES - count);
	return choose(cli, list, count, f);
}
