#include "speaker/options.h"
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/words.h"
#include "speaker/alive.h"

/* clang-format off */
static const char usage[] =
    "usage: ambo-speaker --controller ENDPOINT [options]\n"
    "\n"
    "Holds BGP sessions and what was said on them, for a controller that tells it which.\n"
    "\n"
    "  --controller ENDPOINT   where the controller is: tcp://host:port, ipc:///path or\n"
    "                          unix:///path, as its --bind says\n"
    "  --name NAME             this speaker's name in the controller's configuration\n"
    "                          (default: the host's name)\n"
    "  --key FILE              our CURVE keys, as `ambo keys FILE` makes them\n"
    "  --controller-key KEY    the controller's public key: Z85 text, or the FILE.pub that holds it\n"
    "  --insecure              tcp without keys: anybody on the way can change your routes\n"
    "  --listen ADDRESS        accept sessions there (may be repeated; default: only connect out)\n"
    "  --port PORT             to listen on and to connect to (default 179)\n"
    "  --max-routes N          cap on received routes of all peers together; the newest peer goes (6/8)\n"
    LOG_OPTIONS_USAGE
    "  --alive FILE            a sign of life: rewritten every second (on a tmpfs)\n"
    "  --health FILE           only ask: 0 when that file is younger than ten seconds, else 1\n"
    PROGRAM_USAGE;
/* clang-format on */

enum {
	OPT_CONTROLLER = 256,
	OPT_NAME,
	OPT_KEY,
	OPT_CONTROLLER_KEY,
	OPT_INSECURE,
	OPT_LISTEN,
	OPT_PORT,
	OPT_MAX_ROUTES,
	OPT_ALIVE,
	OPT_HEALTH
};

static const struct option table[] = {
	{ "controller", required_argument, NULL, OPT_CONTROLLER },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "controller-key", required_argument, NULL, OPT_CONTROLLER_KEY },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "max-routes", required_argument, NULL, OPT_MAX_ROUTES },
	{ "alive", required_argument, NULL, OPT_ALIVE },
	{ "health", required_argument, NULL, OPT_HEALTH },
	PROGRAM_TABLE,
	{ 0 },
};

static int
copy(const struct program *p, char *to, size_t size, const char *from, const char *what)
{
	if (strlen(from) >= size)
		return program_wrong(p, what, from);
	snprintf(to, size, "%s", from);
	return -1;
}

static int
one(int opt, const char *arg, struct speaker_options *o, struct program *p)
{
	uint64_t n;

	switch (opt) {
	case OPT_CONTROLLER:
		return copy(
		    p, o->controller, sizeof o->controller, arg, "--controller wants an endpoint");
	case OPT_NAME:
		return copy(p, o->name, sizeof o->name, arg, "--name wants at most 63 characters");
	case OPT_KEY:
		o->key_file = arg;
		return -1;
	case OPT_CONTROLLER_KEY:
		o->controller_key = arg;
		return -1;
	case OPT_INSECURE:
		o->insecure = true;
		return -1;
	case OPT_LISTEN:
		if (o->listens == sizeof o->listen / sizeof o->listen[0] ||
		    addr_scan(&o->listen[o->listens++], arg) < 0)
			return program_wrong(
			    p, "--listen wants an IP address (at most 16 of them)", arg);
		return -1;
	case OPT_PORT:
		if (word_uint(arg, strlen(arg), UINT16_MAX, &n) < 0 || n == 0)
			return program_wrong(p, "--port wants 1 to 65535", arg);
		o->port = (uint16_t)n;
		return -1;
	case OPT_MAX_ROUTES:
		if (word_uint(arg, strlen(arg), UINT64_MAX, &o->max_routes) < 0)
			return program_wrong(p, "--max-routes wants a number", arg);
		return -1;
	case OPT_ALIVE:
		o->alive = arg;
		return strlen(arg) < PATH_MAX ? -1 : program_wrong(p, "--alive wants a file", arg);
	case OPT_HEALTH:
		return alive_ask(arg);
	default:
		return program_option(p, opt, arg);
	}
}

int
options_parse(int argc, char **argv, struct speaker_options *o, struct program *p)
{
	int opt, status;

	*o = (struct speaker_options){ .port = 179 };
	*p = (struct program){ "ambo-speaker", usage, LOG_OPTIONS_DEFAULT, false };
	if (gethostname(o->name, sizeof o->name - 1) < 0)
		snprintf(o->name, sizeof o->name, "speaker");
	while ((opt = getopt_long(argc, argv, "", table, NULL)) != -1) {
		status = one(opt, optarg, o, p);
		if (status >= 0)
			return status;
	}
	if (optind < argc)
		return program_wrong(p, "no argument is expected", argv[optind]);
	if (o->controller[0] == '\0')
		return program_misused(p, "--controller is needed");
	return -1;
}
