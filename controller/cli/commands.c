/* The subcommands: our own, and every word that the controller's table of commands begins with. */
#include <string.h>
#include "common/reason.h"
#include "controller/api/command.h"
#include "controller/cli/cli.h"

/* clang-format off */
const struct cli_command cli_commands[] = {
	{ "run", cli_run, "FILE...", "start a controller and a speaker here, in the foreground" },
	{ "server", cli_run, "FILE...", "the same, as ExaBGP calls it; FILE... alone will do as well" },
	{ "validate", cli_validate, "[-r] [-v] FILE...", "read a configuration and say what is wrong with it; -r: tell each route and read it again" },
	{ "watch", cli_watch, "[--snapshot] [neighbor ADDRESS]", "events as they happen" },
	{ "-", cli_pipe, "", "commands from standard input, one a line; one answer each" },
	{ "encode", cli_encode, "[-c FILE] ROUTE", "the messages that a command makes, in hex, without a session" },
	{ "decode", cli_decode, "[-c FILE] [HEX | FILE]", "what a message says, as helpers are told: JSON" },
	{ "policy", cli_policy, "diff FILE | test FILE POLICY [from ADDRESS] [as N] [roas FILE] ROUTE",
	    "diff: what another configuration would tell each neighbor of the routes that are there; test: what a policy makes of a route, without a session" },
	{ "health", cli_health, "", "for a supervisor: 0 when a controller answers, else 1" },
	{ "healthcheck", cli_healthcheck, "[OPTION...]",
	    "a helper program that announces addresses while a service is well" },
	{ "shell", cli_shell, "", "commands typed one by one, with completion; TAB or ? shows what may come next" },
	{ "complete", cli_complete, "[LINE]", "what may come next in a line that was begun, one a line: for shells" },
	{ "schema", cli_schema, "", "every word that is understood, and where: one a line" },
	{ "keys", cli_keys, "FILE", "make a CURVE key pair: FILE and FILE.pub" },
	{ "help", cli_help, "[WORD]", "this, or what begins with that word" },
	{ "version", cli_version, "", "the version of this program" },
	{ 0 },
};
/* clang-format on */

static const struct cli_command ask = { "", cli_ask, "", "" };
/* What stands in front of commands that are for some neighbors only. */
static const char *const selectors[] = { "neighbor", "peer" };

enum {
	OWN = sizeof cli_commands / sizeof cli_commands[0] - 1,
	SELECTORS = 2,
	NAMES = 256,
	NAME = 32
};

bool
cli_begins_with(const char *words, const char *first)
{
	size_t len = strlen(first);

	return strcspn(words, " ") == len && strncmp(words, first, len) == 0;
}

const struct cli_command *
cli_command_find(const char *word)
{
	for (const struct cli_command *c = cli_commands; c->name; c++)
		if (strcmp(c->name, word) == 0)
			return c;
	for (unsigned i = 0; i < SELECTORS; i++)
		if (strcmp(selectors[i], word) == 0)
			return &ask;
	for (unsigned i = 0; i < command_count; i++)
		if (cli_begins_with(command_table[i].words, word))
			return &ask;
	return NULL;
}

const char *
cli_command_nearest(const char *word)
{
	static char first[NAMES][NAME];
	const char *names[OWN + SELECTORS + NAMES + 1] = { 0 };
	size_t count = 0;

	for (unsigned i = 0; i < OWN; i++)
		names[count++] = cli_commands[i].name;
	for (unsigned i = 0; i < SELECTORS; i++)
		names[count++] = selectors[i];
	for (unsigned i = 0; i < command_count && i < NAMES; i++) {
		size_t len = strcspn(command_table[i].words, " ");

		if (len >= NAME)
			continue;
		memcpy(first[i], command_table[i].words, len);
		names[count++] = first[i];
	}
	return reason_nearest(word, strlen(word), names);
}
