#include "controller/options.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
static const char usage[] =
    "usage: ambo-controller [options] FILE...\n"
    "\n"
    "Reads the configuration, listens to its clients, and tells speakers which sessions to hold "
    "and what\n"
    "to say on them.\n"
    "\n"
    "  --bind ENDPOINT         where speakers connect: tcp://address:port, ipc:///path or\n"
    "                          unix:///path (no ZeroMQ between halves on one machine)\n"
    "                          (default: the configuration's, else ipc:///run/ambo/lane.sock)\n"
    "  --api ENDPOINT          where clients connect (default: the configuration's, else\n"
    "                          ipc:///run/ambo/api.sock)\n"
    "  --key FILE              our CURVE keys, as `ambo keys FILE` makes them; tcp wants them\n"
    "  --insecure              tcp without keys: anybody on the way can change your routes\n"
    "  --embedded              one speaker, over ipc, without a name: as `ambo run` starts us\n"
    LOG_OPTIONS_USAGE
    PROGRAM_USAGE
    "\n"
    "Signals: USR1, USR2 and ALRM read the configuration again; TERM, HUP and INT stop.\n";
/* clang-format on */

enum { OPT_BIND = 256, OPT_API, OPT_KEY, OPT_INSECURE, OPT_EMBEDDED };

static const struct option table[] = {
	{ "bind", required_argument, NULL, OPT_BIND },
	{ "api", required_argument, NULL, OPT_API },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "embedded", no_argument, NULL, OPT_EMBEDDED },
	PROGRAM_TABLE,
	{ 0 },
};

static int
endpoint(const struct program *p, char *to, size_t size, const char *from, const char *what)
{
	if (strlen(from) >= size || !strstr(from, "://"))
		return program_wrong(p, what, from);
	snprintf(to, size, "%s", from);
	return -1;
}

static int
one(int opt, const char *arg, struct controller_options *o, struct program *p)
{
	switch (opt) {
	case OPT_BIND:
		return endpoint(p, o->bind, sizeof o->bind, arg,
		    "--bind wants tcp://address:port, ipc:///path or unix:///path");
	case OPT_API:
		return endpoint(
		    p, o->api, sizeof o->api, arg, "--api wants tcp://address:port or ipc:///path");
	case OPT_KEY:
		o->key_file = arg;
		return -1;
	case OPT_INSECURE:
		o->insecure = true;
		return -1;
	case OPT_EMBEDDED:
		o->embedded = true;
		return -1;
	default:
		return program_option(p, opt, arg);
	}
}

int
options_parse(int argc, char **argv, struct controller_options *o, struct program *p)
{
	int opt, status;

	*o = (struct controller_options){ 0 };
	*p = (struct program){ "ambo-controller", usage, LOG_OPTIONS_DEFAULT, false };
	while ((opt = getopt_long(argc, argv, "", table, NULL)) != -1) {
		status = one(opt, optarg, o, p);
		if (status >= 0)
			return status;
	}
	if (optind == argc)
		return program_misused(p, "a configuration FILE is needed");
	o->files = (const char *const *)argv + optind;
	o->file_count = (unsigned)(argc - optind);
	return -1;
}
