/* ambo: see cli.h. */
#include "controller/cli/cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
