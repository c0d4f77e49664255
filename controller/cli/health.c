/* ambo health: container engines know 0 and 1 only. It is no question of peers or speakers: a controller that
 * answers does its work, and to start it again would not bring back what is away. */
#include "controller/cli/cli.h"

int
cli_health(struct cli *cli, int argc, char **argv)
{
	char *ping[] = { "ping", NULL };
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (words < argc)
		return cli_fail(CLI_USAGE, "health wants nothing more, not \"%s\"", argv[words]);
	return cli_ask(cli, 1, ping) == CLI_OK ? 0 : 1;
}
