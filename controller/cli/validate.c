/* ambo validate: the configuration is read as the controller reads it. */
#include <stdio.h>
#include "controller/cli/cli.h"
#include "controller/config/config.h"

static void
summary(const struct config *c)
{
	size_t routes = 0;

	for (size_t i = 0; i < c->neighbor_count; i++)
		routes += c->neighbors[i]->route_count;
	printf("valid: %zu neighbor%s, %zu route%s, %zu process%s\n", c->neighbor_count,
	    c->neighbor_count == 1 ? "" : "s", routes, routes == 1 ? "" : "s", c->process_count,
	    c->process_count == 1 ? "" : "es");
}

struct config *
cli_load(const char *const *files, size_t count)
{
	struct config_error e = { 0 };
	struct text t = { 0 };
	struct config *c = config_load(files, count, &e);

	if (c)
		return c;
	config_error_print(&e, &t);
	fprintf(stderr, "%s%s", text_str(&t), t.len > 0 && t.base[t.len - 1] == '\n' ? "" : "\n");
	text_fini(&t);
	return NULL;
}

int
cli_validate(struct cli *cli, int argc, char **argv)
{
	struct config *c;
	int words, status = cli_options(cli, argc, argv, false, &words);

	if (status >= 0)
		return status;
	if (words == argc)
		return cli_fail(
		    CLI_USAGE, "validate wants the name of a file (- for standard input)");
	c = cli_load((const char *const *)argv + words, (size_t)(argc - words));
	if (!c)
		return CLI_REFUSED;
	for (size_t i = 0; i < c->notes.count; i++)
		printf("note: %s\n", c->notes.name[i]);
	summary(c);
	config_free(c);
	return CLI_OK;
}
