#include "controller/cli/run_options.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/words.h"
#include "controller/cli/cli.h"
#include "controller/cli/instance.h"

static const char usage[] =
    "usage: ambo run [options] FILE...\n"
    "\n"
    "Starts a controller and a speaker for this configuration (an ExaBGP configuration will do) "
    "and keeps\n"
    "them running. Stops with Ctrl-C or SIGTERM; SIGUSR1 reads the configuration again.\n"
    "\n"
    "  --name NAME             how `ambo -i NAME` finds it (default: its process id)\n"
    "  --api ENDPOINT          where clients connect (default: a unix socket that `ambo` finds)\n"
    "  --key FILE, --insecure  for --api tcp://...: our CURVE keys, or none\n"
    "  --listen ADDRESS        accept sessions there; may be repeated (default: exabgp_tcp_bind)\n"
    "  --port PORT             to listen on and to connect to (default: exabgp_tcp_port, else "
    "179)\n"
    "  --max-routes N          cap on received routes of all peers together\n"
    "  --log-format FORMAT     text or json (default: text on a terminal)\n"
    "  --log-level LEVEL       none, error, warning, info or debug (default info)\n"
    "\n"
    "ExaBGP's, with the same meaning:\n"
    "  -d, --debug             the same as --log-level debug\n"
    "  -t, --test, --validate  only say whether the configuration is good\n"
    "  -1, --once              one attempt a peer, then all ends\n"
    "  -P, --passive           wait for all peers to connect\n"
    "  -s, --signal SECONDS    read the configuration again then\n"
    "  -e, --env FILE          an environment file (default: $EXABGP_ENVFILE, else\n"
    "                          /etc/exabgp/exabgp.env)\n"
    "  -v, -p, -m, --profile FILE and others are taken, and said to have no effect\n"
    "\n"
    "Exit status: 0 when it was stopped, or had its last attempt; 1 when it could not start, 2 for "
    "a\n"
    "wrong call.\n";

enum {
	OPT_NAME = 256,
	OPT_API,
	OPT_KEY,
	OPT_INSECURE,
	OPT_LISTEN,
	OPT_PORT,
	OPT_MAX_ROUTES,
	OPT_FORMAT,
	OPT_LEVEL,
	OPT_HELP,
	OPT_PROFILE,
	OPT_FORK,
	OPT_VERSION
};

static const char letters[] = ":dpvt1Pmhse:f:";

static const struct option table[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "api", required_argument, NULL, OPT_API },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "max-routes", required_argument, NULL, OPT_MAX_ROUTES },
	{ "log-format", required_argument, NULL, OPT_FORMAT },
	{ "log-level", required_argument, NULL, OPT_LEVEL },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "debug", no_argument, NULL, 'd' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "pdb", no_argument, NULL, 'p' },
	{ "test", no_argument, NULL, 't' },
	{ "validate", no_argument, NULL, 't' },
	{ "once", no_argument, NULL, '1' },
	{ "passive", no_argument, NULL, 'P' },
	{ "signal", required_argument, NULL, 's' },
	{ "env", required_argument, NULL, 'e' },
	{ "env-file", required_argument, NULL, 'e' },
	{ "root", required_argument, NULL, 'f' },
	{ "memory", no_argument, NULL, 'm' },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "fork", no_argument, NULL, OPT_FORK },
	{ 0 },
};

bool
run_options_known(const char *word)
{
	if (strncmp(word, "--", 2) == 0) {
		size_t len = strcspn(word + 2, "=");

		for (const struct option *o = table; o->name; o++)
			if (strlen(o->name) == len && strncmp(o->name, word + 2, len) == 0)
				return o->val != OPT_HELP && o->val != OPT_VERSION &&
				       o->val != OPT_KEY && o->val != OPT_INSECURE;
		return false;
	}
	return word[0] == '-' && word[1] != '\0' && word[1] != ':' && word[1] != 'h' &&
	       strchr(letters, word[1]) != NULL;
}

static void
note(struct run_options *o, const char *option, const char *why)
{
	if (o->notes == RUN_NOTES)
		return;
	o->note[o->notes] = option;
	o->why[o->notes++] = why;
}

static int
name_option(struct run_options *o, const char *name)
{
	if (*name == '\0' || strlen(name) >= INSTANCE_NAME || strpbrk(name, " \t\n/"))
		return cli_fail(CLI_USAGE,
		    "--name wants a word of at most %d characters, not \"%s\"", INSTANCE_NAME - 1,
		    name);
	o->name = name;
	return -1;
}

static int
api_option(struct run_options *o, const char *endpoint)
{
	if (strlen(endpoint) >= sizeof((struct instance *)0)->api || !strstr(endpoint, "://"))
		return cli_fail(CLI_USAGE,
		    "an endpoint is tcp://ADDRESS:PORT or ipc:///PATH, not \"%s\"", endpoint);
	o->api = endpoint;
	return -1;
}

/* 5 and main: -s SECONDS. 4.2: -s shows memory, and only --signal has seconds. */
static int
signal_option(struct run_options *o, int argc, char **argv)
{
	const char *word = optarg ? optarg : optind < argc ? argv[optind] : "";
	uint64_t seconds;

	if (word_uint(word, strlen(word), 86400, &seconds) < 0 || seconds == 0) {
		if (optarg)
			return cli_fail(
			    CLI_USAGE, "--signal wants seconds above 0, not \"%s\"", word);
		note(o, "-s", "memory is not looked at");
		return -1;
	}
	optind += optarg ? 0 : 1;
	o->reload_after = (unsigned)seconds;
	return -1;
}

/* Those of ExaBGP. */
static int
exabgp(struct run_options *o, int opt, int argc, char **argv)
{
	switch (opt) {
	case 'd':
		o->level = "debug";
		return -1;
	case 't':
		o->test = true;
		return -1;
	case '1':
		setenv("exabgp.tcp.attempts", "1", 1);
		return -1;
	case 'P':
		setenv("exabgp.bgp.passive", "true", 1);
		return -1;
	case 's':
		return signal_option(o, argc, argv);
	case 'e':
		setenv("EXABGP_ENVFILE", optarg, 1);
		return -1;
	case 'f':
		setenv("EXABGP_ROOT", optarg, 1);
		return -1;
	case 'v':
		note(o, "-v", "what matters is logged anyway; -d logs more");
		return -1;
	case 'p':
		note(o, "-p", "there is no Python here to debug");
		return -1;
	case 'm':
		note(o, "-m", "memory is not looked at");
		return -1;
	case OPT_PROFILE:
		note(o, "--profile", "there is no Python here to profile");
		return -1;
	case OPT_FORK:
		note(o, "--fork", "it stays in the foreground");
		return -1;
	default:
		return cli_fail(CLI_USAGE, "%s `%s` (`ambo run --help` lists the options)",
		    opt == ':' ? "no value for" : "unknown option", argv[optind - 1]);
	}
}

static int
one(struct run_options *o, int opt, int argc, char **argv)
{
	switch (opt) {
	case OPT_NAME:
		return name_option(o, optarg);
	case OPT_API:
		return api_option(o, optarg);
	case OPT_KEY:
		o->key = optarg;
		return -1;
	case OPT_INSECURE:
		o->insecure = true;
		return -1;
	case OPT_LISTEN:
		if (o->listens == RUN_LISTENS)
			return cli_fail(CLI_USAGE, "at most %d --listen", RUN_LISTENS);
		o->listen[o->listens++] = optarg;
		return -1;
	case OPT_PORT:
		o->port = optarg;
		return -1;
	case OPT_MAX_ROUTES:
		o->max_routes = optarg;
		return -1;
	case OPT_FORMAT:
		o->format = optarg;
		return -1;
	case OPT_LEVEL:
		o->level = optarg;
		return -1;
	case OPT_VERSION:
		return cli_version(NULL, 1, argv);
	case OPT_HELP:
	case 'h':
		fputs(usage, stdout);
		return CLI_OK;
	default:
		return exabgp(o, opt, argc, argv);
	}
}

static int
files(struct run_options *o, int argc, char **argv)
{
	if (optind == argc)
		return cli_fail(CLI_USAGE, "run wants a configuration FILE");
	o->files = (const char *const *)argv + optind;
	o->file_count = (unsigned)(argc - optind);
	if (o->file_count > RUN_FILES)
		return cli_fail(CLI_USAGE, "at most %d files", RUN_FILES);
	for (unsigned i = 0; i < o->file_count; i++)
		if (strcmp(o->files[i], "-") == 0 && !o->test)
			return cli_fail(CLI_USAGE,
			    "run wants files that can be read again, not standard input");
	return -1;
}

int
run_options_parse(struct run_options *o, int argc, char **argv)
{
	int opt, status;

	*o = (struct run_options){ 0 };
	opterr = 0;
	optind = 0;
	while ((opt = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		status = one(o, opt, argc, argv);
		if (status >= 0)
			return status;
	}
	return files(o, argc, argv);
}
