/* From argv to a subcommand: the options that all of them share, and which word was meant. */
#include "controller/cli/cli.h"
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/words.h"
#include "controller/cli/place.h"
#include "controller/cli/run_options.h"

enum {
	OPT_WAIT = 256,
	OPT_TIMEOUT,
	OPT_KEY,
	OPT_CONTROLLER_KEY,
	OPT_INSECURE,
	OPT_SNAPSHOT,
	OPT_FILE,
	OPT_VERSION
};

static const struct option table[] = {
	{ "connect", required_argument, NULL, 'c' },
	{ "instance", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "controller-key", required_argument, NULL, OPT_CONTROLLER_KEY },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "snapshot", no_argument, NULL, OPT_SNAPSHOT },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

int
cli_fail(int status, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("ambo: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

int
cli_unknown(const char *word)
{
	const char *near = cli_command_nearest(word);

	return cli_fail(CLI_USAGE, "unknown command \"%s\"%s%s%s (`ambo help` lists them)", word,
	    near ? ": did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int
wait_option(struct cli *cli, const char *word)
{
	static const char *const names[] = {
		[CLI_WAIT_SENT] = "sent", [CLI_WAIT_ACCEPTED] = "accepted", [CLI_WAIT_NONE] = "none"
	};

	for (int i = 0; i < 3; i++)
		if (strcmp(word, names[i]) == 0) {
			cli->wait = (enum cli_wait)i;
			cli->wait_given = true;
			return -1;
		}
	return cli_fail(CLI_USAGE, "--wait wants accepted, sent or none, not \"%s\"", word);
}

/* Seconds, "0.5" too. */
static int
timeout_option(struct cli *cli, const char *word)
{
	char *end;
	double seconds = strtod(word, &end);

	if (end == word || *end != '\0' || !(seconds > 0 && seconds <= 86400))
		return cli_fail(CLI_USAGE, "--timeout wants seconds above 0, not \"%s\"", word);
	cli->timeout = (uint64_t)(seconds * 1e6);
	return -1;
}

static int
one(struct cli *cli, int opt, char **argv)
{
	switch (opt) {
	case 'c':
		cli->endpoint = optarg;
		return -1;
	case 'i':
		cli->instance = optarg;
		cli->endpoint = NULL;
		return -1;
	case 'j':
		cli->json = true;
		return -1;
	case OPT_WAIT:
		return wait_option(cli, optarg);
	case OPT_TIMEOUT:
		return timeout_option(cli, optarg);
	case OPT_KEY:
		cli->key = optarg;
		return -1;
	case OPT_CONTROLLER_KEY:
		cli->controller_key = optarg;
		return -1;
	case OPT_INSECURE:
		cli->insecure = true;
		return -1;
	case OPT_SNAPSHOT:
		cli->snapshot = true;
		return -1;
	case OPT_FILE:
		cli->file = optarg;
		return -1;
	case OPT_VERSION:
		return cli_version(cli, 1, argv);
	case 'h':
		return cli_help(cli, 1, argv);
	case ':':
		return cli_fail(CLI_USAGE, "%s wants a value", argv[optind - 1]);
	default:
		return cli_fail(CLI_USAGE,
		    "unknown option %s (`ambo help` lists them; words that begin "
		    "with - stand behind --)",
		    argv[optind - 1]);
	}
}

int
cli_options(struct cli *cli, int argc, char **argv, bool leading, int *words)
{
	int opt, status;

	opterr = 0;
	optind = 0; /* glibc: start anew */
	while (
	    (opt = getopt_long(argc, argv, leading ? "+:c:i:jh" : ":c:i:jh", table, NULL)) != -1) {
		status = one(cli, opt, argv);
		if (status >= 0)
			return status;
	}
	*words = optind;
	return -1;
}

/* `ambo decode --help` is about decode, whatever options it has. Two have a page of their own, and what is completed may
 * hold the word. */
static bool
wants_help(const struct cli_command *c, int argc, char **argv)
{
	if (c->run == cli_run || c->run == cli_healthcheck || c->run == cli_complete)
		return false;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

int
cli_main(int argc, char **argv)
{
	struct cli cli = { .endpoint = getenv("AMBO_API"),
		.key = getenv("AMBO_KEY"),
		.controller_key = getenv("AMBO_CONTROLLER_KEY"),
		.timeout = 5000000 };
	const struct cli_command *command;
	int word, status;

	if (place_named(argv[0]))
		return place_main(&cli, argc, argv);
	if (argc > 1 && run_options_known(argv[1]))
		return cli_run(&cli, argc, argv);
	status = cli_options(&cli, argc, argv, true, &word);
	if (status >= 0)
		return status;
	if (word == argc)
		return cli_usage();
	/* a whole command in one argument: its first word decides */
	char first[32];

	snprintf(first, sizeof first, "%.*s", (int)strcspn(argv[word], " \t"), argv[word]);
	command = cli_command_find(first);
	if (command && wants_help(command, argc - word, argv + word))
		return cli_help_on(first);
	if (command)
		return command->run(&cli, argc - word, argv + word);
	if (word > 0 && place_file(argv[word]))
		return cli_run(&cli, argc - word + 1, argv + word - 1);
	return cli_unknown(argv[word]);
}
