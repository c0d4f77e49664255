#include "controller/cli/place.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "controller/cli/cli.h"

bool
place_named(const char *program)
{
	const char *slash = program ? strrchr(program, '/') : NULL;

	return program && strcmp(slash ? slash + 1 : program, "exabgp") == 0;
}

static bool
regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* As the loader looks for it. */
bool
place_file(const char *word)
{
	char path[4096];

	if (regular(word))
		return true;
	return word[0] != '/' &&
	       snprintf(path, sizeof path, "/etc/exabgp/%s", word) < (int)sizeof path &&
	       regular(path);
}

/* --- called exabgp --- */

struct verb {
	const char *word;
	int (*run)(struct cli *, int argc, char **argv);
};

/* A command for the daemon that runs. */
static int
ask(struct cli *cli, int argc, char **argv)
{
	if (argc < 2)
		return cli_fail(CLI_USAGE, "%s wants a command (`ambo help` lists them)", argv[0]);
	return cli_ask(cli, argc - 1, argv + 1);
}

static int
configuration(struct cli *cli, int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "validate") != 0)
		return cli_fail(CLI_USAGE, "of `configuration` only `validate FILE...` is known");
	return cli_validate(cli, argc - 1, argv + 1);
}

/* --run healthcheck, as 4.2 has its programs. */
static int
program(struct cli *cli, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "healthcheck") == 0)
		return cli_healthcheck(cli, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "cli") == 0)
		return ask(cli, argc - 1, argv + 1);
	return cli_fail(CLI_USAGE, "--run wants healthcheck or cli");
}

static const struct verb verbs[] = {
	{ "server", cli_run },
	{ "validate", cli_validate },
	{ "configuration", configuration },
	{ "encode", cli_encode },
	{ "decode", cli_decode },
	{ "healthcheck", cli_healthcheck },
	{ "run", ask },
	{ "--run", program },
	{ "cli", ask },
	{ "version", cli_version },
	{ "help", cli_help },
	{ 0 },
};

int
place_main(struct cli *cli, int argc, char **argv)
{
	int status = -1;

	if (argc == 2 && (strcmp(argv[1], "-v") == 0 || strcmp(argv[1], "--version") == 0))
		return cli_version(cli, argc - 1, argv + 1);
	for (const struct verb *v = verbs; argc > 1 && v->word; v++)
		if (strcmp(argv[1], v->word) == 0)
			status = v->run(cli, argc - 1, argv + 1);
	if (status < 0)
		status = cli_run(cli, argc, argv);
	return status == CLI_OK ? 0 : 1;
}
