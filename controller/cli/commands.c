/* The subcommands: our own, and every word that the controller's table of commands begins with. */
#include <string.h>
#include "common/reason.h"
#include "controller/api/command.h"
#include "controller/cli/cli.h"

/* --- the options of those that have some of their own --- */

#define SESSION                                                                                    \
	"  -c, --configuration FILE  the session is that of its first neighbor that has the "      \
	"family\n"                                                                                 \
	"  -f, --family \"AFI SAFI\"   ... or has this one family\n"                               \
	"  -a, --local-as N, -z, --peer-as N   ... or has these AS numbers\n"                      \
	"  -i, --path-information    ... or has ADD-PATH\n"

static const char validate_options[] =
    "  -r, --route    tell each route and read it again: is it the same?\n"
    "  -v, --verbose  the neighbors, their routes and families\n"
    "\n"
    "Exit status: 0 when it is good, 1 when not.\n";
static const char watch_options[] = "      --snapshot  first what is there already\n"
				    "  -j, --json      an event a line, as JSON\n";
static const char encode_options[] =
    SESSION "  -n, --nlri-only           of each message only the NLRI\n"
	    "      --no-header           without marker, length and type\n"
	    "\n"
	    "ambo encode -c FILE announce route 192.0.2.0/24 next-hop self\n";
static const char decode_options[] = SESSION
    "  -u, --update; -o, --open; -n, --nlri   what the octets are, where they have no header\n"
    "  -m, --command             say it as commands, not as JSON\n"
    "  -g, --generic             ... with the attributes as octets\n"
    "      --mrt FILE, --pcap FILE   that file is of this kind (default: as it begins)\n"
    "\n"
    "Octets may have colons and blanks between them; without any, lines of them are read from\n"
    "standard input.\n";

/* clang-format off */
const struct cli_command cli_commands[] = {
	{ "run", cli_run, "FILE...", "start a controller and a speaker here, in the foreground" },
	{ "server", cli_run, "FILE...", "the same, as ExaBGP calls it; FILE... alone will do as well" },
	{ "validate", cli_validate, "[-r] [-v] FILE...", "read a configuration and say what is wrong with it; -r: tell each route and read it again", validate_options },
	{ "watch", cli_watch, "[--snapshot] [neighbor ADDRESS]", "events as they happen", watch_options },
	{ "-", cli_pipe, "", "commands from standard input, one a line; one answer each" },
	{ "encode", cli_encode, "[-c FILE] ROUTE", "the messages that a command makes, in hex, without a session", encode_options },
	{ "decode", cli_decode, "[-c FILE] [HEX | FILE]", "what a message says, as helpers are told: JSON", decode_options },
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
