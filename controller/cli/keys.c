/* ambo keys: a CURVE key pair for a speaker, a controller or a client. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "common/sock.h"
#include "controller/cli/cli.h"

int
cli_keys(struct cli *cli, int argc, char **argv)
{
	struct sock_keys keys;
	struct stat st;
	char pub[4096];
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (words + 1 != argc)
		return cli_fail(CLI_USAGE, "keys wants the name of one file");
	if (snprintf(pub, sizeof pub, "%s.pub", argv[words]) >= (int)sizeof pub)
		return cli_fail(CLI_USAGE, "the name is too long");
	if (lstat(argv[words], &st) == 0 || lstat(pub, &st) == 0)
		return cli_fail(CLI_REFUSED, "%s or %s is there already: keys are not overwritten",
		    argv[words], pub);
	if (sock_start() < 0)
		return cli_fail(CLI_REFUSED, "libzmq was built without CURVE");
	sock_keys_make(&keys);
	if (sock_keys_save(&keys, argv[words]) < 0)
		status = cli_fail(CLI_REFUSED, "%s: %s", argv[words], strerror(errno));
	else
		puts(keys.public_key);
	memset(&keys, 0, sizeof keys);
	sock_stop();
	return status < 0 ? CLI_OK : status;
}
