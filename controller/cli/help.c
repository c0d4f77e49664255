/* ambo help, ambo version. */
#include <stdio.h>
#include <string.h>
#include "controller/api/command.h"
#include "controller/cli/cli.h"

static const char usage[] = "usage: ambo [options] COMMAND ...\n"
			    "\n"
			    "Programmable BGP.\n"
			    "\n";

static const char options[] =
    "\n"
    "  -c, --connect ENDPOINT  the controller: ipc:///path or tcp://host:port (or AMBO_API;\n"
    "                          default: the `ambo run` that is here)\n"
    "  -i, --instance NAME     the `ambo run` of that name or process id, when there are several\n"
    "  -j, --json              answers as JSON\n"
    "      --wait WHAT         announce, withdraw: until \"sent\" to the peers (default), "
    "\"accepted\",\n"
    "                          or \"none\": say nothing, the exit status tells whether it was "
    "accepted\n"
    "      --file FILE         announce: what the lines of the file say, a command each (- is\n"
    "                          standard input), thousands in one request\n"
    "                          set replace, add, remove: entries of a named set\n"
    "      --timeout SECONDS   how long to wait (default 5)\n"
    "      --key FILE          our keys, for tcp, as `ambo keys FILE` makes them (or AMBO_KEY)\n"
    "      --controller-key KEY  the controller's public key, or the FILE.pub that holds it\n"
    "                          (or AMBO_CONTROLLER_KEY)\n"
    "      --insecure          tcp without keys\n"
    "      --version, --help\n"
    "\n"
    "Exit status: 0 done, 1 refused, 2 wrong usage, 3 no controller there, 4 not in time.\n";

enum { HEAD = 44 };

static void
row(FILE *f, const char *words, const char *arguments, const char *help)
{
	char head[256];

	snprintf(head, sizeof head, "%s %s", words, arguments);
	if (strlen(head) > HEAD)
		fprintf(f, "  %s\n  %-*s  %s\n", head, HEAD, "", help);
	else
		fprintf(f, "  %-*s  %s\n", HEAD, head, help);
}

static bool
is_ours(const char *words)
{
	for (const struct cli_command *c = cli_commands; c->name; c++)
		if (cli_begins_with(words, c->name))
			return true;
	return false;
}

/* The controller's commands that begin with `first`, or all. Gives how many. */
static unsigned
controllers(FILE *f, const char *first)
{
	unsigned count = 0;

	for (unsigned i = 0; i < command_count; i++) {
		const struct command *c = &command_table[i];

		if (!c->help || (first ? !cli_begins_with(c->words, first) : is_ours(c->words)))
			continue;
		row(f, c->words, c->arguments, c->help);
		count++;
	}
	return count;
}

static void
selector(FILE *f)
{
	row(f, "neighbor", "ADDRESS COMMAND",
	    "announce, withdraw, teardown, flush, show: for that one only");
}

static void
all(FILE *f)
{
	fputs(usage, f);
	for (const struct cli_command *c = cli_commands; c->name; c++)
		row(f, c->name, c->arguments, c->help);
	fputs("\nTo the controller:\n\n", f);
	controllers(f, NULL);
	selector(f);
	fputs(options, f);
}

int
cli_usage(void)
{
	all(stderr);
	return CLI_USAGE;
}

int
cli_help_on(const char *word)
{
	const struct cli_command *c = cli_command_find(word);

	if (!c)
		return cli_unknown(word);
	if (c->run != cli_ask) {
		row(stdout, c->name, c->arguments, c->help);
		if (c->options)
			printf("\n%s", c->options);
	} else if (controllers(stdout, word) == 0) {
		selector(stdout);
	}
	return CLI_OK;
}

int
cli_help(struct cli *cli, int argc, char **argv)
{
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (words < argc)
		return cli_help_on(argv[words]);
	all(stdout);
	return CLI_OK;
}

int
cli_version(struct cli *cli, int argc, char **argv)
{
	(void)cli;
	(void)argc;
	(void)argv;
	puts("ambo " AMBO_VERSION);
	return CLI_OK;
}
